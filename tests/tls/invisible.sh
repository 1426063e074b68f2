#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# With no rule active TLS through hangup is TLS without it: the same commands of a client and a server, straight and through a relay with `tls`,
# in TLS 1.2 and 1.3: what each call of OpenSSL's returned is the same on both sides.
. "$(dirname "$0")/lib.sh" || exit 99

# scenario NAME 'CLIENT COMMANDS' 'SERVER COMMANDS'
scenario() {
    local name=$1 version how
    local -a client_commands server_commands
    read -ra client_commands <<<"$2"
    read -ra server_commands <<<"$3"
    for version in 1.2 1.3; do
        for how in direct relayed; do
            server_options="--version $version ${server_more:-}" client_options="--version $version ${client_more:-}"
            tls_server "${server_commands[@]}"
            if [ "$how" = relayed ]; then
                tls_run ''
                tls_client "$relay" "${client_commands[@]}"
            else
                tls_client "$server" "${client_commands[@]}"
            fi
            ended server
            cat "$work/client.out" >"$work/$how.client"
            cat "$work/server.out" >"$work/$how.server"
            [ "$how" = direct ] || verdict
        done
        cmp -s "$work/direct.client" "$work/relayed.client" && cmp -s "$work/direct.server" "$work/relayed.server" && echo "ok $name, TLS $version" && continue
        echo "not ok $name, TLS $version"
        diff "$work/direct.client" "$work/relayed.client" | sed 's/^/  client: /'
        diff "$work/direct.server" "$work/relayed.server" | sed 's/^/  server: /'
        fail "$name, TLS $version"
    done
}

scenario 'request, reply, both say goodbye' 'handshake send hello read 5 notify read end close' 'handshake read 5 send reply read end notify close'
scenario 'a server without close_notify' 'handshake send hello read end close' 'handshake read 5 send reply close'
scenario 'a client without close_notify' 'handshake send hello read 5 close' 'handshake read 5 send reply read end close'
scenario 'a server that resets' 'handshake send hello read end' 'handshake read 5 send reply rst'
scenario 'a server that resets at once' 'handshake read end' 'handshake rst'
scenario 'a client that resets' 'handshake send hello read 5 rst' 'handshake read 5 send reply read end'
scenario 'TLS half-close: the reply comes behind the close_notify' 'handshake send hello notify read end close' 'handshake read end send reply notify read close'
scenario 'close_notify, and the connection stays open' 'handshake read read notify close' 'handshake notify read end close'
scenario 'a half-close of TCP alone' 'handshake send hello fin read end' 'handshake read end send reply notify close'
scenario 'FIN in the place of a client hello' 'fin rest' 'handshake close'
scenario 'RST in the place of a client hello' 'rst' 'handshake close'
scenario 'a server that reads the client hello and closes' 'handshake rest' 'gulp close'
scenario 'a server that closes without having read the client hello' 'handshake' 'hear close'
scenario 'a server that resets in the place of its hello' 'handshake' 'gulp rst'
scenario 'a server that closes behind its handshake' 'handshake read end close' 'handshake close'
scenario 'much, both ways' 'handshake fill 3000000 read 3000000 notify read end' 'handshake read 3000000 fill 3000000 read end notify close'
client_more='--alpn h2' server_more='--alpn h2'
scenario 'the protocol' 'handshake send hello read end' 'handshake read 5 send reply notify close'
client_more='--alpn h2' server_more=''
scenario 'a protocol that the server does not know' 'handshake send hello read end' 'handshake read 5 send reply notify close'
client_more='--alpn h2' server_more='--alpn h3'
scenario 'no protocol in common: the alert of the server' 'handshake rest' 'handshake close'
