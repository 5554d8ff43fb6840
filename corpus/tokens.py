"""Token vectors of every sentence, for late interaction: 128 numbers of one byte each a token.

They come from the same pass of the model as the sentence's own vector, projected on the first 128
principal components of the model's tokens (`projection.npy`, made by benchmarks/retrieval.py), which
loses nothing that measures. A cache of the catalog like the other indexes: rows are appended to one
memory-mapped file, and a directory of ids, which names that file with its length and its checksum, is
put in place of the old one after them. What is removed goes with the old file, when another takes its
place. So no byte that a reader may look at is ever changed: whoever has the index open keeps it as it
was until `refresh`, and a killed process leaves the state before or the state after.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.stamps import Files
from corpus.whole import whole

Tokens = npt.NDArray[np.int8]
Wide = npt.NDArray[np.float32]  # as the model tells them: of shape (tokens, 384)
Ids = npt.NDArray[np.bytes_]
Numbers = npt.NDArray[np.int64]
PROJECTION = Path(__file__).with_name("projection.npy")
WIDTH = 128  # numbers a token; each is its cosine component times 127
_HEAD = 256  # bytes
_FEW = 4096  # up to so many new ids are held back before the directory is written again
_PART = 1 << 24  # bytes read at once
_TRIES = 5  # a writer may put another file in place between the opening of the directory and that of the rows


@dataclass(frozen=True, slots=True)
class _End:
    """How many bytes of a file of rows belong to the index, and their CRC-32."""

    length: int = 0
    crc: int = 0

    def after(self, data: bytes) -> _End:
        """The end once these bytes were appended."""
        return _End(self.length + len(data), zlib.crc32(data, self.crc))


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
    end: _End
    ids: Ids
    starts: Numbers
    counts: Numbers
    rows: Tokens


_EMPTY = _Held(
    "", _End(), np.zeros(0, "S1"), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, WIDTH), np.int8)
)


class TokenIndex:
    """The token vectors of sentences by their ids. `get` may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._directory = folder / "names"
        self.refresh()

    def refresh(self) -> None:
        """See what is on disk now; a directory that cannot be read counts as empty, and is made anew."""
        self._held = _opened(self._directory)
        self._new: dict[str, tuple[int, int]] = {}
        self._file, self._end = self._held.file, self._held.end  # where the next rows go

    def __len__(self) -> int:
        return len(self._held.ids)

    @property
    def size(self) -> int:
        """Of how many sentences it holds the tokens."""
        return len(self)

    def ids(self) -> set[str]:
        """Every id in the index."""
        return {id.decode() for id in self._held.ids.tolist()}

    def sound(self) -> set[str]:
        """The ids whose tokens are as they were written: all, or none where a byte is not; then all are taken away."""
        if not self.as_written:
            self.clear()
        return self.ids()

    @property
    def as_written(self) -> bool:
        """Whether the rows and their directory have the checksums that they were given; all are read."""
        held, found = self._held, _End()
        if held.file and not self._directory_as_written:
            return False
        with suppress(OSError), (self._folder / (held.file or "none")).open("rb") as rows:
            while part := rows.read(min(_PART, held.end.length - found.length)):
                found = found.after(part)
        return found == held.end

    @property
    def _directory_as_written(self) -> bool:
        raw = self._directory.read_bytes()
        return bool(json.loads(raw[:_HEAD])["names"] == zlib.crc32(raw[_HEAD:]))

    def of(self, passages: Collection[str]) -> set[str]:
        """The ids of the sentences of some passages: an id is its passage's, a dot and a number."""
        keys, ids = sorted(p.encode() for p in passages), self._held.ids
        first, last = (np.searchsorted(ids, np.array([k + end for k in keys], "S")) for end in (b".", b"/"))
        spans = zip(first.tolist(), last.tolist(), strict=True) if keys else ()  # "/" comes next to "."
        return {id.decode() for a, b in spans for id in ids[a:b].tolist()}

    def contents(self) -> Files:
        """The size and the checksum of each file, as they are on the disk."""
        if not self._held.file:
            return {}
        raw, end = self._directory.read_bytes(), self._held.end
        return {self._directory.name: (len(raw), zlib.crc32(raw)), self._held.file: (end.length, end.crc)}

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
        self._file = self._file or self._another()
        data = b"".join(np.ascontiguousarray(tokens, np.int8).tobytes() for tokens in found.values())
        path = self._folder / self._file
        with path.open("r+b" if path.exists() else "wb") as rows:
            rows.truncate(self._end.length)  # what a killed process had begun, and no directory names
            rows.seek(self._end.length)
            rows.write(data)
        at = self._end.length // WIDTH
        for id, tokens in found.items():
            self._new[id] = at, len(tokens)
            at += len(tokens)
        self._end = self._end.after(data)
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
            np.concatenate([held.ids[kept], ids]),
            np.concatenate([held.starts[kept], starts]),
            np.concatenate([held.counts[kept], counts]),
        )

    def remove(self, ids: Iterable[str]) -> None:
        """Ids gone without a trace: the others are written anew; unknown ones are passed over."""
        at, there = _places(self._held, [i.encode() for i in ids])
        if not there.any():
            return
        kept = np.ones(len(self), bool)
        kept[at[there]] = False
        self._copied(kept)

    def copy(self, folder: Path) -> None:
        """All of it in another folder, as it was when this was opened."""
        other = TokenIndex(folder)
        for at in range(0, len(self), _FEW):
            part = [id.decode() for id in self._held.ids[at : at + _FEW].tolist()]
            other.append(dict(zip(part, self.get(part), strict=True)))
        other.name()

    def clear(self) -> None:
        """Nothing left, for tokens of another model or that may be damaged."""
        self._directory.unlink(missing_ok=True)
        self._swept("")
        self.refresh()

    def _copied(self, kept: npt.NDArray[np.bool_]) -> None:
        """The rows of some ids alone, in another file: who reads the old one keeps it."""
        held = self._held
        starts, counts = held.starts[kept], held.counts[kept]
        self._file, self._end, self._new = self._another(), _End(), {}
        with (self._folder / self._file).open("wb") as rows:
            for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
                data = held.rows[start : start + count].tobytes()
                rows.write(data)
                self._end = self._end.after(data)
        self._write(held.ids[kept], np.concatenate([[0], np.cumsum(counts)[:-1]])[: len(counts)], counts)

    def _write(self, ids: Ids, starts: Numbers, counts: Numbers) -> None:
        order = np.argsort(ids)
        with (self._folder / self._file).open("r+b") as rows:
            os.fsync(rows.fileno())  # no directory may name rows that a power cut takes away
        with whole(self._directory) as out:
            head = {"file": self._file, "bytes": self._end.length, "crc": self._end.crc}
            body = starts[order].astype(np.int64).tobytes() + counts[order].astype(np.int64).tobytes()
            body += ids[order].tobytes()
            head |= {"ids": len(ids), "width": ids.dtype.itemsize, "names": zlib.crc32(body)}
            out.write(json.dumps(head).encode().ljust(_HEAD) + body)
        self._swept(self._file)
        self.refresh()

    def _another(self) -> str:
        """The name of a file of rows that nobody has open."""
        numbers = [path.name.removeprefix("rows-") for path in self._folder.glob("rows-*")]
        return f"rows-{max((int(n) for n in numbers if n.isdecimal()), default=0) + 1}"

    def _swept(self, kept: str) -> None:
        for path in self._folder.glob("rows-*"):
            if path.name != kept:
                with suppress(OSError):  # Windows keeps what a reader has open; it goes with the next removal
                    path.unlink(missing_ok=True)


