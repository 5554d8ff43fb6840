"""Relative dates are resolved from the date of their source, and only where it tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.relative import plain, resolved, unresolved, written


@pytest.mark.parametrize(
    ("text", "published", "meant"),
    [
        ("Japan gained last year.", "2025-01-02", "last year [2024, by the publication date of 2 January 2025]"),
        ("It opened this month.", "2025-04", "this month [April 2025, by the publication date of April 2025]"),
        ("It opened last month.", "2025-01-02", "last month [December 2024,"),
        ("It began in April of last year.", "2025-01-02", "April of last year [April 2024,"),
        ("It passed on the 2nd.", "2025-01-05", "on the 2nd [2 January 2025,"),
        ("It passed on the 28th.", "2025-01-05", "on the 28th [28 December 2024,"),
        ("He left yesterday.", "2025-01-01", "yesterday [31 December 2024,"),
        ("It began last October.", "2025-01-01", "last October [October 2024,"),
        ("It began two years ago.", "2025", "two years ago [2023,"),
    ],
)
def test_a_relative_date_is_shown_with_what_it_means(text: str, published: str, meant: str) -> None:
    assert meant in resolved(text, published)
    assert plain(resolved(text, published)) == text


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("It opened this month.", "2025"),
        ("It opened last year.", None),
        ("It passed on the 31st.", "2025-03-15"),
    ],
)
def test_what_a_date_does_not_tell_stays_and_is_named(text: str, published: str | None) -> None:
    assert resolved(text, published) == text
    assert len(unresolved(text, published)) == 1


@pytest.mark.parametrize(
    "text", ['ChosunBiz says "last April" of it.', "Growth over the last year slowed.", "In 2024."]
)
def test_words_of_another_text_and_spans_of_time_are_no_relative_dates(text: str) -> None:
    assert resolved(text, "2025-01-02") == text
    assert unresolved(text, None) == ()


@given(st.text(alphabet="last yearthimon 2nd.[]", max_size=60))
def test_what_is_put_in_can_be_taken_out(text: str) -> None:
    assert plain(resolved(text, "2025-01-02")) == plain(text)


def test_dates_of_any_precision_are_written_out() -> None:
    assert [written(d) for d in ("2025", "2025-04", "2025-04-02")] == ["2025", "April 2025", "2 April 2025"]
