"""What an index of sentences lacks of what the catalog holds, and what it should not hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


class OfSentences(Protocol):
    """What mending asks of an index of sentences."""

    @property
    def size(self) -> int:
        """How many sentences it holds."""
        ...

    def ids(self) -> set[str]:
        """The ids of all of them."""
        ...

    def sound(self) -> set[str]:
        """The ids of those that are as they were written."""
        ...

    def of(self, passages: Collection[str]) -> set[str]:
        """The ids of the sentences of some passages."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """What is to go into an index of sentences and out of it; `held` is of the documents that are gone through."""

    held: set[str]
    missing: set[str]
    orphans: set[str]

    @classmethod
    def between(cls, held: set[str], wanted: Collection[str]) -> Gap:
        """What makes one of the other."""
        return cls(held, set(wanted) - held, held - set(wanted))
