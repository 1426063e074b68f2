#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A delay is accurate: fifty answers, each delayed by 20 ms, come never sooner and hardly later; a range is a range.
. "$(dirname "$0")/lib.sh" || exit 99

turns=50
requests=() replies=()
for ((i = 0; i < turns; i++)); do
    requests+=('send "?"' 'read 1 => "!"')
    replies+=('read 1' 'send "!"')
done

# times RULE: the milliseconds that each answer took, sorted, one a line, into $work/times.
times() {
    server accept 'set nodelay 1' "${replies[@]}"
    hangup_run --rule "$1"
    peer_options=--times client 'set nodelay 1' "${requests[@]}"
    is "the client" "$status" 0
    awk '/ send / { sent = $1 } / read / { printf "%.3f\n", ($1 - sent) * 1000 }' "$work/client.out" | sort -n >"$work/times"
    verdict
}
nth() { sed -n "$1p" "$work/times"; }
# between WHAT NUMBER LEAST MOST
between() {
    echo "$1: $2 ms"
    awk -v n="$2" -v least="$3" -v most="$4" 'BEGIN { exit !(n >= least && n <= most) }' || fail "$1: $2 ms, not $3 to $4"
}

# How late they may be says more about the machine, which may be busy, than about hangup: the quickest one does not.
# 19.9: the clock starts when `send` has returned, and by then a busy machine may have let hangup go first.
times 'then delay server data by 20ms'
between "the quickest of 20 ms" "$(nth 1)" 19.9 25
between "the median of 20 ms" "$(nth 25)" 20 60
times 'then delay server data by 10..30ms'
between "the quickest of 10 to 30 ms" "$(nth 1)" 10 20
between "the tenth slowest of 10 to 30 ms" "$(nth 40)" 18 80
