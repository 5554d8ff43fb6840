"""The words of a sentence that say whether talent came or went."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.lexicon import lexicon
from assistant.mark import Mark
from assistant.numbers import Number, meet
from assistant.wordlists import claim_words

_COME = (
    r"(?:coming|arriving|entering|incoming|came in|came|come in|come|arrived|arrive|entered|arrivals|incomers|joining)"
)
_GO = r"(?:going|leaving|departing|exiting|went|go|left|leave|departed|depart|departures|leavers|emigrating)"
_BALANCE = (
    re.compile(
        rf"\bmore (?:[a-z-]+ ){{0,6}}?(?:(?P<in>{_COME}) in|(?P<out>{_GO}) out) than (?:{_COME} in|{_GO} out)\b"
    ),  # "more coming than going"
    re.compile(
        rf"\bmore (?:[a-z-]+ ){{0,6}}?(?:(?P<in>{_COME})|(?P<out>{_GO})) than (?:{_COME}|"
        rf"{_GO})\b(?: in\b(?! (?:19|20))| out\b)?"
    ),
    re.compile(
        rf"\bfewer (?:[a-z-]+ ){{0,6}}?(?:(?P<out>{_COME})|(?P<in>{_GO})) than (?:{_COME}|"
        rf"{_GO})\b(?: in\b(?! (?:19|20))| out\b)?"
    ),
    re.compile(
        rf"\b(?:(?P<in>{_COME})|(?P<out>{_GO})) (?:exceeded|outnumbered|outran|outweighed|outpaced|topped|beat|"
        rf"surpassed|outstripped) (?:{_COME}|{_GO})\b"
    ),
)
_LEFT_IT = re.compile(r"left (?:it|them|him|her|[a-z]+ (?:well |far |just )?(?:behind|ahead))\b")
_DOWN = re.compile(r"[,(] ?(down|up) (?=[\d.,]+ (?:[a-z-]+ ){0,3}?(?:per|for every|in every) [\d,]+(?![^;]*\bfrom\b))")
_NO_PARTICLE = re.compile(
    r"\s+(?:(?:19|20)\d\d\b|at\b|first\b|second\b|third\b|last\b|\w+th\b|ahead\b|behind\b|above\b|below\b|under\b|over\b)"
)
_SHORT = re.compile(r"\d\s+(?:[a-z-]+ ){0,2}?(down|short|light|fewer)(?=\s*(?:per|in|on|for|,|\.|;|$))")
_EXTRA = re.compile(
    r"\d\s+(?:[a-z-]+ ){0,2}?(up|extra|additional|ahead)(?=\s*(?:per|in|[a-z-]+ (?:per|members)|,|\.|;|$))"
)
_STOOD = re.compile(
    r"\b(?:was|were|is|are|ended|ended up|ending|came out|finished|closed|left|leaving)\b[^.;,]{0,40}?\b"
    r"(?:(?P<out>down|short|behind|poorer|worse off)|(?P<in>up|ahead|richer|better off))"
    r"(?= (?:by |a |an |about |some |roughly |net |around )*\d)"
)
_THAN_IT = re.compile(r"\b(?:than|against what|to what) (?:it |they |the country |were |was |had |has |have )*$")


def directions_of(text: str, low: str, numbers: Sequence[Number], one_year: bool) -> list[Mark]:
    """The words that say whether talent came or went; `one_year` says that a sentence names no more."""
    w = claim_words()
    flow = [Mark(f.start, f.end, (f.value,)) for f in (*lexicon().flow.find(text), *w.direction.find(text))]
    flow = [m for m in flow if not (low[m.start : m.end].endswith(" in") and _NO_PARTICLE.match(low, m.end))]
    flow = [m for m in flow if not _LEFT_IT.match(low, m.start)]
    flow += [Mark(m.start(1), m.end(1), ("out" if m[1] == "down" else "in",)) for m in _DOWN.finditer(low)]
    flow += [Mark(m.start(), m.end(), ("out" if m["out"] else "in",)) for m in w.moves.finditer(low)]
    flow += [Mark(m.start(), m.end(), ("out" if m["out"] else "in",)) for p in _BALANCE for m in p.finditer(low)]
    flow += [Mark(m.start(1), m.end(1), ("out",)) for m in _SHORT.finditer(low)]
    flow += [Mark(m.start(1), m.end(1), ("in",)) for m in _EXTRA.finditer(low)]
    if one_year:
        flow += [Mark(m.end() - 2, m.end(), ("out" if m["out"] else "in",)) for m in _STOOD.finditer(low)]
    return _balanced(low, _directions(flow, numbers))


def _directions(found: Iterable[Mark], numbers: Sequence[Number]) -> list[Mark]:
    """Words of gain and loss, longest first at a place; "none" words only hide others inside them."""
    kept: list[Mark] = []
    for m in sorted(found, key=lambda m: (m.start - m.end, m.start)):
        if not any(meet((m.start, m.end), (k.start, k.end)) for k in kept):
            kept.append(m)
    spoken = [(n.start, n.end) for n in numbers]  # "minus" before a numeral is its sign
    kept = [m for m in kept if m.values[0] != "none" and not any(meet((m.start, m.end), s) for s in spoken)]
    return sorted(kept, key=lambda m: m.start)


def _balanced(low: str, marks: list[Mark]) -> list[Mark]:
    """Words of gain and loss without the lesser side of a balance: "drew 5.58 more than it let go" is a gain."""
    lesser: set[int] = set()
    for a, b in zip(marks, marks[1:], strict=False):
        between = low[a.end : b.start]
        if a.values == b.values or not _THAN_IT.search(between):
            continue
        if re.search(r"\bmore\b", between):
            lesser.add(b.start)
        elif re.search(r"\b(?:fewer|less)\b", between):
            lesser.add(a.start)
    return [m for m in marks if m.start not in lesser]
