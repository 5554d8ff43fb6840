"""Footnote inside LangChain: a retriever, tools and a runnable over the same functions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor
from langchain_core.tools import BaseTool, StructuredTool

from assistant.question import checked
from assistant.retrieve import Retriever
from assistant.types import Answer, cell_dict

if TYPE_CHECKING:
    from assistant.chain import Assistant


class FootnoteRetriever(BaseRetriever):
    """Passages of a library, with source and offsets in the metadata."""

    search: Any
    limit: int = 8

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [
            Document(
                id=h.passage.id,
                page_content=h.passage.text,
                metadata={
                    "source": h.source.id, "title": h.source.title, "start": h.passage.start, "end": h.passage.end,
                    "heading": h.passage.heading, "page": h.passage.page, "score": h.score,
                },
            )
            for h in self.search(query, self.limit)
        ]  # fmt: skip


def retriever(assistant: Assistant, limit: int) -> BaseRetriever:
    """The blended retrieval of an assistant's library."""
    return FootnoteRetriever(search=Retriever(assistant.library).search, limit=limit)


def tools(assistant: Assistant) -> list[BaseTool]:
    """Search passages, look up figures, and ask: each returns text for a model and values for a program."""

    def search_passages(query: str) -> tuple[str, list[Document]]:
        """Search the library's documents. Returns the best passages, each with its source and offsets."""
        found = retriever(assistant, 6).invoke(query)
        return "\n\n".join(f"[{d.id}] {d.metadata['title']}\n{d.page_content}" for d in found), found

    def figures(question: str) -> tuple[str, list[dict[str, Any]]]:
        """Look up, compare, rank or trace figures: say place, year and measure in plain words."""
        evidence = assistant.gather(assistant.read(checked(question)))
        rows = [cell_dict(c) for c in (*evidence.cells, *evidence.alternatives)]
        workings = [d.formula for d in evidence.derived]
        return json.dumps({"figures": rows, "workings": workings}, ensure_ascii=False), rows

    def ask(question: str) -> tuple[str, dict[str, Any]]:
        """A whole answer in which every sentence is cited and checked."""
        answer = assistant.ask(question)
        return answer.text, answer.to_dict()

    return [
        StructuredTool.from_function(f, response_format="content_and_artifact") for f in (search_passages, figures, ask)
    ]


class FootnoteRunnable(Runnable[Any, Any]):
    """A question, or {"question", "history", "model"}, to an Answer; `stream` gives the events before it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.name = "footnote"

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """The answer."""
        answer: Answer = self._call_with_config(lambda given: self._assistant.ask(*_asked(given)), input, config)
        return answer

    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Any]:
        """The events, and the answer last (assistant/events.py)."""
        yield from self._assistant.stream(*_asked(input))

    async def astream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Any]:
        """The same, each awaited."""
        events = self.stream(input, config)
        while (event := await run_in_executor(config, next, events, None)) is not None:
            yield event


def _asked(given: str | dict[str, Any]) -> tuple[str, Sequence[str], str | None]:
    if isinstance(given, str):
        return given, (), None
    return given["question"], given.get("history", ()), given.get("model")


def runnable(assistant: Assistant) -> Runnable[Any, Any]:
    """Takes a question, or {"question": ..., "history": [...], "model": ...}, and returns an Answer."""
    return FootnoteRunnable(assistant)
