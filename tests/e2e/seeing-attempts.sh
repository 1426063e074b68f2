#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Who is not connected yet is seen: a client in SYN_SENT whose SYN is held, a server in SYN_RECV that does not hear us; by both kinds of expectations,
# in the trace, and by `hangup states`. And whoever is connected afterwards is seen as anybody else.
. "$(dirname "$0")/lib.sh" || exit 99
. "$(dirname "$0")/held.sh" || exit 99
needs_held "$@"

# What was told of that side's states, in order, each once.
states_of() {
    sed -n "s/.*\"what\":\"state\".*\"side\":\"$1\".*\"text\":\"\\([A-Z_0-9]*\\) .*/\\1/p" "$work/relay.trace" | uniq | tr '\n' ' '
}
is_told() { states_of "$1" | grep -q "$2"; }

echo 'expect no SYN_SENT longer than 1ms' >"$work/standing.rule"
for where in 127.0.0.1 '[::1]'; do
    [ "$where" = 127.0.0.1 ] || grep -qs . /proc/net/if_inet6 || continue
    listen=$where:0
    relay_listen=$where:0

    # Held until it was seen; too long for the second expectation.
    rm -f "$work/over"
    server accept 'await over' close
    hangup_run --rule 'for connection 1 then hold client syn until signal usr1 expect client is in SYN_SENT within 25s' \
        "$work/standing.rule"
    RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'wait out => OUT' 'error => 0' 'await over' close
    eventually_has relay.trace "\"state\".*\"side\":\"client\".*SYN_SENT (pid ${pid[client]} hangup-peer, fd [0-9]*)"
    "$HANGUP" states --pid "${pid[client]}" >"$work/states.out"
    is "$where: hangup states of the client" "$(cut -f 1 "$work/states.out")" SYN_SENT
    kill -USR1 "${pid[relay]}"
    until_true is_told client ESTABLISHED || fail "$where: the client is not seen once it is connected"
    echo 0 >"$work/over"
    ended client
    ended server
    verdict
    is "$where: hangup's exit code" "$status" 1
    is "$where: the client's states" "$(states_of client | cut -d ' ' -f 1,2)" 'SYN_SENT ESTABLISHED'
    has relay.err 'passed .*client is in SYN_SENT within 25s'
    has relay.err 'failed .*no SYN_SENT longer than 1ms'
    has relay.err "relay #1 client .*pid ${pid[client]} hangup-peer"

    # The same from the other side.
    rm -f "$work/over"
    server accept 'await over' close
    hangup_run --rule 'then lose server syn until signal usr1 expect server is in SYN_RECV within 25s'
    RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'wait out => OUT' 'error => 0' 'await over' close
    eventually_has relay.trace '"state".*"side":"server".*SYN_RECV (not accepted yet)'
    "$HANGUP" states --pid "${pid[server]}" >"$work/states.out"
    is "$where: hangup states" "$(cut -f 1 "$work/states.out" | tr '\n' ' ')" 'LISTEN SYN_RECV '
    kill -USR1 "${pid[relay]}"
    until_true is_told server ESTABLISHED || fail "$where: the server is not seen once it is connected"
    echo 0 >"$work/over"
    ended client
    ended server
    verdict
    is "$where: hangup's exit code" "$status" 0
    is "$where: the server's states" "$(states_of server | cut -d ' ' -f 1,2)" 'SYN_RECV ESTABLISHED'
    has relay.err 'passed .*server is in SYN_RECV within 25s'
done
unset relay_listen
listen=127.0.0.1:0

# A client that gives up, and one that is refused, are gone then.
server=127.0.0.1:1
hangup_run --rule 'for connection 1 then hold client syn' --rule 'expect client is in CLOSE within 25s'
RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'await seen' close
eventually_has relay.trace 'SYN_SENT'
echo 0 >"$work/seen"
ended client
until_true is_told client CLOSE || fail "nothing is said of the client that gave up"
RELAY=$relay peer client 'connect $RELAY => ECONNREFUSED' close
ended client
is "the refused client" "$status" 0
verdict
exit 0
