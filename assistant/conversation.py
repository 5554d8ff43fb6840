"""Follow-ups: a question takes from the conversation what it leaves out, and a new topic nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.question import FIGURE_ASKS, Reader, Reading
from assistant.slots import shifted
from assistant.types import Ask, Question
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MAX_TURNS = 20
_KEEPS_WORDS = frozenset({"why", "how", "who", "when", "what"})


def resolve(reader: Reader, text: str, history: Sequence[str], table: FigureTable, places: Gazetteer) -> Question:
    """The question with what the conversation adds, and its standalone wording."""
    past: Question | None = None
    older: Question | None = None
    for earlier in history[-MAX_TURNS:]:
        if earlier.strip():
            resolved = _one(reader.read(earlier[:2000]), past, older, table, places)
            past, older = resolved, past
    return _one(reader.read(text), past, older, table, places)


def _one(
    reading: Reading,
    past: Question | None,
    older: Question | None,
    table: FigureTable,
    places: Gazetteer,
) -> Question:
    q = reading.question
    if past is None or not _leans(reading, past):
        return q
    of_text = reading.question_word in ("who", "how", "when") and not reading.ask_words and not q.figures_asked
    if past.figures_asked and reading.question_word != "why" and not of_text and not q.names:
        return _figures(reading, past, older, table, places)
    if past.asks == "why" and past.places and q.years and not reading.left_over and not q.names:
        # "Why does Korea lose AI talent?", then "how much in 2024?": the figure behind the reason
        family = next(iter(table.families), "")
        asked = replace(
            q, family=q.family or family, places=q.places or past.places, asks="value", figures_asked=bool(family)
        )
        return replace(asked, standalone=wording(asked, table, places)) if family else q
    return _passages(reading, past, places)


def _leans(reading: Reading, past: Question) -> bool:
    """Whether a question needs the conversation: it opens like one, points back, or lacks its subject."""
    q = reading.question
    located = bool(q.places or q.group)
    if reading.elliptic and len(reading.left_over) <= 1:
        return not (q.figures_asked and q.family and located and (q.years or q.latest))
    if q.names:
        return False
    if past.figures_asked and reading.back_reference and len(reading.left_over) <= 1:
        if not (located and q.years) and ("compare" in reading.ask_words or (reading.pronoun and not q.measures)):
            return True
    if reading.back_reference and len(reading.left_over) <= 3 and not (q.figures_asked and past.figures_asked):
        return (not located and reading.question_word != "why") or (reading.pronoun and not reading.policy)
    if past.figures_asked and not reading.left_over and q.figures_asked:
        lacks_subject = not located and q.asks not in ("rank", "count", "coverage", "define_measure")
        other = bool(past.measures) or past.family != q.family  # else what is assumed is the same
        lacks_measure = other and not reading.family and not q.measures and bool(q.places or q.years or q.base)
        return lacks_subject or lacks_measure
    bare = not reading.left_over and not q.family and not reading.policy
    return past.figures_asked and bare and (located or bool(q.years) or reading.own_ask)


def _figures(
    reading: Reading, past: Question, older: Question | None, table: FigureTable, places: Gazetteer
) -> Question:
    q = reading.question
    family = reading.family or past.family
    measures = q.measures or (past.measures if family == past.family else ())
    own = reading.own_ask or bool(reading.ask_words)
    asks: Ask = q.asks if q.figures_asked else "value"
    for kind in (
        "compare",
        "place_rank",
        "rank",
        "change",
        "trend",
        "average",
        "count",
        "sign",
        "editions",
    ):
        if not q.figures_asked and kind in reading.ask_words:
            asks = kind
            break
    q = replace(q, asks=asks)
    if "compare" in reading.ask_words and len(q.places) < 2:
        asks = "compare"
        q = replace(q, asks=asks)
    named = q.places
    group = q.group
    if not named and not group:
        named, group = past.places, past.group
        pairs = q.asks in ("compare", "change", "average")
        if pairs and len(named) < 2 and older is not None and older.figures_asked:
            if older.places != past.places:
                named = tuple(dict.fromkeys([*older.places, *past.places]))
                asks = "compare" if q.asks == "compare" else asks
            elif older.years != past.years and older.years and past.years:
                q = replace(q, years=tuple(sorted({*older.years, *past.years})))
                asks = "change"
        if q.asks in ("rank", "count") and not reading.ask_words & {"place_rank"}:
            named = ()
    elif not own and q.asks in ("value", "compare") and past.asks in FIGURE_ASKS:
        asks = past.asks if not (past.asks == "compare" and len(named) < 2) else "value"
        if past.asks in ("rank", "count"):
            asks = "value" if named else past.asks
        if past.asks == "compare" and len(named) == 1 and len(past.places) > 1:
            asks = "value"
    if named and older is not None and re.search(r"\bboth\b", q.text.lower()):
        asks, named = "compare", tuple(dict.fromkeys([*older.places, *past.places, *named]))
    if q.asks == "compare" and len(named) == 1 and past.places and past.places != named:
        named = tuple(dict.fromkeys([*past.places, *named]))
    if not named and not group and q.asks == "value" and past.asks in ("rank", "count", "average"):
        asks = past.asks
    elif named == past.places and not own and q.asks in ("value", "trend") and not (len(q.years) > 1):
        asks = past.asks
        if past.asks in ("trend", "change") and len(q.years) == 1:
            asks = "value"
    moved = shifted(q.text.lower())
    years = q.years or (() if q.latest else past.years)
    if re.search(r"\bsame (?:two )?years\b", q.text.lower()) and older is not None and older.years != past.years:
        years = tuple(sorted({*older.years, *past.years}))
    if moved is not None and past.years and not q.years:
        years = (past.years[-1] + moved if moved > 0 else past.years[0] + moved,)
    if asks == "coverage" and "years" in q.text.lower():
        asks = "trend"
    if asks == "trend" and q.ranged is False and len(q.years) == 1 and re.search(r"\bsince\b", q.text.lower()):
        held = {y for m in measures or table.families[family].order for y in table.years(m) if y >= q.years[0]}
        years, q = tuple(sorted(held | set(q.years))), replace(q, ranged=True)
    if asks == "trend" and not q.years and len(years) == 1:
        years = ()  # "the trend?" after one year asks for all of them
    if q.measures and not q.years and years:
        held = {y for m in q.measures for y in table.years(m)}
        years = tuple(y for y in years if y in held) or (() if asks in ("rank", "count") else years)
    top = q.top or (past.top if asks == past.asks else None)
    lowest = q.lowest or (asks == "rank" and q.outward)
    lowest = lowest or (past.lowest and asks == past.asks and not reading.own_ask and not q.inward)
    merged = replace(
        q, family=family, measures=measures, places=named, group=group, years=years, asks=asks,
        base=q.base, top=top, lowest=lowest, figures_asked=True, names=(),
        doubt="not_comparable" if reading.head_count else q.doubt,
        threshold=q.threshold if q.threshold is not None else (past.threshold if asks == "count" else None),
        below=q.below or q.outward or (past.below and asks == "count" and not q.inward),
        ranged=q.ranged or (years == past.years and past.ranged),
        median=q.median or (past.median and asks == "average"),
    )  # fmt: skip
    return replace(merged, standalone=wording(merged, table, places))


def _passages(reading: Reading, past: Question, places: Gazetteer) -> Question:
    q = reading.question
    subject = past.names or tuple(places.title(p) for p in past.places)
    if reading.question_word == "why" and past.figures_asked:
        who = " and ".join(places.name(p) for p in past.places) or "the country"
        standalone = f"Why does {who} gain or lose AI talent?"
        return replace(q, standalone=standalone, places=past.places, figures_asked=False, asks="why", names=())
    if q.places and past.places and not past.figures_asked and not q.names:
        text = past.standalone
        for old in past.places:
            text = _swap(text, places, old, q.places[0])
        if text != past.standalone:
            return replace(q, standalone=text, figures_asked=False, asks=past.asks, names=())
    words = q.text.rstrip("?!. ")
    standalone = f"{words} ({', '.join(subject)})?" if subject else f"{words} ({past.standalone.rstrip('?!. ')})?"
    return replace(
        q,
        standalone=standalone,
        places=q.places or past.places,
        figures_asked=False,
        names=q.names or past.names,
    )


def _swap(text: str, places: Gazetteer, old: str, new: str) -> str:
    for m in reversed(places.find(text)):
        if m.code == old:
            place = places.places[new]
            name = place.demonyms[0].title() if m.demonym and place.demonyms else places.title(new)
            text = text[: m.start] + name + text[m.end :]
    return text


def wording(q: Question, table: FigureTable, places: Gazetteer) -> str:
    """A figure question in full, as it was understood."""
    family = table.families[q.family].name if q.family in table.families else "figure"
    who = " and ".join(places.name(p) for p in q.places) or (places.groups[q.group].name if q.group else "")
    when = _when(q)
    by = f" ({', '.join(table.measures[m].short for m in q.measures)})" if q.measures else ""
    per = f", per {q.base:,}" if q.base else ""
    own = f"{who}'s {family}" if who and not who.endswith("s") else f"{who}' {family}" if who else f"the {family}"
    match q.asks:
        case "compare":
            return f"How do {who} compare in {family}{when}{by}{per}?"
        case "rank":
            end = "lowest" if q.lowest else "highest"
            return f"Which countries{f' of {who}' if who else ''} stand {end} in {family}{when}{by}{per}?"
        case "place_rank":
            return f"Where does {who} rank in {family}{when}{by}?"
        case "change" | "trend":
            return f"How did {own} change{when}{by}{per}?"
        case "average":
            return f"What was the average of {own}{when}{by}{per}?"
        case "count":
            limit = f"{'below' if q.below else 'above'} {q.threshold if q.threshold is not None else 0}"
            return f"How many countries stand {limit} in {family}{when}{by}?"
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
