#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# hangup's own API: relays and rules come, change and go while connections are open, and what the applications' sockets see of that.
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

server = Echo()
hangup = Hangup()
ask = hangup.ask


def pair(relay):
    client = connect(relay)
    return client, server.accept()


# --- relays -------------------------------------------------------------------------------------------------------------------

same("nothing at first", ask("GET", "/v1/relays"), (200, []))
status, relay = ask("POST", "/v1/relays", {"name": "r", "listen": "127.0.0.1:0", "server": server.address})
same("a relay is made", status, 201)
address = relay["listen"]
check("the kernel's port is told", not address.endswith(":0"), address)
same("it is listed", ask("GET", "/v1/relays"), (200, [relay]))
same("and shown", ask("GET", "/v1/relays/r"), (200, relay))
same("its name is taken", ask("POST", "/v1/relays", {"name": "r", "listen": "127.0.0.1:0", "server": server.address})[0], 409)
status, answer = ask("POST", "/v1/relays", {"name": "q", "listen": address, "server": server.address})
same("a port in use", (status, "in use" in answer["error"]), (409, True))
same("leaves nothing behind", [one["name"] for one in hangup.get("/v1/relays")], ["r"])
same("no such relay", ask("GET", "/v1/relays/none")[0], 404)
for body, word in (({"name": "x"}, "listen"), ({"name": "x", "listen": 5, "server": "a:1"}, "listen"),
                   ({"name": "x", "listen": "127.0.0.1:0", "server": "a"}, "server"), ({"nam": "x"}, "nam"),
                   ({"name": "x", "listen": "127.0.0.1:0", "server": "a:1", "enabled": 1}, "enabled"), ("{", "JSON"), ("[]", "object"),
                   ({"name": "a\x1b[2J", "listen": "127.0.0.1:0", "server": "a:1"}, "control characters"),
                   ({"name": "a" * 256, "listen": "127.0.0.1:0", "server": "a:1"}, "255"),
                   ('{"name":"a","name":"b"}', "duplicate"), ({"name": "", "listen": "127.0.0.1:0", "server": "a:1"}, "name")):
    status, answer = ask("POST", "/v1/relays", body)
    same("a wrong relay: " + word, (status, word in answer["error"]), (400, True))

check("localhost is known here", ask("POST", "/v1/relays", {"name": "l", "listen": "localhost:0", "server": server.address})[1]["listen"]
      .startswith(("127.0.0.1:", "[::1]:")))
status, answer = ask("POST", "/v1/relays", {"name": "m", "listen": "no-such-name.invalid:0", "server": server.address})
same("nobody waits for other names", (status, "/etc/hosts" in answer["error"]), (409, True))
ask("DELETE", "/v1/relays/l")

client, peer = pair(address)
client.sendall(b"hello")
same("it relays", read(peer, 5), b"hello")

same("it is switched off", ask("PATCH", "/v1/relays/r", {"enabled": False})[1]["enabled"], False)
try:
    connect(address)
    check("then it refuses", False)
except ConnectionRefusedError:
    check("then it refuses", True)
client.sendall(b"again")
same("open links live on", read(peer, 5), b"again")
same("and on again", ask("PATCH", "/v1/relays/r", {"enabled": True})[1]["listen"], address)
other, other_peer = pair(address)
other.close()
same("it accepts again", ending(other_peer), "fin")
other_peer.close()

elsewhere = Echo()
same("another server", ask("PATCH", "/v1/relays/r", {"server": elsewhere.address})[0], 200)
same("the same port", hangup.get("/v1/relays/r")["listen"], address)
moved = connect(address)
moved_peer = elsewhere.accept()
moved_peer.sendall(b"new")
same("new links go there", read(moved, 3), b"new")
client.sendall(b"old")
same("old ones stay where they are", read(peer, 3), b"old")
same("numbers go on", sorted(link["link"] for link in hangup.get("/v1/links")), [1, 3])

same("it is removed, links and all", ask("DELETE", "/v1/relays/r")[0], 204)
same("the client of an open link", ending(client), "fin")
same("the server of an open link", ending(peer), "fin")
same("is gone", ask("DELETE", "/v1/relays/r")[0], 404)

# --- rules --------------------------------------------------------------------------------------------------------------------

