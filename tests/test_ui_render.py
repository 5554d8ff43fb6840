"""An Answer as HTML: nothing foreign becomes markup, nothing is drawn that is not known."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from assistant.types import (
    Answer,
    Cell,
    Citation,
    Derived,
    Direction,
    Question,
    Quote,
    Refusal,
    Statement,
)
from corpus.types import Figure, KnownDirection, Measure, Origin, Passage, Source, TableCell
from ui.chart import charts
from ui.footnotes import footnotes
from ui.markup import day, plain, printed, web_address
from ui.panels import evidence_html
from ui.render import answer_html, question_text
from ui.terminal import as_text

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</pre></section><iframe src=javascript:alert(1)>",
    "[click](javascript:alert(1))",
    "![beacon](https://evil.example/a.png)",
    "$$\\href{javascript:alert(1)}{x}$$",
    "```mermaid\ngraph TD\n```",
    "\n\n# A heading\n\n<b>bold</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{0.__class__} {{7*7}} ${7*7}",
    "https://evil.example www.evil.example a@evil.example",
    "<form action=https://evil.example><input name=q></form>",
    "<a class=cite href=#fn-1-1 style=position:fixed>1</a>",
)
MEASURE = Measure(
    id="oecdai", family="net", name="Between-country AI skills migration", short="OECD.AI",
    unit="net persons per 10,000", per=10_000, denominator="LinkedIn members in the country",
    denominator_short="LinkedIn members", kind="flow", edition="OECD.AI, November 2024",
)  # fmt: skip
INDEX = replace(
    MEASURE,
    id="ai26",
    name="Net AI talent migration",
    short="AI Index 2026",
    edition="2026",
    decimals=3,
)
ARTICLE = Source(
    "seed", "South Korea becomes a country of AI talent outflow", "ChosunBiz", "2025-01-02",
    "article", "https://biz.chosun.com/en/en-it/2025/01/02/FRGTYHCEFNGTFPCCI5KGJXA3JQ/",
)  # fmt: skip
BRIEF = Source("brief", "Korea: why AI talent leaves", "Footnote", "2026-11-23", "brief")
TEXT = (
    "According to the OECD, South Korea had a net outflow of AI talent of -0.30 per 10,000 people "
    "in 2023.[^s01] Low salaries and seniority-based pay are named as the main reasons.[^s07] "
    "A survey adds the research environment."
)
PASSAGE = Passage(
    "p1", "brief", TEXT, 100, 100 + len(TEXT), "Korea > Reasons",
    origins=(("s07", Origin("BOK Issue Note", "Bank of Korea", "2025-12-05", "https://www.bok.or.kr/")),),
)  # fmt: skip


def cell(
    place: str = "South Korea",
    year: int | None = 2023,
    value: str = "-0.30",
    measure: Measure = MEASURE,
) -> Cell:
    figure = Figure(
        measure.id, place[:3].upper(), year, Decimal(value), ARTICLE.id, "paragraph 2", "medium",
        "the article says people",
    )  # fmt: skip
    return Cell(figure, measure, ARTICLE, place)


def quote(text: str) -> Quote:
    at = TEXT.index(text)
    return Quote(
        BRIEF,
        "p1",
        text,
        100 + at,
        100 + at + len(text),
        origins=tuple(o for _, o in PASSAGE.origins),
    )


def question(text: str, standalone: str = "") -> Question:
    return Question(text, standalone or text, "value")


def value_answer() -> Answer:
    korea = cell()
    return Answer(
        question("What was South Korea's net AI talent flow in 2023?"),
        "answered",
        (
            Statement(
                "South Korea lost 0.30 AI-skilled people per 10,000 on balance in 2023 "
                "(net flow -0.30, OECD.AI).", (1,), marks=((17, 21),),
            ),
            Statement('The base is LinkedIn members; the article says "people".', (1, 2)),
            Statement("Another edition gives -0.443 (AI Index 2026).", (3,)),
        ),
        (
            Citation(1, korea),
            Citation(2, quote(TEXT[TEXT.index("South") : TEXT.index("[^s01]")])),
            Citation(3, cell(value="-0.44312", measure=INDEX)),
        ),
        (korea,),
        (cell(value="-0.44312", measure=INDEX),),
        ("The article says people; its source divides by LinkedIn members.",),
    )  # fmt: skip


def compare_answer() -> Answer:
    japan, korea = cell("Japan", value="0.54"), cell()
    derived = Derived("0.54 - (-0.30) = 0.84", Decimal("0.84"), (japan, korea))
    said = "In 2023 Japan gained 0.54 AI-skilled people per 10,000 while South Korea lost 0.30."
    return Answer(
        question("And Japan?", "Compare South Korea and Japan in 2023, OECD.AI?"),
        "answered",
        (Statement(said, (1, 2)), Statement("The difference is 0.84.", (3,))),
        (Citation(1, japan), Citation(2, korea), Citation(3, derived)),
        (japan, korea),
    )


def trend_answer() -> Answer:
    canada = {2015: "11.83", 2016: "102.82", 2018: "434.81", 2019: "510.91"}
    japan = {2015: "71.17", 2019: "-3.50"}
    cells = tuple(cell("Canada", *row) for row in canada.items())
    cells += tuple(cell("Japan", *row) for row in japan.items())
    return Answer(
        question("How did Canada and Japan change between 2015 and 2019?"),
        "partial",
        (Statement("Canada's net gain rose from 11.83 to 510.91.", (1, 2)),),
        (Citation(1, cells[0]), Citation(2, cells[3])),
        cells,
    )


def why_answer() -> Answer:
    a = "Low salaries and seniority-based pay are named as the main reasons."
    b = "A survey adds the research environment."
    return Answer(
        question("Why does Korea lose AI talent?"),
        "answered",
        (
            Statement(a, (1,), quoted=True, lead_in="Bank of Korea, December 2025:", marks=((0, 35),)),
            Statement(b, (2,), quoted=True),
        ),
        (Citation(1, quote(a)), Citation(2, quote(b))),
    )


def refused_answer() -> Answer:
    return Answer(
        question("What was Japan's flow in 2012?"),
        "not_found",
        (Statement("The earliest is 2015: a net gain of 71.17.", (1,)),),
        (Citation(1, cell("Japan", 2015, "71.17")),),
        refusal=Refusal(
            "year_not_in_measure",
            "a net flow of AI talent for Japan in 2012",
            ("Japan from 2015 to 2019",),
            ("How did Japan change between 2015 and 2019?", "What was Japan's flow in 2020?"),
            "The library has no figure for Japan in 2012.",
        ),
    )


def poisoned(text: str) -> Answer:
    """An answer with the same foreign text in every field that can hold any."""
    source = Source(text, text, text, text, "other", text, text, text, text)
    origin = Origin(text, text, text, text)
    measure = Measure(text, text, text, text, text, 10_000, text, text, "flow", text, text, (text,))
    cells = tuple(
        Cell(
            Figure(text, text, year, Decimal("-1.5"), text, text, "low", text),
            measure,
            source,
            place,
        )
        for year, place in ((2020, text), (2021, text), (2021, text + "b"))
    )
    known = KnownDirection(text, text, 2020, "inflow", text, text, text)
    supports = (
        Quote(source, "p", text, 0, len(text), origins=(origin,)),
        Quote(source, "p", text, 0, len(text), cells=(TableCell(text, 0, 1, text, text, text),)),
        cells[0],
        Derived(text, Decimal("1"), cells),
        Direction(known, measure, source, text),
    )
    return Answer(
        Question(text, text + "?!", "value"),
        "partial",
        (
            Statement(text, (1,), marks=((0, 3), (2, 5))),
            Statement(text, (2,), quoted=True, lead_in=text),
            Statement(text, (3, 4), lead_in=text),
        ),
        tuple(Citation(n, s) for n, s in enumerate(supports, start=1)),
        cells,
        cells[:1],
        (text,),
        Refusal("no_evidence", text, (text,), (text,), text),
        writer=text,
        dropped=2,
    )


class Tags(HTMLParser):
    """The elements, attributes and text that a browser would see."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def both(answer: Answer) -> tuple[Tags, Tags]:
    passage = Passage("p", "s", answer.citations[0].support.text, 0, 5) if answer.citations else None  # type: ignore[union-attr]
    passages = {"p": passage} if passage else {}
    return Tags(answer_html(answer, 3)), Tags(evidence_html(answer, 3, passages))


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_in_any_field_becomes_no_element_and_no_attribute(text: str) -> None:
    harmless = both(poisoned("x" * len(text)))
    for seen, expected in zip(both(poisoned(text)), harmless, strict=True):
        links = [v for k, v in seen.attributes if k == "href" and v and not v.startswith("#")]
        assert links == []
        assert seen.names == expected.names
        assert [k for k, _ in seen.attributes] == [k for k, _ in expected.attributes]


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_still_readable_letter_for_letter(text: str) -> None:
    chat, panel = both(poisoned(text))
    assert " ".join(text.split()) in " ".join(chat.text.split())
    assert text in panel.text


