"""Adding documents to a library, and a new library from what ships with Footnote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from corpus.errors import FootnoteError, LibraryBroken, Unreadable
from corpus.figures import FigureTable
from corpus.library import Library, Progress, Work
from corpus.settings import Settings
from corpus.types import Source
from ingest.describe import with_own
from ingest.gather import File, Loaded, Root, gather
from ingest.read import Given
from ingest.stage import Entry, Outcome, Stage, Staged

FIRST_RUN = 300.0  # seconds to wait for another process that is making the library
_BUNDLED = "bundled:"  # how the location of a document begins that ships with Footnote
Reading = Callable[[int, int, str], None]  # documents read so far, documents to read, the name of the next
Told = Callable[[Entry], None]


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
        counts = [(o, len(self.of(o))) for o in ("added", "moved", "replaced", "unchanged", "removed", "refused")]
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
    told: Told = lambda entry: None,
) -> Report:
    """Add files, folders, patterns, archives and addresses; each document goes in whole, unchanged ones cost nothing.

    What cannot be read is refused with its reason, and the others go in. What was added from a folder or an
    archive and is not in it any more is removed, unless nothing is left in it: then a disk may be missing.
    `dry_run` says what would become of each and changes nothing. `told` gets what became of each document as
    soon as that is so for good: what it was told of as added is held, come what may.
    """
    found, roots = gather(paths)
    how = _How(given or Given(), password, dry_run, progress, reading, told)
    return _add(library, found, how, roots)


def add_found(
    library: Library,
    found: Sequence[File],
    roots: Sequence[Root] = (),
    gone: Iterable[str] = (),
    given: Given | None = None,
    progress: Progress | None = None,
    told: Told = lambda entry: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Add what was gathered, remove the documents of the locations that are `gone`; between two it can be stopped."""
    return _add(library, found, _How(given or Given(), progress=progress, told=told, stopped=stopped), roots, gone)


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
    return _add(library, found, _How(given or Given(), password, progress=progress))


def remove_source(library: Library, source_id: str) -> Source:
    """Take a document out without a trace; raises UnknownSource."""
    source = library.catalog.source(source_id)
    library.catalog.text(source_id)  # a primary source that is only cited cannot be removed
    with library.writing():
        stage = Stage(library.catalog, library.catalog.figure_table(), Given())
        _remove(stage, source_id, 0, Work.begun("remove", [source_id]))
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
        File(item.name, f"{_BUNDLED}{item.name}", lambda item=item: Loaded(item.read_bytes(), item.name), trusted=True)  # type: ignore[misc]
        for item in sorted(bundled.iterdir(), key=lambda p: p.name)
        if item.name.endswith(".md")
    ]
    table = FigureTable.bundled()
    report = _add(library, found, _How(progress=progress), bundled=table)
    return library, report


def open_library(settings: Settings, progress: Progress | None = None) -> Library:
    """The library of these settings; where there is none, one with the bundled corpus is made first."""
    if Library.exists(settings):
        return Library.open(settings, progress)
    return create_library(settings, progress=progress)[0]


@dataclass(frozen=True, slots=True)
class _How:
    """How documents are added."""

    given: Given = field(default_factory=Given)
    password: str = ""
    dry_run: bool = False
    progress: Progress | None = None
    reading: Reading | None = None
    told: Told = lambda entry: None
    stopped: Callable[[], bool] = lambda: False


