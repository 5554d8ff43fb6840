"""Figures out of a table: a small description says what a CSV or a workbook measures.

`trade.csv` is described by `trade.measure.toml` beside it:

    measure = "net_trade"              # a short id
    name = "Harbour Board, net trade"  # how an answer calls it
    kind = "count"                     # flow, stock, share, rank, count or money
    unit = "tonnes"
    per = 1                            # 10000 for "per 10,000 ..."
    denominator = "all harbours"       # what it is of, or counted among
    says = "Net trade of {place} was {value} tonnes in {year}."
    words = ["net trade", "trade"]     # what people call it
    sheet = ""                         # of a workbook; empty: the first
    place = "Country"                  # the column that names places
    year = "Year"                      # the column of years, or a year, or "columns" where each year is a column
    value = "Net flow"                 # the column of values; not needed with year = "columns"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from corpus.errors import BadData, Unreadable
from corpus.figures import FigureTable
from corpus.measures import LANGUAGES, family_from, measure_from
from corpus.places import gazetteer
from corpus.types import Document, Family, Figure, Measure, Sheet
from ingest.decimals import Cell, decimal_mark, value

SUFFIX = ".measure.toml"
_OURS = frozenset({"measure", "sheet", "place", "year", "value", "family", "decimal"})
_ABSENT = frozenset({"", "-", "\u2013", "\u2014", "..", "...", "n/a", "na", "n.a.", ":", "x"})
LOOKED = 30  # rows from the top in which a header is looked for


@dataclass(frozen=True, slots=True)
class Described:
    """The figures of one document, with their measure and its family, and what was left out."""

    measure: Measure
    family: Family
    figures: tuple[Figure, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Columns:
    header: int
    place: int
    years: tuple[tuple[int, int], ...]  # column and its year, where each year is one
    year: int  # the column of years, -1 for none
    value: int


def described(document: Document, description: str, source_id: str, name: str) -> Described:
    """The figures that a description finds in a document; raises Unreadable that names the cell or the field."""
    raw = _parsed(description, name)
    sheet = _sheet(document, str(raw.get("sheet", "")), name)
    columns = _columns(sheet, raw, name)
    id = str(raw["measure"])
    fixed = int(raw["year"]) if re.fullmatch(r"\d{4}", str(raw["year"])) else None
    cells: dict[tuple[str, int | None], Cell] = {}
    unknown: list[str] = []
    for n in range(columns.header + 1, len(sheet.rows)):
        row = sheet.rows[n]
        said = row[columns.place] if columns.place < len(row) else ""
        code = place_code(said)
        if code is None:
            unknown += [said] if said.strip() and len([c for c in row if c.strip()]) > 1 else []
            continue
        for k, year in columns.years or ((columns.value, _year(row, columns.year, fixed, sheet, n, name)),):
            text = row[k] if k < len(row) else ""
            if text.strip().lower() in _ABSENT:
                continue
            where = sheet.locators[n][k]
            if (code, year) in cells:
                raise Unreadable(f"{name}: {where} is a second value for {said} {year or ''}; keep one of the two")
            cells[code, year] = text, where
    if not cells:
        raise Unreadable(f"{name}: the description finds no figures; check its columns place, year and value")
    remarks = (
        [f"no place is called {', '.join(repr(u) for u in dict.fromkeys(unknown))}: rows left out"] if unknown else []
    )
    mark = decimal_mark(tuple(cells.values()), str(raw.get("decimal", "")), not sheet.name, name)
    found = [Figure(id, code, year, value(c, mark, name), source_id, c[1]) for (code, year), c in cells.items()]
    measure, family = _measure(raw, id, name)
    return Described(measure, family, tuple(found), tuple(remarks))


def merged(table: FigureTable, gone: Sequence[str], new: Sequence[Described]) -> FigureTable:
    """The table without the figures of these sources and with the new ones."""
    figures = [f for f in table.figures if f.source_id not in gone] + [f for d in new for f in d.figures]
    used = {f.measure for f in figures} | {d.measure for d in table.directions}
    mine = {f.measure for f in table.figures if f.source_id in gone}
    measures = {k: m for k, m in table.measures.items() if k in used or k not in mine}
    measures |= {d.measure.id: d.measure for d in new}
    families = {k: f for k, f in table.families.items() if any(m in measures for m in f.order)}
    families |= {d.family.id: d.family for d in new}
    return FigureTable(
        tuple(figures), table.directions, MappingProxyType(measures), MappingProxyType(families), table.sources
    )


def with_own(bundled: FigureTable, held: FigureTable, own: Collection[str]) -> FigureTable:
    """The bundled table, and the figures that a library holds of these documents, which are its user's."""
    figures = [f for f in held.figures if f.source_id in own]
    measures = {f.measure: held.measures[f.measure] for f in figures}
    families = {k: f for k, f in held.families.items() if any(m in measures for m in f.order)}
    return FigureTable(
        (*bundled.figures, *figures), bundled.directions, MappingProxyType({**bundled.measures, **measures}),
        MappingProxyType({**bundled.families, **families}), bundled.sources,
    )  # fmt: skip


