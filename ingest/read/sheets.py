"""Workbooks: each sheet's tables, with the digits that the file holds and the cell's own name as locator."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from corpus.types import Document, Sheet, Source
from ingest.read.about import dated, iso_of, language_of
from ingest.read.grids import headed, regions
from ingest.read.limits import LIMITS, within
from ingest.read.text import title_of
from ingest.read.transcript import Transcript, clean
from ingest.read.zipped import unpacked_once

_DIGITS = 15  # significant digits that a spreadsheet keeps of a number


def read_workbook(data: bytes, name: str, password: str = "") -> Document:
    """A Document from an XLSX workbook; hidden sheets are left out and said to be."""
    unpacked_once(data, name)
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    written = Transcript(name)
    sheets: list[Sheet] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            written.remarks.append(f"the sheet {sheet.title!r} is hidden and was left out")
            continue
        rows = _rows(sheet, name)
        written.heading(1, sheet.title)
        title = clean(sheet.title)
        write_regions(written, rows, lambda r, c, t=title: f"{t}!{letters(c)}{r + 1}")  # type: ignore[misc]
        locators = tuple(tuple(f"{title}!{letters(c)}{r + 1}" for c in range(len(row))) for r, row in enumerate(rows))
        sheets.append(Sheet(title, tuple(tuple(r) for r in rows), locators))
    about = book.properties
    created = about.created.isoformat() if isinstance(about.created, dt.datetime) else ""
    day, said_of_it = dated("", iso_of(created))
    source = Source(
        id="", title=clean(str(about.title or "")) or title_of(name), kind="dataset",
        publisher=clean(str(about.creator or "")) if str(about.creator or "").lower() != "openpyxl" else "",
        published=day,
    )  # fmt: skip
    found = written.document(source, sheets)
    source = replace(found.source, language=language_of(found.text))
    return replace(found, source=source, remarks=found.remarks + said_of_it)


def write_regions(written: Transcript, rows: Sequence[Sequence[str]], where: Callable[[int, int], str]) -> None:
    """Every table of a sheet into the transcript, its titles and notes as paragraphs."""
    for first, lines, block in regions(rows):
        for line in lines[:-1] if block else lines:
            written.paragraph(line)
        if not block:
            continue
        locators = [[where(first + n, k) for k in range(len(row))] for n, row in enumerate(block)]
        written.table(replace(headed(block, lines[-1] if lines else ""), locators=locators))


def letters(column: int) -> str:
    """The name of a column, from 0: A, B, ... Z, AA."""
    said = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said


def printed(value: Any, form: str = "General") -> str:
    """A cell as the reader of the workbook sees it, with no digit of the value lost.

    A number that its format shows with more decimals gets them (-0.3 under 0.00 is -0.30); one that its
    format rounds keeps its own digits.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, form)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return clean(str(value))


def _number(value: int | float, form: str) -> str:
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS}g}")
    if not exact.is_finite():
        return str(value)
    shape = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", form.split(";")[0])
    percent = "%" in shape
    if percent:
        exact *= 100
    decimals = re.search(r"\.(0+)", shape)
    wanted = len(decimals[1]) if decimals else 0
    has = max(-int(exact.normalize().as_tuple().exponent), 0)
    exact = exact.quantize(Decimal(1).scaleb(-max(wanted, has)), ROUND_HALF_EVEN) if has < 28 else exact
    return format(exact, ",f" if "," in shape else "f") + ("%" if percent else "")


def _rows(sheet: Any, name: str) -> list[list[str]]:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # what a file says of its size is often wrong
    rows: list[list[str]] = []
    filled = 0
    for row in sheet.iter_rows():
        said = [printed(c.value, getattr(c, "number_format", None) or "General") for c in row]
        while said and not said[-1]:
            said.pop()
        within("columns", len(said), LIMITS.columns, name)
        filled += bool(said)
        within("rows", filled, LIMITS.rows, name)
        rows.append(said)
        within("rows, empty ones counted,", len(rows), 2_000_000, name)
    while rows and not rows[-1]:
        rows.pop()
    return rows
