"""How much a document may be: every reader, the archive opener and the fetcher read these numbers."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.errors import TooMuch

MAX_BYTES = 20_000_000  # of a text: some 4,000 pages
MAX_FILE = 100_000_000  # of a format that carries pictures


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost. The defaults leave room for a report of 1,500 pages."""

    pages: int = 3_000
    characters: int = 20_000_000
    rows: int = 50_000  # of one table
    columns: int = 500
    unpacked: int = 300_000_000  # bytes that an archive or an office file unpacks to
    ratio: int = 150  # unpacked to packed bytes, of an entry of more than a megabyte
    entries: int = 10_000  # files in an archive
    depth: int = 2  # archives inside archives
    nesting: int = 200  # elements inside elements
    seconds: float = 120.0  # of the clock, for reading one document
    memory: int = 2_500_000_000  # bytes of address space that the reader's process may take


LIMITS = Limits()


def within(what: str, count: int, most: int, name: str, advice: str = "split the document") -> None:
    """Raise TooMuch where a count is more than its limit."""
    if count > most:
        raise TooMuch(f"{name}: {count:,} {what} are more than the limit of {most:,}; {advice}")
