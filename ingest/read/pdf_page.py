"""A page of a PDF as lines of words with their places, read by PDFium in the order that the file gives them."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

_HYPHENS = "\x02\ufffe\u00ad"  # what PDFium gives for a hyphen that a line end made
_GAP = 1.1  # of the letters' height: a wider space parts columns, not words
_GUTTER_LINES = 4  # lines that a gutter must part before columns are read one after the other
_UNITS = re.compile(r"(?:^|[^\w])(?:[kcmd]?m|ft|in|s)$", re.I)  # "5 km2" is no footnote
_MOST = 400_000  # characters of one page
_LINES = re.compile(r"[^\r\n\x0b\x0c]+")
_WORD = re.compile(r"[^\s\0]+")
_APART = re.compile(r"\d")  # a number may be raised, or have a raised mark behind it


@dataclass(frozen=True, slots=True)
class Word:
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


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one line, left to right, that no wide space parts."""

    words: tuple[Word, ...]
    size: float
    bold: bool = False
    note: str = ""  # the number that a footnote's first line begins with

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(w.text for w in self.words)

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(w.right for w in self.words)

    @property
    def top(self) -> float:
        """The upper edge of its letters."""
        return max(w.top for w in self.words)

    @property
    def bottom(self) -> float:
        """The lower edge of its letters."""
        return min(w.bottom for w in self.words)

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.bottom + self.top) / 2


@dataclass(slots=True)
class _Letter:
    text: str
    left: float
    right: float
    base: float  # the height of the line that it stands on
    size: float
    at: int


def lines_of(page: Any) -> list[Line]:
    """The lines of a page in reading order; a page without text gives none."""
    textpage = page.get_textpage()
    try:
        found: list[Line] = []
        for letters in _runs(textpage):
            found += _split(letters, textpage)
    finally:
        textpage.close()
    return in_columns(_noted(found))


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


class _Places:
    """Asks PDFium where letters stand; a question costs a microsecond, so only the ends of words are asked for."""

    def __init__(self, textpage: Any) -> None:
        import pypdfium2.raw as raw

        self._raw = raw
        self._handle = textpage.raw
        self._box, self._x, self._y, self._shape = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
        self._where, self._matrix = ctypes.byref(self._box), ctypes.byref(self._shape)
        self._at_x, self._at_y = ctypes.byref(self._x), ctypes.byref(self._y)
        self._scales: dict[float, float] = {}

    def letter(self, text: str, at: int) -> _Letter:
        """The letter of this number on the page."""
        raw, handle = self._raw, self._handle
        raw.FPDFText_GetLooseCharBox(handle, at, self._where)
        raw.FPDFText_GetCharOrigin(handle, at, self._at_x, self._at_y)
        font = raw.FPDFText_GetFontSize(handle, at)
        return _Letter(text, self._box.left, self._box.right, self._y.value, self._size(font, at), at)

    def right(self, at: int) -> float:
        """Where a letter ends."""
        self._raw.FPDFText_GetLooseCharBox(self._handle, at, self._where)
        return float(self._box.right)

    def fresh_line(self) -> None:
        """Forget the scale of fonts, which holds for a line."""
        self._scales.clear()

    def _size(self, font: float, at: int) -> float:
        if font not in self._scales:
            known = self._raw.FPDFText_GetMatrix(self._handle, at, self._matrix)
            self._scales[font] = math.hypot(self._shape.c, self._shape.d) if known else 1.0
        return min(max(font * self._scales[font], 0.1), 5000.0)


def _runs(textpage: Any) -> Iterable[list[_Letter | None]]:
    """The letters of each line as PDFium parts them, None where a space stands.

    A word of letters alone is one piece; a word with a number is taken apart, since the number may be raised.
    """
    places = _Places(textpage)
    for start, line in _said(textpage):
        places.fresh_line()
        found: list[_Letter | None] = []
        for word in _WORD.finditer(line):
            if found:
                found.append(None)
            at, said = start + word.start(), word[0]
            if len(said) == 1 or _APART.search(said):
                found += [
                    places.letter("-" if c in _HYPHENS else c, at + n)
                    for n, c in enumerate(said)
                    if c.isprintable() or c in _HYPHENS
                ]
                continue
            piece = places.letter(said if said.isprintable() else _clean(said), at)
            piece.right = max(places.right(at + len(said) - 1), piece.right)
            if piece.text:
                found.append(piece)
        if found:
            yield found


def _said(textpage: Any) -> Iterable[tuple[int, str]]:
    """The lines of the page's text, and the number of the first letter of each."""
    import pypdfium2.raw as raw

    count = min(raw.FPDFText_CountChars(textpage), _MOST)
    units = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(textpage, 0, count, units) - 1
    if written == count:
        text = "".join(map(chr, units[:count]))
    else:  # some letters are in no text, or are two units: ask for each
        text = "".join(chr(min(raw.FPDFText_GetUnicode(textpage, at), 0x10FFFF)) for at in range(count))
    for match in _LINES.finditer(text):
        yield match.start(), match[0]


def _clean(word: str) -> str:
    return "".join("-" if c in _HYPHENS else c for c in word if c.isprintable() or c in _HYPHENS)


def _split(letters: Sequence[_Letter | None], textpage: Any) -> list[Line]:
    """Words out of letters, and lines out of words: a wide space or a jump ends one."""
    import pypdfium2.raw as raw

    words: list[tuple[Word, int]] = []
    held: list[_Letter] = []

    def put() -> None:
        if held:
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
            kept[-1] = replace(kept[-1], text=f"{kept[-1].text}[^{word.text}]", right=word.right)
        elif close and word.left - kept[-1].right < 0.12 * size and (kept[-1].text.endswith("]") or raised(word)):
            kept[-1] = replace(kept[-1], text=kept[-1].text + word.text, right=word.right)
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
