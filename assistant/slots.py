"""The slots of a question that need no library: years, base, threshold, how many, language, doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.lexicon import Found, lexicon, says
from assistant.types import Reason

Span = tuple[int, int]
LAST_YEAR = 2026  # later years can only be forecasts

_YEAR = re.compile(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d]|[.,]\d)")
_RANGE = re.compile(
    r"((?:19|20)\d\d)\s*(?:->|\u2192|-|\u2013|\u2014|to|through|until|till|and|\.\.+|~|부터|から|à|bis|a|hasta|und|et|y)\s*"
    r"((?:19|20)\d\d|\d\d(?!\d))",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|starting in|starting from|beginning in|after|from|depuis|seit|desde)$", re.IGNORECASE)
_ONWARD = re.compile(r"\s*(?:on\b(?!\s+[a-z])|onwards?|on\?|forward|and later|부터|以降|から)", re.IGNORECASE)
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?:\s+\d{1,2},?)?$", re.IGNORECASE
)
_UNTIL = re.compile(r"\b(?:until|till|up to|through|before)$", re.IGNORECASE)
_BASE = re.compile(
    r"(?:\b(?:per|for every|for each|out of|in every|in a|in|to|base of|basis of|auf|pour|pro|por cada|por|par|je)"
    r"[\s-]+(?:a\s+|one\s+|each\s+|eine\s+|un\s+)?|\s/\s*)"
    r"(10[,.\s]?000|hundred(?! thousand)|100(?![,.\s]?\d)|mill?i[o\u00f3]n|100[,.\s]?000|"
    r"1[,.]?000[,.]?000|1[,.]?000|10k|100k|1m|million|hundred thousand|"
    r"ten thousand|thousand|mille)\b",
    re.IGNORECASE,
)
_BASE_CJK = re.compile(r"(100\s?만|10\s?만|1?\s?만|100万|10万|1?万)\s?(?:명|인|人)\s?(?:당|あたり|当たり|につき)")
_PERCENT = re.compile(
    r"\bwhat per ?cent(?:age)? of (?:its |the |all )?(?:(?:ai[- ]skilled |linkedin )members|members with ai skills)\b"
    r"(?= did| has| have| was lost| left| is that| does that| are that)"
    r"|\b(?:as|in|into|to)\s+(?:a\s+)?(?:percent|per cent|percentage)"
    r"(?:\s+of\s+(?:its\s+|the\s+|all\s+)?(?:ai[- ]skilled\s+|linkedin\s+)*members\b"
    r"|\s+(?:rather|instead)\b|\s*[?.!,]|$)",
    re.IGNORECASE,
)
_BASES = {
    "100": 100,
    "hundred": 100,
    "10000": 10_000,
    "100000": 100_000,
    "1000000": 1_000_000,
    "1000": 1_000,
    "10k": 10_000,
    "100k": 100_000,
    "1m": 1_000_000,
    "million": 1_000_000,
    "mill\u00f3n": 1_000_000,
    "millon": 1_000_000,
    "mili\u00f3n": 1_000_000,
    "hundred thousand": 100_000,
    "ten thousand": 10_000,
    "thousand": 1_000,
    "mille": 1_000,
}
_SUPERLATIVE = (
    "top|bottom|first|last|best|worst|leading|biggest|largest|highest|lowest|smallest|most|strongest|"
    "weakest|greatest|fastest|heaviest|steepest"
)
_TOP = (
    re.compile(rf"\b(?:{_SUPERLATIVE})[\s-]+(\d{{1,3}}|[a-z]+)\b", re.IGNORECASE),
    re.compile(rf"\b(\d{{1,3}}|[a-z]+)\s+(?:countries\s+(?:with\s+(?:the\s+)?)?)?(?:{_SUPERLATIVE})\b", re.IGNORECASE),
)
_TOP_ABROAD = (
    re.compile(r"(?:top|상위|하위|上位|下位|ersten|besten|letzten|größten|premiers|premières|derniers|primeros|"
               r"primeras|mejores|peores|últimos)\s*(\d{1,3}|[三五十]|[^\W\d_]+)"),
    re.compile(r"(\d{1,3}|[^\W\d_]+)\s+(?:spitzen|ersten|besten|letzten|größten|stärksten|schwächsten|premiers|"
               r"premières|meilleurs|derniers|primeros|primeras|mejores|peores|últimos"
               r"|(?:países|economías|estados|pays|économies|länder|staaten) (?:con|que|avec|qui|mit|die)\b)"),
)  # fmt: skip
_SO_MANY = re.compile(r"\bthe (\d{1,2}|[a-z]+) (?:countries|places|economies|nations|states) (?:that|which|with)\b")
_NUMBER = r"[-+\u2212]?\d[\d,]*(?:\.\d+)?"
_BETWEEN = re.compile(
    r"\b(?:between|from)\s+([-+\u2212]?\d[\d,]*(?:\.\d+)?)\s+(?:and|to)\s+([-+\u2212]?\d[\d,]*(?:\.\d+)?)(?![\w%])"
)
_NOT_A_PLACE = re.compile(
    r"\s*(?:edition|quarter|half|time|wave|chart|figure|of\b(?! (?:all|the (?:\d|world)))|opinion|thought|source|party)"
)
_PART = re.compile(r"\b(?:one|two|a|an|over a|about a|every)[\s-]$")
_NTH = re.compile(
    r"\b([2-9]|[1-9]\d)(?:nd|rd|th)\b"
    r"(?= (?:place|country|in|on|of|from|highest|lowest|best|worst|largest|smallest|by)\b|\W*$)"
    r"|\b(?:number|no\.|nr\.?|place|position|spot) ([2-9]|[1-9]\d)\b(?![.,]?\d| countr| place)"
)
_NOT_A_LIMIT = frozenset(
    "number value source year years figure edition country countries places members states nations economies".split()
)
_REPORTED = re.compile(
    r"\b(propos|recommends|recommended|suggest|according|report|(?<!would you )say|says|said|call for|called for)"
)


@dataclass(frozen=True, slots=True)
class Years:
    """The years a question names; `start` and `end` are open ("since 2019", "until 2019")."""

    named: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()
    start: int | None = None
    end: int | None = None
    ranged: bool = False  # the years between two named ones are meant too
    dropped: tuple[int, ...] = ()  # named to be left out: "besides 2019"


def years(text: str) -> Years:
    """The years and ranges of years of a text."""
    found: set[int] = set()
    spans: list[Span] = []
    dated: set[int] = set()
    ranged = False
    for m in _RANGE.finditer(text):
        second = m[2] if len(m[2]) == 4 else m[1][:2] + m[2]
        a, b = int(m[1]), int(second)
        between = re.search(r"(between|entre|zwischen)\s*$", text[: m.start()], re.IGNORECASE)
        pair = m.group()[len(m[1]) : -len(m[2])].strip().lower() in ("and", "und", "et", "y") and not between
        if not a < b <= a + 30:
            continue
        found |= {a, b} if pair else set(range(a, b + 1))
        ranged = ranged or not pair
        spans.append(m.span())
    start = end = None
    for m in _YEAR.finditer(text):
        if any(a <= m.start() < b for a, b in spans):
            continue
        before = text[: m.start()].rstrip()
        if _MONTH.search(before):
            pass
        elif _SINCE.search(before) or _ONWARD.match(text, m.end()):
            start = int(m[1])
        elif _UNTIL.search(before):
            end = int(m[1])
        spans.append(m.span())
        if _MONTH.search(before):
            dated.add(int(m[1]))
            continue
        found.add(int(m[1]))
    found = found or dated  # "after October 2023, what do the 2024 numbers say?" asks for 2024
    return Years(tuple(sorted(found)), tuple(spans), start, end, ranged)


def without_future(found: Years, core: int, end: int) -> Years:
    """The years without those to come that only the talk around the question names."""
    talk = {y for y, (a, _b) in zip(found.named, sorted(found.spans), strict=False) if not core <= a < end}
    kept = tuple(y for y in found.named if y <= LAST_YEAR or y not in talk)
    return replace(found, named=kept) if kept and not found.ranged else found


def base(text: str) -> tuple[int | None, Span | None]:
    """What a rate is asked per: 10,000, 100,000, a million."""
    if match := _BASE_CJK.search(text):
        key = re.sub(r"[\s만万]", "", match[1]) or "1"
        return int(key) * 10_000, match.span()
    found = list(_BASE.finditer(text))
    # "gives its value per 10,000: what is that per 100,000?" asks for the other base
    match = next((m for m in reversed(found) if _per(m) != 10_000), found[0] if found else None)
    if percent := _PERCENT.search(text):
        return 100, percent.span()
    if not match:
        return None, None
    return _per(match), match.span()


def _per(match: re.Match[str]) -> int | None:
    key = match[1].lower()
    return _BASES.get(key) or _BASES.get(re.sub(r"[,.\s]", "", key))


def top(low: str) -> int | None:
    """How many of a ranking: "top 5", "three highest", "second and third" with the first before them."""
    if re.search(r"\bsecond(?: and|,)(?: the)? third\b", low):
        return 3
    if (match := _SO_MANY.search(low)) and (match[1].isdigit() or match[1] in lexicon().numbers):
        return int(match[1]) if match[1].isdigit() else lexicon().numbers[match[1]]
    for pattern in (*_TOP, *_TOP_ABROAD):
        for match in pattern.finditer(low):
            word = match[1]
            number = int(word) if word.isdigit() else lexicon().numbers.get(word)
            if number and number < 200:
                return number
    return None


def threshold(text: str, slots: Sequence[Found]) -> tuple[Decimal | None, bool]:
    """A limit and whether below it is meant: "above 2", "under -1"."""
    if topped := re.search(r"\btop(?:s|ped)?\s+(\d+(?:\.\d+)?)\s+per\b", text, re.IGNORECASE):
        return Decimal(topped[1]), False
    for slot in slots:
        if slot.value not in ("above", "below"):
            continue
        rest = text[slot.end :]
        match = re.match(rf"\s*(?:a\s+)?({_NUMBER}|zero|one|two|three|five|ten)(?![\d])", rest, re.IGNORECASE)
        if not match or _YEAR.match(rest.lstrip()):
            continue
        behind = re.split(r"\b(?:in|on|of|for)\b", rest[match.end() :], maxsplit=1)[0]
        after = {w.lower().strip("s?.,") for w in behind.split()[:2]}
        if after & _NOT_A_LIMIT:
            continue
        raw = match[1].replace(",", "").replace("\u2212", "-").lower()
        return Decimal(lexicon().numbers.get(raw, 0) if raw[0].isalpha() else raw), slot.value == "below"
    return None, False


def between(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Two limits: "between 0 and 1", "from -0.05 to +0.05"; years and bases are none."""
    match = _BETWEEN.search(text)
    if match is None or _YEAR.search(match.group()):
        return None, None
    a, b = (Decimal(n.replace(",", "").replace("\u2212", "-").replace("+", "")) for n in match.groups())
    return (a, b) if a < b else (b, a)


