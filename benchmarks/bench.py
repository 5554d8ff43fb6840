"""Footnote beside the tutorial pipeline, in one run on one machine: `python benchmarks/bench.py [options]`.

The tutorial is what a user would build instead: LangChain's recursive splitter at 1000/200 characters, Chroma's
similarity search, the same MiniLM weights through sentence-transformers. Each side is a process of its own and
the two are asked in turn, so that whatever else the machine does falls on both. A page of Markdown goes to standard
output, everything that was measured to --json.
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

from benchmarks.page import page  # noqa: E402 - found by the line above

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


def side_by_side(
    folder: Path, texts: list[list[str]], asked: list[tuple[str, str]], answered: list[tuple[str, str]]
) -> dict[str, Any]:
    """Ingest, search, memory, disk and, where the right documents are known, quality: both sides in turn.

    `asked` are searched by both; `answered`, which are other questions, are answered whole by Footnote and searched by
    the tutorial.
    """
    found: dict[str, dict[str, Any]] = {"ours": {}, "tutorial": {}}
    words = sum(len(text.split()) for _, _, text in texts)
    first = " ".join(f"A first text of {n} lines loads the model." for n in range(30))
    with ExitStack() as stack:
        sides = {name: stack.enter_context(side(name, folder / name)) for name in found}
        for one in sides.values():  # models loaded, graphs compiled
            one.do("ingest", texts=[["warm-up", "Warm", first]])
            one.do("search", question="warm", limit=1)
        took = dict.fromkeys(found, 0.0)
        for n in range(4):
            for name, one in sides.items():
                done = one.do("ingest", texts=texts[n::4])
                took[name] += done["seconds"]
                found[name]["disk_mb"] = done["disk"] / 1e6
        times: dict[str, list[float]] = {name: [] for name in [*found, "answer", "beside"]}
        ranks: dict[str, list[int]] = {name: [] for name in found}
        for question, right in asked:
            for name, one in sides.items():
                done = one.do("search", question=question, limit=10)
                times[name].append(done["seconds"])
                ranks[name].append(done["found"].index(right) + 1 if right in done["found"] else 0)
        for question, _ in answered:
            times["answer"].append(sides["ours"].do("answer", question=question)["seconds"])
            times["beside"].append(sides["tutorial"].do("search", question=question, limit=10)["seconds"])
        found["ours"]["answer"], found["tutorial"]["beside"] = spread(times["answer"]), spread(times["beside"])
        for name, one in sides.items():
            found[name] |= {"ingest_s_per_1000_words": 1000 * took[name] / words} | spread(times[name])
            found[name] |= {f"memory_{k}_mb": v for k, v in one.do("memory").items()}
            if asked and asked[0][1]:
                found[name] |= quality(ranks[name])
        speed = [sides["ours"].do("embed", texts=[text for _, _, text in texts][:200])["gflops"] for _ in range(3)]
        found["ours"]["embedding_gflops"] = max(speed)
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
        told["crowd"] = {}
        for count in (1, 16, 64):
            done = one.do("askers", questions=list(QUESTIONS), count=count, each=max(4, 128 // count), crowd=True)
            told["crowd"][count] = spread(done["seconds"]) | {k: done[k] for k in ("per_second", "wrong")}
        told["memory_after_64_askers_mb"] = one.do("memory")["peak"]
    return told


def growth(folder: Path, sizes: Sequence[int], count: int) -> dict[str, Any]:
    """Searches, filtered and not, answers and known items among ever more passages; and one more document.

    A library that an earlier run has left in the folder is not made again.
    """
    found = {}
    parts: dict[str, dict[str, Any]] = {
        "all": {}, "filter_2": {"share": 0.02}, "filter_50": {"share": 0.5}, "filter_date": {"since": "2019"},
    }  # fmt: skip
    for size in sizes:
        about = folder / f"growth-{size}" / "grown.json"
        if not about.exists():
            with side("growth", about.parent) as one:
                grown = one.do("grow", passages=size)
                about.write_text(json.dumps(grown | {"add_one_s": one.do("add_one")["seconds"]}), "utf-8")
        found[size] = json.loads(about.read_text("utf-8"))
        with side("growth", folder / f"growth-{size}") as one:  # as a fresh process finds it
            one.do("queries", count=40)  # meanwhile the model's engine opens, which takes half a second once
            for name, part in parts.items():
                found[size][name] = spread(one.do("queries", count=count, **part)["seconds"])
            one.do("answer", question="Which rules apply to visas?")  # word lists and dictionaries are read once
            asked = [f"Which rules of {n} apply to visas for researchers?" for n in range(1900, 1900 + count)]
            found[size]["answer"] = spread([one.do("answer", question=q)["seconds"] for q in asked])
            found[size]["memory_mb"] = one.do("memory")["peak"]
            ranks = one.do("known_items", count=count)
            found[size]["known"] = {how: quality(places) for how, places in ranks.items()}
    return found


def identical(folder: Path, questions: Sequence[str]) -> dict[str, Any]:
    """What the fast engines and sentence-transformers say differently, each over a library that it embedded itself."""
    differ: dict[str, list[str]] = {"first": [], "passages": [], "answer": []}
    with side("bundled", folder / "bundled") as fast, side("reference", folder / "reference") as slow:
        for question in questions:
            a, b = (one.do("search", question=question, limit=8)["passages"] for one in (fast, slow))
            said = [one.do("answer", question=question)["text"] for one in (fast, slow)]
            for name, other in (("first", a[:1] != b[:1]), ("passages", a != b), ("answer", said[0] != said[1])):
                differ[name] += [question] * other
    return {"questions": len(questions)} | differ


def evaluation_questions(sets: Sequence[str]) -> list[str]:
    """The questions of some sets of tests/evaluation, each once."""
    found: list[str] = []
    for name in sets:
        lines = (ROOT / "tests" / "evaluation" / f"{name}.jsonl").read_text("utf-8").splitlines()
        found += [row["question"] for line in lines if "question" in (row := json.loads(line))]
    return list(dict.fromkeys(found))


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


def processor() -> str:
    """The name of the processor, and whether it computes in bf16."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    about = dict(line.replace("\t", "").split(":", 1) for line in lines if ":" in line)
    name = about.get("model name", platform.processor() or platform.machine()).strip()
    return f"{name}, {'with' if 'bf16' in about.get('flags', '') else 'without'} bf16"


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything that was asked for, under the names of the parts."""
    told: dict[str, Any] = {
        "machine": f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "load_before": os.getloadavg(),
    }

    def say(what: str) -> None:
        if options.json:  # what was measured so far outlives a failure
            options.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        print(f"{time.strftime('%H:%M:%S')} {what} ...", file=sys.stderr, flush=True)

    texts, asked = given_texts(options.set, 2 * options.questions)
    texts = texts[: options.texts]
    held = {id for id, _, _ in texts}
    asked = [(q, right) for q, right in asked if not right or right in held]
    say("side by side")
    told["side_by_side"] = side_by_side(folder, texts, asked[::2], asked[1::2])
    say("cold starts")
    home = folder / "bundled" / "home"
    with side("bundled", home.parent):
        pass  # made here, so that no memory of its making is counted
    told["cold"] = cold(folder, home, options.rounds)
    say("answers and askers")
    told["answers"] = answers(home, options.rounds)
    say("fast engines against the reference")
    if options.same:
        told["identical"] = identical(folder, evaluation_questions(options.same))
    if options.set:
        say("quality on the set")
        command = [sys.executable, str(ROOT / "benchmarks" / "retrieval.py"), str(options.set), "--json"]
        done = subprocess.run(command, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, check=True)
        told["quality"] = json.loads(done.stdout)
    say("growth")
    told["growth"] = growth(options.grown or folder, options.sizes, options.queries)
    return told | {"load_after": os.getloadavg()}


def main(arguments: Sequence[str]) -> int:
    """Measure, print the page of docs/benchmarks.md, and write it and everything measured where that is asked."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--set", type=Path, help="questions with their right texts; without it, quality is not measured")
    read.add_argument("--questions", type=int, default=200, help="questions of the set that are asked")
    read.add_argument("--texts", type=int, help="only so many texts of the set")
    read.add_argument("--rounds", type=int, default=5, help="cold starts, and rounds of answers")
    read.add_argument("--queries", type=int, default=100, help="searches at each size")
    read.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000], help="passages to grow to")
    read.add_argument("--grown", type=Path, help="where grown libraries stay for the next run: 100,000 take long")
    read.add_argument("--full", action="store_const", const=[1000, 10_000, 100_000], dest="sizes", help="to 100,000")
    read.add_argument(
        "--same", nargs="*", default=["policies", "policies_r", "answerable_a", "refusals"],
        help="sets of tests/evaluation that the fast engines and the reference both answer",
    )  # fmt: skip
    read.add_argument("--json", type=Path, help="where to write all figures")
    read.add_argument("--write", action="store_true", help="write docs/benchmarks.md and docs/benchmarks.json")
    options = read.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        told = run(options, Path(folder))
    text = page(json.loads(json.dumps(told)))  # as it is read again from JSON
    print(text)
    files = {options.json: json.dumps(told, indent=1) + "\n"} if options.json else {}
    if options.write:
        docs = ROOT / "docs"
        files |= {docs / "benchmarks.json": json.dumps(told, indent=1) + "\n", docs / "benchmarks.md": text}
    for path, body in files.items():
        path.write_text(body, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
