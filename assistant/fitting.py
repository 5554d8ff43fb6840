"""Whether a number can be of a measure at all, by its unit and size."""

from __future__ import annotations

from assistant.frames import Bound
from assistant.marks import Marks
from assistant.numbers import Number
from assistant.roles import Kind
from corpus.figures import FigureTable

_HEADS = 3000  # no rate of the tables is so large


def fits(n: Number, kind: Kind, b: Bound, measure: str, table: FigureTable, marks: Marks) -> bool:
    """Whether a number of this unit can be of this measure."""
    m = table.measures[measure]
    if m.unit.startswith("% change") and not b.years and not marks.noise:
        return False
    if m.kind == "stock" and n.role == "percent" and n.value >= 10 and marks.changes:
        return kind not in ("value", "average")  # "growth of 120%" is no share of members
    if kind in ("rank", "total"):
        return True
    if kind in ("change", "gap") and m.kind == "rank":
        return n.step >= 0 and n.role == "plain" and n.value < 250
    if kind in ("count", "share", "times", "gap", "years"):
        return m.kind != "rank"
    if n.role == "points":
        bare = "percent" not in marks.low[n.start : n.end] and m.kind == "flow"  # "down 0.15 points"
        if kind == "value" and n.spelt:
            return m.kind == "flow" and bare  # "half a point"
        return kind in ("change", "gap") and (m.kind in ("share", "stock") or bare)
    if kind == "change" and n.role in ("percent", "fraction"):
        return True
    if n.role in ("percent", "fraction"):
        return m.kind in ("share", "stock", "flow")
    if b.base is not None:
        return m.kind in ("flow", "share", "stock")
    if m.kind == "count":
        return n.value >= 100 and n.step >= 0
    if m.kind == "rank":
        return n.role == "rank"
    if m.kind == "flow" and not n.sign and n.step >= 0 and n.value >= _HEADS:
        return False  # a head count, not a rate
    return m.kind == "flow" or n.step < 0
