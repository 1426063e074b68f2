#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# What Toxiproxy's clients rely on, row by row: routes, statuses, bodies, defaults and messages; then each toxic, by what the sockets of both
# applications see of it. toxiproxy-node.sh drives the same by a client that others wrote.
import errno
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

server = Echo()
hangup = Hangup(*sys.argv[1:])


def raw(method, path, body=None, **headers):
    """Status, content type and body, as they are."""
    connection = hangup.connection()
    connection.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.getheader("Content-Type"), text, answer


def call(method, path, body=None):
    status, _, text, _ = raw(method, path, body)
    return status, json.loads(text) if text else None


def error(status, text):
    return status, {"error": text, "status": status}


def proxy(name, **more):
    return call("POST", "/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": server.address, **more})[1]


# --- generic rules ------------------------------------------------------------------------------------------------------------

same("the version", raw("GET", "/version")[:3], (200, "application/json;charset=utf-8", '{"version": "2.12.0"}\n'))
same("a slash behind", raw("GET", "/proxies/")[:3], (404, "text/plain; charset=utf-8", "404 page not found\n"))
same("no such path", raw("GET", "/nothing")[:3], (404, "text/plain; charset=utf-8", "404 page not found\n"))
for method in ("PUT", "OPTIONS", "DELETE", "HEAD"):
    status, _, text, answer = raw(method, "/proxies")
    same("a wrong method: " + method, (status, text, answer.getheader("Allow")), (405, "", None))
    same("has no number", answer.getheader("X-Toxiproxy-Request-Id"), None)
same("nor has a wrong path", raw("GET", "/nothing")[3].getheader("X-Toxiproxy-Request-Id"), None)
status, kind, text, answer = raw("GET", "/proxies")
same("no proxies", (status, kind, text), (200, "application/json", "{}"))
check("each answer has a number", len(answer.getheader("X-Toxiproxy-Request-Id") or "") == 20)
status, kind, text, answer = raw("GET", "/proxies/none")
same("an error", (status, kind, text, answer.getheader("X-Content-Type-Options")),
     (404, "text/plain; charset=utf-8", '{"error":"proxy not found","status":404}\n', "nosniff"))
check("it has a number, too", answer.getheader("X-Toxiproxy-Request-Id"))
same("browsers are not answered", raw("GET", "/proxies", **{"User-Agent": "Mozilla/5.0 (X11)"})[:3],
     (403, "text/plain; charset=utf-8", "User agent not allowed\n"))
same("but on hangup's own routes", raw("GET", "/v1/relays", **{"User-Agent": "Mozilla/5.0 (X11)"})[0], 200)
same("a body without its type, keys in any case, null, and more behind it",
     call("POST", "/proxies", '{"NAME":"case","Listen":"127.0.0.1:0","upstream":"%s","enabled":null,"x":1} trailing' % server.address)[0], 201)
status, _, text, answer = raw("DELETE", "/proxies/case")
same("it goes", (status, text, bool(answer.getheader("X-Toxiproxy-Request-Id"))), (204, "", True))
connection = hangup.connection()
connection.request("POST", "/proxies", iter([b'{"name":"chunks","listen":"127.0.0.1:0",', b'"upstream":"a:1","toxics":[{"type":"noop"}]}']),
                   {"Content-Type": "text/plain"}, encode_chunked=True)
answer = connection.getresponse()
same("a body in chunks, of another type, its toxics not looked at", (answer.status, json.loads(answer.read())["toxics"]), (201, []))
connection.close()
call("DELETE", "/proxies/chunks")

# --- proxies ------------------------------------------------------------------------------------------------------------------

