"""What a sentence says beside its claims: words that bear on a figure and that no claim of it took up.

A sentence is supported as a whole only where every such word was read. Places, years, numbers and the
words of direction, change, order and comparison must each be part of a claim; so must every other word
that compares, counts or denies, whether or not a list of the engine knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.claims import WORLD
from assistant.frames import runs
from assistant.judge import Verdict
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.numbers import Number, meet
from assistant.roles import COUNTED, role_of
from assistant.wordlists import claim_words, raw_words

Span = tuple[int, int]
_TWO_PLACES = ("macropolo", "bok_korean", "aiindex2025_top_tier")  # their figures speak of a second place too
_BALANCE = re.compile(r"\s*(?:left|departed|arrived|came|went|moved away|walked away|emigrated)\b")
_OF_ITS = re.compile(r"\s+(?:[A-Za-z-]+ ){0,3}?(?:years?|values?|figures?|readings?)\b")
_DENIED = re.compile(
    r"\b(?:in no (?:single )?year|never|neither|not once|yet to|did not|didn't|has not|had not)\b[^.;,]*$"
)
_LIGHT = re.compile(
    r"\b(?:mak|end|catch|pack|show|sum|add|pick|set|back|turn|wind|wound|open|giv|look|grow|start|sign|made|gave|grew)"
    r"(?:e|es|s|ed|ing)?[ -]ups?\b(?! (?:by |from |to (?!do\b)))"
    r"|\b(?:(?:its|their|his|our|the|a) )?(?:[a-z]+ )?neighbours? (?=[A-Z])|\blast (?:year|month|week|decade)\b"
    r"|\bsame (?:[\w-]+ ){0,3}?(?:table|report|note|file|source|edition|series|chart|data|list|index)\b"
    r"|\ball over\b|\bof all\b|\babove all\b|\bafter all\b|\ball in all\b|\bat all\b|\bonce (?:again|more)\b"
    r"|\bnot (?:far|quite|only|just|least|surprisingly|to mention)\b|\bat (?:least|most|best)\b|\bmore or less\b"
    r"|\bfirst of all\b|\bfor the first time\b|\bno less\b|\bno fewer\b|\blet alone\b"
    r"|\bonly (?:marginally|just|slightly|barely)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]{3,}")
_IDIOM = re.compile(rf"\b(?:{'|'.join(raw_words()['light']['idioms'])})\b")
_GRANTED = re.compile(
    r"\b(?:not|never|nobody|no one|none|no [a-z]+|cannot|[a-z]+n't)\b(?: [a-z]+){0,4}? "
    rf"(?:{'|'.join(raw_words()['light']['granting'])})\b"
)  # "should not be shocked that": what follows is so
_MONEY = re.compile(
    r"[$\u20ac\u00a3\u00a5\u20a9]\s?\d[\d,.]*|\b\d[\d,.]*(?: (?:thousand|million|billion|trillion))? "
    r"(?:(?:us|american|canadian|australian|singapore) )?"
    r"(?:dollars?|euros?|pounds?|won|yen|yuan|francs?|rupees?|dirhams?)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"[ -](?:hundredth|tenth|thousandth|fifth|quarter|third|half)s?\b")
_IN_A_ROW = re.compile(r"\s+(?:[a-z]+ )?(?:straight|consecutive|successive|running|in a row|unbroken)\b")
_NO_ONE = re.compile(r"no(?:ne|t)?\b", re.IGNORECASE)
_BESIDE = 30  # characters
_WAYS = {"in": "in", "out": "out", "more": "in", "less": "out"}


def unread(marks: Marks, verdicts: Sequence[Verdict]) -> list[Span]:
    """The spans of a sentence that bear on its figures and that no claim took up, in order."""
    left = [*_numbers(marks, verdicts), *_places(marks, verdicts), *_years(marks, verdicts)]
    left += [*_directions(marks, verdicts), *_relations(marks, verdicts)]
    left += _weighty(marks, verdicts, left)
    left += [m.span() for m in _MONEY.finditer(marks.text)]  # no table holds an amount of money
    return sorted(left)


def _weighty(marks: Marks, verdicts: Sequence[Verdict], left: Sequence[Span]) -> Iterator[Span]:
    """Words that compare, count or deny, of no list of the engine's own."""
    spans = [*left, *marks.noise, *((v.claim.start, v.claim.end) for v in verdicts), *marks.spans]
    spans += [(m.start, m.end) for m in (*marks.changes, *marks.compares, *marks.ranks, *marks.averages, *marks.peaks)]
    spans += _light(marks)
    for f in claim_words().weighty.find(marks.text):
        if not any(meet((f.start, f.end), s) for s in spans) and not _borne(marks, verdicts, f.start, f.end, f.value):
            yield f.start, f.end


