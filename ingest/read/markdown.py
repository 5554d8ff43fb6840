"""Markdown with front matter and footnotes: blocks by the parser's line numbers, notes as Origins."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import fields, replace
from typing import Any, get_args

from corpus.errors import Unreadable
from corpus.sentences import REFERENCE
from corpus.types import Block, Document, Source, SourceKind
from ingest.read.about import iso_of, language_of
from ingest.read.footnotes import origin
from ingest.read.pipes import with_cells
from ingest.read.text import decode, title_of

_DEFINITION = re.compile(r"^\[\^([^\]\s]+)\]:[ \t]*(.*(?:\n(?:[ \t]+\S.*))*)", re.MULTILINE)
# What a browser would run or hide: kept in the text, never found or quoted.
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|iframe|object|template|svg|noscript|head)\b.*?(?:</\1\s*>|\Z)", re.S | re.I
)
_UNSEEN_INLINE = re.compile(r"<!--.*?-->|<(script|style)\b[^>]*>.*?</\1\s*>", re.S | re.I)
_OTHERS = {"author": "publisher", "date": "published", "lang": "language"}
_KEEPS = {
    "paragraph_open",
    "bullet_list_open",
    "ordered_list_open",
    "blockquote_open",
    "table_open",
    "html_block",
    "fence",
    "code_block",
}


def read_markdown(data: bytes, name: str, password: str = "") -> Document:
    """A Document from Markdown; raises Unreadable for front matter that is not YAML."""
    text = decode(data, name)
    if not text.strip():
        raise Unreadable(f"{name}: the file holds no text")
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(footnote_plugin)
    starts = _line_starts(text)
    front: dict[str, Any] = {}
    first_heading = ""
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    pending, tables = "", 0
    for token in parser.parse(text):
        if token.type == "front_matter":
            front = _front_matter(token.content, name)
            if token.map:
                blocks.append(Block(0, starts[token.map[1]], prose=False))
        if token.type == "heading_open":
            pending = token.tag
        elif token.type == "inline" and pending:
            level = int(pending[1])
            path = [p for p in path if p[0] < level] + [(level, token.content)]
            first_heading = first_heading or token.content
            pending = ""
        if token.type in _KEEPS and token.level == 0 and token.map:
            if text[starts[token.map[0]] : starts[token.map[0]] + 2] == "[^" and _DEFINITION.match(
                text, starts[token.map[0]]
            ):
                continue
            block = _block(text, starts, token.map, path)
            if token.type == "table_open":
                tables += 1
                blocks.append(with_cells(block, text, tables, name))
            else:
                blocks += _seen(block, text, token.type)
    notes = tuple((m[1], origin(m[2])) for m in _DEFINITION.finditer(text))
    source = _source(front, first_heading or title_of(name), name)
    if not {"language", "lang"} & set(front):
        source = replace(source, language=language_of(text))
    return Document(source, text, tuple(_tile(blocks, text)), notes)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for match in re.finditer("\n", text):
        starts.append(match.end())
    return [*starts, len(text)]


def _block(text: str, starts: list[int], lines: list[int], path: list[tuple[int, str]]) -> Block:
    a, b = starts[lines[0]], starts[min(lines[1], len(starts) - 1)]
    keys = tuple(dict.fromkeys(REFERENCE.findall(text[a:b])))
    return Block(a, b, heading=" > ".join(title for _level, title in path), keys=keys)


def _seen(block: Block, text: str, kind: str) -> list[Block]:
    """The parts of a block that a reader of the page would see, where it can hold HTML."""
    inline = kind == "paragraph_open" and "`" not in text[block.start : block.end]  # else it may be about HTML
    if kind != "html_block" and not inline:
        return [block]
    unseen = _UNSEEN_INLINE if inline else _UNSEEN
    at, found = block.start, []
    for match in (*unseen.finditer(text, block.start, block.end), None):
        end = match.start() if match else block.end
        if any(c.isalnum() for c in re.sub(r"<[^<>]*>", "", text[at:end])):
            found.append(replace(block, start=at, end=end))
        at = match.end() if match else end
    return found


def _tile(blocks: list[Block], text: str) -> list[Block]:
    """The same blocks, with what lies between them as blocks that are not prose.

    Blank lines belong to the block before them, so that neighbours under one heading touch.
    """
    tiled: list[Block] = []
    at = 0
    for block in [*sorted(blocks, key=lambda b: b.start), Block(len(text), len(text))]:
        if block.start < at:
            continue
        between = text[at : block.start]
        blank = len(between) - len(between.lstrip())
        if tiled and blank:
            at += blank
            tiled[-1] = replace(tiled[-1], end=at)
        if block.start > at:
            tiled.append(Block(at, block.start, heading=block.heading, prose=False))
        if block.end > block.start:
            tiled.append(block)
        at = block.end
    return tiled


def _front_matter(text: str, name: str) -> dict[str, Any]:
    import yaml

    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 2})" if where else ""
        raise Unreadable(f"{name}: the front matter is not valid YAML{line}; quote values that hold a colon") from None
    return raw if isinstance(raw, dict) else {}


def _source(front: dict[str, Any], title: str, name: str) -> Source:
    known = {f.name for f in fields(Source)} - {"sha256"}
    given = {k: _plain(v) for k, v in front.items() if k in known and v is not None}
    for theirs, ours in _OTHERS.items():  # as pandoc and many site builders call them
        said = front.get(theirs)
        if said is not None and ours not in given and not isinstance(said, list | dict):
            plain = _plain(said)
            given[ours] = iso_of(plain) if ours == "published" else plain[:2] if ours == "language" else plain
    if given.get("kind", "other") not in get_args(SourceKind):
        raise Unreadable(
            f"{name}: kind {given['kind']!r} in the front matter; expected one of {', '.join(get_args(SourceKind))}"
        )
    published = given.get("published", "")
    if published and not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", published):
        raise Unreadable(
            f"{name}: published {published!r} in the front matter; write it as 2025-01-02, 2025-01 or 2025"
        )
    return Source(**({"id": "", "title": title} | given))  # type: ignore[arg-type]


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
