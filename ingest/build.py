"""Adding documents to a library, and a new library from what ships with Footnote."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

from corpus.errors import FootnoteError, Unreadable
from corpus.figures import FigureTable
from corpus.library import Library, Progress
from corpus.settings import Settings
from corpus.types import Source
from ingest.describe import Described, described, merged, proposed
from ingest.gather import File, Loaded, Root, gather
from ingest.read import Given, read
from ingest.read.apart import read_apart
from ingest.split import Split, split

FIRST_RUN = 300.0  # seconds to wait for another process that is making the library
_HELD = 30_000_000  # characters read before they are committed, so that a large folder needs no large memory
Outcome = Literal["added", "unchanged", "replaced", "removed", "refused"]
Reading = Callable[[int, int, str], None]  # documents read so far, documents to read, the name of the next


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


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every file, in the order given."""

    entries: tuple[Entry, ...] = ()

    def of(self, outcome: Outcome) -> list[Entry]:
        """The entries of one outcome."""
        return [e for e in self.entries if e.outcome == outcome]

    @property
    def refused(self) -> list[Entry]:
        """What could not be read, with the reasons."""
        return self.of("refused")

    def __str__(self) -> str:
        counts = [(o, len(self.of(o))) for o in ("added", "replaced", "unchanged", "removed", "refused")]
        return ", ".join(f"{n} {o}" for o, n in counts if n) or "nothing to add"


def add_sources(
    library: Library,
    paths: Iterable[str | Path],
    given: Given | None = None,
    progress: Progress | None = None,
    *,
    password: str = "",
    dry_run: bool = False,
    reading: Reading | None = None,
) -> Report:
    """Add files, folders, patterns, archives and addresses; each document goes in whole, unchanged ones cost nothing.

    What cannot be read is refused with its reason, and the others go in. What was added from a folder or an
    archive and is not in it any more is removed, unless nothing is left in it: then a disk may be missing.
    `dry_run` says what would become of each and changes nothing.
    """
    found, roots = gather(paths)
    return _add(library, found, given or Given(), progress, roots=roots, how=_How(password, dry_run, reading))


def add_uploads(
    library: Library,
    uploads: Iterable[tuple[str, bytes]],
    progress: Progress | None = None,
    given: Given | None = None,
    password: str = "",
) -> Report:
    """Add documents that came as bytes under a name, which is shown and never used as a path."""
    found = []
    for name, data in uploads:
        said = name.replace("\\", "/").rpartition("/")[2]
        found.append(File(said, f"upload:{said}", lambda data=data, said=said: Loaded(data, said)))  # type: ignore[misc]
    return _add(library, found, given or Given(), progress, how=_How(password))


def remove_source(library: Library, source_id: str) -> Source:
    """Take a document out without a trace; raises UnknownSource."""
    source = library.catalog.source(source_id)
    library.catalog.text(source_id)  # a primary source that is only cited cannot be removed
    with library.change() as change:
        change.remove(source_id)
        if any(f.source_id == source_id for f in library.figures):
            change.put_tables(merged(library.figures, [source_id], ()))
    return source


def create_library(settings: Settings, empty: bool = False, progress: Progress | None = None) -> tuple[Library, Report]:
    """A library with the bundled corpus, or an empty one: no documents, no figures."""
    library = Library.create(settings)
    if empty:
        if not library.catalog.made:
            with library.change() as change:
                change.mark_made()
        return library, Report()
    bundled = files("corpus").joinpath("documents")
    found = [
        File(item.name, f"bundled:{item.name}", lambda item=item: Loaded(item.read_bytes(), item.name), trusted=True)  # type: ignore[misc]
        for item in sorted(bundled.iterdir(), key=lambda p: p.name)
        if item.name.endswith(".md")
    ]
    table = FigureTable.bundled()
    report = _add(library, found, Given(), progress, tables=table)
    return library, report


def open_library(settings: Settings, progress: Progress | None = None) -> Library:
    """The library of these settings; where there is none, one with the bundled corpus is made first."""
    if Library.exists(settings):
        return Library.open(settings, progress)
    return create_library(settings, progress=progress)[0]


@dataclass(frozen=True, slots=True)
class _How:
    """How documents are added."""

    password: str = ""
    dry_run: bool = False
    reading: Reading | None = None


@dataclass(slots=True)
class _Staged:
    """What was read and is not committed yet, and what is known of this going."""

    documents: list[tuple[Source, str, str, list[Split]]] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)  # id -> location
    contents: dict[str, str] = field(default_factory=dict)  # hash -> id
    figures: list[Described] = field(default_factory=list)
    characters: int = 0


def _add(
    library: Library,
    found: Sequence[File],
    given: Given,
    progress: Progress | None,
    tables: FigureTable | None = None,
    roots: Sequence[Root] = (),
    how: _How | None = None,
) -> Report:
    how = how or _How()
    entries: list[Entry] = []
    # A first run takes most of a minute; whoever asks meanwhile waits for it and then finds it done.
    with library.writing(wait=max(library.settings.lock_seconds, FIRST_RUN) if tables is not None else None):
        staged = _Staged()
        changed = False
        for n, file in enumerate(found):
            if how.reading:
                how.reading(n, len(found), file.name)
            try:
                entry, document = _stage(library, file, given, staged, how.password)
            except (FootnoteError, OSError) as error:
                entries.append(Entry(file.name, "refused", reason=_reason(error, file)))
                continue
            entries.append(entry)
            if document and not how.dry_run:
                staged.documents.append(document)
                staged.characters += len(document[2])
                if staged.characters > _HELD:
                    _commit(library, staged, ())
                    changed = True
        if how.reading:
            how.reading(len(found), len(found), "")
        gone = _gone(library, roots)
        entries += [Entry(name, "removed", id) for name, id in gone]
        if how.dry_run:
            return Report(tuple(entries))
        new_tables = tables if tables is not None and _differ(tables, library.catalog.figure_table()) else None
        first = tables is not None and not library.catalog.made
        if staged.documents or gone or new_tables is not None or first:
            _commit(library, staged, [id for _name, id in gone], new_tables, first)
            changed = True
        if changed or not library.in_step:
            library.mend(progress)
    return Report(tuple(entries))


