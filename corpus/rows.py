"""How the record is read: SQL in, rows out.

A question reads through sqlite3 itself, which is imported in a hundredth of a second; SQLAlchemy takes
a third, and nothing that a question asks needs it. A catalog in PostgreSQL is read through
`recording.Recorder`, with the same statements and the same named parameters.
"""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "busy_timeout=30000")
_FETCHED = 512  # rows fetched at once


class Rows(Protocol):
    """A database that answers SELECTs; safe from any thread."""

    def select(self, sql: str, **values: Any) -> Iterator[Row]:
        """The rows of a statement whose parameters are written :name."""
        ...

    def close(self) -> None:
        """Give back all connections."""
        ...


class SqliteRows:
    """A file of SQLite. Connections are kept and handed from thread to thread, one reader at a time each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()

    def select(self, sql: str, **values: Any) -> Iterator[Row]:
        """The rows of a statement whose parameters are written :name; raises sqlite3.Error."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
        try:
            cursor = connection.execute(sql, values)
        except sqlite3.Error:
            connection.close()
            raise
        try:
            while rows := cursor.fetchmany(_FETCHED):
                yield from rows
        finally:
            cursor.close()  # which ends the reading, so that the next one sees what was written since
            self._idle.put(connection)

    def close(self) -> None:
        """Close the connections that nobody reads from."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return
