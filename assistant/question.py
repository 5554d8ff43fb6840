"""Reading a question: its places, years, measures, and what it asks of them.

The grammar is one of slots. Word lists (lexicon.toml, and the words beside each measure, family
and place) say which slot a phrase fills; what no slot explains is left over, and how much is left
over decides whether the question is about a figure or about what documents say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant import slots as parse
from assistant.finder import FLOW, GENERIC, Finder, Slots, inside
from assistant.types import Ask, Question
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MAX_CHARACTERS = 2000
FIGURE_ASKS: frozenset[str] = frozenset(
    "value sign compare rank place_rank change trend average count editions coverage define_measure".split()
)
_SOME_LEFT, _LITTLE_LEFT = 3, 1  # unexplained words that a question about a figure may hold
_PASSAGE_ASKS: dict[str, Ask] = {
    "why": "why", "who": "who", "when": "when", "how_much": "how_much", "list": "list", "summarise": "summarise",
    "how": "how", "yes_no": "yes_no", "which": "which", "what": "what",
}  # fmt: skip
_COMBINES = re.compile(r"\b(add|sum|subtract|minus|plus|total of)\b")
_SET_AGAINST = re.compile(r"\b(bigger|larger|smaller|more|less|higher|lower|greater|minus|sum of|plus)\b")
# Another base than the members that a rate divides by: no conversion leads there.
_CONVERTS = re.compile(
    r"\b(?:convert|turn|express|restate|rebase|translate|subtract|multiply)\w*\b.*"
    r"\b(?P<to>inhabitants|population|people|residents|citizens|linkedin members|ai-skilled members|concentration)\b"
    r"|\bon the base of (?:all|the) (?P<base>members|population)\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says by itself, before any conversation: a Question, and what is left over."""

    question: Question
    left_over: tuple[str, ...]
    back_reference: bool
    elliptic: bool  # opens with "and", "what about", or holds nothing but slots
    question_word: str  # why, who, when, ... or empty
    own_ask: bool  # an ask word was found, not assumed
    ask_words: frozenset[str] = frozenset()  # every kind of ask whose words were found
    head_count: bool = False  # a number of people is asked for
    family: str = ""  # the family that its own words name, before one is assumed
    policy: bool = False  # it holds words of policies and papers
    pronoun: bool = False  # it, they, them: a reference that a place of its own does not settle


