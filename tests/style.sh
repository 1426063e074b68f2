#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What STYLE asks for and a machine can see: the licence line, no tab in C, no blank at a line's end, lines of 140 columns and functions of 80
# lines at most, and that each source is named in Makefile.am (else it is not in the tarball).
set -eu
export LC_ALL=C
cd "${top_srcdir:-$(dirname "$0")/..}"
bad=0

find proxy rules tests tools -name '*.[ch]' | sort | xargs awk '
function wrong(why) { print FILENAME ":" FNR ": " why; bad = 1 }
FILENAME == "Makefile.am" { for (i = 1; i <= NF; i++) named[$i] = 1; next }
FNR == 1 {
    stem = FILENAME
    sub(/\.c$/, "", stem)
    if (!(FILENAME in named) && !(stem in named)) wrong("not named in Makefile.am")
    if ($0 != "/* SPDX-License-Identifier: BSD-2-Clause */") wrong("the first line is not the licence line")
}
/\t/ { wrong("tab") }
length($0) > 140 {
    characters = $0
    gsub(/[\200-\277]/, "", characters)
    if (length(characters) > 140) wrong(length(characters) " columns")
}
/^{/ { opened = FNR }
/^}/ && opened {
    if (FNR - opened - 1 > 80) wrong("a function of " FNR - opened - 1 " lines")
    opened = 0
}
END { exit bad }' Makefile.am || bad=1

# Golden outputs and what fuzzing found are as they are; so are the logs and programs of a build in this very folder.
texts=$(find proxy rules tests tools .ci m4 doc -type f ! -name '*.expected' ! -name '*.log' ! -path '*/corpus/*' ! -path 'tests/lang/*' | sort)
! grep -nI ' $' $texts Makefile.am configure.ac bootstrap || bad=1

scripts=$(find tools tests .ci m4 -type f \( -perm -u+x -o -name '*.sh' -o -name '*.py' -o -name '*.m4' \) | sort)
for file in $(grep -L 'SPDX-License-Identifier: BSD-2-Clause' $(grep -Il . $scripts) Makefile.am configure.ac bootstrap); do
    echo "$file: no licence line"
    bad=1
done
exit $bad
