#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What an ordinary user can do about attempts: those of a whole relay, by window and signal; and that he is told why he cannot do more. Prints a line
# a case.
. "$(dirname "$0")/lib.sh" || exit 99
. "$(dirname "$0")/held.sh" || exit 99
chmod 777 "$work"
"${as_ordinary[@]}" "$HANGUP" run --connect held --listen 127.0.0.1:0 --server 127.0.0.1:1 --time-limit 1ms >"$work/held.out" 2>&1 &&
    skip "an ordinary user may hold SYNs here"

grep -q -- '--connect held needs CAP_NET_ADMIN and CAP_NET_RAW' "$work/held.out" || fail "it is not said what --connect held needs: $(cat "$work/held.out")"
"${as_ordinary[@]}" "$HANGUP" run --listen 127.0.0.1:0 --server 127.0.0.1:1 --rule 'for connection 1 then refuse' --time-limit 1ms >"$work/refuse.out" 2>&1
is "the exit code of what is not allowed" "$?" 2
grep -q 'to hear each attempt needs CAP_NET_ADMIN' "$work/refuse.out" || fail "it is not said what choosing needs: $(cat "$work/refuse.out")"
((failures == 0)) && echo "ok told-why"

# SYNs lost: SYN_SENT, and connected with the first one afterwards; nothing that is said then is lost.
for family in 127.0.0.1 '[::1]'; do
    before=$failures
    listen=$family:0
    relay_listen=$family:0
    server accept 'read to end => "hello", then end' 'send "world"' close
    start relay "${as_ordinary[@]}" "$HANGUP" run --listen "$relay_listen" --server "$server" --ready-fd 3 --trace "$work/relay.trace" \
        --rule 'from 0s to signal usr1 then lose client syn'
    relay_ready
    has relay.err 'connect late$'
    RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'wait out within 100ms => timeout' 'state => SYN_SENT' 'post waits' 'wait out => OUT' 'error => 0' \
        'send "hello"' 'shutdown wr' 'read to end => "world", then end'
    until_true test -e "$work/waits" || die "the client does not wait"
    kill -USR1 "${pid[relay]}"
    ended client
    is "$family: the client whose SYN was lost" "$status" 0
    ended server
    is "$family: its server" "$status" 0
    verdict
    rm -f "$work/waits"
    ((failures == before)) && echo "ok lose-client-syn-$family" || echo "not ok lose-client-syn-$family"
done
exit 0
