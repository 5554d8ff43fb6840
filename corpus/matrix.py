"""All vectors of a library in one file that is mapped, not read: exact search, and what was embedded before.

A cache of the index in Chroma, and never more: `stamp` says which state of the index it was made from.
The file is a JSON header of HEAD bytes, the ids in ascending order, a mark of each sentence's content, and
the vectors in the same order. It is written beside its place and moved there, so a reader holds a whole
file, and one that was mapped before goes on as it was.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.stamps import CHECKED
from corpus.whole import whole

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
HEAD = 1024  # bytes
MARK = 16  # bytes
_PART = 4096  # rows


def mark(text: str) -> bytes:
    """What tells the content of one sentence from that of any other."""
    return hashlib.blake2b(text.encode(), digest_size=MARK).digest()


@dataclass(frozen=True, eq=False)
class Matrix:
    """Ids (bytes, ascending), marks (n x 16) and vectors (n x dimensions, float32), all mapped from disk."""

    stamp: str
    encoder: str
    ids: npt.NDArray[np.bytes_]
    marks: npt.NDArray[np.uint8]
    vectors: Array
    crc: int = 0  # of ids, marks and vectors as they were written

    @classmethod
    def open(cls, path: Path) -> Matrix | None:
        """The matrix in a file; None where there is none, or not a whole one."""
        try:
            with path.open("rb") as file:
                head: dict[str, Any] = json.loads(file.read(HEAD))
            n, wide, long = int(head["rows"]), int(head["dimensions"]), int(head["id"])
            at = HEAD + n * long
            start = _aligned(at + n * MARK)
            if path.stat().st_size != start + n * wide * 4:
                return None
            raw = np.memmap(path, np.uint8, "r")
        except (OSError, ValueError, KeyError, TypeError):
            return None
        ids = np.asarray(raw[HEAD:at].view(f"S{long}"))
        marks = np.asarray(raw[at : at + n * MARK].reshape(n, MARK))
        vectors = np.asarray(raw[start:].view(np.float32).reshape(n, wide))
        found = cls(str(head["stamp"]), str(head["encoder"]), ids, marks, vectors, int(head.get("crc", -1)))
        return found if found.nbytes > CHECKED or found.sound else None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """The bytes of everything behind the header."""
        return self.ids.nbytes + self.marks.nbytes + self.vectors.nbytes

    @property
    def sound(self) -> bool:
        """Whether every byte is as it was written; reads them all."""
        crc = zlib.crc32(self.marks.data, zlib.crc32(self.ids.data))
        for at in range(0, len(self), _PART):
            crc = zlib.crc32(self.vectors[at : at + _PART].data, crc)
        return crc == self.crc

    def find(self, ids: Sequence[str]) -> Rows:
        """The row of each id, -1 for one that is not here."""
        if not len(self) or not ids:
            return np.full(len(ids), -1, np.int64)
        wanted = self._keys([id.encode() for id in ids])
        rows = np.minimum(np.searchsorted(self.ids, wanted), len(self) - 1)
        return np.asarray(np.where(self.ids[rows] == wanted, rows, -1), np.int64)

    def rows_of(self, passages: Iterable[str]) -> Rows:
        """The rows of all sentences of some passages, ascending: an id is its passage's, a dot and a number."""
        keys = sorted(p.encode() for p in passages)
        first = np.searchsorted(self.ids, self._keys([k + b"." for k in keys]))
        count = np.searchsorted(self.ids, self._keys([k + b"/" for k in keys])) - first  # "/" comes next to "."
        ends = np.cumsum(count)
        steps = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count, count)
        return np.asarray(np.repeat(first, count) + steps, np.int64)

    def _keys(self, keys: list[bytes]) -> npt.NDArray[np.bytes_]:
        """Keys to search for; of the type of the ids where they fit, else numpy would copy all of those."""
        long = max((len(k) for k in keys), default=1)
        return np.array(keys, self.ids.dtype if long <= self.ids.dtype.itemsize else f"S{long}")

    def nearest(self, query: Array, limit: int, rows: Rows | None = None) -> list[tuple[str, float]]:
        """The ids of the highest cosines among `rows` (None: all), best first; ties by id."""
        if not len(self):
            return []
        cosines = (self.vectors if rows is None else self.vectors[rows]) @ query
        if not len(cosines) or limit < 1:
            return []
        if limit < len(cosines):  # those that reach the last place, all of its ties among them
            least = np.partition(cosines, len(cosines) - limit)[len(cosines) - limit]
            near = np.flatnonzero(cosines >= least)
        else:
            near = np.arange(len(cosines))
        best = near[np.lexsort((near, -cosines[near]))[:limit]]  # rows ascend by id, so their places break ties
        at = best if rows is None else rows[best]
        return [(self.ids[row].decode(), float(cosines[n])) for row, n in zip(at, best, strict=True)]

    def known(self, marks: Collection[bytes]) -> dict[bytes, str]:
        """The id of a sentence of each of those contents that was embedded before."""
        if not len(self) or not marks:
            return {}
        heads = np.frombuffer(b"".join(m[:8] for m in marks), np.uint64)
        here = np.flatnonzero(np.isin(np.ascontiguousarray(self.marks[:, :8]).view(np.uint64).ravel(), heads))
        found = {self.marks[row].tobytes(): row for row in here}
        return {m: self.ids[found[m]].decode() for m in marks if m in found}

    def within(self, passages: frozenset[str]) -> Rows:
        """`rows_of`, kept for the filters that were asked for last."""
        return _rows(self, passages)


def _aligned(at: int) -> int:
    """The next line of the processor's cache, where the vectors begin."""
    return at + -at % 64


@lru_cache(maxsize=16)
def _rows(matrix: Matrix, passages: frozenset[str]) -> Rows:
    return matrix.rows_of(passages)


def restamp(path: Path, stamp: str) -> None:
    """Say that a matrix was found to hold what another state of the index holds."""
    with path.open("r+b") as file:
        head = json.loads(file.read(HEAD)) | {"stamp": stamp}
        file.seek(0)
        file.write(json.dumps(head).encode().ljust(HEAD))


def write(
    path: Path, stamp: str, encoder: str, marks: Mapping[str, bytes], dimensions: int, parts: Iterator[Array]
) -> None:
    """A matrix of the ids in `marks`; `parts` are the vectors, in ascending order of the ids."""
    ids = sorted(marks, key=str.encode)
    long = max((len(id.encode()) for id in ids), default=1)
    names = np.array([id.encode() for id in ids], f"S{long}").tobytes()
    said = b"".join(marks[id] for id in ids)
    crc = zlib.crc32(said, zlib.crc32(names))
    with whole(path) as file:
        file.write(b" " * HEAD)
        file.write(names)
        file.write(said)
        file.write(b"\0" * (_aligned(file.tell()) - file.tell()))
        for part in parts:
            data = np.ascontiguousarray(part, np.float32).tobytes()
            crc = zlib.crc32(data, crc)
            file.write(data)
        head = {"stamp": stamp, "encoder": encoder, "rows": len(ids), "dimensions": dimensions, "id": long, "crc": crc}
        file.seek(0)
        file.write(json.dumps(head).encode().ljust(HEAD))
