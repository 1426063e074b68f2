#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What TLS stacks that we did not write see of each fault, as clients and as servers: the rows of doc/tls-stacks.md, which this holds. A stack
# that is not installed is left out. `make tls-stacks` writes the page anew.
. "$(dirname "$0")/lib.sh" || exit 99
PATH=$PATH:/usr/sbin
python=/usr/bin/python3 # Debian's, if there are others as well
[ -x "$python" ] || python=python3
page=$top_srcdir/doc/tls-stacks.md
rows=$work/rows
declare -A stacks=()
for one in openssl:openssl curl:curl gnutls:gnutls-cli python:python3 node:node nginx:nginx; do
    command -v "${one#*:}" >/dev/null && stacks[${one%:*}]=yes
done

# --- clients: each prints one line -------------------------------------------------------------------------------------------

# The first thing that went wrong, or how it ended.
told_openssl() { awk '/^handshake: TLS/ || /^write: [0-9]/ || /^got/ || /^read: [0-9]+ bytes/ { next }
    !told { sub(/^0 bytes, /, ""); sub(/^[0-9]+ bytes, /, "the reply, "); told = $0 } END { print told }'; }
told_gnutls() { awk '{ sub(/^reply/, "") } /^\*\*\* (Fatal error|Received alert)|^- Peer has closed|^Error|^- Status: .* NOT / {
    sub(/^(\*\*\*|-) /, ""); sub(/ *$/, ""); if (!index(told, $0)) told = told (told ? " " : "") $0 } END { print told }'; }

client_openssl() { "$TLS_PEER" --ca "$work/trusted.crt" --name localhost connect "$relay" handshake send $'GET / HTTP/1.0\r\n\r\n' read end 2>&1 | told_openssl; }
client_curl() {
    local body code=0
    # shellcheck disable=SC2086 # the options are words
    body=$(curl -sS $curl_options --cacert "$work/trusted.crt" --connect-to "localhost:443:127.0.0.1:${relay##*:}" --http1.1 https://localhost/ 2>/dev/null) || code=$?
    echo "exit code $code${body:+, the reply}"
}
# It ends when the server does; its input must not end before.
client_gnutls() {
    printf 'GET / HTTP/1.0\r\n\r\n' >&9
    timeout 15 gnutls-cli --x509cafile "$work/trusted.crt" --sni-hostname localhost --verify-hostname localhost -p "${relay##*:}" 127.0.0.1 <&9 2>&1 | told_gnutls
}
mkfifo "$work/open" && exec 9<>"$work/open"
client_python() { "$python" "$top_srcdir/tests/tls/client.py" "${relay##*:}" "$work/trusted.crt" 2>&1 | tail -n 1 | sed 's/ *$//'; }
# An RST right behind data is an error for it or a clean end: either, from run to run. So is the server's leaving behind the alert of its own that
# `gives_up` names.
client_node() {
    node "$top_srcdir/tests/tls/client.js" "${relay##*:}" "$work/trusted.crt" 2>&1 | tail -n 1 |
        sed "s/^\(error ECONNRESET\|${reset_behind:-never}\), the reply/error ECONNRESET or end, the reply/
            s/^\(error ${gives_up:-never}\), \(end\|error ECONNRESET\)$/\1, end or error ECONNRESET/"
}

# clients NAME RULES: the row of each stack, as a client of a server whose reply nothing but its end delimits.
clients() {
    local stack count=0
    for stack in openssl curl gnutls python node; do count=$((count + ${stacks[$stack]:+1}+0)); done
    tls_server "$count" handshake read send $'HTTP/1.0 200 OK\r\n\r\nreply' notify close
    tls_run "$2"
    for stack in openssl curl gnutls python node; do
        [ -z "${stacks[$stack]:-}" ] || printf '| %s | %s, client | %s |\n' "$1" "$stack" "$("client_$stack")" >>"$rows"
    done
    verdict
    kill "${pid[server]}" 2>/dev/null
    ended server
}
curl_options=

# --- servers: each is started for one connection, and says in one line what it was told --------------------------------------

server_openssl() { start server "$TLS_PEER" --certificate "$work/server.pem" ${ask:+--ca "$work/ca.crt"} listen handshake read 3 send reply read end && listening server; }
server_python() { start server "$python" "$top_srcdir/tests/tls/server.py" "$work/server.pem" ${ask:+"$work/ca.crt"} && listening server; }
server_node() { start server node "$top_srcdir/tests/tls/server.js" "$work/server.pem" ${ask:+"$work/ca.crt"} && listening server; }
server_gnutls() {
    # shellcheck disable=SC2046 # several words, or none
    start server gnutls-serv --nodb --echo -p 0 --x509keyfile "$work/server.pem" --x509certfile "$work/server.pem" $([ -z "$ask" ] || echo --require-client-cert --verify-client-cert --x509cafile "$work/ca.crt")
    until_true eval 'address=$(ss -Hltnp 2>/dev/null | grep "pid=${pid[server]}," | sed -n "s/.*0\.0\.0\.0:\([0-9]*\) .*/127.0.0.1:\1/p" | head -n 1); [ -n "$address" ]' || die "gnutls-serv does not listen"
}
server_nginx() {
    cat >"$work/nginx.conf" <<END
daemon off; master_process off; pid $work/nginx.pid; error_log $work/nginx.log info;
events { worker_connections 64; }
http {
    access_log off; client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
    server {
        listen unix:$work/nginx.sock ssl; ssl_certificate $work/server.crt; ssl_certificate_key $work/server.key;
        ${ask:+ssl_verify_client on; ssl_client_certificate $work/ca.crt;}
        return 200 reply;
    }
}
END
    rm -f "$work/nginx.sock" "$work/nginx.log"
    start server nginx -e "$work/nginx.log" -c "$work/nginx.conf"
    until_true test -S "$work/nginx.sock" || die "nginx does not start"
    address=unix:$work/nginx.sock
}
told_by_openssl() { told_openssl <"$work/server.out"; }
told_by_python() { tail -n 1 "$work/server.out"; }
told_by_node() { tail -n 1 "$work/server.out"; }
told_by_gnutls() { cat "$work/server.out" "$work/server.err" | grep -aE '^Error|Fatal|alert|unexpected|verif' | head -n 1 | sed 's/ *$//'; }
told_by_nginx() { sed -n 's/.*\[[a-z]*\] [0-9#: *]*\(.*\)/\1/p' "$work/nginx.log" | grep -E 'SSL|client' | sed 's/,* *while.*//; s/, client: .*//; s/(SSL: error:[^)]*:\([^:)]*\))/(\1)/' | head -n 1; }

# servers NAME RULES CLIENT COMMANDS: the row of each stack, as the server of a client that does these.
servers() {
    local name=$1 rules=$2 stack told
    shift 2
    for stack in openssl gnutls python node nginx; do
        [ -n "${stacks[$stack]:-}" ] && [[ " ${without:-} " != *" $stack "* ]] || continue
        "server_$stack"
        server=$address
        tls_run "$rules"
        tls_client "$relay" "$@"
        verdict
        case $stack in
        gnutls | nginx) E2E_LIMIT=1 until_true eval '[ -n "$(told_by_'$stack')" ]' || true; kill "${pid[server]}" 2>/dev/null ;;
        esac
        ended server
        told=$("told_by_$stack")
        printf '| %s | %s, server | %s |\n' "$name" "$stack" "${told:-nothing said}" >>"$rows"
    done
}

# --- the faults --------------------------------------------------------------------------------------------------------------

# The rows' names are the rules' texts.
ruled() { local who=$1 text=$2; shift 2; "$who" "${text:+\`}${text:-no fault}${text:+\`}" "${text:+rule r { $text \}}" "$@"; }

ruled clients ''
ruled clients 'then drop server close_notify'
reset_behind=end ruled clients 'when server is about to send close_notify then reset client'
ruled clients 'when server is about to send close_notify then send alert internal_error to client'
ruled clients 'when server sends server_hello then send fin to client'
ruled clients 'when server sends server_hello then reset'
ruled clients 'when client sends client_hello then send alert handshake_failure to client, close client'
ruled clients 'when server is about to send "reply" then send 100 key_updates to client'
ruled clients 'then request a client certificate'
for kind in expired future misnamed self_signed untrusted incomplete weak misused; do ruled clients "then send $kind certificate to client"; done
curl_options=--cert-status
ruled clients 'then send revoked certificate to client'

curl_options=
# Where TLS passes through: its records, and in TLS 1.2 its messages, are seen.
passing() { relay_tls='window 64 KiB' server_options='--version 1.2' clients "passing through: \`$1\`" "rule r { $1 }"; }
gives_up=ERR_SSL_CIPHER_OPERATION_FAILED passing 'when server sends finished then corrupt 1 byte of server records'
passing 'when server sends finished then send half a record to client, send fin to client'
passing 'when server sends finished then duplicate server records'
passing 'when server is about to send server_hello then send raw "HTTP/1.1 400 Bad Request\r\n\r\n" to client, close client'
passing 'then replace "\x16\x03\x03" with "\x16\x07\x03" in server data'
passing 'then slice records into 1 byte pieces'
passing 'when client sends client_hello then hold server data for 300ms'

ask=
polite=(handshake send $'GET / HTTP/1.0\r\n\r\n' read 3 notify close)
ruled servers '' "${polite[@]}"
ruled servers 'then drop client close_notify' "${polite[@]}"
ruled servers 'then turn client close_notify into rst' "${polite[@]}"
ruled servers 'when client is about to send close_notify then send alert access_denied to server, close server' "${polite[@]}"
ruled servers 'when client is about to send "GET " then send 100 key_updates to server' "${polite[@]}"
ruled servers 'when client sends client_hello then send fin to server' handshake
# What these say of that depends on which of their calls meets the RST.
without="python gnutls node nginx" ruled servers 'when client sends client_hello then reset' handshake
ask=yes
ruled servers 'then send expired certificate to server' handshake send $'GET / HTTP/1.0\r\n\r\n' read

# --- the page ----------------------------------------------------------------------------------------------------------------

write_page() {
    cat <<'END'
# What TLS stacks see

Written by `make tls-stacks`, and held by `tests/tls/stacks.sh`: each row is what a program that we did not write said when a rule did this to it,
through a relay with `tls`, or, where that is said, one that passes TLS 1.2 through. The stacks are those of Debian 12: OpenSSL 3.0 by a program
of ours that prints what its calls return, curl, GnuTLS's gnutls-cli and gnutls-serv, Python's ssl (Debian's takes a missing close_notify for a clean end, whatever it is told), Node's tls, nginx.
A client has asked for a reply that nothing but its end delimits; "the reply" says that it had all of it by then. So who says `exit code 0`
or `end` where close_notify was dropped has taken what may be a torn reply for a whole one.

| rule | stack | what it says |
| --- | --- | --- |
END
    cat "$rows"
}
if [ "${1:-}" = --write ]; then
    write_page >"$page.tmp" && mv "$page.tmp" "$page"
    exit 0
fi
while read -r row; do
    grep -qF -- "$row" "$page" || fail "$page does not have: $row"
done <"$rows"
((failures > 0)) || echo "ok $(wc -l <"$rows") rows"
