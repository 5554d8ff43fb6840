"""Ids that stand for content: where one is held already, what it stands for is held already."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def passage_id(source_id: str, start: int, text: str, spans: Sequence[tuple[int, int]] = ()) -> str:
    """A content hash: the same text at the same place of the same source, divided into the same sentences.

    Without the sentences, a better splitter over the same passages would find the old sentences' vectors.
    """
    bounds = "".join(f"\0{a}-{b}" for a, b in spans)
    return hashlib.sha256(f"{source_id}\0{start}\0{text}{bounds}".encode()).hexdigest()[:20]


def sentence_id(passage_id: str, n: int) -> str:
    """The id of a passage's n-th sentence in the vector index."""
    return f"{passage_id}.{n}"


def sentence_passage(id: str) -> str:
    """The passage of a sentence's id."""
    return id.rpartition(".")[0]
