"""A mark: a span of a sentence and what it stands for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A span and what it stands for: codes of places, years, ids of measures, a word of a list."""

    start: int
    end: int
    values: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    narrow: bool = False  # an adjective of a place; of an edition, words that choose a quantity and name no report