def _places(held: _Held, ids: Sequence[bytes]) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Where each id would stand in the directory, and whether it does."""
    if not len(held.ids) or not ids:
        return np.zeros(len(ids), np.int64), np.zeros(len(ids), bool)
    long = max(held.ids.dtype.itemsize, *map(len, ids))
    wanted = np.array(ids, f"S{long}")
    at = np.minimum(np.searchsorted(held.ids, wanted), len(held.ids) - 1)
    return at, np.asarray(held.ids[at] == wanted)


def _opened(directory: Path) -> _Held:
    for _ in range(_TRIES):
        try:
            return _read(directory)
        except FileNotFoundError:
            if not directory.exists():
                break
        except (OSError, ValueError, KeyError, TypeError):
            break
    return _EMPTY


def _read(directory: Path) -> _Held:
    """What a directory says; an error where it, or the file that it names, is not whole."""
    raw = directory.read_bytes()
    head = json.loads(raw[:_HEAD])
    n, width, file, end = int(head["ids"]), int(head["width"]), str(head["file"]), _End(head["bytes"], head["crc"])
    starts, counts = np.frombuffer(raw, np.int64, 2 * n, _HEAD).reshape(2, n)
    ids = np.frombuffer(raw, f"S{width}", n, _HEAD + 16 * n)
    path, size = directory.with_name(file), end.length // WIDTH
    if path.stat().st_size < end.length or (n and int((starts + counts).max()) > size):
        raise ValueError(f"{path.name} ends before what {directory.name} says of it")  # nothing can be trusted
    rows = np.memmap(path, np.int8, "r", shape=(size, WIDTH)) if size else _EMPTY.rows
    return _Held(file, end, ids, starts, counts, np.asarray(rows))
