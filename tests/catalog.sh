#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The catalog: each file is right and in its normal form, has a header with all of its parts, is installed, listed and explained, and
# has a play.
set -u
cd "$top_srcdir/rules/catalog" || exit 99
failed=0
complain() {
    echo "FAILED: $*"
    failed=1
}

# The header: the name and a line, and the three parts in their order.
has_header() {
    local parts
    parts=$(sed -n "1s/^# $2 -- .*[^ ].*/name/p; /^\$/q; s/^#   \(wire\|calls\|right\)  *[^ ].*/\1/p" "$1" | tr '\n' ' ')
    [ "$parts" = 'name wire calls right ' ]
}

is_listed() { grep -q "^$1 " <<<"$list" && grep -qF -- "  $(sed -n '1s/^# [^ ]* -- //p' "$1.rule")" <<<"$list"; }

list=$("$HANGUP" list) || complain "hangup list"
[ "$(ls ./*.rule | wc -l)" -ge 20 ] || complain "less than 20 files"
for file in *.rule; do
    name=${file%.rule}
    "$HANGUP" check "$file" >/dev/null 2>&1 || complain "hangup check $file"
    "$HANGUP" fmt --check "$file" >/dev/null || complain "$file: not as hangup fmt writes it"
    has_header "$file" "$name" || complain "$file: the header is not: # $name -- what it is; wire, calls, right"
    is_listed "$name" || complain "hangup list does not show $name"
    "$HANGUP" explain "$name" | tail -n +3 | cmp -s - "$file" || complain "hangup explain $name"
    grep -q "^    rules/catalog/$file" "$top_srcdir/Makefile.am" || complain "$file: not in Makefile.am"
    grep -q "^    tests/catalog/$name.play" "$top_srcdir/Makefile.am" || complain "$file: no tests/catalog/$name.play in Makefile.am"
done
exit $failed
