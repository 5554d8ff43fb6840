"""Reading a question: its places, years, measures, and what it asks of them.

The grammar is one of slots. Word lists (lexicon.toml, and the words beside each measure, family
and place) say which slot a phrase fills; what no slot explains is left over, and how much is left
over decides whether the question is about a figure or about what documents say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from assistant import slots as parse
from assistant.asks import ask_of, from_below, has_pronoun, head_count, order_of, sets_against
from assistant.completing import Completer
from assistant.deciding import other_matter
from assistant.finder import FLOW, Finder, Slots
from assistant.lexicon import says
from assistant.signs import Concepts
from assistant.types import Question
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MAX_CHARACTERS = 2000
FIGURE_ASKS: frozenset[str] = frozenset(
    "value sign compare rank place_rank change trend average count editions coverage define_measure".split()
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
    bodies: frozenset[str] = frozenset()  # the families that the bodies named have published
    pronoun: bool = False  # it, they, them: a reference that a place of its own does not settle


class Reader:
    """Reads questions against one library's measures and the world's places."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self._table = table
        self._places = places
        self._finder = Finder(table, places)
        self._completer = Completer(table, places, self._finder)

    def read(self, text: str) -> Reading:
        """The slots of one text; raises BadInput for an empty or a very long one."""
        spelled = self._finder.spelled(checked(text))
        reading = self._read(text, self._finder.find(spelled))
        if reading.question.places or reading.question.group:
            return reading
        seated = self._finder.find(spelled, capitals=True)
        if len(seated.mentions) == len(reading.slots.mentions):
            return reading
        other = self._read(text, seated)  # "Seoul's 2022 number" is South Korea's; "OpenAI's Tokyo office" is no figure
        return other if other.question.figures_asked else reading

    def _read(self, text: str, found: Slots) -> Reading:
        places, group = self._finder.where(found)
        family, measures = self._finder.family(found, places)
        question = Question(
            text=text.strip(), standalone=found.text, asks="value", places=places, group=group,
            years=found.years.named, ranged=found.years.ranged, measures=measures, family=family, base=found.base,
            language=found.language, latest="latest" in found.kinds() and not found.years.named,
            top=parse.top(found.low),
            outward=parse.direction(found.flow) == "out", inward=parse.direction(found.flow) == "in",
            median="median" in found.low or "middle value" in found.low,
            compares=sets_against(found), lowest=from_below(found),
            threshold=None if family in ("", FLOW) and says("changed_by", found.low) else found.limit,
            upper=found.high, below=found.below, names=self._finder.names(found, family),
        )  # fmt: skip
        ask, word, own = ask_of(found, question, self._one_year(family))
        ask, around, nth = order_of(found, question, ask)
        question = replace(question, around=around, nth=nth)
        own = own or around is not None or nth is not None
        question = self._completer.completed(found, replace(question, asks=ask), word, own)
        heads = head_count(found)
        left_over = self._finder.left_over(found, question.family)
        opens = any(s.value == "follow_up" and found.low[: s.start].strip(" \u00bf\u00a1") == "" for s in found.slots)
        named = places or group or question.names
        bare = not left_over and not named and not own and len(found.text.split()) <= 8
        short = len(found.text.split()) <= 4 and not question.names
        return Reading(
            question, left_over, found, any(s.value == "back_reference" for s in found.slots),
            opens or bare or short, word, own,
            frozenset(a.value for a in found.asks) & FIGURE_ASKS, heads, family,
            any(s.value == "policy" for s in found.slots),
            frozenset(found.kinds()), tuple(p for p in found.dropped() if p in self._places.places),
            any(not self._table.family_of(m.value).distinct for m in found.measures) and not measures and not family,
            other_matter(found, left_over, []), found.concepts, frozenset(self._finder.bodies(found)),
            has_pronoun(found),
        )  # fmt: skip

    def _one_year(self, family: str) -> bool:
        """Whether a family holds one year only: a change between two years, as one value."""
        order = self._table.families[family].order if family else ()
        return len({y for m in order for y in self._table.years(m)}) == 1


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
