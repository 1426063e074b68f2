#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The catalog: each file is right and in its normal form, has a header with all of its parts, is installed, listed (by its
# states and errnos too) and explained, with a picture, and has a play.
set -u
cd "$top_srcdir/rules/catalog" || exit 99
failed=0
complain() {
    echo "FAILED: $*"
    failed=1
}

# The header: the name and a line, and the parts in their order (proxy/cli/catalog.h).
has_header() {
    local parts
    parts=$(sed -n "1s/^# $2 -- .*[^ ].*/name/p; /^\$/q; s/^#   \(wire\|calls\|right\|state\|errno\|step\)  *[^ ].*/\1/p" "$1" |
        uniq | tr '\n' ' ')
    [ "$parts" = 'name wire calls right state errno step ' ]
}

# words FILE PART: the words of that line in capitals.
words() { sed -n "/^\$/q; s/^#   $2  *//p" "$1" | grep -oE '[A-Z][A-Z0-9_]+'; }

# has_words FILE NAME: its states and errnos are some that there are, and find it.
has_words() {
    local word
    words "$1" state >/dev/null && sed -n '/^$/q; s/^#   errno  *//p' "$1" | grep -qE '^none$|^E[A-Z]' || return 1
    for word in $(words "$1" state); do "$HANGUP" list --state "$word" | grep -q "^$2 " || return 1; done
    for word in $(words "$1" errno); do "$HANGUP" list --errno "$word" | grep -q "^$2 " || return 1; done
}

# is_explained FILE NAME: each step is drawn, no line is too long, and all else is as in the file, which what is shown is again.
is_explained() {
    local shown
    shown=$("$HANGUP" explain "$2" | tail -n +3) && ! grep -q '^#   step ' <<<"$shown" && ! grep -q '.\{86\}' <(grep '^#     [ A-Zcs]' <<<"$shown" | grep ' |$') &&
        cmp -s <(grep -v '^#     \?[ A-Zcs]' <<<"$shown" | grep -v '^#   step') <(grep -v '^#     \?[ A-Zcs]' "$1" | grep -v '^#   step') &&
        "$HANGUP" check /dev/stdin <<<"$shown" >/dev/null 2>&1
}

is_listed() { grep -q "^$1 " <<<"$list" && grep -qF -- "  $(sed -n '1s/^# [^ ]* -- //p' "$1.rule")" <<<"$list"; }

list=$("$HANGUP" list) || complain "hangup list"
[ "$(ls ./*.rule | wc -l)" -ge 20 ] || complain "less than 20 files"
for file in *.rule; do
    name=${file%.rule}
    "$HANGUP" check "$file" >/dev/null 2>&1 || complain "hangup check $file"
    "$HANGUP" fmt --check "$file" >/dev/null || complain "$file: not as hangup fmt writes it"
    has_header "$file" "$name" || complain "$file: the header is not: # $name -- what it is; wire, calls, right, state, errno, step"
    has_words "$file" "$name" || complain "$file: hangup list --state, --errno do not find it by its header's words"
    is_listed "$name" || complain "hangup list does not show $name"
    is_explained "$file" "$name" || complain "hangup explain $name"
    grep -q "^    rules/catalog/$file" "$top_srcdir/Makefile.am" || complain "$file: not in Makefile.am"
    grep -q "^    tests/catalog/$name.play" "$top_srcdir/Makefile.am" || complain "$file: no tests/catalog/$name.play in Makefile.am"
done
exit $failed
