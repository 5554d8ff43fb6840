"""What a frame works out to: a value and the figures it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from corpus.types import Figure, KnownDirection


@dataclass(frozen=True, slots=True)
class Result:
    """A value with the figures it stands on; `exact` where it is printed and not worked out."""

    value: Decimal
    figures: tuple[Figure, ...]
    exact: bool = True
    upper: Decimal | None = None  # the other end of a range, of tied ranks
    known: KnownDirection | None = None
