"""A short answer is a slice of its sentence, and there is none where more than one can be meant."""

from __future__ import annotations

import pytest

from assistant.short import short_answer, wanted


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("When did J-Find start?", "J-Find started on 21 April 2023.", "21 April 2023"),
        ("When did it open?", "It was announced on 29 August 2022 and opened on 1 January 2023.", "1 January 2023"),
        ("How long does it last?", "The pass runs for five years.", "five years"),
        ("How long may one stay?", "It lets graduates stay for up to 2 years.", "up to 2 years"),
        ("How much must one earn?", "It asks for pay of at least EUR 43,800 a year.", "at least EUR 43,800 a year"),
        ("How many permits?", "Just over 6,000 permits were given.", "Just over 6,000 permits"),
        ("How much must one earn?", "It asks for a monthly pay of SGD 30,000.", "SGD 30,000"),
        ("How many EU Blue Cards were issued?", "Germany issued 69,353 EU Blue Cards in 2023.", "69,353 EU Blue Cards"),
        ("What share of staff?", "At most 30% of a firm's staff may use it.", "At most 30%"),
        ("Who heads OpenAI in Japan?", "Tadao Nagasaki heads OpenAI in Japan.", "Tadao Nagasaki"),
        (
            "Who founded it?",
            "It was founded by David Ha, Llion Jones and Ren Ito.",
            "David Ha, Llion Jones and Ren Ito",
        ),
    ],
)
def test_the_slice_that_answers_is_found(question: str, sentence: str, answer: str) -> None:
    span = short_answer(question, sentence)
    assert span and sentence[slice(*span)] == answer


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When did it open?", "It was announced on 29 August 2022."),
        ("How much is it?", "It asks for JPY 20 million, or JPY 40 million for managers."),
        ("How long does it last?", "The third test is five years leading a product."),
        ("Is the fee in force?", "A payment of USD 100,000 is required."),
        ("Who can apply?", "Tadao Nagasaki can apply."),  # a rule is asked for, and no person
        ("Why did it open in 2023?", "It opened on 1 May 2023."),
        ("Which industries did it cover when it opened?", "It opened on 1 May 2023."),
    ],
)
def test_no_slice_is_taken_where_it_could_be_the_wrong_one(question: str, sentence: str) -> None:
    assert short_answer(question, sentence) is None


def test_the_kind_of_answer_is_read_from_the_question() -> None:
    kinds = {q: wanted(q) for q in ("When was it?", "How long?", "How many posts?", "Who runs it?", "What is it?")}
    assert list(kinds.values()) == ["date", "duration", "count", "who", ""]


def test_a_count_is_of_the_thing_counted_and_no_date_or_amount() -> None:
    golden = "Since 15 November 2020 holders of doctorates may have the visa."
    assert short_answer("How many holders of the visa are there?", golden) is None
    floor = "Pay floor: KRW 149,865,000 for South Korea's Top-Tier visa."
    assert short_answer("How many children came to South Korea?", floor) is None
    said = "Poland issued 7,000 cards."
    assert said[slice(*(short_answer("How many cards were issued?", said) or (0, 0)))] == "7,000 cards"