@pytest.mark.parametrize("text", HOSTILE)
def test_chat_markup_is_one_line_so_that_markdown_leaves_it_alone(text: str) -> None:
    assert "\n" not in answer_html(poisoned(text), 1)
    assert html.unescape(question_text(text)) == " ".join(re.split(r"\s+", text))


def test_plain_leaves_no_character_that_markdown_could_read() -> None:
    assert plain("a*b <c> [d](e) $f$ 1. g") == ("a&#42;b &#60;c&#62; &#91;d&#93;&#40;e&#41; &#36;f&#36; 1&#46; g")


def test_direction_overrides_cannot_reverse_a_figure() -> None:
    assert "\u202e" not in plain("\u202e03.0-") and "\u202e" not in evidence_html(poisoned("\u202e03.0-"), 1, {})


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://a b", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_address(url) == ""
    assert web_address("https://oecd.ai/en/data?a=1&b=2") == "https://oecd.ai/en/data?a=1&amp;b=2"


def test_each_sentence_ends_in_its_pills_and_each_pill_has_a_card() -> None:
    answer = value_answer()
    chat, panel = answer_html(answer, 7), evidence_html(answer, 7, {"p1": PASSAGE})
    pills = re.findall(r'<a class="cite" href="#(fn-7-\d+)" title="[^"]+">\d</a>', chat)
    assert pills == ["fn-7-1", "fn-7-1", "fn-7-2", "fn-7-3"]
    assert set(pills) == set(re.findall(r'id="(fn-[^"]+)"', panel))


