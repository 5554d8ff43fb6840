"""Which place, year, edition and direction each number of a sentence belongs to.

A cost for every pair: near is cheap, and a new clause, a list mark or another number in between is
dear. Lists of equal length are paired in order ("Japan and South Korea ... +0.54 and -0.30").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from assistant.mark import Mark
from assistant.marks import Marks
from assistant.numbers import Number

Item = TypeVar("Item", Mark, Number)
_BREAK = re.compile(
    r";|\bbut\b|\bbefore (?=an?\b)|\bwhile\b|\bwhilst\b|\bwhereas\b|\balthough\b|\bthough\b|"
    r"\bhowever\b|\byet\b|\u2014|(?<!i\.e)(?<!e\.g)\. "
)
_LIST = re.compile(r"\band\b|\bor\b|&|/|\bto\b|\bversus\b|\bvs\b|\bagainst\b|\bthan\b")
_ONLY_LIST = re.compile(
    r"[\s,/&]*(?:and|or|nor|to|for|into|then|then to|and then to|versus|vs\.?|against|followed by|and in|"
    r"and for|from|at|and at)?[\s,:]*(?:(?:in|for|by|of|at|the|a|an|net|one|only|just|about|some|nearly|almost)\b\s*)*"
)
_PREPOSITION = re.compile(r"\s*\(?(?:for|in|of|by|at|from|to|during|on|under|within|across|over|among|between)?\b")
_OF_WHOM = re.compile(
    r"\s*of (?:the |its |all )?(?:population|workforce|linkedin members|members|labour force|"
    r"labor force|researchers|authors)"
)
_CONTRAST = re.compile(r"\b(?:which|who|unlike|contrast|even as|despite|against a)\b")
BARRED = re.compile(
    r"\b(?:except|apart from|other than|all but|bar|excluding|save|besides|without|leaving out)(?: for)?(?: the)? $"
)  # places that are left out
_SINCE = re.compile(r"\bsince (?:at least )?$")  # the years from there on; no value is that year's
_BACK = re.compile(r"\b(?:it|they)\b")  # "Finland is cold, yet it gained 1.30": of what was named before
_FAR = 6.0  # beyond this a word of direction says nothing of the number
_TIGHT = 2.6  # a word farther off does not gainsay a sign that is written
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Bound:
    """What a number was found to belong to; empty where the sentence does not say."""

    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    edition: Mark | None = None
    narrow: Mark | None = None  # words that choose among the quantities of one family
    base: Mark | None = None
    direction: str = ""
    loose: bool = False  # a direction that only stands somewhere in the sentence


def bound(marks: Marks, number: Number, values: Sequence[Number]) -> Bound:
    """The frame of one of the sentence's `values`."""
    places = _of(marks, number, values, [p for p in marks.places if not BARRED.search(marks.low[: p.start])])
    since = [y for y in marks.years if _SINCE.search(marks.low[: y.start])]
    dated = [y for y in marks.years if y not in since] if since and number.role != "percent" else marks.years
    years = _of(marks, number, values, dated or marks.years)
    edition = _edition(marks, number, values, [m for m in marks.editions if not m.narrow])
    narrow = _edition(marks, number, values, [m for m in marks.editions if m.narrow])
    return Bound(
        tuple(dict.fromkeys(c for m in places for c in m.values)),
        tuple(y for m in years for y in m.years),
        edition, narrow, _base(marks, number, values), *_direction(marks, number, values),
    )  # fmt: skip


def _of(marks: Marks, number: Number, values: Sequence[Number], items: Sequence[Mark]) -> tuple[Mark, ...]:
    """The mark that a number belongs to; several where a list shares one number."""
    if len({(m.values, m.years) for m in items}) < 2 and not any(len(m.years) == 2 for m in items):
        return tuple(items[:1])
    if paired := _paired(marks, number, values, items):
        return (paired,)
    best = min(items, key=lambda m: cost(marks, number, m, values))
    run = next((r for r in runs(marks, items) if best in r), [best])
    if len(run) > 1 and _alone(marks, run, number, values):
        return tuple(run)
    return (best,)


def _alone(marks: Marks, run: Sequence[Mark], number: Number, values: Sequence[Number]) -> bool:
    """Whether a list of places or years shares this one number: "France and Australia had 15%"."""
    low = marks.low
    if not re.search(r"\b(?:and|or|nor|both|each|all)\b|&", low[run[0].start : run[-1].end]) and "each" not in low:
        return False
    near = [v for v in values if v.end <= run[0].start and number.end <= run[0].start and number.start < v.start] + [
        v for v in values if run[-1].end <= v.start < number.start
    ]
    if near or any(v.start >= run[0].start and v.end <= run[-1].end for v in values):
        return False
    if number.start > run[-1].end:
        return _BREAK.search(marks.gap(run[-1].end, number.start)) is None
    between = marks.gap(number.end, run[0].start)
    return (
        bool(
            re.fullmatch(
                r"[\s,]*(?:of (?:the |its |all |their )?(?:[a-z-]+ ){0,4}?)?(?:for|in|of|by|at|"
                r"both|each|all|during|the|across|over)?(?:\s+(?:both|each of|all|the))*\s*",
                between,
            )
        )
        or "each" in low
    )


