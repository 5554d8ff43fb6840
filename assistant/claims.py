"""The claims of a sentence: each number, comparison, rank, change and direction with its frame.

What a claim says is here; whether it is so is the business of `judge`. A number that speaks of
nothing the tables measure makes no claim, or one that is marked `weak` and never contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from assistant.finder import FLOW
from assistant.frames import Bound, bound
from assistant.marks import Mark, Marks, Number, number_of, raw_words
from corpus.figures import FigureTable

Kind = Literal[
    "value", "change", "gap", "times", "rank", "total", "count", "share", "average", "direction", "moved", "compare", "years",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """What a claim is about. `measures` are the candidates; `edition` says that the sentence names them."""

    kind: Kind
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    measures: tuple[str, ...] = ()
    edition: bool = False
    per: int = 0  # the base that the sentence states; 100 for percent, 0 where it states none
    denominators: tuple[str, ...] = ()
    direction: str = ""  # "in" or "out" of a value, "up" or "down" of a change, "more" or "less" of a comparison
    sized: bool = False  # the size of a loss is meant, not its signed value
    bottom: bool = False  # a rank from the other end
    group: str = ""
    limit: Decimal | None = None  # of a count: above or below which value
    percent: bool = False  # a change in percent
    median: bool = False
    near: tuple[str, ...] = ()  # every place of the sentence


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim at text[start:end]; `value` is None where only words make it.

    `sign` is that of the digits (0 for none), `step` the exponent of the last digit. A `weak` claim may
    turn out supported, and is otherwise about something the tables do not measure.
    """

    text: str
    start: int
    end: int
    frame: Frame
    value: Decimal | None = None
    sign: int = 0
    step: int = 0
    about: str = ""
    weak: bool = False
    soft: tuple[str, ...] = ()  # what an earlier sentence supplied: "place", "year"
    of: Decimal | None = None  # the total that a rank or a count is said to be of
    others: tuple[Frame, ...] = ()  # frames of the same sentence, for naming a swap


@dataclass(frozen=True, slots=True)
class Context:
    """What earlier sentences supply where a sentence lacks it."""

    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()


_UNITS = frozenset(raw_words()["units"]["people"])
_AFTER = frozenset(w for w in raw_words()["units"]["after"])
_PLACES = frozenset(raw_words()["units"]["places"])
_SOUND = frozenset(raw_words()["change"]["sound"])
_SIZE = frozenset(raw_words()["change"]["size"])
_SIGNED = frozenset(raw_words()["compare"]["signed"])
_LOSS_RANKS = frozenset(raw_words()["rank"]["size"])
_NEXT = re.compile(r"\s*-?\s*([^\W\d_]+(?:[-'][^\W\d_]+)*|[^\w\s])?")
_TOTAL = re.compile(
    r"(?:\bof|\bout of|\bamong|\bin a field of|\bacross|\bin a list of|\bin a table of|\b/)\s*(?:a total of\s+|all\s+|the\s+|some\s+|its\s+)*$"
)
_COUNTED = re.compile(
    r"\s*(?:(?:of|out of) (?:the |its |all )?(?:\d+|[a-z-]+) )?(?:of the |of )?(?:[a-z0-9-]+ ){0,2}?(?:countr|econom|place|nation|state|member|areas|territor|jurisdiction)"
)
_HAD = re.compile(
    r"\s+(?:of (?:them|these|those) )?(?:had|lost|gained|recorded|saw|posted|were|stood|showed|ran|suffered|enjoyed|lose|gain|have|register)\b"
)
_OF_YEARS = re.compile(
    r"\s*(?:(?:out )?of (?:the |its |those )?(?P<of>[a-z0-9]+ )?(?:[a-z]+ ){0,2}?|(?:separate |different |of the )?)years\b"
)
_BEATEN = re.compile(
    r"\b(?:beat|beats|beating|led|leads|trailed|trails|outpaced|exceeded|outstripped|surpassed|topped|lagged|bested|outdid|outscored|edged out|ahead of|behind|above|below)\b[^,;]{3,40}\bby\s+(?:[a-z]+ ){0,2}$"
)
_TIMES = re.compile(r"\s*(?:-|\u2013)?\s*(?:times|fold|x)\b")
_DIFFERENCE = re.compile(
    r"\s*(?:per cent |percentage |percent |net )?(?:points? |units? )?(?:per 10,?000 (?:[a-z]+ ){0,4})?(?:higher|lower|more|less|above|below|ahead|behind|larger|smaller|greater|fewer|apart|better|worse)\b"
)
_CHANGED = re.compile(
    r"\s*-?(?:points? |percentage[- ]points? |units? |net )?(?:per 10,?000 (?:[a-z]+ ){0,4})?(?:drop|fall|decline|decrease|rise|increase|gain on|jump|improvement|slide|dip|climb|swing|change|deterioration|worsening|narrowing|widening)\b"
)
_BY = re.compile(
    r"\b(?:by|of|down|up|with)\s+(?:as much as |a |an |some |about |roughly |nearly |almost |around |just |only |more than |over |less than |under |approximately |net )*$"
)
_TO = re.compile(
    r"\b(?:to|from|at|than|against|was|were|is|stood at|reached|hit|by \d{4})\s+(?:a |an |net |only |just |about |roughly |nearly |almost |around |some )*$"
)


