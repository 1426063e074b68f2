#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Where an application's socket is seen exactly, and where it is inferred: on this machine, by IPv4 and IPv6, in both roles; as an ordinary user,
# who sees states of all and processes of his own; with the application in another network namespace.
. "$(dirname "$0")/lib.sh" || exit 99
need setpriv ip unshare nsenter

closes_late='when server sends 5 bytes then send fin to client expect client closes within 1s'
serves_late='when server sends 5 bytes then send fin to server expect server closes within 1s'
is_judged() { [ "$(grep -cs '"what":"finding".*"text":"failed' "$work/relay.trace")" = 2 ]; }

# leak WHERE: a client and a server that do not close, until both were found.
leak() {
    rm -f "$work/over"
    peer server "listen $1:0" accept 'read 5 => "hello"' 'send "world"' 'await over'
    listening server
    server=$address
}
talk() { RELAY=$relay peer client 'connect $RELAY' 'send "hello"' 'read 5 => "world"' 'await over'; }
over() {
    until_true is_judged || fail "$1: nothing was found"
    echo 0 >"$work/over"
    ended client
    ended server
    verdict
    is "$1: hangup's exit code" "$status" 1
}

for where in 127.0.0.1 '[::1]'; do
    [ "$where" = 127.0.0.1 ] || ip -6 addr show dev lo 2>/dev/null | grep -q '::1/128' || continue
    leak "$where"
    relay_listen=$where:0 hangup_run --rule "$closes_late" --rule "$serves_late"
    talk
    over "$where"
    for side in client server; do
        has relay.err "$side closes within 1s: still CLOSE_WAIT after 1.000 s (pid ${pid[$side]} hangup-peer, fd [0-9]*)"
    done
done

# A client by IPv4 at a socket that is IPv6's as well.
leak 127.0.0.1
if relay_listen='[::]:0' hangup_run --rule "$closes_late" --rule "$serves_late" 2>/dev/null; then
    relay=127.0.0.1:${relay##*:}
    talk
    over "IPv4 at an IPv6 socket"
    has relay.err "client closes within 1s: still CLOSE_WAIT after 1.000 s (pid ${pid[client]} hangup-peer"
fi
((failures == 0)) || exit 1

[ "$(id -u)" = 0 ] || skip "the rest needs root: another user, another namespace"

# An ordinary user: his own client is known by process; root's server by its state and user.
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
cp "$HANGUP" "$work/hangup"
cp "$PEER" "$work/peer"
mkdir "$work/theirs"
chown 65534 "$work/theirs"
chmod 755 "$work" "$work/hangup" "$work/peer"
leak 127.0.0.1
start relay "${as_nobody[@]}" "$work/hangup" run --listen 127.0.0.1:0 --server "$server" --ready-fd 3 --trace "$work/theirs/relay.trace" \
    --rule "$closes_late" --rule "$serves_late"
relay_ready
RELAY=$relay start client "${as_nobody[@]}" "$work/peer" --meet "$work" --limit 20s 'connect $RELAY' 'send "hello"' 'read 5 => "world"' 'await over'
ln -sf "$work/theirs/relay.trace" "$work/relay.trace"
over "as nobody"
has relay.err "client closes within 1s: still CLOSE_WAIT after 1.000 s (pid ${pid[client]} peer, fd [0-9]*)"
has relay.err 'server closes within 1s: still CLOSE_WAIT after 1.000 s (uid 0)'
rm "$work/relay.trace"

# The server is elsewhere: it is inferred, and marked; what cannot be inferred is not made up.
start there unshare --net sleep 1000
start here unshare --net sleep 1000
is_apart() { is_gone "$1" || [ "$(readlink /proc/$1/ns/net)" != "$(readlink /proc/self/ns/net)" ]; }
until_true is_apart "${pid[there]}" && until_true is_apart "${pid[here]}" || skip "no network namespace can be made"
inside() {
    local who=$1
    shift
    nsenter --net=/proc/${pid[$who]}/ns/net "$@"
}
inside here ip link set lo up
inside here ip link add hu0 type veth peer name hu1 netns "${pid[there]}" 2>/dev/null || skip "no veth pair can be made"
inside here ip addr add 10.99.0.1/24 dev hu0
inside there ip addr add 10.99.0.2/24 dev hu1
inside here ip link set hu0 up
inside there ip link set hu1 up
rm -f "$work/over"
start server nsenter --net=/proc/${pid[there]}/ns/net "$PEER" --meet "$work" --ready-fd 3 --limit 30s 'listen 10.99.0.2:0' accept \
    'read 5 => "hello"' 'send "world"' 'await over'
listening server
echo 'expect at most 0 server LAST_ACK' >"$work/last-ack.rule"
start relay nsenter --net=/proc/${pid[here]}/ns/net "$HANGUP" run --listen 127.0.0.1:0 --server "$address" --ready-fd 3 --trace "$work/relay.trace" \
    "$work/last-ack.rule" --rule "$closes_late" --rule "$serves_late" \
    --rule 'when client sends 5 bytes expect server is in LAST_ACK within 300ms' --rule 'when server is in CLOSE_WAIT then wait for 1ms'
relay_ready
RELAY=$relay start client nsenter --net=/proc/${pid[here]}/ns/net "$PEER" --meet "$work" --limit 30s 'connect $RELAY' 'send "hello"' \
    'read 5 => "world"' 'await over'
is_judged() { [ "$(grep -cs '"what":"finding".*"text":"failed' "$work/relay.trace")" = 3 ]; }
over elsewhere
has relay.err "client closes within 1s: still CLOSE_WAIT after 1.000 s (pid ${pid[client]} hangup-peer, fd [0-9]*)"
has relay.err 'server closes within 1s: still CLOSE_WAIT after 1.000 s (inferred): our FIN was acknowledged'
has relay.err 'server is in LAST_ACK within 300ms: \(not seen in 0.300 s: its socket cannot be seen\|it was not in 0.300 s: it is in CLOSE_WAIT (inferred)\)'
has relay.err 'at most 0 server LAST_ACK: nobody was in LAST_ACK; 1 socket was not seen'
has relay.trace '"what":"state".*"side":"server","text":"CLOSE_WAIT (inferred)"'
has relay.trace '"what":"rule fired".*"rule":"rule-4"'
((failures == 0))
