#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# TCP Fast Open (RFC 7413): what a client says in its SYN is taken from the SYN, whether that is held or not, and reaches the server once. In a network
# namespace of its own, where servers may do that.
if [ -z "${E2E_IN_NAMESPACE:-}" ]; then
    unshare -Urn true 2>/dev/null || { echo "SKIP: no namespace can be made"; exit 77; }
    E2E_IN_NAMESPACE=yes exec unshare -Urn sh -c 'ip link set lo up; exec "$@"' - "$0" "$@"
fi
. "$(dirname "$0")/lib.sh" || exit 99
need python3 sysctl
sysctl -qw net.ipv4.tcp_fastopen=3 2>/dev/null || skip "this namespace's tcp_fastopen cannot be set"

# One to get the cookie, one to use it; prints what came back and whether the data in the SYN was taken (TCPI_OPT_SYN_DATA).
cat >"$work/client.py" <<'EOF'
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
for text in b"first", b"second":
    one = socket.socket()
    one.sendto(text, socket.MSG_FASTOPEN, (host, int(port)))
    one.shutdown(socket.SHUT_WR)
    got = b""
    while part := one.recv(100):
        got += part
    options = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 16)[5]
    print(got.decode(), "in the SYN" if options & 32 else "behind the handshake", flush=True)
EOF
for connect in held late; do
    server accept 'read to end => "first", then end' 'send "1"' close accept 'read to end => "second", then end' 'send "2"' close
    hangup_run --connect "$connect"
    # The cookie is one of the address, so that the second relay's first client has it already.
    is "$connect" "$(timeout 20 python3 "$work/client.py" "$relay" | sed '1s/1 .*/1/')" $'1\n2 in the SYN'
    ended server
    is "the server, $connect" "$status" 0
    verdict
done
exit 0
