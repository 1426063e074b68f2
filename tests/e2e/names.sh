#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A server given by name is resolved for each link, all its addresses are tried, and one that cannot be resolved is an RST for the link, not the end.
. "$(dirname "$0")/lib.sh" || exit 99

server 'accept' 'recv => "one"' 'send "two"' 'read to end => end'
server=localhost:${server##*:}
relay_listen=localhost:0 hangup_run
client 'send "one"' 'recv => "two"' close
is "a client of localhost" "$status" 0
ended server
is "the server" "$status" 0
verdict
is "hangup" "$status" 0

# ::1 refuses, 127.0.0.1 accepts (or the other way round, whichever the resolver says first).
if [ "$(getent ahosts localhost | awk '{print $1}' | sort -u | wc -l)" -gt 1 ]; then
    for listen in 127.0.0.1:0 '[::1]:0'; do
        server 'accept' 'recv => "one"'
        server=localhost:${server##*:}
        hangup_run
        client 'send "one"' close
        ended server
        is "the server at $listen of localhost's addresses" "$status" 0
        verdict
    done
fi

server=no-such-host.invalid:80
peer_limit=60s E2E_LIMIT=90 # where no name server can be reached, it is asked again and again
hangup_run --connect late
client 'wait err hup => IN OUT ERR HUP RDHUP' 'read to end => ECONNRESET'
is "a client whose server has no address" "$status" 0
eventually_has relay.err 'no-such-host.invalid'
client 'wait err hup => IN OUT ERR HUP RDHUP' 'read to end => ECONNRESET'
is "the next client" "$status" 0
