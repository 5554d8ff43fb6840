"""Claims that only words make: a direction, a rise or fall, a comparison, a first or last place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.claims import Claim
from assistant.comparisons import compared, framed, multiples, worded
from assistant.finder import FLOW
from assistant.frames import BARRED, Bound, cost, runs
from assistant.framing import Context, all_years, faint, frame_of, rank_shape, topics_of
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.moves import NEGATED, moved
from assistant.numbers import Number
from assistant.superlatives import everyone, in_order, listed, lone, only_behind, own_peaks, peaks, unrivalled
from corpus.figures import FigureTable

_SMALL = frozenset(
    "the was were had has have its their that this than and for with from during between year"
    " years net balance flow flows "
    "most least much many more less did does been also talent linkedin members".split()
)


def relations_of(marks: Marks, numbers: Sequence[Claim], table: FigureTable, context: Context) -> list[Claim]:
    """The claims of a sentence's words, where its own places, years and topic frame them."""
    topics = topics_of(marks, table) or context.topics
    sure = bool(topics)
    topics = topics or faint(marks, table)
    if not topics:
        return []
    b = Bound(
        tuple(dict.fromkeys(c for m in marks.places for c in m.values)) or (() if marks.groups else context.places),
        all_years(marks) or (() if re.search(r"\b(?:19|20)\d\d\b", marks.text) else context.years),
        next((m for m in marks.editions if not m.narrow), None),
        _only([m for m in marks.editions if m.narrow]),
    )
    if len({m.values for m in marks.editions if not m.narrow}) > 1 or marks.alien:
        sure = False
    made: list[Claim] = []
    made += multiples(marks, numbers, b, topics, table, context)
    made += compared(marks, numbers, b, topics, table, context)
    made += moved(marks, numbers, b, topics, table, context)
    made += peaks(marks, b, topics, table, context)
    made += unrivalled(marks, b, topics, table, context)
    made += only_behind(marks, b, topics, table, context)
    made += listed(marks, b, topics, table, context)
    made += in_order(marks, b, topics, table, context)
    made += lone(marks, b, topics, table, context)
    made += everyone(marks, b, topics, table, context)
    made += _firsts(marks, numbers, b, topics, table, context)
    made += _directions(marks, [*numbers, *made], b, topics, table, context)
    return made if sure or _bare(marks) and not marks.alien else [replace(c, weak=True) for c in made]


def _only(narrow: Sequence[Mark]) -> Mark | None:
    """The words that choose a quantity, where all choose the same."""
    return narrow[0] if len({m.values for m in narrow}) == 1 else None


def _bare(marks: Marks) -> bool:
    """Whether a sentence says nothing beside its marks, so that no other topic can be meant."""
    spans = [
        *marks.spans,
        *((m.start, m.end) for m in (*marks.changes, *marks.compares, *marks.ranks, *marks.averages)),
    ]
    left = [
        w for w in re.finditer(r"[a-z]{3,}", marks.low)
        if w.group() not in _SMALL and not any(a <= w.start() < b for a, b in spans)
    ]  # fmt: skip
    return not left