def test_pills_of_two_turns_never_share_an_id() -> None:
    first, second = (set(re.findall(r"fn-[\d-]+", answer_html(value_answer(), n))) for n in (1, 2))
    assert first and not first & second


def test_key_words_are_marked_and_bad_spans_are_trimmed() -> None:
    said = Statement("lost 0.30 people", (1,), marks=((5, 9), (7, 99), (99, 120), (3, 1)))
    text = answer_html(replace(value_answer(), statements=(said,)), 1)
    assert '<b class="key">0&#46;30</b><b class="key"> people</b>' in text
    assert Tags(text).text.count("lost 0.30 people") == 1


def test_quoted_sentences_stand_in_quotation_marks_under_one_lead_in() -> None:
    text = answer_html(why_answer(), 1)
    assert text.count("<blockquote>") == 1 and text.count("<q>\u201c") == 2
    assert Tags(text).text.count("Bank of Korea, December 2025:") == 1


def test_tiles_tell_the_sign_by_sign_word_and_colour() -> None:
    text = answer_html(compare_answer(), 1)
    assert re.search(r'<div class="tile out".*?>\u22120\.30<.*?net outflow', text)
    assert re.search(r'<div class="tile in".*?>\+0\.54<.*?net inflow', text)
    assert "per 10&#44;000" in text or "per 10,000 LinkedIn members" in text


SHARES = [
    ("%", "elite NeurIPS authors", "of elite NeurIPS authors"),
    ("% of LinkedIn members", "LinkedIn members", "of LinkedIn members"),
    ("% change 2019 to 2025", "the concentration in 2019", "change 2019 to 2025"),
]


@pytest.mark.parametrize(("unit", "denominator", "base"), SHARES, ids=lambda text: text)
def test_a_share_is_of_its_base_on_every_surface(unit: str, denominator: str, base: str) -> None:
    share = replace(MEASURE, unit=unit, per=100, denominator_short=denominator, kind="share")
    cells = tuple(cell(name, value="5", measure=share) for name in ("Japan", "South Korea"))
    answer = replace(compare_answer(), figures=cells, citations=(Citation(1, cells[0]),))
    chat, panel = Tags(answer_html(answer, 1)), Tags(evidence_html(answer, 1, {}))
    assert base in chat.text and base in panel.text
    assert f"Japan, 2023: 5% {base}." in as_text(answer)
    assert f"<title>Japan, 2023: 5% {base}</title>" in charts(cells)
    assert "per 100 " not in chat.text + panel.text


