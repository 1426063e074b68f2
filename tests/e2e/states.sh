#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# hangup states: the sockets of a process or a port with state, process, descriptor, what was read, and for how long one is in CLOSE_WAIT; for
# programs, for people at a terminal, for a user who may not look into the process.
. "$(dirname "$0")/lib.sh" || exit 99
need script setpriv

# The server leaks two connections, one read to its end and one not; the third goes on.
peer server 'listen 127.0.0.1:0' 'a: accept' 'b: accept' 'c: accept' 'a: read to end => "abc", then end' 'b: wait rdhup' 'post leaks' 'await over'
listening server
port=${address##*:}
for name in a b c; do
    RELAY=$address peer "$name" 'connect $RELAY' 'send "abc"' "$([ "$name" = c ] && echo 'poll' || echo 'shutdown wr')" 'await over'
    eventually_has server.out "^$name: accept => 0" # in this order
done
until_true test -e "$work/leaks" || die "the server does not leak"
server_pid=${pid[server]}

states() { "$HANGUP" states "$@" >"$work/states.out" 2>"$work/states.err"; }
count() { grep -c -- "$1" "$work/states.out"; }
fields() { awk -F '\t' "$1" "$work/states.out"; }

states --pid "$server_pid" || fail "states --pid: exit code $?"
is "sockets of the server" "$(count "^[A-Z_]*	$server_pid	hangup-peer	[0-9]*	127.0.0.1:$port	")" 4
is "those that listen" "$(count '^LISTEN	')" 1
is "those that leak" "$(count '^CLOSE_WAIT	')" 2
is "those that are well" "$(count '^ESTABLISHED	')" 1
is "read to its end" "$(fields '$1 == "CLOSE_WAIT" && $8 == 0' | wc -l)" 1
is "not read: three bytes and the end" "$(fields '$1 == "CLOSE_WAIT" && $8 == 4' | wc -l)" 1
is "whose" "$(fields '$7 != '"$(id -u)" | wc -l)" 0
is "fields" "$(fields 'NF != 11' | wc -l)" 0

# As long as that at least, and no longer than the run.
is_old() { states --pid "$server_pid" && [ "$(fields '$1 == "CLOSE_WAIT" && $10 >= 0.5 && $11 >= $10 && $11 < 100' | wc -l)" = 2 ]; }
until_true is_old || fail "the ages do not grow"
is "nobody else has an age" "$(fields '$1 != "CLOSE_WAIT" && $10 != "-"' | wc -l)" 0

# A port: both ends of each connection, with their processes. Who had the port before us may have left something in TIME_WAIT.
states --port "$port"
is "sockets on the port" "$(grep -vc '^TIME_WAIT	' "$work/states.out")" 7
is "clients in FIN_WAIT2" "$(count '^FIN_WAIT2	[0-9]*	hangup-peer	')" 2
states
is "among all" "$(count "	$server_pid	")" 4

# At a terminal: grouped and counted, and what should not last by name.
script -qec "$HANGUP states --pid $server_pid" "$work/terminal" >/dev/null </dev/null || fail "no terminal"
tr -d '\r' <"$work/terminal" >"$work/states.out"
has states.out "^pid $server_pid hangup-peer\$"
has states.out '^  LISTEN          1$'
has states.out '^  ESTABLISHED     1$'
has states.out '^  CLOSE_WAIT      2$'
has states.out "^    127.0.0.1:$port - 127.0.0.1:[0-9]*  fd [0-9]*  for [0-9.]* s or more, the end was read\$"
has states.out "^    127.0.0.1:$port - 127.0.0.1:[0-9]*  fd [0-9]*  for [0-9.]* s or more, 3 bytes and the end were not read\$"
is "the one that is well has no line of its own" "$(count ' - ')" 2

# What cannot be.
states --pid 2147483000
is "no such process" "$?" 3
has states.err 'process 2147483000 does not exist'
states 2147483000
is "nothing of that number" "$?" 2
has states.err 'there is no process 2147483000, and no socket on that port'
states x
is "no number" "$?" 2
has states.err 'x is neither a process.s number nor a port'
states --port 70000
is "no port" "$?" 2
has states.err 'write a port, 1 to 65535'
states --pid 0
has states.err "write a process's number"
states --pid
has states.err 'wants a number'
states --bad
has states.err 'there is no option --bad'
states 1 2
has states.err 'one process or port at a time'
"$HANGUP" states --pid "$server_pid" >/dev/full 2>"$work/states.err"
is "a full disk" "$?" 3

# Another user sees states, and no process.
if [ "$(id -u)" = 0 ]; then
    cp "$HANGUP" "$work/hangup"
    chmod 755 "$work" "$work/hangup"
    as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups "$work/hangup")
    "${as_nobody[@]}" states --port "$port" >"$work/states.out"
    is "what another user sees" "$(count '^CLOSE_WAIT	-	-	-	')" 2
    "${as_nobody[@]}" states --pid "$server_pid" 2>"$work/states.err"
    is "another user's process" "$?" 3
    has states.err "may not be looked into"
fi
echo 0 >"$work/over"
ended server
((failures == 0))