def _add(
    library: Library,
    found: Sequence[File],
    how: _How,
    roots: Sequence[Root] = (),
    gone: Iterable[str] = (),
    bundled: FigureTable | None = None,
) -> Report:
    entries: list[Entry] = []
    # A first run takes most of a minute; whoever asks meanwhile waits for it and then finds it done.
    with library.writing(wait=max(library.settings.lock_seconds, FIRST_RUN) if bundled is not None else None):
        names = _gone(library, roots, gone)
        stage = Stage(library.catalog, library.catalog.figure_table(), how.given, how.password, names)
        places = {id: n for n, id in enumerate(names, len(found))}
        # What is to be done, noted with the first document: none where nothing has changed.
        work: str | None = Work.begun("update" if names else "add", [f.name for f in found] + list(names.values()))

        def settled(entry: Entry) -> None:
            entries.append(entry)
            how.told(entry)  # it is on the disk: whatever happens now, the library holds it

        for n, file in enumerate(found):
            if how.stopped():
                break
            if how.reading:
                how.reading(n, len(found), file.name)
            try:
                entry, staged = stage.ready(file)
            except LibraryBroken:  # the library's trouble is not the file's
                raise
            except (FootnoteError, OSError) as error:
                entry, staged = Entry(file.name, "refused", reason=_reason(error, file)), None
            if staged and not how.dry_run:
                _put(stage, staged, n, work, figures=bundled is None)
                work = None
            settled(entry)
        if how.reading:
            how.reading(len(found), len(found), "")
        for id, name in list(names.items()):
            if how.stopped():
                break
            if not how.dry_run:
                _remove(stage, id, places[id], work)
                work = None
            settled(Entry(name, "removed", id))
        if how.dry_run:
            return Report(tuple(entries))
        if bundled is not None and _finish_bundled(library, bundled):
            work = None
        if work is None or not library.in_step:
            library.mend(how.progress)
        if library.catalog.unfinished():
            library.catalog.finish()
    return Report(tuple(entries))


def _put(stage: Stage, staged: Staged, n: int, work: str | None, figures: bool) -> None:
    """A document in one transaction, with the figures found in it; `work` is noted with the first."""
    with stage.catalog.transaction() as change:
        if work is not None:
            change.begin(work)
        change.put(staged.source, staged.location, staged.text, staged.passages)
        table = stage.figures(staged.source.id, staged.described) if figures else None
        if table is not None:
            change.put_tables(table)
        change.did(n)


def _remove(stage: Stage, id: str, n: int, work: str | None) -> None:
    """A document out in one transaction, with its figures."""
    with stage.catalog.transaction() as change:
        if work is not None:
            change.begin(work)
        change.remove(id)
        table = stage.figures(id, None)
        if table is not None:
            change.put_tables(table)
        change.did(n)


def _finish_bundled(library: Library, bundled: FigureTable) -> bool:
    """The bundled figures beside the user's own, and the library marked as made; False where all was so."""
    held, first = library.catalog.figure_table(), not library.catalog.made
    own = {id for location, id in library.catalog.located().items() if not location.startswith(_BUNDLED)}
    table = with_own(bundled, held, own)
    differ = _differ(table, held)
    if first or differ:
        with library.catalog.transaction() as change:
            if first:
                change.mark_made()
            if differ:
                change.put_tables(table)
    return first or differ


def _gone(library: Library, roots: Sequence[Root], locations: Iterable[str]) -> dict[str, str]:
    """Id and name of what was at these locations, or in these folders and archives, and is not any more."""
    gone = set(locations)
    if not gone and not any(root.held for root in roots):
        return {}
    names: dict[str, str] = {}
    for location, id in library.catalog.located().items():
        if location in gone:
            names[id] = location.rpartition("/")[2]
        for root in roots:
            if root.held and location.startswith(root.location) and location not in root.held:
                names[id] = location[len(root.location) :]
    return names


def _reason(error: Exception, file: File) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{file.name}: no such file; check the path"
    if isinstance(error, OSError) and error.strerror:
        return f"{file.name}: cannot be read ({error.strerror})"
    if isinstance(error, Unreadable):
        return str(error)
    return f"{file.name}: {error}"


def _differ(a: FigureTable, b: FigureTable) -> bool:
    return (
        a.figures != b.figures or a.measures != b.measures or a.families != b.families or a.directions != b.directions
    )
