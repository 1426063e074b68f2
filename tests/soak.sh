#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A short soak: some hundred links at a time with every fault on 1 % of them; each byte of the others comes, and descriptors are as before. And
# every effect that the language has is among the faults, but for those that need a relay with tls.
. "$(dirname "$0")/e2e/lib.sh" || exit 99
need ip ss unshare
unshare -rn true 2>/dev/null || skip "no network namespace can be made here"

if ldd "$HANGUP" | grep -Eq 'lib(a|t|ub)san'; then no_memory=--no-memory; fi
"$top_srcdir/tools/soak" --build "$top_builddir" --seconds 5 --patience 6 --phases 1 --links 300 ${no_memory:-} >"$work/soak.out" 2>&1
is "the soak" "$?" 0
has soak.out '^all is as it should be$'
has soak.out '^phase 1 of 1: whole [1-9]'

"$HANGUP" check "$top_srcdir/tools/soak.rule" >"$work/check.out" 2>&1
is "the rules" "$?" 0
for effect in $("$top_builddir/tools/vocabulary" | awk -F '\t' '$1 == "effects" && $4 != "a relay with tls" { split($2, word, " "); print word[1] }' | sort -u); do
    grep -Eq "(then|,) *$effect " "$top_srcdir/tools/soak.rule" || fail "no rule of tools/soak.rule has the effect $effect"
done
