"""What the claims of one sentence say of each other: relations hold of the very cells that its numbers name.

A sentence that gives both values and says "rose" claims it of those two values, not of some pair of
another edition for which it happens to be so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from assistant.claims import Claim
from assistant.judge import Fault, Judge, Verdict
from assistant.result import Result
from assistant.rounding import multiple, same, way
from assistant.wordlists import raw_words
from corpus.types import Figure

_SIZES = frozenset(raw_words()["change"]["size"])
_MOVES = frozenset(raw_words()["times_moved"]["words"])  # multiples of a value's own past


def agreed(judge: Judge, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts of one sentence: relations held against its own values, and blamed on the one that is wrong."""
    named = [
        (v.claim.start, v.right.figures[0])
        for v in verdicts
        if v.outcome == "supported"
        and v.claim.frame.kind in ("value", "rank")
        and v.right
        and v.right.figures
        and v.right.exact
    ]
    kept = [v for v in verdicts if not _undecided(judge, v, named)]
    held = [_part_of(judge, _related(judge, v, named), named) for v in kept]
    held = _out_of_place(_backwards(_exchanged(judge, held)))
    wrong = [v for v in held if v.outcome == "contradicted" and v.claim.frame.kind == "value"]
    return [_mended(judge, v, wrong) for v in held]


def _exchanged(judge: Judge, verdicts: list[Verdict]) -> list[Verdict]:
    """ "Korea gained while Japan lost", where it was the other way round: the places changed places."""
    wrong = [v for v in verdicts if v.outcome == "contradicted" and v.claim.frame.kind == "direction"]
    sides = {(v.claim.frame.places, v.claim.frame.direction) for v in wrong}
    if len(sides) == 2 and len({p for p, _ in sides}) == 2 and len({d for _, d in sides}) == 2:
        return [replace(v, fault="place") if v in wrong else v for v in verdicts]
    return verdicts


def _out_of_place(verdicts: list[Verdict]) -> list[Verdict]:
    """ "Above Germany, Italy and Spain", where it is so of all but one: that one place is wrong."""
    groups: dict[tuple[str, int, int, str], list[Verdict]] = {}
    for v in verdicts:
        f, c = v.claim.frame, v.claim
        if f.kind in ("direction", "compare") and f.places:
            groups.setdefault((f.kind, c.start, c.end, f.direction), []).append(v)
    wrong: set[int] = set()
    for listed in groups.values():
        bad = {v.claim.frame.places for v in listed if v.outcome == "contradicted"}
        good = {v.claim.frame.places for v in listed if v.outcome == "supported"} - bad
        if len(bad) == 1 and good:
            wrong |= {id(v) for v in listed if v.outcome == "contradicted"}
    return [replace(v, fault="place") if id(v) in wrong else v for v in verdicts]


def _backwards(verdicts: list[Verdict]) -> list[Verdict]:
    """ "Rose from 1.76 in 2022 to 2.36 in 2023", where it fell from 2.36 to 1.76: told the wrong way round.

    A word of change that agrees with the two values as they are said is part of the fault; one that does
    not shows that only the values changed places.
    """
    moves = [v for v in verdicts if v.claim.frame.kind in ("moved", "change") and v.outcome == "contradicted"]
    values = [v for v in verdicts if v.outcome == "contradicted" and v.fault == "year" and v.frame is not None]
    for a, b in combinations(values, 2):
        if a.frame is None or b.frame is None or a.claim.frame.places != b.claim.frame.places:
            continue
        crossed = a.frame.years == b.claim.frame.years and b.frame.years == a.claim.frame.years
        early, late = sorted((a.claim, b.claim), key=lambda c: c.frame.years)
        told = [m for m in moves if way(m.claim.frame.direction, _signed(late, m) - _signed(early, m))]
        if crossed and told:
            turned = {id(v) for v in (a, b, *told)}
            return [replace(v, fault="direction") if id(v) in turned else v for v in verdicts]
    return verdicts


def _signed(claim: Claim, move: Verdict) -> Decimal:
    """A value as a word of change sees it: its size where the word speaks of sizes."""
    value = claim.value or Decimal(0)
    lost = claim.sign < 0 or not claim.sign and claim.frame.direction == "out"
    return -value if lost and not move.claim.frame.sized else value


def _related(judge: Judge, verdict: Verdict, named: Sequence[tuple[int, Figure]]) -> Verdict:
    """A rise, a fall or a comparison, by the two values of the sentence that it is said of."""
    frame, claim = verdict.claim.frame, verdict.claim
    if frame.kind == "times" and claim.value is not None:
        return _multiplied(judge, verdict, named)
    if frame.kind not in ("moved", "compare") or claim.weak or frame.direction not in ("up", "down", "more", "less"):
        return verdict
    cells = [f for _at, f in sorted(named, key=lambda n: abs(n[0] - claim.start))]
    here = [f for f in cells if not frame.places or f.place in frame.places] or cells
    pair = _ends(here, frame.years) if frame.kind == "moved" else _sides(cells, frame.places)
    if pair is None and frame.kind == "moved" and frame.span:
        last = next((f for f in here if f.year == frame.years[1]), None)
        first = judge.table.cell(last.measure, last.place, frame.years[0]) if last else None
        pair = (last, first) if last and first else None
    if pair is None:
        return verdict
    a, b = pair
    if judge.table.measures[a.measure].family != judge.table.measures[b.measure].family:
        return verdict
    sized = frame.sized or claim.text.lower() in _SIZES
    ranks = judge.table.measures[a.measure].kind == "rank"
    diff = abs(a.value) - abs(b.value) if sized and a.value < 0 and b.value < 0 else a.value - b.value
    diff = -diff if ranks else diff
    result = Result(diff, (a, b), False)
    if way(frame.direction, diff):
        return replace(verdict, outcome="supported", fault=None, right=result)
    fault: Fault = "direction" if frame.kind == "moved" else "comparison"
    return replace(verdict, outcome="contradicted", fault=fault, right=result)


