#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What rules make of a handshake with the client: a session that is not resumed, a certificate that is asked for; and what the application's
# own library says of it, the trace and the verdict. Rules by server name are in time for that, also where the client alone has TLS.
. "$(dirname "$0")/lib.sh" || exit 99
python=/usr/bin/python3
[ -x "$python" ] || python=python3
reply=(handshake read 5 send reply notify close)

# --- resumption ----------------------------------------------------------------------------------------------------------------

py() { "$python" "$top_srcdir/tests/tls/resume.py" "${relay##*:}" "$work/trusted.crt" "$@" 2>&1 | tail -n 1 | sed 's/ *$//'; }
js() { node "$top_srcdir/tests/tls/resume.js" "${relay##*:}" "$work/trusted.crt" "$@" 2>&1 | tail -n 1; }
# s_client ends when its input does: that is when the reply has come.
s_client() {
    local i
    for i in 1 2 3 4; do
        : >"$work/s_client"
        # shellcheck disable=SC2046 # none, or two words
        { printf hello; until_true grep -q reply "$work/s_client"; } | openssl s_client -connect "$relay" -servername localhost -CAfile "$work/trusted.crt" \
            "-tls${1/./_}" $([ "$i" = 1 ] || echo -sess_in "$work/session") -sess_out "$work/session" >"$work/s_client" 2>&1
        sed -n 's/^\(New\|Reused\), TLS.*/\1/p' "$work/s_client" | head -n 1
    done | xargs
}

# resumes NAME RULES CLIENT WORDS… WANTED
resumes() {
    local name=$1 rules=$2 got wanted=${*: -1} failed=$failures
    shift 2
    tls_server 4 "${reply[@]}"
    tls_run "$rules"
    got=$("${@:1:$#-1}")
    ended server
    verdict
    is "$name" "$got" "$wanted"
    if ((failures == failed)); then echo "ok $name"; else echo "not ok $name"; fi
}
third='rule r { for connection 3 then refuse resumption }'
for version in 1.2 1.3; do
    resumes "openssl, TLS $version" '' s_client $version 'New Reused Reused Reused'
    resumes "openssl, TLS $version, refused" "$third" s_client $version 'New Reused New Reused'
    resumes "python, TLS $version" '' py $version 'False True True True'
    resumes "python, TLS $version, refused" "$third" py $version 'False True False True'
    has relay.trace 'handshake done.*"link":2,"side":"client",.*, resumed"'
    has relay.trace 'handshake done.*"link":3,"side":"client",.*, resumption refused"'
    if command -v node >/dev/null; then
        resumes "node, TLS $version" '' js $version 'false true true true'
        resumes "node, TLS $version, refused" "$third" js $version 'false true false true'
    fi
done
resumes 'a session without a ticket' '' py 1.2 no_ticket 'False True True True'
resumes 'a session without a ticket, refused' "$third" py 1.2 no_ticket 'False True False True'
by_name='rule r { for tls name "localhost" and connection 3 then refuse resumption }'
resumes 'by server name' "$by_name" py 1.3 'False True False True'

# --- a handshake that is cut off ------------------------------------------------------------------------------------------------

# A server whose kernel says when it reads: by then the RST is in line, and nothing of a handshake comes in front of it but the hello.
mkfifo "$work/go"
start server "$python" "$top_srcdir/tests/tls/late.py" "$work/server.pem" "$work/late.sock" "$work/go"
until_true test -S "$work/late.sock" || die "the server does not start"
server=unix:$work/late.sock
tls_run 'rule r { when client sends client_hello then reset }'
tls_client "$relay" handshake
eventually_has relay.trace '"rule fired"'
eventually_has relay.trace '"side":"client".*"rule":"r"'
echo go >"$work/go"
ended server
is 'a reset that waits: the server' "$(sed 's/ConnectionResetError\|BrokenPipeError\|SSL.*Error/cut off/' "$work/server.out")" 'cut off'
verdict

# --- a client's certificate ----------------------------------------------------------------------------------------------------

certificate alice 'alice Ã' -utf8
request='rule r { then request a client certificate expect client sends certificate within 5s }'