same("no name", call("POST", "/proxies", {"upstream": "a:1"}), error(400, "missing required field: name"))
same("no upstream", call("POST", "/proxies", {"name": "a"}), error(400, "missing required field: upstream"))
same("null", call("POST", "/proxies", "null"), error(400, "missing required field: name"))
same("no body", call("POST", "/proxies", ""), error(400, "bad request body: EOF"))
status, made = call("POST", "/proxies", {"name": "web", "listen": "localhost:0", "upstream": server.address})
same("one is made", (status, made["name"], made["upstream"], made["enabled"], made["toxics"]), (201, "web", server.address, True, []))
check("it says where it listens", made["listen"].startswith("127.0.0.1:") and not made["listen"].endswith(":0"), made)
same("keys have their order", list(made), ["name", "listen", "upstream", "enabled", "toxics"])
same("its name is taken", call("POST", "/proxies", {"name": "web", "upstream": "a:1"}), error(409, "proxy already exists"))
same("no port", call("POST", "/proxies", {"name": "b", "listen": "nonsense", "upstream": "a:1"}),
     error(500, "listen tcp: address nonsense: missing port in address"))
same("a port in use", call("POST", "/proxies", {"name": "b", "listen": made["listen"], "upstream": "a:1"}),
     error(500, "listen tcp %s: bind: address already in use" % made["listen"]))
same("its name is looked at before its address", call("POST", "/proxies", {"name": "web", "listen": made["listen"], "upstream": "a:1"})[0], 409)
status, off = call("POST", "/proxies", {"name": "off", "listen": "127.0.0.1:0", "upstream": "a:1", "enabled": False})
same("one that is off is not bound", (status, off["listen"], off["enabled"]), (201, "127.0.0.1:0", False))
status, everywhere = call("POST", "/proxies", {"name": "Aa", "listen": None, "upstream": server.address})
check("no listen is everywhere", everywhere["listen"].startswith("[::]:") and not everywhere["listen"].endswith(":0"), everywhere)
same("by name", list(call("GET", "/proxies")[1]), ["Aa", "off", "web"])
same("one is shown", call("GET", "/proxies/web"), (200, made))

client = connect(made["listen"])
peer = server.accept()
client.sendall(b"hello")
same("it relays", read(peer, 5), b"hello")
for method in ("POST", "PATCH"):
    same("nothing changes: " + method, call(method, "/proxies/web", {"listen": made["listen"], "upstream": server.address})[1], made)
client.sendall(b"again")
same("and nothing is felt", read(peer, 5), b"again")
same("switched off", call("POST", "/proxies/web", {"enabled": False})[1]["enabled"], False)
same("its client hears an end", ending(client), "fin")
same("and its server", ending(peer), "fin")
peer.close()
try:
    connect(made["listen"])
    check("connect is refused", False)
except ConnectionRefusedError:
    check("connect is refused", True)
with socket.socket() as other:
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        other.bind(("127.0.0.1", int(made["listen"].rsplit(":", 1)[1])))
        other.listen()
        check("its port is kept", False)
    except OSError as problem:
        same("its port is kept", problem.errno, errno.EADDRINUSE)
same("switched on, where it was", call("PATCH", "/proxies/web", {"enabled": True})[1], made)
elsewhere = Echo()
client = connect(made["listen"])
peer = server.accept()
same("another upstream, the same port", call("PATCH", "/proxies/web", {"upstream": elsewhere.address, "name": "ignored"})[1],
     {**made, "upstream": elsewhere.address})
same("null changes nothing", call("PATCH", "/proxies/web", {"listen": None, "upstream": None, "enabled": None})[1],
     {**made, "upstream": elsewhere.address})
same("open ones end", (ending(client), ending(peer)), ("fin", "fin"))
client = connect(made["listen"])
elsewhere.accept().close()
client.close()
same("no such proxy", call("POST", "/proxies/none", {"enabled": True}), error(404, "proxy not found"))
same("a wrong one", call("POST", "/proxies/web", {"enabled": "yes"})[0], 400)
same("a listen without port", call("POST", "/proxies/web", {"listen": "garbage"}), error(500, "address garbage: missing port in address"))
same("and all is as it was", call("GET", "/proxies/web")[1], {**made, "upstream": elsewhere.address})
for name in ("Aa", "off", "web"):
    same("gone: " + name, call("DELETE", "/proxies/" + name), (204, None))
