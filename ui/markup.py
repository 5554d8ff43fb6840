"""The only ways by which foreign text becomes markup, and numbers become print."""

from __future__ import annotations

import html
import re
from calendar import month_name
from decimal import Decimal

from assistant.types import Cell, Direction, digits
from assistant.verify import shown as rounded
from corpus.types import Measure

SPECIAL = frozenset("\\`*_{}[]()#+-.!|~$<>&\"':/@=^")
MINUS = "\u2212"
_SPACES = re.compile(r"\s+")
# C0 and C1 controls, and the bidirectional overrides that could show "-0.30" as "03.0-"
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE)


def visible(text: str) -> str:
    """Foreign text without what no reader sees and a screen would obey."""
    return _UNSEEN.sub("", text)


def esc(text: str) -> str:
    """Foreign text for HTML, between tags or inside a quoted attribute."""
    return html.escape(visible(text), quote=True)


def plain(text: str) -> str:
    """Foreign text that Gradio's Markdown shows letter for letter, on one line.

    No markup, link, image or formula can start, because each character that could start one is a
    character reference; a line break could end an HTML block, so it becomes a space.
    """
    line = _SPACES.sub(" ", visible(text))
    return "".join(f"&#{ord(c)};" if c in SPECIAL else c for c in line)


def web_address(url: str) -> str:
    """The address as an attribute value, or nothing unless it is an ordinary http(s) address."""
    return esc(url) if _WEB.fullmatch(url) else ""


def printed(value: Decimal, signed: bool = False) -> str:
    """A value for tiles, tables and charts: its own digits, a true minus, thousands apart."""
    whole, point, rest = digits(abs(value)).partition(".")
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{int(whole):,}{point}{rest}"


def shown(cell: Cell) -> str:
    """A cell's value with the decimals that a sentence shows of its measure."""
    return printed(rounded(cell), cell.measure.signed) + percent(cell.measure)


def exact(cell: Cell) -> str:
    """A cell's value with every digit that its source prints."""
    return printed(cell.figure.value, cell.measure.signed) + percent(cell.measure)


def percent(measure: Measure) -> str:
    """The sign that a share carries behind its value."""
    return "%" if measure.unit.startswith("%") else ""


def basis(measure: Measure) -> str:
    """What a value counts per: "per 10,000 LinkedIn members", "of top-tier authors", "persons"."""
    if measure.unit == "%":
        return f"of {measure.denominator_short}"
    if measure.per > 1 and not percent(measure):
        return f"per {measure.per:,} {measure.denominator_short}".strip()
    return measure.unit.removeprefix("%").strip()


def said(value: str, measure: Measure) -> str:
    """A printed value with unit and base: "-0.30 per 10,000 members", "5% of them", "rank 5"."""
    if measure.kind == "rank":
        return f"{measure.unit} {value}"
    return f"{value}{percent(measure)} {basis(measure)}"


def flow_word(cell: Cell) -> str:
    """What the sign of a net flow means, in words; nothing for other measures."""
    if not cell.measure.signed:
        return ""
    value = cell.figure.value
    return "net inflow" if value > 0 else "net outflow" if value < 0 else "balanced"


def sign_class(cell: Cell) -> str:
    """The class that colours a net flow; the sign and the words say the same without colour."""
    if not cell.measure.signed or not cell.figure.value:
        return "even"
    return "in" if cell.figure.value > 0 else "out"


def place(item: Cell | Direction) -> str:
    """A place's name as a label: without the article that a sentence needs."""
    return item.place_name.removeprefix("the ")


def day(published: str) -> str:
    """A date as people write it, no more exact than its source; other text as it is."""
    match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", published)
    if not match or not 0 < int(match[2] or 1) < 13:
        return published
    parts = (str(int(match[3])) if match[3] else "", month_name[int(match[2] or 0)], match[1])
    return " ".join(part for part in parts if part)


def when(year: int | None) -> str:
    """A year as printed; a figure without one says so."""
    return str(year) if year is not None else "no year given"