def _firsts(
    marks: Marks, numbers: Sequence[Claim], b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> list[Claim]:
    """ "The highest net inflow", "came last", without an ordinal."""
    if not b.years and not marks.editions:
        return []
    if len(b.years) > 1 and _EACH_YEAR.search(marks.low):
        span = [y for m in marks.years for y in (range(m.years[0], m.years[-1] + 1) if m.years else ())]
        span = list(range(min(span), max(span) + 1)) if _SPAN.search(marks.low) else span
        return [
            c
            for y in dict.fromkeys(span)
            for c in _firsts(marks, numbers, replace(b, years=(y,)), topics, table, context)
        ]
    made = []
    own_years = own_peaks(marks)
    for m in marks.ranks:
        word = m.values[1]
        if m in own_years:
            continue
        if any(n.role == "rank" and abs(n.end - m.start) <= 2 for n in marks.numbers) or not b.places:
            continue
        if re.search(r"\bfrom (?:the )?$", marks.low[: m.start]):
            continue  # "fourth from the bottom of"
        before, after = marks.low[max(0, m.start - 16) : m.start], marks.low[m.end : m.end + 40]
        if m.values[0] in ("top", "bottom"):
            if not re.search(
                r"\b(?:the|world's|'s|s'|single|by far the)\s+$|\b(?:gained|lost)\s+(?:the\s+)?$", before
            ) or re.match(r"\s*(?:[a-z-]+ ){0,2}(?:tier|talent tracker|of the (?:two|three|four|five))", after):
                continue
            if word in ("top", "leading", "best", "most", "least", "first place") and not (
                word in ("most", "least") and re.search(r"(?:gained|lost) (?:the )?$", before)
            ):
                continue
        places = sorted(
            marks.places,
            key=lambda p: (
                abs(p.start - m.start)
                + (
                    40
                    if p.start > m.end
                    and not re.search(
                        r"\b(?:was|were|is|belonged to|went to|came from|fell to)\b|[:,(]", marks.low[m.end : p.start]
                    )
                    else 0
                )
            ),
        )
        if not places or word in ("first place",):
            continue
        own = [p for p in marks.places if p.end <= m.start] or places
        near = own[-1] if own[0].end <= m.start else places[0]
        frame = framed(
            marks,
            replace(b, places=near.values, years=b.years[:1] if len(b.years) == 1 else b.years),
            "rank",
            topics,
            table,
            context,
        )
        if frame is None or not frame.measures or len(frame.years) > 1:
            continue
        if m.values[0] in ("leads", "trails"):
            frame = replace(frame, bottom=m.values[0] == "trails")
        else:
            frame = rank_shape(marks, m.start, m.start, frame)
        if (
            len(own) > 1
            and own[0].end <= m.start
            and re.match(
                r"(?: net| ai| talent)* (?:losses|gains|inflows|outflows|rates|values|shares|"
                r"concentrations|balances|flows|scores)\b",
                after,
            )
        ):
            each = dict.fromkeys(p.values for p in own)  # "A, B and C posted the biggest losses": the first three
            made += [worded(marks, m, replace(frame, places=p), value=Decimal(len(each)), about="top") for p in each]
            continue
        made.append(
            worded(
                marks,
                m,
                frame,
                value=Decimal(1),
                weak=len(marks.places) > 3
                or _listed(marks, near)
                or re.search(r"\bamong (?:the )?(?!g7|oecd|eu)[a-z]", after) is not None,
            )
        )
    return made


_EACH_YEAR = re.compile(
    r"\b(?:each|every|all|all five|all the|each single|every single)"
    r"(?: of)?(?: the)? (?:single )?(?:(?:two|three|four|five) )?years?\b"
    r"|\b(?:throughout|without fail|year after year|year in,? year out|always|"
    r"years running|years in a row|consecutive years)\b"
)
_SPAN = re.compile(r"\b(?:from|between|since)\b (?:19|20)\d\d (?:to|and|until|till|through)")


def _listed(marks: Marks, place: Mark) -> bool:
    """Whether a place is one of a list: "A, B and C posted the biggest losses" says no more than that they lead."""
    return any(len(run) > 1 and place in run for run in runs(marks, marks.places))


def _directions(
    marks: Marks, others: Sequence[Claim], b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> list[Claim]:
    """ "A net outflow in 2019", where no number says it."""
    if FLOW not in topics or FLOW not in table.families:
        return []
    # A source whose flows no table holds is neither borne out nor contradicted.
    foreign = any(not any(table.measures[m].signed for m in e.values) for e in marks.editions if not e.narrow)
    excepted = {int(y) for y in _EXCEPT.findall(marks.low)}
    made: list[Claim] = []
    seen: set[tuple[str, int, str]] = set()
    spoken = {
        (p, y) for c in others if c.frame.kind in ("value", "rank") for p in c.frame.places for y in c.frame.years
    }
    counted = any(c.frame.kind in ("count", "share", "average") for c in others)
    if counted or not marks.places and not context.places:
        return []
    balance = _MORE_THAN.search(marks.low)
    for m in marks.directions:
        word = marks.text[m.start : m.end].lower()
        never = _NEVER.search(marks.low[: m.start])
        if balance and m.end <= balance.start() and balance.start() - m.end < 4:
            pass  # "lost more AI talent than it gained": the first word is the balance
        elif (
            not _plain(word)
            or (not never and re.match(r"\s*(?:years?|value|note)\b", marks.low[m.end : m.end + 12]))  # "the only one"
            or re.search(r"\bcannot\b[^.;,]*$", marks.low[: m.start])
            or (not never and NEGATED.search(marks.low[max(0, m.start - 40) : m.start]))
            or "than" in marks.low[m.end : m.end + 12]
            or re.search(r"\bthan (?:it |they |the country |were |it has )?$", marks.low[: m.start])
        ):
            continue
        at = Number("", m.start, m.end, Decimal(0))
        places = [p for p in marks.places if not BARRED.search(marks.low[: p.start])]
        if len(places) < len(marks.places) and not places:
            continue  # "all but Italy gained"
        place = min(places, key=lambda p: cost(marks, at, p, ())) if places else None
        if place is not None and cost(marks, at, place, ()) > 4 and len({p.values for p in places}) > 1:
            continue
        every = [y for y in marks.years if y.years[0] not in excepted or len(y.years) > 1]
        year = min(every, key=lambda y: cost(marks, at, y, ()), default=None)
        if year is None or cost(marks, at, year, ()) > 4 and len(every) > 1:
            continue
        code = place.values[0] if place else context.places[0]
        apart = _other_report(marks, m)
        own = Bound((code,), year.years, None if foreign else apart or b.edition)
        if apart:
            frame = frame_of(marks, own, "direction", None, _flows(own, table), table, context)
        else:
            frame = framed(marks, own, "direction", _flows(own, table), table, context)
        if frame is None or not frame.measures:
            continue
        years = range(year.years[0], year.years[-1] + 1)
        way = m.values[0] if not never else "out" if m.values[0] == "in" else "in"
        listed = next((r for r in runs(marks, marks.places) if place in r), []) if place else []
        telling = [c for c in others if c.frame.kind not in ("moved", "compare", "peak", "times")]
        told = {(c.frame.places[0] if c.frame.places else "", x) for c in telling for x in c.frame.years}
        for each in dict.fromkeys((code, *(c for p in listed for c in p.values))):
            if not apart and any((each, y) in spoken | told for y in years):
                continue
            back = "out" if way == "in" else "in"
            before = years[0] - 1
            if _TURNED.search(marks.low[: m.start]) and any(table.cell(x, each, before) for x in frame.measures):
                turned = replace(frame, places=(each,), years=(before,), direction=back)
                made.append(worded(marks, m, turned, weak=foreign))
            for y in (y for y in years if y not in excepted and (each, y, way) not in seen):
                seen.add((each, y, way))
                said = replace(frame, places=(each,), years=(y,), direction=way)
                made.append(worded(marks, m, said, weak=foreign))
    return made


def _other_report(marks: Marks, m: Mark) -> Mark | None:
    """The report that a clause without a number names for its direction: ", but OECD.AI describes a net inflow"."""
    ends = [x.span() for x in _CLAUSE.finditer(marks.low)]
    start = max((b for a, b in ends if b <= m.start), default=0)
    stop = min((a for a, b in ends if a >= m.end), default=len(marks.low))
    if any(start <= n.start < stop for n in marks.numbers):
        return None
    named = [e for e in marks.editions if not e.narrow]
    here = [e for e in named if start <= e.start < stop]
    return here[0] if here and any(e.values != here[0].values for e in named) else None


_CLAUSE = re.compile(r"[;,]|\b(?:but|while|whereas|yet)\b")
_NEVER = re.compile(
    r"\b(?:in no (?:single )?year|never|neither|not once|at no (?:point|time)|in none of|did not|didn't|"
    r"has not|had not)\b[^.;,]*$"
)
_TURNED = re.compile(
    r"\b(?:turn(?:s|ed)?|became|flipped|swung|switched|crossed|tipped|slid|slipped|moved|went|back|returned)"
    r"(?: back)?(?: to| into| in)?(?: an?| the)?(?: net)? $"
)
_EXCEPT = re.compile(r"\b(?:except|but|apart from|other than)(?: for| in)? ((?:19|20)\d\d)\b")
_MORE_THAN = re.compile(r"\bmore\b[^.;,]{0,40}\bthan (?:it|they|the country)\b")


def _flows(b: Bound, table: FigureTable) -> tuple[str, ...]:
    """The families of flows that a named source has; the one of net AI talent flow where none is named."""
    named = [m for m in (b.edition.values if b.edition else ()) if table.measures[m].signed]
    return tuple(dict.fromkeys(table.measures[m].family for m in named)) or (FLOW,)


def _plain(word: str) -> bool:
    """Whether a word of direction speaks of the balance itself, and not of somebody who arrives or leaves."""
    return any(
        w in word
        for w in (
            "inflow",
            "outflow",
            "gain",
            "los",
            "import",
            "export",
            "drain",
            "deficit",
            "surplus",
            "shortfall",
            "magnet",
            "territory",
            "water",
            "column",
            "red",
            "black",
            "positive",
            "negative",
            "plus",
            "minus",
            "drift",
            "sent out",
            "leave than",
            "leaving than",
            "arrive than",
            "arriving than",
            "arrivals",
            "departures",
            "zero",
            "shed",
            "bled",
            "hemorrhag",
            "net ",
            " in than ",
            " out than ",
            "attracted",
        )
    )
