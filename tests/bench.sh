#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tools/bench measures, tells what it measured, and says what is wrong with what it was asked. Figures are not judged here.
. "$(dirname "$0")/e2e/lib.sh" || exit 99
need ip unshare
unshare -rn true 2>/dev/null || skip "no network namespace can be made here"
! ldd "$HANGUP" | grep -Eq 'lib[at]san' || skip "a build with sanitizers is not measured"

bench() { "$top_srcdir/tools/bench" --build "$top_builddir" --into "$work" "$@" >"$work/bench.out" 2>"$work/bench.err"; status=$?; }

bench --rounds 1 --seconds 0.1 --relays direct,bare,hangup,delay --measures bulk1,bulk16,ask1,ask64,connect,idle,way200,delay200
is "a run" "$status" 0
has bench.out '^round 1 .* left  bulk, 1 link  *direct  *[0-9.]* GB/s$'
has bench.out '^The picture is .*/bench.svg, the table .*/bench.md.$'
for row in 'bulk, 1 link, GB/s' 'bulk, 16 links: its CPU, s a GiB' 'request/response, 64 links: p99 there and back, us' 'connect, request, close, 1,000/s'; do
    grep -Eq "^\| $row  *\| .*[0-9]+ \|$" "$work/bench.md" || fail "bench.md has no row: $row"
done
grep -Eq '^\| memory of an idle link  *\|  *at most 1 KiB \|  *[0-9.]+ KiB \|  *(not )?met \|$' "$work/bench.md" || fail "bench.md has no goal"
grep -Eq '^\| delay of 10 ms, 200 links: error, median  *\|  *at most 100 us \|  *-?[0-9.]+ us \|  *(not )?met \|$' "$work/bench.md" ||
    fail "bench.md has no error of the delay"
grep -q 'Without a figure' "$work/bench.md" && fail "something was not measured: $(sed -n '/Without/,$p' "$work/bench.md")"
python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$work/bench.svg" || fail "the picture is no XML"
grep -q 'hangup beside other relays' "$work/bench.svg" || fail "the picture has no title"

bench --measures speed
is "a measure that is none" "$status" 1
has bench.err '^bench: error: nothing is called speed; there are bulk1, '
bench --build "$work"
is "a folder without a build" "$status" 1
has bench.err 'hangup is missing: .make. in that folder makes it'
# Whatever a relay does wrong is told, and is no figure.
printf '#!/bin/sh\necho broken >&2\nexit 3\n' >"$work/hangup"
cp "$top_builddir/load" "$work/load"
chmod +x "$work/hangup"
bench --build "$work" --rounds 1 --seconds 0.1 --relays hangup --measures ask1
is "a relay that does not start" "$status" 0
has bench.md '^- round 1, request/response, 1 link, hangup: it did not start: broken$'
