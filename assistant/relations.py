"""Claims that only words make: a direction, a rise or fall, a comparison, a first or last place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.claims import (
    Claim, Context, Frame, Kind, all_years, faint, frame_of, rank_shape, topics_of, raw_compare,
)  # fmt: skip
from assistant.finder import FLOW
from assistant.frames import Bound, cost, runs
from assistant.marks import Mark, Marks, Number
from corpus.figures import FigureTable

_DIRECT = frozenset(
    {"led", "leads", "beat", "beats", "topped", "above", "below", "behind", "exceeding"}
)  # a place right behind
_SMALL = frozenset(
    "the was were had has have its their that this than and for with from during between year years net balance flow flows "
    "most least much many more less did does been also talent linkedin members".split()
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|neither|nor|without|n't|whether|if|would|could|may|might|should|will|plans? to|aims? to|hopes? to)\s+(?:[a-z]+\s+){0,3}$|\bto\s+$"
)
_MULTIPLE_BEHIND = re.compile(r"\s*(?:as (?:much|many|high|large|big|great)|that of|the|its|those)\b")


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
    )
    if len({m.values for m in marks.editions if not m.narrow}) > 1 or marks.alien:
        sure = False
    made: list[Claim] = []
    made += _multiples(marks, numbers, b, topics, table, context)
    made += _compared(marks, numbers, b, topics, table, context)
    made += _moved(marks, numbers, b, topics, table, context)
    made += _firsts(marks, numbers, b, topics, table, context)
    made += _directions(marks, [*numbers, *made], b, topics, table, context)
    return made if sure or _bare(marks) and not marks.alien else [replace(c, weak=True) for c in made]


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


def _claim(marks: Marks, m: Mark, frame: Frame, **more: object) -> Claim:
    return Claim(marks.text[m.start : m.end], m.start, m.end, frame, **more)  # type: ignore[arg-type]


def _framed(
    marks: Marks, b: Bound, kind: Kind, topics: Sequence[str], table: FigureTable, context: Context
) -> Frame | None:
    if len({m.values for m in marks.editions if not m.narrow}) > 1:
        return None  # two editions set against each other
    return frame_of(marks, b, kind, None, topics, table, context)


def _multiples(
    marks: Marks, numbers: Sequence[Claim], b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> list[Claim]:
    """ "Twice that of", "half as much as", "doubled"."""
    made = []
    for m in marks.compares:
        if not m.values[0].startswith("x"):
            continue
        if any(n.start <= m.start < n.end for n in marks.numbers) and m.values[1] != "half":
            continue
        times = Decimal(m.values[0][1:])
        moved = m.values[1] in ("doubled", "tripled", "halved", "trebled", "quadrupled", "doubling")
        beside = any(
            p.start >= m.end and marks.low[m.end : p.start].strip() in ("", "the", "that of", "those of")
            for p in marks.places
        )
        if (
            not moved
            and not beside
            and not _MULTIPLE_BEHIND.match(marks.low, m.end)
            and m.values[1] not in ("half the",)
        ):
            continue
        if len(b.places) < 2 and not (moved and len(b.years) == 2):
            continue
        frame = _framed(marks, b, "times", topics, table, context)
        if frame is None or not frame.measures:
            continue
        before = marks.low[max(0, m.start - 24) : m.start]
        halved = m.values[1] == "halved"
        about = (
            ("under" if halved else "over")
            if re.search(r"(?:more than|over|well over|at least|better than)\s+$", before)
            else "under"
            if re.search(r"(?:less than|under|not quite)\s+$", before)
            else "about"
        )
        if moved:
            frame = replace(frame, places=frame.places[:1], direction="", measures=(*frame.measures, *_growth(table)))
        made.append(_claim(marks, m, frame, value=times, about=about, weak=len(b.places) > 2))
    return made


def _growth(table: FigureTable) -> list[str]:
    """Measures whose values are changes themselves."""
    return [m.id for m in table.measures.values() if m.unit.startswith("% change")]


def _compared(
    marks: Marks, numbers: Sequence[Claim], b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> list[Claim]:
    """ "Higher than", "behind", between two places, or two years of one place."""
    made: list[Claim] = []
    for m in marks.compares:
        if m.values[0] not in ("more", "less", "even"):
            continue
        behind = marks.low[m.end : m.end + 30]
        if any(x.values[0].startswith("x") and m.start - 12 <= x.start <= m.end + 12 for x in marks.compares):
            continue  # "more than twice as much as"
        if any(
            n.start >= m.end and not marks.gap(m.end, n.start).strip(" a") and n.about in ("over", "under")
            for n in marks.numbers
        ):
            continue  # a bound of a number
        left = [p for p in marks.places if p.end <= m.start]
        right = [p for p in marks.places if p.start >= m.end and len(marks.gap(m.end, p.start).split()) <= 5]
        if not left or not right or re.match(r"\s*(?:zero|average|the average|the mean)", behind):
            continue
        if m.values[1] in _DIRECT and (marks.gap(m.end, right[0].start).strip() not in ("", "the")):
            continue
        a = min(left, key=lambda p: m.start - p.end) if not _fronted(marks, left, m) else left[0]
        rest = [
            right[0],
            *(
                p
                for p, q in zip(right[1:], right, strict=False)
                if re.fullmatch(r"\s*(?:,|and|,\s*and|or|nor)\s*(?:the\s*)?", marks.gap(q.end, p.start))
            ),
        ]
        if a.values == right[0].values:
            continue
        way = m.values[0]
        if way == "even" and re.search(r"\bneither\b", marks.low[: m.start]):
            way = "less"
        for other in rest:
            frame = _framed(marks, replace(b, places=(a.values[0], other.values[0])), "compare", topics, table, context)
            if frame is None or not frame.measures or len(frame.years) > 1:
                continue
            word = m.values[1]
            out = any(d.values[0] == "out" for d in marks.directions) and not any(
                d.values[0] == "in" for d in marks.directions
            )
            sized = out and word not in raw_compare()
            made.append(_claim(marks, m, replace(frame, direction=way, sized=sized)))
    made += _than(marks, b, topics, table, context)
    return made


_THAN = re.compile(
    r"\b(higher|lower|larger|smaller|greater|bigger|denser|stronger|weaker|heavier|steeper|deeper|more|less)\b[^.;]{0,60}?\bthan\b"
)


def _than(marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context) -> list[Claim]:
    """ "Higher in South Korea than in the United States"."""
    made = []
    for m in _THAN.finditer(marks.low):
        at = m.end() - 4
        left = [p for p in marks.places if m.end(1) <= p.start and p.end <= at]
        right = [
            p
            for p in marks.places
            if p.start >= m.end()
            and marks.gap(m.end(), p.start).strip()
            in ("", "in", "for", "to", "from", "into", "the", "in the", "for the")
        ]
        if len(left) != 1 or not right or left[0].values == right[0].values:
            continue
        frame = _framed(
            marks, replace(b, places=(left[0].values[0], right[0].values[0])), "compare", topics, table, context
        )
        if frame is None or not frame.measures or len(frame.years) > 1:
            continue
        less = m[1] in ("lower", "smaller", "weaker", "less")
        out = any(d.values[0] == "out" for d in marks.directions) and not any(
            d.values[0] == "in" for d in marks.directions
        )
        sized = out and m[1] not in ("higher", "lower")
        made.append(
            _claim(marks, Mark(m.start(), m.end()), replace(frame, direction="less" if less else "more", sized=sized))
        )
    return made


def _fronted(marks: Marks, left: Sequence[Mark], m: Mark) -> bool:
    """Whether the subject stands first and other places are only listed with it."""
    return len(left) == 1


def _moved(
    marks: Marks, numbers: Sequence[Claim], b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> list[Claim]:
    """ "Rose between 2020 and 2023" of one place."""
    if len(b.places) != 1 or len(b.years) != 2 or marks.groups:
        return []
    if any(c.frame.kind == "change" for c in numbers):
        return []
    ways = {m.values[0] for m in marks.changes}
    if len(ways) != 1 or ways == {"any"}:
        return []
    m = marks.changes[0]
    frame = _framed(marks, b, "moved", topics, table, context)
    if frame is not None and "ai_talent_concentration" in topics:
        frame = replace(frame, measures=(*frame.measures, *_growth(table)))
    if frame is None or not frame.measures or _NEGATED.search(marks.low[: m.start]):
        return []
    return [_claim(marks, m, frame)]


def _firsts(
    marks: Marks, numbers: Sequence[Claim], b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> list[Claim]:
    """ "The highest net inflow", "came last", without an ordinal."""
    if not b.years and not marks.editions:
        return []
    made = []
    for m in marks.ranks:
        word = m.values[1]
        if any(n.role == "rank" and abs(n.end - m.start) <= 2 for n in marks.numbers) or not b.places:
            continue
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
        frame = _framed(
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
                r"(?: net| ai| talent)* (?:losses|gains|inflows|outflows|rates|values|shares|concentrations|balances|flows|scores)\b",
                after,
            )
        ):
            each = dict.fromkeys(p.values for p in own)  # "A, B and C posted the biggest losses": the first three
            made += [_claim(marks, m, replace(frame, places=p), value=Decimal(len(each)), about="top") for p in each]
            continue
        made.append(
            _claim(
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
    seen: set[tuple[str, int]] = set()
    spoken = {
        (p, y) for c in others if c.frame.kind in ("value", "rank") for p in c.frame.places for y in c.frame.years
    }
    counted = any(c.frame.kind in ("count", "share", "average") for c in others)
    if counted or not marks.places and not context.places:
        return []
    balance = _MORE_THAN.search(marks.low)
    for m in marks.directions:
        word = marks.text[m.start : m.end].lower()
        if balance and m.end <= balance.start() and balance.start() - m.end < 4:
            pass  # "lost more AI talent than it gained": the first word is the balance
        elif (
            not _plain(word)
            or _NEGATED.search(marks.low[max(0, m.start - 40) : m.start])
            or "than" in marks.low[m.end : m.end + 12]
            or re.search(r"\bthan (?:it |they |the country |were |it has )?$", marks.low[: m.start])
        ):
            continue
        at = Number("", m.start, m.end, Decimal(0))
        places = [p for p in marks.places]
        place = min(places, key=lambda p: cost(marks, at, p, ())) if places else None
        if place is not None and cost(marks, at, place, ()) > 4 and len({p.values for p in places}) > 1:
            continue
        every = [y for y in marks.years if not y.years[0] in excepted or len(y.years) > 1]
        year = min(every, key=lambda y: cost(marks, at, y, ()), default=None)
        if year is None or cost(marks, at, year, ()) > 4 and len(all_years(marks)) > 1:
            continue
        code = place.values[0] if place else context.places[0]
        own = Bound((code,), year.years, None if foreign else b.edition)
        frame = _framed(marks, own, "direction", (FLOW,), table, context)
        if frame is None or not frame.measures:
            continue
        years = range(year.years[0], year.years[-1] + 1)
        if any((code, y) in spoken or (code, y) in seen for y in years):
            continue
        if any(
            (code, y) in {(c.frame.places[0] if c.frame.places else "", x) for c in others for x in c.frame.years}
            for y in years
        ):
            continue
        seen |= {(code, y) for y in years}
        for y in (y for y in years if y not in excepted):
            made.append(_claim(marks, m, replace(frame, years=(y,), direction=m.values[0]), weak=foreign))
    return made


_EXCEPT = re.compile(r"\b(?:except|but|apart from|other than)(?: for| in)? ((?:19|20)\d\d)\b")
_MORE_THAN = re.compile(r"\bmore\b[^.;,]{0,40}\bthan (?:it|they|the country)\b")


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
        )
    )
