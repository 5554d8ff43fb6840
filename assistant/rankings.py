"""Orders: rankings, the place of one in them, counts, the years and changes that stand out."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from assistant import workings
from assistant.absences import Absences
from assistant.cells import LEAST_RANKED, before
from assistant.lexicon import lexicon
from assistant.types import Around, Cell, Derived, Evidence, Question
from corpus.types import Figure

_ASKS_SHARE = re.compile(r"\b(share|percent|percentage|per cent|proportion)\b", re.IGNORECASE)
_BOTH_ENDS = re.compile(
    r"\b(?:best|highest|strongest)\b.*\b(?:worst|lowest|weakest)\b|\b(?:worst|lowest|weakest)\b.*\b(?:best|highest|strongest)\b"
)
_FEW_PLACES = 8  # a ranking so short is shown whole


class Rankings(Absences, ABC):
    """What stands where in an order of places or of years."""

    @abstractmethod
    def lookup(self, q: Question) -> Evidence:
        """The value of each place and year asked about."""

    def rank(self, q: Question) -> Evidence:
        """The first or last places of a measure in a year."""
        allowed = set(self.places.groups[q.group].members) if q.group else None
        measure, year = self.ranked(q, allowed)
        if measure is None:
            return Evidence(gaps=(self._gap(q, "", q.years[0] if q.years else None, None),))
        ordered = [f for f in self.order(measure, year, q.lowest, allowed) if f.place not in q.excluded]
        size = q.top or (10 if q.group else _FEW_PLACES if len(ordered) <= _FEW_PLACES else 5)
        cells = self.cells(ordered[:size])
        return Evidence(cells, (), derived=self.left_out(q, measure, year), field=len(ordered))

    def left_out(self, q: Question, measure: str, year: int | None) -> tuple[Derived, ...]:
        """The cells of the places that a question leaves out: what proves "without Estonia"."""
        out = self.cells(f for f in self.table.of(measure, year=year) if f.place in q.excluded)
        return (Derived(f"count of the places left out = {len(out)}", Decimal(len(out)), out),) if out else ()

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
                ordered = self.order(measure, year, False, allowed)
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
                    position = 1 + sum(1 for f in ordered if f.value != figure.value and before(f, figure, self.table))
                    formula = f"rank {position} of {field} places in {year}, highest first"
                    derived.append(Derived(formula, Decimal(position), self.cells([figure])))
            if cells:
                return Evidence(tuple(cells), (), derived=tuple(derived), field=field)
        return self.lookup(q)

    def count(self, q: Question) -> Evidence:
        """How many places of a measure lie above or below a threshold in a year."""
        allowed = set(self.places.groups[q.group].members) if q.group else None
        measure, year = self.ranked(q, allowed)
        if measure is None:
            return Evidence(gaps=(self._gap(q, "", q.years[0] if q.years else None, None),))
        ordered = [f for f in self.order(measure, year, q.lowest or q.below, allowed) if f.place not in q.excluded]
        limit = q.threshold if q.threshold is not None else Decimal(0)
        below = q.below or (q.threshold is None and q.lowest)
        chosen = [f for f in ordered if (f.value < limit if below else f.value > limit)]
        stands = f"{'below' if below else 'above'} {limit}"
        if q.upper is not None:
            chosen = [f for f in ordered if limit < f.value < q.upper]
            stands = f"between {limit} and {q.upper}"
        formula = f"{len(chosen)} of {len(ordered)} places {stands} in {year}"
        inputs = self.cells(chosen or ordered[:1])
        derived = [Derived(formula, Decimal(len(chosen)), inputs)]
        if ordered and _ASKS_SHARE.search(q.text):
            derived.append(workings.share(len(chosen), len(ordered), inputs))
        derived += self.left_out(q, measure, year)
        return Evidence(self.cells(chosen), (), derived=tuple(derived), field=len(ordered))

    def around(self, q: Question) -> Evidence | None:
        """A ranking by something else than the value: its distance from zero, its change, its years."""
        tools: dict[Around, Callable[[Question], Evidence | None]] = {
            "zero": self._nearest_zero, "change": self._changes, "spread": self._spread, "years": self._years,
            "next": self._next, "ahead": self._ahead, "turned": self._turned, "ever": self._ever,
        }  # fmt: skip
        found = tools[q.around](q) if q.around else self._nth(q)
        one = "place" if found and found.field else "spread"
        if found is None:
            return None
        return replace(found, around=one if q.nth or q.around == "next" else q.around or "")

    def _ordered(self, q: Question) -> list[Figure]:
        allowed = set(self.places.groups[q.group].members) if q.group else None
        measure, year = self.ranked(q, allowed)
        ordered = self.order(measure, year, q.lowest, allowed) if measure else []
        return [f for f in ordered if f.place not in q.excluded]

    def _nth(self, q: Question) -> Evidence | None:
        """One place of a ranking, by its number."""
        ordered = self._ordered(q)
        if q.nth is None or q.nth > len(ordered):
            return None
        return self._standing(q, ordered[q.nth - 1])

    def _next(self, q: Question) -> Evidence | None:
        """The place that follows a named one."""
        ordered = self._ordered(replace(q, places=()))
        at = next((n for n, f in enumerate(ordered) if f.place in q.places), None)
        if at is None or at + 1 >= len(ordered):
            return None
        if re.search(r"\blead\b", q.text.lower()):
            pair = self.cells(ordered[at : at + 2])
            worked = workings.difference(pair)
            return Evidence(pair, derived=(worked,) if worked else ())
        return self._standing(q, ordered[at + 1])

    def _ahead(self, q: Question) -> Evidence | None:
        """The places that stand before a named one, and that one."""
        ordered = self._ordered(replace(q, places=(), lowest=False))
        at = next((n for n, f in enumerate(ordered) if f.place in q.places), None)
        return None if not at else Evidence(self.cells(ordered[max(0, at - 8) : at + 1]), field=len(ordered))

    def _ever(self, q: Question) -> Evidence | None:
        """The highest or lowest value of a measure over all its years."""
        for measure in self.candidates(q):
            rows = [f for f in self.table.of(measure) if f.place != "WLD"]
            if len({f.year for f in rows}) > 1:
                best = min(rows, key=lambda f: (f.value if q.lowest else -f.value, f.place))
                return Evidence(self.cells([best]), field=len(rows))
        return None

    def _standing(self, q: Question, figure: Figure) -> Evidence:
        years = (figure.year,) if figure.year is not None else ()
        return self.place_rank(replace(q, places=(figure.place,), years=years, measures=(figure.measure,), around=None))

    def _nearest_zero(self, q: Question) -> Evidence | None:
        ordered = sorted(self._ordered(q), key=lambda f: (abs(f.value), f.place))
        return Evidence(self.cells(ordered[: q.top or 5]), field=len(ordered)) if ordered else None

    def _spread(self, q: Question) -> Evidence | None:
        """The first and the last of a ranking, with the distance between them."""
        ordered = self._ordered(q)
        if len(ordered) < 2:
            return None
        ends = self.cells([ordered[0], ordered[-1]])
        worked = workings.difference(ends)
        return Evidence(ends, derived=(worked,) if worked else ())

    def _changes(self, q: Question) -> Evidence | None:
        """The places whose value rose or fell most between two years of one measure."""
        allowed = set(self.places.groups[q.group].members) if q.group else None
        for measure in self.candidates(q):
            held = q.years if len(q.years) > 1 else tuple(self.table.years(measure))
            if len(held) < 2:
                continue
            first, last = held[0], held[-1]
            early = {f.place: f for f in self.order(measure, first, False, allowed)}
            late = {f.place: f for f in self.order(measure, last, False, allowed)}
            both = [p for p in late if p in early]
            if len(both) < LEAST_RANKED and not q.group:
                continue
            sign = 1 if q.lowest else -1
            both.sort(key=lambda p: (sign * (late[p].value - early[p].value), p))
            chosen = both[: q.top or 5]
            derived = [workings.subtracted(self.cell(late[p]), self.cell(early[p])) for p in chosen]
            cells = self.cells(f for p in chosen for f in (late[p], early[p]))
            return Evidence(cells, derived=tuple(derived), field=len(both)) if chosen else None
        return None

    def _turned(self, q: Question) -> Evidence | None:
        """The places whose sign changed between two years, in the way that the question says."""
        allowed = set(self.places.groups[q.group].members) if q.group else None
        signed = [(f.start, f.value == "in") for f in lexicon().flow.find(q.text) if f.value != "none"]
        found = lexicon().slots.find(q.text)
        signed += [(f.start, f.value == "positive") for f in found if f.value in ("positive", "negative")]
        gains_first = min(signed)[1] if signed else True
        for measure in self.candidates(q):
            early = {f.place: f for f in self.order(measure, q.years[0], False, allowed)}
            late = {f.place: f for f in self.order(measure, q.years[-1], False, allowed)}
            both = [p for p in early if p in late]
            turned = [p for p in both if early[p].value * late[p].value < 0 and (early[p].value > 0) == gains_first]
            if turned:
                return Evidence(self.cells(f for p in turned for f in (early[p], late[p])), field=len(both))
        return None

    def _years(self, q: Question) -> Evidence | None:
        """Of one place: the year of the highest or lowest value, or the years above or below a limit."""
        series = self.series(q) if len(q.places) == 1 else None
        if not series:
            return None
        rows = list(series[0].values())
        also = tuple(e for other in self.other_series(q, rows[0].measure) if (e := self._years(other)))
        also = tuple(replace(e, around="years") for e in also)
        return replace(self._of_years(q, rows), also=also)

    def _of_years(self, q: Question, rows: list[Figure]) -> Evidence:
        if q.asks == "rank" and _BOTH_ENDS.search(q.text.lower()):
            ends = (max(rows, key=lambda f: f.value), min(rows, key=lambda f: f.value))
            return Evidence(self.cells(ends), field=len(rows))
        if q.asks == "rank":
            best = min(rows, key=lambda f: (f.value if q.lowest else -f.value, f.year or 0))
            return Evidence(self.cells([best]), field=len(rows))
        limit = q.threshold if q.threshold is not None else Decimal(0)
        chosen = [f for f in rows if (f.value < limit if q.below else f.value > limit)]
        span = f"{rows[0].year} to {rows[-1].year}"
        formula = f"{len(chosen)} of {len(rows)} years {'below' if q.below else 'above'} {limit}, {span}"
        inputs = self.cells(chosen or rows)
        return Evidence(inputs, derived=(Derived(formula, Decimal(len(chosen)), inputs),), field=len(rows))
