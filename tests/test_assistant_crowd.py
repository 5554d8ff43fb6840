"""A crowd answers as one assistant does, whoever asks at once, and passes on what is wrong with a question."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant import Assistant
from assistant.crowd import Crowd
from corpus.errors import BadInput

QUESTIONS = ("What is J-Find?", "What was Japan's net AI talent flow in 2023?", "How many moons has Saturn?")


@pytest.fixture(scope="module")
def crowd(assistant: Assistant) -> Iterator[Crowd]:
    made = Crowd(assistant.library.settings, processes=2)
    yield made
    made.close()


def test_many_askers_get_each_their_own_answer(crowd: Crowd, assistant: Assistant) -> None:
    alone = {q: assistant.ask(q) for q in QUESTIONS}
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(crowd.ask, QUESTIONS * 12))
    assert said == [alone[q] for q in QUESTIONS * 12]


def test_a_crowd_knows_what_was_asked_before(crowd: Crowd, assistant: Assistant) -> None:
    history = ["What was Japan's net AI talent flow in 2023?"]
    assert crowd.ask("And in 2022?", history) == assistant.ask("And in 2022?", history)


def test_a_question_that_cannot_be_asked_is_refused_as_by_one_assistant(crowd: Crowd) -> None:
    with pytest.raises(BadInput):
        crowd.ask("")
    assert crowd.ask(QUESTIONS[0]).status == "answered"
