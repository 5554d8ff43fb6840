"""Bringing the indexes to what the catalog holds: by the change where it is known, else as a whole.

The catalog notes which documents each of its versions touched. From indexes that are as they were left, by
their stamps, only those documents are gone through; from any others, everything is compared. Each index has
a stamp of its own, since each may be somewhere else: vectors on a server that many processes share, tokens
and words in the folder of each of them. Vectors and tokens are both of sentences, and one pass of the
encoder makes both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.catalog import Catalog
from corpus.encoder import Encoder, TokenEncoder
from corpus.encoder import Vectors as Array
from corpus.gap import Gap, OfSentences
from corpus.ids import sentence_id
from corpus.matrix import Matrix, mark
from corpus.places import gazetteer
from corpus.searching import body_text, sentence_text
from corpus.stamps import Stamp, Stamped, Stamps
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
    tokens: TokenIndex
    words: Words
    encoder: Encoder
    stamps: Stamps
    progress: Progress | None = None

    def mend(self, thorough: bool) -> Mended:
        """All indexes as the catalog has them; `thorough` trusts nothing of what they hold."""
        rebuilt = self.catalog.encoder not in ("", self.encoder.name)
        if rebuilt:
            self.stamps.vectors.put(None)
            self.vectors.clear()
            self.stamps.tokens.put(None)
            self.tokens.clear()
        if self.catalog.encoder != self.encoder.name:
            with self.catalog.transaction() as change:
                change.use_encoder(self.encoder.name)
        version = self.catalog.version
        done = self._mend_sentences(version, thorough or rebuilt)
        self._mend_words(version, thorough)
        self.catalog.forget(version)
        return Mended(done.added, done.removed, rebuilt)

    def mend_here(self) -> None:
        """What each machine has of its own, tokens and words; whoever calls holds the lock of their folder."""
        version = self.catalog.version
        self._mend_sentences(version, thorough=False, shared=False)
        self._mend_words(version, thorough=False)

    def _touched(self, stamp: Stamp | None, size: int, version: int) -> set[str] | None:
        """The documents that changed since an index was left; None where it is not as it was left."""
        if stamp is None or stamp.library != self.catalog.id or stamp.size != size:
            return None
        return self.catalog.touched(stamp.version, version)

    # -- sentences: vectors and tokens -------------------------------------------------------

    def _mend_sentences(self, version: int, thorough: bool, shared: bool = True, again: bool = False) -> Mended:
        """Vectors, where they are this process's to mend, and tokens; `again` once Chroma was begun anew."""
        every: list[tuple[OfSentences, Stamped]] = [(self.tokens, self.stamps.tokens)]
        if shared:
            every.append((self.vectors, self.stamps.vectors))
        behind = [(index, stamped) for index, stamped in every if thorough or self._behind(index, stamped, version)]
        if not behind:
            return Mended()
        touched = None if thorough else self._since(behind, version)
        texts = dict(sentences(self.catalog, touched))
        before = self.vectors.matrix() if touched is not None else None
        gaps = {}
        for index, stamped in behind:
            gaps[index] = self._gap(index, texts, touched, doubted=thorough or stamped.get() is None)
            stamped.put(None)
        vectors, tokens = gaps.get(self.vectors), gaps.get(self.tokens)
        marks = {id: mark(text) for id, text in texts.items()}
        try:
            self._bring(vectors, tokens, texts, marks)
        except BaseException as error:  # damage that shows only when it is written to
            if again or vectors is None or not self.vectors.collection.start_over(error):
                raise
            self.tokens.refresh()
            return self._mend_sentences(version, thorough=True, again=True)
        if tokens is not None:
            self.stamps.tokens.put(Stamp(self.catalog.id, version, self.tokens.size, self.tokens.contents()))
        if vectors is not None:
            self._keep(before, vectors.held, marks, version)
        done = vectors or tokens
        return Mended(len(done.missing), len(done.orphans)) if done is not None else Mended()

    def _behind(self, index: OfSentences, stamped: Stamped, version: int) -> bool:
        stamp = stamped.get()
        return stamp is None or stamp.version != version or self._touched(stamp, index.size, version) is None

    def _since(self, behind: Sequence[tuple[OfSentences, Stamped]], version: int) -> set[str] | None:
        """The documents that changed since all these were left; None where the words cannot tell what was held."""
        words, touched = self.stamps.words.get(), None
        for index, stamped in behind:
            stamp = stamped.get()
            touched = self._touched(stamp, index.size, version)
            if touched is None or stamp is None or words is None or stamp.version != words.version:
                return None
        return touched

    def _gap(self, index: OfSentences, texts: Mapping[str, str], touched: set[str] | None, doubted: bool) -> Gap:
        if touched is not None:
            held = index.of(self.words.passages(sources=touched))
        else:
            held = index.sound() if doubted else index.ids()
        return Gap.between(held, texts if index is self.vectors or self._by_token else ())

    @property
    def _by_token(self) -> bool:
        return isinstance(self.encoder, TokenEncoder)

    def _bring(
        self, vectors: Gap | None, tokens: Gap | None, texts: Mapping[str, str], marks: Mapping[str, bytes]
    ) -> None:
        """What is missing in, orphans out."""
        missing = sorted({id for gap in (vectors, tokens) if gap for id in gap.missing})
        before = self.vectors.before()  # mapped: what is removed below can still be read from it
        known = self._known(before, {marks[id] for id in missing}) if before is not None else {}
        if vectors is not None:
            self.vectors.remove(sorted(vectors.orphans))
        if tokens is not None:
            self.tokens.remove(tokens.orphans)
        often = {m for m, n in Counter(marks[id] for id in missing).items() if n > 1}
        for at in range(0, len(missing), _PART):
            part = missing[at : at + _PART]
            new = {marks[id]: texts[id] for id in part if marks[id] not in known}
            found = dict(zip(new, self._embedded(list(new.values())), strict=True))
            known |= {m: read for m, read in found.items() if m in often}
            rows = {id: found[marks[id]] if marks[id] in found else known[marks[id]] for id in part}
            if vectors is not None and (ids := [id for id in part if id in vectors.missing]):
                self.vectors.add(ids, np.array([rows[id][0] for id in ids], np.float32))
            if tokens is not None:
                self.tokens.append({id: rows[id][1] for id in part if id in tokens.missing})
            if self.progress:
                self.progress(min(at + _PART, len(missing)), len(missing))
        self.tokens.name()

    def _keep(self, before: Matrix | None, held: set[str], marks: dict[str, bytes], version: int) -> None:
        """The matrix of what the vectors are now, and their stamp."""
        if before is not None:
            every = zip((i.decode() for i in before.ids), (m.tobytes() for m in before.marks), strict=True)
            marks = {id: m for id, m in every if id not in held} | marks
        self.vectors.keep(self.encoder.name, marks, version, self.encoder.dimensions)
        self.vectors.collection.settle()
        self.stamps.vectors.put(Stamp(self.catalog.id, version, len(marks)))

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
        read = zip(ids, vectors, self.tokens.get(list(ids.values())), strict=True)
        return {m: (vector, t) for m, vector, t in read if len(t) or not self._by_token}

    # -- words -------------------------------------------------------------------------------

    def _mend_words(self, version: int, thorough: bool) -> None:
        stamp = self.stamps.words.get()
        touched = None if thorough else self._touched(stamp, len(self.words), version)
        if touched is not None and stamp is not None and stamp.version == version:
            return
        self.stamps.words.put(None)
        if stamp is None:  # a writer was ended while it wrote: no file of it is trusted
            self.words.clear()
        rows = None if touched is None else list(self._rows(touched))
        if rows is None or touched is None or self.words.passages(sources=touched):
            self.words.rebuild(self._rows(None))  # what is replaced leaves no trace, which only writing anew can do
        elif rows:
            self.words.add(rows)
        self.stamps.words.put(Stamp(self.catalog.id, version, len(self.words), self.words.contents()))

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
