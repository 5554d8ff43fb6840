"""Reading a question: its places, years, measures, and what it asks of them.

The grammar is one of slots. Word lists (lexicon.toml, and the words beside each measure, family
and place) say which slot a phrase fills; what no slot explains is left over, and how much is left
over decides whether the question is about a figure or about what documents say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from assistant import slots as parse
from assistant.deciding import about_figures, other_matter
from assistant.finder import FLOW, GENERIC, Finder, Slots, dropped
from assistant.signs import Concepts
from assistant.types import Around, Ask, Question
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MAX_CHARACTERS = 2000
FIGURE_ASKS: frozenset[str] = frozenset(
    "value sign compare rank place_rank change trend average count editions coverage define_measure".split()
)
_PASSAGE_ASKS: dict[str, Ask] = {
    "why": "why", "who": "who", "when": "when", "how_much": "how_much", "list": "list", "summarise": "summarise",
    "how": "how", "yes_no": "yes_no", "which": "which", "what": "what",
}  # fmt: skip
_ORDERED = re.compile(
    r"\bfrom (?:best|highest|top|worst|lowest|largest)\b|\bin order\b|\bto (?:worst|best|lowest|highest)\b"
)
_PEAK = re.compile(
    r"\b(?:best|worst|peak\w*|record|trough|bottom\w* out|highest|lowest|strongest|weakest|poorest|hit its)\b"
)
_TURNS = re.compile(r"\b(?:turn\w*|cross\w*|switch\w*|become|became|flip\w*|go|went|first)\b")
_BOTH_ENDS = re.compile(
    r"\b(?:highest|top|first|largest|best|maximum|leader)\b.*\b(?:lowest|bottom|last|smallest|worst|minimum|laggard)\b"
)
_ASKS_WHO = re.compile(r"\b(?:who|which|whose|what country|the country|the place|name)\b")
_RANKED = re.compile(r"\b(?:ranked|was|were|is|came in|came) (?:second|third|fourth|fifth|number two)\b(?!.*\bwho\b)")
_SMALL_LOSS = re.compile(
    r"\b(?:smallest|least|lowest|fewest|slightest|mildest)\b.{0,20}\b(?:loss\w*|lost|outflow|deficit|drain|exodus)\b|\b(?:lost|lose|loses|perdieron|perdió|perdu|verlor) (?:the )?(?:least|menos|moins)\b|\b(?:drain|loss|outflow|deficit)\b.{0,15}\b(?:smallest|mildest|least|lowest)\b"
)
_DOWN = re.compile(
    r"\b(?:fall|fell|fallen|drop\w*|declin\w*|decrease\w*|worsen\w*|deteriorat\w*|worst|weakest|trough|bottom\w* out|low|lowest|slid\w*|slump\w*)\b"
)
_DOUBTED = re.compile(
    r"\b(?:doubt\w*|comparable|compare[ds]?|beside|side by side|differ\w*|revis\w*|trust\w*|reliab\w*|caution|caveats?|set .* against)\b"
)
_YEAR_OF = re.compile(r"\b(?:year|value|figure|rate|result|reading|level|point|number|score)\b")
_COME_FROM = re.compile(r"\bwhere (?:do|does|did)\b.*\bcome from\b")
_MEANS = re.compile(r"\bdo(?:es)?\b.*\bmean\b|\bwhat .*\bmeans\b|\bmeant by\b")
_RESCALES = re.compile(r"\b(?:rescale|scale|express|convert|restate|turn|adjust|recompute|put)\w*\b")
_HEADS = re.compile(
    r"\b(?:how many|number of)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:specialists|experts|engineers|workers|people|persons|researchers|developers|brains)\b"
    r".*\b(?:left|leave|leaving|lost|lose|losing|gained?|came|come|arrived?|moved?|settled|go|went|quit|emigrat\w*)\b"
)
_RATE = re.compile(r"[-+\u2212]?\d+\.\d+\s+(?:per|in|out of)\b")
_FROM_TO = re.compile(r"\bfrom\b.*\bto\b|\binto\b|\bturned\b|\bflipped\b|\bswitched\b")
_COUNTED = re.compile(r"\bhow many\b(?:\W+[\w-]+){0,4}?\W+(?:countries|members|states|nations|economies|places|bars)\b")
_NEAREST = re.compile(
    r"\b(?:nearest|closest|closer|nearer)\b.{0,25}\b(?:zero|balance\w*|break[- ]?even|nil|nought|equilibrium)\b"
)
_AHEAD = re.compile(
    r"\b(?:beat|beats|ahead of|above|outranked|outranks|ranked higher than|did better than|better than|higher than)\b"
)
_ABOVE_IN_ORDER = re.compile(r"\b(?:who|which (?:countries|places)|what countries)\b")
_BEFORE_A_QUESTION = frozenset("and but so or then of to by in from for tell me know please on at is was".split())
_COMBINES = re.compile(r"\b(add|sum|subtract|minus|plus|total of)\b")
_SET_AGAINST = re.compile(
    r"\b(bigger|larger|smaller|more|less|higher|lower|greater|stronger|weaker|minus|sum of|plus)\b"
)
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
    slots: Slots
    back_reference: bool
    elliptic: bool  # opens with "and", "what about", or holds nothing but slots
    question_word: str  # why, who, when, ... or empty
    own_ask: bool  # an ask word was found, not assumed
    ask_words: frozenset[str] = frozenset()  # every kind of ask whose words were found
    head_count: bool = False  # a number of people is asked for
    family: str = ""  # the family that its own words name, before one is assumed
    policy: bool = False  # it holds words of policies and papers
    kinds: frozenset[str] = frozenset()  # every kind of small slot: latest, same, add_place, ...
    dropped: tuple[str, ...] = ()  # places named to be left out: "without Korea", "not North"
    elsewhere: bool = False  # a body is named that does not measure the family spoken of
    other_matter: bool = False  # it narrows to what no table holds: "women among them"
    concepts: Concepts = field(default_factory=dict)
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
            median="median" in found.low or "middle value" in found.low, compares=_sets_against(found), lowest=_from_below(found),
            threshold=found.limit, upper=found.high, below=found.below, names=self._finder.names(found, family),
        )  # fmt: skip
        ask, word, own = self._ask(found, question)
        ask, around, nth = order_of(found, question, ask)
        question = replace(question, around=around, nth=nth)
        own = own or around is not None or nth is not None
        question = self._completed(found, replace(question, asks=ask), word, own)
        head_count = _head_count(found)
        left_over = self._finder.left_over(found, question.family)
        opens = any(s.value == "follow_up" and found.low[: s.start].strip() == "" for s in found.slots)
        named = places or group or question.names
        bare = not left_over and not named and not own and len(found.text.split()) <= 8
        short = len(found.text.split()) <= 4 and not question.names
        return Reading(
            question, left_over, found, any(s.value == "back_reference" for s in found.slots),
            opens or bare or short, word, own,
            frozenset(a.value for a in found.asks) & FIGURE_ASKS, head_count, family,
            any(s.value == "policy" for s in found.slots),
            frozenset(found.kinds()), _dropped(found), bool(found.measures) and not measures and not family, other_matter(found, left_over, []), found.concepts,
            _has_pronoun(found),
        )  # fmt: skip

    # -- what is asked ---------------------------------------------------------------------------

    def _ask(self, found: Slots, q: Question) -> tuple[Ask, str, bool]:
        """What is asked of the figures, the question word, and whether an ask word was found."""
        low = found.low[found.core :]
        kinds = {a.value for a in found.asks}
        if _COUNTED.search(low):
            kinds.add("count")
        word = _question_word(found, low, kinds)
        several = len(q.places) > 1
        if q.threshold is not None and (not q.places or "count" in kinds):
            return "count", word, True
        nouns = r"(?:countries|nations|economies|places|states|members)"
        plural = re.search(rf"\b(?:which|what|list|name|show)\b.*?\b{nouns}\b", low)
        one_way = q.outward or q.inward or bool(found.kinds() & {"negative", "positive"})
        kinds_of_sign = one_way or re.search(r"\b(?:doubl|tripl|halv)", low) is not None
        if "count" in kinds and not (
            kinds_of_sign or q.places or q.threshold is not None or kinds & {"rank", "average"}
        ):
            return "coverage", word, True  # "how many countries does the file hold"
        if (
            (plural or (word == "who" and q.group))
            and one_way
            and not q.places
            and not kinds & {"rank", "count", "compare"}
            and q.top is None
        ):
            return "count", word, True  # "which countries lost", "the members below zero": all of them
        world = re.search(r"\b(among|in the world|globally|of all|worldwide)\b", low) is not None
        order: list[tuple[Ask, bool]] = [
            ("coverage", not several and not q.years and not kinds & {"average", "rank", "compare", "change"}),
            ("count", not q.places),
            ("editions", True),
            ("define_measure", not q.places),
            ("place_rank", len(q.places) == 1 and (not q.group or "rank" in kinds or "place_rank" in kinds)),
            ("compare", several),
            ("sign", len(q.places) == 1 or bool(q.group)),
            ("average", True),
            ("rank", not q.places and (not kinds & {"change"} or self._one_year(q.family))),
            ("change", bool(q.places) and "trend" not in kinds),
            ("trend", True),
            ("rank", not q.places),
            ("rank", len(q.places) == 1 and world),
            ("change", bool(q.years) or bool(q.places)),
        ]
        if (_MEANS.search(low) or (word == "why" and q.measures and _DOUBTED.search(low))) and not q.places:
            return "define_measure", word, True
        if _COME_FROM.search(low) and q.places:
            return "editions", word, True
        if several and not q.years and kinds & {"change"}:
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
        turning = bool(found.flow) or bool(found.kinds() & {"negative", "positive"})
        crossing = word == "when" and turning and bool(q.places)
        if len(q.years) > 1 or crossing:
            return "trend", word, crossing
        return "value", word, False

    def _one_year(self, family: str) -> bool:
        """Whether a family holds one year only: a change between two years, as one value."""
        order = self._table.families[family].order if family else ()
        return len({y for m in order for y in self._table.years(m)}) == 1

    def _completed(self, found: Slots, q: Question, word: str, own: bool) -> Question:
        """The question with what follows from its slots together: figure or passage, doubts, ends."""
        asked = self._about_figures(found, q, word, own)
        policy = any(s.value == "policy" and s.start >= found.core for s in found.slots)
        head_count = _head_count(found)
        moving = any(f.value != "none" for f in found.flow)
        moving = moving or bool(re.search(r"\b\d+\.\d+\b|\brate\b", found.low))
        if head_count and moving and q.family in ("", FLOW, "ai_workforce") and (q.places or q.group) and not policy:
            q = replace(q, family=FLOW, measures=())
            asked = FLOW in self._table.families
        told = found.core > 0 and not found.text[found.core : found.end].rstrip().endswith("?")
        verdicts = [v for v in found.verdicts if not (told and v.phrase == "should")]  # "it should hold the rate"
        doubt = None if q.asks in ("define_measure", "editions") else parse.doubt(verdicts, q.years, found.low, asked)
        out = () if q.asks == "compare" else _dropped(found)
        if out:
            q = replace(q, excluded=out, places=tuple(p for p in q.places if p not in out))
        q = replace(q, doubt=doubt, figures_asked=asked)
        if not asked:
            return replace(q, asks=_PASSAGE_ASKS.get(word, "what"))
        if not q.family:
            q = replace(q, family=self._default_family(q.places))
        order = self._table.families[q.family].order
        held = {p for m in order for p in self._table.places(m)} or {
            d.place for d in self._table.directions if d.measure in order
        }
        if "earliest" in found.kinds() and not q.years and q.places:
            first = min((y for m in (q.measures or order) for y in self._table.years(m)), default=None)
            q = replace(q, years=(first,) if first else (), asks="value" if q.asks in ("rank", "trend") else q.asks)
        if len(held) == 1 and not q.places and not q.group:
            q = replace(q, places=tuple(held))
        if len(held) == 1 and q.asks in ("count", "rank", "average"):
            q = replace(q, asks="value", places=tuple(held))
        if len(held) == 1 and held & {m.code for m in found.mentions}:
            q = replace(q, places=tuple(held))  # "Koreans working in the US" is asked of South Korea
        named = {f.value for f in found.families if f.phrase not in GENERIC} | ({FLOW} if found.flow else set())
        bases = {self._table.measures[m].denominator.split(",")[0] for m in q.measures}
        apart = len(bases) > 1 and not self._table.families[q.family].distinct
        if apart and (_COMBINES.search(found.low) or _CONVERTS.search(found.low) or _RESCALES.search(found.low)):
            q = replace(q, doubt="not_comparable")
        if _COMBINES.search(found.low) and len(named) > 1:
            q = replace(q, doubt="not_comparable")
        if q.doubt is None and (head_count or self._other_base(found, q)) and q.family == FLOW:
            q = replace(q, doubt="not_comparable")
        kinds = found.kinds()
        if q.asks == "count" and q.threshold is None and q.upper is None:
            q = replace(q, below="negative" in kinds or (q.outward and "positive" not in kinds))
        elif q.asks == "count" and q.outward and q.threshold is not None and q.threshold > 0 and not q.below:
            q = replace(q, below=True, threshold=-q.threshold)  # "lost more than 1,000" is below -1,000
        dated = {y for m in self._table.families[q.family].order for y in self._table.years(m)}
        units = {self._table.measures[m].unit for m in self._table.families[q.family].order}
        if q.asks == "count" and q.threshold is None and all(u.startswith("% change") for u in units):
            times = next((n for word, n in (("doubl", 100), ("tripl", 200)) if word in found.low), None)
            q = replace(q, threshold=Decimal(times)) if times else q
        if len(dated) == 1 and len(q.years) > 1 and dated & set(q.years):
            # a change between two years is one value: "from 2019 to 2025" only names it
            q = replace(q, years=tuple(dated), ranged=False, asks="value" if q.asks in ("trend", "change") else q.asks)
        kind = {self._table.measures[m].kind for m in (q.measures or self._table.families[q.family].order)}
        if kind == {"rank"} and q.asks in ("place_rank", "value") and q.places:
            moved = len(q.years) > 1 or "change" in {a.value for a in found.asks}
            q = replace(q, asks="change" if moved else "value")
        if q.asks in ("value", "list") and q.group and not q.places:
            q = replace(q, asks="rank")
        if q.asks in ("rank", "compare") and q.outward and q.around != "zero":
            q = replace(q, lowest=not _SMALL_LOSS.search(found.low))  # "the smallest loss" is the highest value
        if q.asks == "compare" and re.search(r"\bworse\b|\b(?:which|who)\b.*\blower\b", found.low):
            q = replace(q, lowest=True)
        if q.asks == "rank" and q.around in ("change", "years") and _DOWN.search(found.low):
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

    def _about_figures(self, found: Slots, q: Question, word: str, own: bool) -> bool:
        if self._other_base(found, q):
            return bool(q.places)
        return about_figures(found, q, word, own, self._finder, self._table)

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


def order_of(found: Slots, q: Question, ask: Ask) -> tuple[Ask, Around | None, int | None]:
    """Whether a ranking is by something else than the value, and which single place of it is asked for."""
    kinds = {a.value for a in found.asks}
    low = found.low[found.core : found.end]
    best = len(q.places) == 1 and not q.years and _PEAK.search(low) and _YEAR_OF.search(low)
    if best and ask in ("value", "rank", "trend") and not re.search(r"\brank|\bworld\b|\bamong\b", low):
        return "rank", "years", None
    if "nearest" in kinds or (_NEAREST.search(low) and not q.places):
        return "rank", "zero", None
    if "ever" in found.kinds() and "rank" in kinds and not q.places and not q.years:
        return "rank", "ever", None
    if len(q.places) == 1 and _AHEAD.search(low) and _ABOVE_IN_ORDER.search(low) and ask != "change":
        return "rank", "ahead", None
    if "which_year" in kinds and len(q.places) == 1 and ask not in ("change", "compare", "coverage"):
        signed = bool(q.outward or q.inward or found.kinds() & {"negative", "positive"} or q.threshold is not None)
        peak = bool(kinds & {"rank"}) or bool(_PEAK.search(found.low))
        if peak or signed:
            turns = bool(_TURNS.search(low))
            return ("rank" if peak else "trend" if turns else "count"), (None if turns else "years"), None
    if len(q.places) == 1 and q.threshold is not None and len(q.years) != 1:
        return "count", "years", None
    if (
        "rank" in kinds
        and _BOTH_ENDS.search(low)
        and not _ORDERED.search(low)
        and not q.places
        and ("compare" in kinds or q.top is None)
    ):
        return "rank", "spread", None
    ways = {f.value for f in found.flow if f.value != "none"} | (found.kinds() & {"negative", "positive"})
    if not q.places and len(q.years) > 1 and len(ways) > 1 and _FROM_TO.search(low):
        return "rank", "turned", None
    changing = kinds & {"change"} or (kinds & {"trend"} and len(q.years) > 1)
    if "rank" in kinds and changing and not q.places and (len(q.years) > 1 or (q.measures and not q.years)):
        return "rank", "change", None
    if "next" in kinds and len(q.places) == 1 and ask != "change" and (_ASKS_WHO.search(low) or "lead" in low):
        return "rank", "next", None
    nth = parse.nth(low)
    if nth == 2 and re.search(r"\b(?:winner|first|leader)\b", low) and not q.places:
        return "rank", None, None
    if nth is not None and ask in ("rank", "value", "place_rank", "trend", "list") and not _RANKED.search(low):
        if len(q.places) == 1 and not _ASKS_WHO.search(low):
            return "place_rank", None, None  # "Switzerland: third or fourth?"
        return "rank", None, nth
    return ask, None, None


def _sets_against(found: Slots) -> bool:
    """Whether one value is set against another, whatever else is asked."""
    asks = {a.value for a in found.asks if a.phrase != "both"}
    return bool(asks & {"compare", "change", "average"}) or bool(_SET_AGAINST.search(found.low))


def _dropped(found: Slots) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for place, _a, _b in dropped(found.slots, found.mentions, found.text)))


def _head_count(found: Slots) -> bool:
    """Whether a number of people is asked for: "how many people lost per 10,000" asks for the rate."""
    asked = any(v.value == "head_count" for v in found.verdicts) or bool(_HEADS.search(found.low))
    return asked and (found.base is None or bool(_RATE.search(found.low)))


def _has_pronoun(found: Slots) -> bool:
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
