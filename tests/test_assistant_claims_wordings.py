"""Wordings of the claims engine by cause: what is borne out, what never is, and what a fault is called."""

from __future__ import annotations

import pytest

from assistant.check import bundled_checker
from assistant.judge import Verdict

CHECKER = bundled_checker()


def supported(found: list[Verdict]) -> bool:
    return bool(found) and all(v.outcome == "supported" for v in found)


def first_fault(found: list[Verdict]) -> str | None:
    return next((v.fault for v in found if v.outcome == "contradicted"), None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "The net inflow of AI talent into Norway climbed from 0.625 in 2022 to 1.000 in 2023 (AI Index 2026).",
            "direction",
        ),
        (
            "The net inflow of AI talent into Norway fell from 0.625 in 2022 to 1.000 in 2023 (AI Index 2026).",
            "year",
        ),
    ],
)
def test_a_change_told_backwards_has_the_wrong_direction(text: str, fault: str) -> None:
    assert first_fault(CHECKER.verdicts(text)) == fault


def test_a_whole_number_on_the_wrong_base_has_the_wrong_base_and_a_slipped_point_the_wrong_value() -> None:
    assert first_fault(CHECKER.verdicts("Israel lost 21 AI workers per 10,000 LinkedIn members in 2024.")) == "base"
    assert first_fault(CHECKER.verdicts("Israel lost 21.0 AI workers per 10,000 LinkedIn members in 2024.")) == "value"


@pytest.mark.parametrize(
    "text",
    [
        "Germany gained 2.13 AI workers per 10,000 LinkedIn members in 2024, about one point more than the United "
        "States with 1.07 (AI Index 2025).",
        "South Korea lost 0.36 AI workers per 10,000 LinkedIn members in 2024. India lost 1.55. "
        "The gap is 1.19 (AI Index 2025).",
        "The Bank of Korea counted 110,000 AI professionals in the United Kingdom in 2024, 40,000 more than in France.",
        "Norway's net inflow went from 1.000 in 2022 to 0.625 in 2023 (AI Index 2026), a drop of 0.375.",
        "Norway's slide from 1.000 in 2022 to 0.625 in 2023 took more than a third off its intake (AI Index 2026).",
    ],
)
def test_a_difference_is_held_against_the_two_values_of_the_sentence(text: str) -> None:
    assert supported(CHECKER.verdicts(text)), CHECKER.verdicts(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "South Korea lost 0.36 AI workers per 10,000 LinkedIn members in 2024. India lost 1.55. "
            "The gap is 1.91 (AI Index 2025).",
            "total",
        ),
        (
            "The Bank of Korea counted 110,000 AI professionals in the United Kingdom in 2024, "
            "40,000 fewer than in France.",
            "comparison",
        ),
        ("Norway's net inflow went from 1.000 in 2022 to 0.625 in 2023 (AI Index 2026), a rise of 0.375.", "direction"),
    ],
)
def test_a_difference_that_the_two_values_do_not_have_is_never_accepted(text: str, fault: str) -> None:
    found = CHECKER.verdicts(text)
    assert not supported(found)
    assert first_fault(found) == fault


@pytest.mark.parametrize(
    "text",
    [
        "No minister should be surprised that Israel lost 2.10 AI workers per 10,000 LinkedIn members in 2024.",
        "What nobody will admit is that Israel lost 2.10 AI workers per 10,000 LinkedIn members in 2024.",
        "Three states, namely Luxembourg, Cyprus and the UAE, gained AI talent in 2024 (AI Index 2025).",
        "Luxembourg gained 8.92 AI workers per 10,000 LinkedIn members in 2024, first worldwide (AI Index 2025).",
    ],
)
def test_words_that_only_colour_a_sentence_do_not_hold_it_back(text: str) -> None:
    assert supported(CHECKER.verdicts(text)), CHECKER.verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        "France did not gain AI talent in 2024 as ministers boast (AI Index 2025).",
        "That Israel lost 2.10 AI workers per 10,000 LinkedIn members in 2024 is false.",
        "It is untrue that Israel lost 2.10 AI workers per 10,000 LinkedIn members in 2024.",
        "Singapore was the last country to gain AI talent, with 1.26 per 10,000 in 2024 (AI Index 2025).",
        "Four states, namely Luxembourg, Cyprus and the UAE, gained AI talent in 2024 (AI Index 2025).",
        "France gained just under a fifth of a person per 10,000 LinkedIn members in 2023 (AI Index 2026), 0.221.",
    ],
)
def test_a_denial_or_a_miscount_is_never_passed_over(text: str) -> None:
    assert not supported(CHECKER.verdicts(text))


