#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each header compiles alone, and may be included twice.
set -eu
cd "${top_srcdir:-$(dirname "$0")/..}"

bad=0
for header in $(find proxy rules tests tools -name '*.h' | sort); do
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I. -Iproxy -Wall -Wextra -Werror -fsyntax-only -x c - || {
        echo "$header does not compile alone"
        bad=1
    }
done
exit $bad
