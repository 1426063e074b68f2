# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What every end-to-end script begins with: a folder of its own, starting peers and hangup on port 0, waiting for conditions with a limit, logs
# shown on failure, and everything that was started ended by its pid. A script begins with
# `. "$(dirname "$0")/lib.sh" || exit 99`, does its checks, and ends with 1 when one failed.
#
# Names of what runs are words (`server`, `client`, `relay`); each has NAME.out, NAME.err and NAME.ready in $work.

set -u
export LC_ALL=C
: "${top_srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}" "${HANGUP:=$PWD/hangup}" "${PEER:=$PWD/hangup-peer}"
# How long anything may take before it counts as hanging (s). Long: only a failing test waits for it.
: "${E2E_LIMIT:=30}" "${E2E_OPTIONS:=}"

work=$(mktemp -d "${TMPDIR:-/tmp}/hangup-e2e.XXXXXX")
# The pids of what was started and not yet waited for: no other process can have one of these.
declare -A running=()
failures=0
trap finish EXIT
trap 'exit 130' INT TERM

# --- ends --------------------------------------------------------------------------------------------------------------------

finish() {
    local code=$? one
    trap - EXIT
    for one in "${!running[@]}"; do kill -TERM "$one" 2>/dev/null; done
    for one in "${!running[@]}"; do reap "$one"; done
    # A build with sanitizers says so there, whatever exit code was looked at.
    ! grep -Eq 'Sanitizer:|runtime error:' "$work"/*.err 2>/dev/null || fail "a sanitizer has found something"
    if ((code != 0 && code != 77)) || ((failures > 0)); then
        show_logs
        ((code == 0)) && code=1
    fi
    rm -rf "$work"
    exit "$code"
}

# Waits for a process that was told to end, and makes it end when it does not.
reap() {
    local pid=$1 tries=0
    while kill -0 "$pid" 2>/dev/null && ((tries++ < 50)); do sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
}

show_logs() {
    local file
    for file in "$work"/*.out "$work"/*.err "$work"/*.log "$work"/*.trace; do
        [ -s "$file" ] || continue
        echo "--- $(basename "$file")"
        tail -n 60 "$file"
    done
}

# skip REASON: something is missing that this test needs.
skip() {
    echo "SKIP: $*"
    exit 77
}

# fail TEXT…: this check failed; the script goes on.
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# die TEXT…: the script cannot go on.
die() {
    echo "FAILED: $*"
    exit 1
}

need() {
    local tool
    for tool in "$@"; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done
}

# --- conditions --------------------------------------------------------------------------------------------------------------

# until_true COMMAND…: tries it every 10 ms, up to E2E_LIMIT seconds.
until_true() {
    local end=$((SECONDS + E2E_LIMIT))
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.01
    done
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }
has_line() { grep -qs -- "$2" "$1"; }

# eventually_has NAME.err REGEX: waits for a line in a log.
eventually_has() { until_true has_line "$work/$1" "$2" || die "$1 never said: $2"; }

# --- checks ------------------------------------------------------------------------------------------------------------------

# is WHAT GOT WANTED
is() { [ "$2" = "$3" ] || fail "$1: got '$2', wanted '$3'"; }

# has NAME.out REGEX: the log has such a line, now.
has() { grep -q -- "$2" "$work/$1" || fail "$1 has no line: $2"; }
has_not() { ! grep -q -- "$2" "$work/$1" || fail "$1 has a line: $2"; }

# --- what runs ---------------------------------------------------------------------------------------------------------------

# start NAME COMMAND…: runs it in the background with its output in $work; its pid is ${pid[NAME]}.
declare -A pid=()
start() {
    local name=$1
    shift
    # What is left of an earlier one of that name must not be taken for this one's.
    : >"$work/$name.out" >"$work/$name.err" >"$work/$name.ready"
    (
        trap - EXIT INT TERM
        exec "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null 3>"$work/$name.ready"
    ) &
    pid[$name]=$!
    running[$!]=$name
}

# ended NAME: waits until it has ended; its exit code is in $status.
ended() {
    until_true is_gone "${pid[$1]}" || die "$1 does not end"
    wait "${pid[$1]}"
    status=$?
    unset "running[${pid[$1]}]"
}

# peer NAME [COMMAND…]: a scripted application; $peer_options are for it. What it waits for comes in $peer_limit, or it gives up before we do.
: "${peer_limit:=15s}" "${peer_options:=}"
peer() {
    local name=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    start "$name" "$PEER" --meet "$work" --ready-fd 3 --limit "$peer_limit" $peer_options "$@"
}

# listening NAME: waits for the address that a peer listens on, into $address.
listening() {
    until_true test -s "$work/$1.ready" || die "$1 does not listen"
    address=$(sed -n 's/^listening //p;q' "$work/$1.ready")
}

# server COMMAND…: a peer that listens on $listen (default 127.0.0.1:0) and then does what is said; its address is in $server.
server() {
    peer server "listen ${listen:-127.0.0.1:0} ${backlog:-}" "$@"
    listening server
    server=$address
}

# client COMMAND…: a peer that connects to $relay, does what is said, and ends; its exit code is in $status.
client() {
    RELAY=$relay peer client 'connect $RELAY' "$@"
    ended client
}

# hangup_run [OPTION…] [FILE…]: hangup in front of $server; its address is in $relay. $relay_listen: where (default 127.0.0.1:0).
hangup_run() {
    start relay "$HANGUP" run --listen "${relay_listen:-127.0.0.1:0}" --server "$server" --ready-fd 3 --trace "$work/relay.trace" $E2E_OPTIONS "$@"
    relay_ready
}

# Waits until hangup's ports are open; the (last) relay's address is in $relay.
relay_ready() {
    until_true relay_is_up || die "hangup does not start"
    [ -s "$work/relay.ready" ] || die "hangup did not start"
    relay=$(sed -n '$s/^[^=]*=//p' "$work/relay.ready")
}

relay_is_up() { is_gone "${pid[relay]}" || [ -s "$work/relay.ready" ]; }

# verdict: ends hangup as a user does by ^C; its exit code is in $status, what it found in relay.out.
verdict() {
    kill -INT "${pid[relay]}" 2>/dev/null
    ended relay
}
