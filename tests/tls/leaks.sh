#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: leaks.sh [LINKS]: so many TLS links (400; in a night 10000), well ended, torn, and given up in the handshake: afterwards hangup has no more
# descriptors than before, and hardly more memory than after the first quarter of them.
. "$(dirname "$0")/lib.sh" || exit 99
links=${1:-400}
part=$((links / 20))
rss() { awk '/^VmRSS/ { print $2 }' "/proc/${pid[relay]}/status"; }
# Without /proc itself, which is open while it looks for whose sockets they are, and between its steps.
descriptors() { find "/proc/${pid[relay]}/fd" -type l ! -lname /proc | wc -l; }

tls_server $((links + 100)) handshake read 5 send reply notify close
tls_run 'rule torn { for 10% of connections when server is about to send close_notify then reset }
rule flawed { for 5% of connections then send expired certificate to client }' --seed 7
# Each way of ending, a twentieth of the links each.
round() {
    client_options="--times $part"
    tls_client "$relay" handshake send hello read end notify close
    tls_client "$relay" handshake send hello read rst
    tls_client "$relay" handshake close
    tls_client "$relay" fin rest close
    tls_client "$relay" rst
}
round
until_true eval '[ "$(grep -c \"closed\" "$work/relay.trace")" -ge $((part * 5)) ]' || fail "links are left open"
warm=$(rss) idle=$(descriptors)
round
round
round
is_idle() { [ "$(descriptors)" -le "$idle" ]; }
until_true is_idle || fail "$(descriptors) descriptors, and $idle after the first quarter"
grown=$(($(rss) - warm))
echo "$links links: $warm KiB after the first quarter, $grown KiB more after the last"
# A build with a sanitizer keeps what is freed, and tells leaks by itself.
grep -Eq '__(a|t)san_init' "$HANGUP" || ((grown < 1000 + links / 2)) || fail "memory grows by $grown KiB with $((part * 15)) links"
kill "${pid[server]}"
ended server
verdict
