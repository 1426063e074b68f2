#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Writes of one byte are not delayed: two hundred of them, each answered by one, take far less than Nagle's algorithm and delayed acknowledgements
# would make of it (40 ms each: 8 s).
. "$(dirname "$0")/lib.sh" || exit 99

turns=200
replies=() requests=()
for ((i = 0; i < turns; i++)); do
    # Two writes a turn: the second one is what Nagle would hold back.
    requests+=('send "a" => 1' 'send "b" => 1' 'read 1 => "c"')
    replies+=('read 2 => "ab"' 'send "c" => 1')
done
server 'accept' 'set nodelay 1' "${replies[@]}"
hangup_run
peer_options=--times client 'set nodelay 1' "${requests[@]}"
is "the client" "$status" 0
took=$(tail -n 1 "$work/client.out" | awk '{ print $1 }')
echo "$turns turns took $took s"
awk -v took="$took" 'BEGIN { exit !(took < 3) }' || fail "$turns turns took $took s"
