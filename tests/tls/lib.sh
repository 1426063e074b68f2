# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What the tests of TLS have in common, on top of tests/e2e/lib.sh: a CA folder of their own, a server's certificate made for the test (no
# key is ever committed), the relay block, and the peer that tells what OpenSSL's calls return.
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh" || exit 99
: "${top_builddir:=$PWD}"
TLS_PEER=$top_builddir/tests/tls/peer
need openssl

export XDG_STATE_HOME=$work/state
unset SSLKEYLOGFILE

# certificate NAME SUBJECT [OPENSSL OPTION…]: $work/NAME.pem with its key, self-signed for localhost, a.example and 127.0.0.1.
certificate() {
    local name=$1 subject=$2
    shift 2
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$name.key" -out "$work/$name.crt" -days 2 -subj "/CN=$subject" \
        -addext subjectAltName=DNS:localhost,DNS:a.example,IP:127.0.0.1 "$@" >"$work/$name.openssl" 2>&1 || die "no certificate: $(cat "$work/$name.openssl")"
    cat "$work/$name.key" "$work/$name.crt" >"$work/$name.pem"
}
certificate server localhost

# What a client may trust: the server's own, and what relays show.
"$HANGUP" ca >"$work/ca.crt" || die "hangup ca failed"
cat "$work/server.crt" "$work/ca.crt" >"$work/trusted.crt"

# tls_server [OPTION…] COMMAND…: a TLS peer that listens; its address is in $server.
tls_server() {
    start server "$TLS_PEER" --certificate "$work/server.pem" $server_options listen "$@"
    listening server
    server=$address
}
: "${server_options:=}" "${client_options:=}"

# tls_client ADDRESS COMMAND…: one that connects and ends.
tls_client() {
    local to=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    start client "$TLS_PEER" --ca "$work/trusted.crt" --name localhost $client_options connect "$to" "$@"
    ended client
}

# tls_run RULES [OPTION…]: hangup with a relay that speaks TLS to both, in front of $server; its address is in $relay. $relay_tls: the options of
# its block.
tls_run() {
    local rules=$1
    shift
    printf 'relay web { listen 127.0.0.1:0 server %s %s }\n%s\n' "$server" "${relay_tls:-tls trust \"$work/server.crt\"}" "$rules" >"$work/tls.rule"
    start relay "$HANGUP" run "$work/tls.rule" --ready-fd 3 --trace "$work/relay.trace" "$@"
    relay_ready
}
