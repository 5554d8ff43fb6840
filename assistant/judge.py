"""Verdicts: whether a claim holds in the table, and if not, which part of its frame is at fault.

A claim is supported when one candidate measure bears it out, sign, base and denominator included.
Otherwise the one change of its frame that would make it true names the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from assistant.claims import Claim
from assistant.framing import Frame
from assistant.holding import ABOUT_TWO, OTHERS, Holder, in_words
from assistant.numbers import number_of
from assistant.result import Result
from assistant.rounding import as_on_other_base, one_digit, rounded_off
from assistant.wordlists import denominators

# "not_read": words of a sentence, all of whose claims hold, that bear on them and that none of them took up.
Outcome = Literal["supported", "contradicted", "not_in_corpus", "not_read"]
Fault = Literal[
    "sign", "place", "year", "value", "unit", "base", "denominator", "rank", "total", "comparison", "direction",
    "edition", "rounding",
]  # fmt: skip
_ORDINAL = re.compile(r"(?:first|\d+(?:st|nd|rd|th))\b")
_WORKED_OUT = frozenset({"total", "count", "share", "years", "average", "sum", "gap"})  # made of several values
_PER = (100, 1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim: the outcome, the fault and the result that is right."""

    claim: Claim
    outcome: Outcome
    fault: Fault | None = None
    right: Result | None = None
    frame: Frame | None = None  # the frame in which the claim's number would be true