def test_the_clipboard_has_the_footnotes_of_the_terminal() -> None:
    for answer in (value_answer(), compare_answer(), why_answer()):
        copied = html.unescape(evidence_html(answer, 1, {}).partition('<pre class="as-text" hidden>')[2])
        assert "\n".join(footnotes(answer)) in copied and "\n".join(footnotes(answer)) in as_text(answer)


def test_sentences_keep_the_answers_own_characters() -> None:
    assert "net flow -0.30, OECD.AI" in Tags(answer_html(value_answer(), 1)).text


def test_a_follow_up_shows_how_it_was_read_and_a_full_question_does_not() -> None:
    assert "Read as: Compare South Korea and Japan" in Tags(answer_html(compare_answer(), 2)).text
    assert "Read as" not in answer_html(value_answer(), 1)


def test_a_refusal_says_what_was_looked_for_found_and_can_be_asked() -> None:
    seen = Tags(answer_html(refused_answer(), 1))
    assert seen.text.startswith("The library has no figure for Japan in 2012.")
    for part in ("Looked for", "a net flow of AI talent for Japan in 2012", "Found", "You can ask"):
        assert part in seen.text
    assert [v for k, v in seen.attributes if k == "class" and v == "ask"] == ["ask", "ask"]


def test_notes_and_dropped_sentences_are_told() -> None:
    text = Tags(answer_html(replace(value_answer(), dropped=1, writer="openai:m"), 1)).text
    assert "its source divides by LinkedIn members" in text
    assert "1 sentence" in text and "Written by openai:m" in text


def test_a_quotation_is_marked_inside_its_passage() -> None:
    panel = evidence_html(value_answer(), 1, {"p1": PASSAGE})
    assert "<mark>South Korea had a net outflow of AI talent of -0.30" in panel
    assert "According to the OECD, <mark>" in panel
    assert 'after: Bank of Korea, 5 December 2025, <a href="https://www.bok.or.kr/"' in panel


def test_a_passage_that_has_changed_is_not_shown_around_a_quotation() -> None:
    changed = replace(PASSAGE, text=TEXT.replace("OECD", "XXXX!"))
    panel = evidence_html(value_answer(), 1, {"p1": changed})
    assert "XXXX" not in panel and "<mark>South Korea had" in panel


def test_a_quotation_is_shown_in_its_own_paragraph_only() -> None:
    text = "---\nid: x\n---\n\n# Title\n\nFirst words.[^s01][^s07] More.\n\n## Next\n\nOther."
    at = text.index("First")
    said = Quote(BRIEF, "p1", "First words.", 100 + at, 112 + at)
    answer = replace(why_answer(), citations=(Citation(1, said),))
    panel = evidence_html(answer, 1, {"p1": replace(PASSAGE, text=text)})
    mark = '<sup class="ref" title="s01; BOK Issue Note">\u2020</sup>'
    assert f"<blockquote><mark>First words.</mark>{mark} More.</blockquote>" in panel


def test_a_line_end_of_print_is_a_space_and_those_of_items_and_rows_stay() -> None:
    text = (
        "Harbour towns trained 4,210 crane operators in\n2023, more than in any year before. They were asked\n"
        "- in the spring, when the ships come back again,\n- in autumn."
    )
    said = Quote(BRIEF, "p1", text[:82], 100, 182)
    panel = evidence_html(replace(why_answer(), citations=(Citation(1, said),)), 1, {"p1": replace(PASSAGE, text=text)})
    assert (
        "operators in 2023, more than" in panel and "asked\n- in the spring" in panel and "again,\n- in autumn" in panel
    )


