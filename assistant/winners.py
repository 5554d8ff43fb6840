"""Who wins: a sentence that names the best of the values that the sentences before it gave."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.claims import Claim
from assistant.framing import Frame
from assistant.judge import Verdict
from assistant.marks import Marks
from assistant.result import Result

_WINS = re.compile(
    r"\b(?:wins?|won|prevails?|prevailed|comes? out ahead|came out ahead|takes? it|took it)\b[^.;\d]{0,40}[.!]?$"
)


def winners(marks: Marks, earlier: Sequence[Verdict]) -> list[Verdict]:
    """ "Germany wins this one": of the values that the sentences before gave."""
    said = _WINS.search(marks.low)
    figures = [
        v.right.figures[0]
        for v in earlier
        if v.outcome == "supported" and v.claim.frame.kind == "value" and v.right and v.right.figures
    ]
    figures = [c for c in figures if figures and (c.measure, c.year) == (figures[-1].measure, figures[-1].year)]
    own = next((c for c in figures for p in marks.places if c.place in p.values), None)
    if said is None or own is None or len({c.place for c in figures}) < 2:
        return []
    best = max(figures, key=lambda c: c.value)
    frame = Frame("compare", (own.place,), (own.year,) if own.year else (), (own.measure,), direction="more")
    claim = Claim(marks.text[said.start() : said.end()].rstrip(".!"), said.start(), said.end(), frame)
    won = own.value == best.value
    return [
        Verdict(
            claim,
            "supported" if won else "contradicted",
            None if won else "direction",
            Result(best.value, (best, own), False),
        )
    ]
