#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manual pages are well-formed, and name every subcommand.
set -eu

command -v mandoc >/dev/null || {
    echo "skip manual: mandoc is not installed"
    exit 77
}
bad=0
for page in "$top_builddir/doc/hangup.1" "$top_builddir/doc/hangup-rules.5"; do
    mandoc -T lint -W warning "$page" || bad=1
done
for command in $("$HANGUP" help | awk '/^[Cc]ommands/ { inside = 1; next } inside && NF == 0 { exit } inside { print $1 }'); do
    grep -q "^\\.\\(It\\|Nm\\|Cm\\|Ic\\|Ss\\).*\\<$command\\>" "$top_builddir/doc/hangup.1" || {
        echo "hangup.1 does not describe the subcommand $command"
        bad=1
    }
done
exit $bad
