"""A part of a library to search: by documents, by time and by the places that a passage names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """A part of a library to search: what the word index and the vector index each need to stay fast."""

    sources: frozenset[str] | None
    places: frozenset[str] | None
    passages: frozenset[str]


def in_time(published: str, since: str, until: str) -> bool:
    """Whether a date of reduced precision may lie between two others."""
    after, before = min(len(published), len(since)), min(len(published), len(until))
    return bool(published) and published[:after] >= since[:after] and published[:before] <= until[:before]
