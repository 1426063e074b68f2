#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Python's ssl as a server: server.py CERTIFICATE [CA of clients]. Says where it listens on descriptor 3, answers one connection by HTTP, reads
# on to its end, and prints in one line what it was told.
import os
import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
if len(sys.argv) > 2:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0))
os.write(3, b"listening 127.0.0.1:%d\n" % listener.getsockname()[1])
os.close(3)
plain = listener.accept()[0]
plain.settimeout(15)
try:
    with context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=False) as tls:
        tls.recv(1000)
        tls.sendall(b"reply")
        while tls.recv(1000):
            pass
        print("end")
except ssl.SSLCertVerificationError as error:
    print(error.__class__.__name__ + ":", error.verify_message)
except ssl.SSLError as error:
    print(error.__class__.__name__ + ":", error.reason or "EOF")
except OSError as error:
    print(error.__class__.__name__)
