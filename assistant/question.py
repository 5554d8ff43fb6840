"""Reading a question: its places, years, measures, and what it asks of them.

The grammar is one of slots. Word lists (lexicon.toml, and the words beside each measure, family
and place) say which slot a phrase fills; what no slot explains is left over, and how much is left
over decides whether the question is about a figure or about what documents say.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant import slots as parse
from assistant.lexicon import Found, Scanner, lexicon
from assistant.names import names_in
from assistant.types import Ask, Question
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.places import Gazetteer, Mention
from corpus.words import STOP_WORDS

MAX_CHARACTERS = 2000
FLOW = "net_ai_talent_flow"
FIGURE_ASKS: frozenset[str] = frozenset(
    "value sign compare rank place_rank change trend average count editions coverage define_measure".split()
)
_LEAST_LIKE = 0.84  # how like a name of a place a misspelling must be
_SOME_LEFT, _LITTLE_LEFT = 3, 1  # unexplained words that a question about a figure may hold
# Words that many families and documents share: alone they do not make a question one about a figure.
_GENERIC = frozenset(
    {
        "ai talent", "ai worker", "ai specialist", "ai expert", "ai professional", "ai researcher", "ai personnel",
        "abroad", "overseas", "elite", "researcher", "tracker", "talent tracker",
    }
)  # fmt: skip
_LINKING = frozenset({"s", "of", "the", "and", "ai", "in", "for", "net", "data", "talent"})
_PASSAGE_ASKS: dict[str, Ask] = {
    "why": "why", "who": "who", "when": "when", "how_much": "how_much", "list": "list", "summarise": "summarise",
    "how": "how", "yes_no": "yes_no", "which": "which", "what": "what",
}  # fmt: skip
_SET_AGAINST = re.compile(r"\b(bigger|larger|smaller|more|less|higher|lower|greater|minus|sum of|plus)\b")
# Another base than the members that a rate divides by: no conversion leads there.
_CONVERTS = re.compile(
    r"\b(?:convert|turn|express|restate|rebase|translate|subtract|multiply)\w*\b.*"
    r"\b(?P<to>inhabitants|population|people|residents|citizens|linkedin members|ai-skilled members|concentration)\b"
    r"|\bon the base of (?:all|the) (?P<base>members|population)\b"
)
_WORD = re.compile(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*")
_GROUP_AFTER = re.compile(
    r"('s)?\s+(countr|member|econom|nation|state|average|mean|median|area|top|bottom|rank)", re.IGNORECASE
)
_GROUP_BEFORE = re.compile(r"\b(in|of|among|within|across|inside)\s+(the\s+)?$", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything that the word lists find in one text."""

    text: str
    language: str
    core: int
    families: list[Found]
    measures: list[Found]
    mentions: list[Mention]
    flow: list[Found]
    slots: list[Found]
    asks: list[Found]
    questions: list[Found]
    verdicts: list[Found]
    years: parse.Years
    base: int | None
    base_span: parse.Span | None

    @property
    def low(self) -> str:
        return self.text.lower()

    def kinds(self) -> set[str]:
        return {s.value for s in self.slots}

    def explained(self) -> list[parse.Span]:
        """The spans that some slot explains."""
        found = [*self.families, *self.measures, *self.flow, *self.asks, *self.verdicts, *self.questions]
        found += [s for s in self.slots if s.value != "policy"]
        spans = [(f.start, f.end) for f in found] + [(m.start, m.end) for m in self.mentions]
        return [*spans, *self.years.spans, *([self.base_span] if self.base_span else [])]


