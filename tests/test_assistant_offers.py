"""What a place offers by name is listed with a citation each; what no document states is refused."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.picking import holds


def leads(assistant: Assistant, question: str) -> list[str]:
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert all(s.markers for s in answer.statements)
    return [s.text for s in answer.statements if not s.text.startswith("\u201c")]


@pytest.mark.parametrize(
    "question",
    [
        "Which visas does Japan offer?",
        "Which visas does Japan offer for skilled people?",
        "What visas does Japan offer for AI talent?",
    ],
)
def test_the_visas_of_a_place_are_listed_by_name(assistant: Assistant, question: str) -> None:
    said = leads(assistant, question)
    assert {"J-Skip.", "J-Find.", "Highly Skilled Professional visa."} <= set(said)
    assert not {"HSP visa.", "Australia."} & set(said)


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("Germany", {"Opportunity Card.", "EU Blue Card."}),
        ("Singapore", {"Tech.Pass.", "ONE Pass."}),
        ("China", {"K visa."}),
    ],
)
def test_the_visas_of_every_place_are_found(assistant: Assistant, place: str, names: set[str]) -> None:
    said = leads(assistant, f"Which visas does {place} offer to AI talent?")
    assert names <= set(said)
    assert not any("Board" in s for s in said)


def test_visas_of_other_places_do_not_answer(assistant: Assistant) -> None:
    assert assistant.ask("Which visas does Estonia offer to AI talent?").status == "not_found"


def test_a_list_names_no_offices_and_no_other_places(assistant: Assistant) -> None:
    said = leads(assistant, "Which visas does South Korea offer for AI talent?")
    assert "Top-Tier visa." in said
    assert not any("Institute" in s for s in said)


@pytest.mark.parametrize(
    "question",
    [
        "How many weeks does a COMPASS application take?",
        "How many weeks does the EU Blue Card take?",
        "What is the fee for J-Skip?",
        "What does the Top-Tier visa cost?",
        "What is the refusal rate for the H-1B visa?",
        "What is the divorce rate in Japan?",
        "Is a degree needed for the ONE Pass?",
        "Does the ONE Pass require a degree?",
    ],
)
def test_what_no_document_states_is_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).status == "not_found"


@pytest.mark.parametrize(
    ("question", "holding"),
    [
        ("How long does J-Find last?", "up to two years"),
        ("Is a degree needed for the EU Blue Card?", "degree"),
        ("How many years does the ONE Pass run?", "five years"),
    ],
)
def test_what_a_document_states_is_still_answered(assistant: Assistant, question: str, holding: str) -> None:
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert holding in answer.text


def test_who_needs_no_offer_is_not_listed_as_who_requires_one(assistant: Assistant) -> None:
    assert leads(assistant, "Which countries require a job offer for their visa?") == []


def test_a_name_in_capitals_is_not_held_by_a_common_word() -> None:
    assert holds("ONE Pass", "Singapore's ONE Pass runs for five years.")
    assert not holds("ONE Pass", "A Tech.Pass lasts two years plus one renewal.")
    assert holds("COMPASS", "The compass test")