def _undecided(judge: Judge, verdict: Verdict, named: Sequence[tuple[int, Figure]]) -> bool:
    """Whether a move from the last year before has no such year in the edition that the value is from."""
    f = verdict.claim.frame
    if f.kind != "moved" or not f.span or verdict.claim.value is not None:
        return False
    return not any(
        c.year == f.years[1] and c.place == f.places[0] and judge.table.cell(c.measure, c.place, f.years[0])
        for _, c in named
    )


def _multiplied(judge: Judge, verdict: Verdict, named: Sequence[tuple[int, Figure]]) -> Verdict:
    """A multiple, by the two values of the sentence that it sets against each other."""
    claim = verdict.claim
    named = list({f: (at, f) for at, f in sorted(named, key=lambda n: -n[0])}.values())  # a cell said twice is one
    ordered = [f for at, f in sorted(named, key=lambda n: n[0])]
    before = [f for at, f in sorted(named, key=lambda n: n[0]) if at < claim.start]
    if claim.text.lower() in _MOVES:
        told = [f for at, f in sorted(named, key=lambda n: n[0]) if at > claim.start][:2]  # "doubled from 0.98 to 1.92"
        told = told if len(told) == 2 and len(ordered) > 2 else ordered
        pair = _ends(told, tuple(sorted({f.year for f in told if f.year is not None})))
    elif before and len(before) < len(ordered):
        pair = before[-1], ordered[len(before)]
    elif len(before) > 1:
        pair = before[-1], before[-2]  # "four times that"
        if claim.subject == before[-2].place != before[-1].place:
            pair = before[-2], before[-1]  # "so Germany attracted four times as much"
    else:
        pair = (ordered[0], ordered[1]) if len(ordered) == 2 else None
    if pair is None or not pair[1].value or (pair[0].value < 0) != (pair[1].value < 0):
        return verdict
    a, b = pair
    if judge.table.measures[a.measure].family != judge.table.measures[b.measure].family:
        return verdict
    result = Result(a.value / b.value, (a, b), False)
    if multiple(claim, result.value):
        return replace(verdict, outcome="supported", fault=None, right=result)
    if claim.weak or verdict.outcome == "supported" and len(ordered) > 2:
        return verdict  # another pair of its values may be meant
    return replace(verdict, outcome="contradicted", fault="comparison", right=result)


def _part_of(judge: Judge, verdict: Verdict, named: Sequence[tuple[int, Figure]]) -> Verdict:
    """ "More than half of them (6,300)": the part that one head count of the sentence is of the one before it."""
    claim = verdict.claim
    before = [f for at, f in named if at < claim.start]
    after = [f for at, f in named if at > claim.start]
    if verdict.outcome == "supported" or claim.value is None or claim.frame.per != 100 or len(before) + len(after) < 2:
        return verdict
    heads = sorted({*before, *after}, key=lambda f: -f.value)
    whole, part = (before[-1], after[0]) if before and after else (heads[0], heads[-1])
    if any(judge.table.measures[f.measure].kind != "count" for f in (whole, part)) or part.value >= whole.value:
        return verdict
    share = part.value / whole.value * 100
    spelt = not claim.text[:1].isdigit()
    near = claim.about in ("", "about") and spelt and abs(share - claim.value) <= claim.value / 20
    if near or same(claim.value, share, claim.step, claim.about):
        return replace(verdict, outcome="supported", fault=None, right=Result(share, (part, whole), False))
    return verdict


def _ends(cells: Sequence[Figure], years: Sequence[int]) -> tuple[Figure, Figure] | None:
    """The later and the earlier of two values of one place."""
    for late in cells:
        for early in cells:
            if len(years) == 2 and (early.year, late.year) == (min(years), max(years)) and early.place == late.place:
                return late, early
    return None


def _sides(cells: Sequence[Figure], places: Sequence[str]) -> tuple[Figure, Figure] | None:
    """The values of the two places that are compared."""
    for one in cells:
        for other in cells:
            if (one.place, other.place) == tuple(places[:2]) and one.year == other.year:
                return one, other
    return None


def _mended(judge: Judge, verdict: Verdict, wrong: Sequence[Verdict]) -> Verdict:
    """A relation that fails because a number of the sentence is wrong has the fault of that number."""
    claim = verdict.claim
    if verdict.outcome != "contradicted" or claim.frame.kind == "value":
        return verdict
    for w in wrong:
        if w.fault in ("place", "year", "edition") and w.frame is not None:
            own, new = w.claim.frame, w.frame
            swap = {o: n for o, n in zip(own.places, new.places, strict=False) if o != n}
            years = {o: n for o, n in zip(own.years, new.years, strict=False) if o != n}
            frame = replace(
                claim.frame,
                places=tuple(swap.get(p, p) for p in claim.frame.places),
                years=tuple(sorted(years.get(y, y) for y in claim.frame.years)),
                measures=new.measures if w.fault == "edition" else claim.frame.measures,
            )
            if judge.holding(claim, frame) is not None:
                return replace(verdict, fault=w.fault)
    if wrong and claim.value is None:
        return replace(verdict, fault=wrong[0].fault)
    return verdict