class Reader:
    """Reads questions against one library's measures and the world's places."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self._table = table
        self._places = places
        self._families = Scanner(
            {f.id: [*f.words, *(w for _l, ws in f.foreign for w in ws)] for f in table.families.values()}
        )
        self._measures = Scanner({m.id: m.words for m in table.measures.values()})

    def read(self, text: str) -> Reading:
        """The slots of one text; raises BadInput for an empty or a very long one."""
        found = self._find(self._spelled(checked(text)))
        places, group = self._where(found)
        family, measures = self._family(found, places)
        limit, below = parse.threshold(_mask(found.text, _editions(found.measures)), found.slots)
        question = Question(
            text=text.strip(), standalone=found.text, asks="value", places=places, group=group,
            years=found.years.named, ranged=found.years.ranged, measures=measures, family=family, base=found.base,
            language=found.language, latest="latest" in found.kinds() and not found.years.named,
            top=parse.top(found.low),
            outward=parse.direction(found.flow) == "out", inward=parse.direction(found.flow) == "in",
            median="median" in found.low, compares=_sets_against(found), lowest="lowest" in found.kinds(),
            threshold=limit, below=below, names=self._names(found),
        )  # fmt: skip
        ask, word, own = self._ask(found, question)
        question = self._completed(found, replace(question, asks=ask), word, own)
        head_count = any(v.value == "head_count" for v in found.verdicts)
        left_over = self._left_over(found)
        opens = any(s.value == "follow_up" and found.low[: s.start].strip() == "" for s in found.slots)
        bare = not left_over and not (places or group) and not own
        return Reading(
            question, left_over, any(s.value == "back_reference" for s in found.slots),
            opens or bare or len(found.text.split()) <= 4, word, own,
            frozenset(a.value for a in found.asks), head_count,
        )  # fmt: skip

    # -- what the lists find ---------------------------------------------------------------------

    def _find(self, text: str) -> _Found:
        lex = lexicon()
        language, mentions = self._mentions(text)
        measures = _later_edition(self._measures.find(text, overlapping=True))
        mentions, measures = _group_or_body(text, mentions, measures)
        # "percentage of Finnish LinkedIn members" holds the words of its family around a place.
        unplaced = _mask(text, [(m.start, m.end) for m in mentions])
        families = _merged(self._families.find(text, overlapping=True), self._families.find(unplaced, overlapping=True))
        measures = _merged(measures, self._measures.find(unplaced, overlapping=True))
        measures = _later_edition(measures)
        named = [(f.start, f.end) for f in measures]
        asks = [a for a in lex.asks.find(text) if not _inside(a, named)]  # "top 15" may name a chart
        masked = _mask(text, _editions(measures))
        base, base_span = parse.base(masked)
        return _Found(
            text, language, parse.core(text), families, measures, mentions, lex.flow.find(text), lex.slots.find(text),
            asks, lex.questions.find(text), lex.opinion.find(text), parse.years(masked), base, base_span,
        )  # fmt: skip

    def _mentions(self, text: str) -> tuple[str, list[Mention]]:
        """The language of a text and the places it names; a foreign name settles a doubtful language."""
        language = parse.language_of(text)
        mentions = self._places.find(text, language)
        if mentions or language != "en":
            return language, mentions or self._places.find(text)
        if any(f.value in self._foreign for f in self._families.find(text)) or not text.isascii():
            for other in ("de", "fr", "es"):
                if found := self._places.find(text, other):
                    return other, found
        return language, mentions

    @cached_property
    def _foreign(self) -> frozenset[str]:
        return frozenset(f.id for f in self._table.families.values() if f.foreign)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Single-word names of places, to hold a misspelling against."""
        names = {p.name.lower(): p.name for p in self._places.places.values() if " " not in p.name and len(p.name) > 4}
        names |= {
            d: d.title() for p in self._places.places.values() for d in p.demonyms[:1] if " " not in d and len(d) > 5
        }
        return names

    def _spelled(self, text: str) -> str:
        """The text with a misspelt name of a place put right, where it names no place at all."""
        if self._places.find(text, parse.language_of(text)) or parse.language_of(text) != "en":
            return text
        known = lexicon()
        for match in _WORD.finditer(text):
            word = match.group().lower().removesuffix("'s").removesuffix("\u2019s")
            if (
                len(word) < 5
                or word in STOP_WORDS
                or any(word in s for s in (known.slots, known.asks, known.flow, known.questions))
            ):
                continue
            like = difflib.get_close_matches(word, self._spellings, n=1, cutoff=_LEAST_LIKE)
            if like and like[0][0] == word[0]:
                return text[: match.start()] + self._spellings[like[0]] + text[match.start() + len(word) :]
        return text

    def _where(self, found: _Found) -> tuple[tuple[str, ...], str]:
        """The places, and the group, that the question itself names; else those of its preamble."""
        near = [m for m in found.mentions if m.start >= found.core] or found.mentions
        group = next((m.code for m in near if m.group), "")
        return tuple(dict.fromkeys(m.code for m in near if not m.group)), group

    def _family(self, found: _Found, places: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """The family with most of the words, and the measures of it that are named.

        A family that holds nothing for the places asked about is unlikely to be the one meant.
        """
        score: dict[str, float] = {}
        for f in found.families:
            weight = 0.3 if f.phrase in _GENERIC else 1.0 + 0.5 * len(f.phrase.split())
            score[f.value] = score.get(f.value, 0.0) + weight
        named_by: dict[str, set[str]] = {}
        for m in found.measures:
            named_by.setdefault(m.phrase, set()).add(self._table.measures[m.value].family)
        for families in named_by.values():
            for id in families:
                score[id] = score.get(id, 0.0) + 1.5 / len(families)
        if found.flow and FLOW in self._table.families:
            score[FLOW] = score.get(FLOW, 0.0) + 1.0
        if not score:
            return "", ()
        for id in score:
            held = {p for m in self._table.families[id].order for p in self._table.places(m)}
            if places and not held & set(places) and held != {"WLD"}:
                score[id] *= 0.3
            dated = {y for m in self._table.families[id].order for y in self._table.years(m)}
            if found.years.named and dated and not dated & set(found.years.named):
                score[id] *= 0.5
        order = list(self._table.families)
        best = max(score, key=lambda f: (score[f], -order.index(f)))
        return best, self._named(found, best)

    def _named(self, found: _Found, family: str) -> tuple[str, ...]:
        """The measures of a family that are named; "Stanford ... AI Index 2025" names the one edition."""
        own = self._table.families[family].order
        by_phrase: dict[str, set[str]] = {}
        for m in found.measures:
            if m.value in own:
                by_phrase.setdefault(m.phrase, set()).add(m.value)
        narrow = [s for s in by_phrase.values() if not any(other < s for other in by_phrase.values())]
        named = set().union(*narrow)
        return tuple(m for m in own if m in named)

    def _names(self, found: _Found) -> tuple[str, ...]:
        """Named things that are neither a measure, nor a family, nor a place."""
        spans = [(f.start, f.end) for f in (*found.measures, *found.families)]
        spans += [(m.start, m.end) for m in found.mentions]
        names = names_in(found.text, [(m.start, m.end) for m in found.mentions])
        names = tuple(n for n in names if not _covered(found.text, n, spans, found.years.named))
        if found.language == "en":
            return names
        return tuple(n for n in names if f'"{n}"' in found.text or f"\u201c{n}\u201d" in found.text)

    def _left_over(self, found: _Found) -> tuple[str, ...]:
        """Content words of the question itself that no slot explains."""
        signs = found.families or found.measures or found.flow or (found.mentions and (found.asks or found.years.named))
        if found.language != "en" and signs:
            return ()  # the lists of small words are English; the slots were found all the same
        explained = found.explained()
        words = []
        for match in _WORD.finditer(found.low.replace("\u2019", "'"), found.core):
            word = match.group().removesuffix("'s")
            if any(a < match.end() and match.start() < b for a, b in explained):
                continue
            if word in STOP_WORDS or word in lexicon().slots or word.isdigit() or len(word) < 2:
                continue
            words.append(word)
        return tuple(words)

    # -- what is asked ---------------------------------------------------------------------------

    def _ask(self, found: _Found, q: Question) -> tuple[Ask, str, bool]:
        """What is asked of the figures, the question word, and whether an ask word was found."""
        low = found.low[found.core :]
        kinds = {a.value for a in found.asks if a.start >= found.core or len(found.asks) == 1}
        word = _question_word(found, low, kinds)
        several = len(q.places) > 1
        if q.threshold is not None and (not q.places or "count" in kinds):
            return "count", word, True
        plural = re.search(r"\bwhich\b.*?\b(countries|nations|economies|places|states|members)\b", low)
        if (
            plural
            and (q.outward or q.inward)
            and not q.places
            and not kinds & {"rank", "count", "compare"}
            and q.top is None
        ):
            return "count", word, True  # "which countries lost": all of them
        world = re.search(r"\b(among|in the world|globally|of all|worldwide)\b", low) is not None
        order: list[tuple[Ask, bool]] = [
            ("coverage", not several and not q.years),
            ("count", True),
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
        subject = re.search(r"\b(which|what|who)\b.*\b(countr|nation|econom|place|state|member)", low)
        if not q.places and subject and found.flow:
            return "rank", word, True
        turning = bool(found.flow) or bool(found.kinds() & {"negative", "positive"})
        crossing = word == "when" and turning and bool(q.places)
        if len(q.years) > 1 or crossing:
            return "trend", word, crossing
        return "value", word, False

    def _completed(self, found: _Found, q: Question, word: str, own: bool) -> Question:
        """The question with what follows from its slots together: figure or passage, doubts, ends."""
        asked = self._about_figures(found, q, word, own)
        policy = any(s.value == "policy" and s.start >= found.core for s in found.slots)
        head_count = any(v.value == "head_count" for v in found.verdicts)
        moving = any(f.value != "none" for f in found.flow)
        moving = moving or bool(re.search(r"\b\d+\.\d+\b|\brate\b", found.low))
        if head_count and moving and q.family in ("", FLOW, "ai_workforce") and (q.places or q.group) and not policy:
            q = replace(q, family=FLOW, measures=())
            asked = FLOW in self._table.families
        q = replace(q, doubt=parse.doubt(found.verdicts, q.years, found.low, asked), figures_asked=asked)
        if not asked:
            return replace(q, asks=_PASSAGE_ASKS.get(word, "what"))
        if not q.family:
            q = replace(q, family=self._default_family(q.places))
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

    def _other_base(self, found: _Found, q: Question) -> bool:
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

    def _about_figures(self, found: _Found, q: Question, word: str, own: bool) -> bool:
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
            return bool(q.measures or q.family) and len(self._left_over(found)) <= _SOME_LEFT
        spans = [(f.start, f.end) for f in found.families if f.value == q.family]
        if not q.measures and any(not any(a <= m.start and m.end <= b for a, b in spans) for m in found.measures):
            return False  # a body is named that does not measure this family
        left = len(self._left_over(found))
        policy = sum(s.value == "policy" and s.start >= found.core and not _inside(s, spans) for s in found.slots)
        pinned = bool(q.places or q.group or q.years)
        spoken = bool(found.flow) or q.base is not None
        spoken = spoken or any(f.phrase not in _GENERIC for f in found.families if f.value == q.family)
        redefined = any(
            re.search(rf"\b(?:of|for)\s+(?:\w+\s+)?{re.escape(w)}\b", found.low) for w in self._left_over(found)
        )
        if redefined and found.flow:
            return False  # "net migration of physicians": another matter than AI talent
        generic = all(f.phrase in _GENERIC for f in found.families if f.value == q.family)
        if policy and generic and not found.flow and not found.measures:
            return False
        if policy and left + policy > 2 and not (found.flow and pinned and left == 0):
            return False
        if spoken and (pinned or own or q.latest or q.asks == "coverage"):
            return left <= _SOME_LEFT
        if (found.measures or found.families) and (pinned or own):
            return left <= _LITTLE_LEFT + 1
        if q.asks == "coverage":
            return left == 0
        if q.asks in ("rank", "count", "average") and own and (q.years or found.flow or found.families):
            return left <= _LITTLE_LEFT and not policy
        located = bool(q.places or q.group)
        return located and (bool(q.years) or q.latest or own) and left <= _LITTLE_LEFT and not policy


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


def _sets_against(found: _Found) -> bool:
    """Whether one value is set against another, whatever else is asked."""
    asks = {a.value for a in found.asks}
    return bool(asks & {"compare", "change", "average"}) or bool(_SET_AGAINST.search(found.low))


def _question_word(found: _Found, low: str, kinds: set[str]) -> str:
    """why, who, when, how much ...: the word that the question opens with; "why" wherever it stands."""
    if any(q.value == "why" for q in found.questions):
        return "why"
    if not found.questions:
        return ""
    first = min(found.questions, key=lambda q: (q.start, -q.end))
    if first.start - found.core > 25:
        return ""
    asks_change = kinds & {"change", "trend", "compare", "place_rank"}
    if first.value == "how" and asks_change:
        return ""
    return first.value


def _later_edition(found: Sequence[Found]) -> list[Found]:
    """In "2024 AI Index 2025" the number after the name is the edition, the one before it a year."""
    ending = [f for f in found if re.search(r"\d$", f.phrase)]
    return [f for f in found if not (f.phrase[:1].isdigit() and any(f.start < o.start < f.end < o.end for o in ending))]


def _group_or_body(
    text: str, mentions: Sequence[Mention], measures: Sequence[Found]
) -> tuple[list[Mention], list[Found]]:
    """ "OECD" names a group in "OECD countries" and a measure in "according to the OECD".

    "Korea" inside "Bank of Korea" is not the place asked about.
    """
    kept: list[Mention] = []
    left = list(measures)
    for m in mentions:
        rivals = [f for f in left if f.start < m.end and m.start < f.end]
        longest = max((f.end - f.start for f in rivals), default=0)
        if rivals and m.group and m.end - m.start < longest:
            continue
        if (
            rivals
            and m.group
            and m.end - m.start == longest
            and not (_GROUP_AFTER.match(text, m.end) or _GROUP_BEFORE.search(text[: m.start]))
        ):
            continue
        if rivals and not m.group and any(f.end - f.start > m.end - m.start for f in rivals):
            continue
        left = [f for f in left if f not in rivals]
        kept.append(m)
    return kept, left


def _editions(measures: Sequence[Found]) -> list[parse.Span]:
    """Where the year of an edition stands, which is not a year of data."""
    return [(m.start, m.end) for m in measures if re.search(r"(?:19|20)\d\d", m.phrase)]


def _merged(first: Sequence[Found], second: Sequence[Found]) -> list[Found]:
    return [*first, *(f for f in second if f not in first)]


def _inside(found: Found, spans: Sequence[parse.Span]) -> bool:
    return any(a <= found.start and found.end <= b for a, b in spans)


def _covered(text: str, name: str, spans: Sequence[parse.Span], years: Sequence[int]) -> bool:
    """Whether a name is made of the words of measures, families, places and years."""
    at = text.find(name)
    if at < 0:
        return False
    left = _mask(text, spans)[at : at + len(name)]
    known = {str(y) for y in years} | _LINKING
    return all(w.lower() in known for w in re.findall(r"[^\W_]+", left))


def _mask(text: str, spans: Sequence[parse.Span]) -> str:
    chars = list(text)
    for a, b in spans:
        chars[a:b] = " " * (b - a)
    return "".join(chars)
