"""Comparisons that only words make: "higher than", "behind", "twice that of", "doubled"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.claims import Claim
from assistant.frames import BARRED, Bound, runs
from assistant.framing import Context, Frame, frame_of
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.numbers import roundness
from assistant.roles import Kind
from assistant.wordlists import raw_words
from corpus.figures import FigureTable

_SINCE = re.compile(r"\bsince\b")
MOVES = frozenset(raw_words()["times_moved"]["words"])
SIGNED = frozenset(raw_words()["compare"]["signed"])  # these speak of the signed value, not of a size

_DIRECT = frozenset(
    {"led", "leads", "beat", "beats", "topped", "above", "below", "behind", "exceeding"}
)  # a place right behind
_MULTIPLE_BEHIND = re.compile(r"\s*(?:as (?:much|many|high|large|big|great)|what|that of|the|its|those)\b")


def worded(marks: Marks, m: Mark, frame: Frame, **more: object) -> Claim:
    """A claim that the words of a mark make."""
    return Claim(marks.text[m.start : m.end], m.start, m.end, frame, **more)  # type: ignore[arg-type]


def framed(
    marks: Marks, b: Bound, kind: Kind, topics: Sequence[str], table: FigureTable, context: Context
) -> Frame | None:
    """The frame of a relation; None where the sentence sets two editions against each other."""
    if len({m.values for m in marks.editions if not m.narrow}) > 1:
        return None  # two editions set against each other
    return frame_of(marks, b, kind, None, topics, table, context)


def multiples(
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
        moved = m.values[1] in MOVES
        before_place = any(
            p.start >= m.end and marks.low[m.end : p.start].strip() in ("", "the", "that of", "those of")
            for p in marks.places
        )
        if (
            not moved
            and not before_place
            and not _MULTIPLE_BEHIND.match(marks.low, m.end)
            and m.values[1] not in ("half the",)
        ):
            continue
        beside = len([c for c in numbers if c.frame.kind == "value"]) > 1
        before_it = False
        if moved and len(b.years) == 1 and not _SINCE.search(marks.low) and any(c.frame.places for c in numbers):
            b = replace(b, years=(b.years[0] - 1, *b.years))  # "quadrupled in 2022 to 1.356"
            before_it = True
        if len(b.places) < 2 and len(b.years) != 2 and not beside:
            continue
        frame = framed(marks, b, "times", topics, table, context)
        if frame is None or not frame.measures:
            continue
        about = roundness(marks.low[: m.start]) or "about"
        if m.values[1] == "halved":  # "more than halved" is less than half
            about = {"over": "under", "under": "over", "above": "beneath", "beneath": "above"}.get(about, about)
        if moved:
            frame = replace(frame, places=frame.places[:1], direction="", measures=(*frame.measures, *growth(table)))
            frame = replace(frame, years=b.years) if before_it else frame
        made.append(worded(marks, m, frame, value=times, about=about, weak=len(b.places) > 2 and not beside))
    return made


def growth(table: FigureTable) -> list[str]:
    """Measures whose values are changes themselves."""
    return [m.id for m in table.measures.values() if m.unit.startswith("% change")]


def compared(
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
        right = [p for p in right if not BARRED.search(marks.low[: p.start])]
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
        if way == "even" and roundness(marks.low[: m.start]):
            continue  # "nearly matched" claims no more than its two values do
        if way == "even" and re.search(r"\bneither\b", marks.low[: m.start]):
            way = "less"
        for other in rest:
            frame = framed(marks, replace(b, places=(a.values[0], other.values[0])), "compare", topics, table, context)
            if frame is None or not frame.measures or len(frame.years) > 1:
                continue
            word = m.values[1]
            out = any(d.values[0] == "out" for d in marks.directions) and not any(
                d.values[0] == "in" for d in marks.directions
            )
            sized = out and word not in SIGNED
            made.append(worded(marks, m, replace(frame, direction=way, sized=sized)))
    made += _than(marks, b, topics, table, context)
    made += _than_then(marks, b, topics, table, context)
    return made


_THAN = re.compile(
    r"\b(higher|lower|larger|smaller|greater|bigger|denser|stronger|weaker|heavier|steeper|deeper|more|less|fewer)\b[^.;]{0,60}?\bthan\b"
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
        if not left and len(m.group().split()) > 2:  # "attracted fewer AI professionals than France"
            left = [p for p in marks.places if p.end <= m.start()][-1:]
        if len(left) != 1 or not right or left[0].values == right[0].values:
            continue
        frame = framed(
            marks, replace(b, places=(left[0].values[0], right[0].values[0])), "compare", topics, table, context
        )
        if frame is None or not frame.measures or len(frame.years) > 1:
            continue
        less = m[1] in ("lower", "smaller", "weaker", "less", "fewer")
        out = any(d.values[0] == "out" for d in marks.directions) and not any(
            d.values[0] == "in" for d in marks.directions
        )
        sized = out and m[1] not in ("higher", "lower")
        made.append(
            worded(marks, Mark(m.start(), m.end()), replace(frame, direction="less" if less else "more", sized=sized))
        )
    return made


_THAN_THEN = re.compile(
    r"\b(?P<word>higher|lower|larger|smaller|greater|bigger|denser|stronger|weaker|heavier|steeper|deeper|more|less|fewer)"
    r"\b[^.;]{0,60}?\b(?:in |for )?(?P<late>(?:19|20)\d\d)\b[^.;]{0,20}?\bthan (?:it (?:had|was|did) )?(?:in|for) "
    r"(?P<early>(?:19|20)\d\d)\b"
)


_THAN_LAST = re.compile(
    r"\b(?P<word>higher|lower|larger|smaller|greater|bigger|denser|stronger|weaker|heavier|steeper|deeper|more|less|fewer)"
    r"\b[^.;,]{0,20}? than (?:in |it (?:did|had|was) )?(?:in )?(?:the|a) (?:year (?:before|"
    r"earlier)|(?:previous|preceding|prior) year)\b"
)


def _than_then(marks: Marks, b: Bound, topics: Sequence[str], table: FigureTable, context: Context) -> list[Claim]:
    """ "Gained less in 2024 than in 2023", of one place or of each of a list."""
    made = []
    for m in (*_THAN_THEN.finditer(marks.low), *_THAN_LAST.finditer(marks.low)):
        before = [p for p in marks.places if p.end <= m.end("word")]
        listed = next((r for r in runs(marks, marks.places) if before and before[-1] in r), before[-1:])
        out = {d.values[0] for d in marks.directions} == {"out"}
        more = m["word"] not in ("lower", "smaller", "weaker", "less", "fewer")
        dated = [y.years[0] for y in marks.years if len(y.years) == 1 and y.end <= m.start() and not y.values]
        late = int(m["late"]) if "late" in m.groupdict() else dated[-1] if dated else 0
        early = int(m["early"]) if "early" in m.groupdict() else late - 1
        if not late:
            continue
        way = "up" if more == (late > early) else "down"
        for code in dict.fromkeys(c for p in listed for c in p.values) or b.places[:1]:
            years = tuple(sorted((early, late)))
            frame = framed(marks, replace(b, places=(code,), years=years), "moved", topics, table, context)
            if frame is not None and frame.measures:
                said = replace(frame, direction=way, years=years, sized=out and m["word"] not in ("higher", "lower"))
                made.append(worded(marks, Mark(m.start(), m.end()), said))
    return made


def _fronted(marks: Marks, left: Sequence[Mark], m: Mark) -> bool:
    """Whether the subject stands first and other places are only listed with it."""
    return len(left) == 1
