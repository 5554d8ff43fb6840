"""The page of docs/benchmarks.md, from what `bench.py` measured: goals with what was reached, then every figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

HEAD = """# What it costs, beside the tutorial pipeline

Written by `make bench BENCH="--set SET.json.gz --full --write"`, which runs Footnote and what a user would build
instead in one run: LangChain's recursive splitter at 1000/200 characters, langchain-chroma's similarity search, the
same MiniLM weights through sentence-transformers. Each side is a process of its own and they are asked in turn, so that
whatever else the machine does falls on both: the ratios count, the times are those of that hour. All figures are in
[benchmarks.json](benchmarks.json). `--set` names questions with their right texts; without it the bundled documents are
the texts and quality is not measured. `--full` grows to 100,000 passages.
"""
TAIL = """
## Notes

- A first question is read by the model in numpy, which starts in a fifth of a second, later ones by the same weights
  compiled for OpenVINO, in f32; documents go through OpenVINO, in bf16
  where the processor has it and in f32 elsewhere. Ingest is therefore about 1.7 times faster again on one with
  bf16, and the share of the matrix product's peak is that of the precision in use.
- The tutorial's vectors are of 1,000 characters each, ours of a sentence each, with a vector for every token: that is
  what the quality comes from, and why the index is larger than the tutorial's.
- In f32 embedding is bound by the processor: both sides multiply the same matrices for as many tokens, at the peak of
  its cores (the share is above 100 % where OpenVINO multiplies faster than torch does the large product that is
  called the peak). 2.5 times as fast needs a processor with bf16 (avx512_bf16 or amx_bf16 among its flags).
- A question is read by one thread: two gain nothing where a neighbour computes, and their last answers come much later.
- Askers are threads. Python runs one thread of its own code at a time, so of one process throughput stays near that of
  one asker whatever the cores; `assistant.crowd.Crowd` answers from a process a core. `footnote ask --batch` uses it
  for long files, and the page from three questions at once where more than two cores are: on two, what Gradio does
  for a question takes as long as the answer, and further processes would only take its time.
- Growth is on synthetic text with natural word statistics, and documents are embedded by a stand-in, since to embed
  100,000 passages tells nothing of indexes; questions go through the real model. A known item is a passage asked for by
  five words of one of its sentences.
