"""What a process set out to do, noted in the record with each step, for whoever finds it unfinished."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal

_SHOWN = 5  # names in a sentence
Kind = Literal["add", "remove", "update"]
_SAID = {  # to do it, done, do the rest
    "add": ("add", "added", "add again"),
    "remove": ("remove", "removed", "remove again"),
    "update": ("bring up to date", "brought up to date", "add again the folder or the archive of"),
}


@dataclass(frozen=True, slots=True)
class Work:
    """Documents to add, to remove, or both, and which of them, by number, are done: each is whole or untouched."""

    what: Kind
    names: tuple[str, ...]
    done: frozenset[int] = frozenset()
    by: str = field(default_factory=lambda: f"{os.getpid()} on {socket.gethostname()}")
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @classmethod
    def begun(cls, what: Kind, names: Sequence[str]) -> str:
        """The note of work that begins now."""
        raw = asdict(cls(what, tuple(names)))
        return json.dumps(raw | {"done": []}, ensure_ascii=False)

    @classmethod
    def read(cls, note: str, done: Collection[int]) -> Work:
        """The work of a note, as far as it came."""
        raw = json.loads(note)
        return cls(raw["what"], tuple(raw["names"]), frozenset(done), raw["by"], raw["at"])

    @property
    def finished(self) -> tuple[str, ...]:
        """The names of what was done."""
        return tuple(self.names[n] for n in sorted(self.done))

    @property
    def left(self) -> tuple[str, ...]:
        """The names of what had not been come to; in between stand those that were refused or held already."""
        return self.names[max(self.done, default=-1) + 1 :]

    def __str__(self) -> str:
        do, done, rest = _SAID[self.what]
        began = f"process {self.by} began at {self.at} to {do} {_count(len(self.names))} and was ended"
        if not self.left:
            return f"{began} when {_listed(self.finished)} had been {done}; nothing is missing"
        so_far = f"{_listed(self.finished)} had been {done}" if self.done else f"nothing had been {done}"
        return f"{began} when {so_far}; {rest}: {_listed(self.left)}"


def _count(n: int) -> str:
    return "1 document" if n == 1 else f"{n:,} documents"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
