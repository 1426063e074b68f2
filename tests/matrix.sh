#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# doc/states.md has a row for each row file, and no others. That each row says what was shown is that row's own test.
exec "${top_srcdir:-$(dirname "$0")/..}/tests/matrix/write" --check
