"""Relative dates in a quotation, resolved from the date of its source.

"Last year" in an article of 2 January 2025 is 2024. The answer shows it inside the quotation as
"last year [2024, by the publication date of 2 January 2025]"; what stands in the brackets is not the
source's, so it is made and checked by the same function here, and the stored quotation stays as it
is. A date of reduced precision ("2025-04") resolves what it can. Words inside quotation marks of the
source are another text's, with another date, and stay as they are.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = "|".join(MONTHS)
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_RELATIVE = re.compile(
    rf"\b(?P<of>{_MONTH})(?: of|,)? (?P<which>last|this|next) year\b"
    rf"|\b(?P<named>[Ll]ast|[Tt]his|[Nn]ext) (?P<month>{_MONTH})\b"
    r"|(?<!\bthe )\b(?P<turn>[Ll]ast|[Tt]his|[Nn]ext) (?P<unit>year|month)\b(?! after| before| earlier| later)"
    r"|\b(?P<day>[Yy]esterday|[Tt]oday|[Tt]omorrow)\b(?!['\u2019]s)"
    r"|\b(?P<on>[Oo]n the (?P<nth>[12]?\d|3[01])(?:st|nd|rd|th))\b(?! (?:of|day|floor|place|anniversary|century))"
    r"|\b(?P<count>two|three|four|five) (?P<units>years|months) ago\b"
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5}
_TURNS = {"last": -1, "this": 0, "next": 1}
_NESTED = re.compile('"[^"]*"|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019(?!\\w)')
INSERTED = re.compile(r" \[(?P<date>[^\]\[]+), by the publication date of [^\]\[]+\]")


def written(iso: str) -> str:
    """An ISO date of any precision in words: "2025-01-02" is 2 January 2025, "2025-04" April 2025."""
    year, *rest = iso.split("-")
    if not rest:
        return year
    month = f"{MONTHS[int(rest[0]) - 1]} {year}"
    return month if len(rest) == 1 else f"{int(rest[1])} {month}"


def relative(text: str) -> list[re.Match[str]]:
    """The relative dates of a text, in order, but for those in words that it quotes from elsewhere."""
    nested = [m.span() for m in _NESTED.finditer(text)]
    return [m for m in _RELATIVE.finditer(text) if not any(a <= m.start() and m.end() <= b for a, b in nested)]


def resolved(text: str, published: str | None) -> str:
    """The text with each relative date followed by what it means, where the date of its source tells."""
    if not published:
        return text
    out, at = "", 0
    for match, meant in _meanings(text, published):
        out += f"{text[at : match.end()]} [{meant}, by the publication date of {written(published)}]"
        at = match.end()
    return out + text[at:]


def plain(text: str) -> str:
    """The text without what `resolved` put in."""
    return INSERTED.sub("", text)


def unresolved(text: str, published: str | None) -> tuple[str, ...]:
    """The relative dates that stay as they are, since their source gives no date that tells."""
    told = {m.span() for m, _meant in _meanings(text, published)} if published else set()
    return tuple(dict.fromkeys(m.group() for m in relative(text) if m.span() not in told))


def _meanings(text: str, published: str) -> Iterator[tuple[re.Match[str], str]]:
    parts = [int(p) for p in published.split("-")]
    for match in relative(text):
        meant = _meaning(match, parts)
        if meant:
            yield match, meant


def _meaning(m: re.Match[str], parts: list[int]) -> str:
    """What one relative date means from a date of one, two or three parts; empty where that cannot be said."""
    year = parts[0]
    month = parts[1] if len(parts) > 1 else 0
    if m["of"]:
        return f"{m['of']} {year + _TURNS[m['which']]}"
    if m["count"]:
        n = _COUNTS[m["count"]]
        if m["units"] == "years":
            return str(year - n)
        return _month(year, month - n) if month else ""
    if m["turn"]:
        step = _TURNS[m["turn"].lower()]
        if m["unit"] == "year":
            return str(year + step)
        return _month(year, month + step) if month else ""
    if not month:
        return ""
    if m["named"]:
        asked = MONTHS.index(m["month"]) + 1
        turn = m["named"].lower()
        if turn == "this":
            return f"{m['month']} {year}"
        behind = asked >= month if turn == "last" else asked <= month
        return f"{m['month']} {year + _TURNS[turn] * behind}"
    if len(parts) < 3:
        return ""
    if m["day"]:
        days = {"yesterday": -1, "today": 0, "tomorrow": 1}[m["day"].lower()]
        return written((date(parts[0], parts[1], parts[2]) + timedelta(days=days)).isoformat())
    nth = int(m["nth"])
    of = month if nth <= parts[2] else month - 1  # a day later than the issue's is of the month before
    there_is = nth <= monthrange(year + (of - 1) // 12, (of - 1) % 12 + 1)[1]
    return f"{nth} {_month(year, of)}" if there_is else ""


def _month(year: int, month: int) -> str:
    """A month counted on over the turn of the year: month 0 is December of the year before."""
    return f"{MONTHS[(month - 1) % 12]} {year + (month - 1) // 12}"
