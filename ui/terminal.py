"""What the terminal shows: every function here turns values into text and touches nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.types import Answer, Cell, Citation, Derived, Direction, Quote, Support
from assistant.wording import number
from corpus.types import Measure, Source
from ui.markup import day, place, when

if TYPE_CHECKING:
    from ingest.build import Entry, Report

LISTED = 6  # inputs of a working that are named one by one
# Controls that could move the cursor or recolour the screen, and the bidirectional overrides
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_WIDE = frozenset("WF")


def as_text(answer: Answer, width: int | None = None) -> str:
    """The answer, its numbered sources, its notes, and for a refusal what can be asked instead."""
    asked, read = answer.question.text.strip(), answer.question.standalone.strip()
    same = asked.rstrip(" ?.").casefold() == read.rstrip(" ?.").casefold()
    parts = [
        [] if same or not read else [f"Read as: {read}"],
        answer.text.split("\n"),
        [f"[{c.marker}] {footnote(c, answer.citations)}" for c in answer.citations],
        list(notes(answer)),
        list(instead(answer)),
    ]
    return "\n\n".join("\n".join(wrapped(line, width) for line in p) for p in parts if any(p))


def footnote(citation: Citation, all_of_them: Iterable[Citation] = ()) -> str:
    """What a marker stands on, so that a reader can go and check it."""
    support = citation.support
    if isinstance(support, Derived):
        markers = {c.support: c.marker for c in all_of_them}
        return f"Working: {support.formula} from {inputs(support, markers)}"
    if isinstance(support, Quote):
        where = f"page {support.page}, " if support.page is not None else ""
        where += f"characters {support.start}-{support.end}"
        after = "; ".join(told(o.publisher or f'"{o.title}"', day(o.published)) for o in support.origins)
        links = dict.fromkeys([support.source.url, *(o.url for o in support.origins)])
        behind = f"; after {after}" if after else ""
        return f'"{line(support.text)}" {cited(support.source, where)}{behind}.{listed(links)}'
    if isinstance(support, Direction):
        known, what = support.known, f"net {support.known.direction}, no value given"
        name, named = support.measure.name, support.place_name.removeprefix("the ")
        head = f"Direction: {name}, {named}, {known.year}: {what}."
        return f"{head} {cited(support.source, known.locator)}.{listed([support.source.url])}"
    f = support.figure
    head = f"Figure: {support.measure.name}, {place(support)}, {when(f.year)}: {value(support)}."
    return f"{head} {cited(support.source, f.locator)}.{listed([support.source.url])}"


def inputs(derived: Derived, markers: Mapping[Support, int]) -> str:
    """Where a working's values stand: their markers, or their names where they have none."""
    numbered = " ".join(f"[{markers[c]}]" for c in derived.inputs if c in markers)
    named = [c for c in derived.inputs if c not in markers]
    rest = ", ".join(f"{place(c)} {when(c.figure.year)}" for c in named[:LISTED])
    if len(named) > LISTED:
        rest += f" and {len(named) - LISTED} more"
    source = derived.inputs[0].source if derived.inputs else None
    behind = f" ({cited(source)})" if source and rest else ""
    return " and ".join(t for t in (numbered, rest + behind) if t)


def value(cell: Cell) -> str:
    """A cell's value with all its digits and what it counts: "-0.30 per 10,000 members"."""
    m = cell.measure
    return said(number(cell.figure.value, plus=m.signed), m)


def said(digits: str, m: Measure) -> str:
    """A printed value with the unit and base of its measure."""
    if m.unit == "%":
        return f"{digits}% of {m.denominator_short}"
    if m.unit.startswith("%"):
        return f"{digits}{m.unit}"
    if m.per > 1:
        return f"{digits} per {m.per:,} {m.denominator_short}"
    return f"{m.unit} {digits}" if m.kind == "rank" else f"{digits} {m.unit}"


def cited(source: Source, where: str = "") -> str:
    """A source as a bibliography has it: publisher, title, date, place in it."""
    return told(source.publisher, f'"{source.title}"', day(source.published), where)


def notes(answer: Answer) -> Iterator[str]:
    """What one should know before quoting the answer."""
    yield from (f"Note: {n}" for n in answer.notes)
    if answer.dropped:
        some = "1 sentence" if answer.dropped == 1 else f"{answer.dropped} sentences"
        yield f"Note: left out for want of support in the library: {some}."


def instead(answer: Answer) -> Iterator[str]:
    """For a refusal: what was looked for, what was found, and what can be asked."""
    if not (r := answer.refusal):
        return
    yield f"Looked for: {r.looked_for}"
    yield from (f"Found: {f}" for f in r.found)
    if r.try_:
        yield "You can ask:"
        yield from (f"  - {q}" for q in r.try_)


def sources_text(sources: Iterable[Source]) -> str:
    """Documents, one a line."""
    rows = [(s.id, s.published, s.publisher, s.title) for s in sources]
    return table(("Id", "Date", "Publisher", "Title"), rows) if rows else "No documents."


def figures_text(cells: Iterable[Cell]) -> str:
    """Figures, one a line, each with its unit and base."""
    rows = [
        (place(c), when(c.figure.year), value(c), c.measure.short, c.source.id, c.figure.confidence)
        for c in cells
    ]
    if not rows:
        return "No figure in the library matches."
    return table(("Place", "Year", "Value", "Measure", "Source", "Confidence"), rows)


def report_text(report: Report) -> str:
    """What became of every file that was not refused, and the counts."""
    done = [entry_text(e) for e in report.entries if e.outcome != "refused"]
    return "\n".join([*done, str(report)])


def entry_text(entry: Entry) -> str:
    """What became of one file."""
    some = f" ({entry.passages} passage{'s' * (entry.passages != 1)})" if entry.passages else ""
    return f"{entry.outcome:9}  {line(entry.name)}  as {entry.source_id}{some}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows in columns that line up, whole even where a terminal is narrow."""
    grid = [tuple(header), *(tuple(line(c) for c in row) for row in rows)]
    widths = [max(columns(c) for c in column) for column in zip(*grid, strict=True)]
    return "\n".join(
        "  ".join(c + " " * (w - columns(c)) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in grid
    )


def size(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1_000_000:,.1f} MB" if count >= 100_000 else f"{count / 1000:,.1f} kB"


def told(*parts: str) -> str:
    """The parts that there are, with commas."""
    return ", ".join(line(p) for p in parts if p)


def listed(links: Iterable[str]) -> str:
    """Addresses after a sentence."""
    return "".join(f" {line(u)}" for u in links if u)


def line(text: str) -> str:
    """Foreign text on one line, with nothing in it that a terminal would obey."""
    return " ".join(_UNSEEN.sub("", text).split())


def wrapped(text: str, width: int | None) -> str:
    """A line broken at spaces to the width, its later lines under its first word's text."""
    text = _UNSEEN.sub("", text)
    hang = re.match(r"\[\d+\] |\s*- |", text)
    indent = " " * len(hang[0]) if hang else ""
    if width is None or columns(text) <= width:
        return text
    lines, at, fresh = [], text[: len(indent)], True
    for word in text[len(indent) :].split(" "):
        if not fresh and columns(at) + columns(word) > width:
            lines.append(at.rstrip())
            at = indent
        at, fresh = f"{at}{word} ", False
    return "\n".join([*lines, at.rstrip()])


def columns(text: str) -> int:
    """How many columns a terminal gives a text: two for a wide character, none for an accent."""
    if text.isascii():
        return len(text)
    seen = (c for c in text if not unicodedata.combining(c))
    return sum(1 + (unicodedata.east_asian_width(c) in _WIDE) for c in seen)
