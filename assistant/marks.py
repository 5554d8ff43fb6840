"""What the word lists find in one sentence: places, years, editions, bases, directions, numbers.

Everything here is a span with what it stands for; which belongs to which is the business of `frames`.
The finder of questions is used through `Sight.of` alone, so that it can change without the engine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant import slots as parse
from assistant.dated import years_of
from assistant.finder import GENERIC, Finder, Slots
from assistant.flows import directions_of
from assistant.lexicon import Found, Scanner, lowered
from assistant.mark import Mark
from assistant.noise import NOISE
from assistant.numbers import Number, meet, numbers_of
from assistant.signs import match
from assistant.wordlists import claim_words, denominators, foreign
from corpus.figures import FigureTable
from corpus.places import Gazetteer, Mention

_BASE = re.compile(
    r"(?:\b(?=(?:10|ten|100|hundred)[, ]?(?:000|thousand) (?:linkedin|members))|\b(?:per|for|"
    r"in|out of|among|of|to)\s+(?:each\s+|every\s+|one\s+|a\s+)*|\bper-)"
    r"(?P<n>10[, \u00a0\u202f]?000|100[, \u00a0\u202f]?000|1[, ]?000[, ]?000|1[, ]?000|10k|"
    r"100k|million|hundred thousand|ten thousand|thousand|hundred|100)(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
_BASES = {
    "10k": 10**4,
    "100k": 10**5,
    "million": 10**6,
    "hundred thousand": 10**5,
    "ten thousand": 10**4,
    "thousand": 10**3,
    "hundred": 100,
}
_DENOMINATOR_ENDS = re.compile(
    r"[,.;:()\u2014]|\s(?:in (?=\d|the (?!countr))|by|during|while|but|and|according|from|"
    r"whereas|against|for|to|was|were|on(?! linkedin))\b"
)
_SUCH = re.compile(r"\s*(?:such|of (?:them|these|those))\b")
_MILLE = re.compile(r"\u2030|\bper mille?\b|\bpermille\b")
_YEARS_IN = re.compile(r"\((?:19|20)\d\d\s*[-\u2013]\s*(?:19|20)\d\d\)?$")  # "series (2021-2025)"
_CONTRAST = re.compile(
    r"\b(?:rather than|instead of|as opposed to|in place of|not)\s+(?:the |a |as )?(?:usual |customary )?$"
)
_OWN_EDITION = re.compile(r"\b((?:19|20)\d\d) (?:edition|round|issue|release)\b")  # of a table that bears its year
_LEAST_SIGN, _NEAR_BEST = 1.0, 0.7  # how much the concepts of a family must weigh, alone and beside the best
_DATED = re.compile(r"\d(?!.*\b(?:19|20)\d\d\s*(?:to|and|-|\u2013)\s*(?:19|20)\d\d)(?<!since \d)")


@dataclass(frozen=True, slots=True)
class _Bare:
    """What the finder would find, were places all that it looks for."""

    mentions: list[Mention]
    families: tuple[Found, ...] = ()
    measures: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of one sentence; lists are in the order of the text."""

    text: str
    low: str
    places: tuple[Mark, ...] = ()
    groups: tuple[Mark, ...] = ()
    years: tuple[Mark, ...] = ()
    editions: tuple[Mark, ...] = ()
    families: tuple[Mark, ...] = ()
    bases: tuple[Mark, ...] = ()
    directions: tuple[Mark, ...] = ()
    changes: tuple[Mark, ...] = ()
    compares: tuple[Mark, ...] = ()
    ranks: tuple[Mark, ...] = ()
    averages: tuple[Mark, ...] = ()
    peaks: tuple[Mark, ...] = ()
    numbers: tuple[Number, ...] = ()
    noise: tuple[parse.Span, ...] = ()
    alien: bool = False  # it speaks of something that no table holds
    spans: tuple[parse.Span, ...] = ()  # of all marks that say what a number is about, in order

    def gap(self, a: int, b: int) -> str:
        """The words between two places of the text, with every mark in between left out."""
        kept = []
        at = a
        for start, end in self.spans:
            if end <= at or start >= b:
                continue
            if start > at:
                kept.append(self.low[at:start])
            kept.append(" ")
            at = max(at, end)
        if at < b:
            kept.append(self.low[at:b])
        return "".join(kept)


