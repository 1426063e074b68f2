#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# The control side as such: waiting, events, leases, reload, who is let in, slow and silent visitors, the limit of descriptors, stalled links; and
# that the description of the API is what the server does.
import os
import re
import resource
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

server = Echo()
folder = tempfile.TemporaryDirectory()


def relay(hangup, name="r", to=server.address):
    return hangup.ask("POST", "/v1/relays", {"name": name, "listen": "127.0.0.1:0", "server": to})[1]["listen"]


def pair(address):
    client = connect(address)
    return client, server.accept()


class Later(threading.Thread):
    """A request that is answered later."""

    def __init__(self, hangup, path):
        super().__init__(daemon=True)
        self.hangup, self.path, self.answer = hangup, path, None
        self.start()

    def run(self):
        self.answer = self.hangup.ask("GET", self.path)

    def get(self):
        self.join(LIMIT)
        return self.answer


class Stream:
    """An answer that goes on, line by line."""

    def __init__(self, hangup, method, path, body=None):
        self.connection = hangup.connection()
        self.connection.request(method, path, json.dumps(body) if body else None)
        self.answer = self.connection.getresponse()

    def line(self):
        return self.answer.readline().decode().strip()

    def events(self):
        while True:
            line = self.line()
            if line.startswith("data: "):
                yield json.loads(line[6:])

    def close(self):
        self.answer.close()
        self.connection.close()


hangup = Hangup()
address = relay(hangup)

# --- waiting ------------------------------------------------------------------------------------------------------------------

later = Later(hangup, "/v1/wait?links=2&relay=r&timeout=20s")
first, first_peer = pair(address)
until(lambda: hangup.get("/metrics").find('hangup_links_total{relay="r"} 1') >= 0, "the first link is counted")
check("it waits", later.is_alive())
second, second_peer = pair(address)
same("links=2", later.get(), (200, {"happened": True, "waited_for": "links", "found": 2}))
later = Later(hangup, "/v1/wait?open=0&relay=r&timeout=20s")
for one in (first, first_peer, second, second_peer):
    one.close()
same("open=0", later.get()[1]["happened"], True)
hangup.ask("PUT", "/v1/rules/w", {"rule": "each time client sends \"x\" then delay server data by 1us"})
later = Later(hangup, "/v1/wait?rule=w&times=2&timeout=20s")
first, first_peer = pair(address)
first.sendall(b"x")
first.sendall(b"x")
read(first_peer, 2)
first.sendall(b"x")
same("rule=w", later.get()[1]["happened"], True)
begin = time.monotonic()
same("idle=80ms", Later(hangup, "/v1/wait?idle=80ms&timeout=20s").get()[1]["happened"], True)
check("not before", time.monotonic() - begin < LIMIT)
begin = time.monotonic()
same("time is up", hangup.get("/v1/wait?links=99&timeout=60ms")["happened"], False)
check("and not before", time.monotonic() - begin >= 0.06)
for query in ("", "?links=1&open=1", "?links=x", "?rule=none", "?finding=good", "?links=1&timeout=5", "?links=1&timeout=5h", "?idle=9",
              "?links=1&when=now", "?links=-1", "?links=99999999999999999999999"):
    check("wait " + query + " is wrong", hangup.ask("GET", "/v1/wait" + query)[0] in (400, 404))


def taken_away(query, what, put):
    """Makes it, waits, takes it away: what the wait says, unless it came too late to begin."""
    put()
    later = Later(hangup, "/v1/wait?timeout=1h&" + query)
    until(lambda: 'hangup_control_connections 2\n' in hangup.get("/metrics"), "it waits")
    hangup.ask("DELETE", what)
    status, said = later.get() or (None, {"error": ""})
    return status == 404 and "taken away" in said["error"]


for query, what, put in (
        ("rule=v", "/v1/rules/v", lambda: hangup.ask("PUT", "/v1/rules/v", {"rule": "when client sends \"v\" then reset"})),
        ("links=9&relay=v", "/v1/relays/v", lambda: relay(hangup, "v"))):
    check("who waits hears that it was taken away: " + what, until(lambda: taken_away(query, what, put), what))
