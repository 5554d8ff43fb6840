"""Cells of the table for a question: which measure, which places and years, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.types import Cell, Direction, Question
from corpus.figures import FigureTable
from corpus.places import Gazetteer
from corpus.types import Figure, Source

_LEAST_SERIES = 3  # years
LEAST_RANKED = 5  # a ranking of fewer places says little; the next measure of the family is taken
NO_SOURCE = Source(id="", title="")


class Cells:
    """Look-ups over one table, with the names of places."""

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

    def base_of(self, measure: str) -> str:
        """What a measure divides by, without the remarks on how a source words it."""
        return self.table.measures[measure].denominator.split(",")[0]

    def first(self, measures: Iterable[str], place: str, year: int | None) -> Figure | None:
        """The figure of the first measure that has the place and year."""
        return next((f for m in measures if (f := self.table.cell(m, place, year)) is not None), None)

    def latest(self, q: Question, place: str) -> int | None:
        """The newest year that the first measure with the place holds."""
        for measure in self.candidates(q):
            rows = self.table.of(measure, place)
            if rows:
                return max((f.year for f in rows if f.year is not None), default=None)
        return None

    def direction(self, q: Question, place: str, year: int | None) -> Direction | None:
        """What is known of the sign where no value is."""
        for measure in self.candidates(q):
            known = self.table.direction(measure, place, year) if year is not None else None
            if known is not None:
                source = self.table.sources.get(known.source_id, NO_SOURCE)
                return Direction(known, self.table.measures[measure], source, self.places.name(place))
        return None

    def directions(self, q: Question) -> tuple[Direction, ...]:
        """The known directions of every place and year asked about."""
        years = q.years if len(q.years) != 2 else tuple(range(q.years[0], q.years[1] + 1))
        found = (self.direction(q, p, y) for p in self.members(q) for y in years)
        return tuple(d for d in found if d)

    def order(self, measure: str, year: int | None, lowest: bool, allowed: set[str] | None) -> list[Figure]:
        """The places of a measure in a year, highest first, or best first where it ranks."""
        rows = [
            f for f in self.table.of(measure, year=year) if f.place != "WLD" and (allowed is None or f.place in allowed)
        ]
        highest_first = (self.table.measures[measure].kind != "rank") != lowest
        return sorted(rows, key=lambda f: (-f.value if highest_first else f.value, f.place))

    def ranked(self, q: Question, allowed: set[str] | None) -> tuple[str | None, int | None]:
        """The measure and year of a ranking: the first of the family with enough places."""
        for least in (LEAST_RANKED, 1):
            for measure in self.covering(q, allowed):
                for year in q.years or [
                    *self.table.years(measure)[::-1][:1],
                    *([None] if not self.table.years(measure) else []),
                ]:
                    if len(self.order(measure, year, False, allowed)) >= least:
                        return measure, year
        return None, None

    def covering(self, q: Question, allowed: set[str] | None) -> tuple[str, ...]:
        """The measures that a question of all places may be put to.

        Where neither year nor edition is named, a list of few places does not stand for the world.
        """
        measures = self.candidates(q)
        if q.years or q.measures or not measures or self.table.families[q.family].distinct:
            return measures
        sizes = {m: len(self.order(m, max(self.table.years(m), default=None), False, allowed)) for m in measures}
        return tuple(m for m in measures if 2 * sizes[m] >= max(sizes.values()))

    def series(self, q: Question) -> list[dict[int, Figure]] | None:
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

    def other_series(self, q: Question, shown: str) -> list[Question]:
        """The question asked of each other series of the place, where it names neither years nor an edition.

        "Was there ever a year of gain" is not answered by five years while another edition holds five more.
        """
        if q.years or q.measures or len(q.places) != 1 or self.table.family_of(shown).distinct:
            return []
        ids = self.candidates(q)
        long = [m for m in ids if m != shown and len(self.table.series(m, q.places[0])) >= _LEAST_SERIES]
        return [replace(q, measures=(m,)) for m in long]


def before(a: Figure, b: Figure, table: FigureTable) -> bool:
    """Whether a figure stands before another in its measure\'s order."""
    return a.value < b.value if table.measures[a.measure].kind == "rank" else a.value > b.value
