"""How the record is written: the tables, and what can be done to them inside one transaction.

SQLAlchemy Core, over SQLite in WAL mode and over PostgreSQL with the same code. This is its only door,
opened by a change and by a catalog that has an address; a question over a library on disk does neither.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from corpus.engines import EngineSnapshot, engine, first_line, locked, lost, one_at_a_time
from corpus.errors import LibraryBroken
from corpus.figures import FigureTable
from corpus.rows import Row, Rows
from corpus.types import Passage, Source

_meta = sa.MetaData()
# Ids sort by their bytes everywhere, as SQLite sorts them: a database of another language would order them its way.
_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_state = sa.Table("state", _meta, sa.Column("key", _ID, primary_key=True), sa.Column("value", sa.Text))
_sources = sa.Table(
    "sources", _meta,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),  # the Source as JSON
    sa.Column("text", sa.Text),  # None: a primary source that is cited and not held
    sa.Column("location", sa.String, nullable=False, default=""),
    sa.Column("sha256", sa.String, nullable=False, default=""),
)  # fmt: skip
_passages = sa.Table(
    "passages", _meta,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("source_id", _ID, sa.ForeignKey("sources.id"), index=True, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # start, end, heading, page, origins
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sentences", sa.Text, nullable=False),  # spans in the source's text, as JSON
)  # fmt: skip
_tables = sa.Table(
    "tables", _meta,
    sa.Column("kind", _ID, primary_key=True),  # measure, family, figure, direction
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)  # fmt: skip


_MOST = 10_000  # notes of what a version touched that are kept for other machines


class Recorder:
    """An engine over the record's tables, which it makes where they are not there.

    Raises LibraryBroken where what is at the address is no database, BadSetting for an address that
    nothing here can read.
    """

    def __init__(self, url: str) -> None:
        self._engine = engine(url)
        self.shown = self._engine.url.render_as_string(hide_password=True)
        self.shared = self._engine.dialect.name == "postgresql"
        self._held: sa.Connection | None = None  # the connection that holds the writer's lock
        try:
            with self._engine.begin() as c:
                if self.shared:  # two that make the tables at once would fail each other
                    one_at_a_time(c)
                _meta.create_all(c)
        except sa.exc.DatabaseError as error:
            says = first_line(error.orig or error)
            raise LibraryBroken(
                f"the catalog {self.shown!r} cannot be read: {says}; restore it from a backup"
            ) from error

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def note(self, **values: str | None) -> None:
        """Record values of state that are no change; None takes one away."""
        with self._begin() as c:
            for key, value in values.items():
                _put(c, key, value)

    def finish(self) -> None:
        """Drop the note of what was being done: nothing of it is left."""
        with self._begin() as c:
            _drop_work(c)

    def forget(self, version: int) -> None:
        """Drop the notes of what led to a version, once this library's indexes hold it."""
        version -= _MOST if self.shared else 0  # other machines have word indexes of their own to bring along
        with self._begin() as c:
            for key in list(c.execute(sa.select(_state.c.key).where(_state.c.key.like("touched %"))).scalars()):
                if int(str(key).removeprefix("touched ")) <= version:
                    _put(c, str(key), None)

    @contextmanager
    def transaction(self, schema: int) -> Iterator[Change]:
        """One change: all of it is recorded and the version raised, or none of it."""
        with self._begin() as c:
            change = Change(c)
            yield change
            version = int(_get(c, "version") or 0) + 1
            _put(c, "version", str(version))
            _put(c, f"touched {version}", _dump(sorted(change.touched)))
            _put(c, "schema", str(schema))
            if _get(c, "library") is None:
                _put(c, "library", uuid.uuid4().hex)

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        """A transaction, on the connection that holds the lock: who has lost the lock can commit nothing."""
        if self._held is None:
            with self._engine.begin() as c:
                yield c
        else:
            if self._held.invalidated:  # it would connect anew, without the lock
                raise lost(self.shown)
            with self._held.begin():
                yield self._held

    @contextmanager
    def alone(self, wait: float) -> Iterator[None]:
        """Hold the writer's lock of a catalog that several machines share; raises LibraryBusy."""
        with locked(self._engine, self.shown, wait) as connection:
            self._held = connection
            try:
                yield
            finally:
                self._held = None

    def select(self, sql: str, **values: Any) -> Iterator[Row]:
        """The rows of a statement whose parameters are written :name."""
        with self._engine.connect() as c:
            for row in c.execution_options(yield_per=1000).execute(sa.text(sql), values):
                yield tuple(row)

    def snapshot(self) -> Rows:
        """The database as it is now."""
        return EngineSnapshot(self._engine, self)

    def become(self, origin: Rows, version: int | None) -> None:
        """Everything of another record in place of all that is here, as a new library of this version, or as it is."""
        with self._begin() as c:
            for table in reversed(_meta.sorted_tables):
                c.execute(table.delete())
            for table in _meta.sorted_tables:
                _fill(c, table, origin)
            for key in [k for k in c.execute(sa.select(_state.c.key)).scalars() if str(k).startswith(_OWN)]:
                _put(c, str(key), None)  # what its indexes held says nothing of those here
            if version is not None:
                _put(c, "version", str(version))
                _put(c, "library", uuid.uuid4().hex)


