"""Footnote beside the tutorial pipeline, in one run on one machine: `python benchmarks/bench.py [options]`.

The tutorial is what a user would build instead: LangChain's recursive splitter at 1000/200 characters, Chroma's
similarity search, the same MiniLM weights through sentence-transformers. Each side is a process of its own and
the two are asked in turn, so that whatever else the machine does falls on both. A table goes to standard output,
everything that was measured to --json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, from a checkout
QUESTIONS = (
    "What was South Korea's net flow of AI talent in 2023?", "Compare South Korea and Japan in 2023",
    "Which country had the highest inflow in 2023?", "How did Germany's net flow change from 2019 to 2023?",
    "What was Japan's net AI talent flow in 2022?", "Is India gaining or losing AI talent?",
    "What is J-Find?", "Who can apply for the Top-Tier visa?", "Why does Korea lose AI talent?",
    "What does the EU Blue Card require?", "When did J-Skip begin?", "How much must a J-Find applicant have saved?",
)  # fmt: skip
FIGURES = 6  # so many of them are about figures


class Side:
    """One side, in its process."""

    def __init__(self, name: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.sides", name, str(folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT
        )

    def do(self, what: str, **given: Any) -> dict[str, Any]:
        """Have something done; the side's report of it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": what} | given) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the side that was to {what} has ended; its error stands above")
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=120)


def environment() -> dict[str, str]:
    """What each side runs with: this checkout, quietly, and one thread of BLAS a question, as `footnote` sets it."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    quiet = {
        "TOKENIZERS_PARALLELISM": "true",
        "HF_HUB_OFFLINE": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return os.environ | quiet | {"PYTHONPATH": path}


@contextmanager
def side(name: str, folder: Path) -> Iterator[Side]:
    """A side, until the end of the block."""
    made = Side(name, folder)
    try:
        yield made
    finally:
        made.close()


def at(seconds: Sequence[float], share: float) -> float:
    """The quantile of some times, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    return {"median_ms": at(seconds, 0.5), "p95_ms": at(seconds, 0.95)}


# -- what is measured ------------------------------------------------------------------------------


def side_by_side(folder: Path, texts: list[list[str]], asked: list[tuple[str, str]]) -> dict[str, Any]:
    """Ingest, search, memory, disk and, where the right documents are known, quality: both sides in turn."""
    found: dict[str, dict[str, Any]] = {"ours": {}, "tutorial": {}}
    words = sum(len(text.split()) for _, _, text in texts)
    with ExitStack() as stack:
        sides = {name: stack.enter_context(side(name, folder / name)) for name in found}
        for name, one in sides.items():  # models loaded, graphs compiled
            one.do("ingest", texts=[["warm-up", "Warm", f"{name} reads a first text to load its model. " * 3] * 1])
            one.do("search", question="warm", limit=1)
        took = dict.fromkeys(found, 0.0)
        for part in (texts[::2], texts[1::2]):
            for name, one in sides.items():
                done = one.do("ingest", texts=part)
                took[name] += done["seconds"]
                found[name]["disk_mb"] = done["disk"] / 1e6
        times: dict[str, list[float]] = {name: [] for name in found}
        ranks: dict[str, list[int]] = {name: [] for name in found}
        for question, right in asked:
            for name, one in sides.items():
                done = one.do("search", question=question, limit=10)
                times[name].append(done["seconds"])
                ranks[name].append(done["found"].index(right) + 1 if right in done["found"] else 0)
        for name, one in sides.items():
            found[name] |= {"ingest_s_per_1000_words": 1000 * took[name] / words} | spread(times[name])
            found[name] |= {f"memory_{k}_mb": v for k, v in one.do("memory").items()}
            if asked and asked[0][1]:
                found[name] |= quality(ranks[name])
        speed = sides["ours"].do("embed", texts=[text for _, _, text in texts][:400])
        found["ours"]["embedding_gflops"] = speed["gflops"]
        found["ours"]["matmul_peak_gflops"] = sides["tutorial"].do("peak")
    return found | {"words": words, "texts": len(texts), "questions": len(asked)}


def quality(ranks: Sequence[int]) -> dict[str, float]:
    """Shares of questions whose text comes first, among the first five, and the mean reciprocal rank to ten."""
    n = len(ranks)
    return {
        "hit@1": 100 * sum(r == 1 for r in ranks) / n,
        "hit@5": 100 * sum(0 < r <= 5 for r in ranks) / n,
        "mrr@10": 100 * sum(1 / r for r in ranks if r) / n,
    }


