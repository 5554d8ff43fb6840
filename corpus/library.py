"""A library on disk: the catalog, and the three indexes that follow it.

The catalog is the record. A change is committed there first and the indexes are brought to the
same version after, by the same step that mends them on opening: so a process that is killed
anywhere loses nothing that was committed and doubles nothing.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.catalog import Catalog
from corpus.encoder import Encoder, Reranker, TokenEncoder, load_encoder, load_reranker
from corpus.errors import LibraryBroken, LibraryBusy, LibraryError, NoLibrary, storage_errors
from corpus.ids import passage_id, sentence_id, sentence_passage
from corpus.indexes import Indexes
from corpus.locking import alone
from corpus.mending import Mended, Progress
from corpus.settings import Settings
from corpus.stamps import Stamped, Versions
from corpus.tokens import TokenIndex
from corpus.types import Source
from corpus.vectors import Vectors
from corpus.whole import swept
from corpus.within import Within, in_time
from corpus.words import STOP_WORDS, Words
from corpus.work import Work

if TYPE_CHECKING:
    from corpus.recording import Change


_PATIENCE = 5.0  # seconds that questions which overlap may keep a new version waiting


class Library:
    """An open library. Reading is safe from any thread; `change` takes the writer's lock."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self.settings = settings
        self.catalog = catalog
        self.folder = settings.folder
        self._encoder: Encoder | None = None
        self._indexes = Indexes(settings, catalog)
        self._lock = threading.RLock()
        self._known: tuple[tuple[int, int], str] = ((-1, -1), "")  # the manifest, and of which versions
        self._asking = 0  # questions that are being answered
        self._due: float | None = None  # since when a new version waits for them
        self._bringing: threading.Thread | None = None  # what this machine has of its own to a shared version
        self.unfinished: Work | None = None  # what a process that was ended had set out to do
        self.mended: Mended | None = None  # what opening had to do
        self.trouble = ""  # why it could not be done
        self._take_over()

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
        settings.folder.mkdir(parents=True, exist_ok=True)  # where the catalog is elsewhere, this holds caches
        library = cls(settings, _catalog(settings))
        work = library.catalog.unfinished()
        if work is not None or not library.in_step:
            library._mend_if_free(progress, work)
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
            self._indexes.close()
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
            if self._indexes.vectors is None:
                if self.in_step and self._indexes.lacks_vectors():
                    self._mend_if_free()
            return self._indexes.open_vectors()

    @property
    def tokens(self) -> TokenIndex:
        """The token vectors of the sentences, none where the encoder tells none; made anew where they were lost."""
        with self._lock:
            stamped = self._indexes.stamps.tokens
            if self._indexes.tokens is None and self._indexes.is_lost(stamped, self._indexes.token_folder):
                self._mend_if_free(lost=stamped)
            return self._indexes.open_tokens()

    @property
    def words(self) -> Words:
        """The word index; one that is not as it was left is made anew first."""
        with self._lock:
            stamped = self._indexes.stamps.words
            if self._indexes.words is None and self._indexes.is_lost(stamped, self._indexes.word_folder):
                self._mend_if_free(lost=stamped)
            return self._indexes.open_words()

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
            kept = frozenset(s.id for s in among if not (since or until) or in_time(s.published, since, until))
        named = frozenset(places) or None
        return Within(kept, named, self.words.passages(kept, named))

    @property
    def manifest(self) -> str:
        """A hash over the ids and contents of all documents and the figures' count: what was known."""
        if self._known[0] != (at := (self.version, self.catalog.version)):  # each answer says it
            text = "\n".join(f"{id} {sha}" for id, sha in self.catalog.manifest()) + f"\n{len(self.figures)}"
            self._known = at, hashlib.sha256(text.encode()).hexdigest()
        return self._known[1]

    @property
    def indexed(self) -> Versions:
        """The versions that the indexes were last left at; -1 where that is not known."""
        return self._indexes.versions

    @property
    def in_step(self) -> bool:
        """Whether the indexes hold the catalog's version (by their stamps; `footnote doctor` counts)."""
        return self._indexes.in_step

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Answer a question: the library is brought to what others have written first, and not while it lasts."""
        self.refresh(wait=False)
        with self._lock:
            self._asking += 1
        try:
            yield
        finally:
            with self._lock:
                self._asking -= 1

    def refresh(self, wait: bool = True) -> bool:
        """Take over what another process has written; True where something changed.

        Until its indexes are in step, and until no question is being answered, the old version stands:
        its documents too, by a snapshot of the record. Where each machine has indexes of its own, they are
        brought along first; without `wait`, meanwhile.
        """
        version = self.catalog.version
        if version == self.version or self.indexed.vectors != version:
            return False
        if self.settings.catalog_url and not self.in_step:
            self._bring_own(wait)
        if not self.in_step:
            return False
        with self._lock:
            self._due = self._due or time.monotonic()
            if self._asking and time.monotonic() - self._due < _PATIENCE:
                return False
            self._due = None
            self._indexes.refresh(version)
            self._take_over()
        return True

    def renew(self) -> None:
        """Take a new snapshot of the record where nothing has changed, so that the database may tidy up."""
        with self._lock:
            if not self._asking and self.in_step and self.catalog.version == self.version:
                self.catalog.pin()

    def _take_over(self) -> None:
        """Read the record as it is; of this version for as long as its indexes are in step with it."""
        with self._lock:
            self.catalog.unpin()
            self.version = self.catalog.pin()
            if not self.in_step or self.catalog.version != self.version:
                self.catalog.unpin()
                self.version = min(self.indexed)
            self.figures = self.catalog.figure_table()
            self._sources = {s.id: s for s in self.catalog.sources(held=None)}

    def _bring_own(self, wait: bool = True) -> None:
        """Bring this machine's tokens and words to the catalog's version, beside those that are being searched."""
        if not wait:
            if self._bringing is None or not self._bringing.is_alive():
                self._bringing = threading.Thread(target=self._bring_meanwhile, daemon=True)
                self._bringing.start()
            return
        with self._own():
            self._indexes.mend_own(self.encoder)

    def _own(self) -> AbstractContextManager[None]:
        """The lock of what each machine has of its own to a shared library."""
        shared = self.settings.catalog_url
        return alone(self.folder, self.settings.lock_seconds, "own") if shared else nullcontext()

    def _bring_meanwhile(self) -> None:
        try:
            self._bring_own()
            self.trouble = ""
        except LibraryError as error:  # the old version stands, and the next question tries again
            self.trouble = str(error)
        except storage_errors() as error:
            self.trouble = str(error) or type(error).__name__

    # -- writing -----------------------------------------------------------------------------

    @contextmanager
    def writing(self, wait: float | None = None) -> Iterator[None]:
        """Hold the writer's lock; raises LibraryBusy that names the holder."""
        seconds = self.settings.lock_seconds if wait is None else wait
        shared = self.catalog.alone(seconds) if self.catalog.shared else nullcontext()
        with alone(self._beside, seconds), shared:
            self.catalog.unpin()
            swept(self.folder)
            try:
                if self.settings.catalog_url and self.indexed.vectors == self.catalog.version and not self.in_step:
                    self._bring_own()
                yield
            finally:
                if self.in_step:
                    self._take_over()

    @property
    def _beside(self) -> Path:
        """The folder of the writer's lock: that of the record, where this is a file."""
        url = self.settings.catalog_url
        return Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:///") else self.folder

    @contextmanager
    def change(self, progress: Progress | None = None) -> Iterator[Change]:
        """One change to the library: committed to the catalog, then brought into the indexes."""
        with self.writing():
            with self.catalog.transaction() as change:
                yield change
            self.mend(progress)

    def _mend_if_free(
        self, progress: Progress | None = None, work: Work | None = None, lost: Stamped | None = None
    ) -> None:
        try:
            with self.writing(wait=0.0):
                self.unfinished = self.catalog.unfinished() if work else None  # whoever was at it is not any more
                if lost is not None:
                    lost.put(None)
                self.mended = self.mend(progress)
        except storage_errors() as error:  # a full disk, most of all: what can be read is read
            self.trouble = str(error) or type(error).__name__
            self.version = min(self.indexed)
        except LibraryBusy:  # the holder brings the indexes into step; until then this is what they hold
            self.version = min(self.indexed)

    def mend(self, progress: Progress | None = None, thorough: bool = False) -> Mended:
        """Bring the indexes to the catalog's version; the caller holds the writer's lock.

        `thorough` compares everything with the catalog, even where all seems to be as it was left.
        """
        with self._own():
            done = self._indexes.mend(self.encoder, progress, thorough)
        self._take_over()
        return done

    def check(self) -> list[str]:
        """What is wrong with the library, a sentence each; empty where all is well."""
        from corpus.checking import check  # late: a question does not read everything

        self.catalog.unpin()
        tokens = self.tokens if isinstance(self.encoder, TokenEncoder) else None
        parts = check(self.catalog, self.vectors, tokens, self.words)
        behind = [] if self.in_step else ["the indexes are behind the catalog"]
        return [fault for _part, faults in parts for fault in faults] + behind


def _catalog(settings: Settings) -> Catalog:
    if settings.catalog_url:
        return Catalog(settings.catalog_url)
    if not settings.folder.is_dir():
        raise LibraryBroken(f"{str(settings.folder)!r} is not a folder; choose one with --home")
    return Catalog.in_folder(settings.folder)


__all__ = [
    "STOP_WORDS", "Library", "Mended", "Progress", "Within", "Work", "passage_id", "sentence_id", "sentence_passage",
]  # fmt: skip
