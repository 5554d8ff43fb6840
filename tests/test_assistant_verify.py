"""The check between a draft and an answer: forged statements are dropped and counted, true ones pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.numerals import numerals
from assistant.types import Answer, Cell, Derived, Draft, DraftStatement, Question, Quote
from assistant.verify import assemble, fault, quote, shown
from corpus.errors import Unsupported
from corpus.figures import FigureTable
from corpus.types import Origin, Passage, Source

TEXT = (
    "# Japan\n\nJ-Find started on 21 April 2023.[^a] It allows a stay of up to two years.\n\n"
    "South Korea had a net outflow of -0.30 per 10,000 people in 2023."
)
SOURCE = Source(id="brief", title="A brief of 40 lines", publisher="Footnote")
HEAD, CUT = TEXT.index("J-Find"), TEXT.index("South")
BODY = Passage(
    "p1",
    "brief",
    TEXT[HEAD:CUT],
    HEAD,
    CUT,
    "Japan",
    origins=(("a", Origin("New visas", "Vialto", "2023-04-26")),),
)
LAST = Passage("p2", "brief", TEXT[CUT:], CUT, len(TEXT))


def text_of(source_id: str) -> str:
    return {"brief": TEXT}[source_id]


def cell(measure: str, place: str, year: int, name: str) -> Cell:
    table = FigureTable.bundled()
    figure = table.cell(measure, place, year)
    assert figure is not None
    return Cell(figure, table.measures[measure], table.sources[figure.source_id], name)


KOREA = cell("oecdai_between_country_ai_skills_migration", "KOR", 2023, "South Korea")
JAPAN = cell("oecdai_between_country_ai_skills_migration", "JPN", 2023, "Japan")
SERIES = cell("aiindex2026_net_ai_talent_migration_series", "KOR", 2023, "South Korea")
GAP = Derived("0.54 - (-0.30) = 0.84", Decimal("0.84"), (JAPAN, KOREA))
STARTED = quote(SOURCE, BODY, HEAD, HEAD + len("J-Find started on 21 April 2023."))
OUTFLOW = quote(SOURCE, LAST, CUT, len(TEXT))


def passed(*statements: DraftStatement) -> Answer:
    question = Question("q", "q", "value")
    return assemble(question, Draft("answered", statements), text_of, "hand")


TRUE = [
    DraftStatement("South Korea lost 0.30 AI-skilled people per 10,000 LinkedIn members in 2023 (-0.30).", (KOREA,)),
    DraftStatement("Japan gained 0.54 per 10,000 in 2023.", (JAPAN,)),
    DraftStatement("The difference is 0.84 (0.54 - (-0.30) = 0.84).", (JAPAN, KOREA, GAP)),
    DraftStatement("The AI Index 2026 shows -0.443 for South Korea in 2023.", (SERIES,)),
    DraftStatement("It carries -0.44279 in its table.", (SERIES,)),
    DraftStatement("\u201cJ-Find started on 21 April 2023.\u201d", (STARTED,), quoted=True),
    DraftStatement("J-Find dates from 21 April 2023.", (STARTED,)),
    DraftStatement("No figure stands in this sentence.", (KOREA,)),
]


@pytest.mark.parametrize("statement", TRUE, ids=lambda s: s.text[:40])
def test_a_true_statement_passes(statement: DraftStatement) -> None:
    assert fault(statement, text_of) is None
    answer = passed(statement)
    assert [s.text for s in answer.statements] == [statement.text]
    assert answer.dropped == 0


FORGED = {
    "a wrong digit": DraftStatement("South Korea lost 0.31 per 10,000 in 2023.", (KOREA,)),
    "a digit more": DraftStatement("South Korea lost 0.301 per 10,000 in 2023.", (KOREA,)),
    "a wrong year": DraftStatement("South Korea lost 0.30 per 10,000 in 2018.", (KOREA,)),
    "a wrong year that a caveat names": DraftStatement("South Korea lost 0.30 per 10,000 in 2022.", (KOREA,)),
    "a value that only a caveat names": DraftStatement("South Korea lost 2.87 per 10,000 in 2023.", (KOREA,)),
    "the value of a cell for another place": DraftStatement("Japan lost 0.30 per 10,000 in 2023.", (KOREA,)),
    "a wrong base": DraftStatement("South Korea lost 0.30 per 100,000 in 2023.", (KOREA,)),
    "the wrong sign in words": DraftStatement("South Korea gained 0.30 per 10,000 in 2023.", (KOREA,)),
    "an outflow of a gain": DraftStatement("Japan had a net outflow of 0.54 per 10,000 in 2023.", (JAPAN,)),
    "the wrong sign in digits": DraftStatement("South Korea stood at +0.30 in 2023.", (KOREA,)),
    "another place's value": DraftStatement("Japan gained 0.30 per 10,000 in 2023.", (JAPAN,)),
    "a wrong difference": DraftStatement("The difference is 0.48.", (JAPAN, KOREA, GAP)),
    "a swapped pair in a comparison": DraftStatement(
        "In 2023 South Korea gained 0.54 AI-skilled people per 10,000 LinkedIn members while Japan lost 0.30.",
        (JAPAN, KOREA),
    ),
    "a swapped pair of signed values": DraftStatement(
        "Net flow in 2023: Japan -0.30 and South Korea +0.54.", (JAPAN, KOREA)
    ),
    "the higher of two as the lower": DraftStatement(
        "In 2023 Japan's net AI talent flow was lower than South Korea's.", (JAPAN, KOREA)
    ),
    "a year of another cell": DraftStatement(
        "Japan gained 0.54 in 2023 and South Korea lost 0.30 in 2019.", (JAPAN, KOREA)
    ),
    "a rounding of its own": DraftStatement("The AI Index 2026 shows -0.44.", (SERIES,)),
    "a number without support": DraftStatement("J-Find drew 4,000 applicants in 2023.", (STARTED,)),
    "no support at all": DraftStatement("Nobody knows.", ()),
    "a figure and no support": DraftStatement("Japan gained 0.54.", ()),
    "a quotation that stands nowhere": DraftStatement("\u201cJ-Find ended on 21 April 2023.\u201d", (STARTED,)),
    "a quotation of another source": DraftStatement("\u201cIt allows a stay of up to two years.\u201d", (OUTFLOW,)),
    "a quote with a changed character": DraftStatement(
        "\u201cJ-Find started on 22 April 2023.\u201d",
        (replace(STARTED, text="J-Find started on 22 April 2023."),),
    ),
    "a quote that has moved": DraftStatement(
        "J-Find started.", (replace(STARTED, start=STARTED.start + 1, end=STARTED.end + 1),)
    ),
    "a quote longer than its source": DraftStatement(
        "It was 2023.", (replace(OUTFLOW, text=OUTFLOW.text + " Indeed.", end=OUTFLOW.end + 8),)
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_statement_is_dropped_and_counted(name: str) -> None:
    statement = FORGED[name]
    assert fault(statement, text_of) is not None
    answer = passed(TRUE[0], statement, TRUE[1])
    assert [s.text for s in answer.statements] == [TRUE[0].text, TRUE[1].text]
    assert answer.dropped == 1
    assert statement.text not in answer.text


def test_a_dropped_statement_leaves_no_citation_and_no_gap_in_the_numbers() -> None:
    answer = passed(TRUE[0], DraftStatement("Japan gained 5.4 per 10,000.", (JAPAN,)), TRUE[5])
    assert [c.marker for c in answer.citations] == [1, 2]
    assert [s.markers for s in answer.statements] == [(1,), (2,)]
    assert JAPAN not in [c.support for c in answer.citations]


def test_where_nothing_passes_nothing_is_found() -> None:
    forged = [FORGED[name] for name in ("a wrong digit", "the wrong sign in words", "no support at all")]
    answer = passed(*forged)
    assert answer.status == "not_found"
    assert answer.statements == () and answer.citations == ()
    assert answer.dropped == 3


def test_the_same_support_has_one_number_throughout() -> None:
    answer = passed(TRUE[0], TRUE[2], TRUE[1])
    assert [s.markers for s in answer.statements] == [(1,), (2, 1, 3), (2,)]


def test_a_figure_that_no_statement_cites_is_not_among_the_figures() -> None:
    draft = Draft("answered", (TRUE[0],), figures=(KOREA, JAPAN), alternatives=(SERIES,))
    answer = assemble(Question("q", "q", "value"), draft, text_of, "hand")
    assert answer.figures == (KOREA,)
    assert answer.alternatives == ()


@pytest.mark.parametrize(
    ("start", "end"), [(0, 20), (BODY.start, BODY.end + 1), (BODY.end, BODY.end + 5), (40, 40), (40, 30)]
)
def test_a_quotation_outside_its_passage_cannot_be_made(start: int, end: int) -> None:
    with pytest.raises(Unsupported, match="outside passage p1"):
        quote(SOURCE, BODY, start, end)


def test_a_quotation_carries_the_primary_source_of_its_own_footnote() -> None:
    assert STARTED.text == "J-Find started on 21 April 2023."
    assert [o.publisher for o in STARTED.origins] == ["Vialto"]
    assert OUTFLOW.origins == ()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("0.12345", "0.123"), ("0.1235", "0.124"), ("0.1225", "0.122"), ("0.1245", "0.124"), ("-0.0005", "0.000"),
        ("-0.0015", "-0.002"), ("-0.44279", "-0.443"), ("9.9995", "10.000"), ("0.30", "0.30"), ("7", "7"),
    ],
)  # fmt: skip
def test_a_sentence_rounds_half_to_even_and_only_where_there_are_more_digits(value: str, sentence: str) -> None:
    made = replace(SERIES, figure=replace(SERIES.figure, value=Decimal(value)))
    assert made.measure.decimals == 3
    assert format(shown(made), "f").replace("-0.000", "0.000") == sentence


def test_a_measure_without_a_limit_shows_every_digit() -> None:
    assert KOREA.measure.decimals is None
    assert format(shown(KOREA), "f") == "-0.30"
    assert shown(replace(KOREA, figure=replace(KOREA.figure, value=Decimal("-0.123456")))) == Decimal("-0.123456")


@given(st.decimals(min_value=-2000, max_value=2000, places=2), st.sampled_from(["lost", "gained"]))
def test_no_value_but_the_cell_s_own_passes_with_the_word_of_its_sign(value: Decimal, word: str) -> None:
    text = f"South Korea {word} {abs(value):,} AI-skilled people on balance."
    true = abs(value) == Decimal("0.30") and word == "lost"
    allowed_elsewhere = abs(value) in _numbers_of(KOREA)  # such as 100 % or 40 % in a caveat
    assert (fault(DraftStatement(text, (KOREA,)), text_of) is None) <= (true or (allowed_elsewhere and word == "lost"))
    assert fault(DraftStatement("South Korea lost 0.30.", (KOREA,)), text_of) is None


def _numbers_of(c: Cell) -> set[Decimal]:
    texts = [
        c.measure.definition,
        *c.measure.caveats,
        c.source.title,
        c.source.published.replace("-", " "),
        c.figure.locator,
    ]
    found = {abs(n.value) for t in texts for n in numerals(t)}
    return found | {Decimal(c.measure.per), Decimal(c.figure.year or 0)}


@given(st.integers(0, len(OUTFLOW.text) - 1), st.characters(codec="utf-8"))
def test_any_changed_character_of_a_quotation_is_found(at: int, character: str) -> None:
    forged = OUTFLOW.text[:at] + character + OUTFLOW.text[at + 1 :]
    statement = DraftStatement("So it is said.", (replace(OUTFLOW, text=forged),))
    assert (fault(statement, text_of) is None) == (forged == OUTFLOW.text)


def test_the_fault_says_what_is_wrong_with_which_words() -> None:
    faults: dict[str, Callable[[], DraftStatement]] = {
        "'0.31'": lambda: FORGED["a wrong digit"],
        "gain": lambda: FORGED["the wrong sign in words"],
        "cites nothing": lambda: FORGED["no support at all"],
        "stand in no cited source": lambda: FORGED["a quotation that stands nowhere"],
        "'brief' at": lambda: FORGED["a quote with a changed character"],
    }
    for words, statement in faults.items():
        assert words in (fault(statement(), text_of) or "")


def test_a_quote_made_by_hand_for_an_unknown_passage_is_still_checked_by_its_text() -> None:
    forged = Quote(SOURCE, "no-such-passage", "J-Find started in 1999.", STARTED.start, STARTED.end)
    assert fault(DraftStatement("J-Find started.", (forged,)), text_of) is not None


def dated(text: str, published: str | None) -> tuple[DraftStatement, Callable[[str], str]]:
    whole = "Japan gained talent last year."
    source = replace(SOURCE, published=published)
    cited = quote(source, Passage("p9", "brief", whole, 0, len(whole)), 0, len(whole))
    return DraftStatement(text, (cited,), quoted=True), lambda _id: whole


def test_a_date_put_into_a_quotation_has_to_follow_from_the_date_of_its_source() -> None:
    right = "\u201cJapan gained talent last year [2024, by the publication date of 2 January 2025].\u201d"
    assert fault(*dated(right, "2025-01-02")) is None
    assert fault(*dated(right.replace("2024", "2023"), "2025-01-02")) is not None
    assert fault(*dated(right, None)) is not None


def test_words_taken_as_a_lead_have_to_stand_in_the_quotation() -> None:
    statement, whole = dated("Last year.", "2025-01-02")
    assert fault(replace(statement, quoted=False, taken=("last year",)), whole) is None
    assert fault(replace(statement, text="Last month.", quoted=False, taken=("last month",)), whole) is not None