same("twice is once", call("DELETE", "/proxies/web"), error(404, "proxy not found"))

# --- populate, reset ----------------------------------------------------------------------------------------------------------

same("nothing", call("POST", "/populate", "[]"), (201, {"proxies": []}))
same("no list", call("POST", "/populate", "{}")[0], 400)
same("null is nothing, too", call("POST", "/populate", "null"), (201, {"proxies": []}))
for body in ("{", ""):
    status, kind, text, _ = raw("POST", "/populate", body)
    same("its errors are JSON by name, too: '%s'" % body, (status, kind, json.loads(text)["proxies"]), (400, "application/json", None))
same("one is wrong, and none is made",
     call("POST", "/populate", [{"name": "a", "upstream": server.address}, {"name": "b"}]),
     (400, {"error": "missing required field: upstream at proxy 2", "status": 400, "proxies": None}))
same("indeed", call("GET", "/proxies"), (200, {}))
status, answer = call("POST", "/populate", [{"name": name, "listen": "127.0.0.1:0", "upstream": server.address} for name in "ab"])
same("two", (status, [one["name"] for one in answer["proxies"]]), (201, ["a", "b"]))
first = answer["proxies"][0]
call("POST", "/proxies/a/toxics", {"type": "noop"})
status, answer = call("POST", "/populate", [{"name": "a", "listen": first["listen"], "upstream": server.address, "enabled": False}])
same("one that is there as wanted stays as it is", (status, answer["proxies"][0]["enabled"], len(answer["proxies"][0]["toxics"])), (201, True, 1))
status, answer = call("POST", "/populate", [{"name": "a", "listen": first["listen"], "upstream": elsewhere.address}])
same("one that differs is replaced, without its toxics", (status, answer["proxies"]),
     (201, [{**first, "upstream": elsewhere.address}]))
status, answer = call("POST", "/populate", [{"name": "c", "listen": "127.0.0.1:0", "upstream": server.address},
                                            {"name": "d", "listen": first["listen"], "upstream": server.address}])
same("it stops where one cannot be bound", (status, [one["name"] for one in answer["proxies"]], answer["error"]),
     (500, ["c"], "listen tcp %s: bind: address already in use" % first["listen"]))
call("POST", "/proxies/c/toxics", {"type": "latency", "attributes": {"latency": 10}})
call("POST", "/proxies/c", {"enabled": False})
same("reset", raw("POST", "/reset")[::2][:2], (204, ""))
same("enables, and takes the toxics away", (call("GET", "/proxies/c")[1]["enabled"], call("GET", "/proxies/c")[1]["toxics"]), (True, []))
call("POST", "/proxies/c/toxics", {"type": "noop"})
for change in ({"enabled": False}, {"enabled": True}, {"upstream": elsewhere.address}):
    same("toxics survive %s" % change, len(call("POST", "/proxies/c", change)[1]["toxics"]), 1)
taken = call("GET", "/proxies/c")[1]["listen"]
call("POST", "/proxies", {"name": "e", "listen": taken, "upstream": server.address, "enabled": False})
same("reset stops where one cannot be bound", call("POST", "/reset"), error(500, "listen tcp %s: bind: address already in use" % taken))
same("and changes nothing", len(call("GET", "/proxies/c")[1]["toxics"]), 1)
for name in "abce":
    call("DELETE", "/proxies/" + name)

# --- toxics -------------------------------------------------------------------------------------------------------------------

