"""The nouns of an answer: the question as read, the evidence, and the answer with its footnotes.

All are frozen values. Text and JSON are derived from them, so that no two surfaces can differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

from corpus.types import Figure, KnownDirection, Measure, Origin, Passage, Source, TableCell

Ask = Literal[
    "value", "sign", "compare", "rank", "place_rank", "change", "trend", "average", "count", "editions", "coverage",
    "define_measure", "list", "why", "how", "what", "who", "when", "how_much", "which", "yes_no", "summarise",
]  # fmt: skip
Reason = Literal[
    "off_topic", "no_evidence", "place_not_in_measure", "year_not_in_measure", "direction_only", "not_comparable",
    "name_not_found", "opinion_or_prediction",
]  # fmt: skip
Around = Literal["zero", "change", "spread", "years", "next", "ahead", "turned", "ever"]
Status = Literal["answered", "partial", "not_found"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as read. `years` is sorted; `base` is what a rate is asked per (100_000), if at all."""

    text: str
    standalone: str
    asks: Ask
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    measures: tuple[str, ...] = ()  # named measures, in the order of their family
    family: str = ""
    base: int | None = None
    language: str = "en"
    latest: bool = False
    ranged: bool = False  # the years between the first and the last are meant too
    outward: bool = False  # it speaks of losing
    inward: bool = False  # it speaks of gaining
    median: bool = False
    compares: bool = False  # it sets one value against another, whatever else it asks
    top: int | None = None  # how many of a ranking
    lowest: bool = False  # a ranking from the bottom
    threshold: Decimal | None = None
    upper: Decimal | None = None  # the higher of two limits, with `threshold` the lower
    below: bool = False
    nth: int | None = None  # one place of a ranking: the third, the runner-up
    around: Around | None = None  # what a ranking is by, where not by the value itself
    excluded: tuple[str, ...] = ()  # places to be left out of a ranking
    group: str = ""  # a group of places (EU, G7) that the question names
    names: tuple[str, ...] = ()  # proper names and quoted terms that evidence must hold
    beside: str = ""  # a second family asked for in the same breath: "its concentration and its net flow"
    everything: bool = False  # what is held is asked for, of no family in particular
    figures_asked: bool = False  # whether the question is about a figure at all
    doubt: Reason | None = None  # what makes the question unanswerable as it stands


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found, with its blended score and what each ranking said of it."""

    passage: Passage
    source: Source
    score: float
    dense: float = 0.0  # cosine of the best sentence, -1 to 1
    words: float = 0.0  # BM25, 0 up
    best: tuple[int, int] = (0, 0)  # the best sentence, as offsets in the source's text
    late: float = 0.0  # mean over the question's tokens of the best cosine to a token of the passage
    held: float = 0.0  # share of the question's weighted words in the passage, 0 to 1
    told: float = 0.0  # the same in that sentence of it that holds most


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a source: `text == source_text[start:end]`, byte for byte."""

    source: Source
    passage_id: str
    text: str
    start: int
    end: int
    page: int | None = None
    origins: tuple[Origin, ...] = ()
    cells: tuple[TableCell, ...] = ()  # where the words are a row of a table


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell as support: the figure with its measure and the source that printed it."""

    figure: Figure
    measure: Measure
    source: Source
    place_name: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A value worked out from cells. `formula` is the working: "0.54 - (-0.30) = 0.84"."""

    formula: str
    value: Decimal
    inputs: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Direction:
    """A year whose direction is known and whose value is not, as support."""

    known: KnownDirection
    measure: Measure
    source: Source
    place_name: str


