"""The vector index: sentence vectors in Chroma, ids that lead back to passages. Its only door.

Chroma holds ids and vectors, no documents: texts stand in the catalog, and with documents Chroma
writes a third as fast and takes ten times the disk. `ef_search` is set at creation, since a later
change has no effect on a live index.

Beside it stands a `Matrix` of the same vectors. It answers exactly up to EXACT vectors and whenever a
filter leaves no more than that; then no question imports Chroma, which alone takes most of a second.
"""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from corpus.encoder import Vectors as Array
from corpus.errors import panicked
from corpus.matrix import MARK, Matrix, restamp, write
from corpus.served import Served, silent
from corpus.whole import synced

NAME = "sentences"
_PART = 4000  # Chroma takes 5,461 rows a call
# Up to so many vectors are searched exactly (75 MB): faster than the graph at this size, and the same in
# every process. The graph is built anew by each client that replays its log, and two graphs can differ in
# the last of a hundred neighbours, so the same question would not give the same answer everywhere.
EXACT = 50_000
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
_UNMARKED = b"\0" * MARK  # content that nobody has said


def _intact(path: Path) -> bool:
    """Whether SQLite finds its file whole; one that is not there is."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path)) as file:
            return bool(file.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


class Vectors:
    """Nearest sentences of a library by cosine. Reading is safe from any thread.

    On a server, which several libraries may use, `library` is the id of the one whose vectors these are.
    """

    def __init__(self, folder: Path, url: str = "", version: int = 0, library: str = "") -> None:
        self.library = library
        self._name = f"{NAME}-{library}" if url and library else NAME
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
        self._folder, self._url, self._version = folder, url, version
        self._file = folder.with_name("vectors.f32")
        self._lock = threading.RLock()
        self._opened: Any = None  # the collection, once it was needed
        self._held: Matrix | None = None
        self._count: int | None = None

    # -- Chroma ------------------------------------------------------------------------------

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

    def __len__(self) -> int:
        with self._lock:
            if self._count is None:  # kept: among 400,000 vectors Chroma takes 40 ms to tell, and each question asks
                self._count = int(self._collection.count())
            return self._count

    def refresh(self, version: int | None = None) -> None:
        """See what other processes have written: a client of Chroma does not do so by itself."""
        with self._lock:
            self._version = self._version if version is None else version
            self._held = self._count = None
            if self._opened is not None:
                self._opened = self._client = None
                gc.collect()  # the old client is a cycle that holds a dozen files open

    def ids(self) -> set[str]:
        """Every id in the index."""
        return {id for part in self._pages() for id in part}

    def of(self, passages: Collection[str]) -> set[str]:
        """The ids of the sentences of some passages."""
        held = self.matrix()
        return {held.ids[row].decode() for row in held.rows_of(passages)}

    def sound(self) -> set[str]:
        """The ids whose vectors are what they were: of length 1, and as the matrix has them.

        A folder of Chroma that cannot be read through is taken away, and so is a matrix that is not as written.
        """
        with self._lock:
            before = self.before()
            if before is not None and not before.sound:
                self._file.unlink()
                before = None
            try:
                return {id for part in self._pages() for id in self._unharmed(part, before)}
            except BaseException as error:
                if not self.start_over(error):
                    raise
                return set()

    def start_over(self, error: BaseException) -> bool:
        """Take Chroma's folder away where this error is of its making; False where it is another's, or on a server."""
        import chromadb

        known = isinstance(error, chromadb.errors.ChromaError | ValueError | OSError) or panicked(error)
        if self._url or not known:
            return False
        with self._lock:
            self._opened = self._client = None
            gc.collect()
            shutil.rmtree(self._folder, ignore_errors=True)
        return True

    def _pages(self) -> Iterator[list[str]]:
        for at in range(0, len(self), _PART):
            yield self._collection.get(include=[], limit=_PART, offset=at)["ids"]

    def _unharmed(self, ids: Sequence[str], before: Matrix | None) -> list[str]:
        found = self._fetched(ids)
        rows = before.find(ids) if before is not None else np.full(len(ids), -1)
        kept = []
        for id, row in zip(ids, rows, strict=True):
            vector = found.get(id)
            if vector is None or not abs(float(vector @ vector) - 1) < 1e-3:
                continue
            if before is not None and row >= 0 and not np.allclose(vector, before.vectors[row], atol=1e-5):
                continue
            kept.append(id)
        return kept

    def add(self, ids: Sequence[str], vectors: Array) -> None:
        """Vectors under their ids; an id that is there already is replaced."""
        self._outdated()
        for at in range(0, len(ids), _PART):
            self._collection.upsert(ids=list(ids[at : at + _PART]), embeddings=vectors[at : at + _PART])
        self._count = None

    def remove(self, ids: Sequence[str]) -> None:
        """Ids gone; unknown ones are passed over."""
        self._outdated()
        for at in range(0, len(ids), _PART):
            self._collection.delete(ids=list(ids[at : at + _PART]))
        self._count = None

    def clear(self) -> None:
        """Nothing left, for vectors of another model."""
        self._outdated()
        self._collection  # noqa: B018 - opens the client
        self._client.delete_collection(self._name)
        self._opened = self._count = None

    # -- the matrix beside it ------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many vectors there are, without opening Chroma where the matrix tells."""
        fresh = self._fresh()
        return len(self) if fresh is None else len(fresh)

    def before(self) -> Matrix | None:
        """The matrix as it was last written, whether or not the index has changed since."""
        return Matrix.open(self._file)

    def keep(self, encoder: str, marks: Mapping[str, bytes], version: int, dimensions: int) -> None:
        """Write the matrix anew: the ids of `marks`, which are all there are, each with its content's mark."""
        before = self.before()
        if before is not None and before.encoder != encoder:
            before = None  # an id stands for a text, and another model gives it another vector
        with self._lock:
            self._version = version
            parts = self._rows(sorted(marks, key=str.encode), before)
            write(self._file, self._stamp(), encoder, marks, dimensions, parts)
            self._held = None

    def _rows(self, ids: Sequence[str], before: Matrix | None) -> Iterator[Array]:
        """The vectors of ids, in parts; what an earlier matrix holds is not fetched again."""
        for at in range(0, len(ids), _PART):
            part = ids[at : at + _PART]
            rows = before.find(part) if before is not None else np.full(len(part), -1)
            out = before.vectors[rows] if before is not None and len(before) else np.zeros((len(part), 0), np.float32)
            if missing := [n for n, row in enumerate(rows) if row < 0]:
                found = self._fetched([part[n] for n in missing])
                if out.shape[1] == 0:
                    out = np.zeros((len(part), len(next(iter(found.values())))), np.float32)
                out[missing] = [found[part[n]] for n in missing]
            yield out

    def _outdated(self) -> None:
        self._held = self._count = None
        if self._url:  # a local index shows by its file that it has changed
            self._file.unlink(missing_ok=True)

    def _stamp(self) -> str:
        """The state of the index as far as it can be told without Chroma."""
        if self._url:
            return f"{self._url} {self._version}" if self._version >= 0 else ""
        try:
            about = (self._folder / "chroma.sqlite3").stat()
        except OSError:
            return ""
        return f"{about.st_size} {about.st_mtime_ns}"

    def _fresh(self) -> Matrix | None:
        """The matrix where it holds what the index holds."""
        with self._lock:
            if self._held is None:
                found = self.before()
                if found is not None and found.stamp and found.stamp == self._stamp():
                    self._held = found
            return self._held

    def matrix(self) -> Matrix:
        """All vectors as they are now; the file is brought into step where the index was opened or changed."""
        with self._lock:
            if (fresh := self._fresh()) is not None:
                return fresh
            ids, found = self.ids(), self.before()
            try:
                if found is not None and {id.decode() for id in found.ids} == ids:
                    restamp(self._file, self._stamp())  # an id stands for its content: the vectors are the same
                else:
                    encoder = found.encoder if found is not None else ""
                    self.keep(encoder, self._marks(ids, found), self._version, self._dimensions())
            except OSError:  # a folder that may only be read: held in memory, for this process
                self._held = self._in_memory(sorted(ids, key=str.encode))
                return self._held
            return self._fresh() or self._in_memory(sorted(ids, key=str.encode))

    def _marks(self, ids: set[str], found: Matrix | None) -> dict[str, bytes]:
        held = {} if found is None else dict(zip((i.decode() for i in found.ids), found.marks, strict=True))
        return {id: held[id].tobytes() if id in held else _UNMARKED for id in ids}

    def _dimensions(self) -> int:
        some = self._collection.get(include=["embeddings"], limit=1)["embeddings"]
        return len(some[0]) if len(some) else 0

    def _in_memory(self, ids: Sequence[str]) -> Matrix:
        parts = list(self._rows(ids, None)) or [np.zeros((0, 0), np.float32)]
        names = np.array([id.encode() for id in ids], "S" if ids else "S1")
        return Matrix(self._stamp(), "", names, np.zeros((len(ids), MARK), np.uint8), np.concatenate(parts))

    # -- reading -------------------------------------------------------------------------------

    def get(self, ids: Sequence[str]) -> dict[str, Array]:
        """The vectors of some ids; unknown ones are left out."""
        if (held := self._fresh()) is None and len(self) > EXACT:
            return self._fetched(ids)
        held = held or self.matrix()
        return {id: held.vectors[row] for id, row in zip(ids, held.find(ids), strict=True) if row >= 0}

    def cosines(self, ids: Sequence[str], vector: Array) -> Array:
        """The cosine of each id with a vector of length 1; 0 for an unknown one."""
        out = np.zeros(len(ids), np.float32)
        if (held := self._fresh()) is None and len(self) > EXACT:
            found = self._fetched(ids)
            for n, id in enumerate(ids):
                if id in found:
                    out[n] = found[id] @ vector
            return out
        held = held or self.matrix()
        rows = held.find(ids)
        there = rows >= 0
        out[there] = held.vectors[rows[there]] @ vector
        return out

    def _fetched(self, ids: Sequence[str]) -> dict[str, Array]:
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        return {id: np.asarray(v, np.float32) for id, v in zip(found["ids"], found["embeddings"], strict=True)}

    def search(
        self, vector: Array, limit: int, passages: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:  # fmt: skip
        """The nearest ids with their cosines, best first; ties by id.

        `passages` are the ids of the passages that may be found, None for all. Exact up to EXACT
        vectors, and among the passages where they hold no more than that.
        """
        query = np.asarray(vector, np.float32).reshape(-1)
        if passages is None:
            return self.matrix().nearest(query, limit) if self.size <= EXACT else self._approximate(query, limit)
        held = self.matrix()
        rows = held.within(passages)
        if len(rows) <= EXACT:
            return held.nearest(query, limit, rows)
        # A wide filter: enough of all are asked for that enough are left, and the whole is read where not.
        wanted = int(2 * limit * len(held) / len(rows)) + limit
        found = self._approximate(query, min(wanted, len(held)))
        kept = [row for row in found if row[0].rpartition(".")[0] in passages]
        return kept[:limit] if len(kept) >= limit else held.nearest(query, limit, rows)

    def _approximate(self, query: Array, limit: int) -> list[tuple[str, float]]:
        found = self._collection.query(query_embeddings=query[None], n_results=limit, include=["distances"])
        rows = [(id, 1.0 - float(d)) for id, d in zip(found["ids"][0], found["distances"][0], strict=True)]
        return sorted(rows, key=lambda row: (-row[1], row[0]))
