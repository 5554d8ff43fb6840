"""Choosing sentences: which of the retrieved ones answer, how many are worth showing, in which order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from assistant.likeness import overlap, stem, stems_of, weights_of
from assistant.names import tokens
from assistant.numerals import years
from assistant.relative import MONTHS
from assistant.retrieve import Candidate
from assistant.short import short_answer
from assistant.types import Question
from corpus.places import gazetteer
from corpus.words import STOP_WORDS

Kind = Literal["when", "amount", "who", "why", ""]

MOST = {
    "when": 3, "who": 3, "how_much": 3, "yes_no": 3, "what": 4, "value": 3, "summarise": 6, "list": 6, "why": 5,
}  # fmt: skip
# A token of any English text comes this near to one of a question: below it, late interaction says nothing.
_GROUND = 0.4
_COUNTED = (
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty hundred thousand million billion "
    "half third quarter double dozen"
)
NUMBERS = frozenset(_COUNTED.split())
_CUES: dict[Kind, re.Pattern[str]] = {
    "when": re.compile(rf"\b(?:{'|'.join(MONTHS)})\b|\b(?:1\d|20)\d\d\b|\bcentur|\b\d+s\b", re.I),
    "amount": re.compile(rf"\d|\b(?:{'|'.join(_COUNTED.split())})\b", re.I),
    "who": re.compile(r"(?<!^)(?<![.!?]\s)\b[A-Z][a-z]+"),
    "why": re.compile(
        r"\b(because|cause[sd]?|reason|due to|owing|driven by|gap|since|so that|as a result|wage|pay|reward|premium)\b",
        re.I,
    ),
}
_ASKS_WHEN = re.compile(
    r"^(?:\W*\w+){0,2}?\W*\bwhen\b|(?:\band|,|:|;) (?:\w+ )?when\b|\bstart date\b|\bdates?\b"
    r"|\b(?:what|which|in what|in which|on which) (?:\w+ )?(?:year|date|day|month|decade|century)\b"
)
_ASKS_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|far|old|large|big|tall|high|often|deep|wide|fast|quickly)\b"
    r"|\b(?:what|which|whose) (?:\w+ )?(?:percent|percentage|number|amount|share|salary|pay|fee|cap|quota|limit)\b"
)
_ASKS_PLACE = re.compile(r"(?:who|which|where|(?:what|name|list) .*(?:countr|state|member|place))", re.I)
_ASKS_WHO = re.compile(r"\bwho(?:se|m)?\b")


@lru_cache(maxsize=1024)
def kind_of(question: str) -> Kind:
    """The kind of thing that a question asks for, by its own words."""
    low = question.lower()
    if _ASKS_WHEN.search(low):
        return "when"
    if _ASKS_AMOUNT.search(low):
        return "amount"
    if _ASKS_WHO.search(low):
        return "who"
    return "why" if re.search(r"\bwhy\b|\breasons?\b", low) else ""


def has_cue(kind: Kind, text: str) -> bool:
    """Whether a text holds a thing of the kind asked for: a date, a number, a name, a reason."""
    return kind != "" and _CUES[kind].search(text) is not None


def spoken(c: Candidate, feature: str, kind: Kind) -> float:
    """One feature of a sentence, as assistant/weights.toml names them."""
    if feature == "cue":
        return float(has_cue(kind, c.text))
    if feature == "passage":
        return c.hit.score
    return c.late - _GROUND if feature == "late" else c.context if feature == "context" else c.cosine


def likeness(c: Candidate, kind: Kind) -> float:
    """How much a sentence looks like the answer, by weights from other texts than the library's: about 0 to 1."""
    return sum(w * spoken(c, name, kind) for name, w in weights_of("sentences", c.late > 0).items())


def score(q: Question, c: Candidate) -> float:
    """`likeness`, with what a question on policies adds: its years, the places it leaves out, definitions."""
    kind = kind_of(q.text)
    helps = -0.1 if len(c.text) < 40 and not has_cue(kind, c.text) else 0.0
    if q.names and _DEFINES.match(q.text) and _opens_with(q.names[0], c.text):
        helps += 0.15  # "COMPASS is ...": the sentence that says what the thing is
    if short_answer(q.text, c.text, [stem(t) for n in q.names for t in tokens(n)]):
        helps += 0.12  # it holds one slice that can be the answer
    if any(holds(n, c.text) for n in q.names):
        helps += 0.08
    if NOT_HELD.search(c.text) and q.asks != "yes_no":
        helps -= 0.2  # a note that something is not known comes last
    if not q.places and not _ASKS_PLACE.match(q.text) and places_named(c.text):
        helps -= 0.12 if q.group else 0.06  # a question that names no place wants the general statement first
    if q.years and (said := years(c.text)):
        helps += 0.1 if said & set(q.years) else -0.1
    return likeness(c, kind) + 0.15 * c.asked + helps


