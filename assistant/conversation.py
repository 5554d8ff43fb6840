"""Follow-ups: a question takes from the conversation what it leaves out, and a new topic nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.asks import order_of
from assistant.lexicon import says
from assistant.question import FIGURE_ASKS, Reader, Reading
from assistant.signs import match
from assistant.slots import shifted
from assistant.standalone import standalone as wording
from assistant.types import Ask, Question
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MAX_TURNS = 20
_WHOLE = frozenset({"rank", "count", "coverage", "define_measure", "average"})  # asked of all places
_NOT_KEPT = frozenset({"compare", "rank", "count", "define_measure", "coverage", "editions"})
_PAIRS = frozenset({"compare", "average", "change"})  # asked of more than one value
_HOW_MANY = {"all four": 4, "the four": 4, "all five": 5, "the two": 2, "both": 2, "these two": 2, "those two": 2}
_AROUND = frozenset({"years", "ahead", "next"})
_LIGHT = 2  # unexplained words that a follow-up about figures may hold


def resolve(reader: Reader, text: str, history: Sequence[str], table: FigureTable, places: Gazetteer) -> Question:
    """The question with what the conversation adds, and its standalone wording."""
    turns: list[Question] = []
    for earlier in history[-MAX_TURNS:]:
        if earlier.strip():
            turns.append(_one(reader.read(earlier[:2000]), turns, table, places))
    return _one(reader.read(text), turns, table, places)


def _one(reading: Reading, turns: Sequence[Question], table: FigureTable, places: Gazetteer) -> Question:
    q = reading.question
    if not turns:
        return q
    past = turns[-1]
    if not past.figures_asked and q.figures_asked and reading.family:
        return _placed(reading, past, table, places)
    if not _leans(reading, past):
        return q
    if past.figures_asked and not _turns_to_documents(reading):
        return _figures(reading, turns, table, places)
    if past.asks == "why" and past.places and q.years and not reading.left_over and not q.names:
        # "Why does Korea lose AI talent?", then "how much in 2024?": the figure behind the reason
        family = next(iter(table.families), "")
        asked = replace(
            q, family=q.family or family, places=q.places or past.places, asks="value", figures_asked=bool(family)
        )
        return replace(asked, standalone=wording(asked, table, places)) if family else q
    return _passages(reading, past, places)


def _placed(reading: Reading, past: Question, table: FigureTable, places: Gazetteer) -> Question:
    """A figure asked for after documents: "and the balance there in 2024?" takes the place, nothing else."""
    q = reading.question
    if q.places or q.group or not past.places or q.asks in _WHOLE:
        return q
    asked = replace(q, places=past.places)
    return replace(asked, standalone=wording(asked, table, places))


def _turns_to_documents(reading: Reading) -> bool:
    """Whether a follow-up to figures asks for what documents say: why, who decided, which visa."""
    q = reading.question
    of_text = reading.question_word in ("who", "how", "when") and not reading.ask_words and not q.figures_asked
    of_text = of_text and bool(reading.left_over)
    policy = reading.policy and not (reading.family and q.figures_asked and (q.places or q.group))
    return reading.question_word == "why" or of_text or bool(q.names) or policy or reading.other_matter


def _leans(reading: Reading, past: Question) -> bool:
    """Whether a question needs the conversation: it opens like one, points back, or lacks its subject."""
    q = reading.question
    located = bool(q.places or q.group)
    left = len(reading.left_over)
    points = bool(reading.kinds & {"same", "all_places", "add_place", "correction", "first_one"}) or reading.pronoun
    points = points or bool(reading.dropped)
    if past.figures_asked and reading.other_matter and not located:
        return True
    if reading.elliptic and left <= 1 and not reading.elsewhere:
        return not (q.figures_asked and reading.family and located and (q.years or q.latest) and not points)
    if q.names:
        return False
    if past.figures_asked and q.measures and not (located or q.years) and not reading.policy and left <= _LIGHT:
        return q.asks not in _WHOLE or reading.family == past.family
    other = bool(past.measures) or past.family != q.family  # else what is assumed is the same
    light = left <= (_LIGHT if points or located else 0) and reading.question_word != "why"
    if past.figures_asked and not reading.family and not reading.policy and not reading.elsewhere and light:
        whole = q.figures_asked and (q.asks in _WHOLE or located) and (q.years or q.latest) and not points
        if not whole or other:
            return bool(points or located or q.years or q.base or reading.own_ask)
    if past.figures_asked and points and not located and left <= 1 and q.figures_asked:
        return True
    if past.figures_asked and (reading.back_reference or points) and left <= 1:
        if not (located and q.years) and ("compare" in reading.ask_words or (reading.pronoun and not q.measures)):
            return True
    if (reading.back_reference or points) and left <= 3 and not (q.figures_asked and past.figures_asked):
        return (not located and reading.question_word != "why") or (reading.pronoun and not reading.policy)
    if past.figures_asked and not left and q.figures_asked:
        lacks_subject = not located and q.asks not in _WHOLE
        lacks_measure = other and not reading.family and not q.measures and bool(q.places or q.years or q.base)
        return lacks_subject or lacks_measure
    return False


def _figures(reading: Reading, turns: Sequence[Question], table: FigureTable, places: Gazetteer) -> Question:
    q, past = reading.question, turns[-1]
    own_kind = table.families[past.family].distinct and any(
        match(table.measures[m].signs, reading.concepts) for m in table.families[past.family].order
    )
    keeps = _only_repeats(reading, past) or (own_kind and not (q.places or q.years or q.measures))
    family = past.family if keeps else reading.family or past.family
    if q.figures_asked and q.asks == "count" and reading.ask_words == {"count"} and past.asks == "value":
        q = replace(q, asks="value")
    measures = _measures(reading, turns, family, table)
    asks = _asks(reading, past)
    named, group, asks = _where(reading, turns, asks, table)
    years, ranged, asks = _years(reading, turns, asks, family, measures, table)
    if past.asks in ("rank", "count") and len(named) == 1 and asks == "value" and _ASKS_PLACE.search(q.text.lower()):
        asks = "place_rank"
    around = None
    if len(named) == 1 and (reading.slots.asks or reading.question_word == "when"):
        held_q = replace(q, places=named, family=family, measures=measures)
        moved_to, around, _n = order_of(reading.slots, held_q, asks)
        peak = reading.question_word == "when" and "rank" in reading.ask_words
        asks, around = ("rank", "years") if peak else (moved_to, around) if around in _AROUND else (asks, None)
    if around == "years" and not q.years:
        years = ()
    if past.around == "years" and asks == "rank" and not (q.places or q.group):
        named, around = past.places, "years"  # "and the worst one?" after the best year
    if "earliest" in reading.kinds and named and not q.years:
        years = tuple(sorted({y for m in measures or table.families[family].order for y in table.years(m)})[:1])
        asks = "value"
    if asks == "place_rank" and past.asks == "place_rank" and not group:
        group = past.group
    if asks == "value" and group and not named:
        asks = past.asks if past.asks in ("rank", "count", "average") else "rank"
    if asks == "compare" and len(named) < 2 and len(years) > 1:
        asks = "change"
    held = {p for m in table.families[family].order for p in table.places(m)}
    if len(held) == 1 and held != set(named):
        named = tuple(held)  # "and in the US?" after Koreans abroad is still asked of South Korea
    if q.measures and not q.years and years:
        covered = {y for m in q.measures for y in table.years(m)}
        years = years if len(covered) > 1 else ()  # an edition with one year has said which
        years = tuple(y for y in years if y in covered) or (() if asks in ("rank", "count") else years)
    lowest = q.lowest or (asks in ("rank", "compare") and q.outward)
    lowest = lowest or (past.lowest and asks == past.asks and not reading.own_ask and not q.inward)
    if "flip" in reading.kinds:
        lowest = not past.lowest
    same_unit = "same" in reading.kinds and re.search(r"\b(?:unit|base|scale|basis)\b", q.text.lower())
    of_rate = all(table.measures[m].kind == "flow" for m in table.families[family].order)
    merged = replace(
        q, family=family, measures=measures, places=named, group=group, years=years, asks=asks, ranged=ranged,
        base=q.base or (past.base if same_unit else None), lowest=lowest, figures_asked=True, names=(),
        top=q.top or (past.top if asks == past.asks else None),
        around=around or q.around, doubt="not_comparable" if reading.head_count and of_rate else q.doubt if q.doubt != "not_comparable" else None,
        threshold=q.threshold if q.threshold is not None else (past.threshold if asks == "count" else None),
        upper=q.upper if q.upper is not None else (past.upper if asks == "count" else None),
        below=q.below or q.outward or "negative" in reading.kinds or (
            past.below and asks == "count" and not q.inward and "positive" not in reading.kinds
        ),
        median=q.median or (past.median and asks == "average" and "average" not in reading.ask_words),
    )  # fmt: skip
    return replace(merged, standalone=wording(merged, table, places))


_ASKS_PLACE = re.compile(r"\bwhere\b|\bwhich (?:place|spot|position)|\bposition\b|\bspot\b")


def _only_repeats(reading: Reading, past: Question) -> bool:
    """Whether the words of flow only speak of the sign of what was asked: "so it lost talent?"."""
    q = reading.question
    return past.figures_asked and not (q.places or q.group or q.years or q.measures) and bool(q.outward or q.inward)


def _measures(reading: Reading, turns: Sequence[Question], family: str, table: FigureTable) -> tuple[str, ...]:
    """The measures named, those that signs choose within the family spoken of, or those of before."""
    q, past = reading.question, turns[-1]
    if q.measures and table.measures[q.measures[0]].family == family:
        return q.measures
    if family != past.family:
        return ()
    chosen = [m for m in table.families[family].order if match(table.measures[m].signs, reading.concepts)]
    if chosen and "compare" in reading.ask_words:
        chosen = [*past.measures, *chosen]
    if chosen:
        return tuple(dict.fromkeys(chosen))
    if table.families[family].distinct and "compare" in reading.ask_words:
        return tuple(dict.fromkeys(m for t in turns[-2:] if t.family == family for m in t.measures))
    return past.measures


def _asks(reading: Reading, past: Question) -> Ask:
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
    if asks == "change" and not (q.years or reading.ask_words & {"change", "trend"}):
        asks = "value"
    if not q.places and says("who_more", q.text.lower()) and asks in ("value", "rank", "count"):
        asks = "compare"
    if asks == "coverage" and past.asks in ("count", "rank") and "count" in reading.ask_words:
        asks = "count"
    if asks == "coverage" and "years" in q.text.lower():
        asks = "trend"
    return asks


def _where(
    reading: Reading, turns: Sequence[Question], asks: Ask, table: FigureTable
) -> tuple[tuple[str, ...], str, Ask]:
    """The places asked about, the group, and what that makes of the ask."""
    q, past = reading.question, turns[-1]
    own = reading.own_ask or bool(reading.ask_words)
    named = tuple(p for p in q.places if p not in reading.dropped)
    before = _spoken_of(turns)
    low = q.text.lower()
    if "correction" in reading.kinds and named:
        return named, q.group, past.asks if past.asks in FIGURE_ASKS and not own else asks
    if reading.dropped or ("add_place" in reading.kinds and named):
        kept = [*(past.places if len(past.places) > 1 or named else before), *named]
        kept = [p for p in dict.fromkeys(kept) if p not in reading.dropped]
        return tuple(kept), q.group, "compare" if len(kept) > 1 else "value"
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
    if not named and not q.group:
        if past.places and any(a.value == "which_year" for a in reading.slots.asks):
            return past.places, past.group, asks
        if reading.question_word == "when" and past.places:
            return past.places, past.group, "trend" if asks == "value" else asks
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


def _years(
    reading: Reading, turns: Sequence[Question], asks: Ask, family: str, measures: Sequence[str], table: FigureTable
) -> tuple[tuple[int, ...], bool, Ask]:
    """The years asked about, whether those between are meant, and what that makes of the ask."""
    q, past = reading.question, turns[-1]
    low = q.text.lower()
    held = {y for m in measures or table.families[family].order for y in table.years(m)}
    run = sorted({y for t in turns[-4:] if t.figures_asked and t.family == past.family for y in t.years})
    moved = shifted(low)
    if moved is not None and past.years and not q.years:
        return (past.years[-1] + moved if moved > 0 else past.years[0] + moved,), False, asks
    if re.search(r"\bsince\b", low) and len(q.years) == 1 and past.years and past.years[0] < q.years[0]:
        return (past.years[0], q.years[0]), False, "change"
    if family != past.family and not q.years and not (held & set(past.years)):
        return (), False, asks
    if re.search(r"\bsince\b|\bfrom\b", low) and len(q.years) == 1 and asks in ("change", "trend", "compare", "value"):
        if asks != "trend" and past.years and past.years[-1] > q.years[0]:
            return (q.years[0], past.years[-1]), True, "change"
        return tuple(sorted({y for y in held if y >= q.years[0]} | set(q.years))), True, "trend"
    if not past.years and len(past.measures) == 1 and not q.years and re.search(r"\b(?:that|same) year\b", low):
        return tuple(table.years(past.measures[0])[-1:]), False, asks
    several = asks in ("change", "compare") or re.search(r"\bsame (?:two )?years\b|\b(?:those|these) .*years\b", low)
    if not q.years and several and len(run) > 1 and len({t.places for t in turns[-2:]}) == 1:
        if re.search(r"\b(?:those|these)\b", low) or asks == "change":
            return tuple(run), len(run) > 2, "change"
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
