"""Passages: sentence-bounded pieces that tile a document exactly.

`"".join(p.text for p in passages) == document.text`, and each piece knows its place. A passage
grows over whole blocks under one heading up to a good length, and a block that is too long is cut
between sentences. What is not prose (front matter, headings, footnote definitions) is kept in the
passages, so that they tile, and has no sentences, so that it is never found. Of a table each row stands in
for a sentence, and its cells go with the passage.
"""

from __future__ import annotations

from bisect import bisect_left

from corpus.ids import passage_id
from corpus.sentences import Span, sentence_spans
from corpus.types import Block, Document, Origin, Passage, TableCell

LEAST = 280  # characters; below it a block joins the next one under the same heading
MOST = 1200  # characters; above it a block is cut between sentences

Split = tuple[Passage, tuple[Span, ...]]


def split(document: Document, source_id: str) -> list[Split]:
    """The passages of a document with the spans of their sentences, in order."""
    pieces: list[tuple[int, int, list[Span], Block]] = []
    for block in document.blocks:
        spans = _spans(document.text, block)
        for start, end, part in _cut(block, spans):
            if pieces and _joins(pieces[-1], start, end, part, block):
                a, _b, before, first = pieces[-1]
                pieces[-1] = (a, end, before + part, first if before else block)
            else:
                pieces.append((start, end, part, block))
    notes = dict(document.notes)
    cells = [c for block in document.blocks for c in block.cells]
    starts = [c.start for c in cells]
    found = []
    for piece in pieces:
        inside = cells[bisect_left(starts, piece[0]) : bisect_left(starts, piece[1])]
        found.append(_passage(document, source_id, piece, notes, tuple(inside)))
    return found


def _spans(text: str, block: Block) -> list[Span]:
    """The sentences of a block; of a table its rows, without those that hold a cell which is not confirmed."""
    if not block.prose:
        return []
    if not block.rows:
        return sentence_spans(text, block.start, block.end)
    doubtful = [c.start for c in block.cells if not c.confirmed]
    return [(a, b) for a, b in block.rows if not any(a <= at < b for at in doubtful)]


def _cut(block: Block, spans: list[Span]) -> list[tuple[int, int, list[Span]]]:
    if block.end - block.start <= MOST or len(spans) < 2:
        return [(block.start, block.end, spans)]
    parts: list[tuple[int, int, list[Span]]] = []
    start, held = block.start, [spans[0]]
    for span in spans[1:]:
        if span[1] - start > MOST:
            parts.append((start, span[0], held))
            start, held = span[0], []
        held.append(span)
    return [*parts, (start, block.end, held)]


def _joins(last: tuple[int, int, list[Span], Block], start: int, end: int, spans: list[Span], block: Block) -> bool:
    a, _b, before, first = last
    if not before:  # a heading goes with what follows it; front matter stays alone
        return bool(spans) and first.heading == block.heading and first.heading != "" and not first.prose
    return (
        bool(spans)
        and first.heading == block.heading
        and first.page == block.page
        and ((_b - a < LEAST or end - start < LEAST) and end - a <= MOST)
    )


def _passage(
    document: Document,
    source_id: str,
    piece: tuple[int, int, list[Span], Block],
    notes: dict[str, Origin],
    cells: tuple[TableCell, ...],
) -> Split:
    start, end, spans, block = piece
    text = document.text[start:end]
    keys = [k for k in notes if f"[^{k}]" in text] if spans else []
    origins = tuple((k, notes[k]) for k in keys)
    passage = Passage(
        passage_id(source_id, start, text, spans),
        source_id,
        text,
        start,
        end,
        block.heading,
        block.page,
        origins,
        cells,
    )
    return passage, tuple(spans)
