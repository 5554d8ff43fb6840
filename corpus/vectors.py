"""The vector index: the sentence vectors in Chroma, and beside them a `Matrix` of the same.

The matrix answers exactly up to EXACT vectors and whenever a filter leaves no more than that; then no
question imports Chroma, which alone takes most of a second. Ids lead back to passages.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from corpus.collection import NAME, PART, SentenceCollection
from corpus.encoder import Vectors as Array
from corpus.matrix import MARK, Matrix, restamp, write

# Up to so many vectors are searched exactly (75 MB): faster than the graph at this size, and the same in
# every process. The graph is built anew by each client that replays its log, and two graphs can differ in
# the last of a hundred neighbours, so the same question would not give the same answer everywhere.
EXACT = 50_000
_UNMARKED = b"\0" * MARK  # content that nobody has said


class Vectors:
    """Nearest sentences of a library by cosine. Reading is safe from any thread.

    On a server, which several libraries may use, `library` is the id of the one whose vectors these are.
    """

    def __init__(self, folder: Path, url: str = "", version: int = 0, library: str = "") -> None:
        self.library = library
        self.collection = SentenceCollection(folder, url, f"{NAME}-{library}" if url and library else NAME)
        self._url, self._version = url, version
        self._file = folder.with_name("vectors.f32")
        self._lock = threading.RLock()
        self._held: Matrix | None = None

    def refresh(self, version: int | None = None) -> None:
        """See what other processes have written: a client of Chroma does not do so by itself."""
        with self._lock:
            self._version = self._version if version is None else version
            self._held = None
            self.collection.close()

    def ids(self) -> set[str]:
        """Every id in the index."""
        return {id for part in self.collection.pages() for id in part}

    def of(self, passages: Collection[str]) -> set[str]:
        """The ids of the sentences of some passages."""
        held = self.matrix()
        return {held.ids[row].decode() for row in held.rows_of(passages)}

    def sound(self) -> set[str]:
        """The ids whose vectors are what they were: of length 1, and as the matrix has them.

        A collection that cannot be read through is begun anew, and a matrix that is not as written is taken away.
        So is, begun anew, one whose graph gives the answers: a writer or a server that was killed may have left
        a graph that is torn and yet can be read, in which some vectors are not found any more.
        """
        with self._lock:
            before = self.before()
            if before is not None and not before.sound:
                self._file.unlink()
                before = None
            try:
                if len(self.collection) > EXACT:
                    self.collection.start_anew()
                    return set()
                return {id for part in self.collection.pages() for id in self._unharmed(part, before)}
            except BaseException as error:
                if not self.collection.start_over(error):
                    raise
                return set()

    def _unharmed(self, ids: Sequence[str], before: Matrix | None) -> list[str]:
        found = self.collection.fetched(ids)
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
        self.collection.add(ids, vectors)

    def remove(self, ids: Sequence[str]) -> None:
        """Ids gone; unknown ones are passed over."""
        self._outdated()
        self.collection.remove(ids)

    def clear(self) -> None:
        """Nothing left, for vectors of another model."""
        self._outdated()
        self.collection.clear()

    # -- the matrix beside it ------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many vectors there are, without opening Chroma where the matrix tells."""
        fresh = self._fresh()
        return len(self.collection) if fresh is None else len(fresh)

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
            write(self._file, self._state, encoder, marks, dimensions, parts)
            self._held = None

    def _rows(self, ids: Sequence[str], before: Matrix | None) -> Iterator[Array]:
        """The vectors of ids, in parts; what an earlier matrix holds is not fetched again."""
        for at in range(0, len(ids), PART):
            part = ids[at : at + PART]
            rows = before.find(part) if before is not None else np.full(len(part), -1)
            out = before.vectors[rows] if before is not None and len(before) else np.zeros((len(part), 0), np.float32)
            if missing := [n for n, row in enumerate(rows) if row < 0]:
                found = self.collection.fetched([part[n] for n in missing])
                if out.shape[1] == 0:
                    out = np.zeros((len(part), len(next(iter(found.values())))), np.float32)
                out[missing] = [found[part[n]] for n in missing]
            yield out

    def _outdated(self) -> None:
        self._held = None
        if self._url:  # a local index shows by its file that it has changed
            self._file.unlink(missing_ok=True)

    @property
    def _state(self) -> str:
        return self.collection.state(self._version)

    def _fresh(self) -> Matrix | None:
        """The matrix where it holds what the index holds."""
        with self._lock:
            if self._held is None:
                found = self.before()
                if found is not None and found.stamp and found.stamp == self._state:
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
                    restamp(self._file, self._state)  # an id stands for its content: the vectors are the same
                else:
                    encoder = found.encoder if found is not None else ""
                    self.keep(encoder, self._marks(ids, found), self._version, self.collection.dimensions)
            except OSError:  # a folder that may only be read: held in memory, for this process
                self._held = self._in_memory(sorted(ids, key=str.encode))
                return self._held
            return self._fresh() or self._in_memory(sorted(ids, key=str.encode))

    def _marks(self, ids: set[str], found: Matrix | None) -> dict[str, bytes]:
        held = {} if found is None else dict(zip((i.decode() for i in found.ids), found.marks, strict=True))
        return {id: held[id].tobytes() if id in held else _UNMARKED for id in ids}

    def _in_memory(self, ids: Sequence[str]) -> Matrix:
        parts = list(self._rows(ids, None)) or [np.zeros((0, 0), np.float32)]
        names = np.array([id.encode() for id in ids], "S" if ids else "S1")
        return Matrix(self._state, "", names, np.zeros((len(ids), MARK), np.uint8), np.concatenate(parts))

    # -- reading -------------------------------------------------------------------------------

    def get(self, ids: Sequence[str]) -> dict[str, Array]:
        """The vectors of some ids; unknown ones are left out."""
        if (held := self._fresh()) is None and len(self.collection) > EXACT:
            return self.collection.fetched(ids)
        held = held or self.matrix()
        return {id: held.vectors[row] for id, row in zip(ids, held.find(ids), strict=True) if row >= 0}

    def cosines(self, ids: Sequence[str], vector: Array) -> Array:
        """The cosine of each id with a vector of length 1; 0 for an unknown one."""
        out = np.zeros(len(ids), np.float32)
        if (held := self._fresh()) is None and len(self.collection) > EXACT:
            found = self.collection.fetched(ids)
            for n, id in enumerate(ids):
                if id in found:
                    out[n] = found[id] @ vector
            return out
        held = held or self.matrix()
        rows = held.find(ids)
        there = rows >= 0
        out[there] = held.vectors[rows[there]] @ vector
        return out

    def search(
        self, vector: Array, limit: int, passages: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:  # fmt: skip
        """The nearest ids with their cosines, best first; ties by id.

        `passages` are the ids of the passages that may be found, None for all. Exact up to EXACT
        vectors, and among the passages where they hold no more than that.
        """
        query = np.asarray(vector, np.float32).reshape(-1)
        if passages is None:
            return self.matrix().nearest(query, limit) if self.size <= EXACT else self.collection.nearest(query, limit)
        held = self.matrix()
        rows = held.within(passages)
        if len(rows) <= EXACT:
            return held.nearest(query, limit, rows)
        # A wide filter: so many of all are asked for that enough should be left, then more, and the whole is read last.
        for spare in (1.25, 3):
            wanted = int(spare * limit * len(held) / len(rows)) + limit // 2
            found = self.collection.nearest(query, min(wanted, len(held)))
            kept = [row for row in found if row[0].rpartition(".")[0] in passages]
            if len(kept) >= limit:
                return kept[:limit]
        return held.nearest(query, limit, rows)
