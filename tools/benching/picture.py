# SPDX-License-Identifier: BSD-2-Clause
"""The figures as a picture, SVG: for each measure that all relays share two columns of bars, how fast and at what cost; then the
goals. Called by bench."""

from statistics import median
from xml.sax.saxutils import escape

from benching.goals import GOALS
from benching.measures import ALL, MEASURES

WIDTH = 1000
MARGIN = 32
NAMES = 150  # where the relays' names end
FAST = (162, 340)  # x and width of the left bars
COST = (640, 220)  # of the right ones
BAR, STEP = 14, 20  # a bar's height; from one to the next
STYLE = """
svg { font-family: system-ui, 'DejaVu Sans', sans-serif; font-size: 13px; fill: #24292f; }
.paper { fill: #ffffff; } .title { font-size: 22px; font-weight: 600; } .small { font-size: 11.5px; fill: #57606a; }
.head { font-size: 14px; font-weight: 600; } .name { text-anchor: end; } .ours { font-weight: 600; }
.bar { fill: #a9b4c2; } .bar.ours { fill: #d2571c; } .bar.direct { fill: #dfe4ea; }
.line { stroke: #d0d7de; } .cut { stroke: #ffffff; stroke-width: 3; }
.met { fill: #1a7f37; font-weight: 600; } .missed { fill: #b3261e; font-weight: 600; } .end { text-anchor: end; }
@media (prefers-color-scheme: dark) {
  svg { fill: #e6edf3; } .paper { fill: #14181d; } .small { fill: #9aa4af; } .bar { fill: #5b6673; } .bar.direct { fill: #333b44; }
  .bar.ours { fill: #f0763a; } .line { stroke: #333b44; } .cut { stroke: #14181d; } .met { fill: #4ac26b; } .missed { fill: #ff8579; }
}"""


def text(x, y, words, kind=""):
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(words)}</text>'


def line(y):
    return f'<line class="line" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y}" y2="{y}"/>'


def kind(relay):
    return {"hangup": "ours", "direct": "direct", "bare": "direct"}.get(relay, "")


def scale(values):
    """What the longest bar stands for: one that is far beyond the others is cut off."""
    return min(max(values), 2.5 * median(values)) or 1


def bars(column, top, relays, figure, values):
    """One bar for each relay that has a value; the figure behind it."""
    x, width = column
    known = [value for value in values.values() if value is not None]
    parts = []
    for row, relay in enumerate(relays):
        value = values[relay]
        y = top + row * STEP
        if value is None:
            continue
        longest = scale(known)
        length = max(1.5, width * min(value, longest) / longest)
        parts.append(f'<rect class="bar {kind(relay)}" x="{x}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>')
        if value > longest * 1.001:
            end = x + length - 14
            parts.append(f'<line class="cut" x1="{end:.1f}" x2="{end + 6:.1f}" y1="{y + BAR + 1}" y2="{y - 1}"/>')
        parts.append(text(x + length + 7, y + BAR - 2.5, f"{value:,.{figure.decimals}f}", kind(relay) if relay == "hangup" else ""))
    return parts


def panel(results, measure, titles, top):
    """One measure; its parts and where it ends."""
    shown = [relay for relay in ALL if results.median(measure.key, relay, "rate") is not None]
    costs = [figure for figure in measure.figures if figure.key == "cost"]
    speed = measure.figures[0]
    shorter = "" if costs else ", shorter is better"
    parts = [text(MARGIN, top + 14, measure.title, "head"), text(FAST[0] + 120, top + 14, f"{speed.unit}{shorter}", "small")]
    parts += [text(NAMES, top + 24 + row * STEP + BAR - 2.5, titles[relay], "name " + ("ours" if relay == "hangup" else ""))
              for row, relay in enumerate(shown)]
    for column, figure in [(FAST, speed), *((COST, figure) for figure in costs)]:
        values = {relay: results.median(measure.key, relay, figure.key) for relay in shown}
        if any(value is not None for value in values.values()):
            parts += bars(column, top + 24, shown, figure, values)
    parts += [text(COST[0], top + 14, f"its CPU, {figure.unit}, shorter is better", "small") for figure in costs]
    return parts, top + 24 + len(shown) * STEP + 18


def goal_lines(results, top):
    parts = [text(MARGIN, top + 14, "Goals", "head")]
    y = top + 18
    for goal in GOALS:
        value = goal.value(results)
        if value is None:
            continue
        y += STEP
        unit = f" {goal.unit}" if goal.unit else ""
        met = goal.met(value)
        parts += [text(MARGIN, y, "✓" if met else "✗", "met" if met else "missed"), text(MARGIN + 22, y, goal.title),
                  text(660, y, goal.wanted(), "end small"), text(780, y, f"{value:.2f}{unit}", "end " + ("met" if met else "missed"))]
    return parts, y + 24


def wrapped(words, columns=150):
    """Lines of at most so many characters."""
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) + 1 > columns:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def draw(results, relays, circumstances):
    titles = {key: relay.title for key, relay in relays.items()}
    parts, y = [text(MARGIN, 46, "hangup beside other relays", "title")], 52
    for words in [part for line_of_text in circumstances for part in wrapped(line_of_text)]:
        y += 17
        parts.append(text(MARGIN, y, words, "small"))
    y += 18
    for measure in MEASURES:
        if "hangup" in measure.relays and measure.relays[-1] == "socat" and any(
                results.median(measure.key, relay, "rate") is not None for relay in measure.relays):
            more, end = panel(results, measure, titles, y + 12)
            parts += [line(y), *more]
            y = end
    more, end = goal_lines(results, y + 12)
    parts += [line(y), *more]
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {end:g}" width="{WIDTH}" height="{end:g}" role="img">\n'
            f"<title>What hangup costs beside other relays</title>\n<style>{STYLE}\n</style>\n"
            f'<rect class="paper" width="{WIDTH}" height="{end:g}"/>\n{body}\n</svg>\n')
