"""Readers, one a format: bytes in, a Document out. They see no file system and no library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corpus.errors import Unreadable
from corpus.types import Document
from ingest.read.markdown import read_markdown
from ingest.read.text import read_text

Reader = Callable[[bytes, str], Document]
_READERS: dict[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
    ".text": read_text,
}
MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """What the user says of a document; it goes before what the document says of itself."""

    title: str = ""
    publisher: str = ""
    published: str = ""
    url: str = ""


def suffixes() -> tuple[str, ...]:
    """The endings of file names that can be read."""
    return tuple(_READERS)


def admit(name: str, size: int) -> Reader:
    """The reader for a file of this name and size in bytes; raises Unreadable with the reason."""
    suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
    reader = _READERS.get(suffix)
    if reader is None:
        kind = f"of the type {suffix}" if suffix else "without an ending"
        raise Unreadable(f"{name}: files {kind} cannot be read yet; readable are {', '.join(_READERS)}")
    if size > MAX_BYTES:
        raise Unreadable(f"{name}: {size:,} bytes are more than the limit of {MAX_BYTES:,}; split the document")
    return reader


def read(data: bytes, name: str) -> Document:
    """The document in these bytes; `name` is only a hint. Raises Unreadable with the reason."""
    return admit(name, len(data))(data, name)
