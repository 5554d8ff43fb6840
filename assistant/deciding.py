"""Whether a question is one for the tables or for the documents.

What the word lists explain speaks for the tables; a named thing, words of policy, another matter
("women", "physicians") and whatever no list explains speak for the documents.
"""

from __future__ import annotations

import re

from assistant.finder import GENERIC, Finder, Slots
from assistant.names import TITLE
from assistant.parts import inside
from assistant.signs import match
from assistant.types import Question
from corpus.figures import FigureTable

MANY_LEFT, SOME_LEFT, LITTLE_LEFT = 6, 3, 1  # unexplained words that a question about a figure may hold
_CERTAIN = 2.0  # and one that settles it whatever else is said
_SURE = 1.0  # the weight of a sign that settles the family by itself
_BY_ITSELF = frozenset({"value", "sign", "define_measure"})
_OF_RANK = frozenset({"rank", "place_rank", "compare", "sign", "count", "trend", "change"})
_ATTACHED = re.compile(r"\b(?:of|for|among|amongst|per|by|in)\s+(?:the\s+|all\s+|young\s+|new\s+)?$")


def about_figures(found: Slots, q: Question, word: str, own: bool, finder: Finder, table: FigureTable) -> bool:
    """Whether a table can answer. `word` is the question word, `own` that an ask word was found."""
    directed = any(f.value != "none" for f in found.flow)
    turning = bool(directed or found.kinds() & {"negative", "positive"})
    asks_rank = q.asks in _OF_RANK or (word == "when" and turning)
    if word == "why" and q.measures and (q.asks == "define_measure" or (q.asks == "editions" and q.places)):
        return True  # why two editions cannot be set side by side: their definitions and caveats say it
    if (
        not table.families
        or word == "why"
        or (word in ("who", "when") and not asks_rank and q.asks != "define_measure")
    ):
        return False
    if found.language != "en" and not (found.families or found.measures or q.places or q.group):
        return False  # a word of gain alone: "¿Quién ganó el Mundial?"
    sign = match(table.families[q.family].signs, found.concepts) if q.family else None
    said = q.measures or (sign is not None and sign.weight >= _CERTAIN)
    pinned_down = bool(said and q.places and not any(f.value == "policy" for f in found.slots))
    if q.names and not (pinned_down and not any(TITLE.search(n) for n in q.names)):
        return False  # documents speak of named things; a town in a preamble names nothing
    left_over = finder.left_over(found, q.family)
    left = len(left_over)
    if q.asks == "define_measure":
        return bool(q.measures or q.family) and left <= SOME_LEFT
    if word == "when" and any(s.value == "policy" and found.core <= s.start < found.end for s in found.slots):
        return False  # when an article was published, a permit opened
    if q.family and not any(table.places(m) for m in table.families[q.family].order) and q.asks not in _BY_ITSELF:
        return False  # only directions are known: what documents say of them answers more
    bodies = [m for m in found.measures if not table.family_of(m.value).distinct]
    spans = [(f.start, f.end) for f in found.families if f.value == q.family]
    if not q.measures and q.family not in finder.bodies(found) and any(not inside(m, spans) for m in bodies):
        return False  # a body is named that does not measure this family
    own_spans = [*spans, *finder.signs(found, q.family)]
    if other_matter(found, () if pinned_down else left_over, own_spans):
        return False
    policy = sum(s.value == "policy" and s.start >= found.core and not inside(s, own_spans) for s in found.slots)
    generic = all(f.phrase in GENERIC for f in found.families if f.value == q.family)
    one_place = len({p for m in table.families[q.family].order for p in table.places(m)}) == 1 if q.family else False
    pinned = bool(q.places or q.group or q.years) or (one_place and not generic)
    sure = sign is not None and sign.weight >= _SURE
    if policy and generic and not found.flow and not found.measures:
        return False
    if policy and left + policy > 2 and not (found.flow and pinned and left == 0):
        return False
    of_talent = bool(found.families or q.places or q.group or found.measures or {"ai", "people"} & set(found.concepts))
    spoken = bool(found.flow and of_talent or q.measures) or q.base is not None or not generic or sign is not None
    if q.asks == "value" and left and not (q.places or q.group or sure or one_place):
        return False  # "ai skills 2019 grand fenwick": the unknown words may be the place
    if spoken and (q.places or q.group) and (q.years or q.latest or found.measures) and not policy:
        return left <= MANY_LEFT or pinned_down  # measure, place and time are all said: the rest is talk
    if spoken and (pinned or own or q.latest or sure or q.asks == "coverage"):
        return left <= SOME_LEFT
    if (q.measures or found.families) and (pinned or own):
        unsaid = generic and not found.measures
        return left <= (int(bool(found.years.named)) if unsaid else LITTLE_LEFT + 1)
    if q.asks == "coverage":
        return left <= (LITTLE_LEFT if q.places else 0)
    if q.asks in ("rank", "count", "average") and own and (q.years or found.flow or found.families):
        return left <= (LITTLE_LEFT if of_talent else 0) and not policy  # "who won the 1998 world cup"
    if not (q.places or q.group) or policy:
        return False
    if q.asks == "compare" and own and len(q.places) > 1 and found.years.named:
        return left <= LITTLE_LEFT + 1
    return left <= LITTLE_LEFT if found.years.named else (q.latest or own) and not left


_WHICH = re.compile(r"\b(?:which|what|whose|how many)\s+")
_IN_WORD = re.compile(r"\w")


def other_matter(found: Slots, left_over: tuple[str, ...], spans: list[tuple[int, int]]) -> bool:
    """Whether the question narrows its figures to what no table holds: "women among them", "of physicians"."""
    asked = [found.low[m.end() :] for m in _WHICH.finditer(found.low)]
    if any(rest.startswith(w) and not _IN_WORD.match(rest, len(w)) for rest in asked for w in left_over):
        return True  # "which museums": the thing asked for is none that the tables hold
    if any(s.value == "matter" and found.core <= s.start < found.end and not inside(s, spans) for s in found.slots):
        return True
    if not (found.flow or found.families or found.measures):
        return False
    return any(_ATTACHED.search(found.low[: m.start()]) for w in left_over for m in _word(found.low, w, found.core))


def _word(low: str, word: str, start: int) -> list[re.Match[str]]:
    return list(re.compile(rf"(?<!\w){re.escape(word)}(?!\w)").finditer(low, start))
