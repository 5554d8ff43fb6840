"""Follow-ups take from the conversation what they leave out; a new topic takes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.conversation import resolve
from assistant.question import Reader
from assistant.types import Question
from corpus.figures import FigureTable
from corpus.places import gazetteer

TABLE = FigureTable.bundled()
READER = Reader(TABLE, gazetteer())
SETS = Path(__file__).parent / "evaluation"

KOREA = "What was South Korea's net AI talent flow in 2023?"
GERMANY = "What does the AI Index 2025 give for Germany?"
CANADA = "How did Canada change between 2015 and 2019?"
TOP = "Which five countries had the highest net inflow in the AI Index 2025?"
INDEX_2024 = "aiindex2024_net_ai_talent_migration"
INDEX_2025, INDEX_2026 = "aiindex2025_net_ai_talent_migration", "aiindex2026_net_ai_talent_migration_series"
WORLD_BANK = "wb_linkedin_ai_skill_migration"


def read(question: str, *history: str) -> Question:
    return resolve(READER, question, history, TABLE, gazetteer())


# history, question -> what is asked, of which places, in which years, under which measures
FOLLOW_UPS: list[tuple[list[str], str, str, tuple[str, ...], tuple[int, ...], tuple[str, ...]]] = [
    ([KOREA], "And Japan?", "value", ("JPN",), (2023,), ()),
    ([KOREA], "what about japan", "value", ("JPN",), (2023,), ()),
    ([KOREA], "and in 2019?", "value", ("KOR",), (2019,), ()),
    ([KOREA], "2019?", "value", ("KOR",), (2019,), ()),
    ([KOREA], "What about the year before?", "value", ("KOR",), (2022,), ()),
    ([KOREA], "two years earlier?", "value", ("KOR",), (2021,), ()),
    ([KOREA], "and in the AI Index 2026?", "value", ("KOR",), (2023,), (INDEX_2026,)),
    ([KOREA], "according to the World Bank, in 2019?", "value", ("KOR",), (2019,), (WORLD_BANK,)),
    ([KOREA, "And Japan?"], "the difference?", "compare", ("KOR", "JPN"), (2023,), ()),
    ([KOREA, "And Japan?"], "which one is higher?", "compare", ("KOR", "JPN"), (2023,), ()),
    ([KOREA], "Compare it with Luxembourg", "compare", ("KOR", "LUX"), (2023,), ()),
    ([KOREA, "And Japan?", "and in 2020?"], "And Korea in 2019?", "value", ("KOR",), (2019,), ()),
    ([GERMANY], "and Luxembourg?", "value", ("LUX",), (), (INDEX_2025,)),
    ([TOP], "and the bottom five?", "rank", (), (), (INDEX_2025,)),
    (["Which countries lost the most AI talent in 2019?"], "and in 2015?", "rank", (), (2015,), ()),
    ([CANADA], "same for the United States", "change", ("USA",), (2015, 2016, 2017, 2018, 2019), ()),
    (["Canada in the World Bank data, 2015?", "and 2019?"], "so how big is the change?", "change", ("CAN",), (2015, 2019), (WORLD_BANK,)),
    (["What was Israel's AI talent concentration in 2025?"], "and Singapore?", "value", ("SGP",), (2025,), ()),
    (["Portugal in 2017?"], "when did it first go above zero?", "trend", ("PRT",), (), (WORLD_BANK,)),
    (["Sweden, AI Index 2024"], "now the AI Index 2026 for the same year", "value", ("SWE",), (2023,), (INDEX_2026,)),
    (["Brazil in 2016?", "Mexico?", "Chile?"], "who came first among the three?", "compare", ("BRA", "MEX", "CHL"), (2016,), ()),
    (["Compare Norway and Sweden in 2017."], "the second one, in 2015?", "value", ("SWE",), (2015,), ()),
    (["World Bank 2016: Norway and Chile, both values"], "how much higher is the first than the second?", "compare", ("NOR", "CHL"), (2016,), (WORLD_BANK,)),
    (["Spain in 2017, World Bank?"], "Not 2017, I need 2019.", "value", ("ESP",), (2019,), (WORLD_BANK,)),
    (["Spain in 2017, World Bank?"], "Give me the other four years too.", "trend", ("ESP",), (2015, 2016, 2018, 2019), (WORLD_BANK,)),
    (["Welchen Wert hat Estland im AI Index 2025?"], "Und Zypern?", "value", ("CYP",), (), (INDEX_2025,)),
    ([KOREA], "Does the World Bank have a figure for that year too?", "value", ("KOR",), (2023,), (WORLD_BANK,)),
    (["The G7's best in 2019, World Bank?", "Its weakest?"], "And the gap between those two?", "rank", (), (2019,), (WORLD_BANK,)),
    (["Bulgaria in 2021, AI Index 2026"], "what was the low point of the series?", "rank", ("BGR",), (), (INDEX_2026,)),
    (["Which years does the World Bank file have?"], "ok then Austria in the last of those", "value", ("AUT",), (), (WORLD_BANK,)),
    (["Greece 2018, World Bank"], "convert to percent of AI skilled members", "value", ("GRC",), (2018,), (WORLD_BANK,)),
    (["India in the AI Index 2024?"], "What about the edition a year later?", "value", ("IND",), (), (INDEX_2025,)),
    (["Estonia 2022 in the AI Index 2026?", "Latvia?"], "and the third Baltic state", "value", ("LTU",), (2022,), (INDEX_2026,)),
    (["Denmark, World Bank, 2016"], "oops, not Denmark, Finland", "value", ("FIN",), (2016,), (WORLD_BANK,)),
    (["top five World Bank 2019"], "and who was sixth?", "rank", (), (2019,), (WORLD_BANK,)),
    (["Which visas does Germany offer to AI talent?"], "everything on Estonia", "coverage", ("EST",), (), ()),
    (["How many places lost talent in the AI Index 2024?"], "and which ones?", "count", (), (), (INDEX_2024,)),
    (["Nordic average, AI Index 2025"], "leave out Iceland", "average", (), (), (INDEX_2025,)),
    (["India's rank in the AI Index 2025"], "what was it a year earlier?", "place_rank", ("IND",), (2023,), ()),
    (["AI talent concentration of Singapore in 2024"], "is that up on the year before?", "change", ("SGP",), (2023, 2024), ()),
    (["Lowest net flow of 2019, World Bank?"], "what was its value in 2016?", "value", ("VEN",), (2016,), (WORLD_BANK,)),
    ([KOREA], "the average from 2021 to 2023? no wait, just the change", "change", ("KOR",), (2021, 2022, 2023), ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "question", "asks", "places", "years", "measures"), FOLLOW_UPS, ids=[f[1] for f in FOLLOW_UPS]
)
def test_a_follow_up_takes_what_it_leaves_out(
    history: list[str], question: str, asks: str, places: tuple[str, ...], years: tuple[int, ...], measures: tuple[str, ...]
) -> None:  # fmt: skip
    q = read(question, *history)
    assert q.figures_asked
    assert (q.asks, q.places, q.years, q.measures) == (asks, places, years, measures)


@pytest.mark.parametrize(
    ("history", "question", "standalone"),
    [
        ([KOREA], "And Japan?", "What was Japan's net AI talent flow in 2023?"),
        ([KOREA, "And Japan?"], "the difference?", "How do South Korea and Japan compare in net AI talent flow in 2023?"),
        ([KOREA], "and in the AI Index 2026?", "What was South Korea's net AI talent flow in 2023 (AI Index 2026)?"),
        (["Compare South Korea and Japan in 2023."], "per 100,000?", "How do South Korea and Japan compare in net AI talent flow in 2023, per 100,000?"),
        (["What visas does Japan offer?"], "And Singapore?", "What visas does Singapore offer?"),
    ],
)  # fmt: skip
def test_the_question_as_understood_stands_alone(
    assistant: Assistant, history: list[str], question: str, standalone: str
) -> None:
    answer = assistant.ask(question, history)
    assert answer.question.text == question
    assert answer.question.standalone == standalone
    assert answer.to_dict()["standalone"] == standalone


def test_asking_the_standalone_question_gives_the_same_statements(assistant: Assistant) -> None:
    for history, question, *_slots in FOLLOW_UPS[:12]:
        answer = assistant.ask(question, history)
        again = assistant.ask(answer.question.standalone)
        assert [c.figure.key for c in again.figures] == [c.figure.key for c in answer.figures], (
            answer.question.standalone
        )


def test_a_base_is_taken_over_to_both_places(assistant: Assistant) -> None:
    answer = assistant.ask("per 100,000?", ["Compare South Korea and Japan in 2023."])
    assert answer.status == "answered"
    assert "-3.0" in answer.text and "+5.4" in answer.text


def test_why_after_a_figure_asks_for_the_reasons_of_that_place(assistant: Assistant) -> None:
    answer = assistant.ask("why?", [KOREA])
    assert answer.status == "answered"
    assert "South Korea" in answer.question.standalone
    assert all(s.quoted for s in answer.statements)
    assert "wage" in answer.text


def test_how_many_people_is_that_is_not_worked_out(assistant: Assistant) -> None:
    answer = assistant.ask("how many people is that?", [KOREA])
    assert answer.refusal is not None and answer.refusal.reason == "not_comparable"


def test_it_stands_for_the_named_thing_of_the_question_before(assistant: Assistant) -> None:
    started = assistant.ask("When did it start?", ["What is J-Find?"])
    assert "J-Find" in started.question.standalone
    assert "21 April 2023" in started.text
    stay = assistant.ask("How long can someone stay on it?", ["When did J-Find start?"])
    assert "two years" in stay.text


NEW_TOPICS = [
    "What is J-Find?",
    "When did J-Find start?",
    "When did Singapore's ONE Pass start?",
    "How many talent passports did France grant in the first year?",
    "How do bees help the ecosystem?",
    "Which countries gained most AI talent in 2024 according to the AI Index 2025?",
    "What was Israel's AI talent concentration in 2025?",
    "How many countries lost AI talent in 2022?",
]


@pytest.mark.parametrize("before", [KOREA, TOP, "What is the EU Blue Card?"])
@pytest.mark.parametrize("question", NEW_TOPICS)
def test_a_new_topic_inherits_nothing(question: str, before: str) -> None:
    assert read(question, before) == read(question)


def test_a_complete_question_means_the_same_after_any_other() -> None:
    """Every question of two evaluation sets is complete in itself, so no history may change it."""
    changed = []
    for name in ("figures", "policies"):
        for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if row.get("history"):
                continue
            alone = read(row["question"])
            if read(row["question"], KOREA) != alone:
                changed.append((row["question"], read(row["question"], KOREA).standalone))
    assert changed == []


def test_an_off_topic_turn_does_not_break_the_next_question(assistant: Assistant) -> None:
    answer = assistant.ask(KOREA, ["How do bees help the ecosystem?", ""])
    assert answer.figures[0].figure.key == ("oecdai_between_country_ai_skills_migration", "KOR", 2023)


def test_only_questions_of_the_conversation_count_however_many_or_long() -> None:
    assert read("And Japan?", *[KOREA] * 50).places == ("JPN",)
    assert read("And Japan in 2023?", "x" * 5000).places == ("JPN",)
    assert read("And Japan?", "", "  ") == read("And Japan?")


def test_a_history_leaves_no_trace_in_the_assistant(assistant: Assistant) -> None:
    alone = assistant.ask("And Japan?").to_dict()
    assistant.ask(KOREA)
    assistant.ask("And Japan?", [KOREA])
    assert assistant.ask("And Japan?").to_dict() == alone


def test_who_are_you_is_asked_of_no_figure(assistant: Assistant) -> None:
    answer = assistant.ask("Who are you?", [KOREA])
    assert answer.status == "not_found" and not answer.question.figures_asked


def test_a_place_left_out_is_in_no_average_and_no_count(assistant: Assistant) -> None:
    whole = assistant.ask("Average of the Nordic countries in the AI Index 2025")
    rest = assistant.ask("leave out Finland", ["Average of the Nordic countries in the AI Index 2025"])
    assert "5 places" in whole.text and "4 places of the Nordic countries without Finland" in rest.text
    count = assistant.ask("How many EU countries without Hungary lost talent in the AI Index 2025?")
    assert "2 of 23 places of the European Union without Hungary" in count.text
