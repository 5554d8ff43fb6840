"""Each reader on files that other programs made (tests/files/make.py): what it finds, and where that stands."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from corpus.errors import Locked, Unreadable
from corpus.searching import body_text, sentence_text
from corpus.types import Document, TableCell
from ingest.read import FORMATS, read
from ingest.split import split

FILES = Path(__file__).parent / "files"
ROOT = FILES.parents[1]
NAMES = sorted(
    p.name for p in FILES.iterdir() if p.suffix not in (".py", "") and p.name not in ("locked.pdf", "scan.pdf")
)
REPORTS = (
    "report-libreoffice.pdf",
    "report.docx",
    "report-libreoffice.docx",
    "report-pandoc.html",
    "report.epub",
    "report-pandoc.md",
)
COUNTS = [
    ("Alderport", ["1,020", "1,180", "1,305"]), ("Brinemouth", ["640", "655", "702"]),
    ("Coldhaven", ["-12", "0.30", "0.54"]), ("Dunmere", ["1,990", "2,055", "2,203"]),
]  # fmt: skip


@cache
def document(name: str, password: str = "") -> Document:
    return read((FILES / name).read_bytes(), name, password)


def cells(name: str) -> dict[tuple[str, str], TableCell]:
    return {(c.row_label, c.column_label): c for b in document(name).blocks for c in b.cells}


def headings(name: str) -> list[str]:
    return list(dict.fromkeys(b.heading for b in document(name).blocks if b.heading))


def prose(name: str) -> list[str]:
    found = document(name)
    return [" ".join(found.text[b.start : b.end].split()) for b in found.blocks if b.prose and not b.cells]


def flat(text: str) -> str:
    return re.sub(r"\W+", "", text)


# -- the matrix of the README: each cell of it is one of these -------------------------------


def told(name: str, **said: str) -> Callable[[], None]:
    def check() -> None:
        source = document(name).source
        assert {k: getattr(source, k) for k in said} == said

    return check


def tabled(*names: str) -> Callable[[], None]:
    def check() -> None:
        for name in names:
            found = cells(name)
            for row, values in COUNTS:
                assert [found[row, str(year)].text for year in (2021, 2022, 2023)] == values, name
            assert all(c.confirmed for c in found.values()), name

    return check


def structured(*names: str) -> Callable[[], None]:
    def check() -> None:
        for name in names:
            ends = [part for h in headings(name) for part in h.split(" > ")]
            for said in ("Summary", "Trainees by town", "What it costs", "Grants", "Outlook"):
                assert said in ends, (name, said)
            assert any(h.endswith("What it costs > Fees") for h in headings(name)), name
            assert "A trainee repays nothing if she stays for three years." in " ".join(prose(name)), name

    return check


def noted(*names: str) -> Callable[[], None]:
    def check() -> None:
        for name in names:
            found = document(name)
            passages = [p for p, _ in split(replace(found, source=replace(found.source, id="x")), "x")]
            origins = [o for p in passages if "1,930 to 1,120" in p.text for _k, o in p.origins]
            assert [(o.title, o.publisher, o.published, o.url) for o in origins] == [
                ("Annual count of posts", "Harbour Council", "2024-02-01", "https://harbour.example/posts")
            ], name

    return check


def paged() -> None:
    found = document("report-libreoffice.pdf")
    where = {b.page for b in found.blocks if "Grants are paid" in found.text[b.start : b.end]}
    assert where == {2}


def slides_paged() -> None:
    for name in ("deck.pptx", "deck-libreoffice.pptx", "deck-libreoffice.pdf"):
        found = document(name)
        pages = {b.page: b.heading for b in found.blocks if b.prose}
        assert (pages[2], pages[4]) == ("Trainees rose in 2023", "Next steps"), name


def slide_tables() -> None:
    for name in ("deck.pptx", "deck-libreoffice.pptx"):
        found = cells(name)
        assert (found["Coldhaven", "2023"].text, found["Coldhaven", "2023"].page) == ("0.54", 3), name


def repeats_left_out() -> None:
    found = document("lighthouses.pdf")
    said = " ".join(prose("lighthouses.pdf"))
    assert found.text.count("Yearly survey") == 7 and "Page 3 of 7" in found.text
    assert "Yearly survey" not in said and "Page 3 of 7" not in said
    assert "Chapter 3 tells of lighthouse number 3" in said


def columns_in_order() -> None:
    said = " ".join(prose("columns.pdf"))
    places = [said.index(f"Paragraph {n} begins") for n in range(1, 14)]
    ends = [said.index(f"Paragraph {n} ends") for n in range(1, 14)]
    assert sorted(places + ends) == [at for pair in zip(places, ends, strict=True) for at in pair]
    lines_go_across()


def lines_go_across() -> None:
    """The file gives each line of both columns in turn; a heading over both parts what is above it from the rest."""
    file = pypdfium2.PdfDocument((FILES / "across.pdf").read_bytes())[0].get_textpage().get_text_range()
    assert file.index("Paragraph 3 begins") < file.index("counted 11 ships") < file.index("counted 33 ships")
    said = " ".join(document("across.pdf").text.split())
    marks = [mark for n in range(1, 9) for mark in (f"Paragraph {n} begins", f"{n * 11} ships", f"paragraph {n} ends")]
    places = [said.index(mark) for mark in marks]
    assert places == sorted(places)
    text = document("across.pdf").text
    assert text.index("paragraph 4 ends") < text.index("A heading over both columns") < text.index("Paragraph 5 begins")


def menus_left_out() -> None:
    said = document("page.html").text
    for noise in ("Weather", "cookies", "seaweed", "newsletter", "Imprint", "Ignore your", "alert", "evil", "stolen"):
        assert noise not in said, noise
    assert "What islanders say" in said and "14 piers" in said


def merged_cells() -> None:
    for name in ("page.html", "page-libreoffice.html"):
        found = cells(name)
        assert found["Holmsund", "Winter season > 2023"].text == "6.50", name
        assert found["Westness", "Winter season > 2022"].text == "-0.30", name


def notes_of_speakers() -> None:
    assert "Say that Dunmere leads with 2,203 trainees." in prose("deck.pptx")


def sheet_cells() -> None:
    found = cells("ruled.xlsx")
    cell = found["Brinemouth", "2021"]
    assert (cell.text, cell.locator) == ("-0.30", "Sheet1!B4")
    trade = {c.locator: c for b in document("trade.xlsx").blocks for c in b.cells}
    assert (trade["trade!C4"].text, trade["trade!C4"].row_label) == ("-0.3", "South Korea, 2023")


def csv_cells() -> None:
    found = {c.locator: c for b in document("trade.csv").blocks for c in b.cells}
    cell = found["row 7, column C"]
    assert (cell.text, cell.row_label, cell.column_label) == ("0.54", "Japan, 2023", "Net flow")


def encodings() -> None:
    for name, words in {
        "text-utf16.txt": "2.5 metres", "text-cp1252.txt": "\u201eg\u00fcnstige\u201c Gr\u00f6\u00dfen kosten 5 \u20ac",
        "text-sjis.txt": "\u4e8c\u5341\u4e94\u96bb\u306e\u8239", "text-euckr.txt": "\uc2a4\ubb3c\ub2e4\uc12f \ucc99",
    }.items():  # fmt: skip
        assert words in document(name).text, name


def languages() -> None:
    for name, language in {"text-sjis.txt": "ja", "text-euckr.txt": "ko", "text-utf16.txt": "en"}.items():
        assert document(name).source.language == language


def text_paragraphs() -> None:
    found = document("text-utf16.txt")
    assert found.source.title == "A note on the tide"
    assert prose("text-utf16.txt") == ["The tide rose by 2.5 metres on the night of 3 March. It fell again at dawn."]


def locked() -> None:
    data = (FILES / "locked.pdf").read_bytes()
    for password, says in (
        ("", "it is encrypted; give the right one with --password"),
        ("no", "the password is wrong"),
    ):
        with pytest.raises(Locked, match=says):
            read(data, "locked.pdf", password)
    assert document("locked.pdf", "tide").text == document("page.pdf").text


def locked_office() -> None:
    with pytest.raises(Locked, match="take the password off"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "report.docx")


def no_text() -> None:
    with pytest.raises(Unreadable, match="its one page has no text, only pictures .a scan.; run it through OCR"):
        read((FILES / "scan.pdf").read_bytes(), "scan.pdf")


TITLE = "The harbour skills report 2024"
HOUSE = "Institute for Port Studies"
CLAIMS: dict[tuple[str, str], Callable[[], None]] = {
    ("PDF", "headings, paragraphs"): structured("report-libreoffice.pdf"),
    ("PDF", "tables as cells"): tabled("report-libreoffice.pdf"),
    ("PDF", "footnotes as sources"): noted("report-libreoffice.pdf"),
    ("PDF", "title, date, publisher"): told(
        "report-libreoffice.pdf", title=TITLE, publisher=HOUSE, published="2024-05-14"
    ),
    ("PDF", "pages"): paged,
    ("PDF", "what repeats is left out"): repeats_left_out,
    ("PDF", "columns"): columns_in_order,
    ("PDF", "encrypted"): locked,
    ("PDF", "no text is said"): no_text,
    ("DOCX", "headings, paragraphs"): structured("report.docx", "report-libreoffice.docx"),
    ("DOCX", "tables as cells"): tabled("report.docx", "report-libreoffice.docx"),
    ("DOCX", "footnotes as sources"): noted("report.docx", "report-libreoffice.docx"),
    ("DOCX", "title, date, publisher"): told(
        "report-libreoffice.docx", title=TITLE, publisher=HOUSE, published="2024-05-14"
    ),
    ("DOCX", "encrypted"): locked_office,
    ("HTML", "headings, paragraphs"): structured("report-pandoc.html"),
    ("HTML", "tables as cells"): tabled("report-pandoc.html"),
    ("HTML", "merged cells"): merged_cells,
    ("HTML", "footnotes as sources"): noted("report-pandoc.html"),
    ("HTML", "title, date, publisher"): told(
        "page.html", title="Ferries return to the northern isles", publisher="Coast Courier", published="2024-03-09",
        url="https://courier.example/ferries",
    ),
    ("HTML", "what repeats is left out"): menus_left_out,
    ("Markdown", "headings, paragraphs"): structured("report-pandoc.md"),
    ("Markdown", "tables as cells"): tabled("report-pandoc.md"),
    ("Markdown", "title, date, publisher"): told(
        "report-pandoc.md", title=TITLE, publisher=HOUSE, published="2024-05-14"
    ),
    ("Markdown", "footnotes as sources"): noted("report-pandoc.md"),
    ("text", "headings, paragraphs"): text_paragraphs,
    ("text", "any encoding"): encodings,
    ("text", "language"): languages,
    ("EPUB", "headings, paragraphs"): structured("report.epub"),
    ("EPUB", "tables as cells"): tabled("report.epub"),
    ("EPUB", "footnotes as sources"): noted("report.epub"),
    ("EPUB", "title, date, publisher"): told("report.epub", title=TITLE, publisher=HOUSE, published="2024-05-14"),
    ("PPTX", "headings, paragraphs"): notes_of_speakers,
    ("PPTX", "tables as cells"): slide_tables,
    ("PPTX", "pages"): slides_paged,
    ("PPTX", "title, date, publisher"): told(
        "deck.pptx", title="Harbour skills in brief", publisher=HOUSE, published="2024-05-14"
    ),
    ("XLSX", "tables as cells"): sheet_cells,
    ("CSV", "tables as cells"): csv_cells,
}  # fmt: skip


@pytest.mark.parametrize(("format", "feature"), CLAIMS, ids=lambda v: v)
def test_a_reader_does_what_the_matrix_says(format: str, feature: str) -> None:
    CLAIMS[format, feature]()


def test_the_matrix_of_the_readme_is_what_is_tested() -> None:
    table = (ROOT / "README.md").read_text("utf-8").partition("<!-- table: formats -->")[2].partition("<!-- end -->")[0]
    header, _rule, *rows = [[c.strip() for c in r.strip("|").split("|")] for r in table.strip().splitlines()]
    said = {(row[0], feature) for row in rows for feature, cell in zip(header[1:], row[1:], strict=True) if cell}
    assert said == set(CLAIMS)
    assert {row[0] for row in rows} == {f.name for f in FORMATS}


@pytest.mark.parametrize(
    ("name", "told"), [("trade.xlsx", True), ("report-libreoffice.pdf", False), ("deck.pptx", False)]
)
def test_a_date_that_only_the_file_has_is_said_to_be_that(name: str, told: bool) -> None:
    found = document(name)
    says = f"no date is printed at its start; {found.source.published} is when the file was made"
    assert (says in found.remarks) == told and found.source.published


# -- offsets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_passage_sentence_and_cell_is_a_slice_at_its_place(name: str) -> None:
    found = document(name)
    passages = split(replace(found, source=replace(found.source, id="x")), "x")
    assert "".join(p.text for p, _ in passages) == found.text
    for passage, spans in passages:
        assert found.text[passage.start : passage.end] == passage.text
        for a, b in spans:
            assert passage.start <= a < b <= passage.end
            assert found.text[a:b].strip() == found.text[a:b] != ""
        for cell in passage.cells:
            assert found.text[cell.start : cell.end] == cell.text != ""
            assert passage.start <= cell.start < cell.end <= passage.end
    held = [c for p, _ in passages for c in p.cells]
    assert held == [c for b in found.blocks for c in b.cells]


@pytest.mark.parametrize("name", [n for n in NAMES if n.endswith(".pdf")])
def test_every_line_of_a_pdf_stands_on_the_page_that_it_names(name: str) -> None:
    import pdfplumber

    with pdfplumber.open(FILES / name) as pdf:
        pages = [flat("".join(c["text"] for c in page.chars)) for page in pdf.pages]
    found = document(name)
    checked = 0
    for block in found.blocks:
        if block.page is None:
            continue
        parts = [c.text for c in block.cells] or found.text[block.start : block.end].splitlines()
        for part in parts:
            said = flat(re.sub(r"\[\^[^\]]+\]:?", "", part))
            assert all(w in pages[block.page - 1] for w in ([said] if len(parts) > 1 else said.split())), part
            checked += 1
    assert checked > 3


@pytest.mark.parametrize("name", [n for n in NAMES if n.endswith(".xlsx")])
def test_every_cell_of_a_workbook_is_at_its_locator(name: str) -> None:
    import openpyxl

    book = openpyxl.load_workbook(FILES / name)
    held = [c for b in document(name).blocks for c in b.cells]
    assert held
    for cell in held:
        sheet, _, place = cell.locator.partition("!")
        value = book[sheet][place].value
        assert (float(cell.text) if isinstance(value, int | float) else cell.text) == value


def test_every_cell_of_a_csv_is_at_its_locator() -> None:
    rows = list(csv.reader(io.StringIO((FILES / "trade.csv").read_text("utf-8")), delimiter=";"))
    held = [c for b in document("trade.csv").blocks for c in b.cells]
    assert len(held) == 21
    for cell in held:
        row, column = re.fullmatch(r"row (\d+), column ([A-Z])", cell.locator).groups()  # type: ignore[union-attr]
        assert rows[int(row) - 1][ord(column) - 65] == cell.text


def rows_of(name: str) -> list[list[list[str]]]:
    """The tables of a file as the markup itself has them, read with none of our code."""
    from lxml import etree

    data = (FILES / name).read_bytes()
    if name.endswith(".md"):
        bars = [r.strip("|").split("|") for r in data.decode().splitlines() if r.startswith("|")]
        return [[[c.strip() for c in r] for r in bars if not r[0].startswith("--")]]
    parts = [data]
    if not name.endswith(".html"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = r"word/document\.xml|ppt/slides/slide\d+\.xml|.*\.xhtml"
            parts = [archive.read(n) for n in sorted(archive.namelist()) if re.fullmatch(inside, n)]
    tables = []
    for part in parts:
        tree = etree.fromstring(part, etree.HTMLParser() if name.endswith(".html") else None)
        for table in tree.iterfind(".//{*}tbl" if tree.find(".//{*}tbl") is not None else ".//{*}table"):
            rows = [[c for c in r if etree.QName(c).localname in ("tc", "td", "th")] for r in table.iter("{*}tr")]
            tables.append([["".join(c.itertext()).strip() for c in r] for r in rows])
    return tables


@pytest.mark.parametrize(
    "name", ["report.docx", "report-libreoffice.docx", "report-pandoc.html", "report-pandoc.md", "report.epub", "deck.pptx",
             "deck-libreoffice.pptx"],
)  # fmt: skip
def test_every_cell_of_a_table_is_in_the_row_and_column_that_it_names(name: str) -> None:
    tables = [t for t in rows_of(name) if t]
    held = [c for b in document(name).blocks for c in b.cells]
    assert held
    for cell in held:
        table, row, column = map(int, re.fullmatch(r"table (\d+), row (\d+), column (\d+)", cell.locator).groups())  # type: ignore[union-attr]
        assert tables[table - 1][row - 1][column - 1] == cell.text


# -- search finds what quotations keep as it stands --------------------------------------------


def test_a_word_cut_at_a_line_end_is_found_whole_and_quoted_as_it_stands() -> None:
    found = document("columns.pdf")
    assert "curr\u2010\nents" in found.text
    passages = split(replace(found, source=replace(found.source, id="x")), "x")
    passage, spans = next((p, s) for p, s in passages if "curr\u2010\nents" in p.text)
    assert "currents harbours" in " ".join(body_text(passage, spans).split())
    assert not any(
        "\n" in sentence_text(passage, a, b) or "curr\u2010" in sentence_text(passage, a, b) for a, b in spans
    )


def test_a_row_of_a_table_is_found_by_the_labels_of_its_columns() -> None:
    found = document("report.docx")
    passages = split(replace(found, source=replace(found.source, id="x")), "x")
    passage, spans = next((p, s) for p, s in passages if p.cells)
    said = [sentence_text(passage, a, b) for a, b in spans]
    assert "Trainees by town. Coldhaven. Town: Coldhaven; 2021: -12; 2022: 0.30; 2023: 0.54" in said


# -- two readings of a PDF table -----------------------------------------------------------------


def doctored(**moved: str) -> Document:
    """The report whose second reader sees other digits than the first."""
    from ingest.read import pdf_tables

    real = pdf_tables._second

    def other(plumber: object, box: pdf_tables.Box) -> list[list[str]]:
        rows = [[moved.get(c, c) for c in row] for row in real(plumber, box)]
        assert any(rows)
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf_tables, "_second", other)
        return read((FILES / "report-libreoffice.pdf").read_bytes(), "report.pdf")


def test_a_cell_that_two_readings_give_differently_is_not_confirmed_and_not_quotable() -> None:
    found = doctored(**{"702": "708"})
    doubtful = [c for b in found.blocks for c in b.cells if not c.confirmed]
    assert [(c.row_label, c.column_label) for c in doubtful] == [("Brinemouth", "2023")]
    spans = [(a, b) for _p, spans in split(replace(found, source=replace(found.source, id="x")), "x") for a, b in spans]
    assert not any(a <= doubtful[0].start < b for a, b in spans)
    assert any("Dunmere | 1,990" in found.text[a:b] for a, b in spans)


def test_a_value_under_another_column_in_the_second_reading_is_not_confirmed() -> None:
    found = doctored(**{"2022": "2023", "2023": "2022"})
    doubtful = {(c.row_label, c.column_label) for b in found.blocks for c in b.cells if not c.confirmed}
    assert {("Alderport", "2022"), ("Alderport", "2023")} <= doubtful
    assert ("Alderport", "2021") not in doubtful


def test_a_quotation_over_an_unconfirmed_cell_is_refused() -> None:
    from assistant.verify import quote
    from corpus.errors import Unsupported

    found = doctored(**{"702": "708"})
    passage = next(p for p, _ in split(replace(found, source=replace(found.source, id="x")), "x") if p.cells)
    bad = next(c for c in passage.cells if not c.confirmed)
    with pytest.raises(Unsupported, match=r"the cell '702' .* is not confirmed; look it up"):
        quote(found.source, passage, bad.start, bad.end)
    good = next(c for c in passage.cells if c.text == "0.54")
    assert [c.locator for c in quote(found.source, passage, good.start, good.end).cells] == ["table 1, row 4, column 4"]


# -- parts that are not there ---------------------------------------------------------------------


def changed(name: str, entry: str, change: Callable[[bytes], bytes]) -> bytes:
    """An office file with one of its entries changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(FILES / name) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            new.writestr(item.filename, change(data) if item.filename == entry else data)
    return out.getvalue()


def test_hidden_slides_and_sheets_are_left_out_and_said() -> None:
    hidden = changed("deck.pptx", "ppt/slides/slide2.xml", lambda d: d.replace(b"<p:sld ", b'<p:sld show="0" ', 1))
    found = read(hidden, "deck.pptx")
    assert found.remarks == ("slide 2 is hidden and was left out",) and "4,210" not in found.text


@pytest.mark.parametrize("suffix", [s for f in FORMATS for s in f.suffixes])
def test_bytes_that_are_not_the_format_are_refused_with_the_reason(suffix: str) -> None:
    for data in (b"", b"\x89PNG\r\n\x1a\n\0\0\0\r", b"PK\x03\x04" + bytes(40), b"%PDF-1.7\n" + bytes(40)):
        with pytest.raises(Unreadable, match=f"^x{re.escape(suffix)}: "):
            read(data, f"x{suffix}")