def claims_of(marks: Marks, table: FigureTable, context: Context) -> list[Claim]:
    """The number claims of one sentence, in order; positions are those of the sentence."""
    topics = topics_of(marks, table) or context.topics or faint(marks, table)
    numbers = [
        n
        for n in marks.numbers
        if not (n.spelt and n.role == "plain" and n.value == 1 and not _OF_YEARS.match(marks.low, n.end))
    ]
    values = [n for n in numbers if role_of(marks, n) in ("value", "average")]
    made: list[Claim] = []
    for n in numbers:
        claim = _claim(marks, n, values, numbers, topics, table, context)
        if claim is not None:
            made.append(claim)
    frames = [c.frame for c in made if c.frame.kind == "value"]
    return [replace(c, others=tuple(f for f in frames if f is not c.frame)) for c in made]


def topics_of(marks: Marks, table: FigureTable) -> tuple[str, ...]:
    """The families that a sentence speaks of, those of its strong words first."""
    undated = {m.values[0] for m in marks.families if not re.search(r"\d{4}", marks.text[m.start : m.end])}
    strong = [m.values[0] for m in marks.families if "weak" not in m.values and m.values[0] in undated]
    if strong and any(n.sign for n in marks.numbers):
        strong.append(FLOW)
    if strong and marks.directions and any(table.measures[id].signed for m in marks.editions for id in m.values[:1]):
        strong.append(FLOW)
    if not strong:
        strong += [table.measures[id].family for m in marks.editions for id in m.values]
    if any(m.years[0] >= 1000 for m in marks.bases) and FLOW in table.families:
        strong.append(FLOW)
    weak = [m.values[0] for m in marks.families if "weak" in m.values]
    if not strong and not weak and marks.directions and (marks.places or marks.groups) and FLOW in table.families:
        weak = [FLOW] if any("." in n.text for n in marks.numbers) else []
    return tuple(dict.fromkeys(strong or weak))


def faint(marks: Marks, table: FigureTable) -> tuple[str, ...]:
    """The family of flows where a sentence sets places side by side with a word of flow and no other topic."""
    spoken = (
        marks.directions
        or marks.compares
        and len(marks.places) > 1
        or re.search(r"\b(?:balance|flows?|migration)\b", marks.low)
    )
    return (FLOW,) if spoken and marks.places and FLOW in table.families else ()


