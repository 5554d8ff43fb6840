"""A document as JSON and back, to carry it out of the reader's process.

Not pickle: what comes out of a process that has parsed a hostile file is data, and is read as data.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from corpus.types import Block, Document, Origin, Sheet, Source, TableCell


def packed(document: Document) -> bytes:
    """The document as JSON in UTF-8."""
    body = {
        "source": asdict(document.source),
        "text": document.text,
        "notes": [[key, asdict(origin)] for key, origin in document.notes],
        "remarks": document.remarks,
        "blocks": [
            [b.start, b.end, b.heading, b.page, b.prose, b.keys, [_cell(c) for c in b.cells], b.rows]
            for b in document.blocks
        ],
        "sheets": [[s.name, s.rows, s.locators] for s in document.sheets],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def unpacked(data: bytes) -> Document:
    """The document in this JSON; raises ValueError, KeyError or TypeError for what is none."""
    raw: dict[str, Any] = json.loads(data)
    return Document(
        Source(**raw["source"]),
        str(raw["text"]),
        tuple(_block(b) for b in raw["blocks"]),
        tuple((key, Origin(**origin)) for key, origin in raw["notes"]),
        tuple(raw["remarks"]),
        tuple(
            Sheet(name, tuple(tuple(r) for r in rows), tuple(tuple(r) for r in where))
            for name, rows, where in raw["sheets"]
        ),
    )


def _cell(c: TableCell) -> list[Any]:
    return [c.text, c.start, c.end, c.row_label, c.column_label, c.locator, c.page, c.confirmed]


def _block(raw: list[Any]) -> Block:
    start, end, heading, page, prose, keys, cells, rows = raw
    held = tuple(TableCell(*c) for c in cells)
    return Block(int(start), int(end), heading, page, prose, tuple(keys), held, tuple((a, b) for a, b in rows))
