"""Where the documents of a library and its tables do not agree, both sides word for word.

Every number that a document claims is held against every table that has its place and year, not only
against the one that bears it out; what no table holds is compared between documents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from assistant.check import Checker
from assistant.judge import Verdict
from assistant.report import cell, told
from assistant.rivals import rivals
from assistant.types import Cell, cell_dict, source_dict
from assistant.verify import shown
from assistant.wordlists import denominators
from corpus.sentences import REFERENCE, sentence_spans
from corpus.types import Figure, Source

Kind = Literal["differs", "other edition", "other year", "other denominator", "direction", "between documents"]
_DEFINITION = re.compile(r"^\[\^[^\]\s]+\]:.*$", re.MULTILINE)
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_SHARE_OF = re.compile(r"share of (?:the |all )?([A-Za-z]+(?: (?!or\b|and\b|in\b|of\b|as\b)[a-z]+)?)")
_KINDS: dict[str, Kind] = {
    "edition": "other edition", "year": "other year", "denominator": "other denominator", "base": "other denominator",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence of a document: `text == source_text[start:end]`."""

    source: Source
    text: str
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        """The quotation as JSON."""
        return {"source": source_dict(self.source), "text": self.text, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement: what it is about, a document's words, and the cell or the words against them."""

    kind: Kind
    about: str  # "South Korea, 2023, net AI talent flow"
    said: str  # the number or word as the document has it
    left: Words
    right: Cell | Words
    note: str = ""  # what is right, where a table tells
    also: tuple[str, ...] = ()  # other documents that say the same as the left side

    def to_dict(self) -> dict[str, Any]:
        """The disagreement as `footnote conflicts --json` prints it."""
        figure = (
            cell_dict(self.right) | {"locator": self.right.figure.locator} if isinstance(self.right, Cell) else None
        )
        quote = self.right.to_dict() if isinstance(self.right, Words) else None
        return {
            "kind": self.kind, "about": self.about, "said": self.said, "left": self.left.to_dict(),
            "right": {"figure": figure, "quote": quote}, "note": self.note, "also": list(self.also),
        }  # fmt: skip


@dataclass
class Conflicts:
    """Every disagreement, and how many claims agree, are rounded, or have no data."""

    entries: list[Conflict] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {"conflicts": [c.to_dict() for c in self.entries], "counts": dict(self.counts)}


class Comparison:
    """Compares documents with the tables and with each other; one after the other, then `report`."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._report = Conflicts()
        self._seen: dict[tuple[Any, ...], int] = {}
        self._told: set[tuple[str, int, str]] = set()  # numbers of a sentence that a table contradicts
        self._stated: dict[tuple[str, str, int | None], Words] = {}  # where documents state a cell

    def read(self, documents: Iterable[tuple[Source, str]]) -> Conflicts:
        """The report over documents and their texts."""
        held = [(source, blanked(text), text) for source, text in documents]
        judged = [(source, text, self._judged(source, clean, text)) for source, clean, text in held]
        for _source, _text, found in judged:
            for verdict, words in found:
                if verdict.claim.frame.kind != "value":
                    continue
                if verdict.outcome == "supported" and verdict.right and verdict.right.exact and verdict.right.figures:
                    self._stated.setdefault(verdict.right.figures[0].key, words)
        for _source, _text, found in judged:
            for verdict, words in found:
                self._compare(verdict, words)
        for source, clean, text in held:
            self._between(source, clean, text)
        order: tuple[Kind, ...] = (
            "direction", "differs", "other edition", "other year", "other denominator", "between documents",
        )  # fmt: skip
        self._report.entries.sort(key=lambda c: (order.index(c.kind), c.about))
        return self._report

    def _judged(self, source: Source, clean: str, text: str) -> list[tuple[Verdict, Words]]:
        spans = sentence_spans(clean)
        made = []
        for v in self._checker.verdicts(clean):
            a, b = next(s for s in spans if s[0] <= v.claim.start < s[1])
            if v.claim.soft and v.outcome == "not_in_corpus":  # a document's own context is trusted for its base
                hard = self._checker.judge.verdict(replace(v.claim, soft=()))
                v = hard if hard.fault in ("denominator", "base") else v
            made.append((v, Words(source, text[a:b], a, b)))
        return made

    def _compare(self, v: Verdict, words: Words) -> None:
        kind = v.claim.frame.kind
        if v.outcome == "not_in_corpus":
            self._report.counts["no data"] += 1
            if kind == "direction":
                self._directions(v, words)
        elif v.outcome == "contradicted":
            self._report.counts["contradicted"] += 1
            self._against(v, words)
        elif v.right is None:
            return
        else:
            rounded = v.right.exact and v.claim.value is not None and abs(v.right.value) != v.claim.value
            self._report.counts["rounded" if rounded else "agrees"] += 1
            if kind == "value" and v.right.figures:
                self._others(v, v.right.figures[0], words)
                self._worded(v, v.right.figures[0], words)
            elif kind == "direction":
                self._directions(v, words)

    def _against(self, v: Verdict, words: Words) -> None:
        """A claim that its own table contradicts."""
        self._told.add((words.source.id, words.start, v.claim.text))
        right = v.right.figures[0] if v.right and v.right.figures else None
        if right is None and v.frame is not None:
            found = self._checker.judge.reckoner.results(v.frame)
            right = next((r.figures[0] for r in found if r.figures), None)
        if right is None or not self._dated(v, right):
            return
        kind = _KINDS.get(v.fault or "", "differs")
        key = ("claim", right.key, v.claim.text, v.fault)
        self._add(
            key,
            Conflict(
                kind, self._about(right), v.claim.text, words, cell(self._checker, right), told(self._checker, v) or ""
            ),
        )

    def _dated(self, v: Verdict, right: Figure) -> bool:
        """Whether a claim says of which year or edition it is; one that says neither is against no one cell."""
        f = v.claim.frame
        dated = bool(f.years) and ("year" not in v.claim.soft or v.fault in _KINDS)
        held = {y for m in f.measures for y in self._checker.table.series(m, right.place)}
        return dated or f.edition or len(held) < 2

    def _others(self, v: Verdict, own: Figure, words: Words) -> None:
        """The other editions that have the place and year of a claim that one of them bears out."""
        for other in self._family(own):
            a, b = cell(self._checker, own), cell(self._checker, other)
            alike = _base(a) == _base(b)
            if alike and _same(a, b):
                continue
            key = ("editions", own.place, own.year, frozenset((own.measure, other.measure)))
            self._add(
                key,
                Conflict(
                    "differs" if alike else "other denominator",
                    self._about(own),
                    v.claim.text,
                    words,
                    self._words(other) or b,
                ),
            )

    def _directions(self, v: Verdict, words: Words) -> None:
        """The figures and directions of other editions that go the other way."""
        f = v.claim.frame
        sign = 1 if f.direction == "in" else -1
        for m in (m.id for m in self._checker.table.measures.values() if m.signed):
            for y in f.years:
                c = self._checker.table.cell(m, f.places[0], y)
                if c is None or not c.value or (c.value > 0) == (sign > 0):
                    continue
                key = ("direction", c.key, sign)
                self._add(key, Conflict("direction", self._about(c), v.claim.text, words, cell(self._checker, c)))

    def _worded(self, v: Verdict, own: Figure, words: Words) -> None:
        """A number that is right and is said to be a share of something that its measure does not divide by."""
        c = cell(self._checker, own)
        if c.measure.kind not in ("share", "stock"):
            return
        held = set(denominators(c.measure.denominator.lower().split(",")[0]))
        for m in _SHARE_OF.finditer(words.text):
            said = set(denominators(m[1].lower()))
            if said and held and not said & held:
                key = ("worded", own.key, m[1])
                self._add(
                    key, Conflict("other denominator", self._about(own), f"{v.claim.text}, {m.group()}", words, c)
                )

    def _family(self, own: Figure) -> Iterator[Figure]:
        family = self._checker.table.family_of(own.measure)
        if family.distinct:
            return
        for m in family.order:
            other = self._checker.table.cell(m, own.place, own.year)
            if other is not None and m != own.measure:
                yield other

    def _words(self, figure: Figure) -> Words | None:
        """A document's own statement of a cell, to stand beside the other."""
        return self._stated.get(figure.key)

    def _about(self, figure: Figure) -> str:
        c = cell(self._checker, figure)
        name = c.place_name[:1].upper() + c.place_name[1:]
        return (
            f"{name}{f', {figure.year}' if figure.year else ''}, {self._checker.table.family_of(figure.measure).name}"
        )

    def _between(self, source: Source, clean: str, text: str) -> None:
        for a, b in _paragraphs(clean):
            spans = sentence_spans(clean, a, b)
            sentences = [text[x:y] for x, y in spans]
            bare = [REFERENCE.sub("", s) for s in sentences]
            for found in rivals(bare):
                i, j = bare.index(found.left), bare.index(found.right)
                left, right = (Words(source, sentences[n], *spans[n]) for n in (i, j))
                if any((source.id, spans[n][0], s) in self._told for n in (i, j) for s in found.said):
                    continue  # a table has it already
                said = f"{found.said[0]} / {found.said[1]}"
                names = frozenset(found.about.split(", "))
                alike = (
                    k for k in self._seen if k[0] == "between" and k[2] == said and (k[1] <= names or names <= k[1])
                )
                key = next(alike, ("between", names, said))
                self._add(key, Conflict("between documents", found.about, said, left, right, found.note))

    def _add(self, key: tuple[Any, ...], conflict: Conflict) -> None:
        at = self._seen.get(key)
        if at is None:
            self._seen[key] = len(self._report.entries)
            self._report.entries.append(conflict)
            return
        held = self._report.entries[at]
        name = conflict.left.source.id
        if name != held.left.source.id and name not in held.also:
            self._report.entries[at] = replace(held, also=(*held.also, name))


def blanked(text: str) -> str:
    """A document without front matter, footnote marks and their definitions, character for character."""
    for pattern in (_FRONT, _DEFINITION, REFERENCE):
        text = pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    return text


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for m in re.finditer(r"\n\s*\n", text):
        yield at, m.start()
        at = m.end()
    yield at, len(text)


def _base(c: Cell) -> str:
    return c.measure.denominator.split(",")[0]


def _same(a: Cell, b: Cell) -> bool:
    """Whether two editions print the same value, one of them perhaps rounded."""
    x, y = shown(a), shown(b)
    places = min(-int(v.as_tuple().exponent) for v in (x, y))
    return abs(x - y) * 2 <= Decimal(1).scaleb(-places)


def conflicts(checker: Checker, documents: Iterable[tuple[Source, str]]) -> Conflicts:
    """The report over documents and their texts."""
    return Comparison(checker).read(documents)


def kinds(report: Conflicts) -> Sequence[tuple[str, int]]:
    """How many disagreements of each kind."""
    return Counter(c.kind for c in report.entries).most_common()
