#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Many connections whose segments take a detour share one raw socket a family, since each costs every packet of this machine something; what they say
# stays theirs, byte by byte; and when the rule ends, the socket goes, and they go on. Prints a line a case.
. "$(dirname "$0")/lib.sh" || exit 99
. "$(dirname "$0")/held.sh" || exit 99
needs_held "$@"
need python3

# raw: how many raw sockets hangup has.
raw() { find "/proc/${pid[relay]}/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -dc '0-9\n' | awk '
    NR == FNR { own[$1] = 1; next } $10 in own { count++ } END { print count + 0 }' - /proc/net/raw /proc/net/raw6; }
raw_are() { [ "$(raw)" = "$1" ]; }

# talk ADDRESS COUNT: so many connections to an echo, each with bytes of its own, in three parts: the second waits for $work/more.
cat >"$work/talk.py" <<'PY'
import hashlib, os, socket, sys, threading, time

address, count, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
host, port = address.rsplit(":", 1)
host = host.strip("[]")


def bytes_of(link, part):
    return hashlib.shake_128(f"{link} {part}".encode()).digest(100000)


def talk(link):
    client = socket.create_connection((host, int(port)))
    for part in range(3):
        while part == 1 and not os.path.exists(f"{work}/more"):
            time.sleep(0.01)
        sent = bytes_of(link, part)
        threading.Thread(target=client.sendall, args=(sent,)).start()
        got = b""
        while len(got) < len(sent):
            got += client.recv(65536) or sys.exit(f"link {link}, part {part}: the end after {len(got)} bytes")
        if got != sent:
            wrong.append((link, part))
        if part == 0:
            first.append(link)
            if len(first) == count:
                open(f"{work}/first", "w").close()
    client.close()


wrong, first = [], []
threads = [threading.Thread(target=talk, args=(link,)) for link in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(f"other bytes than were sent: {wrong}" if wrong else 0)
PY
cat >"$work/echo.py" <<'PY'
import socket, sys, threading


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data)
    connection.close()


family = socket.AF_INET6 if sys.argv[1] == "::1" else socket.AF_INET
listener = socket.create_server((sys.argv[1], 0), family=family, backlog=100)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
PY

for host in 127.0.0.1 ::1; do
    before=$failures
    own=$([ $host = ::1 ] && echo '[::1]' || echo $host)
    rm -f "$work/more" "$work/first" "$work/server.out"
    start server python3 "$work/echo.py" $host
    until_true test -s "$work/server.out" || die "the server does not listen"
    server=$own:$(cat "$work/server.out")
    relay_listen=$own:0
    hangup_run --rule 'then delay client segments by 1ms until signal usr1' \
        --rule 'then duplicate 10% of client segments until signal usr1'
    is "raw sockets before the first connection" "$(raw)" 0
    start talk python3 "$work/talk.py" "$relay" 20 "$work"
    until_true test -e "$work/first" || die "not all connections get through"
    is "raw sockets of 20 connections" "$(raw)" 1
    kill -USR1 "${pid[relay]}"
    until_true raw_are 0 || fail "the raw socket does not go with its last detour"
    touch "$work/more"
    ended talk
    is "the clients" "$status" 0
    kill "${pid[server]}"
    ended server
    verdict
    is "hangup" "$status" 0
    ((failures == before)) && echo "ok $host" || echo "not ok $host"
done
((failures == 0))
