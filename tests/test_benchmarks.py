"""The benchmark runs: its sides answer, and its table says what they told. What it finds is not tested."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks import bench, sides, synthetic
from benchmarks.page import goals_of, page


def test_a_side_grows_searches_and_tells_its_memory(tmp_path: Path) -> None:
    with bench.side("growth", tmp_path / "growth") as one:
        grown = one.do("grow", passages=100)
        assert (grown["documents"], grown["sentences"] > 300) == (1, True)
        assert one.do("add_one")["seconds"] > 0
        for share in (1.0, 0.5):
            assert len(one.do("queries", share=share, count=3)["seconds"]) == 3
        told = one.do("memory")
        assert 30 < told["rss"] <= told["peak"]


def test_synthetic_text_repeats_its_words_as_language_does() -> None:
    words = synthetic.Writer(1).document(300).lower().replace(".", "").split()
    most = [n for _, n in Counter(words).most_common()]
    assert most[0] > 20 * most[len(most) // 2]
    assert len(most) > 3000


def test_chunks_are_of_a_thousand_characters_and_overlap() -> None:
    chunks = sides._split("word " * 1000)
    assert all(len(c) <= 1000 for c in chunks)
    assert chunks[0][-150:] == chunks[1][:150][-150:] or chunks[1].startswith("word")
    assert sides._split("") == []


def test_quality_counts_places(tmp_path: Path) -> None:
    assert bench.quality([1, 2, 0, 6]) == {"hit@1": 25.0, "hit@5": 50.0, "mrr@10": 100 * (1 + 1 / 2 + 1 / 6) / 4}
    path = tmp_path / "set.json"
    rows = [{"q": "Why?", "para": 0, "answerable": True}, {"q": "No?", "para": 0, "answerable": False}]
    path.write_text(json.dumps({"paragraphs": [{"title": "A", "text": "B."}], "questions": rows}))
    assert bench.given_texts(path, 9) == ([["p00000", "A", "B."]], [("Why?", "p00000")])
    assert bench.at([0.003, 0.001, 0.002], 0.5) == 2.0


def measured(**changed: float) -> dict[str, Any]:
    """A run in which every goal is just kept, but for what is changed."""
    m = {
        "cold": 0.5,
        "tutorial": 6.0,
        "search": 5.0,
        "gflops": 65.0,
        "memory": 250.0,
        "busy": 39.0,
        "wrong": 0.0,
    } | changed
    spread = {"median_ms": 5.0, "p95_ms": 9.0}
    side = {"ingest_s_per_1000_words": 1.0, "memory_peak_mb": 300, "disk_mb": 9.0} | spread
    start = {"median_s": m["cold"], "cpu_s": m["cold"], "memory_mb": 100}
    asker = spread | {"per_second": 60.0, "wrong": []}
    grown = dict.fromkeys(("all", "filter_2", "filter_50", "filter_date", "answer"), spread)
    known = dict.fromkeys(("index", "exact"), {"hit@1": 90.0, "hit@5": 99.0, "mrr@10": 95.0})
    return {
        "machine": "a processor, without bf16", "cores": 2, "load_before": [1.0], "load_after": [1.0],
        "side_by_side": {
            "texts": 9, "words": 900, "questions": 9,
            "ours": side | {"median_ms": m["search"], "answer": spread, "embedding_gflops": m["gflops"],
                            "matmul_peak_gflops": {"f32": 100.0, "bf16": 1.0}},
            "tutorial": side | {"median_ms": 10.0, "beside": spread, "ingest_s_per_1000_words": 2.5},
        },
        "cold": {"ours_figure": start, "ours_passage": start, "tutorial": start | {"median_s": m["tutorial"]}},
        "answers": {
            "figure_two_busy_neighbours": spread | {"p95_ms": m["busy"]}, "memory_peak_mb": m["memory"],
            "memory_after_64_askers_mb": 300,
            "askers": {"1": asker, "64": asker},
            "crowd": {"64": asker | {"per_second": 120.0, "wrong": ["a"] * int(m["wrong"])}},
        },
        "growth": {"1000": grown | {"sentences": 4000, "add_one_s": 0.5, "memory_mb": 99, "disk": 9e6, "known": known}},
    }  # fmt: skip


def test_the_page_says_which_goals_are_kept() -> None:
    goals = list(goals_of(measured()))
    assert len(goals) == 14 and [g for g in goals if not g[3]] == []
    assert page(measured()).count("| yes |") == 14


@pytest.mark.parametrize(
    ("changed", "goal"),
    [
        ({"cold": 0.9, "tutorial": 20.0}, "the same"), ({"tutorial": 5.9}, "cold `footnote ask`"),
        ({"search": 5.1}, "median retrieval"), ({"memory": 251.0}, "peak memory answering"), ({"wrong": 1.0}, "64 askers:"),
        ({"busy": 40.0}, "95th percentile, two busy"), ({"gflops": 64.0}, "embedding, of the matrix product's peak in f32"),
    ],
)  # fmt: skip
def test_a_goal_that_is_missed_is_said_to_be(changed: dict[str, float], goal: str) -> None:
    (missed,) = (g for g in goals_of(measured(**changed)) if not g[3])
    assert missed[0].startswith(goal)
    assert f"| {missed[0]} | {missed[1]} | {missed[2]} | **no** |" in page(measured(**changed))
