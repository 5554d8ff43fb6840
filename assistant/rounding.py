"""Whether a number says a value: the same, a right rounding, a bound, a multiple."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from assistant.claims import Claim
from assistant.framing import Frame
from assistant.result import Result

_PART_OF = re.compile(r"(?:one|1) (?:[a-z'-]+ ){0,6}?(?:in|out of|for)\b")
_LOOSE = Decimal("0.1")  # and a multiple that is rounded
_BOUND = 5  # how many times a bound the value may be, or its part: farther off, a digit is wrong
_NEAR = Decimal("0.06")  # how far a number rounded to tens or hundreds may be off, as a part of the value


def same(said: Decimal, held: Decimal, step: int, about: str, longer: bool = False) -> bool:
    """Whether a number says a value: the same, or a right rounding of it to fewer digits.

    `step` is the exponent of the last digit said. A bound ("more than") must bound it closely; a number
    with zeros at its end is a rounding only beside a word such as "about".
    """
    if about == "over":
        return said < held <= said * _BOUND
    if about == "under":
        return held < said <= held * _BOUND
    if about in ("above", "beneath"):
        off = held - said if about == "above" else said - held
        return 0 <= off < Decimal(1).scaleb(max(step, trailing(said))) and off <= held * _LOOSE
    if about in ("least", "most"):
        low, high = (said, held) if about == "least" else (held, said)
        return low <= high <= low * _BOUND
    if said == held:
        return True
    steps = {step}
    if about and step >= 0 and said:
        steps |= set(range(step, trailing(said) + 1))
    for s in steps:
        unit = Decimal(1).scaleb(s)
        if s > held.adjusted() and abs(said - held) > abs(held) * _NEAR / 2:
            continue
        if s > 0 and not about:
            continue
        for mode in (ROUND_HALF_EVEN, ROUND_HALF_UP):
            if held.quantize(unit, mode) == said and (s <= 0 or abs(said - held) <= held * _NEAR):
                return True
    return False


def trailing(value: Decimal) -> int:
    """The exponent of the last digit that is not zero."""
    return int(value.normalize().as_tuple().exponent)


def way(direction: str, value: Decimal) -> bool:
    """Whether a difference goes the way of a word: up, more, down, less, even."""
    if direction in ("up", "more"):
        return value > 0
    if direction in ("down", "less"):
        return value < 0
    return direction == "even" and value == 0


def turned(claim: Claim, f: Frame, value: Decimal) -> bool:
    """Whether a change or a difference goes the way that the words or the sign say."""
    if claim.sign:
        return (claim.sign > 0) == (value > 0) and (not f.direction or way(f.direction, value))
    return not f.direction or way(f.direction, value)


def multiple(claim: Claim, ratio: Decimal) -> bool:
    """ "Twice", "3.4 times", "more than five times"."""
    value = claim.value or Decimal(0)
    if claim.about == "over":
        return value < ratio < value * Decimal("1.5") or value < ratio < value + 1
    if claim.about == "under":
        return value * Decimal("0.8") < ratio < value
    if claim.about in ("above", "beneath"):
        return 0 <= (ratio - value if claim.about == "above" else value - ratio) <= value * _LOOSE * 3 / 2
    if claim.about:
        return abs(ratio - value) <= value * _LOOSE
    if value < 1:  # "half of what it had been"
        return abs(ratio - value) <= value * _LOOSE / 2
    held = ratio.quantize(Decimal(1).scaleb(claim.step), ROUND_HALF_EVEN)
    return held == value and (claim.step < 0 or abs(ratio - value) <= value * Decimal("0.06"))


def one_digit(claim: Claim, held: Decimal) -> bool:
    """Whether the number as said differs from a value in one digit, or in two that changed places."""
    if claim.value is None:
        return False
    try:
        shown = format(abs(held).quantize(Decimal(1).scaleb(claim.step), ROUND_HALF_EVEN), "f")
    except ArithmeticError:  # a value too long for the context's precision
        return False
    said = format(claim.value, "f")
    if len(shown) != len(said):
        return False
    off = [i for i, (a, b) in enumerate(zip(shown, said, strict=True)) if a != b]
    return len(off) == 1 or len(off) == 2 and said[off[0]] == shown[off[1]] and said[off[1]] == shown[off[0]]


def as_on_other_base(claim: Claim, found: Result) -> bool:
    """Whether a number is worded as on another base: whole, or rounded, where a slipped point keeps its digits."""
    said, held = claim.value or Decimal(0), found.figures[0].value
    fewer = len(said.normalize().as_tuple().digits) < len(held.normalize().as_tuple().digits)
    return claim.step > int(held.as_tuple().exponent) and (claim.step >= 0 or fewer)


def rounded_off(claim: Claim, right: Result) -> bool:
    """Whether a number has fewer digits than the value and is one unit of its last digit off."""
    held, value = abs(right.value), claim.value or Decimal(0)
    step = claim.step
    if _PART_OF.match(claim.text.lower()):
        return False  # "one in 84" has no digits to round
    if step >= 0 and value:
        step = max(step, trailing(value))
    exponent = int(held.normalize().as_tuple().exponent)
    if step <= exponent:
        return False
    unit = Decimal(1).scaleb(step)
    return abs(value - held) < 2 * unit and (value != held)
