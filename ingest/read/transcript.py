"""A document being written down: text grows, and each block and cell notes where it stands.

Every reader but those of Markdown and plain text goes through here, so that offsets are right by
construction: what is quoted later is a slice of the one text that is built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.errors import Unreadable
from corpus.types import Block, Document, Origin, Sheet, Source, TableCell
from ingest.read.limits import LIMITS, Limits, within

# Control characters that no text needs and terminals obey; halves of surrogate pairs cannot be stored.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]*\n[ \t\u00a0]*|[ \t]+")


def clean(text: str) -> str:
    """The text without characters that cannot be stored or shown."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))


def one_line(text: str) -> str:
    """The text in one line: white space is one space each."""
    return " ".join(clean(text).split())


@dataclass(frozen=True, slots=True)
class Grid:
    """A table on its way into a transcript: rows of cell texts, and how many of them head the columns."""

    rows: Sequence[Sequence[str]]
    header: int = 1
    caption: str = ""
    locators: Sequence[Sequence[str]] = ()  # as `rows`; empty: numbered by row and column
    doubtful: frozenset[tuple[int, int]] = frozenset()  # (row, column) that a second reading does not bear out
    labels: int = 1  # leading columns that name the row


class Transcript:
    """Text with its blocks. Call `heading`, `paragraph`, `table` and `page` in reading order, then `document`."""

    def __init__(self, name: str, limits: Limits = LIMITS) -> None:
        self.name = name
        self.limits = limits
        self.page: int | None = None
        self.remarks: list[str] = []
        self.tables = 0
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []
        self._notes: list[tuple[str, Origin]] = []

    @property
    def written(self) -> bool:
        """Whether anything that can be found was written yet."""
        return any(b.prose for b in self._blocks)

    @property
    def title(self) -> str:
        """The first heading, if there was one."""
        first = next((b for b in self._blocks if b.heading and not b.prose), None)
        return first.heading.partition(" > ")[0] if first else ""

    def heading(self, level: int, text: str) -> None:
        """A heading; what follows stands under it until one of the same level or above."""
        said = one_line(text)
        if said:
            self._path = [p for p in self._path if p[0] < level] + [(level, said)]
            self._block(said, prose=False)

    def paragraph(self, text: str, prose: bool = True) -> None:
        """A paragraph, with its line ends; `prose` False keeps it in the text and out of what is found."""
        said = "\n".join(line.strip() for line in clean(text).strip().split("\n")).strip()
        if said:
            self._block(re.sub(r"\n{3,}", "\n\n", said), prose=prose)

    def note(self, key: str, text: str, origin: Origin) -> None:
        """The text of a footnote, as Markdown has it; one that names a source stands behind its mark as an Origin."""
        if origin.url or origin.publisher or origin.published:
            self._notes.append((key, origin))
        self._block(f"[^{key}]: {one_line(text)}", prose=False)

    def table(self, grid: Grid) -> None:
        """A table: a line a row, a cell between two bars, each cell with its labels and its place."""
        rows = [[one_line(c) for c in row] for row in grid.rows]
        within("rows in one table", len(rows), self.limits.rows, self.name)
        within("columns in one table", max(map(len, rows), default=0), self.limits.columns, self.name)
        if not any(any(row) for row in rows):
            return
        self.tables += 1
        start = self._length
        caption = one_line(grid.caption)
        heading = " > ".join([t for _l, t in self._path] + ([caption] if caption else []))
        spans: list[tuple[int, int]] = []
        if caption and (not self._path or self._path[-1][1] != caption):
            spans.append(self._write(caption))
            self._write("\n")
        columns = column_labels(rows[: grid.header])
        cells: list[TableCell] = []
        for n, row in enumerate(rows):
            a, made = self._row(n, row, grid, columns)
            if n >= grid.header:
                cells += made
                if any(row):
                    spans.append((a, self._length))
            self._write("\n")
        self._write("\n")
        self._add(Block(start, self._length, heading, self.page, True, (), tuple(cells), tuple(spans)))

    def _row(self, n: int, row: Sequence[str], grid: Grid, columns: Sequence[str]) -> tuple[int, list[TableCell]]:
        """One row of a table written; where it starts, and its cells."""
        a = self._length
        label = ", ".join(dict.fromkeys(c for c in row[: grid.labels] if c))
        cells: list[TableCell] = []
        for k, text in enumerate(row):
            self._write("| ")
            s, e = self._write(text)
            self._write(" ")
            if text:
                place = f"table {self.tables}, row {n + 1}, column {k + 1}"
                if grid.locators and grid.locators[n][k]:
                    place = grid.locators[n][k]
                column = columns[k] if k < len(columns) else ""
                cells.append(TableCell(text, s, e, label, column, place, self.page, (n, k) not in grid.doubtful))
        self._write("|")
        return a, cells

    def _write(self, text: str) -> tuple[int, int]:
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        within("characters", self._length, self.limits.characters, self.name)
        return start, self._length

    def _block(self, text: str, prose: bool) -> None:
        start, _end = self._write(text)
        self._write("\n\n")
        keys = tuple(dict.fromkeys(re.findall(r"\[\^([^\]\s]+)\](?!:)", text)))
        self._add(Block(start, self._length, " > ".join(t for _l, t in self._path), self.page, prose, keys))

    def _add(self, block: Block) -> None:
        self._blocks.append(block)

    def document(self, source: Source, sheets: Sequence[Sheet] = ()) -> Document:
        """What was written; raises Unreadable where that is nothing."""
        if not self.written:
            raise Unreadable(f"{self.name}: the file holds no text")
        text = "".join(self._parts)
        found = replace(source, title=source.title or self.title)
        return Document(
            found, text, tuple(self._blocks), tuple(self._notes), tuple(dict.fromkeys(self.remarks)), tuple(sheets)
        )


def column_labels(header: Sequence[Sequence[str]]) -> list[str]:
    """What each column is called, by one row or several above each other ("Exports > 2023")."""
    width = max((len(r) for r in header), default=0)
    labels = []
    for k in range(width):
        said = [r[k] for r in header if k < len(r) and r[k]]
        labels.append(" > ".join(dict.fromkeys(said)))
    return labels
