#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Each errno that a rule can make of a connect comes out of the application's own connect(), blocking and not, over IPv4 and IPv6, and the next
# attempt gets in. Prints a line a case.
. "$(dirname "$0")/lib.sh" || exit 99
. "$(dirname "$0")/held.sh" || exit 99
needs_held "$@"

# refused FAMILY ADDRESS ERRNO…
refused() {
    local family=$1 error before
    listen=$2:0
    relay_listen=$2:0
    shift 2
    for error in "$@"; do
        before=$failures
        server 'accept' 'read to end => "hello", then end' 'close'
        hangup_run --rule "for connections 1..2 then refuse with $error expect client reconnects within 10s"
        RELAY=$relay peer client "b: socket $family" "a: socket $family" "a: connect \$RELAY => $error" "b: start \$RELAY => EINPROGRESS" \
            'b: wait err hup => IN OUT ERR HUP RDHUP or OUT ERR HUP' "b: error => $error" 'b: error => 0' 'b: state => CLOSED' \
            "c: socket $family" 'c: connect $RELAY => 0' 'c: send "hello"' 'c: close'
        ended client
        is "$family: the client of $error" "$status" 0
        ended server
        is "$family: the server behind $error" "$status" 0
        verdict
        is "$family: hangup after $error" "$status" 0
        grep -q "\"turned away\".*\"link\":2.*\"$error\"" "$work/relay.trace" || fail "$family: the trace has no $error"
        ((failures == before)) && echo "ok $family-$error" || echo "not ok $family-$error"
    done
}

refused ipv4 127.0.0.1 ECONNREFUSED ECONNRESET ENETUNREACH EHOSTUNREACH ENOPROTOOPT EOPNOTSUPP EHOSTDOWN ENONET EPROTO
refused ipv6 '[::1]' ECONNREFUSED ECONNRESET ENETUNREACH EHOSTUNREACH EPROTO EACCES
