"""Charts as inline SVG: bars for places side by side, lines for years.

A chart holds one measure only, since two measures share no axis. A year without a figure is a gap:
no line crosses it. Colours are classes of the style sheet, so a chart follows the theme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from assistant.types import Cell
from corpus.types import Measure
from ui.markup import basis, esc, exact, percent, place, printed, said, shown, sign_class, when

WIDTH = 440  # units of the drawing; about pixels in a side panel, so 12 is a readable letter
BAR, ROWS = 26, 40  # height of a bar's row; rows drawn at most
LEFT, RIGHT, TOP, HEIGHT = 48, 104, 22, 210  # margins and height of a line chart
COLOURS = 6
Series = tuple[str, list[Cell]]


def charts(cells: Iterable[Cell]) -> str:
    """A chart for each measure that has something to compare; ranks and single values have not."""
    out = ""
    by_measure: dict[str, list[Cell]] = {}
    for cell in cells:
        by_measure.setdefault(cell.figure.measure, []).append(cell)
    for group in by_measure.values():
        if len(group) < 2 or group[0].measure.kind == "rank":
            continue
        series = by_place(group)
        if any(len(line) > 1 for _, line in series):
            out += lines(series)
        else:
            out += bars(group)
    return out


def by_place(cells: Iterable[Cell]) -> list[Series]:
    """The figures of each place in order of years; a figure without a year belongs in no series."""
    dated: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.figure.year is not None:
            dated.setdefault(place(cell), []).append(cell)
    return [(name, sorted(row, key=year_of)) for name, row in dated.items()]


def year_of(cell: Cell) -> int:
    """The year of a dated cell."""
    return cell.figure.year or 0


def bars(cells: Sequence[Cell]) -> str:
    """Horizontal bars from a zero line, in the order of the answer, each with its value."""
    drawn = cells[:ROWS]
    values = [float(c.figure.value) for c in drawn]
    low, high = min(0.0, *values), max(0.0, *values)
    names = min(156, 14 + 7.4 * max(len(place(c)) for c in drawn))
    start = names + (62 if low < 0 else 8)
    unit = (WIDTH - 66 - start) / ((high - low) or 1)
    zero = start - low * unit
    body = "".join(bar(c, i, zero, unit, names) for i, c in enumerate(drawn))
    height = len(drawn) * BAR + 8
    body += f'<line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="2" y2="{height - 4}"/>'
    years = sorted({when(c.figure.year) for c in drawn})
    more = f"; {len(cells) - ROWS} more in the table" if len(cells) > ROWS else ""
    return figure(drawn[0].measure, ", ".join(years) + more, body, height, spoken(drawn))


def bar(cell: Cell, row: int, zero: float, unit: float, names: float) -> str:
    """One place: its name, its bar, its value at the bar's end."""
    value = float(cell.figure.value)
    end, y = zero + value * unit, row * BAR + 6
    side, at = ("end", end - 5) if value < 0 else ("start", end + 5)
    kind = sign_class(cell)
    name = place(cell) if len(place(cell)) < 22 else place(cell)[:20] + "\u2026"
    x, width = min(zero, end), max(abs(end - zero), 0.75)
    return (
        f'<g class="mark {kind}"><title>{tip(cell)}</title>'
        f"{text('name', names - 6, y + 13, esc(name), 'end')}"
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="18" rx="2"/>'
        f"{text('val', at, y + 13, shown(cell), side)}</g>"
    )