class Sight:
    """Finds the marks of sentences against one table."""

    def __init__(self, table: FigureTable, places: Gazetteer, finder: Finder | None = None) -> None:
        self._finder = finder or Finder(table, places)
        self._table = table
        self._places = places
        by_word: dict[str, set[str]] = {}
        for m in table.measures.values():
            for word in m.words:
                by_word.setdefault(word, set()).add(m.family)
        self._sources = frozenset(w for w, families in by_word.items() if len(families) > 1)  # who says it, not what
        by_report: dict[str, list[str]] = {}
        for m in table.measures.values():
            by_report.setdefault(m.edition, []).append(m.id)
        self._published = {m.id: tuple(by_report[m.edition]) for m in table.measures.values()}
        self._siblings = {m: _same_report(table, m) for m in table.measures}

    def of(self, text: str, topic: bool = True) -> Marks:
        """Every mark of one sentence; without its topic, none of families, groups and editions."""
        w = claim_words()
        low = lowered(text)
        found = self._finder.find(text) if topic else _Bare(self._places.find(text))
        said = _bases(text, low)
        bases = [b for b in said if not _CONTRAST.search(low[: b.start])] or said
        mentions = self._places.with_capitals(text, found.mentions)
        own = w.families.find(text) if topic else []
        spoken = {f.value for f in own} | {
            f.value for f in found.families if (f.start, f.end) not in {(m.start, m.end) for m in found.measures}
        }
        chosen = [f for f in w.measures.find(text) if f.value in self._table.measures] if topic else []
        editions = self._editions(
            [
                (id, f.start, f.end)
                for f in (
                    *found.measures,
                    *chosen,
                )
                if not any(b.start <= f.start and f.end <= b.end for b in bases)  # that is its denominator
                and (
                    not self._distinct(f.value)
                    or self._table.measures[f.value].family in spoken
                    or f.phrase in self._sources
                )
                for id in (
                    self._published[f.value] if f.phrase in self._sources and self._distinct(f.value) else (f.value,)
                )
            ]
        )
        editions = [m for m in editions if not _overruled(m, editions, low)]
        families = [Mark(f.start, f.end, (f.value,)) for f in found.families if f.phrase not in GENERIC]
        families += [Mark(f.start, f.end, (f.value,)) for f in own]
        if isinstance(found, Slots):
            families += _signed(found, self._table)
        weak = [Mark(f.start, f.end, (f.value, "weak")) for f in found.families if f.phrase in GENERIC]
        noise = [m.span() for p in NOISE for m in p.finditer(text)] if topic else []  # our own statements hold none
        noise = [s for s in noise if not _YEARS_IN.search(text[s[0] : s[1]])]
        noise += [(m.start, m.end) for m in editions if _DATED.search(text[m.start : m.end])]
        noise = [s for s in noise if not any(meet(s, (b.start, b.end)) for b in bases)]
        years = [
            y
            for y in years_of(text, low)
            if y.values == ("relative",) or not any(meet((y.start, y.end), s) for s in noise)
        ]
        if not years and any(self._table.measures[e.values[0]].kind == "rank" for e in editions):
            years = [Mark(m.start(1), m.end(1), (), (int(m[1]),)) for m in _OWN_EDITION.finditer(low)]
        off = [*noise, *((m.start, m.end) for m in (*said, *years))]
        numbers = numbers_of(text, low, off)
        made = Marks(
            text, low,
            tuple(
                Mark(m.start, m.end, (m.code,), (), m.demonym and low[m.end : m.end + 2] not in ("'s", "s'"))
                for m in mentions
                if not m.group
            ),
            tuple(Mark(m.start, m.end, (m.code,)) for m in mentions if m.group),
            tuple(years), tuple(editions), tuple(sorted((*families, *weak), key=lambda m: m.start)), tuple(bases),
            tuple(directions_of(text, low, numbers, len({y.years for y in years}) < 2)),
            _found(w.change, text), _found(w.compare, text), _found(w.rank, text),
            tuple(m for m in _found(w.average, text) if not _no_mean(m, low, mentions)), _found(w.peak, text),
            tuple(numbers), tuple(noise), bool(topic and w.alien.find(text)),
        )  # fmt: skip
        flows = [(d.start, d.end) for d in made.directions]
        changes = tuple(m for m in made.changes if not any(meet((m.start, m.end), s) for s in flows))
        made = replace(made, changes=changes)
        return replace(made, spans=_spans(made))

    def _distinct(self, measure: str) -> bool:
        """Whether its words only choose among the quantities of a family, and name none by themselves."""
        return self._table.family_of(measure).distinct

    def _editions(self, found: Sequence[tuple[str, int, int]]) -> list[Mark]:
        """Named measures by span; a phrase that names few of those that another names takes its place."""
        spans: dict[parse.Span, list[str]] = {}
        for id, start, end in found:
            held = spans.setdefault((start, end), [])
            if id not in held:
                held.append(id)
        named = {
            s: tuple(dict.fromkeys(sib for m in ids for sib in self._siblings[m])) if len(ids) == 1 else tuple(ids)
            for s, ids in spans.items()
        }
        sets = [set(ids) for ids in spans.values() if not self._distinct(ids[0]) or len(ids) > 3]
        kept = {
            s: ids for s, ids in named.items()
            if not any(other < set(spans[s]) for other in sets)
            and not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in named)
        }  # fmt: skip
        return [Mark(a, b, ids, (), all(self._distinct(m) for m in ids)) for (a, b), ids in sorted(kept.items())]


