"""What the table makes of a frame: every value that it could have, worked out in Decimal.

One result for each measure that holds what the frame needs; none where it holds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from assistant.cells import LEAST_RANKED
from assistant.framing import Frame
from assistant.result import Result
from corpus.figures import FigureTable
from corpus.places import Gazetteer
from corpus.types import Figure, KnownDirection

_SLIP = re.compile(r"\bcertainly a slip\b")  # the note of a cell that bears out only who names its report
LEAST_SERIES = 3  # a peak is one among so many years at least
_NOTED = re.compile(
    r"Ranked (\d+)(?:st|nd|rd|th)\b(?: of (\d+)\b)?"
)  # how the notes of cells give a rank of their source


class Reckoner:
    """Works frames out over one table; look-ups are kept, since one sentence asks many of the same."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self.table = table
        self.places = places
        self._rows: dict[tuple[str, int | None], list[Figure]] = {}
        self._of_place: dict[tuple[str, str], dict[int | None, Figure]] = {}
        for f in table.figures:
            self._rows.setdefault((f.measure, f.year), []).append(f)
            self._of_place.setdefault((f.measure, f.place), {}).setdefault(f.year, f)
        self._known: dict[tuple[str, str, int], KnownDirection] = {
            (k.measure, k.place, k.year): k for k in table.directions
        }

    def series(self, measure: str, place: str) -> dict[int | None, Figure]:
        """The figures of a measure and place by year."""
        return self._of_place.get((measure, place), {})

    def rows(self, measure: str, year: int | None, group: str = "") -> list[Figure]:
        """The places of a measure in a year, the world as a whole left out."""
        allowed = set(self.places.groups[group].members) if group in self.places.groups else None
        return [
            f
            for f in self._rows.get((measure, year), [])
            if f.place != "WLD" and (allowed is None or f.place in allowed)
        ]

    def results(self, f: Frame) -> list[Result]:
        """Every value that the frame could have."""
        work = getattr(self, f"_{f.kind}", None)
        return list(work(f)) if work else []

    def cells(self, f: Frame, place: str) -> Iterator[Figure]:
        """The figures of one place in the frame's years, or in all years where it names none."""
        for m in f.measures:
            held = self.series(m, place)
            unit = self.table.measures[m].unit
            if unit.startswith("% change"):  # from one year to another, both in its unit
                yield from (c for c in held.values() if all(str(y) in unit for y in f.years))
                continue
            if not f.years:
                yield from held.values()
            for y in f.years:
                if y in held:
                    yield held[y]
            if f.years and set(held) == {None}:
                yield held[None]

    def subjects(self, f: Frame) -> tuple[str, ...]:
        """The places of a frame; the only place of its measures where it names none."""
        if f.places:
            lone = [m for m in f.measures if self._lone(m)]
            return (
                *f.places,
                *(p for m in lone for p in self._lone(m) if p not in f.places and (p == "WLD" or len(f.places) > 1)),
            )
        alone = tuple(dict.fromkeys(p for m in f.measures for p in self._lone(m)))
        return ("WLD",) if "WLD" in alone else alone

    def _lone(self, measure: str) -> tuple[str, ...]:
        held = self.table.places(measure)
        return tuple(held) if len(held) == 1 else ()

    def _value(self, f: Frame) -> Iterator[Result]:
        for place in self.subjects(f) if not f.places else f.places:
            for c in self.cells(f, place):
                if f.edition or not _SLIP.search(c.note):
                    yield self._part(f, c)
        if f.places:
            for m in f.measures:  # "worked outside their home country": a measure of the world, or of one place
                for place in self._lone(m):
                    if place == "WLD":
                        for c in self.cells(f, place):
                            yield self._part(f, c)

    def _part(self, f: Frame, c: Figure) -> Result:
        """A cell on the base that is asked for, or what it leaves over of a hundred."""
        return Result(100 - c.value, (c,), False) if f.rest else Result(self.based(c, f.per), (c,))

    def based(self, c: Figure, per: int) -> Decimal:
        """A figure on the base that is asked for; as printed where none is, or where it has none."""
        own = self.table.measures[c.measure].per
        return c.value if not per or own in (0, 1, per) else c.value * per / own

    def _pairs(self, f: Frame) -> Iterator[tuple[Figure, Figure]]:
        """Two figures of one place in two years, earlier first."""
        for place in self.subjects(f) if not f.places else f.places[:1]:
            for m in f.measures:
                held = {y: c for y, c in self.series(m, place).items() if y is not None}
                years = sorted(y for y in held if not f.years or y in f.years)
                if len(f.years) >= 2 and {min(f.years), max(f.years)} <= set(held):
                    yield held[min(f.years)], held[max(f.years)]
                elif len(f.years) == 1 and f.years[0] in held:
                    yield from ((held[a], held[f.years[0]]) for a in sorted(held) if a < f.years[0])
                    yield from ((held[f.years[0]], held[b]) for b in sorted(held) if b > f.years[0])
                elif not f.years:
                    yield from pairwise(held[y] for y in years)

    def _change(self, f: Frame) -> Iterator[Result]:
        for m in f.measures:
            unit = self.table.measures[m].unit
            if (
                unit.startswith("% change")
                and (f.percent or f.kind == "moved")
                and all(str(y) in unit for y in f.years)
            ):  # the value is a change itself
                yield from (Result(c.value, (c,)) for p in f.places[:1] for c in self.series(m, p).values())
        for a, b in self._pairs(f):
            if f.percent and a.value:
                diff = abs(b.value) - abs(a.value) if self._sizes(f, a, b) else b.value - a.value
                yield Result(diff / abs(a.value) * 100, (b, a), False)
            else:
                if self.table.measures[a.measure].kind == "rank":  # a larger rank is a lower place
                    a, b = b, a
                diff = abs(b.value) - abs(a.value) if self._sizes(f, a, b) else b.value - a.value
                yield Result(self._scaled(diff, a, f.per), (b, a), False)

    def _sizes(self, f: Frame, a: Figure, b: Figure) -> bool:
        return f.sized and a.value < 0 and b.value < 0

    def _scaled(self, value: Decimal, c: Figure, per: int) -> Decimal:
        own = self.table.measures[c.measure].per
        return value if not per or own in (0, 1, per) or f"{per}" == "100" else value * per / own

    def _moved(self, f: Frame) -> Iterator[Result]:
        yield from self._change(f)
        for m in f.measures if len(f.years) == 2 and f.places else ():  # a direction is known of one of the years
            early, late = (self._sign(m, f.places[0], y) for y in sorted(f.years))
            if early and late and early[0] != late[0] and (early[1] or late[1]):
                yield Result(Decimal(late[0] - early[0]), tuple(c for _s, c in (late, early) if c), False)

    def _sign(self, measure: str, place: str, year: int) -> tuple[int, Figure | None] | None:
        """Whether a flow went in or out, by its cell or by what is known of its direction."""
        if cell := self.series(measure, place).get(year):
            return (1 if cell.value > 0 else -1), cell
        known = self._known.get((measure, place, year))
        return ((1 if known.direction == "inflow" else -1), None) if known else None

    def _duos(self, f: Frame) -> Iterator[tuple[Figure, Figure]]:
        """Two places in one year, or one place in two years, or in two editions."""
        if len(f.places) >= 2:
            a, b = f.places[:2]
            for m in f.measures:
                left, right = self.series(m, a), self.series(m, b)
                if len(f.years) == 2:
                    if f.years[0] in left and f.years[1] in right:
                        yield left[f.years[0]], right[f.years[1]]
                years = [y for y in left if y in right and (not f.years or y in f.years or y is None)]
                yield from ((left[y], right[y]) for y in years)
        elif len(f.years) == 2:
            for early, late in self._pairs(f):
                yield late, early
        elif f.places:
            found = [c for c in self.cells(f, f.places[0]) if c.year in f.years]
            yield from ((a, b) for a in found for b in found if a.measure != b.measure and self._alike(a, b))

    def _alike(self, a: Figure, b: Figure) -> bool:
        base = [self.table.measures[c.measure].denominator.split(",")[0] for c in (a, b)]
        return base[0] == base[1]

    def _gap(self, f: Frame) -> Iterator[Result]:
        for a, b in self._duos(f):
            diff = abs(a.value) - abs(b.value) if f.sized and a.value < 0 and b.value < 0 else a.value - b.value
            if self.table.measures[a.measure].kind == "rank":
                diff = -diff  # a smaller rank is a higher place
            yield Result(self._scaled(diff, a, f.per), (a, b), False)

    def _compare(self, f: Frame) -> Iterator[Result]:
        yield from self._gap(f)

    def _times(self, f: Frame) -> Iterator[Result]:
        for m in f.measures:
            if self.table.measures[m].unit.startswith("% change"):
                yield from (
                    Result(1 + c.value / 100, (c,), False) for p in f.places[:1] for c in self.series(m, p).values()
                )
        for a, b in self._duos(f):
            if b.value and a.value and (a.value < 0) == (b.value < 0):
                yield Result(a.value / b.value, (a, b), False)
                if len(f.places) < 2:
                    yield Result(b.value / a.value, (b, a), False)

    def ranked(self, f: Frame) -> Iterator[tuple[list[Figure], Figure | None]]:
        """The ordered rows of each measure and year of a frame, and the row of its place."""
        for m in f.measures:
            years: Sequence[int | None] = f.years or [y for mm, y in self._rows if mm == m]
            for y in years:
                rows = self.rows(m, y, f.group)
                if not rows or f.kind in ("rank", "total") and len(rows) < (2 if f.group else LEAST_RANKED):
                    continue
                upward = self.table.measures[m].kind == "rank"
                rows = sorted(rows, key=lambda c: c.value if upward != f.bottom else -c.value)
                if f.sized and not upward:
                    rows = [c for c in rows if (c.value < 0) == self._losing(f)] or rows
                yield rows, next((c for c in rows if f.places and c.place == f.places[0]), None)

    def _losing(self, f: Frame) -> bool:
        """Whether a rank by size is one among losses: from the bottom it is, unless the least gain is meant."""
        return f.bottom and f.direction != "in"

    def _rank(self, f: Frame) -> Iterator[Result]:
        for place in f.places[:1]:
            for m in f.measures:
                if self.table.measures[m].kind == "rank":
                    yield from (
                        Result(c.value, (c,)) for c in self.cells(Frame("value", f.places, f.years, (m,)), place)
                    )
        for place in f.places[:1]:
            for c in self.cells(Frame("value", f.places, f.years, f.measures), place):
                if said := _NOTED.match(c.note):
                    yield Result(Decimal(said[1]), (c,), False)
        for rows, own in self.ranked(f):
            if own is None or self.table.measures[own.measure].kind == "rank":
                continue
            first = next(i for i, c in enumerate(rows, 1) if c.value == own.value)
            tied = sum(1 for c in rows if c.value == own.value)
            yield Result(Decimal(first), (own,), False, Decimal(first + tied - 1))

    def _peak(self, f: Frame) -> Iterator[Result]:
        """How many years of the place stand before the year of the frame, and itself."""
        for m in f.measures if f.places and f.years else ():
            rows = {y: c for y, c in self.series(m, f.places[0]).items() if y is not None}
            rows = {y: c for y, c in rows.items() if not f.span or f.span[0] <= y <= f.span[1]}
            own = rows.get(f.years[0])
            if own is None or len(rows) < LEAST_SERIES or f.sized and f.bottom and own.value > 0:
                continue
            alike = [c for c in rows.values() if not f.sized or (c.value < 0) == (own.value < 0)]
            turned = f.bottom != (self.table.measures[m].kind == "rank")
            before = [c for c in alike if (c.value < own.value if turned else c.value > own.value)]
            yield Result(Decimal(1 + len(before)), (own, *before[:1]), False)

    def _total(self, f: Frame) -> Iterator[Result]:
        for rows, _own in self.ranked(f):
            yield Result(Decimal(len(rows)), tuple(rows[:1]), False)
        for place in f.places[:1]:
            for c in self.cells(Frame("value", f.places, (), f.measures), place):
                if (said := _NOTED.match(c.note)) and said[2]:
                    yield Result(Decimal(said[2]), (c,), False)

    def _count(self, f: Frame) -> Iterator[Result]:
        for rows, _own in self.ranked(f):
            chosen = self.chosen(f, rows)
            yield Result(Decimal(len(chosen)), tuple(chosen or rows[:1]), False)

    def _every(self, f: Frame) -> Iterator[Result]:
        """How many places of a group go another way than is said of all, those excepted going the other."""
        for rows, _own in self.ranked(f):
            chosen = {c.place for c in self.chosen(f, rows)}
            astray = [c for c in rows if (c.place in chosen) == (c.place in f.near)]
            if {*f.near} <= {c.place for c in rows} and len(rows) > 1:
                yield Result(Decimal(len(astray)), tuple(astray or rows[:1]), False)

    def _years(self, f: Frame) -> Iterator[Result]:
        """How many of the years of a place lie above or below a limit."""
        for m in f.measures if f.places else ():
            rows = [c for y, c in self.series(m, f.places[0]).items() if y is not None]
            if len(f.years) > 1 and not {min(f.years), max(f.years)} <= {c.year for c in rows}:
                continue  # "five years from 2014" where the series begins in 2015
            rows = [c for c in rows if not f.years or min(f.years) <= (c.year or 0) <= max(f.years)]
            if rows:
                chosen = self.chosen(f, rows)
                yield Result(Decimal(len(chosen)), tuple(chosen or rows[:1]), False, Decimal(len(rows)))

    def chosen(self, f: Frame, rows: Sequence[Figure]) -> list[Figure]:
        """The rows that a count counts."""
        limit = f.limit or Decimal(0)
        if not f.direction:
            return list(rows)
        return [c for c in rows if (c.value > limit if f.direction == "more" else c.value < limit)]

    def _share(self, f: Frame) -> Iterator[Result]:
        for rows, _own in self.ranked(f):
            chosen = self.chosen(f, rows)
            yield Result(Decimal(100 * len(chosen)) / len(rows), tuple(chosen or rows[:1]), False)

    def _average(self, f: Frame) -> Iterator[Result]:
        for m in f.measures:
            for rows in self._averaged(f, m):
                if len(rows) < 2:
                    continue
                values = sorted(c.value for c in rows)
                half = len(values) // 2
                mid = values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
                value = mid if f.median else sum(values, Decimal(0)) / len(values)
                yield Result(self._scaled(value, rows[0], f.per), tuple(rows), False)

    def _sum(self, f: Frame) -> Iterator[Result]:
        for m in f.measures:
            for rows in self._averaged(f, m):
                if len(rows) > 1 and len(f.places) == len(rows):
                    yield Result(
                        self._scaled(sum((c.value for c in rows), Decimal(0)), rows[0], f.per), tuple(rows), False
                    )

    def _averaged(self, f: Frame, m: str) -> Iterator[list[Figure]]:
        if len(f.places) == 1:
            held = {y: c for y, c in self.series(m, f.places[0]).items() if y is not None}
            lo, hi = (min(f.years), max(f.years)) if f.years else (0, 9999)
            rows = [c for y, c in held.items() if lo <= y <= hi]
            if f.years and not {lo, hi} <= set(held):
                return
            yield rows
        elif f.places:
            for y in f.years or self.table.years(m):
                rows = [self.series(m, p)[y] for p in f.places if y in self.series(m, p)]
                if len(rows) == len(f.places):
                    yield rows
        else:
            for y in f.years or self.table.years(m):
                yield self.rows(m, y, f.group)

    def _direction(self, f: Frame) -> Iterator[Result]:
        for place in f.places[:1]:
            for c in self.cells(f, place):
                if self.table.measures[c.measure].signed:
                    yield Result(c.value, (c,))
            for m in f.measures:
                for y in f.years:
                    if known := self._known.get((m, place, y)):
                        yield Result(Decimal(1 if known.direction == "inflow" else -1), (), known=known)
