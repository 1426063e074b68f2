# SPDX-License-Identifier: BSD-2-Clause
"""A network of the bench's own: nothing outside is reached or disturbed, each measurement begins with no connection in TIME_WAIT, and
ports are free. A machine's default congestion control may slow loopback down (bbr halves it), so cubic is asked for, or else reno.
Called by bench and run.py."""

import ctypes
import os
import subprocess
import sys

CLONE_NEWNET = 0x40000000
SETTINGS = "/proc/sys/net/ipv4/"
INSIDE = "HANGUP_BENCH_INSIDE"


def enter():
    """Starts the program again as root of a user namespace, where it is not root already; only there may it make networks."""
    if os.geteuid() == 0 or INSIDE in os.environ:
        return
    if subprocess.run(["unshare", "-Urn", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit("bench: error: no network namespace can be made here: run it as root, or allow user namespaces to ordinary users")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "-Urn", sys.executable, *sys.argv])


def fresh():
    """Moves this process, and those that it starts from now on, into a new network with nothing but loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        sys.exit("bench: error: no network namespace can be made: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    put("ip_local_port_range", "1024 65535")
    for name in ("cubic", "reno"):
        if put("tcp_congestion_control", name):
            break


def put(setting, value):
    """Whether the kernel took it."""
    try:
        with open(SETTINGS + setting, "w") as file:
            file.write(value)
        return True
    except OSError:
        return False


def congestion_control():
    with open(SETTINGS + "tcp_congestion_control") as file:
        return file.read().strip()


def is_listening(port):
    """Whether something in this network listens on that TCP port."""
    with open("/proc/net/tcp") as table:
        next(table)
        return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in map(str.split, table))
