"""The three indexes of a library, each opened when it is first needed, and the stamps that say what they hold."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

from corpus.catalog import Catalog
from corpus.encoder import Encoder
from corpus.mending import Mended, Mender, Progress
from corpus.settings import Settings
from corpus.stamps import Stamped, StampFile, StampNote, Stamps, Versions, as_left
from corpus.tokens import TokenIndex
from corpus.vectors import EXACT, Vectors
from corpus.whole import swept
from corpus.words import Words


class Indexes:
    """Vectors, tokens and words. Whoever calls sees to it that one thread opens or writes them at a time."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        folder = settings.folder
        self._chroma, self._url = folder / "chroma", settings.chroma_url
        self.token_folder, self.word_folder = folder / "tokens", folder / "words"
        self._catalog = catalog
        self.vectors: Vectors | None = None
        self.tokens: TokenIndex | None = None
        self.words: Words | None = None
        self.stamps = Stamps(
            StampNote(catalog) if self._url else StampFile(folder / "vectors.stamp"),
            StampFile(folder / "tokens.stamp"),
            StampFile(folder / "words.stamp"),
        )

    @property
    def versions(self) -> Versions:
        """The versions that they were last left at; -1 where that is not known."""
        return self.stamps.versions(self._catalog.id)

    @property
    def in_step(self) -> bool:
        """Whether they hold the catalog's version, by their stamps."""
        there = self.word_folder.is_dir() and bool(self._url or self._chroma.is_dir())
        return there and set(self.versions) == {self._catalog.version}

    def is_lost(self, stamped: Stamped, folder: Path) -> bool:
        """Whether an index in a folder should be in step and is not as it was left."""
        stamp = stamped.get()
        return stamp is not None and self.in_step and not as_left(folder, stamp.files)

    def open_vectors(self) -> Vectors:
        """The vectors; those of a server are of the version that its stamp tells."""
        if self.vectors is None:
            self.vectors = self._vectors()
        return self.vectors

    def _vectors(self) -> Vectors:
        return Vectors(self._chroma, self._url, self.versions.vectors, self._catalog.id)

    @property
    def _of_another(self) -> bool:
        """Whether the vectors that are open are those of a library that this one has taken the place of."""
        return bool(self._url) and self.vectors is not None and self.vectors.library != self._catalog.id

    def lacks_vectors(self, counted: bool = False) -> bool:
        """Whether the vectors are not as many as their stamp says; on a server, `counted` there and not here."""
        stamp, vectors = self.stamps.vectors.get(), self.open_vectors()
        if stamp is None:
            return False
        return stamp.size != (
            len(vectors.collection) if self._url and (counted or stamp.size > EXACT) else vectors.size
        )

    def open_tokens(self) -> TokenIndex:
        """The tokens."""
        if self.tokens is None:
            self.tokens = TokenIndex(self.token_folder)
        return self.tokens

    def open_words(self) -> Words:
        """The words."""
        if self.words is None:
            self.words = Words(self.word_folder)
        return self.words

    def refresh(self, version: int) -> None:
        """Those that are open see what other processes have written."""
        if self._of_another:
            self.vectors = None
        if self.vectors is not None:
            self.vectors.refresh(version)
        if self.tokens is not None:
            self.tokens.refresh()
        if self.words is not None:
            self.words.refresh()

    def close(self) -> None:
        """Give them back."""
        self.vectors = self.tokens = self.words = None

    def mend(self, encoder: Encoder, progress: Progress | None, thorough: bool) -> Mended:
        """Bring all to the catalog's version; no index is opened for writing that may be cut off."""
        swept(self.token_folder)
        if self._of_another:
            self.vectors = None
        vectors = self.open_vectors()
        vectors.refresh(self.versions.vectors)  # a client that has not seen another's vectors overwrites them
        if self._url and self.lacks_vectors(counted=True):  # a server that lost its folder
            self.stamps.vectors.put(None)
        if thorough or self.stamps.vectors.get() is None:
            vectors.collection.probe()
        stamp = self.stamps.words.get()
        if self.words is None and (stamp is None or not as_left(self.word_folder, stamp.files, thorough)):
            self.stamps.words.put(None)
            rmtree(self.word_folder, ignore_errors=True)  # before tantivy opens it
        stamp = self.stamps.tokens.get()
        if self.tokens is None and stamp is not None and not as_left(self.token_folder, stamp.files, thorough):
            self.stamps.tokens.put(None)
        tokens, words = self.open_tokens(), self.open_words()
        tokens.refresh()
        words.refresh()
        return Mender(self._catalog, vectors, tokens, words, encoder, self.stamps, progress).mend(thorough)

    def mend_own(self, encoder: Encoder) -> None:
        """Bring tokens and words to the version of a catalog that is shared, beside those that are being searched."""
        vectors = self._vectors() if self._of_another else self.open_vectors()
        tokens, words = TokenIndex(self.token_folder), Words(self.word_folder)
        Mender(self._catalog.current(), vectors, tokens, words, encoder, self.stamps).mend_here()
