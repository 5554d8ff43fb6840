"""What a reader of a draft gets: each claim with its verdict, what is right, and the figures behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from assistant.cells import NO_SOURCE
from assistant.check import Checker
from assistant.judge import Fault, Outcome, Verdict
from assistant.result import Result
from assistant.types import Cell, Citation, Derived, Direction, Support
from assistant.verify import shown
from assistant.wording import joined, number, ordinal, owner, printed, unit_of
from corpus.types import Figure

MOST_INPUTS = 6  # figures of a working that are cited


@dataclass(frozen=True, slots=True)
class Checked:
    """One claim of a draft at text[start:end], with its verdict and its footnotes."""

    text: str
    start: int
    end: int
    verdict: Outcome
    fault: Fault | None = None
    right: str | None = None
    citations: tuple[Citation, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The claim as `footnote check --json` prints it."""
        return {
            "text": self.text, "start": self.start, "end": self.end, "verdict": self.verdict, "fault": self.fault,
            "right": self.right, "citations": [c.to_dict() for c in self.citations],
        }  # fmt: skip


def checked(checker: Checker, text: str) -> list[Checked]:
    """Every claim of a text, in order; footnotes are numbered through."""
    numbers: dict[Support, int] = {}
    made = []
    for verdict in checker.verdicts(text):
        supports = supports_of(checker, verdict)
        citations = tuple(Citation(numbers.setdefault(s, len(numbers) + 1), s) for s in supports)
        claim = verdict.claim
        right = told(checker, verdict) if verdict.outcome == "contradicted" else None
        made.append(Checked(claim.text, claim.start, claim.end, verdict.outcome, verdict.fault, right, citations))
    return made


def supports_of(checker: Checker, verdict: Verdict) -> list[Support]:
    """What a verdict stands on: the cell, the known direction, or a working over cells."""
    r = verdict.right
    if r is None:
        return []
    if r.known is not None:
        measure = checker.table.measures[r.known.measure]
        source = checker.table.sources.get(r.known.source_id, NO_SOURCE)
        return [Direction(r.known, measure, source, checker.places.name(r.known.place))]
    cells = [cell(checker, f) for f in r.figures]
    if r.exact:
        return list(cells[:1])
    return [Derived(working(verdict, r), r.value, tuple(cells[:MOST_INPUTS]))]


def cell(checker: Checker, figure: Figure) -> Cell:
    """A figure with its measure, source and the name of its place."""
    source = checker.table.sources.get(figure.source_id, NO_SOURCE)
    return Cell(figure, checker.table.measures[figure.measure], source, checker.places.name(figure.place))


def working(verdict: Verdict, r: Result) -> str:
    """How a value that no cell prints comes about."""
    kind = verdict.claim.frame.kind
    year = r.figures[0].year
    when = f" in {year}" if year else ""
    value = plain(r.value)
    if kind in ("change", "gap", "compare", "moved") and len(r.figures) == 2:
        a, b = r.figures
        return f"{_term(a.value)} - {_term(b.value)} = {plain(a.value - b.value)}"
    if kind == "times" and len(r.figures) == 2:
        return f"{_term(r.figures[0].value)} / {_term(r.figures[1].value)} = {value}"
    if kind == "rank":
        return f"rank {value}{when}"
    if kind == "total":
        return f"count of the places listed{when} = {value}"
    if kind == "years":
        return f"{value} of {plain(r.upper or r.value)} years"
    if kind == "average":
        return f"mean of {len(r.figures)} values = {value}"
    return f"count of places{when} = {value}" if kind == "count" else f"{value}{when}"


def plain(value: Decimal) -> str:
    """A worked value in at most six decimals, without an exponent."""
    if -int(value.as_tuple().exponent) > 6:
        value = value.quantize(Decimal("0.001"), ROUND_HALF_EVEN).normalize()
    return format(value, "f")


def _term(value: Decimal) -> str:
    return f"({value:f})" if value < 0 else f"{value:f}"


def told(checker: Checker, verdict: Verdict) -> str | None:
    """What is right, as a sentence for the margin of a draft."""
    r, claim = verdict.right, verdict.claim
    if r is None:
        owner_of = _whose(checker, verdict)
        return owner_of or None
    if r.known is not None:
        return f"{checker.places.title(r.known.place)}, {r.known.year}: a net {r.known.direction}."
    c = cell(checker, r.figures[0])
    kind = claim.frame.kind
    if r.exact:
        said = _value(c)
        whose = _whose(checker, verdict)
        return f"{said} {whose}".strip()
    short = c.measure.short
    when = f" in {c.figure.year}" if c.figure.year else ""
    worked = working(verdict, r)
    if kind == "rank":
        tied = f" to {ordinal(r.upper)}" if r.upper and r.upper != r.value else ""
        end = " from the bottom" if claim.frame.bottom else ""
        return f"{c.place_name} stands {ordinal(r.value)}{tied}{end}{when} ({short})."
    if kind == "total":
        return f"{short} holds {plain(r.value)} places{when}."
    if kind in ("compare", "gap", "change", "moved") and len(r.figures) == 2:
        ends = joined([_named(checker, f, r.figures) for f in r.figures])
        return f"{ends}: {worked} ({short})."
    if kind == "times" and len(r.figures) == 2:
        return f"{worked} ({short})."
    if kind == "count":
        return f"{plain(r.value)} places{when} ({short})."
    return f"{worked} ({short})."


def _value(c: Cell) -> str:
    """ "South Korea, 2023: -0.30 per 10,000 LinkedIn members (OECD.AI)." """
    when = f", {c.figure.year}" if c.figure.year else ""
    if c.measure.kind == "rank":
        amount = ordinal(c.figure.value)
    elif c.measure.unit.startswith("%"):
        amount = f"{printed(c)}{c.measure.unit}"
    else:
        amount = f"{printed(c)} {unit_of(c.measure)}"
    name = c.place_name[:1].upper() + c.place_name[1:]
    return f"{name}{when}: {amount} ({c.measure.short})."


def _named(checker: Checker, figure: Figure, among: Sequence[Figure]) -> str:
    """A figure in a working: by its place, its year, or its edition, whichever tells it apart."""
    c = cell(checker, figure)
    if len({f.place for f in among}) > 1:
        return f"{c.place_name} {printed(c)}"
    return (
        f"{printed(c)} in {figure.year}" if len({f.year for f in among}) > 1 else f"{printed(c)} in {c.measure.short}"
    )


def _whose(checker: Checker, verdict: Verdict) -> str:
    """For a wrong place, year or edition: whose value the number is."""
    frame, claim = verdict.frame, verdict.claim
    if frame is None or verdict.fault not in ("place", "year", "edition"):
        return ""
    found = next((r for r in checker.judge.reckoner.results(frame) if r.figures and claim.value is not None
                  and abs(abs(r.value) - claim.value) <= abs(r.value) / 20), None)  # fmt: skip
    if found is None:
        return ""
    c = cell(checker, found.figures[0])
    said = number(abs(shown(c)))
    if verdict.fault == "place":
        return f"{said} is {owner(c.place_name)} value."
    return (
        f"{said} is the value of {c.figure.year}."
        if verdict.fault == "year"
        else f"{said} stands in {c.measure.short}."
    )
