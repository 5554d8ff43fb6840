"""A crowd answers as one assistant does, whoever asks at once, and passes on what is wrong with a question."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.crowd import Crowd, Rush
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


def test_a_rush_opens_processes_once_several_ask_and_answers_the_same(bundled_home: Path) -> None:
    own = Assistant.open(str(bundled_home))
    alone = {q: own.ask(q) for q in QUESTIONS}
    rush = Rush(own, processes=2)
    assert [rush.ask(q) for q in QUESTIONS] == [alone[q] for q in QUESTIONS]
    assert rush._opening is None  # one asker needs none
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(rush.ask, QUESTIONS * 8)) == [alone[q] for q in QUESTIONS * 8]
        assert rush._opening is not None
        rush._opening.join(60)
        assert rush._crowd is not None
        assert list(pool.map(rush.ask, QUESTIONS * 8)) == [alone[q] for q in QUESTIONS * 8]
        for process in list(rush._crowd._pool._processes.values()):  # as one that the system ends for its memory
            process.kill()
        assert list(pool.map(rush.ask, QUESTIONS * 8)) == [alone[q] for q in QUESTIONS * 8]
    assert rush._crowd is None
    rush.close()
