"""What a table's rows are: which of them head the columns, which columns name the rows, what is a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.read.transcript import Grid

_NUMBER = re.compile(
    r"[~<>\u2248\u2264\u2265]?\s*[(\[]?\s*[+\-\u2212\u2013\u2012]?\s*(?:[$\u20ac\u00a3\u00a5\u20a9]|US\$|[A-Z]{3})?\s*"
    r"(?:\d{1,3}(?:[,.\u00a0\u202f' ]\d{3})+|\d+)(?:[.,]\d+)?(?:[eE][+\-]?\d+)?\s*"
    r"(?:%|\u2030|pp|bn|mn|m|k|x|st|nd|rd|th)?\s*[)\]]?\s*(?:\*{1,3}|\[?[a-z\d]{1,2}\])?"
)
_YEAR = re.compile(r"(?:FY)?\s*(?:19|20)\d\d(?:[/\u2013-](?:\d\d|(?:19|20)\d\d))?(?:\s*[QH][1-4])?")
_NONE = frozenset({"", "-", "\u2013", "\u2014", "..", "...", ":", "n/a", "na", "n.a.", "\u2026", "x", "*"})
_HEADERS = 4  # rows that can head columns
_LABELS = 3  # columns that can name rows


def is_number(text: str) -> bool:
    """Whether a cell holds a number and nothing else."""
    return _NUMBER.fullmatch(text.strip()) is not None


def is_year(text: str) -> bool:
    """Whether a cell holds a year, a span of years or a quarter."""
    return _YEAR.fullmatch(text.strip()) is not None


def is_value(text: str) -> bool:
    """Whether a cell holds a number that is no year."""
    return is_number(text) and not is_year(text)


def headed(rows: Sequence[Sequence[str]], caption: str = "", header: int | None = None) -> Grid:
    """The rows as a Grid; `header` where the format itself says how many rows head the columns."""
    count = header if header is not None else _header(rows)
    return Grid(rows, count, caption, labels=_labels(rows[count:]))


def _header(rows: Sequence[Sequence[str]]) -> int:
    if len(rows) < 2:
        return 0
    for n, row in enumerate(rows[: _HEADERS + 1]):
        if any(is_value(c) for c in row[1:]) or (row and is_value(row[0])):
            return n
    return 1


def _labels(rows: Sequence[Sequence[str]]) -> int:
    width = max((len(r) for r in rows), default=0)
    count = 0
    for k in range(min(width, _LABELS)):
        column = [r[k] for r in rows if k < len(r) and r[k].strip().lower() not in _NONE]
        if not column or sum(is_value(c) for c in column) > 0.5 * len(column):
            break
        count = k + 1
    if not any(is_value(c) for r in rows for c in r[count:]):
        return 1  # a table of words: its first column names the row
    return max(count, 1)


def regions(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, list[str], list[Sequence[str]]]]:
    """The tables of a sheet: row of the first, lines of text that stand alone, and rows that belong together.

    Blank rows part tables; a row with one cell above a table is text (a title, a note).
    """
    at = 0
    while at < len(rows):
        if not any(c.strip() for c in rows[at]):
            at += 1
            continue
        end = at
        while end < len(rows) and any(c.strip() for c in rows[end]):
            end += 1
        block = list(rows[at:end])
        lines: list[str] = []
        wide = max(sum(bool(c.strip()) for c in r) for r in block)
        first = at
        while block and wide > 1 and sum(bool(c.strip()) for c in block[0]) == 1:
            lines.append(next(c for c in block[0] if c.strip()))
            block.pop(0)
            first += 1
        if wide == 1:
            lines, block = [next(c for c in r if c.strip()) for r in block], []
        yield first, lines, block
        at = end
