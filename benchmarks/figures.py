"""How long a figure answer takes, warm: `python benchmarks/figures.py`; the goal is a median under 20 ms.

Questions are those of an evaluation set that are about figures; each is asked once to warm the
caches and once to be timed. The whole answer counts: reading, look-up, passages, proof.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from assistant import Assistant
from corpus.settings import Settings
from ingest import open_library

SET = Path(__file__).parent.parent / "tests" / "evaluation" / "figures_a.jsonl"


def timings(assistant: Assistant, questions: list[str]) -> list[float]:
    """Milliseconds for each question, in order."""
    taken = []
    for question in questions:
        assistant.ask(question)
        start = time.perf_counter()
        assistant.ask(question)
        taken.append(1000 * (time.perf_counter() - start))
    return taken


def main() -> int:
    """Print the median and the 95th percentile."""
    rows = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        assistant = Assistant(open_library(Settings(home=os.environ.get("FOOTNOTE_HOME") or folder)))
        asked = [r["question"] for r in rows if assistant.read(r["question"]).figures_asked]
        taken = sorted(timings(assistant, asked))
        assistant.close()
    median, late = statistics.median(taken), taken[int(0.95 * len(taken))]
    print(f"{len(asked)} figure questions, warm: median {median:.1f} ms, 95th percentile {late:.1f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
