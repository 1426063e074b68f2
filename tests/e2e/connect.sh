#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A held SYN: the client's own connect shows what its server does: refuses, is slow, is silent; it may give up; and none of 5,000 is lost. Prints a
# line a case.
. "$(dirname "$0")/lib.sh" || exit 99
. "$(dirname "$0")/held.sh" || exit 99
. "$(dirname "$0")/mirrored.sh" || exit 99
needs_held "$@"
E2E_OPTIONS="--connect held $E2E_OPTIONS"

address_in_proc() { printf '0100007F:%04X' "${1##*:}"; }

# A server that refuses, on each family and on both at once; and once it is there again, it is reached.
for where in '127.0.0.1 127.0.0.1' '[::1] [::1]' '[::] 127.0.0.1' '[::] [::1]'; do
    begin
    read -r relay_listen own <<<"$where"
    relay_listen+=:0
    listen=127.0.0.1:0
    server accept
    kill "${pid[server]}"
    ended server
    hangup_run
    while [ "${relay##*:}" = "${server##*:}" ]; do # on all addresses, it was given the port that has just become free
        verdict
        hangup_run
    done
    relay=$own:${relay##*:}
    RELAY=$relay peer client 'a: connect $RELAY => ECONNREFUSED' 'b: start $RELAY => EINPROGRESS' 'b: wait err hup => IN OUT ERR HUP RDHUP' 'b: error => ECONNREFUSED'
    ended client
    is "$where: a refused client" "$status" 0
    listen=$server
    server accept 'read to end => "hello", then end' 'send "world"' close
    client 'send "hello"' 'shutdown wr' 'read to end => "world", then end'
    is "$where: the client once the server is back" "$status" 0
    ended server
    verdict
    done_with "refused-$where"
done
unset relay_listen
listen=127.0.0.1:0

client_of_slow_server hangup_run
client_that_gives_up hangup_run

# hold client syn: the server is dialled later. hold server syn: it is connected meanwhile.
for side in client server; do
    begin
    server 'accept' 'post accepted' 'read to end => "hello", then end' close
    hangup_run --rule "for connection 1 then hold $side syn until signal usr1"
    RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'wait out within 100ms => timeout' 'state => SYN_SENT' 'post waits' 'wait out => OUT' 'send "hello"' close
    until_true test -e "$work/waits" || die "the client does not wait"
    case $side in
    client) has_not relay.trace '"dialling"' ;;
    server) until_true test -e "$work/accepted" || fail "the server is not connected" ;;
    esac
    kill -USR1 "${pid[relay]}"
    ended client
    is "the client whose connect is held" "$status" 0
    ended server
    is "its server" "$status" 0
    verdict
    is "hangup" "$status" 0
    rm -f "$work/accepted" "$work/waits"
    done_with "hold-$side-syn"
done

# lose client syn: the client's connect goes on with the first SYN that it sends again afterwards. lose server syn: the server waits in SYN_RECV.
for side in client server; do
    begin
    server 'accept' 'read to end => "hello", then end' close
    hangup_run --rule "for connection 1 then lose $side syn until signal usr1"
    RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'wait out within 100ms => timeout' 'state => SYN_SENT' 'post waits' 'wait out => OUT' 'error => 0' \
        'send "hello"' close
    until_true test -e "$work/waits" || die "the client does not wait"
    case $side in
    client) has_not relay.trace '"dialling"' ;;
    server) grep -q "^ *[0-9]*: $(address_in_proc "$server") [^ ]* 03 " /proc/net/tcp || fail "the server is not in SYN_RECV" ;;
    esac
    kill -USR1 "${pid[relay]}"
    ended client
    is "the client whose SYN is lost" "$status" 0
    ended server
    is "its server" "$status" 0
    verdict
    is "hangup" "$status" 0
    rm -f "$work/waits"
    done_with "lose-$side-syn"
done

# What a rule says to the client, it says to one that is connected, whatever the server does.
begin
server=127.0.0.1:9
hangup_run --rule 'when server refuses then send "sorry" to client, close client'
client 'read to end => "sorry", then end'
is "the client that is told" "$status" 0
verdict
done_with told

# Killed, it leaves nothing: not a filter, not a SYN unanswered.
begin
server accept
hangup_run --rule 'then hold client syn'
RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'post waits' 'wait err hup => IN OUT ERR HUP RDHUP' 'error => ECONNREFUSED'
until_true test -e "$work/waits" || die "the client does not wait"
kill -KILL "${pid[relay]}"
ended relay
ended client
is "the client of a killed relay" "$status" 0
listen=$relay
kill "${pid[server]}"
ended server
server accept 'read 5 => "hello"'
RELAY=$relay peer client 'connect $RELAY => 0' 'send "hello"'
ended client
is "the client of who listens there now" "$status" 0
ended server
listen=127.0.0.1:0
done_with killed

# Whoever has been connected does not keep the port from its next listener, though the goodbye is not yet forgotten there.
begin
server accept close accept close
for time in first second; do
    hangup_run
    client 'read to end => end'
    is "the $time client" "$status" 0
    verdict
    grep -q "^ *[0-9]*: $(address_in_proc "$relay") [^ ]* 06 " /proc/net/tcp || fail "nothing is in TIME_WAIT there: this tests nothing"
    relay_listen=$relay
done
unset relay_listen
ended server
done_with again

# 5,000 in a row and at once, each with a question and its answer.
begin
count=5000
ulimit -n 16384 2>/dev/null || count=400
cat >"$work/many.py" <<'EOF'
import os, selectors, socket, sys, threading, time
count, ahead = int(sys.argv[1]), 200
listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
open(sys.argv[2] + ".new", "w").write("127.0.0.1:%d" % listener.getsockname()[1])
os.rename(sys.argv[2] + ".new", sys.argv[2])
def serve():
    while True:
        one, _ = listener.accept()
        one.sendall(one.recv(16))
        one.close()
threading.Thread(target=serve, daemon=True).start()
while not os.path.exists(sys.argv[3]):
    time.sleep(0.01)
relay = ("127.0.0.1", int(open(sys.argv[3]).read().rsplit(":", 1)[1]))
ready, begun, answered = selectors.DefaultSelector(), 0, 0
def begin(number):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(relay)
    ready.register(one, selectors.EVENT_WRITE, [number, b""])
while answered < count:
    while begun < count and begun - answered < ahead:
        begin(begun)
        begun += 1
    events = ready.select(30)
    if not events:
        sys.exit(f"{answered} of {count} were answered, and then none")
    for key, mask in events:
        one, state = key.fileobj, key.data
        text = b"%d" % state[0]
        if mask & selectors.EVENT_WRITE:
            one.sendall(text)
            ready.modify(one, selectors.EVENT_READ, state)
            continue
        got = one.recv(16)
        state[1] += got
        if not got:
            if state[1] != text:
                sys.exit(f"{state[0]} got {state[1]}")
            ready.unregister(one)
            one.close()
            answered += 1
EOF
start many python3 "$work/many.py" "$count" "$work/many.server" "$work/many.relay"
until_true test -e "$work/many.server" || die "the server of many does not listen"
server=$(cat "$work/many.server")
hangup_run
echo "$relay" >"$work/many.new"
mv "$work/many.new" "$work/many.relay"
E2E_LIMIT=120 ended many
is "5,000 connections" "$status" 0
verdict
is "hangup" "$status" 0
is "their number" "$(grep -c '"opened"' "$work/relay.trace")" "$count"
done_with many
