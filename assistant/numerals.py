"""Numerals, directions, clauses and years of a sentence, each as written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from assistant.lexicon import lexicon

NUMERAL = re.compile(
    r"(?<![\w.,/])(?P<sign>[-+\u2212\u2013](?=\d))?(?P<body>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d])(?:(?=[^\w]|$)|(?P<suffix>(?:st|nd|rd|th|s|%|bn|m|k)\b))"
)
_CLAUSE = re.compile(r"(?:;|,?\s+(?:but|while|whereas|although|though|however|and then)\s+|\s+\u2014\s+)")
_YEARS = re.compile(
    r"(?<![\d.,])((?:19|20)\d\d)(?!\d)(?:\s*(?:-|\u2013|to|through|until|and)\s*((?:19|20)\d\d)(?!\d))?"
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written at text[start:end]; `value` is exact and signed as printed."""

    text: str
    value: Decimal
    start: int
    end: int
    signed: bool
    ordinal: bool = False

    @property
    def is_year(self) -> bool:
        """Whether it reads as a year: four bare digits, 1900 to 2099."""
        return not self.signed and not self.ordinal and bool(re.fullmatch(r"(19|20)\d\d", self.text))


def numerals(text: str) -> list[Numeral]:
    """Every numeral of a text, in order."""
    found = []
    for m in NUMERAL.finditer(text):
        sign = (m["sign"] or "").replace("\u2212", "-").replace("\u2013", "")
        try:
            value = Decimal(sign + m["body"].replace(",", ""))
        except InvalidOperation:  # pragma: no cover - the pattern admits only numbers
            continue
        ordinal = (m["suffix"] or "") in ("st", "nd", "rd", "th")
        found.append(Numeral(m["body"], value, m.start(), m.end("body"), bool(sign), ordinal))
    return found


def direction(text: str) -> str:
    """ "in", "out", or "" where a text speaks of neither or of both."""
    kinds = {f.value for f in lexicon().flow.find(text) if f.value != "none"}
    return kinds.pop() if len(kinds) == 1 else ""


def speaks_of_flow(text: str) -> bool:
    """Whether a text holds a word of gain or loss at all."""
    return any(f.value != "none" for f in lexicon().flow.find(text))


def clauses(text: str) -> list[str]:
    """The parts of a sentence that can each have a year and a direction of their own."""
    return [part for part in _CLAUSE.split(text) if part.strip()]


def years(text: str) -> set[int]:
    """The years that a text names, ranges filled."""
    found: set[int] = set()
    for m in _YEARS.finditer(text):
        a = int(m[1])
        b = int(m[2]) if m[2] else a
        joined = m[2] and re.search(r"\band\b", m.group()) and "between" not in text[: m.start()].lower()[-9:]
        found |= {a, b} if joined or not a <= b <= a + 40 else set(range(a, b + 1))
    return found
