"""What stands around an answer in plain words: how it was read, its footnotes, what was left out.

The same in the terminal, on the page and on the clipboard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assistant.types import Answer, Cell, Citation, Derived, Direction, Quote, Support
from assistant.wording import number
from corpus.types import Source
from ui.markup import day, place, said, visible, when

LISTED = 6  # inputs of a working that are named one by one


def reread(answer: Answer) -> str:
    """The question as it was understood, where that differs from what was typed."""
    asked, read = answer.question.text.strip(), answer.question.standalone.strip()
    same = asked.rstrip(" ?.").casefold() == read.rstrip(" ?.").casefold()
    return "" if same or not read else f"Read as: {read}"


def left_out(answer: Answer) -> str:
    """How many sentences no footnote could be found for; of those that a model wrote a note tells."""
    missing = answer.dropped - answer.withdrawn
    if not missing:
        return ""
    some = "1 sentence" if missing == 1 else f"{missing} sentences"
    return f"left out for want of support in the library: {some}."


def footnotes(answer: Answer) -> list[str]:
    """All footnotes with their numbers, one a line."""
    return [f"[{c.marker}] {footnote(c, answer.citations)}" for c in answer.citations]


def celled(quote: Quote) -> str:
    """The cells of a quoted row, each with its column and where it stands in the original."""
    said = [f"{line(c.column_label)}: {line(c.text)} ({c.locator})" for c in quote.cells if c.column_label]
    return "; " + "; ".join(said[:6] + ["..."] * (len(said) > 6)) if said else ""


def footnote(citation: Citation, all_of_them: Iterable[Citation] = ()) -> str:
    """What a marker stands on, so that a reader can go and check it."""
    support = citation.support
    if isinstance(support, Derived):
        markers = {c.support: c.marker for c in all_of_them}
        return f"Working: {support.formula} from {inputs(support, markers)}"
    if isinstance(support, Quote):
        where = f"page {support.page}, " if support.page is not None else ""
        where += f"characters {support.start}-{support.end}" + celled(support)
        after = "; ".join(told(o.publisher or f'"{o.title}"', day(o.published)) for o in support.origins)
        links = dict.fromkeys([support.source.url, *(o.url for o in support.origins)])
        behind = f"; after {after}" if after else ""
        return f'"{line(support.text)}" {cited(support.source, where)}{behind}.{listed(links)}'
    if isinstance(support, Direction):
        known, what = support.known, f"net {support.known.direction}, no value given"
        head = f"Direction: {support.measure.name}, {place(support)}, {known.year}: {what}."
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
    return said(number(cell.figure.value, plus=cell.measure.signed), cell.measure)


def cited(source: Source, where: str = "") -> str:
    """A source as a bibliography has it: publisher, title, date, place in it."""
    return told(source.publisher, f'"{source.title}"', day(source.published), where)


def told(*parts: str) -> str:
    """The parts that there are, with commas."""
    return ", ".join(line(p) for p in parts if p)


def listed(links: Iterable[str]) -> str:
    """Addresses after a sentence."""
    return "".join(f" {line(u)}" for u in links if u)


def line(text: str) -> str:
    """Foreign text on one line, with nothing in it that a terminal would obey."""
    return " ".join(visible(text).split())
