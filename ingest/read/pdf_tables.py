"""Tables of a PDF page, read twice: by pdfplumber along ruled lines, and by where PDFium's words stand.

The two share no code, neither the parser nor the way to rows and columns. A cell is confirmed where both
give the same text under the same labels; else it is doubtful, and nothing quotes it.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.read.grids import headed, is_number, is_value, is_year
from ingest.read.pdf_page import Line, Word, rows_of
from ingest.read.transcript import Grid, column_labels, one_line

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points from the lower left corner
_LEAST_ROWS = 3  # of a table that no lines are drawn for
_CELL = 0.75  # of the letters' height: a wider space parts cells inside a table
_NOTHING = frozenset({"-", "\u2013", "\u2014", "..", "...", "n/a", "na", "n.a.", ":", "\u2026"})
_MARK = re.compile(r"\[\^\d+\]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table and where it stands on its page."""

    box: Box
    grid: Grid


def suspects(lines: Sequence[Line]) -> bool:
    """Whether words of a page stand as those of a table do, so that a slow look is worth it."""
    rows = [row for row in rows_of(lines) if len(row) > 1]
    return len(rows) >= 2


def tables_of(plumber: Any, lines: Sequence[Line], remarks: list[str], number: int) -> list[Table]:
    """The tables of a page; `plumber` is the page as pdfplumber has it, or None where it cannot be read so."""
    words = [w for line in lines for w in line.words]
    ruled: list[tuple[Box, list[list[str]]]] = []
    if plumber is not None:
        try:
            ruled = _ruled(plumber)
        except Exception as error:  # noqa: BLE001 - pdfminer raises anything on broken files
            remarks.append(f"the lines of tables on page {number} cannot be read ({type(error).__name__})")
            plumber = None
    found: list[Table] = []
    for box, rows in ruled:
        other = by_place([w for w in words if _inside(w, box)])
        found.append(Table(box, _checked(headed(rows), other)))
    free = [n for n in lines if not any(_inside(w, t.box) for t in found for w in n.words)]
    for box, rows in _aligned(free):
        found.append(Table(box, _checked(headed(rows), _second(plumber, box))))
    return sorted(found, key=lambda t: -t.box[3])


def _ruled(plumber: Any) -> list[tuple[Box, list[list[str]]]]:
    """Tables whose cells are bounded by drawn lines."""
    found = []
    height, x0, y0 = float(plumber.height), float(plumber.bbox[0]), float(plumber.bbox[1])
    for table in plumber.find_tables():
        cells = [c for row in table.rows for c in row.cells if c]
        if len(table.rows) < 2 or max(len(r.cells) for r in table.rows) < 2 or len(cells) < 4:
            continue
        said = table.extract()
        rows = [[one_line(c or "") for c in row] for row in said]
        _fill(rows, table)
        filled = sum(bool(c) for row in rows for c in row)
        if filled < 4 or filled < 0.3 * sum(map(len, rows)):
            continue  # a frame around text
        left, top, right, bottom = table.bbox
        box = (left - x0, height - (bottom - y0), right - x0, height - (top - y0))
        found.append((box, rows))
    return found


def _fill(rows: list[list[str]], table: Any) -> None:
    """A merged cell's text in every place that it covers."""
    cells = {id(c): (c, rows[n][k]) for n, row in enumerate(table.rows) for k, c in enumerate(row.cells) if c}
    tops = [statistics.median([c[1] for c in row.cells if c] or [0]) for row in table.rows]
    lows = [min([c[3] for c in row.cells if c] or [0]) for row in table.rows]
    width = max(len(r.cells) for r in table.rows)
    columns = []
    for k in range(width):
        spans = [row.cells[k] for row in table.rows if k < len(row.cells) and row.cells[k]]
        columns.append((max(s[0] for s in spans), min(s[2] for s in spans)) if spans else (0.0, 0.0))
    for n, row in enumerate(table.rows):
        for k, cell in enumerate(row.cells):
            if cell is None and columns[k] != (0.0, 0.0):
                x, y = sum(columns[k]) / 2, (tops[n] + lows[n]) / 2
                around = [t for c, t in cells.values() if c[0] <= x <= c[2] and c[1] <= y <= c[3]]
                rows[n][k] = around[0] if around else ""


