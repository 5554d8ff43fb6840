"""The evidence behind one answer: a card for each footnote, then the figures as chart and table.

`gr.HTML` does not sanitise, so every foreign character here goes through `esc`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from assistant.types import Answer, Cell, Citation, Derived, Direction, Quote
from corpus.types import Origin, Passage, Source
from ui.chart import charts
from ui.footnotes import footnotes, told
from ui.markup import basis, day, esc, exact, flow_word, place, sign_class, web_address, when

AROUND = 320  # characters of the passage shown on each side of a quotation
PROMISE = (
    "Each sentence of an answer carries a number. The source behind it appears here, with the "
    "words or the table cell that it rests on."
)
NONE = "This answer rests on no source."
# A line end of print: behind a long line, and nothing begins after it as an item, a row or a heading does.
_LINE_END = re.compile(r"(?<=[^\n]{40})\n(?=[^\s|#>*\[(\u2022\u25cf\u2013\u2014-])(?!\w{1,2}[.)]\s)")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*|\n(?=#)")
_REFERENCES = re.compile(r"(?:\[\^[^\]\s]+\])+")


def empty(text: str = PROMISE, turn: int = 0) -> str:
    """The panel where there is no evidence to show."""
    said = f'<h2>Footnotes</h2><p class="empty">{esc(text)}</p>'
    return f'<section class="ev" data-turn="{turn}">{said}</section>'


def evidence_html(answer: Answer, turn: int, passages: Mapping[str, Passage]) -> str:
    """All evidence of one turn. `passages` holds, by id, those that the quotations stand in."""
    cards = "".join(card(c, turn, passages) for c in answer.citations)
    notes = f'<ol class="cards">{cards}</ol>' if cards else f'<p class="empty">{NONE}</p>'
    sections = [f"<h2>Footnotes</h2>{notes}", figures(answer)]
    if charts(answer.figures):  # a picture is looked at first
        sections.reverse()
    sections.append(others(answer))
    parts = [
        f'<p class="asked">{esc(answer.question.text)}</p>',
        *sections,
        f'<pre class="as-text" hidden>{esc(as_text(answer))}</pre>',
    ]
    return f'<section class="ev" data-turn="{turn}">{"".join(parts)}</section>'


def card(citation: Citation, turn: int, passages: Mapping[str, Passage]) -> str:
    """One numbered footnote: where it comes from and what it says."""
    support, source = citation.support, citation.source
    if isinstance(support, Quote):
        said = quotation(support, passages.get(support.passage_id))
    elif isinstance(support, Derived):
        said = working(support)
    elif isinstance(support, Direction):
        said = direction(support)
    else:
        said = cell_rows(support)
    origins = "".join(origin(o) for o in citation.origins)
    page = support.page if isinstance(support, Quote) else None
    name, about = f"{turn}-{citation.marker}", f'<p class="meta">{meta(source, page)}</p>'
    up = f'<a class="up" href="#up-{name}" title="Back to the sentence">\u21a9</a>'
    return (
        f'<li class="card" id="fn-{name}" tabindex="-1">'
        f'<header><span class="n">{citation.marker}</span>'
        f'<span class="title">{titled(source)}</span>{up}</header>'
        f'<div class="in-card">{about}{said}{origins}</div></li>'
    )


def titled(item: Source | Origin) -> str:
    """The title, linked where there is a web address to open."""
    return linked(esc(item.title), item.url)


def linked(markup: str, url: str) -> str:
    """Markup as a link that leaves the page, or as it is."""
    address = web_address(url)
    if not address:
        return markup
    return f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{markup}</a>'


def meta(source: Source, page: int | None = None) -> str:
    """Publisher, date and kind, in one line."""
    kind = "" if source.kind == "other" else source.kind.capitalize()
    where = f"page {page}" if page else ""
    return " \u00b7 ".join(esc(t) for t in (source.publisher, day(source.published), kind, where) if t)


def origin(item: Origin) -> str:
    """The primary source behind a secondary one."""
    by = esc(told(item.publisher, day(item.published)))
    return f'<p class="origin">after: {f"{by}, " if by else ""}{titled(item)}</p>'


def quotation(quote: Quote, passage: Passage | None) -> str:
    """The quoted words in <mark>, with the passage around them where it is at hand, or the cells of a row."""
    before, words, after, keys, heading = "", quote.text, "", {}, ""
    if passage and (at := quote.start - passage.start) >= 0:
        till = at + len(quote.text)
        if passage.text[at:till] == quote.text:
            flowing = _LINE_END.sub(" ", passage.text)  # of the same length
            if not quote.cells:
                before, after = clip_left(flowing[:at]), clip_right(flowing[till:])
            words = flowing[at:till]
            keys, heading = dict(passage.origins), under(quote.source, passage.heading)
    above = f'<p class="path">{esc(heading)}</p>' if heading else ""
    text = f"{prose(before, keys)}<mark>{prose(words, keys)}</mark>{prose(after, keys)}"
    return f"{above}<blockquote>{text}</blockquote>{row(quote) if quote.cells else ''}"


def row(quote: Quote) -> str:
    """A quoted row of a table: each cell under its column's name, and where the row stands."""
    places = [c.locator for c in quote.cells]
    rows = {p.rpartition(", column ")[0] for p in places}
    where = rows.pop() if len(rows) == 1 else ""  # the columns are named already
    where = where or (places[0] if len(places) == 1 else f"{places[0]} to {places[-1]}")
    return pairs([(esc(c.column_label or c.locator), esc(c.text)) for c in quote.cells] + [("Where", esc(where))])


