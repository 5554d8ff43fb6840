"""What an index held when it was last left in order, so that the next process knows whether to trust it.

A stamp is taken away before its index is touched, and written once all of the index is on the disk. So
whoever finds none, or one of another library, compares everything; whoever finds one of an earlier
version goes through what changed since.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from corpus.whole import synced, whole

Files = Mapping[str, tuple[int, int]]  # name -> bytes, CRC-32
CHECKED = 32_000_000  # bytes of files that are read through on opening: a hundredth of a second


@dataclass(frozen=True, slots=True)
class Stamp:
    """The library that an index belongs to, the version that it holds, how many entries, and its files."""

    library: str
    version: int
    size: int
    files: Files = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Stamp | None:
        """The stamp in a text; None where there is none that can be read."""
        try:
            raw = json.loads(text or "")
            files = {str(name): (int(size), int(crc)) for name, (size, crc) in raw["files"].items()}
            return cls(str(raw["library"]), int(raw["version"]), int(raw["size"]), files)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def __str__(self) -> str:
        return json.dumps(asdict(self))


class Stamped(Protocol):
    """Where the stamp of one index is kept."""

    def get(self) -> Stamp | None:
        """The stamp; None where the index was not left in order."""
        ...

    def put(self, stamp: Stamp | None) -> None:
        """Keep a stamp, or take it away (None); done when it is on the disk."""
        ...


@dataclass(frozen=True, slots=True)
class StampFile:
    """A stamp in a file of its own, for an index on this machine."""

    path: Path

    def get(self) -> Stamp | None:
        """The stamp; None where the index was not left in order."""
        try:
            return Stamp.read(self.path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    def put(self, stamp: Stamp | None) -> None:
        """Keep a stamp, or take it away (None); done when it is on the disk."""
        if stamp is not None:
            with whole(self.path) as file:
                file.write(str(stamp).encode())
        elif self.path.exists():
            self.path.unlink()
            synced(self.path.parent)


@dataclass(frozen=True, slots=True)
class Stamps:
    """Those of a library: its vectors, the tokens of its sentences, and its words."""

    vectors: Stamped
    tokens: Stamped
    words: Stamped

    def versions(self, library: str) -> Versions:
        """The version of this library that each index was last left at; -1 where that is not known."""
        found = (stamped.get() for stamped in (self.vectors, self.tokens, self.words))
        return Versions(*(s.version if s and s.library == library else -1 for s in found))


class Versions(NamedTuple):
    """The version that each index holds."""

    vectors: int
    tokens: int
    words: int


class Notes(Protocol):
    """What keeps notes by name: the catalog."""

    def noted(self, key: str) -> str | None:
        """A note."""
        ...

    def note(self, **values: str | None) -> None:
        """Keep notes; None takes one away."""
        ...


@dataclass(frozen=True, slots=True)
class StampNote:
    """A stamp in the catalog, for an index of vectors that many machines share."""

    notes: Notes

    def get(self) -> Stamp | None:
        """The stamp; None where the index was not left in order."""
        return Stamp.read(self.notes.noted("vectors"))

    def put(self, stamp: Stamp | None) -> None:
        """Keep a stamp, or take it away (None)."""
        self.notes.note(vectors=None if stamp is None else str(stamp))


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """The size and the checksum of every file of a folder but locks."""
    names = sorted(e.name for e in os.scandir(folder) if e.is_file() and not e.name.endswith(".lock"))
    return {name: (len(data := (folder / name).read_bytes()), zlib.crc32(data)) for name in names}


def as_left(folder: Path, files: Files, thorough: bool = False) -> bool:
    """Whether these files are as they were; of large ones only the size is compared, unless `thorough`."""
    try:
        if any((folder / name).stat().st_size != size for name, (size, _crc) in files.items()):
            return False
        if not thorough and sum(size for size, _crc in files.values()) > CHECKED:
            return True
        return all(zlib.crc32((folder / name).read_bytes()) == crc for name, (_size, crc) in files.items())
    except OSError:
        return False
