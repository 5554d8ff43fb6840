"""The vector index: sentence vectors in Chroma, ids that lead back to passages. Its only door.

Chroma holds ids and vectors, no documents: texts stand in the catalog, and with documents Chroma
writes a third as fast and takes ten times the disk. `ef_search` is set at creation, since a later
change has no effect on a live index.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from corpus.encoder import Vectors as Array
from corpus.errors import LibraryBroken

NAME = "sentences"
_PART = 4000  # Chroma takes 5,461 rows a call
# Up to so many vectors are searched exactly, in memory (75 MB): faster than the graph at this size, and the
# same in every process. The graph is built anew by each client that replays its log, and two graphs can
# differ in the last of a hundred neighbours, so the same question would not give the same answer everywhere.
EXACT = 50_000


class Vectors:
    """Nearest sentences of a library by cosine."""

    def __init__(self, folder: Path, url: str = "") -> None:
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
        self._folder, self._url = folder, url
        self._client = self._connect()
        self._collection = self._get()
        self._held: tuple[list[str], dict[str, int], Array] | None = None

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
                raise LibraryBroken(
                    f"no Chroma server answers at FOOTNOTE_CHROMA_URL={self._url!r}; start it, or unset it"
                ) from error
        from chromadb.api.client import SharedSystemClient

        SharedSystemClient.clear_system_cache()  # else a client opened earlier is handed out, blind to the disk
        try:
            return chromadb.PersistentClient(path=str(self._folder), settings=quiet)
        except chromadb.errors.InternalError:  # damaged: an index is made anew from the catalog
            shutil.rmtree(self._folder)
            SharedSystemClient.clear_system_cache()
            return chromadb.PersistentClient(path=str(self._folder), settings=quiet)

    def _get(self) -> Any:
        hnsw = {"space": "cosine", "ef_search": 200, "ef_construction": 200}
        return self._client.get_or_create_collection(NAME, configuration={"hnsw": hnsw}, embedding_function=None)

    def __len__(self) -> int:
        return int(self._collection.count())

    def refresh(self) -> None:
        """See what other processes have written: a client of Chroma does not do so by itself."""
        self._held = None
        self._client = self._connect()
        self._collection = self._get()
        gc.collect()  # the old client is a cycle that holds a dozen files open

    def ids(self) -> set[str]:
        """Every id in the index."""
        found: set[str] = set()
        for at in range(0, len(self), _PART):
            found.update(self._collection.get(include=[], limit=_PART, offset=at)["ids"])
        return found

    def add(self, ids: Sequence[str], vectors: Array) -> None:
        """Vectors under their ids; an id that is there already is replaced."""
        self._held = None
        for at in range(0, len(ids), _PART):
            self._collection.upsert(ids=list(ids[at : at + _PART]), embeddings=vectors[at : at + _PART])

    def remove(self, ids: Sequence[str]) -> None:
        """Ids gone; unknown ones are passed over."""
        self._held = None
        for at in range(0, len(ids), _PART):
            self._collection.delete(ids=list(ids[at : at + _PART]))

    def clear(self) -> None:
        """Nothing left, for vectors of another model."""
        self._held = None
        self._client.delete_collection(NAME)
        self._collection = self._get()

    def get(self, ids: Sequence[str]) -> dict[str, Array]:
        """The vectors of some ids; unknown ones are left out."""
        if (held := self._matrix()) is not None:
            _ids, rows, matrix = held
            return {id: matrix[rows[id]] for id in ids if id in rows}
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        return {id: np.asarray(v, np.float32) for id, v in zip(found["ids"], found["embeddings"], strict=True)}

    def search(self, vector: Array, limit: int) -> list[tuple[str, float]]:
        """The nearest ids with their cosines, best first; ties by id. Exact up to EXACT vectors."""
        query = np.asarray(vector, np.float32).reshape(-1)
        if (held := self._matrix()) is not None:
            ids, _rows, matrix = held
            if not ids:
                return []
            cosines = matrix @ query
            best = np.lexsort((np.arange(len(ids)), -cosines))[:limit]  # ids are sorted, so their places break ties
            return [(ids[i], float(cosines[i])) for i in best]
        found = self._collection.query(query_embeddings=query[None], n_results=limit, include=["distances"])
        rows = [(id, 1.0 - float(d)) for id, d in zip(found["ids"][0], found["distances"][0], strict=True)]
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def _matrix(self) -> tuple[list[str], dict[str, int], Array] | None:
        """All ids, sorted, with their vectors; None for an index too large to hold."""
        if self._held is None:
            count = len(self)
            if count > EXACT:
                return None
            pairs: list[tuple[str, Any]] = []
            for at in range(0, count, _PART):
                part = self._collection.get(include=["embeddings"], limit=_PART, offset=at)
                pairs += zip(part["ids"], part["embeddings"], strict=True)
            pairs.sort(key=lambda pair: pair[0])
            matrix = np.array([v for _id, v in pairs], np.float32)
            ids = [id for id, _v in pairs]
            self._held = (ids, {id: n for n, id in enumerate(ids)}, matrix)
        return self._held
