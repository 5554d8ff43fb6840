"""How the record is read: SQL in, rows out.

A question reads through sqlite3 itself, which is imported in a hundredth of a second; SQLAlchemy takes
a third, and nothing that a question asks needs it. A catalog in PostgreSQL is read through
`recording.Recorder`, with the same statements and the same named parameters.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
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

    def snapshot(self) -> Rows:
        """The same database as it is now, whatever is written later, until that is closed."""
        ...

    def close(self) -> None:
        """Give back all connections."""
        ...


class SqliteRows:
    """A file of SQLite. Connections are kept and handed from thread to thread, one reader at a time each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()

    def select(self, sql: str, **values: Any) -> Iterator[Row]:
        """The rows of a statement whose parameters are written :name; raises sqlite3.Error."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
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

    def snapshot(self) -> Rows:
        """The file as it is now; raises sqlite3.Error."""
        return SqliteSnapshot(self.path)

    def close(self) -> None:
        """Close the connections that nobody reads from."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return


class SqliteSnapshot:
    """A file of SQLite as it was when this was made: one transaction that reads and is kept open.

    SQLite serialises what several threads ask of one connection. While the snapshot is held, the
    write-ahead log keeps what it needs, so whoever holds one takes a new one now and then.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        self._readers = 1  # one for whoever holds the snapshot
        try:
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()  # which takes the snapshot
        except sqlite3.Error:
            self._connection.close()
            raise

    def select(self, sql: str, **values: Any) -> Iterator[Row]:
        """The rows of a statement whose parameters are written :name; raises sqlite3.Error."""
        with self._lock:
            if not self._readers:
                raise sqlite3.ProgrammingError("this snapshot was given back")
            self._readers += 1
        try:
            cursor = self._connection.execute(sql, values)
            while rows := cursor.fetchmany(_FETCHED):
                yield from rows
        finally:
            self._leave()

    def snapshot(self) -> Rows:
        """Itself: it does not change."""
        return self

    def close(self) -> None:
        """Give the snapshot back once those who read from it are done."""
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._readers -= 1
            if not self._readers:
                self._connection.close()
