"""What is said of places set beside others: "just behind at 0.92", "second only to Cyprus", "mirrors Korea's loss".

Second readings, as in `second`: each adds a claim only where it holds of the cells that the sentence names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.judge import Judge, Verdict
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.named import Named, held, turned
from assistant.result import Result

_PLACED = {"behind": -1, "ahead": 1}
_ONLY_TO = re.compile(r"\b(?:only|just) to(?: the)? $")
_MIRRORS = frozenset({"mirror", "mirrors", "mirrored"})
_LEFT_OUT = re.compile(
    r"\b(?:leav(?:es|ing) out|exclud(?:es|ing)|without|minus|bar|barring|except|apart from|other than|not counting|"
    r"does not (?:cover|include)|omit(?:s|ting))(?: for)?(?: the)? (?:[a-z ]+,? and )?$"
)


def trailing_cell(judge: Judge, marks: Marks, start: int, end: int, named: Sequence[Named]) -> Iterator[Verdict]:
    """ "Poland 0.95, the Netherlands just behind at 0.92": lower than the cell that was named before."""
    sign = _PLACED.get(marks.low[start:end])
    before = sorted((n for n in named if n.start < start), key=lambda n: n.start)
    after = sorted((n for n in named if n.start > end), key=lambda n: n.start)
    place = next((p for p in reversed(marks.places) if p.end <= start), None)
    if sign is None or not before or not after or place is None or after[0].figure.place not in place.values:
        return
    own, other = after[0].figure, before[-1].figure
    if (own.measure, own.year) != (other.measure, other.year) or own.place == other.place:
        return
    between = [p for p in marks.places if end <= p.start < after[0].start]
    if not between and own.value != other.value:
        result = Result(own.value - other.value, (own, other), False)
        said = held(Mark(start, end), marks, "compare", result, (own.place, other.place))
        yield said if result.value * sign > 0 else turned(said, "comparison")


def second_only_to(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """ "Second only to the Emirates": the place that is named leads where the rank was held."""
    if not _ONLY_TO.search(marks.low[: m.start]):
        return
    ranks = [v for v in verdicts if v.claim.frame.kind == "rank" and v.claim.end <= m.start and v.claim.value == 2]
    for v in ranks[-1:]:
        measures = tuple(dict.fromkeys(c.measure for c in v.right.figures)) if v.right else v.claim.frame.measures
        frame = replace(v.claim.frame, places=m.values, measures=measures)
        claim = replace(v.claim, frame=frame, value=v.claim.value and v.claim.value - 1, start=m.start, end=m.end)
        if (found := judge.verdict(claim)).outcome == "supported":
            yield found


def mirrored(marks: Marks, start: int, end: int, named: Sequence[Named]) -> Iterator[Verdict]:
    """ "Slovenia's gain of 0.36 mirrors Korea's loss of 0.36": one size, two signs."""
    before = [n.figure for n in named if n.start < start]
    after = [n.figure for n in named if n.start > end]
    if marks.low[start:end] in _MIRRORS and before and after and round(before[-1].value + after[0].value, 2) == 0:
        pair = (before[-1], after[0])
        yield held(Mark(start, end), marks, "compare", Result(pair[0].value, pair, False), tuple(c.place for c in pair))


def left_out(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """ "The G7, which leaves out Japan": a place that the measure does not hold, beside a figure of its group."""
    if not _LEFT_OUT.search(marks.low[: m.start]):
        return
    for v in verdicts:
        f = v.claim.frame
        if f.group and f.kind in ("average", "every", "total", "count", "share") and v.right and v.right.figures:
            cell = v.right.figures[0]
            members = judge.reckoner.places.groups[f.group].members if f.group in judge.reckoner.places.groups else ()
            if {*m.values} <= {*members} and judge.table.cell(cell.measure, m.values[0], cell.year) is None:
                yield replace(v, claim=replace(v.claim, frame=replace(f, places=m.values), start=m.start, end=m.end))
                return
