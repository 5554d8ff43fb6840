"""Proof of what a model writes: comparisons, changes and rankings, true and false, each with all the evidence at hand."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.ledger import Ledger
from assistant.proof import Prover, Written, kind
from assistant.types import DraftStatement

GAINED = "Which countries gained most AI talent in 2023?"
CASES = [
    ("Compare South Korea and Japan in 2023", "Japan was ahead of South Korea by 0.84 in 2023.", True),
    ("Compare South Korea and Japan in 2023", "In 2023 South Korea was ahead of Japan by 0.84.", False),
    (
        "Compare South Korea and Japan in 2023",
        "In 2023 Japan gained 0.54 while South Korea lost 0.30 per 10,000 LinkedIn members (OECD.AI), a difference of 0.84 (0.54 - (-0.30) = 0.84).",
        True,
    ),
    (
        "Compare South Korea and Japan in 2023",
        "In 2023 South Korea gained 0.54 while Japan lost 0.30 per 10,000 LinkedIn members (OECD.AI).",
        False,
    ),
    ("Compare South Korea and Japan in 2023", "Japan was behind South Korea by 0.84 in 2023.", False),
    ("Compare South Korea and Japan in 2023", "South Korea's net flow was higher than Japan's in 2023.", False),
    ("Compare South Korea and Japan in 2023", "Japan's net flow was 0.84 per 10,000 LinkedIn members in 2023.", False),
    ("Compare South Korea and Japan in 2023", "South Korea's net flow was 0.84 lower than Japan's in 2022.", False),
    ("Compare South Korea and Japan in 2023", "South Korea's net flow was 0.84 higher than Japan's in 2023.", False),
    (
        "How did Korea's net flow change from 2019 to 2023?",
        "South Korea's net AI talent flow rose from -0.49 in 2019 to -0.30 in 2023, per 10,000 LinkedIn members (OECD.AI).",
        True,
    ),
    (
        "How did Korea's net flow change from 2019 to 2023?",
        "South Korea's net AI talent flow fell from -0.49 in 2019 to -0.30 in 2023, per 10,000 LinkedIn members (OECD.AI).",
        False,
    ),
    (
        "How did Korea's net flow change from 2019 to 2023?",
        "South Korea's net AI talent flow rose from -0.30 in 2019 to -0.49 in 2023, per 10,000 LinkedIn members (OECD.AI).",
        False,
    ),
    (
        "How did Korea's net flow change from 2019 to 2023?",
        "South Korea's net AI talent flow rose by 0.19 from 2019 to 2023.",
        True,
    ),
    (
        "How did Korea's net flow change from 2019 to 2023?",
        "South Korea's net AI talent flow fell by 0.19 from 2019 to 2023.",
        False,
    ),
    (
        "How did Korea's net flow change from 2019 to 2023?",
        "South Korea's net AI talent flow rose by 0.19 from 2020 to 2023.",
        False,
    ),
    ("How did Korea's net flow change from 2019 to 2023?", "South Korea had a net outflow in 2021 (OECD.AI).", False),
    ("How did Korea's net flow change from 2019 to 2023?", "South Korea had a net inflow in 2021 (OECD.AI).", True),
    (
        GAINED,
        "In 2023 Luxembourg gained most: +3.67 AI-skilled people per 10,000 LinkedIn members (AI Index 2024).",
        True,
    ),
    (
        GAINED,
        "In 2023 Switzerland gained most: +1.60 AI-skilled people per 10,000 LinkedIn members (AI Index 2024).",
        False,
    ),
    (
        GAINED,
        "In 2023 Luxembourg lost most: +3.67 AI-skilled people per 10,000 LinkedIn members (AI Index 2024).",
        False,
    ),
    (GAINED, "In 2023 Switzerland ranked first, at +1.60 per 10,000 LinkedIn members (AI Index 2024).", False),
    (GAINED, "Switzerland's record net flow was +1.60 per 10,000 LinkedIn members in 2023 (AI Index 2024).", False),
]


@pytest.mark.parametrize(("question", "text", "holds"), CASES)
def test_a_sentence_passes_where_its_evidence_bears_it_out_and_only_there(
    assistant: Assistant, question: str, text: str, holds: bool
) -> None:
    ledger = Ledger()
    ledger.add(assistant.gather(assistant.read(question)))
    prover = Prover(ledger.held, assistant.checker, assistant.library.catalog.text, lambda _: [], [])
    result = prover.prove(Written(text, tuple(ledger.held)))
    assert isinstance(result, DraftStatement) == holds, result


def test_the_kind_of_a_fault_repeats_no_word_of_the_model() -> None:
    assert kind("the words 'nobody will return' stand in no passage that it cites") == "words that no source has"
    assert kind("the evidence F99 was not given in this answer") == "evidence that was not given"
    assert kind("the word 'collapsed' stands in none of its evidence") == "more than its evidence says"


@pytest.mark.parametrize(
    ("working", "passes"),
    [
        ("a difference of 0.84 between Japan and South Korea (0.54 - (-0.30) = 0.84)", True),
        ("a difference of 0.84 (0.54 - (-0.30) = 0.84)", True),
        ("a difference of 0.84 between Japan and Germany (0.54 - (-0.30) = 0.84)", False),
        ("a difference of 0.94 between Japan and South Korea (0.54 - (-0.30) = 0.84)", False),
        ("a difference of 0.84 (0.54 - (-0.30) = 0.94)", False),
        ("a fall of 0.84 (0.54 - (-0.30) = 0.84)", False),
    ],
)
def test_a_working_is_told_with_its_own_result_and_places(assistant: Assistant, working: str, passes: bool) -> None:
    question = assistant.read("Compare South Korea and Japan in 2023")
    evidence = assistant.gather(question)
    held = {f"E{n}": x for n, x in enumerate((*evidence.cells, *evidence.derived))}
    prover = Prover(held, assistant.checker, assistant.library.catalog.text, lambda _id: (), ())
    text = f"In 2023 net AI talent flow was +0.54 in Japan and -0.30 in South Korea, {working}."
    assert isinstance(prover.prove(Written(text, tuple(held))), DraftStatement) is passes
