"""Figure tools: exact look-ups, comparisons, rankings and workings over the table of figures.

Plain functions of a table and a question; each returns Evidence. Nothing is interpolated, nothing
is converted between denominators, and what is absent is returned as a Gap with its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from assistant.types import Cell, Derived, Direction, Evidence, Gap, Question
from corpus.figures import FigureTable
from corpus.places import Gazetteer
from corpus.types import Figure, Source

LEAST_RANKED = 5  # a ranking of fewer places says little; the next measure of the family is taken
_ASKS_SHARE = re.compile(r"\b(share|percent|percentage|per cent|proportion)\b", re.IGNORECASE)
NO_SOURCE = Source(id="", title="")


class Figures:
    """The tools over one table, with the names of places."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self.table = table
        self.places = places

    # -- choosing a measure --------------------------------------------------------------------

    def candidates(self, q: Question) -> tuple[str, ...]:
        """The measures that may answer, best first: the named ones, or the family in its order."""
        if q.measures:
            return q.measures
        return self.table.families[q.family].order if q.family in self.table.families else ()

    def members(self, q: Question) -> tuple[str, ...]:
        """The places asked about: those named, or the members of the group named."""
        if q.places or not q.group:
            return q.places
        return self.places.groups[q.group].members

    def cell(self, figure: Figure) -> Cell:
        """A figure with its measure, source and the name of its place."""
        source = self.table.sources.get(figure.source_id, NO_SOURCE)
        return Cell(figure, self.table.measures[figure.measure], source, self.places.name(figure.place))

    def cells(self, figures: Iterable[Figure]) -> tuple[Cell, ...]:
        """Figures as cells."""
        return tuple(self.cell(f) for f in figures)

    def others(self, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        """The same places and years under the other measures of the family, in its order."""
        found: list[Figure] = []
        for c in cells:
            family = self.table.family_of(c.figure.measure)
            if family.distinct:
                continue
            for measure in family.order:
                other = self.table.cell(measure, c.figure.place, c.figure.year)
                if measure != c.figure.measure and other is not None and other not in found:
                    found.append(other)
        return self.cells(found)

    # -- the tools -----------------------------------------------------------------------------

    def gather(self, q: Question) -> Evidence:
        """The evidence for a question about figures."""
        tool: dict[str, Callable[[Question], Evidence]] = {
            "value": self.lookup, "sign": self.lookup, "compare": self.compare, "rank": self.rank,
            "place_rank": self.place_rank, "change": self.change, "trend": self.trend, "average": self.average,
            "count": self.count, "editions": self.editions, "coverage": self.coverage,
            "define_measure": self.define,
        }  # fmt: skip
        if q.asks == "define_measure":
            return self.define(q)
        if not self.members(q) and q.asks in (
            "value",
            "sign",
            "compare",
            "change",
            "trend",
            "place_rank",
        ):
            world = any("WLD" in self.table.places(m) for m in self.candidates(q))
            only = {p for m in self.candidates(q) for p in self.table.places(m)}
            if world:
                q = replace(q, places=("WLD",))
            elif len(only) == 1:
                q = replace(q, places=tuple(only))
            else:
                return self.rank(q)
        if q.compares and (apart := self._measures_apart(q)):
            return apart
        evidence = tool.get(q.asks, self.lookup)(q)
        return self._convert(q, evidence) if q.base else evidence

    def lookup(self, q: Question) -> Evidence:
        """The value of each place and year, from the first measure that holds it."""
        if len(self.members(q)) > 6:
            return self.rank(q)
        cells: list[Cell] = []
        known: list[Direction] = []
        gaps: list[Gap] = []
        for place in self.members(q):
            for year in q.years or (self._latest(q, place),):
                figure = self._first(self.candidates(q), place, year)
                if figure is not None:
                    cells.append(self.cell(figure))
                direction = self._direction(q, place, year)
                if direction and (figure is None or not q.measures):
                    known.append(direction)
                if figure is None and not q.ranged:
                    gaps.append(self._gap(q, place, year, direction))
        if not cells and not gaps:  # a range of years of which none is held
            gaps += [self._gap(q, place, q.years[-1] if q.years else None, None) for place in self.members(q)]
        others = self.others(cells) if cells else self._elsewhere(q)
        return Evidence(tuple(cells), others, tuple(known), gaps=tuple(gaps))

    def compare(self, q: Question) -> Evidence:
        """Places under one measure in one year, with the difference worked out."""
        places = self.members(q)
        if len(places) < 2:
            if len(q.years) > 1:
                return self.change(q)
            return self.lookup(q)
        for measure in self.candidates(q):
            years = [
                y
                for y in (q.years or self.table.years(measure)[::-1])
                if all(self.table.cell(measure, p, y) for p in places)
            ]
            if not years:
                continue
            years = sorted(years if q.years else years[:1])
            cells = [self.cell(f) for y in years for p in places if (f := self.table.cell(measure, p, y))]
            derived = [d for y in years if (d := self._difference([c for c in cells if c.figure.year == y]))]
            return Evidence(tuple(cells), self.others(cells) if len(cells) <= 4 else (), derived=tuple(derived))
        return self._cannot_compare(q, places)

    def rank(self, q: Question) -> Evidence:
        """The first or last places of a measure in a year."""
        allowed = set(self.places.groups[q.group].members) if q.group else None
        measure, year = self._ranked(q, allowed)
        if measure is None:
            return Evidence(gaps=(self._gap(q, "", q.years[0] if q.years else None, None),))
        ordered = self._order(measure, year, q.lowest, allowed)
        size = q.top or (10 if q.group else 5)
        cells = self.cells(ordered[:size])
        return Evidence(cells, (), field=len(ordered))

    def place_rank(self, q: Question) -> Evidence:
        """Where each place stands among all that the measure holds for the year."""
        allowed = set(self.places.groups[q.group].members) if q.group else None
        cells: list[Cell] = []
        derived: list[Derived] = []
        field = 0
        for measure in self.candidates(q):
            years = [
                y
                for y in (q.years or self.table.years(measure)[::-1])
                if all(self.table.cell(measure, p, y) for p in q.places)
            ]
            for year in years[: len(q.years) or 1]:
                ordered = self._order(measure, year, False, allowed)
                if len(ordered) < LEAST_RANKED and self.table.measures[measure].kind != "rank" and not q.measures:
                    continue
                for place in q.places:
                    figure = (
                        next(f for f in ordered if f.place == place) if any(f.place == place for f in ordered) else None
                    )
                    if figure is None:
                        continue
                    cells.append(self.cell(figure))
                    field = len(ordered)
                    position = 1 + sum(1 for f in ordered if f.value != figure.value and _before(f, figure, self.table))
                    formula = f"rank {position} of {field} places in {year}, highest first"
                    derived.append(Derived(formula, Decimal(position), self.cells([figure])))
            if cells:
                return Evidence(tuple(cells), (), derived=tuple(derived), field=field)
        return self.lookup(q)

    def change(self, q: Question) -> Evidence:
        """The difference between two years of one place under one measure."""
        if len(q.years) == 1 and not q.ranged:
            return self.lookup(replace(q, asks="value"))
        series = self._series(q)
        if series is None:
            return self._two_measures(q) or self.lookup(q)
        cells: list[Cell] = []
        derived: list[Derived] = []
        for rows in series:
            wanted = [y for y in q.years if y in rows]
            if len(q.years) == 1:
                wanted = sorted({y for y in (q.years[0], max(rows)) if y in rows})
            ends = (wanted[0], wanted[-1]) if len(wanted) > 1 else (min(rows), max(rows))
            cells += self.cells(rows[y] for y in rows if ends[0] <= y <= ends[1])
            if ends[0] != ends[1]:
                derived.append(self._change(self.cell(rows[ends[0]]), self.cell(rows[ends[1]])))
        return Evidence(tuple(cells), (), self._directions(q), tuple(derived))

    def trend(self, q: Question) -> Evidence:
        """The years of each place under one measure; missing years stay missing."""
        return self.change(q)

    def average(self, q: Question) -> Evidence:
        """The mean (or median) over years of one place, or over places in one year."""
        members = self.members(q)
        for measure in self.candidates(q):
            if q.places:
                rows = [
                    f
                    for p in members
                    for f in self.table.series(measure, p).values()
                    if not q.years or f.year in q.years
                ]
                whole = not q.years or {(f.place, f.year) for f in rows} == {(p, y) for p in members for y in q.years}
            else:
                held = self.table.years(measure)
                year = q.years[0] if q.years else held[-1] if held else None
                rows = [
                    f
                    for f in self.table.of(measure, year=year)
                    if f.place != "WLD" and (not q.group or f.place in members)
                ]
                whole = len(rows) >= LEAST_RANKED
            if len(rows) > 1 and whole:
                return Evidence(self.cells(rows), (), derived=(self._mean(q, rows),), field=len(rows))
        return self.lookup(q) if q.places else self.rank(q)

    def count(self, q: Question) -> Evidence:
        """How many places of a measure lie above or below a threshold in a year."""
        allowed = set(self.places.groups[q.group].members) if q.group else None
        measure, year = self._ranked(q, allowed)
        if measure is None:
            return Evidence(gaps=(self._gap(q, "", q.years[0] if q.years else None, None),))
        ordered = self._order(measure, year, q.lowest or q.below, allowed)
        limit = q.threshold if q.threshold is not None else Decimal(0)
        below = q.below or (q.threshold is None and q.lowest)
        chosen = [f for f in ordered if (f.value < limit if below else f.value > limit)]
        formula = f"{len(chosen)} of {len(ordered)} places {'below' if below else 'above'} {limit} in {year}"
        inputs = self.cells(chosen or ordered[:1])
        derived = [Derived(formula, Decimal(len(chosen)), inputs)]
        if ordered and _ASKS_SHARE.search(q.text):
            share = (Decimal(100 * len(chosen)) / len(ordered)).quantize(Decimal("0.1")).normalize()
            derived.append(Derived(f"{len(chosen)} / {len(ordered)} x 100 = {format(share, 'f')}", share, inputs))
        return Evidence(self.cells(chosen), (), derived=tuple(derived), field=len(ordered))

    def editions(self, q: Question) -> Evidence:
        """The same place and year under every measure of the family."""
        everything = replace(q, measures=())
        cells: list[Cell] = []
        for place in self.members(q):
            for year in q.years or (self._latest(everything, place),):
                for measure in self.candidates(everything):
                    figure = self.table.cell(measure, place, year)
                    if figure is not None:
                        cells.append(self.cell(figure))
        if not cells:
            return self.lookup(everything)
        return Evidence(tuple(cells), (), self._directions(everything))

    def coverage(self, q: Question) -> Evidence:
        """The first and last figure of each measure that holds something for the place or family."""
        chosen = self.candidates(q) or tuple(self.table.measures)
        cells: list[Cell] = []
        for measure in chosen:
            rows = [f for f in self.table.of(measure) if not q.places or f.place in q.places]
            rows = [f for f in rows if not q.years or f.year in q.years]
            dated = sorted((f for f in rows if f.year is not None), key=lambda f: f.year or 0)
            if rows:
                ends = [dated[0], dated[-1]] if dated else rows[:1]
                cells += self.cells(dict.fromkeys(ends))
        if not cells:
            return self.lookup(q)
        return Evidence(tuple(cells), field=len({c.figure.measure for c in cells}))

    def define(self, q: Question) -> Evidence:
        """The newest figure of each measure whose definition is asked for, to cite it by."""
        chosen = q.measures or self.candidates(q)[:1]
        rows = [max(self.table.of(m), key=lambda f: (f.year or 0, f.place)) for m in chosen if self.table.of(m)]
        return Evidence(self.cells(rows[:3]))

    # -- parts -----------------------------------------------------------------------------------

    def _first(self, measures: Iterable[str], place: str, year: int | None) -> Figure | None:
        return next((f for m in measures if (f := self.table.cell(m, place, year)) is not None), None)

    def _latest(self, q: Question, place: str) -> int | None:
        for measure in self.candidates(q):
            rows = self.table.of(measure, place)
            if rows:
                return max((f.year for f in rows if f.year is not None), default=None)
        return None

    def _direction(self, q: Question, place: str, year: int | None) -> Direction | None:
        for measure in self.candidates(q):
            known = self.table.direction(measure, place, year) if year is not None else None
            if known is not None:
                source = self.table.sources.get(known.source_id, NO_SOURCE)
                return Direction(known, self.table.measures[measure], source, self.places.name(place))
        return None

    def _directions(self, q: Question) -> tuple[Direction, ...]:
        years = q.years if len(q.years) != 2 else tuple(range(q.years[0], q.years[1] + 1))
        found = (self._direction(q, p, y) for p in self.members(q) for y in years)
        return tuple(d for d in found if d)

    def _order(self, measure: str, year: int | None, lowest: bool, allowed: set[str] | None) -> list[Figure]:
        rows = [
            f for f in self.table.of(measure, year=year) if f.place != "WLD" and (allowed is None or f.place in allowed)
        ]
        highest_first = (self.table.measures[measure].kind != "rank") != lowest
        return sorted(rows, key=lambda f: (-f.value if highest_first else f.value, f.place))

    def _ranked(self, q: Question, allowed: set[str] | None) -> tuple[str | None, int | None]:
        """The measure and year of a ranking: the first of the family with enough places."""
        for least in (LEAST_RANKED, 1):
            for measure in self.candidates(q):
                for year in q.years or [
                    *self.table.years(measure)[::-1][:1],
                    *([None] if not self.table.years(measure) else []),
                ]:
                    if len(self._order(measure, year, False, allowed)) >= least:
                        return measure, year
        return None, None

    def _series(self, q: Question) -> list[dict[int, Figure]] | None:
        """The years of each place under the measure that covers most of what is asked.

        Two years named by themselves must both be there; of a range, the ends count before the
        number of years; without years, the longest series leads.
        """
        wanted = set(q.years)
        first, last = (min(wanted), max(wanted)) if wanted else (0, 9999)
        if len(wanted) == 1:
            last = 9999  # "since"
        best: tuple[tuple[bool, bool, int], list[dict[int, Figure]]] | None = None
        for measure in self.candidates(q):
            rows = [self.table.series(measure, p) for p in self.members(q)]
            rows = [{y: f for y, f in r.items() if first <= y <= last} for r in rows]
            if not rows or not all(len(r) > 1 for r in rows):
                continue
            starts = all(first in r for r in rows) or not wanted
            ends = all(last in r for r in rows) or not wanted
            if len(wanted) > 1 and not q.ranged and not (starts and ends):
                continue
            key = (starts and ends, starts, sum(len(r) for r in rows))
            if best is None or key > best[0]:
                best = (key, rows)
        return best[1] if best else None

    def _difference(self, cells: Sequence[Cell]) -> Derived | None:
        if len(cells) < 2:
            return None
        ordered = sorted(cells, key=lambda c: -c.figure.value)
        high, low = ordered[0], ordered[-1]
        value = high.figure.value - low.figure.value
        return Derived(_minus(high.figure.value, low.figure.value, value), value, (high, low))

    def _change(self, early: Cell, late: Cell) -> Derived:
        value = late.figure.value - early.figure.value
        return Derived(_minus(late.figure.value, early.figure.value, value), value, (late, early))

    def _mean(self, q: Question, rows: Sequence[Figure]) -> Derived:
        values = [f.value for f in rows]
        digits = min(min(int(v.as_tuple().exponent) for v in values), 0)
        if q.median:
            ordered = sorted(values)
            half = len(ordered) // 2
            value = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
            formula = f"median of {len(values)} values = {format(value, 'f')}"
        else:
            value = (sum(values, Decimal(0)) / len(values)).quantize(Decimal(1).scaleb(digits - 1), ROUND_HALF_EVEN)
            terms = " + ".join(_term(v) for v in values) if len(values) <= 6 else f"sum of {len(values)} values"
            formula = f"({terms}) / {len(values)} = {format(value, 'f')}"
        return Derived(formula, value, self.cells(rows))

    def _convert(self, q: Question, evidence: Evidence) -> Evidence:
        """The same rates on another base of the same denominator."""
        derived = list(evidence.derived)
        for c in evidence.cells[:6]:
            per = c.measure.per
            if q.base and per >= 1000 and q.base != per:
                derived.append(rebase(c, q.base))
        return replace(evidence, derived=tuple(derived))

    def _gap(self, q: Question, place: str, year: int | None, direction: Direction | None) -> Gap:
        family = self.table.families.get(q.family)
        measures = self.candidates(q)
        what = (
            self.table.measures[measures[0]].name if q.measures and measures else (family.name if family else "figure")
        )
        looked = (
            f"{what}, {self.places.title(place)}{f', {year}' if year else ''}"
            if place
            else f"{what}{f', {year}' if year else ''}"
        )
        rows = [f for m in measures for f in self.table.of(m, place or None)]
        if direction is not None:
            return Gap("direction_only", looked, self._near(rows, year))
        if not rows:
            said = next(
                (why for m in measures for p, why in self.table.measures[m].absent if p == place),
                "",
            )
            return Gap(
                "place_not_in_measure",
                looked,
                self._near(
                    [f for m in (family.order if family else ()) for f in self.table.of(m, place)],
                    year,
                ),
                said,
            )
        return Gap("year_not_in_measure", looked, self._near(rows, year))

    def _near(self, rows: Sequence[Figure], year: int | None) -> tuple[Cell, ...]:
        dated = [f for f in rows if f.year is not None]
        if not dated:
            return self.cells(rows[:1])
        nearest = min(dated, key=lambda f: abs((f.year or 0) - (year or 9999)))
        return self.cells([nearest])

    def _elsewhere(self, q: Question) -> tuple[Cell, ...]:
        """What other measures of the family hold for the very places and years."""
        family = self.table.families.get(q.family)
        if family is None or family.distinct:
            return ()
        found = (self.table.cell(m, p, y) for p in self.members(q) for y in q.years for m in family.order)
        return self.cells(f for f in found if f is not None)

    def _measures_apart(self, q: Question) -> Evidence | None:
        """One place under measures of different bases: no difference can be worked out."""
        bases = {self.table.measures[m].denominator for m in q.measures}
        if len(bases) < 2 or len(q.places) != 1:
            return None
        figures: list[Figure] = []
        for measure in q.measures:
            rows = self.table.series(measure, q.places[0])
            years = [y for y in q.years if y in rows] or ([max(rows)] if rows else [])
            figures += [rows[y] for y in years[-1:]]
        if len({self.table.measures[f.measure].denominator for f in figures}) < 2:
            return None
        names = " and ".join(dict.fromkeys(self.table.measures[f.measure].short for f in figures))
        cells = self.cells(figures)
        return Evidence(cells, gaps=(Gap("not_comparable", f"one base for {names}", cells),))

    def _two_measures(self, q: Question) -> Evidence | None:
        """A change from one measure's value to another's: shown side by side, never subtracted."""
        if len(q.measures) < 2 or len(q.places) != 1:
            return None
        single = self.lookup(replace(q, asks="value"))
        if len({c.figure.measure for c in single.cells}) < 2:
            return None
        gap = Gap("not_comparable", f"one measure with {' and '.join(map(str, q.years))}", single.cells)
        return replace(single, gaps=(gap,), alternatives=())

    def _cannot_compare(self, q: Question, places: Sequence[str]) -> Evidence:
        """Each place has figures, and no measure has them all: shown side by side, never subtracted."""
        single = self.lookup(replace(q, asks="value"))
        held = {c.figure.place for c in single.cells}
        looked = " and ".join(self.places.title(p) for p in places)
        years = f", {', '.join(map(str, q.years))}" if q.years else ""
        if held >= set(places) and len({c.figure.measure for c in single.cells}) > 1:
            gap = Gap("not_comparable", f"one measure with {looked}{years}", single.cells)
            return replace(single, gaps=(gap,), alternatives=())
        return single


def rebase(cell: Cell, base: int) -> Derived:
    """A rate per another base: -0.30 per 10,000 is -3.0 per 100,000; significant digits are kept."""
    value, per = cell.figure.value, cell.measure.per
    shift = len(str(base)) - len(str(per))
    result = value.scaleb(shift)
    factor = f"x {base // per:,}" if base > per else f"/ {per // base:,}"
    return Derived(f"{format(value, 'f')} {factor} = {format(result, 'f')}", result, (cell,))


def _before(a: Figure, b: Figure, table: FigureTable) -> bool:
    return a.value < b.value if table.measures[a.measure].kind == "rank" else a.value > b.value


def _term(value: Decimal) -> str:
    return f"({format(value, 'f')})" if value < 0 else format(value, "f")


def _minus(a: Decimal, b: Decimal, result: Decimal) -> str:
    return f"{format(a, 'f')} - {_term(b)} = {format(result, 'f')}"
