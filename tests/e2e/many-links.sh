#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Thousands of links at once: all are open before the first one speaks, all are answered, and hangup is small and still there afterwards.
. "$(dirname "$0")/lib.sh" || exit 99

count=3000
ulimit -n $((3 * count)) 2>/dev/null || skip "the descriptor limit cannot be raised to $((3 * count))"

each() { for ((i = 1; i <= count; i++)); do echo "c$i: $1"; done; }
{ echo 'listen $LISTEN 4096'; each accept; echo 'post accepted'; each 'read 5'; each 'send "world"'; each 'read to end'; } >"$work/server.script"
{ each 'connect $RELAY'; echo 'await accepted'; each 'send "hello"'; each 'read 5'; each close; } >"$work/client.script"

LISTEN=127.0.0.1:0 peer server --file "$work/server.script"
listening server
server=$address
hangup_run
RELAY=$relay peer client --file "$work/client.script"
ended client
is "the client" "$status" 0
ended server
is "the server" "$status" 0
is "answers" "$(grep -c 'read 5 => "world"$' "$work/client.out")" "$count"
is "requests" "$(grep -c 'read 5 => "hello"$' "$work/server.out")" "$count"
is "endings" "$(grep -c 'read to end => end$' "$work/server.out")" "$count"
verdict
is "hangup" "$status" 0
