#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What real clients say about a connect that fails, by the errno that they were given: curl, redis-cli and Python; and that curl's --retry gets in.
. "$(dirname "$0")/../lib.sh" || exit 99
. "$(dirname "$0")/../held.sh" || exit 99
needs_held "$@"
need curl redis-cli python3

# said NAME COMMAND…: what it says on both streams, in one line.
said() {
    local name=$1
    shift
    "$@" >"$work/$name.said" 2>&1 </dev/null
    status=$?
}
says() { grep -qi -- "$2" "$work/$1.said" || fail "$1 does not say '$2': $(cat "$work/$1.said")"; }

server=127.0.0.1:9
while IFS='|' read -r error words; do
    hangup_run --rule "then refuse with $error expect client stays away for 1ms"
    said curl curl -sS --max-time 10 "http://$relay/"
    is "curl's exit code for $error" "$status" 7
    said redis redis-cli -h 127.0.0.1 -p "${relay##*:}" ping
    says redis "$words"
    said python python3 -c 'import errno, socket, sys
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
except OSError as error: print(errno.errorcode[error.errno])' 127.0.0.1 "${relay##*:}"
    says python "^$error$"
    verdict
    rm -f "$work"/*.said
done <<'EOF'
ECONNREFUSED|connection refused
EHOSTUNREACH|no route to host
ENETUNREACH|network is unreachable
ECONNRESET|connection reset
EOF

mkdir "$work/www"
echo hello >"$work/www/index.html"
start web python3 -u -m http.server --bind 127.0.0.1 --directory "$work/www" 0
eventually_has web.out 'port [0-9]'
server=127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p;q' "$work/web.out")
hangup_run --rule 'for connections 1..2 then refuse expect client reconnects within 20s'
said curl curl -sS --max-time 25 --retry 3 --retry-delay 1 --retry-connrefused "http://$relay/"
is "curl's exit code, tried again" "$status" 0
says curl '^hello$'
verdict
is "what is found of curl" "$status" 0
exit 0
