"""Retrieval: passages for a question, by sentence vectors, by words, and by late interaction.

The unit of embedding is the sentence, the unit of retrieval the passage; a passage stands as near as
its best sentence. Two rankings, cosine and BM25, are scaled and averaged; the first thirty are ranked
again with the token vectors of their sentences (MaxSim: each token of the question takes its best
cosine among the passage's tokens; Khattab and Zaharia, "ColBERT", SIGIR 2020) and the share of the
question's words that they hold. The weights are in weights.toml, with where they come from.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from assistant.likeness import (
    Probe,
    Stems,
    content_words,
    late,
    log_idf,
    scaled,
    shares,
    stem,
    stems_of,
    weights_of,
)
from assistant.types import Hit
from corpus.encoder import TokenEncoder, Vectors
from corpus.ids import sentence_id, sentence_passage
from corpus.library import Library, Within
from corpus.tokens import Tokens
from corpus.types import Passage

NEAREST_SENTENCES = 120
NEAREST_PASSAGES = 60
RERANKED = 30
_HELD = 4096  # probes and passages whose words are kept, so that none is stemmed twice

_CODE = re.compile(r"\b([A-Za-z]{1,3})(\d\w{0,3})\b")

Rows = dict[str, tuple[Passage, tuple[tuple[int, int], ...]]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage, with what speaks for it."""

    hit: Hit
    start: int
    end: int
    cosine: float
    overlap: float  # share of the question's weighted words that it holds, 0 to 1
    asked: float = 0.0  # the same over the words that are left without names and places
    late: float = 0.0  # mean over the question's tokens of the best cosine to one of its tokens
    context: float = 0.0  # as `overlap`, with the sentence before, the heading and the title
    score: float = 0.0  # how well it answers, once it was ranked (assistant/picking.py)
    text: str = field(init=False, compare=False, repr=False)  # the sentence, as it stands in the source

    def __post_init__(self) -> None:
        p = self.hit.passage
        object.__setattr__(self, "text", p.text[self.start - p.start : self.end - p.start])


