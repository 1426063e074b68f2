# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# For tests of a client's connect that waits for its server's answer, whichever way it is made to, behind lib.sh: what the client of a slow server sees,
# and what is seen of one that gives up. Each prints a line; the words behind its name start hangup in front of $server.

before=0
begin() { before=$failures; }
done_with() { ((failures == before)) && echo "ok $1" || echo "not ok $1"; }

# in_state STATE ADDRESS: somebody has a socket towards it in that state (a number of /proc/net/tcp).
in_state() { awk -v port="$(printf ':%04X' "${2##*:}")" -v state="$1" '$4 == state && $3 ~ port "$" { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6; }
nobody_in() { ! in_state "$@"; }

# full_server COMMAND…: one whose kernel takes no SYN more, as its queue is full of `filler`.
full_server() {
    backlog=0
    server "$@"
    backlog=
    SERVER=$server peer filler 'connect $SERVER' 'read to end'
    until_true has_line "$work/filler.out" 'connect .* => 0' || die "the server's queue does not fill"
}

# A server whose kernel does not take our SYN: the client is in SYN_SENT as long as we are, and then connected.
client_of_slow_server() {
    begin
    full_server 'await tried' 'filler: accept' 'accept' 'read 5 => "hello"' 'send "world"' 'close'
    "$@"
    RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'wait out within 100ms => timeout' 'state => SYN_SENT' 'post tried' 'wait out => OUT' 'error => 0' \
        'send "hello"' 'read to end => "world", then end'
    ended client
    is "the client of a slow server" "$status" 0
    verdict
    done_with slow
}

# A client that gives up meanwhile: the server hears nothing more of us.
client_that_gives_up() {
    begin
    full_server 'await gone' 'accept'
    "$@" --rule 'expect client closes within 20s'
    RELAY=$relay peer client 'start $RELAY => EINPROGRESS' 'await dialled' 'close'
    until_true in_state 02 "$server" || fail "the server is not dialled"
    echo 0 >"$work/dialled"
    ended client
    eventually_has relay.trace '"gave up"'
    until_true nobody_in 02 "$server" || fail "the dial goes on"
    verdict
    is "what is found of a client that gave up" "$status" 0
    has relay.err '^passed '
    kill "${pid[filler]}" "${pid[server]}"
    ended filler
    ended server
    done_with gave-up
}
