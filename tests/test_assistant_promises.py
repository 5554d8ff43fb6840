"""The five promises, over questions that are made from the library's own cells."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib.resources import files

import pytest

from assistant import Answer, Assistant
from assistant.types import Cell, Derived, Direction, Quote, Support
from corpus.figures import FigureTable

# Written apart from assistant.claims on purpose: a test that shares the scanner shares its blind spots.
NUMERAL = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])|(?<![\w.])\d+(?=(?:st|nd|rd|th|%))")
WORDS_OF_SIGN = {"gained": 1, "lost": -1}
POLICY = [
    "What is J-Find?", "Why does Korea lose AI talent?", "When did J-Find start?", "What is the EU Blue Card?",
    "Who can apply for Singapore's ONE Pass?", "How much does J-Skip ask for in income?", "What is Tech.Pass?",
    "What did the Software Policy & Research Institute propose?", "Summarise the Taiwan Gold Card",
    "Which visas does the United Kingdom offer for AI talent?", "What is Canada's tech talent strategy?",
    "When did OpenAI open its Tokyo office?", "How does Germany's Opportunity Card work?",
]  # fmt: skip
REFUSED = [
    "How do bees help the ecosystem?", "What was Japan's flow in 2012?", "Will Korea gain AI talent in 2030?",
    "How many people did Korea lose in 2023?", "What was Peru's AI talent concentration in 2025?",
    "What penalties does Singapore's Foreign Algorithm Engineers Act impose?", "Best pizza in Naples?",
    "What was China's net AI talent flow in 2023 according to OECD.AI?", "Taiwan's net AI talent flow in 2021?",
    "What was South Korea's net AI talent flow in 1998?", "Who won the 2022 World Cup?",
]  # fmt: skip


def questions() -> list[str]:
    """130 questions about cells of the bundled tables, the same on every run."""
    table, pick = FigureTable.bundled(), random.Random(20231)
    made: list[str] = []
    for figure in pick.sample(table.figures, 60):
        place = _name(figure.place)
        measure = table.measures[figure.measure]
        family = table.families[measure.family].name
        year = f" in {figure.year}" if figure.year else ""
        made.append(f"What was {place}'s {family}{year} according to {measure.short}?")
    flows = [m for m, v in table.measures.items() if v.kind == "flow" and table.years(m)]
    while len(made) < 130:
        measure_id = pick.choice(flows)
        short, year = table.measures[measure_id].short, pick.choice(table.years(measure_id))
        held = sorted({f.place for f in table.of(measure_id, year=year)})
        one, two = pick.sample(held, 2) if len(held) > 1 else (held[0], "LUX")
        base = pick.choice(("100,000", "1,000,000", "1,000"))
        made.append(
            pick.choice(
                (
                    f"Compare {_name(one)} and {_name(two)} in {year} according to {short}",
                    f"Which 5 countries lost most AI talent in {year} according to {short}?",
                    f"Which countries gained most AI talent in {year} according to {short}?",
                    f"How did {_name(one)}'s net AI talent flow change over the years in {short}?",
                    f"Where does {_name(one)} rank in net AI talent flow in {year} in {short}?",
                    f"What was the average net AI talent flow of {_name(one)} over the years in {short}?",
                    f"How many countries lost AI talent in {year} according to {short}?",
                    f"What was {_name(one)}'s net AI talent flow in {year} per {base} in {short}?",
                    f"What does each source give for {_name(one)}'s net AI talent flow in {year}?",
                    f"What was {_name(one)}'s net AI talent flow in {year}?",
                )
            )
        )
    return made


def _name(code: str) -> str:
    from corpus.places import gazetteer

    return gazetteer().title(code)


@pytest.fixture(scope="module")
def answers(assistant: Assistant) -> list[tuple[str, Answer]]:
    return [(q, assistant.ask(q)) for q in (*questions(), *POLICY, *REFUSED)]


@pytest.fixture(scope="module")
def printed_cells() -> set[tuple[str, str, str, str]]:
    """Measure, place, year and value as the characters of the CSV files have them."""
    rows: set[tuple[str, str, str, str]] = set()
    for item in files("corpus").joinpath("figures").iterdir():
        if item.name.endswith(".csv") and item.name != "directions.csv":
            for row in csv.DictReader(item.read_text("utf-8").splitlines()):
                rows.add((row["measure"], row["place"], row["year"], row["value"]))
    return rows


def values(text: str) -> set[Decimal]:
    return {Decimal(m.group().replace(",", "")) for m in NUMERAL.finditer(text)}


def inputs(support: Support) -> tuple[Cell, ...]:
    if isinstance(support, Cell):
        return (support,)
    return support.inputs if isinstance(support, Derived) else ()


def sourced(supports: list[Support]) -> set[Decimal]:
    """The magnitude of every number that the support of a statement may lend it."""
    texts: list[str] = []
    allowed: set[Decimal] = set()
    for s in supports:
        if isinstance(s, Quote):
            texts += [s.text, s.source.title]
        elif isinstance(s, Derived):
            texts.append(s.formula)
            allowed.add(abs(s.value))
        elif isinstance(s, Direction):
            texts += [s.known.note, str(s.known.year), s.measure.short]
        for c in inputs(s):
            f, m = c.figure, c.measure
            rounded = f.value if m.decimals is None else round(f.value, m.decimals)
            allowed |= {abs(f.value), abs(rounded), Decimal(m.per), Decimal(f.year or 0)}
            texts += [f.note, m.name, m.short, m.edition, m.unit, m.definition, m.says, c.source.title]
            texts += [*m.caveats, m.denominator, *(said for _source, said in m.base_said)]
    return allowed | {v for text in texts for v in values(text)}


def statements(answers: list[tuple[str, Answer]]) -> Iterator[tuple[str, str, list[Support]]]:
    """Each statement of each answer: the question, its text, and what it cites."""
    for question, answer in answers:
        by_marker = {c.marker: c.support for c in answer.citations}
        for s in answer.statements:
            yield question, s.text, [by_marker[m] for m in s.markers if m in by_marker]


def test_there_are_enough_questions_and_most_are_answered(answers: list[tuple[str, Answer]]) -> None:
    assert len({q for q, _a in answers}) >= 120
    assert sum(a.status == "answered" for _q, a in answers) >= 100


def test_no_number_without_a_source(answers: list[tuple[str, Answer]]) -> None:
    looked_at = 0
    for question, text, cited in statements(answers):
        bare = re.sub("\u201c[^\u201d]*\u201d", " ", text)
        found = values(bare)
        looked_at += len(found)
        assert found <= sourced(cited), (question, text, found - sourced(cited))
    assert looked_at > 600


def test_every_statement_has_a_marker_and_every_marker_a_citation(answers: list[tuple[str, Answer]]) -> None:
    for question, answer in answers:
        known = [c.marker for c in answer.citations]
        assert known == list(range(1, len(known) + 1)), question
        for s in answer.statements:
            assert s.markers and set(s.markers) <= set(known), (question, s.text)
        assert set(known) == {m for s in answer.statements for m in s.markers}, question


def test_every_quotation_is_a_slice_of_the_stored_source(
    answers: list[tuple[str, Answer]], assistant: Assistant
) -> None:
    count = 0
    for question, answer in answers:
        for c in answer.citations:
            if isinstance(c.support, Quote):
                q = c.support
                count += 1
                assert assistant.library.catalog.text(q.source.id)[q.start : q.end] == q.text, question
                held = assistant.library.catalog.passage(q.passage_id)
                assert held.start <= q.start < q.end <= held.end
    assert count > 60


def test_every_quoted_text_of_a_statement_is_a_cited_quotation(answers: list[tuple[str, Answer]]) -> None:
    for question, text, cited in statements(answers):
        for words in re.findall("\u201c([^\u201d]*)\u201d", text):
            assert any(words == s.text for s in cited if isinstance(s, Quote)), (question, text)


def test_figures_keep_the_digits_of_the_table_exactly(
    answers: list[tuple[str, Answer]], printed_cells: set[tuple[str, str, str, str]]
) -> None:
    count = 0
    for question, answer in answers:
        shown = answer.to_dict()
        cited = [c["figure"] for c in shown["citations"] if c["figure"] and c["figure"]["value"] is not None]
        derived = [i for c in shown["citations"] if c["derived"] for i in c["derived"]["inputs"]]
        for f in (*shown["figures"], *shown["alternatives"], *cited, *derived):
            year = "" if f["year"] is None else str(f["year"])
            assert (f["measure"], f["place"], year, f["value"]) in printed_cells, question
            count += 1
    assert count > 500


def test_a_sentence_on_one_cell_names_its_place_year_and_base(answers: list[tuple[str, Answer]]) -> None:
    checked = 0
    for question, text, cited in statements(answers):
        own = [s for s in cited if isinstance(s, Cell)]
        if len(own) != 1 or "net flow" not in text or own[0].measure.kind != "flow":
            continue
        c = own[0]
        name = c.place_name.removeprefix("the ")
        assert name in text and str(c.figure.year) in text, (question, text)
        assert f"per {c.measure.per:,} {c.measure.denominator_short}" in text, (question, text)
        for word, sign in WORDS_OF_SIGN.items():
            if f" {word} " in text and " neither " not in text:
                assert (c.figure.value > 0) == (sign > 0), (question, text)
        checked += 1
    assert checked > 20


def test_a_working_is_right_arithmetic_over_cells_of_one_measure(answers: list[tuple[str, Answer]]) -> None:
    checked = 0
    for question, answer in answers:
        for c in answer.citations:
            if not isinstance(c.support, Derived):
                continue
            d = c.support
            assert d.inputs and len({i.figure.measure for i in d.inputs}) == 1, (question, d.formula)
            if m := re.fullmatch(r"\(?(-?[\d.]+)\)? - \(?(-?[\d.]+)\)? = (-?[\d.]+)", d.formula):
                assert Decimal(m[1]) - Decimal(m[2]) == Decimal(m[3]) == d.value, d.formula
                assert {Decimal(m[1]), Decimal(m[2])} == {i.figure.value for i in d.inputs}
                checked += 1
    assert checked > 10


def test_a_refusal_carries_no_figure_that_the_library_does_not_hold(
    answers: list[tuple[str, Answer]], printed_cells: set[tuple[str, str, str, str]]
) -> None:
    known = {abs(Decimal(v)) for _m, _p, _y, v in printed_cells} | {
        abs(round(Decimal(v), 3)) for _m, _p, _y, v in printed_cells
    }
    refused = 0
    for question, answer in answers:
        if answer.status != "not_found":
            continue
        refused += 1
        assert answer.refusal is not None and answer.refusal.said and answer.refusal.looked_for, question
        assert answer.figures == (), question
        years = {v for v in values(question) | values(answer.refusal.said) if 1900 <= v < 2100}
        for line in (*answer.refusal.found, *answer.refusal.try_):
            quoted_names = values(" ".join(re.findall("\u201c[^\u201d]*\u201d", line)))
            rest = {v for v in values(line) if not (1900 <= v < 2100 and v == int(v))}
            assert rest <= known | years | quoted_names, (question, line)
    assert refused >= len(REFUSED) - 2


def test_nothing_that_the_own_writer_says_has_to_be_dropped(answers: list[tuple[str, Answer]]) -> None:
    assert [(q, a.dropped) for q, a in answers if a.dropped] == []


@pytest.mark.parametrize(
    "question",
    [
        "Compare South Korea and Japan in 2023",
        "Why does Korea lose AI talent?",
        "How do bees help the ecosystem?",
    ],
)
def test_the_same_question_twenty_times_gives_one_json(assistant: Assistant, question: str) -> None:
    said = {json.dumps(assistant.ask(question).to_dict()).encode() for _ in range(20)}
    assert len(said) == 1


def test_another_assistant_over_the_same_library_gives_the_same_json(
    assistant: Assistant, answers: list[tuple[str, Answer]]
) -> None:
    second = Assistant.open(settings=assistant.library.settings)
    for question, answer in answers[::9]:
        assert second.ask(question).to_dict() == answer.to_dict(), question
    second.close()


def test_eight_threads_at_once_get_the_answers_that_each_gets_alone(
    assistant: Assistant, answers: list[tuple[str, Answer]]
) -> None:
    alone = {q: json.dumps(a.to_dict()) for q, a in answers[::4]}
    asked = list(alone) * 2
    random.Random(8).shuffle(asked)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda q: (q, json.dumps(assistant.ask(q).to_dict())), asked))
    assert all(alone[q] == said for q, said in together)