def role_of(marks: Marks, n: Number) -> str:
    """What a number of the sentence is: a value, a rank, a total, a count, a multiple, a difference, a change."""
    low = marks.low
    before, after = low[: n.start], low[n.end :]
    whole = n.value == n.value.to_integral_value() and not n.sign
    if n.role == "rank":
        return "rank"
    if n.about in ("over", "under") and any(
        _COUNTED.match(low, v.end) for v in marks.numbers if v.end < n.start and v.step >= 0
    ):
        return "limit"
    if _BEATEN.search(before) and len(marks.places) >= 2:
        return "gap"
    if n.role == "plain" and _TIMES.match(after):
        return "times"
    if n.role == "plain" and whole and n.step == 0 and n.value < 250 and _TOTAL.search(before) and _totals(marks, n):
        return "total"
    if (
        n.role == "plain"
        and whole
        and marks.changes
        and re.match(r"\s+(?:places|spots|ranks|positions|notches|rungs|steps)\b", after)
    ):
        return "change"
    if (
        n.role == "plain"
        and whole
        and n.step == 0
        and n.value < 250
        and _COUNTED.match(after)
        and not re.match(r"\s*per\b", after)
    ):
        return "count"
    if n.role in ("percent", "fraction", "plain") and re.match(
        r"\s*(?:of|of the|of all|of its)\s+(?:(?:the|all|its|\d+|[a-z]+)\s+){0,2}(?:countr|econom|places|nations|states)",
        after,
    ):
        return "share" if n.role != "plain" else "count"
    if (
        n.role == "plain"
        and whole
        and n.step == 0
        and n.value < 250
        and _HAD.match(after)
        and re.search(r"countr|econom|places|nations", low)
    ):
        return "count"
    if n.role == "plain" and whole and _OF_YEARS.match(after):
        return "years"
    near = [m for m in marks.compares if m.values[0] == "gap"]
    if near and n.role in ("plain", "points", "percent") and _gap_number(marks, n, near):
        return "gap"
    if _DIFFERENCE.match(after) and not (n.sign < 0):
        return "gap" if re.search(r"\bthan\b|\babove\b|\bbelow\b|\bahead\b|\bbehind\b|\bapart\b", after) else "value"
    if marks.changes and _change_number(marks, n):
        return "change"
    if marks.averages and any(m.start < n.start or m.start - n.end < 30 for m in marks.averages):
        return "average"
    return "value"


def _totals(marks: Marks, n: Number) -> bool:
    """Whether a number after "of" is a whole that something is counted or ranked in."""
    if _COUNTED.match(marks.low, n.end):
        return True
    before = [v for v in marks.numbers if v.end <= n.start and n.start - v.end < 30]
    return bool(before) and (before[-1].role == "rank" or _HAD.match(marks.low, n.end) is not None)


def _gap_number(marks: Marks, n: Number, near: Sequence[Mark]) -> bool:
    """Whether a number is the difference itself and not one of the two values."""
    for m in near:
        if m.end <= n.start:
            words = marks.gap(m.end, n.start)
            if (
                len(words.split()) <= 7
                and not re.search(r"[(;]\s*$", words)
                and re.search(
                    r"\b(?:of|was|is|by|to|at|stood|comes|amounts|equals|came|reached|totalled|amounted|were|measures)\b|[:=]",
                    words,
                )
            ):
                return True
        elif re.fullmatch(r"\s*(?:points? |percentage points? |units? )?", marks.gap(n.end, m.start)):
            return True
    return False


