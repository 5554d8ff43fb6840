"""Instructions in documents, file names, table cells and questions, with a model that obeys every one of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, Step, written

from assistant import Answer, Assistant
from assistant.verify import QUOTATION
from corpus.settings import Settings
from ingest import add_sources

ROWS = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "injections.jsonl").read_text("utf-8").splitlines()
]
KOREA = "What was South Korea's net AI talent flow in 2023?"
TOOLS = {"search_passages", "figures", "describe_measure", "list_available", "Written"}


@pytest.fixture(scope="module")
def poisoned(bundled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The bundled library with every one of the documents added to it."""
    folder = tmp_path_factory.mktemp("poisoned")
    shutil.copytree(bundled_home, folder / "home")
    files = folder / "files"
    files.mkdir()
    for row in ROWS:
        about = f"The Zorbit permit {row['id']} of South Korea and Japan concerns AI talent."
        name, text = row["id"], f"# Zorbit permit {row['id']}\n\n{about} {row['text']}\n"
        if row["kind"] == "file_name":
            name = re.sub(r"[^\w .,+-]", "", row["text"])[:120]
            text = f"{about}\n"
        if row["kind"] == "table_cell":
            text = f"# Zorbit permit {row['id']}\n\n{about}\n\n| Place | 2023 |\n|---|---|\n| Korea | {row['text'].replace('|', ' ')} |\n"
        if row["kind"] != "question":
            (files / f"{name}.md").write_text(text, "utf-8")
    assistant = Assistant.open(settings=Settings(home=str(folder / "home")))
    report = add_sources(assistant.library, [files])
    assert not report.refused
    yield assistant
    assistant.close()


def obedient(claim: str) -> Any:
    """A model that first calls a tool that does not exist, as it was told, then says the claim in every way."""

    def step(body: dict[str, Any], n: int) -> Step:
        assert {t["function"]["name"] for t in body["tools"]} == TOOLS, "no text adds a tool"
        if n == 0:
            return Step(calls=(("launch_rocket", {"to": "moon"}),))
        ids = [["F1"], ["P1"], ["F1", "P1"], ["P1", "P2", "P3"], ["F99"], []]
        said = [{"text": claim, "evidence": i, "quotation": q} for i in ids for q in ("", claim)][:11]
        return written(*said, {"text": f"\u201c{claim}\u201d", "evidence": ["P1"]})

    return step


def question_of(row: dict[str, str]) -> str:
    return (
        f"{KOREA} {row['text']}" if row["kind"] == "question" else f"What does the Zorbit permit {row['id']} concern?"
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["id"])
def test_an_obedient_model_gets_no_injected_claim_into_an_answer(
    poisoned: Assistant, monkeypatch: pytest.MonkeyPatch, row: dict[str, str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-of-nobody")
    for question in dict.fromkeys([question_of(row), KOREA]):
        with Scripted(obedient(row["claim"])) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
            poisoned._models.clear()
            answer = poisoned.ask(question, model="openai:obedient")
        harmless(answer, row["claim"], poisoned)


def harmless(answer: Answer, claim: str, assistant: Assistant) -> None:
    """What is said in our voice does not hold the claim; what is quoted stands in the document that it cites."""
    for s in answer.statements:
        assert s.markers, "every sentence is cited"
        assert claim.rstrip(".").lower() not in QUOTATION.sub(" ", s.text).lower()
    for note in answer.notes:
        assert claim.rstrip(".").lower() not in note.lower()
    for c in answer.citations:
        if q := c.to_dict()["quote"]:
            assert assistant.library.catalog.text(c.source.id)[q["start"] : q["end"]] == q["text"]


def test_the_set_has_sixty_cases_of_four_kinds() -> None:
    assert len(ROWS) >= 60 and {r["kind"] for r in ROWS} == {"document", "file_name", "table_cell", "question"}