def _light(marks: Marks) -> list[Span]:
    """Words that compare, count or deny in form alone: idioms, and a denial that grants what follows it."""
    telling = [*marks.directions, *marks.changes, *marks.compares, *marks.ranks]
    granted = [m.span() for m in _GRANTED.finditer(marks.low)]
    granted = [s for s in granted if not any(meet(s, (m.start, m.end)) for m in telling)]
    return [*granted, *(m.span() for p in (_LIGHT, _IDIOM) for m in p.finditer(marks.low))]


def _borne(marks: Marks, verdicts: Sequence[Verdict], start: int, end: int, what: str) -> bool:
    """Whether a weighty word is part of what a claim beside it says."""
    low = marks.low
    kinds = {v.claim.frame.kind for v in verdicts}
    behind = next((v for v in verdicts if v.claim.start >= end and not _WORD.search(low[end : v.claim.start])), None)
    before = next(
        (v for v in reversed(verdicts) if v.claim.end <= start and not low[v.claim.end : start].strip(" -")), None
    )
    if any(n.about and n.start >= end and not _WORD.search(low[end : n.start]) for n in marks.numbers):
        return True
    if what == "bound":
        near = next((v for v in verdicts if v.claim.start >= end and len(low[end : v.claim.start].split()) <= 1), None)
        return near is not None or behind is not None or bool(kinds & {"every", "years"}) or _second_to(low, start, end)
    if what == "none" and low[start:end] in ("neither", "nor"):
        return any(v.claim.frame.kind == "direction" and v.claim.start >= end for v in verdicts)
    if what == "times":
        return "times" in kinds
    if what == "each":
        told = {(v.claim.frame.places, v.claim.frame.years) for v in verdicts}
        shared = any(len(v.claim.frame.places) > 1 for v in verdicts)
        return len(told) > 1 or shared or bool(kinds & {"years", "every", "rank", "total"})
    if what == "more":
        return before is not None and _more(before, low[start:end] != "fewer")
    if what == "rank":
        return before is not None and before.claim.frame.kind == "rank"
    if what == "turn":
        if behind is None or behind.claim.frame.kind in ("change", "gap"):
            return behind is not None
        cell = behind.right.figures[0] if behind.right and behind.right.figures else None
        return cell is not None and "_change" in cell.measure and (cell.value > 0) == (low[start:end] == "up")
    if what == "part":
        return any(0 <= p.start - end <= 1 for p in marks.places)  # "the average Belgian"
    if what == "sum":
        return bool(kinds & {"sum", "average"})
    if what == "signs":
        signs = {c.value > 0 for v in verdicts if v.right for c in v.right.figures[:1]}
        return len(signs) == 2
    if what == "even":
        return any(v.claim.frame.kind == "value" and len(v.claim.frame.places) > 1 for v in verdicts)
    return False


def _second_to(low: str, start: int, end: int) -> bool:
    return low[:start].endswith(("second ", "behind ", "trailed ", "trailing ", "after ", "trails "))


def _more(verdict: Verdict, more: bool) -> bool:
    """Whether "0.54 more" says what the number before it does: a gain, a difference, a premium."""
    kind, right = verdict.claim.frame.kind, verdict.right
    if kind in ("gap", "change", "times"):
        return True
    return kind == "value" and right is not None and bool(right.figures) and (right.figures[0].value > 0) == more


