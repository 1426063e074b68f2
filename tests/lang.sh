#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# One test of the language: FILE.rule and, beside it, FILE.expected with the messages or the rule set that must come of it. If it can be read, its
# normal form must mean the same and be its own normal form. FILE-ordinary.rule is read as by a user who may do nothing special. `tests/lang.sh --accept FILE.rule` writes FILE.expected instead (read it!).
set -eu
accept=
if [ "$1" = --accept ]; then accept=yes; shift; fi
file=$1
dump=${top_builddir:-.}/tests/dump
hangup=${HANGUP:-${top_builddir:-.}/hangup}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# The messages name the file as it was given: without its folder.
run() { (cd "$(dirname "$file")" && "$@"); }

code=0
# What an ordinary user may not do is said to him.
case $file in *-ordinary.rule) user=--ordinary ;; *) user= ;; esac
run "$dump" $user "$(basename "$file")" > "$work/got" 2> "$work/stderr" || code=$?
cat "$work/stderr"
[ "$code" -le 2 ] && [ ! -s "$work/stderr" ] || { echo "dump ended with $code"; exit 1; }
if [ "$accept" ]; then cp "$work/got" "${file%.rule}.expected"; exit 0; fi
diff -u "${file%.rule}.expected" "$work/got" || exit 1

"$hangup" fmt "$file" > "$work/once.rule" 2> /dev/null || exit 0
"$hangup" fmt "$work/once.rule" > "$work/twice.rule"
diff -u "$work/once.rule" "$work/twice.rule"
[ "$code" = 0 ] || exit 0
case $(basename "$file") in *include*) exit 0 ;; esac # what it includes is not beside the copy
"$dump" --bare "$file" > "$work/bare"
"$dump" --bare "$work/once.rule" | diff -u "$work/bare" -
