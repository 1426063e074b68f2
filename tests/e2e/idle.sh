#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Links on which nothing moves cost no time, whatever state they are in: open, half-closed either way, blocked, held by a rule, with one end gone.
. "$(dirname "$0")/lib.sh" || exit 99

server \
    'open: accept' 'half: accept' 'late: accept' 'blocked: accept' 'held: accept' 'gone: accept' \
    'half: read to end' 'late: shutdown wr' 'blocked: fill 64MiB => blocked' 'held: send "never comes"' 'gone: send "reply"' 'post ready' 'await measured'
hangup_run --rule 'for connection 5 then hold server data' --rule 'for connection 6 when server sends 5 bytes then reset client'
RELAY=$relay peer client 'open: connect $RELAY' 'half: connect $RELAY' 'late: connect $RELAY' 'blocked: connect $RELAY' 'held: connect $RELAY' \
    'gone: connect $RELAY' 'half: shutdown wr' 'late: read to end' 'gone: read to end => "reply", then ECONNRESET' 'await ready' 'post settled' 'await measured'
until_true test -e "$work/settled" || die "the links do not come into their states"

# User and system time of hangup until now, in ticks of 10 ms.
ticks() { awk '{ print $14 + $15 }' "/proc/${pid[relay]}/stat"; }
before=$(ticks)
sleep 1 # not to wait for anything: this is the time that is measured
used=$(($(ticks) - before))
echo 0 >"$work/measured"
echo "$used ticks of 10 ms in a second"
((used < 10)) || fail "hangup spins: $used ticks of 10 ms in a second of idle links"
ended client
is "the client" "$status" 0
ended server
is "the server" "$status" 0