def by_place(words: Iterable[Word]) -> list[list[str]]:
    """Rows and columns by where words stand, whatever is drawn around them."""
    held = list(words)
    if not held:
        return []
    pieces = _by_height(held)
    rows = [_segments(row) for row in pieces]
    bounds = _columns(rows)
    return [_placed(row, words, bounds) for row, words in zip(rows, pieces, strict=True)]


def _by_height(words: Sequence[Word]) -> list[list[Word]]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: -w.middle):
        if rows and abs(rows[-1][0].middle - word.middle) < 0.5 * min(rows[-1][0].size, word.size):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda w: w.left) for row in rows]


def _segments(row: Sequence[Word]) -> list[Word]:
    """Words of a row joined to cells: each one text with one box."""
    cells = [row[0]]
    for word in row[1:]:
        last = cells[-1]
        if word.left - last.right > _CELL * max(word.size, last.size):
            cells.append(word)
        else:
            cells[-1] = replace(last, text=f"{last.text} {word.text}", right=max(word.right, last.right))
    return cells


def _columns(rows: Sequence[Sequence[Word]]) -> list[tuple[float, float]]:
    """The bounds of the columns: of cells that overlap, leaving out those that span several columns."""
    most = max(len(r) for r in rows)
    bounds: list[tuple[float, float]] = []
    for row in sorted(rows, key=lambda r: -len(r)):
        if len(row) < 2 <= most:
            continue
        for cell in row:
            hit = [b for b in bounds if b[0] < cell.right and cell.left < b[1]]
            if len(hit) > 1:
                continue
            merged = (min([cell.left, *(b[0] for b in hit)]), max([cell.right, *(b[1] for b in hit)]))
            if sum(b[0] < merged[1] and merged[0] < b[1] for b in bounds) > 1:
                continue
            bounds = [*(b for b in bounds if b not in hit), merged]
    return sorted(bounds)


def _placed(row: Sequence[Word], pieces: Sequence[Word], bounds: Sequence[tuple[float, float]]) -> list[str]:
    """A row's cells in their columns; `pieces` are its words, for cells that stand too close to each other.

    A heading over several columns stands in each of them.
    """
    said = [""] * len(bounds)
    numbers = any(is_value(w.text) for w in pieces)
    for cell in row:
        inside = [w for w in pieces if cell.left - 0.1 <= w.left and w.right <= cell.right + 0.1]
        hit = [k for k, (a, b) in enumerate(bounds) if a < cell.right and cell.left < b]
        parts = inside if len(hit) > 1 and numbers else [cell]
        for part in parts:
            over = [(min(b, part.right) - max(a, part.left), k) for k, (a, b) in enumerate(bounds)]
            best = [max(over)[1]] if len(parts) > 1 and over else [k for width, k in over if width > 0]
            for k in best:
                said[k] = f"{said[k]} {part.text}".strip()
    return said


def _aligned(lines: Sequence[Line]) -> list[tuple[Box, list[list[str]]]]:
    """Tables without drawn lines: rows in which numbers stand under each other."""
    rows = rows_of(lines)
    found: list[tuple[Box, list[list[str]]]] = []
    at = 0
    while at < len(rows):
        if not _numeric(rows[at]):
            at += 1
            continue
        end, last = at + 1, at
        while end < len(rows) and end - last <= 2 and _near(rows[last], rows[end], 2.6 * (end - last)):
            last = end if _numeric(rows[end]) else last
            end += 1
        first = at
        while first and len(rows[first - 1]) > 1 and _near(rows[first - 1], rows[first], 2.6):
            first -= 1
        used = rows[first : last + 1]
        at = last + 1
        if sum(_numeric(r) for r in used) < _LEAST_ROWS:
            continue
        words = [w for row in used for line in row for w in line.words]
        said = by_place(words)
        if len(said) < _LEAST_ROWS or max(map(len, said)) < 2 or not _columned(said):
            continue
        box = (min(w.left for w in words), min(w.bottom for w in words),
               max(w.right for w in words), max(w.top for w in words))  # fmt: skip
        found.append((box, [[one_line(c) for c in row] for row in said]))
    return found


