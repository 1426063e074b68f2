#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An urgent byte in what is spliced, and what is behind it, arrive; also where the FIN comes right behind, so that the kernel's splice() says the same
# in front of that byte as at the end of all. It is a matter of which comes first, so there are many connections.
. "$(dirname "$0")/lib.sh" || exit 99

count=100
each() { for ((i = 0; i < count; i++)); do printf '%s\n' "$@"; done; }
{ echo 'listen $LISTEN 512'; each accept 'set oobinline 1' 'read 200004' 'read to end => end' close; } >"$work/server.script"
each 'connect $RELAY' 'set nodelay 1' 'send 200000' 'send urgent "!"' 'send "end" => 3' 'shutdown wr' 'read to end => end' close >"$work/client.script"
LISTEN=127.0.0.1:0 peer server --file "$work/server.script"
listening server
server=$address
hangup_run --splice always
RELAY=$relay peer client --file "$work/client.script"
ended client
is "the client" "$status" 0
ended server
is "the server" "$status" 0
is "whole ones" "$(grep -c "read 200004 => 200004 bytes" "$work/server.out")" "$count"
verdict
is "hangup" "$status" 0
