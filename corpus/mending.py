"""Bringing the two indexes to what the catalog holds: by the change where it is known, else as a whole.

The catalog notes which documents each of its versions touched. From an index that is as it was left, by
its stamp, only those documents are gone through; from any other, everything is compared. Each index has
a stamp of its own, since each may be somewhere else: vectors on a server that many processes share, words
in the folder of each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from corpus.catalog import Catalog
from corpus.encoder import Encoder
from corpus.encoder import Vectors as Array
from corpus.ids import sentence_id
from corpus.matrix import mark
from corpus.places import gazetteer
from corpus.stamps import Stamp, Stamped
from corpus.vectors import Vectors
from corpus.words import Row, Words

Progress = Callable[[int, int], None]  # sentences brought in so far, sentences to bring in
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
    encoder: Encoder
    stamps: tuple[Stamped, Stamped]  # of the vectors, of the words
    progress: Progress | None = None

    def mend(self, thorough: bool) -> Mended:
        """Both indexes as the catalog has them; `thorough` trusts nothing of what they hold."""
        rebuilt = self.catalog.encoder not in ("", self.encoder.name)
        if rebuilt:
            self.stamps[0].put(None)
            self.vectors.clear()
        if self.catalog.encoder != self.encoder.name:
            with self.catalog.transaction() as change:
                change.use_encoder(self.encoder.name)
        version = self.catalog.version
        done = self._mend_vectors(version, thorough or rebuilt)
        self.mend_words(thorough)
        self.catalog.forget(version)
        return Mended(done.added, done.removed, rebuilt)

    def _touched(self, stamp: Stamp | None, size: int, version: int) -> set[str] | None:
        """The documents that changed since an index was left; None where it is not as it was left."""
        if stamp is None or stamp.library != self.catalog.id or stamp.size != size:
            return None
        return self.catalog.touched(stamp.version, version)

    # -- vectors -----------------------------------------------------------------------------

    def _mend_vectors(self, version: int, thorough: bool) -> Mended:
        stamp, words = (stamped.get() for stamped in self.stamps)
        touched = None
        if stamp and words and stamp.version == words.version and not thorough:  # the words tell what was held
            touched = self._touched(stamp, len(self.vectors.matrix()), version)
        if touched is not None and stamp is not None and stamp.version == version:
            return Mended()
        self.stamps[0].put(None)
        if touched is None:
            done, size = self._all_vectors(version, doubted=thorough or stamp is None)
        else:
            done, size = self._vectors_of(touched, version)
        self.vectors.settle()
        self.stamps[0].put(Stamp(self.catalog.id, version, size))
        return done

    def _vectors_of(self, touched: set[str], version: int) -> tuple[Mended, int]:
        before = self.vectors.matrix()
        every = dict(zip((i.decode() for i in before.ids), (m.tobytes() for m in before.marks), strict=True))
        held = {before.ids[row].decode() for row in before.rows_of(self.words.passages(sources=touched))}
        wanted = dict(sentences(self.catalog, touched))
        marks = {id: mark(text) for id, text in wanted.items()}
        missing, orphans = sorted(set(wanted) - held), sorted(held - set(wanted))
        every = {id: m for id, m in every.items() if id not in held} | marks
        self._bring(missing, orphans, wanted, every, version)
        return Mended(len(missing), len(orphans)), len(every)

    def _all_vectors(self, version: int, doubted: bool) -> tuple[Mended, int]:
        wanted = dict(sentences(self.catalog))
        marks = {id: mark(text) for id, text in wanted.items()}
        held = self.vectors.sound() if doubted else self.vectors.ids()
        missing, orphans = sorted(set(wanted) - held), sorted(held - set(wanted))
        try:
            self._bring(missing, orphans, wanted, marks, version)
        except BaseException as error:  # damage that shows only when it is written to
            if not doubted or not self.vectors.start_over(error):
                raise
            missing, orphans = sorted(wanted), []
            self._bring(missing, orphans, wanted, marks, version)
        return Mended(len(missing), len(orphans)), len(wanted)

    def _bring(
        self, missing: list[str], orphans: list[str], texts: Mapping[str, str], marks: dict[str, bytes], version: int
    ) -> None:
        """Vectors of the missing in, of the orphans out; `marks` are those of all sentences afterwards."""
        before = self.vectors.before()  # mapped: what is removed below can still be read from it
        same = before is not None and before.encoder == self.encoder.name
        known = before.known({marks[id] for id in missing}) if before is not None and same else {}
        self.vectors.remove(orphans)
        often = {m for m, n in Counter(marks[id] for id in missing).items() if n > 1}
        for at in range(0, len(missing), _PART):
            part = missing[at : at + _PART]
            new = {marks[id]: texts[id] for id in part if marks[id] not in known}
            found = dict(zip(new, self.encoder.encode(list(new.values())), strict=True))
            known |= {m: v for m, v in found.items() if m in often}
            vectors: list[Array] = [found[marks[id]] if marks[id] in found else known[marks[id]] for id in part]
            self.vectors.add(part, np.array(vectors, np.float32))
            if self.progress:
                self.progress(min(at + _PART, len(missing)), len(missing))
        self.vectors.keep(self.encoder.name, marks, version, self.encoder.dimensions)

    # -- words -------------------------------------------------------------------------------

    def mend_words(self, thorough: bool = False) -> None:
        """The word index as the catalog has it; whoever calls holds the lock of its folder."""
        version, stamp = self.catalog.version, self.stamps[1].get()
        touched = None if thorough else self._touched(stamp, len(self.words), version)
        if touched is not None and stamp is not None and stamp.version == version:
            return
        self.stamps[1].put(None)
        if stamp is None:  # a writer was ended while it wrote: no file of it is trusted
            self.words.clear()
        rows = None if touched is None else list(self._rows(touched))
        if rows is None or touched is None or self.words.passages(sources=touched):
            self.words.rebuild(self._rows(None))  # what is replaced leaves no trace, which only writing anew can do
        elif rows:
            self.words.add(rows)
        self.stamps[1].put(Stamp(self.catalog.id, version, len(self.words), self.words.contents()))

    def _rows(self, sources: Iterable[str] | None) -> Iterator[Row]:
        titles = {s.id: s.title for s in self.catalog.sources()}
        find = gazetteer().find
        for source in [None] if sources is None else sorted(sources):
            for passage, spans in self.catalog.all_passages(source):
                if not spans:
                    continue
                body = passage.text[spans[0][0] - passage.start : spans[-1][1] - passage.start]
                title = titles[passage.source_id]
                places = sorted({m.code for part in (title, passage.heading, body) for m in find(part)})
                yield passage.id, passage.source_id, title, passage.heading, body, places


def sentences(catalog: Catalog, sources: Iterable[str] | None = None) -> Iterator[tuple[str, str]]:
    """The id and the text of every sentence of some documents, or of all."""
    for source in [None] if sources is None else sorted(sources):
        for passage, spans in catalog.all_passages(source):
            for n, (a, b) in enumerate(spans):
                yield sentence_id(passage.id, n), passage.text[a - passage.start : b - passage.start]
