"""Kills of the servers themselves: `python benchmarks/outages.py [--kills N] [--seed N] [--json FILE]`.

A process adds, replaces and removes documents on PostgreSQL and a Chroma server and says each step on a
pipe. At a random instant one of the servers, or both, are killed with SIGKILL and all their processes,
and started again over the same files: at once, so that who is writing may go on, or after that process has
given up, which it must do within a minute and with an error that names the server. Then the library is opened
and compared with what was said, as in `faults`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from corpus_servers import Server, chroma_process, postgresql_process

from benchmarks import faults
from corpus.settings import Settings

PATIENCE = 60.0  # seconds within which a process whose server is gone must have said so


def outage(trial: faults.Trial, seed: int, servers: Sequence[Server], at_once: bool) -> None:
    """Let a process work, kill servers under it, start them again, and look."""
    moments = random.Random(seed)
    hear, process = trial.begin(seed)
    said: list[tuple[Any, ...]] = []
    first = hear.recv()
    if first[0] != "ready":
        said.append(first)
    faults.hear_until(hear, said, moments.uniform(0.0, faults.LONGEST))
    for server in servers:
        server.kill()
    if not at_once and not faults.hear_until(hear, said, PATIENCE):
        trial.faults.append(f"seed {seed}: after {PATIENCE:.0f} s the process had not said that its server is gone")
    for server in servers:
        server.start()
    if at_once:
        faults.hear_until(hear, said, moments.uniform(0.0, faults.LONGEST))
    process.kill()
    process.join()
    faults.hear_until(hear, said, None)
    trial.counts["kills"] += 1
    trial.counts["started again at once"] += at_once
    for kind, *rest in said:
        if kind == "failed" and not rest[0].startswith("LibraryBroken: "):
            trial.faults.append(f"seed {seed}: the process said {rest[0]!r}")
    trial.look(seed, said, [])


def run(folder: Path, kills: int, seed: int = 1) -> dict[str, Any]:
    """So many kills of Chroma's server, PostgreSQL's and both by turns: figures and faults by what was killed."""
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        stack.enter_context(faults.drawing())
        chroma = stack.enter_context(chroma_process(folder))
        postgresql = stack.enter_context(postgresql_process())
        given = replace(Settings(), chroma_url=chroma.url, catalog_url=postgresql.url)
        trial = faults.fresh(folder, given, folder)
        every = [("Chroma server", [chroma]), ("PostgreSQL", [postgresql]), ("both", [chroma, postgresql])]
        for n in range(kills):
            name, servers = every[n % len(every)]
            trial.counts, trial.faults = found.setdefault(name, (Counter(), []))
            outage(trial, seed + n, servers, at_once=n // len(every) % 2 == 0)
            if n % 10 == 9:
                print(f"{n + 1} of {kills}, {sum(len(f) for _, f in found.values())} faults", flush=True)
    return {name: dict(counts) | {"faults": faults} for name, (counts, faults) in found.items()}


def main() -> None:
    """Run the trials and print what they found; ends with 1 where anything was lost, doubled or half."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="footnote-outages-") as folder:
        found = run(Path(folder), given.kills, given.seed)
    found["seconds"] = round(time.perf_counter() - began)
    print(json.dumps(found, indent=1))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    sys.exit(any(part["faults"] for part in found.values() if isinstance(part, dict)))


if __name__ == "__main__":
    main()
