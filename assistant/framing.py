"""The frame of a claim: what it is about, from the marks that belong to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.finder import FLOW
from assistant.fitting import fits
from assistant.frames import Bound
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.numbers import Number
from assistant.roles import DIFFERENCE, Kind, role_of
from assistant.wordlists import denominators, foreign, raw_words
from corpus.figures import FigureTable


@dataclass(frozen=True, slots=True)
class Frame:
    """What a claim is about. `measures` are the candidates; `edition` says that the sentence names them."""

    kind: Kind
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    measures: tuple[str, ...] = ()
    edition: bool = False
    per: int = 0  # the base that the sentence states; 100 for percent, 0 where it states none
    denominators: tuple[str, ...] = ()
    direction: str = ""  # "in" or "out" of a value, "up" or "down" of a change, "more" or "less" of a comparison
    sized: bool = False  # the size of a loss is meant, not its signed value
    bottom: bool = False  # a rank from the other end
    group: str = ""
    limit: Decimal | None = None  # of a count: above or below which value
    percent: bool = False  # a change in percent
    median: bool = False
    near: tuple[str, ...] = ()  # every place of the sentence
    report: int = 0  # the year of the one AI Index that the sentence names
    rest: bool = False  # the part that is left: "two thirds went elsewhere" of those who stayed
    span: tuple[int, ...] = ()  # of a peak: the first and last of the years it is one among


@dataclass(frozen=True, slots=True)
class Context:
    """What earlier sentences supply where a sentence lacks it."""

    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()


SOUND = frozenset(raw_words()["change"]["sound"])
LOSS_RANKS = frozenset(raw_words()["rank"]["size"])


_RESTATED = re.compile(
    r"\b(?:restat|correct|re-?estimat|updat|adjust|cut|lower|raised|lift|trim|mark(?:ed|s) (?:up|down))[a-z]*\b"
    r".{0,60}\bfrom\b.{0,60}\bto\b"
)  # one figure of one year in two editions
_IN_PERCENT = re.compile(
    r"\b(?:expressed|given|measured|stated|reported|shown|quoted|all|each|both)"
    r" (?:as (?:an? )?percentages?|in per ?cent)\b"
    r"|\bas (?:an? )?percentages? of\b|\bin percentage terms\b"
)
_SHARE_OF = re.compile(
    r"\b(?:shares?|proportions?|percentages?|part|fraction) of (?!ai )(?:the |all |its )?((?:[a-z-]+ ){0,3}?[a-z-]+)"
    r"(?= (?:who|that|which|counted|working in ai)\b)"
)  # "the share of registered jobseekers who were AI talent"
_AMONG = re.compile(
    r"\b(?:in|among|of) (?:its|the|their|our) (?:whole |entire |total )?(working population|population|workforce|"
    r"labou?r force|employees|inhabitants)\b"
)  # of whom a percentage is, said before it
_REPORT = re.compile(r"\bai index(?: report)?(?: of)? (20\d\d)\b|\b(20\d\d) ai index\b")
_CLAUSE_END = re.compile(r"[;,]|\b(?:while|whereas|but|and)\b")
_LESSENED = re.compile(r"\s*(?:off|out of|from|away)\b")
_NET = re.compile(r"net (?!added)")  # "net recipient", "net inflow"
_OF_WORDS = 4  # "of", "that of", "as much as" between a multiple and its place
_HAIR = Decimal("0.0000001")
_GAINS = re.compile(r"gain|\blos|inflow|outflow|attract|shed|bled|drain")  # words that speak of flows by themselves


def topics_of(marks: Marks, table: FigureTable) -> tuple[str, ...]:
    """The families that a sentence speaks of, those of its strong words first."""
    worded = [m for m in marks.families if "sign" not in m.values]
    undated = {m.values[0] for m in worded if not re.search(r"\d{4}", marks.text[m.start : m.end])}
    strong = [m.values[0] for m in worded if "weak" not in m.values and m.values[0] in undated]
    if strong and any(n.sign for n in marks.numbers):
        strong.append(FLOW)
    if strong and marks.directions and any(table.measures[id].signed for m in marks.editions for id in m.values[:1]):
        strong.append(FLOW)
    if not strong:
        strong += [table.measures[id].family for m in marks.editions for id in m.values]
    if "elite_origin" in strong and not re.search(r"\btop[- ]tier\b", marks.low):
        strong = [f for f in strong if f != "top_tier_origin"]  # the elite is a part of it
    if any(_NET.match(marks.low, m.start) for m in marks.directions) and FLOW in table.families:
        strong.append(FLOW)
    if any(m.years[0] >= 1000 for m in marks.bases) and FLOW in table.families:
        strong.append(FLOW)
    weak = [m.values[0] for m in worded if "weak" in m.values]
    said = " ".join(marks.low[m.start : m.end] for m in marks.directions)
    if not strong and not weak and _GAINS.search(said) and (marks.places or marks.groups) and FLOW in table.families:
        weak = [FLOW] if any("." in n.text for n in marks.numbers) else []
    if not strong and (meant := [m.values[0] for m in marks.families if "sign" in m.values]):
        return tuple(dict.fromkeys(meant))
    return tuple(dict.fromkeys(strong or weak))


def meant(marks: Marks) -> tuple[str, ...]:
    """The families that a sentence means by its concepts, whatever its words name."""
    return tuple(m.values[0] for m in marks.families if "sign" in m.values)


def faint(marks: Marks, table: FigureTable) -> tuple[str, ...]:
    """The family of flows where a sentence sets places side by side with a word of flow and no other topic."""
    spoken = (
        marks.directions
        or marks.compares
        and len(marks.places) > 1
        or re.search(r"\b(?:balance|flows?|migration)\b", marks.low)
    )
    signed = any(n.sign and n.step < 0 for n in marks.numbers)
    dated = bool(marks.years) and any(n.step < 0 and n.role == "plain" for n in marks.numbers)
    return (FLOW,) if (spoken or signed or dated) and marks.places and FLOW in table.families else ()


def frame_of(
    marks: Marks, b: Bound, kind: Kind, n: Number | None, topics: Sequence[str], table: FigureTable, context: Context
) -> Frame | None:
    """The frame of a claim from what is bound to it; None where no family fits its unit."""
    named = b.edition.values if b.edition else ()
    narrow = b.narrow.values if b.narrow else ()
    measures: list[str] = []
    edition = False
    for t in topics:
        order = table.families[t].order if t in table.families else ()
        chosen = [m for m in order if m in named]  # a report that is named is so for the families it has
        if "revis" in marks.low or len(all_years(marks)) == 1 and _RESTATED.search(marks.low):
            chosen = []  # "revised from 1.48 to 3.56": one of them is of another edition
        edition = edition or 0 < len(chosen) < len(order)
        chosen = chosen or list(order)
        if n is not None:
            chosen = [m for m in chosen if fits(n, kind, b, m, table, marks)]
        if kind == "gap" and len({m.values for m in marks.editions if m.narrow}) > 1:
            narrow = ()  # one quantity exceeds another
        measures += [m for m in chosen if m in narrow] or chosen
    per = b.base.years[0] if b.base else 100 if n is not None and n.role in ("percent", "fraction") else 0
    if n is not None and not per and n.role == "plain" and n.step < 0 and _IN_PERCENT.search(marks.low):
        per = 100
    said = (
        b.base.values if b.base else _of_whom(marks, n) if n is not None and n.role in ("percent", "fraction") else ()
    )
    group = marks.groups[0].values[0] if marks.groups else ""
    direction = b.direction
    frame = Frame(kind, b.places, b.years, tuple(dict.fromkeys(measures)), edition, per, said, direction, group=group)
    if n is not None and n.role in ("percent", "fraction") and _left_over(marks, n, frame, table):
        frame = replace(frame, rest=True)
    reports = {int(m[1] or m[2]) for m in _REPORT.finditer(marks.low)}
    frame = replace(frame, report=next(iter(reports)) if len(reports) == 1 and "revis" not in marks.low else 0)
    frame = replace(frame, near=tuple(dict.fromkeys(c for m in marks.places for c in m.values)))
    return _shaped(marks, n, frame)


_GONE = re.compile(
    r"\b(?:elsewhere|went abroad|worked abroad|work abroad|overseas|outside|not at home|leave|"
    r"left|moved away|emigrat\w+|"
    r"did not stay|do not stay|not stay|departed|went away)\b"
)
_HOME = re.compile(r"\b(?:at home|home country|stay\w*|remain\w*|in (?:their|its) own country|did not move)\b")


def _left_over(marks: Marks, n: Number, f: Frame, table: FigureTable) -> bool:
    """Whether a percentage is the part that a measure leaves over: who left, where it counts who stayed."""
    stop = _CLAUSE_END.search(marks.low, n.end)
    rest = marks.low[n.end : stop.start() if stop else len(marks.low)]
    families = {table.measures[m].family for m in f.measures}
    if "staying_home" in families:
        return _GONE.search(rest) is not None and _HOME.search(_GONE.sub(" ", rest)) is None
    return "working_abroad" in families and _HOME.search(rest) is not None and "outside" not in rest


def _of_whom(marks: Marks, n: Number) -> tuple[str, ...]:
    """The denominator behind a percentage: "% of LinkedIn members"."""
    rest = marks.low[n.end : n.end + 60]
    if not re.match(r"\s*of\b", rest):
        for said in (_AMONG.search(marks.low), _SHARE_OF.search(marks.low)):
            if said and (kinds := denominators(said[1]) or tuple(filter(None, (foreign(said[1]),)))):
                return kinds
        return ()
    stop = re.search(
        r"[,.;:()]|\s(?:in (?=\d)|was|were|is|are|by|while|but|and|at|with (?!ai|the)|who|count|qualif)\b", rest
    )
    said_of = rest[: stop.start()] if stop else rest
    kinds = denominators(said_of)
    return kinds or tuple(filter(None, (foreign(re.sub(r"^\s*of ", "", said_of)),)))


def _shaped(marks: Marks, n: Number | None, f: Frame) -> Frame:
    """The parts of a frame that its kind alone has."""
    out = [m for m in marks.directions if m.values[0] == "out"]
    if f.kind == "rank" and n is not None:
        return rank_shape(marks, n.start, n.end, f)
    if f.kind == "years":
        return replace(_count_shape(marks, f, n), places=f.places, years=all_years(marks) or f.years)
    if f.kind in ("count", "share"):
        return _count_shape(marks, f, n)
    if f.kind in ("change", "moved"):
        word = _nearest(marks.changes, n.start if n else 0)
        way = word.values[0] if word and word.values[0] != "any" else ""
        if (
            not way
            and n is not None
            and (said := re.search(r"\b(up|down) (?:by )?(?:[a-z]+ )?$", marks.low[: n.start]))
        ):
            way = said[1]
        if not way and n is not None and (said := DIFFERENCE.match(marks.low[n.end :])):
            way = "down" if re.search(r"lower|less|below|behind|smaller|fewer|worse", said.group()) else "up"
        if not way and n is not None and _LESSENED.match(marks.low, n.end):
            way = "down"
        if n is not None and re.match(r"\s*(?:-?points? )?swing", marks.low[n.end :]):
            way = ""
        sized = bool(out) and not (word and word.values[1] in SOUND)
        years = f.years if len(f.years) == 2 else all_years(marks) or f.years
        return replace(
            f, direction=way, sized=sized, years=years, percent=n is not None and n.role in ("percent", "fraction")
        )
    if f.kind in ("gap", "times"):
        places = tuple(dict.fromkeys(c for m in marks.places for c in m.values)) or f.places
        if f.kind == "times" and n is not None:
            places = _multiplied(marks, n) or places
        alike = [v for v in marks.numbers if role_of(marks, v) == f.kind]
        years = f.years if len(alike) > 1 and len(f.years) == 1 else all_years(marks) or f.years
        word = _nearest(marks.compares, n.start if n else 0)
        way = word.values[0] if word and word.values[0] in ("more", "less") else ""
        if n is not None and (said := DIFFERENCE.match(marks.low[n.end :])):
            way = (
                "less"
                if re.search(r"lower|less|below|behind|smaller|fewer|worse", said.group())
                else ""
                if "apart" in said.group()
                else "more"
            )
        return replace(f, places=places, years=years, direction=way, sized=bool(out))
    if f.kind in ("average", "sum"):
        places = () if f.group else tuple(dict.fromkeys(c for m in marks.places for c in m.values)) or f.places
        median = any(m.values[0] == "median" for m in marks.averages)
        own = len(places) != 1 and len(f.years) == 1  # the year that the number is of, among several
        return replace(f, places=places, years=f.years if own else all_years(marks) or f.years, median=median)
    return f


def _multiplied(marks: Marks, n: Number) -> tuple[str, ...]:
    """The place whose value is a multiple, and the one right behind the number whose value is multiplied."""
    of = next(
        (p for p in marks.places if p.start >= n.end and len(marks.gap(n.end, p.start).split()) <= _OF_WORDS), None
    )
    own = [p for p in marks.places if p.end <= n.start and of is not None and p.values != of.values]
    return (own[0].values[0], of.values[0]) if of is not None and own and len(marks.places) > 2 else ()


def rank_shape(marks: Marks, start: int, end: int, f: Frame) -> Frame:
    """From which end a rank counts, by the words around it."""
    near = [m for m in marks.ranks if m.values[0] in ("top", "bottom") and -25 <= m.start - end <= 25]
    low = marks.low[max(0, start - 30) : end + 45]
    word = min(near, key=lambda m: abs(m.start - end)) if near else None
    beside = [m for m in marks.directions if -40 <= m.start - end <= 60]
    beside = beside or sorted(marks.directions, key=lambda m: abs(m.start - end))[:1]
    loss = [m for m in beside if m.values[0] == "out"]
    gain = [m for m in beside if m.values[0] == "in"]
    bottom = bool(re.search(r"from (?:the )?(?:bottom|last|foot|end)|\bto last\b|(?:nd|rd|th)[- ]last\b", low)) or bool(
        word and word.values[0] == "bottom"
    )
    if loss and not gain and word is not None and word.values[1] in LOSS_RANKS:
        return replace(f, bottom=word.values[0] == "top", sized=True, direction="")
    if (
        loss
        and not gain
        and word is None
        and re.search(r"(?:among|of) (?:the )?(?:net )?(?:losers|exporters|outflow)", low)
    ):
        return replace(f, bottom=True, sized=True, direction="")
    return replace(f, bottom=bottom, sized=bool(bottom and gain), direction="")


def _count_shape(marks: Marks, f: Frame, n: Number | None) -> Frame:
    """Above or below which value the counted places lie."""
    at = n.end if n else 0
    limits = [
        v
        for v in marks.numbers
        if v.start > at and v.about in ("over", "under", "least", "most") and role_of(marks, v) != "total"
    ]
    places = () if n is not None else f.places
    if limits:
        v = limits[0]
        if v.about in ("least", "most"):  # the limit itself counts too
            least = v.about == "least"
            v = replace(v, about="over" if least else "under", value=v.value - _HAIR if least else v.value + _HAIR)
        lost = not v.sign and {m.values[0] for m in marks.directions} == {"out"} and "below zero" not in marks.low
        if lost:  # "lost more than two": the value lies below -2
            return replace(f, places=places, direction="less" if v.about == "over" else "more", limit=-v.value)
        sign = -1 if v.sign < 0 else 1
        return replace(f, places=places, direction="more" if v.about == "over" else "less", limit=v.value * sign)
    if n is not None and _only_listed(marks, n):
        return replace(f, places=places, direction="", limit=Decimal(0))
    near = min(marks.directions, key=lambda m: abs(m.start - at) + (0 if m.start >= at else 20), default=None)
    word = near.values[0] if near else ""
    return replace(f, places=places, direction={"in": "more", "out": "less"}.get(word, ""), limit=Decimal(0))


def _only_listed(marks: Marks, n: Number) -> bool:
    """Whether a number counts all the places that a table lists: "61 economies in the data, 39 of them losing"."""
    stop = _CLAUSE_END.search(marks.low, n.end)
    clause = marks.low[n.end : stop.start() if stop else len(marks.low)]
    if any(n.end <= m.start < n.end + len(clause) for m in marks.directions):
        return False
    part = re.match(r"[,;:] (?:[a-z0-9-]+ )of (?:them|these|those|which)\b", marks.low[n.end + len(clause) :])
    return part is not None or _LISTED.search(clause) is not None


_LISTED = re.compile(rf"\b(?:{'|'.join(raw_words()['units']['listed'])})\b")


def _nearest(items: Sequence[Mark], at: int) -> Mark | None:
    return min(items, key=lambda m: (abs(m.start - at) + (15 if m.start > at else 0), m.start), default=None)


def all_years(marks: Marks) -> tuple[int, ...]:
    """Every year of a sentence, ascending, each once."""
    return tuple(sorted({y for m in marks.years for y in m.years}))


def strong(marks: Marks, n: Number, kind: Kind, frame: Frame, table: FigureTable) -> bool:
    """Whether a number surely speaks of its measures, so that a mismatch is a fault."""
    kinds = {table.measures[m].kind for m in frame.measures}
    if kind in ("rank", "total"):
        return True
    if kind in ("count", "share", "years"):
        return bool(frame.direction) and (kind != "years" or bool(frame.places))
    if kind == "times":
        return len(frame.places) <= 2
    if kind in ("gap", "change", "average"):
        return n.step < 0 or bool(n.sign) or n.role != "plain" or "count" in kinds
    if frame.per >= 1000 or n.sign or n.step < 0:
        return True
    if n.role in ("percent", "fraction"):
        return bool(kinds & {"share", "stock"})
    return "count" in kinds and n.value >= (100 if kinds == {"count"} else 1000) or kinds == {"rank"}
