"""The one place that calls a language model: LangChain's agent, its tools, its budgets and its faults.

Whatever goes wrong in a provider, its client or the agent leaves here as ModelUnavailable with one sentence.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from assistant import prompts
from assistant.events import Event, Step, Unchecked
from assistant.proof import Written as Given
from corpus.errors import BadInput, FootnoteError, ModelUnavailable
from corpus.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

EXTRAS = {"openai": "openai", "anthropic": "anthropic", "ollama": "ollama"}
_LONGEST = 2_000  # tokens of one reply
_MOST = 12  # statements
_NO_TOOLS = re.compile(
    r"(?:not support|unsupported|does not have|no support).{0,40}\btool"
    r"|\btool.{0,60}(?:not support|unsupported|requires --)",
    re.I | re.S,
)


class Sentence(BaseModel):
    """One sentence and what it stands on."""

    text: str = Field(description="One sentence.")
    evidence: list[str] = Field(description="Ids of the evidence it stands on, such as F1 or P2.")
    quotation: str = Field("", description="Whole sentences copied from a passage, or empty.")


class Written(BaseModel):
    """Give the answer: one to six statements, each with the ids of its evidence."""

    statements: list[Sentence]


def chat_model(name: str, settings: Settings) -> BaseChatModel:
    """The chat model of a name such as openai:gpt-5.

    Raises BadInput for a name that cannot be one, and ModelUnavailable where its package or key is missing.
    """
    provider, _, model = name.partition(":")
    if not provider or not model:
        raise BadInput(f"the model {name!r} is not written as provider:name; try one like ollama:llama3.1")
    given: dict[str, Any] = {"timeout": settings.model_seconds, "max_retries": 0, "max_tokens": _LONGEST}
    if provider == "ollama":
        given = {"client_kwargs": {"timeout": settings.model_seconds}, "num_predict": _LONGEST, "temperature": 0}
    elif provider == "openai":
        given["stream_usage"] = True
    from langchain.chat_models import init_chat_model

    try:
        made: BaseChatModel = init_chat_model(name, **given)
        return made
    except ImportError as error:
        package = re.search(r"langchain[-_]\w+", str(error))
        extra = EXTRAS.get(provider)
        step = f"pip install 'footnote[{extra}]'" if extra else f"pip install {package[0] if package else provider}"
        raise MissingPackage(f"the model {name!r} needs a package that is not installed; run: {step}") from None
    except ValueError as error:
        if "provider" in str(error).lower():
            raise BadInput(f"no provider of chat models is called {provider!r}; see docs/models.md") from None
        raise ModelUnavailable(explained(error)) from error
    except Exception as error:  # each client has a tree of its own: the boundary
        raise ModelUnavailable(explained(error)) from error


class MissingPackage(ModelUnavailable):
    """The package of a provider is not installed; a user has to install it."""


class Session:
    """One model at work on one answer, within its budgets; it remembers what was said between `run`s."""

    def __init__(
        self, model: BaseChatModel, look_ups: Sequence[Callable[..., str]], settings: Settings, tools: bool
    ) -> None:
        self._model, self._look_ups, self.tools = model, look_ups, tools
        self._settings = settings
        self._deadline = time.monotonic() + settings.model_seconds
        self._left = max(1, settings.model_calls)
        self._tokens = 0
        self._messages: list[Any] = []

    def run(self, said: str) -> Generator[Event, None, list[Given]]:
        """Say this to the model; events as it works. The generator's value is what it wrote: a list of Given."""
        from langchain_core.messages import HumanMessage

        messages = [*self._messages, HumanMessage(said)]
        try:
            if self.tools:
                try:
                    return (yield from self._agent(messages))
                except Exception as error:
                    if not _NO_TOOLS.search(str(error)):
                        raise
                    self.tools = False
            return (yield from self._plain(messages))
        except ModelUnavailable:
            raise
        except Exception as error:  # the model's boundary: any client's error becomes one sentence
            raise ModelUnavailable(explained(error)) from error

    def _agent(self, messages: list[Any]) -> Generator[Event, None, list[Given]]:
        from langchain.agents import create_agent
        from langchain.agents.middleware import ModelCallLimitMiddleware
        from langchain.agents.structured_output import ToolStrategy
        from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
        from langchain_core.tools import StructuredTool

        self._allowed()
        agent: Any = create_agent(
            self._model,
            [StructuredTool.from_function(_told(f)) for f in self._look_ups],
            system_prompt=prompts.RULES + prompts.WITH_TOOLS,
            response_format=ToolStrategy(Written),
            middleware=[ModelCallLimitMiddleware(run_limit=self._left, exit_behavior="end")],
        )
        final: Any = None
        last: AIMessage | None = None
        made = 0
        partial = _Partial()
        for mode, data in agent.stream({"messages": messages}, stream_mode=["messages", "updates"]):
            self._in_time()
            if mode == "messages":
                chunk = data[0]
                if isinstance(chunk, AIMessageChunk):
                    yield from partial.take(chunk)
                continue
            for update in data.values():
                for message in (update or {}).get("messages", ()):
                    messages = [*messages, message]
                    if isinstance(message, AIMessage) and message.response_metadata.get("model_name", "") != "limit":
                        if not message.response_metadata and "limit" in str(message.content).lower():
                            continue  # the words of the middleware that ended the run
                        made, last = made + 1, message
                        partial = _Partial()
                        self._left -= 1
                        self._checked(message)
                        yield from (Step("tool", c["name"]) for c in message.tool_calls if c["name"] != "Written")
                    elif isinstance(message, ToolMessage) and message.name == "Written":
                        self._in_time()
                final = (update or {}).get("structured_response") or final
        self._messages = messages
        if final is not None:
            return _given(final)
        if last is not None and not last.tool_calls and (found := parsed(last.text)) is not None:
            return _given(found)
        if self._left <= 0 and last is not None and last.tool_calls:
            raise ModelUnavailable(f"it made {made} calls without an answer")
        raise ModelUnavailable("its reply was empty" if last is None or not last.text.strip() else _GARBAGE)

    def _plain(self, messages: list[Any]) -> Generator[Event, None, list[Given]]:
        """A model without tools: the rules have read the question and gathered; it writes only."""
        from langchain_core.messages import SystemMessage

        self._allowed()
        self._left -= 1
        whole: Any = None
        for chunk in self._model.stream([SystemMessage(prompts.RULES + prompts.WITHOUT_TOOLS), *messages]):
            self._in_time()
            whole = chunk if whole is None else whole + chunk
        if whole is None or not whole.text.strip():
            raise ModelUnavailable("its reply was empty")
        self._checked(whole)
        self._messages = [*messages, whole]
        found = parsed(whole.text)
        if found is None:
            raise ModelUnavailable(_GARBAGE)
        yield from (Unchecked(n, s.text) for n, s in enumerate(found.statements))
        return _given(found)

    def _allowed(self) -> None:
        if self._left <= 0:
            raise ModelUnavailable(f"it used its {self._settings.model_calls} calls")
        self._in_time()

    def _in_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise ModelUnavailable(f"it took longer than {self._settings.model_seconds:g} seconds")

    def _checked(self, message: Any) -> None:
        """A reply that came whole, and within the tokens that are left."""
        self._tokens += (message.usage_metadata or {}).get("total_tokens", 0)
        if self._tokens > self._settings.model_tokens:
            raise ModelUnavailable(f"it used more than {self._settings.model_tokens:,} tokens")
        if message.invalid_tool_calls:
            raise ModelUnavailable("it called a tool with arguments that are not JSON")
        about = message.response_metadata
        reason = about.get("finish_reason") or about.get("stop_reason") or about.get("done_reason")
        if not reason:
            raise ModelUnavailable("its reply was cut short")
        if reason in ("length", "max_tokens"):
            raise ModelUnavailable("its reply was longer than it may be")


