"""One file as the library is to hold it: read, split, under an id of its own, with the figures found in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from corpus.catalog import Catalog
from corpus.errors import Unreadable
from corpus.figures import FigureTable
from corpus.types import Source
from ingest.describe import Described, described, merged
from ingest.gather import File
from ingest.propose import proposed
from ingest.read import Given, read
from ingest.read.apart import read_apart
from ingest.split import Split, split

Outcome = Literal["added", "moved", "unchanged", "replaced", "removed", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one document."""

    name: str
    outcome: Outcome
    source_id: str = ""
    passages: int = 0
    reason: str = ""
    remarks: tuple[str, ...] = ()  # what a user should know of the reading: "page 7 has no text"
    cells: int = 0  # of tables
    doubtful: int = 0  # of these, read in two ways: they are not quoted
    figures: int = 0  # that a description beside a table found in it
    proposal: str = ""  # a description that would find figures in it
    location: str = ""  # where the file with the proposal lies


@dataclass(frozen=True, slots=True)
class Staged:
    """A document that is ready to be put into the library."""

    source: Source
    location: str
    text: str
    passages: list[Split]
    described: Described | None = None


@dataclass(slots=True)
class Stage:
    """Where documents are made ready, one after the other, and what is known of those before."""

    catalog: Catalog
    table: FigureTable  # the figures as the library holds them by now
    given: Given
    password: str = ""
    gone: dict[str, str] = field(default_factory=dict)  # id -> name of what is not where it was
    taken: dict[str, str] = field(default_factory=dict)  # id -> location
    contents: dict[str, str] = field(default_factory=dict)  # hash -> id

    def ready(self, file: File) -> tuple[Entry, Staged | None]:
        """What is to become of a file; raises Unreadable and OSError where it cannot be read."""
        loaded = file.load()
        # A table whose description has changed has changed.
        sha256 = hashlib.sha256(loaded.data + loaded.description.encode()).hexdigest()
        if sha256 in self.contents:  # the same content twice in one go
            return Entry(file.name, "unchanged", self.contents[sha256]), None
        here, same = self.catalog.locate(file.location, sha256)
        moved = same if here is None and same in self.gone else None
        stamped = self.given != Given()
        if same is not None and not moved and not stamped and (same == here or here is None):
            return Entry(file.name, "unchanged", same), None
        document = (read if file.trusted else read_apart)(loaded.data, loaded.name, self.password)
        id = here or moved or self._free_id(document.source.id or _slug(loaded.name), file.location)
        said = document.source
        source = replace(
            said, id=id, sha256=sha256,
            title=self.given.title or said.title,
            publisher=self.given.publisher or said.publisher,
            published=self.given.published or said.published,
            url=self.given.url or loaded.url or said.url,
            language=self.given.language or said.language,
        )  # fmt: skip
        if stamped and here is not None and same == here and self.catalog.source(here) == source:
            return Entry(file.name, "unchanged", here), None
        passages = split(replace(document, source=source), id)
        found = described(document, loaded.description, id, loaded.name) if loaded.description else None
        if found is not None:
            self._own(found, id)
        self.taken[id], self.contents[sha256] = file.location, id
        self.gone.pop(id, None)
        cells = [c for p, _spans in passages for c in p.cells]
        proposal = proposed(document, loaded.name) if document.sheets and found is None else ""
        entry = Entry(
            file.name, "moved" if moved else "replaced" if here else "added", id, len(passages),
            remarks=document.remarks + (found.remarks if found is not None else ()),
            cells=len(cells),
            doubtful=sum(not c.confirmed for c in cells),
            figures=len(found.figures) if found is not None else 0,
            proposal=proposal,
            location=file.location if proposal else "",
        )  # fmt: skip
        return entry, Staged(source, file.location, document.text, passages, found)

    def figures(self, id: str, found: Described | None) -> FigureTable | None:
        """The figures once those of a document are these; None where nothing of them changes."""
        if found is None and not any(f.source_id == id for f in self.table.figures):
            return None
        self.table = merged(self.table, [id], [found] if found is not None else ())
        return self.table

    def _own(self, found: Described, id: str) -> None:
        """Raise Unreadable where the measure belongs to other documents."""
        name = found.measure.id
        by = {f.source_id for f in self.table.of(name)}
        if by - {id} or (name in self.table.measures and not by):
            raise Unreadable(f"the measure {name!r} of the description is another document's; choose another id")

    def _free_id(self, wanted: str, location: str) -> str:
        """An id that no other document has: two files called report.md must not replace each other."""
        id, n = wanted, 1
        while self.taken.get(id, location) != location or (id not in self.taken and self.catalog.knows(id)):
            n += 1
            id = f"{wanted}-{n}"
        return id


def _slug(name: str) -> str:
    stem = Path(name).stem.lower()
    return re.sub(r"[^\w]+", "-", stem).strip("-_") or "document"