class Retriever:
    """Blended retrieval over one library. Safe to call from many threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._probes: dict[tuple[int, str], Probe] = {}
        self._stems: dict[str, Stems] = {}
        self._read: tuple[int, Rows] = (-1, {})

    def search(self, text: str, limit: int, within: Within | None = None) -> list[Hit]:
        """The best passages for a text, best first; ties by id, so that runs agree.

        `within` is a part of the library (`Library.within`), None all of it.
        """
        probe = self._probe(text)
        near, found = self._candidates(probe, max(RERANKED, limit), within)
        if not found:
            return []
        hits = self._reranked(probe, near, found)
        reranker = self._library.reranker
        if reranker is not None:  # its scores have a scale of their own: scaled, they count as much as ours
            read = scaled(reranker.scores(text, [h.passage.text for h in hits]))
            hits = [replace(h, score=(h.score + float(r)) / 2) for h, r in zip(hits, read, strict=True)]
        hits.sort(key=lambda h: (-h.score, h.passage.id))
        return hits[:limit]

    def of_place(self, text: str, limit: int, place: str) -> list[Hit]:
        """As `search`, among the passages that name a place."""
        return self.search(text, limit, self._library.within(places=[place]))

    def _candidates(
        self, probe: Probe, pool: int, within: Within | None
    ) -> tuple[dict[str, tuple[float, float]], Rows]:  # fmt: skip
        """The first `pool` passages of the even blend: their cosine and BM25, and what the catalog holds of them."""
        library = self._library
        sources, places, passages = (within.sources, within.places, within.passages) if within else (None, None, None)
        dense: dict[str, float] = {}
        for id, cosine in library.vectors.search(probe.vector, NEAREST_SENTENCES, passages):
            dense.setdefault(sentence_passage(id), cosine)
        words = dict(library.words.search(probe.text, NEAREST_PASSAGES, sources, places))
        ids = [*dict.fromkeys([*dense, *words])]
        low = min(dense.values(), default=0.0)
        blend = scaled(np.array([dense.get(i, low) for i in ids])) + scaled(np.array([words.get(i, 0.0) for i in ids]))
        order = sorted(range(len(ids)), key=lambda n: (-blend[n], ids[n]))[:pool]
        near = {ids[n]: (dense.get(ids[n], low), words.get(ids[n], 0.0)) for n in order}
        return near, self._rows([*near])

    def _reranked(self, probe: Probe, near: dict[str, tuple[float, float]], found: Rows) -> list[Hit]:
        """The candidates with every feature and their blended score, 0 to 1."""
        library = self._library
        passages = [(id, *found[id]) for id in near if id in found]
        cosines, lates, whole = self._compared(probe, [(p, spans) for _id, p, spans in passages])
        stems = [self._words(p, spans) for _id, p, spans in passages]
        held = np.array(shares(probe.known, [s.passage for s in stems]))
        told = np.array([max(shares(probe.known, s.sentences), default=0.0) for s in stems])
        best = [int(np.argmax(c)) if len(c) else 0 for c in cosines]
        dense = np.array(
            [float(c.max()) if len(c) else near[id][0] for c, (id, _p, _s) in zip(cosines, passages, strict=True)]
        )
        words = np.array([near[id][1] for id, _p, _s in passages])
        parts = {"dense": dense, "words": words, "late": whole, "held": held, "told": told}
        weights = weights_of("passages", probe.by_token and bool(whole.any()))
        score = np.sum([w * scaled(parts[name]) for name, w in weights.items()], axis=0)
        return [
            Hit(
                p, library.source(p.source_id), float(score[n]), float(dense[n]), float(words[n]),
                spans[best[n]] if spans else (p.start, p.end), float(whole[n]), float(held[n]), float(told[n]),
            )
            for n, (_id, p, spans) in enumerate(passages)
        ]  # fmt: skip

    def _compared(
        self, probe: Probe, passages: Sequence[tuple[Passage, Sequence[tuple[int, int]]]]
    ) -> tuple[list[npt.NDArray[np.float32]], list[npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
        """Cosine and late interaction of each sentence, a row a passage, and late interaction of each passage."""
        library = self._library
        ids = [[sentence_id(p.id, n) for n in range(len(spans))] for p, spans in passages]
        flat = [i for row in ids for i in row]
        cosines = library.vectors.cosines(flat, probe.vector)
        tokens: list[Tokens] = library.tokens.get(flat) if probe.by_token else []
        counts = [len(row) for row in ids]
        by_sentence, by_passage = late(probe.tokens, tokens, counts)
        cuts = np.cumsum(counts)[:-1]
        return np.split(cosines, cuts), np.split(by_sentence, cuts), by_passage

    def sentences(self, text: str, hits: Sequence[Hit], about: Collection[str] = ()) -> list[Candidate]:
        """Every sentence of the hits with its likeness to the text and its share of the words.

        `about` holds the stems of the names and places that the text is about, which say where to look
        and not what is asked.
        """
        found = self._rows([h.passage.id for h in hits])
        rows = [(h, found[h.passage.id][1]) for h in hits if h.passage.id in found]
        if not rows:
            return []
        probe = self._probe(text)
        cosines, lates, _whole = self._compared(probe, [(h.passage, spans) for h, spans in rows])
        asked = [(s, w) for s, w in probe.known if s not in about]
        made = []
        for (h, spans), near, token in zip(rows, cosines, lates, strict=True):
            stems = self._words(h.passage, spans)
            around = stems_of(f"{h.source.title} {h.passage.heading}")
            before = (frozenset[str](), *stems.sentences)
            context = [own | around | last for own, last in zip(stems.sentences, before, strict=False)]
            parts = (shares(probe.known, stems.sentences), shares(asked, stems.sentences), shares(probe.known, context))
            for n, ((a, b), shared, named, near_by) in enumerate(zip(spans, *parts, strict=True)):
                made.append(Candidate(h, a, b, float(near[n]), shared, named, float(token[n]), near_by))
        return made

    def nearness(self, hits: Sequence[Hit]) -> float:
        """The log odds that the library is about the question of these hits; above `likely`, it is.

        By the best passage: its cosine, its late interaction and its words, weighed on questions whose
        article the library held and the same questions without it.
        """
        if not hits:
            return -99.0
        best = hits[0]
        weights = weights_of("about", best.late > 0)
        parts = {"dense": best.dense, "late": best.late, "held": best.held, "told": best.told, "base": 1.0}
        return sum(w * parts[name] for name, w in weights.items() if name in parts) - weights["least"]

    def stating(self, text: str, limit: int = 4) -> list[Candidate]:
        """Sentences of the passages that hold most words of a text, by BM25 alone.

        For a value that is known already ("South Korea 2023 -0.30") no embedding is needed.
        """
        library = self._library
        scores = dict(library.words.search(text, limit))
        made = []
        found = self._rows([*scores])
        for id, score in scores.items():
            passage, spans = found[id]
            hit = Hit(passage, library.source(passage.source_id), score, words=score)
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
        return self._probe(text).weights

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

    def _probe(self, text: str) -> Probe:
        """The text as every ranking needs it, encoded once however often it is compared."""
        library = self._library
        key = (library.version, text)
        held = self._probes.get(key)
        if held is not None:
            return held
        text = _CODE.sub(self._hyphened, text)
        total = max(len(library.words), 1)
        weights = {stem(t): log_idf(total, library.words.frequency(t)) for t in content_words(text)}
        encoder = library.encoder
        if isinstance(encoder, TokenEncoder) and len(library.tokens):
            vectors, tokens = encoder.encode_tokens([text])
            inner = (tokens[0][1:-1] / np.float32(127)).astype(np.float32)  # without [CLS] and [SEP]
            made = Probe(text, vectors[0], inner, weights)
        else:
            vector: Vectors = encoder.encode([text])[0]
            made = Probe(text, vector, np.zeros((0, 0), np.float32), weights)
        if len(self._probes) >= _HELD:
            self._probes.clear()
        self._probes[key] = made
        return made

    def _rows(self, ids: Sequence[str]) -> Rows:
        """Passages by id, those read before kept as long as the library stays as it is."""
        version, held = self._read
        if version != self._library.version or len(held) >= _HELD:
            held = {}
            self._read = (self._library.version, held)
        held.update(self._library.catalog.passages([i for i in ids if i not in held]))
        return {i: held[i] for i in ids if i in held}

    def _hyphened(self, code: re.Match[str]) -> str:
        """A code as the library writes it: "h1b" is H-1B where no passage holds "h1b" and some hold "h-1b"."""
        written = f"{code[1]}-{code[2]}"
        frequency = self._library.words.frequency
        return code.group() if frequency(code.group()) or not frequency(written) else written.upper()

    def _words(self, passage: Passage, spans: Sequence[tuple[int, int]]) -> Stems:
        """The stems of a passage and of each of its sentences; a passage's id is a hash of its text."""
        held = self._stems.get(passage.id)
        if held is None:
            texts = [passage.text[a - passage.start : b - passage.start] for a, b in spans]
            sentences = tuple(stems_of(t) for t in texts)
            held = Stems(frozenset().union(*sentences), sentences)
            if len(self._stems) >= _HELD:
                self._stems.clear()
            self._stems[passage.id] = held
        return held