_GARBAGE = "its reply was not in the form asked for"


class _Partial:
    """Statements of a reply that is still coming, each given once it is whole."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0
        self._writing = False

    def take(self, chunk: Any) -> Iterator[Event]:
        from langchain_core.utils.json import parse_partial_json

        for part in chunk.tool_call_chunks:
            if part.get("name"):
                self._writing = part["name"] == "Written"
            if self._writing:
                self._text += part.get("args") or ""
        if not self._writing or '"' not in self._text:
            return
        try:
            so_far = parse_partial_json(self._text)
        except ValueError:
            return
        rows = so_far.get("statements") if isinstance(so_far, dict) else None
        for row in (rows if isinstance(rows, list) else [])[self._given :]:
            if isinstance(row, dict) and isinstance(row.get("text"), str) and "evidence" in row:
                yield Unchecked(self._given, row["text"])
                self._given += 1


def parsed(text: str) -> Written | None:
    """The JSON object in a reply, be it fenced or between other words."""
    start, end = text.find("{"), text.rfind("}")
    try:
        return Written.model_validate(json.loads(text[start : end + 1])) if 0 <= start < end else None
    except (ValueError, ValidationError):
        return None


def _given(written: Written) -> list[Given]:
    if not written.statements:
        raise ModelUnavailable("it wrote no statement")
    return [Given(s.text, tuple(s.evidence), s.quotation) for s in written.statements[:_MOST]]


def _told(look_up: Callable[..., str]) -> Callable[..., str]:
    """A look-up whose own errors go back to the model as text."""
    from functools import wraps

    @wraps(look_up)
    def told(*args: Any, **named: Any) -> str:
        try:
            return look_up(*args, **named)
        except FootnoteError as error:
            return f"Error: {error}"

    return told


def explained(error: BaseException) -> str:
    """What a client's error means for a user: one clause, without keys, addresses or bodies."""
    said, kind = str(error), type(error).__name__
    response = getattr(error, "response", None)
    cause = error.__cause__
    response = response if response is not None else getattr(cause, "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    if status == 429 or "RateLimit" in kind:
        after = getattr(response, "headers", {}).get("retry-after", "")
        return "its rate limit is reached; " + (f"try again in {after} seconds" if after else "try again later")
    if status in (401, 403) or "Authentication" in kind:
        return "its key was refused; check the provider's API key"
    if re.search(r"api_key|api key|credentials|authentication", said, re.I) and status is None:
        return "no key is set; set the provider's API key, such as OPENAI_API_KEY"
    if status in (400, 413) and re.search(r"context|too long|maximum.{0,20}(?:length|tokens)", said, re.I):
        return "the question and its evidence are too long for it"
    if status == 404:
        return "the provider knows no such model; check its name"
    if "Timeout" in kind or "timed out" in said.lower():
        return "it did not answer in time"
    if "Connect" in kind or "refused" in said.lower() or "failed to connect" in said.lower():
        return "it cannot be reached; check that it runs and its address"
    if isinstance(status, int) and status >= 400:
        return f"the provider answered with error {status}"
    return "its reply could not be read"
