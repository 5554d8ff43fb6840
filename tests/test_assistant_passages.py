"""A draft against passages: policies are borne out or contradicted by sentences of the library."""

from __future__ import annotations

import pytest

from assistant.chain import Assistant
from assistant.check import Checker
from assistant.passages import Passages, facts
from assistant.report import checked
from assistant.retrieve import Retriever
from corpus.library import Library


@pytest.fixture(scope="module")
def library(assistant: Assistant) -> Library:
    return assistant.library


def outcomes(library: Library, text: str) -> list[tuple[str, str, str | None]]:
    found = checked(Checker(library.figures), text, Passages(Retriever(library)))
    return [(c.text, c.verdict, c.fault) for c in found]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("J-Skip started in April 2023.", [("April 2023", "supported", None)]),
        ("J-Skip started in April 2021.", [("April 2021", "contradicted", "year")]),
        ("Japan's Highly Skilled Professional visa needs 70 points.", [("70 points", "supported", None)]),
        ("J-Skip holders may apply for permanent residence after one year.", [("one year", "supported", None)]),
        # The sentence that says so of another programme bears nothing out.
        (
            "J-Skip holders may apply for permanent residence after three years.",
            [("three years", "not_in_corpus", None)],
        ),
        ("Call +82 2 1234 5678 before 5 June 2024.", []),
        ("The Olympic Games in Paris in 2024 cost EUR 9 billion.", []),
    ],
)
def test_a_sentence_on_policy_is_held_against_the_passages(
    library: Library, text: str, told: list[tuple[str, str, str | None]]
) -> None:
    assert outcomes(library, text) == told


def test_a_passage_is_cited_for_what_it_bears_out(library: Library) -> None:
    (claim,) = checked(Checker(library.figures), "J-Skip started in April 2021.", Passages(Retriever(library)))
    assert claim.right is not None and "21 April 2023" in claim.right
    assert claim.citations[0].marker == 1


def test_a_date_that_is_less_exact_agrees_with_one_that_is_more() -> None:
    month, day, other = facts("in April 2023")[0], facts("on 21 April 2023")[0], facts("on 21 May 2023")[0]
    assert month.agrees(day) and not day.agrees(month)
    assert month.differs(other) and not month.differs(day)
