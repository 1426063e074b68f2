#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Many clients whose SYN is held, one upon the other, from few ports: none is reset by nobody's wish. The relay and they have a processor each where
# there are two: so what a client says can overtake its own ACK.
if [ -z "${E2E_IN_NAMESPACE:-}" ]; then
    unshare -Urn true 2>/dev/null || { echo "SKIP: no namespace can be made"; exit 77; }
    E2E_IN_NAMESPACE=yes exec unshare -Urn sh -c 'ip link set lo up; exec "$@"' - "$0" "$@"
fi
. "$(dirname "$0")/lib.sh" || exit 99
LOAD=${LOAD:-$PWD/load}
need taskset sysctl
ulimit -n 4096 2>/dev/null || skip "too few descriptors are allowed"
# Each port is used again and again, a second after it was closed at the earliest.
sysctl -qw net.ipv4.ip_local_port_range="20000 29999" net.ipv4.tcp_tw_reuse=1 2>/dev/null || skip "this namespace's ports cannot be chosen"
mapfile -t processors < <(taskset -cp $$ | sed 's/.*: //; s/,/\n/g' | sed 's/-/\n/')
start server taskset -c "${processors[-1]}" "$LOAD" serve
until_true test -s "$work/server.out" || die "the server does not listen"
read -r server <"$work/server.out"
# Without a trace, which would keep it too busy.
start relay taskset -c "${processors[0]}" "$HANGUP" run --connect held --listen 127.0.0.1:0 --server "$server" --ready-fd 3
relay_ready
start clients taskset -c "${processors[-1]}" "$LOAD" connect -n 200 -t 8 "$relay"
ended clients
is "the clients" "$status" 0
opened=$(grep -o '"connections": [0-9]*' "$work/clients.out" | grep -o '[0-9]*$')
((opened > 1000)) || fail "there were only $opened connections: this tests nothing"
verdict
is "hangup" "$status" 0
has_not relay.err 'warning'
echo "$opened connections"
