"""Plain text: paragraphs by blank lines, or by lines where there are no blank ones."""

from __future__ import annotations

import re
from unicodedata import name as name_of

from corpus.errors import Unreadable
from corpus.types import Block, Document, Source
from ingest.read.about import language_of

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_COMMON = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "iso8859_15", "koi8_r", "shift_jis", "cp932", "euc_jp",
    "iso2022_jp", "euc_kr", "cp949", "gb18030", "big5",
)  # fmt: skip
_LATIN = ("cp1252", "iso8859_1")
_SAMPLE = 200_000  # bytes that an encoding is told from
_BLANK = re.compile(r"\n[ \t]*\n+")


def decode(data: bytes, name: str) -> str:
    """The text of these bytes with Unix line ends; raises Unreadable for anything binary.

    A byte order mark decides; else UTF-8 where the bytes are that; else the encoding that explains them best.
    """
    text = None
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _decoded(data[len(mark) :], encoding)
            break
    else:
        text = _decoded(data, "utf-8")
        if text is None or "\0" in text:
            text = _guessed(data) or text
    if text is None:
        raise Unreadable(f"{name}: not text in UTF-8 or any other common encoding; save it as UTF-8")
    if "\0" in text:
        raise Unreadable(f"{name}: a binary file, not text (a zero byte at {text.index(chr(0))})")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guessed(data: bytes) -> str | None:
    """The text in the encoding that explains the bytes best, or None where none makes text of them."""
    sample = data[:_SAMPLE]
    zeros = sample.count(0)
    if zeros:  # UTF-16 without its mark: every second byte of Latin text is a zero, and no other
        for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
            if zeros > 0.4 * len(sample) / 2 and sample[at::2].count(0) == zeros and len(data) % 2 == 0:
                return _decoded(data, encoding)
        return None
    if sum(b < 32 and b not in (9, 10, 12, 13, 27) for b in sample):
        return None
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_COMMON)).best()
    for encoding in ([best.encoding] if best else []) + list(_LATIN):
        text = _decoded(data, encoding)
        if text is None or any("\x80" <= c < "\xa0" for c in text):
            continue
        if not _misread(text):
            return text
    return None


def _misread(text: str) -> bool:
    """Whether most letters that are not Latin stand alone among ASCII, as those of a misread word do.

    A short Western table has a handful of umlauts, and "\u00f6h" is a sign to Big5, "\u00f6" a letter to cp1251.
    """
    others = [n for n, c in enumerate(text) if c > "\x7f" and c.isalpha() and not name_of(c, "").startswith("LATIN")]
    alone = sum((text[max(n - 1, 0) : n] + text[n + 1 : n + 2]).isascii() for n in others)
    return alone > 0.5 * len(others)


def title_of(name: str) -> str:
    """A readable title from a file's name."""
    stem = name.rpartition("/")[2].rpartition(".")[0] or name
    words = re.sub(r"[-_]+", " ", stem).strip()
    return words[:1].upper() + words[1:]


def read_text(data: bytes, name: str, password: str = "") -> Document:
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
    return Document(Source(id="", title=title, language=language_of(text)), text, tuple(blocks))
