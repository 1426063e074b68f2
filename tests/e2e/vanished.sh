#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A server whose machine vanishes is noticed by keepalive, and the client is told what a direct connection tells it: nothing. The server runs in a
# network namespace of its own and loses its address; needs root.
. "$(dirname "$0")/lib.sh" || exit 99
need ip unshare nsenter
[ "$(id -u)" = 0 ] || skip "a network namespace with a veth pair needs root"

# The relay runs in a namespace too, so that nothing here meets the machine's own network.
namespace() {
    start "$1" unshare --net sleep 1000
    until_true is_apart "${pid[$1]}" || skip "no network namespace can be made"
    nsenter --net=/proc/${pid[$1]}/ns/net ip link set lo up
}
is_apart() { is_gone "$1" || [ "$(readlink /proc/$1/ns/net)" != "$(readlink /proc/self/ns/net)" ]; }
inside() {
    local who=$1
    shift
    nsenter --net=/proc/${pid[$who]}/ns/net "$@"
}

namespace here
namespace there
inside here ip link add hu0 type veth peer name hu1 netns "${pid[there]}" 2>/dev/null || skip "no veth pair can be made"
inside here ip addr add 10.99.0.1/24 dev hu0
inside there ip addr add 10.99.0.2/24 dev hu1
inside here ip link set hu0 up
inside there ip link set hu1 up
# The neighbour stays known: a machine that vanished behind a router is not reported by ARP.
inside here ip neigh replace 10.99.0.2 lladdr "$(inside there ip -o link show hu1 | sed "s,.*link/ether \([^ ]*\).*,\1,")" dev hu0 nud permanent

start server nsenter --net=/proc/${pid[there]}/ns/net "$PEER" --meet "$work" --ready-fd 3 --limit 60s 'listen 10.99.0.2:0' accept \
    'read 5 => "hello"' 'send "world"' 'await over'
listening server
start relay nsenter --net=/proc/${pid[here]}/ns/net "$HANGUP" run --listen 127.0.0.1:0 --server "$address" --ready-fd 3 --trace "$work/relay.trace"
relay_ready
RELAY=$relay start client nsenter --net=/proc/${pid[here]}/ns/net "$PEER" --meet "$work" --limit 60s 'connect $RELAY' 'send "hello"' \
    'read 5 => "world"' 'post talked' 'await noticed' 'recv now => EAGAIN' 'poll => OUT' 'error => 0' 'state => ESTABLISHED' 'send "still there?" => 12' 'poll => OUT'
until_true test -e "$work/talked" || die "they never talked"
inside there ip addr del 10.99.0.2/24 dev hu1
E2E_LIMIT=60 eventually_has relay.trace '"timed out"'
echo 0 >"$work/noticed"
ended client
is "the client" "$status" 0
echo 0 >"$work/over"
