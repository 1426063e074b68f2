#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manual pages are well-formed, and hangup(1) names every command and option.
set -eu

command -v mandoc >/dev/null || {
    echo "skip manual: mandoc is not installed"
    exit 77
}
bad=0
for page in "$top_builddir/doc/hangup.1" "$top_builddir/doc/hangup-rules.5"; do
    mandoc -T lint -W warning "$page" || bad=1
done
# names WHAT: hangup(1) has it as a word of its own.
names() {
    sed 's/ Fl -/ --/g; s/^\.\(It\|Op\|Fl\) //; s/\\//g' "$top_builddir/doc/hangup.1" | grep -qE -- "(^| |^-)$1( |\$)" || {
        echo "hangup.1 does not describe $2"
        bad=1
    }
}

for command in $(awk -F '\t' '$1 == "commands" { print $2 }' "$top_builddir/doc/vocabulary"); do
    names "Cm $command" "the command $command"
    for option in $("$HANGUP" help "$command" | grep -oE -- '(^|[ [])--[a-z-]+' | tr -d ' [' | sort -u); do
        names "$option" "the option $option of $command"
    done
done

# Each example is a rule file.
examples=$(mktemp -d)
trap 'rm -rf "$examples"' EXIT
sed 's/\\e/\\/g; s/\\(dq/"/g' "$top_builddir/doc/hangup-rules.5" | awk -v folder="$examples" '
/^\.Bd / { file = folder "/" ++count ".rule"; next }
/^\.Ed/ { file = "" }
file { print > file }'
for example in "$examples"/*.rule; do
    "$HANGUP" check "$example" >/dev/null || bad=1
done
exit $bad
