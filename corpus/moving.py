"""A library in one file: a snapshot that can be taken while others write and answer, and put back whole.

The file is a zip of the record as SQLite, the vectors, the tokens, and a manifest with the hash of each.
Vectors and tokens are taken along so that nothing has to be embedded again; the indexes of vectors and of
words are made anew from the record.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from corpus.catalog import Catalog
from corpus.errors import BadBackup, LibraryError
from corpus.library import Library, Progress
from corpus.rows import SqliteRows
from corpus.settings import Settings
from corpus.tokens import TokenIndex
from corpus.vectors import Vectors
from corpus.whole import beside, swept, whole

FORMAT = 1
CATALOG, VECTORS, MANIFEST = "catalog.sqlite", "vectors.f32", "manifest.json"
TOKENS = ("tokens/names", "tokens/rows-1")
_PART = 1 << 20  # bytes copied at once
_LONGEST = 1 << 20  # bytes of a manifest


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: the documents' hash as in a receipt, counts, and each file's size and SHA-256."""

    library: str
    version: int
    documents: str
    counts: dict[str, int]
    files: dict[str, tuple[int, str]]
    format: int = FORMAT

    @property
    def sha256(self) -> str:
        """A hash over all of it, to compare by eye."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def backup(library: Library, file: Path) -> Backup:
    """Write the library as it is now into a file, which is there whole or not at all; raises OSError."""
    swept(file.parent, "footnote-backup")
    with beside(file.parent, "footnote-backup") as folder:
        record = folder / CATALOG
        _record(library, record)
        files = {CATALOG: record}
        matrix = library.folder / VECTORS
        if matrix.exists():  # it may be of an earlier version: each vector is known by the content of its sentence
            files[VECTORS] = Path(shutil.copyfile(matrix, folder / VECTORS))
        TokenIndex(library.folder / "tokens").copy(folder / "tokens")
        files |= {name: path for name in TOKENS if (path := folder / name).exists()}
        with closing(Catalog.in_folder(folder)) as catalog:
            sizes = {name: (path.stat().st_size, _sha256(path)) for name, path in files.items()}
            made = Backup(catalog.id, catalog.version, documents_hash(catalog), catalog.counts(), sizes)
        with whole(file) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MANIFEST, json.dumps(asdict(made) | {"sha256": made.sha256}, indent=1))
            for name, path in files.items():
                archive.write(path, name)
    return made


def restore(file: Path, settings: Settings, force: bool = False, progress: Progress | None = None) -> Library:
    """The library of a backup, in place of what is there; the old one stands until all is verified.

    Raises BadBackup for a file that is none, is damaged or names paths; LibraryError where a library with
    documents or figures is there already, unless `force`.
    """
    library = Library.create(settings)
    if not force and any(library.catalog.counts().values()):
        where = str(library.folder) if not settings.catalog_url else library.catalog.shown
        library.close()
        raise LibraryError(f"the library in {where!r} is not empty; choose another folder with --home, or --force")
    with _opened(file, library.folder) as (held, folder):
        with library.writing():
            before = library.catalog.id
            library.catalog.become(SqliteRows(folder / CATALOG))
            if VECTORS in held.files:
                shutil.move(folder / VECTORS, library.folder / VECTORS)
            if all(name in held.files for name in TOKENS):
                TokenIndex(folder / "tokens").copy(library.folder / "tokens")
            library.mend(progress, thorough=True)
            if settings.chroma_url and before:  # those of what was here, on a server that keeps them apart
                Vectors(library.folder / "chroma", settings.chroma_url, library=before).clear()
    return library


def documents_hash(catalog: Catalog) -> str:
    """The hash of the documents and the figures' count that a receipt holds."""
    text = "\n".join(f"{id} {sha}" for id, sha in catalog.manifest()) + f"\n{catalog.counts()['figures']}"
    return hashlib.sha256(text.encode()).hexdigest()


def _record(library: Library, to: Path) -> None:
    """The record as it is at one moment: SQLite's own backup, or a copy of one snapshot of a database."""
    if isinstance(rows := library.catalog.rows, SqliteRows):
        with closing(sqlite3.connect(rows.path)) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
        return
    snapshot = rows.snapshot()
    with closing(Catalog(f"sqlite:///{to}")) as catalog:
        catalog.become(snapshot, renewed=False)
    snapshot.close()


@contextmanager
def _opened(file: Path, home: Path) -> Iterator[tuple[Backup, Path]]:
    """What a backup says of itself, and a folder with its files, verified."""
    if not file.is_file():
        raise BadBackup(f"{str(file)!r}: no such file; give one that footnote backup has written")
    try:
        with zipfile.ZipFile(file) as archive, beside(home, "restore") as to:
            held = _manifest(archive, file)
            (to / "tokens").mkdir()
            for name, (size, sha) in held.files.items():
                with archive.open(name) as source, (to / name).open("wb") as copy:
                    if _copied(source, copy, size) != sha:
                        raise BadBackup(f"{str(file)!r}: {name} is not what the manifest says; take another backup")
            with closing(Catalog.in_folder(to)) as catalog:
                if faults := catalog.faults():
                    raise BadBackup(f"{str(file)!r}: {faults[0]}; take another backup")
                if documents_hash(catalog) != held.documents:
                    raise BadBackup(f"{str(file)!r}: its documents are not those of the manifest; take another backup")
            yield held, to
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise BadBackup(f"{str(file)!r} is no whole backup ({error}); take another one") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> Backup:
    names = archive.namelist()
    if strange := [n for n in names if n not in (MANIFEST, CATALOG, VECTORS, *TOKENS)]:
        why = "leads out of the library" if _climbs(strange[0]) else "is no part of a library"
        raise BadBackup(f"{str(file)!r} holds {strange[0]!r}, which {why}; it was not written by footnote backup")
    if len(set(names)) != len(names) or MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _LONGEST:
        raise BadBackup(f"{str(file)!r} is no backup of a library; give one that footnote backup has written")
    try:
        raw = json.loads(archive.read(MANIFEST))
        said = raw.pop("sha256")
        files = {str(name): (int(size), str(sha)) for name, (size, sha) in raw.pop("files").items()}
        held = Backup(files=files, **raw)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBackup(f"{str(file)!r}: its manifest cannot be read; take another backup") from error
    if held.format != FORMAT:
        raise BadBackup(f"{str(file)!r} is of format {held.format}, this program reads {FORMAT}; upgrade Footnote")
    if held.sha256 != said or CATALOG not in files or set(files) != set(names) - {MANIFEST}:
        raise BadBackup(f"{str(file)!r}: its manifest does not fit its files; take another backup")
    return held


def _climbs(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name


def _copied(source: IO[bytes], copy: IO[bytes], size: int) -> str:
    """Copy no more than `size` bytes and one; the SHA-256 of what was copied."""
    sha, left = hashlib.sha256(), size + 1  # one byte more tells of a file that is longer than it says
    while left and (data := source.read(min(_PART, left))):
        sha.update(data)
        copy.write(data)
        left -= len(data)
    return sha.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
