"""Short answers: the date, the amount or the name inside a quoted sentence that the question asks for.

What is taken is a slice of the sentence, and only where one slice alone can be meant; else there is
none, since a wrong lead is worse than no lead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Literal

from assistant.likeness import stem, stems_of
from assistant.relative import MONTHS

Wanted = Literal["date", "duration", "money", "share", "count", "who", ""]

_MONTH = "|".join(MONTHS)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}} (?:{_MONTH}) (?:19|20)\d\d|(?:{_MONTH}) \d{{1,2}}, (?:19|20)\d\d|(?:{_MONTH}) (?:19|20)\d\d"
    rf"|\d{{1,2}} (?:{_MONTH})\b(?! \d))|(?<![\d,.])\b(?:19|20)\d\d\b(?![,.]\d|%)"
)
_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|half"
_N = rf"(?:\d(?:[\d,]*\d)?(?:\.\d+)?|\b(?:{_WORDS})\b)"
_SCALE = r"(?: ?(?:thousand|million|billion|trillion|crore|lakh))?"
_CURRENCY = (
    r"(?:USD|EUR|GBP|KRW|JPY|SGD|CAD|AUD|CNY|INR|CHF|AED|NTD|TWD|ILS|NIS|HKD|US\$|S\$|NT\$"
    r"|[$\u20ac\u00a3\u00a5\u20a9\u20b9])"
)
_PER = r"(?: (?:a|per) (?:month|year|hour|day))?"
_MONEY = re.compile(
    rf"{_CURRENCY} ?{_N}{_SCALE}{_PER}"
    rf"|{_N}{_SCALE} (?:yen|won|euros?|dollars|pounds|rupees|francs|dirhams?|shekels?){_PER}"
)
_SHARE = re.compile(r"[-+\u2212]?\d+(?:\.\d+)? ?(?:%|per ?cent\b|percentage points?)")
_LASTS = re.compile(rf"{_N}(?:(?: to | or |-){_N})?[ -](?:years?|months?|weeks?|days?|hours?)\b", re.IGNORECASE)
_TERM = re.compile(r"\b(?:for|lasts?|to|up to|within|takes?|another|valid) $")
_BOUND = re.compile(
    r"\b(?:(?:just|well|no|not) )?(?:up to|at (?:least|most)|(?:more|less|fewer) than|as (?:many|much) as"
    r"|over|under|above|below|about|around|roughly|approximately|nearly|almost|some|only"
    r"|an? (?:minimum|maximum|average) of) \Z",
    re.IGNORECASE,
)
_VERBS_AFTER = "do|does|did|is|are|was|were|has|have|had|can|will|elsewhere|more|others?|there"
_ENDS = "to|in|of|with|for|from|at|on|by|that|who|which|came|went"
COUNTED = re.compile(  # the things alone: "children came to Korea" are counted as children
    rf"\b(?:how many|number of)\s+(?!(?:{_VERBS_AFTER})\b)((?:(?!(?:{_ENDS})\b)[\w-]+\s*){{1,4}})", re.IGNORECASE
)
_PERSON = r"[A-Z][\w'\u2019-]+(?:[ -](?:[A-Z]\.|[A-Z][\w'\u2019-]*|de|van|bin))+"
_PEOPLE = re.compile(rf"{_PERSON}(?:, {_PERSON})*(?:,? and {_PERSON})?")
_BREAKS = re.compile(r"[;:]|,? (?:and|but|while|whereas)(?= (?:[a-z]+ed|was|were|is|are|has|opened|ran|began)\b)|, ")
# What happened to a thing: words of one row may stand for each other.
_EVENTS = (
    "start started open opened opening launch launched begin began begun introduced force effect applied applies "
    "since came come took operating",
    "announce announced unveiled announcement public presented present",
    "adopt adopted settled approved passed agreed dates enacted",
    "revoke revoked rescinded end ended expire expired closed repealed",
    "publish published appeared dated issued printed release released",
    "found founded established created set",
)
_VERBS = {word: n for n, row in enumerate(_EVENTS) for word in row.split()}
_NAME = re.compile(  # "who may apply" asks for a rule, and for nobody's name
    r"\bwho\b(?! (?:can|may|must|could|should|needs?|qualif\w+|(?:is|are) (?:eligible|allowed))\b)|\bby whom\b"
    r"|\bwhich (?:person|minister|body|agency|founder)\b"
)
_HEADS = frozenset(
    "run runs head heads lead leads led founded found launched announced received receive got get wrote".split()
)


@lru_cache(maxsize=1024)
def wanted(question: str) -> Wanted:
    """What kind of short answer a question asks for, if any."""
    low = question.lower()
    if re.match(r"(?:is|are|was|were|do|does|did|has|have|had|can|could|may|must|will)\b", low):
        return ""  # a yes or no
    if re.search(
        r"\bwhy\b|\bfactor\b|\bincome tax\b|\bby how much\b|\bhow (?:do|does|did|is|are|can|could)\b"
        r"|\bsummar|\bcompare|\bdiffer",
        low,
    ):
        return ""
    if re.search(r"\bhow long\b|\b(?:how many|number of) (?:years|months|weeks|days|hours)\b|\bfor how long\b", low):
        return "duration"
    if re.search(
        r"^(?:\W*\w+){0,2}?\W*\bwhen\b|(?:\band|,|:|;) (?:\w+ )?when\b|\bstart date\b"
        r"|\b(?:what|which|the (?:true|exact|right)) (?:\w+ )?(?:date|day|year|month)\b|\bwhat date\b",
        low,
    ):
        return "date"
    if re.search(r"\b(?:what|which) (?:share|percentage|percent|proportion)\b|\bhow many per ?cent\b", low):
        return "share"
    if re.search(
        r"\bhow (?:much|big)\b"
        r"|\b(?:salary|pay|fee|cost|costs|outlay|budget|earn|capital|wage|price|threshold|income|funding|valuation)\b",
        low,
    ):
        return "money"
    if re.search(r"\bhow many\b|\bnumber of\b|\bquota\b", low):
        return "count"
    return "who" if _NAME.search(low) else ""


def short_answer(question: str, sentence: str, about: Collection[str] = ()) -> tuple[int, int] | None:
    """The slice of a sentence that answers, or None. `about` holds stems of what the question is about."""
    kind = wanted(question)
    return _slice(kind, question, sentence, frozenset(about) if kind == "who" else frozenset()) if kind else None


@lru_cache(maxsize=8192)  # the same sentences are scored, chosen among and marked
def _slice(kind: Wanted, question: str, sentence: str, about: frozenset[str]) -> tuple[int, int] | None:
    find = {
        "date": _date, "duration": _duration, "money": _amount, "share": _percent, "count": _count, "who": _who,
    }.get(kind)  # fmt: skip
    span = find(question, sentence, about) if find else None
    return span and (_bounded(sentence, span[0]), span[1])


def _bounded(sentence: str, start: int) -> int:
    """Where a slice begins with the words that bound it: "up to 2 years" is not "2 years"."""
    bound = _BOUND.search(sentence, 0, start)
    return bound.start() if bound else start


def _only(question: str, found: Sequence[re.Match[str]]) -> tuple[int, int] | None:
    """The one slice that the question does not already hold."""
    low = question.lower()
    new = {m.group().lower(): m for m in reversed(found) if m.group().lower() not in low}
    return next(iter(new.values())).span() if len(new) == 1 else None


def _date(question: str, sentence: str, about: Collection[str]) -> tuple[int, int] | None:
    found = [m for m in _DATE.finditer(sentence) if m.group() not in question]
    rows = {_VERBS[w] for w in re.findall(r"[a-z]+", question.lower()) if w in _VERBS}
    verbs = {_VERBS[w] for w in re.findall(r"[a-z]+", sentence.lower()) if w in _VERBS}
    if not rows:  # no word of the question says which event is meant, so the sentence must tell of none
        return None if verbs else _only(question, found)
    parts: list[tuple[int, int]] = []
    at = 0
    for m in _BREAKS.finditer(sentence):
        parts.append((at, m.start()))
        at = m.end()
    parts.append((at, len(sentence)))
    good = [
        (a, b)
        for a, b in parts
        if rows & {_VERBS[w] for w in re.findall(r"[a-z]+", sentence[a:b].lower()) if w in _VERBS}
    ]
    inside = [m for m in found if any(a <= m.start() and m.end() <= b for a, b in good)]
    if inside:
        return _only(question, inside)
    return _only(question, found) if not verbs or verbs & rows else None  # announced is not opened


def _duration(question: str, sentence: str, about: Collection[str]) -> tuple[int, int] | None:
    found = list(_LASTS.finditer(sentence))
    span = _only(question, found)
    term = span and (_TERM.search(sentence[: span[0]]) or "-" in sentence[slice(*span)])
    return span if term else None  # "five years leading a product" is no time that a thing lasts


def _amount(question: str, sentence: str, about: Collection[str]) -> tuple[int, int] | None:
    return _only(question, list(_MONEY.finditer(sentence)))


def _percent(question: str, sentence: str, about: Collection[str]) -> tuple[int, int] | None:
    return _only(question, list(_SHARE.finditer(sentence)))


def _count(question: str, sentence: str, about: Collection[str]) -> tuple[int, int] | None:
    asked = COUNTED.search(question)
    nouns = stems_of(asked[1]) if asked else set()
    found = []
    other = [m.span() for kind in (_DATE, _MONEY) for m in kind.finditer(sentence)]
    for m in re.finditer(rf"(?<![\d.,-]){_N}{_SCALE}(?P<rest>(?: [\w-]+){{0,4}})", sentence):
        if any(a <= m.start() < b for a, b in other):
            continue  # "15 November 2020 holders" counts no holders
        after = m["rest"].split()
        for n, word in enumerate(after):
            if stem(word.lower()) in nouns and not re.fullmatch(r"(?:19|20)\d\d", m.group().split()[0].strip(",")):
                while n + 1 < len(after) and (stem(after[n + 1].lower()) in nouns or after[n + 1][0].isupper()):
                    n += 1  # the whole name: "69,353 EU Blue Cards"
                found.append((m.start(), m.start("rest") + len(" ".join(["", *after[: n + 1]]))))
                break
    spans = {sentence[a:b].lower(): (a, b) for a, b in found if sentence[a:b].lower() not in question.lower()}
    return next(iter(spans.values())) if len(spans) == 1 else None


def _who(question: str, sentence: str, about: Collection[str]) -> tuple[int, int] | None:
    verbs = {stem(w) for w in re.findall(r"[a-z]+", question.lower())} - {"who"}
    by = re.search(
        rf"\b([a-z]+)(?: in(?: [A-Z][a-z]+)? \d{{4}})? by (?:[a-z]+ ){{0,3}}(?P<who>{_PEOPLE.pattern})", sentence
    )
    if by and (stem(by[1]) in verbs or by[1] in _HEADS):
        return _unasked(about, sentence, by.span("who"))
    for m in _PEOPLE.finditer(sentence):
        after = re.match(r" (?:[a-z]+ ){0,2}?([a-z]+)\b", sentence[m.end() :])
        if after and (stem(after[1]) in verbs or (after[1] in _HEADS and verbs & {stem(v) for v in _HEADS})):
            return _unasked(about, sentence, m.span())
    return None


def _unasked(about: Collection[str], sentence: str, span: tuple[int, int]) -> tuple[int, int] | None:
    """A name that the question is not about: "OpenAI Japan" does not say who runs OpenAI in Japan."""
    said = stems_of(sentence[span[0] : span[1]].replace("-", " "))
    return None if said & set(about) else span
