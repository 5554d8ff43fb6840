"""A description for a table of figures that has none: what its columns tell, and what only its reader knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.types import Document, Sheet
from ingest.describe import LOOKED, place_code
from ingest.read.grids import is_number, is_year

UNSAID = {"unit": "units", "denominator": "not said"}  # what a proposal says where the table does not tell
_ROWS = 2000  # that are looked at
_IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]{1,40})[)\]]\s*$")
_BY = re.compile(r",?\s+(?:by|per|for each|in each)\s+(?:country|countries|place|region|state|year)\b.*$", re.I)
_SCALE = r"(?:thousands?|millions?|billions?|trillions?|mn|bn)"
_MONEY = r"(?:US\$|USD|EUR|GBP|JPY|KRW|CHF|CNY|INR|dollars?|euros?|pounds?|yen|won|[$\u20ac\u00a3\u00a5\u20a9])"
_AMOUNT = re.compile(rf"(?:{_SCALE}\s+(?:of\s+)?)?{_MONEY}(?:\s+{_SCALE})?|{_SCALE}\s+{_MONEY}", re.I)
_EMPTY = frozenset({"value", "values", "amount", "number", "total", "figure", "obs_value"})


@dataclass(frozen=True, slots=True)
class _Guess:
    """The names of the columns of places, years and values, the values, and the line above the header."""

    place: str
    year: str
    value: str
    cells: Sequence[str]
    caption: str


def proposed(document: Document, name: str) -> str:
    """A description that fits the first table of figures by place and year; empty where there is none."""
    for sheet in document.sheets:
        guess = _guess(sheet)
        if guess is None:
            continue
        title = document.source.title
        label, unit = _label(guess, sheet.name or title)
        share = unit == "percent" or any(c.strip().endswith("%") for c in guess.cells)
        unit = "percent" if share else unit
        said = f" {unit}" if unit else ""
        lines = {
            "measure": re.sub(r"[^a-z0-9]+", "_", f"{title} {guess.value}".lower()).strip("_") or "figures",
            "name": label if label.lower() == title.lower() else f"{title}, {label}",
            "kind": "share" if share else "money" if _AMOUNT.fullmatch(unit) else "count",
            "unit": unit or UNSAID["unit"], "per": 100 if share else 1, "denominator": UNSAID["denominator"],
            "says": f"{label} of {{place}} was {{value}}{said} in {{year}}.",
            "words": [label.lower()], "sheet": sheet.name, "place": guess.place, "year": guess.year,
            "value": guess.value,
        }  # fmt: skip
        return "".join(f"{key} = {_toml(said)}\n" for key, said in lines.items())
    return ""


def filled(proposal: str, field: str, said: str) -> str:
    """The proposal with a field that only a reader knows ("unit", "denominator"); "" leaves it as it is."""
    if not said:
        return proposal
    new = re.sub(rf"^{field} = .*$", lambda _: f"{field} = {_toml(said)}", proposal, flags=re.M)
    if field == "unit":
        new = new.replace("{value} in {year}", f"{{value}} {_toml(said)[1:-1]} in {{year}}")
    return new


def unsaid(proposal: str) -> list[str]:
    """The fields of a proposal that the table does not tell."""
    return [field for field, said in UNSAID.items() if f"{field} = {_toml(said)}\n" in proposal]


def _label(guess: _Guess, otherwise: str) -> tuple[str, str]:
    """What the values are called, and their unit: "Net trade (tonnes)" is net trade in tonnes."""
    label, unit = _parted(guess.value)
    caption, other = _parted(guess.caption)
    if _AMOUNT.fullmatch(label):
        label, unit = "", label
    if label.lower() in _EMPTY:
        label = ""
    if label in ("%", "Percent", "percent", "Per cent", "per cent"):
        label, unit = "", "percent"
    unit = unit or other
    return label or _BY.sub("", caption) or otherwise, "percent" if unit.lower() in ("%", "per cent") else unit


def _parted(text: str) -> tuple[str, str]:
    """A heading without what stands in brackets at its end, and that."""
    found = _IN_BRACKETS.search(text)
    return (text[: found.start()].strip(), found[1].strip()) if found else (text.strip(), "")


def _guess(sheet: Sheet) -> _Guess | None:
    rows = sheet.rows[:_ROWS]
    caption = ""
    for n, row in enumerate(rows[:LOOKED]):
        below = [r for r in rows[n + 1 :] if any(c.strip() for c in r)]
        filled_in = [c for c in row if c.strip()]
        if len(filled_in) == 1:
            caption = caption or filled_in[0].strip()
        if len(filled_in) < 2 or len(below) < 2:
            continue
        columns = [[r[k] for r in below if k < len(r) and r[k].strip()] for k in range(len(row))]
        named = [bool(c) and sum(place_code(v) is not None for v in c) >= 0.6 * len(c) for c in columns]
        place = named.index(True) if True in named else -1
        if place < 0 or not row[place].strip():
            continue
        years = [k for k, c in enumerate(row) if re.fullmatch(r"(?:19|20)\d\d", c.strip())]
        if years:
            return _Guess(row[place], "columns", "", [v for k in years for v in columns[k]], caption)
        year = next((k for k, c in enumerate(columns) if c and all(is_year(v) and v.strip().isdigit() for v in c)), -1)
        value = next(
            (k for k, c in enumerate(columns) if k not in (place, year) and c and all(is_number(v) for v in c)), -1
        )
        if year >= 0 and value >= 0 and row[year].strip() and row[value].strip():
            return _Guess(row[place], row[year].strip(), row[value].strip(), columns[value], caption)
    return None


def _toml(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    said = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in said) + '"'
