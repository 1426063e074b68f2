#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# hangup demo: what it tells, that it ends well by itself, and that nothing of it stays behind, also when it is interrupted.
. "$(dirname "$0")/e2e/lib.sh" || exit 99
export TMPDIR=$work/tmp
mkdir "$TMPDIR"

# The processes of the demo, by their parent.
cast_of() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
has_a_cast() { is_gone "$1" || [ "$(cast_of "$1" | wc -w)" -ge 3 ]; }
all_gone() {
    local one
    for one in "$@"; do is_gone "$one" || return 1; done
}

start demo "$HANGUP" demo
ended demo
is "its exit code" "$status" 0
is "standard error" "$(cat "$work/demo.err")" ""
has demo.out 'expect server closes within 1s'
has demo.out 'leaky   read returns 0: no more requests. On to the next client'
has demo.out '|------ connects ------>|'
has demo.out '^failed  *goodbye  *leaky #1  server closes within 1s: still CLOSE_WAIT'
has demo.out '^passed  *goodbye  *tidy #1'
has demo.out '^passed  *torn-reply  *tidy #2'
has demo.out 'it sits in CLOSE_WAIT'
has_not demo.out "$(printf '\033')"

start interrupted "$HANGUP" demo
until_true has_a_cast "${pid[interrupted]}" || die "the demo does not begin"
cast=$(cast_of "${pid[interrupted]}")
kill -TERM "${pid[interrupted]}"
ended interrupted
until_true all_gone $cast || fail "an interrupted demo leaves processes behind"

start killed "$HANGUP" demo
until_true has_a_cast "${pid[killed]}" || die "the demo does not begin"
cast=$(cast_of "${pid[killed]}")
kill -KILL "${pid[killed]}"
ended killed
until_true all_gone $cast || fail "a killed demo leaves processes behind"
is "what is left in \$TMPDIR" "$(ls "$TMPDIR")" ""
exit 0
