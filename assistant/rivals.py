"""Where documents differ with each other on what no table holds: amounts, dates, terms and counts.

Two quantities rival each other where one sentence, or two neighbouring ones, give the same kind of
quantity of the same thing with different values, each as somebody's statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from assistant.lexicon import Scanner
from assistant.numbers import number_of
from assistant.wordlists import raw_words

_MONTHS = "january february march april may june july august september october november december".split()
_MONEY = re.compile(
    r"\b(USD|EUR|GBP|KRW|JPY|SGD|CAD|CHF)\s?(\d[\d,.]*)\s*(thousand|million|billion|trillion)?", re.IGNORECASE
)
_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(_MONTHS)})(?: (\d{{4}}))?\b", re.IGNORECASE)
_SPAN = re.compile(
    r"\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve) (?:full |fiscal |more "
    r")?(hours?|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+|two|three|four|five|six) (?:of )?((?:[A-Za-z-]+ ){0,2}?[A-Za-z-]{3,}s)\b"
)
_PERCENT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?:%| per cent)")
_SCALED = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_NAME = re.compile(r"\b[A-Z][\w'&.-]*(?:\s+[A-Z][\w'&.-]*)*")
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 730, "year": 8760}
_PLAIN = frozenset(
    "The A An In On It Its By Of And But One Most Other Others Both All From For To This That These Those Our".split()
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity at text[start:end] of a sentence: its kind ("USD", "day", "term", "count founders") and value."""

    kind: str
    value: Decimal
    said: str
    start: int
    unit: int = 1  # of a term: the hours of the unit it is given in


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two statements of one thing with different quantities."""

    left: str
    right: str
    said: tuple[str, str]
    about: str
    note: str = ""


def rivals(sentences: Sequence[str], names: frozenset[str] = frozenset()) -> Iterator[Rivals]:
    """The rival statements of one paragraph."""
    for i, sentence in enumerate(sentences):
        own = quantities(sentence)
        yield from _inside(sentence, own)
        if i + 1 < len(sentences):
            yield from _across(sentence, own, sentences[i + 1])


def _inside(sentence: str, own: Sequence[Quantity]) -> Iterator[Rivals]:
    low = sentence.lower()
    if (
        not re.search(r"\b(?:in some sources|in others|against|according to one|differ|beside the)\b", low)
        and "contradicts" not in low
    ):
        return
    for a, b in zip(own, own[1:], strict=False):
        between = low[a.start : b.start]
        if _apart(a, b) and re.search(r"in some sources and|contradicts|beside the\s*$", between):
            alike = _averaged(low[: a.start], between) == _averaged(between, low[b.start :])
            note = "" if alike else "One of the two is an average over years."
            yield Rivals(sentence, sentence, (a.said, b.said), _title(named(sentence)), note)


def _apart(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities of one kind differ; a term in coarse units covers those that round to it."""
    if a.kind != b.kind or a.value == b.value:
        return False
    if a.kind != "term" or a.unit == b.unit:
        return True
    coarse, fine = (a, b) if a.unit > b.unit else (b, a)
    return round(fine.value / coarse.unit) != coarse.value / coarse.unit  # 14 months are about one year


def _averaged(before: str, behind: str) -> bool:
    """Whether the words around a quantity call it an average over years, which no year's value rivals."""
    return "average" in before and re.search(r"\bover the (?:whole )?period", behind) is not None


def _across(first: str, own: Sequence[Quantity], second: str) -> Iterator[Rivals]:
    cues = _cues()
    if not cues[0].find(first) or not cues[0].find(second) or not cues[1].find(f"{first} {second}".lower()):
        return
    if not _turned(first, second):
        return
    shared = named(first) & named(second)
    if not shared:
        return
    seen: set[str] = set()
    for a in own:
        for b in quantities(second):
            if _apart(a, b) and a.kind not in seen:
                seen.add(a.kind)
                yield Rivals(first, second, (a.said, b.said), _title(shared))


def _title(names: frozenset[str]) -> str:
    """The names that two statements share, the amounts' currency left out."""
    return ", ".join(sorted(n for n in names if not _MONEY.match(f"{n} 1"))[:3])


def _turned(first: str, second: str) -> bool:
    """Whether the second sentence gives another's account of what the first says."""
    return (
        re.search(
            r"\b(?:other sources|another|one firm|one page|contradicts|reuters|bloomberg|in fact|rather)\b",
            second.lower(),
        )
        is not None
        and re.search(
            r"\b(?:article|sources|according to|most|firm|reports?|site|implies|places|state)\b", first.lower()
        )
        is not None
    )


def named(sentence: str) -> frozenset[str]:
    """The proper names of a sentence, without the words that only open it."""
    found = set()
    for m in _NAME.finditer(sentence):
        words = [w for w in re.split(r"\s+", m.group()) if w not in _PLAIN]
        if words:
            found.add(re.sub(r"'s$", "", " ".join(words)))
    return frozenset(found)


def quantities(sentence: str) -> list[Quantity]:
    """The amounts, dates, terms and counts of a sentence, in order."""
    made: list[Quantity] = []
    for m in _MONEY.finditer(sentence):
        value = Decimal(m[2].rstrip(".,").replace(",", "")).scaleb(_SCALED.get((m[3] or "").lower(), 0))
        made.append(Quantity(m[1].upper(), value, m.group().strip(), m.start()))
    for m in _DAY.finditer(sentence):
        month = _MONTHS.index(m[2].lower()) + 1
        made.append(Quantity("day", Decimal(int(m[3] or 0) * 10000 + month * 100 + int(m[1])), m.group(), m.start()))
    for m in _SPAN.finditer(sentence):
        term = number_of(m[1].lower())
        if term is not None:
            unit = _HOURS[m[2].lower().rstrip("s")]
            made.append(Quantity("term", term * unit, m.group(), m.start(), unit))
    for m in _PERCENT.finditer(sentence):
        made.append(Quantity("percent", Decimal(m[1]), m.group(), m.start()))
    for m in _COUNT.finditer(sentence):
        count = number_of(m[1].lower()) if m[1].isalpha() else Decimal(m[1].replace(",", ""))
        noun = m[2].split()[-1].lower().rstrip("s")
        if (
            count is not None
            and not any(q.start <= m.start() < q.start + len(q.said) for q in made)
            and noun not in _MONTHS
        ):
            made.append(Quantity(f"count {noun}", count, m.group(), m.start()))
    return sorted(made, key=lambda q: q.start)


@cache
def _cues() -> tuple[Scanner, Scanner]:
    raw = raw_words()["rivals"]
    return Scanner({"attributed": raw["attributed"]}), Scanner({"apart": raw["apart"]})
