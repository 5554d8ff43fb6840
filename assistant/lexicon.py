"""Finding the words of a lexicon in a text: the one scanner that all word lists go through."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_SPACE = re.compile(r"[\s-]+").match
_ARTICLE = re.compile(r"(?:the|a)\s+").match
_LETTER = re.compile(r"[a-z0-9\u00df-\u024f]").match  # what may not follow a phrase


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of a word list at text[start:end], with what it stands for."""

    value: str
    start: int
    end: int
    phrase: str


class Scanner:
    """Longest phrases first, on word bounds; a hyphen, a space and a line break are the same.

    It finds what one alternation of all phrases would find, without compiling one: thousands of
    phrases took half a second of every cold process, and few of them can stand in any one text.
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for value, words in phrases.items():
            for word in words:
                held = self._values.setdefault(_normal(word), [])
                if value not in held:
                    held.append(value)
        ordered = sorted(self._values, key=lambda w: (-len(w), w))
        self._by_head: dict[str, list[tuple[str, int, str, list[str]]]] = {}  # first word, place in the order, ...
        for place, phrase in enumerate(ordered):
            first, *later = phrase.split(" ")
            self._by_head.setdefault(first[:2], []).append((first, place, phrase, later))

    def find(self, text: str, overlapping: bool = False) -> list[Found]:
        """Every phrase in `text`, in order; none inside another, and none across unless asked for."""
        found: list[Found] = []
        at = end = 0
        for start, _place, stop, phrase in sorted(self._matches(text)):
            if start < at:
                continue
            at = start + 1 if overlapping else stop
            if stop <= end:
                continue
            end = stop
            found += [Found(v, start, stop, phrase) for v in self._values[phrase]]
        return found

    def _matches(self, text: str) -> Iterator[tuple[int, int, int, str]]:
        """Start, place in the order, end and phrase, wherever a phrase stands between word bounds."""
        low, heads = _heads(text)
        for head in self._by_head.keys() & heads:
            for first, place, phrase, later in self._by_head[head]:
                if later and later[-1] not in low:  # most phrases: cheaper than to look where they begin
                    continue
                for start in heads[head]:
                    if low.startswith(first, start) and (stop := _end(low, start + len(first), later)) >= 0:
                        yield start, place, stop, phrase

    def words(self) -> list[str]:
        """Every phrase of the list."""
        return list(self._values)

    def __contains__(self, word: str) -> bool:
        return _normal(word) in self._values


@lru_cache(maxsize=1024)  # some fifty lists look at one text
def _heads(text: str) -> tuple[str, dict[str, list[int]]]:
    """The text in lower case, and where a phrase may begin in it, by its first one and two letters."""
    low = lowered(text)
    heads: dict[str, list[int]] = {}
    for start in range(len(low)):
        if start == 0 or not _in_a_word(low[start - 1]):
            for head in {low[start], low[start : start + 2]}:
                heads.setdefault(head, []).append(start)
    return low, heads


def _in_a_word(before: str) -> bool:
    """Whether a phrase cannot begin after this character; ideographs and Hangul have no word bounds."""
    return not _unspaced(before) and (before.isalnum() or before == "_")


def _unspaced(letter: str) -> bool:
    """Whether a letter is of a script that sets no space between words, or none before a particle."""
    return "\u3040" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3"


def _end(low: str, at: int, later: Sequence[str]) -> int:
    """Where a phrase ends whose first word ends at `at`, a plural "s" included; -1 where it does not stand."""
    ends = [at]
    for word in later:  # an article between two words is passed over, or is the word itself
        ends = [
            gap + len(word)
            for end in ends
            for gap in _gaps(low, end)
            if low.startswith(word, gap)
        ]  # fmt: skip
    for end in ends:
        for stop in (end + 1, end) if low.startswith("s", end) else (end,):
            if not _LETTER(low, stop) or _unspaced(low[stop - 1]):
                return stop
    return -1


def _gaps(low: str, end: int) -> list[int]:
    """Where the next word of a phrase may begin: after the space, with an article passed over or not."""
    space = _SPACE(low, end)
    if space is None:
        return []
    article = _ARTICLE(low, space.end())
    return [article.end(), space.end()] if article else [space.end()]


def lowered(text: str) -> str:
    """The text in lower case, character for character: "\u0130" would become two and shift every span."""
    low = (
        text.lower()
        if len(text.lower()) == len(text)
        else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )
    return low.replace("\u2019", "'")


def _normal(word: str) -> str:
    return re.sub(r"[\s-]+", " ", word.lower().replace("\u2019", "'")).strip()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists of lexicon.toml, each behind its scanner."""

    asks: Scanner
    questions: Scanner
    opinion: Scanner
    flow: Scanner
    slots: Scanner
    concepts: Mapping[str, Scanner]  # one each: a word may belong to several
    concepts_abroad: Mapping[str, Scanner]  # the same in Korean, Japanese, French, German and Spanish
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    abbreviations: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]]


@cache
def lexicon() -> Lexicon:
    """The bundled lexicon."""
    raw: dict[str, Any] = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text("utf-8"))
    lists = {name: Scanner(raw[name]) for name in ("asks", "questions", "opinion", "flow", "slots")}
    concepts = {name: Scanner({name: words}) for name, words in raw["concepts"].items()}
    abroad = {name: Scanner({name: words}) for name, words in raw["concepts_abroad"].items()}
    patterns = {name: re.compile(p) for name, p in raw["patterns"].items()}
    return Lexicon(
        patterns=patterns,
        numbers=raw["numbers"],
        ordinals=raw["ordinals"],
        abbreviations=raw["abbreviations"],
        concepts=concepts,
        concepts_abroad=abroad,
        **lists,
    )


def says(name: str, low: str) -> re.Match[str] | None:
    """Where a pattern of the lexicon stands in a text in lower case."""
    return lexicon().patterns[name].search(low)
