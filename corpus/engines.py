"""The databases that can hold the record, and what only a shared one needs: a lock that reaches every machine.

SQLAlchemy's second door, beside `recording`.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from corpus.errors import BadSetting, LibraryBroken, LibraryBusy
from corpus.rows import PRAGMAS, Row, Rows

_LOCK = 0x464F4F54  # the first half of the key of our advisory locks; the second is the schema's name
_KEY = f"{_LOCK}, hashtext(current_schema()::text)"
# A machine that vanishes while it holds the lock is noticed within a minute, by the server and by the others.
_ALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_SESSION = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"


def engine(url: str) -> sa.Engine:
    """An engine for an address; raises BadSetting for one that nothing here can read."""
    try:
        at = sa.engine.make_url(url)
        if at.drivername in ("postgres", "postgresql"):
            at = at.set(drivername="postgresql+psycopg")
        if at.get_backend_name() == "sqlite":
            file = sa.create_engine(at)
            sa.event.listen(file, "connect", _tune_sqlite)
            return file
        if at.get_backend_name() != "postgresql":
            shown = at.render_as_string(hide_password=True)
            raise BadSetting(f"FOOTNOTE_CATALOG_URL={shown!r} is neither SQLite nor PostgreSQL; name one of these")
        name = f"footnote {os.getpid()} on {socket.gethostname()}"[:63]
        given = _ALIVE | {"application_name": name, "options": _SESSION}
        shared = sa.create_engine(at, pool_pre_ping=True, connect_args=given)
        sa.event.listen(shared, "handle_error", _gone)
        return shared
    except sa.exc.ArgumentError:
        raise BadSetting(
            "FOOTNOTE_CATALOG_URL is no address of a database; write it like postgresql://user@host/footnote"
        ) from None
    except ModuleNotFoundError:
        raise BadSetting(
            "FOOTNOTE_CATALOG_URL names PostgreSQL, whose driver is not here; get it with: "
            "pip install 'footnote[postgresql]'"
        ) from None


def first_line(error: BaseException) -> str:
    """What a database says, without the hints below it."""
    return str(error).strip().split("\n")[0]


def lost(shown: str) -> LibraryBroken:
    """The error of a writer whose connection, and so its lock, is gone."""
    return LibraryBroken(
        f"the connection to {shown!r} was lost while it was in use: what had been reported is held, nothing else; "
        "try again"
    )


def _gone(context: sa.ExceptionContext) -> LibraryBroken | None:
    """Our word for a server that is not there, or not any more; of other errors SQLAlchemy's own."""
    if context.is_pre_ping:  # the pool connects anew
        return None
    if context.connection is not None:
        return (
            lost(context.connection.engine.url.render_as_string(hide_password=True)) if context.is_disconnect else None
        )
    says = first_line(context.original_exception)
    return LibraryBroken(
        f"the catalog's database does not answer: {says}; start the database, or unset FOOTNOTE_CATALOG_URL"
    )


@contextmanager
def locked(at: sa.Engine, shown: str, wait: float) -> Iterator[sa.Connection]:
    """The writer's lock of a PostgreSQL catalog, and the connection that holds it; raises LibraryBusy.

    The lock lasts as long as the connection, so that of a process that is killed is free. What is
    written through this connection is written by the holder or not at all.
    """
    until = time.monotonic() + wait
    with at.connect() as c:
        while not c.execute(sa.text(f"SELECT pg_try_advisory_lock({_KEY})")).scalar():
            if time.monotonic() >= until:
                raise LibraryBusy(f"process {_holder(c)} is writing to {shown!r}; try again when it is done")
            c.rollback()
            time.sleep(0.1)
        c.commit()
        try:
            yield c
        finally:
            _unlock(c)


def one_at_a_time(c: sa.Connection) -> None:
    """Until this transaction ends, no other one that asks for this goes on."""
    c.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK + 1}, hashtext(current_schema()::text))"))


def _unlock(c: sa.Connection) -> None:
    try:
        c.rollback()
        c.execute(sa.text(f"SELECT pg_advisory_unlock({_KEY})"))
        c.commit()
    except (LibraryBroken, sa.exc.DBAPIError, sa.exc.InvalidRequestError):  # it is gone, and the lock with it
        c.invalidate()


def _holder(c: sa.Connection) -> str:
    """Who holds the writer's lock, as it called itself."""
    asked = (
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.granted AND "
        f"l.locktype = 'advisory' AND l.classid = {_LOCK} AND l.objid::bigint = "
        "(hashtext(current_schema()::text)::bigint & 4294967295) AND a.datname = current_database()"
    )
    return str(c.execute(sa.text(asked)).scalar() or "unknown").removeprefix("footnote ")


class EngineSnapshot:
    """A database as it was when this was made: one transaction that reads and is kept open."""

    def __init__(self, at: sa.Engine, now: Rows) -> None:
        self._now = now
        self._lock = threading.Lock()
        c = at.connect()
        self._connection: sa.Connection | None = c.execution_options(isolation_level="REPEATABLE READ")
        c.execute(sa.text("SELECT 1 FROM state LIMIT 1")).fetchall()  # which takes the snapshot

    def select(self, sql: str, **values: Any) -> Iterator[Row]:
        """The rows of a statement; as they are now, where the connection was lost."""
        with self._lock:
            try:
                if self._connection is None:
                    raise sa.exc.InvalidRequestError
                rows = [tuple(row) for row in self._connection.execute(sa.text(sql), values)]
            except (LibraryBroken, sa.exc.DBAPIError, sa.exc.InvalidRequestError):
                rows = list(self._now.select(sql, **values))
        yield from rows

    def snapshot(self) -> Rows:
        """Itself: it does not change."""
        return self

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _tune_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
