"""Where documents and tables do not agree: what the facts list is found, and little else."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.check import bundled_checker
from assistant.conflicts import Conflicts, Words, conflicts
from assistant.types import Cell
from corpus.types import Source

BRIEFS = sorted((Path(__file__).parents[1] / "corpus" / "documents").glob("*.md"))


@pytest.fixture(scope="module")
def report() -> Conflicts:
    return conflicts(bundled_checker(), [(Source(id=p.stem, title=p.stem), p.read_text("utf-8")) for p in BRIEFS])


def stated(report: Conflicts) -> list[tuple[str, str, str, str]]:
    """Kind, subject, what is said, and the value or the words against it."""
    made = []
    for c in report.entries:
        right = f"{c.right.figure.value}" if isinstance(c.right, Cell) else c.right.text
        made.append((c.kind, c.about, c.said, right))
    return made


FLOW = "net AI talent flow"
SECTION_D = {  # the numeric disagreements of the facts, by their number there
    "1 Luxembourg": ("Luxembourg, 2025", "5.23", "7.76"),
    "1 Germany": ("Germany, 2025", "0.17", "1.09"),
    "2 Japan 2019": ("Japan, 2019", "net outflow", "433.53"),
    "3 Korea 2022, AI Index": ("South Korea, 2022", "net inflow", "-0.03101"),
    "3 Korea 2022, SGI": ("South Korea, 2022", "net inflow", "-0.04"),
    "3 Korea 2021, Bank of Korea": ("South Korea, 2021", "net outflow", "0.11677"),
    "4 Korea 2023, AI Index 2026": ("South Korea, 2023", "-0.30", "-0.443"),
    "4 Korea 2023, SGI": ("South Korea, 2023", "-0.30", "-0.03"),
    "5 Korea 2019": ("South Korea, 2019", "-0.49", "-26.03"),
    "6 Germany 2024": ("Germany, 2024", "2.13", "2.34"),
    "7 Germany 2022": ("Germany, 2022", "2.87", "2.36"),
    "7 Luxembourg 2022": ("Luxembourg, 2022", "5.58", "9.37"),
    "8 Luxembourg 2023": ("Luxembourg, 2023", "3.67", "6.50"),
    "8 Switzerland 2023": ("Switzerland, 2023", "1.60", "2.79"),
    "8 United Arab Emirates 2023": ("The United Arab Emirates, 2023", "1.48", "3.56"),
    "8 United States 2023": ("The United States, 2023", "0.40", "1.07"),
    "9 India 2023": ("India, 2023", "-0.76", "-1.998"),
    "9 India 2024": ("India, 2024", "2", "-1.55"),
    "10 the base": ("South Korea, 2024", "-0.36", "-0.36"),
    "10 people": ("South Korea, 2023", "-0.30", "-0.30"),
    "11 the edition": ("South Korea, 2023", "-0.36", "-0.30"),
    "12 Israel": ("Israel, 2024", "share of the workforce", "1.98"),
    "12 Korea": ("South Korea, 2024, AI talent concentration", "1.07%", "1.06"),
    "13 departures": ("South Korea, 2021", "12.9 million", "129000"),
    "13 deficit": ("South Korea, 2021", "8.4 million", "84000"),
    "14 Bank of Korea 2010": ("South Korea, 2010", "27,000", "28000"),
    "14 wage premium": ("South Korea", "4.3% / 6%", "4.3%"),
    "15 Sakana valuation": ("Sakana AI", "USD 1 billion / USD 1.5 billion", "1.5 billion"),
    "15 Sakana round": ("Sakana AI", "USD 200 million / USD 214 million", "214 million"),
    "16 Sakana founders": ("Sakana AI", "two foreign founders / three founders", "three founders"),
    "18 HPI": ("High Potential Individual", "30 May 2022 / 6 June 2022", "6 June"),
    "19 Canada": ("Canada", "one day / 48 hours", "48 hours"),
    "20 Luxembourg tax": ("Luxembourg", "nine fiscal years / eight years", "eight years"),
    "22 Gold Cards": ("Taiwan", "2,424 Employment Gold Cards / 3,898 Gold Cards", "3,898"),
}


@pytest.mark.parametrize("name", SECTION_D)
def test_every_numeric_disagreement_of_the_facts_is_found(name: str, report: Conflicts) -> None:
    about, said, right = SECTION_D[name]
    assert [r for r in stated(report) if about in r[1] and said in r[2] and right in r[3]]


def test_both_sides_are_shown_in_their_own_words(report: Conflicts) -> None:
    texts = {p.stem: p.read_text("utf-8") for p in BRIEFS}
    assert len(report.entries) > 80
    for c in report.entries:
        for side in (c.left, c.right):
            if isinstance(side, Words):
                assert texts[side.source.id][side.start : side.end] == side.text


def test_most_claims_of_the_bundled_documents_agree_with_the_tables(report: Conflicts) -> None:
    counts = report.counts
    assert counts["agrees"] + counts["rounded"] > 600
    assert counts["contradicted"] < 30


def test_a_document_that_agrees_has_no_conflict() -> None:
    text = "South Korea lost 26.03 AI workers per 10,000 LinkedIn members with AI skills in 2016."
    found = conflicts(bundled_checker(), [(Source(id="x", title="X"), text)])
    assert [c.kind for c in found.entries] == ["other year"]
    right = text.replace("2016", "2018").replace("lost 26.03", "gained 17.02")
    assert conflicts(bundled_checker(), [(Source(id="x", title="X"), right)]).entries == []


def test_the_article_differs_in_its_base_and_on_japan_2019_and_korea_2022(article_path: Path) -> None:
    text = article_path.read_text("utf-8")
    found = conflicts(bundled_checker(), [(Source(id="article", title="Article"), text)])
    rows = stated(found)
    bases = {r[2] for r in rows if r[0] == "other denominator"}
    assert {"-0.30", "3"} <= bases
    assert ("direction", f"Japan, 2019, {FLOW}", "outflow", "433.53") in rows
    assert ("direction", f"South Korea, 2022, {FLOW}", "net inflow", "-0.03101") in rows
    assert len(rows) <= 8