def nth(low: str) -> int | None:
    """Which place of a ranking: "third", "runner-up", "number two"; a part ("a third of") is none."""
    if re.search(r"\bsecond(?: and|,)(?: the)? third\b", low):
        return None
    if match := _NTH.search(low):
        return int(match[1] or match[2])
    for word, number in lexicon().ordinals.items():
        match = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w])", low)
        if match and not _NOT_A_PLACE.match(low, match.end()) and not _PART.search(low[: match.start()]):
            return number
    return None


def direction(flow_words: Sequence[Found]) -> str:
    """In or out, or "" where the words of flow say neither or both."""
    kinds = {f.value for f in flow_words if f.value != "none"}
    return kinds.pop() if len(kinds) == 1 else ""


def shifted(low: str) -> int | None:
    """How many years a follow-up moves: "the year before" is -1, "two years later" is 2."""
    match = re.search(
        r"\b(?:(?P<n>\d|one|two|three|four|five)\s+)?years?\s+(?P<way>before|earlier|prior|later|after|on\b)"
        r"|\b(?P<adj>previous|prior|preceding|following|next)\s+year\b"
        r"|(?P<then>\bbefore that\b|\bim jahr (?:davor|zuvor)|"
        r"\bann\u00e9e (?:pr\u00e9c\u00e9dente|d'avant)|\ba\u00f1o anterior|"
        r"\uc804\ub144|\uc804\ud574|\uadf8 \uc804 \ud574|\u524d\u5e74|\u524d\u306e\u5e74)",
        low,
    )
    if not match:
        return None
    if match["then"]:
        return -1
    word = match["n"] or "one"
    number = int(word) if word.isdigit() else lexicon().numbers.get(word, 1)
    back = (match["way"] or match["adj"]) in ("before", "earlier", "prior", "previous", "preceding")
    return -number if back else number


def doubt(
    verdicts: Sequence[Found], named: Sequence[int], low: str, figures: bool, edition: bool = False
) -> Reason | None:
    """Whether an opinion or a forecast is asked for: the library holds neither."""
    future = bool(named) and max(named) > LAST_YEAR
    past = named and not future
    reported = _REPORTED.search(low)
    verdicts = [v for v in verdicts if v.phrase != "should" or says("advice", low)]
    kinds = {v.value for v in verdicts}
    if figures and (past or edition) and not future and not says("advice", low):
        return None  # what was measured then is asked for, in whatever tone
    if "opinion" in kinds and not reported:
        return "opinion_or_prediction"
    if figures and ("prediction" in kinds or (named and max(named) > LAST_YEAR)):
        return "opinion_or_prediction"
    if re.match(r"(will (?!you\b)|(?:what|how|when|who) will\b)", low) and not reported:
        return "opinion_or_prediction"
    return None
