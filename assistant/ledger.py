"""The evidence of one answer under short ids, and the look-ups that add to it.

A model may cite these ids and no others: an id is given only to what was found for this very answer.
"""

from __future__ import annotations

from collections.abc import Callable

from assistant.question import checked
from assistant.types import Cell, Derived, Direction, Evidence, Hit, Question
from assistant.wording import direction_sentence, unit_of, value_sentence
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.library import Library
from corpus.places import Gazetteer

Held = Cell | Derived | Direction | Hit
_MOST = 40  # entries that one look-up adds
_PASSAGES = 6


class Ledger:
    """Evidence by id: F figures, W workings, D directions, P passages."""

    def __init__(self) -> None:
        self._ids: dict[object, str] = {}
        self.held: dict[str, Held] = {}

    def add(self, evidence: Evidence) -> str:
        """Take evidence in; the lines that show it to a model, each with its id."""
        found: list[Held] = []
        for e in (evidence, *evidence.also):
            found += [*e.cells, *e.derived, *e.directions, *e.alternatives, *(c for g in e.gaps for c in g.nearest)]
            found += [c for d in e.derived for c in d.inputs]
        found = [*dict.fromkeys(found)][:_MOST]
        gaps = [f"(nothing is held for {g.looked_for})" for g in evidence.gaps]
        return "\n".join([*(self.line(x) for x in (*found, *evidence.hits)), *gaps])

    def line(self, item: Held) -> str:
        """One piece of evidence with its id, given where it has none."""
        key: object = item.passage.id if isinstance(item, Hit) else item
        if key not in self._ids:
            letter = {Cell: "F", Derived: "W", Direction: "D", Hit: "P"}[type(item)]
            id = f"{letter}{1 + sum(i[0] == letter for i in self.held)}"
            self._ids[key], self.held[id] = id, item
        return f"[{self._ids[key]}] {_shown(item)}"


def _shown(item: Held) -> str:
    if isinstance(item, Cell):
        return f"{value_sentence(item)} Value {item.figure.value:f} {unit_of(item.measure)}; {item.measure.name}."
    if isinstance(item, Derived):
        return f"Working: {item.formula}"
    if isinstance(item, Direction):
        return direction_sentence([item])
    text = item.passage.text.replace("<", "\u2039")  # no document can close the block that it stands in
    return f"{item.source.title}: {text}"


class LookUps:
    """The functions that a model may call: each reads, none writes, and all that they find is in the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        library: Library,
        places: Gazetteer,
        read: Callable[[str], Question],
        gather: Callable[[Question], Evidence],
        search: Callable[..., list[Hit]],
    ) -> None:
        self._ledger, self._library, self._places = ledger, library, places
        self._read, self._gather, self._search = read, gather, search

    def search_passages(self, query: str, source: str = "", place: str = "") -> str:
        """Search the documents. `source` is a document's id and `place` a country, where only those are wanted."""
        codes = [m.code for m in self._places.find(place)] if place else []
        part = self._library.within([source] if source else (), codes)
        hits = self._search(checked(query), _PASSAGES, part)
        return self._ledger.add(Evidence(hits=tuple(hits))) or "Nothing was found."

    def figures(self, question: str) -> str:
        """Look up, compare, rank or trace figures: say place, year and measure in plain words."""
        return self._ledger.add(self._gather(self._read(checked(question)))) or "No figure was found."

    def describe_measure(self, name: str) -> str:
        """What a measure counts, its base and its caveats."""
        table: FigureTable = self._library.figures
        low = name.lower()
        for m in table.measures.values():
            if low in (m.id.lower(), m.name.lower(), m.short.lower()):
                return f"{m.name}: {m.definition} Base: {m.denominator}. {' '.join(m.caveats)}"
        raise BadInput(f"no measure is called {name!r}; list_available names them")

    def list_available(self) -> str:
        """The measures with their years, and the documents with their ids."""
        table: FigureTable = self._library.figures
        lines = [f"{m.name} ({m.id}): {_years(table.years(m.id))}" for m in table.measures.values()]
        return "\n".join([*lines, *(f"{s.id}: {s.title}" for s in self._library.catalog.sources())])[:6_000]

    def all(self) -> tuple[Callable[..., str], ...]:
        """Every look-up, under its own name."""
        return self.search_passages, self.figures, self.describe_measure, self.list_available


def _years(years: list[int]) -> str:
    return f"{min(years)} to {max(years)}" if years else "no years"
