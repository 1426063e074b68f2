#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Python's ssl as a server that takes its time: late.py CERTIFICATE SOCKET FIFO. Accepts on that Unix socket, reads nothing before somebody
# writes into the FIFO, then has a handshake, and prints what came of it.
import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[2])
    listener.listen()
    plain, _ = listener.accept()
    open(sys.argv[3]).read()
    plain.settimeout(15)
    try:
        with context.wrap_socket(plain, server_side=True):
            print("a handshake")
    except OSError as error:
        print(error.__class__.__name__)
