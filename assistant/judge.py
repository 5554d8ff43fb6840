"""Verdicts: whether a claim holds in the table, and if not, which part of its frame is at fault.

A claim is supported when one candidate measure bears it out, sign, base and denominator included.
Otherwise the one change of its frame that would make it true names the fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

from assistant.claims import Claim, Frame
from assistant.marks import denominators, raw_words
from assistant.reckon import Reckoner, Result
from corpus.figures import FigureTable
from corpus.places import Gazetteer
from corpus.types import Figure, Measure

Outcome = Literal["supported", "contradicted", "not_in_corpus"]
Fault = Literal[
    "sign", "place", "year", "value", "unit", "base", "denominator", "rank", "total", "comparison", "direction",
    "edition", "rounding",
]  # fmt: skip
_NEAR = Decimal("0.1")  # how far a number rounded to tens or hundreds may be off, as a part of the value
_ABOUT_TWO = frozenset(raw_words()["about_two"]["families"])
_PER = (100, 1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim: the outcome, the fault and the result that is right."""

    claim: Claim
    outcome: Outcome
    fault: Fault | None = None
    right: Result | None = None
    frame: Frame | None = None  # the frame in which the claim's number would be true


class Judge:
    """Judges claims against one table."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self.table = table
        self.reckoner = Reckoner(table, places)
        self._classes = {m.id: _class_of(m.denominator.lower().split(",")[0]) for m in table.measures.values()}
        self._places = sorted({f.place for f in table.figures})

    def verdict(self, claim: Claim) -> Verdict:
        """The outcome for one claim."""
        good = self.holding(claim, claim.frame)
        if good is not None:
            return Verdict(claim, "supported", None, good, claim.frame)
        if claim.weak or not claim.frame.measures:
            return Verdict(claim, "not_in_corpus")
        if claim.soft and self._elsewhere(claim):
            return Verdict(claim, "not_in_corpus")
        own = self.own(claim)
        if claim.frame.kind in ("rank", "total") and self._other_field(claim, own):
            return Verdict(claim, "not_in_corpus")
        blamed = self.blame(claim, own)
        if blamed is None:
            return Verdict(claim, "not_in_corpus", right=None)
        fault, frame, right = blamed
        return Verdict(claim, "contradicted", fault, right or (own[0] if own else None), frame)

    def _elsewhere(self, claim: Claim) -> bool:
        """Whether a claim may speak of another place or year than the sentence before it did."""
        if "place" in claim.soft:
            return True
        return self.holding(claim, replace(claim.frame, years=())) is not None

    def _other_field(self, claim: Claim, own: Sequence[Result]) -> bool:
        """Whether a rank or a total is one among other places than the table has."""
        if claim.frame.kind == "total":
            ranked = claim.of is not None and self.reckoner.results(replace(claim.frame, kind="rank"))
            rank_only = all(self.table.measures[r.figures[0].measure].kind == "rank" for r in own)
            return (
                bool(own)
                and rank_only
                or bool(ranked)
                and not any(r.value <= claim.of <= (r.upper or r.value) for r in ranked or ())
            )  # type: ignore[operator]
        if claim.frame.kind == "rank" and not own:
            return False
        totals = [r.value for r in self.reckoner.results(replace(claim.frame, kind="total"))]
        return claim.of is not None and claim.of not in totals and bool(totals)

    def own(self, claim: Claim) -> list[Result]:
        """What the table has for the claim's own frame, whatever its denominator and sign."""
        if claim.frame.kind == "value" and claim.frame.per and claim.frame.per < 1000:
            found = self.reckoner.results(claim.frame)
            return found or self.reckoner.results(replace(claim.frame, per=0))
        return self.reckoner.results(claim.frame)

    def agreed(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts of one sentence, its relations blamed on the number that is wrong where that mends them."""
        wrong = [v for v in verdicts if v.outcome == "contradicted" and v.claim.frame.kind == "value"]
        return [self._mended(v, wrong) for v in verdicts]

    def _mended(self, verdict: Verdict, wrong: Sequence[Verdict]) -> Verdict:
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
                if self.holding(claim, frame) is not None:
                    return replace(verdict, fault=w.fault)
        if wrong and claim.value is None:
            return replace(verdict, fault=wrong[0].fault)
        return verdict

    # -- holding ---------------------------------------------------------------------------------

    def holding(self, claim: Claim, frame: Frame) -> Result | None:
        """The result that bears the claim out under a frame, or None."""
        if frame.kind in ("value", "average") and not self._denominated(frame):
            return None
        frame = self._fitting(frame)
        if frame.kind == "value" and len(frame.places) > 1:
            each = [self._first(claim, replace(frame, places=(p,))) for p in frame.places]
            if all(r is not None for r in each):
                return each[0]
            shared = self._shared(claim, frame)
            return shared
        if frame.kind == "value" and len(frame.years) > 1:
            each = [self._first(claim, replace(frame, years=(y,))) for y in frame.years]
            return each[0] if all(r is not None for r in each) else None
        found = self._first(claim, frame)
        return self._shared(claim, frame) if found is None and frame.kind in ("value", "change", "moved") else found

    def _shared(self, claim: Claim, frame: Frame) -> Result | None:
        """A figure about two places at once: American and Chinese origin, Koreans in the United States."""
        for m in frame.measures:
            held = self.table.places(m)
            if len(held) == 1 and self.table.measures[m].family in _ABOUT_TWO and held <= {*frame.near, "WLD"}:
                found = self._first(claim, replace(frame, places=tuple(held), measures=(m,)))
                if found:
                    return found
        return None

    def _fitting(self, frame: Frame) -> Frame:
        """The frame with only those measures whose denominator is the one it states."""
        if not frame.denominators or frame.kind not in ("value", "average", "change", "gap"):
            return frame
        return replace(frame, measures=tuple(m for m in frame.measures if self._agrees(frame, m)))

    def _denominated(self, frame: Frame) -> bool:
        return not frame.denominators or any(self._agrees(frame, m) for m in frame.measures)

    def _agrees(self, frame: Frame, measure: str) -> bool:
        """Whether the stated denominator can be that of the measure."""
        said, held = set(frame.denominators), self._classes[measure]
        if not said or not held:
            return True
        if ("skilled" in said) != ("skilled" in held):
            return False
        return (
            bool((said & held) - {"skilled"})
            or said == {"skilled"}
            or (said - {"skilled"} <= {"people", "workforce"} and "skilled" in held)
        )

    def _first(self, claim: Claim, frame: Frame) -> Result | None:
        return next((r for r in self.reckoner.results(frame) if self.matches(claim, frame, r)), None)

    def matches(self, claim: Claim, f: Frame, r: Result) -> bool:
        """Whether the number and words of a claim say what a result says."""
        if f.kind in ("direction",):
            return bool(r.value) and (r.value > 0) == (f.direction == "in")
        if f.kind in ("moved", "compare"):
            return _way(f.direction, r.value)
        if claim.value is None:
            return f.kind == "rank" and r.value == 1
        measure = self.table.measures[r.figures[0].measure]
        if f.kind == "value":
            return (
                self._signed(claim, f, r, measure)
                and self._unit(f, measure)
                and same(abs(claim.value), abs(r.value), claim.step, claim.about, self._shown(f, measure, r))
            )
        if f.kind in ("change", "gap"):
            return _turned(claim, f, r.value) and same(claim.value, abs(r.value), claim.step, claim.about)
        if f.kind == "times":
            return _multiple(claim, r.value)
        if f.kind == "rank" and claim.about == "top":
            return r.value <= claim.value
        if f.kind == "rank":
            return r.value <= claim.value <= (r.upper or r.value)
        if f.kind == "years" and claim.of not in (None, r.upper):
            return False
        if f.kind in ("total", "count", "years"):
            return same(claim.value, r.value, claim.step, claim.about)
        if f.kind == "average":
            signed = claim.value * (claim.sign or (-1 if f.direction == "out" else 1))
            return (signed < 0) == (r.value < 0) and same(claim.value, abs(r.value), claim.step, claim.about)
        return same(claim.value, r.value, claim.step, claim.about)

    def _shown(self, f: Frame, m: Measure, r: Result) -> bool:
        return m.decimals is not None

    def _unit(self, f: Frame, m: Measure) -> bool:
        """Whether the unit stated is one that the measure can be given in."""
        if m.per <= 1:
            return not f.per
        return True

    def _signed(self, claim: Claim, f: Frame, r: Result, m: Measure) -> bool:
        """Whether digits and words have the sign of the value; a word stands in for a sign that is left out."""
        if not m.signed:
            return claim.sign >= 0 or r.value < 0
        if r.value == 0:
            return True
        sign = 1 if r.value > 0 else -1
        word = {"in": 1, "out": -1}.get(f.direction, 0)
        if claim.sign:
            return claim.sign == sign and word in (0, sign)
        return (word or 1) == sign

    # -- naming the fault ------------------------------------------------------------------------

    def blame(self, claim: Claim, own: Sequence[Result]) -> tuple[Fault, Frame | None, Result | None] | None:
        """The fault of a claim that does not hold; None where the table has nothing to hold it against."""
        kind = claim.frame.kind
        if kind == "value":
            return self._blame_value(claim, own)
        for fault, frame in self._changes(claim):
            if not own and claim.value is None and fault != "edition":
                continue
            if (found := self.holding(claim, frame)) is not None:
                return fault, frame, own[0] if own else found
        if kind == "years" and any(r.value == claim.value and r.upper != claim.of for r in own):
            return "total", None, own[0]
        if kind == "rank" and own and all(self.table.measures[r.figures[0].measure].kind == "rank" for r in own):
            for year in self._other_years(claim.frame):
                if (found := self.holding(claim, replace(claim.frame, years=(year,)))) is not None:
                    return "year", replace(claim.frame, years=(year,)), own[0]
        if not own and kind == "rank":
            for year in self._other_years(claim.frame):
                if (found := self.holding(claim, replace(claim.frame, years=(year,)))) is not None:
                    return "year", replace(claim.frame, years=(year,)), found
            own = self.reckoner.results(replace(claim.frame, sized=False))
        if not own:
            return None
        plain: dict[str, Fault] = {
            "rank": "rank",
            "total": "total",
            "times": "comparison",
            "compare": "comparison",
            "direction": "direction",
            "moved": "direction",
        }
        if kind in ("rank",) and claim.of is not None and claim.of == claim.value:
            return "rank", None, own[0]
        return plain.get(kind, "value"), None, _closest(claim, own)

    def _changes(self, claim: Claim) -> Iterator[tuple[Fault, Frame]]:
        """Frames that differ in one part, the likeliest first; for all kinds but values."""
        f = claim.frame
        if f.kind in ("change", "moved"):
            yield "direction", replace(f, direction={"up": "down", "down": "up"}.get(f.direction, f.direction))
        if f.kind in ("gap", "compare", "times"):
            yield "comparison", replace(f, direction={"more": "less", "less": "more"}.get(f.direction, f.direction))
            yield "comparison", replace(f, places=f.places[::-1])
        if f.kind in ("change", "moved"):
            yield "unit", replace(f, percent=not f.percent)
        if f.kind in ("count", "share", "years"):
            yield "direction", replace(f, direction={"more": "less", "less": "more"}.get(f.direction, f.direction))
        if f.kind == "direction":
            return
        if f.kind in ("rank", "total", "count", "share", "years"):
            return
        if f.edition:
            yield "edition", self._anywhere(f)
        for y in self._other_years(f):
            if f.kind not in ("total",) and len(f.years) <= 1:
                yield "year", replace(f, years=(y,))
        if f.kind == "average":
            yield "sign", replace(f, direction={"in": "out", "out": "in", "": "out"}[f.direction])

    def _anywhere(self, f: Frame) -> Frame:
        """The frame under every measure of its families."""
        families = dict.fromkeys(self.table.measures[m].family for m in f.measures)
        return replace(f, measures=tuple(m for x in families for m in self.table.families[x].order), edition=False)

    def _other_years(self, f: Frame) -> list[int]:
        return [y for y in sorted({y for m in f.measures for y in self.table.years(m)}) if y not in f.years]

    def _blame_value(self, claim: Claim, own: Sequence[Result]) -> tuple[Fault, Frame | None, Result | None] | None:
        f, value = claim.frame, claim.value or Decimal(0)
        own = [r for r in own if self._near_kind(claim, r)]
        right = _closest(claim, own)
        loose = replace(f, denominators=())
        if own:
            if found := self._first_of(claim, [self._flipped(f, claim.sign)]):
                return ("direction" if f.direction and not claim.sign else "sign"), found[0], found[1]
            unsigned = replace(claim, sign=0, frame=replace(f, direction=""))
            if claim.sign and f.direction and (found := self._first_of(unsigned, self._both(f))):
                return "sign", found[0], found[1]
            if f.denominators and (found := self._first_of(claim, [loose])):
                return "denominator", found[0], found[1]
            if f.denominators and (found := self._first_of(claim, [self._flipped(loose, claim.sign)])):
                return "denominator", found[0], found[1]
        if found := self._first_of(claim, self._swaps(claim)):
            return self._which(f, found[0]), found[0], right or None
        if own and (fault := self._scaled(claim, f, right)):
            return fault
        few = len(format(value, "f").replace(".", "").lstrip("0")) < 2
        if few and right is not None and self._rounding(claim, right):
            return "rounding", f, right
        if f.edition and not few and (found := self._first_of(claim, [self._anywhere(loose)])):
            return "edition", found[0], right
        if right is not None and self._rounding(claim, right):
            return "rounding", f, right
        years = [replace(loose, years=(y,)) for y in self._other_years(f)] if len(f.years) <= 1 else []
        if not few and (found := self._first_of(claim, years)):
            return "year", found[0], right
        if right is not None and _one_digit(claim, right.value):
            return "value", None, right
        if found := self._first_of(claim, years):
            return "year", found[0], right
        if right is not None and claim.step > 0 and value in (abs(right.value) * 1000, abs(right.value) * 10**6):
            return "unit", None, right  # thousands for millions
        if claim.step < 0 and value >= Decimal("0.1") or value >= 1000 or value >= 10 and f.per:
            if found := self._first_of(claim, (replace(loose, places=(p,)) for p in self._places if p not in f.places)):
                return "place", found[0], right
        if (
            right is not None
            and claim.about in ("over", "under")
            and (value > abs(right.value)) == (claim.about == "over")
        ):
            return "rounding", None, right
        if right is not None and claim.about and abs(right.value) / 2 <= value <= abs(right.value) * 2:
            return "rounding", None, right
        return ("value", None, right) if own else None

    def _which(self, f: Frame, found: Frame) -> Fault:
        return "place" if found.places != f.places else "year" if found.years != f.years else "edition"

    def _flipped(self, f: Frame, sign: int = 0) -> Frame:
        """The other sign: that of the digits where they have one, else that of the word."""
        if sign:
            return replace(f, direction="in" if sign < 0 else "out")
        return replace(f, direction={"in": "out", "out": "in", "": "out"}[f.direction])

    def _both(self, f: Frame) -> list[Frame]:
        return [replace(f, direction=d) for d in ("in", "out")]

    def _first_of(self, claim: Claim, frames: Iterable[Frame]) -> tuple[Frame, Result] | None:
        """The first frame under which the claim holds; with the sign of a word or of the digits."""
        for frame in frames:
            given = claim if frame.direction == claim.frame.direction else replace(claim, sign=0)
            if (found := self.holding(given, frame)) is not None:
                return frame, found
        return None

    def _swaps(self, claim: Claim) -> Iterator[Frame]:
        """The frames of the sentence's other numbers: a swapped pair."""
        f = claim.frame
        for o in claim.others:
            if o.places != f.places and o.places:
                yield replace(f, places=o.places)
                yield replace(f, places=o.places, direction=o.direction)
            if o.years != f.years and o.years:
                yield replace(f, years=o.years)
            if o.measures != f.measures:
                yield replace(f, measures=o.measures)

    def _near_kind(self, claim: Claim, r: Result) -> bool:
        m = self.table.measures[r.figures[0].measure]
        if (claim.value or Decimal(0)) >= 5000 and not claim.frame.per and not claim.sign:
            return m.kind == "count"
        return m.kind != "count" or (claim.value or Decimal(0)) >= 1 or bool(claim.frame.per)

    def _scaled(self, claim: Claim, f: Frame, right: Result | None) -> tuple[Fault, Frame | None, Result | None] | None:
        """A number that is right on another base, or off by a power of ten."""
        for per in _PER:
            for direction in (f.direction, *({"", "out"} - {f.direction})):
                frame = replace(f, per=per, denominators=(), direction=direction)
                given = replace(claim, sign=0) if direction != f.direction else claim
                if per != f.per and (found := self.holding(given, frame)) is not None:
                    own = self.table.measures[found.figures[0].measure].per
                    if own <= 1:
                        continue
                    if not f.per or f.per == own:
                        return "value", None, right
                    if f.per == 100 and not claim.text[-1:].isdigit():
                        return "unit", frame, right
                    return "base", frame, right
        if f.per and (found := self.holding(claim, replace(f, per=0, denominators=()))) is not None:
            return "unit", replace(f, per=0), found
        if f.per:
            for direction in ("", "out"):
                bare = replace(f, per=0, denominators=(), direction=direction)
                if (found := self.holding(replace(claim, sign=0), bare)) is not None:
                    return ("unit" if f.per == 100 and not claim.text[-1:].isdigit() else "base"), bare, found
        return None

    def _rounding(self, claim: Claim, right: Result) -> bool:
        """Whether a number has fewer digits than the value and is one unit of its last digit off."""
        held, value = abs(right.value), claim.value or Decimal(0)
        step = claim.step
        if step >= 0 and value:
            step = max(step, _trailing(value))
        exponent = int(held.normalize().as_tuple().exponent)
        if step <= exponent:
            return False
        unit = Decimal(1).scaleb(step)
        return abs(value - held) < 2 * unit and (value != held)


@lru_cache(maxsize=512)
def _class_of(denominator: str) -> frozenset[str]:
    return frozenset(denominators(denominator))


def same(said: Decimal, held: Decimal, step: int, about: str, longer: bool = False) -> bool:
    """Whether a number says a value: the same, or a right rounding of it to fewer digits.

    `step` is the exponent of the last digit said. A bound ("more than") must bound it closely; a number
    with zeros at its end is a rounding only beside a word such as "about".
    """
    if about == "over":
        return said < held <= said * 10
    if about == "under":
        return held < said <= held * 10
    if said == held:
        return True
    steps = {step}
    if about and step >= 0 and said:
        steps |= set(range(step, _trailing(said) + 1))
    for s in steps:
        unit = Decimal(1).scaleb(s)
        if s > held.adjusted() and abs(said - held) > abs(held) * _NEAR / 2:
            continue
        if s > 0 and not about:
            continue
        for mode in (ROUND_HALF_EVEN, ROUND_HALF_UP):
            if held.quantize(unit, mode) == said and (s <= 0 or abs(said - held) <= held * _NEAR):
                return True
    return False


def _trailing(value: Decimal) -> int:
    """The exponent of the last digit that is not zero."""
    return int(value.normalize().as_tuple().exponent)


def _way(direction: str, value: Decimal) -> bool:
    if direction in ("up", "more"):
        return value > 0
    if direction in ("down", "less"):
        return value < 0
    return direction == "even" and value == 0


def _turned(claim: Claim, f: Frame, value: Decimal) -> bool:
    """Whether a change or a difference goes the way that the words or the sign say."""
    if claim.sign:
        return (claim.sign > 0) == (value > 0) and (not f.direction or _way(f.direction, value))
    return not f.direction or _way(f.direction, value)


def _multiple(claim: Claim, ratio: Decimal) -> bool:
    """ "Twice", "3.4 times", "more than five times"."""
    value = claim.value or Decimal(0)
    if claim.about == "over":
        return value < ratio < value * Decimal("1.5") or value < ratio < value + 1
    if claim.about == "under":
        return value * Decimal("0.8") < ratio < value
    if claim.about:
        return abs(ratio - value) <= value * _NEAR
    held = ratio.quantize(Decimal(1).scaleb(claim.step), ROUND_HALF_EVEN)
    return held == value and (claim.step < 0 or abs(ratio - value) <= value * Decimal("0.06"))


def _closest(claim: Claim, own: Sequence[Result]) -> Result | None:
    """The result of the leading measure; one that is nearly the claim's number where there is one."""
    if not own:
        return None
    value = claim.value or Decimal(0)
    for r in own:  # off by a power of ten
        if r.value and value and (abs(r.value) / value).normalize().as_tuple().digits == (1,):
            return r
    for r in own:
        if r.value and abs(abs(r.value) - value) <= abs(r.value) * Decimal("0.02"):
            return r
    return next((r for r in own if _one_digit(claim, r.value)), own[0])


def _one_digit(claim: Claim, held: Decimal) -> bool:
    """Whether the number as said differs from a value in one digit."""
    if claim.value is None:
        return False
    try:
        shown = format(abs(held).quantize(Decimal(1).scaleb(claim.step), ROUND_HALF_EVEN), "f")
    except ArithmeticError:  # a value too long for the context's precision
        return False
    said = format(claim.value, "f")
    return len(shown) == len(said) and sum(a != b for a, b in zip(shown, said, strict=True)) == 1


def truncated(value: Decimal, step: int) -> Decimal:
    """A value cut off after its digit of that exponent."""
    return value.quantize(Decimal(1).scaleb(step), ROUND_DOWN)


def first_measure(figures: Iterable[Figure]) -> str:
    """The measure of the first figure, or nothing."""
    return next((f.measure for f in figures), "")
