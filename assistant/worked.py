"""Numbers worked out of the cells that a sentence names: "half a point more than India's 1.55", "Gap: 1.43".

A difference or a multiple is held against the very cells beside it, as its words set them side by side:
the place or the year right behind it, else the two values before it. Only a number that failed as first
read is read so, and only where a word says that it is a difference or a multiple.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.judge import Judge, Verdict
from assistant.marks import Marks
from assistant.named import Named
from assistant.numbers import Number
from assistant.result import Result
from assistant.rounding import multiple, same
from assistant.wordlists import raw_words

_WORDS = raw_words()["worked"]
_ANY = "|".join
_BEHIND = re.compile(
    rf"\s*(?:and more |or so |or more )?(?:(?:{_ANY(_WORDS['of'])}) ){{0,4}}?"
    rf"(?:(?P<up>{_ANY(_WORDS['up'])})|(?P<down>{_ANY(_WORDS['down'])})|(?P<apart>{_ANY(_WORDS['apart'])}))\b"
)
_BEFORE = re.compile(
    rf"\b(?:(?P<up>{_ANY(_WORDS['rise'])})|(?P<down>{_ANY(_WORDS['fall'])})|(?P<apart>{_ANY(_WORDS['span'])}))"
    r"(?: (?:of|is|was|by|at|comes to|amounts to|stands at)|:|,)(?: [a-z]+){0,3} $"
)
_TIMES = re.compile(r"\s*-?(?:times|fold|x)\b")
_PART_OF = re.compile(r"\s*(?:of|as (?:much|many|high|large) as)\b")
_TO = re.compile(r"\s*(?:than|of|as (?:much|many|high|large|big) as|the size of|on|to|from|that of)?\b")
_FAR = 9  # words between a number and the place or year that it is set against
_NEAR = Decimal("0.12")  # of a part said in words


def worked(judge: Judge, marks: Marks, verdicts: Sequence[Verdict], earlier: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts, with each failing number that its words make a difference or a multiple read as one.

    A sentence that names no cell of its own ("Gap: 1.43") speaks of the last two that came before it.
    """
    cells = _cells(verdicts) or [replace(c, start=-1) for c in _cells(earlier)[-2:]]
    made = [_read(judge, marks, v, cells) if v.outcome != "supported" and cells else v for v in verdicts]
    wrong = [v for v, w in zip(verdicts, made, strict=True) if v is w and v.outcome != "supported"]
    return made if not wrong else [w if w.outcome == "supported" else v for v, w in zip(verdicts, made, strict=True)]


def _cells(verdicts: Sequence[Verdict]) -> list[Named]:
    """The cells that the numbers of some verdicts name, as printed."""
    return [
        Named(v.claim.start, v.right.figures[0], v.right.figures[0].value < 0 and not v.claim.sign, said=_said(v))
        for v in verdicts
        if v.outcome == "supported" and v.claim.frame.kind in ("value", "rank") and v.right and v.right.exact
        and v.right.figures
    ]  # fmt: skip


def _said(verdict: Verdict) -> Decimal | None:
    """The value of a cell as its sentence rounds it; None where it is a bound, or on another base."""
    held, value = verdict.right, verdict.claim.value
    if held is None or value is None or verdict.claim.about or held.value != held.figures[0].value:
        return None
    return value.copy_sign(held.value)


def _read(judge: Judge, marks: Marks, verdict: Verdict, cells: Sequence[Named]) -> Verdict:
    claim = verdict.claim
    n = next((n for n in marks.numbers if n.start == claim.start), None)
    if n is None or n.role == "rank" or claim.value is None:
        return verdict
    times = bool(_TIMES.match(marks.low, n.end)) or n.role == "fraction" and bool(_PART_OF.match(marks.low, n.end))
    way = "" if times else _way(marks, n)
    pair = _pair(judge, marks, n, cells) if times or way else None
    if pair is None or not _one_kind(judge, pair):
        return verdict
    own, other = pair[0].figure, pair[1].figure
    if times:
        if not other.value or (own.value < 0) != (other.value < 0) and not _PART_OF.match(marks.low, n.end):
            return verdict
        result = Result(abs(own.value / other.value), (own, other), False)
        value = n.value / 100 if n.role == "fraction" else n.value
        good = multiple(replace(claim, value=value), result.value)
        return _told(verdict, "times", good, result)
    diff, rounded = _difference(judge, pair, own.value, other.value), Decimal(0)
    if pair[0].said is not None and pair[1].said is not None:
        rounded = _difference(judge, pair, pair[0].said, pair[1].said)
    if n.role == "percent":  # of what it was, and never a difference of two percentages
        diff, rounded = diff / abs(other.value) * 100 if other.value else Decimal(0), Decimal(0)
    result = Result(diff, (own, other), False)
    good = _turned(way, diff) and _as_said(n, abs(diff)) or _turned(way, rounded) and abs(rounded) == n.value
    told = _told(verdict, "change" if own.place == other.place else "gap", good, result)
    if (
        n.role == "percent"
        and told.fault == "total"
        and _as_said(n, abs(_difference(judge, pair, own.value, other.value)))
    ):
        return replace(told, fault="unit")  # "a slide of seven percent" of seven places
    return told


