"""What a passage is found by: its words as a reader means them, which is not always how they stand.

A quotation is a slice of the stored text, with its line ends and its hyphens. To be found, a word that a
line end has cut is put together again, and a row of a table is told with the labels of its columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from corpus.types import Passage

_CUT = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\n[ \t]*(?=[^\W\d_])")
_CUT_WORD = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]\n[ \t]*([^\W\d_]+)")
_LINE = re.compile(r"[ \t]*\n[ \t]*")
_MOST = 1000  # characters of one row that are embedded; the encoder reads no more


def mended(text: str) -> str:
    """The text with words joined that a line end has cut, and ligatures taken apart."""
    if "\n" in text:
        text = _CUT.sub(_joined, text)
    if "\u00ad" in text:
        text = text.replace("\u00ad", "")
    if any("\ufb00" <= c <= "\ufb06" for c in text):
        text = "".join(unicodedata.normalize("NFKC", c) if "\ufb00" <= c <= "\ufb06" else c for c in text)
    return text


def _joined(cut: re.Match[str]) -> str:
    after = cut.string[cut.end()]
    return "" if after.islower() else "-"  # "informa-/tion" is one word, "Korea-/Japan" is two


def sentence_text(passage: Passage, start: int, end: int) -> str:
    """What a sentence is embedded as; of a table's row, each cell with its labels."""
    text = passage.text[start - passage.start : end - passage.start]
    cells = [c for c in passage.cells if start <= c.start and c.end <= end]
    if not cells:
        return _LINE.sub(" ", mended(text)) if passage.page is not None else mended(text)
    told = "; ".join(f"{c.column_label}: {c.text}" if c.column_label else c.text for c in cells)
    caption = passage.heading.rpartition(" > ")[2]
    return ". ".join(part for part in (caption, cells[0].row_label, told) if part)[:_MOST]


def body_text(passage: Passage, spans: Sequence[tuple[int, int]]) -> str:
    """What a passage is found by in the word index: its sentences, and the labels of its cells."""
    text = passage.text[spans[0][0] - passage.start : spans[-1][1] - passage.start]
    parts = [mended(text)]
    if "\n" in text:  # a compound that is cut at its own hyphen is found by its halves too
        parts += [f"{a} {b}" for a, b in _CUT_WORD.findall(text)]
    parts += dict.fromkeys(c.column_label for c in passage.cells if c.column_label)
    return " ".join(parts)
