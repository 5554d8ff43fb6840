"""How the page looks: style sheet, fonts, mark, words that never change, and its script."""

from __future__ import annotations

import html
import json
from pathlib import Path

from ingest.read import FORMATS

STATIC = Path(__file__).parent / "static"
FONTS = STATIC / "fonts"
STYLE = STATIC / "style.css"
FAVICON = STATIC / "mark.svg"
SCRIPTS = (STATIC / "page.js", STATIC / "upload.js")
# plain names: Gradio loads nothing for them, and the style sheet declares the first
SANS = ["Inter", "system-ui", "sans-serif"]
MONO = ["ui-monospace", "monospace"]

# A line of text with a raised footnote figure: drawn in the colour of the text around it.
MARK = (
    '<svg class="mark-svg" width="30" height="30" viewBox="0 0 32 32" aria-hidden="true">'
    '<path class="m-line" d="M4 14h11M4 20h18M4 26h13" fill="none" stroke-width="2.4" '
    'stroke-linecap="round"/><circle class="m-disc" cx="23.5" cy="9" r="7"/>'
    '<path class="m-one" d="M21.6 7.4l2.4-1.7v6.6" fill="none" stroke-width="1.9" '
    'stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
HELLO = (
    '<div class="hello"><h2>Ask a question. Check every sentence.</h2><p>Answers come from the '
    "library\u2019s documents and tables only; each sentence carries a numbered footnote that "
    "opens the words or the table cell behind it.</p></div>"
)
EXAMPLES = (
    "What was South Korea's net AI talent flow in 2023?",
    "Compare South Korea and Japan in net AI talent flow, 2023.",
    "How did Canada's net AI talent flow change from 2015 to 2019?",
    "Why does Korea lose AI talent?",
)
NOTE = (
    '<p class="foot"><span id="state">Figures come from tables, quotations from documents.'
    '<span class="keys"> <kbd>/</kbd> goes to the question.</span></span></p>'
)


def header(uploads: bool) -> str:
    """The top of the page; with uploads, how large a file of each ending may be goes with the link."""
    limits = json.dumps({suffix: f.most for f in FORMATS for suffix in f.suffixes})
    add = f'<a href="#add" data-limits="{html.escape(limits)}" {named("Add", "documents")}</a>' if uploads else ""
    return (
        f'<div class="top">{MARK}<h1>Footnote</h1>'
        '<span class="sub">Answers about policy documents, every sentence with its source</span>'
        f'<nav>{add}<a href="/" {named("New", "conversation")}</a></nav></div>'
    )


def named(word: str, more: str) -> str:
    """The end of a link's tag and its words, of which the later ones are left out where the page is narrow."""
    return f'aria-label="{word} {more}">{word}<span class="more"> {more}</span>'


def head() -> str:
    """What goes into the page's <head>: early fonts and our script."""
    fonts = "".join(
        f'<link rel="preload" href="/fonts/{p.name}" as="font" type="font/woff2" crossorigin>'
        for p in sorted(FONTS.glob("*.woff2"))
    )
    meta = '<meta name="color-scheme" content="light dark">'
    scripts = "".join(f"<script>{p.read_text('utf-8')}</script>" for p in SCRIPTS)
    return f"{meta}{fonts}{scripts}"


def style() -> str:
    """The style sheet."""
    return STYLE.read_text("utf-8")
