"""The check of a draft: every claim of a text with its verdict. The one door to the claims engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property

from assistant.agreeing import agreed
from assistant.claims import Claim, claims_of
from assistant.finder import Finder
from assistant.framing import Context, Frame, all_years, topics_of
from assistant.judge import Judge, Verdict
from assistant.mark import Mark
from assistant.marks import Marks, Sight
from assistant.relations import relations_of
from assistant.reread import reranked, reread
from assistant.second import again
from assistant.unread import unread
from assistant.winners import winners
from assistant.worked import worked
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
        for start, marks, claims in self._read(text):
            found = agreed(self.judge, [self.judge.verdict(c) for c in claims])
            found = worked(self.judge, marks, found, made)
            found = whole(self.judge, marks, found) or winners(marks, made)
            made += [_moved(v, start) for v in found]
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
        """The claims of each sentence, with their spans in the text."""
        for start, _marks, claims in self._read(text):
            yield [replace(c, start=c.start + start, end=c.end + start) for c in claims]

    def _read(self, text: str) -> Iterator[tuple[int, Marks, list[Claim]]]:
        """Where each sentence stands, its marks and claims; what it leaves out is taken from those before it."""
        context = Context()
        spans = list(sentence_spans(text))
        seen = [self.sight.of(text[start:end]) for start, end in spans]
        for n, (start, end) in enumerate(spans):
            marks = foretold(seen[n], seen[n + 1 : n + 1 + _AHEAD], self.table, context)
            if text[start:end].startswith("#") and not marks.places:
                continue  # a heading without a subject
            yield start, marks, sentence_claims(marks, self.table, context, self.judge)
            context = following(marks, self.table, context)


_ROUNDS = 2  # a second reading may need what the first one read
_AHEAD = 5  # how many sentences ahead may say what a bare "Ireland: 2.17." is of
_SHORT = 48  # characters of a sentence that only lists a value


def foretold(marks: Marks, later: Sequence[Marks], table: FigureTable, context: Context) -> Marks:
    """The marks of a sentence that lists a value, with the report and the years that a later one says it is of."""
    bare = marks.places and any(n.step < 0 for n in marks.numbers) and not marks.editions
    if not bare or context.topics or topics_of(marks, table) and marks.years or len(marks.text) > 2 * _SHORT:
        return marks
    for then in later:
        if topics_of(then, table) and (not then.places or len(marks.text) <= _SHORT):
            end = len(marks.text)
            moved = tuple(Mark(end, end, m.values, m.years, m.narrow) for m in then.editions)
            years = marks.years or () if context.years else tuple(Mark(end, end, y.values, y.years) for y in then.years)
            families = marks.families or tuple(Mark(end, end, m.values) for m in then.families)
            return replace(marks, editions=moved, years=marks.years or years, families=families)
    return marks


def whole(judge: Judge, marks: Marks, verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts of a sentence, and where all are good the words of it that none of them read."""
    if not verdicts or any(v.outcome != "supported" for v in verdicts):
        return verdicts
    left = unread(marks, verdicts)
    for _ in range(_ROUNDS):
        if left and (more := again(judge, marks, verdicts, left)):
            verdicts = sorted([*verdicts, *more], key=lambda v: (v.claim.start, v.claim.end))
            left = unread(marks, verdicts)
    skipped = [Verdict(Claim(marks.text[a:b], a, b, Frame("value"), weak=True), "not_read") for a, b in left]
    return sorted([*verdicts, *skipped], key=lambda v: (v.claim.start, v.claim.end))


def _moved(verdict: Verdict, by: int) -> Verdict:
    """A verdict with the span of its claim in the text."""
    claim = verdict.claim
    return replace(verdict, claim=replace(claim, start=claim.start + by, end=claim.end + by))


def sentence_claims(marks: Marks, table: FigureTable, context: Context, judge: Judge | None = None) -> list[Claim]:
    """The claims of one sentence: those of its numbers, then those that only words make.

    With a judge, a sentence whose values fail as first read is read again.
    """
    numbers = claims_of(marks, table, context)
    if judge is not None:
        numbers = reranked(judge, marks, reread(judge, marks, numbers, context))
    return sorted([*numbers, *relations_of(marks, numbers, table, context)], key=lambda c: (c.start, c.end))


def following(marks: Marks, table: FigureTable, context: Context) -> Context:
    """What the next sentence may take over from this one."""
    places = tuple(dict.fromkeys(c for m in marks.places for c in m.values))
    return Context(
        places[:1] if places else context.places,
        all_years(marks)[-1:] if marks.years else context.years,
        topics_of(marks, table) or context.topics,
    )
