"""What a follow-up about figures takes over from the turns before: measure, ask, places and years."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.finder import report
from assistant.lexicon import says
from assistant.question import FIGURE_ASKS, Reading
from assistant.signs import match
from assistant.slots import shifted
from assistant.types import Ask, Question
from corpus.figures import FigureTable
from corpus.places import Gazetteer

_PAIRS = frozenset({"compare", "average", "change"})  # asked of more than one value
_NOT_KEPT = frozenset({"compare", "rank", "count", "define_measure", "coverage", "editions"})
_THAT_SERIES = re.compile(r"\b(?:that|this|the same) (?:data|series|edition|source|file|table|report|index)\b")
_EDITION = re.compile(r"\b(?:edition|issue|report|version|release|index)\b")
_HOW_MANY = {"all four": 4, "the four": 4, "all five": 5, "the two": 2, "both": 2, "these two": 2, "those two": 2}


def measures_of(reading: Reading, turns: Sequence[Question], family: str, table: FigureTable) -> tuple[str, ...]:
    """The measures named, those that signs choose within the family spoken of, or those of before."""
    q, past = reading.question, turns[-1]
    if q.measures and table.measures[q.measures[0]].family == family:
        onward = reading.ask_words & {"change"} and re.search(r"\bfrom (?:that|this|it|there)\b", q.text.lower())
        return tuple(dict.fromkeys([*past.measures, *q.measures])) if onward and past.family == family else q.measures
    if q.measures and family == past.family and family in reading.bodies:  # "and Korea's in the AI Index 2025?"
        reports = {report(table.measures[m].edition) for m in q.measures}
        if published := [m for m in table.families[family].order if reports & {report(table.measures[m].edition)}]:
            return tuple(published)
    if family != past.family:
        return ()
    if later := _next_edition(q, past, table):
        return later
    if not (q.measures or q.years) and _only_year(past, table) and not _EDITION.search(q.text.lower()):
        if shifted(q.text.lower()) is not None:
            return ()  # an edition of one year holds no year before it
    if q.measures and (spoken := {m.value for m in reading.slots.measures} & set(table.families[family].order)):
        return tuple(m for m in table.families[family].order if m in spoken)
    two = turns[-2:]
    if "compare" in reading.ask_words and not q.places and len(two) > 1 and two[0].places == two[1].places:
        if two[0].family == family and two[0].measures and two[1].measures and two[0].measures != two[1].measures:
            return tuple(dict.fromkeys([*two[0].measures, *two[1].measures]))  # one place in two editions
    chosen = [m for m in table.families[family].order if match(table.measures[m].signs, reading.concepts)]
    if chosen and "compare" in reading.ask_words:
        chosen = [*past.measures, *chosen]
    if chosen:
        return tuple(dict.fromkeys(chosen))
    if table.families[family].distinct and "compare" in reading.ask_words:
        return tuple(dict.fromkeys(m for t in turns[-2:] if t.family == family for m in t.measures))
    of_series = reading.question_word == "when" or "which_year" in {a.value for a in reading.slots.asks}
    of_series = of_series or _THAT_SERIES.search(q.text.lower()) is not None
    if past.measures or not of_series or not (past.places and past.years):
        return past.measures
    shown = [m for m in table.families[family].order if table.cell(m, past.places[0], past.years[0])]
    return tuple(shown[:1])  # "when did it first go above zero?" is asked of the series just shown


def _only_year(past: Question, table: FigureTable) -> tuple[int, ...]:
    """The year of the edition spoken of, where it holds one only."""
    held = tuple(table.years(past.measures[0])) if len(past.measures) == 1 else ()
    return held if len(held) == 1 else ()


def leader(q: Question, past: Question, table: FigureTable, places: Gazetteer) -> str:
    """The place that the ranking before put first, where it is spoken of: "what was its value in 2016?"."""
    if past.asks != "rank" or past.places or past.around or (past.top or 1) > 1 or q.places or q.group:
        return ""
    if not says("of_leader", q.text.lower()):
        return ""
    order = past.measures or table.families[past.family].order
    if any(table.measures[m].kind == "rank" for m in order):
        return ""
    members = set(places.groups[past.group].members) if past.group else set()
    year = past.years[-1] if past.years else max((y for m in order for y in table.years(m)), default=None)
    ranked = [[f for f in table.of(m) if f.year == year and (not members or f.place in members)] for m in order]
    best = max(ranked, key=len, default=[])
    best = [f for f in best if f.place not in past.excluded]
    if not best:
        return ""
    return (min if past.lowest else max)(best, key=lambda f: f.value).place


def _next_edition(q: Question, past: Question, table: FigureTable) -> tuple[str, ...]:
    """The measure of the edition before or after the one spoken of: "what about the edition a year later?"."""
    low = q.text.lower()
    moved = shifted(low) or (-1 if re.search(r"\b(?:previous|earlier|preceding|prior)\b", low) else 0)
    moved = moved or (1 if re.search(r"\b(?:next|following|later|after that|subsequent)\b", low) else 0)
    if not moved or not _EDITION.search(low) or q.measures or len(past.measures) != 1:
        return ()
    series = re.sub(r"\d", "", report(table.measures[past.measures[0]].edition))
    order = table.families[past.family].order
    dated = sorted((report(table.measures[m].edition), m) for m in order)
    of_series = {name: m for name, m in reversed(dated) if re.sub(r"\d", "", name) == series}
    names = sorted(of_series)
    at = names.index(report(table.measures[past.measures[0]].edition)) + moved
    return (of_series[names[at]],) if 0 <= at < len(names) else ()


def asks_of(reading: Reading, past: Question) -> Ask:
    """What is asked: by its own words, else as before."""
    q = reading.question
    asks: Ask = q.asks if q.figures_asked else "value"
    kinds: tuple[Ask, ...] = (
        "compare", "place_rank", "rank", "change", "trend", "average", "count", "sign", "editions", "define_measure",
    )  # fmt: skip
    if not q.figures_asked:
        asks = next((k for k in kinds if k in reading.ask_words), asks)
    if "compare" in reading.ask_words and len(q.places) < 2 and asks not in ("change", "average", "place_rank"):
        asks = "compare"
    low = q.text.lower()
    if past.asks == "count" and says("which_ones", low):
        return "count"  # the count lists its places
    if q.nth is not None and not q.places and past.asks == "rank":
        return "rank"  # "and who was sixth?"
    if says("where_ranks", low) and len(q.places) < 2:
        asks = "place_rank"
    elif says("comparative", low) and asks in ("value", "sign", "change", "compare") and not q.measures:
        if len(q.places) == 1 and past.places and q.places != past.places:
            asks = "compare"  # "was Sri Lanka's loss bigger?"
        elif not q.places and len(q.years) == 1 and len(past.places) == 1:
            asks = "change"  # "how much higher was it in 2025?"
        elif not (q.places or q.group or q.years) and asks == "value" and past.asks == "value":
            asks = "compare"  # "how many more is that?"
    if "place_rank" in reading.ask_words and reading.pronoun and not q.places and len(past.places) == 1:
        asks = "place_rank"  # "how does it rank among the G7?"
    if q.group and not q.places and past.asks == "place_rank" and not reading.own_ask:
        asks = "place_rank"
    if q.threshold is not None and past.asks == "count":
        asks = "count"
    if asks == "change" and not (q.years or reading.ask_words & {"change", "trend"}):
        asks = "value"
    if not q.places and says("who_more", q.text.lower()) and asks in ("value", "rank", "count"):
        asks = "compare"
    if asks == "coverage" and past.asks in ("count", "rank") and "count" in reading.ask_words:
        asks = "count"
    if asks == "rank" and "change" in reading.ask_words and len(past.places) == 1 and not (q.places or q.group):
        asks = "change"  # "what is the change from the first year to the last?"
    if asks == "coverage" and q.measures and past.places and re.search(r"\b(?:that|the same) year\b", low):
        asks = "value"  # "does the World Bank have a figure for that year too?"
    if asks == "coverage" and "years" in q.text.lower():
        asks = "trend"
    return asks


def where(
    reading: Reading, turns: Sequence[Question], asks: Ask, table: FigureTable, gazetteer: Gazetteer
) -> tuple[tuple[str, ...], str, Ask]:
    """The places asked about, the group, and what that makes of the ask."""
    q, past = reading.question, turns[-1]
    own = reading.own_ask or bool(reading.ask_words)
    named = tuple(p for p in q.places if p not in reading.dropped)
    if asks == "place_rank" and q.group and not named:
        return past.places, q.group, asks
    before = _spoken_of(turns)
    low = q.text.lower()
    if ("correction" in reading.kinds or re.match(r"(?:\w+[,.]? )?no\b", low)) and named and not reading.dropped:
        as_before = past.asks in FIGURE_ASKS and (not own or asks == "rank")  # "for that last one I meant Slovenia"
        return named, q.group, past.asks if as_before else asks
    if reading.dropped and not named and not past.places and past.asks in ("rank", "count", "average"):
        return (), past.group, past.asks  # "leave out Iceland": the rest of them, as before
    if reading.dropped or ("add_place" in reading.kinds and named):
        kept = [*(past.places if len(past.places) > 1 or named else before), *named]
        kept = [p for p in dict.fromkeys(kept) if p not in reading.dropped]
        return tuple(kept), q.group, "compare" if len(kept) > 1 else "value"
    if (ordered := _by_order(low, past)) and not named:
        return ordered, "", "value" if len(ordered) == 1 and asks in ("rank", "place_rank", "compare") else asks
    if "first_one" in reading.kinds and not named:
        return before[:1], "", "value" if asks == "rank" else asks
    if "all_places" in reading.kinds and not named:
        many = next((n for words, n in _HOW_MANY.items() if words in low), 3)
        if len(past.places) >= 2:
            many = max(many, len(past.places))
        chosen = before[-many:]
        if len(chosen) > 1:
            return chosen, "", asks if asks in ("average", "place_rank") or q.base else "compare"
    if "all_places" in reading.kinds and len(named) == 1:
        return tuple(dict.fromkeys([*before[-2:], *named])), q.group, "compare"
    if (
        q.group
        and not named
        and says("remaining", low)
        and (rest := _remaining(q.group, before, past, table, gazetteer))
    ):
        return rest, "", "compare" if len(rest) > 1 else "value"
    if not named and not q.group:
        if past.places and any(a.value == "which_year" for a in reading.slots.asks):
            return past.places, past.group, asks
        if reading.question_word == "when" and past.places:
            return past.places, past.group, "trend" if asks in ("value", "rank") else asks
        if asks in ("rank", "count") and not reading.ask_words & {"place_rank"} and not q.around:
            return (), past.group, asks
        if asks in _PAIRS and len(past.places) < 2 and len(before) > 1 and not _over_years(turns, reading):
            return before[-2:], past.group, "compare" if asks != "average" else asks
        if asks == "value" and past.asks in ("rank", "count", "average") and not own:
            asks = past.asks
        elif not own and asks in ("value", "trend") and len(q.years) <= 1:
            asks = past.asks
            if past.asks in ("trend", "change") and len(q.years) == 1:
                asks = "value"
        return past.places, past.group, asks
    if asks == "compare" and len(named) == 1 and past.places and past.places != named:
        return tuple(dict.fromkeys([*past.places, *named])), q.group, asks
    if not own and asks in ("value", "compare") and past.asks in FIGURE_ASKS:
        asks = past.asks if past.asks not in _NOT_KEPT else "value" if named else past.asks
        if len(named) > 1:
            asks = "compare"
    return named, q.group, asks


_IN_ORDER = re.compile(
    r"\bthe (first|second|third|former|latter|last)\b(?=\s+(?:one|higher|lower|and|in|than|by)\b|[?,.]|$)"
)


def _remaining(
    group: str, before: Sequence[str], past: Question, table: FigureTable, places: Gazetteer
) -> tuple[str, ...]:
    """The members of a group that were not spoken of and have a figure: "and the third Baltic state?"."""
    members = places.groups[group].members
    if not set(before) & set(members):
        return ()
    held = {p for m in past.measures or table.families[past.family].order for p in table.places(m)}
    return tuple(p for p in members if p in held and p not in before)


def _by_order(low: str, past: Question) -> tuple[str, ...]:
    """The places of the last turn that are meant by their order there: "the second one", "the latter"."""
    if len(past.places) < 2 or past.asks in ("rank", "count"):
        return ()
    at = {"first": 0, "former": 0, "second": 1, "third": 2, "latter": -1, "last": -1}
    return tuple(dict.fromkeys(past.places[at[w]] for w in _IN_ORDER.findall(low) if at[w] < len(past.places)))


def _spoken_of(turns: Sequence[Question]) -> tuple[str, ...]:
    """The places of the turns since the family last changed, in the order of their first mention."""
    last = turns[-1].family
    run: list[Question] = []
    for turn in reversed(turns):
        if turn.figures_asked and turn.family != last:
            break
        if turn.figures_asked:
            run.append(turn)
    return tuple(dict.fromkeys(p for t in reversed(run) for p in t.places))


def _over_years(turns: Sequence[Question], reading: Reading) -> bool:
    """Whether the last turns set two years of one place side by side, not two places."""
    if len(turns) < 2 or reading.question.years:
        return bool(reading.question.years)
    older, past = turns[-2], turns[-1]
    return older.places == past.places and older.years != past.years


def years_of(
    reading: Reading, turns: Sequence[Question], asks: Ask, family: str, measures: Sequence[str], table: FigureTable
) -> tuple[tuple[int, ...], bool, Ask]:
    """The years asked about, whether those between are meant, and what that makes of the ask."""
    q, past = reading.question, turns[-1]
    low = q.text.lower()
    held = {y for m in measures or table.families[family].order for y in table.years(m)}
    run = sorted({y for t in turns[-4:] if t.figures_asked and t.family == past.family for y in t.years})
    if re.search(r"\b(?:other|remaining|rest of the)\b(?:\s+\w+)?\s+years\b", low) and past.years and not q.years:
        return tuple(sorted(held - set(past.years))), True, "trend"  # "the other four years too"
    if len(measures) == 2 and not q.measures and not q.years and past.measures != tuple(measures):
        each = [(m, t.years) for t in turns[-2:] for m in t.measures]
        return tuple(sorted({y for m, ys in each for y in ys or table.years(m)[-1:]})), False, asks
    moved = None if _EDITION.search(low) else shifted(low)
    spoken = past.years or _only_year(past, table)
    if moved is not None and spoken and not q.years:
        onto = spoken[-1] + moved if moved > 0 else spoken[0] + moved
        if asks in ("change", "compare") and len(spoken) == 1 and not (q.places or q.group):
            return tuple(sorted((onto, *spoken))), False, "change"  # "is that up on the year before?"
        return (onto,), False, asks
    onward = re.search(r"\bsince\b|\bfrom then\b|\bfrom there\b", low)
    if onward and len(q.years) == 1 and past.years and past.years[0] < q.years[0]:
        return (past.years[0], q.years[0]), False, "change"
    if family != past.family and not q.years and not (held & set(past.years)):
        return (), False, asks
    if (
        re.search(r"\bsince\b|(?<!differ )(?<!different )\bfrom\b", low)
        and len(q.years) == 1
        and asks in ("change", "trend", "compare", "value")
    ):
        if asks != "trend" and past.years and past.years[-1] > q.years[0]:
            return (q.years[0], past.years[-1]), True, "change"
        return tuple(sorted({y for y in held if y >= q.years[0]} | set(q.years))), True, "trend"
    if not past.years and len(past.measures) == 1 and not q.years and re.search(r"\b(?:that|same) year\b", low):
        return tuple(table.years(past.measures[0])[-1:]), False, asks
    if (
        asks == "average"
        and "all_places" in reading.kinds
        and len(run) > 1
        and len({t.places for t in turns[-2:]}) == 1
    ):
        return tuple(run), False, asks
    several = asks in ("change", "compare") or re.search(r"\bsame (?:two )?years\b|\b(?:those|these) .*years\b", low)
    if not q.years and several and len(run) > 1 and len({t.places for t in turns[-2:]}) == 1:
        if re.search(r"\b(?:those|these)\b", low) or asks == "change":
            return tuple(run), len(run) > 2, asks if asks == "average" else "change"
        return tuple(run[-2:]), False, "change" if asks == "compare" else asks
    if not q.years and re.search(r"\bsame two years\b", low) and len(run) > 1:
        return tuple(run), False, asks
    if (
        asks == "compare"
        and len(q.years) == 1
        and len(past.places) < 2
        and not q.places
        and past.years
        and past.years != q.years
    ):
        return tuple(sorted({*past.years, *q.years})), False, "change"
    if asks == "change" and len(q.years) == 1 and past.years and past.years != q.years:
        return tuple(sorted({past.years[-1], q.years[0]})), False, asks
    if asks == "trend" and not q.years and len(past.years) <= 1:
        return (), q.ranged, asks  # "the trend?" after one year asks for all of them
    years = q.years or (() if q.latest else past.years)
    return years, q.ranged or (years == past.years and past.ranged), asks
