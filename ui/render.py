"""An answer as the chat shows it: one block of HTML on one line, made from nothing but the Answer.

The block passes through Gradio's Markdown and sanitiser, so every foreign character goes through
`plain` and only tags, classes, titles and local links are used. Evidence is in `ui.panels`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from assistant.types import Answer, Cell, Citation, Refusal, Statement
from assistant.wording import capital
from ui.footnotes import left_out, reread
from ui.markup import basis, exact, flow_word, place, plain, shown, sign_class, when

TILES = 4  # more figures than this are read in the chart and the table

_ROW = re.compile(r'(["\u201c]?)\| (.*) \|(["\u201d]?)')


def answer_html(answer: Answer, turn: int, more: str = "") -> str:
    """The whole answer of one turn; `turn` makes its footnotes' ids unique on the page, `more` is HTML below it."""
    notes = {c.marker: c for c in answer.citations}
    parts = [
        reading(answer),
        refusal_lead(answer.refusal),
        *body(answer, turn, notes),
        refusal_rest(answer.refusal),
        remarks(answer),
        more,
        f'<p class="tools"><a href="#copy-{turn}">Copy with footnotes</a></p>',
    ]
    return f'<div class="answer {answer.status}">{"".join(parts)}</div>'


def question_text(text: str) -> str:
    """A question as its asker typed it."""
    return plain(text)


def sentence(text: str) -> str:
    """One calm sentence in place of an answer."""
    return f'<div class="answer"><p class="lead">{plain(text)}</p></div>'


def reading(answer: Answer) -> str:
    """How a follow-up was understood, where that differs from what was typed."""
    read = reread(answer)
    return f'<p class="read">{plain(read)}</p>' if read else ""


def body(answer: Answer, turn: int, notes: Mapping[int, Citation]) -> Iterator[str]:
    """Paragraphs and quotations, with the figure tiles under the first sentence."""
    rest = answer.statements
    if rest and not rest[0].quoted and not answer.refusal:
        yield f'<p class="lead">{statement_html(rest[0], turn, notes)}</p>'
        rest = rest[1:]
    yield tiles(answer.figures)
    for run in runs(rest):
        said = " ".join(statement_html(s, turn, notes) for s in run)
        lead = f'<span class="who">{plain(run[0].lead_in)}</span> ' if run[0].lead_in else ""
        if run[0].quoted:
            above = f'<p class="lead-in">{lead}</p>' if lead else ""
            yield f'<div class="said">{above}<blockquote>{said}</blockquote></div>'
        else:
            yield f"<p>{lead}{said}</p>"


def runs(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """Sentences that stand together: a lead-in, or a change to or from quoting, parts them."""
    number = 0
    keys: list[tuple[int, bool]] = []
    listed = list(statements)
    for s in listed:
        number += bool(s.lead_in)
        keys.append((number, s.quoted))
    for _, pairs in groupby(zip(keys, listed, strict=True), key=lambda pair: pair[0]):
        yield [s for _, s in pairs]


def statement_html(statement: Statement, turn: int, notes: Mapping[int, Citation]) -> str:
    """A sentence with its key words marked and its pills behind it."""
    said, marks = statement.text, statement.marks
    if statement.quoted and (row := _ROW.fullmatch(said)):  # of a table, without its outer bars
        said, marks = "".join(row.groups()), tuple((max(a - 2, 0), b - 2) for a, b in marks)
    words = marked(said, marks)
    if statement.quoted:
        bare = said.startswith(("\u201c", '"', "\u300c", "\u00ab"))
        words = f"<q>{words}</q>" if bare else f"<q>\u201c{words}\u201d</q>"
    return words + "".join(pill(n, turn, notes.get(n)) for n in statement.markers)


def marked(text: str, marks: Iterable[tuple[int, int]]) -> str:
    """The text with its marked spans in <b>; spans that overlap or leave the text are trimmed."""
    out: list[str] = []
    at = 0
    for start, end in sorted(marks):
        start, end = max(start, at), min(end, len(text))
        if start < end:
            out += [plain(text[at:start]), f'<b class="key">{plain(text[start:end])}</b>']
            at = end
    return "".join(out) + plain(text[at:])


def pill(marker: int, turn: int, citation: Citation | None) -> str:
    """The numbered link from a sentence to its card."""
    title = f"Footnote {marker}"
    if citation:
        title += f": {citation.source.title}"
    return f'<a class="cite" href="#fn-{turn}-{marker}" title="{plain(title)}">{marker}</a>'


def tiles(cells: tuple[Cell, ...]) -> str:
    """The answer's own figures, large; nothing where there are more than a reader takes in."""
    if not 0 < len(cells) <= TILES:
        return ""
    return f'<div class="tiles">{"".join(tile(c) for c in cells)}</div>'


def tile(cell: Cell) -> str:
    """One figure: place and year, value with sign, what the sign means, what it counts per."""
    kind, word = sign_class(cell), flow_word(cell)
    arrow = {"in": "\u25b2", "out": "\u25bc"}.get(kind, "")
    said = f'<span class="flow"><span class="arrow">{arrow}</span> {word}</span>' if word else ""
    title = f"{cell.measure.name}: {exact(cell)}"
    return (
        f'<div class="tile {kind}" title="{plain(title)}">'
        f'<span class="what">{plain(place(cell))}, {when(cell.figure.year)}</span>'
        f'<span class="value">{shown(cell)}</span>{said}'
        f'<span class="basis">{plain(basis(cell.measure))}</span></div>'
    )


def refusal_lead(refusal: Refusal | None) -> str:
    """The sentence that says that there is no answer."""
    return f'<p class="lead">{plain(refusal.said)}</p>' if refusal and refusal.said else ""


def refusal_rest(refusal: Refusal | None) -> str:
    """What was looked for, what the library holds instead, and what can be asked."""
    if not refusal:
        return ""
    out = ""
    if refusal.looked_for:
        out += f"<dt>Looked for</dt><dd>{plain(refusal.looked_for)}</dd>"
    if refusal.found:
        out += f"<dt>Found</dt>{''.join(f'<dd>{plain(f)}</dd>' for f in refusal.found)}"
    if refusal.try_:
        links = "".join(f'<dd><a class="ask" href="#ask">{plain(q)}</a></dd>' for q in refusal.try_)
        out += f"<dt>You can ask</dt>{links}"
    return f'<dl class="instead">{out}</dl>' if out else ""


def remarks(answer: Answer) -> str:
    """What one should know before quoting the answer, and who wrote it."""
    items = [*answer.notes]
    if missing := left_out(answer):
        items.append(capital(missing))
    if answer.writer != "composed":
        items.append(f"Written by {answer.writer}; each sentence was checked against its footnotes.")
    if not items:
        return ""
    return f'<ul class="notes">{"".join(f"<li>{plain(i)}</li>" for i in items)}</ul>'