kept, kept_peer = pair(relay(hangup, "v"))
later = Later(hangup, "/v1/wait?open=0&relay=v&timeout=1h")
until(lambda: 'hangup_control_connections 2\n' in hangup.get("/metrics"), "it waits")
hangup.ask("DELETE", "/v1/relays/v")
kept.close()
kept_peer.close()
same("a link can end without its relay", (later.get() or (None, {}))[1].get("happened"), True)
gone = hangup.connection()
gone.request("GET", "/v1/wait?links=1000&timeout=1h")
until(lambda: 'hangup_control_connections 2' in hangup.get("/metrics"), "two visitors")
gone.close()
same("who waits and goes is forgotten", bool(until(lambda: 'hangup_control_connections 1' in hangup.get("/metrics"), "gone")), True)

# --- events -------------------------------------------------------------------------------------------------------------------

stream = Stream(hangup, "GET", "/v1/events?relay=r")
same("events have their type", stream.answer.getheader("Content-Type"), "text/event-stream")
other = relay(hangup, "other")
stranger, stranger_peer = pair(other)
number = max(link["link"] for link in hangup.get("/v1/links?relay=r")) + 1
one_link = Stream(hangup, "GET", "/v1/events?relay=r&link=%d" % number)
third, third_peer = pair(address)
third.sendall(b"hello")
read(third_peer, 5)
third.close()
third_peer.close()
seen = []
for event in stream.events():
    seen.append(event)
    if event["what"] == "closed" and event.get("link") == number:
        break
check("of that relay alone", all(event["relay"] == "r" for event in seen), seen)
check("what happened is there", {"opened", "received", "fin received", "closed"} <= {event["what"] for event in seen}, seen)
seen = []
for event in one_link.events():
    seen.append(event)
    if event["what"] == "closed":
        break
check("of one link alone", all(event["link"] == number for event in seen), seen)
one_link.close()

# A listener who reads nothing is left behind, and the links do not wait for it. When it reads again, it hears how much it has missed, and
# then what happens from now on.
lazy = hangup.connection()
lazy.connect()
lazy.sock.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
stream.close()
busy, busy_peer = pair(address)


def is_left_behind():
    for _ in range(500):
        busy.sendall(b"x")
        read(busy_peer, 1)
    return "hangup_control_events_lost_total 0\n" not in hangup.get("/metrics")


def reads_on(wanted):
    """What it reads until that comes, while things go on happening."""
    text, begin = b"", time.monotonic()
    while wanted not in text and time.monotonic() < begin + LIMIT:
        busy.sendall(b"x")
        read(busy_peer, 1)
        more = lazy.sock.recv(65536)
        if not more:
            return b"the end"
        text = text[-1000:] + more
    return text[text.find(wanted):]


check("who does not read its events is left behind", until(is_left_behind, "left behind"))
check("and told how many it has missed", re.match(rb'event: lost\ndata: {"lost":[1-9]', reads_on(b"event: lost") + lazy.sock.recv(100)))
check("before what happens now", b'"what":"received"' in reads_on(b'"what":"received"'))
lazy.close()

# --- leases -------------------------------------------------------------------------------------------------------------------

# Who asks for a lease and goes before it has the answer leaves nothing.
for i in range(50):
    gone = hangup.connection()
    gone.request("POST", "/v1/rules", json.dumps({"name": "hasty%d" % i, "rule": "then hold client data", "lease": True}))
    gone.close()
