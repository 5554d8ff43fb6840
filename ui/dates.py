"""Dates as a reader types them."""

from __future__ import annotations

from datetime import date


def is_date(said: str) -> bool:
    """Whether it is an ISO 8601 date, which may leave out the day or the month."""
    try:
        date.fromisoformat(said + "-01-01"[: 10 - len(said)] if len(said) < 10 else said)
    except ValueError:
        return False
    return len(said) in (4, 7, 10)
