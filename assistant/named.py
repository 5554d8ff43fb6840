"""The cells that the numbers of a sentence name, and the verdict of a claim that its words make of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.claims import Claim
from assistant.framing import Frame
from assistant.judge import Fault, Verdict
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.result import Result
from assistant.roles import Kind
from corpus.types import Figure


@dataclass(frozen=True, slots=True)
class Named:
    """A cell that a number of the sentence names, and where."""

    start: int
    figure: Figure
    sized: bool  # it was said as the size of a loss
    rank: Decimal | None = None  # the place in the order that was said of it
    said: Decimal | None = None  # the value as the sentence rounds it, with the sign of the cell


def held(m: Mark, marks: Marks, kind: Kind, result: Result, places: tuple[str, ...]) -> Verdict:
    """A supported verdict for what the words of a mark say of some cells."""
    years = tuple(sorted({c.year for c in result.figures if c.year is not None}))
    measures = tuple(dict.fromkeys(c.measure for c in result.figures))
    frame = Frame(kind, places, years, measures)
    return Verdict(Claim(marks.text[m.start : m.end], m.start, m.end, frame), "supported", None, result, frame)


def turned(verdict: Verdict, fault: Fault) -> Verdict:
    """A verdict of words that say the opposite of what their cells do."""
    return replace(verdict, outcome="contradicted", fault=fault)


def toward(verdict: Verdict, direction: str) -> Verdict:
    """A verdict whose frame says which way its words go."""
    frame = replace(verdict.claim.frame, direction=direction)
    return replace(verdict, claim=replace(verdict.claim, frame=frame), frame=frame)
