"""The sentences that lead a figure answer: one function for each thing that can be asked.

Each takes the question and its evidence and returns sentences with the cells and workings they
stand on; `compose` adds passages, other editions and remarks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from assistant import standings
from assistant.standings import way
from assistant.types import Ask, Cell, Derived, DraftStatement, Evidence, Question, Support
from assistant.verify import shown
from assistant.wording import (
    base,
    capital,
    direction_sentence,
    joined,
    number,
    ordinal,
    owner,
    printed,
    short_sentence,
    unit_of,
    value_sentence,
    verb,
    without,
)
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MOST_LISTED = 12  # places that a count names; the rest are in the table


def lead(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    """The leading sentences; plain values where the evidence does not hold what was asked for."""
    editions = len({c.figure.measure for c in e.cells}) > 1 and bool(e.derived) and q.base is None
    write = _compare if editions else _AROUND.get(e.around) or _WRITERS.get(q.asks)
    made = write(q, e, table, places) if write else []
    made = made or [DraftStatement(value_sentence(c), (c,)) for c in e.cells[:6]]
    return [*made, *(s for other in e.also for s in lead(q, other, table, places))]


def _compare(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    made = []
    if len({c.figure.measure for c in e.cells}) > 1 and e.derived:  # one place in several editions
        d = e.derived[0]
        text = f"The editions differ by {number(d.value)} ({d.formula})."
        return [DraftStatement(value_sentence(c), (c,)) for c in e.cells] + [DraftStatement(text, (d,))]
    for year in dict.fromkeys(c.figure.year for c in e.cells):
        cells = sorted((c for c in e.cells if c.figure.year == year), key=lambda c: -c.figure.value)
        if q.lowest != (cells[0].measure.kind == "rank"):
            cells.reverse()
        if len(cells) < 2:
            continue
        m, when = cells[0].measure, f"In {year}" if year else "With no year given"
        if m.kind == "flow":
            text = f"{when} {_gains(cells)} ({m.short}: {' against '.join(printed(c) for c in cells)})"
        else:
            text = f"{when} {joined([short_sentence(c) for c in cells])} ({m.name}, {m.unit})"
        support: tuple[Support, ...] = tuple(cells)
        for d in (d for d in e.derived if " + " in d.formula):
            text += f": {number(d.value)} together ({d.formula})"
            support = (*support, d)
        for d in (d for d in e.derived if d.inputs[0].figure.year == year and " - " in d.formula):
            pair = "" if len(cells) == 2 else f" between {d.inputs[0].place_name} and {d.inputs[1].place_name}"
            other_base = re.search(r" per ([\d,]+)$", d.formula)
            if other_base:
                text += f", or {number(d.value)} per {other_base[1]} ({d.formula.removesuffix(other_base[0])})"
            else:
                text += f": a difference of {number(d.value)}{pair} ({d.formula})"
            support = (*support, d)
        made.append(DraftStatement(capital(text) + ".", support))
    return made


def _gains(cells: Sequence[Cell]) -> str:
    """Japan gained 0.54 ... while South Korea lost 0.30."""
    parts = [f"{c.place_name} {verb(shown(c))} {number(abs(shown(c)))}" for c in cells]
    parts[0] += f" AI-skilled people {base(cells[0].measure)} on balance"
    if len(parts) > 2:
        return joined(parts)
    same = len({c.figure.value > 0 for c in cells}) == 1
    return (" and " if same else " while ").join(parts)


def _rank(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    first, rest = e.cells[0], e.cells[1:]
    m, year = first.measure, first.figure.year
    among = f" of {places.groups[q.group].name}" if q.group else ""
    among += without(q.excluded, places)
    when = f"In {year}" if year else "With no year given"
    value = shown(first)
    if m.kind == "flow":
        low = "lost most" if value < 0 else "gained least"
        high = "gained most" if value > 0 else "lost least"
        stands = f"{low if q.lowest else high}{among}: {printed(first)} AI-skilled people {base(m)} on balance"
        text = f"{when} {first.place_name} {stands} ({m.short})"
    elif m.kind == "rank":
        end = "last" if q.lowest else "first"
        text = f"{when} {first.place_name} stood {end}{among}: {ordinal(value)} ({m.name})"
    else:
        end = "lowest" if q.lowest else "highest"
        amount = short_sentence(first).removeprefix(first.place_name).strip()
        text = f"{when} {first.place_name} stood {end}{among}: {amount} ({m.name}, {m.unit})"
    made = [DraftStatement(capital(text) + ".", (first, *e.derived))]
    if rest:
        listed = joined([short_sentence(c) for c in rest])
        made.append(DraftStatement(f"Next came {listed}.", tuple(rest)))
    if e.field > len(e.cells):
        held = Derived(f"count of the places listed = {e.field}", Decimal(e.field), e.cells[:1])
        text = f"The measure holds {e.field} places{among} for {year or 'this list'}."
        made.append(DraftStatement(text, (held, *e.derived)))
    return made


def _place_rank(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    made = []
    for c, d in zip(e.cells, e.derived, strict=False):
        if c.measure.kind == "rank":
            made.append(DraftStatement(value_sentence(c), (c,)))
            continue
        among = f" of {places.groups[q.group].name}" if q.group else ""
        name = c.measure.short if c.measure.kind == "flow" else c.measure.name
        stands = f"ranked {ordinal(d.value)} of {e.field} places{among} in {c.figure.year}"
        text = f"{capital(c.place_name)} {stands}, at {printed(c)} {unit_of(c.measure)} ({name})."
        made.append(DraftStatement(text, (c, d)))
    return made


def _change(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    made: list[DraftStatement] = []
    for place in dict.fromkeys(c.figure.place for c in e.cells):
        cells = [c for c in e.cells if c.figure.place == place]
        pairs = [d for d in e.derived if d.inputs[0].figure.place == place and len(d.inputs) == 2]
        if not pairs:
            made += [DraftStatement(value_sentence(c), (c,)) for c in cells]
            continue
        d, m = pairs[0], cells[0].measure
        late, early = d.inputs
        made.append(DraftStatement(_moved(d, table.families[m.family].name), (early, late, d)))
        if inner := cells[1:-1]:
            mark = "%" if m.unit.startswith("%") else ""
            listed = joined([f"{printed(c)}{mark} in {c.figure.year}" for c in inner])
            stand = "stand" if len(inner) > 1 else "stands"
            made.append(DraftStatement(f"Between them {stand} {listed}.", tuple(inner)))
        made += _crossing(cells)
        made += _unvalued(e, cells, m.id)
    return made


def _moved(d: Derived, family: str) -> str:
    """How a value moved between two years; a rank whose number rises has fallen."""
    late, early = d.inputs
    m, place = early.measure, early.place_name
    was, now = early.figure, late.figure
    if m.kind == "rank" and d.value:
        ends = f"from {ordinal(was.value)} in {was.year} to {ordinal(now.value)} in {now.year}"
        places = f"{abs(d.value)} place{'s' if abs(d.value) != 1 else ''}"
        return f"{capital(place)} {'fell' if d.value > 0 else 'rose'} {ends} ({m.short}): {places} ({d.formula})."
    way = "rose" if d.value > 0 else "fell" if d.value < 0 else "did not change"
    noun, worked = capital(f"{owner(place)} {family}"), f"{number(d.value, plus=True)}"
    if m.unit.startswith("%"):  # "% of LinkedIn members"
        ends = f"from {printed(early)}{m.unit} in {was.year} to {printed(late)}% in {now.year}"
        return f"{noun} {way} {ends} ({m.short}): {worked} points ({d.formula})."
    ends = f"from {printed(early)} in {was.year} to {printed(late)} in {now.year}"
    return f"{noun} {way} {ends}, {unit_of(m)} ({m.short}): {worked} ({d.formula})."


def _crossing(cells: Sequence[Cell]) -> list[DraftStatement]:
    """Where a flow turned from loss to gain or back."""
    if not cells[0].measure.signed:
        return []
    pairs = zip(cells, cells[1:], strict=False)
    turns = [(a, b) for a, b in pairs if (a.figure.value < 0) != (b.figure.value < 0)]
    if not turns and len(cells) > 2:
        return [DraftStatement(f"It was a net {way(cells[0])} in every one of these years.", tuple(cells))]
    if not turns:
        return []
    parts = [f"from a net {way(a)} in {a.figure.year} to a net {way(b)} in {b.figure.year}" for a, b in turns]
    support = tuple(dict.fromkeys(c for turn in turns for c in turn))
    return [DraftStatement(f"The sign changed {joined(parts)}.", support)]


def _unvalued(e: Evidence, cells: Sequence[Cell], measure: str) -> list[DraftStatement]:
    """Years between the ends for which the measure is known only by its direction."""
    held = {c.figure.year for c in cells}
    known = [
        d
        for d in e.directions
        if d.known.measure == measure and d.known.place == cells[0].figure.place and d.known.year not in held
    ]
    return [DraftStatement(direction_sentence(known), tuple(known))] if known else []


def _average(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    if not e.derived:
        return []
    d, m = e.derived[0], e.cells[0].measure
    kind = "median" if q.median else "average"
    group = f" of {places.groups[q.group].name}" if q.group else ""
    rest = f"the {e.field} places{group}{without(q.excluded, places)}"
    who = joined([places.name(p) for p in q.places]) if q.places else rest
    span = sorted({c.figure.year or 0 for c in e.cells})
    when = f"in {span[0]}" if len(span) == 1 else f"over {span[0]} to {span[-1]}"
    value = number(d.value, plus=m.signed)
    text = f"The {kind} for {who} {when} was {value} {unit_of(m)} ({m.short}): {d.formula}."
    field = Derived(f"count of the values = {e.field}", Decimal(e.field), e.cells[:1])
    return [DraftStatement(text, (*e.derived, field))]


def _count(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    if not e.derived:
        return []
    d = e.derived[0]
    m, year = d.inputs[0].measure, d.inputs[0].figure.year
    limit = q.threshold if q.threshold is not None else Decimal(0)
    below = " below " in d.formula
    between = (
        f"above {number(limit, plus=m.signed)} and below {number(q.upper, plus=m.signed)}"
        if q.upper is not None
        else ""
    )
    meaning = (" (a net loss)" if below else " (a net gain)") if m.signed and limit == 0 and not between else ""
    among = (f" of {places.groups[q.group].name}" if q.group else "") + without(q.excluded, places)
    side = between or f"{'below' if below else 'above'} {number(limit)}"
    stands = f"stood {side} {unit_of(m)} in {year}{meaning}"
    text = f"{number(d.value)} of {e.field} places{among} {stands} ({m.short})."
    field = Derived(
        f"count of the places listed = {e.field}; limit {limit}; {q.upper or ''}", Decimal(e.field), d.inputs[:1]
    )
    left = tuple(x for x in e.derived[1:] if "left out" in x.formula)
    made = [DraftStatement(text, (d, field, *left))]
    for share in (x for x in e.derived[1:] if x not in left):
        made.append(DraftStatement(f"That is {number(share.value)}% of them ({share.formula}).", (share,)))
    if named := e.cells[:MOST_LISTED]:
        opening = "The first of them are" if len(e.cells) > MOST_LISTED else "They are"
        made.append(DraftStatement(f"{opening} {joined([short_sentence(c) for c in named])}.", named))
    return made


def _held(cells: Sequence[Cell]) -> list[DraftStatement]:
    """What one measure holds of one place: a rate's years in one sentence, anything else as it is said."""
    m, place = cells[0].measure, cells[0].place_name
    if len(cells) == 1 or m.kind != "flow":
        return [DraftStatement(value_sentence(c), (c,)) for c in cells]
    values = joined([f"{printed(c)} in {c.figure.year}" for c in cells])
    return [
        DraftStatement(f"{capital(owner(place))} net AI talent flow was {values}, {base(m)} ({m.short}).", tuple(cells))
    ]


