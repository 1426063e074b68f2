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

    def met(self, value):
        return value >= self.limit if self.at_least else value <= self.limit

    def wanted(self):
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}{' ' + self.unit if self.unit else ''}"


def to_haproxy(measure, figure):
    def value(results):
        best = results.best_haproxy(measure)
        return best and results.ratio(measure, "hangup", best, figure)
    return value


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
    Goal("bulk, 1 link: throughput, to HAProxy's best", 1.05, True, "", to_haproxy("bulk1", "rate")),
    Goal("bulk, 1 link: CPU a GiB, to the same", 0.9, False, "", to_haproxy("bulk1", "cost")),
    Goal("bulk, 16 links: throughput, to HAProxy's best", 1.1, True, "", to_haproxy("bulk16", "rate")),
    Goal("bulk, 16 links: CPU a GiB, to the same", 0.9, False, "", to_haproxy("bulk16", "cost")),
    Goal("64 request/response links: rate, to HAProxy's best", 1.15, True, "", to_haproxy("ask64", "rate")),
    Goal("64 request/response links: CPU a request, to the same", 0.8, False, "", to_haproxy("ask64", "cost")),
    Goal("connections a second, to HAProxy's best", 1.05, True, "", to_haproxy("connect", "rate")),
    Goal("CPU a connection, to the same", 0.9, False, "", to_haproxy("connect", "cost")),
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
