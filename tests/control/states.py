#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Rules that come while connections are open and speak of the applications' own sockets: these are looked at from then on, on connections that
# are open already as well.
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

server = Echo()
hangup = Hangup()
address = hangup.ask("POST", "/v1/relays", {"name": "r", "listen": "127.0.0.1:0", "server": server.address})[1]["listen"]
client = connect(address)
peer = server.accept()
client.sendall(b"hello")
same("it is relayed", read(peer, 5), b"hello")

comes = {"rule": 'when client sends "x" expect client is in ESTABLISHED within 20s'}
same("a rule comes", hangup.ask("PUT", "/v1/rules/open", comes)[0] // 100, 2)
client.sendall(b"x")
same("on a connection that was open", hangup.get("/v1/wait?finding=passed&timeout=20s")["happened"], True)

comes = {"rule": 'when server is in CLOSE_WAIT then send "seen" to client'}
same("another comes", hangup.ask("PUT", "/v1/rules/later", comes)[0] // 100, 2)
client.shutdown(socket.SHUT_WR)
same("what the server's socket is in begins a rule", read(client, 4), b"seen")
peer.close()
client.close()
same("it ends well", hangup.end(), 0)
finish()
