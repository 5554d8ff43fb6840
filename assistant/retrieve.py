"""Retrieval: passages for a question, by sentence vectors and by words, blended by score.

The unit of embedding is the sentence, the unit of retrieval the passage; a passage stands as near
as its best sentence. Both scores are normalised over the candidates and averaged, which measured
better than fusing ranks (docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np

from assistant.types import Hit
from corpus.library import Library, sentence_id, sentence_passage
from corpus.sentences import Span
from corpus.types import Passage
from corpus.words import STOP_WORDS

DENSE_SHARE = 0.5
NEAREST_SENTENCES = 120
NEAREST_PASSAGES = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage, with what speaks for it."""

    hit: Hit
    start: int
    end: int
    cosine: float
    overlap: float  # share of the question's weighted words that it holds, 0 to 1
    asked: float = 0.0  # the same over the words that are left without names and places

    @property
    def text(self) -> str:
        """The sentence, as it stands in the source."""
        p = self.hit.passage
        return p.text[self.start - p.start : self.end - p.start]


class Retriever:
    """Blended retrieval over one library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def search(self, text: str, limit: int, source_ids: Sequence[str] = ()) -> list[Hit]:
        """The best passages for a text, best first; ties by id, so that runs agree."""
        library = self._library
        vector = library.encoder.encode([text])[0]
        dense: dict[str, tuple[float, str]] = {}
        for id, cosine in library.vectors.search(vector, NEAREST_SENTENCES):
            dense.setdefault(sentence_passage(id), (cosine, id))
        words = dict(library.words.search(text, NEAREST_PASSAGES))
        found = library.catalog.passages([*dict.fromkeys([*dense, *words])])
        if source_ids:
            found = {id: row for id, row in found.items() if row[0].source_id in source_ids}
        if not found:
            return []
        low = min((c for c, _id in dense.values()), default=0.0)
        high = max((c for c, _id in dense.values()), default=1.0)
        most = max(words.values(), default=1.0) or 1.0
        hits = []
        for id, (passage, spans) in found.items():
            cosine, best = dense.get(id, (low, sentence_id(id, 0)))
            near = (cosine - low) / (high - low) if high > low else 0.0
            score = DENSE_SHARE * near + (1 - DENSE_SHARE) * words.get(id, 0.0) / most
            n = int(best.rpartition(".")[2])
            span = spans[n] if n < len(spans) else (passage.start, passage.end)
            hits.append(
                Hit(
                    passage,
                    library.source(passage.source_id),
                    score,
                    cosine,
                    words.get(id, 0.0),
                    span,
                )
            )
        hits.sort(key=lambda h: (-h.score, h.passage.id))
        return hits[:limit]

    def sentences(self, text: str, hits: Sequence[Hit], about: Collection[str] = ()) -> list[Candidate]:
        """Every sentence of the hits with its cosine to the text and its share of the words.

        `about` holds the stems of the names and places that the text is about, which say where to look
        and not what is asked.
        """
        library = self._library
        found = library.catalog.passages([h.passage.id for h in hits])
        rows = [(h, n, span) for h in hits for n, span in enumerate(found[h.passage.id][1])] if found else []
        if not rows:
            return []
        vector = library.encoder.encode([text])[0]
        vectors = library.vectors.get([sentence_id(h.passage.id, n) for h, n, _s in rows])
        weights = self.weights(text)
        asked = {s: w for s, w in weights.items() if s not in about}
        made = []
        for h, n, (a, b) in rows:
            held = vectors.get(sentence_id(h.passage.id, n))
            cosine = float(np.dot(vector, held)) if held is not None else 0.0
            sentence = h.passage.text[a - h.passage.start : b - h.passage.start]
            made.append(Candidate(h, a, b, cosine, overlap(weights, sentence), overlap(asked, sentence)))
        return made

    def stating(self, text: str, limit: int = 4) -> list[Candidate]:
        """Sentences of the passages that hold most words of a text, by BM25 alone.

        For a value that is known already ("South Korea 2023 -0.30") no embedding is needed.
        """
        library = self._library
        scores = dict(library.words.search(text, limit))
        made = []
        for id, (passage, spans) in library.catalog.passages(list(scores)).items():
            hit = Hit(passage, library.source(passage.source_id), scores[id], words=scores[id])
            made += [Candidate(hit, a, b, 0.0, 0.0, 0.0) for a, b in spans]
        return made

    def text_of(self, source_id: str) -> str:
        """The whole text of a source."""
        return self._library.catalog.text(source_id)

    def unknown(self, word: str) -> bool:
        """Whether a word (or its stem) stands in no passage at all."""
        return self._library.words.frequency(word) == 0

    def weights(self, text: str) -> dict[str, float]:
        """The content words of a text (stems) with their inverse document frequency."""
        library = self._library
        total = max(len(library.words), 1)
        found = {}
        for term in content_words(text):
            found[stem(term)] = log((total + 1) / (library.words.frequency(term) + 0.5))
        return found

    def holds(self, name: Sequence[str], passages: Sequence[Passage] | None = None) -> bool:
        """Whether the words of a name stand next to each other somewhere in the library."""
        if not name:
            return True
        stems = [re.escape(re.sub(r"(?<=\w{3})(?:es|s)$", "", w)) for w in name]
        between = r"(?:e?s)?[\W_]*(?:\b(?:of|the|and|for|in|on)[\W_]+){0,2}"
        pattern = re.compile(r"(?<!\w)" + between.join(stems) + r"(?:e?s)?(?!\w)", re.IGNORECASE)
        if passages is not None:
            return any(pattern.search(p.text) or pattern.search(p.heading) for p in passages)
        ids = [id for id, _score in self._library.words.search(" ".join(name), 40)]
        for passage, _spans in self._library.catalog.passages(ids).values():
            title = self._library.source(passage.source_id).title
            if pattern.search(passage.text) or pattern.search(passage.heading) or pattern.search(title):
                return True
        return False


def overlap(weights: dict[str, float], text: str) -> float:
    """The weighted share of the question's words that a text holds."""
    total = sum(w for w in weights.values() if w > 0)
    if total <= 0:
        return 0.0
    held = {stem(t) for t in content_words(text)}
    return sum(w for s, w in weights.items() if w > 0 and s in held) / total


def content_words(text: str) -> list[str]:
    """The words of a text that carry meaning, lower case, each once."""
    words = re.findall(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*", text.lower())
    return list(dict.fromkeys(w.removesuffix("'s").removesuffix("\u2019s") for w in words if w not in STOP_WORDS))


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


def spans_of(hit: Hit, spans: Sequence[Span]) -> list[str]:
    """The sentences of a hit as text."""
    return [hit.passage.text[a - hit.passage.start : b - hit.passage.start] for a, b in spans]
