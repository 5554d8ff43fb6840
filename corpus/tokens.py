"""Token vectors of every sentence, for late interaction: 128 numbers of one byte each a token.

They come from the same pass of the model as the sentence's own vector, projected on the first 128
principal components of the model's tokens (`projection.npy`, made by benchmarks/retrieval.py), which
loses nothing that measures. A cache of the catalog like the other indexes: rows are appended to one
memory-mapped file, and a directory of ids is put in place of the old one after them, so a reader or
a killed process meets the state before or the state after.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Tokens = npt.NDArray[np.int8]
WIDTH = 128  # numbers a token; each is its cosine component times 127
_HOLES = 0.5  # share of rows that nothing names, above which the file is written anew


class TokenIndex:
    """The token vectors of sentences by their ids. `get` may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows_file = folder / "rows.bin"
        self._names_file = folder / "names.npz"
        self.refresh()

    def refresh(self) -> None:
        """See what is on disk now; a directory that cannot be read counts as empty, and is made anew."""
        ids, starts, counts = _nothing()
        try:
            with np.load(self._names_file) as held:
                ids, starts, counts = held["ids"], held["starts"], held["counts"]
        except (OSError, ValueError, KeyError, EOFError):
            pass
        size = self._rows_file.stat().st_size // WIDTH if self._rows_file.exists() else 0
        if len(ids) and int((starts + counts).max()) > size:  # cut short: nothing of it can be trusted
            ids, starts, counts = _nothing()
        rows = np.memmap(self._rows_file, np.int8, "r", shape=(size, WIDTH)) if size else np.zeros((0, WIDTH), np.int8)
        self._held = (ids, starts, counts, rows)

    def __len__(self) -> int:
        return len(self._held[0])

    def ids(self) -> set[str]:
        """Every id in the index."""
        return {str(i, "ascii") for i in self._held[0].tolist()}

    def get(self, ids: Sequence[str]) -> list[Tokens]:
        """The tokens of each id, of shape (tokens, WIDTH); none, of shape (0, WIDTH), for an unknown one."""
        names, starts, counts, rows = self._held
        none = np.zeros((0, WIDTH), np.int8)
        if not len(names) or not ids:
            return [none] * len(ids)
        wanted = np.array([i.encode("ascii") for i in ids], names.dtype)
        at = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
        there = names[at] == wanted
        return [
            np.asarray(rows[starts[n] : starts[n] + counts[n]]) if known else none
            for n, known in zip(at.tolist(), there.tolist(), strict=True)
        ]

    def add(self, found: Mapping[str, Tokens]) -> None:
        """Tokens under their ids, each of shape (tokens, WIDTH); an id that is there already is replaced."""
        if not found:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        end = self._end()
        with self._rows_file.open("r+b" if self._rows_file.exists() else "w+b") as file:
            file.truncate(end * WIDTH)  # what a killed process had begun
            file.seek(end * WIDTH)
            for rows in found.values():
                file.write(np.ascontiguousarray(rows, np.int8).tobytes())
            file.flush()
            os.fsync(file.fileno())
        names = {id: (start, count) for id, start, count in self._entries() if id not in found}
        for id, rows in found.items():
            names[id] = (end, len(rows))
            end += len(rows)
        self._name(names)

    def remove(self, ids: Sequence[str]) -> None:
        """Ids gone; unknown ones are passed over. Their rows are given back when half of all are unused."""
        gone = set(ids) & self.ids()
        if not gone:
            return
        names = {id: (start, count) for id, start, count in self._entries() if id not in gone}
        used = sum(count for _start, count in names.values())
        kept = {}
        if used < _HOLES * len(self._held[3]):
            kept = dict(zip(names, [rows.copy() for rows in self.get(list(names))], strict=True))
            names = {}
        self._name(names)
        self.add(kept)

    def clear(self) -> None:
        """Nothing left, for tokens of another model."""
        self._names_file.unlink(missing_ok=True)
        self.refresh()

    def _end(self) -> int:
        """The first row that nothing names and nothing named lies behind."""
        _ids, starts, counts, _rows = self._held
        return int((starts + counts).max()) if len(starts) else 0

    def _entries(self) -> list[tuple[str, int, int]]:
        ids, starts, counts, _rows = self._held
        return [(str(i, "ascii"), s, c) for i, s, c in zip(ids.tolist(), starts.tolist(), counts.tolist(), strict=True)]

    def _name(self, names: Mapping[str, tuple[int, int]]) -> None:
        ordered = sorted(names)
        made = self._names_file.with_suffix(".new.npz")
        np.savez(
            made,
            ids=np.array([i.encode("ascii") for i in ordered] or [], dtype="S"),
            starts=np.array([names[i][0] for i in ordered], np.int64),
            counts=np.array([names[i][1] for i in ordered], np.int64),
        )
        os.replace(made, self._names_file)
        self.refresh()


def _nothing() -> tuple[npt.NDArray[np.bytes_], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return np.zeros(0, "S1"), np.zeros(0, np.int64), np.zeros(0, np.int64)
