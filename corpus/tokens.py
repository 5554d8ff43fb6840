"""Token vectors of every sentence, for late interaction: 128 numbers of one byte each a token.

They come from the same pass of the model as the sentence's own vector, projected on the first 128
principal components of the model's tokens (`projection.npy`, made by benchmarks/retrieval.py), which
loses nothing that measures. A cache of the catalog like the other indexes: rows are appended to one
memory-mapped file, and a directory of ids, which names that file, is put in place of the old one after
them. No byte that a reader may look at is cut off or given another meaning, so a reader or a killed
process meets the state before or the state after; rows of what was removed become zeros.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.whole import whole

Tokens = npt.NDArray[np.int8]
Wide = npt.NDArray[np.float32]  # as the model tells them: of shape (tokens, 384)
Ids = npt.NDArray[np.bytes_]
Numbers = npt.NDArray[np.int64]
PROJECTION = Path(__file__).with_name("projection.npy")
WIDTH = 128  # numbers a token; each is its cosine component times 127
_HOLES = 0.5  # share of rows that nothing names, above which the file is written anew
_HEAD = 256  # bytes
_FEW = 4096  # up to so many new ids are held back before the directory is written again


@cache
def projection() -> Wide:
    """The first principal components of the model's tokens, of shape (384, WIDTH): see benchmarks/retrieval.py."""
    return np.asarray(np.load(PROJECTION), np.float32)


def small(tokens: Wide) -> Tokens:
    """Token vectors of shape (..., 384) projected, brought to length 1, and kept in one byte a number."""
    short = tokens @ projection()
    short /= np.maximum(np.linalg.norm(short, axis=-1, keepdims=True), 1e-9)
    return np.asarray(np.rint(short * 127), np.int8)


@dataclass(frozen=True, eq=False)
class _Held:
    """What the directory says: ids ascending, where the rows of each begin, how many they are, and the rows."""

    file: str
    ids: Ids
    starts: Numbers
    counts: Numbers
    rows: Tokens


_EMPTY = _Held("", np.zeros(0, "S1"), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, WIDTH), np.int8))