until(lambda: "hangup_control_connections 1\n" in hangup.get("/metrics"), "they are gone")
until(lambda: not any("hasty" in rule["name"] for rule in hangup.get("/v1/rules")), "nothing of them is left")
lease = Stream(hangup, "POST", "/v1/rules", {"name": "leased", "rule": "then hold client data", "lease": True})
same("a lease", json.loads(lease.line())["name"], "leased")
busy.sendall(b"held")
check("holds", is_silent(busy_peer))
lease.close()
same("as long as its connection", read(busy_peer, 4), b"held")
same("and the rule is gone", until(lambda: hangup.ask("GET", "/v1/rules/leased")[0] == 404, "gone"), True)
lease = Stream(hangup, "POST", "/v1/rules", {"name": "leased", "rule": "then hold client data", "lease": True})
lease.line()
same("another puts a rule in its place", hangup.ask("PUT", "/v1/rules/leased", {"rule": "then hold server fin"})[0], 200)
lease.close()
until(lambda: "hangup_control_connections 1\n" in hangup.get("/metrics"), "the lease is over")
same("which stays", hangup.ask("GET", "/v1/rules/leased")[0], 200)
same("until it is removed", hangup.ask("DELETE", "/v1/rules/leased")[0], 204)

# --- a link that stalls, a server that does not answer -------------------------------------------------------------------------

hangup.ask("PUT", "/v1/rules/stall", {"rule": "then hold data"})
busy.setblocking(False)
try:
    while True:
        busy.send(b"." * 65536)
except BlockingIOError:
    pass
full = socket.create_server(("127.0.0.1", 0), backlog=0)
waiting = []
for _ in range(8):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(full.getsockname())
    waiting.append(one)
dead = relay(hangup, "dead", "127.0.0.1:%d" % full.getsockname()[1])
hanging = connect(dead)
slowest = 0
for _ in range(20):
    begin = time.monotonic()
    hangup.get("/v1/links")
    hangup.ask("PUT", "/v1/rules/more", {"rule": "then delay data by %dms" % _})
    slowest = max(slowest, time.monotonic() - begin)
check("requests are answered meanwhile", slowest < 5, slowest)
print("# slowest of 20 pairs of requests beside a stalled link: %.1f ms" % (slowest * 1000))
same("a relay whose server hangs is removed", hangup.ask("DELETE", "/v1/relays/dead")[0], 204)
same("the stall is removed", hangup.ask("DELETE", "/v1/rules/stall")[0], 204)

# --- metrics ------------------------------------------------------------------------------------------------------------------


def metric(line):
    found = [one for one in hangup.get("/metrics").splitlines() if one.startswith(line + " ")]
    return float(found[0].split()[-1]) if found else None


left, left_peer = pair(address)
left_peer.close()
same("an application that does not close", until(lambda: metric('hangup_close_wait{side="client"}'), "CLOSE_WAIT"), 1)
check("since when", until(lambda: metric('hangup_close_wait_age_seconds{side="client"}') > 0, "age"))
same("our socket is in FIN_WAIT2", metric('hangup_ends{side="client",state="FIN_WAIT2"}'), 1)
link = until(lambda: next((one for one in hangup.get("/v1/links?relay=r") if one["client"].get("state") == "CLOSE_WAIT"), None), "its link")
check("the link says so, and of whom", link["client"]["our_state"] == "FIN_WAIT2", link)
left.close()
same("until it does", until(lambda: metric('hangup_close_wait{side="client"}') == 0, "closed"), True)
check("how links ended", metric('hangup_links_ended_total{ending="both said goodbye"}') > 0)
check("bytes", metric('hangup_received_bytes_total{relay="r",side="client"}') > 0)
check("faults", metric('hangup_faults_started_total{fault="hold"}') > 0)
families = {}
for line in hangup.get("/metrics").splitlines():
    if line.startswith("# TYPE "):
        families[line.split()[2]] = line.split()[3]
    elif not line.startswith("#"):
        name = line.split("{")[0].split(" ")[0]
        check("each line has a type: " + name, name in families or name.rsplit("_", 1)[0] in families)

# --- who is let in ------------------------------------------------------------------------------------------------------------

