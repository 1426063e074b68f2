#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Repeatable: the same seed and the same connections give the same faults; another seed gives others; a rule that is added changes none of them.
. "$(dirname "$0")/lib.sh" || exit 99

count=40
draw='rule draw { for 50% of connections when server sends 1..100 bytes then reset client }'
requests=() replies=()
for ((i = 1; i <= count; i++)); do
    requests+=("c$i: connect \$RELAY" "c$i: read to end" "c$i: close")
    replies+=("c$i: accept" "c$i: send 150" "c$i: close")
done

# outcome SEED RULES: what each connection's client read, into $outcome.
outcome() {
    server "${replies[@]}"
    printf '%s\n' "$2" >"$work/seed.rule"
    hangup_run --seed "$1" "$work/seed.rule"
    RELAY=$relay peer client "${requests[@]}"
    ended client
    outcome=$(grep 'read to end' "$work/client.out")
    kill "${pid[server]}" 2>/dev/null
    ended server
    verdict
}

outcome 42 "$draw"
first=$outcome
is "connections" "$(wc -l <<<"$first")" "$count"
torn=$(grep -c ECONNRESET <<<"$first")
echo "$torn of $count connections were torn"
((torn > 5 && torn < count - 5)) || fail "$torn of $count connections were torn by a rule for half of them"
(($(grep ECONNRESET <<<"$first" | sed "s/.*=> //" | sort -u | wc -l) > 3)) || fail "they were all torn at the same byte"
outcome 42 "$draw"
is "the same seed" "$outcome" "$first"
outcome 42 "rule other { for 30% of connections then delay client data by 1..2ms }
$draw"
is "the same seed, and another rule" "$outcome" "$first"
outcome 43 "$draw"
[ "$outcome" != "$first" ] || fail "another seed gives the same faults"
