#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# KeyUpdates of TLS 1.3, many of them: to either side, asking for answers or not; what comes behind them is read all the same, also an alert
# that is sealed with the last keys. Other versions have none.
. "$(dirname "$0")/lib.sh" || exit 99
reply=(handshake read 5 send reply read end notify close)

# updated NAME RULES 'CLIENT' 'SERVER' [HANGUP'S EXIT CODE]: both say hello; what each reads last.
updated() {
    local failed=$failures
    tls_server "${reply[@]}"
    tls_run "$2"
    tls_client "$relay" handshake send hello read 5 notify read end
    ended server
    verdict
    is "$1: hangup's exit code" "$status" "${5:-0}"
    is "$1: the client" "$(grep ' bytes, read' "$work/client.out" | head -n 1)" "$3"
    is "$1: the server" "$(grep read "$work/server.out" | tail -n 1)" "$4"
    if ((failures == failed)); then echo "ok $1"; else echo "not ok $1"; fi
}
end='0 bytes, read: close_notify'
server_options='--version 1.3' client_options='--version 1.3'
counted='when server is about to send "reply" then send 1000 key_updates to client'
updated 'to the client' "rule r { $counted }" "$end" "$end"
updated 'to the server' 'rule r { when client is about to send "hello" then send 1000 key_updates to server }' "$end" "$end"
updated 'with answers' 'rule r { when server sends "reply" then send 1000 key_updates with answers }' "$end" "$end"
updated 'one' 'rule r { then send 1 key_update }' "$end" "$end"
updated 'an alert behind them' "rule r { $counted, send alert internal_error to client, close }" '0 bytes, read: alert internal error' "$end"
updated 'held as data is' "rule r { $counted } rule s { when server sends 1000 bytes then hold server data for 100ms }" "$end" "$end"

server_options='--version 1.2' client_options='--version 1.2'
updated 'TLS 1.2' "rule r { $counted }" "$end" "$end" 4

# They are on the wire: hangup's records to the client, as a relay that passes TLS on sees them.
server_options='--version 1.3' client_options='--version 1.3'
tls_server "${reply[@]}"
tls_run "rule r { $counted }"
printf 'relay eye { listen 127.0.0.1:0 server %s }\nrule r { when server sends record 100000 then reset }\n' "$relay" >"$work/eye.rule"
behind=$relay
start eye "$HANGUP" run "$work/eye.rule" --ready-fd 3 --trace "$work/eye.trace"
until_true test -s "$work/eye.ready" || die 'the second relay does not start'
tls_client "$(sed -n 's/.*\(127.0.0.1:[0-9]*\).*/\1/p' "$work/eye.ready" | head -n 1)" handshake send hello read 5 notify read end
ended server
kill -INT "${pid[eye]}"
ended eye
verdict
# The reply is a record of the same size.
is 'on the wire' "$(grep -c 'tls record.*"side":"server".*: application_data, 22 bytes' "$work/eye.trace")" 1001
exit 0
