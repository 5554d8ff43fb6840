"""What chain and proof cost: whole answers with a scripted model that takes no time of its own.

    make overhead

The whole time of an answer counts, reading, gathering and composing too; so does the HTTP of the client, which
a model in earnest has as well. The figures are therefore upper bounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

import liar  # noqa: E402
from scripted import Scripted, Step, written  # noqa: E402

from assistant import Assistant  # noqa: E402
from corpus.settings import Settings  # noqa: E402


def main() -> None:
    """Print medians without a model, with one call, and with a tool call before it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--home", help="a library; one is made where none is named")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.home is None:
            from ingest import create_library

            create_library(Settings(home=folder))[0].close()
        a = Assistant.open(settings=Settings(home=given.home or folder))
        asked = list(liar.scripts(a, given.count))
        look = Step(calls=(("figures", {"question": "Japan's net AI talent flow in 2023"}),))
        state: dict[str, object] = {}

        def step(body: dict[str, object], _n: int) -> Step:
            state["n"] = int(str(state["n"])) + 1
            if state["tool"] and state["n"] == 1:
                return look
            rows = liar.grounded(state["script"], body)  # type: ignore[arg-type]
            return written(*(r for (kind, _), r in zip(state["script"].statements, rows, strict=True) if not kind))  # type: ignore[attr-defined]

        with Scripted(step) as server:
            os.environ |= {"OPENAI_BASE_URL": server.url + "/v1", "OPENAI_API_KEY": "a-key-of-nobody"}
            a.ask(asked[0].question)
            for name, model, tool in (
                ("without a model", "", False),
                ("one call", "openai:good", False),
                ("a tool call, then the answer", "openai:good", True),
            ):
                times = []
                for script in asked:
                    state |= {"n": 0, "tool": tool, "script": script}
                    started = time.perf_counter()
                    a.ask(script.question, model=model)
                    times.append(1000 * (time.perf_counter() - started))
                times.sort()
                print(f"{name}: median {statistics.median(times):.0f} ms, p95 {times[int(0.95 * len(times))]:.0f} ms")
        a.close()


if __name__ == "__main__":
    main()
