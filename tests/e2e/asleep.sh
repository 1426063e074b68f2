#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# hangup has no processor while one application says its last words, FIN and RST: the other one hears all three, in that order, as it would directly.
. "$(dirname "$0")/lib.sh" || exit 99

last_words=('read 5 => "hello"' 'await asleep' 'send "bye" => 3' 'shutdown wr => 0' 'wait state FIN_WAIT2 => FIN_WAIT2' 'reset => 0' 'post reset')
listener=('send "hello" => 5' 'post talked' 'wait err hup => IN OUT ERR HUP RDHUP' 'recv => "bye"' 'recv => end' 'send "x" => EPIPE' 'send "x" => EPIPE')

sleeps() {
    until_true test -e "$work/talked" || die "they never talked"
    until_true has_line "$work/relay.trace" '"delivered"' || die "nothing was delivered"
    kill -STOP "${pid[relay]}"
    echo 0 >"$work/asleep"
    until_true test -e "$work/reset" || die "nobody has reset"
    kill -CONT "${pid[relay]}"
    ended client
    is "$1: the client" "$status" 0
    ended server
    is "$1: the server" "$status" 0
    verdict
    rm -f "$work/talked" "$work/asleep" "$work/reset"
}

for splice in auto always; do
    server accept "${last_words[@]}"
    hangup_run --splice "$splice"
    RELAY=$relay peer client 'connect $RELAY' "${listener[@]}"
    sleeps "the server's last words, --splice $splice"

    server accept "${listener[@]}"
    hangup_run --splice "$splice"
    RELAY=$relay peer client 'connect $RELAY' "${last_words[@]}"
    sleeps "the client's last words, --splice $splice"
done