def _held_of_place(e: Evidence, table: FigureTable) -> list[DraftStatement]:
    """All that is held of one place, family by family, each after the first under its name."""
    made: list[DraftStatement] = []
    spoken = ""
    for measure in dict.fromkeys(c.figure.measure for c in e.cells):
        family = table.family_of(measure)
        held = _held([c for c in e.cells if c.figure.measure == measure])
        if spoken and family.id != spoken:
            held[0] = replace(held[0], lead_in=f"{capital(family.name)}:")
        made += held
        spoken = family.id
    return made


def _coverage(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> list[DraftStatement]:
    if len(q.places) == 1:
        return _held_of_place(e, table)
    made = []
    who = f", {joined([places.name(p) for p in q.places])}" if q.places else ""
    for measure in dict.fromkeys(c.figure.measure for c in e.cells):
        cells = [c for c in e.cells if c.figure.measure == measure]
        ends = sorted({c.figure.year for c in cells if c.figure.year is not None})
        span = "no year given" if not ends else joined([str(y) for y in ends])
        if ends and len(table.years(measure)) > len(ends):
            span = f"{ends[0]} to {ends[-1]}"
        places_held = len(table.places(measure))
        size = "" if q.places or places_held < 2 else f", {places_held} places"
        count = Derived(f"count of the places listed = {places_held}", Decimal(places_held), tuple(cells[:1]))
        made.append(
            DraftStatement(f"{cells[0].measure.name}{who}: {span}{size}.", (*cells, *((count,) if size else ())))
        )
        if q.places or len(cells) == len(table.of(measure)):
            listed = joined([f"{short_sentence(c)}{f' in {c.figure.year}' if c.figure.year else ''}" for c in cells])
            made.append(DraftStatement(f"It holds {listed}.", tuple(cells)))
    return made


_Writer = Callable[[Question, Evidence, FigureTable, Gazetteer], list[DraftStatement]]
_WRITERS: dict[Ask, _Writer] = {
    "compare": _compare,
    "rank": _rank,
    "place_rank": _place_rank,
    "change": _change,
    "trend": _change,
    "average": _average,
    "count": _count,
    "coverage": _coverage,
}
_AROUND: dict[str, _Writer] = {
    "zero": standings.nearest_zero,
    "change": standings.changes,
    "years": standings.years,
    "turned": standings.turned,
    "ahead": standings.ahead,
    "ever": standings.ever,
    "place": _place_rank,
    "spread": _compare,
}
