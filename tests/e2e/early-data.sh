#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Data and FIN that come before the server's connect has finished are not lost. The server's accept queue is full, so that its kernel drops our SYN.
. "$(dirname "$0")/lib.sh" || exit 99

# Someone stands in SYN_SENT towards the server.
is_held() { awk -v port="$(printf ':%04X' "${server##*:}")" '$4 == "02" && $3 ~ port "$" { found = 1 } END { exit !found }' /proc/net/tcp; }

# The queue of a listener with backlog 0 has room for one.
backlog=0
server 'await early' 'filler: accept' 'accept' 'read to end => "request", then end' 'send "reply"' 'close'
SERVER=$server peer filler 'connect $SERVER' 'read to end'
until_true has_line "$work/filler.out" 'connect .* => 0' || die "the server's queue does not fill"
hangup_run --connect late
RELAY=$relay peer client 'connect $RELAY' 'send "request"' 'shutdown wr' 'wait state FIN_WAIT2' 'post said' 'read to end => "reply", then end'
until_true test -e "$work/said" || die "the client is not heard"
is_held || fail "the server's kernel has taken the SYN: this tests nothing"
echo 0 >"$work/early"
ended client
is "the client" "$status" 0
ended server
is "the server" "$status" 0
