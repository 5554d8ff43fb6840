"""The check of a draft: every claim of a text with its verdict. The one door to the claims engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property

from assistant.agreeing import agreed
from assistant.claims import Claim, claims_of
from assistant.finder import Finder
from assistant.framing import Context, all_years, topics_of
from assistant.judge import Judge, Verdict
from assistant.marks import Marks, Sight
from assistant.relations import relations_of
from corpus.figures import FigureTable
from corpus.places import Gazetteer, gazetteer
from corpus.sentences import sentence_spans
from corpus.types import Figure, KnownDirection


@cache
def bundled_checker() -> Checker:
    """A checker over the figures that ship with Footnote."""
    return Checker(FigureTable.bundled())


class Checker:
    """Checks texts against one table. Make one and keep it: making it compiles its word lists."""

    def __init__(self, table: FigureTable, places: Gazetteer | None = None, finder: Finder | None = None) -> None:
        self.table = table
        self.places = places or gazetteer()
        self.sight = Sight(table, self.places, finder)

    @cached_property
    def judge(self) -> Judge:
        """The judge over the whole table."""
        return Judge(self.table, self.places)

    def verdicts(self, text: str) -> list[Verdict]:
        """Every claim of a text with its verdict, in order; spans are those of the text."""
        made: list[Verdict] = []
        for claims in self.claims(text):
            made += agreed(self.judge, [self.judge.verdict(c) for c in claims])
        return made

    def against(self, text: str, figures: Sequence[Figure], directions: Sequence[KnownDirection] = ()) -> list[Verdict]:
        """The claims of one of our own statements, each held against the figures that it cites and no others."""
        table = replace(
            self.table,
            figures=tuple(replace(f, note="") for f in figures),
            directions=tuple(directions),
            _cells={},
            _by_measure={},
            _known={},
        )
        judge = Judge(table, self.places)
        cited = [(f.measure, f.place, f.year) for f in figures] + [(d.measure, d.place, d.year) for d in directions]
        places = tuple(dict.fromkeys(p for _m, p, _y in cited))
        years = tuple(dict.fromkeys(y for _m, _p, y in cited if y is not None))
        topics = tuple(dict.fromkeys(self.table.measures[m].family for m, _p, _y in cited))
        alone = Context(places if len(places) == 1 else (), years if len(years) == 1 else (), topics)
        marks = self.sight.of(text, topic=False)  # what it speaks of is what it cites
        claims = sentence_claims(marks, self.table, alone)
        return agreed(judge, [judge.verdict(c) for c in claims])

    def claims(self, text: str) -> Iterator[list[Claim]]:
        """The claims of each sentence; what a sentence leaves out is taken from those before it."""
        context = Context()
        for start, end in sentence_spans(text):
            marks = self.sight.of(text[start:end])
            if text[start:end].startswith("#") and not marks.places:
                continue  # a heading without a subject
            found = sentence_claims(marks, self.table, context)
            yield [replace(c, start=c.start + start, end=c.end + start) for c in found]
            context = following(marks, self.table, context)


def sentence_claims(marks: Marks, table: FigureTable, context: Context) -> list[Claim]:
    """The claims of one sentence: those of its numbers, then those that only words make."""
    numbers = claims_of(marks, table, context)
    return sorted([*numbers, *relations_of(marks, numbers, table, context)], key=lambda c: (c.start, c.end))


def following(marks: Marks, table: FigureTable, context: Context) -> Context:
    """What the next sentence may take over from this one."""
    places = tuple(dict.fromkeys(c for m in marks.places for c in m.values))
    return Context(
        places[:1] if places else context.places,
        all_years(marks)[-1:] if marks.years else context.years,
        topics_of(marks, table) or context.topics,
    )
