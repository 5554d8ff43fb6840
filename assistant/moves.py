"""Words of change: "rose between 2020 and 2023", "0.36, up from 0.30", "fell to 1.046% in 2025"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.claims import Claim
from assistant.comparisons import framed, growth, worded
from assistant.frames import Bound
from assistant.framing import SOUND, Context, all_years
from assistant.mark import Mark
from assistant.marks import Marks
from corpus.figures import FigureTable

NEGATED = re.compile(
    r"\b(?:not|cannot|no|never|neither|nor|without|n't|whether|if|would|could|may|might|should|will|"
    r"plans? to|aims? to|hopes? to)\s+(?:[a-z]+\s+){0,3}$|\bto\s+$"
)
_OPENING = re.compile(r"(more|fewer|less) [a-z]")  # "More researchers work abroad: 42% in 2022, 55% in 2019"
_TO_END = re.compile(r"(?:back |again |by \S+ )?to(?: [a-z]+){0,4}")


def moved(
    marks: Marks, numbers: Sequence[Claim], b: Bound, topics: Sequence[str], table: FigureTable, context: Context
) -> list[Claim]:
    """ "Rose between 2020 and 2023" of one place, and "A, up from B" of two values."""
    words = [m for m in marks.changes if m.values[0] != "any" and not NEGATED.search(marks.low[: m.start])]
    if (opening := _OPENING.match(marks.low)) and "than" not in marks.low:
        words.append(Mark(0, opening.end(), ("up" if opening[1] == "more" else "down", opening[1])))
    made: list[Claim] = []
    values = [c for c in numbers if c.frame.kind in ("value", "rank") and len(c.frame.years) == 1 and c.frame.measures]
    for m in words:
        pair = _ends_of(marks, m, values)
        if pair is None:
            made += _from_the_last(marks, m, values, table)
            continue
        if any(c.frame.kind == "rank" and table.measures[c.frame.measures[0]].kind != "rank" for c in pair):
            continue
        first, second = sorted(pair, key=lambda c: c.frame.years)
        out = {c.frame.direction for c in pair} == {"out"} or all(c.sign < 0 for c in pair)
        years = (first.frame.years[0], second.frame.years[0])
        sized = out and m.values[1] not in SOUND and not all(c.sign for c in pair)
        measures = tuple(dict.fromkeys((*first.frame.measures, *second.frame.measures)))
        way = m.values[0]
        if all(c.frame.kind == "value" and table.measures[c.frame.measures[0]].kind == "rank" for c in pair):
            way = {"up": "down", "down": "up"}[way]  # "the rank rose from 36 to 43": the number did
        frame = replace(first.frame, kind="moved", years=years, direction=way, sized=sized, measures=measures)
        made.append(worded(marks, m, replace(frame, per=0, denominators=()), weak=first.weak or second.weak))
    words = [m for m in words if m.start]
    if made or len(b.places) > 1 or len(b.years) != 2 or marks.groups or not words:
        return made
    if any(c.frame.kind == "change" for c in numbers) or len({m.values[0] for m in words}) != 1:
        return []
    end = _led_to(marks, words[0], values)
    if end is not None and end.frame.years[0] != max(b.years):
        return []
    whole = framed(marks, b, "moved", topics, table, context)
    if whole is not None and not b.places:  # a measure of the world as a whole, or of one place
        whole = replace(whole, measures=tuple(m for m in whole.measures if len(table.places(m)) == 1))
    if whole is not None and "ai_talent_concentration" in topics:
        whole = replace(whole, measures=(*whole.measures, *growth(table)))
    if whole is None or not whole.measures:
        return []
    return [worded(marks, words[0], whole)]


def _from_the_last(marks: Marks, m: Mark, values: Sequence[Claim], table: FigureTable) -> list[Claim]:
    """ "Fell to 1.046% in 2025" of one dated value: from the last year that its measure holds before."""
    near = [c for c in values if c.frame.kind == "value" and c.frame.places]
    end = min(near, key=lambda c: abs(c.start - m.start), default=None)
    if (
        end is None
        or end.weak
        or len(marks.changes) > 1
        or len(all_years(marks)) > 1
        or len(near) > 1
        or len({c.frame.years for c in near}) > 1
    ):
        return []
    year, place = end.frame.years[0], end.frame.places[0]
    held = {y for x in end.frame.measures for y in table.series(x, place) if y is not None and y < year}
    if not held or "ai_talent_concentration_change" in {table.measures[x].family for x in end.frame.measures}:
        return []
    sized = m.values[1] not in SOUND and not end.sign and end.frame.direction == "out"
    frame = replace(
        end.frame, kind="moved", years=(max(held), year), direction=m.values[0], sized=sized, span=(0, year)
    )
    return [worded(marks, m, replace(frame, per=0, denominators=()))]


def _led_to(marks: Marks, m: Mark, values: Sequence[Claim]) -> Claim | None:
    """The value that a word of change leads to: "dipped to a net loss of 0.39"."""
    return next(
        (c for c in values if c.start >= m.end and _TO_END.fullmatch(" ".join(marks.gap(m.end, c.start).split()))), None
    )


def _ends_of(marks: Marks, m: Mark, values: Sequence[Claim]) -> tuple[Claim, Claim] | None:
    """The two values of one place that a word of change joins, the nearest to it."""
    end = _led_to(marks, m, values)
    if end is not None:
        values = [end, *(c for c in values if c.frame.years < end.frame.years)]
    near = sorted(values, key=lambda c: abs(c.start - m.start) + (0 if c.start > m.start else 12))[:3]
    for one in near:
        for other in near:
            a, b = one.frame, other.frame
            if one is not other and a.places == b.places and a.years != b.years and {*a.measures} & {*b.measures}:
                return one, other
    return None