Support = Quote | Cell | Derived | Direction


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered footnote and what it stands on. Made by `assistant.verify.cite` only."""

    marker: int
    support: Support

    @property
    def source(self) -> Source:
        """The source that a reader would open to check."""
        if isinstance(self.support, Derived):
            return self.support.inputs[0].source
        return self.support.source

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The primary sources behind a secondary one."""
        return self.support.origins if isinstance(self.support, Quote) else ()

    def to_dict(self) -> dict[str, Any]:
        """The citation as the JSON of every surface has it."""
        s = self.support
        quote = figure = derived = None
        if isinstance(s, Quote):
            quote = {"text": s.text, "start": s.start, "end": s.end, "page": s.page, "passage": s.passage_id}
            if s.cells:
                said = (("text", "text"), ("row", "row_label"), ("column", "column_label"), ("locator", "locator"))
                quote["cells"] = [{name: getattr(c, field) for name, field in said} for c in s.cells]
        elif isinstance(s, Cell):
            figure = cell_dict(s) | {"locator": s.figure.locator}
        elif isinstance(s, Derived):
            derived = {
                "formula": s.formula,
                "value": digits(s.value),
                "inputs": [cell_dict(c) for c in s.inputs],
            }
        else:
            figure = {
                "measure": s.known.measure, "place": s.known.place, "year": s.known.year, "value": None,
                "direction": s.known.direction, "unit": s.measure.unit,
                "denominator": s.measure.denominator, "locator": s.known.locator,
            }  # fmt: skip
        return {
            "marker": self.marker,
            "source": source_dict(self.source),
            "quote": quote,
            "figure": figure,
            "derived": derived,
            "origins": [origin_dict(o) for o in self.origins],
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and the footnotes that support it."""

    text: str
    markers: tuple[int, ...]
    quoted: bool = False  # whether the text is a source's own words
    lead_in: str = ""  # who says it, shown once before a run of quoted sentences
    marks: tuple[tuple[int, int], ...] = ()  # spans of `text` that answer the question

    def __str__(self) -> str:
        return self.text + "".join(f" [{n}]" for n in self.markers)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer: what was looked for, what exists instead, and what can be asked."""

    reason: Reason
    looked_for: str
    found: tuple[str, ...] = ()
    try_: tuple[str, ...] = ()
    said: str = ""  # the sentence a reader sees first

    def to_dict(self) -> dict[str, Any]:
        """The refusal as the JSON of every surface has it."""
        return {
            "reason": self.reason,
            "looked_for": self.looked_for,
            "found": list(self.found),
            "try": list(self.try_),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer. `text` and `to_dict()` are derived from the parts."""

    question: Question
    status: Status
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    figures: tuple[Cell, ...] = ()
    alternatives: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: Refusal | None = None
    writer: str = "composed"
    dropped: int = 0
    withdrawn: int = 0  # those of them that a model wrote; a note says why
    receipt: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """The answer as plain text with [n] after each statement."""
        lines: list[str] = []
        if self.refusal:
            lines.append(self.refusal.said)
        run: list[str] = []
        for statement in self.statements:
            if statement.lead_in and run:
                lines.append(" ".join(run))
                run = []
            run.append((f"{statement.lead_in} " if statement.lead_in else "") + str(statement))
        if run:
            lines.append(" ".join(run))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """The answer as the JSON of every surface has it (docs/json.md)."""
        return {
            "question": self.question.text,
            "standalone": self.question.standalone,
            "status": self.status,
            "text": self.text,
            "statements": [{"text": s.text, "citations": list(s.markers)} for s in self.statements],
            "citations": [c.to_dict() for c in self.citations],
            "figures": [cell_dict(c) for c in self.figures],
            "alternatives": [cell_dict(c) for c in self.alternatives],
            "notes": list(self.notes),
            "refusal": self.refusal.to_dict() if self.refusal else None,
            "writer": self.writer, "dropped": self.dropped, "withdrawn": self.withdrawn,
            "receipt": dict(self.receipt),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer hands to the verifier: sentences with their support, not yet numbered."""

    status: Status
    statements: tuple[DraftStatement, ...] = ()
    figures: tuple[Cell, ...] = ()
    alternatives: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: Refusal | None = None
    failed: int = 0  # statements that the writer gave up itself


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """A sentence and what it claims to stand on."""

    text: str
    support: tuple[Support, ...]
    quoted: bool = False
    lead_in: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    taken: tuple[str, ...] = ()  # words that the statement takes from its quotations, as they stand there


@dataclass(frozen=True, slots=True)
class Gap:
    """An absence with its kind: what is missing, and where it was looked for."""

    reason: Reason
    looked_for: str
    nearest: tuple[Cell, ...] = ()
    said: str = ""  # the reason that the measure itself gives, if any


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a writer may use: cells, known directions, workings, passages, and what is absent."""

    cells: tuple[Cell, ...] = ()
    alternatives: tuple[Cell, ...] = ()
    directions: tuple[Direction, ...] = ()
    derived: tuple[Derived, ...] = ()
    gaps: tuple[Gap, ...] = ()
    hits: tuple[Hit, ...] = ()
    field: int = 0  # how many places a ranking, a count or an average was taken over
    around: str = ""  # what a ranking was taken by, where not by the value; "place" for one place of it
    also: tuple[Evidence, ...] = ()  # the same worked out from other series, on bases of their own


class Writer(Protocol):
    """The seam between the writer without a model and the one with: question and evidence in, draft out."""

    name: str

    def write(self, question: Question, evidence: Evidence) -> Draft:
        """A draft that uses nothing but the evidence."""
        ...


def digits(value: Decimal) -> str:
    """A value with the digits it has, never in exponent form."""
    return format(value, "f")


def cell_dict(cell: Cell) -> dict[str, Any]:
    """A figure as the JSON of every surface has it."""
    f, m = cell.figure, cell.measure
    return {
        "measure": f.measure, "place": f.place, "year": f.year, "value": digits(f.value),
        "unit": m.unit, "denominator": m.denominator, "source": source_dict(cell.source),
        "confidence": f.confidence, "note": f.note,
    }  # fmt: skip


def source_dict(source: Source) -> dict[str, Any]:
    """A source as the JSON of every surface has it."""
    return {
        "id": source.id, "title": source.title, "publisher": source.publisher,
        "published": source.published or None, "url": source.url or None,
    }  # fmt: skip


def origin_dict(origin: Origin) -> dict[str, Any]:
    """A primary source as the JSON of every surface has it."""
    return {
        "title": origin.title, "publisher": origin.publisher or None,
        "published": origin.published or None, "url": origin.url or None,
    }  # fmt: skip
