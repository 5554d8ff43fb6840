"""Presentations: a page a slide, its title as heading, tables and the data behind charts as tables."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from corpus.types import Document, Source
from ingest.read.about import dated, iso_of, language_of, printed_date
from ingest.read.grids import headed
from ingest.read.limits import LIMITS, within
from ingest.read.sheets import printed
from ingest.read.text import title_of
from ingest.read.transcript import Transcript, one_line
from ingest.read.zipped import unpacked_once


def read_slides(data: bytes, name: str, password: str = "") -> Document:
    """A Document from a PPTX file; hidden slides are left out and said to be."""
    unpacked_once(data, name)
    import pptx

    opened = pptx.Presentation(io.BytesIO(data))
    written = Transcript(name)
    within("slides", len(opened.slides), LIMITS.pages, name)
    first = ""
    for n, slide in enumerate(opened.slides, start=1):
        written.page = n
        if slide._element.get("show") == "0":
            written.remarks.append(f"slide {n} is hidden and was left out")
            continue
        title = slide.shapes.title
        said = one_line(title.text_frame.text) if title is not None and title.has_text_frame else ""
        first = first or said
        written.heading(1, said or f"Slide {n}")
        for shape in _in_order(slide.shapes, n == 1):
            if title is None or shape.shape_id != title.shape_id:
                _shape(written, shape)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            written.paragraph(slide.notes_slide.notes_text_frame.text)
    about = opened.core_properties
    created = about.created.isoformat() if isinstance(about.created, dt.datetime) else ""
    title_said = one_line(about.title or "")
    if title_said.lower() in ("powerpoint presentation", "presentation"):
        title_said = ""
    found = written.document(Source(id="", title=""))
    day, said_of_it = dated(printed_date(found.text, 600), iso_of(created))
    source = Source(
        id="", title=title_said or first or title_of(name), publisher=one_line(about.author or ""), kind="report",
        published=day,
        language=(about.language or "")[:2].lower() or language_of(found.text),
    )  # fmt: skip
    return replace(found, source=source, remarks=found.remarks + said_of_it)


def _in_order(shapes: Iterable[Any], first: bool) -> Iterator[Any]:
    """Shapes from top to bottom and left to right, groups taken apart; footers and slide numbers left out.

    The date stays on the first slide, where it is the date of the whole.
    """
    around = (13, 15) if first else (13, 15, 16)  # number, footer, date
    flat: list[Any] = []

    def take(found: Iterable[Any], depth: int) -> None:
        for shape in found:
            if hasattr(shape, "shapes") and depth < 20:
                take(shape.shapes, depth + 1)
            elif not (shape.is_placeholder and shape.placeholder_format.type in around):
                flat.append(shape)

    take(shapes, 0)
    return iter(sorted(flat, key=lambda s: ((s.top or 0) // 200_000, s.left or 0)))


def _shape(written: Transcript, shape: Any) -> None:
    if getattr(shape, "has_table", False):
        rows = [[one_line(c.text) for c in row.cells] for row in shape.table.rows]
        written.table(headed(rows))
    elif getattr(shape, "has_chart", False):
        _chart(written, shape.chart)
    elif shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            written.paragraph(paragraph.text)


def _chart(written: Transcript, chart: Any) -> None:
    """The numbers behind a chart, a row a category and a column a series."""
    title = one_line(chart.chart_title.text_frame.text) if chart.has_title and chart.chart_title.has_text_frame else ""
    for plot in chart.plots:
        series = list(plot.series)
        categories = [one_line(str(c)) for c in plot.categories]
        if not categories or not series:
            continue
        rows = [["", *(one_line(s.name or "") for s in series)]]
        for n, category in enumerate(categories):
            rows.append([category, *(printed(list(s.values)[n]) if n < len(list(s.values)) else "" for s in series)])
        written.table(headed(rows, title, 1))