_OWN = ("touched ", "vectors", "work", "indexed", "index_sizes")


def _fill(c: sa.Connection, table: sa.Table, origin: Rows) -> None:
    """The rows of a table from another record, a thousand at a time."""
    names = [column.name for column in table.columns]
    part: list[dict[str, Any]] = []
    for row in origin.select(f"SELECT {', '.join(names)} FROM {table.name}"):
        part.append(dict(zip(names, row, strict=True)))
        if len(part) == 1000:
            c.execute(table.insert(), part)
            part = []
    if part:
        c.execute(table.insert(), part)


class Change:
    """What can be done inside a transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection
        self.touched: set[str] = set()  # ids of the documents that were put or removed

    def put(
        self,
        source: Source,
        location: str,
        text: str,
        passages: Iterable[tuple[Passage, Sequence[tuple[int, int]]]],
    ) -> None:
        """A document whole, in place of what the library held under its id."""
        self.remove(source.id)
        self._c.execute(
            _sources.insert().values(
                id=source.id,
                body=_dump(asdict(source)),
                text=text,
                location=location,
                sha256=source.sha256,
            )
        )
        rows = [
            {
                "id": p.id, "source_id": p.source_id, "ordinal": n, "text": p.text,
                "body": _dump({"start": p.start, "end": p.end, "heading": p.heading, "page": p.page,
                               "origins": [[k, asdict(o)] for k, o in p.origins],
                               **({"cells": [asdict(cell) for cell in p.cells]} if p.cells else {})}),
                "sentences": _dump([list(s) for s in spans]),
            }
            for n, (p, spans) in enumerate(passages)
        ]  # fmt: skip
        if rows:
            self._c.execute(_passages.insert(), rows)

    def remove(self, source_id: str) -> bool:
        """A document gone without a trace; False where there was none."""
        self.touched.add(source_id)
        self._c.execute(_passages.delete().where(_passages.c.source_id == source_id))
        return self._c.execute(_sources.delete().where(_sources.c.id == source_id)).rowcount > 0

    def put_tables(self, table: FigureTable) -> None:
        """The figures of a library, in place of those it held; their sources as cited ones."""
        self._c.execute(_tables.delete())
        self._c.execute(_sources.delete().where(_sources.c.text.is_(None)))
        held = set(self._c.execute(sa.select(_sources.c.id)).scalars())
        cited = [
            {"id": s.id, "body": _dump(asdict(s)), "text": None, "location": "", "sha256": ""}
            for s in table.sources.values() if s.id not in held
        ]  # fmt: skip
        bodies = [
            *(("measure", n, asdict(m)) for n, m in enumerate(table.measures.values())),
            *(("family", n, asdict(f)) for n, f in enumerate(table.families.values())),
            *(("figure", n, asdict(f) | {"value": format(f.value, "f")}) for n, f in enumerate(table.figures)),
            *(("direction", n, asdict(d)) for n, d in enumerate(table.directions)),
        ]
        if cited:
            self._c.execute(_sources.insert(), cited)
        if bodies:
            self._c.execute(
                _tables.insert(),
                [{"kind": k, "ordinal": n, "body": _dump(b)} for k, n, b in bodies],
            )

    def begin(self, work: str) -> None:
        """Record in this change what is being done, for whoever finds it unfinished."""
        _drop_work(self._c)
        _put(self._c, "work", work)

    def did(self, n: int) -> None:
        """Record in this change that the n-th of the things to do is done."""
        _put(self._c, f"work {n}", "done")

    def mark_made(self) -> None:
        """Record that the library is whole: with its first documents, or empty on purpose."""
        _put(self._c, "made", "1")

    def use_encoder(self, name: str) -> None:
        """Record whose vectors the index is to hold."""
        _put(self._c, "encoder", name)


def _drop_work(c: sa.Connection) -> None:
    c.execute(_state.delete().where((_state.c.key == "work") | _state.c.key.like("work %")))


def _get(c: sa.Connection, key: str) -> str | None:
    found = c.execute(sa.select(_state.c.value).where(_state.c.key == key)).scalar()
    return None if found is None else str(found)


def _put(c: sa.Connection, key: str, value: str | None) -> None:
    if value is None:
        c.execute(_state.delete().where(_state.c.key == key))
    elif c.execute(_state.update().where(_state.c.key == key).values(value=value)).rowcount == 0:
        c.execute(_state.insert().values(key=key, value=value))


def _dump(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
