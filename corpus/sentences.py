"""Sentence boundaries as exact character spans.

The pieces rebuild the text: every span is a slice of it, in order, without overlap; what lies
between two spans is white space or Markdown footnote references. Libraries either move offsets,
need a model download, or are some forty times slower (docs/decisions.md).
"""

from __future__ import annotations

import re

Span = tuple[int, int]

# Words whose final full stop seldom ends a sentence. Lower case, without the stop.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st no nos fig figs eq art arts sec para paras vol ch pp ed eds cf vs etc e.g i.e al approx "
    "gen gov sen rep jr sr inc ltd co corp dept univ assn bros jan feb mar apr jun jul aug sep sept oct nov dec "
    "u.s u.k u.n e.u a.m p.m ph.d m.sc b.sc n.d ca min max est".split()
)
# After these a following capital usually does begin a sentence (Inc., U.S., etc.).
_MAY_END = frozenset("inc ltd co corp etc u.s u.k u.n e.u a.m p.m ph.d jr sr n.d".split())
# These abbreviate only before a number ("No. 5"); else they are words ("The answer is no.").
_BEFORE_NUMBER = frozenset("no nos fig figs art arts sec para paras vol ch eq".split())
_CLOSERS = "\"'\u2019\u201d)]\u00bb"
_END = re.compile(
    r"(?P<stop>[.!?\u2026]+)(?P<close>[" + re.escape(_CLOSERS) + r"]*)(?P<refs>(?:\[\^[^\]\s]+\])*)(?=\s|$)"
    r"|(?P<cjk>[\u3002\uff01\uff1f]+[\u300d\u300f\uff09]*)(?P<crefs>(?:\[\^[^\]\s]+\])*)"
)
_LAST_WORD = re.compile(r"[\w.\-]+$")
_STARTS_SENTENCE = re.compile(
    r"\s+[\"'\u2018\u201c(\[\u00ab*_]*[A-Z0-9\u00c0-\u00de\u0400-\u042f\u3040-\u9fff\uac00-\ud7a3+\-\u2212]"
)
REFERENCE = re.compile(r"\[\^([^\]\s]+)\]")
_LEADING = re.compile(r"(?:\s|\[\^[^\]\s]+\])*(?:(?:[-*+\u2022]|\d{1,3}[.)])[ \t]+)?(?:>[ \t]*)*")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of `text[start:end]` as spans of `text`, bullets and footnote marks left out."""
    stop = len(text) if end is None else end
    spans: list[Span] = []
    for a, b in _lines_apart(text, start, stop):
        at = a
        for match in _END.finditer(text, a, b):
            if match.start() < at:
                continue
            if match["cjk"] is None and not _ends_here(text, at, match, b):
                continue
            _append(
                spans,
                text,
                at,
                match.start("refs") if match["cjk"] is None else match.start("crefs"),
            )
            at = match.end()
        _append(spans, text, at, b)
    return spans


def _append(spans: list[Span], text: str, a: int, b: int) -> None:
    lead = _LEADING.match(text, a, b)
    a = lead.end() if lead else a
    piece = text[a:b].rstrip()
    trailing = REFERENCE.search(piece)
    while trailing and REFERENCE.sub("", piece[trailing.start() :]).strip() == "":
        piece = piece[: trailing.start()].rstrip()
        trailing = REFERENCE.search(piece)
    if any(c.isalnum() for c in piece):
        spans.append((a, a + len(piece)))


def _lines_apart(text: str, start: int, end: int) -> list[Span]:
    """Paragraphs, list items, table rows and headings: a sentence never runs over two of them."""
    cuts = [start]
    for match in re.finditer(
        r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+\u2022]|\d{1,3}[.)])[ \t])|\n(?=[ \t]*[|#>])|(?<=\|)[ \t]*\n",
        text[start:end],
    ):
        cuts.append(start + match.end())
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def _ends_here(text: str, start: int, match: re.Match[str], end: int) -> bool:
    if match.end() >= end:
        return True
    follows_capital = _STARTS_SENTENCE.match(text, match.end(), end) is not None
    if match["stop"] != "." and match["stop"].strip(".\u2026") == "":
        return follows_capital  # an ellipsis
    if match["stop"] != ".":
        return follows_capital or match["close"] == ""
    if not follows_capital:
        return False
    word = _LAST_WORD.search(text, max(start, match.start() - 40), match.start())
    if word is None or match["refs"]:
        return True
    token = word.group().lower().rstrip(".")
    if len(token) == 1 and token.isalpha() and text[match.start() - 1].isupper():
        return False  # an initial: J. Smith
    if re.fullmatch(r"\d{1,3}", token) and word.start() == start:
        return False  # a numbered heading: "3. Results"
    if token in _BEFORE_NUMBER:
        return re.match(r"\s+(?:\d|[IVX]{2,}\b)", text[match.end() : end]) is None
    if token in _ABBREVIATIONS:
        return (
            token in _MAY_END
            and re.match(
                r"\s+(?:The|A|An|In|On|It|This|That|However|But)\b",
                text[match.end() : match.end() + 12],
            )
            is not None
        )
    return True