def _signed(found: Slots, table: FigureTable) -> list[Mark]:
    """The families that the concepts of a sentence mean together, heaviest first."""
    held = {f.id: m for f in table.families.values() if (m := match(f.signs, found.concepts))}
    least = max(max((m.weight for m in held.values()), default=0.0) * _NEAR_BEST, _LEAST_SIGN)
    best = sorted((i for i in held.items() if i[1].weight >= least), key=lambda i: -i[1].weight)
    return [Mark(*(m.spans[0] if m.spans else (0, 0)), (id, "sign")) for id, m in best]


def _spans(marks: Marks) -> tuple[parse.Span, ...]:
    every: list[parse.Span] = [(n.start, n.end) for n in marks.numbers]
    for kind in (
        marks.places,
        marks.groups,
        marks.years,
        marks.editions,
        [m for m in marks.families if "sign" not in m.values],
        marks.bases,
        marks.directions,
    ):
        every += [(m.start, m.end) for m in kind]
    return tuple(sorted(every))


def _same_report(table: FigureTable, measure: str) -> tuple[str, ...]:
    """A measure, and those of its family that the same report prints as the same quantity."""
    m = table.measures[measure]
    family = table.families[m.family]
    report = m.edition.split("(")[0].strip()
    if family.distinct or not report:
        return (measure,)
    others = [o for o in family.order if o != measure and table.measures[o].edition.split("(")[0].strip() == report]
    return (measure, *others)


def _overruled(m: Mark, editions: Sequence[Mark], low: str) -> bool:
    """Whether words that only say of whom ("AI-skilled members") stand beside a source that is named."""
    others = [o for o in editions if o is not m and not o.narrow and not {*o.values} & {*m.values}]
    return (
        not m.narrow
        and bool(others)
        and bool(denominators(low[m.start : m.end]))
        and not any(denominators(low[o.start : o.end]) for o in others)
    )


def _no_mean(m: Mark, low: str, mentions: Sequence[Mention]) -> bool:
    """Whether a word of averages is none: "that means", "the average Belgian"."""
    people = any(p.demonym and not p.group and 0 <= p.start - m.end <= 1 for p in mentions)
    return people or low[m.start : m.end] == "means"


def _found(scanner: Scanner, text: str) -> tuple[Mark, ...]:
    return tuple(Mark(f.start, f.end, (f.value, f.phrase)) for f in scanner.find(text))


def _bases(text: str, low: str) -> list[Mark]:
    """What rates are per, each with the words of its denominator."""
    marks = []
    for m in _BASE.finditer(text):
        key = re.sub(r"[,.\s\u00a0\u202f]+", "" if m["n"][0].isdigit() else " ", m["n"].lower())
        per = _BASES.get(key) or int(key)
        lead = m.group()[: m.start("n") - m.start()].strip().lower()
        if per <= 1000 and lead in ("in", "for", "of", "to", "among") and not _counted(low, m.end()):
            continue  # "for a thousand reasons"
        if lead == "to" or (
            lead in ("of", "among", "for", "in", "out of") and key.isdigit() and not _counted(low, m.end())
        ):
            continue
        stop = _DENOMINATOR_ENDS.search(low, m.end())
        end = min(stop.start() if stop else len(low), m.end() + 70)
        found = claim_words().denominators.find(low[m.end() : end])
        if digit := re.search(r"\d", low[m.end() : end]):
            found = [f for f in found if f.end <= digit.start()]
        kinds = tuple(sorted({f.value for f in found}))
        if not kinds and (other := foreign(low[m.end() : end])):
            kinds = (other,)
        if _SUCH.match(low, m.end()):  # "per 10,000 such members": of those named before
            kinds = tuple(sorted({*kinds, *(k for k in denominators(low[: m.start()]) if k == "skilled")}))
        marks.append(Mark(m.start(), m.end() + (max(f.end for f in found) if found else 0), kinds, (per,)))
    marks += [
        Mark(m.start(), m.end(), denominators(low[m.end() : m.end() + 40]), (1000,)) for m in _MILLE.finditer(low)
    ]
    return sorted(marks, key=lambda m: m.start)


def _counted(low: str, at: int) -> bool:
    """Whether people of some kind stand behind a base: "in 100,000 people", "for every 10,000"."""
    before = low[max(0, at - 24) : at]
    return bool(re.search(r"\b(?:every|each|per)\b", before) or denominators(low[at : at + 40]))