def test_a_quoted_row_is_shown_cell_by_cell_under_the_names_of_its_columns() -> None:
    text = "| Country | Boats |\n| Japan | 14 |\n| Korea | 9 |\n"
    cells = (
        TableCell("Korea", 138, 143, "Korea", "Country", "row 3, column A"),
        TableCell("9", 146, 147, "Korea", "Boats", "row 3, column B"),
    )
    said = Quote(BRIEF, "p1", "| Korea | 9 |", 136, 149, cells=cells)
    answer = replace(
        why_answer(), citations=(Citation(1, said),),
        statements=(Statement(f"\u201c{said.text}\u201d", (1,), quoted=True, marks=((3, 8),)),),
    )  # fmt: skip
    panel = evidence_html(answer, 1, {"p1": replace(PASSAGE, text=text)})
    assert "<blockquote><mark>| Korea | 9 |</mark></blockquote>" in panel and "Japan" not in panel
    assert "<dt>Boats</dt><dd>9</dd><dt>Where</dt><dd>row 3</dd>" in panel
    assert '<q>\u201c<b class="key">Korea</b> &#124; 9\u201d</q>' in answer_html(answer, 1)


def test_cards_carry_every_digit_and_tiles_those_of_a_sentence() -> None:
    answer = replace(value_answer(), figures=(cell(value="-0.44312", measure=INDEX),))
    assert ">\u22120.443<" in answer_html(answer, 1)
    assert "\u22120.44312" in evidence_html(answer, 1, {})


def test_a_cell_card_tells_what_its_number_means() -> None:
    text = Tags(evidence_html(value_answer(), 1, {})).text
    korea = cell()
    for part in (
        korea.measure.name,
        "South Korea, 2023",
        korea.measure.unit,
        korea.measure.denominator,
        "paragraph 2",
        "medium",
        "the article says people",
    ):
        assert part in text


def test_a_derived_value_shows_its_working() -> None:
    assert "0.54 - (-0.30) = 0.84" in evidence_html(compare_answer(), 1, {})


def test_a_missing_year_is_a_gap_that_no_line_crosses() -> None:
    drawing = charts(trend_answer().figures)
    strokes = re.findall(r'<polyline points="([^"]+)"', drawing)
    assert [len(s.split()) for s in strokes] == [
        2,
        2,
    ]  # 2015-16 and 2018-19 of Canada; Japan has none
    assert drawing.count("<circle") == 6 and "2017:" not in drawing
    assert "gaps are years without a figure" in drawing


def test_places_of_one_year_are_bars_about_a_zero_line() -> None:
    drawing = charts(compare_answer().figures)
    assert drawing.count("<rect") == 2 and 'class="zero"' in drawing and "polyline" not in drawing
    assert 'role="img" aria-label="Between-country AI skills migration: Japan 2023: +0.54;' in drawing
    assert "OECD.AI, November 2024" in drawing and "<title>South Korea, 2023: \u22120.30 per" in drawing


def test_two_measures_never_share_a_chart() -> None:
    cells = [cell(), cell("Japan"), cell(measure=INDEX), cell("Japan", measure=INDEX)]
    assert charts(cells).count("<svg") == 2
    assert charts([cell(), cell(measure=INDEX)]) == ""


def test_ranks_and_single_figures_are_not_drawn() -> None:
    rank = replace(MEASURE, kind="rank", per=1, unit="rank")
    assert charts([cell(measure=rank, value="1"), cell("Japan", measure=rank, value="25")]) == ""
    assert charts([cell()]) == ""


def test_a_chart_of_equal_or_zero_values_is_drawn() -> None:
    assert "<svg" in charts([cell(value="0"), cell("Japan", value="0")])
    assert "<svg" in charts([cell(value="0", year=y) for y in (2020, 2021)])


@pytest.mark.parametrize(
    ("published", "text"),
    [("2025-01-02", "2 January 2025"), ("2026-04", "April 2026"), ("2025", "2025"), ("", ""),
     ("2025-13", "2025-13"), ("2024 or 2025", "2024 or 2025")],
)  # fmt: skip
def test_dates_are_as_exact_as_their_sources(published: str, text: str) -> None:
    assert day(published) == text


def test_a_place_with_an_article_is_labelled_without_it() -> None:
    drawing = charts([cell("the United Arab Emirates"), cell("Japan")])
    assert ">United Arab Emirates<" in drawing


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [("-0.30", True, "\u22120.30"), ("0.54", True, "+0.54"), ("0.00", True, "0.00"),
     ("110000", False, "110,000"), ("1084.38", True, "+1,084.38"), ("1E+3", False, "1,000")],
)  # fmt: skip
def test_printed_values_keep_their_digits(value: str, signed: bool, text: str) -> None:
    assert printed(Decimal(value), signed) == text
