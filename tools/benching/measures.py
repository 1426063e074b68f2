# SPDX-License-Identifier: BSD-2-Clause
"""What is done to each relay, with which command of the load generator, and which figures come of it: a table. Called by run.py, and
by those who show the figures."""

from dataclasses import dataclass
from typing import Callable

GIB = 1 << 30
ALL = ["direct", "bare", "hangup", "haproxy-splice", "haproxy", "nginx", "socat"]
THROTTLED = 10e6  # bytes a second, as relays.py has it
DELAYED = 10000  # us, likewise


@dataclass
class Figure:
    key: str
    title: str
    unit: str
    value: Callable  # of (what the load generator said, the relay's CPU seconds)
    decimals: int = 0
    of_relay: bool = False  # direct has none


@dataclass
class Measure:
    key: str
    title: str
    load: list  # the load generator's client and its options but for the time
    relays: list
    figures: list
    seconds: float = 0  # at least so long; 0: as long as the user says
    once: bool = False  # a figure that does not vary: one round is enough


def rate(unit, scale, counted, decimals):
    return Figure("rate", "", unit, lambda said, cpu: said[counted] / said["seconds"] / scale, decimals)


def cost(unit, scale, counted, decimals):
    return Figure("cost", "its CPU", unit, lambda said, cpu: cpu * scale / said[counted], decimals, of_relay=True)


def percentiles(*which):
    return [Figure(p, f"{p} there and back", "us", lambda said, cpu, p=p: said["us"][p]) for p in which]


def lateness(*which):
    return [Figure(p, f"late, {p}", "us", lambda said, cpu, p=p: said["us"][p] - DELAYED) for p in which]


def paced(key, title, *pace):
    """The way of messages at a pace, and how late a delay of 10 ms makes them at the same pace: what the way itself takes is in both."""
    return [Measure(f"way{key}", f"the way itself, {title}", ["delay", *pace], ["direct", "hangup", "hangup-busy"], [
        Figure(p, p, "us", lambda said, cpu, p=p: said["us"][p]) for p in ("p50", "p99")]),
            Measure(f"delay{key}", f"delay of 10 ms, {title}", ["delay", *pace], ["delay", "delay-busy"], lateness("p50", "p99"))]


BULK = [rate("GB/s", 1e9, "bytes", 2), cost("s a GiB", GIB, "bytes", 3)]
ASK = [rate("1,000/s", 1e3, "requests", 1), *percentiles("p50", "p99"), cost("us a request", 1e6, "requests", 1)]
CONNECT = [rate("1,000/s", 1e3, "connections", 1), cost("us a connection", 1e6, "connections", 1)]
START = Figure("start", "until it listens", "s", lambda said, cpu: said["start"], 2, of_relay=True)

MEASURES = [
    Measure("bulk1", "bulk, 1 link", ["bulk"], ALL, BULK),
    Measure("bulk16", "bulk, 16 links", ["bulk", "-n", "16"], ALL, BULK),
    Measure("ask1", "request/response, 1 link", ["ask"], ALL, ASK),
    Measure("ask64", "request/response, 64 links", ["ask", "-n", "64"], ALL, ASK),
    Measure("connect", "connect, request, close", ["connect", "-n", "64"], ALL, CONNECT),
    Measure("idle", "an idle link", ["idle"], ALL[1:], [
        Figure("rate", "memory", "KiB", lambda said, cpu: said["memory"] / said["links"] / 1024, 2, of_relay=True)], once=True),
    *paced("1", "1 link every 11 ms", "-e", "11"),
    *paced("50", "1 link every 50 ms", "-e", "50"),
    *paced("200", "200 links, 2,000 messages a second", "-n", "200", "-e", "100"),
    Measure("throttle", "throttle to 10 MB/s", ["pull"], ["throttle"], [
        Figure("rate", "over 5 s", "MB/s", lambda said, cpu: said["bytes"] / said["seconds"] / 1e6, 3)], seconds=5),
    Measure("rules-bulk", "rules that do not match: bulk, 1 link", ["bulk"], ["hangup", "rules", "texts"], [*BULK, START]),
    Measure("rules-connect", "rules that do not match: connections", ["connect", "-n", "64"], ["hangup", "rules", "texts"], CONNECT),
]


def find(key):
    return next(measure for measure in MEASURES if measure.key == key)
