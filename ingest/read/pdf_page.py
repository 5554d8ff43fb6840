"""A page of a PDF as lines of words with their places, read by PDFium in the order that the file gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from ingest.read.pdf_letters import Letter, runs

_GAP = 1.1  # of the letters' height: a wider space parts columns, not words
_GUTTER_LINES = 4  # lines that a gutter must part before columns are read one after the other
_UNITS = re.compile(r"(?:^|[^\w])(?:[kcmd]?m|ft|in|s)$", re.I)  # "5 km2" is no footnote
_FRAME = 8  # ends of drawn lines


class Word(NamedTuple):  # a page has 500 of them, and a tuple is made in a third of a dataclass's time
    """A word and its box in points, from the lower left corner of the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True)
class Line:
    """Words of one line, left to right, that no wide space parts."""

    words: tuple[Word, ...]
    size: float
    bold: bool = False
    note: str = ""  # the number that a footnote's first line begins with

    @cached_property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(w.text for w in self.words)

    @cached_property
    def left(self) -> float:
        """Where it begins."""
        return self.words[0].left

    @cached_property
    def right(self) -> float:
        """Where it ends."""
        return max(w.right for w in self.words)

    @cached_property
    def top(self) -> float:
        """The upper edge of its letters."""
        return max(w.top for w in self.words)

    @cached_property
    def bottom(self) -> float:
        """The lower edge of its letters."""
        return min(w.bottom for w in self.words)

    @cached_property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.bottom + self.top) / 2


def lines_of(page: Any) -> list[Line]:
    """The lines of a page in reading order; a page without text gives none."""
    textpage = page.get_textpage()
    try:
        found: list[Line] = []
        for letters in runs(textpage):
            found += _split(letters, textpage)
    finally:
        textpage.close()
    return in_columns(_noted(found))


def drawn(page: Any) -> bool:
    """Whether enough is drawn on a page to bound four cells: a frame and two lines have eight ends."""
    import pypdfium2.raw as raw

    ends = 0
    for at in range(raw.FPDFPage_CountObjects(page)):
        thing = raw.FPDFPage_GetObject(page, at)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_FORM:  # a page in the page: not looked into
            return True
        if kind == raw.FPDF_PAGEOBJ_PATH:
            ends += raw.FPDFPath_CountSegments(thing)
            if ends >= _FRAME:
                return True
    return False


def _noted(lines: list[Line]) -> list[Line]:
    """The same lines; a small number that stands alone before a line is the number of its footnote."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if (
            last is not None and len(last.words) == 1 and last.text.isdigit() and len(last.text) <= 3
            and last.size < 0.85 * line.size and not line.note
            and abs(last.middle - line.middle) < line.size and -1 < line.left - last.right < 2 * line.size
        ):  # fmt: skip
            joined[-1] = replace(line, note=last.text)
        else:
            joined.append(line)
    return joined


def _split(letters: Sequence[Letter | None], textpage: Any) -> list[Line]:
    """Words out of letters, and lines out of words: a wide space or a jump ends one."""
    import pypdfium2.raw as raw

    words: list[tuple[Word, int]] = []
    held: list[Letter] = []

    def put() -> None:
        if len(held) == 1:
            (c,) = held
            words.append((Word(c.text, c.left, c.base - 0.22 * c.size, c.right, c.base + 0.76 * c.size, c.size), c.at))
            held.clear()
        elif held:
            said = "".join(c.text for c in held)
            base, size = held[0].base, max(c.size for c in held)
            word = Word(said, held[0].left, base - 0.22 * size, max(c.right for c in held), base + 0.76 * size, size)
            words.append((word, held[0].at))
            held.clear()

    for letter in letters:
        if letter is None:
            put()
            continue
        if held:
            last = held[-1]
            most = max(last.size, letter.size)
            moved = abs(letter.base - last.base) > 0.1 * most  # raised, lowered, or on another line
            if moved or letter.left - last.right > 0.5 * most or letter.left < held[0].left - last.size:
                put()
        held.append(letter)
    put()
    if not words:
        return []
    parts: list[list[tuple[Word, int]]] = [[words[0]]]
    for word, at in words[1:]:
        before = parts[-1][-1][0]
        size = max(before.size, word.size, 1)
        moved = abs(word.middle - before.middle) > size
        if word.left - before.right > _GAP * size or word.right < before.left or moved:
            parts.append([])
        parts[-1].append((word, at))
    lines = []
    for part in parts:
        main = max(w.size for w, _at in part)
        bold = raw.FPDFText_GetFontWeight(textpage, part[-1][1]) >= 600
        lines.append(_marked([w for w, _at in part], main, bold))
    return lines


def _marked(words: Sequence[Word], size: float, bold: bool) -> Line:
    """A line whose raised numbers are marks of footnotes; one that begins with such a number is a footnote."""
    base = min((w.bottom for w in words if w.size > 0.85 * size), default=0.0)

    def raised(word: Word) -> bool:
        return (
            word.text.isdigit() and len(word.text) <= 3 and word.size < 0.85 * size and word.bottom > base + 0.1 * size
        )

    note = words[0].text if raised(words[0]) and len(words) > 1 else ""
    kept: list[Word] = []
    for word in words[1:] if note else words:
        close = bool(kept) and word.left - kept[-1].right < 0.35 * size
        if raised(word) and close and not _UNITS.search(kept[-1].text):
            kept[-1] = kept[-1]._replace(text=f"{kept[-1].text}[^{word.text}]", right=word.right)
        elif close and word.left - kept[-1].right < 0.12 * size and (kept[-1].text.endswith("]") or raised(word)):
            kept[-1] = kept[-1]._replace(text=kept[-1].text + word.text, right=word.right)
        else:
            kept.append(word)
    return Line(tuple(kept), size, bold, note)


def rows_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that stand at one height, from top to bottom, each row from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda n: -n.middle):
        if rows and abs(rows[-1][0].middle - line.middle) < 0.45 * min(rows[-1][0].size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda n: n.left) for row in rows]


def in_columns(lines: list[Line]) -> list[Line]:
    """The same lines; where a file gives them across two columns, the left column first.

    Most files hold their text column by column, and then nothing is moved.
    """
    hops = [
        (a, b)
        for a, b in zip(lines, lines[1:], strict=False)
        if abs(a.middle - b.middle) < 0.4 * a.size and b.left > a.right and _wordy(a) and _wordy(b)
    ]
    if len(hops) < _GUTTER_LINES:
        return lines
    low, high = max(a.right for a, _b in hops), min(b.left for _a, b in hops)
    if low >= high:
        return lines
    gutter = (low + high) / 2
    ordered: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.left < gutter < line.right:  # spans both columns
            ordered += right
            right = []
            ordered.append(line)
        elif line.left >= gutter:
            right.append(line)
        else:
            ordered.append(line)
    return ordered + right


def _wordy(line: Line) -> bool:
    letters = sum(c.isalpha() for c in line.text)
    return len(line.words) >= 3 and letters > 0.6 * len(line.text.replace(" ", ""))