def _change_number(marks: Marks, n: Number) -> bool:
    """Whether a number is by how much something moved: "by 0.15", "a drop of 0.15", "down 0.15"."""
    low = marks.low
    if _CHANGED.match(low[n.end :]):
        return True
    before = low[: n.start]
    if _TO.search(before) and not re.search(r"\bby\s+(?:[a-z]+ ){0,3}$", before):
        return False
    if n.role in ("percent", "points") and any(
        m.end <= n.start and marks.low[m.end : n.start].strip() in ("", "by", "about", "some", "roughly", "nearly")
        for m in marks.changes
    ):
        return True
    if not _BY.search(before):
        return any(
            m.end <= n.start and not marks.gap(m.end, n.start).strip(" ,:") and m.values[1] in ("rise", "drop", "fall")
            for m in marks.changes
        )
    word = _BY.search(before)
    at = word.start() if word else n.start
    if re.match(r"(?:up|down)\b", low[at:]) and n.role in ("points", "percent"):
        return True
    near = [m for m in marks.changes if m.end <= n.start and len(marks.gap(m.end, at).split()) <= 6]
    if low[at:].startswith("by"):
        return bool(near) or bool(marks.changes)
    return any(
        m.end >= at - 1 or len(marks.gap(m.end, at).split()) == 0 for m in near if m.values[1] not in ("growth",)
    )


def _claim(
    marks: Marks, n: Number, values: Sequence[Number], numbers: Sequence[Number], topics: Sequence[str],
    table: FigureTable, context: Context,
) -> Claim | None:  # fmt: skip
    role = role_of(marks, n)
    if role == "limit":
        return None
    peers = values if n in values else [*values, n]
    b = bound(marks, n, sorted(peers, key=lambda v: v.start))
    kind: Kind = (
        role if role in ("rank", "total", "count", "share", "gap", "times", "change", "average", "years") else "value"
    )  # type: ignore[assignment]
    if not topics or not _may_measure(marks, n, kind):
        return None
    if (kind == "change" or marks.changes and kind == "value") and n.role in (
        "percent",
        "points",
    ):  # "grew by 75%" may itself be what a measure holds
        topics = (*topics, *(m.family for m in table.measures.values() if m.unit.startswith("% change")))
    stated = b
    b = _with_context(b, marks, context)
    soft = _softened(stated, b, marks)
    frame = frame_of(marks, b, kind, n, topics, table, context)
    if frame is None:
        return None
    if not frame.measures and not (
        n.step < 0 or n.sign or n.role in ("percent", "points", "fraction") or n.value >= 1000
    ):
        return None
    weak = not _strong(marks, n, kind, frame, table) or marks.alien or bool(_NOR.search(marks.low))
    if not topics_of(marks, table) and not (n.sign or frame.per >= 1000):
        weak = True  # the topic is that of an earlier sentence
    claim = Claim(
        marks.text[n.start : n.end], n.start, n.end, frame, n.value, n.sign, n.step, n.about, weak, soft,
    )  # fmt: skip
    if kind == "years" and (said := _OF_YEARS.match(marks.low, n.end)) and said["of"]:
        claim = replace(claim, of=number_of(said["of"].strip()))
    if kind == "total":
        ahead = [t for t in numbers if t.end <= n.start and t.role == "rank" and n.start - t.end < 40]
        claim = replace(claim, of=ahead[-1].value if ahead else None)
    if kind in ("rank", "count"):
        follows = [t for t in numbers if t.start >= n.end and role_of(marks, t) == "total" and t.start - n.end < 40]
        claim = replace(claim, of=follows[0].value if follows else None)
    return claim


_PRONOUN = re.compile(
    r"\b(?:it|its|they|their|there|the country|this country|the rate|the figure|the value|the flow|the net|the balance|the same year|that year)\b"
)
_NOR = re.compile(r"\b(?:neither|nor|cannot|could not|not confirm)\b")


def _softened(stated: Bound, b: Bound, marks: Marks) -> tuple[str, ...]:
    """Which parts of a frame an earlier sentence has to supply, where no pronoun points back to it."""
    if _PRONOUN.search(marks.low):
        return ()
    return tuple(
        w for w, supplied in (("place", b.places != stated.places), ("year", b.years != stated.years)) if supplied
    )


