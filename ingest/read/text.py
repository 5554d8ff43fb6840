"""Plain text: paragraphs by blank lines, or by lines where there are no blank ones."""

from __future__ import annotations

import re

from corpus.errors import Unreadable
from corpus.types import Block, Document, Source

_BLANK = re.compile(r"\n[ \t]*\n+")


def decode(data: bytes, name: str) -> str:
    """The text of these bytes with Unix line ends; raises Unreadable for anything binary."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{name}: not text in {encoding.upper().removesuffix('-SIG')} (byte {error.start}); save it as UTF-8"
        ) from None
    if "\0" in text:
        raise Unreadable(f"{name}: a binary file, not text (a zero byte at {text.index(chr(0))})")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def title_of(name: str) -> str:
    """A readable title from a file's name."""
    stem = name.rpartition("/")[2].rpartition(".")[0] or name
    words = re.sub(r"[-_]+", " ", stem).strip()
    return words[:1].upper() + words[1:]


def read_text(data: bytes, name: str) -> Document:
    """A Document from plain text; a short first line without a full stop is its title."""
    text = decode(data, name)
    if not text.strip():
        raise Unreadable(f"{name}: the file holds no text")
    cut = _BLANK if _BLANK.search(text.strip()) else re.compile(r"\n")
    blocks = []
    at = 0
    for match in [*cut.finditer(text), None]:
        end = match.end() if match else len(text)
        if text[at:end].strip():
            blocks.append(Block(at, end))
        elif blocks:
            blocks[-1] = Block(blocks[-1].start, end)
        at = end
    if blocks and blocks[0].start:
        blocks[0] = Block(0, blocks[0].end)
    first = text.strip().split("\n", 1)[0].strip()
    named = 0 < len(first) <= 120 and len(blocks) > 1 and not first.endswith((".", "!", "?", ":"))
    if named:
        blocks[0] = Block(blocks[0].start, blocks[0].end, prose=False)
    title = first if named else title_of(name)
    return Document(Source(id="", title=title), text, tuple(blocks))