address = ask("POST", "/v1/relays", {"name": "r", "listen": "127.0.0.1:0", "server": server.address})[1]["listen"]
client, peer = pair(address)
status, answer = ask("POST", "/v1/rules", {"rule": "when server sends 5 byts then reset"})
message = answer["messages"][0]
same("a wrong rule has its place", (status, message["line"], message["column"], message["kind"]), (400, 1, 21, "error"))
check("and what is meant", "did you mean `byte`" in message["message"], message)
same("an unknown relay", ask("POST", "/v1/rules", {"rule": "for relay nope then reset"})[0], 400)
status, rule = ask("POST", "/v1/rules", {"name": "slow", "rule": "then hold server data"})
same("a rule is added", (status, rule["name"], rule["rule"]), (201, "slow", "then hold server data"))
peer.sendall(b"one")
check("it strikes the open link", is_silent(client))
same("has fired", hangup.get("/v1/rules/slow")["firings"], 1)
same("a name that a terminal obeys", ask("PUT", "/v1/rules/a%0Ab", {"rule": "then reset"})[0], 400)
same("for a file, too", ask("PUT", "/v1/files/a%7F", {"text": ""})[0], 400)
same("its name is taken", ask("POST", "/v1/rules", {"name": "slow", "rule": "then reset"})[0], 409)
same("it is changed", ask("PUT", "/v1/rules/slow", {"rule": "then hold client data"})[0], 200)
same("what it held is let go", read(client, 3), b"one")
client.sendall(b"two")
check("the new one holds", is_silent(peer))
same("the same once more changes nothing", ask("PUT", "/v1/rules/slow", {"rule": "then   hold client data"})[0], 200)
check("it holds on", is_silent(peer))
same("it fired once", hangup.get("/v1/rules/slow")["firings"], 1)
same("it is removed", ask("DELETE", "/v1/rules/slow")[0], 204)
same("all is let go", read(peer, 3), b"two")
same("no such rule", ask("DELETE", "/v1/rules/slow")[0], 404)

link = max(one["link"] for one in hangup.get("/v1/links"))
same("for one relay alone", ask("PUT", "/v1/rules/mine", {"rule": "then hold client data", "relay": "r"})[1]["relay"], "r")
client.sendall(b"held")
running = until(lambda: [action for one in hangup.get("/v1/links/r/%d" % link)["rules"] for action in one["running"] if action["kept"]], "kept")
same("the link says what runs on it", running, [{"action": "hold client data", "kept": 4}])
same("step: nobody holds that", ask("POST", "/v1/links/r/%d/step" % link, {"side": "server", "bytes": 1})[0], 409)
same("step: two bytes", ask("POST", "/v1/links/r/%d/step" % link, {"side": "client", "bytes": 2})[0], 204)
same("pass", read(peer, 2), b"he")
check("and no more", is_silent(peer))
same("step: more than there are", ask("POST", "/v1/links/r/%d/step" % link, {"side": "client", "bytes": 4})[0], 204)
same("those that there are pass", read(peer, 2), b"ld")
client.sendall(b"12345")
same("and those that come", read(peer, 2), b"12")
check("so many, and no more", is_silent(peer))
ask("DELETE", "/v1/rules/mine")
same("until it is removed", read(peer, 3), b"345")

# --- do -----------------------------------------------------------------------------------------------------------------------

status, rule = ask("POST", "/v1/links/r/%d/do" % link, {"do": "hold server data"})
same("something is done to one link", (status, rule["link"]), (201, link))
second, second_peer = pair(address)
peer.sendall(b"held")
second_peer.sendall(b"free")
same("others are free of it", read(second, 4), b"free")
check("it is held", is_silent(client))
ask("DELETE", "/v1/rules/" + rule["name"])
same("until that is removed", read(client, 4), b"held")
same("to a selection", ask("POST", "/v1/links/do", {"do": "reset client", "for": "relay r and connection 1"})[0], 201)
same("those are reset", ending(client), "rst")
second.sendall(b"on")
same("others live on", read(second_peer, 2), b"on")
ask("POST", "/v1/links/do", {"do": "reset", "for": "connection 99"})
same("what is over leaves nothing behind", until(lambda: hangup.get("/v1/rules") == [], "spent"), True)
same("no such link", ask("POST", "/v1/links/r/99/step", {"side": "client", "bytes": 1})[0], 404)
same("no number", ask("GET", "/v1/links/r/x")[0], 400)
same("a wrong action", ask("POST", "/v1/links/do", {"do": "resett"})[0], 400)

