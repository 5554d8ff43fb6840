"""Passages tile a document exactly, and hold whole sentences of a readable length."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from corpus.errors import Unreadable
from corpus.sentences import sentence_spans
from corpus.types import Document
from ingest.read import read
from ingest.split import LEAST, MOST, Split, split

ROOT = Path(__file__).parents[1]
BRIEFS = sorted((ROOT / "corpus" / "documents").glob("*.md"))


def passages(text: str, name: str = "x.md") -> list[Split]:
    return checked(read(text.encode(), name))


def checked(document: Document) -> list[Split]:
    """The passages of a document; fails where one of the promises is broken."""
    made = split(document, "x")
    assert "".join(p.text for p, _ in made) == document.text
    assert len({p.id for p, _ in made}) == len(made)
    at = 0
    for passage, spans in made:
        assert (passage.start, passage.source_id) == (at, "x")
        assert passage.text == document.text[passage.start : passage.end]
        for a, b in spans:
            assert at <= a < b <= passage.end
            at = b
        if len(spans) > 1:
            assert spans[-1][1] - spans[0][0] <= MOST, passage.text
        at = passage.end
    prose = [b for b in document.blocks if b.prose]
    # a table's rows are its sentences; its header is said by the labels of its cells
    whole = [s for b in prose for s in (b.rows or sentence_spans(document.text, b.start, b.end))]
    assert [s for _, spans in made for s in spans] == whole
    return made


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda p: p.stem)
def test_a_brief_is_tiled(brief: Path) -> None:
    made = checked(read(brief.read_bytes(), brief.name))
    assert any(spans for _, spans in made)


def test_the_article_is_tiled(article_path: Path) -> None:
    made = checked(read(article_path.read_bytes(), article_path.name))
    assert all(spans for _, spans in made)


PIECES = [
    "# H1\n",
    "## H2\n\n",
    "### H3\n",
    "Setext\n---\n",
    "A sentence. ",
    "Another one, with 0.30 in it. ",
    "word ",
    "\n",
    "\n\n",
    "\n\n\n",
    "- item\n",
    "- item. Two.\n",
    "1. first\n",
    "   - deep\n",
    "> quote\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "```\ncode\n```\n",
    "    indented\n",
    "<div>\n",
    "</div>\n",
    "[^a]",
    '[^a]: Note, "T", 2020.\n',
    "[^b]: Long\n    note\n",
    "---\n",
    "---\ntitle: x\n---\n",
    "***\n",
    "[link]: https://x.example\n",
    "\t",
    "  ",
    "\u3000",
    "人材。",
    "\r\n",
    "\x0c",
    "\x0b",
    "\u2028",
    "&amp;",
    "x" * 300 + " ",
    "Long words stand here in a row. " * 12,
    "no stop at all " * 90,
]
MARKDOWN = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), min_size=1, max_size=30).map("".join)


def readable(text: str) -> bool:
    return bool(text.strip("\ufeff").strip()) and "\0" not in text


@given(MARKDOWN.filter(readable))
def test_any_markdown_is_tiled(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    try:
        document = read(data if data.strip() else b"x", "x.md")
    except Unreadable as error:  # two rules that enclose something else than YAML
        assert "front matter is not valid YAML" in str(error)
        reject()
    checked(document)


@given(MARKDOWN.filter(readable))
def test_any_text_is_tiled(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    checked(read(data if data.strip() else b"x", "x.txt"))


def test_a_heading_stands_with_what_follows_it() -> None:
    made = passages("# One\n\nFirst.\n\n## Two\n\nSecond.\n")
    assert [(p.text, p.heading) for p, _ in made] == [
        ("# One\n\nFirst.\n\n", "One"),
        ("## Two\n\nSecond.\n", "One > Two"),
    ]


def test_front_matter_and_definitions_stand_alone_and_have_no_sentences() -> None:
    made = passages('---\ntitle: T\n---\n\n# H\n\nWords.[^a]\n\n[^a]: A, "B", 2020.\n')
    assert [(p.text, len(spans)) for p, spans in made] == [
        ("---\ntitle: T\n---\n\n", 0),
        ("# H\n\nWords.[^a]\n\n", 1),
        ('[^a]: A, "B", 2020.\n', 0),
    ]


def test_short_blocks_under_one_heading_grow_together_to_a_good_length() -> None:
    made = passages("# H\n\n" + "\n\n".join(f"Paragraph {i} is short." for i in range(100)))
    sizes = [len(p.text) for p, _ in made]
    assert all(LEAST <= size <= MOST for size in sizes[:-1]), sizes


def test_blocks_under_different_headings_stay_apart() -> None:
    made = passages("".join(f"## H{i}\n\nShort.\n\n" for i in range(5)))
    assert [p.heading for p, _ in made] == [f"H{i}" for i in range(5)]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    made = passages("# H\n\n" + "This sentence has forty characters, yes. " * 100)
    assert len(made) > 3
    for passage, spans in made:
        body = passage.text[spans[0][0] - passage.start : spans[-1][1] - passage.start]
        assert body.startswith("This") and body.endswith("yes.")
        assert len(body) <= MOST


def test_a_sentence_longer_than_a_passage_is_kept_whole() -> None:
    long = "Long " * 500 + "end."
    made = passages(f"Before. {long} After.")
    assert [len(spans) for _, spans in made] == [1, 1, 1]
    assert long in made[1][0].text


def test_a_passage_carries_the_origins_of_its_own_footnotes() -> None:
    filler = "Filler words stand here. " * 20
    made = passages(f'One.[^a] {filler}\n\nTwo.[^b][^c] {filler}\n\n[^a]: A, "TA", 2020.\n[^b]: B, "TB", 2021.\n')
    assert [[(k, o.title) for k, o in p.origins] for p, _ in made] == [[("a", "TA")], [("b", "TB")], []]


def test_the_same_document_gives_the_same_passages_and_another_place_other_ids() -> None:
    text = "First.\n\n" + "Filler words stand here. " * 20 + "\n\nLast."
    assert passages(text) == passages(text)
    moved = {p.id for p, _ in passages("# Added\n\n" + text)}
    assert moved.isdisjoint(p.id for p, _ in passages(text))
