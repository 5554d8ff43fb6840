"""Places are found where they are named, under any of their names, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus.places
from corpus.errors import BadData
from corpus.figures import FigureTable
from corpus.places import from_toml, gazetteer


def codes(text: str) -> list[str]:
    return [m.code for m in gazetteer().find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What was South Korea's net flow?", ["KOR"]),
        ("Compare Korea and Japan", ["KOR", "JPN"]),
        ("NORTH KOREA is another country than South Korea.", ["PRK", "KOR"]),
        ("Korean and Japanese researchers", ["KOR", "JPN"]),
        ("KOR, JPN and USA", ["KOR", "JPN", "USA"]),
        ("the United States\u2019 visas", ["USA"]),
        ("the UK and the UAE", ["GBR", "ARE"]),
        ("Tell us what it is.", []),
        ("It is in no way at all.", []),
        ("Seouls and Japanned goods, Chinaware", []),
        ("Turkey, T\u00fcrkiye", ["TUR", "TUR"]),
        ("South America", ["SOUTH_AMERICA"]),
        ("", []),
    ],
)
def test_places_are_found_by_name_alias_demonym_and_code(text: str, found: list[str]) -> None:
    assert codes(text) == found


def test_a_pronoun_in_lower_case_is_no_country_code() -> None:
    assert codes("give us it or me") == []


def test_a_demonym_is_marked_as_one() -> None:
    korean, japan = gazetteer().find("Korean talent in Japan")
    assert (korean.demonym, japan.demonym) == (True, False)


def test_a_group_is_marked_as_one_and_has_known_members() -> None:
    known = gazetteer()
    mentions = known.find("How do the G7 and the EU compare?")
    assert [m.group for m in mentions] == [True, True]
    for group in known.groups.values():
        assert set(group.members) <= set(known.places), group.code
        assert group.members and group.as_of, group.code


def test_a_mention_spans_the_name_in_the_text() -> None:
    text = "In \u0130zmir and Istanbul: does Japan win? Korean students (KOR) in the United States"
    named = [text[m.start : m.end] for m in gazetteer().find(text)]
    assert named == ["Japan", "Korean", "KOR", "United States"]


@given(st.lists(st.sampled_from([*"aZ\u0130\u00dfﬁ. ,-", "Japan", "South Korea", "the UK", "KOR", "일본"])))
def test_mentions_are_ordered_apart_and_hold_what_they_name(parts: list[str]) -> None:
    text = "".join(parts)
    mentions = gazetteer().find(text)
    assert all(a.end <= b.start for a, b in zip(mentions, mentions[1:], strict=False))
    for m in mentions:
        assert [n.code for n in gazetteer().find(text[m.start : m.end])] == [m.code]


def test_every_place_is_found_by_its_own_name() -> None:
    known = gazetteer()
    lost = [p.code for p in known.places.values() if codes(f"News from {p}, today.") != [p.code]]
    assert lost == []


def test_every_place_of_the_figures_has_a_name() -> None:
    known = gazetteer()
    unnamed = {f.place for f in FigureTable.bundled()} - set(known.places)
    assert unnamed == set()
    assert (known.name("USA"), known.title("USA")) == ("the United States", "United States")
    assert known.name("XXX") == "XXX"


def test_a_name_that_stands_for_two_places_is_refused() -> None:
    raw = {
        "AAA": {"name": "Ahland", "aliases": ["the isle"]},
        "BBB": {"name": "Behland", "aliases": ["the isle"]},
    }
    with pytest.raises(BadData, match=r"'the isle' stands for both AAA and BBB; keep one"):
        from_toml(raw)


def test_names_are_tried_only_where_one_may_begin_and_all_are_found() -> None:
    world = gazetteer()
    texts = [f"Of {name}: {name}s, {name}'s, non-{name} and {name}ly." for name in world._names]
    texts += [f"{code}, pre-{code}, {code}s and {code}x" for code in world._codes] + ["", "No place at all."]
    for text in texts:
        for pattern, heads in ((world._pattern, world._heads), (world._code_pattern, world._code_heads)):
            found = [m.span() for m in corpus.places._matches(pattern, heads, text)]
            assert found == [m.span() for m in pattern.finditer(text)]
