# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# For tests of held SYNs, behind lib.sh: `needs_held` goes on where this user may hold SYNs, or makes itself a user and network namespace in
# which he may; where neither is allowed, the test is skipped.

may_hold() { "$HANGUP" run --connect held --listen 127.0.0.1:0 --server 127.0.0.1:1 --time-limit 1ms >/dev/null 2>&1; }

needs_held() {
    may_hold && return
    [ -z "${E2E_IN_NAMESPACE:-}" ] || skip "SYNs cannot be held here, in a namespace of its own neither"
    need unshare ip
    unshare -Urn true 2>/dev/null || skip "SYNs cannot be held here, and no namespace can be made"
    rm -rf "$work"
    E2E_IN_NAMESPACE=yes exec unshare -Urn sh -c 'ip link set lo up; exec "$@"' - "$0" "$@"
}

# In front of a command: as an ordinary user, who may not.
as_ordinary=()
[ "$(id -u)" != 0 ] || as_ordinary=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all)
