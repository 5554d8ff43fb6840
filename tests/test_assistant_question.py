"""Reading a question: each slot from its own words, and a new measure by its words alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest

from assistant import Assistant
from assistant.question import Reader, Reading
from assistant.types import Question
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.measures import family_from, measure_from
from corpus.places import gazetteer
from corpus.settings import Settings
from corpus.types import Figure, Source
from ingest import create_library

FLOW = "net_ai_talent_flow"
READER = Reader(FigureTable.bundled(), gazetteer())


def read(text: str) -> Question:
    return READER.read(text).question


def reading(text: str) -> Reading:
    return READER.read(text)


# -- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("What was South Korea's net AI talent flow in 2023?", ("KOR",)),
        ("korea net flow 2023", ("KOR",)),
        ("net AI talent flow of KOR in 2023", ("KOR",)),
        ("Compare Japanese and German net AI talent flow in 2023", ("JPN", "DEU")),
        ("Dutch AI talent flow 2022", ("NLD",)),
        ("UK and USA net flow 2022", ("GBR", "USA")),
        ("What was the UAE\u2019s net flow in 2022?", ("ARE",)),
        ("Did the Swiss gain AI talent in 2022?", ("CHE",)),
        ("Tell us the net flow of Israel in 2022", ("ISR",)),
        ("2023년 한국의 AI 인재 순유출은?", ("KOR",)),
        ("2023年の日本のAI人材の純流入は?", ("JPN",)),
        ("Quel \u00e9tait le flux net de talents en IA de l'Allemagne en 2022 ?", ("DEU",)),
        ("Wie hoch war die Nettozuwanderung von KI-Talenten nach Deutschland 2022?", ("DEU",)),
        ("\u00bfCu\u00e1l fue el flujo neto de talento en IA de Espa\u00f1a en 2022?", ("ESP",)),
    ],
)
def test_places_are_read_from_names_demonyms_codes_and_other_languages(text: str, places: tuple[str, ...]) -> None:
    q = read(text)
    assert q.places == places
    assert q.family == FLOW and q.figures_asked


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("What was Swizerland's net AI talent flow in 2023?", "CHE"),
        ("Luxemburg net flow 2022", "LUX"),
        ("Singapour net AI talent flow 2019", "SGP"),
        ("What was Germny's net AI talent flow in 2022?", "DEU"),
    ],
)
def test_a_misspelt_place_is_put_right(text: str, code: str) -> None:
    assert read(text).places == (code,)


def test_a_word_that_is_merely_like_a_place_is_left_alone() -> None:
    assert read("Which chains of causes explain the turning point?").places == ()


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Which EU countries lost AI talent in 2022?", "EU"),
        ("Which G7 countries gained AI talent in 2022?", "G7"),
        ("What is the net flow of the Nordic countries in 2022?", "NORDIC"),
    ],
)
def test_groups_of_places_are_read_as_groups(text: str, group: str) -> None:
    q = read(text)
    assert (q.group, q.places) == (group, ())


def test_the_oecd_is_a_group_before_countries_and_a_source_after_according_to() -> None:
    assert read("Which OECD countries gained AI talent in 2022?").group == "OECD"
    named = read("What was Korea's net flow in 2023 according to the OECD?")
    assert named.group == ""
    assert named.measures == ("oecdai_between_country_ai_skills_migration",)


def test_a_place_inside_the_name_of_a_body_is_not_the_place_asked_about() -> None:
    q = read("How many AI professionals does the United States have according to the Bank of Korea?")
    assert q.places == ("USA",)
    assert q.measures == ("bok_ai_workforce",)


def test_a_preamble_gives_way_to_the_question_after_it() -> None:
    text = "I am writing a piece on the Baltics and Estonia. What was Japan's net AI talent flow in 2023?"
    q = read(text)
    assert (q.places, q.years) == (("JPN",), (2023,))
    assert q.figures_asked


# -- years ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "years", "ranged"),
    [
        ("Canada in 2015", (2015,), False),
        ("Canada in 2015 and 2019", (2015, 2019), False),
        ("Canada from 2015 to 2019", (2015, 2016, 2017, 2018, 2019), True),
        ("Canada between 2015 and 2019", (2015, 2016, 2017, 2018, 2019), True),
        ("Canada 2015-19", (2015, 2016, 2017, 2018, 2019), True),
        ("Canada 2015\u20132017", (2015, 2016, 2017), True),
        ("Canada until 2017", (2015, 2016, 2017), True),
        ("net flow of Canada in the World Bank data since 2017", (2017, 2018, 2019), True),
        ("Canada's net flow", (), False),
    ],
)
def test_years_and_ranges_are_read_whole(text: str, years: tuple[int, ...], ranged: bool) -> None:
    q = read(text)
    assert (q.years, q.ranged) == (years, ranged)


def test_since_takes_every_later_year_that_the_family_holds() -> None:
    assert read("Canada since 2016").years == tuple(range(2016, 2026))


@pytest.mark.parametrize("text", ["latest net AI talent flow of Israel", "Israel's most recent net flow"])
def test_the_latest_names_no_year(text: str) -> None:
    q = read(text)
    assert q.latest and q.years == ()


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("What does the AI Index 2025 give for Germany?", ()),
        ("Germany in 2024 in the AI Index 2025", (2024,)),
        ("Which countries gained most AI talent in 2024 according to the AI Index 2025?", (2024,)),
        ("the 2026 AI Index value for Korea in 2022", (2022,)),
    ],
)
def test_the_year_of_an_edition_is_not_a_year_of_data(text: str, years: tuple[int, ...]) -> None:
    q = read(text)
    assert q.years == years
    assert q.measures and all("aiindex" in m for m in q.measures)


# -- bases, limits, how many ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("What was Korea's net flow per 100,000 in 2023?", 100_000),
        ("Japan's net flow per million in 2023", 1_000_000),
        ("Japan's net flow per 10,000 in 2023", 10_000),
        ("Korea's net flow in 2023 for every 100000", 100_000),
        ("Korea's net flow in 2023 per 100k", 100_000),
        ("Korea's net flow in 2023 per one thousand", 1_000),
        ("What was Korea's net flow in 2023?", None),
    ],
)
def test_the_base_is_read_in_words_and_digits(text: str, base: int | None) -> None:
    assert read(text).base == base


@pytest.mark.parametrize(
    ("text", "limit", "below"),
    [
        ("Which countries gained more than 2 per 10,000 in 2024?", "2", False),
        ("How many countries stood below -1 in 2024?", "-1", True),
        ("How many countries were above 1.5 in 2022?", "1.5", False),
        ("Which countries lost more than 1,000 in 2019?", "-1000", True),
        ("How many countries stood under zero in 2022?", "0", True),
    ],
)
def test_a_threshold_has_its_value_and_its_side(text: str, limit: str, below: bool) -> None:
    q = read(text)
    assert q.asks == "count"
    assert (q.threshold or Decimal(0), q.below) == (Decimal(limit), below)  # no limit is zero


@pytest.mark.parametrize(
    ("text", "top", "lowest"),
    [
        ("Top 7 countries by net AI talent flow in 2024", 7, False),
        ("the three highest net flows in 2022", 3, False),
        ("bottom five countries by net AI talent flow in 2022", 5, True),
        ("Which countries gained most AI talent in 2022?", None, False),
        ("Which countries lost most AI talent in 2022?", None, True),
    ],
)
def test_a_ranking_knows_how_many_and_from_which_end(text: str, top: int | None, lowest: bool) -> None:
    q = read(text)
    assert q.asks == "rank"
    assert (q.top, q.lowest) == (top, lowest)


# -- what is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("What was South Korea's net AI talent flow in 2023?", "value"),
        ("Did Korea gain or lose AI talent in 2019?", "sign"),
        ("Compare South Korea and Japan in 2023", "compare"),
        ("Where does Ireland rank in net AI talent flow in 2024?", "place_rank"),
        ("How did Canada change between 2015 and 2019?", "change"),
        ("What is the trend of Canada's net AI talent flow?", "trend"),
        ("median net AI talent flow in 2022", "average"),
        ("How many countries lost AI talent in 2022?", "count"),
        ("I mean: France or Germany, which is higher in the AI Index 2025?", "compare"),
        ("How many points did Singapore gain or lose between 2022 and 2023?", "change"),
        ("Average World Bank rate of the G7 countries in 2018?", "average"),
        ("Show me the whole World Bank series for Morocco, 2015 to 2019.", "trend"),
        ("What does each source give for Korea's net AI talent flow in 2023?", "editions"),
        ("Which years do you have net AI talent flow for?", "coverage"),
        ("How is net AI talent flow calculated?", "define_measure"),
    ],
)
def test_what_is_asked_of_the_figures_is_read(text: str, asks: str) -> None:
    q = read(text)
    assert q.figures_asked
    assert q.asks == asks


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("What is J-Find?", "what"),
        ("Why does Korea lose AI talent?", "why"),
        ("Who founded Sakana AI?", "who"),
        ("When did J-Find start?", "when"),
        ("How much is the fee of the EU Blue Card?", "how_much"),
        ("What did the Software Policy & Research Institute propose?", "what"),
    ],
)
def test_questions_about_documents_are_not_taken_for_figures(text: str, asks: str) -> None:
    q = read(text)
    assert not q.figures_asked
    assert q.asks == asks


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What is J-Find?", ("J-Find",)),
        ('What did the "Hiroshima Process" decide?', ("Hiroshima Process",)),
        ("What is the K-Tech Pass?", ("K-Tech Pass",)),
        ("What penalties does Singapore's Foreign Algorithm Engineers Act impose?", ("Foreign Algorithm Engineers Act",)),
        ("What was Japan's net AI talent flow in 2023?", ()),
        ("Which visas does Japan offer?", ()),
    ],
)  # fmt: skip
def test_proper_names_are_read_and_places_are_not_among_them(text: str, names: tuple[str, ...]) -> None:
    assert read(text).names == names


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("How many people did Korea lose in 2023?", "not_comparable"),
        ("Convert the UAE's rate in the AI Index 2024 into heads.", "not_comparable"),
        ("Apply Israel's -2.10 to the country's population.", "not_comparable"),
        ("What will Korea's net AI talent flow be in 2030?", "opinion_or_prediction"),
        ("Should Japan open its borders?", "opinion_or_prediction"),
        ("What was Korea's net AI talent flow in 2023?", None),
    ],
)
def test_head_counts_forecasts_and_opinions_are_doubted(text: str, doubt: str | None) -> None:
    assert read(text).doubt == doubt


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2023년 한국의 AI 인재 순유출은?", "ko"),
        ("2023年の日本のAI人材の純流入は?", "ja"),
        ("Quel \u00e9tait le flux net de talents en IA de l'Allemagne en 2022 ?", "fr"),
        ("Wie hoch war die Nettozuwanderung von KI-Talenten nach Deutschland 2022?", "de"),
        ("\u00bfCu\u00e1l fue el flujo neto de talento en IA de Espa\u00f1a en 2022?", "es"),
        ("What was Germany's net AI talent flow in 2022?", "en"),
    ],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert read(text).language == language


def test_case_space_and_quotation_marks_change_nothing() -> None:
    plain = read("What was South Korea's net AI talent flow in 2023?")
    for other in (
        "what was south korea's net ai talent flow in 2023",
        "  What  was South Korea\u2019s\nnet AI talent flow in 2023 ? ",
        "WHAT WAS SOUTH KOREA'S NET AI TALENT FLOW IN 2023?",
    ):
        q = read(other)
        assert (q.asks, q.places, q.years, q.family, q.figures_asked) == (
            plain.asks, plain.places, plain.years, plain.family, plain.figures_asked,
        )  # fmt: skip


def test_nothing_is_left_over_of_a_plain_question_about_a_figure() -> None:
    assert reading("What was South Korea's net AI talent flow in 2023?").left_over == ()
    assert reading("What did the minister of bees say?").left_over == ("bees",)


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("brazil world bank twenty fifteen", (2015,)),
        ("slovakia in figure four point four point two four for twenty twenty-one", (2021,)),
        ("twenty twenty japan", (2020,)),
    ],
)
def test_dictated_years_are_read(text: str, years: tuple[int, ...]) -> None:
    assert read(text).years == years


@pytest.mark.parametrize(
    ("text", "threshold", "below"),
    [
        ("countries above four hundred in the 2017 World Bank column", Decimal(400), False),
        ("number of countries better than plus two in the ai index 2025", Decimal(2), False),
        ("how many places were below minus one hundred and fifty, world bank 2016", Decimal(-150), True),
        ("how many nordic countries were above plus one in the ai index twenty twenty five", Decimal(1), False),
        ("how many more places were above zero than below in 2019, world bank", None, False),
    ],
)
def test_dictated_amounts_are_limits(text: str, threshold: Decimal | None, below: bool) -> None:
    q = read(text)
    assert (q.threshold, q.below) == (threshold, below)


@pytest.mark.parametrize(
    ("text", "nth"),
    [
        ("number 10 in the World Bank list for 2016", 10),
        ("the 12th in the AI Index 2025", 12),
        ("third place, AI Index 2025", 3),
        ("Figure 4.4.24: who is first?", None),
    ],
)
def test_one_place_of_a_ranking_is_asked_for_in_digits_too(text: str, nth: int | None) -> None:
    assert read(text).nth == nth


@pytest.mark.parametrize(
    ("text", "family", "beside"),
    [
        ("Korea's AI talent concentration and its net flow in 2024", "ai_talent_concentration", FLOW),
        ("net AI talent flow and concentration of Israel in 2024", FLOW, "ai_talent_concentration"),
        ("net AI talent flow of Israel and Korea in 2024", FLOW, ""),
    ],
)
def test_two_families_can_be_asked_for_in_one_breath(text: str, family: str, beside: str) -> None:
    q = read(text)
    assert (q.family, q.beside) == (family, beside)


def test_an_amount_of_change_is_no_limit() -> None:
    assert read("Did Luxembourg drop by more than a thousand from 2018 to 2019, World Bank?").threshold is None


@pytest.mark.parametrize(
    "text",
    [
        "list everything you have for Estonia",
        "everything on Estonia",
        "Which measures cover Estonia?",
        "all the data on Estonia please",
        "What do you have for Estonia?",
    ],
)
def test_everything_that_is_held_of_a_place_can_be_asked_for(text: str) -> None:
    q = read(text)
    assert (q.asks, q.places, q.everything) == ("coverage", ("EST",), True)


@pytest.mark.parametrize(
    ("text", "family"),
    [
        (
            "What growth in concentration does the AI Index 2026 give for Turkey over 2019-2025?",
            "ai_talent_concentration_change",
        ),
        ("Turkey in the AI Index 2026", FLOW),
        ("AI talent concentration of Israel per the AI Index 2026", "ai_talent_concentration"),
    ],
)
def test_a_report_is_asked_for_what_it_published_not_for_its_flows_alone(text: str, family: str) -> None:
    assert read(text).family == family


@pytest.mark.parametrize(
    "text", ["Espa\u00f1a en la figura 4.4.24 para 2025", "Spanien, Abbildung 4.4.24, 2025", "chart 4.4.24, Spain 2025"]
)
def test_a_figure_can_be_named_in_other_languages(text: str) -> None:
    q = read(text)
    assert (q.places, q.years, q.figures_asked) == (("ESP",), (2025,), True)


def test_a_dictated_figure_number_names_its_measure() -> None:
    spoken = read("slovakia in figure four point four point two four for twenty twenty one")
    assert spoken.measures == read("Slovakia in Figure 4.4.24 for 2021").measures != ()


def test_a_capital_stands_for_its_country_only_where_a_figure_is_asked_of_it() -> None:
    assert read("Seoul's 2022 net flow number").places == ("KOR",)
    assert read("At a conference in Paris: which country lost most AI talent in 2019?").places == ()
    assert read("When did OpenAI open its Tokyo office?").places == ()


def test_a_typed_value_chooses_the_edition_and_year_that_hold_it() -> None:
    asked = read("Is Israel's -2.10 right?")
    assert (asked.measures, asked.years) == (("aiindex2025_net_ai_talent_migration",), (2024,))


@pytest.mark.parametrize(
    ("text", "code"), [("V4 in 2023?", "VISEGRAD"), ("the Balkans' AI talent flow in 2019", "BALKANS")]
)
def test_groups_of_neighbours_are_read(text: str, code: str) -> None:
    assert read(text).group == code


def test_a_year_of_gain_is_looked_for_in_every_series_of_the_place(assistant: Assistant) -> None:
    text = assistant.ask("Was there ever a year in which Poland did not lose AI talent?").text
    assert "5 of 5 years" in text and "none of the 5 years 2015 to 2019 (World Bank" in text


def test_gross_arrivals_are_refused_with_the_net_flow_that_is_held(assistant: Assistant) -> None:
    answer = assistant.ask("gross inflow, not net, of AI people to Germany in 2019?")
    assert answer.refusal is not None and answer.refusal.reason == "no_evidence"
    assert "478.13" in answer.text


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\0"])
def test_an_empty_question_gets_one_clear_line(text: str, assistant: Assistant) -> None:
    with pytest.raises(BadInput, match="the question is empty; ask something like") as raised:
        assistant.ask(text)
    assert "\n" not in str(raised.value)


def test_a_question_of_100_000_characters_gets_one_clear_line(assistant: Assistant) -> None:
    with pytest.raises(BadInput, match="100,000 characters, the limit is 2,000") as raised:
        assistant.ask("x" * 100_000)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    "text", ["?", "...", "\U0001f41d", "a", "'; DROP TABLE sources; --", "2023", "\u202e ((( [^1] "]
)
def test_odd_input_is_answered_or_refused_and_never_breaks(text: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert answer.text


# -- a new measure --------------------------------------------------------------------------------


def test_a_new_measure_with_its_words_is_answered_with_no_change_of_code(tmp_path: Path) -> None:
    """The table is data: a measure, its family, its rows and a source are all that it takes."""
    old = FigureTable.bundled()
    family = family_from(
        "robot_density",
        {"name": "robot density", "order": ["ifr_robot_density"], "reason": "One measure.",
         "words": ["robot density", "density of robots"]},
    )  # fmt: skip
    measure = measure_from(
        "ifr_robot_density",
        {
            "family": "robot_density", "name": "IFR, robot density", "short": "IFR",
            "unit": "industrial robots per 10,000 employees", "per": 10000, "denominator": "employees in manufacturing",
            "kind": "stock", "words": ["ifr", "international federation of robotics"],
            "says": "{place} had {value} industrial robots per 10,000 employees in {year}.",
        },
    )  # fmt: skip
    source = Source("ifr-2023", "World Robotics 2023", "International Federation of Robotics", "2024-01")
    rows = [("KOR", 1012), ("SGP", 730), ("DEU", 415), ("JPN", 397), ("CHN", 392), ("SWE", 343)]
    table = replace(
        old,
        figures=(*old.figures, *(Figure(measure.id, p, 2022, Decimal(v), source.id, "table 1") for p, v in rows)),
        measures=MappingProxyType({**old.measures, measure.id: measure}),
        families=MappingProxyType({**old.families, family.id: family}),
        sources=MappingProxyType({**old.sources, source.id: source}),
        _cells={}, _by_measure={}, _known={},
    )  # fmt: skip
    library, _ = create_library(Settings(home=str(tmp_path / "robots")), empty=True)
    with library.change() as change:
        change.put_tables(table)
    library.refresh()
    assistant = Assistant(library)

    answer = assistant.ask("What was Japan's robot density in 2022?")
    assert answer.status == "answered"
    assert answer.statements[0].text == "Japan had 397 industrial robots per 10,000 employees in 2022."
    assert [format(c.figure.value, "f") for c in answer.figures] == ["397"]
    assert answer.citations[0].source.title == "World Robotics 2023"

    ranked = assistant.ask("Which countries had the highest robot density in 2022?")
    assert [c.figure.place for c in ranked.figures[:2]] == ["KOR", "SGP"]
    compared = assistant.ask("Compare the robot density of Germany and Japan in 2022")
    assert "415 - 397 = 18" in compared.text
    refused = assistant.ask("What was Japan's robot density in 2015?")
    assert refused.status == "not_found" and "397" in refused.text
    old_one = assistant.ask("What was South Korea's net AI talent flow in 2023?")
    assert old_one.figures[0].figure.value == Decimal("-0.30")
    assistant.close()
