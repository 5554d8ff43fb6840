"""Markdown: front matter, headings, blocks with exact places, and footnotes as origins."""

from __future__ import annotations

import pytest

from corpus.errors import Unreadable
from corpus.types import Document, Origin
from ingest.read.markdown import origin, read_markdown

BRIEF = """\
---
id: bees
title: "Bees: a brief"
publisher: Hive Press
published: 2024-05-01
kind: report
language: en
colour: yellow
---

# Bees

Opening words.[^a]

## Food

They eat nectar.[^a][^b]

- from clover
- from lime

### Honey

| kind | g |
|---|---|
| lime | 5 |

> A quotation.

## Homes

Hives.

```
code_here()
```

    indented, as older texts have it

<p>Raw mark-up.</p>

[^a]: Apiary Review, "Trips of the bee", 2023-04-26. <https://bees.example/trips>
[^b]: Food Board, "What bees eat",
    second line, 2022.
"""


def read(text: str, name: str = "a-file.md") -> Document:
    return read_markdown(text.encode(), name)


def prose(document: Document) -> list[tuple[str, str]]:
    """Each block of prose with the headings above it."""
    return [(document.text[b.start : b.end].strip(), b.heading) for b in document.blocks if b.prose]


def test_front_matter_says_what_the_document_is() -> None:
    source = read(BRIEF).source
    assert (source.id, source.title, source.publisher) == ("bees", "Bees: a brief", "Hive Press")
    assert (source.published, source.kind, source.language) == ("2024-05-01", "report", "en")


def test_blocks_stand_under_the_path_of_their_headings() -> None:
    assert prose(read(BRIEF)) == [
        ("Opening words.[^a]", "Bees"),
        ("They eat nectar.[^a][^b]", "Bees > Food"),
        ("- from clover\n- from lime", "Bees > Food"),
        ("| kind | g |\n|---|---|\n| lime | 5 |", "Bees > Food > Honey"),
        ("> A quotation.", "Bees > Food > Honey"),
        ("Hives.", "Bees > Homes"),
        ("```\ncode_here()\n```", "Bees > Homes"),
        ("indented, as older texts have it", "Bees > Homes"),
        ("<p>Raw mark-up.</p>", "Bees > Homes"),
    ]


def test_blocks_tile_the_text_and_know_their_footnotes() -> None:
    document = read(BRIEF)
    assert document.text == BRIEF
    edges = [(b.start, b.end) for b in document.blocks]
    assert edges[0][0] == 0
    assert edges[-1][1] == len(BRIEF)
    assert all(a[1] == b[0] for a, b in zip(edges, edges[1:], strict=False))
    assert [b.keys for b in document.blocks if b.keys] == [("a",), ("a", "b")]


def test_front_matter_headings_and_definitions_are_not_prose() -> None:
    document = read(BRIEF)
    other = "".join(document.text[b.start : b.end] for b in document.blocks if not b.prose)
    for piece in ("publisher: Hive Press", "## Food", "[^a]: Apiary Review", "second line"):
        assert piece in other


def test_footnotes_become_origins() -> None:
    assert read(BRIEF).notes == (
        ("a", Origin("Trips of the bee", "Apiary Review", "2023-04-26", "https://bees.example/trips")),
        ("b", Origin("What bees eat", "Food Board", "2022", "")),
    )


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ('A, "B", 2023-04-26. <https://c.example/d>', Origin("B", "A", "2023-04-26", "https://c.example/d")),
        ('A, "B", 2023-04.', Origin("B", "A", "2023-04", "")),
        ('A, "B", n.d.. <https://c.example>', Origin("B", "A", "", "https://c.example")),
        ("A, \u201cB\u201d, 2020. https://c.example/x.", Origin("B", "A", "2020", "https://c.example/x")),
        ('Ministry, "Plan for 2030", 2024-12.', Origin("Plan for 2030", "Ministry", "2024-12", "")),
        ("Just words", Origin("Just words", "", "", "")),
        ("https://c.example/only", Origin("", "", "", "https://c.example/only")),
        ("", Origin("", "", "", "")),
    ],
)
def test_a_footnote_names_title_publisher_date_and_address(definition: str, expected: Origin) -> None:
    assert origin(definition) == expected


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Heading\n\nWords.", "Heading"),
        ("Setext\n======\n\nWords.", "Setext"),
        ("## Second level\n\nWords.\n\n# First", "Second level"),
        ("Only words.", "A file"),
        ("---\ntitle: Given\n---\n# Heading\n\nWords.", "Given"),
        ("---\n- a\n- list\n---\n# Heading\n\nWords.", "Heading"),
        ("---\ntitle:\n---\n# Heading\n\nWords.", "Heading"),
    ],
)
def test_the_title_is_given_or_the_first_heading_or_the_name_of_the_file(text: str, title: str) -> None:
    assert read(text).source.title == title


@pytest.mark.parametrize("given", ["2024", "2024-05", "2024-05-01"])
def test_a_date_keeps_its_precision(given: str) -> None:
    assert read(f"---\npublished: {given}\n---\nWords.").source.published == given


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: a: b", "the front matter is not valid YAML (line 2)"),
        ("title: [", "the front matter is not valid YAML"),
        ("kind: poem", "kind 'poem' in the front matter; expected one of article, report"),
        ("published: May 2024", "published 'May 2024' in the front matter; write it as 2025-01-02"),
    ],
)
def test_front_matter_that_cannot_be_right_is_refused_with_the_reason(front: str, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(f"---\n{front}\n---\nWords.", "x.md")
    assert str(caught.value).startswith(f"x.md: {reason}")


def test_front_matter_cannot_run_anything() -> None:
    with pytest.raises(Unreadable, match="not valid YAML"):
        read("---\ntitle: !!python/object/apply:os.system ['true']\n---\nWords.")


def test_a_horizontal_rule_is_no_front_matter() -> None:
    assert prose(read("Words.\n\n---\n\nMore: words\n\n---\n")) == [("Words.", ""), ("More: words", "")]


def test_windows_line_ends_and_a_byte_order_mark_go() -> None:
    document = read_markdown(b"\xef\xbb\xbf# H\r\n\r\nWords.\r\nMore.\r\n", "x.md")
    assert document.text == "# H\n\nWords.\nMore.\n"
    assert prose(document) == [("Words.\nMore.", "H")]


@pytest.mark.parametrize("text", ["", "  \n\n ", "\ufeff"])
def test_a_file_without_text_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"x\.md: the file holds no text"):
        read(text, "x.md")


def test_a_footnote_that_nobody_defines_is_no_origin() -> None:
    assert read("Words.[^z]").notes == ()


def test_the_cells_of_a_table_stand_at_their_places_with_their_labels() -> None:
    found = read_markdown(b"# T\n\nTown | 2023\n-|-:\nA \\| B | `1`\n| Lone |\n| C | 2 | more |\n", "t.md")
    (block,) = [b for b in found.blocks if b.cells]
    assert [(c.text, c.row_label, c.column_label, c.locator) for c in block.cells] == [
        ("A \\| B", "A \\| B", "Town", "table 1, row 2, column 1"),
        ("`1`", "A \\| B", "2023", "table 1, row 2, column 2"),
        ("Lone", "Lone", "Town", "table 1, row 3, column 1"),
        ("C", "C", "Town", "table 1, row 4, column 1"), ("2", "C", "2023", "table 1, row 4, column 2"),
    ]  # fmt: skip
    assert all(found.text[c.start : c.end] == c.text for c in block.cells)
    assert [found.text[a:b] for a, b in block.rows] == ["A \\| B | `1`", "| Lone |", "| C | 2 | more |"]