class TokenIndex:
    """The token vectors of sentences by their ids. `get` may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._directory = folder / "names"
        self._new: dict[str, tuple[int, int]] = {}
        self.refresh()

    def refresh(self) -> None:
        """See what is on disk now; a directory that cannot be read counts as empty, and is made anew."""
        self._new = {}
        try:
            self._held = _read(self._directory)
        except (OSError, ValueError, KeyError):
            self._held = _EMPTY

    def __len__(self) -> int:
        return len(self._held.ids)

    def ids(self) -> set[str]:
        """Every id in the index."""
        return {id.decode() for id in self._held.ids.tolist()}

    def get(self, ids: Sequence[str]) -> list[Tokens]:
        """The tokens of each id, of shape (tokens, WIDTH); none, of shape (0, WIDTH), for an unknown one."""
        held, none = self._held, _EMPTY.rows
        if not len(held.ids) or not ids:
            return [none] * len(ids)
        at, there = _places(held, [i.encode() for i in ids])
        starts, counts = held.starts[at].tolist(), held.counts[at].tolist()
        return [
            held.rows[start : start + count] if known else none
            for start, count, known in zip(starts, counts, there.tolist(), strict=True)
        ]

    def add(self, found: Mapping[str, Tokens]) -> None:
        """Tokens under their ids, each of shape (tokens, WIDTH); an id that is there already is replaced."""
        self.append(found)
        self.name()

    def append(self, found: Mapping[str, Tokens]) -> None:
        """As `add`, but found only after `name`, which is not called for each part of many."""
        if not found:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._held.file or _another("")
        with (self._folder / file).open("ab") as rows:
            rows.write(b"\0" * (-rows.tell() % WIDTH))  # after what a killed process had begun
            at = rows.tell() // WIDTH
            for id, tokens in found.items():
                rows.write(np.ascontiguousarray(tokens, np.int8).tobytes())
                self._new[id] = at, len(tokens)
                at += len(tokens)
        if len(self._new) > max(_FEW, len(self)):  # so all the directories together cost no more than twice the last
            self.name()

    def name(self) -> None:
        """Put what was appended into the directory."""
        if not self._new:
            return
        held = self._held
        ids = np.array([id.encode() for id in self._new], "S")
        starts, counts = np.array(list(self._new.values()), np.int64).T
        kept = ~np.isin(held.ids, ids)
        self._write(
            held.file or _another(""),
            np.concatenate([held.ids[kept], ids]),
            np.concatenate([held.starts[kept], starts]),
            np.concatenate([held.counts[kept], counts]),
        )

    def remove(self, ids: Iterable[str]) -> None:
        """Ids gone and their rows made zeros; unknown ones are passed over."""
        held = self._held
        at, there = _places(held, [i.encode() for i in ids])
        gone = np.unique(at[there])
        if not len(gone):
            return
        kept = np.ones(len(held.ids), bool)
        kept[gone] = False
        if held.counts[kept].sum() < _HOLES * len(held.rows):
            self._compact(kept)
            return
        self._write(held.file, held.ids[kept], held.starts[kept], held.counts[kept])
        with (self._folder / held.file).open("r+b") as rows:
            for start, count in zip(held.starts[gone].tolist(), held.counts[gone].tolist(), strict=True):
                rows.seek(start * WIDTH)
                rows.write(b"\0" * (count * WIDTH))

    def clear(self) -> None:
        """Nothing left, for tokens of another model."""
        self._directory.unlink(missing_ok=True)
        self._swept("")
        self.refresh()

    def _compact(self, kept: npt.NDArray[np.bool_]) -> None:
        """The rows of some ids alone, in another file: who reads the old one keeps it."""
        held, file = self._held, _another(self._held.file)
        starts, counts = held.starts[kept], held.counts[kept]
        with (self._folder / file).open("wb") as rows:
            for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
                rows.write(held.rows[start : start + count].tobytes())
        self._write(file, held.ids[kept], np.concatenate([[0], np.cumsum(counts)[:-1]])[: len(counts)], counts)
        self._swept(file)

    def _write(self, file: str, ids: Ids, starts: Numbers, counts: Numbers) -> None:
        order = np.argsort(ids)
        with (self._folder / file).open("rb") as rows:
            os.fsync(rows.fileno())  # no directory may name rows that a power cut takes away
        with whole(self._directory) as out:
            head = {"file": file, "ids": len(ids), "width": ids.dtype.itemsize}
            out.write(json.dumps(head).encode().ljust(_HEAD))
            out.write(starts[order].astype(np.int64).tobytes() + counts[order].astype(np.int64).tobytes())
            out.write(ids[order].tobytes())
        self.refresh()

    def _swept(self, kept: str) -> None:
        for path in self._folder.glob("rows-*"):
            if path.name != kept:
                path.unlink(missing_ok=True)


def _another(file: str) -> str:
    """The name of the file of rows after this one."""
    return f"rows-{int(file.removeprefix('rows-') or 0) + 1}"


def _places(held: _Held, ids: Sequence[bytes]) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Where each id would stand in the directory, and whether it does."""
    if not len(held.ids) or not ids:
        return np.zeros(len(ids), np.int64), np.zeros(len(ids), bool)
    long = max(held.ids.dtype.itemsize, *map(len, ids))
    wanted = np.array(ids, f"S{long}")
    at = np.minimum(np.searchsorted(held.ids, wanted), len(held.ids) - 1)
    return at, np.asarray(held.ids[at] == wanted)


def _read(directory: Path) -> _Held:
    """What a directory says; an error where it, or the file that it names, is not whole."""
    raw = directory.read_bytes()
    head = json.loads(raw[:_HEAD])
    n, width, file = int(head["ids"]), int(head["width"]), str(head["file"])
    starts, counts = np.frombuffer(raw, np.int64, 2 * n, _HEAD).reshape(2, n)
    ids = np.frombuffer(raw, f"S{width}", n, _HEAD + 16 * n)
    path = directory.with_name(file)
    size = path.stat().st_size // WIDTH
    if n and int((starts + counts).max()) > size:  # cut short: nothing of it can be trusted
        raise ValueError(f"{path.name} ends before what {directory.name} says of it")
    rows = np.memmap(path, np.int8, "r", shape=(size, WIDTH)) if size else _EMPTY.rows
    return _Held(file, ids, starts, counts, np.asarray(rows))
