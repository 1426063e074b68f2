# SPDX-License-Identifier: BSD-2-Clause
"""The machine that the figures come from, in a few words, and without its name. Called by bench."""

import os
import platform


def first(path, key, separator):
    try:
        with open(path) as file:
            for line in file:
                if line.startswith(key):
                    return line.partition(separator)[2].strip().strip('"')
    except OSError:
        pass
    return "unknown"


def is_virtual():
    return " hypervisor" in first("/proc/cpuinfo", "flags", ":")


def describe():
    processors = len(os.sched_getaffinity(0))
    memory = int(first("/proc/meminfo", "MemTotal", ":").split()[0]) / (1 << 20)
    return (f"{processors} processor{'s' if processors != 1 else ''} ({first('/proc/cpuinfo', 'model name', ':')}"
            f"{', virtual machine' if is_virtual() else ''}), {memory:.0f} GiB, {first('/etc/os-release', 'PRETTY_NAME', '=')}, "
            f"Linux {platform.release().split('-')[0]}")


def load():
    """How many processes wanted to run, on average, in the last minute."""
    return os.getloadavg()[0]
