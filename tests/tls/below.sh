#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Faults of the TCP below a relay that speaks TLS. Those that heal: both applications get all that was said, and each other's close_notify. Those that end it.
. "$(dirname "$0")/lib.sh" || exit 99

# below 'ACTIONS': on both sides, from the first segment on.
below() {
    tls_server handshake read 5 send reply read end notify close
    tls_run "rule r { then $1 }"
    tls_client "$relay" handshake send hello read 5 notify read end close
    is "$1: the client" "$(tail -n 1 "$work/client.out")" '0 bytes, read: close_notify'
    ended server
    is "$1: the server" "$(grep -c '0 bytes, read: close_notify' "$work/server.out")" 1
    verdict
    is "$1: hangup" "$status" 0
    has_not relay.err 'Sanitizer'
    echo "ok $1"
}

below 'shrink window to 1 KiB'
below 'shrink client window to 512 bytes for 200ms'
below 'vanish for 200ms'
[ "$(id -u)" = 0 ] || skip "the rest needs root: segments that are heard, a window that is taken back"
below 'shrink window to 1 KiB at once'
below 'delay segments by 20ms'
below 'duplicate segments'
below 'reorder 30% of segments'
below 'lose every 4th segments'

# ends ACTION WHAT: the client has its reply, and then this end.
ends() {
    tls_server handshake read 5 send reply read end
    tls_run "rule r { when server sends 5 bytes then $1 }"
    tls_client "$relay" handshake send hello read 5 read rst
    is "$1: the client" "$(grep -cE "$2" "$work/client.out")" 1
    kill "${pid[server]}" 2>/dev/null
    ended server
    verdict
    is "$1: hangup" "$status" 0
    echo "ok $1"
}
ends 'send forged rst to client' 'read: ECONNRESET'
ends 'destroy client' 'read: ECONNABORTED'
