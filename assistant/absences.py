"""Absences and their kinds: no such place, no such year, only a direction, no common base."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.cells import Cells
from assistant.types import Cell, Direction, Evidence, Gap, Question
from corpus.types import Figure


class Absences(Cells):
    """What is missing, and the nearest that exists."""

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
        told = any(d.measure in measures and d.place == place for d in self.table.directions)
        if direction is not None or (told and not rows and year is None):
            return Gap("direction_only", looked, self._near(rows, year))
        if not rows and not told:
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

    def _apart(self, q: Question) -> Evidence | None:
        """The two ends of a change under measures of different bases: both shown, never subtracted."""
        if len(q.places) != 1 or len(q.years) < 2:
            return None
        ends = [self.first(self.candidates(q), q.places[0], y) for y in (q.years[0], q.years[-1])]
        held = [f for f in ends if f is not None]
        if len(held) < 2 or len({self.base_of(f.measure) for f in held}) < 2:
            return None
        cells = self.cells(held)
        looked = f"one measure with {q.years[0]} and {q.years[-1]}"
        return Evidence(cells, gaps=(Gap("not_comparable", looked, cells),))

    def _measures_apart(self, q: Question) -> Evidence | None:
        """One place under measures of different bases: no difference can be worked out."""
        bases = {self.base_of(m) for m in q.measures}
        if len(bases) < 2 or not q.places or self.table.family_of(q.measures[0]).distinct:
            return None
        figures: list[Figure] = []
        for measure in q.measures:
            for place in q.places:
                rows = self.table.series(measure, place)
                years = [y for y in q.years if y in rows] or ([max(rows)] if rows else [])
                figures += [rows[y] for y in years[-1:]]
        if len({self.base_of(f.measure) for f in figures}) < 2:
            return None
        names = " and ".join(dict.fromkeys(self.table.measures[f.measure].short for f in figures))
        cells = self.cells(figures)
        return Evidence(cells, gaps=(Gap("not_comparable", f"one base for {names}", cells),))
