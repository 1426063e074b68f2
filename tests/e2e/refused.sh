#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A server that refuses is an RST at once, on each connection anew; hangup says which server, and relays when it is there again.
. "$(dirname "$0")/lib.sh" || exit 99

server 'accept'
kill "${pid[server]}"
ended server
hangup_run

client 'wait err hup => IN OUT ERR HUP RDHUP' 'recv => ECONNRESET' 'recv => end' 'send "x" => EPIPE'
is "a refused client" "$status" 0
client 'wait hup' 'send "hello" => ECONNRESET' 'send "hello" => EPIPE' 'read to end => end'
is "a refused client that speaks first" "$status" 0
eventually_has relay.err "$server"

listen=$server
server accept 'read to end => "hello", then end' 'send "world"' close
client 'send "hello"' 'shutdown wr' 'read to end => "world", then end'
is "the client once the server is back" "$status" 0
ended server
is "the server" "$status" 0
