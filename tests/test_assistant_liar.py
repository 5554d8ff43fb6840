"""The short form of `make liar`: a model that lies in every kind, over each protocol's chain."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assistant import Assistant

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import liar


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
def test_no_lie_of_a_scripted_model_reaches_an_answer_and_the_truth_does(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OLLAMA_HOST"):
        monkeypatch.setenv(name, "")  # what the run sets is taken back
    result = liar.run(assistant, 44, protocol=protocol)
    assert result["false_through"] == 0 and result["share"] >= 0.98, result
    assert set(result["kinds"]) == set(liar.KINDS) and result["false"] > 60


def test_the_scripts_are_as_many_as_asked_for_and_the_same_for_a_seed(assistant: Assistant) -> None:
    made = list(liar.scripts(assistant, 500))
    assert len(made) == 500 and made == list(liar.scripts(assistant, 500))
