"""Questions and drafts as JSON lines, and an answer or a reason for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from assistant.types import Answer
from corpus.errors import BadInput, FootnoteError

if TYPE_CHECKING:
    from assistant.check import Checker
    from assistant.passages import Passages

MOST_BYTES = 5_000_000  # of a draft: ten times the longest report that was tried


def answer_lines(stream: Iterable[bytes], answer: Callable[[str, list[str]], Answer]) -> Iterator[dict[str, Any]]:
    """The answer to the question of each line, or under "error" why there is none."""
    for n, raw in enumerate(stream, start=1):
        if not raw.strip():
            continue
        id = None
        try:
            row = row_of(raw, n)
            id = row.get("id")
            result = {"id": id, "answer": answer(*asked_in(row, n)).to_dict()}
        except FootnoteError as error:
            result = {"id": id, "error": str(error)}
        yield result


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
