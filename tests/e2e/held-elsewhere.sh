#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A held SYN whose client is in another network namespace, as in a container or on another machine: it is let in by its own SYN, and its connect shows what
# the server does. IPv4 and IPv6, in namespaces of its own.
if [ -z "${E2E_IN_NAMESPACE:-}" ]; then
    unshare -Urn true 2>/dev/null || { echo "SKIP: no namespace can be made"; exit 77; }
    E2E_IN_NAMESPACE=yes exec unshare -Urn sh -c 'ip link set lo up; exec "$@"' - "$0" "$@"
fi
. "$(dirname "$0")/lib.sh" || exit 99
need ip nsenter

start elsewhere unshare -n sleep 300
is_elsewhere() { [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/${pid[elsewhere]}/ns/net")" ]; }
until_true is_elsewhere || die "there is no second namespace"
there() { nsenter --target "${pid[elsewhere]}" --net "$@"; }
ip link add here type veth peer name there netns "${pid[elsewhere]}" 2>/dev/null || skip "no veth pair can be made"
for side in here there; do
    on=()
    [ "$side" = here ] || on=(there)
    "${on[@]}" ip addr add "192.0.2.$([ "$side" = here ] && echo 1 || echo 2)/24" dev "$side"
    "${on[@]}" ip addr add "2001:db8::$([ "$side" = here ] && echo 1 || echo 2)/64" dev "$side" nodad 2>/dev/null
    "${on[@]}" ip link set "$side" up
done

# client_there COMMAND…: as a peer there.
client_there() {
    start client nsenter --target "${pid[elsewhere]}" --net env RELAY="$relay" "$PEER" --meet "$work" --limit "$peer_limit" "$@"
}

for own in 192.0.2.1 '[2001:db8::1]'; do
    [ "$own" = 192.0.2.1 ] || ip -6 addr show dev here 2>/dev/null | grep -q 2001:db8::1 || continue
    relay_listen=$own:0
    server accept 'read to end => "hello", then end' 'send "world"' close
    hangup_run --rule 'for connection 1 then hold client syn until signal usr1'
    client_there 'start $RELAY => EINPROGRESS' 'post waits' 'wait out => OUT' 'error => 0' 'send "hello"' 'shutdown wr' 'read to end => "world", then end'
    until_true test -e "$work/waits" || die "the client does not wait"
    eventually_has relay.trace '"action started".*hold client syn'
    kill -USR1 "${pid[relay]}"
    ended client
    is "$own: the client whose SYN was held" "$status" 0
    ended server
    client_there 'connect $RELAY => ECONNREFUSED'
    ended client
    is "$own: the client of a server that is gone" "$status" 0
    verdict
    is "$own: hangup" "$status" 0
    rm -f "$work/waits"

    # The same without a rule.
    server accept 'read to end => "again", then end' close
    hangup_run --connect held
    client_there 'connect $RELAY => 0' 'send "again"' close
    ended client
    is "$own: another client" "$status" 0
    ended server
    verdict
done
kill "${pid[elsewhere]}"
ended elsewhere
exit 0
