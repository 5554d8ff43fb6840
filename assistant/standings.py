"""Sentences on orders by something else than the value: nearness to zero, change, turned signs, years."""

from __future__ import annotations

from decimal import Decimal

from assistant.types import Cell, Derived, DraftStatement, Evidence, Question
from assistant.wording import capital, joined, number, owner, printed, short_sentence, unit_of
from corpus.figures import FigureTable
from corpus.places import Gazetteer


def nearest_zero(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    """The places whose value is nearest to zero."""
    first, rest = e.cells[0], e.cells[1:]
    among = f" of {places.groups[q.group].name}" if q.group else ""
    stood = f"{first.place_name} stood nearest to balance{among}"
    text = f"In {first.figure.year} {stood}: {printed(first)} {unit_of(first.measure)}"
    made = [DraftStatement(f"{text} ({first.measure.short}).", (first,))]
    if rest:
        made.append(DraftStatement(f"Next came {joined([short_sentence(c) for c in rest])}.", tuple(rest)))
    return made


def changes(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    """The places that rose or fell most between two years."""
    made = []
    for n, d in enumerate(e.derived):
        late, early = d.inputs
        way = "rose" if d.value > 0 else "fell"
        most = " most" if n == 0 else ""
        ends = f"from {printed(early)} in {early.figure.year} to {printed(late)} in {late.figure.year}"
        worked = f"{number(d.value, plus=True)} ({d.formula})"
        where = f", {unit_of(late.measure)} ({late.measure.short})" if n == 0 else ""
        text = f"{capital(late.place_name)} {way}{most}, {ends}{where}: {worked}."
        made.append(DraftStatement(text, (early, late, d)))
    return made


def turned(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    """The places whose sign turned between two years."""
    made = []
    for n, (early, late) in enumerate(zip(e.cells[::2], e.cells[1::2], strict=True)):
        a, b = early.figure.year, late.figure.year
        ends = f"a net {way(early)} in {a} ({printed(early)}) to a net {way(late)} in {b} ({printed(late)})"
        where = f", {unit_of(late.measure)} ({late.measure.short})" if n == 0 else ""
        made.append(DraftStatement(f"{capital(early.place_name)} went from {ends}{where}.", (early, late)))
    return made


def ahead(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    """The places before a named one."""
    *before, last = e.cells
    m = last.measure
    listed = joined([short_sentence(c) for c in before])
    text = (
        f"Ahead of {last.place_name} ({printed(last)}) in {last.figure.year} stood {listed}, {unit_of(m)} ({m.short})."
    )
    return [DraftStatement(text, e.cells)]


def ever(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    """The highest or lowest of all values of a measure."""
    c, m = e.cells[0], e.cells[0].measure
    held = Derived(f"count of the values = {e.field}", Decimal(e.field), (c,))
    end = "lowest" if q.lowest else "highest"
    text = (
        f"{capital(c.place_name)} has the {end} of all {e.field} values: {printed(c)} {unit_of(m)} in {c.figure.year}"
    )
    return [DraftStatement(f"{text} ({m.short}).", (c, held))]


def years(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    """The best and worst years of a place, or those above or below a limit."""
    first, m = e.cells[0], e.cells[0].measure
    noun = capital(f"{owner(first.place_name)} {table.families[m.family].name}")
    if not e.derived and len(e.cells) == 2:
        high, low = e.cells
        ends = f"highest in {high.figure.year}, {printed(high)}, and lowest in {low.figure.year}, {printed(low)}"
        text = f"{noun} was {ends}"
        return [DraftStatement(f"{text}, {unit_of(m)} ({m.short}).", e.cells)]
    if not e.derived:
        end = "lowest" if q.lowest else "highest"
        held = Derived(f"count of the years listed = {e.field}", Decimal(e.field), (first,))
        text = f"{noun} was {end} in {first.figure.year}: {printed(first)} {unit_of(m)} ({m.short}, {e.field} years)."
        return [DraftStatement(text, (first, held))]
    d = e.derived[0]
    limit = q.threshold if q.threshold is not None else Decimal(0)
    meaning = (
        ("negative" if q.below else "positive")
        if m.signed and limit == 0
        else f"{'below' if q.below else 'above'} {limit}"
    )
    if not d.value:
        span = d.formula.rsplit(", ", 1)[1]
        field = Derived(f"count of the years listed = {e.field}", Decimal(e.field), e.cells)
        return [DraftStatement(f"{noun} was {meaning} in none of the {e.field} years {span} ({m.short}).", (d, field))]
    listed = joined([f"{printed(c)} in {c.figure.year}" for c in e.cells])
    text = f"{noun} was {meaning} in {number(d.value)} of {e.field} years: {listed}, {unit_of(m)} ({m.short})."
    return [
        DraftStatement(
            text, (d, *e.cells, Derived(f"count of the years listed = {e.field}", Decimal(e.field), e.cells))
        )
    ]


def way(cell: Cell) -> str:
    """Gain or loss, by the sign of a cell."""
    return "loss" if cell.figure.value < 0 else "gain"
