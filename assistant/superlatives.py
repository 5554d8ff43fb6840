"""Superlatives without an ordinal: a peak among a place's own years, and "more than any other country"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.claims import Claim
from assistant.comparisons import framed, worded
from assistant.frames import BARRED, Bound, cost, runs
from assistant.framing import LOSS_RANKS, Context, Frame
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.numbers import Number, number_of
from corpus.figures import FigureTable

_LESS = r"less|fewer|lower|smaller|weaker|worse|milder|poorer"
_MORE = r"more|higher|larger|bigger|greater|stronger|denser|steeper|heavier|deeper|better|faster"
_COUNTRY = r"(?:country|nation|economy|place|state|member|rival|peer|market|territory)"
_ANY_OTHER = re.compile(
    rf"\b(?:(?P<less>{_LESS})|(?P<more>{_MORE}))\b[^.;]{{0,70}}?\bthan (?:(?:any|all|every|that of any|in any)"
    rf"(?: of)?(?: the)? (?:others?\b|[a-z0-9]+ {_COUNTRY}|{_COUNTRY}|one else)|anywhere else|anyone else|anybody else|"
    r"elsewhere)"
)
_NO_OTHER = re.compile(
    rf"\b(?:no (?:other )?(?:[a-z0-9]+ )?{_COUNTRY}|nobody|no one|none)\b[^.;]{{0,60}}?"
    rf"\b(?:(?P<less>{_LESS})|(?P<more>{_MORE}))\b[^.;]{{0,60}}?\bthan (?:in |for |that of )?(?:the )?$"
)
_PEAK_OF = re.compile(
    r"\s*(?:ai |net |annual |talent |[a-z]+ ){0,3}?(?:year\b|on record\b|since (?:19|20)\d\d|"
    r"(?:of|in|over|across|since|for) (?:the |its |any |all )?"
    r"(?:series|period|years?\b|decade|run\b|(?:two|three|four|five|six|seven|eight|nine|ten) years))"
)
_OWN = re.compile(r"(?:\b(?:its|their|the country's)|(?P<place>'s|s'))\s+(?:single |own |by far )?$")
_SINCE = re.compile(r"\bsince (?:at least )?$")


def peaks(
    marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> Iterator[Claim]:  # fmt: skip
    """ "Its best year was 2018", "peaked in 2022", "the lowest since 2021"."""
    for m in own_peaks(marks):
        span, years = _scope(marks)
        year = min(years, key=lambda y: cost(marks, Number("", m.start, m.end, Decimal(0)), y, ()), default=None)
        place = next((p for p in reversed(marks.places) if p.end <= m.start), next(iter(marks.places), None))
        if year is None or not (place or b.places):
            continue
        near = place.values if place else b.places[:1]
        frame = framed(marks, replace(b, places=near, years=year.years), "peak", topics, table, context)
        if frame is not None and frame.measures:
            yield worded(marks, m, _ended(marks, m, replace(frame, span=span)), value=Decimal(1))


def own_peaks(marks: Marks) -> list[Mark]:
    """The words that set a year of a place beside its other years."""
    found = list(marks.peaks)
    for m in marks.ranks:
        if m.values[0] not in ("top", "bottom"):
            continue
        before = marks.low[max(0, m.start - 20) : m.start]
        own = _OWN.search(before)
        named = (
            own
            and m.values[1] not in ("top", "leading", "best", "most", "least")
            and (not own["place"] or any(0 <= m.start - p.end <= 3 for p in marks.places))
        )
        if (named or _PEAK_OF.match(marks.low, m.end)) and not re.match(
            r"\s*(?:tier|ai (?:lab|inst))", marks.low[m.end :]
        ):
            found.append(m)
    return found


def _scope(marks: Marks) -> tuple[tuple[int, ...], list[Mark]]:
    """The years that a peak is one among, where a range names them, and the years that it may be in."""
    ranges = [y.years for y in marks.years if len(y.years) == 2]
    single = [y for y in marks.years if len(y.years) == 1]
    pairs = re.search(r"\bbetween ((?:19|20)\d\d) and ((?:19|20)\d\d)\b", marks.low)
    if pairs and not ranges:
        ends = int(pairs[1]), int(pairs[2])
        rest = [y for y in single if y.years[0] not in ends]
        return ends, rest or single
    opening = [y for y in single if _SINCE.search(marks.low[: y.start])]
    if opening and len(single) > 1:
        return (opening[0].years[0], 9999), [y for y in single if y not in opening]
    return (ranges[0] if ranges else ()), single


def _ended(marks: Marks, m: Mark, f: Frame) -> Frame:
    """Which end of the series a word means: the largest loss is its lowest value."""
    beside = [d for d in marks.directions if -40 <= d.start - m.end <= 40] or marks.directions
    out = bool(beside) and all(d.values[0] == "out" for d in beside)
    low = m.values[0] == "bottom"
    if out and (m in marks.peaks or m.values[1] in LOSS_RANKS):
        return replace(f, bottom=not low, sized=True, direction="")
    return replace(f, bottom=low, sized=False, direction="")


def unrivalled(
    marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> Iterator[Claim]:  # fmt: skip
    """ "More than any other country", "no country lost more than Israel"."""
    for m in _ANY_OTHER.finditer(marks.low):
        before = [p for p in marks.places if p.end <= m.start() and not p.narrow] or list(marks.places)
        if before or b.places:
            code = before[-1].values if before else b.places[:1]
            yield from _first_place(marks, m, code, b, topics, table, context)
    for p in marks.places:
        if m2 := _NO_OTHER.search(marks.low[: p.start]):
            yield from _first_place(marks, m2, p.values, b, topics, table, context)


_ONLY_BEHIND = re.compile(
    r"\b(?:behind|trailing|trails|trailed|after|topped by|beaten by|outdone by|exceeded by|surpassed by|second) only"
    r"(?: to)?(?: the)? $"
)


def only_behind(
    marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> Iterator[Claim]:  # fmt: skip
    """ "Behind only Luxembourg and the UAE": those lead, and the place comes right after them."""
    groups = runs(marks, marks.places)
    for p in marks.places:
        if not _ONLY_BEHIND.search(marks.low[: p.start]) or len(b.years) > 1:
            continue
        ahead = [q for r in groups if p in r for q in r if q.start >= p.start]
        own = [q for q in marks.places if q.end < p.start and q not in ahead]
        frame = framed(marks, b, "rank", topics, table, context)
        if frame is None or not frame.measures:
            continue
        frame = replace(frame, bottom=False, sized=False, direction="")
        for q in ahead:
            yield worded(marks, q, replace(frame, places=q.values), value=Decimal(len(ahead)), about="top")
        if own:
            yield worded(marks, p, replace(frame, places=own[-1].values), value=Decimal(len(ahead) + 1))


_LISTED_TOP = re.compile(r"\b(?P<end>top|bottom) (?P<n>two|three|four|five|six|seven|eight|nine|ten|\d{1,2})\b")


def listed(marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context) -> Iterator[Claim]:
    """ "The top five were A, B, C, D and E": each is among the first five."""
    for m in _LISTED_TOP.finditer(marks.low):
        n = number_of(m["n"])
        run = max(runs(marks, [p for p in marks.places if not p.narrow]), key=len, default=[])
        if n is None or len(run) != n or len(b.years) > 1:
            continue
        frame = framed(marks, b, "rank", topics, table, context)
        if frame is None or not frame.measures:
            continue
        frame = replace(frame, bottom=m["end"] == "bottom", sized=False, direction="")
        for p in run:
            yield worded(marks, Mark(m.start(), m.end()), replace(frame, places=p.values), value=n, about="top")


def everyone(marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context) -> Iterator[Claim]:
    """ "All G7 countries except Italy gained", "no G7 country lost": how many went the other way."""
    for m in (*_EVERYONE.finditer(marks.low), *_NOBODY.finditer(marks.low)):
        denied = m.re is _NOBODY
        word = next((d for d in marks.directions if d.start >= m.end()), None)
        if word is None or m.end() > word.start:
            continue
        bar = [p for p in marks.places if _BARRED.search(marks.low[m.start() : p.start])]
        frame = framed(marks, replace(b, places=()), "every", topics, table, context)
        if frame is None or not frame.measures or len(frame.years) > 1:
            continue
        if denied and (not marks.groups or _COMPARED.search(marks.low[m.end() :])):
            continue  # "no G7 country lost more than Italy"
        way = "more" if (word.values[0] == "in") != denied else "less"
        but = tuple(dict.fromkeys(c for p in bar for c in p.values))
        said = replace(frame, places=(), near=but, direction=way, limit=Decimal(0))
        yield worded(marks, Mark(m.start(), m.end()), said, value=Decimal(0))


_IN_ORDER = re.compile(r"\bin (?:that|this|the following) order\b")
_NEXT = re.compile(r"\b(?:came|come|comes|were|are|was) next\b|\bfollow(?:s|ed)?\b")


def in_order(marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context) -> Iterator[Claim]:
    """ "A, B and C lead the ranking, in that order"; "A led; B and C came next, in that order"."""
    said = _IN_ORDER.search(marks.low)
    run = max(runs(marks, [p for p in marks.places if not p.narrow]), key=len, default=[])
    values = [n for n in marks.numbers if n.role in ("plain", "percent") and n.step < 0]
    if said is None or len(values) > 1 or len(run) < 2 or len(b.years) > 1:
        return
    frame = framed(marks, b, "rank", topics, table, context)
    if frame is None or not frame.measures:
        return
    frame = replace(
        frame, bottom=any(m.values[0] in ("bottom", "trails") for m in marks.ranks), sized=False, direction=""
    )
    after = [p for p in marks.places if p.end <= run[0].start] if _NEXT.search(marks.low) else []
    for n, p in enumerate(run, 2 if after else 1):
        yield worded(marks, p, replace(frame, places=p.values), value=Decimal(n))


_ONLY = re.compile(
    r"\b(?:only|sole|lone) (?:[a-z0-9]+ ){0,2}?(?:country|economy|nation|member|state|place|"
    r"one)\b(?! of linkedin)|\bonly\b"
)


def lone(marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context) -> Iterator[Claim]:
    """ "The only Baltic state with a net outflow": the others went the other way."""
    for m in _ONLY.finditer(marks.low):
        word = next((d for d in marks.directions if d.start >= m.end()), None)
        if word is None or m.group() == "only" or any(n.start > m.end() and n.about for n in marks.numbers):
            continue
        before = [p for p in marks.places if p.end <= m.start()]
        place = before[-1] if before else next((p for p in marks.places if p.start >= m.end()), None)
        frame = framed(marks, replace(b, places=()), "every", topics, table, context)
        if place is None or frame is None or not frame.measures or len(frame.years) > 1:
            continue
        way = "less" if word.values[0] == "in" else "more"
        said = replace(frame, places=(), near=place.values, direction=way, limit=Decimal(0))
        yield worded(marks, Mark(m.start(), m.end()), said, value=Decimal(0))


_EVERYONE = re.compile(
    r"(?<!of )(?<!among )(?<!than )\b(?:all|every|each)(?: of)?(?: the)?(?: other)? (?:[a-z0-9]+ ){0,2}?"
    r"(?:countr(?:y|ies)|econom(?:y|ies)|nations?|members?|states?|places?)\b(?! of linkedin)"
)
_COMPARED = re.compile(r"^[^,;.]{0,70}\bthan\b")
_NOBODY = re.compile(
    r"\b(?:none of|not (?:a single )?one of|not one|no|not a single) (?:the |these |its )?(?:[a-z0-9]+ ){0,3}?"
    r"(?:countr(?:y|ies)|econom(?:y|ies)|nations?|members?|states?)\b(?! of linkedin)"
)
_BARRED = re.compile(
    r"\b(?:except|apart from|other than|but|bar|excluding|save|besides)(?: for)?(?: the)?(?: [a-z ,]+ and)? $"
)


def _first_place(
    marks: Marks, m: re.Match[str], code: tuple[str, ...], b: Bound, topics: Sequence[str], table: FigureTable,
    context: Context,
) -> Iterator[Claim]:  # fmt: skip
    frame = framed(marks, replace(b, places=code), "rank", topics, table, context)
    if frame is None or not frame.measures or len(frame.years) > 1:
        return
    near = [d for d in marks.directions if d.end <= m.end()] or marks.directions
    out = bool(near) and near[-1].values[0] == "out"
    worse = m["less"] is not None
    sized = out and (m["less"] or m["more"]) not in ("better", "worse")
    frame = replace(frame, bottom=worse != sized, sized=sized, direction="")
    at = Mark(m.start(), m.end())
    but = [p for p in marks.places if p.start >= m.end() and BARRED.search(marks.low[m.end() : p.start])]
    for p in but:  # "than any other country bar Israel": that one leads, and the place comes next
        yield worded(marks, p, replace(frame, places=p.values), value=Decimal(len(but)), about="top")
    yield worded(marks, at, frame, value=Decimal(1 + len(but)))