def text(kind: str, x: float, y: float, markup: str, anchor: str = "start") -> str:
    """A label of the drawing."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{markup}</text>'


def lines(series: Sequence[Series]) -> str:
    """One line for each place over its years; neighbouring years are joined, others are not."""
    cells = [c for _, row in series for c in row]
    first, last = min(map(year_of, cells)), max(map(year_of, cells))
    bottom, top, ticks = scale([c.figure.value for c in cells])

    def x(year: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (year - first) / ((last - first) or 1)

    def y(value: Decimal) -> float:
        return TOP + (HEIGHT - TOP) * float((top - value) / (top - bottom))

    body = "".join(rule(t, y(t), cells[0].measure) for t in ticks) + years_axis(first, last, x)
    labels = spread([min(y(row[-1].figure.value), HEIGHT - 4) for _, row in series])
    for n, (name, row) in enumerate(series):
        points = [(x(year_of(c)), y(c.figure.value), c) for c in row]
        body += f'<g class="line s{n % COLOURS}">{joined(points)}{dots(points, len(series) == 1)}'
        short = name if len(name) < 15 else name[:13] + "\u2026"
        at, right = labels[n], points[-1][0] + 9
        body += text("end", right, at, esc(short))
        body += text("end", right, at + 13, shown(row[-1])) + "</g>"
    gaps = "; gaps are years without a figure" if any(missing(row) for _, row in series) else ""
    span = f"{first} to {last}{gaps}" if first != last else str(first)
    return figure(cells[0].measure, span, body, max(HEIGHT + 30.0, max(labels) + 20), spoken(cells))


def joined(points: Sequence[tuple[float, float, Cell]]) -> str:
    """The strokes between figures of neighbouring years."""
    runs = groupby(enumerate(points), key=lambda p: year_of(p[1][2]) - p[0])
    paths = ([p for _, p in run] for _, run in runs)
    return "".join(
        '<polyline points="' + " ".join(f"{px:.1f},{py:.1f}" for px, py, _ in path) + '"/>'
        for path in paths
        if len(path) > 1
    )


def dots(points: Sequence[tuple[float, float, Cell]], labelled: bool) -> str:
    """A dot for each figure; a line that stands alone also prints its earlier values."""
    out = ""
    for n, (px, py, cell) in enumerate(points):
        out += f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5"><title>{tip(cell)}</title></circle>'
        if labelled and len(points) < 8 and cell is not points[-1][2]:
            side = "middle" if n == 0 else "end" if points[n + 1][1] < py else "start"
            out += text("val", px, py - 9, shown(cell), side)  # away from the line that goes on
    return out


def missing(row: Sequence[Cell]) -> bool:
    """Whether years are missing inside a series."""
    return year_of(row[-1]) - year_of(row[0]) + 1 > len(row)


def rule(tick: Decimal, at: float, measure: Measure) -> str:
    """A horizontal line at a round value; the one at zero is stronger."""
    kind = "zero" if tick == 0 else "grid"
    start, end = LEFT - 6, WIDTH - RIGHT + 4
    label = printed(tick, measure.signed) + percent(measure)
    stroke = f'<line class="{kind}" x1="{start}" x2="{end}" y1="{at:.1f}" y2="{at:.1f}"/>'
    return stroke + text("tick", start - 4, at + 4, label, "end")


def years_axis(first: int, last: int, x: Callable[[int], float]) -> str:
    """The years under the chart, every one or every second or so."""
    step = max(1, -(-(last - first + 1) // 7))
    return "".join(text("tick", x(year), HEIGHT + 26, str(year), "middle") for year in range(last, first - 1, -step))


def scale(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, list[Decimal]]:
    """The least and the greatest of the figures and zero, and round values between them."""
    low, high = min(Decimal(0), *values), max(Decimal(0), *values)
    if low == high:
        high = Decimal(1)
    raw = (high - low) / 4
    unit = Decimal(1).scaleb(raw.adjusted())
    step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= raw)
    start = int((low / step).to_integral_value("ROUND_CEILING"))
    stop = int((high / step).to_integral_value("ROUND_FLOOR"))
    places = Decimal(1).scaleb(min(0, step.adjusted()))
    return low, high, [(step * n).quantize(places) for n in range(start, stop + 1)]


def spread(wanted: Sequence[float], apart: float = 29) -> list[float]:
    """Heights for labels near the wanted ones and never over each other."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    out = [0.0] * len(wanted)
    floor = -1e9
    for i in order:
        out[i] = floor = max(wanted[i] - 2, floor + apart)
    return out


def tip(cell: Cell) -> str:
    """What a pointer that rests on a mark reads: the exact value and what it counts per."""
    value = said(printed(cell.figure.value, cell.measure.signed), cell.measure)
    return esc(f"{place(cell)}, {when(cell.figure.year)}: {value}")


def spoken(cells: Iterable[Cell]) -> str:
    """The chart in words, for those who hear the page."""
    return "; ".join(f"{place(c)} {when(c.figure.year)}: {exact(c)}" for c in cells)


def figure(measure: Measure, years: str, body: str, height: float, words: str) -> str:
    """The frame: what is measured, per what, which edition, and the drawing."""
    edition = f" \u00b7 {esc(measure.edition)}" if measure.edition else ""
    meaning = "; above 0, more arrive than leave" if measure.signed else ""
    return (
        f'<figure class="chart"><figcaption>{esc(measure.name)}<span class="sub">'
        f"{esc(basis(measure))}{meaning} \u00b7 {esc(years)}{edition}</span></figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{esc(measure.name)}: '
        f'{esc(words)}">{body}</svg></figure>'
    )