def runs(marks: Marks, items: Sequence[Item]) -> list[list[Item]]:
    """Lists: marks with nothing but commas, "and" and the like between them."""
    made: list[list[Item]] = []
    for m in items:
        if made and _listed(marks, made[-1][-1].end, m.start):
            made[-1].append(m)
        else:
            made.append([m])
    return made


def _listed(marks: Marks, a: int, b: int) -> bool:
    """Whether nothing but list marks stands between, not even another mark (bases and directions aside)."""
    between = [(m.start, m.end) for m in (*marks.places, *marks.years, *marks.editions)]
    if any(s >= a and e <= b for s, e in (*between, *((n.start, n.end) for n in marks.numbers))):
        return False
    return _ONLY_LIST.fullmatch(marks.gap(a, b)) is not None


def _paired(marks: Marks, number: Number, values: Sequence[Number], items: Sequence[Mark]) -> Mark | None:
    """The mark at the same place of an equally long list."""
    run = next((r for r in runs(marks, list(values)) if number in r), [])
    if len(run) < 2:
        return None
    for m in items:  # five values and "2015-2019"
        if len(m.years) == 2 and m.years[1] - m.years[0] + 1 == len(run) > 2:
            return Mark(m.start, m.end, (), (m.years[0] + run.index(number),))
    spread: list[Mark] = []  # a range stands for its two ends
    for m in items:
        spread += [Mark(m.start, m.end, (), (y,)) for y in m.years] if len(m.years) == 2 else [m]
    lists = [r for r in (_ended(r) for r in runs(marks, items)) if len(r) == len(run)]
    if not lists:
        before = [m for m in spread if m.end <= run[0].start]
        after = [m for m in spread if m.start >= run[-1].end]
        lists = [side for side in (before, after) if len(side) == len(run)]
        if (
            before
            and run[0].start >= before[-1].end
            and not marks.gap(before[-1].end, run[0].start).strip(" (:")
            and not any(before[-1].end <= v.start < run[0].start for v in values)
            and _valued(before, values, run)
        ):
            lists = [side for side in lists if side is after]
    if not lists:
        return None
    nearest = min(lists, key=lambda r: min(abs(r[0].start - run[-1].end), abs(run[0].start - r[-1].end)))
    if nearest[0].start < run[0].start < nearest[-1].start:
        return None  # they alternate
    at = run.index(number)
    if "from" in marks.gap(run[0].end, run[-1].start) and spread and spread[0].years:
        at = len(run) - 1 - at  # "to 0.54 from 0.69 between 2020 and 2023"
    return nearest[at]


def _valued(items: Sequence[Mark], values: Sequence[Number], run: Sequence[Number]) -> bool:
    """Whether numbers outside a run stand between the marks: then each mark has its own."""
    return any(v not in run and items[0].start < v.start < run[0].start for v in values)


def _ended(run: Sequence[Mark]) -> list[Mark]:
    spread: list[Mark] = []
    for m in run:
        spread += [Mark(m.start, m.end, (), (y,)) for y in m.years] if len(m.years) == 2 else [m]
    return spread


def cost(marks: Marks, number: Number, item: Mark, values: Sequence[Number]) -> float:
    """How unlikely it is that the number belongs to the mark; one for the word next to it."""
    behind = item.start >= number.end
    a, b = (number.end, item.start) if behind else (item.end, number.start)
    gap = marks.gap(a, b) if b > a else ""
    words = len(_WORD.findall(gap))
    total = 1.0 + min(words, 8) * (0.4 if behind else 0.22)
    turns = list(_BREAK.finditer(gap))
    if not turns or behind or not _BACK.search(gap[turns[-1].end() :]):
        total += 5.0 * len(turns)
    total += gap.count(",") * (1.5 if behind else 0.5)
    total += len(_LIST.findall(gap)) * (2.0 if behind else 1.0)
    total += sum(1.5 for v in values if v is not number and a <= v.start < b)
    if (
        behind
        and marks.low[item.end : item.end + 2] == "'s"
        and any(v.start >= item.end and len(marks.gap(item.end + 2, v.start).split()) <= 4 for v in values)
    ):
        total += 2.0  # "mirrors Korea's loss of 0.36"
    elif (
        behind
        and ("," in gap or marks.low[item.end : item.end + 2] == "'s")
        and any(v.start >= item.end and not marks.gap(item.end, v.start).strip(" (:'s") for v in values)
    ):
        total += 2.0  # the mark has a number of its own behind it
    if (
        not behind
        and item.years
        and "," in gap
        and any(v.end <= item.start and "," not in marks.gap(v.end, item.start) for v in values if v is not number)
    ):
        total += 1.0  # it closes the stretch of the number before it
    if item.narrow and item.years == () and behind is False:
        total += 0.8  # an adjective: "the Korean National Assembly"
    if behind and (whom := _OF_WHOM.match(gap)):
        total -= 0.4 * len(_WORD.findall(whom.group()))
    if behind and (lead := _PREPOSITION.match(gap)) and lead.group().strip(" ("):
        total -= 0.4
    return total


