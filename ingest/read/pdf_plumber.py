"""A page of a PDF as pdfminer reads it, for pdfplumber's search of tables: its letters and what is drawn.

pdfplumber keeps some thirty facts of each letter, of which tables need ten; without the others a page takes a
third of the time.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pdfplumber
from pdfminer.converter import PDFPageAggregator
from pdfminer.pdffont import PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfplumber.page import Page
from pdfplumber.utils import extract_text

Letter = dict[str, Any]  # as pdfplumber's functions take it


def said(letters: Sequence[Letter]) -> str:
    """The text of some letters of a page."""
    return str(extract_text(letters))


class Plumber:
    """A file in pdfplumber."""

    def __init__(self, data: bytes, password: str) -> None:
        self._opened = pdfplumber.open(io.BytesIO(data), password=password or None)

    def page(self, at: int) -> LeanPage:
        """A page, which holds nothing of those before it."""
        known = self._opened.pages[at]
        return LeanPage(self._opened, known.page_obj, known.page_number)

    def close(self) -> None:
        """Give back the file."""
        self._opened.close()


class LeanPage(Page):  # type: ignore[misc]  # pdfplumber says nothing of its types
    """pdfplumber's page, whose letters are read in a shorter way."""

    @property
    def objects(self) -> dict[str, list[Letter]]:
        """Letters, lines, rectangles and curves."""
        if not hasattr(self, "_objects"):
            device = _Device(self.pdf.rsrcmgr, self)
            PDFPageInterpreter(self.pdf.rsrcmgr, device).process_page(self.page_obj)
            found: dict[str, list[Letter]] = {"char": device.letters}
            for thing in self.iter_layout_objects(device.get_result()._objs):
                found.setdefault(thing["object_type"], []).append(thing)
            self._objects = found
        return self._objects


class _Device(PDFPageAggregator):
    """What pdfminer draws on: paths are kept as it makes them, of letters what a table needs."""

    def __init__(self, resources: Any, page: LeanPage) -> None:
        super().__init__(resources, pageno=page.page_number, laparams=None)
        self.letters: list[Letter] = []
        self._left, self._up = page.mediabox[0], page.height + page.mediabox[1]

    def render_char(
        self, matrix: Any, font: Any, fontsize: float, scaling: float, rise: float, cid: int, ncs: Any,
        graphicstate: Any,
    ) -> float:  # fmt: skip
        """Keep a letter; how far the next one is from it."""
        a, b, c, d, e, f = matrix
        if b or c or font.is_vertical():  # turned: pdfminer knows how
            advance = super().render_char(matrix, font, fontsize, scaling, rise, cid, ncs, graphicstate)
            letter: Any = self.cur_item._objs.pop()
            self._keep(letter.get_text(), letter.bbox, letter.size, letter.upright)
            return float(advance)
        try:
            text = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            text = self.handle_undefined_char(font, cid)
        advance = font.char_width(cid) * fontsize * scaling
        low = font.get_descent() * fontsize + rise
        across, height = sorted((e, a * advance + e)), sorted((d * low + f, d * (low + fontsize) + f))
        box = (across[0], height[0], across[1], height[1])
        self._keep(text, box, height[1] - height[0], a * d * scaling > 0)
        return float(advance)

    def _keep(self, text: str, box: tuple[float, float, float, float], size: float, upright: bool) -> None:
        left, bottom, right, top = box
        self.letters.append({
            "object_type": "char", "text": text, "upright": upright, "size": size,
            "x0": left + self._left, "x1": right + self._left, "top": self._up - top, "bottom": self._up - bottom,
            "doctop": self._up - top, "width": right - left, "height": top - bottom,
        })  # fmt: skip
