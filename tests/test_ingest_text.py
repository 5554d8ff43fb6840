"""Plain text: what is text, where its paragraphs are, and what its title is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import Unreadable
from corpus.types import Document
from ingest.read import MAX_BYTES, read, suffixes
from ingest.read.text import decode, read_text, title_of


def parts(document: Document) -> list[str]:
    return [document.text[b.start : b.end].strip() for b in document.blocks if b.prose]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("\u20a9 \ud55c\uad6d".encode(), "\u20a9 \ud55c\uad6d"),
        (b"\xef\xbb\xbfmark", "mark"),
        ("wide \u20ac".encode("utf-16"), "wide \u20ac"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
    ],
)
def test_text_is_decoded_with_unix_line_ends(data: bytes, text: str) -> None:
    assert decode(data, "x.txt") == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "not text in UTF-8 or any other common encoding; save it as UTF-8"),
        (b"a\0b", "a binary file, not text (a zero byte at 1)"),
        (b"\xff\xfea", "not text in UTF-8 or any other"),
        (b"\xff\xfe\x00\xd8", "not text in UTF-8 or any other"),
    ],
)
def test_what_is_not_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(data, "x.txt")
    assert str(caught.value).startswith(f"x.txt: {reason}")


@pytest.mark.parametrize(
    ("text", "title", "prose"),
    [
        ("A title\n\nFirst.\n\nSecond.", "A title", ["First.", "Second."]),
        ("A whole sentence.\n\nSecond.", "My file", ["A whole sentence.", "Second."]),
        ("First.\nSecond.\nThird.", "My file", ["First.", "Second.", "Third."]),
        ("\n\n  Title\n\nFirst.\n\n\n", "Title", ["First."]),
        ("One line only", "My file", ["One line only"]),
        ("Title\nFirst line.\n\nSecond\nline.", "Title", ["Second\nline."]),
        ("x" * 121 + "\n\nFirst.", "My file", ["x" * 121, "First."]),
    ],
)
def test_paragraphs_and_title(text: str, title: str, prose: list[str]) -> None:
    document = read_text(text.encode(), "my-file.txt")
    assert document.source.title == title
    assert parts(document) == prose


@given(st.text(alphabet="ab .\n\t\r\u00a0\u2028", min_size=1).filter(str.strip))
def test_blocks_tile_the_text(text: str) -> None:
    document = read_text(text.encode(), "x.txt")
    assert "".join(document.text[b.start : b.end] for b in document.blocks) == document.text


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ai-talent_flows.txt", "Ai talent flows"), ("a/b/the report.md", "The report"),
        ("README", "README"), ("v1.2-notes.txt", "V1.2 notes"),
    ],
)  # fmt: skip
def test_a_name_makes_a_title(name: str, title: str) -> None:
    assert title_of(name) == title


def test_the_ending_chooses_the_reader_in_either_case() -> None:
    assert {".md", ".txt", ".pdf", ".docx", ".html", ".epub", ".pptx", ".xlsx", ".csv"} <= set(suffixes())
    assert read(b"# H\n\nWords.", "A.MD").source.title == "H"
    assert read(b"# H\n\nWords.", "a.txt").source.title == "# H"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.exe", "of the type .exe"), ("noending", "without an ending"), ("a.", "of the type .")],
)
def test_an_unknown_type_is_refused_with_those_that_can_be_read(name: str, kind: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(b"words", name)
    assert str(caught.value) == (f"{name}: files {kind} cannot be read yet; readable are {', '.join(suffixes())}")


def test_a_file_above_the_limit_is_refused_with_both_sizes() -> None:
    with pytest.raises(Unreadable, match=r"20,000,001 bytes are more than the limit of 20,000,000"):
        read(b"a" * (MAX_BYTES + 1), "big.txt")


@pytest.mark.parametrize(
    "word",
    [
        "H\u00f6he",
        "Gr\u00f6\u00dfe",
        "Ver\u00e4nderung",
        "K\u00f6ln",
        "\u00c9t\u00e9",
        "fran\u00e7ais",
        "ni\u00f1o",
        "\u00d6l",
    ],
)
def test_one_accented_word_of_a_western_table_is_no_sign_of_another_script(word: str) -> None:
    said = f"Land;Jahr;Last ({word})\nGermany;2022;12,000\nFrance;2022;1,5\n"
    assert decode(said.encode("cp1252"), "a.csv") == said


@pytest.mark.parametrize(
    ("said", "encoding"),
    [("\u6e2f\u306b\u306f\u4e8c\u5341\u4e94\u96bb\u306e\u8239\u304c\u3042\u308a\u307e\u3059\u3002 AI\u306e\u5229\u7528\n", "shift_jis"),
     ("\u30c7\u30fc\u30bf;2022;12\n\u30b5\u30fc\u30d3\u30b9;2023;14\n\u30bd\u30d5\u30c8\u30a6\u30a7\u30a2;2023;1\n", "shift_jis"),
     ("\u0412 \u043f\u043e\u0440\u0442\u0443 \u0431\u044b\u043b\u043e \u0434\u0432\u0430\u0434\u0446\u0430\u0442\u044c \u043f\u044f\u0442\u044c \u043a\u043e\u0440\u0430\u0431\u043b\u0435\u0439 \u0438 \u0448\u0435\u0441\u0442\u044c \u043b\u043e\u0434\u043e\u043a.\n", "cp1251"),
     ("\ud55c\uad6d\uc758 AI \uc778\ub825\uc740 2023\ub144\uc5d0 \uc904\uc5c8\ub2e4.\n", "euc_kr")],
)  # fmt: skip
def test_other_scripts_are_still_told(said: str, encoding: str) -> None:
    assert decode(said.encode(encoding), "a.txt") == said
