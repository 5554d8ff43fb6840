"""A conversation as the browser holds it: read with suspicion, and rebuilt as plain strings."""

from __future__ import annotations

import html
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.types import Answer, Quote
from corpus.errors import BadInput, FootnoteError
from corpus.types import Passage
from ui.opening import Asker, Opening
from ui.panels import empty, evidence_html
from ui.progress import Progress
from ui.render import answer_html, question_text, sentence

LONGEST = 2_000  # characters of a question
REMEMBERED = 20  # earlier questions that a follow-up can lean on
TURNS = 100  # questions in one conversation
log = logging.getLogger(__name__)
Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What one turn adds to the page: HTML for the chat and HTML for the evidence panel, "" while it comes."""

    chat: str
    evidence: str


def messages(sent: Any) -> list[Message]:
    """The conversation that a client sent, as roles and strings and nothing else."""
    out: list[Message] = []
    for item in sent if isinstance(sent, list) else ():
        role = item.get("role") if isinstance(item, dict) else None
        if role in ("user", "assistant"):
            out.append({"role": str(role), "content": words(item.get("content"))})
    return out


def words(content: Any) -> str:
    """The text of a message; parts that are not text are left out."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    texts = (p.get("text") if isinstance(p, dict) else p for p in parts)
    return " ".join(t for t in texts if isinstance(t, str))


def questions(talk: Iterable[Message]) -> list[str]:
    """What the user asked, oldest first, as typed."""
    return [html.unescape(m["content"]) for m in talk if m["role"] == "user"]


def waiting(talk: Sequence[Message]) -> bool:
    """Whether the last question has no answer yet."""
    return bool(talk) and talk[-1]["role"] == "user"


def asked(question: str, talk: Sequence[Message]) -> list[Message]:
    """The conversation with one more question in it, as the chat shows it."""
    shown = question if len(question) <= LONGEST else question[:LONGEST] + "\u2026"
    return [*talk, {"role": "user", "content": question_text(shown)}]


def check(question: str) -> str:
    """The question without outer space; raises BadInput where it cannot be asked."""
    question = question.strip()
    if not question:
        raise BadInput("the question is empty; type one")
    if len(question) > LONGEST:
        size = f"{len(question):,} characters"
        raise BadInput(f"the question has {size}; at most {LONGEST:,} can be read")
    return question


def replies(opening: Opening, question: str, history: Sequence[str], turn: int, model: bool = False) -> Iterator[Reply]:
    """The answer to one turn as HTML; whatever goes wrong becomes one calm sentence.

    With `model`, the language model that the settings name writes, and what comes before the whole answer has no
    evidence: the last reply replaces it.
    """
    try:
        if turn > TURNS:
            raise BadInput(f"this conversation has {TURNS} questions; start a new one")
        assistant = opening.get()
        asked, earlier = check(question), history[-REMEMBERED:]
        if not model:
            yield _whole(assistant, assistant.ask(asked, earlier, ""), turn)
            return
        progress = Progress()
        for event in assistant.stream(asked, earlier):
            if isinstance(event, Answer):
                yield _whole(assistant, event, turn, progress.withdrawn())
            else:
                progress.take(event)
                yield Reply(progress.html(), "")
    except FootnoteError as error:
        yield failed(calm(str(error)), turn)
    except Exception:  # the page's outer edge: the reader gets a sentence, the log the trace
        log.exception("a question could not be answered")
        yield failed("Something went wrong while reading the library. Please ask again.", turn)


def _whole(assistant: Asker, answer: Answer, turn: int, more: str = "") -> Reply:
    around = passages(assistant, answer)
    return Reply(answer_html(answer, turn, more), evidence_html(answer, turn, around))


def failed(text: str, turn: int) -> Reply:
    """One calm sentence, and a panel that says there is nothing behind it."""
    return Reply(sentence(text), empty("There is no answer here, so there are no footnotes.", turn))


def calm(message: str) -> str:
    """An error's line as a sentence."""
    return message[:1].upper() + message[1:].rstrip(".") + "."


def passages(assistant: Asker, answer: Answer) -> dict[str, Passage]:
    """The passages that the answer's quotations stand in, by id."""
    ids = {c.support.passage_id for c in answer.citations if isinstance(c.support, Quote)}
    found = assistant.library.catalog.passages(sorted(ids))
    return {id: passage for id, (passage, _) in found.items()}
