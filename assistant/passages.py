"""What only passages bear out: the amounts, dates, terms and counts that a draft gives of a policy or a body.

A sentence is supported where one sentence of the library says the same of the same: its names, nearly all
of its words, and each of its quantities. It is contradicted only where such a sentence differs in one
quantity of the same kind and no other one agrees with the draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.judge import Outcome
from assistant.likeness import content_words, stem, stems_of
from assistant.retrieve import Candidate, Retriever
from assistant.rivals import named, quantities
from assistant.types import Quote
from assistant.verify import quote

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)? )?(?P<month>{_MONTH})"
    r"(?: (?P<late>\d{1,2}),)?(?: (?P<year>(?:19|20)\d\d))?\b"
    r"|(?<![\d.,-])(?P<bare>(?:19|20)\d\d)(?![\d.,]\d|-)",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r";|,? (?:while|whereas|but|against)\b|, and (?=[A-Z])|(?<=[a-z]) and (?=[A-Z][\w'-]+(?: [A-Z][\w'-]+)* [a-z])"
)
_DENIED = re.compile(r"\b(?:not|no|never|none|neither|nor|without|cannot|n't)\b")
_ALIKE, _NEAR, _KNOWN = 0.72, 0.8, 0.4  # share of a sentence's weighted words that another holds
_SENTENCES = 8  # passages looked at


@dataclass(frozen=True, slots=True)
class Fact:
    """A quantity of a sentence at text[start:start + len(said)]; a date as year, month and day, 0 where unsaid."""

    kind: str
    value: Decimal | tuple[int, int, int]
    said: str
    start: int

    def agrees(self, other: Fact) -> bool:
        """Whether another says the same, or the same more exactly."""
        if isinstance(self.value, tuple) and isinstance(other.value, tuple):
            return all(not a or a == b for a, b in zip(self.value, other.value, strict=True))
        return self.value == other.value

    def differs(self, other: Fact) -> bool:
        """Whether both cannot be so."""
        if isinstance(self.value, tuple) and isinstance(other.value, tuple):
            return any(a and b and a != b for a, b in zip(self.value, other.value, strict=True))
        return self.value != other.value


@dataclass(frozen=True, slots=True)
class Told:
    """What the passages say of a sentence: `right` is the sentence that bears it out or contradicts it."""

    fact: Fact
    outcome: Outcome
    right: Quote | None = None


def facts(sentence: str) -> list[Fact]:
    """The quantities and dates of a sentence, in order."""
    made = [Fact(q.kind, q.value, q.said, q.start) for q in quantities(sentence) if q.kind != "day"]
    for m in _DATE.finditer(sentence):
        if (
            any(f.start <= m.start() < f.start + len(f.said) for f in made)
            or m["month"]
            and not (m["day"] or m["late"] or m["year"])
        ):
            continue
        month = _MONTHS.index(m["month"].lower()) + 1 if m["month"] else 0
        value = (int(m["year"] or m["bare"] or 0), month, int(m["day"] or m["late"] or 0))
        made.append(Fact("date", value, m.group(), m.start()))
    return sorted(made, key=lambda f: f.start)


def _own(sentence: str, text: str) -> list[Fact]:
    """The facts that a sentence of the library gives of what another names, not of others it sets beside it."""
    parts = [p for p in _CLAUSES.split(text) if p.strip()]
    names = {stem(w) for n in named(sentence) for w in content_words(n)}
    if len(parts) < 2 or not names:
        return facts(text)
    own = [p for p in parts if names & stems_of(p) or not named(p)]
    return [f for p in own for f in facts(p)]


class Passages:
    """Holds sentences against the passages of one library."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def told(self, sentence: str) -> list[Told]:
        """The facts of a sentence, each with what the passages say of it; nothing where they are silent."""
        said = facts(sentence)
        if not said or not named(sentence):
            return []
        close = sorted(self._close(sentence), key=lambda c: -c[0])
        for share, c in close:
            held = _own(sentence, c.text)
            if share >= _ALIKE and all(any(f.kind == h.kind and f.agrees(h) for h in held) for f in said):
                return [Told(f, "supported", _quoted(c)) for f in said]
        if wrong := self._wrong(sentence, said, close):
            fact, c = wrong
            return [Told(fact, "contradicted", _quoted(c))]
        known = bool(close) and close[0][0] >= _KNOWN
        return [Told(f, "not_in_corpus") for f in said] if known else []

    def _wrong(
        self, sentence: str, said: Sequence[Fact], close: Sequence[tuple[float, Candidate]]
    ) -> tuple[Fact, Candidate] | None:
        """The one fact that a sentence nearly the same gives otherwise, where no close sentence gives it so."""
        for share, c in close:
            held = _own(sentence, c.text)
            off = [f for f in said if not any(f.kind == h.kind and f.agrees(h) for h in held)]
            if share < _NEAR or len(off) != 1:
                continue
            rivals = [h for h in held if h.kind == off[0].kind]
            others = [h for s, o in close if s >= _KNOWN for h in _own(sentence, o.text) if h.kind == off[0].kind]
            if len(rivals) == 1 and off[0].differs(rivals[0]) and not any(off[0].agrees(h) for h in others):
                return off[0], c
        return None

    def _close(self, sentence: str) -> Iterator[tuple[float, Candidate]]:
        """The sentences of the library that name what a sentence names, with the share of its words they hold."""
        bare = sentence
        for f in reversed(facts(sentence)):
            bare = bare[: f.start] + " " * len(f.said) + bare[f.start + len(f.said) :]
        weights = {stem(w): 1.0 for w in content_words(bare)} | self._retriever.weights(bare)
        total = sum(weights.values()) or 1.0
        names = {stem(w) for n in named(sentence) for w in content_words(n)}
        for c in self._retriever.stating(sentence, _SENTENCES):
            own = stems_of(c.text)
            about = own | stems_of(f"{c.hit.passage.heading} {c.hit.source.title}")
            if names - about or bool(_DENIED.search(sentence.lower())) != bool(_DENIED.search(c.text.lower())):
                continue
            yield sum(w for word, w in weights.items() if word in own or word in names) / total, c


def _quoted(c: Candidate) -> Quote:
    return quote(c.hit.source, c.hit.passage, c.start, c.end)
