#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --connect met, as an ordinary user: a client of this machine hears from its own connect what its server says, though no SYN can be held; it may give
# up; who cannot be met is let in; none of many is lost; elsewhere all is late, and is said to be. Prints a line a case.
. "$(dirname "$0")/lib.sh" || exit 99
. "$(dirname "$0")/held.sh" || exit 99
. "$(dirname "$0")/mirrored.sh" || exit 99
LOAD=${LOAD:-$PWD/load}
need python3
chmod 777 "$work"

# met_run [OPTION…]: as hangup_run, but as an ordinary user, and met.
met_run() {
    rm -f "$work/relay.trace"
    start relay "${as_ordinary[@]}" "$HANGUP" run --connect met --listen "${relay_listen:-127.0.0.1:0}" --server "$server" --ready-fd 3 \
        --trace "$work/relay.trace" "$@"
    relay_ready
}

# A server that refuses; the client hears it at its next SYN, others at once. Once the server is there again, it is reached.
for own in 127.0.0.1 '[::1]'; do
    begin
    relay_listen=$own:0
    listen=$own:0
    server accept
    kill "${pid[server]}"
    ended server
    met_run
    has relay.err 'connect met$'
    RELAY=$relay peer client 'a: start $RELAY => EINPROGRESS' 'a: wait err hup => IN OUT ERR HUP RDHUP' 'a: error => ECONNREFUSED' \
        'b: connect $RELAY => ECONNREFUSED'
    ended client
    is "$own: a refused client" "$status" 0
    is "attempts at the server that a rule can hear of" "$(grep -c '"refused"' "$work/relay.trace")" 1
    listen=$server
    server accept 'read to end => "hello", then end' 'send "world"' close
    eventually_has relay.err 'accepts connections again'
    client 'send "hello"' 'shutdown wr' 'read to end => "world", then end'
    is "$own: the client once the server is back" "$status" 0
    ended server
    verdict
    is "hangup" "$status" 0
    done_with "refused-$own"
done
relay_listen=
listen=127.0.0.1:0

client_of_slow_server met_run
client_that_gives_up met_run

# The run ends while clients wait and others come: nothing begins behind its end.
begin
full_server 'await never'
for try in 1 2 3 4 5 6; do
    met_run
    start callers python3 -c '
import signal, socket, sys, time

host, port = sys.argv[1].rsplit(":", 1)
waiting = []
while len(waiting) < 200:
    waiting.append(socket.socket())
    waiting[-1].setblocking(False)
    waiting[-1].connect_ex((host, int(port)))
    if len(waiting) == 50:
        print("many wait", flush=True)
    time.sleep(0.002)
signal.pause()' "$relay"
    eventually_has callers.out 'many wait'
    verdict
    is "a run that ends while clients wait, try $try" "$status" 0
    kill "${pid[callers]}"
    ended callers
done
kill "${pid[filler]}" "${pid[server]}"
ended filler
ended server
done_with ended

# Connections of the whole relay are refused, and its SYNs lost, as without.
begin
server accept 'read to end => "hello", then end' close
met_run --rule 'from 0s to signal usr1 then refuse'
RELAY=$relay peer client 'a: connect $RELAY => ECONNREFUSED' 'post refused' 'await again' 'b: connect $RELAY' 'b: send "hello"' 'b: close'
until_true test -e "$work/refused" || die "the client is not refused"
kill -USR1 "${pid[relay]}"
eventually_has relay.err 'accepts connections again'
echo 0 >"$work/again"
ended client
is "the client of a relay that refuses for a while" "$status" 0
ended server
verdict
is "hangup" "$status" 0
rm -f "$work/refused" "$work/again"
server accept 'read to end => "hello", then end' close
met_run --rule 'from 0s to signal usr1 then lose client syn'
RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'wait out within 100ms => timeout' 'state => SYN_SENT' 'post waits' 'wait out => OUT' 'send "hello"' close
until_true test -e "$work/waits" || die "the client does not wait"
has_not relay.trace '"dialling"'
kill -USR1 "${pid[relay]}"
ended client
is "the client whose SYNs are lost for a while" "$status" 0
ended server
verdict
is "hangup" "$status" 0
done_with whole-relay

# The same port again, while the relay's end of its last connection is in TIME_WAIT: it cannot be met, and is let in.
begin
server 'a: accept' 'a: close' 'b: accept' 'b: read to end => "hello", then end' 'b: close'
met_run
python3 - "$relay" <<'PY' || fail "the client with the same port again"
import socket, sys

host, port = sys.argv[1].rsplit(":", 1)
for last in False, True:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.bind(("127.0.0.1", client_port if last else 0))
    client_port = client.getsockname()[1]
    client.connect((host, int(port)))
    if last:
        client.sendall(b"hello")
    else:
        assert client.recv(1) == b""
    client.close()
PY
ended server
is "its server" "$status" 0
verdict
is "hangup" "$status" 0
done_with again

# Killed, it leaves nothing: the port is free, and its clients are answered.
begin
server accept
met_run
RELAY=$relay peer client 'connect $RELAY' 'post connected' 'read to end => end'
until_true test -e "$work/connected" || die "the client is not connected"
kill -KILL "${pid[relay]}" 2>/dev/null
ended relay
ended client
is "the client of a killed relay" "$status" 0
RELAY=$relay peer client 'connect $RELAY => ECONNREFUSED'
ended client
is "the client after a killed relay" "$status" 0
ended server
listen=$relay
server accept 'read to end => "hello", then end'
client 'send "hello"' close
is "the client of a server at the same port" "$status" 0
ended server
listen=127.0.0.1:0
done_with killed

# Where clients of other machines may come, whom nobody here can ask for, all is late.
begin
server accept 'read to end => "hello", then end' close
relay_listen=0.0.0.0:0 met_run
has relay.err 'connect late$'
relay=127.0.0.1:${relay##*:}
client 'send "hello"' close
is "the client of a relay on all addresses" "$status" 0
ended server
verdict
done_with late

# Many, one upon the other: none is lost.
begin
start server "$LOAD" serve
until_true test -s "$work/server.out" || die "the server does not listen"
read -r server <"$work/server.out"
start relay "${as_ordinary[@]}" "$HANGUP" run --connect met --listen 127.0.0.1:0 --server "$server" --ready-fd 3
relay_ready
start clients "$LOAD" connect -n 100 -t 3 "$relay"
ended clients
is "many clients" "$status" 0
opened=$(grep -o '"connections": [0-9]*' "$work/clients.out" | grep -o '[0-9]*$')
((opened > 1000)) || fail "there were only $opened connections: this tests nothing"
verdict
is "hangup" "$status" 0
has_not relay.err 'warning'
kill "${pid[server]}"
done_with many
((failures == 0))