def cold(folder: Path, home: Path, rounds: int) -> dict[str, Any]:
    """From nothing to a first answer printed: `footnote ask` over the bundled corpus, the tutorial over its texts."""
    ours = [sys.executable, "-m", "ui.cli", "ask", "--home", str(home)]
    tutorial = [sys.executable, "-m", "benchmarks.sides", "tutorial", str(folder / "tutorial")]
    times: dict[str, list[float]] = {"ours_figure": [], "ours_passage": [], "tutorial": []}
    cpu: dict[str, list[float]] = {name: [] for name in times}
    memory = dict.fromkeys(times, 0.0)
    subprocess.run([sys.executable, "-m", "compileall", "-q", *("corpus", "ingest", "assistant", "ui")], cwd=ROOT)
    for n in range(rounds + 1):
        for name, command in (
            ("ours_figure", [*ours, QUESTIONS[0]]), ("ours_passage", [*ours, QUESTIONS[6]]),
            ("tutorial", [*tutorial, QUESTIONS[6]]),
        ):  # fmt: skip
            began = time.perf_counter()
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), cwd=ROOT
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, command
            if n:  # the first round brings the files into memory
                times[name].append(time.perf_counter() - began)
                cpu[name].append(used.ru_utime + used.ru_stime)
                memory[name] = max(memory[name], used.ru_maxrss / 1024)
    return {
        name: {"median_s": at(t, 0.5) / 1000, "least_s": min(t), "cpu_s": at(cpu[name], 0.5) / 1000,
               "memory_mb": memory[name]}
        for name, t in times.items()
    }  # fmt: skip


