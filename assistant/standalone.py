"""A figure question in full, as it was understood: what a reader sees above a follow-up's answer."""

from __future__ import annotations

from decimal import Decimal

from assistant.types import Question
from assistant.wording import joined, ordinal, owner, without
from corpus.figures import FigureTable
from corpus.places import Gazetteer


def standalone(q: Question, table: FigureTable, places: Gazetteer) -> str:
    """A figure question in full, as it was understood."""
    family = table.families[q.family].name if q.family in table.families else "figure"
    who = joined([places.name(p) for p in q.places]) or (places.groups[q.group].name if q.group else "")
    when = without(q.excluded, places) + _when(q)
    by = f" ({', '.join(table.measures[m].short for m in q.measures)})" if q.measures else ""
    per = f", per {q.base:,}" if q.base else ""
    own = f"{owner(who)} {family}" if who else f"the {family}"
    match q.asks:
        case "compare":
            return f"How do {who} compare in {family}{when}{by}{per}?"
        case "rank":
            end = "lowest" if q.lowest else "highest"
            if q.around == "zero":
                return f"Which countries{f' of {who}' if who else ''} stand nearest to zero in {family}{when}{by}?"
            if q.around == "change":
                return f"Where did {family} {'fall' if q.lowest else 'rise'} most{when}{by}?"
            if q.around == "years":
                return f"In which year was {own} {end}{when}{by}?"
            if q.nth:
                return f"Which country stands {ordinal(Decimal(q.nth))} {end} in {family}{when}{by}?"
            return f"Which countries{f' of {who}' if who else ''} stand {end} in {family}{when}{by}{per}?"
        case "place_rank":
            return f"Where does {who} rank in {family}{when}{by}?"
        case "change" | "trend":
            return f"How did {own} change{when}{by}{per}?"
        case "average":
            return f"What was the average of {own}{when}{by}{per}?"
        case "count":
            limit = f"{'below' if q.below else 'above'} {q.threshold if q.threshold is not None else 0}"
            if q.upper is not None:
                limit = f"between {q.threshold} and {q.upper}"
            if q.around == "years":
                return f"In how many years was {own} {limit}{when}{by}?"
            return f"How many countries{f' of {who}' if who else ''} stand {limit} in {family}{when}{by}?"
        case "editions":
            return f"What does each source give for {own}{when}?"
        case _:
            return f"What was {own}{when}{by}{per}?"


def _when(q: Question) -> str:
    if not q.years:
        return ""
    if len(q.years) == 1:
        return f" in {q.years[0]}"
    return (
        f" from {q.years[0]} to {q.years[-1]}"
        if len(q.years) > 2 or q.asks in ("change", "trend")
        else f" in {q.years[0]} and {q.years[1]}"
    )
