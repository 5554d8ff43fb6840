"""What each number of a sentence is: a value, a rank, a total, a count, a multiple, a difference, a change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from assistant.mark import Mark
from assistant.marks import Marks
from assistant.numbers import Number, meet

Kind = Literal[
    "value", "change", "gap", "times", "rank", "total", "count", "share", "average", "direction", "moved", "compare",
    "years", "peak", "every", "sum",
]  # fmt: skip
# Roles that are kinds of claims; every other number is a value.
KINDS: dict[str, Kind] = {
    "rank": "rank", "total": "total", "count": "count", "share": "share", "gap": "gap", "times": "times",
    "change": "change", "average": "average", "years": "years", "sum": "sum",
}  # fmt: skip
_TOTAL = re.compile(
    r"(?:\bof|\bout of|\bamong|\bin a field of|\bacross|\bin a list of|\bin a table of|"
    r"\b/)\s*(?:a total of\s+|all\s+|the\s+|some\s+|its\s+)*$"
)
COUNTED = re.compile(
    r"\s*(?:(?:of|out of) (?:the |its |all )?(?:\d+|[a-z-]+) )?(?:of the |of )?(?:[a-z0-9-]+ "
    r"){0,2}?(?:countr|econom|place|nation|state|member|areas|territor|jurisdiction)"
)
HAD = re.compile(
    r"\s+(?:of (?:them|these|those) )?(?:had|lost|gained|recorded|saw|posted|were|stood|showed"
    r"|ran|suffered|enjoyed|lose|gain|have|register)\b"
)
OF_YEARS = re.compile(
    r"\s*(?:(?:out )?of (?:the |its |those )?(?P<of>[a-z0-9]+ )?(?:[a-z]+ ){0,2}?|(?:separate "
    r"|different |of the )?)years\b"
)
_BY_ONLY = re.compile(r"(?<!followed )\bby\s+(?:[a-z]+ ){0,2}$")
_IN_PLACES = re.compile(r"\s*places\s*(?:[:.,;]|$)")  # "disagree about South Korea in three places:"
_OF_MANY = re.compile(r"\b(?:country|countries|economies|places|nations|states)\b")
_OF_THEM = re.compile(r"\s*of (?:them|these|those)\b")
_COUNT_OF = re.compile(r"\s*(?:out )?of (?:the )?\d{1,3}(?![\d.,%]*\d)")
_COMPARED = re.compile(r"\b(?:compared (?:with|to)|relative to|set against)\b")
_TOGETHER = re.compile(r"\b(?:together|combined|jointly|the sum of|add(?:s|ed)? up to)\b")
_ONE_MORE = re.compile(r"\s+(?:an? |in )?(?:net )?(?:inflow|outflow|gain|loss|surplus|deficit|the red|the black)\b")
_AGAINST = re.compile(r"\b(?:against|up from|down from|compared (?:with|to)|versus|from)\s+(?:just |only )?$")
_AVERAGED = re.compile(r"\b(?:the|over|across|all|these|those)\s+$")
_UP_DOWN = re.compile(r"\b(?:up|down)\s+(?:by )?(?:about |some |roughly |nearly |almost |just |an? )*$")
_OF_THAT = re.compile(
    r"\s*(?:of )?(?:[a-z ]{2,25}'s \d|what|that|its (?:level|rate|value|figure)|the (?:level|"
    r"rate|value|figure|\d))\b(?! (?:is|was|were))"
)
_PLACES_APART = re.compile(
    r"\s+(?:places|spots|ranks|positions|notches|rungs|steps) (?:behind|ahead|above|below|higher|lower|apart)\b"
)
_PART_OF_PLACES = re.compile(
    r"\s*(?:of|of the|of all|of its)\s+(?:(?:the|all|its|\d+|[a-z]+)\s+){0,2}(?:countr|econom|places|nations|states)"
)
TO_ONE = re.compile(r"(?:to |:)(?:1|one)$")
_TIMES = re.compile(r"\s*(?:-|\u2013)?\s*(?:times|fold|x)\b")
DIFFERENCE = re.compile(
    r"\s*(?:per cent |percentage |percent |net )?(?:points? |units? )?(?:per 10,?000 (?:[a-z]+"
    r" ){0,4})?(?:higher|lower|more|less|above|below|ahead|behind|larger|smaller|greater|fewer"
    r"|apart|better|worse)\b"
)
_CHANGED = re.compile(
    r"\s*-?(?:points? |percentage[- ]points? |units? |net )?(?:per 10,?000 (?:[a-z]+ "
    r"){0,4})?(?:drop|fall|decline|decrease|rise|increase|gain on|jump|improvement|slide|dip|"
    r"climb|swing|change|deterioration|worsening|narrowing|widening)\b"
)
_BY = re.compile(
    r"\b(?:by|of|down|up|with)\s+(?:as much as |a |an |some |about |roughly |nearly |almost |"
    r"around |just |only |more than |over |less than |under |approximately |net )*$"
)
_THAN_IT = re.compile(
    r"\s*(?:[a-z-]+ ){0,6}?(?:per [\d,]+ (?:[a-z-]+ ){0,5})?(?:more )?than (?:it |they |the country )?"
    r"(?:let|lost|left|departed|sent|gave|gained|arrived|came|attracted|received|took|going|leaving|departing|"
    r"coming|arriving|entering|go|leave|come|arrive|went|departures|arrivals|quit)\b",
    re.IGNORECASE,
)
_TOOK = re.compile(
    r"\b(?:took|takes|taking|knock\w*|shav\w*|wip\w*|lop\w*|slic\w*|cut\w*|strip\w*|chopp\w*)"
    r" (?:about |almost |nearly |roughly |some |around |over |more than |just |less than |only |a full )*$"
)
_OFF = re.compile(r"\s*(?:off|out of|from|away)\b")
_ARE = re.compile(r"\s+(?:of them )?(?:are|were|have|had|lost|gained|lose|gain)\b")
_NUMBER_OF = re.compile(
    r"\bnumber of (?:net |ai )*(?:gainers|losers|winners|countries|economies|nations|places|importers|exporters)\b"
    r"[^;.]{0,80}\b(?:was|were|from|to|at|stood at|reached|of)(?: just| only| about)? $"
)
_MADE_UP = re.compile(r"\b(?:made|make|makes|making) $")
_PREMIUM = re.compile(
    r"\s*(?:more than|above|over|higher than|on top of)"
    r"(?: (?:in|for)\b| (?:the |those of |that of )?(?:comparable|other|similar|"
    r"equivalent|ordinary|jobs|peers|colleagues|others|workers|rest)\b)"
)  # of pay: "18 percent above comparable jobs"
_EARNED = re.compile(
    r"\b(?:earn(?:s|ed|ing)?|paid|pays?|premium of|make|makes|made) (?:about |some |roughly |around |only |just )?$"
)
_TO = re.compile(
    r"\b(?:to|from|at|than|against|was|were|is|stood at|reached|hit|by \d{4})\s+(?:a |an |net "
    r"|only |just |about |roughly |nearly |almost |around |some )*$"
)


def role_of(marks: Marks, n: Number) -> str:
    """What a number of the sentence is: a value, a rank, a total, a count, a multiple, a difference, a change."""
    low = marks.low
    before, after = low[: n.start], low[n.end :]
    whole = n.value == n.value.to_integral_value() and not n.sign
    if n.role == "rank":
        return "rank"
    if _THAN_IT.match(after):
        return "value"  # "5.58 more per 10,000 members than it let go"
    if n.about in ("over", "under", "least", "most") and any(
        COUNTED.match(low, v.end) and v.end < n.start or OF_YEARS.match(low, v.end)
        for v in marks.numbers
        if v is not n and v.step >= 0
    ):
        return "limit"
    if _exceeds_by(marks, n):
        return "gap"
    if n.role in ("percent", "fraction") and _TOOK.search(before) and _OFF.match(after):
        return "change"
    if (
        n.role == "plain"
        and (_TIMES.match(after) or TO_ONE.search(low[n.start : n.end]))
        or n.role == "fraction"
        and _of_another(marks, n)
    ):
        return "times"
    if n.role == "plain" and whole and n.step == 0 and n.value < 250 and _TOTAL.search(before) and _totals(marks, n):
        return "total"
    if n.role == "plain" and whole and _PLACES_APART.match(after):
        return "gap"
    if (
        n.role == "plain"
        and whole
        and marks.changes
        and re.match(r"\s+(?:places|spots|ranks|positions|notches|rungs|steps)\b", after)
    ):
        return "change"
    if marks.averages and n.role == "plain" and whole and COUNTED.match(after) and _AVERAGED.search(before):
        return "total"  # "over 24 member states"
    if (
        n.role == "plain"
        and whole
        and n.step == 0
        and n.value < 250
        and COUNTED.match(after)
        and not re.match(r"\s*per\b", after)
        and not (marks.places and before.endswith(" in ") and _IN_PLACES.match(after))
    ):
        return "count"
    part = _PART_OF_PLACES.match(low, n.end)
    if (
        n.role in ("percent", "fraction", "plain")
        and part
        and not any(
            part.start() <= p.start < part.end()
            for p in marks.places  # "the 1.07 of the United States"
        )
    ):
        return "share" if n.role != "plain" else "count"
    if (
        n.role == "plain"
        and whole
        and n.step == 0
        and n.value < 250
        and HAD.match(after)
        and re.search(r"countr|econom|places|nations", low)
    ):
        return "count"
    if n.role == "plain" and whole and 0 == n.step and n.value < 250 and _NUMBER_OF.search(before):
        return "count"
    if n.role == "plain" and whole and before.endswith("all ") and _ARE.match(after) and _OF_MANY.search(low):
        return "count"
    counted = _COUNT_OF.match(after) is not None and _OF_MANY.search(low) is not None
    if n.role == "plain" and whole and n.step == 0 and n.value < 250 and (counted or _counts_too(marks, n)):
        return "count"
    if n.role == "plain" and whole and OF_YEARS.match(after):
        return "years"
    near = [m for m in marks.compares if m.values[0] == "gap"]
    if near and n.role in ("plain", "points", "percent") and _gap_number(marks, n, near):
        return "gap"
    if DIFFERENCE.match(after) and not (n.sign < 0) and not _EARNED.search(before) and not _PREMIUM.match(after):
        here = re.split(r"[,;]", after)[0]
        if (
            len({y.years for y in marks.years}) > 1
            and _COMPARED.search(low)
            and len({p.values for p in marks.places}) < 2
        ):
            return "change"  # "compared with 2010, 29,000 more"
        return "gap" if re.search(r"\bthan\b|\babove\b|\bbelow\b|\bahead\b|\bbehind\b|\bapart\b", here) else "value"
    if not marks.averages and _summed(marks, n):
        return "sum"
    if n.role == "points" and _UP_DOWN.search(before) or marks.changes and _change_number(marks, n):
        return "change"
    if marks.averages and any(m.start < n.start or m.start - n.end < 30 for m in marks.averages):
        return "value" if _of_one(marks, n) else "average"
    return "value"


def _of_another(marks: Marks, n: Number) -> bool:
    """Whether a part is one of another value: "a third of Singapore's 521.82", "a quarter of the 25 percent"."""
    after = marks.low[n.end :]
    if _OF_THAT.match(after):
        return True
    lead = re.match(r"\s*(?:of |as (?:much|many|high|large) as )(?:the |its )?", after)
    if lead is None:
        return False
    at = n.end + lead.end()
    if any(v.start == at for v in marks.numbers):
        return True
    place = next((p for p in marks.places if p.start == at), None)
    return place is not None and _ITS_VALUE.match(marks.low, place.end) is not None


_ITS_VALUE = re.compile(
    r"(?:'s|s')?(?:\s+(?:net|own|ai|talent|(?:19|20)\d\d))*\s*(?:\(?[+\u2212-]?\d|(?:rate|figure|value|score|reading|result|"
    r"level|share|gain|loss|inflow|outflow|intake)\b|[,.;:)]|and\b|or\b|in (?:19|20)\d\d|$)"
)


def _of_one(marks: Marks, n: Number) -> bool:
    """Whether a number beside the average of a group is that of one member: "with Finland highest at 1.30"."""
    place = next((p for p in reversed(marks.places) if p.end <= n.start), None)
    if place is None or not marks.groups or any(place.end <= v.start < n.start for v in marks.numbers):
        return False
    lead = marks.low[place.end : n.start]
    said = any(m.end <= place.start for m in marks.averages)
    return said and len(lead.split()) <= _LEAD and re.search(r"[,;.]|\b(?:and|average)\b", lead) is None


_LEAD = 4  # words between a member of a group and its own number


def low_before(marks: Marks, n: Number) -> str:
    """The character that a number follows."""
    return marks.low[: n.start].rstrip()[-1:]


def _counts_too(marks: Marks, n: Number) -> bool:
    """Whether a number counts like another of its sentence: "30 of the 45 had a net inflow and 15 a net outflow"."""
    told = [v for v in marks.numbers if v is not n and v.step == 0 and COUNTED.match(marks.low, v.end)]
    return bool(told) and bool(
        HAD.match(marks.low, n.end)
        or _OF_THEM.match(marks.low, n.end)
        or _ONE_MORE.match(marks.low, n.end)
        or _AGAINST.search(marks.low[: n.start])
        and any(v.end <= n.start for v in told)
    )


def _exceeds_by(marks: Marks, n: Number) -> bool:
    """Whether a number is by how much one thing exceeds another: "outnumber France's 70,000 by 40,000"."""
    by = _BY_ONLY.search(marks.low[: n.start])
    if by is None:
        return False
    words = [
        m for m in marks.compares
        if m.values[0] in ("more", "less")
        and m.end <= by.start()
        and not any(meet((m.start, m.end), (d.start, d.end)) for d in marks.directions)
    ]  # fmt: skip
    if any(words and words[-1].end <= c.start < by.start() for c in marks.changes):
        return False  # "more than doubled, rising by"
    return bool(words) and not re.search(r"[;]|, (?:while|but|and)", marks.low[words[-1].end : by.start()])


def _summed(marks: Marks, n: Number) -> bool:
    """Whether a number is what several places have together."""
    return len({p.values for p in marks.places}) > 1 and _TOGETHER.search(marks.low) is not None and n.role != "rank"


def _totals(marks: Marks, n: Number) -> bool:
    """Whether a number after "of" is a whole that something is counted or ranked in."""
    if COUNTED.match(marks.low, n.end):
        return True
    before = [v for v in marks.numbers if v.end <= n.start and n.start - v.end < 30]
    if any(m.end <= n.start <= m.end + 16 for m in marks.ranks):
        return True  # "dead last out of 45"
    if before and _OF_MANY.search(marks.low) and _COUNT_OF.match(marks.low, before[-1].end):
        return True  # "30 of 45 places"
    return bool(before) and (before[-1].role == "rank" or HAD.match(marks.low, n.end) is not None)


def _gap_number(marks: Marks, n: Number, near: Sequence[Mark]) -> bool:
    """Whether a number is the difference itself and not one of the two values."""
    for m in near:
        if m.end <= n.start:
            words = marks.gap(m.end, n.start)
            if (
                not any(m.end <= v.start < n.start and low_before(marks, v) != "(" for v in marks.numbers)
                and len(re.findall(r"\w+", words)) <= 7
                and not re.search(r"[(;]\s*$", words)
                and re.search(
                    r"\b(?:of|was|is|by|to|at|stood|comes|amounts|equals|came|reached|totalled|amounted|were|"
                    r"measures)\b|[:=]",
                    words,
                )
            ):
                return True
        elif re.fullmatch(r"\s*(?:points? |percentage points? |units? )?", marks.gap(n.end, m.start)):
            return True
    return False


def _change_number(marks: Marks, n: Number) -> bool:
    """Whether a number is by how much something moved: "by 0.15", "a drop of 0.15", "down 0.15"."""
    low = marks.low
    if _CHANGED.match(low[n.end :]):
        return True
    before = low[: n.start]
    if _TO.search(before) and not re.search(r"\bby\s+(?:[a-z]+ ){0,3}$", before):
        return False
    if n.role in ("percent", "points") and any(
        m.end <= n.start and marks.low[m.end : n.start].strip() in ("", "by", "about", "some", "roughly", "nearly")
        for m in marks.changes
    ):
        return True
    if _MADE_UP.search(re.sub(r"up $", "", before)):
        return False
    if not _BY.search(before):
        return any(
            m.end <= n.start and not marks.gap(m.end, n.start).strip(" ,:") and m.values[1] in ("rise", "drop", "fall")
            for m in marks.changes
        )
    word = _BY.search(before)
    at = word.start() if word else n.start
    if re.match(r"(?:up|down)\b", low[at:]) and n.role in ("points", "percent") and not _MADE_UP.search(low[:at]):
        return True
    near = [m for m in marks.changes if m.end <= n.start and len(marks.gap(m.end, at).split()) <= 6]
    if low[at:].startswith("by"):
        return bool(near) or bool(marks.changes)
    return any(
        m.end >= at - 1 or len(marks.gap(m.end, at).split()) == 0 for m in near if m.values[1] not in ("growth",)
    )
