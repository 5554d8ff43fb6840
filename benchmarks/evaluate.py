"""Scores the evaluation sets of tests/evaluation: `python benchmarks/evaluate.py [SET ...] [--failures]`.

An answer is right when everything that the question's "expect" names is so: status, figures,
workings, words, the first place named, the refusal's reason. The library is made anew from the
bundled corpus in a temporary folder unless FOOTNOTE_HOME names one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from assistant import Answer, Assistant
from corpus.places import gazetteer
from corpus.settings import Settings
from ingest import open_library

SETS = Path(__file__).parent.parent / "tests" / "evaluation"


def faults(answer: Answer, expect: dict[str, Any]) -> list[str]:
    """What of the expectation the answer does not meet; empty where it is right."""
    found = []
    text = answer.text.lower()
    for key, allowed in (
        ("status", answer.status),
        ("reason", answer.refusal.reason if answer.refusal else None),
    ):
        if key in expect and allowed not in _list(expect[key]):
            found.append(f"{key} is {allowed}, expected {expect[key]}")
    held = [
        (c.figure.measure, c.figure.place, c.figure.year, format(c.figure.value, "f"))
        for c in (*answer.figures, *answer.alternatives)
    ]
    for f in expect.get("figures", ()):
        if not any(
            p == f["place"]
            and str(y or "") == str(f.get("year") or "")
            and v == f["value"]
            and f.get("measure", m) == m
            for m, p, y, v in held
        ):
            found.append(f"no figure {f}")
    derived = {abs(c.support.value) for c in answer.citations if hasattr(c.support, "formula")}
    for value in expect.get("derived", ()):
        if abs(Decimal(value)) not in derived:
            found.append(f"no working gives {value}")
    for words in expect.get("says", ()):
        if not any(w.lower() in text for w in _list(words)):
            found.append(f"does not say {words!r}")
    for words in expect.get("not_says", ()):
        if any(re.search(rf"(?<!\w){re.escape(w.lower())}(?!\w)", text) for w in _list(words)):
            found.append(f"says {words!r}")
    if "first" in expect:
        named = gazetteer().find(answer.text)
        first = gazetteer().title(named[0].code) if named else ""
        wanted = {expect["first"].lower(), gazetteer().title(expect["first"]).lower()}
        if not any(first.lower() in w or w in first.lower() for w in wanted):
            found.append(f"names {first!r} first, expected {expect['first']!r}")
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def score(assistant: Assistant, path: Path) -> tuple[int, int, list[str]]:
    """How many are right, of how many, and a line for each that is not."""
    right, lines = 0, []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    for row in rows:
        answer = assistant.ask(row["question"], row.get("history", ()))
        wrong = faults(answer, row["expect"])
        right += not wrong
        if wrong:
            past = " / ".join(row.get("history", ()))
            asked = " // ".join(filter(None, (past, row["question"])))
            lines.append(f"{row['id']}  {asked}\n    {'; '.join(wrong)}\n    -> {answer.text[:420]!r}")
    return right, len(rows), lines


def main(arguments: Iterable[str]) -> int:
    """Print the score of each set; with --failures, each failure too."""
    given = list(arguments)
    show = "--failures" in given
    names = [a for a in given if not a.startswith("--")]
    paths = [Path(n) if Path(n).exists() else SETS / f"{n}.jsonl" for n in names] or sorted(SETS.glob("*.jsonl"))
    with tempfile.TemporaryDirectory() as folder:
        home = os.environ.get("FOOTNOTE_HOME") or folder
        assistant = Assistant(open_library(Settings(home=home)))
        right = total = 0
        for path in paths:
            r, n, lines = score(assistant, path)
            right, total = right + r, total + n
            print(f"{path.stem:24} {r:4} of {n:4}  {100 * r / n:5.1f} %")
            if show:
                print("\n".join(lines))
        print(f"{'all':24} {right:4} of {total:4}  {100 * right / total:5.1f} %")
        assistant.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
