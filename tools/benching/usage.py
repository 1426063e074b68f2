# SPDX-License-Identifier: BSD-2-Clause
"""What a process and all that it has started cost, as the kernel counts: read from /proc, from outside. Called by run.py."""

import os

TICK = 1 / os.sysconf("SC_CLK_TCK")


def family(pid):
    """The process and its living descendants."""
    pids = [pid]
    for one in pids:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as file:
                    pids += map(int, file.read().split())
        except OSError:
            continue  # it has ended meanwhile
    return pids


def cpu(pid):
    """Seconds of user and system time, with that of children that have ended and were waited for."""
    ticks = 0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks * TICK


def memory(pid):
    """Bytes of memory of its own (anonymous; shared pages count by their share)."""
    kib = 0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup") as file:
                kib += sum(int(line.split()[1]) for line in file if line.startswith("Pss_Anon:"))
        except OSError:
            continue
    return kib * 1024