@pytest.mark.parametrize(
    "text",
    [
        "Norway did better in 2022 (1.000) than in either 2023 or 2024 (AI Index 2026).",
        "Serbia's five straight losses from 2015 to 2019, the worst being 349.16 in 2017, were the World Bank's finding.",
        "Bulgaria's balance never crossed zero: minus 0.78 in 2021, minus 1.04 in 2025 (AI Index 2026).",
        "Luxembourg gained 8.92 AI workers per 10,000 LinkedIn members in 2024, with Cyprus just behind at 4.67 "
        "(AI Index 2025).",
        "The net AI talent flow of the Nordic countries averaged 0.80 in 2022, but the average fell to 0.71 in 2023 "
        "(AI Index 2026).",
        "In each year from 2021 to 2023, Germany beat France on net AI talent in the AI Index 2026, and in 2022 it was "
        "2.361 to a mere 0.033 per 10,000 LinkedIn members.",
    ],
)
def test_what_is_said_of_a_place_s_own_years_or_of_places_in_a_row_is_read(text: str) -> None:
    assert supported(CHECKER.verdicts(text)), CHECKER.verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        "Norway did worse in 2022 (1.000) than in either 2023 or 2024 (AI Index 2026).",
        "Serbia's five straight losses from 2015 to 2019, the worst being 203.62 in 2019, were the World Bank's finding.",
        "Serbia's four straight losses from 2015 to 2019, the worst being 349.16 in 2017, were the World Bank's finding.",
        "Estonia's balance never crossed zero: plus 4.02 in 2021, minus 0.51 in 2025 (AI Index 2026).",
        "Luxembourg gained 8.92 AI workers per 10,000 LinkedIn members in 2024, with Cyprus just ahead at 4.67 "
        "(AI Index 2025).",
        "The net AI talent flow of the Nordic countries averaged 0.80 in 2022, but the average rose to 0.71 in 2023 "
        "(AI Index 2026).",
        "From 2021 to 2023 France beat Germany on net AI talent (AI Index 2026), and in 2022 it was 2.361 to 0.033.",
        "From 2021 to 2023 Germany beat France on net AI talent (AI Index 2026), and in 2022 it was 1.758 to 0.033.",
        "Finland's AI talent concentration was second only to Spain.",
    ],
)
def test_what_is_not_so_of_its_own_years_or_of_places_in_a_row_is_not_supported(text: str) -> None:
    assert not supported(CHECKER.verdicts(text))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("No Nordic country lost AI talent in 2024 (AI Index 2025).", True),
        ("No G7 country lost AI talent in 2024 (AI Index 2025).", False),
        ("Not one of the Nordic countries gained AI talent in 2024 (AI Index 2025).", False),
        ("No G7 country lost more AI talent than Italy in 2024 (AI Index 2025).", True),
        ("Neither Israel nor India gained AI talent in 2024 (AI Index 2025).", True),
        ("Neither Israel nor Germany gained AI talent in 2024 (AI Index 2025).", False),
        ("61 economies are in the World Bank LinkedIn data, 39 of them losing AI skills in 2015.", True),
        ("60 economies are in the World Bank LinkedIn data, 39 of them losing AI skills in 2015.", False),
        ("The number of net gainers fell from 31 in 2023 to 22 in 2024 in the AI Index 2026 series.", True),
        ("The number of net gainers rose from 31 in 2023 to 22 in 2024 in the AI Index 2026 series.", False),
        ("The number of net gainers fell from 31 in 2023 to 24 in 2024 in the AI Index 2026 series.", False),
    ],
)
def test_none_neither_and_the_number_of_places_are_counted(text: str, good: bool) -> None:
    assert supported(CHECKER.verdicts(text)) is good, CHECKER.verdicts(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("In 2024 Luxembourg stood above Germany, Cyprus and Spain on net AI talent inflow (AI Index 2025).", None),
        (
            "Germany's net AI talent inflow of 2.13 in 2024 was higher than in France, Luxembourg and Spain (AI Index "
            "2025).",
            "place",
        ),
        ("Neither Norway nor Israel gained AI talent in 2024 (AI Index 2025).", "place"),
        (
            "South Korea ranked 36th in 2020 and 43rd in 2023 for attracting foreign talent in the Korean bill, a slide "
            "of seven percent.",
            "unit",
        ),
        (
            "The Bank of Korea counted 11,000 Korean AI specialists who worked abroad in 2024, 6,300 of them in Canada.",
            "place",
        ),
        (
            "The World Bank has the UAE, Saudi Arabia and Qatar at an average net gain of 527.49 per 10,000 taxpayers "
            "in 2019.",
            "denominator",
        ),
    ],
)
def test_the_one_part_that_would_mend_a_sentence_names_its_fault(text: str, fault: str | None) -> None:
    assert first_fault(CHECKER.verdicts(text)) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Poland stood at 0.95, the Netherlands just ahead at 0.92 (AI Index 2025, 2024).", "comparison"),
        ("Norway did worse in 2022 (1.000) than in either 2023 or 2024 (AI Index 2026).", "direction"),
        ("The number of net gainers rose from 31 in 2023 to 22 in 2024 in the AI Index 2026 series.", "direction"),
    ],
)
def test_a_second_reading_that_says_the_opposite_of_its_cells_is_a_fault(text: str, fault: str) -> None:
    assert first_fault(CHECKER.verdicts(text)) == fault