def _told(verdict: Verdict, kind: str, good: bool, result: Result) -> Verdict:
    """The verdict of a number that is a difference or a multiple of two cells."""
    frame = replace(
        verdict.claim.frame,
        kind=kind,  # type: ignore[arg-type]
        places=tuple(dict.fromkeys(c.place for c in result.figures)),
        years=tuple(sorted({c.year for c in result.figures if c.year is not None})),
        measures=tuple(dict.fromkeys(c.measure for c in result.figures)),
        direction="",
    )
    claim = replace(verdict.claim, frame=frame, weak=False)
    if good:
        return Verdict(claim, "supported", None, result, frame)
    if verdict.claim.weak and verdict.outcome != "contradicted":
        return verdict
    return Verdict(claim, "contradicted", "comparison" if kind == "times" else "total", result)


def _way(marks: Marks, n: Number) -> str:
    """Which way a difference goes by the words beside it: "up", "down", "apart"; "" where none makes it one."""
    said = _BEHIND.match(marks.low, n.end) or _BEFORE.search(_lead(marks, n))
    return next((k for k, v in said.groupdict().items() if v), "") if said else ""


def _lead(marks: Marks, n: Number) -> str:
    """The words before a number without those that say how round it is: "a swing of" of "a swing of more than"."""
    low = marks.low[: n.start]
    for words in sorted((w for k in raw_words()["about"].values() for w in k), key=len, reverse=True):
        if low.endswith(f" {words} "):
            return low[: -len(words) - 1]
    return low


def _pair(judge: Judge, marks: Marks, n: Number, cells: Sequence[Named]) -> tuple[Named, Named] | None:
    """The cell that a number is said of, and the one that it is set against."""
    before = sorted((c for c in cells if c.start < n.start), key=lambda c: c.start)
    after = sorted((c for c in cells if c.start > n.start), key=lambda c: c.start)
    if after and not _stops(marks, n.end, after[0].start):
        return (before[-1], after[0]) if before else (after[0], after[1]) if len(after) > 1 else None
    own = before[-1] if before else None
    if own is None or own.figure.year is None:
        return None
    other = _behind(judge, marks, n, own)
    if other is not None:
        return own, other
    return (own, before[-2]) if len(before) > 1 else None


def _behind(judge: Judge, marks: Marks, n: Number, own: Named) -> Named | None:
    """The cell of the place or of the year right behind a number: "13,000 more than in South Korea"."""
    place = next((p for p in marks.places if p.start >= n.end), None)
    year = next((y for y in marks.years if y.start >= n.end and len(y.years) == 1), None)
    near = [m for m in (place, year) if m is not None and not _stops(marks, n.end, m.start)]
    if not near:
        return None
    code, when = own.figure.place, own.figure.year
    if place in near and place is not None and place.values[0] != code:
        code = place.values[0]
    elif year in near and year is not None:
        when = year.years[0]
    cell = judge.table.cell(own.figure.measure, code, when)
    return Named(near[0].start, cell, own.sized) if cell is not None and cell != own.figure else None


def _stops(marks: Marks, a: int, b: int) -> bool:
    """Whether a clause ends between two positions, or too many words stand there."""
    return bool(re.search(r"[,;.()]", marks.gap(a, b))) or len(marks.low[a:b].split()) > _FAR


def _one_kind(judge: Judge, pair: tuple[Named, Named]) -> bool:
    a, b = (judge.table.measures[c.figure.measure] for c in pair)
    return (a.family, a.per) == (b.family, b.per) and pair[0].figure != pair[1].figure


def _difference(judge: Judge, pair: tuple[Named, Named], a: Decimal, b: Decimal) -> Decimal:
    """By how much the first of two values is above the second; by size where both were said as losses."""
    if a < 0 and b < 0 and all(c.sized for c in pair):
        return abs(a) - abs(b)
    return b - a if judge.table.measures[pair[0].figure.measure].kind == "rank" else a - b


def _turned(way: str, diff: Decimal) -> bool:
    return diff != 0 and (way == "apart" or (diff > 0) == (way == "up"))


def _as_said(n: Number, diff: Decimal) -> bool:
    """Whether a number says a difference; a part in words may be some way off it, on the side that it says."""
    if n.spelt and n.role == "points" and n.about in ("about", "above", "beneath"):
        side = {"above": 1, "beneath": -1}.get(n.about, 0)
        return abs(diff - n.value) <= diff * _NEAR and (diff - n.value) * side >= 0
    return same(n.value, diff, n.step, n.about)
