"""Second readings: words that no claim took up, read of the very cells that the sentence names.

"Brazil's 107.2 %, outpacing Chile's 82.3 %", "fared best", "gained in 2023 and in 2024". Such a reading only
adds a claim where it holds: what it cannot bear out stays unread, and so is never contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.beside import left_out, mirrored, second_only_to, trailing_cell
from assistant.claims import Claim
from assistant.comparisons import MOVES
from assistant.framing import LOSS_RANKS, SOUND, Frame, all_years
from assistant.judge import Judge, Verdict
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.named import Named, held, toward
from assistant.numbers import roundness
from assistant.only import only
from assistant.over_years import never, own_extreme, results_moved, than_years
from assistant.result import Result
from assistant.rounding import multiple
from assistant.wordlists import raw_words
from corpus.types import Figure

_SIGNED = frozenset(raw_words()["compare"]["signed"])
_CONTRAST = re.compile(r"(?:,|\band|\bbut) not (?:in |to |for )?(?:the )?$")
_AFTER = re.compile(r"\b(?:followed by|trailed by|with|then|before|next(?: came)?|and)\b[^;]{0,40}$")


def again(judge: Judge, marks: Marks, verdicts: Sequence[Verdict], left: Sequence[tuple[int, int]]) -> list[Verdict]:
    """What the spans that were left over say of the cells of the sentence, where it is so."""
    named = [
        Named(
            v.claim.start, v.right.figures[0], v.right.figures[0].value < 0 and not v.claim.sign,
            v.claim.value if v.claim.frame.kind == "rank" else None,
        )
        for v in verdicts
        if v.right and v.right.figures and v.claim.frame.kind in ("value", "rank", "peak", "change")
        and (v.claim.frame.kind != "change" or v.right.exact)
    ]  # fmt: skip
    if not named:
        named = [
            Named(v.claim.start, v.right.figures[0], v.right.figures[0].value < 0)
            for v in verdicts
            if v.claim.frame.kind == "direction" and v.right and v.right.figures
        ]
    made: list[Verdict] = []
    for m in marks.compares:
        if (m.start, m.end) in left:
            made += _compared(judge, marks, m, named)
    for m in marks.changes:
        if (m.start, m.end) in left:
            made += [*_moved(judge, marks, m, named), *results_moved(marks, m, verdicts)]
    for m in marks.ranks:
        if (m.start, m.end) in left:
            made += list(_first(judge, marks, m, named, verdicts)) or list(
                own_extreme(judge, marks, m.start, m.end, named)
            )
    for m in marks.years:
        if (m.start, m.end) in left and m.years:
            made += _as_then(judge, marks, m, verdicts)
    for m in marks.places:
        if (m.start, m.end) in left:
            made += _as_there(judge, marks, m, verdicts)
            made += [*second_only_to(judge, marks, m, verdicts), *left_out(judge, marks, m, verdicts)]
    for m in marks.directions:
        if (m.start, m.end) in left:
            made += _directed(judge, marks, m, verdicts)
    ranked = {(m.start, m.end) for m in marks.ranks}
    for start, end in left:
        word = marks.low[start:end]
        if word in _EVEN:
            made += _compared(judge, marks, Mark(start, end, ("even", word)), named)
        if word in _OVER_TIME:
            since = Mark(start, end, (_OVER_TIME[word], word))
            made += list(_then(judge, marks, since, named)) or list(than_years(judge, marks, since, named))
        if word in ("revised up", "revised down"):
            made += _moved(judge, marks, Mark(start, end, (word[8:], word)), named)
        made += own_extreme(judge, marks, start, end, named) if (start, end) not in ranked else ()
        made += [*trailing_cell(judge, marks, start, end, named), *mirrored(marks, start, end, named)]
        if word in ("never", "yet to"):
            made += never(judge, marks, start, end, named)
        if word == "only":
            made += only(judge, marks, start, end, verdicts)
    return made


_OFF = re.compile(r"\s*(?:off|out of|from|away)\b")
_EVEN = frozenset(raw_words()["weighty"]["even"])
_OVER_TIME = {"better": "more", "higher": "more", "larger": "more", "worse": "less", "lower": "less", "smaller": "less"}
_NEARLY = re.compile(r"\b(?:almost|nearly|virtually|practically|about|roughly|all but|more or less)(?: the)? $")


def _compared(judge: Judge, marks: Marks, m: Mark, named: Sequence[Named]) -> Iterator[Verdict]:
    """The cell before a word of comparison against the cell behind it."""
    before = [p for p in marks.places if p.end <= m.start]
    after = [p for p in marks.places if p.start >= m.end]
    if m.values[0] == "even" and not (before and after):
        before, after = (before[-2:-1], before[-1:]) if len(before) > 1 else (after[:1], after[1:2])
    one, other = _cell(judge, before[-1:], named), _cell(judge, after[:1], named)
    if m.values[0].startswith("x") and named:
        yield from _multiplied(judge, marks, m, one, other, named)
    if one is None or other is None or one.figure == other.figure or m.values[0] not in ("more", "less", "even"):
        return
    a, b = one.figure, other.figure
    if judge.table.measures[a.measure].family != judge.table.measures[b.measure].family or a.place == b.place:
        return
    sized = one.sized and other.sized and a.value < 0 and b.value < 0 and m.values[1] not in _SIGNED
    diff = abs(a.value) - abs(b.value) if sized else a.value - b.value
    diff = -diff if judge.table.measures[a.measure].kind == "rank" else diff
    if m.values[0] == "even":
        near = Decimal("0.06") if _NEARLY.search(marks.low[: m.start]) else Decimal("0.006")
        if abs(diff) <= max(abs(a.value), abs(b.value)) * near:
            yield held(m, marks, "compare", Result(diff, (a, b), False), (a.place, b.place))
    elif diff and (diff > 0) == (m.values[0] == "more"):
        yield toward(held(m, marks, "compare", Result(diff, (a, b), False), (a.place, b.place)), m.values[0])


def _then(judge: Judge, marks: Marks, m: Mark, named: Sequence[Named]) -> Iterator[Verdict]:
    """ "Better in 2020 (0.69)" than in the other year that the sentence gives of the one place."""
    own = sorted(named, key=lambda n: n.start)
    if len(own) != 2 or own[0].figure.place != own[1].figure.place or own[0].figure.measure != own[1].figure.measure:
        return
    after = [n for n in own if n.start >= m.end]
    one = after[0] if after else own[0]
    other = own[0] if one is own[1] else own[1]
    diff = one.figure.value - other.figure.value
    if diff and (diff > 0) == (m.values[0] == "more"):
        yield held(m, marks, "moved", Result(diff, (one.figure, other.figure), False), (one.figure.place,))


def _multiplied(
    judge: Judge, marks: Marks, m: Mark, one: Named | None, other: Named | None, named: Sequence[Named]
) -> Iterator[Verdict]:
    """ "About half as much as", "quintupled since": of two places, or of two years of one."""
    cells = _set_against(judge, marks, m, one, other, named)
    if not cells:
        return
    if len(cells) == 1:  # a measure whose values are changes themselves
        ratio = 1 + cells[0].value / 100
    elif not cells[1].value or (cells[0].value < 0) != (cells[1].value < 0):
        return
    else:
        ratio = cells[0].value / cells[1].value
    if _OFF.match(marks.low, m.end):  # "took more than half off"
        ratio = 1 - ratio
    about = roundness(marks.low[: m.start]) or "about"
    claim = Claim("", m.start, m.end, Frame("times"), Decimal(m.values[0][1:]), about=about)
    if multiple(claim, ratio):
        yield held(m, marks, "times", Result(ratio, cells, False), (cells[0].place,))


def _set_against(
    judge: Judge, marks: Marks, m: Mark, one: Named | None, other: Named | None, named: Sequence[Named]
) -> tuple[Figure, ...]:
    """The cells that a multiple sets against each other, the greater part first; one where it is a change itself."""
    moved = m.values[1] in MOVES
    if not moved and one is not None and other is not None and one.figure.place != other.figure.place:
        return one.figure, other.figure
    last = min(named, key=lambda n: abs(n.start - m.start)).figure
    if judge.table.measures[last.measure].unit.startswith("% change"):
        return (last,)
    rows = {y: c for y, c in judge.table.series(last.measure, last.place).items() if y is not None}
    years = [y for y in all_years(marks) if y in rows]
    if len(years) == 1 and years[0] < max(rows):
        years.append(max(rows))  # "since 2021"
    return (rows[years[1]], rows[years[0]]) if len(years) == 2 else ()


def _cell(judge: Judge, places: Sequence[Mark], named: Sequence[Named]) -> Named | None:
    """The cell of a place: the one that the sentence gives, else the one beside those it gives."""
    if not places or not named:
        return None
    own = [n for n in named if n.figure.place in places[0].values]
    if own:
        return min(own, key=lambda n: abs(n.start - places[0].start))
    near = min(named, key=lambda n: abs(n.start - places[0].start))
    cell = judge.table.cell(near.figure.measure, places[0].values[0], near.figure.year)
    return Named(places[0].start, cell, near.sized) if cell else None


def _moved(judge: Judge, marks: Marks, m: Mark, named: Sequence[Named]) -> Iterator[Verdict]:
    """A rise or a fall between the two cells around it, or to its one cell from the year before."""
    after = [n for n in named if n.start >= m.end]
    pair = after[:2]
    if len(pair) == 2 and pair[0].rank and pair[1].rank and pair[0].figure.place == pair[1].figure.place:
        if (pair[1].rank < pair[0].rank) == (m.values[0] == "up") and pair[0].rank != pair[1].rank:
            yield held(
                m,
                marks,
                "moved",
                Result(pair[1].rank, (pair[1].figure, pair[0].figure), False),
                (pair[0].figure.place,),
            )
        return
    editions = [n.figure for n in named]
    if (
        len(editions) == 2
        and len({(c.place, c.year) for c in editions}) == 1
        and len({c.measure for c in editions}) == 2
    ):
        old, new = editions  # one figure of one year in two editions
        diff = abs(new.value) - abs(old.value) if any(n.sized for n in named) else new.value - old.value
        if diff and (diff > 0) == (m.values[0] == "up"):
            yield held(m, marks, "moved", Result(diff, (new, old), False), (new.place,))
        return
    end = min(after or list(named), key=lambda n: abs(n.start - m.start), default=None)
    if end is None or end.figure.year is None or m.values[0] not in ("up", "down"):
        return
    rows = {y: c for y, c in judge.table.series(end.figure.measure, end.figure.place).items() if y is not None}
    own = [n.figure for n in named if n.figure.place == end.figure.place and n.figure.measure == end.figure.measure]
    told = [c for c in own if c.year is not None and c.year < end.figure.year]
    earlier = [y for y in rows if y < end.figure.year]
    first = max(told, key=lambda c: c.year or 0) if told else rows[max(earlier)] if earlier else None
    if first is None:
        return
    last = end.figure
    sized = end.sized and first.value < 0 and m.values[1] not in SOUND
    diff = abs(last.value) - abs(first.value) if sized else last.value - first.value
    diff = -diff if judge.table.measures[last.measure].kind == "rank" else diff
    if diff and (diff > 0) == (m.values[0] == "up"):
        yield held(m, marks, "moved", Result(diff, (last, first), False), (last.place,))


def _first(
    judge: Judge, marks: Marks, m: Mark, named: Sequence[Named], verdicts: Sequence[Verdict]
) -> Iterator[Verdict]:
    """The first or last place among all, or among the group that the sentence names."""
    end = {"top": "top", "leads": "top", "bottom": "bottom", "trails": "bottom"}.get(m.values[0])
    before = [p for p in marks.places if p.end <= m.start]
    near = before[-1:] or [p for p in marks.places if p.start >= m.end][:1]
    own = _cell(judge, near, named)
    if own is None or end is None:
        return
    group = next((v.claim.frame.group for v in verdicts if v.claim.frame.group), "")
    rows = judge.reckoner.rows(own.figure.measure, own.figure.year, group)
    loss = own.figure.value < 0 and m.values[1] in LOSS_RANKS
    low = (end == "bottom") != loss
    low = low != (judge.table.measures[own.figure.measure].kind == "rank")
    values = [c.value for c in rows]
    if len(values) > 2 and own.figure.value == (min(values) if low else max(values)):
        yield held(m, marks, "rank", Result(Decimal(1), (own.figure,), False), (own.figure.place,))


def _as_then(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """ "In 2023 and in 2024": what is said of one year, held of another that is named with it."""
    for v in sorted(verdicts, key=lambda v: abs(v.claim.start - m.start)):
        f = v.claim.frame
        if (
            f.kind not in ("direction", "value", "compare")
            or f.kind == "value"
            and v.claim.about not in ("over", "under", "least")
        ):
            continue
        span = range(m.years[0], m.years[-1] + 1)
        each = [judge.verdict(replace(v.claim, frame=replace(f, years=(y,)))) for y in span]
        if all(e.outcome == "supported" for e in each):
            yield from (replace(e, claim=replace(e.claim, start=m.start, end=m.end)) for e in each)
            return
    yield from _way_then(judge, marks, m, verdicts)


def _directed(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """A word of direction with the year behind it: "from the black in 2021 to the red in 2022"."""
    year = next((y for y in marks.years if y.start >= m.end and len(y.years) == 1), None)
    near = next((v for v in verdicts if v.claim.frame.kind in ("value", "direction") and v.claim.frame.places), None)
    if year is None or near is None or len(marks.low[m.end : year.start].split()) > 3:
        return
    frame = Frame(
        "direction", near.claim.frame.places[:1], year.years, near.claim.frame.measures, direction=m.values[0]
    )
    said = judge.verdict(Claim(marks.text[m.start : m.end], m.start, m.end, frame))
    if said.outcome == "supported":
        yield said


def _way_then(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """The direction that the nearest word gives to the years of a mark, of the place whose value is named."""
    word = min(marks.directions, key=lambda d: abs(d.start - m.start), default=None)
    near = min(
        (v for v in verdicts if v.claim.frame.kind == "value"), key=lambda v: abs(v.claim.start - m.start), default=None
    )
    if word is None or near is None or near.right is None or not near.claim.frame.places:
        return
    frame = Frame("direction", near.claim.frame.places[:1], (), near.claim.frame.measures, direction=word.values[0])
    claims = [
        Claim(marks.text[m.start : m.end], m.start, m.end, replace(frame, years=(y,)))
        for y in range(m.years[0], m.years[-1] + 1)
    ]
    each = [judge.verdict(c) for c in claims]
    if all(e.outcome == "supported" for e in each):
        yield from each


def _as_there(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """A place set beside another: "as well as in Japan", "followed by Sweden", ", not Luxembourg"."""
    firsts = [v for v in verdicts if v.claim.frame.kind == "rank" and v.claim.value == 1 and v.claim.frame.places]
    if firsts and _CONTRAST.search(marks.low[: m.start]):
        said = _CONTRAST.search(marks.low[: m.start])
        yield replace(firsts[0], claim=replace(firsts[0].claim, start=said.start() if said else m.start, end=m.end))
        return
    ranks = [v for v in verdicts if v.claim.frame.kind == "rank" and v.claim.end <= m.start and v.claim.value]
    if ranks and _AFTER.search(marks.low[: m.start]):
        last = max(ranks, key=lambda v: v.claim.start)
        others = [
            p
            for p in marks.places
            if last.claim.end <= p.start <= m.start and p.values[0] not in last.claim.frame.places
        ]
        value = (last.claim.value or Decimal(0)) + len({p.values for p in others})
        claim = replace(
            last.claim, frame=replace(last.claim.frame, places=m.values), value=value, start=m.start, end=m.end
        )
        if (found := judge.verdict(claim)).outcome == "supported":
            yield found
        return
    if not re.search(r"\b(?:as well as|like|just as|and|both|or)(?: in| for| of)?(?: the)? $", marks.low[: m.start]):
        return
    near = [v for v in verdicts if v.claim.frame.kind in ("value", "direction") and v.claim.end <= m.start]
    for v in sorted(near, key=lambda v: -v.claim.start)[:1]:
        claim = replace(v.claim, frame=replace(v.claim.frame, places=m.values), start=m.start, end=m.end)
        if (found := judge.verdict(claim)).outcome == "supported":
            yield found
