"""Whether a number can be one that a table holds: its unit, its base, and which ordinals are ranks."""

from __future__ import annotations

import re

from assistant.marks import Marks
from assistant.numbers import Number
from assistant.roles import Kind
from assistant.wordlists import raw_words

_UNITS = frozenset(raw_words()["units"]["people"])
_AFTER = frozenset(w for w in raw_words()["units"]["after"])
_NEXT = re.compile(r"\s*-?\s*([^\W\d_]+(?:[-'][^\W\d_]+)*|[^\w\s])?")


_PUT = re.compile(
    r"\b(?:put|puts|putting|plac(?:e|es|ed|ing)|rank(?:s|ed|ing)?) (?:it|them|us|itself|the (?:country|nation|economy|"
    r"kingdom|island|republic|city-state|territory)) (?:only |just |joint |a )?$"
)
_WORLD = re.compile(r"\s*(?:in the (?:world|table|list|field|ranking)|worldwide|globally|overall)\b")
_OPENS = re.compile(r"(?:: |; | and |\b(?:only|just|joint) )$")


def may_measure(marks: Marks, n: Number, kind: Kind) -> bool:
    """Whether what stands behind a number is a unit that a table could hold, and not "5,000 visas"."""
    if kind in ("rank",):
        return _ranked(marks, n)
    if n.role == "percent" and _OF_MONEY.match(marks.low, n.end):
        return False
    if kind in ("value", "average", "sum") and n.role == "plain" and _of_others(marks, n):
        return False
    if (
        n.step < 0
        or n.sign
        or n.role in ("percent", "points", "fraction")
        or _based(marks, n)
        or kind in ("total", "count", "times", "share", "gap", "change", "years")
    ):
        return True
    near = (
        *marks.places,
        *marks.groups,
        *marks.years,
        *marks.editions,
        *marks.bases,
        *marks.directions,
        *marks.families,
    )
    follows = [m for m in near if n.end <= m.start and not marks.low[n.end : m.start].strip(" -(")]
    if follows:
        return True
    word = _NEXT.match(marks.low, n.end)
    said = (word[1] or "") if word else ""
    return not said or not said[0].isalpha() or said in _UNITS or said in _AFTER or said.split("-")[0] in _UNITS


def _of_others(marks: Marks, n: Number) -> bool:
    """Whether a number counts what no table does: "125,000 Korean companies", "0.36 patents per 10,000"."""
    spans = [(m.start, m.end) for m in (*marks.places, *marks.directions)]
    at = n.end
    for _ in range(_HEAD):
        at += len(marks.low[at:]) - len(marks.low[at:].lstrip(" -"))
        if past := next((b for a, b in spans if a == at), 0):
            at = past
            continue
        word = _NEXT.match(marks.low, at)
        said = (word[1] or "") if word else ""
        if not said[:1].isalpha() or said in _UNITS or said in _AFTER or said.split("-")[0] in _UNITS:
            return False
        if said in _FOREIGN or said.endswith("s") and not said.endswith(("ss", "'s")) and said not in _VERBS:
            return True
        at = word.end() if word else at
    return False


_HEAD = 3  # words in which the noun of a number is looked for
_OF_MONEY = re.compile(rf"\s*-?(?:[a-z]+ )?(?:{'|'.join(raw_words()['units']['rated'])})\b")  # "a 20% raise"
_FOREIGN = frozenset(raw_words()["units"]["foreign"])
_VERBS = frozenset(raw_words()["units"]["verbs"])


def _based(marks: Marks, n: Number) -> bool:
    """Whether a base stands close behind a number, or opens its clause."""
    return any(
        b.start >= n.end
        and len(marks.gap(n.end, b.start).split()) <= (1 if n.spelt else 6)
        or b.end <= n.start
        and not n.spelt
        for b in marks.bases
    )


def _ranked(marks: Marks, n: Number) -> bool:
    """Whether an ordinal is a rank, and not "the first country to" or "the second quarter"."""
    low = marks.low
    before, after = low[max(0, n.start - 40) : n.start], low[n.end : n.end + 30]
    if not n.spelt and not (before.endswith("the ") and not re.match(r"\s*-?[a-z]", after)):
        return (
            re.search(r"\bbetween\s+(?:\w+ and )?$", before) is None and re.search(r"between \w+ and $", before) is None
        )
    if n.text.startswith(("runner", "silver", "bronze")):
        return True
    superlative = any(m.values[0] in ("top", "bottom") and 0 <= m.start - n.end <= 1 for m in marks.ranks)
    placed = re.search(
        r"\b(?:rank(?:s|ed|ing)?|place[ds]?|took|takes|claimed|earned|held|slid|fell|rose|climbed|"
        r"slipped|dropped|moved|placing|putting|ranking|finishing|coming|to|stood|stands|came|comes|coming|was|is|finished|sat|sits|in|at|"
        r"lay|position|number|standing)\s+(?:only\s+|a\s+|the\s+|at\s+|in\s+|joint\s+|just\s+)*$",
        before,
    )
    behind = re.match(
        r"[\s-]*(?:place|position|prize|spot|slot|of\b|out of|among (?:all |the |\d+ )*(?:countr|"
        r"econom|place|nation|state|oecd|g7|eu\b|nordic|member|\d)|overall|directly|globally|only|from|to last|in|on|"
        r"worldwide|globally|with|at|,|\.|;|\)|$|for\b|behind|ahead|and\b|by\b|last|in \d)",
        after,
    )
    if any(
        0 <= n.start - p.end <= 1
        and re.search(r"\b(?:put|rank|plac|has|have|list|show)[a-z]*(?: the)? $", low[: p.start])
        for p in marks.places
    ):
        return True  # "placed the United Kingdom seventh"
    if any(0 <= n.start - p.end <= 1 for p in marks.places) and any(
        o.role == "rank" and o is not n for o in marks.numbers
    ):
        return True  # "Sweden came second and Switzerland third"
    if before.endswith("from ") and any(o.role == "rank" and o.start > n.end for o in marks.numbers):
        return True  # "from fifth in 2015 to 20th in 2019"
    if (
        before.endswith((" and ", ", "))
        and behind
        and any(o.role == "rank" and o is not n and o.end < n.start for o in marks.numbers)
    ):
        return True  # "was fourth for workers and third for entrepreneurs"
    if behind and re.search(r"[,(\u2014]\s+(?:the )?$", before) and marks.places:
        return True  # "took in 1.61 per 10,000, eighth in the AI Index"
    if behind and (_PUT.search(before) or _WORLD.match(after) or _OPENS.search(before) and marks.places):
        return True  # "which put the country eleventh", "third in the world", "leaders: seventh for"
    listed = bool(marks.ranks) and re.match(r"\s*(?:,|and|with|\(|at|$|\.)", after)
    return (
        superlative
        or bool(placed and behind)
        or bool(listed and placed)
        or bool(re.match(r"\s*(?:place|position|prize|spot|from (?:the )?bottom|out of|of \d|went to)", after))
    )
