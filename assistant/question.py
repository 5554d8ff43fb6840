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
from assistant.asks import ask_of, asks_lower, from_below, has_pronoun, head_count, order_of, sets_against
from assistant.deciding import about_figures, other_matter
from assistant.finder import FLOW, GENERIC, Finder, Slots
from assistant.lexicon import says
from assistant.signs import Concepts
from assistant.types import Ask, Question
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MAX_CHARACTERS = 2000
_TYPED = re.compile(r"(?<![\w.,])[-+\u2212]?\d[\d,]*\.\d+(?![\w.])")
FIGURE_ASKS: frozenset[str] = frozenset(
    "value sign compare rank place_rank change trend average count editions coverage define_measure".split()
)
_PASSAGE_ASKS: dict[str, Ask] = {
    "why": "why", "who": "who", "when": "when", "how_much": "how_much", "list": "list", "summarise": "summarise",
    "how": "how", "yes_no": "yes_no", "which": "which", "what": "what",
}  # fmt: skip


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
            threshold=found.limit, upper=found.high, below=found.below, names=self._finder.names(found, family),
        )  # fmt: skip
        ask, word, own = ask_of(found, question, self._one_year(family))
        ask, around, nth = order_of(found, question, ask)
        question = replace(question, around=around, nth=nth)
        own = own or around is not None or nth is not None
        question = self._completed(found, replace(question, asks=ask), word, own)
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

    def _holds(self, family: str, places: Sequence[str]) -> bool:
        """Whether a family has a figure for one of the places."""
        return any(set(places) & self._table.places(m) for m in self._table.families[family].order)

    def _one_year(self, family: str) -> bool:
        """Whether a family holds one year only: a change between two years, as one value."""
        order = self._table.families[family].order if family else ()
        return len({y for m in order for y in self._table.years(m)}) == 1

    def _completed(self, found: Slots, q: Question, word: str, own: bool) -> Question:
        """The question with what follows from its slots together: figure or passage, doubts, ends."""
        asked = self._about_figures(found, q, word, own)
        if not asked and len(q.places) == 1 and q.family in ("", FLOW) and not q.names and FLOW in self._table.families:
            quoting = self._quoting(found, replace(q, family=FLOW))
            if quoting.measures and not any(s.value == "policy" for s in found.slots):
                q, asked = quoting, True  # "is +0.54 for Japan right?"
        policy = any(s.value == "policy" and s.start >= found.core for s in found.slots)
        heads = head_count(found)
        moving = any(f.value != "none" for f in found.flow)
        moving = moving or bool(re.search(r"\b\d+\.\d+\b|\brate\b", found.low))
        of_people = q.family in ("", FLOW, "ai_workforce") or not (found.measures or self._holds(q.family, q.places))
        of_people = of_people and not policy and not q.names
        if heads and moving and of_people and (q.places or q.group):
            q = replace(q, family=FLOW, measures=())
            asked = FLOW in self._table.families
        told = found.core > 0 and not found.text[found.core : found.end].rstrip().endswith("?")
        verdicts = [v for v in found.verdicts if not (told and v.phrase == "should")]  # "it should hold the rate"
        doubt = (
            None
            if q.asks in ("define_measure", "editions")
            else parse.doubt(verdicts, q.years, found.low, asked, bool(q.measures and q.asks != "trend"))
        )
        out = () if q.asks == "compare" else found.dropped()
        if out:
            groups = self._places.groups
            out = tuple(dict.fromkeys(p for code in out for p in (groups[code].members if code in groups else (code,))))
            q = replace(q, excluded=out, places=tuple(p for p in q.places if p not in out))
        q = replace(q, doubt=doubt, figures_asked=asked)
        if not asked:
            return replace(q, asks=_PASSAGE_ASKS.get(word, "what"))
        if not q.family:
            q = replace(q, family=self._default_family(q.places))
        order = self._table.families[q.family].order
        dated = {y for m in order for y in self._table.years(m)}
        held = {p for m in order for p in self._table.places(m)} or {
            d.place for d in self._table.directions if d.measure in order
        }
        if "earliest" in found.kinds() and not q.years and q.places:
            first = min((y for m in (q.measures or order) for y in self._table.years(m)), default=None)
            q = replace(q, years=(first,) if first else (), asks="value" if q.asks in ("rank", "trend") else q.asks)
        if len(held) == 1 and not q.places and not q.group:
            q = replace(q, places=tuple(held))
            if q.asks == "value" and not q.years and any(a.value == "change" for a in found.asks) and len(dated) > 1:
                q = replace(q, asks="change")  # "by how many points did the share of the world drop"
        if len(held) == 1 and q.asks in ("count", "rank", "average"):
            q = replace(q, asks="value", places=tuple(held))
        if len(held) == 1 and held & {m.code for m in found.mentions}:
            single: Ask = "change" if len(q.years) > 1 else "value"
            q = replace(q, asks=single if q.asks == "compare" and len(q.places) > 1 else q.asks)
            q = replace(q, places=tuple(held))  # "Koreans working in the US" is asked of South Korea
        named = {f.value for f in found.families if f.phrase not in GENERIC} | ({FLOW} if found.flow else set())
        bases = {self._table.measures[m].denominator.split(",")[0] for m in q.measures}
        apart = len(bases) > 1 and not self._table.families[q.family].distinct
        if apart and (says("combines", found.low) or says("converts", found.low) or says("rescales", found.low)):
            q = replace(q, doubt="not_comparable")
        if says("combines", found.low) and len(named) > 1:
            q = replace(q, doubt="not_comparable")
        if q.doubt is None and q.family == FLOW and (says("gross", found.low) or says("flow_between", found.low)):
            q = replace(q, doubt="no_evidence")
        if q.doubt is None and (heads or self._other_base(found, q)) and q.family == FLOW:
            q = replace(q, doubt="not_comparable")
        kinds = found.kinds()
        if q.asks == "count" and q.threshold is None and q.upper is None:
            q = replace(q, below="negative" in kinds or (q.outward and "positive" not in kinds))
        elif q.asks == "count" and q.outward and q.threshold is not None and q.threshold > 0 and not q.below:
            q = replace(q, below=True, threshold=-q.threshold)  # "lost more than 1,000" is below -1,000
        if q.asks == "count" and says("more_gainers", found.low):
            q = replace(q, below=False, lowest=False)
        units = {self._table.measures[m].unit for m in self._table.families[q.family].order}
        if q.asks == "count" and q.threshold is None and all(u.startswith("% change") for u in units):
            times = next((n for word, n in (("doubl", 100), ("tripl", 200)) if word in found.low), None)
            q = replace(q, threshold=Decimal(times)) if times else q
        if len(dated) == 1 and len(q.years) > 1 and dated & set(q.years):
            as_value: Ask = "compare" if len(q.places) > 1 else "value" if q.asks in ("trend", "change") else q.asks
            # a change between two years is one value: "from 2019 to 2025" only names it
            q = replace(q, years=tuple(dated), ranged=False, asks=as_value)
        kind = {self._table.measures[m].kind for m in (q.measures or self._table.families[q.family].order)}
        if kind == {"rank"} and q.asks in ("place_rank", "value") and q.places:
            moved = len(q.years) > 1 or "change" in {a.value for a in found.asks}
            q = replace(q, asks="change" if moved else "value")
        if q.asks in ("value", "list") and q.group and not q.places:
            q = replace(q, asks="rank")
        if q.asks == "rank" and says("small_loss", found.low):
            q = replace(q, lowest=False)  # "the smallest loss" is the highest value
        elif q.asks in ("rank", "compare") and q.outward and q.around != "zero":
            q = replace(q, lowest=not says("small_loss", found.low))
        q = self._quoting(found, q)
        if q.asks == "compare" and asks_lower(found) and not says("small_loss", found.low):
            q = replace(q, lowest=True)
        if q.asks == "rank" and q.around in ("change", "years") and says("downward", found.low):
            q = replace(q, lowest=True)
        if (
            q.asks != "place_rank"
            and q.group
            and set(q.places)
            and set(q.places) <= set(self._places.groups[q.group].members)
        ):
            q = replace(q, group="")
        if found.years.dropped and not q.years:  # "any year besides 2019?"
            others = tuple(sorted(dated - set(found.years.dropped)))
            q = replace(q, years=others, ranged=True, asks="trend" if q.asks == "value" else q.asks)
        return self._opened(q, found.years) if found.years.start or found.years.end else q

    def _other_base(self, found: Slots, q: Question) -> bool:
        """Whether a rate is asked for on a base that its measure does not divide by."""
        match = says("converts", found.low)
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

    def _quoting(self, found: Slots, q: Question) -> Question:
        """ "Israel's -2.10" is asked of the edition and year that hold it."""
        if q.measures or len(q.places) != 1 or q.threshold is not None:
            return q
        typed = {Decimal(n.replace("\u2212", "-").replace(",", "")) for n in _TYPED.findall(found.text)}
        order = self._table.families[q.family].order
        held = [
            f for m in order for f in self._table.of(m, place=q.places[0]) if abs(f.value) in {abs(t) for t in typed}
        ]
        held = [f for f in held if not q.years or f.year in q.years]
        if not held:
            return q
        years = q.years or ((held[0].year,) if held[0].year else ())
        return replace(q, measures=(held[0].measure,), years=years)

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
