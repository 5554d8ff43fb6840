"""Readers, one a format: bytes in, a Document out. They see no file system, no network and no library.

`read` runs a reader here, in this process; `ingest.read.apart` runs it in one that can be stopped, and is
what everything from outside goes through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from corpus.errors import FootnoteError, TooMuch, Unreadable
from corpus.types import Document
from ingest.read.limits import MAX_BYTES, MAX_FILE

Reader = Callable[[bytes, str, str], Document]  # the bytes, a name for messages, a password or ""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the reader's module and function, the endings of its files, and how its bytes begin."""

    name: str
    module: str
    function: str
    suffixes: tuple[str, ...]
    types: tuple[str, ...] = ()  # media types that a server may call it
    begins: tuple[bytes, ...] = ()
    most: int = MAX_FILE

    def reader(self) -> Reader:
        """The reader, imported now."""
        return cast(Reader, getattr(import_module(f"ingest.read.{self.module}"), self.function))


_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
_OFFICE = "application/vnd.openxmlformats-officedocument."
FORMATS = (
    Format("Markdown", "markdown", "read_markdown", (".md", ".markdown"), ("text/markdown",), most=MAX_BYTES),
    Format("text", "text", "read_text", (".txt", ".text"), ("text/plain",), most=MAX_BYTES),
    Format("PDF", "pdf", "read_pdf", (".pdf",), ("application/pdf",), (b"%PDF",)),
    Format("DOCX", "word", "read_word", (".docx",), (_OFFICE + "wordprocessingml.document",), _ZIP),
    Format(
        "HTML", "html", "read_html", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"),
        most=MAX_BYTES,
    ),
    Format("EPUB", "epub", "read_epub", (".epub",), ("application/epub+zip",), _ZIP),
    Format("PPTX", "slides", "read_slides", (".pptx",), (_OFFICE + "presentationml.presentation",), _ZIP),
    Format("XLSX", "sheets", "read_workbook", (".xlsx", ".xlsm"), (_OFFICE + "spreadsheetml.sheet",), _ZIP),
    Format(
        "CSV", "delimited", "read_delimited", (".csv", ".tsv", ".tab"), ("text/csv", "text/tab-separated-values"),
        most=MAX_BYTES,
    ),
)  # fmt: skip
_BY_SUFFIX = {suffix: f for f in FORMATS for suffix in f.suffixes}
_BY_TYPE = {kind: f for f in FORMATS for kind in f.types}


@dataclass(frozen=True, slots=True)
class Given:
    """What the user says of a document; it goes before what the document says of itself."""

    title: str = ""
    publisher: str = ""
    published: str = ""
    url: str = ""
    language: str = ""


def suffixes() -> tuple[str, ...]:
    """The endings of file names that can be read."""
    return tuple(_BY_SUFFIX)


def format_of(name: str) -> Format | None:
    """The format that a file's name tells."""
    return _BY_SUFFIX.get("." + name.rpartition(".")[2].lower()) if "." in name else None


def format_of_type(kind: str) -> Format | None:
    """The format that a media type tells."""
    return _BY_TYPE.get(kind.partition(";")[0].strip().lower())


def admit(name: str, size: int) -> Format:
    """The format of a file of this name and size in bytes; raises Unreadable with the reason."""
    found = format_of(name)
    if found is None:
        suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
        kind = f"of the type {suffix}" if suffix else "without an ending"
        raise Unreadable(f"{name}: files {kind} cannot be read yet; readable are {', '.join(_BY_SUFFIX)}")
    if size > found.most:
        raise TooMuch(f"{name}: {size:,} bytes are more than the limit of {found.most:,}; split the document")
    return found


def read(data: bytes, name: str, password: str = "") -> Document:
    """The document in these bytes; `name` is only a hint. Raises Unreadable with the reason.

    This is the one place where whatever a reader's library raises becomes an error of ours.
    """
    found = admit(name, len(data))
    if found.begins and not data[:1024].lstrip().startswith(found.begins) and b"%PDF" not in data[:1024]:
        raise Unreadable(f"{name}: its bytes are not {found.name}; give the file the ending of what it is")
    try:
        return found.reader()(data, name, password)
    except FootnoteError:
        raise
    except (MemoryError, RecursionError) as error:
        what = "memory" if isinstance(error, MemoryError) else "elements inside elements"
        raise TooMuch(f"{name}: reading it takes more {what} than the limit; split the document") from None
    except Exception as error:  # noqa: BLE001 - a broken file surfaces as any error of any library
        why = " ".join(f"{type(error).__name__}: {error}".split())[:200].removesuffix(": ")
        raise Unreadable(
            f"{name}: a broken {found.name} file ({why}); open it where it was made and save it again"
        ) from None
