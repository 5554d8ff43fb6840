"""Signs: which family and measure a question means, by the concepts that come together in it.

A sign is a conjunction of concepts, such as "researcher stay": it holds where a word of each is in
the question, in any order and at any distance. The words of a concept stand in lexicon.toml, the
signs beside their family or measure. Terms that need no list: @USA (the place is named), in@USA
("in the US"), from@KOR ("Korean", "from Korea"), y2019 (the year is named); "-ai" forbids one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.lexicon import Scanner, lexicon
from corpus.places import Mention

Span = tuple[int, int]
Concepts = Mapping[str, tuple[Span, ...]]

# Concepts so common that they tell little by themselves.
_COMMON = {"ai": 0.3, "people": 0.3, "count": 0.4, "share": 0.4, "best": 0.3, "more": 0.3, "rank": 0.4, "growth": 0.7}
_COMMON |= {"researcher": 0.7, "origin": 0.7, "leave": 0.8, "arrive": 0.8, "professional": 0.8, "host": 0.5}
_INTERNATIONAL = frozenset({"ai", "concentration", "growth", "professional", "leave", "arrive", "bok", "oecd"})
_NET = re.compile(r"\b(?:net|flows?|balance|migration|negative|positive|in the red|in the black)\b", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|at|inside|within|to|into|based in)\s+(?:the\s+)?$", re.IGNORECASE)
_FROM = re.compile(r"\b(?:from|of|out of|by)\s+(?:the\s+)?$", re.IGNORECASE)
_IN_OTHER = {  # before a place, or behind it
    "de": (r"\b(?:in|im|aus)\s+(?:den\s+|der\s+|dem\s+)?$", r"(?!)"),
    "fr": (r"\b(?:en|au|aux|dans)\s+(?:l'|le\s+|la\s+|les\s+)?$", r"(?!)"),
    "es": (r"\ben\s+(?:el\s+|la\s+|los\s+|las\s+)?$", r"(?!)"),
    "ja": (r"(?!)", r"\s*(?:で|に|における|在住|内|国内)"),
    "ko": (r"(?!)", r"\s*(?:에서|에|내|안)"),
}
_FROM_OTHER = {  # how a word for the people of a place ends, or goes on
    "de": (r"(?:isch\w*|aner\w*)$", r"(?!)"),
    "fr": (r"(?:éen|éenne|ais|aise|ienne|ain|aine)s?$", r"(?!)"),
    "es": (r"(?:ano|anos|ana|anas|és|eses|esa|esas)$", r"(?!)"),
    "ja": (r"(?!)", r"(?:人|出身|系)"),
    "ko": (r"(?!)", r"(?:인(?!공)|출신|계)"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """The best sign that holds: its weight, and where the words of its concepts stand."""

    weight: float
    spans: tuple[Span, ...]


def concepts_in(
    text: str, unplaced: str, mentions: Sequence[Mention], years: Iterable[int], language: str, rate: bool
) -> dict[str, tuple[Span, ...]]:
    """Every concept of a text with the spans of its words; `unplaced` has blanks where places stand.

    Concepts whose words are English alone are not looked for in other languages ("pays" is no pay in
    French); `rate` says that a base stands in the text.
    """
    found: dict[str, list[Span]] = {}
    english = language == "en"
    scanners = lexicon().concepts.items() if english else (*lexicon().concepts_abroad.items(), *_international())
    for concept, scanner in scanners:
        spans = [(f.start, f.end) for t in ((text, unplaced) if mentions else (text,)) for f in scanner.find(t)]
        if spans:
            found[concept] = [*found.get(concept, ()), *spans]
    if any(f.value != "none" for f in lexicon().flow.find(text)) or _NET.search(text):
        found["flow"] = []
    if rate:
        found["per"] = []
    for m in mentions:
        span = (m.start, m.end)
        found.setdefault(f"@{m.code}", []).append(span)
        before = text[: m.start]
        people, after = _FROM_OTHER.get(language, ("(?!)", "(?!)"))
        of_it = re.search(people, text[m.start : m.end], re.IGNORECASE) or re.compile(after).match(text, m.end)
        if m.demonym or _FROM.search(before) or of_it:
            found.setdefault(f"from@{m.code}", []).append(span)
        where, behind = _IN_OTHER.get(language, ("(?!)", "(?!)"))
        if _IN.search(before) or re.search(where, before, re.IGNORECASE) or re.compile(behind).match(text, m.end):
            found.setdefault(f"in@{m.code}", []).append(span)
    for m in mentions:  # "Korea's researchers who work in Korea"
        if f"in@{m.code}" in found and len(found[f"@{m.code}"]) > 1:
            found.setdefault("stay", [])
    for year in years:
        found.setdefault(f"y{year}", [])
    return {concept: tuple(spans) for concept, spans in found.items()}


def _international() -> list[tuple[str, Scanner]]:
    return [(name, scanner) for name, scanner in lexicon().concepts.items() if name in _INTERNATIONAL]


def match(signs: Iterable[str], concepts: Concepts) -> Match | None:
    """The heaviest sign that holds, or None."""
    best: Match | None = None
    for sign in signs:
        terms = sign.split()
        needed = [t for t in terms if not t.startswith("-")]
        if any(t[1:] in concepts for t in terms if t.startswith("-")) or not all(t in concepts for t in needed):
            continue
        weight = sum(_COMMON.get(t, 1.0) for t in needed)
        if best is None or weight > best.weight:
            best = Match(weight, tuple(s for t in needed for s in concepts[t]))
    return best
