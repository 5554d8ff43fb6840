"""The record of a library: sources, their full text, passages, sentences and figures.

SQLite in WAL mode, or PostgreSQL with the same statements. Every change is one transaction that also
raises the version, and the indexes follow the version. Reading goes through `rows`, writing through
`recording`, which alone imports SQLAlchemy.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import fields
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from shutil import disk_usage
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from corpus.errors import LibraryBroken, UnknownSource
from corpus.figures import FigureTable
from corpus.measures import family_from, measure_from
from corpus.rows import Row, Rows, SqliteRows
from corpus.types import Figure, KnownDirection, Origin, Passage, Source, TableCell
from corpus.work import Work

if TYPE_CHECKING:
    from corpus.recording import Change, Recorder

SCHEMA = 1
_ROOM = 100_000  # bytes
_SQLITE = "sqlite:///"
_PASSAGE = "SELECT id, source_id, text, body, sentences FROM passages"


class Catalog:
    """The record. Reads are safe from any thread; writes happen inside `transaction`."""

    def __init__(self, url: str) -> None:
        self._url = url
        path = Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None
        self._rows: Rows = SqliteRows(path) if path else self._recorder
        self._pin: Rows | None = None
        self._pinning = threading.Lock()
        try:
            if path and not _has_tables(path, self._rows):
                self._recorder.close()  # opening it has made the tables
            found = int(self._read("schema") or SCHEMA)
        except sqlite3.Error as error:
            step = "restore it from a backup"
            if path and isinstance(error, sqlite3.OperationalError) and disk_usage(path.parent).free < _ROOM:
                step = "the disk is full: free some space"  # SQLite needs a little to read its log at all
            raise LibraryBroken(f"the catalog {url!r} cannot be read: {error}; {step}") from error
        if found != SCHEMA:
            raise LibraryBroken(f"the catalog is of version {found}, this program reads {SCHEMA}; upgrade Footnote")

    @classmethod
    def in_folder(cls, folder: Path) -> Catalog:
        """The SQLite catalog of a library's folder."""
        return cls(f"{_SQLITE}{folder / 'catalog.sqlite'}")

    def close(self) -> None:
        """Give back all connections."""
        self.unpin()
        self._rows.close()
        if "_recorder" in self.__dict__:
            self._recorder.close()

    @cached_property
    def _recorder(self) -> Recorder:
        from corpus.recording import Recorder  # late: imports SQLAlchemy, which only a change needs

        return Recorder(self._url)

    # -- state ------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Raised by one with every change."""
        return int(self._read("version") or 0)

    @property
    def id(self) -> str:
        """What tells this library, and this making of it, from any other; empty before its first change."""
        return self._read("library") or ""

    @property
    def shared(self) -> bool:
        """Whether processes on other machines may write to it."""
        return not self._url.startswith("sqlite")

    @property
    def shown(self) -> str:
        """Its address as it may be shown: without a password."""
        return self._recorder.shown if self.shared else self._url

    def noted(self, key: str) -> str | None:
        """A note that is no part of any version."""
        return self._read(key)

    def note(self, **values: str | None) -> None:
        """Keep notes that are no part of any version; None takes one away."""
        self._recorder.note(**values)

    def touched(self, since: int, version: int) -> set[str] | None:
        """The documents that changed after one version up to another; None where that is not known."""
        if since < 0:
            return None
        told: dict[int, list[str]] = {}
        if since < version:
            for key, value in self._rows.select("SELECT key, value FROM state WHERE key LIKE 'touched %'"):
                told[int(key.removeprefix("touched "))] = json.loads(value)
        wanted = range(since + 1, version + 1)
        return {id for n in wanted for id in told[n]} if all(n in told for n in wanted) else None

    def unfinished(self) -> Work | None:
        """What a process set out to do and has not finished; it may be at it still."""
        noted = self._rows.select("SELECT key, value FROM state WHERE key = 'work' OR key LIKE 'work %'")
        found = {str(key): str(value) for key, value in noted}
        if "work" not in found:
            return None
        return Work.read(found.pop("work"), {int(key.removeprefix("work ")) for key in found})

    def faults(self) -> list[str]:
        """What the database itself finds wrong with its file, and documents whose parts do not fit together."""
        found = []
        if not self.shared:
            said = [str(row[0]) for row in self._rows.select("PRAGMA integrity_check(5)")]
            found += [f"the catalog is damaged: {line}" for line in said if line != "ok"]
        lost = "SELECT count(*) FROM passages WHERE source_id NOT IN (SELECT id FROM sources WHERE text IS NOT NULL)"
        for (n,) in self._rows.select(lost):
            found += [f"{n} passages belong to no document"] if n else []
        return found

    def finish(self) -> None:
        """Drop the note of what was being done."""
        self._recorder.finish()

    def forget(self, version: int) -> None:
        """Drop what was noted of the way to a version that the indexes hold."""
        self._recorder.forget(version)

    def alone(self, wait: float) -> AbstractContextManager[None]:
        """The writer's lock of a catalog that is shared; raises LibraryBusy."""
        return self._recorder.alone(wait)

    @property
    def rows(self) -> Rows:
        """The database itself, as it is at each moment."""
        return self._rows

    def become(self, origin: Rows, renewed: bool = True) -> None:
        """All of another record in place of this one, in one transaction.

        `renewed` makes it another library and the next version of this one, so that no index is mistaken
        for its; without, it is the same library elsewhere.
        """
        self._recorder.become(origin, self.version + 1 if renewed else None)

    # -- reading what was, while it changes ---------------------------------------------------

    def pin(self) -> int:
        """Read documents as they are now until the next call, or `unpin`; the version that this is."""
        with self._pinning:
            fresh = self._rows.snapshot()
            old, self._pin = self._pin, fresh
            if old is not None:
                old.close()
            for (value,) in fresh.select("SELECT value FROM state WHERE key = 'version'"):
                return int(value)
            return 0

    def current(self) -> Catalog:
        """The same record, read as it is at each moment, whatever this one has pinned."""
        if self._pin is None:
            return self
        other = copy(self)
        other._pin, other._pinning = None, threading.Lock()
        return other

    def unpin(self) -> None:
        """Read documents as they are at each moment."""
        with self._pinning:
            old, self._pin = self._pin, None
            if old is not None:
                old.close()

    def _select(self, sql: str, **values: Any) -> Iterator[Row]:
        """Rows of documents: of the version that is pinned, or as they are."""
        with self._pinning:
            rows = (self._pin or self._rows).select(sql, **values)
            first = next(rows, None)  # from here on the rows are held, whatever is pinned meanwhile
        if first is not None:
            yield first
            yield from rows

    @property
    def made(self) -> bool:
        """Whether the making of the library was finished; a killed first run leaves one that was not."""
        return self._read("made") == "1"

    @property
    def encoder(self) -> str:
        """The name of the model whose vectors the index holds."""
        return self._read("encoder") or ""

    def _read(self, key: str) -> str | None:
        for (value,) in self._rows.select("SELECT value FROM state WHERE key = :key", key=key):
            return None if value is None else str(value)
        return None

    def transaction(self) -> AbstractContextManager[Change]:
        """One change: all of it is recorded and the version raised, or none of it."""
        return self._recorder.transaction(SCHEMA)

    # -- reading ----------------------------------------------------------------------------

    def sources(self, held: bool | None = True) -> list[Source]:
        """Sources whose text is held (True), that are only cited (False), or all (None), by id."""
        which = "" if held is None else f"WHERE text IS {'NOT ' if held else ''}NULL"
        return [_source(body) for (body,) in self._select(f"SELECT body FROM sources {which} ORDER BY id")]

    def knows(self, id: str) -> bool:
        """Whether a source of that id is held or cited."""
        return any(True for _ in self._select("SELECT 1 FROM sources WHERE id = :id", id=id))

    def located(self, prefix: str = "") -> dict[str, str]:
        """The ids of the documents whose location begins so, by it."""
        query = "SELECT location, id FROM sources WHERE text IS NOT NULL AND location <> '' ORDER BY location"
        return {str(at): str(id) for at, id in self._select(query) if str(at).startswith(prefix)}

    def source(self, id: str) -> Source:
        """One source; raises UnknownSource."""
        for (body,) in self._select("SELECT body FROM sources WHERE id = :id", id=id):
            return _source(body)
        raise UnknownSource(f"no source {id!r} in the library; list them with: footnote sources")

    def text(self, source_id: str) -> str:
        """The whole text of a source, as passages count their offsets in it."""
        for (text,) in self._select("SELECT text FROM sources WHERE id = :id AND text IS NOT NULL", id=source_id):
            return str(text)
        raise UnknownSource(f"the library holds no text of {source_id!r}; list documents with: footnote sources")

    def locate(self, location: str, sha256: str) -> tuple[str | None, str | None]:
        """The ids of the source that came from this location, and of the one with this content."""
        at = [str(id) for (id,) in self._select("SELECT id FROM sources WHERE location = :at", at=location)]
        same = {str(id) for (id,) in self._select("SELECT id FROM sources WHERE sha256 = :sha", sha=sha256)}
        here = at[0] if at else None
        return here, here if here in same else min(same, default=None)

    def passages(self, ids: Sequence[str]) -> dict[str, tuple[Passage, tuple[tuple[int, int], ...]]]:
        """Passages with their sentence spans, by id; unknown ids are left out."""
        found = {}
        for at in range(0, len(ids), 500):
            given = {f"i{n}": id for n, id in enumerate(ids[at : at + 500])}
            listed = ", ".join(f":{name}" for name in given)
            for row in self._select(f"{_PASSAGE} WHERE id IN ({listed})", **given):
                found[row[0]] = _passage(row)
        return found

    def passage(self, id: str) -> Passage:
        """One passage; raises UnknownSource."""
        found = self.passages([id])
        if id not in found:
            raise UnknownSource(f"no passage {id!r} in the library")
        return found[id][0]

    def all_passages(self, source_id: str | None = None) -> Iterator[tuple[Passage, tuple[tuple[int, int], ...]]]:
        """Every passage with its sentence spans, by source and place in it."""
        which = "" if source_id is None else "WHERE source_id = :source"
        given = {} if source_id is None else {"source": source_id}
        for row in self._select(f"{_PASSAGE} {which} ORDER BY source_id, ordinal", **given):
            yield _passage(row)

    def counts(self) -> dict[str, int]:
        """How many documents, passages and figures there are."""
        return {
            "documents": self._count("sources WHERE text IS NOT NULL"),
            "passages": self._count("passages"),
            "figures": self._count("tables WHERE kind = 'figure'"),
        }

    def _count(self, of: str) -> int:
        return sum(int(n) for (n,) in self._select(f"SELECT count(*) FROM {of}"))

    def manifest(self) -> list[tuple[str, str]]:
        """Each held document's id and content hash, by id."""
        query = "SELECT id, sha256 FROM sources WHERE text IS NOT NULL ORDER BY id"
        return [(str(id), str(sha)) for id, sha in self._select(query)]

    def figure_table(self) -> FigureTable:
        """All figures, measures and families of the library."""
        rows: dict[str, list[dict[str, Any]]] = {"measure": [], "family": [], "figure": [], "direction": []}
        for kind, body in self._select("SELECT kind, body FROM tables ORDER BY kind, ordinal"):
            rows[kind].append(json.loads(body))
        sources = {s.id: s for s in self.sources(held=None)}
        return FigureTable(
            tuple(Figure(**(r | {"value": Decimal(r["value"])})) for r in rows["figure"]),
            tuple(KnownDirection(**r) for r in rows["direction"]),
            MappingProxyType({r["id"]: measure_from(r["id"], r) for r in rows["measure"]}),
            MappingProxyType({r["id"]: family_from(r["id"], r) for r in rows["family"]}),
            MappingProxyType(sources),
        )


def _has_tables(path: Path, rows: Rows) -> bool:
    if not path.exists():
        return False
    return any(rows.select("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tables'"))


def _source(body: str) -> Source:
    raw = json.loads(body)
    return Source(**{f.name: raw[f.name] for f in fields(Source) if f.name in raw})


def _passage(row: Row) -> tuple[Passage, tuple[tuple[int, int], ...]]:
    id, source_id, text, body, sentences = row
    about, spans = _parsed(body, sentences)
    return Passage(id, source_id, text, *about), spans


@lru_cache(maxsize=8192)  # a question takes some 150 passages, many of them those of the question before
def _parsed(body: str, sentences: str) -> tuple[tuple[Any, ...], tuple[tuple[int, int], ...]]:
    """Start, end, heading, page, origins and cells of a passage, and its sentences."""
    raw = json.loads(body)
    origins = tuple((k, Origin(**o)) for k, o in raw["origins"])
    cells = tuple(TableCell(**cell) for cell in raw.get("cells", ()))
    about = raw["start"], raw["end"], raw["heading"], raw["page"], origins, cells
    return about, tuple((a, b) for a, b in json.loads(sentences))
