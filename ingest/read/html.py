"""Web pages: the main content by the page's own marks, else by what trafilatura takes for it."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import Any

from corpus.errors import TooMuch, Unreadable
from corpus.types import Document, Source
from ingest.read.about import iso_of, language_of, printed_date
from ingest.read.markup import Element, Keep, Walk
from ingest.read.text import decode, title_of
from ingest.read.transcript import Transcript, one_line

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.I)
_BY = frozenset({"dc.publisher", "dcterms.publisher", "citation_publisher", "publisher", "author", "dc.creator"})
_FRONT = 60  # letters of a block that are looked for in the main content


def read_html(data: bytes, name: str, password: str = "") -> Document:
    """A Document from a web page; raises Unreadable where no text is left without menus and scripts."""
    tree = parse(_decoded(data, name), name)
    written = Transcript(name)
    main = _main(tree)
    whole = tree.find(".//body") if tree.find(".//body") is not None else tree
    walk = Walk(written, keep=None if main is not None else _content(tree))
    walk.walk(main if main is not None else whole)
    walk.finish()
    if not written.written:  # all was taken for menus: take everything
        walk = Walk(written, around=True)
        walk.walk(whole)
        walk.finish()
    source = _source(tree, name)
    found = written.document(replace(source, title=source.title or written.title or title_of(name)))
    language = source.language or language_of(found.text)
    return replace(found, source=replace(found.source, language=language))


def parse(text: str, name: str) -> Element:
    """The tree of a page; nothing is fetched for it."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Unreadable(f"{name}: not a page that can be read ({error}); save it again as HTML") from None
    if any("depth" in str(entry.message).lower() for entry in parser.error_log):
        raise TooMuch(f"{name}: elements stand too deep inside each other; save the page anew")
    return tree


def _decoded(data: bytes, name: str) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(declared[1].decode("ascii", "replace"))
        except (LookupError, UnicodeDecodeError):
            pass  # it says one thing and is another
    return decode(data, name)


def _main(tree: Element) -> Element | None:
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = tree.findall(path)
        if len(found) == 1 and len("".join(found[0].itertext()).split()) >= 40:
            return found[0]
    return None


def _content(tree: Element) -> Keep | None:
    """A test of whether a block's text belongs to the main content; None where all of it does."""
    import trafilatura

    extracted = trafilatura.extract(
        copy.deepcopy(tree), favor_recall=True, include_comments=False, include_tables=True, deduplicate=False
    )
    core = _letters(extracted or "")
    body = tree.find(".//body")
    whole = _letters("".join((body if body is not None else tree).itertext()))
    if len(core) < 0.25 * len(whole):
        return None  # too little is left: a short page, where menus weigh less than what would be lost

    def keep(said: str) -> bool:
        front = _letters(said)
        return not front or front[:_FRONT] in core or front[-_FRONT:] in core

    return keep


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _said(tree: Element, names: frozenset[str]) -> str:
    """What the page's own metadata say under one of these names."""
    for meta in tree.iter("meta"):
        if str(meta.get("name") or meta.get("property") or "").lower() in names and meta.get("content"):
            return str(meta.get("content"))
    return ""


def _source(tree: Element, name: str) -> Source:
    from trafilatura.metadata import extract_metadata

    dates: dict[str, Any] = {"extensive_search": False, "original_date": True}
    about = extract_metadata(copy.deepcopy(tree), date_config=dates)
    html = tree if tree.tag == "html" else tree.getroottree().getroot()
    language = (html.get("lang") or html.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:2].lower()
    if about is None:
        return Source(id="", title="", kind="article", language=language)
    address = str(about.url or "")
    top = one_line(" ".join(tree.itertext()))[:1500]
    return Source(
        id="", title=one_line(about.title or ""),
        publisher=one_line(about.sitename or _said(tree, _BY) or about.author or ""),
        published=iso_of(about.date or "") or printed_date(top, 600), kind="article",
        url=address if address.startswith(("http://", "https://")) else "", language=language,
    )  # fmt: skip