class Judge(Holder):
    """Judges claims against one table."""

    def verdict(self, claim: Claim) -> Verdict:
        """The outcome for one claim."""
        good = self.holding(claim, claim.frame)
        if good is not None:
            return Verdict(claim, "supported", None, good, claim.frame)
        if claim.weak or not claim.frame.measures:
            return Verdict(claim, "not_in_corpus")
        if claim.soft and self._elsewhere(claim):
            return Verdict(claim, "not_in_corpus")
        if claim.frame.report and (found := self.holding(claim, replace(claim.frame, report=0))) is not None:
            return Verdict(claim, "contradicted", "edition", found, replace(claim.frame, report=0))
        if self._of_no_report(claim):
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

    def _of_no_report(self, claim: Claim) -> bool:
        """Whether a value is one of a report that is named, and none of the tables it could stand in is of it."""
        f = claim.frame
        if not f.report or f.kind != "value":
            return False
        known = [self._reports(m) for m in f.measures]
        return bool(known) and all(len(k) == 1 and str(f.report) not in k for k in known)

    def _other_field(self, claim: Claim, own: Sequence[Result]) -> bool:
        """Whether a rank or a total is one among other places than the table has."""
        of = claim.of
        if claim.frame.kind == "total":
            if own and all(self.table.measures[r.figures[0].measure].kind == "rank" for r in own):
                return True
            ranked = self.reckoner.results(replace(claim.frame, kind="rank")) if of is not None else []
            return bool(ranked) and not any(r.value <= (of or 0) <= (r.upper or r.value) for r in ranked)
        totals = [r.value for r in self.reckoner.results(replace(claim.frame, kind="total"))]
        return bool(own) and of is not None and bool(totals) and of not in totals

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
            if (
                not own
                and claim.frame.years
                and all(self.table.measures[m].kind == "rank" for m in claim.frame.measures)
            ):
                for frame in (replace(claim.frame, places=(p,)) for p in self._places):
                    if (found := self.holding(claim, frame)) is not None:
                        return "place", frame, found
        if not own:
            return None
        plain: dict[str, Fault] = {
            "rank": "rank",
            "peak": "rank",
            "every": "direction",
            "times": "comparison",
            "compare": "comparison",
            "direction": "direction",
            "moved": "direction",
        }
        if (
            kind == "rank"
            and claim.value == 1
            and not claim.step
            and not claim.text[:1].isdigit()
            and self._worded(claim)
        ):
            return self._misplaced(claim, own)
        if kind in ("rank",) and claim.of is not None and claim.of == claim.value:
            return "rank", None, own[0]
        if kind == "change" and claim.frame.percent and in_words(claim):
            return "comparison", None, _closest(claim, own)  # "took more than half off"
        return plain.get(kind, "total" if kind in _WORKED_OUT else "value"), None, _closest(claim, own)

    def _worded(self, claim: Claim) -> bool:
        """Whether a first or last place is said without an ordinal, which could be mended by itself."""
        return number_of(claim.text.lower()) is None and not _ORDINAL.match(claim.text.lower())

    def _misplaced(self, claim: Claim, own: Sequence[Result]) -> tuple[Fault, Frame | None, Result | None]:
        """The other end of the table, where the place stands there; else another place stands where it is said to."""
        f = claim.frame
        if self.holding(claim, replace(f, bottom=not f.bottom, sized=False)) is not None:
            return "rank", None, own[0]
        for frame in (replace(f, places=(p,)) for p in self._places):
            if (found := self.holding(claim, frame)) is not None:
                return "place", frame, found
        return "rank", None, own[0]

    def _changes(self, claim: Claim) -> Iterator[tuple[Fault, Frame]]:
        """Frames that differ in one part, the likeliest first; for all kinds but values."""
        f = claim.frame
        if f.denominators:
            yield "denominator", replace(f, denominators=())
        if f.kind in ("change", "moved"):
            yield "direction", replace(f, direction={"up": "down", "down": "up"}.get(f.direction, f.direction))
        if f.kind in ("gap", "compare", "times"):
            yield "comparison", replace(f, direction={"more": "less", "less": "more"}.get(f.direction, f.direction))
            yield "comparison", replace(f, places=f.places[::-1])
        if f.kind in ("change", "moved"):
            yield "unit", replace(f, percent=not f.percent)
        if f.kind in ("count", "share", "years", "every"):
            yield "direction", replace(f, direction={"more": "less", "less": "more"}.get(f.direction, f.direction))
        if f.kind == "direction":
            return
        if f.kind == "every" and len(f.near) == 1:
            yield from (("place", replace(f, near=(p,))) for p in self._places if p not in f.near)
        if f.kind in ("rank", "total", "count", "share", "years", "every"):
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
        return replace(
            f, measures=tuple(m for x in families for m in self.table.families[x].order), edition=False, report=0
        )

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
        if found := self._first_of(claim, self._second_places(f)):
            return "place", found[0], right
        if claim.about in ("over", "under"):  # a bound holds of many values, so none of them explains it
            return ("rounding", None, right) if right is not None else None
        few = len(format(value, "f").replace(".", "").lstrip("0")) < 2 and claim.step > -2
        if few and right is not None and rounded_off(claim, right):
            return "rounding", f, right
        if f.edition and not few and (found := self._first_of(claim, [self._anywhere(loose)])):
            return "edition", found[0], right
        if right is not None and rounded_off(claim, right):
            return "rounding", f, right
        years = [replace(loose, years=(y,)) for y in self._other_years(f)] if len(f.years) <= 1 else []
        if not few and (found := self._first_of(claim, years)):
            return "year", found[0], right
        if right is not None and one_digit(claim, right.value):
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
        if found.places != f.places or found.years != f.years:
            return "place" if found.places != f.places else "year"
        if {self.table.measures[m].family for m in found.measures} <= ABOUT_TWO:
            return "place"  # its quantities are told apart by a place: "51% in China and 36% in the US"
        reports = {self.table.measures[m].edition for m in (*f.measures, *found.measures)}
        return "value" if len(reports) == 1 else "edition"  # another quantity of the same report

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

    def _second_places(self, f: Frame) -> Iterator[Frame]:
        """Frames with another second place, for families whose figures speak of two: "6,300 in the UK"."""
        for m in f.measures:
            others = OTHERS.get(self.table.measures[m].family, ())
            for place in self.table.places(m) if len(self.table.places(m)) == 1 else ():
                if others and not {*f.near} <= {place, *others}:
                    yield replace(f, places=(place,), near=(place, *others), measures=(m,))

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
                    if own == 100 and f.per > 100:
                        return "unit", frame, right
                    if not f.per or f.per == own and (own < 1000 or not as_on_other_base(claim, found)):
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


@lru_cache(maxsize=512)
def _class_of(denominator: str) -> frozenset[str]:
    return frozenset(denominators(denominator))


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
    return next((r for r in own if one_digit(claim, r.value)), own[0])
