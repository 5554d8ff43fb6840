"""Numbers of a table as values: whether a point or a comma parts the decimals is read off the whole column.

"1.234" is a thousand and more in Berlin and little more than one in London: where no cell of a column tells
which, and nobody says it, the column is refused, since a figure a thousand times too small looks like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from corpus.errors import Unreadable

Cell = tuple[str, str]  # its text and where it is
_POINT = re.compile(r"\.\d{1,2}(?!\d)|\.\d{4}|,\d{3}(?:\.|,\d{3})|(?<!\d)0\.\d")
_COMMA = re.compile(r",\d{1,2}(?!\d)|,\d{4}|\.\d{3}(?:,|\.\d{3})|(?<!\d)0,\d")
_EITHER = re.compile(r"\d\.\d{3}(?!\d)")
_SPACES = "\u00a0\u202f' "  # and other marks that group digits everywhere


def decimal_mark(cells: Sequence[Cell], said: str, typed: bool, name: str) -> str:
    """The mark that parts decimals in a column: what `said` says, else what its cells tell.

    `typed`: people or their programs wrote the digits as text, as in a CSV file; a workbook holds numbers.
    """
    if said not in ("", ".", ","):
        raise Unreadable(f'{name}: its description says decimal = {said!r}; say "." or ","')
    if said or not typed:
        return said or "."
    point = next((c for c in cells if _POINT.search(c[0])), None)
    comma = next((c for c in cells if _COMMA.search(c[0])), None)
    if point and comma:
        raise Unreadable(
            f"{name}: {point[1]} says {point[0]!r} and {comma[1]} says {comma[0]!r}; write both with one decimal mark"
        )
    if not point and not comma and (unclear := next((c for c in cells if _EITHER.search(c[0])), None)):
        raise Unreadable(
            f"{name}: {unclear[1]} says {unclear[0]!r}, and nothing tells whether its point parts decimals or "
            f'groups digits; add decimal = "." or decimal = "," to the description'
        )
    return "," if comma else "."


def value(cell: Cell, mark: str, name: str) -> Decimal:
    """The digits as they are printed, without what groups them; raises Unreadable that names the cell."""
    text, where = cell
    said = text.strip().removesuffix("%").replace("\u2212", "-").replace("\u2013", "-").strip()
    groups = ("," if mark == "." else ".") + _SPACES
    said = re.sub(rf"(?<=\d)[{re.escape(groups)}](?=\d{{3}}(?:\D|$))", "", said)
    try:
        found = Decimal(said.replace(",", ".") if mark == "," and "." not in said else said)
    except InvalidOperation:
        raise Unreadable(f"{name}: {where} says {text!r}; expected a number") from None
    if not found.is_finite():
        raise Unreadable(f"{name}: {where} says {text!r}; expected a number")
    return found