def place_code(text: str) -> str | None:
    """The code of the one place that a cell names, in any of our languages or as a code; None for any other text."""
    said = text.strip()
    if said.isupper() and said in gazetteer().places:
        return said
    for language in ("en", *LANGUAGES):
        for name in _turned(said):
            found = [m for m in gazetteer().find(name, language) if not m.group and m.end - m.start >= 0.8 * len(name)]
            if len(found) == 1:
                return found[0].code
    return None


def _turned(name: str) -> tuple[str, ...]:
    """A name, and as it is said where tables sort it: "Korea, Rep." is the Republic of Korea, "Gambia, The" Gambia."""
    first, comma, rest = name.partition(", ")
    if not comma:
        return (name,)
    if first.endswith(" SAR"):
        return name, first
    full = rest.replace("Dem.", "Democratic").replace("Rep.", "Republic")
    alone = (first,) if rest in ("The", "RB", "Rep.", "Arab Rep.", "Fed. Sts.") else ()
    return name, f"{full.removesuffix(' of')} of {first}", f"{full} of the {first}", *alone


def _parsed(description: str, name: str) -> dict[str, Any]:
    try:
        raw = tomllib.loads(description)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"{name}: its description is not TOML ({error}); see docs/documents.md") from None
    needed = ("measure", "name", "kind", "unit", "denominator", "place", "year")
    if missing := [f for f in needed if f not in raw]:
        raise Unreadable(f"{name}: its description lacks {', '.join(missing)}; see docs/documents.md")
    if raw["year"] != "columns" and not raw.get("value"):
        raise Unreadable(f'{name}: its description lacks value, the column of values; or say year = "columns"')
    return raw


def _sheet(document: Document, wanted: str, name: str) -> Sheet:
    for sheet in document.sheets:
        if not wanted or sheet.name == wanted:
            return sheet
    names = ", ".join(repr(s.name) for s in document.sheets) or "none"
    raise Unreadable(f"{name}: its description names the sheet {wanted!r}; there are {names}")


def _columns(sheet: Sheet, raw: dict[str, Any], name: str) -> _Columns:
    year, value, place = str(raw["year"]), str(raw.get("value", "")), str(raw["place"])
    wanted = [place] + [year] * (year != "columns" and not re.fullmatch(r"\d{4}", year)) + [value] * bool(value)
    for n, row in enumerate(sheet.rows[:LOOKED]):
        named = [c.strip() for c in row]
        if all(w in named for w in wanted):
            years = tuple((k, int(c)) for k, c in enumerate(named) if re.fullmatch(r"\d{4}", c))
            if year == "columns" and not years:
                continue
            return _Columns(
                n, named.index(place), years if year == "columns" else (),
                named.index(year) if year in wanted[1:] else -1, named.index(value) if value else -1,
            )  # fmt: skip
    raise Unreadable(f"{name}: no row has the columns {', '.join(map(repr, wanted))} that the description names")


def _year(row: Sequence[str], column: int, fixed: int | None, sheet: Sheet, n: int, name: str) -> int | None:
    if column < 0:
        return fixed
    said = row[column].strip() if column < len(row) else ""
    if not re.fullmatch(r"(?:19|20)\d\d", said):
        raise Unreadable(f"{name}: {sheet.locators[n][min(column, len(row) - 1)]} says {said!r}; expected a year")
    return int(said)


def _measure(raw: dict[str, Any], id: str, name: str) -> tuple[Measure, Family]:
    family = str(raw.get("family", id))
    fields = {k: v for k, v in raw.items() if k not in _OURS} | {"family": family}
    fields.setdefault("per", 1)
    words = [str(w) for w in fields.get("words", [])]
    try:
        measure = measure_from(id, fields)
    except BadData as error:
        raise Unreadable(f"{name}: its description: {error}") from None
    return measure, family_from(family, {"name": words[0] if words else measure.name, "order": [id], "words": words})
