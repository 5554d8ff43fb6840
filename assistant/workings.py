"""Workings: differences, means and other bases, in Decimal, each with its formula.

A working is shown with the answer ("0.54 - (-0.30) = 0.84") and cites the cells that it stands on.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from assistant.types import Cell, Derived

_EXACT_DIGITS = 4


def total(cells: Sequence[Cell]) -> Derived:
    """The sum of counts."""
    value = sum((c.figure.value for c in cells), Decimal(0))
    terms = " + ".join(_term(c.figure.value) for c in cells)
    return Derived(f"{terms} = {format(value, 'f')}", value, tuple(cells))


def difference(cells: Sequence[Cell]) -> Derived | None:
    """The highest value less the lowest; None for a single cell."""
    if len(cells) < 2:
        return None
    ordered = sorted(cells, key=lambda c: -c.figure.value)
    return subtracted(ordered[0], ordered[-1])


def subtracted(a: Cell, b: Cell) -> Derived:
    """One value less another: 0.54 - (-0.30) = 0.84."""
    value = a.figure.value - b.figure.value
    formula = f"{format(a.figure.value, 'f')} - {_term(b.figure.value)} = {format(value, 'f')}"
    return Derived(formula, value, (a, b))


def mean(cells: Sequence[Cell], median: bool = False) -> Derived:
    """The mean, exact where it ends within a few digits, else with one digit more than its values; or the median."""
    values = [c.figure.value for c in cells]
    if median:
        ordered = sorted(values)
        half = len(ordered) // 2
        value = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
        return Derived(f"median of {len(values)} values = {format(value, 'f')}", value, tuple(cells))
    places = min(min(int(v.as_tuple().exponent) for v in values), 0) - 1
    total = sum(values, Decimal(0))
    value = (total / len(values)).quantize(Decimal(1).scaleb(places), ROUND_HALF_EVEN)
    for more in range(1, _EXACT_DIGITS):  # a mean that ends is given exactly
        exact = (total / len(values)).quantize(Decimal(1).scaleb(places - more), ROUND_HALF_EVEN)
        if value * len(values) == total:
            break
        if exact * len(values) == total:
            value = exact
            break
    terms = " + ".join(_term(v) for v in values) if len(values) <= 6 else f"sum of {len(values)} values"
    return Derived(f"({terms}) / {len(values)} = {format(value, 'f')}", value, tuple(cells))


def share(part: int, whole: int, cells: Sequence[Cell]) -> Derived:
    """A part of a whole in percent, to one decimal."""
    value = (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    value = value.to_integral_value() if value == value.to_integral_value() else value
    return Derived(f"{part} / {whole} x 100 = {format(value, 'f')}", value, tuple(cells))


def multiple(a: Cell, b: Cell) -> Derived | None:
    """How many times one value is another, to two decimals; None where their signs differ or one is zero."""
    if a.figure.value * b.figure.value <= 0:
        return None
    value = (a.figure.value / b.figure.value).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return Derived(f"{_term(a.figure.value)} / {_term(b.figure.value)} = {format(value, 'f')}", value, (a, b))


def rebase(cell: Cell, base: int) -> Derived:
    """A rate per another base: -0.30 per 10,000 is -3.0 per 100,000; significant digits are kept."""
    value, per = cell.figure.value, cell.measure.per
    shift = len(str(base)) - len(str(per))
    result = value.scaleb(shift)
    factor = f"x {base // per:,}" if base > per else f"/ {per // base:,}"
    return Derived(f"{format(value, 'f')} {factor} = {format(result, 'f')}", result, (cell,))


def rebased_difference(difference: Derived, base: int) -> Derived:
    """The same difference per another base of the same denominator."""
    a, b = (rebase(c, base).value for c in difference.inputs[:2])
    value = a - b
    return Derived(f"{_term(a)} - {_term(b)} = {format(value, 'f')} per {base:,}", value, difference.inputs)


def _term(value: Decimal) -> str:
    return f"({format(value, 'f')})" if value < 0 else format(value, "f")
