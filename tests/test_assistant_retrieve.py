"""Retrieval finds the brief that a question is about, the same on every run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assistant import Assistant
from assistant.likeness import content_words, late, overlap, stem
from assistant.names import names_in, tokens
from assistant.retrieve import Retriever
from corpus.library import Library

# Written from the titles of the briefs, in words of our own.
QUESTIONS = {
    "How long may a graduate of a top university stay in Japan to look for a job?": "japan-j-find",
    "What salary does Singapore's ONE Pass ask for?": "singapore-one-pass-and-techpass",
    "How does the points score of COMPASS work?": "singapore-compass",
    "Which tax breaks does Luxembourg give to foreign specialists?": "luxembourg-tax-and-flow",
    "Who founded Sakana AI?": "japan-sakana-ai-and-openai",
    "Why do AI professionals leave South Korea?": "korea-why-ai-talent-leaves",
    "How many EU Blue Cards did Germany issue?": "eu-blue-card",
    "What is the wage premium of AI skills in Korea?": "korea-bank-of-korea-ai-professionals",
    "How is OECD.AI's migration measure built from LinkedIn data?": "measure-oecd-ai-linkedin",
    "What does the Taiwan Gold Card offer?": "taiwan-gold-card",
    "What is the fee for H-1B petitions under the proclamation?": "united-states-h-1b-and-o-1",
    "Where do top-tier AI researchers come from, according to MacroPolo?": "macropolo-researcher-shares",
    "Which golden visa does Dubai give to AI experts?": "united-arab-emirates-golden-visa",
    "When did the United Kingdom's High Potential Individual route open?": (
        "united-kingdom-talent-visas japan-j-find compare-graduate-routes"  # each states the day
    ),
    "Why do the numbers of the AI Index 2026 carry the wrong year?": "disagreement-ai-index-2026-labels",
}


@pytest.fixture(scope="module")
def retriever(assistant: Assistant) -> Retriever:
    return Retriever(assistant.library)


@pytest.fixture(scope="module")
def library(assistant: Assistant) -> Library:
    return assistant.library


@pytest.mark.parametrize(("question", "brief"), QUESTIONS.items())
def test_the_right_brief_is_among_the_first_three(retriever: Retriever, question: str, brief: str) -> None:
    assert set(brief.split()) & {h.source.id for h in retriever.search(question, 3)}


def test_the_right_brief_is_mostly_the_first(retriever: Retriever) -> None:
    first = sum(retriever.search(q, 1)[0].source.id in brief.split() for q, brief in QUESTIONS.items())
    assert first >= 14


def test_hits_come_best_first_and_as_many_as_asked_for(retriever: Retriever) -> None:
    hits = retriever.search("What is J-Find?", 20)
    assert len(hits) == 20
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len({h.passage.id for h in hits}) == 20
    assert [h.passage.id for h in retriever.search("What is J-Find?", 5)] == [h.passage.id for h in hits[:5]]


def test_a_score_blends_meaning_and_words_evenly(retriever: Retriever) -> None:
    hits = retriever.search("Which golden visa does Dubai give to AI experts?", 10)
    assert all(0.0 <= h.score <= 1.0 for h in hits)
    assert any(h.words > 0 for h in hits) and any(h.dense > 0.5 for h in hits)
    both = [h for h in hits if h.words > 0 and h.dense > 0.5]
    assert both[0] is hits[0]


def test_a_word_of_meaning_alone_finds_its_passage(retriever: Retriever) -> None:
    hits = retriever.search("salaries too small to keep machine learning engineers in Seoul", 5)
    assert any(h.source.id.startswith("korea") for h in hits)


def test_the_best_sentence_lies_in_its_passage(retriever: Retriever, library: Library) -> None:
    for question in list(QUESTIONS)[:5]:
        for h in retriever.search(question, 6):
            start, end = h.best
            assert h.passage.start <= start < end <= h.passage.end
            assert library.catalog.text(h.source.id)[h.passage.start : h.passage.end] == h.passage.text


def test_sentences_are_slices_of_the_stored_text_with_their_cosine(retriever: Retriever, library: Library) -> None:
    hits = retriever.search("When did J-Find start?", 4)
    found = retriever.sentences("When did J-Find start?", hits)
    assert found
    for c in found:
        assert library.catalog.text(c.hit.source.id)[c.start : c.end] == c.text
        assert -1.0001 <= c.cosine <= 1.0001 and 0.0 <= c.overlap <= 1.0001
    assert "J-Find" in max(found, key=lambda c: c.cosine + c.overlap).text


def test_a_search_can_be_kept_to_some_sources(retriever: Retriever) -> None:
    hits = retriever.search("Taiwan Gold Card", 5, retriever._library.within(sources=["taiwan-gold-card"]))
    assert hits and {h.source.id for h in hits} == {"taiwan-gold-card"}


def test_the_same_search_gives_the_same_hits_and_scores(assistant: Assistant, retriever: Retriever) -> None:
    second = Assistant.open(settings=assistant.library.settings)
    for question in list(QUESTIONS)[::3]:
        runs = {tuple((h.passage.id, h.score) for h in retriever.search(question, 10)) for _ in range(5)}
        runs.add(tuple((h.passage.id, h.score) for h in Retriever(second.library).search(question, 10)))
        assert len(runs) == 1, question
    second.close()


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("J-Find", True),
        ("ONE Pass", True),
        ("Global Talent Fund", True),
        ("Software Policy & Research Institute", True),
        ("EU Blue Card", True),
        ("Foreign Algorithm Engineers Act", False),
        ("Silicon Harbour Visa", False),
        ("Blue Gold Card", False),
    ],
)
def test_a_name_is_held_only_where_its_words_stand_together(retriever: Retriever, name: str, held: bool) -> None:
    assert retriever.holds(tokens(name)) is held


def test_a_name_is_not_held_by_a_longer_word_that_begins_like_it(retriever: Retriever) -> None:
    assert retriever.holds(tokens("talent passport"))
    assert not retriever.holds(tokens("Talent Pas"))
    assert not retriever.holds(tokens("J-Fin"))


def test_a_word_that_stands_nowhere_is_unknown(retriever: Retriever) -> None:
    assert retriever.unknown("zymurgy")
    assert not retriever.unknown("visa")


def test_rare_words_weigh_more_than_common_ones(retriever: Retriever) -> None:
    weights = retriever.weights("COMPASS talent")
    assert weights[stem("compass")] > weights[stem("talent")] > 0
    assert overlap(weights, "COMPASS scores an application") > overlap(weights, "talent everywhere")
    assert overlap(weights, "nothing of it") == 0.0
    assert overlap({}, "anything") == 0.0


def test_content_words_leave_out_stop_words_and_possessives() -> None:
    assert content_words("What is Japan's J-Find, and the J-Find of Japan?") == ["japan", "j-find"]


@pytest.mark.parametrize(
    ("word", "other"), [("visas", "visa"), ("policies", "policy"), ("founded", "founder"), ("migration", "migrate")]
)
def test_stems_bring_forms_of_a_word_together(word: str, other: str) -> None:
    assert stem(word) == stem(other) or stem(word).startswith(stem(other)[:4])


def test_names_are_runs_of_capitals_and_quoted_words() -> None:
    assert names_in('What does the "Hiroshima Process" say of Tech.Pass?', []) == ("Hiroshima Process", "Tech.Pass")
    assert names_in("what does it say?", []) == ()


class Reversed:
    """A stand-in for a cross-encoder that likes short passages."""

    def scores(self, question: str, texts: list[str]) -> np.ndarray:
        return np.array([-len(t) for t in texts], np.float32)


def test_a_cross_encoder_that_is_configured_changes_the_order(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Retriever(assistant.library).search("What is J-Find?", 10)
    monkeypatch.setattr("corpus.library.load_reranker", lambda name: Reversed())
    monkeypatch.setattr(
        assistant.library, "settings", replace(assistant.library.settings, reranker="tiny"), raising=False
    )
    read = Retriever(assistant.library).search("What is J-Find?", 10)
    assert [h.passage.id for h in read] != [h.passage.id for h in plain]
    assert np.mean([len(h.passage.text) for h in read]) < np.mean([len(h.passage.text) for h in plain])


@pytest.mark.parametrize("part", [{"places": ["JPN"]}, {"places": ["KOR"], "since": "2024-06"}])
def test_a_filtered_search_ranks_what_the_whole_would_have_left(
    part: dict[str, Any], retriever: Retriever, library: Library
) -> None:
    within = library.within(**part)
    assert within is not None and 10 < len(within.passages) < len(library.words)
    hits = retriever.search("visa for researchers", 12, within)
    assert len(hits) == 12 and {h.passage.id for h in hits} <= within.passages
    free = [h.passage.id for h in retriever.search("visa for researchers", 30) if h.passage.id in within.passages]
    assert set(free[:3]) <= {h.passage.id for h in hits}


def test_late_interaction_is_the_mean_of_the_best_cosines() -> None:
    one, two = np.zeros(128, np.float32), np.zeros(128, np.float32)
    one[0] = two[1] = 1
    question = np.stack([one, two])
    tokens = [
        (np.stack([one]) * 127).astype(np.int8),
        (np.stack([two]) * 127).astype(np.int8),
        np.zeros((0, 128), np.int8),
    ]
    by_sentence, by_passage = late(question, tokens, [2, 1])
    assert by_sentence.tolist() == [0.5, 0.5, 0.0] and by_passage.tolist() == [1.0, 0.0]
    assert late(np.zeros((0, 0), np.float32), tokens, [2, 1])[1].tolist() == [0.0, 0.0]


def test_questions_on_other_subjects_are_far_and_questions_on_the_library_are_near(retriever: Retriever) -> None:
    near = [retriever.nearness(retriever.search(q, 8)) for q in QUESTIONS]
    far = [retriever.nearness(retriever.search(q, 8)) for q in ("How many moons has Saturn?", "best pizza in naples")]
    assert min(near) > 0 > max(far)


def test_a_code_is_found_as_the_library_writes_it(retriever: Retriever) -> None:
    assert any("H-1B" in h.passage.text for h in retriever.search("h1b annual cap?", 3))
