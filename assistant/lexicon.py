"""Finding the words of a lexicon in a text: the one scanner that all word lists go through."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of a word list at text[start:end], with what it stands for."""

    value: str
    start: int
    end: int
    phrase: str


class Scanner:
    """Longest phrases first, on word bounds; a hyphen, a space and a line break are the same."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for value, words in phrases.items():
            for word in words:
                held = self._values.setdefault(_normal(word), [])
                if value not in held:
                    held.append(value)
        body = _alternatives(sorted(self._values)).replace(r"\ ", r"[\s-]+(?:the\s+|a\s+)?")
        # The plural "s" is allowed after every phrase; ideographs and Hangul have no word bounds.
        self._pattern = (
            re.compile(rf"(?<![^\W\u3040-\u9fff\uac00-\ud7a3])(?:{body})s?(?![a-z0-9\u00df-\u024f])") if body else None
        )

    def find(self, text: str, overlapping: bool = False) -> list[Found]:
        """Every phrase in `text`, in order; none inside another, and none across unless asked for."""
        if self._pattern is None:
            return []
        found: list[Found] = []
        low = lowered(text)
        at = end = 0
        while match := self._pattern.search(low, at):
            at = match.start() + 1 if overlapping else match.end()
            if match.end() <= end:
                continue
            end = match.end()
            phrase = self._known(match.group())
            found += [Found(v, match.start(), match.end(), phrase) for v in self._values[phrase]]
        return found

    def _known(self, written: str) -> str:
        """The phrase as listed: without articles inside it, without a plural ending."""
        phrase = _normal(written)
        bare = _normal(re.sub(r"\b(?:the|a) ", " ", phrase))
        return next(p for p in (phrase, phrase[:-1], bare, bare[:-1]) if p in self._values)

    def words(self) -> list[str]:
        """Every phrase of the list."""
        return list(self._values)

    def __contains__(self, word: str) -> bool:
        return _normal(word) in self._values


def _alternatives(words: list[str]) -> str:
    """A pattern for any of some words, the longest first; common beginnings are looked at once, which is fast."""
    heads: dict[str, list[str]] = {}
    for word in words:
        if word:
            heads.setdefault(word[0], []).append(word[1:])
    each = [re.escape(head) + _alternatives(rest) for head, rest in heads.items()]
    body = each[0] if len(each) == 1 and "" not in words else f"(?:{'|'.join(each)})" if each else ""
    return f"{body}?" if body and "" in words else body


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
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    abbreviations: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]]


@cache
def lexicon() -> Lexicon:
    """The bundled lexicon."""
    raw: dict[str, Any] = tomllib.loads(files("assistant").joinpath("lexicon.toml").read_text("utf-8"))
    lists = {name: Scanner(raw[name]) for name in ("asks", "questions", "opinion", "flow", "slots")}
    concepts = {name: Scanner({name: words}) for name, words in raw["concepts"].items()}
    patterns = {name: re.compile(p) for name, p in raw["patterns"].items()}
    return Lexicon(
        patterns=patterns,
        numbers=raw["numbers"],
        ordinals=raw["ordinals"],
        abbreviations=raw["abbreviations"],
        concepts=concepts,
        **lists,
    )


def says(name: str, low: str) -> re.Match[str] | None:
    """Where a pattern of the lexicon stands in a text in lower case."""
    return lexicon().patterns[name].search(low)
