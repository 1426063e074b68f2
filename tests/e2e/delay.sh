#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A delay holds: of fifty answers, each delayed by 20 ms, none goes on sooner; a range is a range. By hangup's own clock (its trace): the
# applications' clocks say as much about who was scheduled when. How late they are is for a benchmark.
. "$(dirname "$0")/lib.sh" || exit 99

turns=50
requests=() replies=()
for ((i = 0; i < turns; i++)); do
    requests+=('send "?"' 'read 1 => "!"')
    replies+=('read 1' 'send "!"')
done

# times RULE: the milliseconds between the server's answer and its going on, for each, sorted, one a line, into $work/times.
times() {
    server accept 'set nodelay 1' "${replies[@]}"
    hangup_run --rule "$1"
    client 'set nodelay 1' "${requests[@]}"
    is "the client" "$status" 0
    verdict
    awk -F '[:,]' '/"received".*"side":"server"/ { came = $2 } /"delivered".*"side":"client"/ { printf "%.3f\n", ($2 - came) / 1000 }' \
        "$work/relay.trace" | sort -n >"$work/times"
    is "how many answers went on" "$(wc -l <"$work/times")" "$turns"
}
nth() { sed -n "$1p" "$work/times"; }
# within WHAT NUMBER LEAST MOST
within() {
    echo "$1: $2 ms"
    awk -v n="$2" -v least="$3" -v most="$4" 'BEGIN { exit !(n >= least && n <= most) }' || fail "$1: $2 ms, not $3 to $4"
}

times 'then delay server data by 20ms'
within "the quickest of 20 ms" "$(nth 1)" 20 1000
times 'then delay server data by 10..30ms'
within "the quickest of 10 to 30 ms" "$(nth 1)" 10 20
within "the tenth slowest of 10 to 30 ms" "$(nth 40)" 18 1000
