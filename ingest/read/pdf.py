"""PDF: text with page numbers in reading order, headings by their size, tables, notes, what repeats on pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from corpus.errors import Locked, Unreadable
from corpus.types import Document, Source
from ingest.read.about import dated, iso_of, language_of, printed_date
from ingest.read.footnotes import origin
from ingest.read.helpers import in_parts
from ingest.read.limits import LIMITS, within
from ingest.read.pdf_page import Line, drawn, lines_of
from ingest.read.pdf_tables import Table, suspects, tables_of
from ingest.read.text import title_of
from ingest.read.transcript import Transcript, clean, one_line

_EDGE = 3  # lines at the top and at the bottom of a page that can be a header or a footer
_MARGIN = 0.09  # of a page's height
_SHARE = 0.3  # of the pages: what stands on more of them is one
_HEADING = 1.12  # times the letters of the body
_BULLET = re.compile(r"(?:[\u2022\u25cf\u25aa\u2023\u25e6\u00b7\uf0b7\u2013\u2014-]|\(?(?:\d{1,2}|[a-z])[.)])$")
_UNTITLED = re.compile(
    r"^(?:untitled|microsoft word|document\d*|slide 1|powerpoint presentation)\b"
    r"|\.(?:docx?|indd|pdf|html?|pptx?)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Page:
    number: int
    height: float
    lines: tuple[Line, ...]
    tables: tuple[Table, ...]

    @property
    def characters(self) -> int:
        """How many characters its words have."""
        return sum(len(w.text) for n in self.lines for w in n.words)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the pages have in common: the height of their letters, what repeats, and the sizes of headings."""

    body: float
    repeated: frozenset[tuple[str, bool]]  # text with its numbers left out, at the top or not
    sizes: tuple[float, ...]  # of headings, largest first


def read_pdf(data: bytes, name: str, password: str = "") -> Document:
    """A Document from a PDF; raises Locked for an encrypted one, Unreadable where no page has text."""
    import pypdfium2

    try:
        opened = pypdfium2.PdfDocument(data, password=password or None)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            says = "the password is wrong" if password else "it is encrypted"
            raise Locked(f"{name}: {says}; give the right one with --password") from None
        raise Unreadable(f"{name}: a broken PDF ({error}); open it where it was made and save it again") from None
    try:
        within("pages", len(opened), LIMITS.pages, name)
        remarks: list[str] = []
        pages = _pages(opened, data, password, remarks, name)
        about = {k: one_line(v) for k, v in opened.get_metadata_dict().items()}
    finally:
        opened.close()
    empty = [p.number for p in pages if not p.lines]
    if len(empty) == len(pages):
        some = "its one page has" if len(pages) == 1 else f"its {len(pages)} pages have"
        raise Unreadable(f"{name}: {some} no text, only pictures (a scan); run it through OCR and add the result")
    written = Transcript(name)
    written.remarks += remarks
    if empty:
        were = "was" if len(empty) == 1 else "were"
        written.remarks.append(f"{_listed(empty)} no text (pictures or blank) and {were} left out")
    look = _look(pages)
    for page in pages:
        written.page = page.number
        _write(written, page, look)
    return _titled(written, about, pages, look, name)


def _pages(opened: Any, data: bytes, password: str, remarks: list[str], name: str) -> list[_Page]:
    pages: list[_Page] = []
    for found, said in in_parts(len(opened), partial(_part, opened, data, password, name)):
        pages += found
        remarks += said
    within("characters", sum(p.characters for p in pages), LIMITS.characters, name)
    return pages


def _part(opened: Any, data: bytes, password: str, name: str, part: range) -> tuple[list[_Page], list[str]]:
    """Some of the pages, and what there is to say of them."""
    plumber = _Plumber(data, password)
    pages: list[_Page] = []
    remarks: list[str] = []
    characters = 0
    for at in part:
        try:
            page = opened[at]
        except Exception as error:  # noqa: BLE001 - PdfiumError, or ctypes on a page that is none
            remarks.append(f"page {at + 1} cannot be read ({type(error).__name__})")
            pages.append(_Page(at + 1, 0.0, (), ()))
            continue
        try:
            lines = lines_of(page)
            tables: list[Table] = []
            if suspects(lines):
                tables = tables_of(partial(plumber.page, at), drawn(page), lines, remarks, at + 1)
            pages.append(_Page(at + 1, page.get_height(), tuple(lines), tuple(tables)))
        finally:
            page.close()
        characters += pages[-1].characters
        within("characters", characters, LIMITS.characters, name)
    plumber.close()
    return pages, remarks


