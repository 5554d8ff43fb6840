"""What durability costs: `python benchmarks/durable.py [--documents N] [--rounds N]`.

The same documents are embedded and nothing else; added to a new library whose files are never synced; and
added as they are by `footnote add`. By turns, since others may use the machine; seconds and seconds of processors,
and the means of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from unittest import mock

from corpus import engines, rows
from corpus.encoder import TokenEncoder
from corpus.library import Library
from corpus.mending import sentences
from corpus.settings import Settings
from ingest import add_sources, create_library

SENTENCES = 40  # a document
WORDS = (
    "the share of workers in each country who moved abroad for a post in research rose or fell within a year".split()
)


def documents(folder: Path, n: int) -> list[Path]:
    """So many text files of sentences of fourteen words."""
    draw, paths = random.Random(1), []
    for d in range(n):
        lines = [" ".join(draw.choice(WORDS) for _ in range(14)).capitalize() + f" {i}." for i in range(SENTENCES)]
        paths.append(folder / f"document-{d}.txt")
        paths[-1].write_text(f"Document {d}\n\n" + "\n\n".join(lines) + "\n")
    return paths


def timed(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of this process's processors, that a call takes."""
    began, used = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - began, time.process_time() - used


def main() -> None:
    """Run the rounds and print the means."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--documents", type=int, default=60)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    took: dict[str, list[tuple[float, float]]] = {"embedded only": [], "never synced": [], "as it is": []}
    with tempfile.TemporaryDirectory(prefix="footnote-durable-") as name:
        folder = Path(name)
        paths = documents(folder, given.documents)

        def library(kind: str, n: int) -> Library:
            return create_library(Settings(home=str(folder / f"{kind} {n}")), empty=True)[0]

        first = library("first", 0)
        add_sources(first, paths)
        texts = list(dict(sentences(first.catalog)).values())
        encoder = first.encoder
        assert isinstance(encoder, TokenEncoder)
        for n in range(given.rounds):
            took["embedded only"].append(timed(lambda: encoder.encode_tokens(texts)))
            held = library("synced", n)
            took["as it is"].append(timed(lambda held=held: add_sources(held, paths)))  # type: ignore[misc]
            loose = [p if "synchronous" not in p else "synchronous = OFF" for p in rows.PRAGMAS]
            with mock.patch.object(os, "fsync", lambda file: None), mock.patch.object(engines, "PRAGMAS", loose):
                held = library("loose", n)
                took["never synced"].append(timed(lambda held=held: add_sources(held, paths)))  # type: ignore[misc]
    means = {
        kind: {"seconds": round(mean(s for s, _ in times), 1), "of processors": round(mean(c for _, c in times), 1)}
        for kind, times in took.items()
    }
    print(json.dumps({"documents": given.documents, "sentences": len(texts)} | means, indent=1))


if __name__ == "__main__":
    main()
