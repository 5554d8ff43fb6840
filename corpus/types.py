"""The nouns of the library: what a source, a passage, a measure and a figure are.

All of them are frozen values. They hold facts and no behaviour beyond what can be derived from
those facts; where they are kept is the business of `catalog`, `vectors` and `words`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

SourceKind = Literal["article", "report", "dataset", "law", "brief", "other"]
MeasureKind = Literal["flow", "stock", "share", "rank", "count", "money"]
Confidence = Literal["high", "medium", "low"]
Direction = Literal["inflow", "outflow"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The primary source behind a passage of a secondary one, read from its Markdown footnotes."""

    title: str
    publisher: str = ""
    published: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A document or a data set that can be cited.

    `published` is an ISO 8601 date of reduced precision ("2025-01-02", "2025-04", "2025") or empty
    where none is known: many policy pages print no more than a month, and a made-up day would be
    wrong in a footnote.
    """

    id: str
    title: str
    publisher: str = ""
    published: str = ""
    kind: SourceKind = "other"
    url: str = ""
    licence: str = ""
    language: str = "en"
    sha256: str = ""

    @property
    def date(self) -> dt.date | None:
        """The day of publication, where it is known to the day."""
        return dt.date.fromisoformat(self.published) if len(self.published) == 10 else None


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table in a document: `text == source_text[start:end]`, always.

    The labels say what it is ("Japan", "Exports > 2023"), `locator` where a reader finds it in the
    original ("Sheet1!C5", "table 2, row 3, column 4"). A cell that two extractions of a PDF read
    differently is not confirmed, and nothing quotes it.
    """

    text: str
    start: int
    end: int
    row_label: str = ""
    column_label: str = ""
    locator: str = ""
    page: int | None = None
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a source: `text == source_text[start:end]`, always.

    `id` is a hash of the source's id and the text with its place in it, `heading` the path of
    headings above it ("Japan > Visas"), `page` the printed page where the format has pages.
    """

    id: str
    source_id: str
    text: str
    start: int
    end: int
    heading: str = ""
    page: int | None = None
    origins: tuple[tuple[str, Origin], ...] = ()  # footnote key -> primary source
    cells: tuple[TableCell, ...] = ()  # of the tables in it, in the order of the text


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number means: the same place and year under two measures are two different facts."""

    id: str
    family: str
    name: str
    short: str
    unit: str
    per: int
    denominator: str
    denominator_short: str
    kind: MeasureKind
    edition: str = ""
    definition: str = ""
    caveats: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    decimals: int | None = None
    absent: tuple[tuple[str, str], ...] = ()  # place -> why this measure does not cover it
    signs: tuple[str, ...] = ()  # concepts that tell it from the others of its family
    says: str = ""  # a sentence with {place}, {year} and {value}, for what is not a flow
    base_said: tuple[tuple[str, str], ...] = ()  # source -> what it calls the base, where it is wrong

    @property
    def signed(self) -> bool:
        """Whether a value's sign is part of its meaning (net flows)."""
        return self.kind == "flow"


@dataclass(frozen=True, slots=True)
class Family:
    """Measures of one thing; `order` says which leads an answer that names none of them."""

    id: str
    name: str
    order: tuple[str, ...]
    reason: str = ""
    distinct: bool = False  # the members are different quantities, not editions of one
    words: tuple[str, ...] = ()
    foreign: tuple[tuple[str, tuple[str, ...]], ...] = ()  # language -> words
    signs: tuple[str, ...] = ()  # concepts that together mean the family (assistant/signs.py)


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of a table. `value` keeps the digits as printed: -0.30, never -0.3."""

    measure: str
    place: str
    year: int | None
    value: Decimal
    source_id: str
    locator: str = ""
    confidence: Confidence = "medium"
    note: str = ""

    @property
    def key(self) -> tuple[str, str, int | None]:
        """Measure, place and year: what makes two cells comparable or not."""
        return self.measure, self.place, self.year


@dataclass(frozen=True, slots=True)
class KnownDirection:
    """A year for which a source gives the direction of a flow and no value."""

    measure: str
    place: str
    year: int
    direction: Direction
    source_id: str
    locator: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A country or territory under its ISO 3166-1 alpha-3 code (WLD for the world)."""

    code: str
    name: str
    article: bool = False
    aliases: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"the {self.name}" if self.article else self.name


@dataclass(frozen=True, slots=True)
class Group:
    """A named group of places, with the date of the membership list."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader makes of a file: the source, its text, and the blocks the text divides into."""

    source: Source
    text: str
    blocks: tuple[Block, ...] = ()
    notes: tuple[tuple[str, Origin], ...] = ()  # footnote key -> primary source
    remarks: tuple[str, ...] = ()  # what a user should know of the reading: "page 7 has no text"
    sheets: tuple[Sheet, ...] = ()  # the tables of a CSV or XLSX file, for `ingest.describe`


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as a spreadsheet holds it: rows of cells as printed, each with its locator ("Sheet1!C5")."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    locators: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text[start:end] that a passage does not straddle, such as a paragraph or a list."""

    start: int
    end: int
    heading: str = ""
    page: int | None = None
    prose: bool = True  # False for front matter, headings and footnote definitions
    keys: tuple[str, ...] = field(default=())  # footnotes referred to inside the block
    cells: tuple[TableCell, ...] = ()  # where the block is a table
    rows: tuple[tuple[int, int], ...] = ()  # of a table: the spans that stand in for its sentences
