#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Memory per link is bounded: twenty links on which both sides talk and nobody reads cost hangup no more than its buffers.
. "$(dirname "$0")/lib.sh" || exit 99

count=20
peer_limit=60s E2E_LIMIT=60
ulimit -n 4096 2>/dev/null || skip "the descriptor limit cannot be raised"
each() { for ((i = 1; i <= count; i++)); do echo "c$i: $1"; done; }
{ echo 'listen $LISTEN 512'; each accept; each 'fill 64MiB => blocked'; echo 'post full'; echo 'await measured'; } >"$work/server.script"
{ each 'connect $RELAY'; each 'fill 64MiB => blocked'; echo 'await full'; echo 'post blocked'; echo 'await measured'; } >"$work/client.script"

LISTEN=127.0.0.1:0 peer server --file "$work/server.script"
listening server
server=$address
hangup_run
idle=$(awk '/^VmHWM/ { print $2 }' "/proc/${pid[relay]}/status")
RELAY=$relay peer client --file "$work/client.script"
until_true test -e "$work/blocked" || die "the links never block"
full=$(awk '/^VmHWM/ { print $2 }' "/proc/${pid[relay]}/status")
echo 0 >"$work/measured"
each_link=$(((full - idle) / count))
echo "idle $idle KiB, full $full KiB, $each_link KiB a link"
((each_link < 1024)) || fail "a blocked link costs $each_link KiB"
ended client
is "the client" "$status" 0
ended server
is "the server" "$status" 0
