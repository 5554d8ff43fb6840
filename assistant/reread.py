"""Another reading of a sentence whose first one fails: which place, year and report each value belongs to.

The first reading binds a number to what stands nearest. Where some value fails under it, the other
readings that grammar allows are tried as a whole, and the one that bears out the most values is kept:
marks right beside a number stay with it, and the loose ones go to the subject or, in order, to the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.claims import Claim
from assistant.frames import BARRED
from assistant.framing import Context
from assistant.judge import Judge
from assistant.mark import Mark
from assistant.marks import Marks

_BESIDE = re.compile(r"(?:'s|s'|')?[\s,:(]*(?:[a-z.-]+\s+){0,3}?[(:]?\s*")  # "Chile's net loss of"
_PARTED = re.compile(
    r"\b(?:with|while|but|and|which|who|when|before|after|had|has|to|from|gain\w*|los\w*|s?he|it)\b|[,;]"
)
_BEHIND = re.compile(r"\s*(?:per [\d,]+ (?:[a-z-]+ ){0,4})?(?:for|in|of|by|at|\()?\s*(?:the\s+)?")
_FROM = re.compile(
    r"\b(?:from|against|compared with|versus|vs\.?|up on|down on)\s+"
    r"(?:a |an |the |net |only |just |about |minus |plus |[a-z]+ (?:gain|loss) of )*$"
)
_NEXT_EDITION = re.compile(r"\b(?:next|following|subsequent) (?:edition|report|issue|one)\b")
Reading = tuple[Claim, ...]


def reread(judge: Judge, marks: Marks, claims: list[Claim], context: Context) -> list[Claim]:
    """The claims of a sentence under the reading that bears out the most of its values; the first one wins a tie."""
    values = [c for c in claims if _open(c)]
    good = _held(judge, values)
    if not values or good == len(values):
        return claims
    best = tuple(values)
    for reading in _readings(marks, values, context):
        held = _held(judge, reading)
        if held > good and (held == len(values) or held == len(values) - 1 > 1):
            best, good = reading, held
    if not good:
        best = max((best, *_readings(marks, values, context)), key=lambda r: _but_for_denominators(judge, r))
    new = dict(zip((c.start for c in values), best, strict=True))
    made = [new.get(c.start, c) if _open(c) else c for c in claims]
    return _alike(made)


def reranked(judge: Judge, marks: Marks, claims: list[Claim]) -> list[Claim]:
    """The claims, with a rank that fails given to the place, year and measure of the value that it stands beside."""
    cells = [(c.start, r.figures[0]) for c in claims if _open(c) and (r := judge.holding(c, c.frame)) and r.figures]
    ends = [(at, f) for at, f in cells if not _FROM.search(marks.low[:at])]  # not what it came from
    cells = ends or cells
    made = []
    for c in claims:
        near = [f for at, f in cells if at < c.start][-1:] or [f for _, f in cells[:1]]
        if c.frame.kind in ("rank", "total") and near and judge.holding(c, c.frame) is None:
            f = near[0]
            years = (f.year,) if f.year else ()
            other = replace(c, frame=replace(c.frame, places=(f.place,), years=years, measures=(f.measure,)))
            c = other if judge.holding(other, other.frame) is not None else c
        made.append(c)
    return made


def _alike(made: list[Claim]) -> list[Claim]:
    """The claims, each with the frames of the others."""
    frames = [c.frame for c in made if c.frame.kind == "value"]
    return [replace(c, others=tuple(f for f in frames if f is not c.frame)) for c in made]


def _open(claim: Claim) -> bool:
    """Whether a claim is of a value whose place or year may be read otherwise: one with digits enough to tell."""
    digits = format(claim.value or 0, "f").replace(".", "").strip("0")
    exact = claim.about not in ("over", "under", "least", "most") and len(digits) > 1
    return exact and claim.frame.kind == "value" and bool(claim.frame.measures)


def _held(judge: Judge, claims: Sequence[Claim]) -> int:
    return sum(judge.holding(c, c.frame) is not None for c in claims)


def _but_for_denominators(judge: Judge, claims: Sequence[Claim]) -> int:
    """How many values only their denominator gainsays: which place is meant shows without it."""
    loose = [replace(c, frame=replace(c.frame, denominators=())) for c in claims]
    return _held(judge, loose) - _held(judge, claims)


def _readings(marks: Marks, values: Sequence[Claim], context: Context) -> Iterator[Reading]:
    """Every other reading of the values, the likeliest first."""
    first = tuple(values)
    placed = [first, *_placed(marks, first, context)]
    for reading in placed:
        yield from (reading, *_dated(marks, reading))


def _placed(marks: Marks, values: Reading, context: Context) -> Iterator[Reading]:
    """Readings by place: loose values to the subject, to the place of the sentence before, or in order."""
    places = [p for p in marks.places if not BARRED.search(marks.low[: p.start])]
    own = [next((p for p in places if beside(marks, c, p)), None) for c in values]
    loose = [i for i, p in enumerate(own) if p is None]
    free = [p for p in places if p not in own]
    for subject in dict.fromkeys(p.values for p in (*free[:1], *places[:1])):
        yield _with_places(values, {i: subject for i in loose})
    if context.places:
        yield _with_places(values, {i: context.places for i in loose})
        if own[0] is None:
            yield _with_places(values, {0: context.places})
    codes = list(dict.fromkeys(p.values for p in places))
    if len(codes) == len(values) > 1 and all(p is None or p.values == codes[i] for i, p in enumerate(own)):
        yield _with_places(values, dict(enumerate(codes)))


def _dated(marks: Marks, values: Reading) -> Iterator[Reading]:
    """Readings by year: the year before for what something moved from, then the years that no value has yet."""
    years = [y for y in marks.years if y.years]
    own = [next((y for y in years if beside(marks, c, y) or _opened(marks, c, y)), None) for c in values]
    single = [y.years[0] for y in years if len(y.years) == 1]
    for i, c in enumerate(values):
        if own[i] is None and _FROM.search(marks.low[: c.start]) and len(set(single)) == 1:
            yield _with_years(values, {i: (single[0] - 1,)})
    loose = [i for i, y in enumerate(own) if y is None]
    ends = [y for m in years for y in (m.years if len(m.years) == 2 else m.years[:1])]
    if len(ends) == len(values) > 1:
        order = ends[::-1] if _FROM.search(marks.low[: values[-1].start]) else ends
        if all(mark is None or mark.years == (y,) for mark, y in zip(own, order, strict=True)):
            yield _with_years(values, {i: (y,) for i, y in enumerate(order)})
    taken = {y.years for y in own if y is not None}
    for y in dict.fromkeys(single or ends):
        if (y,) not in taken or len(loose) == len(values):
            yield _with_years(values, {i: (y,) for i in loose})
    if len(values) > 1 and loose:
        for y in dict.fromkeys(ends):
            yield _with_years(values, {loose[-1]: (y,)})
            yield _with_years(values, {loose[0]: (y,)})


def beside(marks: Marks, claim: Claim, mark: Mark) -> bool:
    """Whether a mark stands right before a number, as its owner, or right behind it."""
    if mark.end <= claim.start:
        between = marks.low[mark.end : claim.start]
        return bool(_BESIDE.fullmatch(between)) and not _PARTED.search(between)
    return bool(_BEHIND.fullmatch(marks.low[claim.end : mark.start]))


_IT_WAS = re.compile(
    r"\s*,?\s*(?:it|they|this|that|the (?:figure|rate|score|value)) (?:was|were|stood at|came to|reached)"
    r"\s*(?:an? |some )?"
)


def _opened(marks: Marks, claim: Claim, year: Mark) -> bool:
    """Whether a year opens the clause of a number: "and in 2022 it was 2.361"."""
    return year.end <= claim.start and _IT_WAS.fullmatch(marks.low[year.end : claim.start]) is not None


def _with_places(values: Reading, places: dict[int, tuple[str, ...]]) -> Reading:
    return tuple(
        replace(c, frame=replace(c.frame, places=places[i])) if i in places else c for i, c in enumerate(values)
    )


def _with_years(values: Reading, years: dict[int, tuple[int, ...]]) -> Reading:
    return tuple(replace(c, frame=replace(c.frame, years=years[i])) if i in years else c for i, c in enumerate(values))