def _edition(marks: Marks, number: Number, values: Sequence[Number], items: Sequence[Mark]) -> Mark | None:
    """The edition named for the number; one named behind a turn of the sentence is not for what stands before."""
    if not items:
        return None
    if items[0].narrow:  # words that choose a quantity choose it for their own clause
        own = [m for m in items if not _parted(marks, m, number)]
        items = own or items
    if len(items) > 1 and (paired := _paired(marks, number, values, items)):
        return paired
    best = min(items, key=lambda m: cost(marks, number, m, values))
    if best.narrow and _parted(marks, best, number):
        return None
    if len({m.values for m in items}) == 1:
        turned = best.start > number.end and _BREAK.search(marks.gap(number.end, best.start))
        later = [v for v in values if v.start > number.start]
        if turned and later and best.start < max(v.start for v in later):
            return None
    return best


def _parted(marks: Marks, item: Mark, number: Number) -> bool:
    """Whether a turn of the sentence stands between a mark and a number."""
    return _BREAK.search(marks.gap(min(item.end, number.end), max(item.start, number.start))) is not None


def _base(marks: Marks, number: Number, values: Sequence[Number]) -> Mark | None:
    """What the number is per: the next base behind it, else the one before it."""
    if number.role == "percent" and marks.bases and not any(v.role == "plain" for v in values):
        return marks.bases[-1]  # "6% ... per 10,000 workers"
    if number.role not in ("plain", "fraction"):
        return None
    after = [m for m in marks.bases if m.start >= number.end]
    before = [m for m in marks.bases if m.end <= number.start]
    run = next((r for r in runs(marks, values) if number in r), [number])
    if after:
        between = [v for v in marks.numbers if number.end <= v.start < after[0].start and v not in run]
        if not between or not before and not any(_owned(marks, b, values) for b in after[:1]):
            return after[0]
        if not before:
            return after[0] if between[-1].role == number.role and between[-1].sign == number.sign else None
    free = [b for b in before if not _owned(marks, b, values)]
    if not free and before and number.step >= 0 and not number.spelt and len({b.years for b in before}) == 1:
        return before[-1]  # "69 per million in 2020, 54 in 2023"
    return free[-1] if free else None


def _owned(marks: Marks, base: Mark, values: Sequence[Number]) -> bool:
    """Whether a base stands right behind a number, whose it then is."""
    near = [v for v in values if v.end <= base.start]
    return bool(near) and len(_WORD.findall(marks.gap(near[-1].end, base.start))) <= 4


def _direction(marks: Marks, number: Number, values: Sequence[Number]) -> tuple[str, bool]:
    """ "in", "out" or "" for a number, and whether the word is bound to it only by a list."""
    best: tuple[float, str] = (_FAR, "")
    lone = len({m.values for m in marks.places}) < 2 and len({m.values[0] for m in marks.directions}) == 1
    for m in marks.directions:
        behind = m.start >= number.end
        a, b = (number.end, m.start) if behind else (m.end, number.start)
        total = cost(marks, number, m, values)
        if number.sign and not behind and any(a <= v.start < b for v in values):
            continue
        between = [p for p in marks.places if a <= p.start < b]
        if between and not behind:
            own = marks.gap(between[-1].end, number.start)
            head = marks.gap(m.end, between[0].start)
            shared = _ONLY_LIST.fullmatch(own) or ":" in marks.low[m.end : between[0].start]
            parted = _BREAK.search(marks.gap(a, b)) is not None
            total += (
                0.0 if shared and not parted else 3.0 if head.strip() not in ("of", "for", "in", "from", "by") else 0.5
            )
            if shared and not parted:
                total = min(total, 4.0)
        elif between:
            total += 3.0
        elif behind and number.role != "plain":
            total += 2.0
        near = lone and not _BREAK.search(marks.gap(a, b)) and ":" not in marks.low[a:b]
        near = near and (behind or total <= 3.0 or not number.sign)
        if near:
            total = min(total, 5.0)
        if total < best[0] and (not number.sign or total <= _TIGHT or near):
            best = (total, m.values[0])
    if not best[1] and not number.sign:
        run = next((r for r in runs(marks, values) if number in r), [])
        if len(run) > 1 and run[0] is not number and len({m.values for m in marks.places}) < 2:
            return _direction(marks, run[0], values)
    if not best[1] and not number.sign:
        return _inherited(marks, number), True
    return best[1], best[0] > 3.5


def _inherited(marks: Marks, number: Number) -> str:
    """The direction that a number takes over from the one it is set beside: "heavier than Israel's 0.57"."""
    before = [m for m in marks.directions if m.end <= number.start]
    if not before or len({m.values for m in marks.directions}) > 1:
        return ""
    gap = marks.low[before[-1].end : number.start]
    lone = len({p.values for p in marks.places}) == 1
    if lone and any(m.start > before[-1].end and m.end <= number.start for m in marks.changes):
        return before[-1].values[0]  # "losses eased to 0.12 but climbed again to 0.30"
    return "" if _BREAK.search(gap) or _CONTRAST.search(gap) else before[-1].values[0]
