"""A library on disk: the catalog, and the two indexes that follow it.

The catalog is the record. A change is committed there first and the indexes are brought to the
same version after, by the same step that mends them on opening: so a process that is killed
anywhere loses nothing that was committed and doubles nothing.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.catalog import Catalog
from corpus.encoder import Encoder, load_encoder
from corpus.errors import LibraryBroken, LibraryBusy, LibraryError, NoLibrary
from corpus.figures import FigureTable
from corpus.settings import Settings
from corpus.types import Passage, Source
from corpus.vectors import Vectors
from corpus.words import STOP_WORDS, Row, Words

if TYPE_CHECKING:
    from corpus.recording import Change

Progress = Callable[[int, int], None]  # sentences embedded so far, sentences to embed
_EMBED = 256  # sentences embedded between two writes to the index


@dataclass(frozen=True, slots=True)
class Mended:
    """What bringing the indexes to the catalog's version had to do."""

    added: int = 0
    removed: int = 0
    rebuilt: bool = False


class Library:
    """An open library. Reading is safe from any thread; `change` takes the writer's lock."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self.settings = settings
        self.catalog = catalog
        self.folder = settings.folder
        self._encoder: Encoder | None = None
        self._vectors: Vectors | None = None
        self._words: Words | None = None
        self._lock = threading.RLock()
        self.version = catalog.version
        self.figures: FigureTable = catalog.figure_table()
        self._sources = {s.id: s for s in catalog.sources(held=None)}

    @classmethod
    def create(cls, settings: Settings) -> Library:
        """A new, empty library, or the one that is there already."""
        try:
            settings.folder.mkdir(parents=True, exist_ok=True)
            probe = settings.folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise LibraryError(
                f"cannot write to the folder {str(settings.folder)!r} ({reason}); choose another with --home"
            ) from None
        return cls(settings, _catalog(settings))

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Library:
        """The library of these settings, its indexes mended; raises NoLibrary where there is none."""
        if not cls.exists(settings):
            raise NoLibrary(f"no library in {str(settings.folder)!r}; make one with: footnote init")
        library = cls(settings, _catalog(settings))
        if not library.in_step:
            library._mend_if_free(progress)
        return library

    @staticmethod
    def exists(settings: Settings) -> bool:
        """Whether there is a library to open: one whose making was finished."""
        if not settings.catalog_url and not (settings.folder / "catalog.sqlite").exists():
            return False
        catalog = _catalog(settings)
        try:
            return catalog.made
        finally:
            catalog.close()

    def close(self) -> None:
        """Give back connections; the library can be opened again."""
        with self._lock:
            self._vectors = self._words = None
        self.catalog.close()

    # -- parts, opened when first needed -----------------------------------------------------

    @property
    def encoder(self) -> Encoder:
        """The model that made the vectors."""
        with self._lock:
            if self._encoder is None:
                self._encoder = load_encoder(self.settings.encoder)
            return self._encoder

    @property
    def vectors(self) -> Vectors:
        """The vector index; one that has lost vectors since it was written is mended first."""
        with self._lock:
            if self._vectors is None:
                self._vectors = Vectors(self.folder / "chroma", self.settings.chroma_url)
                if self.in_step and len(self._vectors) != self.catalog.index_sizes[0]:
                    self._mend_if_free()
            return self._vectors

    @property
    def words(self) -> Words:
        """The word index; one that has lost passages since it was written is mended first."""
        with self._lock:
            if self._words is None:
                self._words = Words(self.folder / "words")
                if self.in_step and len(self._words) != self.catalog.index_sizes[1]:
                    self._mend_if_free()
            return self._words

    def source(self, id: str) -> Source:
        """A source by its id, held or only cited."""
        found = self._sources.get(id)
        return found if found is not None else self.catalog.source(id)

    @property
    def manifest(self) -> str:
        """A hash over the ids and contents of all documents and the figures' count: what was known."""
        text = "\n".join(f"{id} {sha}" for id, sha in self.catalog.manifest()) + f"\n{len(self.figures)}"
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def in_step(self) -> bool:
        """Whether the indexes hold the catalog's version (by record; `footnote doctor` counts)."""
        there = (self.folder / "words").is_dir() and bool(self.settings.chroma_url or (self.folder / "chroma").is_dir())
        return there and self.catalog.indexed == self.catalog.version

    def refresh(self) -> bool:
        """Take over what another process has written; True where something changed."""
        version = self.catalog.version
        if version == self.version or self.catalog.indexed != version:
            return False
        with self._lock:
            if self._vectors is not None:
                self._vectors.refresh()
            if self._words is not None:
                self._words.refresh()
            self.figures = self.catalog.figure_table()
            self._sources = {s.id: s for s in self.catalog.sources(held=None)}
            self.version = version
        return True

    # -- writing -----------------------------------------------------------------------------

    @contextmanager
    def writing(self, wait: float | None = None) -> Iterator[None]:
        """Hold the writer's lock; raises LibraryBusy that names the holder."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / "writer.lock")
        holder = self.folder / "writer.pid"
        try:
            lock.acquire(timeout=self.settings.lock_seconds if wait is None else wait)
        except Timeout:
            who = holder.read_text("utf-8").strip() if holder.exists() else "unknown"
            raise LibraryBusy(f"process {who} is writing to {str(self.folder)!r}; try again when it is done") from None
        try:
            holder.write_text(str(os.getpid()), "utf-8")
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    @contextmanager
    def change(self, progress: Progress | None = None) -> Iterator[Change]:
        """One change to the library: committed to the catalog, then brought into the indexes."""
        with self.writing():
            with self.catalog.transaction() as change:
                yield change
            self.mend(progress)

    def _mend_if_free(self, progress: Progress | None = None) -> None:
        try:
            with self.writing(wait=0.0):
                self.mend(progress)
        except LibraryBusy:  # the holder brings the indexes into step; until then this is what they hold
            self.version = self.catalog.indexed

    def mend(self, progress: Progress | None = None) -> Mended:
        """Bring both indexes to the catalog's version; the caller holds the writer's lock."""
        if self._vectors is not None:
            self._vectors.refresh()  # a client that has not seen another process's vectors overwrites them
        version = self.catalog.version
        behind = self.catalog.indexed != version
        rebuilt = self.catalog.encoder not in ("", self.encoder.name)
        if rebuilt:
            self.vectors.clear()
        if self.catalog.encoder != self.encoder.name:
            with self.catalog.transaction() as change:
                change.use_encoder(self.encoder.name)
            version = self.catalog.version
        wanted = {id: text for id, text in self._sentences()}
        held = self.vectors.ids()
        missing = sorted(set(wanted) - held)
        orphans = sorted(held - set(wanted))
        self.vectors.remove(orphans)
        for at in range(0, len(missing), _EMBED):
            part = missing[at : at + _EMBED]
            self.vectors.add(part, self.encoder.encode([wanted[id] for id in part]))
            if progress:
                progress(min(at + _EMBED, len(missing)), len(missing))
        passages = len({sentence_passage(i) for i in wanted})
        if behind or missing or orphans or len(self.words) != passages:
            self.words.rebuild(self._rows())
        self.catalog.mark_indexed(version, len(wanted), passages)
        self.figures = self.catalog.figure_table()
        self._sources = {s.id: s for s in self.catalog.sources(held=None)}
        self.version = version
        return Mended(len(missing), len(orphans), rebuilt)

    def _sentences(self) -> Iterator[tuple[str, str]]:
        for passage, spans in self.catalog.all_passages():
            for n, (a, b) in enumerate(spans):
                yield (
                    sentence_id(passage.id, n),
                    passage.text[a - passage.start : b - passage.start],
                )

    def _rows(self) -> Iterator[Row]:
        titles = {s.id: s.title for s in self.catalog.sources()}
        for passage, spans in self.catalog.all_passages():
            if spans:
                body = passage.text[spans[0][0] - passage.start : spans[-1][1] - passage.start]
                yield (
                    passage.id,
                    passage.source_id,
                    titles[passage.source_id],
                    passage.heading,
                    body,
                )

    def check(self) -> list[str]:
        """What is wrong with the library, a sentence each; empty where all is well."""
        faults: list[str] = []
        sentences = 0
        searchable = 0
        at: dict[str, int] = {}
        texts: dict[str, str] = {}
        for passage, spans in self.catalog.all_passages():
            text = texts.setdefault(passage.source_id, self.catalog.text(passage.source_id))
            if text[passage.start : passage.end] != passage.text or at.get(passage.source_id, 0) != passage.start:
                faults.append(f"passage {passage.id} does not stand at its place in {passage.source_id}")
            at[passage.source_id] = passage.end
            sentences += len(spans)
            searchable += bool(spans)
        faults += [
            f"the passages of {id} end at {at.get(id, 0)} of {len(t)}"
            for id, t in texts.items()
            if at.get(id) != len(t)
        ]
        if len(self.vectors) != sentences:
            faults.append(f"the vector index holds {len(self.vectors)} of {sentences} sentences")
        if len(self.words) != searchable:
            faults.append(f"the word index holds {len(self.words)} of {searchable} passages")
        if not self.in_step:
            faults.append("the indexes are behind the catalog")
        return faults


def sentence_id(passage_id: str, n: int) -> str:
    """The id of a passage's n-th sentence in the vector index."""
    return f"{passage_id}.{n}"


def sentence_passage(id: str) -> str:
    """The passage of a sentence's id."""
    return id.rpartition(".")[0]


def passage_id(source_id: str, start: int, text: str) -> str:
    """A content hash: the same text at the same place of the same source has the same id."""
    return hashlib.sha256(f"{source_id}\0{start}\0{text}".encode()).hexdigest()[:20]


def _catalog(settings: Settings) -> Catalog:
    if settings.catalog_url:
        return Catalog(settings.catalog_url)
    if not settings.folder.is_dir():
        raise LibraryBroken(f"{str(settings.folder)!r} is not a folder; choose one with --home")
    return Catalog.in_folder(settings.folder)


def passages_sorted(passages: Sequence[Passage]) -> list[Passage]:
    """Passages by source and place."""
    return sorted(passages, key=lambda p: (p.source_id, p.start))


__all__ = [
    "STOP_WORDS",
    "Library",
    "Mended",
    "Progress",
    "passage_id",
    "sentence_id",
    "sentence_passage",
]
