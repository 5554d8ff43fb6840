"""A document that was sent to the page: what it is and what becomes of it, in a process of its own.

`python -m ingest.upload` takes two frames a document by standard input (what to do, the file) and answers in lines of
JSON: how far it is, then a proposal, an entry or an error. It goes on until its input ends. The process that answers
questions meanwhile keeps its memory and its time, and takes the new documents over as from any other that adds.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

from corpus.errors import FootnoteError
from corpus.library import Library
from corpus.settings import Settings
from corpus.types import Source
from ingest.build import add_uploads
from ingest.propose import proposed
from ingest.read import Given
from ingest.read.apart import read_apart
from ingest.read.worker import receive
from ingest.split import split
from ingest.stage import Outcome

_FIGURES = (
    "its rows can be quoted; the command footnote add makes figures by place and year of them and asks their unit"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What adding a document would do, and what was found in it."""

    name: str
    outcome: Outcome
    source: Source
    passages: int
    tables: int
    cells: int
    doubtful: int  # cells that two readings do not agree on: they are not quoted
    pages: int  # 0 where the format has none
    remarks: tuple[str, ...]


def propose(library: Library, name: str, data: bytes, password: str = "") -> Proposal:
    """What `add_uploads` would do with a file, without doing it; raises Unreadable with the reason."""
    document = read_apart(data, name, password)
    source = replace(document.source, id=document.source.id or "new")
    passages = split(replace(document, source=source), source.id)
    here, same = library.catalog.locate(f"upload:{name}", hashlib.sha256(data).hexdigest())
    cells = [c for block in document.blocks for c in block.cells]
    return Proposal(
        name, "unchanged" if same is not None and same == (here or same) else "replaced" if here else "added",
        source, len(passages), sum(bool(b.cells) for b in document.blocks), len(cells),
        sum(not c.confirmed for c in cells), max((b.page or 0 for b in document.blocks), default=0),
        document.remarks + ((_FIGURES,) if document.sheets and proposed(document, name) else ()),
    )  # fmt: skip


def done(asked: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """What came of a request: a proposal, an entry of a report, or an error with its kind."""
    name, password = str(asked["name"]), str(asked["password"])
    try:
        with closing(Library.open(Settings(**asked["settings"]))) as library:  # anew: others write to it too
            if asked["do"] == "propose":
                return {"proposal": asdict(propose(library, name, data, password))}
            report = add_uploads(library, [(name, data)], said_how_far, Given(**asked["given"]), password)
    except FootnoteError as error:
        return {"error": str(error), "kind": type(error).__name__}
    entry = report.entries[0]
    return {"error": entry.reason, "kind": ""} if entry.outcome == "refused" else {"entry": asdict(entry)}


def said_how_far(count: int, total: int) -> None:
    """Tell whoever started this process."""
    said({"done": count, "total": total})


def said(line: Mapping[str, Any]) -> None:
    """One line of the answer."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Do what each request says, until standard input ends."""
    while (asked := receive(sys.stdin.buffer)) is not None and (data := receive(sys.stdin.buffer)) is not None:
        said(done(json.loads(asked), data))


if __name__ == "__main__":
    main()
