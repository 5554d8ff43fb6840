"""How the record is written: the tables, and what can be done to them inside one transaction.

SQLAlchemy Core, over SQLite in WAL mode and over PostgreSQL with the same code. This is its only door,
opened by a change and by a catalog that has an address; a question over a library on disk does neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from corpus.errors import LibraryBroken
from corpus.figures import FigureTable
from corpus.rows import PRAGMAS, Row
from corpus.types import Passage, Source

_meta = sa.MetaData()
_state = sa.Table("state", _meta, sa.Column("key", sa.String, primary_key=True), sa.Column("value", sa.String))
_sources = sa.Table(
    "sources", _meta,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),  # the Source as JSON
    sa.Column("text", sa.Text),  # None: a primary source that is cited and not held
    sa.Column("location", sa.String, nullable=False, default=""),
    sa.Column("sha256", sa.String, nullable=False, default=""),
)  # fmt: skip
_passages = sa.Table(
    "passages", _meta,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("source_id", sa.String, sa.ForeignKey("sources.id"), index=True, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # start, end, heading, page, origins
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sentences", sa.Text, nullable=False),  # spans in the source's text, as JSON
)  # fmt: skip
_tables = sa.Table(
    "tables", _meta,
    sa.Column("kind", sa.String, primary_key=True),  # measure, family, figure, direction
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)  # fmt: skip


class Recorder:
    """An engine over the record's tables, which it makes where they are not there.

    Raises LibraryBroken where what is at the address is no database.
    """

    def __init__(self, url: str) -> None:
        sqlite = url.startswith("sqlite")
        self._engine = sa.create_engine(url, pool_pre_ping=not sqlite)
        if sqlite:
            sa.event.listen(self._engine, "connect", _tune_sqlite)
        try:
            _meta.create_all(self._engine)
        except sa.exc.DatabaseError as error:
            raise LibraryBroken(
                f"the catalog {url!r} cannot be read: {error.orig}; restore it from a backup"
            ) from error

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def mark_indexed(self, version: int, sizes: str) -> None:
        """Record what the indexes hold; what led to it need not be noted any longer."""
        with self._engine.begin() as c:
            _put(c, "indexed", str(version))
            _put(c, "index_sizes", sizes)
            for key in list(c.execute(sa.select(_state.c.key).where(_state.c.key.like("touched %"))).scalars()):
                if int(str(key).removeprefix("touched ")) <= version:
                    c.execute(_state.delete().where(_state.c.key == key))

    @contextmanager
    def transaction(self, schema: int) -> Iterator[Change]:
        """One change: all of it is recorded and the version raised, or none of it."""
        with self._engine.begin() as c:
            change = Change(c)
            yield change
            current = c.execute(sa.select(_state.c.value).where(_state.c.key == "version")).scalar()
            version = int(current or 0) + 1
            _put(c, "version", str(version))
            _put(c, f"touched {version}", _dump(sorted(change.touched)))
            _put(c, "schema", str(schema))

    def select(self, sql: str, **values: Any) -> Iterator[Row]:
        """The rows of a statement whose parameters are written :name."""
        with self._engine.connect() as c:
            for row in c.execution_options(yield_per=1000).execute(sa.text(sql), values):
                yield tuple(row)


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

    def mark_made(self) -> None:
        """Record that the library is whole: with its first documents, or empty on purpose."""
        _put(self._c, "made", "1")

    def use_encoder(self, name: str) -> None:
        """Record whose vectors the index is to hold."""
        _put(self._c, "encoder", name)


def _tune_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _put(c: sa.Connection, key: str, value: str) -> None:
    if c.execute(_state.update().where(_state.c.key == key).values(value=value)).rowcount == 0:
        c.execute(_state.insert().values(key=key, value=value))


def _dump(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
