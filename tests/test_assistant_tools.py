"""The figure tools: exact look-ups and workings, nothing interpolated, nothing across measures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.tools import Figures
from assistant.types import Cell, Evidence, Question
from corpus.figures import FigureTable
from corpus.places import gazetteer

TABLE = FigureTable.bundled()
TOOLS = Figures(TABLE, gazetteer())
FLOW = "net_ai_talent_flow"
OECD = "oecdai_between_country_ai_skills_migration"
INDEX_2024 = "aiindex2024_net_ai_talent_migration"
INDEX_2025 = "aiindex2025_net_ai_talent_migration"
INDEX_2026 = "aiindex2026_net_ai_talent_migration_series"
WORLD_BANK = "wb_linkedin_ai_skill_migration"
CONCENTRATION = "ai_talent_concentration"
MEASURES = [m for m in TABLE.measures if len(TABLE.of(m)) > 4]


def question(asks: Any, **slots: Any) -> Question:
    text = slots.pop("text", "q")
    return Question(text, text, asks, figures_asked=True, **({"family": FLOW} | slots))


def held(cells: tuple[Cell, ...]) -> list[tuple[str, str, int | None, str]]:
    return [(c.figure.measure, c.figure.place, c.figure.year, format(c.figure.value, "f")) for c in cells]


def ask(asks: Any, **slots: Any) -> Evidence:
    return TOOLS.gather(question(asks, **slots))


# -- lookup ---------------------------------------------------------------------------------------


def test_lookup_takes_the_first_measure_of_the_family_that_has_the_place_and_year() -> None:
    assert held(ask("value", places=("KOR",), years=(2023,)).cells) == [(OECD, "KOR", 2023, "-0.30")]
    assert held(ask("value", places=("ISR",), years=(2023,)).cells) == [(INDEX_2024, "ISR", 2023, "-0.57")]
    assert held(ask("value", places=("KOR",), years=(2015,)).cells)[0][0] == WORLD_BANK


def test_lookup_shows_the_other_editions_in_the_order_of_the_family() -> None:
    found = ask("value", places=("KOR",), years=(2023,))
    assert [(m, v) for m, _p, _y, v in held(found.alternatives)] == [
        (INDEX_2024, "-0.30"), (INDEX_2026, "-0.44279"), ("sgi_net_ai_talent_korea_series", "-0.03"),
    ]  # fmt: skip


def test_a_named_measure_leads_and_no_other_takes_its_place() -> None:
    assert held(ask("value", places=("KOR",), years=(2023,), measures=(INDEX_2026,)).cells) == [
        (INDEX_2026, "KOR", 2023, "-0.44279")
    ]
    missing = ask("value", places=("JPN",), years=(2023,), measures=(INDEX_2026,))
    assert missing.cells == ()
    assert missing.gaps[0].reason == "place_not_in_measure"


def test_without_a_year_the_latest_of_the_leading_measure_is_taken() -> None:
    found = ask("value", places=("KOR",))
    assert held(found.cells) == [(OECD, "KOR", 2023, "-0.30")]


def test_members_of_distinct_families_never_stand_in_for_each_other() -> None:
    family = next(f for f in TABLE.families.values() if f.distinct and len(f.order) > 2)
    figure = TABLE.of(family.order[0])[0]
    found = TOOLS.lookup(question("value", family=family.id, places=(figure.place,), years=(figure.year,)))
    assert found.alternatives == ()


# -- gaps -----------------------------------------------------------------------------------------


def test_a_missing_year_is_a_gap_with_the_nearest_year_and_no_value_between() -> None:
    found = ask("value", places=("JPN",), years=(2012,))
    gap = found.gaps[0]
    assert found.cells == ()
    assert gap.reason == "year_not_in_measure"
    assert "Japan" in gap.looked_for and "2012" in gap.looked_for
    assert held(gap.nearest) == [(WORLD_BANK, "JPN", 2015, "71.17")]


def test_a_year_between_two_known_years_is_not_interpolated() -> None:
    found = ask("value", places=("JPN",), years=(2021,), measures=(OECD,))
    assert found.cells == () and found.derived == ()
    assert TABLE.cell(OECD, "JPN", 2020) and TABLE.cell(OECD, "JPN", 2023)


def test_a_year_of_which_only_the_direction_is_known_is_typed_so() -> None:
    found = ask("value", places=("KOR",), years=(2021,), measures=(OECD,))
    assert found.cells == ()
    assert found.gaps[0].reason == "direction_only"
    assert [(d.known.place, d.known.year, d.known.direction) for d in found.directions] == [("KOR", 2021, "inflow")]
    assert {c.figure.measure for c in found.alternatives} == {INDEX_2026, "sgi_net_ai_talent_korea_series"}


def test_a_place_that_a_measure_excludes_is_a_gap_with_the_measure_s_own_reason() -> None:
    found = ask("value", places=("TWN",), years=(2023,), measures=(OECD,))
    assert found.gaps[0].reason == "place_not_in_measure"
    assert found.gaps[0].said == "Taiwan is not in OECD.AI's migration data."


def test_places_without_a_common_measure_are_shown_side_by_side_and_never_subtracted() -> None:
    found = ask("compare", places=("JPN", "ISR"), years=(2023,))
    assert {c.figure.place for c in found.cells} == {"JPN", "ISR"}
    assert len({c.figure.measure for c in found.cells}) == 2
    assert found.derived == ()
    assert [g.reason for g in found.gaps] == ["not_comparable"]


def test_two_bases_of_one_place_are_not_subtracted() -> None:
    found = TOOLS.gather(
        question("compare", places=("LUX",), years=(2019, 2024), measures=(INDEX_2025, WORLD_BANK), compares=True)
    )
    assert found.derived == ()
    assert found.gaps[0].reason == "not_comparable"


# -- compare, rank, change ------------------------------------------------------------------------


def test_compare_works_the_difference_out_and_shows_it() -> None:
    found = ask("compare", places=("KOR", "JPN"), years=(2023,))
    assert held(found.cells) == [(OECD, "KOR", 2023, "-0.30"), (OECD, "JPN", 2023, "0.54")]
    assert [(d.formula, d.value) for d in found.derived] == [("0.54 - (-0.30) = 0.84", Decimal("0.84"))]


def test_compare_of_three_takes_the_first_and_the_last() -> None:
    found = ask("compare", places=("DEU", "FRA", "LUX"), years=(2024,), measures=(INDEX_2025,))
    values = sorted(c.figure.value for c in found.cells)
    assert len(values) == 3
    assert found.derived[0].value == values[-1] - values[0]


def test_rank_is_in_order_and_from_one_year_of_one_measure() -> None:
    found = ask("rank", years=(2024,), measures=(INDEX_2025,), top=45)
    values = [c.figure.value for c in found.cells]
    assert [c.figure.place for c in found.cells[:3]] == ["LUX", "CYP", "ARE"]
    assert values == sorted(values, reverse=True)
    assert len(values) == found.field == len(TABLE.of(INDEX_2025, year=2024))
    lowest = ask("rank", years=(2024,), measures=(INDEX_2025,), lowest=True, top=3)
    assert [c.figure.value for c in lowest.cells] == sorted(values)[:3]


def test_rank_shows_five_unless_told_how_many_and_a_group_holds_its_members_only() -> None:
    assert len(ask("rank", years=(2024,), measures=(INDEX_2025,)).cells) == 5
    assert len(ask("rank", years=(2024,), measures=(INDEX_2025,), top=7).cells) == 7
    grouped = ask("rank", years=(2024,), measures=(INDEX_2025,), group="G7", top=20)
    assert {c.figure.place for c in grouped.cells} <= set(gazetteer().groups["G7"].members)
    assert grouped.field == len(grouped.cells) < 8


def test_a_list_of_ranks_is_led_by_the_lowest_number_and_a_short_one_is_shown_whole() -> None:
    measure = "oecd_talent_attractiveness_rank_highly_educated"
    found = ask("rank", family=TABLE.measures[measure].family, measures=(measure,), years=(2019,))
    assert [c.figure.value for c in found.cells] == [Decimal(n) for n in (1, 2, 3, 4, 5, 6, 25)]


def test_place_rank_counts_the_places_that_stand_before() -> None:
    found = ask("place_rank", places=("ARE",), years=(2024,), measures=(INDEX_2025,))
    assert found.derived[0].value == 3
    assert found.derived[0].formula == "rank 3 of 45 places in 2024, highest first"
    ordered = sorted((f.value for f in TABLE.of(INDEX_2025, year=2024)), reverse=True)
    for place in ("DEU", "KOR", "ISR"):
        cell = TABLE.cell(INDEX_2025, place, 2024)
        assert cell is not None
        rank = ask("place_rank", places=(place,), years=(2024,), measures=(INDEX_2025,)).derived[0].value
        assert rank == 1 + sum(v > cell.value for v in ordered)


def test_change_is_late_less_early_of_the_measure_that_holds_both_years() -> None:
    found = ask("change", places=("CAN",), years=(2015, 2019))
    assert [(d.formula, d.value) for d in found.derived] == [("510.91 - 11.83 = 499.08", Decimal("499.08"))]
    fallen = ask("change", places=("IND",), years=(2015, 2019))
    assert [c.figure.year for c in fallen.derived[0].inputs] == [2019, 2015]
    assert (
        fallen.derived[0].value == fallen.derived[0].inputs[0].figure.value - fallen.derived[0].inputs[1].figure.value
    )


def test_a_trend_holds_every_year_that_exists_and_no_other() -> None:
    found = ask("trend", places=("CAN",), years=(2015, 2016, 2017, 2018, 2019), ranged=True)
    assert [c.figure.year for c in found.cells] == [2015, 2016, 2017, 2018, 2019]
    broken = ask("trend", places=("KOR",), measures=(OECD,))
    assert [c.figure.year for c in broken.cells] == [2019, 2023]


# -- average, count, editions, coverage, definition ------------------------------------------------


def test_an_average_shows_its_terms_and_its_sum_is_exact() -> None:
    found = ask("average", places=("CAN",), years=(2015, 2016, 2017, 2018, 2019), measures=(WORLD_BANK,))
    values = [f.value for f in TABLE.series(WORLD_BANK, "CAN").values()]
    assert found.derived[0].value == (sum(values) / 5).quantize(Decimal("0.001"))
    assert found.derived[0].formula.startswith("(11.83 + 102.82 + 272.11 + 434.81 + 510.91) / 5 = ")
    assert found.field == 5


def test_a_median_is_the_middle_value() -> None:
    found = ask("average", years=(2024,), measures=(INDEX_2025,), median=True)
    values = sorted(f.value for f in TABLE.of(INDEX_2025, year=2024) if f.place != "WLD")
    assert found.derived[0].value == values[len(values) // 2]
    assert found.derived[0].formula.startswith(f"median of {len(values)} values")


def test_a_count_is_of_places_beyond_the_limit() -> None:
    values = [f.value for f in TABLE.of(INDEX_2025, year=2024)]
    for limit, below in ((Decimal(0), True), (Decimal(2), False), (Decimal("-1"), True)):
        found = ask("count", years=(2024,), measures=(INDEX_2025,), threshold=limit, below=below)
        assert found.derived[0].value == sum(v < limit if below else v > limit for v in values)
        assert found.field == len(values)
        assert len(found.cells) == found.derived[0].value


def test_editions_hold_the_place_and_year_of_every_measure() -> None:
    found = ask("editions", places=("KOR",), years=(2023,))
    assert [m for m, _p, _y, _v in held(found.cells)] == [
        OECD, INDEX_2024, INDEX_2026, "sgi_net_ai_talent_korea_series",
    ]  # fmt: skip


def test_coverage_names_each_year_where_they_are_few() -> None:
    found = ask("coverage", places=("JPN",))
    by_measure: dict[str, list[int | None]] = {}
    for c in found.cells:
        by_measure.setdefault(c.figure.measure, []).append(c.figure.year)
    assert by_measure == {OECD: [2020, 2023], WORLD_BANK: [2015, 2016, 2017, 2018, 2019]}


def test_a_definition_is_cited_by_the_newest_figure_of_the_measure() -> None:
    found = ask("define_measure", measures=(OECD,))
    assert held(found.cells) == [(OECD, "KOR", 2023, "-0.30")]


# -- conversions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "base", "result"),
    [
        ("-0.30", 100_000, "-3.0"), ("-0.30", 1_000_000, "-30"), ("-0.30", 1_000, "-0.030"), ("0.54", 100_000, "5.4"),
        ("8.92", 100_000, "89.2"), ("-0.49", 1_000_000, "-49"),
    ],
)  # fmt: skip
def test_a_rate_on_another_base_keeps_its_significant_digits(value: str, base: int, result: str) -> None:
    figure = next(f for f in TABLE if format(f.value, "f") == value and TABLE.measures[f.measure].per == 10_000)
    found = ask("value", places=(figure.place,), years=(figure.year,), measures=(figure.measure,), base=base)
    (made,) = found.derived
    assert format(made.value, "f") == result
    assert made.formula.startswith(value) and made.formula.endswith(f"= {result}")
    assert made.value == figure.value * base / 10_000


def test_a_base_is_converted_only_where_it_differs_and_only_for_rates() -> None:
    assert [d.formula for d in ask("value", places=("KOR",), years=(2023,), base=100_000).derived] == [
        "-0.30 x 10 = -3.0"
    ]
    assert ask("value", places=("KOR",), years=(2023,), base=10_000).derived == ()
    share = ask("value", family=CONCENTRATION, places=("ISR",), years=(2025,), base=10_000)
    assert [d.formula for d in share.derived] == ["2.104 x 100 = 210.4"]  # per cent of the same members
    rank = ask("value", family="talent_attractiveness_rank", places=("AUS",), years=(2019,), base=10_000)
    assert rank.cells and rank.derived == ()


# -- over random cells ----------------------------------------------------------------------------


@given(st.data())
def test_a_difference_is_exact_and_of_one_measure_and_year(data: st.DataObject) -> None:
    measure = data.draw(st.sampled_from(MEASURES))
    year = data.draw(st.sampled_from(TABLE.years(measure) or [None]))
    places = sorted({f.place for f in TABLE.of(measure, year=year)})
    if year is None or len(places) < 2:
        return
    pair = data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True))
    found = TOOLS.gather(
        question(
            "compare", family=TABLE.measures[measure].family, places=tuple(pair), years=(year,), measures=(measure,)
        )
    )
    assert {c.figure.measure for c in found.cells} == {measure}
    (derived,) = found.derived
    a, b = (TABLE.cell(measure, p, year) for p in pair)
    assert a is not None and b is not None
    assert derived.value == abs(a.value - b.value) and isinstance(derived.value, Decimal)
    assert {i.figure.key for i in derived.inputs} == {a.key, b.key}
    high, low = max(a.value, b.value), min(a.value, b.value)
    shown_low = f"({low:f})" if low < 0 else f"{low:f}"
    assert derived.formula == f"{high:f} - {shown_low} = {high - low:f}"


@given(st.data())
def test_no_difference_is_ever_taken_across_measures(data: st.DataObject) -> None:
    one, two = (data.draw(st.sampled_from(TABLE.figures)) for _ in range(2))
    years = tuple(sorted({y for y in (one.year, two.year) if y is not None}))
    family = data.draw(st.sampled_from([TABLE.measures[one.measure].family, TABLE.measures[two.measure].family]))
    for asks in ("compare", "change", "trend", "average"):
        places = tuple(dict.fromkeys((one.place, two.place)))
        found = TOOLS.gather(question(asks, family=family, places=places, years=years))
        for d in found.derived:
            assert len({i.figure.measure for i in d.inputs}) == 1
            assert len({i.measure.denominator for i in d.inputs}) == 1


@given(st.sampled_from(TABLE.figures), st.sampled_from([1_000, 10_000, 100_000, 1_000_000]))
def test_a_lookup_gives_the_very_cell_and_its_digits(figure: Any, base: int) -> None:
    found = TOOLS.gather(
        question(
            "value",
            family=TABLE.measures[figure.measure].family,
            places=(figure.place,),
            years=(figure.year,) if figure.year else (),
            measures=(figure.measure,),
            base=base,
        )  # fmt: skip
    )
    assert [(c.figure.measure, c.figure.place) for c in found.cells] == [(figure.measure, figure.place)]
    if figure.year:
        assert found.cells[0].figure == figure
        assert found.gaps == ()
    for d in found.derived:
        assert d.value * figure_per(found) == found.cells[0].figure.value * base


def figure_per(found: Evidence) -> int:
    return found.cells[0].measure.per


# -- orders of all places, multiples ----------------------------------------------------------------


def test_a_ranking_of_no_year_is_not_taken_from_a_list_of_few_places() -> None:
    found = ask("rank", lowest=True)
    assert (held(found.cells)[0][0], found.field) == (INDEX_2025, 45)
    assert ask("average").field == 45
    named = ask("rank", measures=(INDEX_2024,))
    assert (held(named.cells)[0][0], named.field) == (INDEX_2024, 7)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("which countries turned from minus to plus between 2021 and 2025", "-"),
        ("which countries went from a net gain to a net loss between 2021 and 2025", "+"),
    ],
)
def test_a_turn_is_looked_for_in_the_way_that_is_said(text: str, first: str) -> None:
    q = question("rank", text=text, around="turned", years=(2021, 2025), measures=(INDEX_2026,))
    early = [c.figure.value for c in TOOLS.gather(q).cells if c.figure.year == 2021]
    assert early
    assert all((v > 0) == (first == "+") for v in early)


def test_a_multiple_is_of_two_values_of_one_sign_and_base() -> None:
    def multiple(text: str, *places: str) -> list[str]:
        q = question("compare", text=text, places=places, years=(2019,), measures=(WORLD_BANK,))
        return [d.formula for d in TOOLS.gather(q).derived if " / " in d.formula]

    assert multiple("ratio of Luxembourg to Germany", "LUX", "DEU") == ["1256.50 / 478.13 = 2.63"]
    assert multiple("how many times Italy's is Spain's?", "ESP", "ITA") == []  # a gain is no multiple of a loss
    assert multiple("Luxembourg or Germany?", "LUX", "DEU") == []
