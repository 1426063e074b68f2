#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# hangup show: its three views of a trace, the choice of a link, and what it says about what is no trace.
set -u
here=$top_srcdir/tests/show
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here" || exit 99
failed=0

# NAME, the exit code, and what is given to hangup show: its output is NAME.expected, errors behind the rest. UPDATE_GOLDEN=1 writes it anew.
expect() {
    local name=$1 code=$2
    shift 2
    "$HANGUP" show "$@" > "$work/out" 2> "$work/err"
    local got=$?
    cat "$work/out" "$work/err" > "$work/$name.expected"
    if [ "${UPDATE_GOLDEN:-}" ]; then
        cp "$work/$name.expected" "$name.expected"
    fi
    if ! diff -u "$name.expected" "$work/$name.expected"; then
        echo "FAILED: hangup show $*"
        failed=1
    fi
    if [ "$got" -ne "$code" ]; then
        echo "FAILED: hangup show $* ended with $got, not with $code"
        failed=1
    fi
}

expect events 0 close-wait.trace
expect timeline 0 --timeline close-wait.trace
expect links 0 --links close-wait.trace
expect tls 0 --timeline tls.trace
expect one-link 0 --timeline --link redis/2 close-wait.trace
expect one-relay 0 close-wait.trace --link other
expect no-link 2 --link redis/9 close-wait.trace
expect bad-link 2 --link redis/x close-wait.trace
expect no-file 2 missing.trace
expect no-argument 2
expect bad-option 2 --tree close-wait.trace
expect cut-off 2 cut-off.trace
expect no-trace 2 timeline.expected
exit $failed