for name, headers, wanted in (("Origin", {"Origin": "http://evil.example"}, 403), ("Origin null", {"Origin": "null"}, 403),
                              ("Sec-Fetch-Site", {"Sec-Fetch-Site": "cross-site"}, 403), ("a page of ours", {"Sec-Fetch-Site": "none"}, 200),
                              ("Host", {"Host": "evil.example"}, 403), ("Host with a port", {"Host": "evil.example:8474"}, 403),
                              ("localhost", {"Host": "LocalHost:1"}, 200), ("an address", {"Host": "[::1]:99"}, 200),
                              ("no host at all", {"Host": ""}, 403), ("a half address", {"Host": "[::1"}, 403)):
    same("from " + name, hangup.ask("GET", "/v1", headers=headers)[0], wanted)
nothing = {"error": "there is nothing at this path; GET /v1/openapi.json says what there is", "status": 404}
same("an unknown path", hangup.ask("GET", "/v1/nothing"), (404, nothing))
same("a slash too many", hangup.ask("GET", "/v1/relays/")[0], 404)
other = {"error": "this path has other methods; GET /v1/openapi.json says which", "status": 405}
same("a wrong method", hangup.ask("PUT", "/v1/relays"), (405, other))
check("a body that is too long", hangup.ask("PUT", "/v1/files/f", "x" * (3 << 20))[0] == 413)

