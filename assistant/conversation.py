"""Follow-ups: a question takes from the conversation what it leaves out, and a new topic nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.asks import asks_lower, order_of
from assistant.inherit import asks_of, leader, measures_of, where, years_of
from assistant.lexicon import lexicon, says
from assistant.question import Reader, Reading
from assistant.signs import match
from assistant.slots import LAST_YEAR
from assistant.standalone import standalone as wording
from assistant.types import Question, Reason
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MAX_TURNS = 20
_WHOLE = frozenset({"rank", "count", "coverage", "define_measure", "average"})  # asked of all places
_AROUND = frozenset({"years", "ahead", "next"})
_OPENS = re.compile(r"(?:and|or|but|so|then|what about|how about)\b", re.IGNORECASE)
_NO = re.compile(r"(?:(?:hm+|oh|ah|sorry|oops|um)[,.]?\s+)*(?:no|nope|wrong|actually)\b", re.IGNORECASE)
_SHORT = 9  # words: a longer question about documents says itself what it is about
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
    of_text = of_text and bool(reading.left_over) and q.nth is None
    policy = reading.policy and not (reading.family and q.figures_asked and (q.places or q.group))
    return reading.question_word == "why" or of_text or bool(q.names) or policy or reading.other_matter


def _leans(reading: Reading, past: Question) -> bool:
    """Whether a question needs the conversation: it opens like one, points back, or lacks its subject."""
    q = reading.question
    low = q.text.lower()
    if q.everything and not reading.pronoun and (q.places or says("in_library", low)):
        return False  # "everything on Estonia", "which countries do you hold?" leave nothing out
    if says("addressed", low):
        return False  # "who are you?" is of no figure
    located = bool(q.places or q.group)
    left = len(reading.left_over)
    points = (
        bool(reading.kinds & {"same", "all_places", "add_place", "correction", "first_one", "in_order"})
        or reading.pronoun
    )
    points = points or bool(reading.dropped or reading.slots.years.dropped) or _NO.match(q.text) is not None
    short = len(q.text.split()) <= _SHORT or not past.figures_asked
    if past.figures_asked and reading.other_matter and not located and short:
        return True
    other = bool(past.measures) or past.family != q.family  # else what is assumed is the same
    if reading.elliptic and left <= 1 and not reading.elsewhere:
        said = reading.family or not (other or _OPENS.match(q.text))
        return not (q.figures_asked and said and located and (q.years or q.latest) and not points)
    if q.names:
        return False
    if past.figures_asked and q.figures_asked and any(s.phrase in ("the same", "same") for s in reading.slots.slots):
        return True  # "how high is the same share for India?"
    if past.figures_asked and q.measures and not (located or q.years) and not reading.policy and left <= _LIGHT:
        return (q.asks not in _WHOLE or points) and (q.figures_asked or not left)
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
    if (reading.back_reference or points) and left <= 3 and short and not (q.figures_asked and past.figures_asked):
        return (not located and reading.question_word != "why") or (reading.pronoun and not reading.policy)
    if past.figures_asked and not left and q.figures_asked:
        lacks_subject = not located and q.asks not in _WHOLE
        lacks_measure = other and not reading.family and not q.measures and bool(q.places or q.years or q.base)
        return lacks_subject or lacks_measure
    return False


def _figures(reading: Reading, turns: Sequence[Question], table: FigureTable, places: Gazetteer) -> Question:
    past = turns[-1]
    if first := leader(reading.question, past, table, places):
        reading = replace(reading, question=replace(reading.question, places=(first,)))
    q = reading.question
    own_kind = table.families[past.family].distinct and any(
        match(table.measures[m].signs, reading.concepts) for m in table.families[past.family].order
    )
    keeps = _only_repeats(reading, past) or (own_kind and not (q.places or q.years or q.measures))
    if "same" in reading.kinds and {m.value for m in reading.slots.measures} & set(table.families[past.family].order):
        keeps = True  # "according to MacroPolo, the same share for India?"
    if past.family in reading.bodies and not (reading.slots.families or reading.slots.flow):
        keeps = True  # the edition named has published what was spoken of, too
    family = past.family if keeps else reading.family or past.family
    if q.figures_asked and q.asks == "count" and reading.ask_words == {"count"} and past.asks == "value":
        q = replace(q, asks="value")
    measures = measures_of(reading, turns, family, table)
    asks = asks_of(reading, past)
    named, group, asks = where(reading, turns, asks, table, places)
    years, ranged, asks = years_of(reading, turns, asks, family, measures, table)
    if past.asks in ("rank", "count") and len(named) == 1 and asks == "value" and _ASKS_PLACE.search(q.text.lower()):
        asks = "place_rank"
    around = None
    if len(named) == 1 and (reading.slots.asks or reading.question_word == "when"):
        held_q = replace(q, places=named, family=family, measures=measures)
        moved_to, around, _n = order_of(reading.slots, held_q, asks)
        peak = reading.question_word == "when" and says("peak", q.text.lower()) is not None
        asks, around = ("rank", "years") if peak else (moved_to, around) if around in _AROUND else (asks, None)
    if around == "years" and not q.years:
        years = ()
    if "compare" in reading.ask_words and _both_ends(reading, turns):
        asks, around = "rank", "spread"  # "and the gap between those two?" after the best and the worst
    if past.around == "change" and asks == "rank" and not (q.places or q.group or q.years):
        around = "change"  # "and the biggest drop?" after the biggest rise
        q = replace(q, lowest=q.lowest or says("downward", q.text.lower()) is not None)
    if past.around == "years" and asks == "rank" and not (q.places or q.group):
        named, around = past.places, "years"  # "and the worst one?" after the best year
    if "earliest" in reading.kinds and named and not q.years:
        years = tuple(sorted({y for m in measures or table.families[family].order for y in table.years(m)})[:1])
        asks = "value"
    if q.excluded and not (group and set(q.excluded) < set(places.groups[group].members)):
        group = ""  # "and outside the EU?"
    if asks == "place_rank" and past.asks == "place_rank" and not group:
        group = past.group
    if asks == "compare" and group and not named:
        asks = "rank"  # "which of them gained most?"
    if asks == "value" and group and not named:
        asks = past.asks if past.asks in ("rank", "count", "average") else "rank"
    if asks == "compare" and len(named) < 2 and len(years) > 1:
        asks = "change"
    held = {p for m in table.families[family].order for p in table.places(m)}
    if len(held) == 1 and asks in ("rank", "place_rank"):
        asks = "value"
    if len(held) == 1 and held != set(named):
        named = tuple(held)  # "and in the US?" after Koreans abroad is still asked of South Korea
    if q.measures and not q.years and years:
        covered = {y for m in q.measures for y in table.years(m)}
        years = years if len(covered) > 1 else ()  # an edition with one year has said which
        years = tuple(y for y in years if y in covered) or (() if asks in ("rank", "count") else years)
    less = asks == "compare" and says("small_loss", q.text.lower())
    lowest = (
        q.lowest
        or (asks == "compare" and asks_lower(reading.slots))
        or (asks in ("rank", "compare") and q.outward and not less)
    )
    lowest = lowest or (past.lowest and asks == past.asks and not reading.own_ask and not q.inward)
    if "flip" in reading.kinds:
        lowest = not past.lowest
    same_unit = "same" in reading.kinds and re.search(r"\b(?:unit|base|scale|basis)\b", q.text.lower())
    of_rate = all(table.measures[m].kind == "flow" for m in table.families[family].order)
    merged = replace(
        q, family=family, measures=measures, places=named, group=group, years=years, asks=asks, ranged=ranged,
        base=q.base or (past.base if same_unit else None), lowest=lowest, figures_asked=True, names=(),
        nth=q.nth if asks == "rank" else None,
        top=q.top or _so_many(q.text.lower()) or (past.top if asks == past.asks else None),
        around=around or q.around, doubt=_doubt(reading, of_rate, years, measures),
        threshold=q.threshold if q.threshold is not None else (past.threshold if asks == "count" else None),
        upper=q.upper if q.upper is not None else (past.upper if asks == "count" else None),
        below=q.below or q.outward or "negative" in reading.kinds or (
            past.below and asks == "count" and not q.inward and "positive" not in reading.kinds
        ),
        median=q.median or (past.median and asks == "average" and "average" not in reading.ask_words),
    )  # fmt: skip
    return replace(merged, standalone=wording(merged, table, places))


def _both_ends(reading: Reading, turns: Sequence[Question]) -> bool:
    """Whether the last two turns asked for the two ends of one ranking, and this one for what lies between."""
    if len(turns) < 2 or "all_places" not in reading.kinds or reading.question.places:
        return False
    a, b = turns[-2:]
    return (
        a.asks == b.asks == "rank"
        and a.lowest != b.lowest
        and (a.family, a.group, a.years) == (b.family, b.group, b.years)
    )


_ASKS_PLACE = re.compile(r"\bwhere\b|\bwhich (?:place|spot|position)|\bposition\b|\bspot\b")


def _so_many(low: str) -> int | None:
    """How many a shortened wish asks for: "make it five"."""
    match = re.search(
        r"\b(?:make (?:it|that)|give me|show(?: me)?|i want|i'd like) (?:the )?(?:top |first )?(\d{1,2}|[a-z]+)\b", low
    )
    if match is None:
        return None
    return int(match[1]) if match[1].isdigit() else lexicon().numbers.get(match[1])


def _doubt(reading: Reading, of_rate: bool, years: Sequence[int], measures: Sequence[str]) -> Reason | None:
    """A head count asked of a rate, or a forecast; of a value that stands, an opinion is only a tone."""
    if reading.head_count and of_rate:
        return "not_comparable"
    if years and max(years) > LAST_YEAR:
        return "opinion_or_prediction"
    doubt = reading.question.doubt
    tone = (years or measures) and not re.search(r"\b(?:should|will|ought)\b", reading.question.text.lower())
    return None if doubt == "not_comparable" or tone else doubt


def _only_repeats(reading: Reading, past: Question) -> bool:
    """Whether the words of flow only speak of the sign of what was asked: "so it lost talent?"."""
    q = reading.question
    return past.figures_asked and not (q.places or q.group or q.years or q.measures) and bool(q.outward or q.inward)


_OPENER = re.compile(
    r"^(?:(?:what|who|which|when|where|how|tell me about|explain|describe)\b(?:'s)?\s*"
    r"(?:(?:is|are|was|were|does|do|did|about)\b\s*)?(?:the |a |an )?)",
    re.I,
)


def _passages(reading: Reading, past: Question, places: Gazetteer) -> Question:
    q = reading.question
    # "What is China's K visa?" is about the visa, which no list of names knows, and not about China
    topic = "" if past.figures_asked else _OPENER.sub("", past.standalone.rstrip("?!. "))
    subject = past.names or ((topic,) if topic else tuple(places.title(p) for p in past.places))
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
