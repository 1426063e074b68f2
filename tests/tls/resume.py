#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Python's ssl as a client that comes again: resume.py PORT CA VERSION [no_ticket]. Four connections, each with the session of the one
# before it; prints `session_reused` of each.
import socket
import ssl
import sys

context = ssl.create_default_context(cafile=sys.argv[2])
context.minimum_version = context.maximum_version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[sys.argv[3]]
if "no_ticket" in sys.argv:
    context.options |= ssl.OP_NO_TICKET
session = None
for _ in range(4):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=15) as plain:
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
            tls.sendall(b"hello")
            while tls.recv(4096):
                pass
            print(tls.session_reused, end=" ")
            session = tls.session
print()
