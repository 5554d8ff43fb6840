"""Text with the statistics of words in natural language, and an encoder for it that costs nothing per document.

Growth is about indexes, not about the model: to embed 100,000 passages takes hours and tells nothing new.
Documents are embedded by the sum of their words' random vectors, which lie in clusters as real ones do; a
question goes through the real model too, so that its time is whole.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import numpy as np

WORDS, WIDE, TOPICS = 20_000, 384, 400
_SYLLABLES = [a + b for a in "bcdfghjklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "ol")]


def vocabulary() -> list[str]:
    """Words, the most frequent first and shortest; no two alike."""
    chosen, made = random.Random(3), dict.fromkeys(_SYLLABLES)
    while len(made) < WORDS:
        made["".join(chosen.choices(_SYLLABLES, k=2 + (len(made) > 2000)))] = None
    return list(made)


class Writer:
    """Writes paragraphs whose words follow Zipf's law, half of them from the paragraph's topic."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._words = vocabulary()
        self._weights = list(accumulate(1 / (n + 2.7) for n in range(WORDS)))
        self._topics = [self._random.sample(self._words[200:], 60) for _ in range(TOPICS)]

    def sentence(self, topic: int) -> str:
        """Some twenty words, a capital first and a full stop last."""
        count = self._random.randint(12, 26)
        common = self._random.choices(self._words, cum_weights=self._weights, k=count - count // 2)
        words = common + self._random.choices(self._topics[topic], k=count // 2)
        self._random.shuffle(words)
        return " ".join(words).capitalize() + "."

    def document(self, passages: int, sentences: int = 4) -> str:
        """Paragraphs of about 80 words, each a passage."""
        about = [self._random.randrange(TOPICS) for _ in range(passages)]
        return "\n\n".join(" ".join(self.sentence(t) for _ in range(sentences)) for t in about)

    def question(self) -> str:
        """Seven words: four of a topic, three that are anywhere."""
        topic = self._random.choice(self._topics)
        words = self._random.choices(topic, k=4) + self._random.choices(self._words, cum_weights=self._weights, k=3)
        return " ".join(words) + "?"


class StandIn:
    """Sums of word vectors for documents; for a question the same, after the real model has read it."""

    def __init__(self, real: Any) -> None:
        self.name, self.dimensions, self._real = "stand-in", WIDE, real
        self._vectors = np.random.default_rng(5).normal(size=(WORDS, WIDE)).astype(np.float32)
        short = self._vectors[:, :128] / np.linalg.norm(self._vectors[:, :128], axis=1, keepdims=True)
        self._tokens = np.rint(127 * short).astype(np.int8)
        self._asked = count(1900)  # no question twice, since the encoder remembers
        self._row = {w: n for n, w in enumerate(vocabulary())}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of shape (len(texts), 384)."""
        return self.encode_tokens(texts)[0]

    def encode_tokens(self, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]:
        """Unit vectors of shape (len(texts), 384), and a token of 128 bytes for each word between two marks."""
        if len(texts) <= 4:  # invented words would break into three times the tokens of a real question
            self._real.encode([f"Which rule of {next(self._asked)} applies to a researcher's visa?" for _ in texts])
        tokens = []
        out = np.zeros((len(texts), WIDE), np.float32)
        for n, text in enumerate(texts):
            rows = [r for w in text.lower().split() if (r := self._row.get(w.strip(".?"))) is not None]
            weight = np.log(2 + np.array(rows, np.float32))[:, None]  # a rare word says more than a frequent one
            tokens.append(self._tokens[[0, *rows, 0]])
            out[n] = (self._vectors[rows] * weight).sum(axis=0) if rows else self._vectors[0]
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), np.float32), tokens


def write_documents(folder: Path, passages: int) -> None:
    """Documents of 100 passages each, published in the months of ten years."""
    writer = Writer(passages)
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(passages // 100):
        head = f"---\ntitle: Document {n}\npublished: {2014 + n % 10}-{1 + n % 12:02}\n---\n\n"
        (folder / f"d{n:05}.md").write_text(head + writer.document(100) + "\n", "utf-8")
