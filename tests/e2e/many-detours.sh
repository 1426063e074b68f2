#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Many connections whose segments take a detour on both sides: they share raw sockets, an administrator's one a family, others' one for 32 detours, as
# those keep less; each segment comes to its own connection, and nothing is left when the last is gone. More than a filter has room for ports, too.
if [ "${1:-}" != --inside ]; then
    own=--net
    unshare $own true 2>/dev/null || own='--user --map-root-user --net'
    # shellcheck disable=SC2086 # options are words
    unshare $own true 2>/dev/null || { echo "SKIP: no network namespace can be made"; exit 77; }
    # shellcheck disable=SC2086
    exec unshare $own sh -c 'ip link set lo up && exec "$@"' sh bash "$0" --inside
fi
. "$(dirname "$0")/lib.sh" || exit 99
need ip ss

# many HOST COUNT: so many connections, each with bytes of its own, under way at the same time.
many() {
    local host=$1 count=$2 most=1 raw i
    [ "$(awk '{ print $3 }' /proc/self/uid_map)" = 4294967295 ] || most=$((2 * count / 32 + 1))
    each() { for ((i = 101; i <= 100 + count; i++)); do echo "c$i: ${1//NUMBER/$i}"; done; }
    { echo 'listen $LISTEN 4096'; each accept; echo 'post accepted'; each 'read 2 => "go"'; each 'send "reply to NUMBER"'; each 'send 20000'
        each 'read to end'; each close; } >"$work/server.script"
    { each 'connect $RELAY'; echo 'await accepted'; each 'send "go"'; each 'read 12 => "reply to NUMBER"'; echo 'post answered'
        echo 'await counted'; each 'read 20000 => 20000 bytes, pattern from 0'; each 'shutdown wr'; each 'read to end => end'; } >"$work/client.script"
    LISTEN=$host:0 peer server --file "$work/server.script"
    listening server
    server=$address
    relay_listen=$host:0 hangup_run --workers 1 --rule 'then reorder 30% of segments' --rule 'then duplicate 30% of segments'
    RELAY=$relay peer client --file "$work/client.script"
    until_true test -e "$work/answered" || die "not all were answered"
    raw=$(ss -Hanw | wc -l)
    ((raw > 0 && raw <= most)) || fail "there are $raw raw sockets for $count connections to $host, at most $most were to be"
    echo 0 >"$work/counted"
    ended client
    is "the client" "$status" 0
    ended server
    is "the server" "$status" 0
    none_is_left() { [ -z "$(ss -Hanw)" ]; }
    until_true none_is_left || fail "raw sockets are left when the last connection is gone: $(ss -Hanw)"
    verdict
    rm -f "$work"/{accepted,answered,counted}
}

many 127.0.0.1 40
many '[::1]' 40
many 127.0.0.1 300
((failures == 0))
