"""From a tree of HTML elements into a transcript: headings, paragraphs, lists and tables in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from corpus.errors import TooMuch
from ingest.read.footnotes import origin
from ingest.read.grids import headed
from ingest.read.transcript import Grid, Transcript, one_line

Element = Any  # lxml.html.HtmlElement; lxml ships no types
Keep = Callable[[str], bool]

_SILENT = frozenset(
    "script style noscript template svg math canvas object embed applet iframe frame frameset head form button input "
    "select option textarea datalist dialog audio video map area link meta base param source track".split()
)
_AROUND = frozenset("nav aside footer menu".split())
_BLOCKS = frozenset(
    "p div section article main header footer nav aside ul ol li dl dt dd table thead tbody tfoot tr td th caption "
    "h1 h2 h3 h4 h5 h6 pre blockquote figure figcaption address details summary hr body html center fieldset hgroup "
    "form legend search menu".split()
)
_NOISE = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|newsletter|subscribe|breadcrumbs?|share|sharing|social|related|sidebar|navbar|"
    r"navigation|skip-?link|advert\w*|promo|pagination|site-?footer|site-?header|comments?)(?:$|[\s_-])",
    re.I,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)", re.I)
_ROLES = frozenset("navigation banner contentinfo complementary search dialog alertdialog".split())
_NOTE = re.compile(r"fn[:_.-]?(\d{1,3})$")
_BACK = re.compile(r"[\u21a9\u2191]\ufe0e?\s*$")  # the arrow back to the mark
_UNIT = re.compile(r"(?:^|[^\w])(?:[kcmd]?m|ft|in|s)$", re.I)
_SPAN_MOST = 100  # columns or rows that one cell may claim


class Walk:
    """One walk over a tree. `around` keeps what is usually not content; `keep` filters blocks by their text."""

    def __init__(self, written: Transcript, around: bool = False, keep: Keep | None = None, prefix: str = "") -> None:
        self._written = written
        self._prefix = prefix  # of the keys of footnotes, where each chapter numbers its own
        self._around = around
        self._keep = keep
        self._line: list[str] = []
        self._above: list[tuple[int, str]] = []  # headings that wait for content under them

    def walk(self, element: Element, depth: int = 0) -> None:
        """Everything below an element, in order."""
        if depth > self._written.limits.nesting:
            name, most = self._written.name, self._written.limits.nesting
            raise TooMuch(f"{name}: elements stand more than {most} deep inside each other; save the page anew")
        self._text(element.text)
        for child in element:
            if isinstance(child.tag, str) and not self._left_out(child):
                self._child(child, depth)
            self._text(child.tail)

    def finish(self) -> None:
        """Write what is still held back."""
        self._flush()

    def _child(self, child: Element, depth: int) -> None:
        tag = child.tag.lower().rpartition("}")[2]
        if re.fullmatch("h[1-6]", tag):
            self._flush()
            level, said = int(tag[1]), text_of(child)
            self._above = [h for h in self._above if h[0] < level] + [(level, said)]
            if self._keep is None:
                self._head()
        elif tag == "br":
            self._line.append("\n")
        elif tag == "table" and is_grid(child):
            self._flush()
            grid = grid_of(child)
            if any(self._wanted(" ".join(dict.fromkeys(row))) for row in grid.rows):
                self._head()
                self._written.table(grid)
        elif tag == "pre":
            self._flush()
            self._put("".join(child.itertext()))
        elif tag == "a" and _refers(child):
            number = one_line("".join(child.itertext())).strip("[]()")
            self._line.append(f"[^{self._prefix}{number}]")
        elif tag == "sup" and (mark := _mark(child, "".join(self._line))):
            self._line.append(mark.replace("[^", f"[^{self._prefix}"))
        elif tag == "li" and _NOTE.match(child.get("id") or ""):
            self._flush()
            said = one_line(_BACK.sub("", text_of(child)))
            self._written.note(self._prefix + _NOTE.match(child.get("id"))[1], said, origin(said))  # type: ignore[index]
        elif tag == "li":
            self._flush()
            self._line.append("- ")
            self.walk(child, depth + 1)
            self._flush()
        elif tag in _BLOCKS:
            self._flush()
            self.walk(child, depth + 1)
            self._flush()
        else:
            self.walk(child, depth + 1)

    def _text(self, text: str | None) -> None:
        if text:
            self._line.append(re.sub(r"\s+", " ", text))

    def _flush(self) -> None:
        said = "".join(self._line)
        self._line.clear()
        self._put("\n".join(" ".join(part.split()) for part in said.split("\n")))

    def _put(self, said: str) -> None:
        said = said.strip()
        if said.strip("-\u2022 \n") and self._wanted(said):
            self._head()
            self._written.paragraph(said)

    def _head(self) -> None:
        for level, said in self._above:
            self._written.heading(level, said)
        self._above = []

    def _wanted(self, said: str) -> bool:
        return self._keep is None or self._keep(said)

    def _left_out(self, element: Element) -> bool:
        tag = element.tag.lower().rpartition("}")[2]
        if tag in _SILENT:
            return not (tag == "form" and self._around)
        if element.get("hidden") is not None or element.get("aria-hidden") == "true":
            return True
        if _HIDDEN.search(element.get("style") or ""):
            return True
        if self._around:
            return False
        if tag in _AROUND or (element.get("role") or "").lower() in _ROLES:
            return True
        if tag == "header" and not any(a.tag in ("article", "main") for a in element.iterancestors()):
            return element.find(".//h1") is None
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        return tag in ("div", "section", "ul", "ol", "p") and _NOISE.search(named) is not None


def _refers(link: Element) -> bool:
    """Whether a link is the mark of a footnote."""
    said = one_line("".join(link.itertext())).strip("[]()")
    kind = f"{link.get('class') or ''} {link.get('epub:type') or ''} {link.get('role') or ''}"
    return said.isdigit() and len(said) <= 3 and re.search(r"footnote-?ref|noteref", kind) is not None


def _mark(sup: Element, before: str) -> str:
    """A raised number as the mark of a footnote, or as a power; empty where it is neither."""
    said = one_line("".join(sup.itertext())).strip("[]()")
    if not (said.isdigit() and len(said) <= 3):
        return ""
    linked = [a.get("href") or "" for a in (*sup.iter("a"), *sup.iterancestors("a"))]
    if any(h.startswith("#") or "#" in h for h in linked):
        return f"[^{said}]"
    if _UNIT.search(before):
        return ""
    return f"^{said}" if before[-1:].isdigit() and not re.search(r"\d[\d,.]*\d$", before) else f"[^{said}]"


def text_of(element: Element) -> str:
    """The visible text of an element in one line."""
    parts: list[str] = []
    for node in element.iter():
        if not isinstance(node.tag, str):
            continue
        silent = any(a.tag in _SILENT for a in (node, *node.iterancestors()) if isinstance(a.tag, str))
        mark = _mark(node, "".join(parts)) if node.tag == "sup" else ""
        if mark or any(a.tag == "sup" and _mark(a, "0") for a in node.iterancestors()):
            parts.append(mark)
        elif node.text and not silent:
            parts.append(node.text)
        if node is not element and node.tag in ("br", "p", "div", "li"):
            parts.append(" ")
        if node.tail and node is not element:
            parts.append(node.tail)
    return one_line("".join(parts))


def is_grid(table: Element) -> bool:
    """Whether a table holds data, and is not there to lay out a page."""
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return False
    rows = list(_rows(table))
    return len(rows) >= 2 and max((len(list(_cells(r))) for r in rows), default=0) >= 2


def grid_of(table: Element) -> Grid:
    """A table's rows, each merged cell repeated in every place that it covers."""
    placed: dict[tuple[int, int], str] = {}
    header = 0
    rows = list(_rows(table))
    for n, row in enumerate(rows):
        k = 0
        cells = list(_cells(row))
        if cells and header == n and all(c.tag == "th" for c in cells):
            header = n + 1
        for cell in cells:
            while (n, k) in placed:
                k += 1
            said = text_of(cell)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for a in range(min(high, len(rows) - n)):
                for b in range(wide):
                    placed[n + a, k + b] = said
            k += wide
    width = max((k for _n, k in placed), default=-1) + 1
    lines = [[placed.get((n, k), "") for k in range(width)] for n in range(len(rows))]
    caption = table.find(".//caption")
    said = text_of(caption) if caption is not None else ""
    return headed(lines, said, header or None)


def _rows(table: Element) -> Iterator[Element]:
    return (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)


def _cells(row: Element) -> Iterator[Element]:
    return (c for c in row if c.tag in ("td", "th"))


def _span(cell: Element, name: str) -> int:
    said = str(cell.get(name) or "1").strip()
    return min(max(int(said), 1), _SPAN_MOST) if said.isdigit() and len(said) < 6 else 1
