"""The evaluation sets, with a floor a little below today's score: quality may rise and not fall."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from assistant import Answer, Assistant

ROOT = Path(__file__).parents[1]
SETS = ROOT / "tests" / "evaluation"
FLOORS = {  # percent
    "figures": 96.0, "policies": 84.0, "conversations": 95.0, "refusals": 90.0, "figures_a": 97.0, "conversations_a": 96.0,
    "refusals_a": 95.0, "languages_a": 94.0, "answerable_a": 92.0, "set_i/figures": 97.0, "set_j/conversations": 94.0,
    "set_k/refusals": 95.0,
}  # fmt: skip


def load_evaluate() -> ModuleType:
    """benchmarks/evaluate.py, which is a program and in no package."""
    spec = importlib.util.spec_from_file_location("evaluate", ROOT / "benchmarks" / "evaluate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["evaluate"] = module
    spec.loader.exec_module(module)
    return module


evaluate = load_evaluate()


@pytest.mark.parametrize("name", FLOORS)
def test_a_set_scores_at_least_its_floor(name: str, assistant: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    found = evaluate.score(assistant, SETS / f"{name}.jsonl")
    right, total, lines = found.right, found.total, found.lines
    percent = 100 * right / total
    with capsys.disabled():
        print(f"\n{name}: {right} of {total} ({percent:.1f} %, floor {FLOORS[name]:.0f} %)")
    assert percent >= FLOORS[name], "\n".join(lines)


def test_the_sets_hold_at_least_80_questions_with_ids_of_their_own() -> None:
    rows = [json.loads(line) for name in FLOORS for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) >= 80
    assert len({r["id"] for r in rows}) == len(rows)
    assert all(r["question"].strip() and r["expect"] for r in rows)
    known = {"status", "reason", "figures", "derived", "says", "not_says", "first"}
    assert {k for r in rows for k in r["expect"]} <= known


@pytest.fixture(scope="module")
def korea(assistant: Assistant) -> Answer:
    return assistant.ask("What was South Korea's net AI talent flow in 2023?")


RIGHT = {"place": "KOR", "year": 2023, "value": "-0.30"}


@pytest.mark.parametrize(
    "expect",
    [
        {"status": "answered"},
        {"status": ["partial", "answered"], "figures": [RIGHT]},
        {"says": ["linkedin members", ["no such words", "OECD.AI"]], "not_says": ["0.54"], "first": "South Korea"},
    ],
)
def test_a_right_answer_has_no_faults(korea: Answer, expect: dict[str, object]) -> None:
    assert evaluate.faults(korea, expect) == []


@pytest.mark.parametrize(
    "expect",
    [
        {"status": "not_found"},
        {"reason": "off_topic"},
        {"figures": [RIGHT | {"value": "-0.3"}]},
        {"figures": [RIGHT | {"year": 2022}]},
        {"figures": [RIGHT | {"measure": "wb_linkedin_ai_skill_migration"}]},
        {"derived": ["0.84"]},
        {"says": ["no such words"]},
        {"not_says": ["OECD.AI"]},
        {"first": "Japan"},
    ],
)
def test_each_kind_of_expectation_can_fail(korea: Answer, expect: dict[str, object]) -> None:
    assert len(evaluate.faults(korea, expect)) == 1