def _with_context(b: Bound, marks: Marks, context: Context) -> Bound:
    if not b.places and not marks.groups:
        b = replace(b, places=context.places)
    if not b.years and not re.search(r"\b(?:19|20)\d\d\b", marks.text):
        b = replace(b, years=context.years)
    return b


def frame_of(
    marks: Marks, b: Bound, kind: Kind, n: Number | None, topics: Sequence[str], table: FigureTable, context: Context
) -> Frame | None:
    """The frame of a claim from what is bound to it; None where no family fits its unit."""
    named = b.edition.values if b.edition else ()
    narrow = b.narrow.values if b.narrow else ()
    measures: list[str] = []
    edition = False
    for t in topics:
        order = table.families[t].order if t in table.families else ()
        chosen = [m for m in order if m in named]  # a report that is named is so for the families it has
        edition = edition or 0 < len(chosen) < len(order) and "revis" not in marks.low
        chosen = (
            [] if "revis" in marks.low else chosen
        )  # "revised from 1.48 to 3.56": one of them is of another edition
        chosen = chosen or list(order)
        measures += [m for m in chosen if m in narrow] or chosen
    if n is not None:
        measures = [m for m in measures if _fits(n, kind, b, m, table, marks)]
    per = b.base.years[0] if b.base else 100 if n is not None and n.role in ("percent", "fraction") else 0
    said = (
        b.base.values if b.base else _of_whom(marks, n) if n is not None and n.role in ("percent", "fraction") else ()
    )
    group = marks.groups[0].values[0] if marks.groups else ""
    direction = b.direction
    frame = Frame(kind, b.places, b.years, tuple(dict.fromkeys(measures)), edition, per, said, direction, group=group)
    frame = replace(frame, near=tuple(dict.fromkeys(c for m in marks.places for c in m.values)))
    return _shaped(marks, n, frame)


def _of_whom(marks: Marks, n: Number) -> tuple[str, ...]:
    """The denominator behind a percentage: "% of LinkedIn members"."""
    from assistant.marks import denominators

    rest = marks.low[n.end : n.end + 60]
    if not re.match(r"\s*of\b", rest):
        return ()
    stop = re.search(
        r"[,.;:()]|\s(?:in (?=\d)|was|were|is|are|by|while|but|and|at|with (?!ai|the)|who|count|qualif)\b", rest
    )
    return denominators(rest[: stop.start()] if stop else rest)


def _shaped(marks: Marks, n: Number | None, f: Frame) -> Frame:
    """The parts of a frame that its kind alone has."""
    out = [m for m in marks.directions if m.values[0] == "out"]
    if f.kind == "rank" and n is not None:
        return rank_shape(marks, n.start, n.end, f)
    if f.kind == "years":
        return replace(_count_shape(marks, f, n), places=f.places, years=all_years(marks) or f.years)
    if f.kind in ("count", "share"):
        return _count_shape(marks, f, n)
    if f.kind in ("change", "moved"):
        word = _nearest(marks.changes, n.start if n else 0)
        way = word.values[0] if word and word.values[0] != "any" else ""
        if n is not None and re.match(r"\s*(?:-?points? )?swing", marks.low[n.end :]):
            way = ""
        sized = bool(out) and not (word and word.values[1] in _SOUND)
        years = f.years if len(f.years) == 2 else all_years(marks) or f.years
        return replace(f, direction=way, sized=sized, years=years, percent=n is not None and n.role == "percent")
    if f.kind in ("gap", "times"):
        places = tuple(dict.fromkeys(c for m in marks.places for c in m.values)) or f.places
        years = all_years(marks) or f.years
        word = _nearest(marks.compares, n.start if n else 0)
        way = word.values[0] if word and word.values[0] in ("more", "less") else ""
        if n is not None and (said := _DIFFERENCE.match(marks.low[n.end :])):
            way = (
                "less"
                if re.search(r"lower|less|below|behind|smaller|fewer|worse", said.group())
                else ""
                if "apart" in said.group()
                else "more"
            )
        return replace(f, places=places, years=years, direction=way, sized=bool(out))
    if f.kind == "average":
        places = tuple(dict.fromkeys(c for m in marks.places for c in m.values)) or (() if f.group else f.places)
        median = any(m.values[0] == "median" for m in marks.averages)
        return replace(f, places=places, years=all_years(marks) or f.years, median=median)
    return f


