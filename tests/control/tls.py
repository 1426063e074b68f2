#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Relays that speak TLS, made, changed and taken away while hangup runs: by the API, by files, by a reload, by hangup ctl; what they need is read
# then, what is wrong with it is said, and open links live on with what they have.
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading

work = tempfile.mkdtemp()
os.environ["XDG_STATE_HOME"] = work
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

atexit.register(shutil.rmtree, work, True)
if shutil.which("openssl") is None:
    print("openssl is not installed")
    sys.exit(77)
certificate = os.path.join(work, "server.pem")
subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", certificate + ".key",
                "-out", certificate + ".crt", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
               check=True, stderr=subprocess.DEVNULL)
authority = subprocess.run([HANGUP, "ca", "--path"], check=True, capture_output=True, text=True).stdout.strip()


class Server(Echo):
    """One that echoes by TLS, each connection on a thread of its own, and says goodbye when it is told goodbye."""

    def __init__(self):
        super().__init__()
        self.socket.settimeout(None)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate + ".crt", certificate + ".key")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            threading.Thread(target=self.echo, args=(self.socket.accept()[0],), daemon=True).start()

    def echo(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) as peer:
                while True:
                    data = peer.recv(65536)
                    if not data:
                        break
                    peer.sendall(data)
                peer.unwrap()
        except OSError:
            pass


def tls(address):
    context = ssl.create_default_context(cafile=authority)
    return context.wrap_socket(connect(address), server_hostname="localhost", suppress_ragged_eofs=False)


def echoes(peer, text=b"hello"):
    peer.sendall(text)
    return read(peer, len(text)) == text


server, other = Server(), Server()
hangup = Hangup()
ask = hangup.ask
TLS = "tls trust anyone"

# --- by itself ------------------------------------------------------------------------------------------------------------------

status, answer = ask("POST", "/v1/rules", {"name": "early", "rule": "then drop server close_notify"})
same("without a relay of TLS its words are refused", (status, "needs a relay with the option" in str(answer)), (400, True))
status, relay = ask("POST", "/v1/relays", {"name": "r", "listen": "127.0.0.1:0", "server": server.address, "with": TLS})
same("a relay with tls is made", (status, relay.get("with")), (201, TLS))
first = tls(relay["listen"])
check("it speaks TLS", echoes(first))
same("rules about TLS are taken now", ask("POST", "/v1/rules", {"name": "rude", "rule": "when client sends \"bye\" then send close_notify to client"})[0], 201)
polite = tls(relay["listen"])
polite.sendall(b"bye")
same("and do what they say", polite.recv(10), b"")
ask("DELETE", "/v1/rules/rude")
same("its server is changed, it stays one of TLS", ask("PATCH", "/v1/relays/r", {"server": other.address})[1].get("with"), TLS)
check("as is to be seen", echoes(tls(relay["listen"])))
check("the open link lives on", echoes(first, b"still"))
same("its options are changed", ask("PATCH", "/v1/relays/r", {"with": TLS + " version 1.2"})[1].get("with"), TLS + " version 1.2")
same("as is to be seen, too", tls(relay["listen"]).version(), "TLSv1.2")
check("with those that it has", echoes(first, b"still") and first.version() == "TLSv1.3")
ask("DELETE", "/v1/relays/r?links=keep")
check("also when its relay is gone", echoes(first, b"still"))
first.close()
polite.close()
until(lambda: hangup.get("/v1/links") == [], "the links are gone")

# --- what is wrong --------------------------------------------------------------------------------------------------------------

for name, options, wanted, word in (("no such file", 'tls certificate "/none" key "/none"', 409, "/none cannot be read"),
                                    ("no such trust", 'tls trust "/none"', 409, "/none, cannot be read"),
                                    ("no such cipher", 'tls ciphers "NONE"', 409, "ciphers NONE"),
                                    ("no such option", "tsl", 400, "tsl"),
                                    ("no TLS to go with", "trust anyone", 400, "tls")):
    status, answer = ask("POST", "/v1/relays", {"name": "w", "listen": "127.0.0.1:0", "server": server.address, "with": options})
    same(name, (status, word in str(answer)), (wanted, True))
same("nothing of them is left", ask("GET", "/v1/relays"), (200, []))

# --- by a file --------------------------------------------------------------------------------------------------------------------


def block(options):
    return {"text": "relay f { listen 127.0.0.1:0 server %s %s }\nrule slow { when client sends \"x\" then hold server close_notify }\n" % (
        server.address, options)}


same("a file with a block", ask("PUT", "/v1/files/tls.rule", block(TLS))[0], 200)
check("speaks TLS", echoes(tls(hangup.get("/v1/relays/f")["listen"])))
same("a file with another", ask("PUT", "/v1/files/tls.rule", block(TLS + " version 1.2"))[0], 200)
same("speaks that", tls(hangup.get("/v1/relays/f")["listen"]).version(), "TLSv1.2")
status, answer = ask("PUT", "/v1/files/tls.rule", block('tls trust "/none"'))
same("a file with a wrong one is refused", (status, "/none, cannot be read" in str(answer)), (409, True))
check("and changes nothing", echoes(tls(hangup.get("/v1/relays/f")["listen"])))

# --- by hangup ctl ------------------------------------------------------------------------------------------------------------------

told = subprocess.run([HANGUP, "ctl", "--control", hangup.control, "add", "relay", "c", "127.0.0.1:0", server.address, TLS], capture_output=True,
                      text=True)
same("hangup ctl adds one", told.returncode, 0)
check("that speaks TLS", echoes(tls(hangup.get("/v1/relays/c")["listen"])), told.stderr)
same("it ends well", hangup.end(), 0)

# --- by a reload ------------------------------------------------------------------------------------------------------------------

path = os.path.join(work, "reload.rule")
with open(path, "w") as file:
    file.write("relay plain { listen 127.0.0.1:0 server %s }\n" % server.address)
hangup = Hangup(path)
with open(path, "a") as file:
    file.write("relay secret { listen 127.0.0.1:0 server %s %s }\n" % (server.address, TLS))
hangup.process.send_signal(signal.SIGHUP)
until(lambda: len(hangup.get("/v1/relays")) == 2, "the reload")
check("a reload brings TLS", echoes(tls(hangup.get("/v1/relays/secret")["listen"])))
same("it ends well again", hangup.end(), 0)
finish()
