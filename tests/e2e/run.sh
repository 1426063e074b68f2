#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# `hangup run … -- COMMAND`: what COMMAND finds in its environment, how its end ends the run, the exit codes and which of them wins, --time-limit, signals,
# and that an ending that only an exit caused is no close.
. "$(dirname "$0")/lib.sh" || exit 99

# run WANTED [OPTION…] -- COMMAND…: hangup in front of $server, ended by its COMMAND.
run() {
    local wanted=$1
    shift
    start relay "$HANGUP" run --listen 127.0.0.1:0 --server "$server" --trace "$work/relay.trace" "$@"
    ended relay
    is "hangup run $*" "$status" "$wanted"
}
serve() { server accept "$@"; }

# COMMAND's environment; its output is its own; the run ends with it.
serve 'read to end => "hello", then end' close
run 0 -- bash -c 'echo "at $HANGUP_RELAY"; "$PEER" "connect $HANGUP_RELAY" "send \"hello\"" close'
has relay.out '^at 127.0.0.1:[0-9][0-9]*$'
ended server
is "the server" "$status" 0

# Several relays, each in the environment by its name; --ready-fd has the same, and is closed.
printf 'relay one { listen 127.0.0.1:0 server %s }\nrelay the-other { listen [::1]:0 server %s }\n' "$server" "$server" >"$work/two.rule"
start relay "$HANGUP" run --ready-fd 3 "$work/two.rule" -- bash -c 'echo "one=$HANGUP_ONE"; echo "the-other=$HANGUP_THE_OTHER"'
ended relay
is "two relays" "$status" 0
is "--ready-fd" "$(cat "$work/relay.ready")" "$(grep = "$work/relay.out")"
is "relays" "$(wc -l <"$work/relay.ready")" 2

# Exit codes: 5 COMMAND failed; 4 a rule never fired; 1 an expectation failed; 3 could not run; 2 usage; and which of them wins.
run 5 -- sh -c 'exit 7'
has relay.err '7'
run 5 -- sh -c 'kill -9 $$'
has relay.err 'KILL'
run 4 --rule 'when server sends "never" then reset' -- true
run 5 --rule 'when server sends "never" then reset' -- false
run 3 -- /no/such/program
has relay.err '/no/such/program'
run 2 --no-such-option -- true
run 2 --rule 'then hodl data' -- true
start relay "$HANGUP" run --listen 127.0.0.1:0 -- true
ended relay
is "--listen without --server" "$status" 2

serve 'send "bye"' close
run 1 --rule 'when server sends fin expect client closes within 100ms' --rule 'when server sends "never" then reset' -- \
    bash -c '"$PEER" "connect $HANGUP_RELAY" "read to end" "pause 300ms" close; exit 7'
has relay.err '^failed .*client closes within 100ms'
has relay.err 'never fired'

# A leaker that exits has not closed: no pass, no failure.
serve 'send "bye"' close
run 0 --rule 'when server sends fin expect client closes within 20s' -- "$PEER" 'connect $HANGUP_RELAY' 'read to end'
has relay.err '^never reached .*client closes within 20s'

# An address in use is one line, and 3.
peer other 'listen 127.0.0.1:0' accept
listening other
start relay "$HANGUP" run --listen "$address" --server "$server" -- true
ended relay
is "an address in use" "$status" 3
has relay.err "$address.*in use"
is "lines about it" "$(wc -l <"$work/relay.err")" 1

# So is an address that cannot be listened on, and a name that has none.
for bad in no-such-host.invalid:80 unix:/no/such/folder/x.sock; do
    start relay "$HANGUP" run --listen "$bad" --server "$server" -- true
    ended relay
    is "--listen $bad" "$status" 3
    has relay.err "cannot listen on $bad: "
    is "lines about it" "$(wc -l <"$work/relay.err")" 1
done

# A rule file that is none, or cannot be read: one line, and 2.
for bad in /no/such.rule /; do
    run 2 "$bad" -- true
    has relay.err "$bad: error: cannot read this file: "
    is "lines about it" "$(wc -l <"$work/relay.err")" 1
done

# What an option is given is checked before anything runs; each says how it is meant.
wrong_option() {
    local wanted=$1
    shift
    run 2 "$@" -- touch "$work/was-run"
    has relay.err "$wanted"
    [ ! -e "$work/was-run" ] || fail "COMMAND was run in spite of $*"
}
wrong_option '--time-limit 5m: a time such as 30s' --time-limit 5m
wrong_option '--busy-wait 5m: a time of at most 1s' --busy-wait 5m
wrong_option '--splice sometimes: auto, never or always' --splice sometimes
wrong_option '--seed x: a whole number' --seed x
wrong_option 'write junit:FILE, tap:FILE or json:FILE' --report xml:f
wrong_option '--ready-fd 77: that descriptor is not open' --ready-fd 77
wrong_option '--signal x=FOO: there is no Unix signal FOO' --signal x=FOO
wrong_option '--buffer 3x: a size such as 16MiB' --buffer 3x

# --time-limit ends a COMMAND that stalls, and what it has started; verdict and all.
run 5 --time-limit 300ms -- bash -c 'sleep 1000 & echo $! >"$0"; wait' "$work/stalled"
has relay.err 'time limit'
until_true is_gone "$(cat "$work/stalled")" || fail "what COMMAND had started is still there"
run 5 --time-limit 300ms -- bash -c '(trap "" TERM; sleep 1000) & echo $! >"$0"; wait' "$work/deaf"
until_true is_gone "$(cat "$work/deaf")" || fail "what COMMAND had started, and what hears no SIGTERM, is still there"

# SIGTERM and SIGINT to hangup go to COMMAND; the run ends when it has.
for name in INT TERM; do
    start relay "$HANGUP" run --listen 127.0.0.1:0 --server "$server" -- bash -c "trap 'echo got $name; exit 0' $name; echo ready; while :; do sleep 0.01; done"
    eventually_has relay.out ready
    kill "-$name" "${pid[relay]}"
    ended relay
    has relay.out "got $name"
done

# Reports, in one run; each has the failed finding.
serve 'send "bye"' close
run 1 --rule 'when server sends fin expect client closes within 100ms' --report "junit:$work/r.xml" --report "tap:$work/r.tap" --report "json:$work/r.json" -- \
    "$PEER" 'connect $HANGUP_RELAY' 'read to end' 'pause 300ms' close
grep -q '<failure' "$work/r.xml" || fail "the JUnit report has no failure: $(cat "$work/r.xml")"
grep -q '^not ok' "$work/r.tap" || fail "the TAP report has no failure: $(cat "$work/r.tap")"
grep -q '"failed"' "$work/r.json" || fail "the JSON report has no failure: $(cat "$work/r.json")"
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys, xml.dom.minidom as x; json.load(open(sys.argv[1])); x.parse(sys.argv[2]); [json.loads(l) for l in open(sys.argv[3])]' \
        "$work/r.json" "$work/r.xml" "$work/relay.trace" || fail "a report is no JSON, or no XML"
fi
run 3 --report "json:/no/such/folder/r.json" -- true
has relay.err '/no/such/folder/r.json'
