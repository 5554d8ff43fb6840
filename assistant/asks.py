"""What a question asks of figures: a value, a ranking, a change, and by what a ranking is taken.

The words stand in lexicon.toml; here is only the order in which they are weighed.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant import slots as parse
from assistant.finder import Slots
from assistant.lexicon import says
from assistant.types import Around, Ask, Question

_BEFORE_A_QUESTION = frozenset("and but so or then of to by in from for tell me know please on at is was".split())


def ask_of(found: Slots, q: Question, one_year: bool) -> tuple[Ask, str, bool]:
    """What is asked of the figures, the question word, and whether an ask word was found.

    `one_year` says that the family holds one year only, so that a change is a value.
    """
    low = found.low[found.core :]
    kinds = {a.value for a in found.asks}
    if q.group and (dropped := found.dropped()):
        q = replace(q, places=tuple(p for p in q.places if p not in dropped))  # "EU states without Hungary"
    if says("counted", low):
        kinds.add("count")
    if says("where_ranks", low):
        kinds.add("place_rank")
    if says("method", low) and (q.measures or q.family) and not q.places and not q.group:
        kinds = {"define_measure"}  # "how did the Bank of Korea count, and which data did it use?"
    if says("all_values", low) and len(q.places) == 1 and q.measures and not q.years:
        kinds.add("trend")  # "its five World Bank values"
    if says("all_held", low) and (q.places or q.group) and not q.years and not kinds:
        kinds.add("coverage")  # "everything you have on Estonia"
    if says("means_that", low) and kinds & {"sign"}:
        kinds -= {"average", "define_measure"}  # "does that mean people are leaving?"
    word = _question_word(found, low, kinds)
    several = len(q.places) > 1
    if q.threshold is not None and (not q.places or "count" in kinds):
        return "count", word, True
    nouns = r"(?:countries|nations|economies|places|states|members)"
    plural = re.search(rf"\b(?:which|what|list|name|show)\b.*?\b{nouns}\b", low)
    one_way = q.outward or q.inward or bool(found.kinds() & {"negative", "positive"})
    kinds_of_sign = one_way or re.search(r"\b(?:doubl|tripl|halv)", low) is not None
    if "count" in kinds and not (kinds_of_sign or q.places or q.threshold is not None or kinds & {"rank", "average"}):
        return "coverage", word, True  # "how many countries does the file hold"
    if not q.places and says("more_gainers", low):
        return "count", word, True
    if not q.places and one_way and says("any_place", low) and not kinds & {"rank", "average", "compare", "change"}:
        return "count", word, True  # "did any Baltic state lose": how many did
    if says("several_values", low) and len(q.places) == 1:
        return "editions", word, True
    if plural and one_way and not q.places and not kinds & {"rank", "count", "compare"} and q.top is None:
        return "count", word, True  # "which countries lost", "the members below zero": all of them
    world = re.search(r"\b(among|in the world(?! bank)|globally|of all|worldwide)\b", low) is not None
    order: list[tuple[Ask, bool]] = [
        (
            "coverage",
            not kinds_of_sign
            and not kinds & {"define_measure", "place_rank"}
            and q.threshold is None
            and not several
            and not q.years
            and not kinds & {"average", "rank", "compare", "change"},
        ),
        ("count", not q.places),
        ("editions", not several),  # "both values" of two places are one of each
        ("define_measure", not q.places),
        ("place_rank", len(q.places) == 1 and (not q.group or "rank" in kinds or "place_rank" in kinds)),
        ("compare", several),
        ("sign", (len(q.places) == 1 and not ("change" in kinds and len(q.years) > 1)) or bool(q.group)),
        ("average", True),
        ("rank", not q.places and (not kinds & {"change"} or one_year)),
        ("change", bool(q.places) and "trend" not in kinds),
        ("trend", True),
        ("rank", not q.places),
        ("rank", len(q.places) == 1 and world),
        ("change", bool(q.years) or bool(q.places)),
    ]
    if (
        says("means", low) and not says("means_that", low) or (word == "why" and q.measures and says("doubted", low))
    ) and not q.places:
        return "define_measure", word, True
    if says("come_from", low) and q.places:
        return "editions", word, True
    if several and len(q.years) < 2 and kinds & {"change"}:
        return "compare", word, True
    for kind, holds in order:
        if kind in kinds and holds:
            return kind, word, True
    if several:
        return "compare", word, False
    if q.top and not q.places:
        return "rank", word, True
    subject = re.search(r"\b(which|what|who)\b.*\b(countr|nation|econom|place|state|member)", low)
    if not q.places and subject and found.flow:
        return "rank", word, True
    directed = any(f.value != "none" for f in found.flow)
    if not q.places and word == "who" and directed:
        return "rank", word, True
    turning = bool(found.flow) or bool(found.kinds() & {"negative", "positive"})
    crossing = word == "when" and turning and bool(q.places)
    if len(q.years) > 1 or crossing:
        return "trend", word, crossing
    return "value", word, False


def from_below(found: Slots) -> bool:
    """Whether a ranking starts from the bottom; "which most and which least" starts from the top."""
    return "lowest" in found.kinds() and not re.search(
        r"\b(most|highest|largest|best)\b.*\b(least|lowest|worst)\b", found.low
    )


def order_of(found: Slots, q: Question, ask: Ask) -> tuple[Ask, Around | None, int | None]:
    """Whether a ranking is by something else than the value, and which single place of it is asked for."""
    kinds = {a.value for a in found.asks}
    low = found.low[found.core : found.end]
    best = len(q.places) == 1 and not q.years and says("peak", low) and says("value_of_a_year", low)
    if best and ask in ("value", "rank", "trend") and not re.search(r"\brank|\bworld\b(?! bank)|\bamong\b", low):
        return "rank", "years", None
    if "nearest" in kinds or (says("nearest", low) and not q.places):
        return "rank", "zero", None
    if "ever" in found.kinds() and "rank" in kinds and not q.places and not q.years:
        return "rank", "ever", None
    if len(q.places) == 1 and says("ahead", low) and says("who_stands", low) and ask != "change":
        return "rank", "ahead", None
    if "which_year" in kinds and len(q.places) == 1 and ask not in ("change", "compare", "coverage"):
        signed = bool(q.outward or q.inward or found.kinds() & {"negative", "positive"} or q.threshold is not None)
        peak = says("peak", found.low) is not None
        if peak or signed:
            turns = bool(says("turns", low))
            return ("rank" if peak else "trend" if turns else "count"), (None if turns else "years"), None
    if len(q.places) == 1 and q.threshold is not None and len(q.years) != 1:
        return "count", "years", None
    if (
        "rank" in kinds
        and says("both_ends", low)
        and not says("ordered", low)
        and "change" not in kinds
        and not q.places
        and ("compare" in kinds or q.top is None)
    ):
        return "rank", "spread", None
    ways = {f.value for f in found.flow if f.value != "none"} | (found.kinds() & {"negative", "positive"})
    if not q.places and len(q.years) > 1 and len(ways) > 1 and says("from_to", low):
        return "rank", "turned", None
    changing = kinds & {"change"} or (kinds & {"trend"} and len(q.years) > 1)
    changing = changing or (len(q.years) > 1 and q.ranged)  # "who gained most points from 2015 to 2019"
    if "rank" in kinds and changing and not q.places and (len(q.years) > 1 or (q.measures and not q.years)):
        return "rank", "change", None
    if "next" in kinds and len(q.places) == 1 and ask != "change" and (says("asks_who", low) or "lead" in low):
        return "rank", "next", None
    nth = parse.nth(low)
    if nth == 2 and re.search(r"\b(?:winner|first|leader)\b", low) and not q.places:
        return "rank", None, None
    if (
        nth is not None
        and ask in ("rank", "value", "place_rank", "trend", "list")
        and not (q.places and says("said_rank", low))
    ):
        if len(q.places) == 1 and not says("asks_who", low):
            return "place_rank", None, None  # "Switzerland: third or fourth?"
        return "rank", None, nth
    return ask, None, None


def asks_lower(found: Slots) -> bool:
    """Whether a comparison asks for the lower side: "which is lower", "who did worse", "which was in the red"."""
    chosen = re.search(r"\b(?:which|who)\b.*\b(?:lower|smaller|weaker)\b", found.low)
    return bool(chosen or re.search(r"\bworse\b", found.low)) or (
        "negative" in found.kinds() and re.match(r"\s*(?:which|who)\b", found.low[found.core :]) is not None
    )


def sets_against(found: Slots) -> bool:
    """Whether one value is set against another, whatever else is asked."""
    asks = {a.value for a in found.asks if a.phrase != "both"}
    return bool(asks & {"compare", "change", "average"}) or bool(says("set_against", found.low))


def head_count(found: Slots) -> bool:
    """Whether a number of people is asked for: "how many people lost per 10,000" asks for the rate."""
    asked = any(v.value == "head_count" for v in found.verdicts) or bool(says("heads", found.low))
    return asked and (found.base is None or bool(says("rate", found.low)))


def has_pronoun(found: Slots) -> bool:
    """Whether it, they or them points back; "is it wrong to" points nowhere."""
    empty = re.search(r"\b(?:is|was) it \w+ (?:to|that)\b", found.low)
    return not empty and any(s.phrase in ("it", "its", "it's", "they", "their", "them") for s in found.slots)


def _opens_clause(low: str, at: int) -> bool:
    """Whether a clause begins there: "researchers who stay" asks for nobody's name."""
    before = low[: max(at, 0)].rstrip()
    return not before or before[-1] in ",;:-\u2013\u2014(" or before.split()[-1] in _BEFORE_A_QUESTION


def _question_word(found: Slots, low: str, kinds: set[str]) -> str:
    """why, who, when, how much ...: the word that the question opens with; "why" wherever it stands."""
    if any(q.value == "why" for q in found.questions):
        return "why"
    if not found.questions:
        return ""
    first = min(found.questions, key=lambda q: (q.start, -q.end))
    if first.value == "about":
        return ""
    if first.start - found.core > 25 or (
        first.value in ("who", "which") and not _opens_clause(low, first.start - found.core)
    ):
        return ""
    asks_change = kinds & {"change", "trend", "compare", "place_rank"}
    if first.value == "how" and asks_change:
        return ""
    return first.value