# --- files --------------------------------------------------------------------------------------------------------------------

text = """relay web { listen 127.0.0.1:0 server %s }
rule tear { for relay web when server sends 4 bytes then reset client }
rule keep { for relay web then hold server fin }
""" % server.address
same("a wrong file brings nothing", ask("PUT", "/v1/files/f", {"text": text + "rule x { then hodl data }"})[0], 400)
same("not its relay either", ask("GET", "/v1/relays/web")[0], 404)
status, file = ask("PUT", "/v1/files/f", {"text": text})
same("relay and rules at once", (status, [one["name"] for one in file["rules"]], file["relays"][0]["name"]), (200, ["tear", "keep"], "web"))
web = file["relays"][0]["listen"]
third, third_peer = pair(web)
third_peer.sendall(b"12")
same("bytes", read(third, 2), b"12")
same("a part of it cannot go alone", ask("DELETE", "/v1/rules/tear")[0], 409)
same("the file is replaced", ask("PUT", "/v1/files/f", {"text": text.replace("then hold server fin", "then hold client fin")})[0], 200)
same("its relay stays where it is", hangup.get("/v1/relays/web")["listen"], web)
third_peer.sendall(b"3456")
same("a rule that stands as it was counts on", read(third, 2), b"34")
same("and fires", ending(third), "rst")
same("the file is removed", ask("DELETE", "/v1/files/f")[0], 204)
same("with all that came with it", (ask("GET", "/v1/relays/web")[0], hangup.get("/v1/rules")), (404, []))

# --- what is not there --------------------------------------------------------------------------------------------------------

for method, path, body in (("POST", "/v1/links/r/9999/do", {"do": "reset"}), ("POST", "/v1/links/nope/1/do", {"do": "reset"}),
                           ("POST", "/v1/rules", {"rule": "then reset", "relay": "nope"}), ("GET", "/v1/events?relay=nope", None),
                           ("GET", "/v1/links?relay=nope", None), ("GET", "/v1/wait?links=1&relay=nope", None)):
    status, answer = ask(method, path, body)
    same("404 is the answer to %s %s, and says why" % (method, path), (status, "nope" in answer["error"] or "9999" in answer["error"]), (404, True))
for path, word in (("/v1/events?link=1", "relay"), ("/v1/wait?idle=1ms&link=1", "relay"), ("/v1/wait?links=1&times=2", "times"),
                   ("/v1/wait?links=1&links=2", "twice")):
    status, answer = ask("GET", path)
    same("400 is the answer to %s, and says which" % path, (status, word in answer["error"]), (400, True))
half = connect(hangup.control)
half.sendall(b"GET /v1/wait?links=99999&timeout=60s HTTP/1.1\r\nHost: localhost\r\n\r\n")
half.shutdown(socket.SHUT_WR)
same("who waits must keep its side open", half.recv(12), b"HTTP/1.1 400")
half.close()
status, answer = ask("GET", "/v1", headers={"Origin": "http://evil.example"})
same("who may not come in is told in JSON", (status, "Origin" in answer["error"]), (403, True))

# --- signals, findings --------------------------------------------------------------------------------------------------------

ask("PUT", "/v1/rules/sig", {"rule": "when signal go then send \"went\" to client expect client closes within 20ms"})
same("a signal", ask("POST", "/v1/signals/GO")[0], 204)
same("is heard", read(second, 4), b"went")
same("a finding is waited for", ask("GET", "/v1/wait?finding=failed&timeout=20s")[1]["happened"], True)
findings = hangup.get("/v1/findings")
check("it is listed", ("sig", "failed") in [(one["rule"], one["outcome"]) for one in findings], findings)
same("in the report, too", hangup.get("/v1/report")["summary"]["failed"], 1)
check("as junit", "<failure" in hangup.get("/v1/report?format=junit"))
same("an unknown format", ask("GET", "/v1/report?format=xml")[0], 400)
same("the run fails", hangup.end(), 1)
finish()
