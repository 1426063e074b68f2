#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Python's ssl as a client: client.py PORT CA. Says hello by HTTP, reads to the end, and prints in one line what it was told.
import socket
import ssl
import sys

context = ssl.create_default_context(cafile=sys.argv[2])
got = b""
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=15) as plain:
        with context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as tls:
            tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while True:
                part = tls.recv(65536)
                if not part:
                    break
                got += part
            print("end", end="")
except ssl.SSLCertVerificationError as error:
    print(error.__class__.__name__ + ":", error.verify_message, end="")
except ssl.SSLError as error:
    print(error.__class__.__name__ + ":", error.reason or "EOF", end="")
except OSError as error:
    print(error.__class__.__name__, end="")
print("," if got else "", "the reply" if got.endswith(b"reply") else "")