raw = connect(hangup.control)
raw.sendall(b"GET /v1 HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 40000)
check("headers that are too long", b"400" in raw.recv(100) or not raw.recv(100))
raw.close()

# --- the description is what the server does -----------------------------------------------------------------------------------

description = hangup.get("/v1/openapi.json")
same("OpenAPI", description["openapi"], "3.0.3")
same("it knows what is no text", description["paths"]["/proxies/{proxy}/toxics"]["post"]["requestBody"]["content"]["application/json"]
     ["schema"]["properties"]["toxicity"]["type"], "number")
names = {"relay": "r", "rule": "w", "file": "none", "link": "1", "signal": "s", "proxy": "p", "toxic": "t"}
for path, methods in sorted(description["paths"].items()):
    for method, operation in methods.items():
        if path in ("/v1/stop", "/v1/events") or not path.startswith("/v1"):
            continue  # Toxiproxy's take what they do not know, as its clients expect: toxiproxy.py
        status, answer = hangup.ask(method.upper(), path.format(**names) + "?no-such-parameter=1")
        same("%s %s knows its parameters" % (method.upper(), path), (status, "no-such-parameter" in str(answer)), (400, True))
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            status, answer = hangup.ask(method.upper(), path.format(**names), {"no-such-member": 1})
            same("and members", (status, "no-such-member" in str(answer)), (400, True))
            for must in schema.get("required", []):
                body = {other: 1 if schema["properties"][other]["type"] == "integer" else "client" for other in schema["required"] if other != must}
                status, answer = hangup.ask(method.upper(), path.format(**names), body)
                same("and that %s must be there" % must, (status, "`%s`" % must in str(answer)), (400, True))
    wrong = {"get", "post", "put", "patch", "delete"} - set(methods)
    same("%s knows no other method" % path, {hangup.ask(one.upper(), path.format(**names))[0] for one in wrong}, {405})
same("it ends well", hangup.end(), 0)

# --- reload -------------------------------------------------------------------------------------------------------------------

path = os.path.join(folder.name, "a.rule")


def write(rules, to=server.address):
    with open(path, "w") as file:
        file.write("relay r { listen 127.0.0.1:0 server %s }\n%s\n" % (to, rules))


write("rule tear { when server sends 4 bytes then reset client }\nrule hold { then hold client data }")
hangup = Hangup(path)
address = hangup.get("/v1/relays/r")["listen"]
client, peer = pair(address)
peer.sendall(b"12")
read(client, 2)
client.sendall(b"held")
check("held", is_silent(peer))
write("rule tear { when server sends 4 bytes then resett client }")
status, answer = hangup.ask("POST", "/v1/reload")
same("an error has its place", (status, answer["messages"][0]["file"], answer["messages"][0]["line"]), (400, path, 2))
hangup.process.send_signal(signal.SIGHUP)
check("said by SIGHUP, too", until(lambda: "not reloaded, all is as it was" in hangup.log(), "said"))
check("with its place", path + ":2:" in hangup.log())
check("all is as it was", is_silent(peer))
write("rule tear { when server sends 4 bytes then reset client }")
hangup.process.send_signal(signal.SIGHUP)
same("what is gone lets go", read(peer, 4), b"held")
same("the relay stays", hangup.get("/v1/relays/r")["listen"], address)
peer.sendall(b"3456")
same("what stands counts on", read(client, 2), b"34")
same("and fires", ending(client), "rst")
write("rule tear { when server sends 4 bytes then reset client }\nrelay s { listen 127.0.0.1:0 server %s }" % server.address)
same("a relay comes by reload", hangup.ask("POST", "/v1/reload")[0], 200)
client, peer = pair(hangup.get("/v1/relays/s")["listen"])
write("rule tear { when server sends 4 bytes then reset client }")
hangup.ask("POST", "/v1/reload")
same("and goes", hangup.ask("GET", "/v1/relays/s")[0], 404)
client.sendall(b"on")
same("its links live on", read(peer, 2), b"on")
same("it ends well", hangup.end(), 0)

# --- it ends while somebody waits, listens, and holds a lease -------------------------------------------------------------------

hangup = Hangup()
address = relay(hangup)
streams = [Stream(hangup, "GET", "/v1/events"), Stream(hangup, "POST", "/v1/rules", {"name": "l", "rule": "then hold data", "lease": True})]
later = hangup.connection()
later.request("GET", "/v1/wait?links=99&timeout=1h")
client, peer = pair(address)
until(lambda: hangup.get("/v1/rules/l")["firings"] == 1, "it holds")
same("it ends well", hangup.end(), 0)
for stream in streams:
    stream.close()
later.close()

# --- a token, a Unix socket, few descriptors -----------------------------------------------------------------------------------

token = os.path.join(folder.name, "token")
with open(token, "w") as file:
    file.write("sesame\n")
socket_path = os.path.join(folder.name, "control.sock")
hangup = Hangup("--token-file", token, control="unix:" + socket_path)
same("a Unix socket is its owner's", os.stat(socket_path).st_mode & 0o777, 0o600)
same("without the token", hangup.ask("GET", "/v1")[0], 401)
hangup.token = "sesamf"
same("with a wrong one", hangup.ask("GET", "/v1")[0], 401)
hangup.token = "sesame"
same("with it", hangup.ask("GET", "/v1")[0], 200)
same("any Host will do there", hangup.ask("GET", "/v1", headers={"Host": "evil.example"})[0], 200)
hangup.end()
check("its file is gone", not os.path.exists(socket_path))

hangup = Hangup(limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120)))
address = relay(hangup)
clients = []
for _ in range(70):
    clients.append(connect(address))
same("as many links as there are descriptors: answered",
     until(lambda: "hangup_links_open" in hangup.get("/metrics") and hangup.ask("GET", "/v1/relays")[0], "answered"), 200)
same("and rules come", hangup.ask("PUT", "/v1/rules/x", {"rule": "then delay data by 1ms"})[0], 200)
crowd = [connect(hangup.control) for _ in range(60)]
for one in crowd:
    one.close()
same("a crowd at the door passes by", hangup.ask("GET", "/v1")[0], 200)
crowd = []
for _ in range(40):  # more than it lets in, and each says so much that it is waited for
    crowd.append(connect(hangup.control))
    crowd[-1].sendall(b"GET /v1/links HTTP/1.1\r\nHos")
begin = time.monotonic()
same("one that asks nothing keeps nobody out", hangup.ask("GET", "/v1")[0], 200)
check("for as long as its patience", time.monotonic() - begin < 10, time.monotonic() - begin)
hangup.end()
finish()