def rank_shape(marks: Marks, start: int, end: int, f: Frame) -> Frame:
    """From which end a rank counts, by the words around it."""
    near = [m for m in marks.ranks if m.values[0] in ("top", "bottom") and -25 <= m.start - end <= 25]
    low = marks.low[max(0, start - 30) : end + 45]
    word = min(near, key=lambda m: abs(m.start - end)) if near else None
    loss = [m for m in marks.directions if m.values[0] == "out" and -40 <= m.start - end <= 60]
    gain = [m for m in marks.directions if m.values[0] == "in" and -40 <= m.start - end <= 60]
    bottom = bool(re.search(r"from (?:the )?(?:bottom|last|foot|end)|\bto last\b", low)) or bool(
        word and word.values[0] == "bottom"
    )
    if loss and not gain and word is not None and word.values[1] in _LOSS_RANKS:
        return replace(f, bottom=word.values[0] == "top", sized=True, direction="")
    if (
        loss
        and not gain
        and word is None
        and re.search(r"(?:among|of) (?:the )?(?:net )?(?:losers|exporters|outflow)", low)
    ):
        return replace(f, bottom=True, sized=True, direction="")
    return replace(f, bottom=bottom, sized=bool(bottom and gain), direction="")


def _count_shape(marks: Marks, f: Frame, n: Number | None) -> Frame:
    """Above or below which value the counted places lie."""
    at = n.end if n else 0
    limits = [
        v for v in marks.numbers if v.start > at and v.about in ("over", "under") and role_of(marks, v) != "total"
    ]
    places = () if n is not None else f.places
    if limits:
        v = limits[0]
        sign = -1 if v.sign < 0 else 1
        return replace(f, places=places, direction="more" if v.about == "over" else "less", limit=v.value * sign)
    word = next((m.values[0] for m in marks.directions), "")
    return replace(f, places=places, direction={"in": "more", "out": "less"}.get(word, ""), limit=Decimal(0))


def _nearest(items: Sequence[Mark], at: int) -> Mark | None:
    return min(items, key=lambda m: (abs(m.start - at) + (15 if m.start > at else 0), m.start), default=None)


def all_years(marks: Marks) -> tuple[int, ...]:
    """Every year of a sentence, ascending, each once."""
    return tuple(sorted({y for m in marks.years for y in m.years}))


def _fits(n: Number, kind: Kind, b: Bound, measure: str, table: FigureTable, marks: Marks) -> bool:
    """Whether a number of this unit can be of this measure."""
    m = table.measures[measure]
    if m.unit.startswith("% change") and not marks.years:
        return False
    if kind in ("rank", "total"):
        return True
    if kind in ("count", "share", "times", "gap", "years"):
        return m.kind != "rank"
    if n.role == "points":
        return kind in ("change", "gap") and m.kind in ("share", "stock")
    if kind == "change" and n.role == "percent":
        return True
    if n.role in ("percent", "fraction"):
        return m.kind in ("share", "stock", "flow")
    if b.base is not None:
        return m.kind in ("flow", "share", "stock")
    if m.kind == "count":
        return n.value >= 100 and n.step >= 0
    if m.kind == "rank":
        return n.role == "rank"
    return m.kind == "flow" or n.step < 0


