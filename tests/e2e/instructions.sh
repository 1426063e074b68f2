#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What a message and a connection cost does not grow unseen: hangup's instructions and system calls, counted by callgrind, stay within 10 % of what
# tests/golden/instructions.txt says. They are (nearly) the same on every run and machine, but not with every compiler. Who makes hangup
# faster, or has a good reason to make it slower, writes the new numbers down there.
. "$(dirname "$0")/lib.sh" || exit 99
need valgrind
golden=$top_srcdir/tests/golden/instructions.txt
made_with="$(uname -m), gcc $(${CC:-cc} -dumpversion), $(sed -n 's/^CFLAGS = //p' "$top_builddir/Makefile")"
grep -q '^SANITIZER_CFLAGS = .*[a-z]' "$top_builddir/Makefile" && skip "a build with sanitizers has other numbers"
grep -q '^COVERAGE_CFLAGS = .*[a-z]' "$top_builddir/Makefile" && skip "a build that counts what is executed has other numbers"
grep -qxF "# $made_with" "$golden" || skip "the numbers are not of such a build: $made_with"

peer_limit=60s E2E_LIMIT=120
repeat() { # TIMES LINE…
    local i times=$1
    shift
    for ((i = 0; i < times; i++)); do printf '%s\n' "$@"; done
}

# count CONNECTIONS TURNS [OPTION…]: hangup's instructions for that many connections, one after the other, the last one of which has so many requests
# more, in $counted; and its system calls, in $called.
count() {
    local connections=$1 turns=$2
    shift 2
    { echo 'listen $LISTEN 64'; repeat $((connections - 1)) accept 'read 5' 'send "world"' 'read to end' close; echo accept
        repeat $((1 + turns)) 'read 5' 'send "world"'; echo 'read to end'; echo close; } >"$work/server.script"
    { repeat $((connections - 1)) 'connect $RELAY' 'send "hello"' 'read 5' close; echo 'connect $RELAY'
        repeat $((1 + turns)) 'send "hello"' 'read 5'; echo close; } >"$work/client.script"
    LISTEN=127.0.0.1:0 peer server --file "$work/server.script"
    listening server
    start relay valgrind --tool=callgrind --callgrind-out-file="$work/counts" --trace-syscalls=yes --log-file="$work/calls" \
        "$HANGUP" run --connect late --listen 127.0.0.1:0 --server "$address" --ready-fd 3 "$@"
    relay_ready
    RELAY=$relay peer client --file "$work/client.script"
    ended client
    is "the client" "$status" 0
    ended server
    is "the server" "$status" 0
    verdict
    is "hangup" "$status" "${exits:-0}"
    counted=$(sed -n 's/^totals: //p' "$work/counts")
    # Each is told when it begins and when it ends; the clock is read without one outside of valgrind.
    called=$(grep '^SYSCALL\[.*) sys_' "$work/calls" | grep -vc sys_clock_gettime)
    [ -n "$counted" ] || die "callgrind has counted nothing"
}

# held WHAT UNIT COUNT: not more than is written down. Counts are of tenths.
held() {
    local recorded
    recorded=$(awk -v what="$1" -v unit="$2" '$1 == what && $3 == unit { print $2 }' "$golden")
    count=$(awk -v tenths="$3" 'BEGIN { print tenths / 10 }')
    if awk -v count="$count" -v recorded="$recorded" 'BEGIN { exit !(count <= recorded * 1.1) }'; then
        echo "ok $1 $count $2 ($recorded written down)"
    else
        echo "not ok $1 $count $2 ($recorded written down)"
        fail "$1 has become dearer"
    fi
}

# costs WHAT TIMES CONNECTIONS TURNS [OPTION…]: what each of TIMES more of something costs, beyond 10 connections and 10 turns.
costs() {
    local what=$1 times=$2 connections=$3 turns=$4 instructions calls
    shift 4
    count 10 10 "$@"
    instructions=$counted calls=$called
    count "$connections" "$turns" "$@"
    held "$what" instructions $((10 * (counted - instructions) / times))
    held "$what" calls $((10 * (called - calls) / times))
}

costs message 2000 10 1010
costs connection 200 210 10
for ((i = 0; i < 1000; i++)); do echo "rule r$i { for client 10.77.$((i / 250)).$((i % 250)) then reset }"; done >"$work/thousand.rule"
exits=4 # none of them fires
costs connection-beside-1000-rules 200 210 10 "$work/thousand.rule"
for ((i = 0; i < 1000; i++)); do echo "rule t$i { when client sends \"no such text $i\" then reset }"; done >"$work/texts.rule"
costs connection-beside-1000-texts 200 210 10 "$work/texts.rule"