def _commit(
    library: Library,
    staged: _Staged,
    gone: Iterable[str],
    tables: FigureTable | None = None,
    first: bool = False,
) -> None:
    """All that is staged in one transaction."""
    with library.catalog.transaction() as change:
        if first:
            change.mark_made()
        for source, location, text, passages in staged.documents:
            change.put(source, location, text, passages)
        gone = list(gone)
        for id in gone:
            change.remove(id)
        held = library.catalog.figure_table() if tables is None else tables
        anew = [*gone, *(source.id for source, *_rest in staged.documents)]
        if staged.figures or any(f.source_id in anew for f in held):
            tables = merged(held, anew, staged.figures)
        if tables is not None:
            change.put_tables(tables)
    staged.documents.clear()
    staged.figures.clear()
    staged.characters = 0


def _gone(library: Library, roots: Sequence[Root]) -> list[tuple[str, str]]:
    """Name and id of what was added from these folders and archives and is not in them any more."""
    if not any(root.held for root in roots):
        return []
    gone: dict[str, tuple[str, str]] = {}
    for location, id in library.catalog.locations().items():
        for root in roots:
            if root.held and location.startswith(root.location) and location not in root.held:
                gone[id] = (location[len(root.location) :], id)
    return sorted(gone.values())


def _stage(
    library: Library, file: File, given: Given, staged: _Staged, password: str
) -> tuple[Entry, tuple[Source, str, str, list[Split]] | None]:
    loaded = file.load()
    # A table whose description has changed has changed.
    sha256 = hashlib.sha256(loaded.data + loaded.description.encode()).hexdigest()
    if sha256 in staged.contents:  # the same content twice in one go
        return Entry(file.name, "unchanged", staged.contents[sha256]), None
    here, same = library.catalog.locate(file.location, sha256)
    stamped = given != Given()
    if same is not None and not stamped and (same == here or here is None):
        return Entry(file.name, "unchanged", same), None
    reader = read if file.trusted else read_apart
    document = reader(loaded.data, loaded.name, password)
    id = here or _free_id(library, document.source.id or _slug(loaded.name), staged.taken, file.location)
    staged.taken[id] = file.location
    staged.contents[sha256] = id
    source = replace(
        document.source, id=id, sha256=sha256,
        title=given.title or document.source.title,
        publisher=given.publisher or document.source.publisher,
        published=given.published or document.source.published,
        url=given.url or loaded.url or document.source.url,
        language=given.language or document.source.language,
    )  # fmt: skip
    if stamped and here is not None and same == here and library.catalog.source(here) == source:
        return Entry(file.name, "unchanged", here), None
    passages = split(replace(document, source=source), id)
    found = described(document, loaded.description, id, loaded.name) if loaded.description else None
    if found is not None:
        _own(library, found, id, staged)
        staged.figures.append(found)
    proposal = proposed(document, loaded.name) if document.sheets and found is None else ""
    cells = [c for p, _spans in passages for c in p.cells]
    doubtful = sum(not c.confirmed for c in cells)
    outcome: Outcome = "replaced" if here else "added"
    remarks = document.remarks + (found.remarks if found is not None else ())
    figures = len(found.figures) if found is not None else 0
    entry = Entry(file.name, outcome, id, len(passages), "", remarks, len(cells), doubtful, figures, proposal)
    return entry, (source, file.location, document.text, passages)


def _own(library: Library, found: Described, id: str, staged: _Staged) -> None:
    """Raise Unreadable where the measure belongs to other documents."""
    name = found.measure.id
    others = {f.source_id for f in library.figures.of(name)} - {id}
    if others or any(d.measure.id == name for d in staged.figures) or (
        name in library.figures.measures and not library.figures.of(name)
    ):  # fmt: skip
        raise Unreadable(f"the measure {name!r} of the description is another document's; choose another id")


def _free_id(library: Library, wanted: str, taken: dict[str, str], location: str) -> str:
    """An id that no other document has: two files called report.md must not replace each other."""
    known = {s.id for s in library.catalog.sources(held=None)} | set(taken)
    id, n = wanted, 1
    while id in known and taken.get(id) != location:
        n += 1
        id = f"{wanted}-{n}"
    return id


def _slug(name: str) -> str:
    stem = Path(name).stem.lower()
    return re.sub(r"[^\w]+", "-", stem).strip("-_") or "document"


def _reason(error: Exception, file: File) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{file.name}: no such file; check the path"
    if isinstance(error, IsADirectoryError | PermissionError):
        return f"{file.name}: cannot be read ({error.strerror})"
    if isinstance(error, Unreadable):
        return str(error)
    return f"{file.name}: {error}"


def _differ(a: FigureTable, b: FigureTable) -> bool:
    return (
        a.figures != b.figures or a.measures != b.measures or a.families != b.families or a.directions != b.directions
    )
