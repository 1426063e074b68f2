#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# hangup ctl: each verb, what it prints on a terminal and in a pipe, and its exit codes.
import os
import pty
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

server = Echo()
hangup = Hangup()
folder = tempfile.TemporaryDirectory()
os.environ["HANGUP_CONTROL"] = hangup.control


def ctl(*words):
    done = subprocess.run([HANGUP, "ctl", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT)
    return done.returncode, done.stdout, done.stderr


same("nothing to list", ctl("list"), (0, "", ""))
code, out, _ = ctl("add", "relay", "r", "127.0.0.1:0", server.address)
address = out.split("\t")[1]
same("add relay", (code, out), (0, "r\t%s\t%s\tyes\t-\n" % (address, server.address)))
same("list", ctl("list"), (0, out, ""))
same("list relays as JSON", json.loads(ctl("--json", "list", "relays")[1])[0]["listen"], address)
same("add rule", ctl("add", "rule", "tear", "when server sends 4 bytes then reset client"),
     (0, "tear\twhen server sends 4 bytes then reset client\n", ""))
code, out, err = ctl("add", "rule", "then hodl data")
same("a wrong rule is shown as a compiler would", (code, out, err.startswith("rule-") and ":1:6: error: " in err), (2, "", True))
client = connect(address)
peer = server.accept()
same("wait", ctl("wait", "links=1", "relay=r", "timeout=20s")[0], 0)
same("wait in vain", ctl("wait", "rule=tear", "timeout=50ms"), (1, "", "hangup ctl: time is up\n"))
same("list links", ctl("list", "links")[1].split("\t")[:2], ["r", "1"])
watching = subprocess.Popen([HANGUP, "ctl", "watch", "relay=r"], stdout=subprocess.PIPE, text=True)
until(lambda: "hangup_control_listeners 1" in hangup.get("/metrics"), "it watches")
peer.sendall(b"1234")
same("the client", (read(client, 4), ending(client)), (b"1234", "rst"))
events = []
for line in watching.stdout:
    events.append(json.loads(line)["what"])
    if events[-1] == "rst sent":
        break
check("watch", "rule fired" in events, events)
watching.kill()
watching.wait()
same("list rules", ctl("list", "rules")[1], "tear\t1\t-\t-\twhen server sends 4 bytes then reset client\n")
main, terminal = pty.openpty()
subprocess.run([HANGUP, "ctl", "list", "rules"], stdout=terminal, timeout=LIMIT)
os.close(terminal)
lines = os.read(main, 4096).decode().splitlines()
same("on a terminal there are heads", [line.split()[:2] for line in lines], [["name", "firings"], ["tear", "1"]])
stand_in = socket.create_server(("127.0.0.1", 0))
stand_in.settimeout(LIMIT)
main, terminal = pty.openpty()
watching = subprocess.Popen([HANGUP, "ctl", "--control", "127.0.0.1:%d" % stand_in.getsockname()[1], "watch"], stdout=terminal)
os.close(terminal)
visitor = stand_in.accept()[0]
visitor.sendall(b'HTTP/1.0 200 OK\r\n\r\nevent: lost\ndata: {"lost":3}\n\ndata: {"time":5,"what":"opened","relay":"r","link":1}\n\n')
visitor.close()
same("it ends as the stream does", watching.wait(LIMIT), 0)
text = b""
while text.count(b"\n") < 2:
    text += os.read(main, 4096)
lines = text.decode().splitlines()
same("what was lost is told", lines[0], "(events that are missing here: 3; they came faster than they were read)")
same("between the others", lines[1].split(), ["0.000005", "r", "#1", "opened"])
os.close(main)
stand_in.close()
same("disable", ctl("disable", "r")[0], 0)
same("it is disabled", hangup.get("/v1/relays/r")["enabled"], False)
same("enable", ctl("enable", "r")[0], 0)
same("fire", ctl("fire", "go")[0], 0)
same("do", ctl("do", "reset", "relay r")[0], 0)
path = os.path.join(folder.name, "f.rule")
with open(path, "w") as file:
    file.write("rule late { when server sends fin then hold server fin for 1s }\n")
same("add file", ctl("add", "file", path)[0], 0)
same("list files", ctl("list", "files")[1], "f.rule\t0\t1\n")
same("remove file", ctl("remove", "file", "f.rule")[0], 0)
same("remove rule", ctl("remove", "rule", "tear")[0], 0)
code, _, err = ctl("remove", "rule", "tear")
same("no such rule", (code, "there is no `tear`" in err), (3, True))
check("metrics", 'hangup_links_total{relay="r"} 1\n' in ctl("metrics")[1])
same("report", json.loads(ctl("report")[1])["connections"], 1)
check("report tap", ctl("report", "tap")[1].startswith("TAP"))
same("reload", ctl("reload")[0], 0)
for words, what in ((["frobnicate"], "there is no `frobnicate`"), (["lst"], "did you mean `list`"), ([], "what is to be done"),
                    (["list", "things"], "write relay"), (["add", "relay", "x"], "write: add relay NAME"), (["--what"], "no option --what"),
                    (["--control"], "wants a value"), (["wait", "links=x"], "links=x"), (["fire"], "write: fire SIGNAL"),
                    (["--token-file", "/no/such/file", "list"], "No such file")):
    code, _, err = ctl(*words)
    same("wrong: " + " ".join(words), (code, what in err), (2, True))
for path in (folder.name, "/dev/zero", "/no/such/file"):
    code, out, err = ctl("add", "file", path)
    same("no rule file: " + path, (code, out, path in err), (3, "", True))
same("fire nothing", ctl("fire", "")[0], 2)
same("stop", ctl("stop")[0], 0)
same("it ends", hangup.process.wait(LIMIT), 0)
done = subprocess.run([HANGUP, "run", "--control", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--server", server.address, "-q", "--",
                       HANGUP, "ctl", "list"], stdout=subprocess.PIPE, text=True, timeout=LIMIT)
same("COMMAND finds the control side", (done.returncode, done.stdout.split("\t")[0]), (0, "relay"))
code, _, err = ctl("list")
same("nobody there", (code, "cannot be reached" in err), (3, True))
finish()
