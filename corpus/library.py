"""A library on disk: the catalog, and the two indexes that follow it.

The catalog is the record. A change is committed there first and the indexes are brought to the
same version after, by the same step that mends them on opening: so a process that is killed
anywhere loses nothing that was committed and doubles nothing.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.catalog import Catalog
from corpus.encoder import Encoder, Reranker, TokenEncoder, load_encoder, load_reranker
from corpus.errors import LibraryBroken, LibraryBusy, LibraryError, NoLibrary
from corpus.figures import FigureTable
from corpus.ids import passage_id, sentence_id, sentence_passage
from corpus.mending import Mended, Mender, Progress
from corpus.settings import Settings
from corpus.tokens import TokenIndex
from corpus.types import Source
from corpus.vectors import Vectors
from corpus.words import STOP_WORDS, Words

if TYPE_CHECKING:
    from corpus.recording import Change


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """A part of a library to search: what the word index and the vector index each need to stay fast."""

    sources: frozenset[str] | None
    places: frozenset[str] | None
    passages: frozenset[str]


class Library:
    """An open library. Reading is safe from any thread; `change` takes the writer's lock."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self.settings = settings
        self.catalog = catalog
        self.folder = settings.folder
        self._encoder: Encoder | None = None
        self._vectors: Vectors | None = None
        self._words: Words | None = None
        self._tokens: TokenIndex | None = None
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
            self._vectors = self._words = self._tokens = None
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
    def reranker(self) -> Reranker | None:
        """The cross-encoder that the settings name, if any."""
        return load_reranker(self.settings.reranker) if self.settings.reranker else None

    @property
    def vectors(self) -> Vectors:
        """The vector index; one that has lost vectors since it was written is mended first."""
        with self._lock:
            if self._vectors is None:
                self._vectors = Vectors(self.folder / "chroma", self.settings.chroma_url, self.version)
                if self.in_step and self._vectors.size != self.catalog.index_sizes[0]:
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

    @property
    def tokens(self) -> TokenIndex:
        """The token vectors of the sentences: empty where the encoder tells none; what was lost is mended first."""
        with self._lock:
            if self._tokens is None:
                self._tokens = TokenIndex(self.folder / "tokens")
                if self.in_step and self._told_tokens != self.catalog.index_sizes[0]:
                    self._mend_if_free()
            return self._tokens

    @property
    def _told_tokens(self) -> int:
        """How many sentences the token index holds; as many as there are where the encoder tells no tokens."""
        by_token = isinstance(self.encoder, TokenEncoder)
        return len(self.tokens) if by_token else self.catalog.index_sizes[0]

    def source(self, id: str) -> Source:
        """A source by its id, held or only cited."""
        found = self._sources.get(id)
        return found if found is not None else self.catalog.source(id)

    def within(
        self, sources: Collection[str] = (), places: Collection[str] = (), since: str = "", until: str = ""
    ) -> Within | None:
        """The part of the library in these documents, naming one of these places (codes), published in a time.

        `since` and `until` are dates like 2025-01-02, 2025-01 or 2025, both included; a document without a
        date is in no time. None where nothing is asked, which means the whole library.
        """
        if not (sources or places or since or until):
            return None
        kept = None
        if sources or since or until:
            among = [s for id in sources if (s := self._sources.get(id))] if sources else self._sources.values()
            kept = frozenset(s.id for s in among if not (since or until) or _in_time(s.published, since, until))
        named = frozenset(places) or None
        return Within(kept, named, self.words.passages(kept, named))

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
                self._vectors.refresh(version)
            if self._words is not None:
                self._words.refresh()
            if self._tokens is not None:
                self._tokens.refresh()
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

    def mend(self, progress: Progress | None = None, thorough: bool = False) -> Mended:
        """Bring the indexes to the catalog's version; the caller holds the writer's lock.

        `thorough` compares everything with the catalog, even where all seems to be as it was left.
        """
        if self._vectors is not None:
            self._vectors.refresh()  # a client that has not seen another process's vectors overwrites them
        if self._words is not None:
            self._words.refresh()
        if self._tokens is not None:
            self._tokens.refresh()
        mender = Mender(self.catalog, self.vectors, self.words, self.tokens, self.encoder, progress)
        done = mender.mend(self.catalog.version, thorough)
        self.figures = self.catalog.figure_table()
        self._sources = {s.id: s for s in self.catalog.sources(held=None)}
        self.version = self.catalog.indexed
        return done

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
        if isinstance(self.encoder, TokenEncoder) and len(self.tokens) != sentences:
            faults.append(f"the token index holds {len(self.tokens)} of {sentences} sentences")
        if len(self.words) != searchable:
            faults.append(f"the word index holds {len(self.words)} of {searchable} passages")
        if not self.in_step:
            faults.append("the indexes are behind the catalog")
        return faults


def _in_time(published: str, since: str, until: str) -> bool:
    """Whether a date of reduced precision may lie between two others."""
    after, before = min(len(published), len(since)), min(len(published), len(until))
    return bool(published) and published[:after] >= since[:after] and published[:before] <= until[:before]


def _catalog(settings: Settings) -> Catalog:
    if settings.catalog_url:
        return Catalog(settings.catalog_url)
    if not settings.folder.is_dir():
        raise LibraryBroken(f"{str(settings.folder)!r} is not a folder; choose one with --home")
    return Catalog.in_folder(settings.folder)


__all__ = [
    "STOP_WORDS",
    "Library",
    "Mended",
    "Progress",
    "Within",
    "passage_id",
    "sentence_id",
    "sentence_passage",
]
