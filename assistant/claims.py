"""The claims of a sentence: each number, comparison, rank, change and direction with its frame.

What a claim says is here; whether it is so is the business of `judge`. A number that speaks of
nothing the tables measure makes no claim, or one that is marked `weak` and never contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.frames import Bound, bound, runs
from assistant.framing import Context, Frame, faint, frame_of, meant, strong, topics_of
from assistant.marks import Marks
from assistant.measurable import may_measure
from assistant.numbers import Number, number_of
from assistant.roles import COUNTED, KINDS, OF_YEARS, role_of
from corpus.figures import FigureTable

WORLD = "WLD"


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
    subject: str = ""  # of a multiple: the place that is said to be so many times another
    others: tuple[Frame, ...] = ()  # frames of the same sentence, for naming a swap


def claims_of(marks: Marks, table: FigureTable, context: Context) -> list[Claim]:
    """The number claims of one sentence, in order; positions are those of the sentence."""
    topics = topics_of(marks, table) or context.topics or faint(marks, table)
    numbers = [
        n
        for n in marks.numbers
        if not (n.spelt and n.role == "plain" and n.value == 1 and not OF_YEARS.match(marks.low, n.end))
        or re.search(r"\b(?:only|just|exactly|precisely) $", marks.low[: n.start])
        or _rated(marks, n)
    ]
    values = [n for n in numbers if role_of(marks, n) in ("value", "average")]
    made: list[Claim] = []
    for n in numbers:
        claim = _claim(marks, n, values, numbers, topics, table, context)
        if claim is None and topics and not _listed(marks, n) and _quantity(marks, n):
            claim = Claim(marks.text[n.start : n.end], n.start, n.end, Frame("value"), n.value, weak=True)
        if claim is not None:
            made.append(claim)
    made = _sequence(marks, made)
    frames = [c.frame for c in made if c.frame.kind == "value"]
    return [replace(c, others=tuple(f for f in frames if f is not c.frame)) for c in made]


def _rated(marks: Marks, n: Number) -> bool:
    """Whether "one" is a rate or stands beside a bound: "one person per 1,000", "just under one"."""
    base = next((b for b in marks.bases if b.start >= n.end), None)
    if n.value != 1 or n.role != "plain":
        return False
    near = base is not None and len(marks.low[n.end : base.start].split()) <= 4
    return near or bool(n.about) and _ENDS.match(marks.low, n.end) is not None


_ENDS = re.compile(r"\s*(?:[.,;:)!]|$|(?:ai )?(?:person|specialist|worker|expert|professional)\b)")
_THEN = re.compile(
    r"\b(?:then|before|and later)\b[^;.\d]{0,40}\b(?:to|at|by) (?:just |only |about |a mere |plus |minus )?$|"
    r"\b(?:then|before) (?:[a-z]+ ){0,3}to $"
)


def _sequence(marks: Marks, made: Sequence[Claim]) -> list[Claim]:
    """The claims, with the year after for a number that only follows another: "fell back to 5.25, then to 0.62"."""
    told: list[Claim] = []
    for c in made:
        last = told[-1] if told else None
        if (
            last is not None
            and c.frame.kind == last.frame.kind == "value"
            and c.frame.places == last.frame.places
            and len(last.frame.years) == 1
            and len(c.frame.years) == 1
            and c.frame.years[0] <= last.frame.years[0]
            and _THEN.search(marks.low[last.end : c.start])
            and not any(last.end <= y.start <= c.end + 12 for y in marks.years)
        ):
            c = replace(c, frame=replace(c.frame, years=(last.frame.years[0] + 1,)))
        told.append(c)
    return told


def _grew(numbers: Sequence[Number]) -> bool:
    """Whether a sentence gives a growth that no share could be: a rank beside it is one of growth."""
    return any(n.role == "percent" and n.value >= 10 for n in numbers)


def _subject(marks: Marks, n: Number, numbers: Sequence[Number]) -> str:
    """Which place is so many times another: the one right before, or the first of "A beats B four times over"."""
    near = [p for p in marks.places if p.end <= n.start and not any(p.end <= v.start < n.start for v in numbers)]
    if near:
        return near[-1].values[0]
    over = re.match(r"\s*times over\b", marks.low[n.end :]) and marks.places
    return marks.places[0].values[0] if over else ""


def _listed(marks: Marks, n: Number) -> bool:
    """Whether a number only counts the places that are named beside it: "three countries: A, B and C"."""
    alike = {len(r) for r in runs(marks, [p for p in marks.places if not p.narrow])}
    return n.step == 0 and n.value in alike and n.value > 1 and COUNTED.match(marks.low, n.end) is not None


def _quantity(marks: Marks, n: Number) -> bool:
    """Whether a number that no frame takes still measures something, so that it may not pass unread."""
    if role_of(marks, n) == "limit" or n.role == "rank":
        return False
    return n.role != "plain" or n.step < 0 or bool(n.sign) or n.value >= 1000 and not n.spelt


def _claim(
    marks: Marks, n: Number, values: Sequence[Number], numbers: Sequence[Number], topics: Sequence[str],
    table: FigureTable, context: Context,
) -> Claim | None:  # fmt: skip
    role = role_of(marks, n)
    if role == "limit" or role == "count" and _listed(marks, n):
        return None
    alike = [m for m in numbers if m.role == "rank"] if role == "rank" else []
    peers = values if n in values else alike if n in alike and len(alike) > 1 else [*values, n]
    b = bound(marks, n, sorted(peers, key=lambda v: v.start))
    kind = KINDS.get(role, "value")
    if not topics or not may_measure(marks, n, kind):
        return None
    grown = kind == "change" or (marks.changes or _UP.search(marks.low[: n.start])) and kind == "value"
    if (grown and n.role in ("percent", "points") or kind == "rank" and marks.changes and _grew(numbers)) and (
        "concentration" in marks.low or "ai_talent_concentration" in topics
    ):  # "grew by 75%" may itself be what a measure holds
        topics = (*topics, *(m.family for m in table.measures.values() if m.unit.startswith("% change")))
    if kind == "value" and len(b.years) == 2:  # "rose by 4,000 between 2019 and 2021, to 129,000"
        said = _AT_END.search(marks.low[: n.start])
        b = replace(b, years=b.years if said is None else b.years[:1] if said[1] == "from" else b.years[1:])
    stated = b
    b = _with_context(b, marks, context)
    if not b.places and not marks.groups and _HOME.search(marks.low):
        b = replace(b, places=("KOR",))  # the country of the body that speaks
    soft = _softened(stated, b, marks)
    if kind == "rank" and WORLD in b.places:  # "third worldwide" says what it is one among
        nations = tuple(dict.fromkeys(c for p in marks.places if p.end <= n.start for c in p.values if c != WORLD))
        b = replace(b, places=nations[-1:] or context.places)
    frame = frame_of(marks, b, kind, n, topics, table, context)
    if frame is None:
        return None
    if not _holds(frame, table) and (second := [t for t in meant(marks) if t not in topics]):
        other = frame_of(marks, b, kind, n, second, table, context)
        frame = other if other is not None and _holds(other, table) else frame
    if not frame.measures and not (
        n.step < 0 or n.sign or n.role in ("percent", "points", "fraction") or n.value >= 1000
    ):
        return None
    weak = not strong(marks, n, kind, frame, table) or marks.alien or bool(_NOR.search(marks.low))
    if not topics_of(marks, table) and not (frame.per >= 1000 or n.sign and context.topics):
        weak = True  # the topic is that of an earlier sentence, or a guess
    if weak and n.spelt and n.value and not _rated(marks, n) and n.role == "plain" and kind in ("value", "average"):
        return None  # "five values"
    value = n.value / 100 if kind == "times" and n.role == "fraction" else n.value
    claim = Claim(
        marks.text[n.start : n.end], n.start, n.end, frame, value, n.sign, n.step, n.about, weak, soft,
    )  # fmt: skip
    if kind == "times":
        claim = replace(claim, subject=_subject(marks, n, numbers))
    if kind == "years" and (said := OF_YEARS.match(marks.low, n.end)) and said["of"]:
        claim = replace(claim, of=number_of(said["of"].strip()))
    if kind == "total":
        ahead = [t for t in numbers if t.end <= n.start and t.role == "rank" and n.start - t.end < 40]
        claim = replace(claim, of=ahead[-1].value if ahead else None)
    if kind in ("rank", "count"):
        follows = [t for t in numbers if t.start >= n.end and role_of(marks, t) == "total" and t.start - n.end < 40]
        claim = replace(claim, of=follows[0].value if follows else None)
    return claim


_UP = re.compile(r"\b(?:up|down) (?:by )?(?:about |some |over |nearly |almost )?$")
_HOME = re.compile(r"\bbank of korea\b|\bkorean bill\b|\bstatement of reasons\b|\bkcci\b|\bsgi\b|\bbok\b")
_AT_END = re.compile(
    r"\b(to|from|reach(?:ing|ed)|hit(?:ting)?|end(?:ing|ed)(?: up)? at|finish(?:ing|"
    r"ed) at) (?:about |some |around |nearly |roughly )?$"
)


def _holds(frame: Frame, table: FigureTable) -> bool:
    """Whether the table has anything for the places and years of a frame."""
    return any(
        not frame.places or table.places(m) & {*frame.places, "WLD"}
        for m in frame.measures
        if not frame.years or {*frame.years} & {*table.years(m)} or not table.years(m)
    )


_PRONOUN = re.compile(
    r"\b(?:it|its|they|their|there|the country|this country|the rate|the figure|the value|the "
    r"flow|the net|the balance|the same year|that year)\b"
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
