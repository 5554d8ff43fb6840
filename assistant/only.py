"""What is said of some and of no others: "only Hungary, Greece and Italy lost", "its only positive year"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from assistant.frames import runs
from assistant.judge import Judge, Verdict
from assistant.mark import Mark
from assistant.marks import Marks
from assistant.named import held
from assistant.result import Result

_ONE_YEAR = re.compile(
    r"\s*(?:[a-z]+ )?(?P<way>positive|negative|loss|losses|gain|deficit|surplus|outflow|inflow|"
    r"net (?:loss|gain|outflow|inflow))\b"
)
_LOSES = ("negative", "loss", "losses", "deficit", "outflow", "net loss", "net outflow")
_BETTER = re.compile(
    r"\b(?:did|does|fared|was|were|has been|ranked|stood|gained|lost|is|are) (?:a )?"
    r"(better|worse|higher|lower|more|less)\b"
)
_THE_ONE = re.compile(r"\s*(?:[a-z0-9]+ ){0,3}?(?:countr|econom|nation|member|state|place|one)[a-z]*\b")


def only(judge: Judge, marks: Marks, start: int, end: int, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """ "Only Hungary, Greece and Italy lost", "only Israel did worse": the places named and no others."""
    if said_year := _ONE_YEAR.match(marks.low, end):
        yield from _only_year(judge, marks, start, said_year, verdicts)
        return
    run = next((r for r in runs(marks, marks.places) if 0 <= r[0].start - end <= 5), None)
    cells = [v.right.figures[0] for v in verdicts if v.right and v.right.figures and v.claim.frame.kind != "direction"]
    cells += [v.right.figures[0] for v in verdicts if v.right and v.right.figures]
    behind = [p for p in marks.places if p.end <= start]
    if run is None and behind and _THE_ONE.match(marks.low, end):
        run = behind[-1:]
    if run is None or not cells:
        return
    codes = {c for p in run for c in p.values}
    group = marks.groups[0].values[0] if marks.groups else ""
    rows = judge.reckoner.rows(cells[0].measure, cells[0].year, group)
    rest = marks.low[run[-1].end :]
    said = _BETTER.search(re.split(r"[;.,]", rest)[0])
    word = next((d for d in marks.directions if d.start >= max(run[-1].end, end)), None)
    limit = next((n for n in marks.numbers if n.start >= max(run[-1].end, end) and n.about in ("over", "under")), None)
    if said is not None:
        others = [p for p in marks.places if p not in run]
        own = next(
            (c for c in rows if others and c.place == min(others, key=lambda p: abs(p.start - start)).values[0]), None
        )
        if own is None:
            return
        up = said[1] in ("better", "higher", "more") and not (said[1] == "more" and own.value < 0)
        chosen = {c.place for c in rows if (c.value > own.value if up else c.value < own.value)}
    elif limit is not None:
        lost = word is not None and word.values[0] == "out" and not limit.sign
        bound = -limit.value if lost or limit.sign < 0 else limit.value
        chosen = {c.place for c in rows if (c.value > bound if (limit.about == "over") != lost else c.value < bound)}
    elif word is not None:
        chosen = {c.place for c in rows if c.value and (c.value > 0) == (word.values[0] == "in")}
    else:
        return
    if chosen == codes and len(rows) > len(codes):
        stop = said.end() + run[-1].end if said else run[-1].end
        yield held(
            Mark(start, stop), marks, "every", Result(Decimal(len(chosen)), (cells[0],), False), tuple(sorted(codes))
        )


def _only_year(
    judge: Judge, marks: Marks, start: int, said: re.Match[str], verdicts: Sequence[Verdict]
) -> Iterator[Verdict]:
    """ "Its only positive year was 2018": no other year of the series has that sign."""
    cell = next((v.right.figures[0] for v in verdicts if v.right and v.right.figures), None)
    if cell is None or cell.year is None:
        return
    ends = [m for m in marks.years if len(m.years) == 2 or cell.year not in m.years]
    named = [y for m in ends for y in m.years]
    span = (min(named), max(named)) if len(named) == 2 else None
    rows = {y: c for y, c in judge.table.series(cell.measure, cell.place).items() if y is not None}
    rows = {y: c for y, c in rows.items() if span is None or span[0] <= y <= span[1]}
    lost = said["way"] in _LOSES
    if len(rows) > 2 and [y for y, c in rows.items() if c.value and (c.value < 0) == lost] == [cell.year]:
        stop = max([said.end(), *(m.end for m in ends)])
        yield held(Mark(start, stop), marks, "every", Result(cell.value, (cell,), False), (cell.place,))
