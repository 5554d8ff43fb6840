"""With a language model: real clients, real HTTP, and servers of a script that speak three protocols."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scripted import Script, Scripted, Step, WellWritten, written

from assistant import Answer, Assistant
from assistant.events import Checked, Unchecked, Withdrawn, event_dict
from assistant.events import Step as Begun
from corpus.errors import BadInput

KOREA = "What was South Korea's net AI talent flow in 2023?"
TRUE = {
    "text": "In 2023, South Korea's net AI talent flow was -0.30 per 10,000 LinkedIn members.",
    "evidence": ["F1"],
}
FALSE = {
    "text": "In 2023, South Korea's net AI talent flow was +0.30 per 10,000 LinkedIn members.",
    "evidence": ["F1"],
}
PROTOCOLS = {
    "openai": ("OPENAI_BASE_URL", "/v1"),
    "anthropic": ("ANTHROPIC_BASE_URL", ""),
    "ollama": ("OLLAMA_HOST", ""),
}
Serve = Callable[..., object]


@contextmanager
def serving(assistant: Assistant, monkeypatch: pytest.MonkeyPatch, provider: str, script: Script) -> Iterator[Scripted]:
    with Scripted(script) as server:
        name, path = PROTOCOLS[provider]
        monkeypatch.setenv(name, server.url + path)
        for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
            monkeypatch.setenv(key, "a-key-of-nobody")
        assistant._models.clear()  # a client keeps the address that it was made with
        yield server
    assistant._models.clear()


def answered(
    assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    script: Script,
    question: str = KOREA,
    provider: str = "openai",
) -> Answer:
    with serving(assistant, monkeypatch, provider, script):
        return assistant.ask(question, model=f"{provider}:scripted")


def proven(answer: Answer, assistant: Assistant) -> None:
    for c in answer.citations:
        if q := c.to_dict()["quote"]:
            assert assistant.library.catalog.text(c.source.id)[q["start"] : q["end"]] == q["text"]
    assert all(s.markers for s in answer.statements)


# -- the way of a good model ----------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROTOCOLS)
def test_a_model_calls_tools_and_its_proven_words_lead_the_answer(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    look = Step(calls=(("figures", {"question": "Japan's net AI talent flow in 2023"}),))
    with serving(assistant, monkeypatch, provider, [look, written(TRUE)]) as server:
        answer = assistant.ask(KOREA, model=f"{provider}:scripted")
    assert answer.statements[0].text == TRUE["text"]
    assert (answer.status, answer.writer, answer.dropped) == ("answered", f"{provider}:scripted", 0)
    assert "+0.54" in json.dumps(server.requests[1]), "what the tool found went back to the model"
    assert "LinkedIn members; the article" in answer.text, "what must be said of the base is still said"
    proven(answer, assistant)


def test_an_unproven_sentence_goes_back_once_and_is_shown_corrected(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(assistant, monkeypatch, "openai", [written(FALSE), written(TRUE)]) as server:
        seen = list(assistant.stream(KOREA, model="openai:scripted"))
    answer = seen[-1]
    assert isinstance(answer, Answer) and answer.statements[0].text == TRUE["text"] and answer.dropped == 0
    assert "did not pass the check" in json.dumps(server.requests[1])
    assert [type(e) for e in seen if isinstance(e, (Unchecked, Checked, Withdrawn))] == [Unchecked, Withdrawn, Checked]
    assert [e.name for e in seen if isinstance(e, Begun)] == ["read", "gather", "write", "check", "repair"]
    assert all(json.dumps(event_dict(e)) for e in seen[:-1])  # type: ignore[arg-type]


def test_what_fails_twice_leaves_and_is_counted_and_the_composed_answer_stands(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answered(assistant, monkeypatch, [written(FALSE)])
    composed = assistant.ask(KOREA)
    assert answer.statements == composed.statements and answer.dropped == 1 and answer.writer == "composed"
    assert len(answer.notes) == 1 and "1 sentence of the model did not pass" in answer.notes[0]


def test_a_document_is_told_in_its_own_words_only(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    quotation = "lets recent graduates of leading universities stay for up to two years"
    said = [
        {"text": "J-Find makes everyone rich.", "evidence": ["P1"], "quotation": quotation},
        {"text": "J-Find was abolished in 2024.", "evidence": ["P1"]},
    ]
    answer = answered(assistant, monkeypatch, [written(*said)], "What is J-Find?")
    assert quotation in answer.text and "rich" not in answer.text and "abolished" not in answer.text
    assert all(s.quoted or s.text.startswith("\u201c") for s in answer.statements)
    proven(answer, assistant)


def test_a_refusal_stands_and_no_model_is_asked(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(assistant, monkeypatch, "openai", [written(TRUE)]) as server:
        answer = assistant.ask("How do bees help the ecosystem?", model="openai:scripted")
    assert answer.to_dict() == assistant.ask("How do bees help the ecosystem?").to_dict() and server.requests == []


def test_a_model_without_tools_writes_from_what_the_rules_gathered(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(body: dict[str, object], n: int) -> Step:
        if body.get("tools"):
            return Step(status=400, body=b'{"error": "registry/scripted does not support tools"}')
        return Step(text="Here it is:\n```json\n" + json.dumps({"statements": [TRUE]}) + "\n```")

    answer = answered(assistant, monkeypatch, script, provider="ollama")
    assert answer.statements[0].text == TRUE["text"] and answer.notes == ()


def test_the_conversation_reaches_the_model(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(assistant, monkeypatch, "openai", [written()]) as server:
        answer = assistant.ask("And Japan?", [KOREA], "openai:scripted")
    assert KOREA in json.dumps(server.requests[0]) and "0.54" in answer.text


def test_the_runnable_streams_awaits_and_batches_with_a_model(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"question": KOREA, "model": "openai:scripted"}
    with serving(assistant, monkeypatch, "openai", [written(TRUE)]):
        runnable = assistant.as_runnable()
        *events, last = runnable.stream(given)
        assert any(isinstance(e, Checked) for e in events) and isinstance(last, Answer)
        assert runnable.invoke(given) == last == asyncio.run(runnable.ainvoke(given))
        assert runnable.batch([given, given]) == [last, last]


# -- faults ---------------------------------------------------------------------------------------

LOOP = Step(calls=(("figures", {"question": "Japan 2023"}),))
FAULTS: dict[str, tuple[Script, str]] = {
    "wrong key": ([Step("bad key", status=401)], "its key was refused"),
    "rate limit": ([Step("slow", status=429, headers=(("retry-after", "17"),))], "try again in 17 seconds"),
    "error 500": ([Step("oops", status=500)], "error 500"),
    "no such model": ([Step("none", status=404)], "no such model"),
    "too long a context": (
        [
            Step(
                status=400,
                body=b'{"error":{"message":"maximum context length is 8192 tokens","code":"context_length_exceeded"}}',
            )
        ],
        "too long for it",
    ),
    "endless tool calls": ([LOOP], "calls without an answer"),
    "an unknown tool, for ever": ([Step(calls=(("launch_rocket", {"to": "moon"}),))], "calls without an answer"),
    "malformed arguments, for ever": ([Step(calls=(("figures", {"wrong": 3}),))], "calls without an answer"),
    "arguments that are not JSON": ([Step(calls=(("figures", "question: Japan"),))], "not JSON"),
    "arguments that break off, for ever": ([Step(calls=(("figures", '{"question": '),))], "calls without an answer"),
    "an empty answer": ([Step()], "empty"),
    "no statement": ([written()], "no statement"),
    "garbage for structure": ([Step("I think it went well!")], "not in the form"),
    "garbage for a stream": ([Step(body=b"<html>busy</html>")], ""),
    "a stream cut short": ([Step("South Korea lost", cut=True)], "cut short"),
    "a structure cut short": ([Step(calls=written(TRUE).calls, cut=True)], "cut short"),
    "too long a reply": ([Step("South Korea", finish="length")], "longer than"),
    "too many tokens": ([Step(calls=LOOP.calls, tokens=90_000)], "tokens"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_the_composed_answer_with_one_clear_note(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    script, said = FAULTS[fault]
    answer = answered(assistant, monkeypatch, script)
    fell_back(answer, assistant, said)


@pytest.mark.parametrize("provider", ["anthropic", "ollama"])
@pytest.mark.parametrize(
    "fault", ["wrong key", "rate limit", "error 500", "endless tool calls", "an empty answer", "a stream cut short"]
)
def test_the_other_protocols_fall_back_alike(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, provider: str, fault: str
) -> None:
    answer = answered(assistant, monkeypatch, FAULTS[fault][0], provider=provider)
    fell_back(answer, assistant, "")


def fell_back(answer: Answer, assistant: Assistant, said: str) -> None:
    composed = assistant.ask(KOREA)
    assert (answer.statements, answer.citations) == (composed.statements, composed.citations)
    assert answer.writer == "composed" and len(answer.notes) == 1
    assert answer.notes[0].startswith("Composed without the model: ") and said in answer.notes[0], answer.notes
    assert "a-key-of-nobody" not in json.dumps(answer.to_dict())


def test_no_key_is_told(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assistant._models.clear()
    fell_back(assistant.ask(KOREA, model="openai:scripted"), assistant, "no key is set")


def test_a_server_that_is_not_there_is_told(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(assistant, monkeypatch, "openai", [Step()]) as server:
        pass
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    fell_back(assistant.ask(KOREA, model="openai:scripted"), assistant, "cannot be reached")


def test_a_model_that_takes_too_long_is_left(bundled_home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus.settings import Settings

    slow = Assistant.open(settings=Settings(home=str(bundled_home), model_seconds=0.3))
    answer = answered(slow, monkeypatch, [Step("x", wait=1.5)])
    fell_back(answer, slow, "in time")
    slow.close()


def test_a_name_that_is_no_model_is_an_error_of_use(assistant: Assistant) -> None:
    with pytest.raises(BadInput, match="not written as provider:name"):
        assistant.ask(KOREA, model="gpt")
    with pytest.raises(BadInput, match="no provider of chat models is called 'nobody'"):
        assistant.ask(KOREA, model="nobody:x")


def test_a_missing_package_is_named_with_its_extra(bundled_home: object) -> None:
    code = (
        "import sys; sys.modules['langchain_anthropic'] = None\n"  # what Python has for a package that is absent
        "from ui.cli import main; sys.argv[1:] = sys.argv[1:]; main()"
    )
    asked = ["ask", KOREA, "--model", "anthropic:claude", "--home", str(bundled_home)]
    run = subprocess.run([sys.executable, "-c", code, *asked], capture_output=True, text=True)
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.startswith("footnote: ") and "pip install 'footnote[anthropic]'" in run.stderr
    assert len(run.stderr.splitlines()) == 1


# -- the surfaces ---------------------------------------------------------------------------------


def test_the_command_line_and_the_setting_name_the_model(bundled_home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted([written(TRUE)]) as server:
        env = {**os.environ, "OPENAI_BASE_URL": server.url + "/v1", "OPENAI_API_KEY": "a-key-of-nobody"}
        ask = [sys.executable, "-m", "ui.cli", "ask", KOREA, "--json", "--home", str(bundled_home)]
        ask[1:3] = ["-c", "from ui.cli import main; main()"]
        flag = subprocess.run([*ask, "--model", "openai:m"], capture_output=True, text=True, check=True, env=env)
        named = subprocess.run(
            ask, capture_output=True, text=True, check=True, env={**env, "FOOTNOTE_MODEL": "openai:m"}
        )
    assert json.loads(flag.stdout) == json.loads(named.stdout)
    assert json.loads(flag.stdout)["writer"] == "openai:m"
    assert flag.stderr == ""


def test_the_page_offers_the_model_that_is_set_and_none_where_none_is() -> None:
    from ui.page import choice

    assert not choice("").visible and choice("openai:m").visible
    assert "openai:m" in choice("openai:m").label


def test_the_tools_work_inside_an_agent_of_ones_own(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain.agents import create_agent

    script = [Step(calls=(("ask", {"question": KOREA}),)), Step("It was -0.30.")]
    with serving(assistant, monkeypatch, "openai", script):
        agent = create_agent("openai:scripted", assistant.as_tools())
        reply = agent.invoke({"messages": [{"role": "user", "content": KOREA}]})
    assert reply["messages"][-1].text == "It was -0.30."
    assert reply["messages"][-2].artifact == assistant.ask(KOREA).to_dict()


# -- the suites without a model, through the chain --------------------------------------------------

SET = Path(__file__).parent / "evaluation" / "figures.jsonl"
QUESTIONS = [json.loads(line)["question"] for line in SET.read_text("utf-8").splitlines()][::4]
DOCUMENTS = [
    "What is J-Find?",
    "When did J-Find start?",
    "Who founded Sakana AI?",
    "What does the Taiwan Gold Card offer?",
]


def test_a_model_that_answers_well_gives_the_answers_of_the_composing_writer(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")  # put back after WellWritten's own
    monkeypatch.setenv("OPENAI_BASE_URL", "")
    assistant._models.clear()
    with WellWritten(assistant) as well:
        for question in [*QUESTIONS, *DOCUMENTS]:
            composed = assistant.ask(question)
            answer = well.ask(question)
            assert answer.status == composed.status and answer.dropped == 0, (question, answer.notes)
            assert {s.text for s in answer.statements} == {s.text for s in composed.statements}, question
            assert answer.figures == composed.figures and answer.refusal == composed.refusal
        assert well.calls >= len(QUESTIONS)  # one a question, but for those that are refused
    assistant._models.clear()
