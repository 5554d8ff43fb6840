"""Bringing the indexes to what the catalog holds: by the change where it is known, else as a whole.

The catalog notes which documents each of its versions touched. From indexes that are as they were left,
only those documents are gone through; from any others, everything is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from corpus.catalog import Catalog
from corpus.encoder import Encoder, TokenEncoder
from corpus.encoder import Vectors as Array
from corpus.ids import sentence_id, sentence_passage
from corpus.matrix import Matrix, mark
from corpus.places import gazetteer
from corpus.searching import body_text, sentence_text
from corpus.tokens import WIDTH, TokenIndex, Tokens
from corpus.vectors import Vectors
from corpus.words import Row, Words

Progress = Callable[[int, int], None]  # sentences brought in so far, sentences to bring in
_NO_TOKENS: Tokens = np.zeros((0, WIDTH), np.int8)
_PART = 1024  # sentences embedded between two writes to the index: enough to sort by length, some ten seconds' work


@dataclass(frozen=True, slots=True)
class Mended:
    """What bringing the indexes to the catalog's version had to do."""

    added: int = 0
    removed: int = 0
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class Mender:
    """The parts of a library that are brought into step; whoever calls holds the writer's lock."""

    catalog: Catalog
    vectors: Vectors
    words: Words
    tokens: TokenIndex
    encoder: Encoder
    progress: Progress | None = None

    def mend(self, version: int, thorough: bool) -> Mended:
        """The indexes as the catalog has them at this version; `thorough` trusts nothing of what they hold."""
        rebuilt = self.catalog.encoder not in ("", self.encoder.name)
        if rebuilt:
            self.vectors.clear()
            self.tokens.clear()
        if self.catalog.encoder != self.encoder.name:
            with self.catalog.transaction() as change:
                change.use_encoder(self.encoder.name)
            version = self.catalog.version
        touched = None if thorough or rebuilt else self._touched(version)
        done = self._everything(version) if touched is None else self._documents(touched, version)
        return Mended(done.added, done.removed, rebuilt)

    def _touched(self, version: int) -> set[str] | None:
        """The documents that changed since the indexes were left; None where they are not as they were left."""
        touched = self.catalog.touched(self.catalog.indexed, version)
        sizes = self.catalog.index_sizes
        if touched is None or (len(self.vectors.matrix()), len(self.words)) != sizes:
            return None
        if self._by_token and len(self.tokens) != sizes[0]:
            return None
        return touched

    @property
    def _by_token(self) -> bool:
        return isinstance(self.encoder, TokenEncoder)

    def _documents(self, touched: set[str], version: int) -> Mended:
        sizes = self.catalog.index_sizes
        before = self.vectors.matrix()
        passages = self.words.passages(sources=touched) if touched else frozenset()
        held = {before.ids[row].decode() for row in before.rows_of(passages)}
        wanted = dict(sentences(self.catalog, touched))
        marks = {id: mark(text) for id, text in wanted.items()}
        missing, orphans = sorted(set(wanted) - held), sorted(held - set(wanted))
        if missing or orphans:
            every = dict(zip((i.decode() for i in before.ids), (m.tobytes() for m in before.marks), strict=True))
            every = {id: m for id, m in every.items() if id not in held} | marks
            self._bring(missing, orphans, wanted, every, version)
        rows = list(self._rows(touched))
        if passages:  # what is replaced or removed leaves no trace, which only writing the index anew can do
            self.words.rebuild(self._rows(None))
        elif rows:
            self.words.add(rows)
        added = len(rows) - len(passages)
        self.catalog.mark_indexed(version, sizes[0] + len(missing) - len(orphans), sizes[1] + added)
        return Mended(len(missing), len(orphans))

    def _everything(self, version: int) -> Mended:
        behind = self.catalog.indexed != version
        wanted = dict(sentences(self.catalog))
        marks = {id: mark(text) for id, text in wanted.items()}
        held, read = self.vectors.ids(), self.tokens.ids()
        missing = sorted(set(wanted) - (held & read if self._by_token else held))
        orphans = sorted((held | read) - set(wanted))
        self._bring(missing, orphans, wanted, marks, version)
        passages = len({sentence_passage(id) for id in wanted})
        if behind or missing or orphans or len(self.words) != passages:
            self.words.rebuild(self._rows(None))
        self.catalog.mark_indexed(version, len(wanted), passages)
        return Mended(len(missing), len(orphans))

    def _bring(
        self, missing: list[str], orphans: list[str], texts: Mapping[str, str], marks: dict[str, bytes], version: int
    ) -> None:
        """Vectors of the missing in, of the orphans out; `marks` are those of all sentences afterwards."""
        before = self.vectors.before()  # mapped: what is removed below can still be read from it
        known = self._known(before, {marks[id] for id in missing}) if before is not None else {}
        self.vectors.remove(orphans)
        self.tokens.remove(orphans)
        often = {m for m, n in Counter(marks[id] for id in missing).items() if n > 1}
        for at in range(0, len(missing), _PART):
            part = missing[at : at + _PART]
            new = {marks[id]: texts[id] for id in part if marks[id] not in known}
            found = dict(zip(new, self._embedded(list(new.values())), strict=True))
            known |= {m: read for m, read in found.items() if m in often}
            rows = [found[marks[id]] if marks[id] in found else known[marks[id]] for id in part]
            self.vectors.add(part, np.array([vector for vector, _ in rows], np.float32))
            if self._by_token:
                self.tokens.append(dict(zip(part, (tokens for _, tokens in rows), strict=True)))
            if self.progress:
                self.progress(min(at + _PART, len(missing)), len(missing))
        self.tokens.name()
        self.vectors.keep(self.encoder.name, marks, version, self.encoder.dimensions)

    def _embedded(self, texts: list[str]) -> Iterator[tuple[Array, Tokens]]:
        """The vector of each text, and its tokens from the same pass, where the encoder tells them."""
        if isinstance(self.encoder, TokenEncoder):
            return zip(*self.encoder.encode_tokens(texts), strict=True)
        return ((vector, _NO_TOKENS) for vector in self.encoder.encode(texts))

    def _known(self, before: Matrix, contents: set[bytes]) -> dict[bytes, tuple[Array, Tokens]]:
        """What `_embedded` said of those contents that the library held before."""
        if before.encoder != self.encoder.name:
            return {}
        ids = before.known(contents)
        vectors = before.vectors[before.find(list(ids.values()))]
        tokens = [t.copy() for t in self.tokens.get(list(ids.values()))]  # removing makes zeros of them
        read = zip(ids, vectors, tokens, strict=True)
        return {m: (vector, t) for m, vector, t in read if len(t) or not self._by_token}

    def _rows(self, sources: Iterable[str] | None) -> Iterator[Row]:
        titles = {s.id: s.title for s in self.catalog.sources()}
        find = gazetteer().find
        for source in [None] if sources is None else sorted(sources):
            for passage, spans in self.catalog.all_passages(source):
                if not spans:
                    continue
                body = body_text(passage, spans)
                title = titles[passage.source_id]
                places = sorted({m.code for part in (title, passage.heading, body) for m in find(part)})
                yield passage.id, passage.source_id, title, passage.heading, body, places


def sentences(catalog: Catalog, sources: Iterable[str] | None = None) -> Iterator[tuple[str, str]]:
    """The id and the text of every sentence of some documents, or of all."""
    for source in [None] if sources is None else sorted(sources):
        for passage, spans in catalog.all_passages(source):
            for n, (a, b) in enumerate(spans):
                yield sentence_id(passage.id, n), sentence_text(passage, a, b)
