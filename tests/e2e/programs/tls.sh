#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# TLS that passes through, between real stacks: what each client's calls return for each fault on the wire, and what each server sees when it is the
# client's side that is hurt. The tables stand in tls.expected; with E2E_KEEP=1 they are printed. Keys and certificates are made here and thrown away.
. "$(dirname "$0")/../lib.sh" || exit 99
. "$(dirname "$0")/tls-stacks.bash"
need openssl curl gnutls-cli gnutls-serv nginx python3 ss
clients="openssl curl gnutls python"
servers="openssl gnutls nginx python"
if command -v node >/dev/null; then
    clients+=" node"
    servers+=" node"
fi
tls_certificates

# Each line: a name, and a sentence for the relay of that name.
towards_client='
none      expect client sends finished within 10s
records   then slice records into 1 byte pieces
slow      then slice server records into 100 bytes pieces every 1ms
stall     when client sends client_hello then hold server data
fin       when server is about to send server_hello then send fin to client
rst       when server is about to send server_hello then reset client
alert     when server is about to send server_hello then send alert handshake_failure to client, hold server data
plain     when server is about to send server_hello then send raw "HTTP/1.1 400 Bad Request\r\n\r\n" to client, hold server data
version   when server is about to send server_hello then replace "\x16\x03\x03" with "\x16\x07\x03" in server data
late-fin  when server sends certificate then send fin to client
half-fin  when server sends certificate then send half a record to client, send fin to client
half-rst  when server sends certificate then send half a record to client, reset client
half      when server sends certificate then send half a record to client, hold server data
flipped   when server sends certificate then corrupt 1 byte of server records
long      when server sends finished then send raw "\x17\x03\x03\xff\xff" to client
replayed  when server sends finished then duplicate server records'
# What is encrypted later, or changed by it, in TLS 1.2; all else is as in 1.3.
otherwise_in_1_2='none records alert late-fin flipped replayed'
towards_server='
fin       when client sends client_hello then send fin to server
rst       when client is about to send finished then reset
plain     when client is about to send client_hello then send raw "hello there\r\n" to server, hold client data, send fin to client
alert     when server sends server_hello then send alert bad_certificate to server, hold client data, send fin to client
half-fin  when client is about to send finished then send half a record to server, send fin to server
flipped   when client is about to send finished then corrupt 1 byte of client records'

# hangup_with FAULTS: a relay in front of $server for each of them.
hangup_with() {
    local name sentence
    while read -r name sentence; do
        [ -z "$name" ] || echo "relay $name { listen 127.0.0.1:0 server $server } rule $name { for relay $name $sentence }"
    done <<<"$1" >"$work/faults.rule"
    start relay "$HANGUP" run --ready-fd 3 --trace "$work/relay.trace" "$work/faults.rule"
    relay_ready
}
address_of() { sed -n "s/^$1=//p" "$work/relay.ready"; }
names_in() { awk 'NF { print $1 }' <<<"$1"; }

# Each line of the table is one of tls.expected, which may say `this | or that`: an RST may overtake what is in front of it.
compare() {
    grep -E "^(client (${clients// /|})|server (${servers// /|})) " "$1" | awk -F ': ' -v OFS=': ' '
        NR == FNR { seen[$1] = substr($0, length($1) + 3); next }
        { count = split(substr($0, length($1) + 3), may, " [|] "); for (i = 1; i <= count; i++) if (seen[$1] == may[i]) { delete seen[$1]; next }
          print $1, "saw \"" seen[$1] "\", not \"" substr($0, length($1) + 3) "\""; delete seen[$1]; bad = 1 }
        END { for (line in seen) { print line, "is not in tls.expected: " seen[line]; bad = 1 } exit bad }' "$work/table" -
}

for version in 1.3 1.2; do
    tls_server openssl "$version"
    hangup_with "$towards_client"
    for fault in $(names_in "$towards_client"); do
        [[ $version = 1.3 || " $otherwise_in_1_2 " = *" $fault "* ]] || continue
        case $fault in stall | half) tls_patience=1 ;; *) tls_patience=$E2E_LIMIT ;; esac
        asking=()
        for client in $clients; do
            tls_client "$client" "$(address_of "$fault")" "$version" >"$work/$client.seen" &
            asking+=($!)
        done
        wait "${asking[@]}"
        for client in $clients; do echo "client $client $version $fault: $(cat "$work/$client.seen")" >>"$work/table"; done
    done
    verdict # the rules that are not tried in 1.2 have not fired
    is "hangup's exit code in $version" "$status" "$([ "$version" = 1.3 ] && echo 0 || echo 4)"
    tls_server_ends
done

for stack in $servers; do
    tls_server "$stack" 1.3
    hangup_with "$towards_server"
    for fault in $(names_in "$towards_server"); do
        tls_client openssl "$(address_of "$fault")" 1.3 >"$work/openssl.seen" &
        asking=$!
        wait "$asking"
        [ "$stack $fault" != "openssl rst" ] || continue # it says nothing of that
        until_true tls_server_says >/dev/null || die "$stack says nothing of $fault"
        echo "server $stack $fault: $(tls_server_says)" >>"$work/table"
        tls_server_forget
    done
    verdict
    is "hangup's exit code in front of $stack" "$status" 0
    tls_server_ends
done

[ -z "${E2E_KEEP:-}" ] || cat "$work/table"
compare "$(dirname "$0")/tls.expected" || fail "the stacks saw something else"
exit 0
