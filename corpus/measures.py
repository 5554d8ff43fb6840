"""Measures and families: what the numbers mean, as corpus/measures.toml and a library hold them."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from corpus.errors import BadData
from corpus.types import Family, Measure, MeasureKind

LANGUAGES = ("ko", "ja", "fr", "de", "es")
_PAIRS = ("absent", "base_said")


def measure_from(id: str, raw: dict[str, Any]) -> Measure:
    """A Measure from a TOML or JSON table; raises BadData for a missing or unknown field."""
    known = {f.name for f in fields(Measure)}
    if unknown := set(raw) - known:
        raise BadData(f"measure {id!r} has unknown fields {sorted(unknown)}; known are {sorted(known)}")
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items() if k not in _PAIRS}
    for name in _PAIRS:
        table = raw.get(name, {})
        pairs = table.items() if isinstance(table, dict) else (tuple(p) for p in table)
        given[name] = tuple(sorted((str(a), str(b)) for a, b in pairs))
    given.setdefault("short", given.get("name", id))
    given.setdefault("denominator_short", given.get("denominator", ""))
    given["id"] = id
    try:
        measure = Measure(**given)
    except TypeError as error:
        raise BadData(f"measure {id!r} is incomplete: {error}; see corpus/measures.toml for an example") from None
    if measure.kind not in get_args(MeasureKind):
        kinds = ", ".join(get_args(MeasureKind))
        raise BadData(f"measure {id!r} has kind {measure.kind!r}; expected one of {kinds}")
    return measure


def family_from(id: str, raw: dict[str, Any]) -> Family:
    """A Family from a TOML or JSON table."""
    foreign = raw.get("foreign")
    if foreign is None:
        foreign = [(lang, raw[f"words_{lang}"]) for lang in LANGUAGES if raw.get(f"words_{lang}")]
    words = tuple(raw.get("words", ()))
    others = tuple((lang, tuple(listed)) for lang, listed in foreign)
    signs = tuple(raw.get("signs", ()))
    return Family(
        id, raw["name"], tuple(raw["order"]), raw.get("reason", ""), bool(raw.get("distinct")), words, others, signs
    )


def bundled() -> tuple[dict[str, Measure], dict[str, Family]]:
    """The measures and families that ship with Footnote; raises BadData where they disagree."""
    raw = tomllib.loads(Path(__file__).with_name("measures.toml").read_text("utf-8"))
    measures = {id: measure_from(id, m) for id, m in raw["measures"].items()}
    families = {id: family_from(id, f) for id, f in raw["families"].items()}
    check(measures, families)
    return measures, families


def check(measures: dict[str, Measure], families: dict[str, Family]) -> None:
    """Raise BadData unless every measure has a family that orders it, and the reverse."""
    for measure in measures.values():
        family = families.get(measure.family)
        if family is None:
            raise BadData(f"measure {measure.id!r} names the family {measure.family!r}, which is not defined")
        if measure.id not in family.order:
            raise BadData(f"measure {measure.id!r} is not in the order of its family {family.id!r}; add it there")
    for family in families.values():
        if missing := [m for m in family.order if m not in measures]:
            raise BadData(f"family {family.id!r} orders measures that are not defined: {', '.join(missing)}")
