"""The bundled data: every row, every brief and every footnote is what it claims to be."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from corpus.errors import BadData
from corpus.figures import FigureTable, bundled_sources, direction_from, figure_from
from corpus.measures import bundled, check, family_from, measure_from
from corpus.places import gazetteer
from corpus.sentences import REFERENCE, sentence_spans

ROOT = Path(__file__).parents[1]
BRIEFS = sorted((ROOT / "corpus" / "documents").glob("*.md"))
TABLES = sorted(p for p in (ROOT / "corpus" / "figures").glob("*.csv") if p.stem != "directions")
FLOWS = ROOT.parent / "shared" / "facts" / "flows.csv"
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.S)
DEFINITION = re.compile(r"^\[\^([^\]\s]+)\]:", re.M)
SHIPPED = ("corpus", "ingest", "assistant", "ui", "docs", "benchmarks", "tests", "README.md")


@pytest.fixture(scope="module")
def table() -> FigureTable:
    return FigureTable.bundled()


@pytest.fixture(scope="module")
def refresh() -> ModuleType:
    """docs/refresh.py, which writes the footnotes and belongs to no package."""
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows() -> list[dict[str, str]]:
    """The rows of the figure files as they are written."""
    return [row for path in TABLES for row in csv.DictReader(path.read_text("utf-8").splitlines())]


def body(brief: Path) -> str:
    """A brief without its front matter and its footnote definitions."""
    text = FRONT.sub("", brief.read_text("utf-8"))
    found = DEFINITION.search(text)
    return text[: found.start()] if found else text


# -- figures -------------------------------------------------------------------------------


def test_all_735_figures_parse(table: FigureTable) -> None:
    assert len(table) == len(rows()) == 735


def test_a_value_keeps_the_digits_that_are_printed(table: FigureTable) -> None:
    assert [format(f.value, "f") for f in table] == [row["value"] for row in rows()]
    korea = table.cell("oecdai_between_country_ai_skills_migration", "KOR", 2023)
    assert korea is not None
    assert str(korea.value) == "-0.30"


def test_values_are_finite_numbers_written_plainly() -> None:
    odd = [row for row in rows() if not re.fullmatch(r"-?\d+(\.\d+)?", row["value"])]
    assert odd == []


def test_each_figure_has_a_known_measure_place_and_source(table: FigureTable) -> None:
    places = gazetteer().places
    assert {f.measure for f in table} <= set(table.measures)
    assert {f.place for f in table} <= set(places)
    assert {f.source_id for f in table} <= set(table.sources)
    for known in table.directions:
        assert known.measure in table.measures
        assert known.place in places
        assert known.source_id in table.sources


def test_no_measure_place_and_year_stand_twice(table: FigureTable) -> None:
    assert [key for key, n in Counter(f.key for f in table).items() if n > 1] == []


def test_each_figure_says_where_it_stands(table: FigureTable) -> None:
    assert [f.key for f in table if not f.locator.strip()] == []


def test_each_measure_is_used_and_ordered_by_its_family(table: FigureTable) -> None:
    ordered = [m for family in table.families.values() for m in family.order]
    assert sorted(ordered) == sorted(table.measures)
    assert {f.measure for f in (*table, *table.directions)} == set(table.measures)
    for family in table.families.values():
        assert {table.measures[m].family for m in family.order} == {family.id}


def test_a_family_with_several_editions_gives_the_reason_of_its_order(table: FigureTable) -> None:
    silent = [f.id for f in table.families.values() if len(f.order) > 1 and not f.reason.strip()]
    assert silent == []


def test_each_measure_says_what_it_is(table: FigureTable) -> None:
    for measure in table.measures.values():
        assert measure.name and measure.unit and measure.definition, measure.id
        assert measure.per in (1, 100, 10_000), measure.id
        assert measure.denominator or measure.kind in ("rank", "count", "money"), measure.id


def test_a_measure_that_leaves_out_a_place_has_no_figure_for_it(table: FigureTable) -> None:
    for measure in table.measures.values():
        covered = {f.place for f in table if f.measure == measure.id}
        assert covered.isdisjoint(place for place, _why in measure.absent), measure.id


def test_a_year_known_by_direction_only_has_no_value(table: FigureTable) -> None:
    assert table.directions
    for known in table.directions:
        assert table.cell(known.measure, known.place, known.year) is None


@pytest.mark.skipif(not FLOWS.exists(), reason=f"the raw table is not at {FLOWS}")
def test_the_figures_are_those_of_the_raw_table() -> None:
    raw = csv.DictReader(FLOWS.read_text("utf-8").splitlines())
    expected = Counter(  # there, "n.d." is no year and an empty place the world as a whole
        (r["metric_id"], r["iso3"] or "WLD", r["year"].replace("n.d.", ""), r["value"]) for r in raw
    )
    held = Counter((r["measure"], r["place"], r["year"], r["value"]) for r in rows())
    assert held == expected


GOOD_ROW = {
    "measure": "m", "place": "KOR", "year": "2023", "value": "-0.30",
    "source": "s", "locator": "p. 1", "confidence": "high", "note": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [("value", "-0,30"), ("value", ""), ("value", "NaN"), ("year", "2023a"), ("confidence", "sure")],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_place_and_value(field: str, value: str) -> None:
    assert figure_from(GOOD_ROW, "x.csv:2").value == Decimal("-0.30")
    with pytest.raises(BadData, match=r"^x\.csv:7: ") as caught:
        figure_from(GOOD_ROW | {field: value}, "x.csv:7")
    assert repr(value) in str(caught.value)


def test_a_direction_is_in_or_out() -> None:
    row = GOOD_ROW | {"direction": "sideways"}
    with pytest.raises(BadData, match="sideways"):
        direction_from(row)


def test_a_measure_with_a_misspelt_field_or_kind_is_refused() -> None:
    good = {
        "family": "f", "name": "N", "unit": "u", "per": 1, "denominator": "", "kind": "count",
    }  # fmt: skip
    assert measure_from("m", good).short == "N"
    with pytest.raises(BadData, match="denominatr"):
        measure_from("m", good | {"denominatr": "people"})
    with pytest.raises(BadData, match="flux"):
        measure_from("m", good | {"kind": "flux"})
    with pytest.raises(BadData, match="incomplete"):
        measure_from("m", {"name": "N"})


def test_a_measure_outside_its_familys_order_is_refused() -> None:
    measures, families = bundled()
    one = next(iter(measures.values()))
    short = family_from(one.family, {"name": "x", "order": []})
    with pytest.raises(BadData, match=one.id):
        check(measures, families | {one.family: short})


def test_absence_stays_absence(table: FigureTable) -> None:
    series = table.series("oecdai_between_country_ai_skills_migration", "KOR")
    assert list(series) == [2019, 2023]
    assert table.cell("oecdai_between_country_ai_skills_migration", "KOR", 2021) is None


# -- briefs --------------------------------------------------------------------------------


def test_there_are_at_least_40_briefs() -> None:
    assert len(BRIEFS) >= 40


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda p: p.stem)
def test_a_brief_says_what_it_is_and_its_footnotes_resolve(brief: Path) -> None:
    text = brief.read_text("utf-8")
    front = FRONT.match(text)
    assert front, "no front matter"
    meta = yaml.safe_load(front[1])
    assert meta["id"] == brief.stem
    assert meta["kind"] == "brief"
    assert meta["title"] and meta["publisher"] and meta["published"] and meta["licence"]
    used, defined = set(REFERENCE.findall(body(brief))), DEFINITION.findall(text)
    assert used, "no footnote at all"
    assert used == set(defined)
    assert len(defined) == len(set(defined))


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda p: p.stem)
def test_each_numeral_of_a_brief_stands_in_a_paragraph_with_a_footnote(brief: Path) -> None:
    bare = [block for block in paragraphs(body(brief)) if without_source(block)]
    assert bare == []


def paragraphs(text: str) -> list[str]:
    """Paragraphs and list items; headings are left out."""
    blocks = re.split(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+\.)[ \t])", text)
    return [b for b in blocks if b.strip() and not b.lstrip().startswith("#")]


def without_source(block: str) -> bool:
    return bool(re.search(r"\d", REFERENCE.sub("", block))) and not REFERENCE.search(block)


def test_the_rule_on_numerals_sees_a_bare_one() -> None:
    assert without_source("Japan gained 0.54.")
    assert without_source(paragraphs("One gained.[^s1]\n\n- Two gained 2.\n- Three.[^s1]")[1])
    assert not without_source("Japan gained 0.54.[^s1]")
    assert not without_source("Japan gained.[^s1]")


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda p: p.stem)
def test_the_footnotes_of_a_brief_are_those_of_the_register(brief: Path, refresh: ModuleType) -> None:
    text = brief.read_text("utf-8")
    assert text == refresh.with_definitions(text, bundled_sources(), brief.name), "run: python docs/refresh.py"


def test_no_sentence_of_the_article_is_shipped(article_path: Path) -> None:
    article = article_path.read_text("utf-8")
    long = [flat(article[a:b]) for a, b in sentence_spans(article) if b - a > 60]
    assert len(long) > 20
    copied = [(path.name, s) for path, text in shipped() for s in long if s in text]
    assert copied == []


def flat(text: str) -> str:
    """The words of a text: neither white space, emphasis nor the shape of quotes hides a copy."""
    return " ".join(re.sub(r"[\"'\u2018\u2019\u201c\u201d*_]", "", text).split())


def shipped() -> list[tuple[Path, str]]:
    """The text files of the source distribution, flat."""
    found = []
    for name in SHIPPED:
        top = ROOT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix in {
                ".md",
                ".py",
                ".toml",
                ".csv",
                ".txt",
                ".jsonl",
                ".js",
                ".css",
            }:
                # test files in other encodings are read too, with marks where a byte is no UTF-8
                found.append((path, flat(path.read_text("utf-8", errors="replace"))))
    return found
