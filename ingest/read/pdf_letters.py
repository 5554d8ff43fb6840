"""The letters of a PDF's page and where they stand, asked of PDFium by the fewest and barest calls."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_HYPHENS = "\x02\ufffe\u00ad"  # what PDFium gives for a hyphen that a line end made
_MOST = 400_000  # characters of one page
_LINES = re.compile(r"[^\r\n\x0b\x0c]+")
_WORD = re.compile(r"[^\s\0]+")
_APART = re.compile(r"\d")  # a number may be raised, or have a raised mark behind it


@dataclass(slots=True)
class Letter:
    """A letter, or a word of letters that stand on one line."""

    text: str
    left: float
    right: float
    base: float  # the height of the line that it stands on
    size: float
    at: int


class Places:
    """Asks PDFium where letters stand; a question costs a microsecond, so only the ends of words are asked for."""

    def __init__(self, textpage: Any) -> None:
        import pypdfium2.raw as raw

        self._handle = ctypes.cast(textpage.raw, ctypes.c_void_p).value
        self._rect, self._matrix = raw.FS_RECTF(), raw.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._to_rect, self._to_matrix = ctypes.addressof(self._rect), ctypes.addressof(self._matrix)
        self._to_x, self._to_y = ctypes.addressof(self._x), ctypes.addressof(self._y)
        self._box, self._origin = _plain(raw.FPDFText_GetLooseCharBox, 1), _plain(raw.FPDFText_GetCharOrigin, 2)
        self._shape, self._font = _plain(raw.FPDFText_GetMatrix, 1), raw.FPDFText_GetFontSize
        self._textpage = textpage.raw
        self._sizes: dict[float, float] = {}
        self._bases: dict[tuple[float, float], float] = {}

    def letter(self, text: str, at: int) -> Letter:
        """The letter of this number on the page."""
        self._box(self._handle, at, self._to_rect)
        font, rect = self._font(self._textpage, at), self._rect
        size = self._sizes.get(font)
        if size is None:
            known = self._shape(self._handle, at, self._to_matrix)
            scale = math.hypot(self._matrix.c, self._matrix.d) if known else 1.0
            size = self._sizes[font] = min(max(font * scale, 0.1), 5000.0)
        base = self._bases.get((rect.bottom, font))  # letters of one font and height stand on one line
        if base is None:
            self._origin(self._handle, at, self._to_x, self._to_y)
            base = self._bases[rect.bottom, font] = self._y.value
        return Letter(text, rect.left, rect.right, base, size, at)

    def right(self, at: int) -> float:
        """Where a letter ends."""
        self._box(self._handle, at, self._to_rect)
        return float(self._rect.right)

    def fresh_line(self) -> None:
        """Forget the scale of fonts and where letters stand, which holds for a line."""
        self._sizes.clear()
        self._bases.clear()


def _plain(function: Any, addresses: int) -> Any:
    """A function of PDFium about a letter, called with bare addresses: to check their types takes longer than it."""
    kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * addresses)
    return kind(ctypes.cast(function, ctypes.c_void_p).value or 0)


def runs(textpage: Any) -> Iterable[list[Letter | None]]:
    """The letters of each line as PDFium parts them, None where a space stands.

    A word of letters alone is one piece; a word with a number is taken apart, since the number may be raised.
    """
    places = Places(textpage)
    for start, line in _said(textpage):
        places.fresh_line()
        found: list[Letter | None] = []
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
