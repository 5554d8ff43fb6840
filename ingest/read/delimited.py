"""CSV and its kin: the delimiter is found, the rows become tables whose cells can be cited."""

from __future__ import annotations

import csv
import io

from corpus.errors import TooMuch, Unreadable
from corpus.types import Document, Sheet, Source
from ingest.read.about import language_of
from ingest.read.grids import regions
from ingest.read.limits import LIMITS, within
from ingest.read.sheets import letters, write_regions
from ingest.read.text import decode, title_of
from ingest.read.transcript import Transcript

_DELIMITERS = ",;\t|"


def read_delimited(data: bytes, name: str, password: str = "") -> Document:
    """A Document from delimited text; raises Unreadable where no table is in it."""
    text = decode(data, name)
    if not text.strip():
        raise Unreadable(f"{name}: the file holds no text")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text, name)):
            rows.append([c.strip() for c in row])
            within("rows", len(rows), LIMITS.rows, name)
    except csv.Error as error:
        raise TooMuch(f"{name}: a row cannot be read ({error}); check its quotation marks") from None
    written = Transcript(name)
    write_regions(written, rows, lambda r, c: f"row {r + 1}, column {letters(c)}")
    title = title_of(name)
    first = next(regions(rows), None)
    if first and first[1] and first[2]:
        title = first[1][0]
    locators = tuple(tuple(f"row {r + 1}, column {letters(c)}" for c in range(len(row))) for r, row in enumerate(rows))
    sheet = Sheet("", tuple(tuple(r) for r in rows), locators)
    source = Source(id="", title=title, kind="dataset", language=language_of(text))
    return written.document(source, [sheet])


def _delimiter(text: str, name: str) -> str:
    if name.lower().endswith((".tsv", ".tab")):
        return "\t"
    lines = [line for line in text[:65536].split("\n")[:200] if line.strip()]
    counts = {d: [line.count(d) for line in lines] for d in _DELIMITERS}

    def fitness(d: str) -> tuple[float, int]:  # in most lines, and as often in each
        found = [n for n in counts[d] if n]
        usual = max(set(found), key=found.count) if found else 0
        return sum(n == usual for n in counts[d] if usual) / len(lines), usual

    best = max(_DELIMITERS, key=fitness)
    return best if fitness(best)[0] > 0 else ","
