# SPDX-License-Identifier: BSD-2-Clause
"""The figures as tables, in Markdown whose columns stand below each other, so that it can be read as it is. Called by bench."""

from benching.goals import GOALS
from benching.measures import MEASURES


def number(value, decimals):
    return "" if value is None else f"{value:,.{decimals}f}"


def aligned(rows):
    """Markdown of rows, the first of which is the heading; the first column stands left, the others right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join(["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]) + " |")
    return "\n".join(lines)


def row_of(results, measure, figure, relays):
    label = f"{measure.title}: {figure.title}" if figure.title else measure.title
    return [f"{label}, {figure.unit}", *(number(results.median(measure.key, relay, figure.key), figure.decimals) for relay in relays)]


def figures(results, relays):
    """A table for each set of relays that is measured together, without those that were not."""
    groups = {}
    for measure in MEASURES:
        group = next((group for group in groups if set(measure.relays) <= set(group)), tuple(measure.relays))
        groups.setdefault(group, []).append(measure)
    tables = []
    for group, together in groups.items():
        shown = [relay for relay in group if any(any(results.samples.get((measure.key, relay), [])) for measure in together)]
        rows = [row_of(results, measure, figure, shown) for measure in together for figure in measure.figures]
        rows = [row for row in rows if any(row[1:])]
        if rows:
            tables.append(aligned([["", *(relays[relay].title for relay in shown)], *rows]))
    return "\n\n".join(tables)


def goals(results):
    rows = [["goal", "wanted", "measured", "", "bare relay"]]
    for goal in GOALS:
        value = goal.value(results)
        if value is not None:
            measured = f"{value:.2f} {goal.unit}".strip()
            rows.append([goal.title, goal.wanted(), measured, "met" if goal.met(value) else "not met", number(goal.bare(results), 2)])
    if not any(row[-1] for row in rows[1:]):
        rows = [row[:-1] for row in rows]
    return aligned(rows) if len(rows) > 1 else "No goal was measured."


def page(results, relays, circumstances, problems):
    """The whole text. `circumstances`: lines that say how and where it was measured; `problems`: what has no figure, and why."""
    parts = ["# How fast it is",
             "`make bench` measures it, beside no relay at all and beside others (`tools/bench --help`); bench.svg is its picture.",
             "\n".join(f"- {line}" for line in circumstances), figures(results, relays), "## Goals", goals(results)]
    if problems:
        parts += ["## Without a figure", "\n".join(f"- {problem}" for problem in problems)]
    return "\n\n".join(parts) + "\n"
