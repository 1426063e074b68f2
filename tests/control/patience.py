#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Visitors of the control side who take their time: one says nothing, one says a letter now and then, one does not read its answer. Each is put
# out when the door's patience (20 s) is over; a listener of events, who is quiet by rights, is not; and everybody else is answered meanwhile.
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

PATIENCE = 20
hangup = Hangup()
silent = connect(hangup.control)
slow = connect(hangup.control)
slow.sendall(b"GET /v1 HTTP/1.1\r\nHost: localhost\r\nX: ")
body = connect(hangup.control)
body.sendall(b"POST /v1/rules HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
listener = connect(hangup.control)
listener.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
deaf = socket.socket()
deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
deaf.settimeout(LIMIT)
deaf.connect(("127.0.0.1", int(hangup.control.rsplit(":", 1)[1])))
for _ in range(400):
    deaf.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
begin = time.monotonic()
waiting = {"silent": silent, "slow": slow, "body": body}
gone = {}
slowest = 0
while waiting and time.monotonic() - begin < PATIENCE + LIMIT:
    asked = time.monotonic()
    hangup.get("/v1/relays")
    slowest = max(slowest, time.monotonic() - asked)
    for name in list(waiting):
        try:
            if name != "silent":
                waiting[name].sendall(b"y")
            if not is_silent(waiting[name], 0.1):
                while waiting[name].recv(65536):
                    pass
                raise ConnectionResetError
        except OSError:
            gone[name] = time.monotonic() - begin
            del waiting[name]
for name in ("silent", "slow", "body"):
    check("%s: put out, and not before its time" % name, PATIENCE - 1 <= gone.get(name, 0) < PATIENCE + 10, gone.get(name))
check("others are answered meanwhile", slowest < 5, slowest)
same("who does not read its answers, too", until(lambda: "hangup_control_connections 2\n" in hangup.get("/metrics"), "two are left"), True)
check("a listener is not", listener.recv(15) == b"HTTP/1.1 200 OK")
print("# the slowest answer beside them took %.1f ms" % (slowest * 1000))
same("it ends well", hangup.end(), 0)
finish()
