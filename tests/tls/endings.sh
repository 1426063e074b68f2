#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Every way that rules can end TLS, and what OpenSSL's calls return to the application that it is done to, in TLS 1.2 and 1.3.
. "$(dirname "$0")/lib.sh" || exit 99

# ending NAME 'RULES' 'CLIENT COMMANDS' 'SERVER COMMANDS' 'WHAT THE CLIENT PRINTS LAST' ['WHAT THE SERVER PRINTS LAST'] ['A LINE OF THE VERDICT']
ending() {
    local name=$1 rules=$2 wanted_client=$5 wanted_server=${6:-} wanted_verdict=${7:-} version failed=$failures
    local -a client_commands server_commands
    read -ra client_commands <<<"$3"
    read -ra server_commands <<<"$4"
    for version in 1.2 1.3; do
        server_options="--version $version" client_options="--version $version"
        tls_server "${server_commands[@]}"
        tls_run "$rules"
        tls_client "$relay" "${client_commands[@]}"
        ended server
        verdict
        is "$name, TLS $version: the client" "$(tail -n 1 "$work/client.out")" "$wanted_client"
        [ -z "$wanted_server" ] || is "$name, TLS $version: the server" "$(tail -n 1 "$work/server.out")" "$wanted_server"
        [ -z "$wanted_verdict" ] || grep -qE "$wanted_verdict" "$work/relay.err" || fail "$name, TLS $version: no line $wanted_verdict"
    done
    if ((failures == failed)); then echo "ok $name"; else echo "not ok $name"; fi
}
reply='handshake read 5 send reply notify close'
polite='handshake send hello read end notify close'
eof='unexpected eof while reading'

ending 'drop close_notify' 'rule r { then drop server close_notify }' "handshake send hello read end" "$reply" "5 bytes, read: $eof"
ending 'hold close_notify, FIN behind it' 'rule r { when client sends 5 bytes expect client stays open for 200ms then hold server close_notify for 300ms }' \
    "$polite" 'handshake read 5 send reply notify close' 'shutdown: 1' '' '^passed .*stays open'
ending 'turn close_notify into rst' 'rule r { then turn server close_notify into rst }' 'handshake send hello read end' "$reply" '5 bytes, read: ECONNRESET'
ending 'turn close_notify into fin' 'rule r { then turn server close_notify into fin }' 'handshake send hello read end' "$reply" "5 bytes, read: $eof"
ending 'reset in the place of close_notify' 'rule r { when server is about to send close_notify then reset client }' \
    'handshake send hello read end' "$reply" '5 bytes, read: ECONNRESET'
ending 'reset behind close_notify' 'rule r { when server sends close_notify then reset client }' 'handshake send hello read end rest' "$reply" 'rest: ECONNRESET'
ending 'close_notify without a FIN' 'rule r { when server sends 5 bytes then send close_notify to client expect client sends close_notify within 5s }' \
    "$polite" 'handshake read 5 send reply read end notify close' 'shutdown: 1' 'shutdown: 1' '^passed .*sends close_notify'
ending 'data behind close_notify' 'rule r { when client sends 5 bytes then send close_notify to client }' \
    'handshake send hello read rest' 'handshake read 5 send reply close' 'rest: FIN'
ending 'FIN without close_notify' 'rule r { when server sends 5 bytes then send fin to client }' 'handshake send hello read end' "$reply" "5 bytes, read: $eof"
ending 'close: close_notify, then FIN' 'rule r { when server sends 5 bytes then close client }' 'handshake send hello read end rest' "$reply" 'rest: FIN'
ending 'reset' 'rule r { when server sends 5 bytes then reset client }' 'handshake send hello read end' "$reply" '5 bytes, read: ECONNRESET'
ending 'an alert to the client' 'rule r { when server sends 5 bytes then send alert internal_error to client, close client }' \
    'handshake send hello read end' "$reply" '5 bytes, read: alert internal error'
ending 'an alert to the server' 'rule r { when client sends 5 bytes then send alert access_denied to server, close }' \
    'handshake send hello read end' 'handshake read 5 read end' '0 bytes, read: close_notify' '0 bytes, read: alert access denied'
ending 'a reset in the middle of the handshake' 'rule r { when server sends server_hello then reset client }' 'handshake' 'handshake' 'handshake: ECONNRESET'
ending 'a FIN in the middle of the handshake' 'rule r { when server sends server_hello then send fin to client }' 'handshake' 'handshake' "handshake: $eof"
ending 'an alert in the place of the server hello' 'rule r { when client sends client_hello then send alert handshake_failure to client, close }' \
    'handshake' 'handshake' 'handshake: alert handshake failure'
ending 'the client gives up' 'rule r { expect client aborts handshake within 5s }' 'fin rest' 'handshake' 'rest: FIN' "handshake: $eof" '^passed .*aborts handshake'
ending 'the client sends an alert' 'rule r { when client connects expect client sends alert decode_error within 5s }' \
    'handshake send hello read end' 'handshake read 5 send reply fin read end' "5 bytes, read: $eof" '0 bytes, read: alert decode error' '^passed .*decode_error'
ending 'plain text under TLS' 'rule r { when server is about to send "reply" then send raw "HTTP/1.1 400 Bad Request\r\n\r\n" to client, close client }' \
    'handshake send hello read' "$reply" 'read: wrong version number' ''

# Who takes a bare FIN for the end of TLS says goodbye itself.
ending 'truncation that is noticed' 'rule r { then drop server close_notify } expect no truncation' 'handshake send hello read end' "$reply" "5 bytes, read: $eof" '' \
    '^passed .*no truncation: 1 got a bare FIN, and nobody is known'
ending 'truncation that is not noticed' 'rule r { then drop server close_notify } expect no truncation' 'handshake send hello read 5 rest notify close' "$reply" 'shutdown: 0' '' \
    '^failed .*no truncation: web #1 client said close_notify at .*, after a bare FIN'
ending 'no truncation at all' 'rule r { when server sends 5 bytes expect client stays open for 1ms } expect no truncation' "$polite" "$reply" 'shutdown: 1' '' '^passed .*nobody got a bare FIN'

# The verdict says how TLS was ended.
ending 'the verdict' '' "$polite" "$reply" 'shutdown: 1' '' '^TLS was ended by the client: 1 close_notify$'
ending 'the verdict of a bare FIN' '' 'handshake send hello read end' 'handshake read 5 send reply close' "5 bytes, read: $eof" '' '^TLS was ended by the server: 1 bare FIN$'
ending 'the verdict of an RST' '' 'handshake send hello read end' 'handshake read 5 send reply rst' '5 bytes, read: ECONNRESET' '' '^TLS was ended by the server: 1 RST$'
ending 'the verdict of a handshake' '' 'fin rest' 'handshake' 'rest: FIN' '' '^TLS was ended by the client: 1 in the handshake$'