def answers(home: Path, rounds: int) -> dict[str, Any]:
    """Whole answers over the bundled corpus: alone, beside two busy processes, and from many askers at once."""
    told: dict[str, Any] = {}
    with side("bundled", home.parent) as one:
        for question in QUESTIONS:
            one.do("answer", question=question)
        for what, neighbours in (("quiet", 0), ("two_busy_neighbours", 2)):
            with busy(neighbours):
                kinds = {"figure": QUESTIONS[:FIGURES], "passage": QUESTIONS[FIGURES:]}
                for kind, questions in kinds.items():
                    asked = [q for _ in range(rounds) for q in questions]
                    told[f"{kind}_{what}"] = spread([one.do("answer", question=q)["seconds"] for q in asked])
                fresh = [f"{q} ({n})" for n in range(rounds) for q in QUESTIONS]  # no vector is remembered
                told[f"search_{what}"] = spread([one.do("search", question=q, limit=8)["seconds"] for q in fresh])
        told |= {f"memory_{k}_mb": v for k, v in one.do("memory").items()}
        told["askers"] = {}
        for count in (1, 16, 64):
            done = one.do("askers", questions=list(QUESTIONS), count=count, each=max(2, 64 // count))
            told["askers"][count] = spread(done["seconds"]) | {k: done[k] for k in ("per_second", "wrong")}
        told["memory_after_64_askers_mb"] = one.do("memory")["peak"]
    return told


def growth(folder: Path, sizes: Sequence[int], count: int) -> dict[str, Any]:
    """Searches, filtered and not, among ever more passages; and what one more document costs."""
    found = {}
    for size in sizes:
        with side("growth", folder / f"growth-{size}") as one:
            found[size] = one.do("grow", passages=size)
            found[size]["add_one_s"] = one.do("add_one")["seconds"]
        with side("growth", folder / f"growth-{size}") as one:  # as a fresh process finds it
            for name, share in (("all", 1.0), ("filter_2", 0.02), ("filter_50", 0.5)):
                found[size][name] = spread(one.do("queries", share=share, count=count)["seconds"])
            found[size]["memory_mb"] = one.do("memory")["peak"]
    return found


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that compute without end."""
    processes = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _spin() -> None:
    while True:
        sum(range(10_000))


# -- the run ---------------------------------------------------------------------------------------


def given_texts(path: Path | None, count: int) -> tuple[list[list[str]], list[tuple[str, str]]]:
    """Texts (id, title, text) and questions with the id of the right text, or the bundled documents and none right.

    The set is a JSON object, gzipped or not, of `paragraphs` {title, text} and `questions` {q, para, answerable}.
    """
    if path is None:
        found = sorted((ROOT / "corpus" / "documents").glob("*.md"))
        texts = [[p.stem, p.stem, p.read_text("utf-8").partition("\n---\n")[2]] for p in found]
        return texts, [(q, "") for q in QUESTIONS * max(1, count // len(QUESTIONS))]
    raw = json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    texts = [[f"p{n:05}", p["title"].replace('"', "'"), p["text"]] for n, p in enumerate(raw["paragraphs"])]
    usable = [(q["q"], f"p{q['para']:05}") for q in raw["questions"] if q["answerable"]]
    return texts, random.Random(0).sample(usable, min(count, len(usable)))


def table(told: dict[str, Any]) -> str:
    """What was measured, as Markdown."""
    both, started = told["side_by_side"], told["cold"]
    ours, theirs = both["ours"], both["tutorial"]
    lines = ["| | Footnote | tutorial | ratio |", "|---|---|---|---|"]

    def row(name: str, a: float, b: float, unit: str, digits: int = 1) -> None:
        lines.append(f"| {name} | {a:.{digits}f} {unit} | {b:.{digits}f} {unit} | {b / a:.1f} |")

    row("ingest, per 1,000 words", ours["ingest_s_per_1000_words"], theirs["ingest_s_per_1000_words"], "s", 2)
    row("search, median", ours["median_ms"], theirs["median_ms"], "ms")
    row("search, 95th percentile", ours["p95_ms"], theirs["p95_ms"], "ms")
    for kind in ("figure", "passage"):
        mine = started[f"ours_{kind}"]
        row(f"cold process to first answer ({kind})", mine["median_s"], started["tutorial"]["median_s"], "s", 2)
        row(f"the same, processor time ({kind})", mine["cpu_s"], started["tutorial"]["cpu_s"], "s", 2)
    row("peak memory of a cold answer", started["ours_passage"]["memory_mb"], started["tutorial"]["memory_mb"], "MB", 0)
    row("peak memory of the process that ingests", ours["memory_peak_mb"], theirs["memory_peak_mb"], "MB", 0)
    row("disk", ours["disk_mb"], theirs["disk_mb"], "MB")
    for name in ("hit@1", "hit@5", "mrr@10"):
        if name in ours:
            lines.append(f"| {name} | {ours[name]:.1f} | {theirs[name]:.1f} | |")
    peak = ours["matmul_peak_gflops"]
    lines += ["", f"Embedding: {ours['embedding_gflops']:.0f} GFLOP/s; matrix product at best: "
              f"{peak['bf16']:.0f} in bf16, {peak['f32']:.0f} in f32."]  # fmt: skip
    lines += ["", "| answers, bundled corpus | median | 95th percentile |", "|---|---|---|"]
    warm = told["answers"]
    for name in [n for n in warm if isinstance(warm[n], dict) and "median_ms" in warm[n]]:
        lines.append(f"| {name.replace('_', ' ')} | {warm[name]['median_ms']:.1f} ms | {warm[name]['p95_ms']:.1f} ms |")
    for count, done in warm["askers"].items():
        many = f"{count} askers: {done['per_second']:.0f} answers a second, {len(done['wrong'])} wrong"
        lines.append(f"| {many} | {done['median_ms']:.1f} ms | {done['p95_ms']:.1f} ms |")
    lines.append(f"\nPeak memory while answering: {warm['memory_peak_mb']:.0f} MB, "
                 f"after 64 askers {warm['memory_after_64_askers_mb']:.0f} MB.")  # fmt: skip
    if told["growth"]:
        lines += ["", "| passages (sentences) | all: median, p95 | 2 % | 50 % | one document more | memory | disk |",
                  "|---|---|---|---|---|---|---|"]  # fmt: skip
    for size, done in told["growth"].items():
        cells = [f"{done[n]['median_ms']:.1f}, {done[n]['p95_ms']:.1f} ms" for n in ("all", "filter_2", "filter_50")]
        cells += [f"{done['add_one_s']:.2f} s", f"{done['memory_mb']:.0f} MB", f"{done['disk'] / 1e6:.0f} MB"]
        lines.append(f"| {int(size):,} ({done['sentences']:,}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything that was asked for, under the names of the parts."""
    told: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python "
        + platform.python_version(),
        "load_before": os.getloadavg(),
    }

    def say(what: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {what} ...", file=sys.stderr, flush=True)

    texts, asked = given_texts(options.set, options.questions)
    say("side by side")
    told["side_by_side"] = side_by_side(folder, texts[: options.texts], asked)
    say("cold starts")
    home = folder / "bundled" / "home"
    with side("bundled", home.parent):
        pass  # made here, so that no memory of its making is counted
    told["cold"] = cold(folder, home, options.rounds)
    say("answers and askers")
    told["answers"] = answers(home, options.rounds)
    say("growth")
    told["growth"] = growth(folder, options.sizes, options.queries)
    return told | {"load_after": os.getloadavg()}


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, and write everything where --json says."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--set", type=Path, help="questions with their right texts; without it, quality is not measured")
    read.add_argument("--questions", type=int, default=200, help="questions of the set that are asked")
    read.add_argument("--texts", type=int, help="only so many texts of the set")
    read.add_argument("--rounds", type=int, default=5, help="cold starts, and rounds of answers")
    read.add_argument("--queries", type=int, default=100, help="searches at each size")
    read.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000], help="passages to grow to")
    read.add_argument("--full", action="store_const", const=[1000, 10_000, 100_000], dest="sizes", help="to 100,000")
    read.add_argument("--json", type=Path, help="where to write all figures")
    options = read.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        told = run(options, Path(folder))
    print(told["machine"])
    print(f"load before {told['load_before'][0]:.1f}, after {told['load_after'][0]:.1f}\n")
    print(table(told))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