NOT_HELD = re.compile(r"\b(?:not|never) (?:been )?(?:found|seen|established|known|stated)\b", re.I)
_DEFINES = re.compile(r"what(?:'s|\u2019s| is| are| was) (?:the |a |an )?[^ ]+(?: [^ ]+){0,4}\??$", re.I)


def _opens_with(name: str, text: str) -> bool:
    if name not in text:  # most sentences, and each name's pattern is another
        return False
    return re.match(rf"\W*(?:The |[\w ]+'s )?{re.escape(name)}\b[^.]{{0,40}}\b(?:is|are)\b", text) is not None


@lru_cache(maxsize=16384)
def places_named(text: str) -> frozenset[str]:
    """The codes of the places, not groups of them, that a text names; kept, since sentences come again."""
    return frozenset(m.code for m in gazetteer().find(text) if not m.group)


def ranked(q: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Sentences with their `score`, best first; ties by place."""
    scored = [
        Candidate(c.hit, c.start, c.end, c.cosine, c.overlap, c.asked, c.late, c.context, score(q, c))
        for c in candidates  # as `replace` would, which takes twenty times as long
    ]
    return sorted(scored, key=lambda c: (-c.score, c.hit.passage.id, c.start))


def choose(q: Question, fitting: Sequence[Candidate], weights: dict[str, float]) -> list[Candidate]:
    """The sentences worth showing of `ranked` ones, best first: near the best, none twice, each adding something."""
    if not fitting:
        return []
    kind = kind_of(q.text)
    told = [c for c in fitting if kind in ("why", "when") and has_cue(kind, c.text)]
    fitting = told if len(told) > 1 else fitting  # reasons for why, dates for when, where there are any
    if fitting[0].asked > 0.3:  # once a sentence holds what is asked, those that only name the subject are left out
        fitting = [c for c in fitting if c.asked > 0 or short_answer(q.text, c.text)]
    chosen = [fitting[0]]
    top = fitting[0].score
    while len(chosen) < MOST.get(q.asks, 4):
        covered = {s for c in chosen for s in stems_of(c.text)}
        open_words = {s: w for s, w in weights.items() if s not in covered}
        missing = set(q.places) - {p for c in chosen for p in places_named(c.text)}
        unnamed = [n for n in q.names if not any(holds(n, c.text) for c in chosen)]

        def fills(c: Candidate, missing: set[str] = missing, unnamed: Sequence[str] = unnamed) -> bool:
            return bool(missing and missing & places_named(c.text)) or any(holds(n, c.text) for n in unnamed)

        rest = [
            c
            for c in fitting
            if (c.score >= 0.55 * top or (c.score >= 0.33 * top and fills(c)))
            and not any(same(c, other) for other in chosen)
        ]
        if not rest:
            break
        worth = {id(c): c.score + 0.25 * overlap(open_words, c.text) + (0.2 if fills(c) else 0.0) for c in rest}
        best = max(rest, key=lambda c: (worth[id(c)], c.hit.passage.id, -c.start))
        if worth[id(best)] < 0.68 * top:
            break
        chosen.append(best)
    return chosen


def holds(name: str, text: str) -> bool:
    """Whether a text holds every word of a name."""
    low = text.lower()
    return all(t in low for t in tokens(name)) and all(re.search(rf"\b{w}\b", text) for w in _shouted(name))


@lru_cache(maxsize=1024)
def _shouted(name: str) -> tuple[str, ...]:
    """The words of a name that only their capitals tell from common ones: the ONE Pass has nothing of "one renewal"."""
    return tuple(w for w in re.findall(r"\b[A-Z]{2,}\b", name) if w.lower() in STOP_WORDS | NUMBERS)


def in_order(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence's source first, and inside a source the order of its text after the best sentence."""
    order = list(dict.fromkeys(c.hit.source.id for c in chosen))
    return sorted(
        dict.fromkeys(chosen),
        key=lambda c: (order.index(c.hit.source.id), c is not chosen[0], c.start),
    )


def same(a: Candidate, b: Candidate) -> bool:
    """Whether two sentences say the same in nearly the same words."""
    x, y = stems_of(a.text), stems_of(b.text)
    return len(x & y) >= 0.7 * min(len(x), len(y))
