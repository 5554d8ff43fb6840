"""Tables of Markdown: rows of cells between bars, each cell where it stands in the text."""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.types import Block, TableCell
from ingest.read.grids import headed
from ingest.read.limits import LIMITS, within
from ingest.read.transcript import column_labels

_BAR = re.compile(r"(?<!\\)\|")
_RULE = 1  # the row that parts header and body


def with_cells(block: Block, text: str, number: int, name: str) -> Block:
    """A block that is a table, with its cells and rows; `number` counts the tables of the document."""
    lines = [m.span() for m in re.finditer(r"[^\n]+", text[block.start : block.end])]
    rows = [_cells(text, block.start + a, block.start + b) for a, b in lines]
    within("rows in one table", len(rows), LIMITS.rows, name)
    within("columns in one table", max(map(len, rows)), LIMITS.columns, name)
    said = [[text[a:b] for a, b in row] for n, row in enumerate(rows) if n != _RULE]
    labels = headed(said, header=1).labels
    columns = column_labels(said[:1])
    found: list[TableCell] = []
    for n, row in enumerate(rows[_RULE + 1 :], start=2):
        label = ", ".join(dict.fromkeys(text[a:b] for a, b in row[:labels] if a < b))
        for k, (a, b) in enumerate(row[: len(columns)]):
            if a < b:
                place = f"table {number}, row {n}, column {k + 1}"
                found.append(TableCell(text[a:b], a, b, label, columns[k], place))
    spans = [(block.start + a, block.start + b) for a, b in lines[_RULE + 1 :]]
    return replace(block, cells=tuple(found), rows=tuple(spans))


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the cells of a row stand, without the space around them."""
    bars = [m.start() for m in _BAR.finditer(text, start, end)]
    edges = [start - 1, *bars, end]
    if not text[start : edges[1]].strip():
        edges.pop(0)  # a bar begins the row
    if len(edges) > 1 and not text[edges[-2] + 1 : end].strip():
        edges.pop()  # and ends it
    found = []
    for a, b in zip(edges, edges[1:], strict=False):
        cell = text[a + 1 : b]
        left = a + 1 + len(cell) - len(cell.lstrip())
        found.append((left, max(left, b - (len(cell) - len(cell.rstrip())))))
    return found
