"""What the doctor prints: what there is in a library, and what is wrong with it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from corpus.encoder import cache_folder
from corpus.errors import LibraryBusy
from corpus.library import Library
from ui.failure import expected, explained
from ui.footnotes import line
from ui.terminal import size

PACKAGES = (
    "footnote", "chromadb", "gradio", "langchain", "openvino", "sentence-transformers",
    "sqlalchemy", "tantivy", "torch",
)  # fmt: skip


def findings(library: Library) -> Iterator[tuple[str, str, bool]]:
    """What the doctor prints, a name and what there is to say of it, and whether that is a fault."""
    yield from ((name, value, False) for name, value in about(library))
    for name, faults in checks(library):
        yield from ((name, fault, True) for fault in faults)
        if not faults:
            yield name, "fine", False


def about(library: Library) -> Iterator[tuple[str, str]]:
    """What there is: the folder, counts, sizes and versions."""
    yield "library", f"{library.folder} (version {library.version})"
    if library.settings.catalog_url:
        yield "catalog at", library.catalog.shown
    if library.settings.chroma_url:
        yield "vectors at", library.settings.chroma_url
    yield "writer", writer(library)
    for what, n in library.catalog.counts().items():
        yield what, f"{n:,}"
    catalog = [str(p) for p in library.folder.glob("catalog.sqlite*")]
    yield "catalog on disk", size(sum(map(disk, catalog)))
    if work := library.mended:
        done = f"{work.added:,} sentences in, {work.removed:,} out"
        yield "mended on opening", done + (", all anew for another encoder" if work.rebuilt else "")
    for what in ("chroma", "vectors.f32", "tokens", "words"):
        yield f"{what} on disk", size(disk(str(library.folder / what)))
    yield "encoder cache", f"{size(disk(str(cache_folder())))} in {cache_folder()}"
    yield "python", platform.python_version()
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"


def writer(library: Library) -> str:
    """Who holds the writer's lock."""
    try:
        with library.writing(wait=0.0):
            return "none"
    except LibraryBusy as busy:
        return str(busy).partition(" is writing")[0]


def disk(path: str) -> int:
    """Bytes of a file, or of a folder with all in it."""
    if os.path.isdir(path):
        return sum(disk(entry.path) for entry in os.scandir(path) if not entry.is_symlink())
    return os.path.getsize(path) if os.path.exists(path) else 0


def checks(library: Library) -> Iterator[tuple[str, list[str]]]:
    """Each part that was looked at, and what is wrong with it."""
    may_write = os.access(library.folder, os.W_OK)
    yield "folder", [] if may_write else [f"{library.folder} cannot be written to"]
    yield "mending", [line(library.trouble)] if library.trouble else []
    yield "unfinished", [line(str(library.unfinished))] if library.unfinished else []
    for name, look in (("indexes", library.check), ("encoder", lambda: encoder_faults(library))):
        try:
            yield name, look()
        except expected() as error:
            yield name, [explained(error)]


def encoder_faults(library: Library) -> list[str]:
    """What is wrong with the model that turns texts into vectors."""
    made = library.catalog.encoder
    length = float((library.encoder.encode(["one sentence"]) ** 2).sum())
    faults = [] if abs(length - 1) < 0.01 else [f"its vectors have the length {length:.3f}, not 1"]
    if made and made != library.encoder.name:
        faults.append(f"the index was made with {made!r}, the encoder is {library.encoder.name!r}")
    return faults
