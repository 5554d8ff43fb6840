"""Tables of figures with a description become measures and figures; without one a description is proposed."""

from __future__ import annotations

import shutil
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import small_library

from assistant import Assistant
from corpus.errors import Unreadable
from corpus.figures import FigureTable
from corpus.library import Library
from corpus.types import Document, Sheet, Source
from ingest import add_sources, remove_source
from ingest.build import _finish_bundled
from ingest.describe import described, place_code
from ingest.propose import filled, proposed, unsaid
from ingest.read import read

FILES = Path(__file__).parent / "files"
TRADE = """
measure = "net_trade"
name = "Harbour Board, net trade"
kind = "count"
unit = "tonnes"
denominator = "all harbours"
says = "The net trade of {place} was {value} tonnes in {year}."
words = ["net trade"]
place = "Country"
year = "Year"
value = "Net flow"
"""


BOATS = "Country,Year,Net flow\nJapan,2023,5\nGermany,2023,6\n"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = small_library(tmp_path, {})
    yield library
    library.close()


def put(folder: Path, description: str = TRADE, name: str = "trade.csv", text: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    if text:
        (folder / name).write_text(text, "utf-8")
    else:
        shutil.copy(FILES / name, folder / name)
    if description:
        (folder / Path(name).with_suffix(".measure.toml").name).write_text(description, "utf-8")
    return folder / name


COLUMNS = """
measure = "load"
name = "Harbours, load"
kind = "count"
unit = "tonnes"
denominator = "all harbours"
says = "{place} loaded {value} tonnes in {year}."
words = ["load"]
place = "Land"
year = "Jahr"
value = "Last"
"""


def column(*values: str, more: str = "", encoding: str = "cp1252") -> list[str]:
    """The figures of a semicolon file in Windows' encoding with these values."""
    rows = zip(("Germany", "France", "Japan"), values, strict=False)
    data = ("Land;Jahr;Last (Höhe)\n" + "".join(f"{p};2022;{v}\n" for p, v in rows)).encode(encoding)
    document = read(data, "last.csv")
    found = described(document, COLUMNS.replace('"Last"', '"Last (Höhe)"') + more, "last", "last.csv")
    return [str(f.value) for f in found.figures]


@pytest.mark.parametrize(
    ("values", "figures"),
    [(("1.234,5", "12.000", "987,25"), ["1234.5", "12000", "987.25"]),
     (("1,234.5", "12,000", "987.25"), ["1234.5", "12000", "987.25"]),
     (("1.234.567", "12.000"), ["1234567", "12000"]), (("1,234,567", "12,000"), ["1234567", "12000"]),
     (("0,5", "–1,25"), ["0.5", "-1.25"]), (("0.125", "12.000"), ["0.125", "12.000"]),
     (("12,000", "987"), ["12000", "987"]), (("1 234,5", "7"), ["1234.5", "7"])],
)  # fmt: skip
def test_the_decimal_mark_is_read_off_the_column(values: tuple[str, ...], figures: list[str]) -> None:
    assert column(*values) == figures


def test_a_column_that_does_not_tell_its_decimal_mark_is_refused_until_the_description_says_it() -> None:
    with pytest.raises(Unreadable, match="row 2, column C says '1.234', and nothing tells whether its point"):
        column("1.234", "12.000", "987")
    assert column("1.234", "12.000", more='decimal = ","') == ["1234", "12000"]
    assert column("1.234", "12.000", more='decimal = "."') == ["1.234", "12.000"]
    with pytest.raises(Unreadable, match="row 2, column C says '1.5' and row 3, column C says '2,5'; write both"):
        column("1.5", "2,5")
    with pytest.raises(Unreadable, match="decimal = ';'; say"):
        column("1.5", more='decimal = ";"')


@pytest.mark.parametrize("name", ["trade.csv", "trade.xlsx"])
def test_a_described_table_becomes_figures_that_answer(library: Library, tmp_path: Path, name: str) -> None:
    path = put(tmp_path / "in", name=name)
    (entry,) = add_sources(library, [path]).entries
    assert (entry.outcome, entry.figures, entry.proposal) == ("added", 7, "")
    figure = library.figures.cell("net_trade", "KOR", 2023)
    assert figure is not None and (str(figure.value), figure.source_id) == ("-0.3", "trade")
    assert figure.locator == ("row 4, column C" if name.endswith("csv") else "trade!C4")
    answer = Assistant(library).ask("What was the net trade of Japan in 2023?")
    assert answer.status == "answered" and "The net trade of Japan was 0.54 tonnes in 2023." in answer.text
    assert [str(c.figure.value) for c in answer.figures] == ["0.54"]


def test_a_changed_description_replaces_the_figures_and_removing_takes_them_out(
    library: Library, tmp_path: Path
) -> None:
    path = put(tmp_path / "in")
    add_sources(library, [path])
    assert add_sources(library, [path]).entries[0].outcome == "unchanged"
    put(tmp_path / "in", TRADE.replace("net_trade", "net_trade_anew"))
    assert add_sources(library, [path]).entries[0].outcome == "replaced"
    assert set(library.figures.measures) == {"net_trade_anew"} and len(library.figures) == 7
    remove_source(library, "trade")
    assert len(library.figures) == 0 and not library.figures.measures and not library.figures.families


def test_bundled_figures_that_are_renewed_leave_those_of_the_user(library: Library, tmp_path: Path) -> None:
    add_sources(library, [put(tmp_path / "in")])
    for renewed in (True, False):
        with library.writing():
            assert _finish_bundled(library, FigureTable.bundled()) == renewed
            library.mend()
        assert library.figures.cell("net_trade", "KOR", 2023) is not None
        assert len(library.figures.figures) == len(FigureTable.bundled().figures) + 7


def test_a_measure_of_another_document_is_not_taken_over(library: Library, tmp_path: Path) -> None:
    add_sources(library, [put(tmp_path / "in")])
    other = put(tmp_path / "other", name="more.csv", text="Country,Year,Net flow\nJapan,2023,5\nFrance,2023,6\n")
    (entry,) = add_sources(library, [other]).entries
    assert entry.outcome == "refused" and "is another document's; choose another id" in entry.reason
    assert str(library.figures.cell("net_trade", "JPN", 2023).value) == "0.54"  # type: ignore[union-attr]


def test_years_can_be_columns_and_printed_digits_are_kept() -> None:
    table = read(b'Country,2022,2023\nJapan,0.40,\xe2\x88\x920.50\nFrance,"1,180",..\n', "t.csv")
    raw = TRADE.replace('year = "Year"', 'year = "columns"').replace('value = "Net flow"', "")
    found = described(table, raw, "t", "t.csv")
    assert [(f.place, f.year, str(f.value), f.locator) for f in found.figures] == [
        ("JPN", 2022, "0.40", "row 2, column B"), ("JPN", 2023, "-0.50", "row 2, column C"),
        ("FRA", 2022, "1180", "row 3, column B"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "change", "says"),
    [
        ("Japan,2023,many", ("", ""), r"row 2, column C says 'many'; expected a number"),
        ("Japan,soon,5", ("", ""), r"row 2, column B says 'soon'; expected a year"),
        ("Japan,2023,5\nJapan,2023,6", ("", ""), r"row 3, column C is a second value for Japan 2023"),
        (
            "Japan,2023,5",
            ('value = "Net flow"', 'value = "Gross"'),
            "no row has the columns 'Country', 'Year', 'Gross'",
        ),
        ("Japan,2023,5", ('kind = "count"', 'kind = "sort"'), "expected one of flow, stock"),
        ("Japan,2023,5", ('unit = "tonnes"\n', ""), "lacks unit"),
        ("Japan,2023,5", ("measure =", "measure"), "is not TOML"),
        ("Atlantis,2023,5", ("", ""), "the description finds no figures"),
    ],
)
def test_what_a_description_cannot_take_is_refused_with_the_cell_or_the_field(
    library: Library, tmp_path: Path, rows: str, change: tuple[str, str], says: str
) -> None:
    path = put(tmp_path / "in", TRADE.replace(*change), "t.csv", f"Country,Year,Net flow\n{rows}\n")
    (entry,) = add_sources(library, [path]).entries
    import re

    assert entry.outcome == "refused" and re.search(says, entry.reason), entry.reason
    assert len(library.figures) == 0 and library.catalog.sources() == []


def test_rows_of_unknown_places_are_left_out_and_said(library: Library, tmp_path: Path) -> None:
    path = put(tmp_path / "in", TRADE, "t.csv", "Country,Year,Net flow\nJapan,2023,5\nAtlantis,2023,6\n")
    (entry,) = add_sources(library, [path]).entries
    assert entry.figures == 1 and entry.remarks == ("no place is called 'Atlantis': rows left out",)


@pytest.mark.parametrize("name", ["trade.csv", "trade.xlsx"])
def test_a_proposed_description_finds_the_same_figures(name: str) -> None:
    table = read((FILES / name).read_bytes(), name)
    text = proposed(table, name)
    assert 'place = "Country"' in text and 'year = "Year"' in text and 'value = "Net flow"' in text
    found = described(table, text, "trade", name)
    assert [(f.place, f.year, str(f.value)) for f in found.figures][2:4] == [
        ("KOR", 2023, "-0.3"),
        ("JPN", 2021, "0.4"),
    ]


def test_tables_of_a_folder_a_pattern_and_an_archive_are_proposed_too(library: Library, tmp_path: Path) -> None:
    (entry,) = add_sources(library, [put(tmp_path / "in", "", "trade.csv").parent]).entries
    assert entry.proposal and Path(entry.location) == tmp_path / "in" / "trade.csv"
    (entry,) = add_sources(library, [str(put(tmp_path / "glob", "", "t.csv", BOATS).parent / "*.csv")]).entries
    assert entry.proposal and Path(entry.location) == tmp_path / "glob" / "t.csv"
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("a/plain.csv", BOATS + "Canada,2023,9\n")
        archive.writestr("a/told.csv", BOATS + "France,2023,4\n")
        archive.writestr("a/told.measure.toml", TRADE)
    plain, told = add_sources(library, [tmp_path / "more.zip"]).entries
    assert plain.proposal and not Path(plain.location).exists()
    assert told.figures == 3 and not told.proposal  # the description may lie in the archive


def test_a_table_without_places_is_not_proposed() -> None:
    assert proposed(read((FILES / "ruled.xlsx").read_bytes(), "ruled.xlsx"), "ruled.xlsx") == ""


def test_a_proposal_takes_label_and_unit_from_headings_and_asks_for_what_no_table_tells() -> None:
    sheet = Sheet("", (("Research grants by country (million USD)", "", ""), ("Country", "Year", "Value"),
                       ("Japan", "2023", "11.2"), ("Korea, Rep.", "2023", "8.5")), ())  # fmt: skip
    table = Document(Source("", "Grants"), "", (), sheets=(sheet,))
    text = proposed(table, "grants.csv")
    assert 'name = "Grants, Research grants"' in text and 'words = ["research grants"]' in text
    assert 'kind = "money"' in text and 'unit = "million USD"' in text and unsaid(text) == ["denominator"]
    assert 'says = "Research grants of {place} was {value} million USD in {year}."' in text
    plain = proposed(Document(Source("", "Boats"), "", (), sheets=(Sheet("", sheet.rows[1:], ()),)), "boats.csv")
    assert unsaid(plain) == ["unit", "denominator"]
    full = filled(filled(plain, "unit", 'boats "new"'), "denominator", "all boats")
    assert not unsaid(full) and tomllib.loads(full)["says"] == 'Boats of {place} was {value} boats "new" in {year}.'


@pytest.mark.parametrize(
    ("text", "code"),
    [("Japan", "JPN"), ("South Korea", "KOR"), ("KOR", "KOR"), ("Japan and Korea", None), ("", None), ("Total", None),
     ("Korea, Rep.", "KOR"), ("Korea, Republic of", "KOR"), ("Korea, Dem. People's Rep.", "PRK"),
     ("Congo, Dem. Rep.", "COD"), ("Congo, Rep.", "COG"), ("Gambia, The", "GMB"), ("Egypt, Arab Rep.", "EGY"),
     ("Korea, North", None), ("Hong Kong SAR, China", "HKG"), ("Deutschland", "DEU"), ("Estados Unidos", "USA")],
)  # fmt: skip
def test_a_cell_names_one_place_or_none(text: str, code: str | None) -> None:
    assert place_code(text) == code
