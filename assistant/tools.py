"""Figure tools: exact look-ups, comparisons, rankings and workings over the table of figures.

Plain functions of a table and a question; each returns Evidence. Nothing is interpolated, nothing
is converted between denominators, and what is absent is returned as a Gap with its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant import workings
from assistant.cells import LEAST_RANKED
from assistant.lexicon import lexicon, says
from assistant.rankings import Rankings
from assistant.types import Cell, Derived, Direction, Evidence, Gap, Question

_APART = re.compile(r"\b(?:difference|distance|gap|apart|change)\b")
_FEW_YEARS = 6  # so many are named one by one
_FEW = 15  # figures of a measure that are few enough to show all
_MOST_PLACES = 6  # more are a ranking, not a list of values


class Figures(Rankings):
    """The tools, one for each thing that can be asked of figures."""

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
        if (q.around or q.nth) and (ordered := self.around(q)):
            return ordered
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
        if q.compares and (apart := self._measures_apart(q) or self._between_editions(q)):
            return apart
        evidence = tool.get(q.asks, self.lookup)(q)
        if q.asks in ("compare", "change", "trend") and says("multiple", q.text.lower()):
            evidence = self._multiplied(q, evidence)
        if q.beside and (second := self.gather(replace(q, family=q.beside, beside="", measures=()))).cells:
            evidence = replace(evidence, also=(second,))
        return self._convert(q, evidence) if q.base and q.asks != "count" else evidence

    def lookup(self, q: Question) -> Evidence:
        """The value of each place and year, from the first measure that holds it."""
        if len(self.members(q)) > _MOST_PLACES:
            return self.rank(q)
        cells: list[Cell] = []
        known: list[Direction] = []
        gaps: list[Gap] = []
        if q.measures and self.table.family_of(q.measures[0]).distinct and len(q.measures) > 1:
            named = [self.lookup(replace(q, measures=(m,))) for m in q.measures]  # two quantities, not two editions
            found = [e for e in named if e.cells]
            return Evidence(tuple(c for e in found for c in e.cells)) if found else named[0]
        for place in self.members(q):
            for year in q.years or (self.latest(q, place),):
                figure = self.first(self.candidates(q), place, year)
                if figure is not None:
                    cells.append(self.cell(figure))
                direction = self.direction(q, place, year)
                if direction and (figure is None or not q.measures):
                    known.append(direction)
                if figure is None and (not q.ranged or (q.measures and year in (q.years[0], q.years[-1]))):
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
            if not q.years and len(q.measures) < 2 and len(places) == 1 and _APART.search(q.text.lower()):
                return self.change(q)
            return self._between_editions(q) or self.lookup(q)
        for measure in self.candidates(q):
            held: list[int | None] = [*self.table.years(measure)[::-1]] or [None]  # some tables name no year
            years = [y for y in (q.years or held) if all(self.table.cell(measure, p, y) for p in places)]
            if not years:
                continue
            years = years if q.years else years[:1]
            cells = [self.cell(f) for y in years for p in places if (f := self.table.cell(measure, p, y))]
            derived = [d for y in years if (d := workings.difference([c for c in cells if c.figure.year == y]))]
            if self.table.measures[measure].kind == "count" and "total" in {
                a.value for a in lexicon().asks.find(q.text)
            }:
                derived = [workings.total(cells)]  # people may be added up, rates may not
            return Evidence(tuple(cells), self.others(cells) if len(cells) <= 4 else (), derived=tuple(derived))
        return self._cannot_compare(q, places)

    def change(self, q: Question) -> Evidence:
        """The difference between two years of one place under one measure."""
        if len(q.years) == 1 and not q.ranged:
            return self.lookup(replace(q, asks="value"))
        series = self.series(q)
        if series is None:
            return self._two_measures(q) or self._apart(q) or self.lookup(q)
        cells: list[Cell] = []
        derived: list[Derived] = []
        for rows in series:
            wanted = [y for y in q.years if y in rows]
            if len(q.years) == 1:
                wanted = sorted({y for y in (q.years[0], max(rows)) if y in rows})
            ends = (wanted[0], wanted[-1]) if len(wanted) > 1 else (min(rows), max(rows))
            cells += self.cells(rows[y] for y in rows if ends[0] <= y <= ends[1])
            if ends[0] != ends[1]:
                derived.append(workings.subtracted(self.cell(rows[ends[1]]), self.cell(rows[ends[0]])))
        gaps: tuple[Gap, ...] = ()
        if q.asks == "change" and len(q.years) > 1 and not re.search(r"\bsince\b", q.text.lower()):
            held = {(c.figure.place, c.figure.year) for c in cells}
            asked = [(p, y) for p in self.members(q) for y in (q.years[0], q.years[-1]) if (p, y) not in held]
            gaps = tuple(self._gap(q, p, y, self.direction(q, p, y)) for p, y in asked)
            if gaps and (apart := self._apart(q)):
                return apart
        turned = says("turns", q.text.lower()) is not None and bool(cells)
        others = self.other_series(q, cells[0].figure.measure) if turned else []
        also = tuple(self.change(other) for other in others)
        return Evidence(tuple(cells), (), self.directions(q), tuple(derived), gaps, also=also)

    def trend(self, q: Question) -> Evidence:
        """The years of each place under one measure; missing years stay missing."""
        return self.change(q)

    def average(self, q: Question) -> Evidence:
        """The mean (or median) over years of one place, or over places in one year."""
        members = self.members(q)
        for measure in self.candidates(q) if q.places else self.covering(q, set(members) if q.group else None):
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
                    if f.place not in ("WLD", *q.excluded) and (not q.group or f.place in members)
                ]
                whole = len(rows) >= (2 if q.group else LEAST_RANKED)
            if len(rows) > 1 and whole:
                cells = self.cells(rows)
                left = () if q.places else self.left_out(q, measure, rows[0].year)
                return Evidence(cells, (), derived=(workings.mean(cells, q.median), *left), field=len(rows))
        return (self._apart(q) or self.lookup(q)) if q.places else self.rank(q)

    def editions(self, q: Question) -> Evidence:
        """The same place and year under every measure of the family."""
        everything = replace(q, measures=())
        cells: list[Cell] = []
        for place in self.members(q):
            for year in q.years or (self.latest(everything, place),):
                for measure in self.candidates(everything):
                    figure = self.table.cell(measure, place, year)
                    if figure is not None:
                        cells.append(self.cell(figure))
        if not cells:
            return self.lookup(everything)
        return Evidence(tuple(cells), (), self.directions(everything))

    def coverage(self, q: Question) -> Evidence:
        """The first and last figure of each measure that holds something for the place or family."""
        every = tuple(m for f in self.table.families.values() for m in f.order)
        chosen = every if q.everything and q.places and not q.measures else self.candidates(q) or every
        cells: list[Cell] = []
        for measure in chosen:
            rows = [f for f in self.table.of(measure) if not q.places or f.place in q.places]
            rows = [f for f in rows if not q.years or f.year in q.years]
            dated = sorted((f for f in rows if f.year is not None), key=lambda f: f.year or 0)
            if rows:
                years = dict.fromkeys(f.year for f in dated)
                firsts = [next(f for f in dated if f.year == y) for y in years]
                ends = firsts if 0 < len(firsts) <= _FEW_YEARS else [dated[0], dated[-1]] if dated else rows[:1]
                cells += self.cells(dict.fromkeys(ends))
        if not cells:
            return self.lookup(q)
        if len(chosen) == 1 and not q.places and len(self.table.of(chosen[0])) <= _FEW:
            cells = list(self.cells(self.table.of(chosen[0])))
        return Evidence(tuple(cells), field=len({c.figure.measure for c in cells}))

    def define(self, q: Question) -> Evidence:
        """The newest figure of each measure whose definition is asked for, to cite it by."""
        chosen = q.measures or self.candidates(q)[:1]
        rows = [max(self.table.of(m), key=lambda f: (f.year or 0, f.place)) for m in chosen if self.table.of(m)]
        return Evidence(self.cells(rows[:3]))

    def _between_editions(self, q: Question) -> Evidence | None:
        """One place and year under several named measures of one base, with the difference."""
        if len(q.measures) < 2 or len(q.places) != 1:
            return None
        place, year = q.places[0], q.years[0] if q.years else self.latest(q, q.places[0])
        figures = [f for m in q.measures if (f := self.table.cell(m, place, year)) is not None]
        distinct = self.table.family_of(q.measures[0]).distinct  # parts of one whole: shares of the same sample
        alike = {self.table.measures[f.measure].unit if distinct else self.base_of(f.measure) for f in figures}
        if len(figures) < 2 or len(alike) > 1:
            return None
        cells = self.cells(figures)
        worked = workings.difference(cells)
        return Evidence(cells, derived=(worked,) if worked else ())

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

    def _multiplied(self, q: Question, evidence: Evidence) -> Evidence:
        """How many times one value is the other: the last year's the first's, the first place's the second's."""
        cells = evidence.cells
        if len({c.figure.place for c in cells}) == 1:
            dated = sorted(cells, key=lambda c: c.figure.year or 0)
            pair = (dated[-1], dated[0])
        elif len(cells) == 2 and len({self.base_of(c.figure.measure) for c in cells}) == 1:
            pair = tuple(sorted(cells, key=lambda c: q.places.index(c.figure.place)))  # type: ignore[assignment]
        else:
            return evidence
        worked = workings.multiple(*pair) if len(cells) > 1 else None
        return replace(evidence, derived=(*evidence.derived, worked)) if worked else evidence

    def _convert(self, q: Question, evidence: Evidence) -> Evidence:
        """The same rates on another base of the same denominator."""
        derived = list(evidence.derived)
        for c in evidence.cells[:6]:
            per = c.measure.per
            if q.base and per >= 100 and q.base != per:
                derived.append(workings.rebase(c, q.base))
        apart = [d for d in evidence.derived if len(d.inputs) == 2 and " - " in d.formula]
        derived += [
            workings.rebased_difference(d, q.base) for d in apart if q.base and q.base != d.inputs[0].measure.per
        ]
        return replace(evidence, derived=tuple(derived))