def _numbers(marks: Marks, verdicts: Sequence[Verdict]) -> Iterator[Span]:
    starts = {v.claim.start for v in verdicts}
    spans = [(v.claim.start, v.claim.end) for v in verdicts]
    told = {v.claim.of for v in verdicts} | {
        round(abs(v.claim.frame.limit), 4) for v in verdicts if v.claim.frame.limit
    }
    sizes = {len(r) for r in runs(marks, marks.places)}
    lengths = {max(f.years) - min(f.years) + 1 for f in (v.claim.frame for v in verdicts) if len(f.years) > 1}
    spans_of_years = {y.years[1] - y.years[0] + 1 for y in marks.years if len(y.years) == 2}
    for n in marks.numbers:
        if n.spelt and n.value == 1 and not _PART.match(marks.low, n.end):
            continue  # "one good year", "the Korean one"
        if any(meet((n.start, n.end), s) for s in spans):
            continue
        if not n.sign and n.value in sizes and (COUNTED.match(marks.low, n.end) or _namely(marks, n)):
            continue  # "two places, Norway and the United Kingdom"
        if n.value in spans_of_years and _IN_A_ROW.match(marks.low, n.end):
            continue  # "five straight losses from 2015 to 2019"
        if n.value in lengths and _OF_ITS.match(marks.low, n.end):
            continue  # "the average of its five values"
        if n.start not in starts and n.value not in told and role_of(marks, n) != "limit":
            yield n.start, n.end


def _namely(marks: Marks, n: Number) -> bool:
    """Whether as many places as a number says are listed right behind it: "three, namely A, B and C"."""
    run = next((r for r in runs(marks, marks.places) if r[0].start >= n.end), [])
    lead = marks.low[n.end : run[0].start] if run else ""
    return n.step == 0 and len(run) == n.value and _NAMELY.fullmatch(lead) is not None


_NAMELY = re.compile(r"\s*[,:(\u2013\u2014]*\s*(?:namely|that is|to wit|which are|being)?[,:]?\s*(?:the )?")


def _places(marks: Marks, verdicts: Sequence[Verdict]) -> Iterator[Span]:
    read: set[str] = set()
    for v in verdicts:
        f = v.claim.frame
        read |= {*f.places}
        if f.kind == "every":
            read |= {*f.near}
        if v.right and len(v.right.figures) <= 2:
            read |= {c.place for c in v.right.figures}
        if f.kind in ("average", "sum") and v.right:
            averaged = {c.place for c in v.right.figures}
            named = {c for m in marks.places for c in m.values}
            read |= averaged if averaged <= named else set()
        if v.claim.frame.measures and any(m.startswith(_TWO_PLACES) for m in v.claim.frame.measures):
            read |= {*f.near}
    if any(v.claim.frame.kind in ("rank", "total") for v in verdicts):
        read.add(WORLD)  # what a rank is one among
    for m in marks.places:
        if not read & {*m.values} and not any(meet((m.start, m.end), (v.claim.start, v.claim.end)) for v in verdicts):
            yield m.start, m.end
    grouped = {v.claim.frame.group for v in verdicts}
    for m in marks.groups:
        if not grouped & {*m.values}:
            yield m.start, m.end


def _years(marks: Marks, verdicts: Sequence[Verdict]) -> Iterator[Span]:
    read: set[int] = set()
    for v in verdicts:
        f = v.claim.frame
        for years in (f.years, f.span):
            if years:
                read |= set(range(min(years), min(max(years), 2100) + 1))
        if v.right and len(v.right.figures) <= 2:
            read |= {c.year for c in v.right.figures if c.year}
    for m in marks.years:
        if (
            m.years
            and not {*m.years} <= read
            and not any(meet((m.start, m.end), (v.claim.start, v.claim.end)) for v in verdicts)
        ):
            yield m.start, m.end


