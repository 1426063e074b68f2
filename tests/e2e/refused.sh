#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Where no SYN is held: the first client of a server that refuses is connected and reset at once; those behind it are refused as the server refuses,
# until it is back, which then has as many connections as clients. With a rule in force each is connected and reset, since rules hear of each.
. "$(dirname "$0")/lib.sh" || exit 99

server 'accept'
kill "${pid[server]}"
ended server
hangup_run --connect late

client 'wait err hup => IN OUT ERR HUP RDHUP' 'recv => ECONNRESET' 'recv => end' 'send "x" => EPIPE'
is "the first client" "$status" 0
eventually_has relay.err "$server"
eventually_has relay.trace '"relay refusing"'
RELAY=$relay peer client 'a: connect $RELAY => ECONNREFUSED' 'b: start $RELAY => EINPROGRESS' 'b: wait err hup => IN OUT ERR HUP RDHUP' 'b: error => ECONNREFUSED'
ended client
is "the next client" "$status" 0

listen=$server
server accept 'read to end => "hello", then end' 'send "world"' close accept 'read to end => "again", then end'
eventually_has relay.trace '"relay accepting"'
client 'send "hello"' 'shutdown wr' 'read to end => "world", then end'
is "the client once the server is back" "$status" 0
client 'send "again"' close
is "the client behind it" "$status" 0
ended server
is "the server" "$status" 0
verdict

listen=127.0.0.1:0
server 'accept'
kill "${pid[server]}"
ended server
hangup_run --connect late --rule 'expect server refuses within 1s'
client 'wait err hup => IN OUT ERR HUP RDHUP' 'recv => ECONNRESET'
is "a client that a rule hears of" "$status" 0
client 'wait hup' 'send "hello" => ECONNRESET' 'send "hello" => EPIPE' 'read to end => end'
is "another, that speaks first" "$status" 0
verdict
is "hangup" "$status" 0
