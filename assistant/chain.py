"""The way of a question: read, gather, write, verify, answer.

Five plain functions joined by `Assistant`. `as_runnable` and the others hand the same steps to
LangChain users; a question by itself never imports LangChain.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assistant.check import Checker
from assistant.compose import Composer
from assistant.conversation import resolve
from assistant.events import Event, Step
from assistant.question import Reader, checked
from assistant.retrieve import Retriever
from assistant.tools import Figures
from assistant.types import Answer, Cell, Derived, Draft, Evidence, Question, Quote, Writer
from assistant.verify import assemble
from corpus import VERSION
from corpus.errors import ModelUnavailable
from corpus.library import Library
from corpus.places import gazetteer
from corpus.settings import Settings

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool


class Assistant:
    """Answers questions over one library. Safe to call from many threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._places = gazetteer()
        self._models: dict[str, Any] = {}

    @classmethod
    def open(cls, home: str | None = None, settings: Settings | None = None) -> Assistant:
        """An assistant over the library in `home`, or where the environment says.

        Raises NoLibrary where there is none; `ingest.open_library` makes one.
        """
        chosen = settings or Settings.read(os.environ)
        if home is not None:
            chosen = replace(chosen, home=str(home))
        return cls(Library.open(chosen))

    def close(self) -> None:
        """Give back what the library holds open."""
        self.library.close()

    def ask(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Answer:
        """A checked answer; `history` holds the earlier questions of the conversation, oldest first.

        Raises BadInput for an empty or over-long question, ModelUnavailable where a
        model is named whose package is not installed. A model that fails is told in the answer's notes.
        """
        for event in self.stream(question, history, model):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends in an answer")

    def stream(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Iterator[Event | Answer]:
        """What happens on the way, and the answer last; text of a model is unchecked until an event says more.

        `model` is "" for none, whatever the settings name.
        """
        name = self.library.settings.model if model is None else model
        checked(question)
        with self.library.asking():
            yield Step("read")
            read = self.read(question, history)
            yield Step("gather", read.standalone)
            evidence = self.gather(read)
            writer: Writer = Composer(self.library.figures, self._places, self._retriever)
            if name:
                draft, writer = yield from self._fluent(name, writer, read, evidence, history)
            else:
                draft = writer.write(read, evidence)
            answer = assemble(read, draft, self.library.catalog.text, writer.name, self.checker)
            answer = replace(answer, receipt=self._receipt(answer))
        yield answer

    def _fluent(
        self, name: str, composer: Writer, read: Question, evidence: Evidence, history: Sequence[str]
    ) -> Generator[Event, None, tuple[Draft, Writer]]:
        """The draft of a model, or the composed one with a note where it cannot be had."""
        from assistant.fluent import FluentWriter
        from assistant.generate import MissingPackage

        try:
            model = self._models.get(name) or self._models.setdefault(name, self._model(name))
        except MissingPackage:
            raise
        except ModelUnavailable as error:
            draft = composer.write(read, evidence)
            return replace(draft, notes=(*draft.notes, f"Composed without the model: {error}.")), composer
        writer = FluentWriter(
            name, model, composer, self.library, self.checker, self._places,
            self.read, self.gather, self._retriever.search, history,
        )  # fmt: skip
        return (yield from writer.events(read, evidence)), writer

    def _model(self, name: str) -> Any:
        from assistant.generate import chat_model

        return chat_model(name, self.library.settings)

    # -- the steps ---------------------------------------------------------------------------

    def read(self, question: str, history: Sequence[str] = ()) -> Question:
        """The question with its slots, and what the conversation adds."""
        return resolve(self._reader, question, history, self.library.figures, self._places)

    def gather(self, question: Question) -> Evidence:
        """Cells for a question about figures, passages for one about documents or definitions."""
        evidence = (
            Figures(self.library.figures, self._places).gather(question) if question.figures_asked else Evidence()
        )
        if question.figures_asked and question.asks != "define_measure":
            return evidence  # the writer looks for passages that state the very values
        hits = self._retriever.search(question.standalone, self.library.settings.passages)
        return replace(evidence, hits=tuple(hits))

    @property
    def _reader(self) -> Reader:
        table = self.library.figures
        held = self.__dict__.get("_reader_of")
        if held is None or held[0] is not table:
            held = (table, Reader(table, self._places))
            self.__dict__["_reader_of"] = held
        reader: Reader = held[1]
        return reader

    @property
    def checker(self) -> Checker:
        """The claims engine over the library's figures."""
        table = self.library.figures
        held: Checker | None = self.__dict__.get("_checker_of")
        if held is None or held.table is not table:
            held = self.__dict__["_checker_of"] = Checker(table, self._places)
        return held

    @cached_property
    def _retriever(self) -> Retriever:
        return Retriever(self.library)

    def _receipt(self, answer: Answer) -> tuple[tuple[str, Any], ...]:
        """What the answer was made from, so that it can be made again and compared."""
        evidence = [_evidence_id(c.support) for c in answer.citations]
        return (
            ("footnote", VERSION),
            ("library", self.library.version),
            ("documents", self.library.manifest),
            ("evidence", evidence),
            ("text", hashlib.sha256(answer.text.encode()).hexdigest()),
        )

    # -- for LangChain users -------------------------------------------------------------------

    def as_retriever(self, limit: int = 8) -> BaseRetriever:
        """The blended retrieval as a LangChain retriever of Documents."""
        from assistant.langchain import retriever

        return retriever(self, limit)

    def as_tools(self) -> list[BaseTool]:
        """The figure tools and the passage search as LangChain tools."""
        from assistant.langchain import tools

        return tools(self)

    def as_runnable(self) -> Runnable[Any, Answer]:
        """The whole way of a question as a Runnable: invoke, batch, stream, async."""
        from assistant.langchain import runnable

        return runnable(self)


def _evidence_id(support: object) -> str:
    if isinstance(support, Quote):
        return f"quote:{support.passage_id}:{support.start}-{support.end}"
    if isinstance(support, Cell):
        f = support.figure
        return f"figure:{f.measure}:{f.place}:{f.year}"
    if isinstance(support, Derived):
        return f"derived:{support.formula}"
    return f"direction:{support.known.measure}:{support.known.place}:{support.known.year}"  # type: ignore[attr-defined]