class _Plumber:
    """The same file in pdfplumber, opened when a page first needs it; None for what it cannot open."""

    def __init__(self, data: bytes, password: str) -> None:
        self._data = data
        self._password = password
        self._opened: Any = None
        self._broken = False

    def page(self, at: int) -> Any:
        """A page, which holds nothing of those before it."""
        if self._broken:
            return None
        from ingest.read.pdf_plumber import Plumber

        try:
            self._opened = self._opened or Plumber(self._data, self._password)
            return self._opened.page(at)
        except Exception:  # noqa: BLE001 - pdfminer raises anything on broken files
            self._broken = True
            return None

    def close(self) -> None:
        """Give back the file."""
        if self._opened is not None:
            self._opened.close()


def _look(pages: Sequence[_Page]) -> _Look:
    sizes: Counter[float] = Counter()
    edges: Counter[tuple[str, bool]] = Counter()
    counted = [p for p in pages if p.lines]
    for page in counted:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
        edges.update({(said, top) for said, top, _line in _at_edges(page)})
    body = sizes.most_common(1)[0][0]
    least = max(2, _SHARE * len(counted)) if len(counted) > 1 else 2
    repeated = frozenset(k for k, n in edges.items() if n >= least and n > 0.2 * len(counted) and k[0])
    large = sorted({s for s in sizes if s >= _HEADING * body}, reverse=True)
    steps: list[float] = []
    for size in large:
        if not steps or size < 0.93 * steps[-1]:
            steps.append(size)
    return _Look(body, repeated, tuple(steps))


def _at_edges(page: _Page) -> Iterator[tuple[str, bool, Line]]:
    """What the outermost lines of a page say, whether at its top, and the line itself.

    In the margin a text that differs in its numbers only ("Page 3 of 7") is the same; nearer to the body
    it must be the same to the letter, since chapters begin alike too.
    """
    rows = sorted(page.lines, key=lambda n: -n.middle)
    for line in rows[:_EDGE] + rows[-_EDGE:]:
        depth = 1 - line.middle / page.height if page.height > 0 else 0.5
        away = min(depth, 1 - depth)
        if away < _MARGIN:
            yield re.sub(r"\d+|\b[ivxl]+\b", "#", line.text.lower())[:200], depth < 0.5, line
        elif away < 2 * _MARGIN:
            yield line.text[:200], depth < 0.5, line


def _write(written: Transcript, page: _Page, look: _Look) -> None:
    around = {id(n) for said, top, n in _at_edges(page) if (said, top) in look.repeated}
    open_tables = list(page.tables)
    notes = {n.note for n in page.lines if n.note and n.size < look.body * 1.02}
    held: list[Line] = []

    def flush() -> None:
        if held:
            _paragraph(written, held, look, page.number, notes)
            held.clear()

    for line in page.lines:
        table = next((t for t in page.tables if _covers(t, line)), None)
        if table is not None:
            if table in open_tables:
                open_tables.remove(table)
                caption = one_line(" ".join(n.text for n in held)) if _captions(held, table, look) else ""
                if caption:
                    held.clear()
                flush()
                grid = replace(table.grid, rows=[[_keyed(c, page.number, notes) for c in r] for r in table.grid.rows])
                written.table(replace(grid, caption=caption))
            continue
        if id(line) in around:
            flush()
            written.paragraph(line.text, prose=False)
            continue
        if held and not _continues(held, line):
            flush()
        held.append(line)
    flush()


def _covers(table: Table, line: Line) -> bool:
    left, bottom, right, top = table.box
    return bottom - 1 <= line.middle <= top + 1 and line.right > left - 1 and line.left < right + 1


