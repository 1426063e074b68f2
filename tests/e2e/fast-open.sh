#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# TCP Fast Open (RFC 7413): with hangup between them, its client's SYN held or not, both applications see what they see on a direct connection: the first
# connection asks for a cookie, what the others say first comes in the SYN and reaches the server in ours; each byte once. Where a rule is at work, the
# server gets it behind the handshake. In a network namespace of its own, where servers may do that.
if [ -z "${E2E_IN_NAMESPACE:-}" ]; then
    unshare -Urn true 2>/dev/null || { echo "SKIP: no namespace can be made"; exit 77; }
    E2E_IN_NAMESPACE=yes exec unshare -Urn sh -c 'ip link set lo up; exec "$@"' - "$0" "$@"
fi
. "$(dirname "$0")/lib.sh" || exit 99
need python3 sysctl
sysctl -qw net.ipv4.tcp_fastopen=3 2>/dev/null || skip "this namespace's tcp_fastopen cannot be set"

# Each prints what it heard, and whether the client's first data was taken from the SYN (TCPI_OPT_SYN_DATA).
cat >"$work/server.py" <<'EOP'
import socket, sys
listener = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
listener.setsockopt(socket.IPPROTO_TCP, 23, 16)  # TCP_FASTOPEN
listener.bind((sys.argv[1], 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
for number in range(int(sys.argv[2])):
    one, _ = listener.accept()
    got = b""
    while part := one.recv(1 << 16):
        got += part
    in_syn = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 16)[5] & 32
    print("%d..%d" % (got[0], got[-1]) if len(got) > 10 else got.decode(), len(got), "in the SYN" if in_syn else "later", flush=True)
    one.sendall(b"%d" % len(got))
    one.close()
EOP
cat >"$work/client.py" <<'EOP'
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
for text in b"first", b"second", b"", b"third", bytes(i % 251 for i in range(50000)):
    one = socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET)
    if text:
        sent = one.sendto(text, socket.MSG_FASTOPEN, (host.strip("[]"), int(port)))
        one.sendall(text[sent:])
    else:  # who says nothing at first
        one.connect((host.strip("[]"), int(port)))
        one.sendall(b"slow")
    one.shutdown(socket.SHUT_WR)
    got = b""
    while part := one.recv(100):
        got += part
    in_syn = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 16)[5] & 32
    print(got.decode(), "in the SYN" if in_syn else "later", flush=True)
EOP
serve() {
    start server python3 "$work/server.py" "$1" 5
    until_true test -s "$work/server.out" || die "the server does not listen"
    server=$1:$(head -n 1 "$work/server.out")
    [ "$1" = "${1#*:}" ] || server="[$1]:${server##*:}"
}
heard() { sed 1d "$work/server.out"; }

# Cookies are an address's: each run has addresses of its own, so that each begins without.
serve 127.0.1.1
direct=$(timeout 20 python3 "$work/client.py" "$server")
ended server
direct_server=$(heard)
is "the client, directly" "$direct" $'5 later\n6 in the SYN\n4 later\n5 in the SYN\n50000 in the SYN'
is "the server, directly" "$direct_server" $'first 5 later\nsecond 6 in the SYN\nslow 4 later\nthird 5 in the SYN\n0..50 50000 in the SYN'

net=1
for how in '--connect held' '--connect late' '--connect late --workers 2' '--connect late --splice always' '--connect held --splice always'; do
    net=$((net + 1))
    serve 127.0.$net.1
    # shellcheck disable=SC2086 # the options are words
    relay_listen=127.0.$net.2:0 hangup_run $how
    is "the client, $how" "$(timeout 20 python3 "$work/client.py" "$relay")" "$direct"
    ended server
    is "the server, $how" "$(heard)" "$direct_server"
    verdict
    is "hangup, $how" "$status" 0
done

# A rule that has something to say to the server comes first.
for how in held late; do
    net=$((net + 1))
    serve 127.0.$net.1
    relay_listen=127.0.$net.2:0 hangup_run --connect $how --rule 'when server accepts then send "> " to server'
    is "the client with a rule, $how" "$(timeout 20 python3 "$work/client.py" "$relay" | cut -d ' ' -f 1 | tr '\n' ' ')" '7 8 6 7 50002 '
    ended server
    is "the server with a rule, $how" "$(heard | head -n 4)" $'> first 7 later\n> second 8 later\n> slow 6 later\n> third 7 later'
    verdict
done

# A server that refuses: what was to be in the SYN is nobody's.
net=$((net + 1))
serve 127.0.$net.1
relay_listen=127.0.$net.2:0 hangup_run --connect held
kill "${pid[server]}"
ended server
timeout 20 python3 - "$relay" >"$work/refused" 2>&1 <<'EOP'
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
for i in range(2):
    try:
        socket.socket().sendto(b"hello", socket.MSG_FASTOPEN, (host, int(port)))
        print("connected")
    except OSError as e:
        print(e.strerror)
EOP
is "a server that refuses" "$(cat "$work/refused")" $'Connection refused\nConnection refused'
verdict

grep -qs . /proc/net/if_inet6 || exit 0
for how in held late; do
    serve ::1
    relay_listen='[::1]:0' hangup_run --connect "$how"
    # One address: the relay's first client has the cookie of the last relay.
    is "the client by IPv6, $how" "$(timeout 20 python3 "$work/client.py" "$relay" | sed 1d)" "$(sed 1d <<<"$direct")"
    ended server
    is "the server by IPv6, $how" "$(heard | sed 1d)" "$(sed 1d <<<"$direct_server")"
    verdict
done
