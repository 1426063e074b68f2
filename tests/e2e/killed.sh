#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Nothing that hangup did outlives it, not even kill -9: no socket that swallows what the applications say, no port, no rule, no setting of the machine.
# In a network namespace of its own, so that all that is there is ours.
if [ "${1:-}" != --inside ]; then
    unshare --user --map-root-user --net true 2>/dev/null || { echo "SKIP: no user and network namespace can be made"; exit 77; }
    exec unshare --user --map-root-user --net sh -c 'ip link set lo up && exec "$@"' sh bash "$0" --inside
fi
. "$(dirname "$0")/lib.sh" || exit 99
need ip ss

settings() { find /proc/sys/net -type f -readable -exec grep -H . {} + 2>/dev/null | grep -v 'random\|tcp_.*mem\|entropy\|nr_\|netfilter.*count' | sort; }
settings >"$work/settings.before"

# killed RULE: the client is under it, hangup is killed, and both applications are told at once.
killed() {
    peer server 'listen 127.0.0.1:0' accept 'read 2 => "go"' 'send "ok"' 'await killed' 'wait rdhup' close
    listening server
    server=$address
    hangup_run --rule "$1"
    RELAY=$relay peer client 'connect $RELAY' 'send "go"' 'read 2 => "ok"' 'send "lost"' 'post under' 'await killed' 'wait err => IN OUT ERR HUP RDHUP' \
        'recv => ECONNRESET' close
    until_true test -e "$work/under" || die "the client is not under the fault"
    kill -KILL "${pid[relay]}"
    ended relay
    echo 0 >"$work/killed"
    ended client
    is "the client under: $1" "$status" 0
    ended server
    is "the server under: $1" "$status" 0
    rm -f "$work/under" "$work/killed"
    is "sockets left by: $1" "$(ss -Htan state all | grep -v TIME-WAIT)" ""
}

killed 'when server sends "ok" then vanish from client'
killed 'when server sends "ok" then lose client data'
killed 'when server sends "ok" then lose client segments'
killed 'when server sends "ok" then delay client segments by 10min'

# A port that was refused is free again.
hangup_run --rule 'from 0s then refuse'
eventually_has relay.trace 'relay refusing'
kill -KILL "${pid[relay]}"
ended relay
is "sockets left by a refusal" "$(ss -Htan state all | grep -v TIME-WAIT)" ""

settings >"$work/settings.after"
diff "$work/settings.before" "$work/settings.after" || fail "settings of the machine have changed"
exit 0
