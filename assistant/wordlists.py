"""The word lists of claims.toml, each behind its scanner."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.lexicon import Scanner


def denominators(said: str) -> tuple[str, ...]:
    """The kinds of denominators that some words name; "skilled" beside another where both are."""
    return tuple(sorted({f.value for f in claim_words().denominators.find(said)}))


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """A scanner for each list of claims.toml."""

    about: Scanner
    direction: Scanner
    change: Scanner
    compare: Scanner
    rank: Scanner
    average: Scanner
    denominators: Scanner
    families: Scanner
    measures: Scanner
    alien: Scanner


@cache
def raw_words() -> dict[str, dict[str, list[str]]]:
    """The lists of claims.toml."""
    return tomllib.loads(files("assistant").joinpath("claims.toml").read_text("utf-8"))


@cache
def claim_words() -> ClaimWords:
    """The scanners, made once."""
    raw = raw_words()
    pick = {
        "change": {k: raw["change"][k] for k in ("up", "down", "any")},
        "compare": {k: raw["compare"][k] for k in ("more", "less", "even", "gap")}
        | {f"x{k.replace('_', '.')}": v for k, v in raw["times"].items()},
        "rank": {k: raw["rank"][k] for k in ("top", "bottom", "leads", "trails")},
    }
    return ClaimWords(
        Scanner(raw["about"]), Scanner(raw["direction"]), Scanner(pick["change"]), Scanner(pick["compare"]),
        Scanner(pick["rank"]), Scanner(raw["average"]), Scanner(raw["denominators"]),
        Scanner(raw["families"]), Scanner(raw["measures"]), Scanner(raw["alien"]),
    )  # fmt: skip