def _directions(marks: Marks, verdicts: Sequence[Verdict]) -> Iterator[Span]:
    ways: set[str] = set()
    for v in verdicts:
        f, r = v.claim.frame, v.right
        if f.direction in _WAYS:
            ways.add(_WAYS[f.direction])
        if v.claim.sign:
            ways.add("in" if v.claim.sign > 0 else "out")
        if f.sized and r and r.figures:
            ways.add("in" if r.figures[0].value > 0 else "out")
        if f.kind in ("rank", "peak", "moved", "change", "compare", "gap", "times") and r and r.figures:
            ways |= {"in" if c.value > 0 else "out" for c in r.figures}
    if verdicts and all(_unsigned(v) for v in verdicts):
        return  # who left and who came is what the measures themselves are of
    denied = [v.claim.end for v in verdicts if v.claim.frame.kind == "every" and _NO_ONE.match(v.claim.text)]
    of_none = [next((m for m in marks.directions if m.start >= end), None) for end in denied]  # "no one gained"
    for m in marks.directions:
        if m in of_none:
            continue
        if _DENIED.search(marks.low[: m.start]):
            if {"in": "out", "out": "in"}.get(m.values[0]) in ways:
                continue
        if m.values[0] not in ways:
            yield m.start, m.end


def _unsigned(verdict: Verdict) -> bool:
    return bool(verdict.claim.frame.measures) and all(m.startswith("sgi_") for m in verdict.claim.frame.measures)


def _relations(marks: Marks, verdicts: Sequence[Verdict]) -> Iterator[Span]:
    spans = [*((v.claim.start, v.claim.end) for v in verdicts), *(m.span() for m in _IDIOM.finditer(marks.low))]
    kinds = {v.claim.frame.kind for v in verdicts}
    ranked = [(v.claim.start, v.claim.end) for v in verdicts if v.claim.frame.kind == "rank"]
    totals = [(v.claim.start, v.claim.end) for v in verdicts if v.claim.frame.kind == "total"]
    taken = {
        "changes": {"change", "times"}, "compares": {"gap", "times", "count", "every"},
        "ranks": {"every", "total"}, "peaks": {"peak", "rank"}, "averages": {"average"},
    }  # fmt: skip
    for name, borne in taken.items():
        for m in getattr(marks, name):
            if any(meet((m.start, m.end), s) for s in (*spans, *marks.noise, *((y.start, y.end) for y in marks.years))):
                continue
            if any(meet((m.start, m.end), (o.start, o.end)) for o in (*marks.editions, *marks.families, *marks.bases)):
                continue
            if any(meet((m.start, m.end), (o.start, o.end)) for o in marks.directions):
                continue
            if name == "ranks" and any(0 <= m.start - b <= 1 for _a, b in ranked):
                continue  # "third-largest"
            if name == "ranks" and not kinds & {"every"} and not any(_near(marks, m, t) for t in totals):
                yield m.start, m.end  # "last place" beside no total
                continue
            if name == "changes" and (m.values[0] == "any" or _turned(marks, m)):
                continue  # that it moved says nothing by itself, and "slipped into the red" is a direction
            if m.values[0] == "gap" or _BALANCE.match(marks.low, m.end):
                continue  # two values lie apart whatever they are; "1.04 more than left" is a balance
            if name == "compares" and (
                _bounds(marks, m) or m.values[0] == "even" and len({p.values for p in marks.places}) < 2
            ):
                continue
            if not kinds & borne:
                yield m.start, m.end


def _near(marks: Marks, m: Mark, total: Span) -> bool:
    """Whether a total says what a word of order is one among: "dead last of 45"."""
    a, b = min(m.end, total[1]), max(m.start, total[0])
    return b - a <= _BESIDE and not any(a <= y.start < b for y in marks.years)


def _turned(marks: Marks, m: Mark) -> bool:
    """Whether a word of change leads to a word of direction: "slipped into the red"."""
    return any(
        d.start >= m.end
        and len(marks.low[m.end : d.start].split()) <= 4
        and not re.search(r"[,;]", marks.low[m.end : d.start])
        for d in marks.directions
    )


def _bounds(marks: Marks, m: Mark) -> bool:
    """Whether a word of comparison only bounds the number behind it: "more than two"."""
    if any(x.values[0].startswith("x") and 0 <= x.start - m.end <= 2 for x in marks.compares):
        return True  # "more than doubled" is one claim
    return any(n.start >= m.end and n.about and len(marks.low[m.end : n.start].split()) <= 1 for n in marks.numbers)