listen = proxy("t")["listen"]
toxics = "/proxies/t/toxics"
same("none", call("GET", toxics), (200, []))
latency = {"attributes": {"latency": 100, "jitter": 0}, "name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1}
same("one is made, and the answer is 200", call("POST", toxics, {"type": "latency", "attributes": {"latency": 100}}), (200, latency))
same("its name is taken, in either stream", call("POST", toxics, {"type": "noop", "stream": "upstream", "name": "latency_downstream"}),
     error(409, "toxic already exists"))
same("a stream as it is spelled", call("POST", toxics, {"type": "noop", "stream": "UPSTREAM"})[1]["name"], "noop_UPSTREAM")
same("upstream's come first", [one["name"] for one in call("GET", toxics)[1]], ["noop_UPSTREAM", "latency_downstream"])
same("one is shown", call("GET", toxics + "/latency_downstream"), (200, latency))
same("attributes merge", call("PATCH", toxics + "/latency_downstream", {"attributes": {"jitter": 5}, "name": "x"})[1],
     {**latency, "attributes": {"latency": 100, "jitter": 5}})
same("null changes no toxic", call("PATCH", toxics + "/latency_downstream", "null")[0], 200)
same("all or nothing", call("POST", toxics + "/latency_downstream", {"attributes": {"latency": 1, "jitter": 1.5}})[0], 400)
same("as it was", call("GET", toxics + "/latency_downstream")[1]["attributes"], {"latency": 100, "jitter": 5})
same("a toxicity", call("POST", toxics + "/latency_downstream", {"toxicity": 0.1})[1]["toxicity"], 0.1)
for body, text in (({"type": "nothing"}, "invalid toxic type"),
                   ({"type": "noop", "stream": ""}, "stream was invalid, can be either upstream or downstream")):
    same(text, call("POST", toxics, body), error(400, text))
for name in ("noop_UPSTREAM", "latency_downstream"):
    same("gone: " + name, call("DELETE", toxics + "/" + name), (204, None))
same("twice is once", call("DELETE", toxics + "/latency_downstream"), error(404, "toxic not found"))
same("no such proxy", call("GET", "/proxies/none/toxics"), error(404, "proxy not found"))
for body in ({"type": "slicer"}, {"type": "bandwidth", "attributes": {"rate": -1}},
             {"type": "slicer", "attributes": {"average_size": 1, "size_variation": 50}}):
    same("what kills Toxiproxy is a 400: %s" % body, call("POST", toxics, body)[0], 400)
call("POST", toxics, {"type": "bandwidth", "attributes": {"rate": 1}})
same("also by a change", call("PATCH", toxics + "/bandwidth_downstream", {"attributes": {"rate": -1}})[0], 400)
call("DELETE", toxics + "/bandwidth_downstream")

# --- what is felt -------------------------------------------------------------------------------------------------------------


def pair():
    client = connect(listen)
    return client, server.accept()


class toxic:
    """A toxic for the time of a `with`: made, and removed."""

    def __init__(self, type, stream="downstream", toxicity=1.0, **attributes):
        self.body = {"type": type, "stream": stream, "toxicity": toxicity, "attributes": attributes}

    def __enter__(self):
        status, self.made = call("POST", toxics, self.body)
        same("toxic " + self.body["type"], status, 200)
        return self

    def __exit__(self, *_):
        call("DELETE", toxics + "/" + self.made["name"])


def took(begin, function):
    """From before what begins it: this program may be late, too."""
    at = time.monotonic()
    begin()
    value = function()
    return value, time.monotonic() - at


def talks(client, peer):
    client.sendall(b"up")
    peer.sendall(b"down")
    return read(peer, 2), read(client, 4)


client, peer = pair()
with toxic("latency", latency=200):
    value, seconds = took(lambda: peer.sendall(b"late"), lambda: read(client, 4))
    check("latency holds on open connections", value == b"late" and seconds >= 0.19, seconds)
    client.sendall(b"now")
    same("and not the other way", read(peer, 3), b"now")
    value, seconds = took(lambda: peer.shutdown(socket.SHUT_WR), lambda: client.recv(1))
    check("an end is late, too", value == b"" and seconds >= 0.19, seconds)
    client.sendall(b"still")
    same("and half a close stays half", read(peer, 5), b"still")
client.close()
peer.close()

client, peer = pair()
with toxic("latency", latency=60000):
    peer.sendall(b"kept")
    check("what is late waits", is_silent(client, 0.2))
same("and is let go when the toxic goes", read(client, 4), b"kept")

with toxic("bandwidth", rate=100):
    value, seconds = took(lambda: peer.sendall(b"x" * 50000), lambda: len(read(client, 50000)))
    check("bandwidth is kB/s", value == 50000 and 0.4 <= seconds, seconds)
with toxic("latency", latency=100):
    call("POST", toxics, {"type": "latency", "name": "second", "attributes": {"latency": 100}})
    value, seconds = took(lambda: peer.sendall(b"late"), lambda: read(client, 4))
    check("two latencies add up", value == b"late" and seconds >= 0.19, seconds)
    call("DELETE", toxics + "/second")

with toxic("bandwidth", rate=0):
    peer.sendall(b"held")
    check("none is a stall", is_silent(client, 0.2))
same("that can end", read(client, 4), b"held")
with toxic("bandwidth", rate=0):
    peer.sendall(b"held")
    peer.shutdown(socket.SHUT_WR)
    check("the end behind it is held, too", is_silent(client, 0.2))
same("and comes behind it", (read(client, 4), ending(client)), (b"held", "fin"))
client.close()
peer.close()
client, peer = pair()

with toxic("slow_close", delay=300):
    peer.sendall(b"bye")
    same("slow_close lets data pass", read(client, 3), b"bye")
    value, seconds = took(peer.close, lambda: client.recv(1))
    check("and the end waits", value == b"" and seconds >= 0.29, seconds)
client.close()
client, peer = pair()
with toxic("slow_close", delay=600000):
    peer.close()
    check("for as long as it is there", is_silent(client, 0.2))
same("and comes when it goes", ending(client), "fin")
client.close()
client, peer = pair()
with toxic("slow_close", delay=600000):
    client.close()
    same("the other direction's end does not wait", ending(peer), "fin")
    peer.close()

client, peer = pair()
with toxic("timeout", timeout=300):
    value, seconds = took(lambda: peer.sendall(b"lost"), lambda: ending(client))
    check("timeout ends it by FIN, and its data is lost", value == "fin" and seconds >= 0.29, (value, seconds))
    same("at both ends", ending(peer), "fin")
client.close()
peer.close()

client, peer = pair()
with toxic("timeout", timeout=1000):
    peer.sendall(b"lost")
    check("timeout is one of silence", is_silent(client, 0.15))
    value, seconds = took(lambda: peer.sendall(b"lost"), lambda: ending(client))
    check("each byte begins it anew", value == "fin" and seconds >= 0.99, (value, seconds))
client.close()
peer.close()

client, peer = pair()
with toxic("timeout", timeout=60000):
    peer.sendall(b"lost")
    same("reset takes it away", raw("POST", "/reset")[0], 204)
    same("and with it its connections", (ending(client), ending(peer)), ("fin", "fin"))
client.close()
peer.close()

client, peer = pair()
with toxic("timeout", timeout=0):
    peer.close()
    same("without a time it lets an end pass", ending(client), "fin")
client.close()

client, peer = pair()
with toxic("timeout", timeout=0):
    peer.sendall(b"lost")
    check("without a time it is silent", is_silent(client, 0.2))
    client.sendall(b"up")
    same("one way", read(peer, 2), b"up")
same("and its end is the connection's", (ending(client), ending(peer)), ("fin", "fin"))
client.close()
peer.close()

client, peer = pair()
with toxic("reset_peer", timeout=100):
    check("reset_peer waits for a byte", is_silent(client, 0.2))
    peer.sendall(b"x")
    same("then there is RST at both ends", (ending(client), ending(peer)), ("rst", "rst"))
    client.close()
    peer.close()
    client, peer = pair()
    peer.close()
    same("or for an end", ending(client), "rst")
    client.close()
with toxic("reset_peer", toxicity=0, timeout=0):
    client, peer = pair()
    same("a toxicity of 0 does nothing", talks(client, peer), (b"up", b"down"))
    peer.close()
    same("at all", ending(client), "fin")
    client.close()

client, peer = pair()
with toxic("slicer", average_size=4, size_variation=0, delay=20000):
    peer.sendall(b"0123456789ab")
    pieces = [client.recv(64) for _ in range(3)]
    same("slicer cuts", pieces, [b"0123", b"4567", b"89ab"])

with toxic("limit_data", stream="upstream", bytes=0):
    client.sendall(b"x")
    same("limit_data 0 eats the first byte", (ending(client), ending(peer)), ("fin", "fin"))
client.close()
peer.close()
with toxic("limit_data", bytes=10):
    client, peer = pair()
    peer.sendall(b"0123456789abcdef")
    same("limit_data passes so much", read(client, 16), b"0123456789")
    client.close()
    peer.close()

client, peer = pair()
with toxic("packet_loss", loss_rate=1):
    peer.sendall(b"lost")
    check("packet_loss 1 lets nothing pass", is_silent(client, 0.2))
same("and then all does", talks(client, peer), (b"up", b"down"))
with toxic("noop"):
    same("noop does nothing", talks(client, peer), (b"up", b"down"))
with toxic("latency", latency=200), toxic("limit_data", bytes=4):
    peer.sendall(b"more")
    same("in the order in which they were made", read(client, 4), b"more")
client.close()
peer.close()

client, peer = pair()
client.sendall(b"12345")
read(peer, 5)
line = 'toxiproxy_proxy_%%s_bytes_total{direction="upstream",listener="%s",proxy="t",upstream="%s"}' % (listen, server.address)


def counter(name):
    return int(next(one.split()[-1] for one in hangup.get("/metrics").splitlines() if one.startswith(line % name)))


same("bytes are counted", counter("received") >= 5 and counter("sent") >= 5, True)
client.close()
peer.close()

with toxic("reset_peer", toxicity=0.5, timeout=0):
    ends = []
    for _ in range(400):
        client, peer = pair()
        peer.sendall(b"x")
        peer.close()
        ends.append(ending(client))
        client.close()
    check("a toxicity of one half strikes one half", 140 <= ends.count("rst") <= 260, ends.count("rst"))  # six standard deviations

same("hangup ends well", hangup.end(), 0)

# --- the program --------------------------------------------------------------------------------------------------------------


def program(*options):
    done = subprocess.run([HANGUP, "toxiproxy-server", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT)
    return done.returncode, done.stdout


for dashes in ("-", "--"):
    same(dashes + "version", program(dashes + "version"), (0, "toxiproxy-server version 2.12.0\n"))
    same(dashes + "help", program(dashes + "help")[0], 0)
same("what it has not", program("-nothing")[0], 2)
with tempfile.TemporaryDirectory() as folder:
    for text in ("{", '[{"name":"x"}]', '[{"name":"x","upstream":"a:1","listen":"nonsense"}]', None):
        path = os.path.join(folder, "missing" if text is None else "config.json")
        if text is not None:
            with open(path, "w") as config:
                config.write(text)
        with subprocess.Popen([HANGUP, "toxiproxy-server", "-port=0", "-config", path, "--seed", "-5", "-proxy-metrics", "-runtime-metrics"],
                              stderr=subprocess.PIPE, text=True, env={**os.environ, "LOG_LEVEL": "debug"}) as started:
            said = set()
            while not {"control on", "the list of proxies"} <= said:
                line = started.stderr.readline()
                if not line:
                    break
                said |= {what for what in ("control on", "the list of proxies") if what in line}
            started.terminate()
            same("a bad config is said, and no more: %s" % text, (len(said), started.wait(LIMIT)), (2, 0))
finish()
