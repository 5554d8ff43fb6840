"""The table of figures: exact lookups over measure, place and year, and nothing in between.

Nothing is interpolated: what is not in the table is absent, and absence has a kind.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType

from corpus.errors import BadData
from corpus.measures import bundled as bundled_measures
from corpus.types import Confidence, Direction, Family, Figure, KnownDirection, Measure, Source

_CONFIDENCE: dict[str, Confidence] = {"high": "high", "medium": "medium", "low": "low"}
_DIRECTION: dict[str, Direction] = {"inflow": "inflow", "outflow": "outflow"}


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Figures with their measures, families and sources; every lookup is by dictionary."""

    figures: tuple[Figure, ...] = ()
    directions: tuple[KnownDirection, ...] = ()
    measures: MappingProxyType[str, Measure] = field(default_factory=lambda: MappingProxyType({}))
    families: MappingProxyType[str, Family] = field(default_factory=lambda: MappingProxyType({}))
    sources: MappingProxyType[str, Source] = field(default_factory=lambda: MappingProxyType({}))
    _cells: dict[tuple[str, str, int | None], Figure] = field(default_factory=dict, repr=False)
    _by_measure: dict[str, list[Figure]] = field(default_factory=dict, repr=False)
    _known: dict[tuple[str, str, int], KnownDirection] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for figure in self.figures:
            self._cells.setdefault(figure.key, figure)
            self._by_measure.setdefault(figure.measure, []).append(figure)
        for known in self.directions:
            self._known[known.measure, known.place, known.year] = known

    @classmethod
    def bundled(cls) -> FigureTable:
        """The figures that ship with Footnote; raises BadData where the files disagree."""
        measures, families = bundled_measures()
        sources = bundled_sources()
        root = Path(__file__).with_name("figures")
        figures: list[Figure] = []
        known: list[KnownDirection] = []
        for item in sorted(root.iterdir(), key=lambda p: p.name):
            if not item.name.endswith(".csv"):
                continue
            rows = csv.DictReader(item.read_text("utf-8").splitlines())
            if item.name == "directions.csv":
                known += [direction_from(row) for row in rows]
            else:
                figures += [figure_from(row, f"{item.name}:{n}") for n, row in enumerate(rows, start=2)]
        for f in figures:
            if f.measure not in measures:
                raise BadData(f"{f.measure!r} is the measure of a figure and stands in no measures.toml")
            if f.source_id not in sources:
                raise BadData(f"{f.source_id!r} is the source of a figure and stands in no sources.toml")
        return cls(
            tuple(figures), tuple(known), MappingProxyType(measures), MappingProxyType(families),
            MappingProxyType(sources),
        )  # fmt: skip

    def cell(self, measure: str, place: str, year: int | None) -> Figure | None:
        """The figure of that measure, place and year, or None."""
        return self._cells.get((measure, place, year))

    def direction(self, measure: str, place: str, year: int) -> KnownDirection | None:
        """What is known of the sign where no value is."""
        return self._known.get((measure, place, year))

    def of(self, measure: str, place: str | None = None, year: int | None = None) -> list[Figure]:
        """All figures of a measure, or those of one place or year, in the order of the file."""
        rows = self._by_measure.get(measure, [])
        return [f for f in rows if (place is None or f.place == place) and (year is None or f.year == year)]

    def series(self, measure: str, place: str) -> dict[int, Figure]:
        """The years of one place under one measure, ascending; missing years stay missing."""
        rows = {f.year: f for f in self._by_measure.get(measure, []) if f.place == place and f.year is not None}
        return dict(sorted(rows.items()))

    def places(self, measure: str) -> set[str]:
        """The places that a measure covers."""
        return {f.place for f in self._by_measure.get(measure, [])}

    def years(self, measure: str) -> list[int]:
        """The years that a measure holds, ascending."""
        return sorted({f.year for f in self._by_measure.get(measure, []) if f.year is not None})

    def family_of(self, measure: str) -> Family:
        """The family of a measure."""
        return self.families[self.measures[measure].family]

    def __len__(self) -> int:
        return len(self.figures)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)


def figure_from(row: dict[str, str], where: str) -> Figure:
    """A Figure from a CSV row; raises BadData that names the row."""
    try:
        value = Decimal(row["value"])
        year = int(row["year"]) if row["year"] else None
        if not value.is_finite():
            raise ValueError
    except (InvalidOperation, ValueError):
        raise BadData(f"{where}: value {row['value']!r} or year {row['year']!r} is not a number") from None
    confidence = _CONFIDENCE.get(row["confidence"])
    if confidence is None:
        raise BadData(f"{where}: confidence {row['confidence']!r}; expected high, medium or low")
    return Figure(row["measure"], row["place"], year, value, row["source"], row["locator"], confidence, row["note"])


def direction_from(row: dict[str, str]) -> KnownDirection:
    """A KnownDirection from a CSV row."""
    direction = _DIRECTION.get(row["direction"])
    if direction is None:
        raise BadData(f"directions.csv: direction {row['direction']!r}; expected inflow or outflow")
    return KnownDirection(
        row["measure"], row["place"], int(row["year"]), direction, row["source"], row["locator"], row["note"]
    )


def bundled_sources() -> dict[str, Source]:
    """The register of primary sources (corpus/sources.toml)."""
    raw = tomllib.loads(Path(__file__).with_name("sources.toml").read_text("utf-8"))
    return {id: Source(id=id, **row) for id, row in raw.items()}


def years_of(figures: Iterable[Figure]) -> list[int]:
    """The years of some figures, ascending, each once."""
    return sorted({f.year for f in figures if f.year is not None})
