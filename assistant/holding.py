"""Whether a claim holds in the table under a frame: sign, unit, base and denominator included."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from assistant.claims import Claim
from assistant.framing import Frame
from assistant.numbers import number_of
from assistant.reckon import Reckoner
from assistant.result import Result
from assistant.rounding import multiple, same, turned, way
from assistant.wordlists import denominators, raw_words
from corpus.figures import FigureTable
from corpus.places import Gazetteer
from corpus.types import Measure

_ONE_IN = re.compile(r"(?:one|1) (?:[a-z'-]+ ){0,6}?(?:in|out of|for)(?: every)? ([a-z]+|\d+)$")
_REPORTS = re.compile(r"AI Index(?: Report)? (20\d\d)")
_NEARLY = ("about", "above", "beneath")
_PART = Decimal("0.5")  # how far off a part of a whole may be, in percent: "two thirds" of 67
_LOOSE_PART = Decimal("0.05")  # "about one in sixty" may be one in 58 to 63
_SPELT_PART = Decimal("0.12")  # "a little over a quarter" of a value up to 12 % more
ABOUT_TWO = frozenset(raw_words()["about_two"]["families"])
OTHERS: Mapping[str, Sequence[str]] = raw_words()["about_two"]["others"]  # type: ignore[assignment]


def in_words(claim: Claim) -> bool:
    """Whether a part of a whole is said in words and so rounded: "two thirds", never "minus 0.1"."""
    return claim.text[:1].isalpha() and not any(ch.isdigit() for ch in claim.text)


class Holder:
    """Holds claims against one table."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self.table = table
        self.reckoner = Reckoner(table, places)
        self._report_years: dict[str, frozenset[str]] = {}
        self._places = sorted({f.place for f in table.figures})

    def own(self, claim: Claim) -> list[Result]:
        """What the table has for the claim's own frame, whatever its denominator and sign."""
        if claim.frame.kind == "value" and claim.frame.per and claim.frame.per < 1000:
            found = self.reckoner.results(claim.frame)
            return found or self.reckoner.results(replace(claim.frame, per=0))
        return self.reckoner.results(claim.frame)

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
            if len(held) == 1 and self.table.measures[m].family in ABOUT_TWO and held <= {*frame.near, "WLD"}:
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
        said = set(frame.denominators)
        held = _class_of(self.table.measures[measure].denominator.lower().split(",")[0])
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
            return way(f.direction, r.value)
        if claim.value is None:
            return f.kind == "rank" and r.value == 1
        measure = self.table.measures[r.figures[0].measure]
        known = self._reports(measure.id)
        if f.report and len(known) == 1 and str(f.report) not in known:
            return False
        if measure.family in OTHERS and len(f.near) in (2, 3):
            if not {*f.near} <= {r.figures[0].place, *OTHERS[measure.family]}:
                return False
        if f.kind == "value" and (one := _ONE_IN.match(claim.text.lower())) and r.value:
            whole, said = 100 / abs(r.value), number_of(one[1])
            if claim.about in ("over", "under", "above", "beneath") and said is not None:
                return (
                    self._unit(f, measure) and (said > whole) == (claim.about in ("over", "above")) and said < 2 * whole
                )
            loose = bool(claim.about) and said is not None and abs(whole - said) <= said * _LOOSE_PART
            return self._unit(f, measure) and (round(whole) == said or loose)
        if f.kind == "value" and claim.about in _NEARLY and in_words(claim) and f.per == 100:  # "just over half"
            return self._beside(claim, abs(r.value)) and self._signed(claim, f, r, measure)
        if f.kind == "value" and not claim.about and in_words(claim) and f.per == 100:  # "two thirds"
            return self._signed(claim, f, r, measure) and abs(claim.value - abs(r.value)) <= _PART
        if f.kind == "value" and claim.about in _NEARLY and claim.value < 1 and in_words(claim):
            near = self._beside(claim, abs(r.value))  # "about half a person per 10,000"
            return near and self._signed(claim, f, r, measure) and self._unit(f, measure)
        if f.kind == "value":
            return (
                self._signed(claim, f, r, measure)
                and self._unit(f, measure)
                and same(abs(claim.value), abs(r.value), claim.step, claim.about, self._shown(f, measure, r))
            )
        if (
            f.kind == "change" and in_words(claim) and f.percent and claim.about not in ("over", "under")
        ):  # "shrank by two thirds"
            return turned(claim, f, r.value) and abs(claim.value - abs(r.value)) <= 4 * _PART
        if f.kind in ("change", "gap"):
            return turned(claim, f, r.value) and same(claim.value, abs(r.value), claim.step, claim.about)
        if f.kind == "times":
            return multiple(claim, r.value)
        if f.kind == "rank" and claim.about == "top":
            return r.value <= claim.value
        if f.kind in ("peak", "every"):
            return r.value == claim.value
        if f.kind == "rank":
            return r.value <= claim.value <= (r.upper or r.value)
        if f.kind == "years" and claim.of not in (None, r.upper):
            return False
        if f.kind == "total" and claim.value == r.value:
            return True  # "over 24 member states" is across them
        if f.kind in ("total", "count", "years"):
            return same(claim.value, r.value, claim.step, claim.about)
        if f.kind in ("average", "sum"):
            signed = claim.value * (claim.sign or (-1 if f.direction == "out" else 1))
            return (signed < 0) == (r.value < 0) and same(claim.value, abs(r.value), claim.step, claim.about)
        return same(claim.value, r.value, claim.step, claim.about)

    def _beside(self, claim: Claim, held: Decimal) -> bool:
        """Whether a part said in words lies close to a value, on the side that its words say."""
        off = held - (claim.value or 0)
        side = {"above": 1, "beneath": -1}.get(claim.about, 0)
        return abs(off) <= held * _SPELT_PART and off * side >= 0

    def _reports(self, measure: str) -> frozenset[str]:
        """The years of the AI Index reports that a measure is of."""
        if measure not in self._report_years:
            self._report_years[measure] = frozenset(_REPORTS.findall(self.table.measures[measure].edition))
        return self._report_years[measure]

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


@lru_cache(maxsize=512)
def _class_of(denominator: str) -> frozenset[str]:
    return frozenset(denominators(denominator))
