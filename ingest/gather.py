"""What a path, a pattern, an archive or an address stands for: documents, each with a way to load its bytes.

Names are only ever shown. What is read is what the user named, what lies in a folder that the user named, or
an entry of such an archive; links that lead out of a folder and entries that climb out of an archive are not.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from corpus.errors import FootnoteError, Refused, TooMuch, Unreadable
from ingest.describe import SUFFIX
from ingest.fetch import fetch
from ingest.read import admit, suffixes
from ingest.read.limits import LIMITS, MAX_FILE
from ingest.read.zipped import open_zip, safe_name, unpack

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|(?:data|javascript|mailto|file):", re.I)
_PATTERN = re.compile(r"[*?\[]")
_MOST_DESCRIPTION = 100_000  # bytes
_TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm")
_LEADS_OUT = "a link that leads out of the folder; add what it leads to"
INSIDE = "!/"  # between an archive and the name in it, in a location


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bytes of a document, under the name that tells its format, and its address if it has one."""

    data: bytes
    name: str
    url: str = ""
    description: str = ""  # of the figures in it: see ingest/describe.py


@dataclass(frozen=True, slots=True)
class File:
    """A document that was found: a name for messages, where it lies, and how to load it."""

    name: str
    location: str
    load: Callable[[], Loaded]
    trusted: bool = False  # ships with Footnote


@dataclass(frozen=True, slots=True)
class Root:
    """A folder or an archive that was named: documents from inside it that are gone are removed."""

    location: str
    held: frozenset[str]  # locations of the documents that are in it now


def gather(paths: Iterable[str | Path]) -> tuple[list[File], list[Root]]:
    """The documents that these paths stand for, in order, and the folders and archives among them.

    What cannot be read raises its error when it is loaded, so that the others still go in.
    """
    files: list[File] = []
    roots: list[Root] = []
    for given in paths:
        for found in _one(str(given)):
            if isinstance(found, Root):
                roots.append(found)
            else:
                files.append(found)
    return files, roots


def unusable(given: str) -> str:
    """Why a path cannot be a document, as far as its name tells; empty where it can."""
    if scheme := _SCHEME.match(given):
        plain = scheme[0].lower() in ("http://", "https://")
        return "" if plain else f"{given}: only http and https addresses are fetched; save it as a file and add that"
    if os.path.lexists(given) or (_PATTERN.search(given) and matching(given)[1]):
        return ""
    return f"{given}: no file matches; check the pattern" if _PATTERN.search(given) else (
        f"{given}: no such file; check the path"
    )  # fmt: skip


def _one(given: str) -> Iterator[File | Root]:
    if _SCHEME.match(given):
        yield File(given, given, partial(_fetched, given))
        return
    path = Path(given)
    if not os.path.lexists(path) and _PATTERN.search(given):
        inside, matches = matching(given)
        if not matches:
            yield _refusing(given, given, Unreadable(f"{given}: no file matches; check the pattern"))
        for match in matches:
            if match.is_dir() and "**" in given:
                continue  # what is in it matches by itself
            if _real(match).is_relative_to(_real(inside)):
                yield from _path(match)
            else:
                yield _refusing(match.name, str(match), Refused(f"{match}: {_LEADS_OUT}"))
        return
    yield from _path(path)


def matching(pattern: str) -> tuple[Path, list[Path]]:
    """The folder that a pattern looks in, what stands before its first wildcard, and what matches there.

    Hidden files do not; and "**" does not go through links, which could lead round and round.
    """
    parts = Path(pattern).parts
    first = next(n for n, part in enumerate(parts) if _PATTERN.search(part))
    folder = Path(*parts[:first])
    rest = [p if p == "**" else re.sub(r"\*+", "*", p) for p in parts[first:]] + ["*"] * (parts[-1] == "**")
    found = folder.glob("/".join(rest))
    return folder, sorted(p for p in found if not any(part.startswith(".") for part in p.parts[first:]))


def _real(path: Path) -> Path:
    """Where a path leads in the end; one that leads round and round stays what it is."""
    return Path(os.path.realpath(path))  # Path.resolve raises for those


def _path(path: Path) -> Iterator[File | Root]:
    if path.is_dir():
        yield from _folder(path)
    elif path.suffix.lower() == ".zip" and path.is_file():
        yield from _archive(path, path.name)
    else:
        yield File(path.name, str(_real(path)), partial(_load, path))


def _folder(folder: Path) -> Iterator[File | Root]:
    held: list[str] = []
    try:
        paths = listed(folder)
    except OSError as error:
        yield _refusing(str(folder), str(folder), error)
        return  # what it held is not known, so nothing is gone
    for path, location in paths:
        for found in inside(folder, path, location):
            if isinstance(found, Root):
                held += found.held
            elif location:
                held.append(found.location)
            yield found
    yield Root(str(_real(folder)) + os.sep, frozenset(held))


