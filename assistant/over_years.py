"""What is said of a place's own years: "its best being 2021", "better than in 2022 or 2023", "never crossed zero".

Readings of words that no claim took up, each of the series of a cell that the sentence names. As all second
readings they only add a claim where it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.framing import LOSS_RANKS, all_years
from assistant.judge import Judge, Verdict
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.named import Named, held, turned
from assistant.result import Result
from assistant.wordlists import raw_words
from corpus.types import Figure

_ENDS = {w: end for end in ("top", "bottom") for w in raw_words()["rank"][end]}
_OWN = re.compile(r"(?:\b(?:its|their|his|her)|'s|s')(?: [a-z]+)? $")
_OF_THESE = re.compile(r"\bthe $")
_BEING = re.compile(r"\s*(?:[a-z]+ ){0,2}?(?:being|was|came|of (?:these|them|those|all|the (?:[a-z]+ )?years))\b")
_UNTIL = re.compile(r"\b(?:until|till|before|up to) (?:the |its |then )?")
_THAN = re.compile(
    r"\s*(?:[a-z]+ )?(?:in |during )?(?:(?:[^;.]|\.(?=\d)){0,40}?)\bthan (?:in )?(?:either |both |each of )?"
)
_ONE_SIGN = re.compile(
    r"\s*(?:once )?(?:cross(?:ed|es|ing)? (?:zero|the line)|chang(?:ed|es|ing) (?:its )?sign|turn(?:ed|s|ing)? round|"
    r"(?P<out>(?:got|gets|get|came|come|climbed|been|moved|risen) out of (?:the )?(?:red|minus|negative)|left the red|"
    r"(?:been|was|turned|reached) (?:positive|in the black|above zero|in the plus))|"
    r"(?P<out_year>(?:to )?(?:post|see|record|have|had|book|seen|posted|recorded|enjoy|enjoyed) an? (?:single )?"
    r"(?:positive|winning|good) (?:year|reading|value))|"
    r"(?P<in>(?:been|was|turned|fell|fallen|slipped|dipped) (?:negative|in the red|into the red|below zero)))\b"
)
_LEAST = 3  # years


def own_extreme(judge: Judge, marks: Marks, start: int, end: int, named: Sequence[Named]) -> Iterator[Verdict]:
    """ "Its best showing until the 0.886 of 2023", "the worst being 349.16 in 2017": of the years of the place."""
    word, before = marks.low[start:end], marks.low[:start]
    own = _OWN.search(before) or _OF_THESE.search(before) and _BEING.match(marks.low, end)
    near = sorted(named, key=lambda n: (n.start < end, abs(n.start - end)))
    if word not in _ENDS or not own or not near:
        return
    until = _UNTIL.search(marks.low, end)
    later = [n for n in near if until and n.start >= until.end()]
    said = [n for n in near if n not in later]
    if until and (not later or not said):
        return
    cell = said[0].figure
    limit = later[0].figure.year if later else None
    rows = _rows(judge, marks, cell, limit)
    lost = cell.value < 0 and word in LOSS_RANKS
    top = (_ENDS[word] == "top") != lost
    values = [c.value for c in rows]
    beaten = not later or (later[0].figure.value > cell.value) == top and later[0].figure.place == cell.place
    if len(rows) >= (_LEAST if limit is None else 2) and beaten and cell.value == (max(values) if top else min(values)):
        yield held(Mark(start, end), marks, "peak", Result(cell.value, (cell,), False), (cell.place,))


def _rows(judge: Judge, marks: Marks, cell: Figure, limit: int | None) -> list[Figure]:
    """The years of a cell's place that the sentence speaks of: those of its range, or before a year, or all."""
    series = judge.table.series(cell.measure, cell.place).items()
    rows = {y: c for y, c in series if y is not None}
    if limit is not None:
        return [c for y, c in rows.items() if y < limit]
    ranges = [y.years for y in marks.years if len(y.years) == 2]
    if not ranges:
        return list(rows.values())
    return [c for y, c in rows.items() if ranges[0][0] <= y <= ranges[0][1]]


def than_years(judge: Judge, marks: Marks, m: Mark, named: Sequence[Named]) -> Iterator[Verdict]:
    """ "Did better in 2022 (1.048) than in either 2021 or 2023": the year of its cell against each of the others."""
    said = _THAN.match(marks.low, m.end)
    if said is None or not named:
        return
    years = [y for y in marks.years if y.start >= said.end() and len(y.years) == 1]
    cells = sorted(named, key=lambda n: abs(n.start - m.start))
    if not years or years[0].start - said.end() > 2:
        return
    own = cells[0].figure
    others = [judge.table.cell(own.measure, own.place, y.years[0]) for y in years]
    ways = {own.value > o.value for o in others if o is not None}
    for mark, other in zip(years, others, strict=True):
        if other is None or other.year == own.year:
            return
        if other.value == own.value or len(ways) > 1:
            return
        span = Mark(m.start if mark is years[0] else mark.start, mark.end)
        result = Result(own.value - other.value, (own, other), False)
        told = held(span, marks, "moved", result, (own.place,))
        yield told if ways == {m.values[0] == "more"} else turned(told, "direction")


def never(judge: Judge, marks: Marks, start: int, end: int, named: Sequence[Named]) -> Iterator[Verdict]:
    """ "It never crossed zero", "never got out of the red": of all years that the sentence spans."""
    said = _ONE_SIGN.match(marks.low, end)
    if said is None or not named or len({n.figure.place for n in named}) != 1:
        return
    cell = named[0].figure
    span = all_years(marks)
    rows = {y: c for y, c in judge.table.series(cell.measure, cell.place).items() if y is not None}
    if len(span) > 1:
        rows = {y: c for y, c in rows.items() if span[0] <= y <= span[-1]}
    signs = {c.value > 0 for c in rows.values()}
    wanted = {False} if said["out"] or said["out_year"] else {True} if said["in"] else signs
    if len(rows) >= _LEAST and len(signs) == 1 and signs == wanted:
        yield held(
            Mark(start, said.end()), marks, "every", Result(cell.value, tuple(rows.values()), False), (cell.place,)
        )


def results_moved(marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """ "Before the average fell to 0.61", "the number of gainers dropped": between two results of one group."""
    means = [v for v in verdicts if v.outcome == "supported" and v.claim.frame.kind in ("average", "count")]
    means = [v for v in means if len(v.claim.frame.years) == 1]
    if len(means) != 2 or m.values[0] not in ("up", "down"):
        return
    early, late = sorted(means, key=lambda v: v.claim.frame.years)
    a, b = early.claim.frame, late.claim.frame
    counted = a.kind != "count" or (a.direction, a.limit) == (b.direction, b.limit)
    alike = counted and (a.kind, a.group, a.places) == (b.kind, b.group, b.places)
    if early.right is None or late.right is None or early.claim.frame.years == late.claim.frame.years or not alike:
        return
    diff = late.right.value - early.right.value
    said = held(m, marks, "moved", Result(diff, late.right.figures, False), late.claim.frame.places)
    if diff:
        yield said if (diff > 0) == (m.values[0] == "up") else turned(said, "direction")
