"""The JSON of an answer: one contract for every surface (section 7 of the design)."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from assistant import Assistant
from assistant.types import digits

TOP = {
    "question", "standalone", "status", "text", "statements", "citations", "figures", "alternatives", "notes",
    "refusal", "writer", "dropped", "withdrawn", "receipt",
}  # fmt: skip
FIGURE = {"measure", "place", "year", "value", "unit", "denominator"}
QUESTIONS = (
    "What was South Korea's net AI talent flow in 2023?",  # figures, alternatives, a passage
    "Compare South Korea and Japan in 2023",  # a working
    "What was South Korea's net AI talent flow in 2021 according to OECD.AI?",  # a direction without a value
    "What is J-Find?",  # quotations with origins
    "What was Japan's flow in 2012?",  # a refusal with a figure found instead
    "How do bees help the ecosystem?",  # a refusal with nothing
)
ONE_VALUE = re.compile(r"-?\d+(\.\d+)?")


@pytest.fixture(scope="module", params=QUESTIONS)
def shown(request: pytest.FixtureRequest, assistant: Assistant) -> dict[str, Any]:
    return assistant.ask(request.param).to_dict()


def is_source(value: Any) -> bool:
    texts = all(isinstance(value[k], str) for k in ("id", "title", "publisher"))
    return texts and all(value[k] is None or isinstance(value[k], str) for k in ("published", "url"))


def check_figure(f: dict[str, Any], direction: bool = False) -> None:
    assert f.keys() >= FIGURE
    assert isinstance(f["measure"], str) and re.fullmatch("[A-Z]{3}", f["place"])
    assert f["year"] is None or type(f["year"]) is int
    assert isinstance(f["unit"], str) and isinstance(f["denominator"], str) and f["unit"]
    if direction:
        assert f["value"] is None and f["direction"] in ("inflow", "outflow")
    else:
        assert isinstance(f["value"], str) and ONE_VALUE.fullmatch(f["value"])


def test_an_answer_has_exactly_the_keys_of_the_contract(shown: dict[str, Any]) -> None:
    assert set(shown) == TOP
    assert all(isinstance(shown[k], str) and shown[k] for k in ("question", "standalone", "text", "writer"))
    assert shown["status"] in ("answered", "partial", "not_found")
    assert type(shown["dropped"]) is int
    assert all(isinstance(n, str) for n in shown["notes"])


def test_statements_name_their_citations_by_number(shown: dict[str, Any]) -> None:
    markers = [c["marker"] for c in shown["citations"]]
    assert markers == list(range(1, len(markers) + 1))
    for statement in shown["statements"]:
        assert set(statement) == {"text", "citations"}
        assert statement["citations"] and set(statement["citations"]) <= set(markers)
        assert statement["text"] in shown["text"]


def test_a_citation_holds_one_support_with_its_source_and_origins(shown: dict[str, Any]) -> None:
    for c in shown["citations"]:
        assert set(c) == {"marker", "source", "quote", "figure", "derived", "origins"}
        assert sum(c[k] is not None for k in ("quote", "figure", "derived")) == 1
        assert set(c["source"]) == {"id", "title", "publisher", "published", "url"} and is_source(c["source"])
        assert all(set(o) == {"title", "publisher", "published", "url"} for o in c["origins"])
        if c["quote"]:
            assert set(c["quote"]) >= {"text", "start", "end", "page"}
            assert c["quote"]["end"] - c["quote"]["start"] == len(c["quote"]["text"])
            assert c["quote"]["page"] is None or type(c["quote"]["page"]) is int
        if c["figure"]:
            check_figure(c["figure"], direction=c["figure"]["value"] is None)
            assert isinstance(c["figure"]["locator"], str) and c["figure"]["locator"]
        if c["derived"]:
            assert set(c["derived"]) == {"formula", "value", "inputs"}
            assert isinstance(c["derived"]["value"], str) and ONE_VALUE.fullmatch(c["derived"]["value"])
            assert c["derived"]["inputs"]
            for f in c["derived"]["inputs"]:
                check_figure(f)


def test_figures_and_alternatives_are_lists_of_figures(shown: dict[str, Any]) -> None:
    for f in (*shown["figures"], *shown["alternatives"]):
        check_figure(f)
        assert is_source(f["source"])


def test_a_refusal_is_null_or_has_reason_sought_found_and_what_to_try(shown: dict[str, Any]) -> None:
    refusal = shown["refusal"]
    assert (refusal is None) == (shown["status"] == "answered")
    if refusal:
        assert set(refusal) == {"reason", "looked_for", "found", "try"}
        assert isinstance(refusal["reason"], str) and isinstance(refusal["looked_for"], str)
        assert isinstance(refusal["found"], list) and isinstance(refusal["try"], list)


def test_the_receipt_lets_the_answer_be_made_again_and_compared(shown: dict[str, Any], assistant: Assistant) -> None:
    receipt = shown["receipt"]
    assert set(receipt) >= {"footnote", "library", "documents", "evidence", "text"}
    assert receipt["text"] == hashlib.sha256(shown["text"].encode()).hexdigest()
    assert receipt["library"] == assistant.library.version
    assert receipt["documents"] == assistant.library.manifest
    assert re.fullmatch("[0-9a-f]{64}", receipt["documents"])
    assert re.fullmatch(r"\d+(\.\d+)*", receipt["footnote"])
    assert len(receipt["evidence"]) == len(shown["citations"])


def test_the_json_survives_a_round_trip(shown: dict[str, Any]) -> None:
    assert json.loads(json.dumps(shown)) == shown
    assert json.loads(json.dumps(shown, ensure_ascii=False, indent=2)) == shown


def test_a_value_is_a_string_with_the_digits_as_printed(assistant: Assistant) -> None:
    shown = assistant.ask("What was South Korea's net AI talent flow in 2023?").to_dict()
    assert shown["figures"][0]["value"] == "-0.30"
    assert [
        f["value"] for f in shown["alternatives"] if f["measure"].endswith("2026_net_ai_talent_migration_series")
    ] == ["-0.44279"]
    compared = assistant.ask("Compare South Korea and Japan in 2023").to_dict()
    derived = [c["derived"] for c in compared["citations"] if c["derived"]]
    assert [(d["formula"], d["value"]) for d in derived] == [("0.54 - (-0.30) = 0.84", "0.84")]


def test_a_value_is_never_in_exponent_form() -> None:
    assert digits(Decimal("1E+3")) == "1000"
    assert digits(Decimal("-0.30")) == "-0.30"
    assert digits(Decimal("0.0000001")) == "0.0000001"


def test_the_question_is_given_back_as_asked_and_as_understood(assistant: Assistant) -> None:
    shown = assistant.ask("And Japan?", ["What was South Korea's net AI talent flow in 2023?"]).to_dict()
    assert shown["question"] == "And Japan?"
    assert shown["standalone"] == "What was Japan's net AI talent flow in 2023?"
