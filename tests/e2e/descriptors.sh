#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# At the descriptor limit the listener pauses, says so, and goes on: no connection is lost, the last one is served like the first.
. "$(dirname "$0")/lib.sh" || exit 99
need prlimit

count=200
each() { for ((i = 1; i <= count; i++)); do echo "c$i: $1"; done; }
{ echo 'listen $LISTEN 512'; echo 'await connected'; for ((i = 1; i <= count; i++)); do printf '%s\n' accept 'read 5 => "hello"' 'send "world"' close; done; } \
    >"$work/server.script"
{ each 'connect $RELAY'; each 'send "hello" => 5'; echo 'post connected'; for ((i = 1; i <= count; i++)); do echo "c$i: read to end => \"world\", then end"; echo "c$i: close"; done; } >"$work/client.script"

LISTEN=127.0.0.1:0 peer server --file "$work/server.script"
listening server
server=$address
start relay prlimit --nofile=64 "$HANGUP" run --listen 127.0.0.1:0 --server "$server" --ready-fd 3 --trace "$work/relay.trace"
relay_ready
RELAY=$relay peer client --file "$work/client.script"
eventually_has relay.err 'descriptor'
ended client
is "the client" "$status" 0
ended server
is "the server" "$status" 0
grep -q '"relay paused"' "$work/relay.trace" || fail "the trace has no pause"
grep -q '"relay resumed"' "$work/relay.trace" || fail "the trace has no resumption"
verdict
is "hangup" "$status" 0
