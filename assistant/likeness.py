"""How alike a question and a text are: shared words, late interaction, and the weights of both."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from math import log

import numpy as np
import numpy.typing as npt

from corpus.encoder import Vectors
from corpus.tokens import Tokens
from corpus.words import STOP_WORDS


@dataclass(frozen=True)
class Probe:
    """A question as the rankings need it."""

    text: str
    vector: Vectors  # of shape (dimensions,), length 1
    tokens: Vectors  # of shape (tokens, WIDTH), each of about length 1; (0, 0) where the encoder tells none
    weights: dict[str, float]  # stems of its content words, with their inverse document frequency

    @cached_property
    def known(self) -> list[tuple[str, float]]:
        """Those words that weigh more than nothing."""
        return [(word, weight) for word, weight in self.weights.items() if weight > 0]

    @property
    def by_token(self) -> bool:
        """Whether late interaction can be worked out."""
        return len(self.tokens) > 0


@dataclass(frozen=True, slots=True)
class Stems:
    """The stems of a passage's content words, and of each of its sentences."""

    passage: frozenset[str]
    sentences: tuple[frozenset[str], ...]


def late(
    question: Vectors, tokens: Sequence[Tokens], counts: Sequence[int]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Late interaction with each sentence, and with each passage of `counts` sentences in a row: -1 to 1.

    `question` has shape (tokens, WIDTH); without tokens on either side every value is 0.
    """
    if not len(question) or not tokens or not any(len(t) for t in tokens):
        return np.zeros(sum(counts), np.float32), np.zeros(len(counts), np.float32)
    none = np.zeros((1, question.shape[1]), np.int8)
    filled = [t if len(t) else none for t in tokens]  # an empty run cannot be reduced
    cosines = (question / np.float32(127)) @ np.concatenate(filled).astype(np.float32).T
    best = np.maximum.reduceat(cosines, _starts([len(t) for t in filled]), axis=1)
    held = np.asarray(counts) > 0
    whole = np.zeros(len(counts), np.float32)
    whole[held] = np.maximum.reduceat(best, _starts([n for n in counts if n]), axis=1).mean(0)
    return best.mean(0).astype(np.float32), whole


def _starts(lengths: Sequence[int]) -> npt.NDArray[np.int64]:
    """Where each of some runs begins."""
    ends = np.cumsum(lengths)
    return np.asarray(ends - lengths, np.int64)


def scaled(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Values brought to 0..1 over their range; all 0 where they are alike."""
    if not len(values):
        return np.zeros(0)
    low, high = float(values.min()), float(values.max())
    spread = (high - low) or 1.0
    return np.asarray((values - low) / spread, np.float64)


def log_idf(total: int, frequency: int) -> float:
    """The weight of a word that `frequency` of `total` passages hold."""
    return log((total + 1) / (frequency + 0.5))


def overlap(weights: Mapping[str, float], held: str | Collection[str]) -> float:
    """The weighted share of the question's words that a text, or a set of stems, holds."""
    stems = stems_of(held) if isinstance(held, str) else held
    known = [(word, weight) for word, weight in weights.items() if weight > 0]
    return shares(known, [stems])[0]


def shares(known: Sequence[tuple[str, float]], texts: Iterable[Collection[str]]) -> list[float]:
    """`overlap` with each of some sets of stems; `known` are the question's words that weigh more than nothing."""
    total = sum([weight for _word, weight in known]) or 1.0
    return [sum([weight for word, weight in known if word in stems]) / total for stems in texts]


@cache
def _weights() -> dict[str, dict[str, dict[str, float]]]:
    return tomllib.loads(files("assistant").joinpath("weights.toml").read_text("utf-8"))


def weights_of(step: str, by_token: bool) -> dict[str, float]:
    """The weights of a step of retrieval: "passages", "sentences" or "about"."""
    return _weights()[step]["tokens" if by_token else "plain"]


def content_words(text: str) -> list[str]:
    """The words of a text that carry meaning, lower case, each once."""
    words = re.findall(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*", text.lower())
    return list(dict.fromkeys(w.removesuffix("'s").removesuffix("\u2019s") for w in words if w not in STOP_WORDS))


@lru_cache(maxsize=8192)  # one answer holds the same sentences against each other many times
def stems_of(text: str) -> frozenset[str]:
    """The stems of a text's content words."""
    return frozenset(stem(w) for w in content_words(text))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A light English stem (plural, -ing, -ed), enough to match a question's word with a text's."""
    if len(word) <= 3 or not word.isalpha():
        return word
    for ending, keep in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ments", "ment"),
        ("ations", "ate"),
        ("ation", "ate"),
        ("ing", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
    ):
        if word.endswith(ending) and not (ending == "s" and word.endswith("ss")) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + keep
            break
    return word.removesuffix("e") if len(word) > 4 else word
