"""EPUB: the chapters in the order of the spine, with the metadata of the package."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from corpus.errors import Locked, Unreadable
from corpus.types import Document, Source
from ingest.read.about import iso_of
from ingest.read.html import parse
from ingest.read.limits import LIMITS
from ingest.read.markup import Walk
from ingest.read.text import decode, title_of
from ingest.read.transcript import Transcript, one_line
from ingest.read.zipped import open_zip, unpack

_CONTAINER = "META-INF/container.xml"
_CHAPTERS = ("application/xhtml+xml", "text/html")


def read_epub(data: bytes, name: str, password: str = "") -> Document:
    """A Document from an EPUB; raises Locked for one under DRM."""
    archive = open_zip(data, name)
    if "META-INF/encryption.xml" in archive.namelist() and b"EncryptedKey" in _bytes(
        archive, "META-INF/encryption.xml", name
    ):
        raise Locked(f"{name}: the book is under DRM; ask its publisher for a copy without")
    container = _xml(_bytes(archive, _CONTAINER, name), name)
    root = next((e.get("full-path") for e in container.iter("{*}rootfile")), None)
    if not root:
        raise Unreadable(f"{name}: the book names no package file; export it again")
    package = _xml(_bytes(archive, root, name), name)
    items = {e.get("id"): e for e in package.iter("{*}item")}
    written = Transcript(name)
    unpacked = 0
    for number, ref in enumerate(package.iter("{*}itemref"), start=1):
        item = items.get(ref.get("idref"))
        if item is None or item.get("media-type") not in _CHAPTERS or "nav" in (item.get("properties") or "").split():
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(root), unquote(item.get("href") or "")))
        chapter = _bytes(archive, path, name)
        unpacked += len(chapter)
        if unpacked > LIMITS.unpacked:
            break  # a chapter named again and again
        tree = parse(decode(chapter, f"{name}: {path}"), name)
        body = tree.find(".//body")
        walk = Walk(written, around=True, prefix=f"{number}.")
        walk.walk(body if body is not None else tree)
        walk.finish()

    def said(field: str) -> str:
        found = next((e.text for e in package.iter("{http://purl.org/dc/elements/1.1/}" + field) if e.text), "")
        return one_line(found or "")

    source = Source(
        id="", title=said("title") or title_of(name), publisher=said("publisher") or said("creator"),
        published=iso_of(said("date")), kind="report", language=said("language")[:2].lower() or "en",
        licence=said("rights")[:200],
    )  # fmt: skip
    return written.document(source)


def _bytes(archive: ZipFile, path: str, name: str) -> bytes:
    try:
        return unpack(archive, archive.getinfo(path), name)
    except KeyError:
        raise Unreadable(f"{name}: the book lacks {path!r}; export it again") from None


def _xml(data: bytes, name: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"{name}: the book's package is broken ({error}); export it again") from None