def _numeric(row: Sequence[Line]) -> bool:
    """A row of at least two cells of which one that is not the first holds a number and nothing else."""
    cells = [_MARK.sub("", n.text) for n in row[1:]]
    return any(is_number(c) or is_year(c) or c.lower() in _NOTHING for c in cells)


def _near(above: Sequence[Line], below: Sequence[Line], heights: float) -> bool:
    gap = min(n.bottom for n in above) - max(n.top for n in below)
    return gap < heights * max(n.size for n in below)


def _columned(rows: Sequence[Sequence[str]]) -> bool:
    """Whether some column is mostly numbers: else it is text that happens to stand so."""
    for column in zip(*rows, strict=False):
        said = [_MARK.sub("", c) for c in column if c]
        if len(said) >= _LEAST_ROWS - 1 and sum(is_number(c) or is_year(c) for c in said) >= 0.6 * len(said):
            return True
    return False


def _second(plumber: Any, box: Box) -> list[list[str]]:
    """The same area by pdfplumber's own reading of aligned text; empty where it sees nothing there."""
    if plumber is None:
        return []
    try:
        height = float(plumber.height)
        x0, y0, x1, y1 = plumber.bbox
        area = (max(box[0] - 3 + x0, x0), max(height - box[3] - 2 + y0, y0),
                min(box[2] + 3 + x0, x1), min(height - box[1] + 2 + y0, y1))  # fmt: skip
        part = plumber.crop(area)
        ways = {"vertical_strategy": "text", "horizontal_strategy": "text", "min_words_vertical": 2,
                "text_x_tolerance": 2, "intersection_tolerance": 6}  # fmt: skip
        said = part.extract_table(ways) or []
        return [[one_line(c or "") for c in row] for row in said if any(row)]
    except Exception:  # noqa: BLE001 - pdfminer raises anything; what it cannot read confirms nothing
        return []


def _checked(grid: Grid, other: Sequence[Sequence[str]]) -> Grid:
    """The grid with the cells marked that the other reading does not bear out."""
    known = _facts(headed(other)) if other else {}
    labels = column_labels(grid.rows[: grid.header])
    doubtful = set()
    for n, row in enumerate(grid.rows):
        if n < grid.header:
            continue
        for k, text in enumerate(row):
            if not text:
                continue
            rowed = _tokens(" ".join(row[: grid.labels])) if k >= grid.labels else set()
            column = _tokens(labels[k] if k < len(labels) else "") if k >= grid.labels else set()
            seen = known.get(_plain(text), [])
            if k < grid.labels and not is_value(text):
                if not _borne_out(_tokens(text), other):
                    doubtful.add((n, k))
            elif not any(_agree(rowed, r) and _agree(column, c) for r, c in seen):
                doubtful.add((n, k))
    return replace(grid, doubtful=frozenset(doubtful))


def _borne_out(words: set[str], other: Sequence[Sequence[str]]) -> bool:
    """Whether the other reading has these words, in however many cells."""
    return words <= _tokens(" ".join(c for row in other for c in row))


def _facts(grid: Grid) -> dict[str, list[tuple[set[str], set[str]]]]:
    """Each cell's text with the words that stand before it in its row and above it in its column."""
    facts: dict[str, list[tuple[set[str], set[str]]]] = {}
    for n, row in enumerate(grid.rows):
        for k, text in enumerate(row):
            if text:
                before = _tokens(" ".join(c for c in row[:k] if not is_value(c)))
                above = [r[k] for r in grid.rows[:n] if k < len(r) and r[k] and not is_value(r[k])]
                facts.setdefault(_plain(text), []).append((before, _tokens(" ".join(above))))
    return facts


def _agree(mine: set[str], theirs: set[str]) -> bool:
    """Whether one holds all of the other's words; no words at all agree only with no words."""
    return (bool(mine) == bool(theirs)) and (mine <= theirs or theirs <= mine)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", _MARK.sub("", text)).replace("\u2212", "-").lower()


def _tokens(text: str) -> set[str]:
    return set(re.findall(r"\w+", _MARK.sub("", text).lower()))


def _inside(word: Word, box: Box) -> bool:
    middle = (word.left + word.right) / 2
    return box[0] - 1 <= middle <= box[2] + 1 and box[1] - 1 <= word.middle <= box[3] + 1
