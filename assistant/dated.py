"""The years of data that a sentence names: years, ranges, "three years later", "the five years to 2019"."""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.mark import Mark
from assistant.noise import data_year
from assistant.numbers import number_of

_YEAR = re.compile(r"(?<![\d.,$\u20ac\u00a3-])((?:19|20)\d\d)(?![\d%]|[.,]\d|-?(?:fold|year))")
_YEARS = re.compile(
    r"(?<![\d.,-])((?:19|20)\d\d)(?:\s*(?:-|\u2013|\u2014|/|through|until|till|to)\s*(?=(?:19|20)\d\d)|"
    r"(?:-|\u2013|/))((?:19|20)\d\d|\d\d(?![\d.,%]))(?![\d%]|[.,]\d)"
)
_LATER = re.compile(
    r"\b(?:(?P<one>a|one|the|twelve months|12 months)|(?P<n>two|three|four|five|six|seven|eight|nine|ten|\d))"
    r"(?: (?:full )?years?)? (?P<way>earlier|before|previously|prior|later|afterwards|after|on)\b(?! [a-z]+ing)"
    r"|\bthe (?P<near>previous|preceding|prior|following|next) (?:year|twelve months|12 months)\b"
)
_BETWEEN_YEARS = re.compile(r"\bbetween ((?:19|20)\d\d) and ((?:19|20)\d\d)\b")
_YEARS_TO = re.compile(
    r"\b(?P<n>two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) years (?:to|up to|through|"
    r"ending in|ended) (?P<last>(?:19|20)\d\d)\b"
)
_EVERY_YEAR = re.compile(r"\b(?:every|each|no|any|all|single|never|always|throughout|consistently)\b")
_BACK = ("previous", "preceding", "prior")


def years_of(text: str, low: str) -> list[Mark]:
    """Years of data, each a mark; a range is one mark with its two ends."""
    marks: list[Mark] = []
    for m in _YEARS.finditer(text):
        second = m[2] if len(m[2]) == 4 else m[1][:2] + m[2]
        if int(m[1]) < int(second) <= int(m[1]) + 30:
            marks.append(Mark(m.start(), m.end(), ("range",), (int(m[1]), int(second))))
    for m in _YEARS_TO.finditer(low):
        steps, last = number_of(m["n"]), int(m["last"])
        first = last - int(steps or 1) + (1 if re.search(r"\b(?:average|mean|total|every|each|all)", low) else 0)
        marks.append(Mark(m.start(), m.end(), ("relative",), (first, last)))
    if _EVERY_YEAR.search(low):
        for m in _BETWEEN_YEARS.finditer(low):
            marks.append(Mark(m.start(1), m.end(), ("range",), (int(m[1]), int(m[2]))))
    for m in _YEAR.finditer(text):
        if any(r.start <= m.start() < r.end for r in marks) or not data_year(low, m.start(), m.end()):
            continue
        marks.append(Mark(m.start(), m.end(), (), (int(m[1]),)))
    for m in _LATER.finditer(low):  # "three years later" counts from the year before it
        before = [y for y in marks if y.end <= m.start() and len(y.years) == 1]
        steps = Decimal(1) if m["one"] or m["near"] else number_of(m["n"])
        if "year" not in m.group() and "months" not in m.group():
            continue
        if before and steps is not None:
            back = m["way"] in ("earlier", "before", "previously", "prior") or m["near"] in _BACK
            way = -1 if back else 1
            marks.append(Mark(m.start(), m.end(), ("relative",), (before[-1].years[0] + way * int(steps),)))
    return sorted(marks, key=lambda m: m.start)
