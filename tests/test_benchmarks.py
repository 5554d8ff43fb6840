"""The benchmark runs: its sides answer, and its table says what they told. What it finds is not tested."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from benchmarks import bench, sides, synthetic


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
