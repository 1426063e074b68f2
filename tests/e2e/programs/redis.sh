#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# redis-cli and redis-server: untouched with no rule; a reply torn in the middle; and a redis-cli that is caught sitting in CLOSE_WAIT: a prompt that
# waits for a command does not look at its socket.
. "$(dirname "$0")/../lib.sh" || exit 99
need redis-server redis-cli

redis_answers() { redis-cli -s "$work/redis.sock" ping 2>/dev/null | grep -q PONG; }
start redis redis-server --port 0 --unixsocket "$work/redis.sock" --dir "$work" --save '' --appendonly no
until_true redis_answers || die "redis-server does not start"

# The same commands, straight and through hangup: the same answers, byte by byte. The big value does not fit in one segment, nor in one buffer.
big=$(head -c 600000 /dev/zero | tr '\0' x)
talk() {
    redis-cli "$@" <<<"set k $big
get k
incr n
lrange nothing 0 -1
hset h f v
hgetall h
nonsense
flushall" 2>&1
    head -c 300000 /dev/zero | tr '\0' y | redis-cli "$@" -x set piped
    redis-cli "$@" --no-raw strlen piped
    for ((i = 0; i < 1000; i++)); do echo "SET key$i value$i"; done | redis-cli "$@" --pipe
    redis-cli "$@" flushall
}
server=unix:$work/redis.sock
hangup_run
talk -s "$work/redis.sock" >"$work/direct.out"
talk -h 127.0.0.1 -p "${relay##*:}" >"$work/relayed.out"
cmp "$work/direct.out" "$work/relayed.out" || fail "redis-cli's answers differ through hangup"
verdict
is "hangup with no rule" "$status" 0

# Torn at byte 512 of the reply: redis-cli must report it, and does.
redis-cli -s "$work/redis.sock" -x set k <<<"$big" >"$work/set.out"
hangup_run --rule 'for connection 1 when server sends 512 bytes then reset client expect client reconnects within 5s'
start client redis-cli -h 127.0.0.1 -p "${relay##*:}" get k
ended client
grep -q 'reset by peer' "$work/client.out" "$work/client.err" || fail "redis-cli does not report the reset"
redis-cli -h 127.0.0.1 -p "${relay##*:}" ping >"$work/ping.out"
is "the next connection" "$(cat "$work/ping.out")" PONG
verdict
is "hangup after the torn reply" "$status" 0
has relay.err '^passed .*reconnects within 5s'

# A redis-cli that waits for its next command is told goodbye: it stays in CLOSE_WAIT until somebody types.
hangup_run --rule 'when both are silent for 200ms then send fin to client expect client closes within 1s'
mkfifo "$work/keys"
start client bash -c 'exec redis-cli -h 127.0.0.1 -p "$1" <"$2"' - "${relay##*:}" "$work/keys"
exec 9>"$work/keys"
echo ping >&9
eventually_has client.out PONG
until_true has_line "$work/relay.trace" '"finding"' || die "no finding came"
exec 9>&-
ended client
verdict
is "hangup on redis-cli at its prompt" "$status" 1
has relay.err '^failed .*client closes within 1s.*still CLOSE_WAIT after 1.000 s (pid [0-9]* redis-cli, fd [0-9]*)'