def listed(folder: Path) -> list[tuple[Path, str]]:
    """The files of a folder that may be documents, each with its location; none for a link that leads out.

    Raises OSError where a part of the folder cannot be read.
    """
    real, readable = _real(folder), (*suffixes(), ".zip")
    found = []
    for at, below, names in os.walk(folder, onerror=_raised):
        below[:] = [name for name in below if not name.startswith(".")]
        for path in (Path(at) / name for name in names if not name.startswith(".")):
            if path.suffix.lower() not in readable:
                continue
            if path.is_symlink() and not _real(path).is_relative_to(real):
                found.append((path, ""))
            elif path.is_file():
                found.append((path, str(_real(path))))
    return sorted(found)


def _raised(error: OSError) -> None:
    raise error


def inside(folder: Path, path: Path, location: str) -> Iterator[File | Root]:
    """The documents of one file that is listed of a folder."""
    name = str(path.relative_to(folder))
    if not location:
        yield _refusing(name, str(path), Refused(f"{name}: {_LEADS_OUT}"))
    elif path.suffix.lower() == ".zip":
        yield from _archive(path, name)
    else:
        yield File(name, location, partial(_load, path))


def lies_in(location: str, files: Collection[str]) -> bool:
    """Whether a document is one of these files, or in one that is an archive."""
    parts = location.split(INSIDE)
    return any(INSIDE.join(parts[: n + 1]) in files for n in range(len(parts)))


def _archive(path: Path, name: str) -> Iterator[File | Root]:
    location = str(_real(path))
    held: list[str] = []
    try:
        size = path.stat().st_size
        if size > 2 * MAX_FILE:
            raise TooMuch(f"{name}: {size:,} bytes are more than the limit of {2 * MAX_FILE:,}; split the archive")
        for file in _entries(path.read_bytes(), name, location, 1):
            held.append(file.location)
            yield file
    except (FootnoteError, OSError) as error:
        yield _refusing(name, location, error)
        return  # what it held is not known, so nothing is gone
    yield Root(location + INSIDE, frozenset(held))


def _entries(data: bytes, name: str, location: str, depth: int) -> Iterator[File]:
    """The documents of an archive, those of archives in it too."""
    archive = open_zip(data, name)
    for entry in sorted(archive.infolist(), key=lambda e: e.filename):
        inner = f"{name}/{entry.filename}"
        where = f"{location}{INSIDE}{entry.filename}"
        suffix = "." + entry.filename.rpartition(".")[2].lower()
        if entry.is_dir() or suffix not in (*suffixes(), ".zip"):
            continue
        try:
            said = safe_name(entry, name)
            if any(part.startswith((".", "__MACOSX")) for part in said.split("/")):
                continue
            if suffix != ".zip":
                yield File(inner, where, partial(_unpacked, archive, entry, inner))
                continue
            if depth >= LIMITS.depth:
                raise TooMuch(f"{inner}: archives stand more than {LIMITS.depth} deep inside each other; unpack it")
            yield from _entries(unpack(archive, entry, name), inner, where, depth + 1)
        except FootnoteError as error:
            yield _refusing(inner, where, error)


def _unpacked(archive: ZipFile, entry: ZipInfo, name: str) -> Loaded:
    admit(name, entry.file_size)
    said, beside = "", described_by(Path(entry.filename)).as_posix()
    if beside != entry.filename and beside in archive.NameToInfo:
        about = archive.getinfo(beside)
        said = _utf8(beside, about.file_size, lambda: unpack(archive, about, name))
    return Loaded(unpack(archive, entry, name), name, "", said)


def _fetched(url: str) -> Loaded:
    found = fetch(url)
    admit(found.name, len(found.data))
    return Loaded(found.data, found.name, found.url)


def _load(path: Path) -> Loaded:
    """The bytes of a regular file of a readable type, within the limit: checked before it is read."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise Unreadable(f"{path.name}: not a regular file; give the path of a document")
    most = admit(path.name, about.st_size).most
    with path.open("rb") as stream:
        data = stream.read(most + 1)  # it may have grown since
    admit(path.name, len(data))
    return Loaded(data, path.name, "", _description(path))


def _description(path: Path) -> str:
    """The description beside a table of figures; empty where there is none."""
    beside = described_by(path)
    if beside == path or not beside.is_file():
        return ""
    return _utf8(beside.name, beside.stat().st_size, beside.read_bytes)


def _utf8(name: str, size: int, load: Callable[[], bytes]) -> str:
    """A description of `size` bytes; raises TooMuch or Unreadable."""
    if size > _MOST_DESCRIPTION:
        raise TooMuch(f"{name}: more than {_MOST_DESCRIPTION:,} bytes are no description; see docs/documents.md")
    try:
        return load().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Unreadable(f"{name}: not text in UTF-8; save it as UTF-8") from None


def described_by(path: Path) -> Path:
    """Where the description of a table of figures lies; what is no table has none, and this is the file itself."""
    return path.with_name(path.stem + SUFFIX) if path.suffix.lower() in _TABLES else path


def _refusing(name: str, location: str, error: Exception) -> File:
    def load() -> Loaded:
        raise error

    return File(name, location, load)
