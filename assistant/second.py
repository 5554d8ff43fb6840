"""Second readings: words that no claim took up, read of the very cells that the sentence names.

"Brazil's 107.2 %, outpacing Chile's 82.3 %", "fared best", "gained in 2023 and in 2024". Such a reading only
adds a claim where it holds: what it cannot bear out stays unread, and so is never contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.claims import Claim
from assistant.frames import runs
from assistant.comparisons import MOVES
from assistant.framing import LOSS_RANKS, SOUND, Frame, all_years
from assistant.judge import Judge, Verdict
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.numbers import roundness
from assistant.result import Result
from assistant.roles import Kind
from assistant.rounding import multiple
from assistant.wordlists import raw_words
from corpus.types import Figure

_SIGNED = frozenset(raw_words()["compare"]["signed"])
_CONTRAST = re.compile(r"(?:,|\band|\bbut) not (?:in |to |for )?(?:the )?$")
_AFTER = re.compile(r"\b(?:followed by|trailed by|with|then|before|next(?: came)?|and)\b[^;]{0,40}$")


@dataclass(frozen=True, slots=True)
class _Named:
    """A cell that a number of the sentence names, and where."""

    start: int
    figure: Figure
    sized: bool  # it was said as the size of a loss
    rank: Decimal | None = None  # the place in the order that was said of it


def again(judge: Judge, marks: Marks, verdicts: Sequence[Verdict], left: Sequence[tuple[int, int]]) -> list[Verdict]:
    """What the spans that were left over say of the cells of the sentence, where it is so."""
    named = [
        _Named(
            v.claim.start, v.right.figures[0], v.right.figures[0].value < 0 and not v.claim.sign,
            v.claim.value if v.claim.frame.kind == "rank" else None,
        )
        for v in verdicts
        if v.outcome == "supported" and v.right and v.right.figures and v.claim.frame.kind in ("value", "rank", "peak", "change")
        and (v.claim.frame.kind != "change" or v.right.exact)
    ]  # fmt: skip
    if not named:
        named = [
            _Named(v.claim.start, v.right.figures[0], v.right.figures[0].value < 0)
            for v in verdicts
            if v.claim.frame.kind == "direction" and v.right and v.right.figures
        ]
    made: list[Verdict] = []
    for m in marks.compares:
        if (m.start, m.end) in left:
            made += _compared(judge, marks, m, named)
    for m in marks.changes:
        if (m.start, m.end) in left:
            made += _moved(judge, marks, m, named)
    for m in marks.ranks:
        if (m.start, m.end) in left:
            made += _first(judge, marks, m, named, verdicts)
    for m in marks.years:
        if (m.start, m.end) in left and m.years:
            made += _as_then(judge, marks, m, verdicts)
    for m in marks.places:
        if (m.start, m.end) in left:
            made += _as_there(judge, marks, m, verdicts)
    for start, end in left:
        word = marks.low[start:end]
        if word in _EVEN:
            made += _compared(judge, marks, Mark(start, end, ("even", word)), named)
        if word in _OVER_TIME:
            made += _then(judge, marks, Mark(start, end, (_OVER_TIME[word], word)), named)
        if word in ("revised up", "revised down"):
            made += _moved(judge, marks, Mark(start, end, (word[8:], word)), named)
        if word == "only":
            made += _only(judge, marks, start, end, named, verdicts)
    return made


_EVEN = frozenset(raw_words()["weighty"]["even"])
_OVER_TIME = {"better": "more", "higher": "more", "larger": "more", "worse": "less", "lower": "less", "smaller": "less"}
_ONE_YEAR = re.compile(r"\s*(?:[a-z]+ )?(?P<way>positive|negative|loss|losses|gain|deficit|surplus|outflow|inflow|net (?:loss|gain|outflow|inflow))\b")
_LOSES = ("negative", "loss", "losses", "deficit", "outflow", "net loss", "net outflow")
_NEARLY = re.compile(r"\b(?:almost|nearly|virtually|practically|about|roughly|all but|more or less)(?: the)? $")
_BETTER = re.compile(r"\b(?:did|does|fared|was|were|has been|ranked|stood|gained|lost|is|are) (?:a )?(better|worse|higher|lower|more|less)\b")


def _only(
    judge: Judge, marks: Marks, start: int, end: int, named: Sequence[_Named], verdicts: Sequence[Verdict]
) -> Iterator[Verdict]:
    """ "Only Hungary, Greece and Italy lost", "only Israel did worse": the places named and no others."""
    if said_year := _ONE_YEAR.match(marks.low, end):
        yield from _only_year(judge, marks, start, said_year, verdicts)
        return
    run = next((r for r in runs(marks, marks.places) if 0 <= r[0].start - end <= 5), None)
    cells = [v.right.figures[0] for v in verdicts if v.right and v.right.figures and v.claim.frame.kind != "direction"]
    cells += [v.right.figures[0] for v in verdicts if v.right and v.right.figures]
    behind = [p for p in marks.places if p.end <= start]
    if run is None and behind and _THE_ONE.match(marks.low, end):
        run = behind[-1:]
    if run is None or not cells:
        return
    codes = {c for p in run for c in p.values}
    group = marks.groups[0].values[0] if marks.groups else ""
    rows = judge.reckoner.rows(cells[0].measure, cells[0].year, group)
    rest = marks.low[run[-1].end :]
    said = _BETTER.search(re.split(r"[;.,]", rest)[0])
    word = next((d for d in marks.directions if d.start >= max(run[-1].end, end)), None)
    limit = next((n for n in marks.numbers if n.start >= max(run[-1].end, end) and n.about in ("over", "under")), None)
    if said is not None:
        others = [p for p in marks.places if p not in run]
        own = next((c for c in rows if others and c.place == min(others, key=lambda p: abs(p.start - start)).values[0]), None)
        if own is None:
            return
        up = said[1] in ("better", "higher", "more") and not (said[1] == "more" and own.value < 0)
        chosen = {c.place for c in rows if (c.value > own.value if up else c.value < own.value)}
    elif limit is not None:
        lost = word is not None and word.values[0] == "out" and not limit.sign
        bound = -limit.value if lost or limit.sign < 0 else limit.value
        chosen = {c.place for c in rows if (c.value > bound if (limit.about == "over") != lost else c.value < bound)}
    elif word is not None:
        chosen = {c.place for c in rows if c.value and (c.value > 0) == (word.values[0] == "in")}
    else:
        return
    if chosen == codes and len(rows) > len(codes):
        stop = said.end() + run[-1].end if said else run[-1].end
        yield _held(Mark(start, stop), marks, "every", Result(Decimal(len(chosen)), (cells[0],), False), tuple(sorted(codes)))


def _held(m: Mark, marks: Marks, kind: Kind, result: Result, places: tuple[str, ...]) -> Verdict:
    years = tuple(sorted({c.year for c in result.figures if c.year is not None}))
    measures = tuple(dict.fromkeys(c.measure for c in result.figures))
    frame = Frame(kind, places, years, measures)
    return Verdict(Claim(marks.text[m.start : m.end], m.start, m.end, frame), "supported", None, result, frame)


def _compared(judge: Judge, marks: Marks, m: Mark, named: Sequence[_Named]) -> Iterator[Verdict]:
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
            yield _held(m, marks, "compare", Result(diff, (a, b), False), (a.place, b.place))
    elif diff and (diff > 0) == (m.values[0] == "more"):
        yield _held(m, marks, "compare", Result(diff, (a, b), False), (a.place, b.place))


_THE_ONE = re.compile(r"\s*(?:[a-z0-9]+ ){0,3}?(?:countr|econom|nation|member|state|place|one)[a-z]*\b")


def _only_year(
    judge: Judge, marks: Marks, start: int, said: re.Match[str], verdicts: Sequence[Verdict]
) -> Iterator[Verdict]:
    """ "Its only positive year was 2018": no other year of the series has that sign."""
    cell = next((v.right.figures[0] for v in verdicts if v.right and v.right.figures), None)
    span = next((m.years for m in marks.years if len(m.years) == 2), None)
    if cell is None or cell.year is None:
        return
    rows = {y: c for y, c in judge.table.series(cell.measure, cell.place).items() if y is not None}
    rows = {y: c for y, c in rows.items() if span is None or span[0] <= y <= span[1]}
    lost = said["way"] in _LOSES
    if len(rows) > 2 and [y for y, c in rows.items() if c.value and (c.value < 0) == lost] == [cell.year]:
        stop = max([said.end(), *(m.end for m in marks.years if len(m.years) == 2)])
        yield _held(Mark(start, stop), marks, "every", Result(cell.value, (cell,), False), (cell.place,))


def _then(judge: Judge, marks: Marks, m: Mark, named: Sequence[_Named]) -> Iterator[Verdict]:
    """ "Better in 2020 (0.69)" than in the other year that the sentence gives of the one place."""
    own = sorted(named, key=lambda n: n.start)
    if len(own) != 2 or own[0].figure.place != own[1].figure.place or own[0].figure.measure != own[1].figure.measure:
        return
    after = [n for n in own if n.start >= m.end]
    one = after[0] if after else own[0]
    other = own[0] if one is own[1] else own[1]
    diff = one.figure.value - other.figure.value
    if diff and (diff > 0) == (m.values[0] == "more"):
        yield _held(m, marks, "moved", Result(diff, (one.figure, other.figure), False), (one.figure.place,))


def _multiplied(
    judge: Judge, marks: Marks, m: Mark, one: _Named | None, other: _Named | None, named: Sequence[_Named]
) -> Iterator[Verdict]:
    """ "About half as much as", "quintupled since": of two places, or of two years of one."""
    a = b = None
    if m.values[1] in MOVES or one is None or other is None or one.figure.place == other.figure.place:
        last = min(named, key=lambda n: abs(n.start - m.start)).figure
        if judge.table.measures[last.measure].unit.startswith("% change"):
            ratio, figures = 1 + last.value / 100, (last,)
        else:
            years = sorted({y for y in all_years(marks) if judge.table.cell(last.measure, last.place, y)})
            if len(years) != 2:
                years = [years[0], max(y for y in judge.table.series(last.measure, last.place) if y)] if years else []
            a, b = (judge.table.cell(last.measure, last.place, y) for y in (years[-1], years[0])) if years else (None, None)
    else:
        a, b = one.figure, other.figure
    if a is not None and b is not None:
        if not b.value or (a.value < 0) != (b.value < 0) or a == b:
            return
        ratio, figures = a.value / b.value, (a, b)
    elif m.values[0] == "x" or a is not None or b is not None or "figures" not in locals():
        return
    about = roundness(marks.low[: m.start]) or "about"
    claim = Claim("", m.start, m.end, Frame("times"), Decimal(m.values[0][1:]), about=about)
    if multiple(claim, ratio):
        yield _held(m, marks, "times", Result(ratio, figures, False), (figures[0].place,))


def _cell(judge: Judge, places: Sequence[Mark], named: Sequence[_Named]) -> _Named | None:
    """The cell of a place: the one that the sentence gives, else the one beside those it gives."""
    if not places or not named:
        return None
    own = [n for n in named if n.figure.place in places[0].values]
    if own:
        return min(own, key=lambda n: abs(n.start - places[0].start))
    near = min(named, key=lambda n: abs(n.start - places[0].start))
    cell = judge.table.cell(near.figure.measure, places[0].values[0], near.figure.year)
    return _Named(places[0].start, cell, near.sized) if cell else None


def _moved(judge: Judge, marks: Marks, m: Mark, named: Sequence[_Named]) -> Iterator[Verdict]:
    """A rise or a fall between the two cells around it, or to its one cell from the year before."""
    after = [n for n in named if n.start >= m.end]
    pair = after[:2]
    if len(pair) == 2 and pair[0].rank and pair[1].rank and pair[0].figure.place == pair[1].figure.place:
        if (pair[1].rank < pair[0].rank) == (m.values[0] == "up") and pair[0].rank != pair[1].rank:
            yield _held(m, marks, "moved", Result(pair[1].rank, (pair[1].figure, pair[0].figure), False), (pair[0].figure.place,))
        return
    editions = [n.figure for n in named]
    if len(editions) == 2 and len({(c.place, c.year) for c in editions}) == 1 and len({c.measure for c in editions}) == 2:
        old, new = editions  # one figure of one year in two editions
        diff = abs(new.value) - abs(old.value) if any(n.sized for n in named) else new.value - old.value
        if diff and (diff > 0) == (m.values[0] == "up"):
            yield _held(m, marks, "moved", Result(diff, (new, old), False), (new.place,))
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
        yield _held(m, marks, "moved", Result(diff, (last, first), False), (last.place,))


def _first(
    judge: Judge, marks: Marks, m: Mark, named: Sequence[_Named], verdicts: Sequence[Verdict]
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
        yield _held(m, marks, "rank", Result(Decimal(1), (own.figure,), False), (own.figure.place,))


def _as_then(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """ "In 2023 and in 2024": what is said of one year, held of another that is named with it."""
    for v in sorted(verdicts, key=lambda v: abs(v.claim.start - m.start)):
        f = v.claim.frame
        if f.kind not in ("direction", "value") or f.kind == "value" and v.claim.about not in ("over", "under", "least"):
            continue
        span = range(m.years[0], m.years[-1] + 1)
        each = [judge.verdict(replace(v.claim, frame=replace(f, years=(y,)))) for y in span]
        if all(e.outcome == "supported" for e in each):
            yield from (replace(e, claim=replace(e.claim, start=m.start, end=m.end)) for e in each)
            return
    yield from _way_then(judge, marks, m, verdicts)


def _way_then(judge: Judge, marks: Marks, m: Mark, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """The direction that the nearest word gives to the years of a mark, of the place whose value is named."""
    word = min(marks.directions, key=lambda d: abs(d.start - m.start), default=None)
    near = min((v for v in verdicts if v.claim.frame.kind == "value"), key=lambda v: abs(v.claim.start - m.start), default=None)
    if word is None or near is None or near.right is None or not near.claim.frame.places:
        return
    frame = Frame("direction", near.claim.frame.places[:1], (), near.claim.frame.measures, direction=word.values[0])
    claims = [Claim(marks.text[m.start : m.end], m.start, m.end, replace(frame, years=(y,))) for y in range(m.years[0], m.years[-1] + 1)]
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
        others = [p for p in marks.places if last.claim.end <= p.start <= m.start and p.values[0] not in last.claim.frame.places]
        value = (last.claim.value or Decimal(0)) + len({p.values for p in others})
        claim = replace(last.claim, frame=replace(last.claim.frame, places=m.values), value=value, start=m.start, end=m.end)
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
