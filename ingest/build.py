"""Adding documents to a library, and a new library from what ships with Footnote."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Literal

from corpus.errors import FootnoteError, Unreadable
from corpus.figures import FigureTable
from corpus.library import Library, Progress, Work
from corpus.settings import Settings
from corpus.types import Source
from ingest.read import Given, admit, read, suffixes
from ingest.split import Split, split

FIRST_RUN = 300.0  # seconds to wait for another process that is making the library
Outcome = Literal["added", "unchanged", "replaced", "removed", "refused"]
Told = Callable[["Entry"], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one file."""

    name: str
    outcome: Outcome
    source_id: str = ""
    passages: int = 0
    reason: str = ""


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
        counts = [(o, len(self.of(o))) for o in ("added", "replaced", "removed", "unchanged", "refused")]
        return ", ".join(f"{n} {o}" for o, n in counts if n) or "nothing to add"


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    location: str
    load: Callable[[], bytes]


def add_sources(
    library: Library,
    paths: Iterable[str | Path],
    given: Given | None = None,
    progress: Progress | None = None,
    told: Told = lambda entry: None,
) -> Report:
    """Add files and folders; each document goes in whole, unchanged ones cost nothing.

    A file that cannot be read is refused with its reason, and the others go in. `told` gets what became
    of each file as soon as that is so for good: what it was told of as added is held, come what may.
    """
    return _add(library, list(_files(paths)), given or Given(), progress, told=told)


def remove_source(library: Library, source_id: str) -> Source:
    """Take a document out without a trace; raises UnknownSource."""
    source = library.catalog.source(source_id)
    library.catalog.text(source_id)  # a primary source that is only cited cannot be removed
    with library.writing():
        with library.catalog.transaction() as change:
            change.begin(Work.begun("remove", [source_id]))
            change.remove(source_id)
            change.did(0)
        library.mend()
        library.catalog.finish()
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
        _File(item.name, f"bundled:{item.name}", item.read_bytes)
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


def _add(
    library: Library,
    found: Sequence[_File],
    given: Given,
    progress: Progress | None,
    tables: FigureTable | None = None,
    told: Told = lambda entry: None,
) -> Report:
    entries: list[Entry] = []
    contents: dict[str, str] = {}  # hash -> id, of what went in
    begun = False
    # A first run takes most of a minute; whoever asks meanwhile waits for it and then finds it done.
    with library.writing(wait=max(library.settings.lock_seconds, FIRST_RUN) if tables is not None else None):
        for n, file in enumerate(found):
            try:
                entry, document = _stage(library, file, given, contents)
            except (FootnoteError, OSError) as error:
                entry, document = Entry(file.name, "refused", reason=_reason(error, file)), None
            if document:
                with library.catalog.transaction() as change:
                    if not begun:
                        change.begin(Work.begun("add", [f.name for f in found]))
                    change.put(*document)
                    change.did(n)
                contents[document[0].sha256] = document[0].id
                begun = True
            entries.append(entry)
            told(entry)  # the document is on the disk: whatever happens now, the library holds it
        new_tables = tables is not None and _differ(tables, library.catalog.figure_table())
        first = tables is not None and not library.catalog.made
        if new_tables or first:
            with library.catalog.transaction() as change:
                if first:
                    change.mark_made()
                if tables is not None and new_tables:
                    change.put_tables(tables)
        if begun or new_tables or first or not library.in_step:
            library.mend(progress)
        if library.catalog.unfinished():
            library.catalog.finish()
    return Report(tuple(entries))


def _stage(
    library: Library, file: _File, given: Given, contents: dict[str, str]
) -> tuple[Entry, tuple[Source, str, str, list[Split]] | None]:
    data = file.load()
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in contents:  # the same content twice in one go
        return Entry(file.name, "unchanged", contents[sha256]), None
    here, same = library.catalog.locate(file.location, sha256)
    stamped = given != Given()
    if same is not None and not stamped and (same == here or here is None):
        return Entry(file.name, "unchanged", same), None
    document = read(data, file.name)
    id = here or _free_id(library, document.source.id or _slug(file.name))
    source = replace(
        document.source, id=id, sha256=sha256,
        title=given.title or document.source.title,
        publisher=given.publisher or document.source.publisher,
        published=given.published or document.source.published,
        url=given.url or document.source.url,
    )  # fmt: skip
    if stamped and here is not None and same == here and library.catalog.source(here) == source:
        return Entry(file.name, "unchanged", here), None
    passages = split(replace(document, source=source), id)
    entry = Entry(file.name, "replaced" if here else "added", id, len(passages))
    return entry, (source, file.location, document.text, passages)


def _free_id(library: Library, wanted: str) -> str:
    """An id that no other document has: two files called report.md must not replace each other."""
    id, n = wanted, 1
    while library.catalog.knows(id):
        n += 1
        id = f"{wanted}-{n}"
    return id


def _slug(name: str) -> str:
    stem = Path(name).stem.lower()
    return re.sub(r"[^\w]+", "-", stem).strip("-_") or "document"


def _files(paths: Iterable[str | Path]) -> Iterable[_File]:
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in suffixes())
            for p in inside:
                yield _File(str(p.relative_to(path)), str(p.resolve()), partial(_load, p))
        else:
            yield _File(path.name, str(path.resolve()), partial(_load, path))


def _load(path: Path) -> bytes:
    """The bytes of a regular file of a readable type, within the limit: checked before it is read."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise Unreadable(f"{path.name}: not a regular file; give the path of a document")
    admit(path.name, about.st_size)
    return path.read_bytes()


def _reason(error: Exception, file: _File) -> str:
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
