"""The record of a library: sources, their full text, passages, sentences and figures.

SQLAlchemy Core over SQLite in WAL mode; the same code runs on PostgreSQL. Every change is one
transaction that also raises the version, and the indexes follow the version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from corpus.errors import LibraryBroken, UnknownSource
from corpus.figures import FigureTable
from corpus.measures import family_from, measure_from
from corpus.types import Figure, KnownDirection, Origin, Passage, Source, TableCell

SCHEMA = 1
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


class Catalog:
    """The record. Reads are safe from any thread; writes happen inside `transaction`."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        if url.startswith("sqlite"):
            sa.event.listen(self._engine, "connect", _tune_sqlite)
        try:
            _meta.create_all(self._engine)
            found = int(self._read("schema") or SCHEMA)
        except sa.exc.DatabaseError as error:
            raise LibraryBroken(
                f"the catalog {url!r} cannot be read: {error.orig}; restore it from a backup"
            ) from error
        if found != SCHEMA:
            raise LibraryBroken(f"the catalog is of version {found}, this program reads {SCHEMA}; upgrade Footnote")

    @classmethod
    def in_folder(cls, folder: Path) -> Catalog:
        """The SQLite catalog of a library's folder."""
        return cls(f"sqlite:///{folder / 'catalog.sqlite'}")

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    # -- state ------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Raised by one with every change."""
        return int(self._read("version") or 0)

    @property
    def indexed(self) -> int:
        """The version that both indexes were last brought to."""
        return int(self._read("indexed") or -1)

    @property
    def index_sizes(self) -> tuple[int, int]:
        """How many sentences and passages the indexes held when they were last brought into step."""
        sentences, _, passages = (self._read("index_sizes") or "-1 -1").partition(" ")
        return int(sentences), int(passages)

    def mark_indexed(self, version: int, sentences: int, passages: int) -> None:
        """Record that both indexes hold this version, and how much that is."""
        with self._engine.begin() as c:
            _put(c, "indexed", str(version))
            _put(c, "index_sizes", f"{sentences} {passages}")

    @property
    def made(self) -> bool:
        """Whether the making of the library was finished; a killed first run leaves one that was not."""
        return self._read("made") == "1"

    @property
    def encoder(self) -> str:
        """The name of the model whose vectors the index holds."""
        return self._read("encoder") or ""

    def _read(self, key: str) -> str | None:
        with self._engine.connect() as c:
            value = c.execute(sa.select(_state.c.value).where(_state.c.key == key)).scalar()
        return None if value is None else str(value)

    @contextmanager
    def transaction(self) -> Iterator[Change]:
        """One change: all of it is recorded and the version raised, or none of it."""
        with self._engine.begin() as c:
            yield Change(c)
            current = c.execute(sa.select(_state.c.value).where(_state.c.key == "version")).scalar()
            _put(c, "version", str(int(current or 0) + 1))
            _put(c, "schema", str(SCHEMA))

    # -- reading ----------------------------------------------------------------------------

    def sources(self, held: bool | None = True) -> list[Source]:
        """Sources whose text is held (True), that are only cited (False), or all (None), by id."""
        query = sa.select(_sources.c.body).order_by(_sources.c.id)
        if held is not None:
            query = query.where(_sources.c.text.is_not(None) if held else _sources.c.text.is_(None))
        with self._engine.connect() as c:
            return [_source(row.body) for row in c.execute(query)]

    def source(self, id: str) -> Source:
        """One source; raises UnknownSource."""
        with self._engine.connect() as c:
            row = c.execute(sa.select(_sources.c.body).where(_sources.c.id == id)).first()
        if row is None:
            raise UnknownSource(f"no source {id!r} in the library; list them with: footnote sources")
        return _source(row.body)

    def text(self, source_id: str) -> str:
        """The whole text of a source, as passages count their offsets in it."""
        with self._engine.connect() as c:
            row = c.execute(sa.select(_sources.c.text).where(_sources.c.id == source_id)).first()
        if row is None or row.text is None:
            raise UnknownSource(f"the library holds no text of {source_id!r}; list documents with: footnote sources")
        return str(row.text)

    def locate(self, location: str, sha256: str) -> tuple[str | None, str | None]:
        """The ids of the source that came from this location, and of the one with this content."""
        with self._engine.connect() as c:
            here = c.execute(sa.select(_sources.c.id).where(_sources.c.location == location)).scalar()
            same = set(c.execute(sa.select(_sources.c.id).where(_sources.c.sha256 == sha256)).scalars())
        return here, here if here in same else min(same, default=None)

    def locations(self) -> dict[str, str]:
        """Where each held document came from, with its id."""
        query = sa.select(_sources.c.location, _sources.c.id).where(_sources.c.text.is_not(None))
        with self._engine.connect() as c:
            return {row.location: row.id for row in c.execute(query)}

    def passages(self, ids: Sequence[str]) -> dict[str, tuple[Passage, tuple[tuple[int, int], ...]]]:
        """Passages with their sentence spans, by id; unknown ids are left out."""
        found = {}
        with self._engine.connect() as c:
            for at in range(0, len(ids), 500):
                for row in c.execute(sa.select(_passages).where(_passages.c.id.in_(ids[at : at + 500]))):
                    found[row.id] = _passage(row)
        return found

    def passage(self, id: str) -> Passage:
        """One passage; raises UnknownSource."""
        found = self.passages([id])
        if id not in found:
            raise UnknownSource(f"no passage {id!r} in the library")
        return found[id][0]

    def all_passages(self, source_id: str | None = None) -> Iterator[tuple[Passage, tuple[tuple[int, int], ...]]]:
        """Every passage with its sentence spans, by source and place in it."""
        query = sa.select(_passages).order_by(_passages.c.source_id, _passages.c.ordinal)
        if source_id is not None:
            query = query.where(_passages.c.source_id == source_id)
        with self._engine.connect() as c:
            for row in c.execution_options(yield_per=1000).execute(query):
                yield _passage(row)

    def counts(self) -> dict[str, int]:
        """How many documents, passages and figures there are."""
        with self._engine.connect() as c:
            return {
                "documents": c.execute(sa.select(sa.func.count()).where(_sources.c.text.is_not(None))).scalar_one(),
                "passages": c.execute(sa.select(sa.func.count()).select_from(_passages)).scalar_one(),
                "figures": c.execute(sa.select(sa.func.count()).where(_tables.c.kind == "figure")).scalar_one(),
            }

    def manifest(self) -> list[tuple[str, str]]:
        """Each held document's id and content hash, by id."""
        with self._engine.connect() as c:
            query = sa.select(_sources.c.id, _sources.c.sha256).where(_sources.c.text.is_not(None))
            return [(row.id, row.sha256) for row in c.execute(query.order_by(_sources.c.id))]

    def figure_table(self) -> FigureTable:
        """All figures, measures and families of the library."""
        rows: dict[str, list[dict[str, Any]]] = {
            "measure": [],
            "family": [],
            "figure": [],
            "direction": [],
        }
        with self._engine.connect() as c:
            for row in c.execute(sa.select(_tables).order_by(_tables.c.kind, _tables.c.ordinal)):
                rows[row.kind].append(json.loads(row.body))
        sources = {s.id: s for s in self.sources(held=None)}
        return FigureTable(
            tuple(Figure(**(r | {"value": Decimal(r["value"])})) for r in rows["figure"]),
            tuple(KnownDirection(**r) for r in rows["direction"]),
            MappingProxyType({r["id"]: measure_from(r["id"], r) for r in rows["measure"]}),
            MappingProxyType({r["id"]: family_from(r["id"], r) for r in rows["family"]}),
            MappingProxyType(sources),
        )


class Change:
    """What can be done inside a transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

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
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "busy_timeout=30000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _put(c: sa.Connection, key: str, value: str) -> None:
    if c.execute(_state.update().where(_state.c.key == key).values(value=value)).rowcount == 0:
        c.execute(_state.insert().values(key=key, value=value))


def _dump(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _source(body: str) -> Source:
    raw = json.loads(body)
    return Source(**{f.name: raw[f.name] for f in fields(Source) if f.name in raw})


def _passage(row: Any) -> tuple[Passage, tuple[tuple[int, int], ...]]:
    raw = json.loads(row.body)
    origins = tuple((k, Origin(**o)) for k, o in raw["origins"])
    passage = Passage(
        row.id,
        row.source_id,
        row.text,
        raw["start"],
        raw["end"],
        raw["heading"],
        raw["page"],
        origins,
        tuple(TableCell(**cell) for cell in raw.get("cells", ())),
    )
    return passage, tuple((a, b) for a, b in json.loads(row.sentences))