# asks NAME RULES 'CLIENT OPTIONS' 'WHAT THE CLIENT PRINTS LAST' 'LINE OF THE TRACE' 'LINE OF THE VERDICT', in both versions.
asks() {
    local version failed=$failures
    for version in 1.2 1.3; do
        server_options="--version $version" client_options="--version $version $3"
        tls_server "${reply[@]}"
        tls_run "$2"
        tls_client "$relay" handshake asked send hello read end
        kill "${pid[server]}" 2>/dev/null
        ended server
        verdict
        is "$1, TLS $version: the client" "$(grep -v '^handshake: TLS\|^write' "$work/client.out" | xargs -d '\n')" "$4"
        has relay.trace "$5"
        has relay.err "$6"
    done
    if ((failures == failed)); then echo "ok $1"; else echo "not ok $1"; fi
}
with="--certificate $work/alice.pem"
asks 'not asked' 'rule r { when server sends 5 bytes expect client never resets }' "$with" 'asked: 0 5 bytes, read: close_notify' 'handshake done.*"client","text":"TLSv1[^,]*"' '^passed'
asks 'a certificate' "$request" "$with" 'asked: 1 5 bytes, read: close_notify' 'handshake done.*asked for a certificate: CN = "*alice' '^passed .*client sends certificate'
asks 'no certificate' "$request" '' 'asked: 1 5 bytes, read: close_notify' 'handshake done.*asked for a certificate: none' '^failed .*client sends certificate within 5s: it finished the handshake without '

# What rules do about it: an alert, which TLS 1.3 lets the client hear only behind its own `finished`.
server_options='' client_options="--version 1.2 $with"
tls_server handshake read 5
tls_run 'rule r { then request a client certificate } rule s { when client sends certificate then send alert bad_certificate to client, close client }'
tls_client "$relay" handshake
kill "${pid[server]}" 2>/dev/null
ended server
verdict
is 'a certificate that is not liked, TLS 1.2' "$(cat "$work/client.out")" 'handshake: alert bad certificate'
client_options=''
tls_server handshake read 5
tls_run 'rule r { then request a client certificate } rule s { when client sends finished then send alert access_denied to client, close client }'
tls_client "$relay" handshake send hello read
kill "${pid[server]}" 2>/dev/null
ended server
verdict
is 'none, where one is required, TLS 1.3' "$(tail -n 1 "$work/client.out")" 'read: alert access denied'

# A session is not in the way of being asked.
resumes 'asked again' 'rule r { for connection 3 then request a client certificate }' py 1.3 'False True False True'

# By server name, where the client alone has TLS: rules hear of its hello before it is answered.
relay_tls='tls to client'
by_name='rule r { for tls name "localhost" then request a client certificate } rule s { for tls name "*.example" then send expired certificate to client }'
for name in localhost a.example; do
    server 'accept' 'read to end => end' close
    tls_run "$by_name"
    start client "$TLS_PEER" --ca "$work/trusted.crt" --name $name connect "$relay" handshake asked notify fin
    ended client
    ended server
    verdict
    case $name in
    localhost) is 'by name, the client alone' "$(sed -n 2p "$work/client.out")" 'asked: 1' ;;
    *) is 'by another name' "$(head -n 1 "$work/client.out")" 'handshake: certificate verify failed' ;;
    esac
done

# By protocol, where hangup speaks TLS and where it passes it on.
for protocol in h2 http/1.1; do
    tls_server handshake read end notify close
    relay_tls="tls trust \"$work/server.crt\""
    tls_run 'rule r { for tls protocol "h2" then request a client certificate }'
    client_options="--alpn $protocol" tls_client "$relay" handshake asked notify read end
    ended server
    verdict
    is "by protocol, $protocol" "$(sed -n 2p "$work/client.out")" "asked: $([ $protocol = h2 ] && echo 1 || echo 0)"
    tls_server handshake read end notify close
    relay_tls='window 64 KiB'
    tls_run 'rule r { for not tls protocol "h2" then reset }'
    client_options="--alpn $protocol" tls_client "$relay" handshake notify read end
    kill "${pid[server]}" 2>/dev/null
    ended server
    verdict
    is "by protocol, passed on, $protocol" "$(sed 's/ name.*//; 1q' "$work/client.out")" "handshake: $([ $protocol = h2 ] && echo TLSv1.3 || echo ECONNRESET)"
done
exit 0
