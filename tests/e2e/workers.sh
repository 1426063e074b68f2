#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# With several workers, what goes across connections is what it is with one: counts, turns, shared rates, reconnecting clients, signals,
# windows, and the verdict. The cases of rules/ that are about that, each as it stands there. All of them: workers.sh all; a few of those open
# two connections at once and count on their order at the server, which is not kept then.
. "$(dirname "$0")/lib.sh" || exit 99

here=$(cd "$(dirname "$0")" && pwd)
some='action-accept-without-server-reset action-refuse action-throttle-shared buffer-full event-connects-to-relay event-reconnects event-signal
    expect-connects-to-relay expect-reconnects expect-reconnects-failed expect-reconnects-times expect-stays-away
    expect-stays-away-passed selector-connections selector-connections-from selector-every selector-every-of-each-client
    selector-of-each-client selector-over-at-once standing-close-wait torn-everywhere window-every window-from'
[ "${1:-}" != all ] || some=$(cd "$here/rules" && ls | sed -n 's/\.case$//p')

export E2E_OPTIONS='--workers 3'
# shellcheck disable=SC2086 # names are words
printf '%s\n' $some | xargs -P 4 -I{} sh -c '"$0" "$1/rules/$2.case" >"$3/$2.log" 2>&1 || echo "$2" >>"$3/failed"' "$here/judge" "$here" {} "$work"
[ ! -e "$work/failed" ] || fail "these cases: $(sort "$work/failed" | tr '\n' ' ')"
