"""What an answer must show: the exact questions of the first issue, with figures, workings and footnotes."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from assistant import Answer, Assistant
from assistant.types import Cell, Derived, Quote

FLOW = "oecdai_between_country_ai_skills_migration"
SERIES_2026 = "aiindex2026_net_ai_talent_migration_series"


def cells(answer: Answer) -> dict[tuple[str, str, int | None], str]:
    """The cited cells, each with its value as printed."""
    return {
        c.support.figure.key: format(c.support.figure.value, "f")
        for c in answer.citations
        if isinstance(c.support, Cell)
    }


def quotes(answer: Answer) -> list[Quote]:
    return [c.support for c in answer.citations if isinstance(c.support, Quote)]


def workings(answer: Answer) -> dict[str, Decimal]:
    return {c.support.formula: c.support.value for c in answer.citations if isinstance(c.support, Derived)}


def supports(answer: Answer, statement: int) -> list[object]:
    """What the n-th statement stands on."""
    by_marker = {c.marker: c.support for c in answer.citations}
    return [by_marker[m] for m in answer.statements[statement].markers]


def exact(assistant: Assistant, answer: Answer) -> bool:
    """Whether every quotation is a slice of the stored text, and there is at least one."""
    text_of = assistant.library.catalog.text
    found = quotes(answer)
    return bool(found) and all(text_of(q.source.id)[q.start : q.end] == q.text for q in found)


# -- the figure that all began with -------------------------------------------------------------


@pytest.fixture(scope="module")
def korea(assistant: Assistant) -> Answer:
    return assistant.ask("What was South Korea's net AI talent flow in 2023?")


def test_south_korea_2023_leads_with_its_figure_place_year_base_and_measure(korea: Answer) -> None:
    first = korea.statements[0].text
    assert korea.status == "answered"
    assert korea.text.startswith("South Korea lost 0.30 ")
    for part in ("-0.30", "per 10,000 LinkedIn members", "in 2023", "OECD.AI"):
        assert part in first


def test_south_korea_2023_cites_the_table_cell_and_a_passage(korea: Answer, assistant: Assistant) -> None:
    lead = supports(korea, 0)
    assert [s.figure.key for s in lead if isinstance(s, Cell)] == [(FLOW, "KOR", 2023)]
    passages = [s for s in lead if isinstance(s, Quote)]
    assert passages
    assert all("0.30" in p.text and "Korea" in p.text for p in passages)
    assert exact(assistant, korea)


def test_the_base_is_linkedin_members_although_the_article_says_people(korea: Answer) -> None:
    remark = next(s.text for s in korea.statements if s.text.startswith("The base is LinkedIn members"))
    assert "article" in remark and '"people"' in remark


def test_the_other_editions_stand_beside_the_lead_with_their_warning(korea: Answer) -> None:
    assert "-0.443 in the AI Index 2026" in korea.text
    assert "The AI Index 2024 gives the same value" in korea.text
    assert "slip" in korea.text
    held = cells(korea)
    assert held[SERIES_2026, "KOR", 2023] == "-0.44279"
    assert held["aiindex2024_net_ai_talent_migration", "KOR", 2023] == "-0.30"
    assert {c.figure.key for c in korea.alternatives} >= {(SERIES_2026, "KOR", 2023)}


def test_a_comparison_shows_both_values_the_difference_and_its_working(assistant: Assistant) -> None:
    answer = assistant.ask("Compare South Korea and Japan in 2023")
    first = answer.statements[0].text
    assert answer.status == "answered"
    for part in (
        "Japan gained 0.54",
        "South Korea lost 0.30",
        "a difference of 0.84",
        "0.54 - (-0.30) = 0.84",
    ):
        assert part in first
    assert workings(answer) == {"0.54 - (-0.30) = 0.84": Decimal("0.84")}
    assert cells(answer)[FLOW, "JPN", 2023] == "0.54"
    assert cells(answer)[FLOW, "KOR", 2023] == "-0.30"
    assert any(isinstance(s, Derived) for s in supports(answer, 0))
    assert "No second source confirms" in answer.text


def test_a_ranking_leads_with_its_first_three_in_order(assistant: Assistant) -> None:
    answer = assistant.ask("Which countries gained most AI talent in 2024 according to the AI Index 2025?")
    order = ("Luxembourg", "8.92", "Cyprus", "4.67", "United Arab Emirates", "4.13")
    at = [answer.text.find(part) for part in order]
    assert answer.status == "answered"
    assert answer.text.startswith("In 2024 Luxembourg")
    assert -1 not in at and at == sorted(at)
    assert {c.figure.measure for c in answer.figures} == {"aiindex2025_net_ai_talent_migration"}
    assert [format(c.figure.value, "f") for c in answer.figures[:3]] == ["8.92", "4.67", "4.13"]


def test_a_ranking_without_a_group_names_the_group_and_keeps_its_lead(assistant: Assistant) -> None:
    answer = assistant.ask("Which country outside the EU had the highest net inflow in 2019, World Bank?")
    assert answer.text.startswith("In 2019 the United Arab Emirates gained most outside the European Union: +985.57")
    assert not answer.dropped


def test_a_warning_that_a_ranked_cell_carries_is_shown_and_not_dropped(assistant: Assistant) -> None:
    answer = assistant.ask("Which countries gained most AI talent in 2024 according to the AI Index 2025?")
    assert answer.dropped == 0
    assert "attaches some values to the wrong country" in answer.text


def test_a_trend_shows_every_year_between_and_the_change_with_its_working(assistant: Assistant) -> None:
    answer = assistant.ask("How did Canada change between 2015 and 2019?")
    for value in ("11.83", "102.82", "272.11", "434.81", "510.91", "+499.08"):
        assert value in answer.text
    assert workings(answer) == {"510.91 - 11.83 = 499.08": Decimal("499.08")}
    assert "LinkedIn members with AI skills" in answer.text


# -- quoted answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What is J-Find?", ["up to two years", "universit"]),
        ("Why does Korea lose AI talent?", ["wage"]),
        ("What did the Software Policy & Research Institute propose?", ["propos"]),
    ],
)
def test_policy_questions_are_answered_with_quoted_and_cited_sentences(
    assistant: Assistant, question: str, words: list[str]
) -> None:
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert answer.refusal is None
    assert exact(assistant, answer)
    for n, statement in enumerate(answer.statements):
        held = [s.text for s in supports(answer, n) if isinstance(s, Quote)]
        assert any(f"\u201c{text}\u201d" == statement.text for text in held)
    for word in words:
        assert word in answer.text


def test_a_quoted_answer_names_the_primary_source_behind_the_brief(assistant: Assistant) -> None:
    answer = assistant.ask("What is J-Find?")
    assert all(c.origins for c in answer.citations)
    assert answer.statements[0].lead_in.startswith("Footnote's brief, after ")
    assert all(o.title for c in answer.citations for o in c.origins)


def test_what_the_research_institute_proposed_is_told_by_its_proposals(assistant: Assistant) -> None:
    answer = assistant.ask("What did the Software Policy & Research Institute propose?")
    assert "GNI" in answer.text or "rules for AI specialists" in answer.text
    assert any("SPRi" in q.text or "Software Policy" in q.text for q in quotes(answer))


# -- refusals -------------------------------------------------------------------------------------


def test_a_year_that_is_not_held_is_refused_with_the_nearest_that_is(assistant: Assistant) -> None:
    answer = assistant.ask("What was Japan's flow in 2012?")
    assert answer.status == "not_found"
    assert answer.refusal is not None
    assert answer.refusal.reason == "year_not_in_measure"
    assert "Japan" in answer.refusal.looked_for and "2012" in answer.refusal.looked_for
    assert answer.text.startswith("The library has no figure")
    assert "71.17" in answer.text and "2015" in answer.text
    assert cells(answer) == {("wb_linkedin_ai_skill_migration", "JPN", 2015): "71.17"}
    assert any("2015" in f and "71.17" in f for f in answer.refusal.found)
    assert answer.figures == ()


def test_an_off_topic_question_is_refused_with_what_can_be_asked(assistant: Assistant) -> None:
    answer = assistant.ask("How do bees help the ecosystem?")
    assert answer.status == "not_found"
    assert answer.refusal is not None
    assert answer.refusal.reason == "off_topic"
    assert answer.statements == () and answer.citations == () and answer.figures == ()
    assert len(answer.refusal.try_) == 3


@pytest.mark.parametrize(
    "question",
    ["What was Japan's flow in 2012?", "How do bees help the ecosystem?", "Peru's net flow in 1999?"],
)
def test_what_a_refusal_suggests_is_itself_answered(assistant: Assistant, question: str) -> None:
    refusal = assistant.ask(question).refusal
    assert refusal is not None and refusal.try_
    for suggestion in refusal.try_:
        assert assistant.ask(suggestion).status == "answered", suggestion


def test_a_year_of_which_only_the_direction_is_known_is_said_so(assistant: Assistant) -> None:
    answer = assistant.ask("What was South Korea's net AI talent flow in 2021 according to OECD.AI?")
    assert answer.status == "partial"
    assert answer.refusal is not None and answer.refusal.reason == "direction_only"
    assert "net inflow" in answer.text and "without a value" in answer.text
    assert answer.figures == ()


def test_a_rate_is_not_turned_into_a_head_count(assistant: Assistant) -> None:
    answer = assistant.ask("How many people did Korea lose in 2023?")
    assert answer.status == "not_found"
    assert answer.refusal is not None and answer.refusal.reason == "not_comparable"
    assert "LinkedIn members" in answer.text and "-0.30" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "How many members does LinkedIn have in Portugal?",  # a base is no count: "0.42 per 10,000 LinkedIn members"
        "How many weeks does a J-Skip application take?",  # years of experience are no waiting time
        "How many J-Find visas were issued in Japan in 2024?",  # a date is no count
        "How much does the J-Find visa cost?",
        "What is the refusal rate of the Top-Tier visa?",
        "Does the ONE Pass need a degree?",
    ],
)
def test_what_stands_in_no_document_is_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).status == "not_found"


def test_a_refusal_shows_what_is_said_of_the_thing_itself(assistant: Assistant) -> None:
    answer = assistant.ask("Does the ONE Pass need a degree?")
    assert "ONE Pass" in answer.text.partition("The nearest passage:")[2]


def test_a_counted_name_is_not_cut(assistant: Assistant) -> None:
    answer = assistant.ask("How many people hold an EU Blue Card in Germany?")
    assert answer.text.startswith("69,353 EU Blue Cards.")


def test_what_a_country_offers_is_listed_with_a_citation_each(assistant: Assistant) -> None:
    lead = assistant.ask("Which visas does Japan offer to AI talent?").text.splitlines()[0]
    assert all(re.search(rf"{name}[^.]*\. \[\d\]", lead) for name in ("J-Find", "J-Skip"))


def test_a_law_that_no_document_names_is_refused_by_name(assistant: Assistant) -> None:
    answer = assistant.ask("What penalties does Singapore's Foreign Algorithm Engineers Act impose?")
    assert answer.status == "not_found"
    assert answer.refusal is not None and answer.refusal.reason == "name_not_found"
    assert "Foreign Algorithm Engineers Act" in answer.text


# -- a library that holds the article and nothing else --------------------------------------------


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("What was South Korea's net flow of AI talent in 2023?", "-0.30 per 10,000 people"),
        ("What was South Korea's net outflow in 2019?", "-0.49"),
        ("What was Japan's net inflow in 2020?", "+0.69"),
        ("What was Japan's net inflow in 2023?", "+0.54"),
        ("How many residence permits were issued for business manager status?", "6,335 residence permits"),
        ("How long can graduates stay in Japan with J-Find?", "up to 2 years"),
        ("What valuation did SakanaAI achieve?", "$1 billion"),
        ("What is Sakana AI's valuation?", "$1 billion"),
    ],
)
def test_the_article_alone_gives_its_figures_in_exact_quotations(
    article_assistant: Assistant, question: str, figure: str
) -> None:
    answer = article_assistant.ask(question)
    assert answer.status == "answered", answer.text
    assert exact(article_assistant, answer)
    assert figure in quotes(answer)[0].text
    assert figure.lower() in answer.statements[0].text.lower()
    quoted = next(s for s in answer.statements if s.quoted)
    assert figure in quoted.text and quoted.lead_in == "ChosunBiz, 2 January 2025:"


@pytest.mark.parametrize("year", [2020, 2021, 2022])
@pytest.mark.parametrize(
    "question", ["What was South Korea's net flow of AI talent in {}?", "What was Korea's net inflow in {}?"]
)
def test_the_article_alone_gives_only_a_direction_for_the_years_between(
    article_assistant: Assistant, question: str, year: int
) -> None:
    answer = article_assistant.ask(question.format(year))
    assert answer.status == "partial", answer.text
    assert answer.refusal is not None and answer.refusal.reason == "direction_only"
    assert f"only the direction for {year}" in answer.text and "no value" in answer.text
    assert "net inflow from 2020 to 2022" in answer.text
    assert exact(article_assistant, answer)
    assert answer.figures == ()


def test_the_article_alone_says_what_the_research_institute_asked_for(article_assistant: Assistant) -> None:
    answer = article_assistant.ask("What did the Software Policy Research Institute propose?")
    assert answer.status == "answered"
    assert "evaluation system centered on AI expertise" in answer.text
    assert exact(article_assistant, answer)


def test_the_article_alone_has_no_figure_for_another_year_or_place(article_assistant: Assistant) -> None:
    for question in (
        "What was Japan's net flow in 2012?",
        "What was Luxembourg's net AI talent flow in 2023?",
    ):
        answer = article_assistant.ask(question)
        assert answer.status == "not_found", answer.text
        assert answer.refusal is not None and answer.figures == ()
