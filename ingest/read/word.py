"""Word documents: headings by their styles, tables with merged cells, footnotes at their marks."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from corpus.types import Document, Source
from ingest.read.about import dated, iso_of, language_of, printed_date
from ingest.read.footnotes import origin
from ingest.read.grids import headed
from ingest.read.text import title_of
from ingest.read.transcript import Transcript, one_line
from ingest.read.zipped import unpacked_once

Part = Any  # lxml elements under python-docx, which ships no types for them

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = frozenset(
    {f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
_CAPTIONS = ("caption", "table", "illustration")
_PREFIX = {"footnotes": "", "endnotes": "e"}


def read_word(data: bytes, name: str, password: str = "") -> Document:
    """A Document from a DOCX file."""
    unpacked_once(data, name)
    import docx
    from docx.table import Table

    opened = docx.Document(io.BytesIO(data))
    written = Transcript(name)
    notes = _notes(opened)
    named: list[str] = []
    caption = ""
    for item in opened.iter_inner_content():
        if isinstance(item, Table):
            rows = [[_cell(c, notes) for c in row.cells] for row in item.rows]
            written.table(headed(rows, caption))
            caption = ""
            continue
        if caption:
            written.paragraph(caption)
            caption = ""
        style = (item.style.name if item.style is not None else "") or ""
        said = _said(item._p, notes)
        level = _level(style, item._p)
        if style.lower() in ("title", "subtitle"):
            named += [one_line(said)] if style.lower() == "title" else []
            written.paragraph(said, prose=False)
        elif level:
            written.heading(level, said)
        elif style.lower().startswith(_CAPTIONS) and _before_table(item._p):
            caption = one_line(said)
        else:
            written.paragraph(said)
            for box in _boxes(item._p):
                written.paragraph(_said(box, notes))
    if caption:
        written.paragraph(caption)
    for key, text in notes.items():
        written.note(key, text, origin(text))
    return _titled(written, opened, named, name)


def _titled(written: Transcript, opened: Any, named: list[str], name: str) -> Document:
    about = opened.core_properties
    found = written.document(Source(id="", title=""))
    created = about.created.isoformat() if isinstance(about.created, dt.datetime) else ""
    title = one_line(about.title or "") or (named[0] if named else "") or written.title or title_of(name)
    day, said_of_it = dated(printed_date(found.text), iso_of(created))
    source = Source(
        id="", title=title, publisher=one_line(about.author or ""), kind="report",
        published=day,
        language=(about.language or "")[:2].lower() or language_of(found.text),
    )  # fmt: skip
    return replace(found, source=source, remarks=found.remarks + said_of_it)


def _notes(opened: Any) -> dict[str, str]:
    """Footnotes and endnotes by the key that their marks get."""
    from docx.oxml import parse_xml

    found: dict[str, str] = {}
    for related in opened.part.rels.values():
        kind = related.reltype.rpartition("/")[2]
        if kind not in _PREFIX or related.is_external:
            continue
        for note in parse_xml(related.target_part.blob):
            if note.get(f"{_W}type") in (None, "normal"):
                text = " ".join(_said(p, {}) for p in note.iter(f"{_W}p"))
                found[f"{_PREFIX[kind]}{note.get(f'{_W}id')}"] = one_line(text)
    return {k: t for k, t in found.items() if t}


def _said(paragraph: Part, notes: dict[str, str]) -> str:
    """The text of a paragraph as it stands: with what was inserted, without what was deleted."""
    parts: list[str] = []
    for node in _inside(paragraph):
        tag = node.tag
        if tag == f"{_W}t":
            parts.append(node.text or "")
        elif tag == f"{_W}tab":
            parts.append(" ")
        elif tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
            key = ("e" if "endnote" in tag else "") + str(node.get(f"{_W}id"))
            parts.append(f"[^{key}]" if key in notes else "")
    return "".join(parts)


def _inside(element: Part) -> Iterator[Part]:
    for child in element:
        if child.tag in _GONE or child.tag == f"{_W}txbxContent":
            continue
        yield child
        yield from _inside(child)


def _boxes(paragraph: Part) -> Iterator[Part]:
    """The paragraphs of text boxes that hang on a paragraph; each box is stored twice, for old programs too."""
    for box in paragraph.iter(f"{_W}txbxContent"):
        if not any(a.tag in _GONE for a in box.iterancestors()):
            yield from (p for p in box if p.tag == f"{_W}p")


def _cell(cell: Any, notes: dict[str, str]) -> str:
    return " ".join(_said(p, notes) for p in cell._tc.iter(f"{_W}p"))


def _level(style: str, paragraph: Part) -> int:
    """The level of a heading, 0 for what is none."""
    if style.startswith("Heading ") and style[8:].isdigit():
        return int(style[8:])
    outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
    said = outline.get(f"{_W}val") if outline is not None else ""
    return int(said) + 1 if said and said.isdigit() and int(said) < 9 else 0


def _before_table(paragraph: Part) -> bool:
    following = paragraph.getnext()
    return following is not None and following.tag == f"{_W}tbl"
