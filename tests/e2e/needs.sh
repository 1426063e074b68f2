#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The forty needs: each file whose words are built runs, in front of a server, and a connection through it does not upset hangup: it ends with a verdict.
. "$(dirname "$0")/lib.sh" || exit 99

# The need's rules in front of our server, on port 0: its relay blocks with these addresses, or, where it has none, the relay that it speaks of.
ported() {
    local relay tls=
    # What is done to TLS wants a relay that speaks it.
    if grep -q 'close_notify\|certificate' "$1"; then tls='tls trust anyone'; fi
    relay=$(sed -n 's/.*for relay \([a-z0-9]*\).*/\1/p' "$1" | head -n 1)
    grep -q '^relay ' "$1" || echo "relay ${relay:-relay} { listen 127.0.0.1:0 server $server $tls }"
    sed -E "s/(listen) +(127\.0\.0\.1|\[::1\]):[0-9]+/\1 \2:0/; s/(server) +(127\.0\.0\.1|\[::1\]):[0-9]+/\1 $server/" "$1"
}

ran=0
for file in "$top_srcdir"/tests/needs/*.rule; do
    "$HANGUP" check "$file" >/dev/null 2>&1 || continue
    need=$(basename "$file" .rule)
    server accept 'read to end' close
    ported "$file" >"$work/$need.rule"
    options=()
    # `signal down` in rules is a Unix signal in the run.
    grep -q 'signal down' "$file" && options+=(--signal down=usr1 --signal up=usr2)
    start relay "$HANGUP" run --ready-fd 3 "${options[@]}" "$work/$need.rule"
    relay_ready
    # What this client sees is the rule's business; that it ends is ours: a stalled one gives up by itself.
    RELAY=$relay peer client 'connect $RELAY within 300ms' 'send "GET / HTTP/1.1\r\n\r\n"' 'shutdown wr' 'read to end within 300ms'
    ended client
    verdict
    case $status in
    0 | 1 | 4) ran=$((ran + 1)) ;;
    *) fail "$need: hangup ended with $status: $(cat "$work/relay.err")" ;;
    esac
    kill "${pid[server]}" 2>/dev/null
    ended server
done
echo "$ran needs ran"
((ran >= 23)) || fail "only $ran needs ran"