def _strong(marks: Marks, n: Number, kind: Kind, frame: Frame, table: FigureTable) -> bool:
    """Whether a number surely speaks of its measures, so that a mismatch is a fault."""
    kinds = {table.measures[m].kind for m in frame.measures}
    if kind in ("rank", "total"):
        return True
    if kind in ("count", "share", "years"):
        return bool(frame.direction) and (kind != "years" or bool(frame.places))
    if kind == "times":
        return len(frame.places) <= 2
    if kind in ("gap", "change", "average"):
        return n.step < 0 or bool(n.sign) or n.role != "plain" or "count" in kinds
    if frame.per >= 1000 or n.sign or n.step < 0:
        return True
    if n.role in ("percent", "fraction"):
        return bool(kinds & {"share", "stock"})
    return "count" in kinds and n.value >= 1000 or kinds == {"rank"}


def _may_measure(marks: Marks, n: Number, kind: Kind) -> bool:
    """Whether what stands behind a number is a unit that a table could hold, and not "5,000 visas"."""
    if kind in ("rank",):
        return _ranked(marks, n)
    if (
        n.step < 0
        or n.sign
        or n.role in ("percent", "points", "fraction")
        or _based(marks, n)
        or kind in ("total", "count", "times", "share", "gap", "change", "years")
    ):
        return True
    follows = [m for m in (*marks.places, *marks.groups, *marks.years, *marks.editions, *marks.bases, *marks.directions, *marks.families)
               if n.end <= m.start and not marks.low[n.end : m.start].strip(" -(")]  # fmt: skip
    if follows:
        return True
    word = _NEXT.match(marks.low, n.end)
    said = (word[1] or "") if word else ""
    return not said or not said[0].isalpha() or said in _UNITS or said in _AFTER or said.split("-")[0] in _UNITS


def _based(marks: Marks, n: Number) -> bool:
    """Whether a base stands close behind a number, or opens its clause."""
    return any(
        b.start >= n.end
        and len(marks.gap(n.end, b.start).split()) <= (1 if n.spelt else 6)
        or b.end <= n.start
        and not n.spelt
        for b in marks.bases
    )


def _ranked(marks: Marks, n: Number) -> bool:
    """Whether an ordinal is a rank, and not "the first country to" or "the second quarter"."""
    low = marks.low
    before, after = low[max(0, n.start - 40) : n.start], low[n.end : n.end + 30]
    if not n.spelt and not (before.endswith("the ") and not re.match(r"\s*-?[a-z]", after)):
        return (
            re.search(r"\bbetween\s+(?:\w+ and )?$", before) is None and re.search(r"between \w+ and $", before) is None
        )
    superlative = any(m.values[0] in ("top", "bottom") and 0 <= m.start - n.end <= 1 for m in marks.ranks)
    placed = re.search(
        r"\b(?:rank(?:s|ed|ing)?|place[ds]?|took|takes|claimed|earned|held|slid|fell|rose|climbed|slipped|dropped|moved|to|stood|stands|came|comes|coming|was|is|finished|sat|sits|in|at|lay|position|number|standing)\s+(?:only\s+|a\s+|the\s+|at\s+|in\s+|joint\s+|just\s+)*$",
        before,
    )
    behind = re.match(
        r"\s*(?:place|position|prize|spot|slot|of\b|out of|among (?:all |the |\d+ )*(?:countr|econom|place|nation|state|oecd|g7|eu\b|nordic|member|\d)|overall|from|to last|in|on|worldwide|globally|with|at|,|\.|;|\)|$|for\b|behind|ahead|and\b|by\b|last|in \d)",
        after,
    )
    listed = bool(marks.ranks) and re.match(r"\s*(?:,|and|with|\(|at|$|\.)", after)
    return (
        superlative
        or bool(placed and behind)
        or bool(listed and placed)
        or bool(re.match(r"\s*(?:place|position|prize|spot|from (?:the )?bottom|out of|of \d|went to)", after))
    )


def raw_compare() -> frozenset[str]:
    """The words of comparison that speak of the signed value, not of a size."""
    return _SIGNED
