# SPDX-License-Identifier: BSD-2-Clause
"""What hangup wants to reach, and whether it did: a table. Read by table.py."""

from dataclasses import dataclass
from typing import Callable


@dataclass
class Goal:
    title: str
    limit: float
    at_least: bool  # otherwise at most
    unit: str  # "": a ratio
    value: Callable  # of the results: what was measured, or None
    bare: Callable = lambda results: None  # the same, had hangup been the bare relay

    def met(self, value):
        return value >= self.limit if self.at_least else value <= self.limit

    def wanted(self):
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}{' ' + self.unit if self.unit else ''}"


def to_haproxy(measure, figure, relay="hangup"):
    def value(results):
        best = results.best_haproxy(measure)
        return best and results.ratio(measure, relay, best, figure)
    return value


def beside_haproxy(measure, rate, least, cost, most):
    """Two goals: how fast, and at what cost."""
    return [Goal(f"{rate}, to HAProxy's best", least, True, "", to_haproxy(measure, "rate"), to_haproxy(measure, "rate", "bare")),
            Goal(f"{cost}, to the same", most, False, "", to_haproxy(measure, "cost"), to_haproxy(measure, "cost", "bare"))]


def to_none(measure, figure):
    return lambda results: results.ratio(measure, "rules", "hangup", figure)


def of(measure, relay, figure):
    return lambda results: results.median(measure, relay, figure)


def throttle_error(results):
    rate = results.median("throttle", "throttle", "rate")
    return None if rate is None else abs(rate / 10 - 1) * 100


def error(pace, late, delay, way):
    """What a delay adds to 10 ms: how late it makes a message at that percentile, but for what the way through hangup takes at the same
    pace without it, at the median."""
    def value(results):
        measured, itself = results.median(f"delay{pace}", delay, late), results.median(f"way{pace}", way, "p50")
        return None if measured is None or itself is None else measured - itself
    return value


def lateness(pace, title):
    return [Goal(f"delay of 10 ms, {title}: late, median", 100, False, "us", of(f"delay{pace}", "delay", "p50")),
            Goal(f"delay of 10 ms, {title}: late, p99", 1000, False, "us", of(f"delay{pace}", "delay", "p99")),
            Goal(f"delay of 10 ms, {title}: late, median, with --busy-wait", 50, False, "us", of(f"delay{pace}", "delay-busy", "p50"))]


def errors(pace, title):
    return [Goal(f"delay of 10 ms, {title}: error, median", 100, False, "us", error(pace, "p50", "delay", "hangup")),
            Goal(f"delay of 10 ms, {title}: error, p99", 1000, False, "us", error(pace, "p99", "delay", "hangup")),
            Goal(f"delay of 10 ms, {title}: error, median, with --busy-wait", 50, False, "us",
                 error(pace, "p50", "delay-busy", "hangup-busy"))]


GOALS = [
    *beside_haproxy("bulk1", "bulk, 1 link: throughput", 1.05, "bulk, 1 link: CPU a GiB", 0.9),
    *beside_haproxy("bulk16", "bulk, 16 links: throughput", 1.1, "bulk, 16 links: CPU a GiB", 0.9),
    *beside_haproxy("ask64", "64 request/response links: rate", 1.15, "64 request/response links: CPU a request", 0.8),
    *beside_haproxy("connect", "connections a second", 1.05, "CPU a connection", 0.9),
    Goal("memory of an idle link", 1, False, "KiB", of("idle", "hangup", "rate")),
    *lateness("1", "1 link"),
    *errors("1", "1 link"),
    *lateness("50", "1 link every 50 ms"),
    *errors("50", "1 link every 50 ms"),
    *lateness("200", "200 links"),
    *errors("200", "200 links"),
    Goal("throttle: error over 5 s", 1, False, "%", throttle_error),
    Goal("10,000 rules for others: throughput, to no rule", 0.97, True, "", to_none("rules-bulk", "rate")),
    Goal("10,000 rules for others: connections a second, to no rule", 0.95, True, "", to_none("rules-connect", "rate")),
    Goal("10,000 rules for others: until it listens", 1, False, "s", of("rules-bulk", "rules", "start")),
]
