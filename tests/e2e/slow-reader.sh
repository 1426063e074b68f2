#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A server has sent all and closed, and its kernel has forgotten the socket; a client that reads only then still gets everything. Our keepalive finds
# out that the socket is forgotten, and that is no reason to throw away what was said.
. "$(dirname "$0")/lib.sh" || exit 99

server accept 'set linger2 1' 'send 2000000 => 2000000' close
hangup_run
RELAY=$relay peer client 'connect $RELAY' 'await forgotten' 'read 2000000' 'read to end => end'
forgotten() { grep -q '"gone".*"server"' "$work/relay.trace"; }
until_true forgotten || die "the server's socket is never found to be forgotten"
echo 0 >"$work/forgotten"
ended client
is "the client" "$status" 0
has client.out 'read 2000000 => 2000000 bytes'
has_not relay.trace '"rst received"'
