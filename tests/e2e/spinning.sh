#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# `no spinning`: a process that goes round and round over a socket at its end is found, whether it reads, receives or polls; one that computes,
# takes memory, serves others or sleeps is not.
. "$(dirname "$0")/lib.sh" || exit 99
need python3

cat >"$work/app.py" <<'END'
import os, select, socket, sys
host, port = sys.argv[1].rsplit(":", 1)
s = socket.create_connection((host, int(port)))
s.recv(100)
one, other = socket.socketpair()
poll = select.poll()
poll.register(s, select.POLLIN | select.POLLRDHUP)
number = 0
def compute():
    global number
    number = (number * 31 + 7) % 1000003
turn = {
    "recv": lambda: s.recv(10),
    "read": lambda: os.read(s.fileno(), 10),
    "poll": lambda: poll.poll(1000),
    "compute": compute,
    "memory": lambda: bytearray(3000000),
    "serve": lambda: (one.send(b"x" * 1000), other.recv(1000), os.read(zero, 100)),
    "sleep": lambda: select.select([], [], [], 0.2),
}[sys.argv[2]]
zero = os.open("/dev/zero", os.O_RDONLY)
while s.recv(10) if sys.argv[2] not in ("recv", "read", "poll") else False:
    pass
while not os.path.exists(sys.argv[3]):
    for i in range({"compute": 10000, "sleep": 1}.get(sys.argv[2], 100)):
        turn()
END

# Each has a connection of its own, all at once: whoever spins is found while the others are watched. The FIN comes behind what they read
# first, so that poll has it unread.
server=()
peer server 'listen 127.0.0.1:0' 'a: accept' 'a: send "hello"' 'b: accept' 'b: send "hello"' 'c: accept' 'c: send "hello"' \
    'd: accept' 'd: send "hello"' 'e: accept' 'e: send "hello"' 'f: accept' 'f: send "hello"' 'g: accept' 'g: send "hello"' 'await over'
listening server
server=$address
cat >"$work/spin.rule" <<'END'
expect no spinning
rule end { when server sends 5 bytes then wait for 50ms, send fin to client }
END
hangup_run "$work/spin.rule"
for how in recv read poll compute memory serve sleep; do start "$how" python3 "$work/app.py" "$relay" "$how" "$work/over.$how"; done

spins() { grep -s '"what":"spinning"' "$work/relay.trace" | grep -q "pid ${pid[$1]} python3 spins: $2, while fd [0-9]* is at its end"; }
# Whoever was found goes, so that the next one gets more of the processor, and has to be found by what he does.
until_true spins read '[0-9]* reads in [0-9.]* s that returned nothing' || fail "who reads nothing is not found"
echo 0 >"$work/over.read"
for how in recv poll; do
    until_true spins "$how" 'it never sleeps, is in the kernel for [0-9]* % of its time, and moves no byte' || fail "$how is not found"
    echo 0 >"$work/over.$how"
done
for how in compute memory serve sleep; do
    ! spins "$how" '.*' || fail "$how was taken for spinning"
done
eventually_has relay.err "warning: pid ${pid[read]} python3 spins"
for how in compute memory serve sleep; do echo 0 >"$work/over.$how"; done
echo 0 >"$work/over"
for how in recv read poll compute memory serve sleep server; do ended "$how"; done
verdict
is "hangup's exit code" "$status" 1
has relay.err '^failed  *expect  *no spinning: relay #[0-9] client: pid [0-9]* python3 spins'
is "how many" "$(grep -c '"what":"spinning"' "$work/relay.trace")" 3
((failures == 0))