def test_a_percentage_of_what_no_table_holds_raises_no_alarm() -> None:
    assert first_fault(CHECKER.verdicts("Would you work abroad for a 20% raise or a 15% discount on rent?")) is None


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("By the AI Index 2025, the ratio of Luxembourg's rate to Germany's was 4.2 to 1 in 2024.", True),
        ("By the AI Index 2025, the ratio of Luxembourg's rate to Germany's was 2.4 to 1 in 2024.", False),
        ("The Nordic average was a net gain of 0.78 in 2024, with Finland highest at 1.30 (AI Index 2025).", True),
        ("The Nordic average was a net gain of 0.78 in 2024, with Denmark highest at 1.14 (AI Index 2025).", False),
        ("Germany gained 2.13 in 2024 (AI Index 2025), twice the 1.07 of the United States.", True),
        ("Germany gained 2.13 in 2024 (AI Index 2025), a third of the 1.07 of the United States.", False),
        ("Spain's AI talent concentration is up 77.2% since 2019 as of 2025.", True),
        ("Spain's AI talent concentration is down 77.2% since 2019 as of 2025.", False),
        ("Australia's net gain of AI talent more than quadrupled in 2022 to 1.356 (AI Index 2026).", True),
        ("Australia's net gain of AI talent more than quintupled in 2022 to 1.356 (AI Index 2026).", False),
        (
            "Britain's net inflow of AI talent nearly doubled from 0.975 in 2021 to 1.918 in 2022, then fell to 1.341 "
            "in 2023 (AI Index 2026).",
            True,
        ),
        (
            "Britain's net inflow of AI talent nearly tripled from 0.975 in 2021 to 1.918 in 2022, then fell to 1.341 "
            "in 2023 (AI Index 2026).",
            False,
        ),
        ("The average Belgian will not notice a net gain of 0.63 per 10,000 in 2024 (AI Index 2025).", True),
        ("Costa Rica's net outflow in 2024 was 0.28 (AI Index 2025), i.e. a bit over a quarter of a person.", True),
        ("Costa Rica's net outflow in 2024 was 0.28 (AI Index 2025), i.e. a bit under a quarter of a person.", False),
    ],
)
def test_multiples_averages_and_growth_in_plain_prose(text: str, good: bool) -> None:
    assert supported(CHECKER.verdicts(text)) is good, CHECKER.verdicts(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("India lost more AI talent than any other country bar Israel in 2024 (AI Index 2025).", True),
        ("India lost more AI talent than any other country bar Greece in 2024 (AI Index 2025).", False),
        ("Cyprus was the runner-up for net AI talent inflow in 2024 (AI Index 2025).", True),
        ("Switzerland was the runner-up for net AI talent inflow in 2024 (AI Index 2025).", False),
        (
            "AI talent rose to 1.309 percent of Ireland's LinkedIn members in 2025 from 1.11 percent in 2024, "
            "good for fourth place.",
            True,
        ),
        (
            "AI talent rose to 1.309 percent of Ireland's LinkedIn members in 2025 from 1.11 percent in 2024, "
            "good for third place.",
            False,
        ),
    ],
)
def test_ranks_in_plain_prose(text: str, good: bool) -> None:
    assert supported(CHECKER.verdicts(text)) is good, CHECKER.verdicts(text)
