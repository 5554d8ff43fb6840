"""Sentences about figures: how a cell, a comparison or a ranking reads.

The figure first, then what it stands on, then what to know before quoting it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from assistant.types import Cell, Direction
from assistant.verify import shown
from corpus.places import Gazetteer
from corpus.types import Measure


def number(value: Decimal, plus: bool = False) -> str:
    """A value with its digits and thousands separators; a plus sign where the sign matters."""
    text = format(value, ",f")
    return f"+{text}" if plus and value > 0 else text


def printed(cell: Cell) -> str:
    """The value of a cell as a sentence shows it."""
    return number(shown(cell), plus=cell.measure.signed)


def base(measure: Measure) -> str:
    """The base of a rate: "per 10,000 LinkedIn members"."""
    return f"per {measure.per:,} {measure.denominator_short}"


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def year(cell: Cell) -> str:
    """The year with its preposition, or a remark where the source gives none."""
    return f"in {cell.figure.year}" if cell.figure.year else "(year not given)"


def unit_of(measure: Measure) -> str:
    """What stands after a value: the base of a rate, the unit of anything else."""
    return base(measure) if measure.kind == "flow" else measure.unit


def owner(name: str) -> str:
    """South Korea's, the United States'."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def without(excluded: Sequence[str], places: Gazetteer) -> str:
    """The places that a ranking is taken without: a group by its name, a few by theirs."""
    if not excluded:
        return ""
    group = next((g.name for g in places.groups.values() if set(g.members) == set(excluded)), "")
    if group:
        return f" outside {group}"
    return f" without {joined([places.name(p) for p in excluded])}" if len(excluded) <= 3 else " among the others"


def verb(value: Decimal) -> str:
    """Gained or lost, from the sign."""
    return "gained" if value > 0 else "lost"


def value_sentence(cell: Cell) -> str:
    """One cell as a sentence that carries unit, base, year and measure."""
    m, value, place = cell.measure, shown(cell), capital(cell.place_name)
    if m.kind == "flow":
        if value == 0:
            flow = f"net flow {number(value)} {base(m)}, {m.short}"
            return f"{place} neither gained nor lost AI-skilled people on balance {year(cell)} ({flow})."
        return (
            f"{place} {verb(value)} {number(abs(value))} AI-skilled people {base(m)} on balance {year(cell)} "
            f"(net flow {printed(cell)}, {m.short})."
        )
    if m.says:
        when = str(cell.figure.year) if cell.figure.year else "an unnamed year"
        text = m.says.format(place=cell.place_name, year=when, value=number(value), ordinal=ordinal(value))
        return capital(text)
    unit = "%" if m.unit == "%" else f" {m.unit}"
    return f"{place}: {number(value)}{unit} {year(cell)} ({m.name})."


def short_sentence(cell: Cell) -> str:
    """A cell inside a list: "Cyprus 4.67"."""
    unit = "%" if cell.measure.unit.startswith("%") else ""
    return f"{cell.place_name} {printed(cell)}{unit}"


def joined(parts: Sequence[str]) -> str:
    """a, b and c."""
    return "".join(parts) if len(parts) < 2 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def ordinal(value: Decimal | int) -> str:
    """1st, 2nd, 3rd, 11th; anything that is not whole as it is."""
    n = int(value)
    if n != value:
        return str(value)
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def direction_sentence(known: Sequence[Direction]) -> str:
    """Years for which only the direction is known."""
    first = known[0]
    years = [d.known.year for d in known]
    when = (
        str(years[0])
        if len(years) == 1
        else f"{years[0]} to {years[-1]}"
        if years == list(range(years[0], years[-1] + 1))
        else joined([str(y) for y in years])
    )
    told = f"a net {first.known.direction}, without a value"
    return f"{first.measure.short} gives only a direction for {first.place_name} in {when}: {told}."


def editions(cells: Iterable[Cell]) -> str:
    """Other editions' values in one sentence."""
    return joined([f"{printed(c)} in {_edition(c)}" for c in cells])


def _edition(cell: Cell) -> str:
    m = cell.measure
    name = m.short if m.short[0].isupper() and m.short.split()[0] not in ("AI", "KCCI", "World") else f"the {m.short}"
    return f"{name} series" if m.short.endswith("SGI") else name
