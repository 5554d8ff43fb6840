"""Footnote inside LangChain: the retriever, the tools and the runnable are the real ones."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool

from assistant import Answer, Assistant
from corpus.errors import BadInput

KOREA = "What was South Korea's net AI talent flow in 2023?"


@pytest.fixture(scope="module")
def tools(assistant: Assistant) -> dict[str, BaseTool]:
    return {t.name: t for t in assistant.as_tools()}


# -- the retriever --------------------------------------------------------------------------------


def test_the_retriever_gives_documents_whose_offsets_lead_to_the_stored_text(assistant: Assistant) -> None:
    retriever = assistant.as_retriever()
    assert isinstance(retriever, BaseRetriever)
    found = retriever.invoke("What is J-Find?")
    assert len(found) == 8
    assert found[0].metadata["source"] == "japan-j-find"
    for d in found:
        text = assistant.library.catalog.text(d.metadata["source"])
        assert text[d.metadata["start"] : d.metadata["end"]] == d.page_content
        assert d.metadata["title"] and isinstance(d.metadata["score"], float)
        assert d.id and assistant.library.catalog.passage(d.id).text == d.page_content


def test_the_retriever_takes_a_limit_and_agrees_with_its_async_twin(assistant: Assistant) -> None:
    retriever = assistant.as_retriever(limit=3)
    found = retriever.invoke("Who founded Sakana AI?")
    assert len(found) == 3
    assert asyncio.run(retriever.ainvoke("Who founded Sakana AI?")) == found


def test_the_retriever_composes_with_other_runnables(assistant: Assistant) -> None:
    def titles(found: list[Document]) -> list[str]:
        return [d.metadata["title"] for d in found]

    chain = assistant.as_retriever(2) | RunnableLambda(titles)
    assert chain.invoke("What does the Taiwan Gold Card offer?")[0].startswith("Taiwan")


# -- the tools ------------------------------------------------------------------------------------


def test_the_tools_have_names_descriptions_and_one_text_argument(tools: dict[str, BaseTool]) -> None:
    assert set(tools) == {"search_passages", "figures", "ask"}
    for tool in tools.values():
        assert len(tool.description) > 40
        assert len(tool.args) == 1
        (argument,) = tool.args.values()
        assert argument["type"] == "string"


def test_the_figures_tool_returns_text_for_a_model_and_rows_for_a_program(tools: dict[str, BaseTool]) -> None:
    call = {
        "type": "tool_call",
        "id": "1",
        "name": "figures",
        "args": {"question": "Compare South Korea and Japan in 2023"},
    }
    message = tools["figures"].invoke(call)
    said = json.loads(message.content)
    assert said["workings"] == ["0.54 - (-0.30) = 0.84"]
    assert said["figures"] == message.artifact
    assert [r["value"] for r in message.artifact if r["measure"].startswith("oecdai")] == ["-0.30", "0.54"]


def test_the_search_tool_names_passages_by_ids_that_can_be_cited(
    tools: dict[str, BaseTool], assistant: Assistant
) -> None:
    message = tools["search_passages"].invoke(
        {"type": "tool_call", "id": "1", "name": "search_passages", "args": {"query": "What is J-Find?"}}
    )
    assert message.artifact
    for d in message.artifact:
        assert f"[{d.id}]" in message.content and d.page_content in message.content
        assert assistant.library.catalog.passage(d.id).text == d.page_content


def test_the_ask_tool_returns_the_checked_answer(tools: dict[str, BaseTool], assistant: Assistant) -> None:
    message = tools["ask"].invoke({"type": "tool_call", "id": "1", "name": "ask", "args": {"question": KOREA}})
    answer = assistant.ask(KOREA)
    assert message.content == answer.text
    assert message.artifact == answer.to_dict()


def test_a_tool_called_without_a_call_id_returns_its_text(tools: dict[str, BaseTool]) -> None:
    assert "-0.30" in tools["ask"].invoke({"question": KOREA})


# -- the runnable ---------------------------------------------------------------------------------


def test_the_runnable_takes_a_question_or_a_question_with_its_history(assistant: Assistant) -> None:
    runnable = assistant.as_runnable()
    assert isinstance(runnable, Runnable)
    assert runnable.invoke(KOREA) == assistant.ask(KOREA)
    followed = runnable.invoke({"question": "And Japan?", "history": [KOREA]})
    assert followed.question.standalone == "What was Japan's net AI talent flow in 2023?"


def test_the_runnable_answers_many_at_once_in_their_order(assistant: Assistant) -> None:
    questions = [KOREA, "What is J-Find?", "How do bees help the ecosystem?", "What was Japan's flow in 2012?"]
    answers = assistant.as_runnable().batch(questions)
    assert [a.question.text for a in answers] == questions
    assert [a.to_dict() for a in answers] == [assistant.ask(q).to_dict() for q in questions]


def test_the_runnable_streams_and_awaits_the_same_answer(assistant: Assistant) -> None:
    runnable = assistant.as_runnable()
    alone = assistant.ask(KOREA)
    streamed = list(runnable.stream(KOREA))
    assert isinstance(streamed[-1], Answer) and streamed[-1] == alone
    assert asyncio.run(runnable.ainvoke(KOREA)) == alone

    async def together() -> list[Answer]:
        return await runnable.abatch([KOREA, "What is J-Find?"])

    assert [a.status for a in asyncio.run(together())] == ["answered", "answered"]


def test_bad_input_is_the_same_error_through_langchain(assistant: Assistant) -> None:
    with pytest.raises(BadInput, match="the question is empty"):
        assistant.as_runnable().invoke("")


# -- what it costs --------------------------------------------------------------------------------


def test_importing_the_assistant_loads_no_heavy_library() -> None:
    code = (
        "import sys, assistant; "
        "print([m for m in ('langchain', 'langchain_core', 'torch', 'chromadb', 'sentence_transformers', "
        "'gradio', 'openvino') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_asking_a_question_does_not_load_langchain(bundled_home: object) -> None:
    code = (
        "import sys; from assistant import Assistant; "
        f"a = Assistant.open({str(bundled_home)!r}); a.ask({KOREA!r}); "
        "print([m for m in ('langchain', 'langchain_core', 'torch', 'gradio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
