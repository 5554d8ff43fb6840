"""Scores the claims engine: `python benchmarks/claims.py [--failures] [--json]`.

True sentences must be supported, mutants with one fault each must not be, the fault must be named, and
sentences without a checkable claim must raise no alarm. Mutants are made anew, with a fixed seed.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from mutants import Mutant, mutants_of

from assistant.check import Checker
from assistant.judge import Verdict
from corpus.figures import FigureTable

SETS = Path(__file__).parent.parent / "tests" / "evaluation" / "claims"


@dataclass
class Score:
    """How many were right of how many, and a line for each that was not."""

    name: str
    right: int = 0
    total: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, good: bool, line: str) -> None:
        """Count one."""
        self.total += 1
        self.right += good
        if not good:
            self.wrong.append(line)

    def __str__(self) -> str:
        part = 100 * self.right / self.total if self.total else 0.0
        return f"{self.name:44} {self.right:5} of {self.total:5}  {part:5.1f} %"


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines; none where there is no file."""
    if not path.exists():
        return []
    return [_row(json.loads(line)) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"text": row.get("text", row.get("sentence", ""))}


def accepted(verdicts: Sequence[Verdict]) -> bool:
    """Whether a sentence passes: it claims something, and every claim is supported."""
    return bool(verdicts) and all(v.outcome == "supported" for v in verdicts)


def fault_of(verdicts: Sequence[Verdict]) -> str:
    """The fault that a reader sees first; "" where nothing is contradicted."""
    return next((v.fault or "" for v in verdicts if v.outcome == "contradicted"), "")


def tell(verdicts: Sequence[Verdict]) -> str:
    """Verdicts in short, for the list of failures."""
    return (
        "; ".join(
            f"{v.claim.text!r} {v.claim.frame.kind} {v.outcome}{' ' + v.fault if v.fault else ''}" for v in verdicts
        )
        or "no claim"
    )


def true_score(checker: Checker, sentences: Iterable[dict[str, Any]], name: str) -> Score:
    """True sentences: every claim supported."""
    score = Score(name)
    for row in sentences:
        found = checker.verdicts(row["text"])
        score.add(accepted(found), f"{row['id']}  {row['text']}\n      {tell(found)}")
    return score


def mutant_scores(
    checker: Checker, mutants: Iterable[Mutant], name: str
) -> tuple[Score, Score, Counter[tuple[str, str]]]:
    """Mutants: none accepted, and the fault named."""
    caught, named = Score(f"{name}: not accepted"), Score(f"{name}: fault named")
    mixed: Counter[tuple[str, str]] = Counter()
    for m in mutants:
        found = checker.verdicts(m.text)
        line = f"{m.id} [{m.kind}]  {m.text}\n      {tell(found)}"
        caught.add(not accepted(found), line)
        fault = fault_of(found)
        mixed[m.kind, fault if fault in m.faults else f"!{fault}"] += 1
        named.add(fault in m.faults, line)
    return caught, named, mixed


def quiet_score(checker: Checker, sentences: Iterable[dict[str, Any]], name: str) -> Score:
    """Sentences without a checkable claim: nothing contradicted."""
    score = Score(name)
    for row in sentences:
        found = checker.verdicts(row["text"])
        score.add(not fault_of(found), f"{row['id']}  {row['text']}\n      {tell(found)}")
    return score


# A loss called a gain is a wrong sign and a wrong direction alike; the sets of others name it either way. A wrong
# digit of a count or of a multiple is a "value" to some and a "total" or a "comparison" to others.
ALIKE = {
    "sign": ("sign", "direction"),
    "direction": ("direction", "sign", "comparison"),
    "value": ("value", "total", "comparison"),
}


def _forged(row: dict[str, Any]) -> Mutant:
    return Mutant(row["id"], row["text"], row["fault"], ALIKE.get(row["fault"], (row["fault"],)))


def speed(checker: Checker, texts: Sequence[str]) -> float:
    """Sentences a second, after one round to warm up."""
    for text in texts[:20]:
        checker.verdicts(text)
    began = time.perf_counter()
    for text in texts:
        checker.verdicts(text)
    return len(texts) / (time.perf_counter() - began)


def scores(
    table: FigureTable, checker: Checker, most: int | None = None
) -> tuple[list[Score], Counter[tuple[str, str]]]:
    """Every score over the sets of tests/evaluation/claims; `most` mutants at most."""
    own = rows(SETS / "true.jsonl")
    mutants = mutants_of(own, table)
    if most is not None and most < len(mutants):
        mutants = mutants[:: len(mutants) // most][:most]
    caught, named, mixed = mutant_scores(checker, mutants, "mutants")
    made = [true_score(checker, own, "true sentences: supported"), caught, named]
    made.append(true_score(checker, rows(SETS / "fresh.jsonl"), "fresh true sentences: supported"))
    if other := rows(SETS / "blind_true.jsonl"):
        for part in ("a", "b"):
            made.append(
                true_score(checker, [r for r in other if r.get("set") == part], f"blind true, set {part}: supported")
            )
    made.append(true_score(checker, rows(SETS / "drafts.jsonl"), "sentences of many voices: supported"))
    made.append(true_score(checker, rows(SETS / "press_true.jsonl"), "sentences of the press: supported"))
    press = [_forged(r) for r in rows(SETS / "press_mutants.jsonl")]
    made += mutant_scores(checker, press, "mutants of the press")[:2]
    for name in ("c", "d", "e", "f"):
        made.append(true_score(checker, rows(SETS / f"blind_{name}_true.jsonl"), f"blind true, set {name}: supported"))
        forged = [_forged(r) for r in rows(SETS / f"blind_{name}_mutants.jsonl")]
        made += mutant_scores(checker, forged, f"blind mutants, set {name}")[:2]
        quiet = rows(SETS / f"blind_{name}_noclaims.jsonl")
        made.append(quiet_score(checker, quiet, f"no checkable claim, set {name}: no false alarm"))
    if hand := rows(SETS / "blind_mutants.jsonl"):
        forged = [Mutant(r["id"], r["text"], r["fault"], (r["fault"],)) for r in hand]
        made += mutant_scores(checker, forged, "blind mutants by hand")[:2]
    if quiet := rows(SETS / "blind_noclaims.jsonl"):
        made.append(quiet_score(checker, quiet, "no checkable claim: no false alarm"))
    return made, mixed


def main(arguments: Sequence[str]) -> int:
    """Print every score and the speed; with --failures, each failure too."""
    table = FigureTable.bundled()
    checker = Checker(table)
    made, mixed = scores(table, checker)
    for score in made:
        print(score)
        if "--failures" in arguments:
            print("\n".join(f"   {line}" for line in score.wrong))
    texts = [r["text"] for r in rows(SETS / "true.jsonl")]
    print(f"{'sentences a second':44} {speed(checker, texts):5.0f}")
    if "--kinds" in arguments:
        for (kind, fault), n in sorted(mixed.items()):
            print(f"   {kind:12} -> {fault or 'none':14} {n}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
