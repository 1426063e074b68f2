#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Faults on records where the relay speaks TLS itself: they are done to the records that it makes, behind the very byte of the plain text; and raw bytes
# go under them. What OpenSSL's calls return to the client, in TLS 1.2 and 1.3.
. "$(dirname "$0")/lib.sh" || exit 99

# What the client got, and the first thing that was no data.
summary() { awk '/^handshake: TLS/ { next } /^handshake/ { print; exit } /^got/ { gsub(/"/, "", $2); print $2 } /^0 bytes/ { sub(/.*read: /, ""); print; exit }' "$1" | xargs; }

# sees NAME RULES SEEN [SEEN IN TLS 1.2]: the server sends "first", "later", "after", and says goodbye.
sees() {
    local version wanted
    for version in 1.2 1.3; do
        server_options="--version $version" client_options="--version $version"
        tls_server handshake read 2 send first send later send after notify close
        tls_run "$2"
        tls_client "$relay" handshake send go read 5 read 5 read 5 read end close
        verdict
        is "$1, TLS $version: hangup's exit code" "$status" 0
        kill "${pid[server]}" 2>/dev/null
        ended server
        wanted=$3
        [ "$version" = 1.3 ] || wanted=${4:-$3}
        is "$1, TLS $version" "$(summary "$work/client.out")" "$wanted"
    done
}

bad='decryption failed or bad record mac' bad_in_1_2='cipher operation failed'
sees 'nothing' '' 'first later after close_notify'
sees 'a bit' 'rule r { when server sends "later" then corrupt 1 byte of server records }' "first later $bad" "first later $bad_in_1_2"
sees 'a bit of each' 'rule r { when server sends "first" then corrupt server records }' "first $bad" "first $bad_in_1_2"
sees 'none' 'rule r { when server sends "first" then drop server records }' 'first unexpected eof while reading'
sees 'twice' 'rule r { when server sends "first" then duplicate server records }' "first later $bad" "first later $bad_in_1_2"
sees 'held' 'rule r { when server sends "first" then hold server records for 300ms }' 'first later after close_notify'
sees 'small' 'rule r { then slice server records into 3 bytes pieces }' 'fir st l ate r af ter close_notify'
sees 'half a record' 'rule r { when server sends "later" then send half a record to client, send fin to client }' 'first later unexpected eof while reading'
sees 'a long record' 'rule r { when server sends "later" then send raw "\x17\x03\x03\xff\xff" to client }' 'first later packet length too long'
sees 'an RST behind a bit' 'rule r { when server sends "first" then corrupt 1 byte of server records, reset }' "first $bad" "first $bad_in_1_2"
sees 'in the handshake' 'rule r { then corrupt 1 byte of server records }' 'handshake: unexpected message'
exit 0
