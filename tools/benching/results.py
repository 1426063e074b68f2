# SPDX-License-Identifier: BSD-2-Clause
"""What was measured, round by round, and its medians and ratios. Filled by bench; read by goals.py, table.py and picture.py."""

from statistics import median

HAPROXY = ["haproxy-splice", "haproxy"]


class Results:
    def __init__(self):
        self.samples = {}  # (measure, relay): a list of {figure: value}, one a round; None for a round without

    def add(self, measure, relay, figures):
        self.samples.setdefault((measure, relay), []).append(figures)

    def relays(self, measure):
        return [relay for name, relay in self.samples if name == measure]

    def values(self, measure, relay, figure):
        return [sample[figure] for sample in self.samples.get((measure, relay), []) if sample and figure in sample]

    def median(self, measure, relay, figure):
        """None where there is none."""
        values = self.values(measure, relay, figure)
        return median(values) if values else None

    def ratio(self, measure, relay, other, figure):
        """The median of the rounds' ratios: what drifts from round to round touches both."""
        pairs = zip(self.samples.get((measure, relay), []), self.samples.get((measure, other), []))
        ratios = [one[figure] / two[figure] for one, two in pairs if one and two and two.get(figure)]
        return median(ratios) if ratios else None

    def best_haproxy(self, measure):
        """The faster of its two configurations in this run; None if neither ran."""
        rates = {relay: self.median(measure, relay, "rate") for relay in HAPROXY}
        known = {relay: rate for relay, rate in rates.items() if rate is not None}
        return max(known, key=known.get) if known else None
