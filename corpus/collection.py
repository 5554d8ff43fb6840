"""The collection in Chroma that holds a library's sentence vectors, and no documents: the only door to Chroma.

Texts stand in the catalog, and with documents Chroma writes a third as fast and takes ten times the disk.
`ef_search` is set at creation, since a later change has no effect on a live index.
"""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from corpus.encoder import Vectors as Array
from corpus.errors import panicked
from corpus.served import Served, silent
from corpus.whole import synced

NAME = "sentences"
PART = 4000  # rows a call; Chroma takes 5,461
_PROBE = """
import sys, chromadb
from chromadb.config import Settings
client = chromadb.PersistentClient(path=sys.argv[1], settings=Settings(anonymized_telemetry=False))
for held in client.list_collections():
    some = held.get(limit=1, include=["embeddings"])
    assert len(held.get(include=[])["ids"]) == held.count()
    if len(some["ids"]):
        held.query(query_embeddings=[list(map(float, some["embeddings"][0]))], n_results=1)
"""


def _intact(path: Path) -> bool:
    """Whether SQLite finds its file whole; one that is not there is."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path)) as file:
            return bool(file.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


class SentenceCollection:
    """Vectors by id, in a folder or on a server. Opened when it is first needed, since to import Chroma takes time."""

    def __init__(self, folder: Path, url: str = "", name: str = NAME) -> None:
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
        self._folder, self._url, self._name = folder, url, name
        self._lock = threading.RLock()
        self._opened: Any = None
        self._count: int | None = None

    @property
    def _collection(self) -> Any:
        with self._lock:
            if self._opened is None:
                hnsw = {"space": "cosine", "ef_search": 200, "ef_construction": 200}
                self._client = self._connect()
                held = self._client.get_or_create_collection(
                    self._name, configuration={"hnsw": hnsw}, embedding_function=None
                )
                self._opened = Served(held, self._url) if self._url else held
            return self._opened

    def _connect(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        quiet = Settings(anonymized_telemetry=False)
        if self._url:
            at = urlsplit(self._url)
            try:
                return chromadb.HttpClient(
                    host=at.hostname or "localhost",
                    port=at.port or 8000,
                    ssl=at.scheme == "https",
                    settings=quiet,
                )
            except ValueError as error:
                raise silent(self._url) from error
        from chromadb.api.client import SharedSystemClient

        SharedSystemClient.clear_system_cache()  # else a client opened earlier is handed out, blind to the disk
        try:
            return chromadb.PersistentClient(path=str(self._folder), settings=quiet)
        except BaseException as error:  # damaged: made anew from the catalog
            if not isinstance(error, chromadb.errors.ChromaError | ValueError | OSError) and not panicked(error):
                raise
            shutil.rmtree(self._folder, ignore_errors=True)
            SharedSystemClient.clear_system_cache()
            return chromadb.PersistentClient(path=str(self._folder), settings=quiet)

    @property
    def is_open(self) -> bool:
        """Whether this process has a client of it."""
        return self._opened is not None

    def probe(self) -> None:
        """Open Chroma's files in a process of their own; what that does not survive is taken away.

        A writer that was killed may leave files that end whoever opens them with a signal.
        """
        if not self._url and not _intact(self._folder / "chroma.sqlite3"):
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._url or not any(self._folder.glob("*/index_metadata.pickle")):  # its graph, from 1,000 vectors on
            return
        run = subprocess.run([sys.executable, "-c", _PROBE, str(self._folder)], capture_output=True, timeout=600)
        if run.returncode:
            shutil.rmtree(self._folder)

    def settle(self) -> None:
        """Bring what was written to the disk; a server sees to that itself."""
        if not self._url:
            synced(self._folder, deep=True)

    def state(self, version: int) -> str:
        """What tells this state of it from another without opening it; empty where nothing does.

        A folder shows by its file that it has changed; a server's vectors are of the version that the caller says.
        """
        if self._url:
            return f"{self._url} {version}" if version >= 0 else ""
        try:
            about = (self._folder / "chroma.sqlite3").stat()
        except OSError:
            return ""
        return f"{about.st_size} {about.st_mtime_ns}"

    def __len__(self) -> int:
        with self._lock:
            if self._count is None:  # kept: among 400,000 vectors Chroma takes 40 ms to tell, and each question asks
                self._count = int(self._collection.count())
            return self._count

    def close(self) -> None:
        """Give the client back; the next use opens another, which sees what other processes have written."""
        with self._lock:
            self._count = None
            if self._opened is not None:
                self._opened = self._client = None
                gc.collect()  # the old client is a cycle that holds a dozen files open

    def start_over(self, error: BaseException) -> bool:
        """Begin anew with nothing where this error is Chroma's own; False where it is not, or is a full disk's."""
        import chromadb

        if "disk is full" in str(error) or "No space left" in str(error):
            return False
        own = (chromadb.errors.ChromaError,) if self._url else (chromadb.errors.ChromaError, ValueError, OSError)
        if not isinstance(error, own) and not panicked(error):
            return False
        self.start_anew()
        return True

    def start_anew(self) -> None:
        """Nothing left: of a folder no file, on a server not this collection."""
        if self._url:
            self.clear()
            return
        with self._lock:
            self.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def pages(self) -> Iterator[list[str]]:
        """Every id, in parts."""
        for at in range(0, len(self), PART):
            yield self._collection.get(include=[], limit=PART, offset=at)["ids"]

    def add(self, ids: Sequence[str], vectors: Array) -> None:
        """Vectors under their ids; an id that is there already is replaced."""
        for at in range(0, len(ids), PART):
            self._collection.upsert(ids=list(ids[at : at + PART]), embeddings=vectors[at : at + PART])
        self._count = None

    def remove(self, ids: Sequence[str]) -> None:
        """Ids gone; unknown ones are passed over."""
        for at in range(0, len(ids), PART):
            self._collection.delete(ids=list(ids[at : at + PART]))
        self._count = None

    def clear(self) -> None:
        """Nothing left."""
        with self._lock:
            self._collection  # noqa: B018 - opens the client
            self._client.delete_collection(self._name)
            self._opened = self._count = None

    @property
    def dimensions(self) -> int:
        """Numbers of a vector; 0 where there is none."""
        some = self._collection.get(include=["embeddings"], limit=1)["embeddings"]
        return len(some[0]) if len(some) else 0

    def fetched(self, ids: Sequence[str]) -> dict[str, Array]:
        """The vectors of some ids; unknown ones are left out."""
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        return {id: np.asarray(v, np.float32) for id, v in zip(found["ids"], found["embeddings"], strict=True)}

    def nearest(self, query: Array, limit: int) -> list[tuple[str, float]]:
        """The ids nearest to a vector of length 1 with their cosines, best first, through the graph: nearly all."""
        found = self._collection.query(query_embeddings=query[None], n_results=limit, include=["distances"])
        rows = [(id, 1.0 - float(d)) for id, d in zip(found["ids"][0], found["distances"][0], strict=True)]
        return sorted(rows, key=lambda row: (-row[1], row[0]))