class Reader:
    """Reads questions against one library's measures and the world's places."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self._table = table
        self._places = places
        self._finder = Finder(table, places)

    def read(self, text: str) -> Reading:
        """The slots of one text; raises BadInput for an empty or a very long one."""
        found = self._finder.find(self._finder.spelled(checked(text)))
        places, group = self._finder.where(found)
        family, measures = self._finder.family(found, places)
        question = Question(
            text=text.strip(), standalone=found.text, asks="value", places=places, group=group,
            years=found.years.named, ranged=found.years.ranged, measures=measures, family=family, base=found.base,
            language=found.language, latest="latest" in found.kinds() and not found.years.named,
            top=parse.top(found.low),
            outward=parse.direction(found.flow) == "out", inward=parse.direction(found.flow) == "in",
            median="median" in found.low, compares=_sets_against(found), lowest=_from_below(found),
            threshold=found.limit, below=found.below, names=self._finder.names(found),
        )  # fmt: skip
        ask, word, own = self._ask(found, question)
        question = self._completed(found, replace(question, asks=ask), word, own)
        head_count = any(v.value == "head_count" for v in found.verdicts) and found.base is None
        left_over = self._finder.left_over(found)
        opens = any(s.value == "follow_up" and found.low[: s.start].strip() == "" for s in found.slots)
        named = places or group or question.names
        bare = not left_over and not named and not own and len(found.text.split()) <= 8
        short = len(found.text.split()) <= 4 and not question.names
        return Reading(
            question, left_over, any(s.value == "back_reference" for s in found.slots),
            opens or bare or short, word, own,
            frozenset(a.value for a in found.asks), head_count, family,
            any(s.value == "policy" for s in found.slots),
            _has_pronoun(found),
        )  # fmt: skip

    # -- what is asked ---------------------------------------------------------------------------

    def _ask(self, found: Slots, q: Question) -> tuple[Ask, str, bool]:
        """What is asked of the figures, the question word, and whether an ask word was found."""
        low = found.low[found.core :]
        kinds = {a.value for a in found.asks if a.start >= found.core or len(found.asks) == 1}
        word = _question_word(found, low, kinds)
        several = len(q.places) > 1
        if q.threshold is not None and (not q.places or "count" in kinds):
            return "count", word, True
        nouns = r"(?:countries|nations|economies|places|states|members)"
        plural = re.search(rf"\b(?:which|what|list|name|show)\b.*?\b{nouns}\b", low)
        one_way = q.outward or q.inward or bool(found.kinds() & {"negative", "positive"})
        if plural and one_way and not q.places and not kinds & {"rank", "count", "compare"} and q.top is None:
            return "count", word, True  # "which countries lost", "the members below zero": all of them
        world = re.search(r"\b(among|in the world|globally|of all|worldwide)\b", low) is not None
        order: list[tuple[Ask, bool]] = [
            ("coverage", not several and not q.years),
            ("count", not q.places),
            ("editions", True),
            ("define_measure", not q.places and not q.years),
            ("place_rank", len(q.places) == 1 and (not q.group or "rank" in kinds or "place_rank" in kinds)),
            ("compare", several),
            ("sign", len(q.places) == 1 or bool(q.group)),
            ("average", True),
            ("change", bool(q.places) and "trend" not in kinds),
            ("trend", True),
            ("rank", not q.places),
            ("rank", len(q.places) == 1 and world),
            ("change", bool(q.years) or bool(q.places)),
        ]
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
        turning = bool(found.flow) or bool(found.kinds() & {"negative", "positive"})
        crossing = word == "when" and turning and bool(q.places)
        if len(q.years) > 1 or crossing:
            return "trend", word, crossing
        return "value", word, False

    def _completed(self, found: Slots, q: Question, word: str, own: bool) -> Question:
        """The question with what follows from its slots together: figure or passage, doubts, ends."""
        asked = self._about_figures(found, q, word, own)
        policy = any(s.value == "policy" and s.start >= found.core for s in found.slots)
        head_count = any(v.value == "head_count" for v in found.verdicts) and found.base is None
        moving = any(f.value != "none" for f in found.flow)
        moving = moving or bool(re.search(r"\b\d+\.\d+\b|\brate\b", found.low))
        if head_count and moving and q.family in ("", FLOW, "ai_workforce") and (q.places or q.group) and not policy:
            q = replace(q, family=FLOW, measures=())
            asked = FLOW in self._table.families
        doubt = None if q.asks == "define_measure" else parse.doubt(found.verdicts, q.years, found.low, asked)
        q = replace(q, doubt=doubt, figures_asked=asked)
        if not asked:
            return replace(q, asks=_PASSAGE_ASKS.get(word, "what"))
        if not q.family:
            q = replace(q, family=self._default_family(q.places))
        held = {p for m in self._table.families[q.family].order for p in self._table.places(m)}
        if len(held) == 1 and q.asks in ("count", "rank", "average"):
            q = replace(q, asks="value", places=tuple(held))
        if len(held) == 1 and held & set(q.places):
            q = replace(q, places=tuple(held))  # "Koreans working in the US" is asked of South Korea
        named = {f.value for f in found.families if f.phrase not in GENERIC} | ({FLOW} if found.flow else set())
        if _COMBINES.search(found.low) and len(named) > 1:
            q = replace(q, doubt="not_comparable")
        if (head_count or self._other_base(found, q)) and q.family == FLOW:
            q = replace(q, doubt="not_comparable")
        kinds = found.kinds()
        if q.asks == "count" and q.threshold is None:
            q = replace(q, below="negative" in kinds or (q.outward and "positive" not in kinds))
        elif q.asks == "count" and q.outward and q.threshold is not None and q.threshold > 0 and not q.below:
            q = replace(q, below=True, threshold=-q.threshold)  # "lost more than 1,000" is below -1,000
        if q.asks in ("value", "list") and q.group and not q.places:
            q = replace(q, asks="rank")
        if q.asks in ("rank", "compare") and q.outward:
            q = replace(q, lowest=True)
        if (
            q.asks != "place_rank"
            and q.group
            and set(q.places)
            and set(q.places) <= set(self._places.groups[q.group].members)
        ):
            q = replace(q, group="")
        return self._opened(q, found.years) if found.years.start or found.years.end else q

    def _other_base(self, found: Slots, q: Question) -> bool:
        """Whether a rate is asked for on a base that its measure does not divide by."""
        match = _CONVERTS.search(found.low)
        if match is None:
            return False
        target = match["to"] or match["base"]
        if target not in ("linkedin members", "ai-skilled members"):
            return True
        bases = {self._table.measures[m].denominator_short.lower() for m in q.measures}
        wanted = "linkedin members" if target == "linkedin members" else "linkedin members with ai skills"
        return bool(bases) and wanted not in bases

    def _default_family(self, places: Sequence[str]) -> str:
        """The first family that holds something for the places."""
        for family in self._table.families.values():
            if not places or any(set(places) & self._table.places(m) for m in family.order):
                return family.id
        return next(iter(self._table.families), "")

    def _opened(self, q: Question, named: parse.Years) -> Question:
        """ "Since 2019" and "until 2019" take the years that the family holds."""
        measures = q.measures or self._table.families[q.family].order
        held = {y for m in measures for y in self._table.years(m)}
        inside = {y for y in held if y >= (named.start or 0) and y <= (named.end or 9999)}
        if not inside:
            return q
        asks: Ask = "trend" if q.asks == "value" else q.asks
        return replace(q, years=tuple(sorted({*q.years, *inside})), asks=asks, ranged=True)

    def _about_figures(self, found: Slots, q: Question, word: str, own: bool) -> bool:
        """Whether a table can answer, by what the slots explain and what they leave over."""
        asks_rank = q.asks in ("rank", "place_rank", "compare", "sign", "count", "trend", "change")
        asks_rank = asks_rank or (word == "when" and bool(found.flow or found.kinds() & {"negative", "positive"}))
        if not self._table.families or word == "why" or (word in ("who", "when") and not asks_rank):
            return False
        if self._other_base(found, q):
            return bool(q.places)
        if q.names:  # documents speak of named things
            return False
        if q.asks == "define_measure":
            return bool(q.measures or q.family) and len(self._finder.left_over(found)) <= _SOME_LEFT
        spans = [(f.start, f.end) for f in found.families if f.value == q.family]
        bodies = [m for m in found.measures if not self._table.family_of(m.value).distinct]
        if not q.measures and any(not inside(m, spans) for m in bodies):
            return False  # a body is named that does not measure this family
        left = len(self._finder.left_over(found))
        policy = sum(s.value == "policy" and s.start >= found.core and not inside(s, spans) for s in found.slots)
        pinned = bool(q.places or q.group or q.years)
        spoken = bool(found.flow) or q.base is not None
        spoken = spoken or any(f.phrase not in GENERIC for f in found.families if f.value == q.family)
        redefined = any(
            re.search(rf"\b(?:of|for)\s+(?:\w+\s+)?{re.escape(w)}\b", found.low) for w in self._finder.left_over(found)
        )
        if redefined and found.flow:
            return False  # "net migration of physicians": another matter than AI talent
        generic = all(f.phrase in GENERIC for f in found.families if f.value == q.family)
        if policy and generic and not found.flow and not found.measures:
            return False
        if policy and left + policy > 2 and not (found.flow and pinned and left == 0):
            return False
        if spoken and (pinned or own or q.latest or q.asks == "coverage"):
            return left <= _SOME_LEFT
        if (found.measures or found.families) and (pinned or own):
            unsaid = generic and not found.measures
            return left <= (int(bool(found.years.named)) if unsaid else _LITTLE_LEFT + 1)
        if q.asks == "coverage":
            return left == 0
        if q.asks in ("rank", "count", "average") and own and (q.years or found.flow or found.families):
            return left <= _LITTLE_LEFT and not policy
        located = bool(q.places or q.group)
        if not located or policy:
            return False
        return left <= _LITTLE_LEFT if found.years.named else (q.latest or own) and not left


def checked(text: str) -> str:
    """The question without surrounding space; raises BadInput for an empty or a very long one."""
    text = text.replace("\0", " ").strip()
    if not text:
        raise BadInput("the question is empty; ask something like: What was South Korea's net AI talent flow in 2023?")
    if len(text) > MAX_CHARACTERS:
        raise BadInput(
            f"the question has {len(text):,} characters, the limit is {MAX_CHARACTERS:,}; ask about one thing at a time"
        )
    return " ".join(text.split())


def _from_below(found: Slots) -> bool:
    """Whether a ranking starts from the bottom; "which most and which least" starts from the top."""
    return "lowest" in found.kinds() and not re.search(
        r"\b(most|highest|largest|best)\b.*\b(least|lowest|worst)\b", found.low
    )


def _sets_against(found: Slots) -> bool:
    """Whether one value is set against another, whatever else is asked."""
    asks = {a.value for a in found.asks}
    return bool(asks & {"compare", "change", "average"}) or bool(_SET_AGAINST.search(found.low))


def _has_pronoun(found: Slots) -> bool:
    """Whether it, they or them points back; "is it wrong to" points nowhere."""
    empty = re.search(r"\b(?:is|was) it \w+ (?:to|that)\b", found.low)
    return not empty and any(s.phrase in ("it", "its", "it's", "they", "their", "them") for s in found.slots)


def _question_word(found: Slots, low: str, kinds: set[str]) -> str:
    """why, who, when, how much ...: the word that the question opens with; "why" wherever it stands."""
    if any(q.value == "why" for q in found.questions):
        return "why"
    if not found.questions:
        return ""
    first = min(found.questions, key=lambda q: (q.start, -q.end))
    if first.value == "about":
        return ""
    if first.start - found.core > 25:
        return ""
    asks_change = kinds & {"change", "trend", "compare", "place_rank"}
    if first.value == "how" and asks_change:
        return ""
    return first.value