def under(source: Source, heading: str) -> str:
    """The path of headings below the title, which the card has already."""
    return heading.removeprefix(source.title).removeprefix(" > ")


def prose(text: str, keys: Mapping[str, Origin]) -> str:
    """Source text, with the source's own footnote references set small."""
    out, at = [], 0
    for match in _REFERENCES.finditer(text):
        names = match.group()[2:-1].split("][^")
        title = esc("; ".join(keys[n].title if n in keys else n for n in names))
        out += [esc(text[at : match.start()]), f'<sup class="ref" title="{title}">\u2020</sup>']
        at = match.end()
    return "".join(out) + esc(text[at:])


def clip_left(text: str) -> str:
    """The end of a text: its last paragraph, cut between words."""
    text = _PARAGRAPH.split(text)[-1].lstrip()
    return text if len(text) <= AROUND else "\u2026 " + text[-AROUND:].partition(" ")[2]


def clip_right(text: str) -> str:
    """The beginning of a text: its first paragraph, cut between words."""
    text = _PARAGRAPH.split(text)[0].rstrip()
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] + " \u2026"


def cell_rows(cell: Cell) -> str:
    """A table cell with all that makes its number mean something."""
    f, m = cell.figure, cell.measure
    word = flow_word(cell)
    value = f'<b class="{sign_class(cell)}">{exact(cell)}</b>' + (f" ({word})" if word else "")
    rows = (
        ("Measure", esc(m.name)),
        ("Place, year", f"{esc(place(cell))}, {when(f.year)}"),
        ("Value", value),
        ("Unit", esc(m.unit)),
        ("Counted among", esc(m.denominator)),
        ("Edition", esc(m.edition)),
        ("Where", esc(f.locator)),
        ("Confidence", esc(f.confidence)),
        ("Note", esc(f.note)),
    )
    return pairs(rows)


def direction(known: Direction) -> str:
    """A year of which only the direction is known."""
    d, m = known.known, known.measure
    rows = (
        ("Measure", esc(m.name)),
        ("Place, year", f"{esc(place(known))}, {d.year}"),
        ("Value", f"none given; net {esc(d.direction)}"),
        ("Counted among", esc(m.denominator)),
        ("Where", esc(d.locator)),
        ("Note", esc(d.note)),
    )
    return pairs(rows)


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values in two columns, without the empty ones."""
    return f'<dl class="cell">{"".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in rows if v)}</dl>'


def working(derived: Derived) -> str:
    """A value that was worked out, with the cells that went in."""
    inputs = "".join(
        f"<li>{esc(place(c))}, {when(c.figure.year)}: {exact(c)} "
        f'<span class="meta">{esc(c.measure.short)}, {esc(basis(c.measure))}</span></li>'
        for c in derived.inputs
    )
    return f'<p class="formula">{esc(derived.formula)}</p><ul class="inputs">{inputs}</ul>'


def figures(answer: Answer) -> str:
    """The answer's figures, drawn where there is something to compare, and as a table."""
    if not answer.figures:
        return ""
    drawn, rows = charts(answer.figures), table(answer.figures)
    if drawn:
        rows = f"<details><summary>Show as table</summary>{rows}</details>"
    return f'<h2>Figures</h2><div class="panel">{drawn}{rows}</div>'


def others(answer: Answer) -> str:
    """The same in other editions, or what else comes near."""
    if not answer.alternatives:
        return ""
    return f'<h2>Other figures</h2><div class="panel">{table(answer.alternatives)}</div>'


def table(cells: Iterable[Cell]) -> str:
    """Cells as a table; values carry every digit that their sources print."""
    rows = "".join(
        f'<tr><th scope="row">{esc(place(c))}</th><td>{when(c.figure.year)}</td>'
        f'<td class="num {sign_class(c)}">{exact(c)}</td>'
        f'<td class="of">{esc(c.measure.short)}<small>{esc(basis(c.measure))}</small></td></tr>'
        for c in cells
    )
    names = ("Place", "Year", "Value", "Measure")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="scroll"><table>{body}</table></div>'


def as_text(answer: Answer) -> str:
    """The answer with its footnotes as plain text, for the clipboard."""
    return "\n".join([answer.text, "", *footnotes(answer)]).strip()
