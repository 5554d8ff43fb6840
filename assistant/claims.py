"""The claims of a sentence: each number, comparison, rank, change and direction with its frame.

What a claim says is here; whether it is so is the business of `judge`. A number that speaks of
nothing the tables measure makes no claim, or one that is marked `weak` and never contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.frames import Bound, bound
from assistant.framing import Context, Frame, faint, frame_of, meant, strong, topics_of
from assistant.marks import Marks
from assistant.measurable import may_measure
from assistant.numbers import Number, number_of
from assistant.roles import KINDS, OF_YEARS, role_of
from corpus.figures import FigureTable


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


def claims_of(marks: Marks, table: FigureTable, context: Context) -> list[Claim]:
    """The number claims of one sentence, in order; positions are those of the sentence."""
    topics = topics_of(marks, table) or context.topics or faint(marks, table)
    numbers = [
        n
        for n in marks.numbers
        if not (n.spelt and n.role == "plain" and n.value == 1 and not OF_YEARS.match(marks.low, n.end))
        or re.search(r"\b(?:only|just|exactly|precisely) $", marks.low[: n.start])
    ]
    values = [n for n in numbers if role_of(marks, n) in ("value", "average")]
    made: list[Claim] = []
    for n in numbers:
        claim = _claim(marks, n, values, numbers, topics, table, context)
        if claim is None and topics and _quantity(marks, n):
            claim = Claim(marks.text[n.start : n.end], n.start, n.end, Frame("value"), n.value, weak=True)
        if claim is not None:
            made.append(claim)
    frames = [c.frame for c in made if c.frame.kind == "value"]
    return [replace(c, others=tuple(f for f in frames if f is not c.frame)) for c in made]


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
    if role == "limit":
        return None
    alike = [m for m in numbers if m.role == "rank"] if role == "rank" else []
    peers = values if n in values else alike if n in alike and len(alike) > 1 else [*values, n]
    b = bound(marks, n, sorted(peers, key=lambda v: v.start))
    kind = KINDS.get(role, "value")
    if not topics or not may_measure(marks, n, kind):
        return None
    grown = kind == "change" or marks.changes and kind == "value"
    if (
        grown and n.role in ("percent", "points") and "concentration" in marks.low
    ):  # "grew by 75%" may itself be what a measure holds
        topics = (*topics, *(m.family for m in table.measures.values() if m.unit.startswith("% change")))
    if kind == "value" and len(b.years) == 2:  # "rose by 4,000 between 2019 and 2021, to 129,000"
        said = _AT_END.search(marks.low[: n.start])
        b = replace(b, years=b.years if said is None else b.years[:1] if said[1] == "from" else b.years[1:])
    stated = b
    b = _with_context(b, marks, context)
    soft = _softened(stated, b, marks)
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
    if weak and n.spelt and n.value and n.role == "plain" and kind in ("value", "average"):
        return None  # "five values"
    value = n.value / 100 if kind == "times" and n.role == "fraction" else n.value
    claim = Claim(
        marks.text[n.start : n.end], n.start, n.end, frame, value, n.sign, n.step, n.about, weak, soft,
    )  # fmt: skip
    if kind == "years" and (said := OF_YEARS.match(marks.low, n.end)) and said["of"]:
        claim = replace(claim, of=number_of(said["of"].strip()))
    if kind == "total":
        ahead = [t for t in numbers if t.end <= n.start and t.role == "rank" and n.start - t.end < 40]
        claim = replace(claim, of=ahead[-1].value if ahead else None)
    if kind in ("rank", "count"):
        follows = [t for t in numbers if t.start >= n.end and role_of(marks, t) == "total" and t.start - n.end < 40]
        claim = replace(claim, of=follows[0].value if follows else None)
    return claim


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