"""


def page(told: dict[str, Any]) -> str:
    """The page."""
    parts = [
        HEAD,
        f"{told['machine']}; load before {told['load_before'][0]:.1f}, after {told['load_after'][0]:.1f}.\n"
        "A part that is not below was not measured in this run.\n",
    ]
    goals = [
        f"| {what} | {goal} | {reached} | {'yes' if kept else '**no**'} |"
        for what, goal, reached, kept in goals_of(told)
    ]
    parts += ["## Goals\n", "\n".join(["| what | goal | reached | kept |", "|---|---|---|---|", *goals]) + "\n"]
    parts += ["## Side by side\n", _side_by_side(told), "## Answers over the bundled corpus\n", _answers(told)]
    if "growth" in told:
        parts += ["## Growth\n", _growth(told)]
    if "identical" in told:
        parts += ["## The fast engines against the reference\n", _identical(told)]
    return "\n".join(parts) + TAIL


def goals_of(told: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """What was to be shown: its name, the goal, what was reached, and whether that keeps it."""
    both, cold, warm = told["side_by_side"], told["cold"], told["answers"]
    ours, theirs = both["ours"], both["tutorial"]
    if "quality" in told:
        q = told["quality"]
        other = q["other subjects"]["answered at 95 % kept"]
        for name, reached, least in (
            ("hit@1", q["test"]["hit@1"], 86), ("hit@5", q["test"]["hit@5"], 97.5), ("MRR@10", q["test"]["MRR@10"], 91),
            ("the best sentence holds the answer", q["best sentence"], 80),
        ):  # fmt: skip
            yield f"test part: {name}", f"at least {least}", f"{reached:.1f}", reached >= least
        yield "off-topic answered when 95 % are kept", "at most 1 %", f"{other:.1f} %", other <= 1
    mine = max(cold["ours_figure"]["median_s"], cold["ours_passage"]["median_s"])
    ratio = cold["tutorial"]["median_s"] / mine
    yield "cold `footnote ask`", "12 times as fast", f"{ratio:.1f} times", ratio >= 12
    yield "the same", "under 0.8 s", f"{mine:.2f} s", mine < 0.8
    share = ours["median_ms"] / theirs["median_ms"]
    yield "median retrieval", "at most half", f"{share:.2f}", share <= 0.5
    share = ours["answer"]["median_ms"] / theirs["beside"]["median_ms"]
    yield "whole answer beside the tutorial's bare retrieval", "no slower", f"{share:.2f}", share <= 1
    ratio = theirs["ingest_s_per_1000_words"] / ours["ingest_s_per_1000_words"]
    yield "ingest per 1,000 words", "2.5 times as fast", f"{ratio:.1f} times", ratio >= 2.5
    kind = "f32" if "without bf16" in told["machine"] else "bf16"
    share = 100 * ours["embedding_gflops"] / ours["matmul_peak_gflops"][kind]
    yield f"embedding, of the matrix product's peak in {kind}", "65 %", f"{share:.0f} %", share >= 65
    yield "peak memory answering", "at most 250 MB", f"{warm['memory_peak_mb']:.0f} MB", warm["memory_peak_mb"] <= 250
    slowest = max(v["p95_ms"] for k, v in warm.items() if k.endswith("two_busy_neighbours"))
    yield "95th percentile, two busy neighbours", "under 40 ms", f"{slowest:.1f} ms", slowest < 40
    if "growth" in told:
        size = max(told["growth"], key=int)
        grown, ways = told["growth"][size], ("all", "filter_2", "filter_50", "filter_date")
        middle, last = (max(grown[way][k] for way in ways) for k in ("median_ms", "p95_ms"))
        yield f"{int(size):,} passages, median with and without filters", "under 30 ms", f"{middle:.1f} ms", middle < 30
        yield "the same, 95th percentile", "under 80 ms", f"{last:.1f} ms", last < 80
        first = grown["answer"]["p95_ms"]
        yield "whole answer there, 95th percentile", "first words in 100 ms", f"{first:.1f} ms", first < 100
        exact, graph = grown["known"]["exact"]["hit@1"], grown["known"]["index"]["hit@1"]
        yield "quality there, index beside exact search", "none lost", f"{graph:.1f}, {exact:.1f}", graph >= exact
    if "crowd" in warm:
        many, one = warm["crowd"]["64"], warm["askers"]["1"]
        wrong, times = len(many["wrong"]) + len(warm["askers"]["64"]["wrong"]), many["per_second"] / one["per_second"]
        yield "64 askers: errors and mixed-up answers", "none", str(wrong), wrong == 0
        yield (
            "64 askers of a crowd: throughput of one asker",
            "times the cores",
            f"{times:.1f} times",
            times >= told["cores"],
        )
    if "identical" in told:
        same = told["identical"]
        first = f"{same['questions'] - len(same['first'])} of {same['questions']}"
        yield "first passage as the reference", "all", first, not same["first"]


def _side_by_side(told: dict[str, Any]) -> str:
    both, cold = told["side_by_side"], told["cold"]
    ours, theirs = both["ours"], both["tutorial"]
    lines = [f"{both['texts']:,} texts of {both['words']:,} words, {both['questions']} questions.", ""]
    lines += ["| | Footnote | tutorial | ratio |", "|---|---|---|---|"]

    def row(name: str, a: float, b: float, unit: str, digits: int = 1) -> None:
        lines.append(f"| {name} | {a:,.{digits}f} {unit} | {b:,.{digits}f} {unit} | {b / a:.1f} |")

    for kind in ("figure", "passage"):
        mine = cold[f"ours_{kind}"]
        row(f"cold process to first answer ({kind})", mine["median_s"], cold["tutorial"]["median_s"], "s", 2)
        row(f"the same, processor time ({kind})", mine["cpu_s"], cold["tutorial"]["cpu_s"], "s", 2)
    row("search, median", ours["median_ms"], theirs["median_ms"], "ms")
    row("search, 95th percentile", ours["p95_ms"], theirs["p95_ms"], "ms")
    row("whole answer; bare search, median", ours["answer"]["median_ms"], theirs["beside"]["median_ms"], "ms")
    row("ingest, per 1,000 words", ours["ingest_s_per_1000_words"], theirs["ingest_s_per_1000_words"], "s", 2)
    row("peak memory of a cold answer", cold["ours_passage"]["memory_mb"], cold["tutorial"]["memory_mb"], "MB", 0)
    row("peak memory of the process that ingests", ours["memory_peak_mb"], theirs["memory_peak_mb"], "MB", 0)
    row("disk", ours["disk_mb"], theirs["disk_mb"], "MB")
    for name in ("hit@1", "hit@5", "mrr@10"):
        if name in ours:
            lines.append(f"| {name} of documents | {ours[name]:.1f} | {theirs[name]:.1f} | |")
    peak = ours["matmul_peak_gflops"]
    lines += ["", f"Embedding: {ours['embedding_gflops']:.0f} GFLOP/s; a large matrix product at best: "
              f"{peak['bf16']:.0f} in bf16, {peak['f32']:.0f} in f32.", ""]  # fmt: skip
    return "\n".join(lines)


def _answers(told: dict[str, Any]) -> str:
    warm = told["answers"]
    lines = ["| | median | 95th percentile |", "|---|---|---|"]
    for name, value in warm.items():
        if isinstance(value, dict) and "median_ms" in value:
            lines.append(f"| {name.replace('_', ' ')} | {value['median_ms']:.1f} ms | {value['p95_ms']:.1f} ms |")
    lines += ["", f"Peak memory of this process: {warm['memory_peak_mb']:.0f} MB; after 64 askers "
              f"{warm['memory_after_64_askers_mb']:.0f} MB.", "",
              "| askers at once | of | answers a second | median | 95th percentile | wrong |",
              "|---|---|---|---|---|---|"]  # fmt: skip
    rows = [(name, *row) for name in ("askers", "crowd") for row in warm.get(name, {}).items()]
    for name, count, done in rows:
        spread = f"{done['median_ms']:.1f} ms | {done['p95_ms']:.1f} ms"
        of = "one process" if name == "askers" else "a process a core"
        lines.append(f"| {count} | {of} | {done['per_second']:.0f} | {spread} | {len(done['wrong'])} |")
    return "\n".join([*lines, ""])


def _growth(told: dict[str, Any]) -> str:
    ways = ("all", "filter_2", "filter_50", "filter_date", "answer")
    lines = [
        "| passages (sentences) | search | in 2 % | in 50 % | since a date | whole answer | one more document | memory "
        "| disk | known items hit@1, hit@5; exactly |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for size, done in told["growth"].items():
        cells = [f"{done[n]['median_ms']:.1f}, {done[n]['p95_ms']:.1f} ms" for n in ways]
        cells += [f"{done['add_one_s']:.2f} s", f"{done['memory_mb']:.0f} MB", f"{done['disk'] / 1e6:,.0f} MB"]
        known = "; ".join(f"{k['hit@1']:.1f}, {k['hit@5']:.1f}" for k in done["known"].values())
        lines.append(f"| {int(size):,} ({done['sentences']:,}) | " + " | ".join([*cells, known]) + " |")
    return "\n".join([*lines, "", "Median and 95th percentile of each.", ""])


def _identical(told: dict[str, Any]) -> str:
    same = told["identical"]
    n = same["questions"]
    lines = [
        f"{n} questions of the evaluation sets, each asked of a library embedded and read by the fast engines and of "
        "one embedded and read by sentence-transformers: the first passage is the same for "
        f"{n - len(same['first'])}, all eight in their order for {n - len(same['passages'])}, the whole answer word "
        f"for word for {n - len(same['answer'])}.",
        "",
    ]
    for name, what in (("first", "First passage"), ("answer", "Answer")):
        lines += [f"{what} differs: {q}" for q in same[name]]
    lines += ["All eight passages differ in order: " + "; ".join(same["passages"])] if same["passages"] else []
    return "\n".join(lines) + "\n"
