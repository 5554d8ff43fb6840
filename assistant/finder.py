"""Finding the slots of a question: what the word lists say of each phrase of it.

Places, measures, families, words of flow and of asking, years: each at its span. What is made of
them is the business of `question`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from assistant import slots as parse
from assistant.language import language_of
from assistant.lexicon import Found, Scanner, lexicon, says
from assistant.names import TITLE, covered, names_in, plain
from assistant.parts import (
    core as asking_part,
)
from assistant.parts import (
    dropped,
    edition_spans,
    group_or_body,
    inside,
    later_edition,
    mask,
    merged,
    sentence_start,
    within,
    without_dropped,
)
from assistant.signs import Concepts, concepts_in, match
from assistant.spelling import Speller, expanded
from corpus.figures import FigureTable
from corpus.places import Gazetteer, Mention
from corpus.words import STOP_WORDS

FLOW = "net_ai_talent_flow"
_UNHELD_PLACE, _UNHELD_YEAR = 0.45, 0.7  # a family that holds nothing for them is unlikely to be meant
_UNHELD_BODY = 0.3  # nor is one that the body named does not measure
_SIGN = 1.2  # what a concept of a sign weighs against a word of a phrase
# Words that many families and documents share: alone they do not make a question one about a figure.
GENERIC = frozenset(
    {
        "ai talent", "ai worker", "ai specialist", "ai expert", "ai professional", "ai researcher", "ai personnel",
        "abroad", "overseas", "elite", "researcher", "tracker", "talent tracker",
    }
)  # fmt: skip
_ASIDE = re.compile(r"\bleaving\b.{1,30}?\baside\b|\bleaving (?:nobody|no one|none|nothing|anyone|out)\b")
_FIGURE = re.compile(r"\b(?:figure|fig\.?) \d|\bchart\b|\btop 15\b")
_WORD = re.compile(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Slots:
    """Everything that the word lists find in one text."""

    text: str
    language: str
    core: int  # where the question itself begins, after a preamble
    end: int  # and where it ends, before a closing word
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
    limit: Decimal | None  # a threshold, with whether below it is meant
    high: Decimal | None  # the upper of two limits
    below: bool
    concepts: Concepts

    @property
    def low(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    def kinds(self) -> set[str]:
        """The kinds of small slots that were found: latest, lowest, negative, ..."""
        return {s.value for s in self.slots}

    def dropped(self) -> tuple[str, ...]:
        """Places that are named to be left out."""
        return tuple(dict.fromkeys(place for place, _a, _b in dropped(self.slots, self.mentions, self.text)))

    def explained(self) -> list[parse.Span]:
        """The spans that some slot explains."""
        found = [*self.families, *self.measures, *self.flow, *self.asks, *self.verdicts, *self.questions]
        found += [s for s in self.slots if s.value != "policy"]
        spans = [(f.start, f.end) for f in found] + [(m.start, m.end) for m in self.mentions]
        return [*spans, *self.years.spans, *([self.base_span] if self.base_span else [])]


class Finder:
    """Finds slots against one library's measures and the world's places."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self._table = table
        self._places = places
        self._families = Scanner(
            {f.id: [*f.words, *(w for _l, ws in f.foreign for w in ws)] for f in table.families.values()}
        )
        self._measures = Scanner({m.id: m.words for m in table.measures.values()})

    def find(self, text: str, capitals: bool = False) -> Slots:
        """Every slot of a text; with `capitals`, "Seoul's number" is South Korea's."""
        lex = lexicon()
        language, mentions = self.mentions(text)
        if capitals:
            mentions = self._places.with_capitals(text, mentions)
        measures = later_edition(self._measures.find(text, overlapping=True))
        mentions, measures = group_or_body(text, mentions, measures)
        # "percentage of Finnish LinkedIn members" holds the words of its family around a place.
        unplaced = mask(text, [(m.start, m.end) for m in mentions])
        families = merged(self._families.find(text, overlapping=True), self._families.find(unplaced, overlapping=True))
        measures = merged(measures, self._measures.find(unplaced, overlapping=True))
        measures = later_edition(measures)
        flow = lex.flow.find(text)
        if out := dropped(lex.slots.find(text), mentions, text):  # "leaving Luxembourg aside" loses nobody
            flow = [f for f in flow if not any(a <= f.start < b for _p, a, b in out)]
        flow = [f for f in flow if text[f.end : f.end + 1] != "-"]  # "left-handed"
        flow = [f for f in flow if not any(a.start() <= f.start < a.end() for a in _ASIDE.finditer(text.lower()))]
        masked = mask(text, edition_spans(measures))
        base, base_span = parse.base(masked)
        years = without_dropped(parse.years(masked), lex.slots.find(text), masked)
        concepts = concepts_in(text, unplaced, mentions, years.named, language, (base or 0) >= 10_000)
        named = [(f.start, f.end) for f in measures]
        named += [
            s for c in ("top_tier", "elite", "pay", "premium") for s in concepts.get(c, ())
        ]  # "top-tier" ranks nothing
        slots = lex.slots.find(text)
        named += [(s.start, s.end) for s in slots if s.value == "correction" or s.phrase in ("at least", "at most")]
        asks = [a for a in lex.asks.find(text) if not inside(a, named)]  # "top 15" may name a chart
        limit, below = parse.threshold(masked, slots)
        spoken = [*families, *measures, *flow]
        core, end = asking_part(
            text, spoken, [*asks, *lex.questions.find(text)], [(m.start, m.end) for m in mentions], years
        )
        years = parse.without_future(years, core, end)
        low, high = parse.between(masked)
        if low is not None:
            limit, below = low, False
        return Slots(
            text, language, core, end, families, measures, mentions, flow, slots,
            within(asks, core, end) or asks, within(lex.questions.find(text), core, end),
            [
                v
                for v in lex.opinion.find(text)
                if sentence_start(text, core) <= v.start < (len(text) if v.value == "head_count" else end)
            ], years, base, base_span, limit, high, below,
            concepts,
        )  # fmt: skip

    def mentions(self, text: str) -> tuple[str, list[Mention]]:
        """The language of a text and the places it names; a foreign name settles a doubtful language."""
        language = language_of(text)
        mentions = self._places.find(text, language)
        if language != "en":
            return language, mentions or self._places.find(text)
        if not mentions or not text.isascii():  # "Indien, Weltbank, 2016": too few words to tell the language by
            for other in ("de", "fr", "es"):
                if len(found := self._places.find(text, other)) > len(mentions):
                    language, mentions = other, found
        return language, mentions

    @cached_property
    def _foreign(self) -> frozenset[str]:
        return frozenset(f.id for f in self._table.families.values() if f.foreign)

    @cached_property
    def _speller(self) -> Speller:
        """Every word that a question may be made of: those of the lists, the measures and the places."""
        lex = lexicon()
        lists = (lex.slots, lex.asks, lex.flow, lex.questions, lex.opinion, self._families, self._measures)
        words = [w for scanner in (*lists, *lex.concepts.values()) for w in scanner.words()]
        for place in self._places.places.values():
            words += [place.name, *place.aliases, *place.demonyms]
        names = [p.name.lower() for p in self._places.places.values()]
        return Speller([*words, *lex.numbers, *lex.ordinals], names)

    def spelled(self, text: str) -> str:
        """The text with short forms written out and slips of the keys put right; English only."""
        if language_of(text) != "en":
            return text
        return self._speller.corrected(expanded(text))

    def where(self, found: Slots) -> tuple[tuple[str, ...], str]:
        """The places, and the group, that the question itself names; else those of its preamble."""
        core = [m for m in found.mentions if found.core <= m.start < found.end]
        near = [m for m in core if not m.group]
        near = [m for m in near if m.code != "WLD"] or near  # "how did Japan rank worldwide" asks of Japan
        if not near and not (core and says("which_member", found.low)):
            near = [m for m in found.mentions if not m.group and (m.start < found.core or not core)]
        if len(near) == 1 and "compare" in {a.value for a in found.asks} and says("set_against", found.low):
            near = [m for m in found.mentions if not m.group and m.start < found.end]  # "How many more in the UK?"
        far = (
            [m for m in found.mentions if m.group]
            if not near or "place_rank" in {a.value for a in found.asks} or says("where_ranks", found.low)
            else []
        )
        out = found.dropped()
        group = next((m.code for m in (*(m for m in core if m.group), *far) if m.code not in out), "")
        return tuple(dict.fromkeys(m.code for m in near if not m.group)), group

    def family(self, found: Slots, places: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """The family with most of the words, and the measures of it that are named.

        A family that holds nothing for the places asked about is unlikely to be the one meant.
        """
        score: dict[str, float] = {}
        worded = {f.value for f in found.families if not re.search(r"\d{4}", f.phrase)}
        for f in found.families:
            if f.value not in worded:
                continue  # "since 2019" speaks for a family only beside a word of it
            weight = 0.3 if f.phrase in GENERIC else 1.0 + 0.5 * len(f.phrase.split())
            score[f.value] = score.get(f.value, 0.0) + weight
        for family in self._table.families.values():
            if sign := match(family.signs, found.concepts):
                score[family.id] = score.get(family.id, 0.0) + _SIGN * sign.weight
        named_by: dict[str, set[str]] = {}
        for m in found.measures:
            named_by.setdefault(m.phrase, set()).add(self._table.measures[m.value].family)
        for families in named_by.values():
            for id in families:
                if id in score or not self._table.families[id].distinct:  # there, words of a member only choose
                    score[id] = score.get(id, 0.0) + 1.2 / len(families)
        if found.flow and FLOW in self._table.families:
            score[FLOW] = max(score.get(FLOW, 0.0) + 0.3, 1.0)
        if not score:
            return "", ()
        bodies = self.bodies(found)
        if found.base and FLOW in bodies:
            score[FLOW] = score.get(FLOW, 0.0) + _SIGN  # an edition's rate on another base
        for id in score:
            if bodies and id not in bodies:
                score[id] *= _UNHELD_BODY
        for id in score:
            held = {p for m in self._table.families[id].order for p in self._table.places(m)}
            held |= {d.place for d in self._table.directions if d.measure in self._table.families[id].order}
            if places and not held & set(places) and held != {"WLD"}:
                alone = len(held) == 1 and id not in worded | bodies  # "PhD degrees" of Poland are not China's
                score[id] *= 0 if alone else _UNHELD_PLACE
            dated = {y for m in self._table.families[id].order for y in self._table.years(m)}
            if found.years.named and dated and not dated & set(found.years.named):
                score[id] *= _UNHELD_YEAR
        order = list(self._table.families)
        best = max(score, key=lambda f: (score[f], -order.index(f)))
        if not score[best]:
            return "", ()
        return best, self._named(found, best)

    def bodies(self, found: Slots) -> set[str]:
        """The families that the bodies named have published: the AI Index 2026 holds flows and concentrations."""
        reports = {report(self._table.measures[m.value].edition) for m in found.measures}
        return {
            m.family for m in self._table.measures.values() if any(r in report(m.edition, whole=True) for r in reports)
        }

    def _named(self, found: Slots, family: str) -> tuple[str, ...]:
        """The measures of a family that are named; "Stanford ... AI Index 2025" names the one edition."""
        own = self._table.families[family].order
        by_phrase: dict[str, set[str]] = {}
        for m in found.measures:
            if m.value in own:
                by_phrase.setdefault(m.phrase, set()).add(m.value)
        for id in own:
            if match(self._table.measures[id].signs, found.concepts):
                by_phrase[f"sign of {id}"] = {id}
        if figures := [p for p in by_phrase if _FIGURE.search(p)]:  # "Figure 4.4.23 of the AI Index 2026"
            by_phrase = {p: by_phrase[p] for p in figures}
        narrow = [s for s in by_phrase.values() if not any(other < s for other in by_phrase.values())]
        named = set().union(*narrow)
        return tuple(m for m in own if m in named)

    def names(self, found: Slots, family: str = "") -> tuple[str, ...]:
        """Named things that are neither a measure, nor a family, nor a place."""
        spans = [(f.start, f.end) for f in (*found.measures, *found.families)]
        spans += self.signs(found, family)
        spans += [(m.start, m.end) for m in found.mentions]
        asked = found.text[found.core : found.end]
        names = names_in(asked, [(m.start - found.core, m.end - found.core) for m in found.mentions])
        if not names and not (found.families or found.flow or found.measures):
            names = names_in(found.text, [(m.start, m.end) for m in found.mentions])
        titled = [n for n in names_in(found.text, [(m.start, m.end) for m in found.mentions]) if TITLE.search(n)]
        names = tuple(dict.fromkeys((*names, *titled)))  # an institute or a law is meant wherever it is named
        names = tuple(
            n
            for n in names
            if not covered(found.text, n, spans, (*found.years.named, *found.years.dropped)) and not plain(n)
        )
        if found.language == "en":
            return names
        return tuple(n for n in names if f'"{n}"' in found.text or f"\u201c{n}\u201d" in found.text)

    def signs(self, found: Slots, family: str) -> tuple[parse.Span, ...]:
        """Where the words stand whose coming together means the family, and those that choose its measure."""
        signs = [self._table.families[family].signs] if family else []
        signs += [self._table.measures[m].signs for m in (self._table.families[family].order if family else ())]
        held = (match((sign,), found.concepts) for s in signs for sign in s)
        return tuple(dict.fromkeys(span for h in held if h for span in h.spans))

    def left_over(self, found: Slots, family: str = "") -> tuple[str, ...]:
        """Content words of the question itself that no slot explains, read as one about the family."""
        if found.language != "en":
            return ()  # the lists of small words are English; the slots were found all the same
        common = (s for c in ("ai", "people", "share", "count", "rank") for s in found.concepts.get(c, ()))
        explained = [*found.explained(), *self.signs(found, family), *common]
        words = []
        for token in _WORD.finditer(found.low.replace("\u2019", "'"), found.core, found.end):
            word = token.group().removesuffix("'s")
            if any(a < token.end() and token.start() < b for a, b in explained):
                continue
            if word in STOP_WORDS or word in lexicon().slots or word[0].isdigit() or len(word) < 2:
                continue
            words.append(word)
        return tuple(words)


def report(edition: str, whole: bool = False) -> str:
    """The report of an edition without its date and what it covers: "AI Index 2026"; `whole` keeps all it names."""
    plain = edition.replace("Report ", "")
    return plain if whole else plain.partition(" (")[0]
