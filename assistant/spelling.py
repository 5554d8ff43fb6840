"""Putting a question's spelling right before it is read: short forms, short years, slips of the keys.

Only the reading uses the result; the answer keeps the question as it was typed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from assistant.lexicon import lexicon
from corpus.words import STOP_WORDS

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_LEAST_LIKE = 0.84  # how like a known word a misspelling must be
_SHORTEST = 6  # letters; shorter words have too many neighbours
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_YEAR = re.compile(r"(?<![\w.,'])['\u2019](?P<a>[12]\d)\b(?!['\u2019])|\bwb(?P<b>1\d)\b", re.IGNORECASE)
_PAIR = re.compile(r"(?<=\s)([12]\d)(\s*(?:vs\.?|to|and|-|\u2013|/)\s*)([12]\d)(?=\s|$|\?)")
_EDITIONS = re.compile(
    r"\b(20\d\d)(\s+(?:to|and|or|vs|versus)\s+(?:the\s+)?)(20\d\d) (editions?|AI Index)\b(?! 20\d\d)", re.IGNORECASE
)
_PUBLISHED = re.compile(
    r"\bAI Index(?: Report)? (?:published|released|issued|printed|that appeared|of|from) (?:in )?(20\d\d)\b",
    re.IGNORECASE,
)
_REPORT = re.compile(r"\bStanford(?:['\u2019]s| HAI's)? (20\d\d) (?:report|index|AI Index)\b", re.IGNORECASE)
_INDEX = re.compile(r"\b(index|report|edition)\s+(2[4-6])\b", re.IGNORECASE)


_BRACKETED = re.compile(
    r"\b(?:(?:old|older|new|newer|earlier|later|first|second) )?editions? \((20\d\d)\)", re.IGNORECASE
)
_STANFORD = re.compile(
    r"\b(20\d\d) (?:stanford|hai)(?: hai)? (?:report|edition)\b"
    r"|\b(20\d\d) (?:report|edition) (?:from|by|of) (?:stanford|hai)(?: hai)?\b",
    re.IGNORECASE,
)
_FIGURE_ABROAD = re.compile(
    r"\b(?:figura|gr[a\u00e1]fic[oa]|abbildung|abb\.?|schaubild|graphique|chart|exhibit)\s+(?=\d+\.\d)|(?:\u56f3\u8868?|\uadf8\ub9bc|\ub3c4\ud45c)\s*(?=\d+\.\d)",
    re.IGNORECASE,
)
_MEAN_OF = re.compile(
    r"\b(20\d\d) (20\d\d)(?= (?:average|mean|avg|median))|(?<=average )(20\d\d) (20\d\d)\b", re.IGNORECASE
)
_US = re.compile(r"(?<=\band )us(?= (?:ai|in|on|for)\b|[,?]|$)|(?<=\bversus )us\b|\bus(?= (?:and|versus|vs) [a-z]{2})")
_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_A_BASE = r"(?! (?:percent|per (?:cent|ten|a|one|hundred|thousand|million|\d)))"
_SPOKEN_YEAR = re.compile(
    rf"\btwenty[- ](?:(?P<teen>{'|'.join(_TEENS)})|twenty(?:[- ](?P<one>{'|'.join(_ONES)}))?)\b{_A_BASE}",
    re.IGNORECASE,
)
_SPOKEN_DIGIT = rf"(?:twenty )?(?:{'|'.join(_ONES)})"
_SPOKEN_FIGURE = re.compile(
    rf"\bfig(?:ure)?\.? ({_SPOKEN_DIGIT}(?: point {_SPOKEN_DIGIT}(?: {'(?:' + '|'.join(_ONES) + ')'})?)+)",
    re.IGNORECASE,
)


_NUMBER = "|".join(
    [*_ONES, *_TEENS, *"zero twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million".split()]
)
_LIMIT = (
    r"above|below|over|under|than|at least|at most|exceed(?:s|ed|ing)?|clear(?:s|ed)?|surpass(?:es|ed)?|topp?(?:s|ed)"
)
_SPOKEN_NUMBER = re.compile(
    rf"(?P<sign>\b(?:plus|minus|negative) )?(?P<limit>\b(?:{_LIMIT}) )?"
    rf"(?P<words>\b(?:an? (?=hundred|thousand))?(?:{_NUMBER})(?:(?:[ -]|(?: and | point ))(?:{_NUMBER}))*\b)"
    r"(?P<half> and a half\b)?",
    re.IGNORECASE,
)


def _number_of(match: re.Match[str]) -> str:
    """A dictated amount in digits: "minus four hundred" is -400; "three" is one only behind a sign or limit."""
    words = match["words"].lower().split()
    signed = match["sign"] and match.group().lower() != "negative one"  # "its only negative one" counts years
    amount = {"hundred", "thousand", "million", "point"} & set(words[1:]) or signed
    if not amount and (words in (["one"], ["zero"]) or not match["limit"]):
        return match.group()
    from text_to_num import alpha2digit  # type: ignore[import-untyped]  # late: few questions are dictated

    sign = {"plus": "+", "minus": "-", "negative": "-"}[match["sign"].strip().lower()] if match["sign"] else ""
    digits = alpha2digit(" ".join(w for w in words if w not in ("a", "an")), "en", 0)
    return f"{match['limit'] or ''}{sign}{digits}{'.5' if match['half'] else ''}"


def _year_of(match: re.Match[str]) -> str:
    """A dictated year: "twenty seventeen" is 2017, "twenty twenty-one" 2021."""
    if match["teen"]:
        return str(2010 + _TEENS.index(match["teen"].lower()))
    return str(2020 + (_ONES.index(match["one"].lower()) + 1 if match["one"] else 0))


def _digits(words: str) -> str:
    """Dictated digits: "two four" and "twenty four" are both 24."""
    return "".join("2" if w == "twenty" else str(_ONES.index(w) + 1) for w in words.lower().split())


def expanded(text: str) -> str:
    """Short forms written out: "ai idx 25" is "ai index 2025", "'17" is 2017."""
    forms = lexicon().abbreviations

    def full(match: re.Match[str]) -> str:
        return forms.get(match.group().lower(), match.group())

    if text.upper() == text and len(text.split()) > 3:
        text = text.lower()
    text = _SPOKEN_YEAR.sub(_year_of, text)
    text = _SPOKEN_FIGURE.sub(lambda m: "figure " + ".".join(_digits(part) for part in m[1].split(" point ")), text)
    text = _SPOKEN_NUMBER.sub(_number_of, text)
    text = re.sub(r"\bminus (?=\d)(?!(?:19|20)\d\d\b)", "-", text, flags=re.IGNORECASE)
    text = _BRACKETED.sub(r"AI Index \1", text)
    text = _STANFORD.sub(lambda m: f"AI Index {m[1] or m[2]}", text)
    text = _FIGURE_ABROAD.sub("figure ", text)
    text = _MEAN_OF.sub(lambda m: f"{m[1] or m[3]}-{m[2] or m[4]}", text)
    text = _US.sub("US", text)
    text = _PUBLISHED.sub(r"AI Index \1", text)
    text = _REPORT.sub(r"AI Index \1", text)
    text = _EDITIONS.sub(r"\1 \4\2\3 \4", text.replace("_", " "))
    text = re.sub(r"\b(top|bottom)(\d{1,2})\b", r"\1 \2", text, flags=re.IGNORECASE)
    text = _WORD.sub(full, text).replace("versus. ", "versus ")
    text = _YEAR.sub(lambda m: f"20{m['a']}" if m["a"] else f"wb 20{m['b']}", text)
    text = _INDEX.sub(r"\1 20\2", text)
    if len(text.split()) <= 10:
        text = _PAIR.sub(r"20\g<1>\g<2>20\g<3>", text)
    return text


class Speller:
    """Known words, against which an unknown one is held."""

    def __init__(self, words: Iterable[str], names: Iterable[str] = ()) -> None:
        self._names = [w for w in names if w.isascii() and len(w) >= _SHORTEST - 1 and " " not in w]
        self._known = {w for phrase in words for w in _WORD.findall(phrase.lower()) if w.isascii()}
        self._long: dict[str, list[str]] = {}  # by their first letter
        for w in sorted(w for w in self._known if len(w) >= _SHORTEST - 1):
            self._long.setdefault(w[0], []).append(w)

    def corrected(self, text: str, keep: Iterable[str] = ()) -> str:
        """The text with each slip of a known word put right; words in `keep` stand."""
        kept = {w.lower() for w in keep}

        def right(match: re.Match[str]) -> str:
            word = match.group()
            low = word.lower()
            bare = low.removesuffix("'s").removesuffix("\u2019s")
            if bare in kept or self._stands(bare):
                return word
            if word[:1].isupper() and match.start() > 0:  # a name: only a place can be meant
                return (self._place(bare) or bare).title() + word[len(bare) :] if self._place(bare) else word
            return self._nearest(bare) or word

        return _WORD.sub(right, text)

    @lru_cache(maxsize=4096)  # noqa: B019 - as above
    def _place(self, word: str) -> str | None:
        near = [n.lower() for n in self._names if n[0].lower() == word[0] and abs(len(n) - len(word)) <= 2]
        like = difflib.get_close_matches(word, [n for n in near if _may_be_like(word, n)], n=1, cutoff=_LEAST_LIKE)
        place: str | None = like[0] if like and len(word) >= _SHORTEST - 1 and not _english(word) else None
        return place

    def _stands(self, word: str) -> bool:
        stems = (word, word.removesuffix("s"), word.removesuffix("es"), word + "s")
        return word in STOP_WORDS or any(w in self._known for w in stems)

    @lru_cache(maxsize=4096)  # noqa: B019 - one speller lives as long as its table
    def _nearest(self, word: str) -> str | None:
        swapped = [w for w in _swaps(word) if w in self._known] if len(word) > 3 else []
        if len(swapped) == 1 and not _english(word):  # two letters changed places: "bnak"
            found: str = swapped[0]
            return found
        if len(word) < _SHORTEST:
            return None
        near = [w for w in self._long.get(word[0], ()) if abs(len(w) - len(word)) <= 2 and _may_be_like(word, w)]
        near = [w for w in near if not _inflected(word, w)]  # another form is no slip
        like = difflib.get_close_matches(word, near, n=1, cutoff=_LEAST_LIKE)
        nearest: str | None = like[0] if like and not _english(word) else None
        return nearest


@cache
def _dictionary() -> SpellChecker:
    from spellchecker import SpellChecker  # 0.2 s, and few questions need it

    return SpellChecker(language="en")


def _english(word: str) -> bool:
    return word in _dictionary()


def _may_be_like(a: str, b: str) -> bool:
    """Whether two words have letters enough in common; difflib, which tells, takes a hundred times as long."""
    return 2 * min(len(a) - len(_letters(a) - _letters(b)), len(b)) >= _LEAST_LIKE * (len(a) + len(b))


@lru_cache(maxsize=16384)
def _letters(word: str) -> frozenset[str]:
    return frozenset(word)


def _inflected(a: str, b: str) -> bool:
    """Whether one is the other with an ending: compute, computed."""
    short, long = sorted((a, b), key=len)
    return long.startswith(short) and long[len(short) :] in (
        "s",
        "es",
        "d",
        "ed",
        "ing",
        "er",
        "ers",
        "r",
        "rs",
        "ly",
        "al",
    )


def _swaps(word: str) -> set[str]:
    """The word with two letters that stand side by side changed round, in every place where they differ."""
    pairs = zip(word, word[1:], strict=False)
    return {f"{word[:n]}{b}{a}{word[n + 2 :]}" for n, (a, b) in enumerate(pairs) if a != b}
