#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The options of relays that speak TLS: who is trusted, what is shown to whom, one side alone, versions, ciphers, the key log, the PROXY header.
. "$(dirname "$0")/lib.sh" || exit 99
reply='handshake read 5 send reply notify close'

# through OPTIONS: a client and a server of TLS with a relay of these options between them.
through() {
    relay_tls=$1
    # shellcheck disable=SC2086 # the commands are words
    tls_server $reply
    tls_run ''
    tls_client "$relay" handshake send hello read end
    ended server
    verdict
}
fine() {
    through "$1"
    is "$1: the client" "$(tail -n 1 "$work/client.out")" '5 bytes, read: close_notify'
}

# The server's certificate is checked by whom it is signed, and by its name; what fails there fails at the client by the same alert.
through 'tls'
is "an unknown server: the client" "$(head -n 1 "$work/client.out")" 'handshake: alert unknown CA'
is "an unknown server: the server" "$(head -n 1 "$work/server.out")" 'handshake: alert unknown CA'
has relay.err 'warning: TLS with the server failed: self-signed certificate'
fine 'tls trust anyone'
certificate other other.example
openssl req -x509 -key "$work/other.key" -out "$work/other.crt" -days 2 -subj /CN=other -addext subjectAltName=DNS:other.example 2>/dev/null
cat "$work/other.key" "$work/other.crt" >"$work/other.pem"
server_options=
start server "$TLS_PEER" --certificate "$work/other.pem" listen handshake
listening server
server=$address
relay_tls="tls trust \"$work/other.crt\""
tls_run ''
tls_client "$relay" handshake
ended server
verdict
has relay.err 'warning: TLS with the server failed: hostname mismatch'

# Files in the place of what is minted; a client's certificate for a server that asks.
certificate shown localhost
cat "$work/shown.crt" >>"$work/trusted.crt"
fine "tls trust anyone certificate \"$work/shown.crt\" key \"$work/shown.key\""
server_options="--ca $work/shown.crt"
fine "tls trust anyone client certificate \"$work/shown.crt\" key \"$work/shown.key\""
through 'tls trust anyone'
is "no client certificate: the server" "$(head -n 1 "$work/server.out")" 'handshake: peer did not return a certificate'
server_options=

# Versions and ciphers, as the trace tells them.
fine 'tls trust anyone version 1.2'
has relay.trace 'handshake done.*"client","text":"TLSv1.2'
fine 'tls trust anyone version 1.3 ciphers "TLS_CHACHA20_POLY1305_SHA256"'
has relay.trace 'handshake done.*"client","text":"TLSv1.3 TLS_CHACHA20_POLY1305_SHA256'
has relay.trace 'handshake done.*"server","text":"TLSv1.3 TLS_CHACHA20_POLY1305_SHA256'
fine 'tls trust anyone version 1.2 ciphers "ECDHE-ECDSA-AES128-SHA"'

# A cipher that alerts of rules cannot be sealed with: that is said. In the clear they can be sent.
relay_tls='tls trust anyone version 1.2 ciphers "ECDHE-ECDSA-AES128-SHA"'
tls_server handshake read 5
tls_run 'rule r { when client sends 5 bytes then send alert internal_error to client, close }'
tls_client "$relay" handshake send hello read end
ended server
verdict
is 'an alert that cannot be sealed: the client' "$(tail -n 1 "$work/client.out")" '0 bytes, read: unexpected eof while reading'
has relay.err 'warning: TLS with the client failed: the alert internal_error cannot be sent with ECDHE-ECDSA-AES128-SHA: with TLS 1.3, or AES-GCM'
tls_server handshake
tls_run 'rule r { when client sends client_hello then send alert internal_error to client, close }'
tls_client "$relay" handshake
ended server
verdict
is 'an alert in the clear: the client' "$(cat "$work/client.out")" 'handshake: alert internal error'

# The key log.
export SSLKEYLOGFILE=$work/keys
fine 'tls trust anyone version 1.3'
unset SSLKEYLOGFILE
is "its mode" "$(stat -c %a "$work/keys")" 600
is "its application secrets" "$(grep -c '_TRAFFIC_SECRET_0 [0-9a-f]* [0-9a-f]*$' "$work/keys")" 4

# One side alone: plain text on the other. close_notify and FIN are a FIN there, and the reverse.
server 'accept' 'read to end => "hello", then end' 'send "reply"' close
relay_tls='tls to client'
tls_run ''
tls_client "$relay" handshake send hello notify fin read end
is "tls to client" "$(tail -n 1 "$work/client.out")" '5 bytes, read: close_notify'
ended server
is "tls to client: the server" "$status" 0
verdict
tls_server handshake read end send reply notify close
relay_tls='tls to server trust anyone'
tls_run ''
RELAY=$relay peer client 'connect $RELAY' 'send "hello"' 'shutdown wr' 'read to end => "reply", then end' close
ended client
is "tls to server: the client" "$status" 0
ended server
has server.out '^5 bytes, read: close_notify'
verdict

# The PROXY header is in front of TLS.
server accept 'read 6 => "PROXY "' close
relay_tls='proxy v1 tls trust anyone'
tls_run ''
tls_client "$relay" handshake
ended server
is "the PROXY header" "$status" 0
verdict