def _captions(held: Sequence[Line], table: Table, look: _Look) -> bool:
    """Whether the lines just above a table are its title."""
    if not held or not 0 <= held[-1].bottom - table.box[3] < 3 * held[-1].size + 6:
        return False
    if held[0].size >= _HEADING * look.body:
        return False  # a heading
    said = " ".join(n.text for n in held)
    return len(held) <= 3 and len(said) <= 240 and (
        re.match(r"(?:table|tabelle|tableau|tabla|figure|exhibit|box|chart)\b", said, re.I) is not None
        or (not said.endswith((".", ":", ";")) and len(held) == 1)
    )  # fmt: skip


def _continues(held: Sequence[Line], line: Line) -> bool:
    """Whether a line goes on with the paragraph that the lines before it are."""
    last = held[-1]
    if line.note or abs(line.size - last.size) > 0.08 * last.size or (line.bold != last.bold and len(held) == 1):
        return False
    if abs(line.middle - last.middle) < 0.4 * last.size and line.left > last.right - 1:
        return _BULLET.match(last.text) is not None or line.left - last.right < 3 * last.size  # one row, a wide space
    gap = last.bottom - line.top
    if not -1.2 * last.size < gap < 0.75 * last.size:
        return False
    if len(held) > 1:
        usual = held[-2].bottom - last.top
        if usual > -last.size and gap > usual + 0.3 * last.size:
            return False
    first = line.words[0].text
    if _BULLET.match(first) and (len(first) > 1 or not first.isalnum()):
        return False
    short = last.right < max(n.right for n in held) - 0.3 * max(n.right - n.left for n in held)
    ends = last.text.rstrip("\"'\u201d\u2019)]").endswith((".", "!", "?", ":"))
    return not (short and ends and line.left > held[0].left + 0.5 * last.size)


def _paragraph(written: Transcript, held: Sequence[Line], look: _Look, number: int, notes: set[str]) -> None:
    said = _keyed("\n".join(n.text for n in held), number, notes)
    first = held[0]
    if first.note in notes and first.note:
        key = f"{number}.{first.note}"
        written.note(key, said, origin(one_line(said)))
        return
    if first.note:
        said = f"{first.note} {said}"
    flat = one_line(said)
    if len(flat) <= 200 and len(held) <= 3 and any(c.isalpha() for c in flat):
        if first.size >= _HEADING * look.body:
            level = next((n for n, s in enumerate(look.sizes, start=1) if first.size >= 0.95 * s), len(look.sizes))
            written.heading(level, flat)
            return
        bold = all(n.bold for n in held)
        if bold and len(flat) <= 120 and not flat.endswith((".", ",", ";", ":")) and first.size >= 0.95 * look.body:
            written.heading(len(look.sizes) + 1, flat)
            return
    written.paragraph(said)


def _keyed(text: str, number: int, notes: set[str]) -> str:
    """Marks of footnotes with the page of the footnote: numbers begin anew in many files."""
    return re.sub(r"\[\^(\d+)\]", lambda m: f"[^{number}.{m[1]}]" if m[1] in notes else m[0], text)


def _titled(written: Transcript, about: dict[str, str], pages: Sequence[_Page], look: _Look, name: str) -> Document:
    found = written.document(Source(id="", title=""))
    said = about.get("Title", "")
    if _UNTITLED.search(said) or "\ufffd" in said:
        said = ""
    first = next(p for p in pages if p.lines)
    largest = max((n.size for n in first.lines), default=0.0)
    printed = one_line(" ".join(n.text for n in first.lines if n.size > 0.97 * largest))
    if largest < _HEADING * look.body or len(printed) > 200:
        printed = ""
    start = found.text[:4000]
    day, said_of_it = dated(printed_date(start), iso_of(about.get("CreationDate", "")))
    source = Source(
        id="", title=clean(said) or printed or written.title or title_of(name), publisher=about.get("Author", ""),
        kind="report", published=day,
        language=language_of(found.text),
    )  # fmt: skip
    return replace(found, source=source, remarks=found.remarks + said_of_it)


def _listed(pages: Sequence[int]) -> str:
    if len(pages) == 1:
        return f"page {pages[0]} has"
    shown = ", ".join(map(str, pages[:10])) + (" ..." if len(pages) > 10 else "")
    return f"{len(pages)} pages ({shown}) have"
