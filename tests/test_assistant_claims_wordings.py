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
