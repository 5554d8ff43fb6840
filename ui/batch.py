"""Questions and drafts as JSON lines, and an answer or a reason for each."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from assistant.types import Answer
from corpus.errors import BadInput, FootnoteError

if TYPE_CHECKING:
    from assistant.chain import Assistant
    from assistant.check import Checker
    from assistant.passages import Passages

MANY = 500  # lines; a process more takes a second to open, in which one process answers some fifty questions
MOST_BYTES = 5_000_000  # of a draft: ten times the longest report that was tried


def answer_lines(
    stream: Iterable[bytes], submit: Callable[[str, list[str]], Callable[[], Answer]], ahead: int = 0
) -> Iterator[dict[str, Any]]:
    """The answer to the question of each line, or under "error" why there is none; in the order of the lines.

    `submit` takes a question and its history and gives a call that waits for the answer; so many lines
    are read `ahead` of the one that is waited for.
    """
    waiting: deque[tuple[Any, Callable[[], Answer]]] = deque()
    for n, raw in enumerate(stream, start=1):
        if not raw.strip():
            continue
        waiting.append(_submitted(raw, n, submit))
        if len(waiting) > ahead:
            yield _answered(*waiting.popleft())
    while waiting:
        yield _answered(*waiting.popleft())


def _submitted(
    raw: bytes, n: int, submit: Callable[[str, list[str]], Callable[[], Answer]]
) -> tuple[Any, Callable[[], Answer]]:  # fmt: skip
    id = None
    try:
        row = row_of(raw, n)
        id = row.get("id")
        return id, submit(*asked_in(row, n))
    except FootnoteError as error:
        return id, partial(_raised, error)


def _answered(id: Any, answer: Callable[[], Answer]) -> dict[str, Any]:
    try:
        return {"id": id, "answer": answer().to_dict()}
    except FootnoteError as error:
        return {"id": id, "error": str(error)}


def _raised(error: FootnoteError) -> Answer:
    raise error


@contextmanager
def asking(
    assistant: Assistant, model: str | None, many: bool
) -> Iterator[tuple[Callable[[str, list[str]], Callable[[], Answer]], int]]:  # fmt: skip
    """What submits questions to one assistant, or `many` of them to a process a core; and how far ahead it pays."""
    if not many or model or os.cpu_count() == 1:
        yield lambda question, history: partial(assistant.ask, question, history, model), 0
        return
    from assistant.crowd import Crowd

    crowd = Crowd(assistant.library.settings)
    try:
        yield lambda question, history: crowd.submit(question, history).result, 8 * crowd.processes
    finally:
        crowd.close()


def is_long(stream: IO[bytes]) -> bool:
    """Whether a stream is a file of more than MANY lines; a pipe, whose end nobody knows, is not."""
    if not stream.seekable():
        return False
    long = next(islice(stream, MANY, None), None) is not None
    stream.seek(0)
    return long


def check_lines(stream: Iterable[bytes], check: Callable[[str], list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """The claims of each line's text, or under "error" why it could not be read."""
    for n, raw in enumerate(stream, start=1):
        if not raw.strip():
            continue
        id = None
        try:
            row = row_of(raw, n)
            id, text = row.get("id"), row.get("text")
            if not isinstance(text, str):
                raise BadInput(f"line {n} has no text that is a string; add one")
            result: dict[str, Any] = {"id": id, "claims": check(clean(text))}
        except FootnoteError as error:
            result = {"id": id, "error": str(error)}
        yield result


def check_all(
    stream: Iterable[bytes], checker: Checker, passages: Passages | None, tell: Callable[[dict[str, Any]], None]
) -> str:
    """Check the text of every line; what was contradicted or unreadable, as a sentence, or nothing."""
    from assistant.report import checked

    wrong = failed = 0
    for row in check_lines(stream, lambda text: [c.to_dict() for c in checked(checker, text, passages)]):
        tell(row)
        failed += "error" in row
        wrong += any(c["verdict"] == "contradicted" for c in row.get("claims", ()))
    if not wrong and not failed:
        return ""
    return f"{wrong} lines hold a contradicted claim, and {failed} could not be read; see each line's claims"


def draft(path: str) -> str:
    """The text of a draft: a file of UTF-8, or standard input for "-"; raises BadInput."""
    import click

    with click.open_file(path, "rb") as stream:
        raw: bytes = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise BadInput(f"{path!r} holds more than {MOST_BYTES:,} bytes; split the draft")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path!r} is not a text in UTF-8; save the draft as plain text") from None


def row_of(raw: bytes, n: int) -> dict[str, Any]:
    """The object of a line; raises BadInput."""
    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"line {n} is not JSON ({error}); write one object a line") from None
    if not isinstance(row, dict):
        raise BadInput(f"line {n} is not an object; write one with id and question, or id and text")
    return row


def asked_in(row: dict[str, Any], n: int) -> tuple[str, list[str]]:
    """The question and history of a line's object; raises BadInput."""
    question, history = row.get("question"), row.get("history") or []
    if not isinstance(question, str):
        raise BadInput(f"line {n} has no question that is a string; add one")
    if not isinstance(history, list) or not all(isinstance(h, str) for h in history):
        raise BadInput(f"line {n} has a history that is not a list of strings; leave it out")
    return clean(question), [clean(h) for h in history]


def clean(text: str) -> str:
    """Text that can be encoded: what was no UTF-8 on the command line becomes U+FFFD."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
