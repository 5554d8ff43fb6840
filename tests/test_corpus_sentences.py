"""Sentences are exact slices of the text, and end where a reader would end them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import REFERENCE, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith met Mr. Jones at 5 p.m. on Friday.",
        "The value was -0.30 per 10,000 in 2023.",
        "It grew by 1.5 % (cf. Table 2.1) that year.",
        "J. R. Smith wrote the report.",
        "See Fig. 3 and Art. 5 of the act.",
        "The U.S. Department of State issues it.",
        "Version 3.11.7 runs on e.g. Linux.",
        "It covers visas, i.e. Permits, and more.",
        "He asked whether it works and left",
        "Talent flows vs. Capital flows are compared.",
        "The site is www.example.org and it works.",
        "\u201cHow long?\u201d she asked.",
        "The price was \u20a92.6 billion; the rate, 3.5 %.",
        "On 2 Jan. 2025 it was published.",
        "Wait... there is more.",
        "Article 5, para. 2, and Vol. II say so.",
        "No. 5 is alive.",
    ],
)
def test_this_is_one_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It ended. Then it began.", ["It ended.", "Then it began."]),
        ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
        ("It rose to 0.54. 2024 was better.", ["It rose to 0.54.", "2024 was better."]),
        ("It rose in 2023. -0.30 was the low.", ["It rose in 2023.", "-0.30 was the low."]),
        ("He joined Acme Inc. The firm grew.", ["He joined Acme Inc.", "The firm grew."]),
        ("They live in the U.S. The rest left.", ["They live in the U.S.", "The rest left."]),
        ('He said "no." She left.', ['He said "no."', "She left."]),
        ("The answer is no. I left.", ["The answer is no.", "I left."]),
        ("They make art. The rest code.", ["They make art.", "The rest code."]),
        ("And then... Silence.", ["And then...", "Silence."]),
        ("3. Results", ["Results"]),
        ("(It ended.) Then more.", ["(It ended.)", "Then more."]),
        ("It ended.\nThen it\nbegan.", ["It ended.", "Then it\nbegan."]),
        ("One paragraph\n\nAnother one", ["One paragraph", "Another one"]),
        ("# A heading\nA sentence.", ["# A heading\nA sentence."]),
        ("人材が流出した。日本は流入だ。", ["人材が流出した。", "日本は流入だ。"]),
        ("彼は「はい。」次です。", ["彼は「はい。」", "次です。"]),
        ("인재가 나갔다. 일본은 늘었다.", ["인재가 나갔다.", "일본은 늘었다."]),
        ("Он ушёл. Она осталась.", ["Он ушёл.", "Она осталась."]),
        ("\u00c9tat: fini. \u00c0 suivre.", ["\u00c9tat: fini.", "\u00c0 suivre."]),
    ],
)  # fmt: skip
def test_a_text_divides_where_a_reader_divides_it(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 5.[^a] It takes 2.[^a][^b]", ["It costs 5.", "It takes 2."]),
        ("It costs[^a] five euros.[^b]", ["It costs[^a] five euros."]),
        ("A last line without a stop[^a]", ["A last line without a stop"]),
        ("[^a] Opens with a note.", ["Opens with a note."]),
        ("Says Mr.[^a] Smith left.", ["Says Mr.", "Smith left."]),
    ],
)
def test_footnote_marks_stand_between_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- first\n- second. And more.\n- third", ["first", "second.", "And more.", "third"]),
        ("1. one\n2) two\n10. ten", ["one", "two", "ten"]),
        ("They ask:\n* a degree\n* a job", ["They ask:", "a degree", "a job"]),
        ("> A quotation.\n> It goes on.", ["A quotation.", "It goes on."]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["| a | b |", "| 1 | 2 |"]),
        ("- -0.30 in 2023\n- +0.54 in 2023", ["-0.30 in 2023", "+0.54 in 2023"]),
    ],
)
def test_items_of_a_list_and_rows_of_a_table_stand_apart(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_only_the_part_that_is_asked_for_is_read() -> None:
    text = "One is here. Two is here. Three is here."
    spans = sentence_spans(text, 13, 25)
    assert [text[a:b] for a, b in spans] == ["Two is here."]
    assert sentence_spans(text, 5, 5) == []


@pytest.mark.parametrize("text", ["", " \n\n ", "...", "---", "[^a]", "- \n- ", "。。", "|---|---|"])
def test_what_says_nothing_has_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []


MARKS = [
    ". ",
    "? ",
    "! ",
    "\u2026 ",
    ".\n",
    "\n\n",
    "\n- ",
    "\n1. ",
    "\n> ",
    "\n| ",
    " | ",
    "[^a]",
    ".[^a] ",
    ".[^a][^b2] ",
    "。",
    "？",
    "」",
    '"',
    "\u201d ",
    ") ",
    " (",
    "Dr. ",
    "U.S. ",
    "e.g. ",
    "0.30",
    "-0.30 ",
    "10,000 ",
    "J. ",
    "*",
    "_",
    " ",
    " ",
    " ",
    "\t",
    "# ",
]
WORDS = [
    "Japan",
    "talent",
    "gained",
    "The",
    "a",
    "인재",
    "日本",
    "\u00c9tat",
    "1",
    "2023",
    "x",
]
TEXTS = st.lists(st.sampled_from(MARKS + WORDS * 3) | st.text(max_size=4), max_size=40).map("".join)
LIST_MARK = re.compile(r"^[ \t]*(?:\[\^[^\]\s]+\]\s*)*\d{1,3}[.)][\W_]*$")


@given(TEXTS)
def test_spans_are_ordered_apart_and_trimmed_slices(text: str) -> None:
    spans = sentence_spans(text)
    at = 0
    for a, b in spans:
        assert at <= a < b <= len(text)
        assert text[a:b] == text[a:b].rstrip()
        assert any(c.isalnum() for c in text[a:b])
        at = b


@given(TEXTS)
def test_no_letter_or_digit_of_prose_is_lost(text: str) -> None:
    spans = sentence_spans(text)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    between = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    lost = [
        line
        for gap in between
        for line in REFERENCE.sub("", gap).splitlines()
        if re.search(r"\w", line.replace("_", ""))
    ]
    assert [line for line in lost if not LIST_MARK.match(line)] == []


@given(TEXTS, st.integers(0, 30), st.integers(0, 60))
def test_a_part_is_read_as_if_nothing_stood_around_it(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    alone = [(a + start, b + start) for a, b in sentence_spans(text[start:end])]
    assert sentence_spans(text, start, end) == alone
