"""Scores the evaluation sets of tests/evaluation: `python benchmarks/evaluate.py [SET|FOLDER|PATH ...] [--failures]`.

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
from contextlib import ExitStack
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Score:
    """How one set went: questions right, of how many, and the two errors that cost a reader most."""

    right: int
    total: int
    lines: tuple[str, ...]  # a few for each question that is not right
    answerable: int = 0  # questions that can be answered
    refused: int = 0  # of these, refused


def score(assistant: Any, path: Path) -> Score:
    """The score of one set; raises OSError where the file cannot be read."""
    right = answerable = refused = 0
    lines: list[str] = []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    for row in rows:
        answer = assistant.ask(row["question"], row.get("history", ()))
        wrong = faults(answer, row["expect"])
        right += not wrong
        if "answered" in _list(row["expect"].get("status", "answered")) and "reason" not in row["expect"]:
            answerable += 1
            refused += answer.status == "not_found"
        if wrong:
            past = " / ".join(row.get("history", ()))
            asked = " // ".join(filter(None, (past, row["question"])))
            lines.append(f"{row['id']}  {asked}\n    {'; '.join(wrong)}\n    -> {answer.text[:420]!r}")
    return Score(right, len(rows), tuple(lines), answerable, refused)


def through_model(assistant: Assistant) -> Any:
    """The assistant with a scripted model that answers well."""
    sys.path.append(str(SETS.parent))
    from scripted import WellWritten

    return WellWritten(assistant)


def found_sets(names: Iterable[str]) -> list[Path]:
    """The files of sets named by path, by folder ("set_h") or by file; all of them where none is named."""
    paths: list[Path] = []
    for name in names:
        place = Path(name) if Path(name).exists() else SETS / name
        paths += (
            sorted(place.rglob("*.jsonl")) if place.is_dir() else [place if place.suffix else SETS / f"{name}.jsonl"]
        )
    return paths or sorted(SETS.glob("*.jsonl")) + sorted(SETS.glob("*/*.jsonl"))


def main(arguments: Iterable[str]) -> int:
    """Print the score of each set and of each kind of question; with --failures, each failure too.

    With --through-model every answer is written by a scripted model that answers well (tests/scripted.py).
    """
    given = list(arguments)
    show, through = "--failures" in given, "--through-model" in given
    kinds: dict[str, list[Score]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = os.environ.get("FOOTNOTE_HOME") or folder
        assistant = Assistant(open_library(Settings(home=home)))
        asked = stack.enter_context(through_model(assistant)) if through else assistant
        for path in found_sets(a for a in given if not a.startswith("--")):
            if path.parent.name == "claims":
                continue  # sentences, not questions: benchmarks/claims.py
            result = score(asked, path)
            kinds.setdefault(path.stem.removesuffix("_a"), []).append(result)
            name = path.stem if path.parent in (SETS, Path()) else f"{path.parent.name}/{path.stem}"
            print(f"{name:28} {result.right:5} of {result.total:5}  {100 * result.right / result.total:5.1f} %")
            if show:
                print("\n".join(result.lines))
        if through:
            print(f"written through the model: {asked.calls:,} calls")
        assistant.close()
    print()
    for kind, results in [*sorted(kinds.items()), ("all", [r for rs in kinds.values() for r in rs])]:
        right, total = sum(r.right for r in results), sum(r.total for r in results)
        print(f"{kind:28} {right:5} of {total:5}  {100 * right / total:5.1f} %")
    every = [r for rs in kinds.values() for r in rs]
    can, refused = sum(r.answerable for r in every), sum(r.refused for r in every)
    if can:
        print(f"{'refused though answerable':28} {refused:5} of {can:5}  {100 * refused / can:5.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
