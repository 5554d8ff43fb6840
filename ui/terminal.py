"""What the terminal shows: every function here turns values into text and touches nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.types import Answer, Cell
from corpus.types import Source
from ui.footnotes import footnotes, left_out, line, reread, value
from ui.markup import place, visible, when

if TYPE_CHECKING:
    from ingest.stage import Entry

_WIDE = frozenset("WF")


def as_text(answer: Answer, width: int | None = None) -> str:
    """The answer, its numbered sources, its notes, and for a refusal what can be asked instead."""
    parts = [
        [reread(answer)],
        answer.text.split("\n"),
        footnotes(answer),
        list(notes(answer)),
        list(instead(answer)),
    ]
    return "\n\n".join("\n".join(wrapped(line, width) for line in p) for p in parts if any(p))


def notes(answer: Answer) -> Iterator[str]:
    """What one should know before quoting the answer."""
    yield from (f"Note: {n}" for n in answer.notes)
    if missing := left_out(answer):
        yield f"Note: {missing}"


def instead(answer: Answer) -> Iterator[str]:
    """For a refusal: what was looked for, what was found, and what can be asked."""
    if not (r := answer.refusal):
        return
    yield f"Looked for: {r.looked_for}"
    yield from (f"Found: {f}" for f in r.found)
    if r.try_:
        yield "You can ask:"
        yield from (f"  - {q}" for q in r.try_)


def sources_text(sources: Iterable[Source]) -> str:
    """Documents, one a line."""
    rows = [(s.id, s.published, s.publisher, s.title) for s in sources]
    return table(("Id", "Date", "Publisher", "Title"), rows) if rows else "No documents."


def figures_text(cells: Iterable[Cell]) -> str:
    """Figures, one a line, each with its unit and base."""
    rows = [(place(c), when(c.figure.year), value(c), c.measure.short, c.source.id, c.figure.confidence) for c in cells]
    if not rows:
        return "No figure in the library matches."
    return table(("Place", "Year", "Value", "Measure", "Source", "Confidence"), rows)


def entry_text(entry: Entry) -> str:
    """What became of one file."""
    counts = [f"{entry.passages} passage{'s' * (entry.passages != 1)}"] if entry.passages else []
    counts += [f"{entry.cells:,} cells of tables"] if entry.cells else []
    counts += [f"{entry.figures:,} figures"] if entry.figures else []
    counts += [f"{entry.doubtful} not confirmed by a second reading, not quoted"] if entry.doubtful else []
    some = f" ({', '.join(counts)})" if counts else ""
    remarks = "".join(f"\n           {line(r)}" for r in entry.remarks)
    return f"{entry.outcome:9}  {line(entry.name)}  as {entry.source_id}{some}{remarks}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows in columns that line up, whole even where a terminal is narrow."""
    grid = [tuple(header), *(tuple(line(c) for c in row) for row in rows)]
    widths = [max(columns(c) for c in column) for column in zip(*grid, strict=True)]
    return "\n".join(
        "  ".join(c + " " * (w - columns(c)) for c, w in zip(row, widths, strict=True)).rstrip() for row in grid
    )


def size(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1_000_000:,.1f} MB" if count >= 100_000 else f"{count / 1000:,.1f} kB"


def wrapped(text: str, width: int | None) -> str:
    """A line broken at spaces to the width, its later lines under its first word's text."""
    text = visible(text).replace("\r", "")  # which would go back to the line's start
    hang = re.match(r"\[\d+\] |\s*- |", text)
    indent = " " * len(hang[0]) if hang else ""
    if width is None or columns(text) <= width:
        return text
    lines, at, fresh = [], text[: len(indent)], True
    for word in text[len(indent) :].split(" "):
        if not fresh and columns(at) + columns(word) > width:
            lines.append(at.rstrip())
            at = indent
        at, fresh = f"{at}{word} ", False
    return "\n".join([*lines, at.rstrip()])


def columns(text: str) -> int:
    """How many columns a terminal gives a text: two for a wide character, none for an accent."""
    if text.isascii():
        return len(text)
    seen = (c for c in text if not unicodedata.combining(c))
    return sum(1 + (unicodedata.east_asian_width(c) in _WIDE) for c in seen)
