#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# `proxy v1` and `proxy v2` in a relay block: the server gets the client's and the relay's address in front of all else, byte by byte as the
# PROXY protocol says, before the client has said a word.
. "$(dirname "$0")/lib.sh" || exit 99

# A byte (number) as hangup-peer prints it.
printed() {
    case $1 in
    9) printf '\\t' ;; 10) printf '\\n' ;; 13) printf '\\r' ;; 34) printf '\\"' ;; 92) printf '\\\\' ;;
    *) if (($1 >= 32 && $1 < 127)); then printf "\\x$(printf %x "$1")"; else printf '\\x%02x' "$1"; fi ;;
    esac
}
port() { printed $(($1 / 256)); printed $(($1 % 256)); }

# header VERSION LISTEN LENGTH: one connection; what the server read first is in $got, the ports in $from and $to.
header() {
    server 'accept' "read $3" 'send "welcome"' 'read to end => "hello", then end'
    printf 'relay r { listen %s server %s proxy %s }\n' "$2" "$server" "$1" >"$work/proxy.rule"
    start relay "$HANGUP" run --ready-fd 3 "$work/proxy.rule"
    relay_ready
    peer_options=--addresses client 'read 7 => "welcome"' name 'send "hello"' close
    is "the client with proxy $1 at $2" "$status" 0
    ended server
    is "the server with proxy $1 at $2" "$status" 0
    verdict
    got=$(sed -n "s/^read $3 => //p" "$work/server.out")
    from=$(sed -n 's/^name => .*://p' "$work/client.out")
    to=${relay##*:}
}

signature='\r\n\r\n\x00\r\nQUIT\n'

# The text form has no fixed length, but all ports that Linux hands out (32768 to 60999) have five digits.
header v1 127.0.0.1:0 44
is "v1, IPv4" "$got" "\"PROXY TCP4 127.0.0.1 127.0.0.1 $from $to\\r\\n\""
header v1 '[::1]:0' 32
is "v1, IPv6" "$got" "\"PROXY TCP6 ::1 ::1 $from $to\\r\\n\""
header v1 "unix:$work/r.sock" 15
is "v1, Unix" "$got" '"PROXY UNKNOWN\r\n"'
header v2 127.0.0.1:0 28
is "v2, IPv4" "$got" "\"$signature!\\x11\\x00\\x0c\\x7f\\x00\\x00\\x01\\x7f\\x00\\x00\\x01$(port "$from")$(port "$to")\""
zeros='\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
header v2 '[::1]:0' 52
is "v2, IPv6" "$got" "\"$signature!!\\x00\$$zeros\\x01$zeros\\x01$(port "$from")$(port "$to")\""
