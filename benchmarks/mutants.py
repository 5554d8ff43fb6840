"""Mutants of true sentences: one fault each, and each really false under every edition that is not named.

A true sentence carries the spans of its slots and the facts it states (tests/evaluation/claims/true.jsonl).
A mutant changes one slot; the check that it is false is worked out here, apart from the engine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from corpus.figures import FigureTable
from corpus.places import gazetteer

Row = dict[str, Any]
_PAIRS = (
    "gained/lost inflow/outflow importer/exporter gain/loss arrived/left lose/gain rose/fell climbed/dropped "
    "increased/declined higher_than/lower_than above/below ahead_of/behind exceeded/trailed higher/lower came_to/left"
)
OTHER_WAY: dict[str, str] = {}
for _one, _, _two in (p.replace("_", " ").partition("/") for p in _PAIRS.split()):
    OTHER_WAY.setdefault(_one, _two)
    OTHER_WAY.setdefault(_two, _one)
EDITIONS = {
    "oecdai_between_country_ai_skills_migration": "OECD.AI",
    "aiindex2024_net_ai_talent_migration": "the AI Index 2024",
    "aiindex2025_net_ai_talent_migration": "the AI Index 2025",
    "aiindex2026_net_ai_talent_migration_series": "the AI Index 2026",
    "wb_linkedin_ai_skill_migration": "the World Bank",
}
NEXT = {
    "highest": "second-highest", "second-highest": "highest", "third-highest": "highest",
    "fourth-highest": "second-highest", "largest": "third-largest", "second-largest": "largest",
    "third-largest": "largest", "fourth-largest": "second-largest",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A false sentence, the kind of its fault, and the names of the fault that are right."""

    id: str
    text: str
    kind: str
    faults: tuple[str, ...]


class Maker:
    """Makes the mutants of one row."""

    def __init__(self, row: Row, table: FigureTable, chance: random.Random) -> None:
        self.row, self.table, self.chance = row, table, chance
        self.text, self.spans = row["text"], row.get("spans", {})

    def swap(self, **new: str) -> str:
        """The sentence with some slots changed."""
        text = self.text
        for slot in sorted(new, key=lambda s: -self.spans[s][0]):
            a, b = self.spans[slot]
            said = new[slot]
            text = text[:a] + (said[0].upper() + said[1:] if a == 0 else said) + text[b:]
        return text

    def said(self, slot: str) -> str:
        """What a slot says."""
        a, b = self.spans[slot]
        return self.text[a:b]

    def measures(self, fact: Row) -> list[str]:
        """The measures under which a mutant must be false: the one that is named, or the whole family."""
        if fact.get("named"):
            report = self.table.measures[fact["measure"]].edition.split("(")[0]
            family = self.table.family_of(fact["measure"])
            return [
                m
                for m in family.order
                if m == fact["measure"] or self.table.measures[m].edition.split("(")[0] == report
            ]
        return list(self.table.families[fact["family"]].order)

    def holds(self, fact: Row, **new: Any) -> bool:
        """Whether a value fact would be true with some of its parts changed, under any edition it may mean."""
        f = fact | new
        said = Decimal(f["value"])
        for m in self.measures(f):
            measure = self.table.measures[m]
            for place in [f["place"]]:
                years = [f["year"]] if f["year"] is not None else [None]
                for c in [self.table.cell(m, place, y) for y in years]:
                    if c is None:
                        continue
                    held = c.value if not f["per"] or measure.per <= 1 else c.value * f["per"] / measure.per
                    unit = Decimal(1).scaleb(int(said.as_tuple().exponent))
                    if said == held or any(held.quantize(unit, r) == said for r in (ROUND_HALF_EVEN, ROUND_HALF_UP)):
                        return True
        return False

    def mutants(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """(kind, text, right names of the fault) of every mutant."""
        facts = self.row["facts"]
        for fact in facts:
            made = getattr(self, f"_{fact['kind']}", None)
            ranks = "measure" in fact and self.table.measures[fact["measure"]].kind == "rank"
            for kind, text, faults in made(fact) if made else ():
                yield kind, text, (*faults, "rank") if ranks else faults
        values = [f for f in facts if f["kind"] == "value"]
        if len(values) == 2 and "1" in {f["i"] for f in values}:
            yield from self._swapped(values)

    def _slot(self, fact: Row, name: str) -> str:
        for key in (f"{name}{fact.get('i', '')}", fact.get("ykey", "") if name == "Y" else "", name):
            if key and key in self.spans:
                return key
        return ""

    def _number(self, fact: Row) -> str:
        return self._slot(fact, "V") or self._slot(fact, "v")

    def _print(self, slot: str, value: Decimal) -> str:
        """A value as the slot printed it: signed or not."""
        plus = "+" if slot[0] == "V" and self.said(slot)[0] in "+-" and value > 0 else ""
        return plus + format(value if slot[0] == "V" else abs(value), ",f")

    def _value(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        slot, value = self._number(fact), Decimal(fact["value"])
        if not slot:
            return
        flow = fact["family"] == "net_ai_talent_flow"
        if flow and slot[0] == "V" and value and not self.holds(fact, value=format(-value, "f")):
            yield "sign", self.swap(**{slot: self._print(slot, -value)}), ("sign", "direction")
        if (
            flow
            and (word := fact.get("word"))
            and self.said(word).lower() in OTHER_WAY
            and not self.holds(fact, value=format(-value, "f"))
        ):
            yield "direction", self.swap(**{word: OTHER_WAY[self.said(word).lower()]}), ("direction", "sign")
        yield from self._places(fact)
        yield from self._years(fact)
        yield from self._digits(fact, slot, value)
        yield from self._bases(fact, slot, value)
        yield from self._editions(fact)
        yield from self._rounded(fact, slot)

    def _places(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        slot = self._slot(fact, "P")
        others = sorted(
            {
                f.place
                for f in self.table.of(fact["measure"], year=fact["year"])
                if f.place not in ("WLD", fact["place"])
            }
        )
        named = {self.said(s).lower() for s in self.spans if s[0] == "P"}
        others = [p for p in others if not self.holds(fact, place=p) and gazetteer().name(p).lower() not in named]
        if slot and others:
            for p in self.chance.sample(others, min(2, len(others))):
                yield "place", self.swap(**{slot: gazetteer().name(p)}), ("place",)

    def _years(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        slot = self._slot(fact, "Y")
        if not slot or fact["year"] is None or not slot.startswith("Y"):
            return
        held = [y for y in self.table.series(fact["measure"], fact["place"]) if y != fact["year"]]
        held = held or [y for y in range(2015, 2026) if y != fact["year"]]
        shared = [f for f in self.row["facts"] if f["kind"] == "value" and f.get("ykey", "Y") == fact.get("ykey", "Y")]
        for y in self.chance.sample(held, min(2, len(held))):
            if f"{y}" in self.text:
                continue
            if not any(self.holds(f, year=y) for f in shared):
                yield "year", self.swap(**{slot: str(y)}), ("year",)

    def _digits(self, fact: Row, slot: str, value: Decimal) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        said = format(abs(value), "f")
        spots = [i for i, c in enumerate(said) if c.isdigit()]
        for at in self.chance.sample(spots, min(3, len(spots))):
            new = said[:at] + self.chance.choice([d for d in "123456789" if d != said[at]]) + said[at + 1 :]
            forged = Decimal(new).copy_sign(value)
            if not self.holds(fact, value=format(forged, "f")):
                yield "digit", self.swap(**{slot: self._print(slot, forged)}), ("value", "rounding")
        for power in (1, -1):
            forged = value.scaleb(power)
            if fact["per"] and not self.holds(fact, value=format(forged, "f")):
                yield "decimal shift", self.swap(**{slot: self._print(slot, forged)}), ("value", "base")

    def _bases(self, fact: Row, slot: str, value: Decimal) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        if "B" in self.spans:
            base = self.chance.choice([b for b in ("1,000", "10,000", "100,000", "1,000,000") if b != self.said("B")])
            if not self.holds(fact, per=int(base.replace(",", ""))):
                yield "base", self.swap(B=base), ("base", "value")
        if "D" in self.spans and fact["per"] and fact.get("i", "") in ("", "1") and fact["kind"] == "value":
            other = (
                "LinkedIn members"
                if "skill" in self.said("D")
                else self.chance.choice(["inhabitants", "people", "workers", "LinkedIn members with AI skills"])
            )
            if not (other.startswith("LinkedIn") and not fact["named"]):
                yield "denominator", self.swap(D=other), ("denominator",)
        at = self.spans[slot][1]
        rest = self.text[at:]
        if fact["per"] >= 1000 and rest.startswith(" per 10,000 "):
            yield "unit", self.text[:at] + "% of " + rest.removeprefix(" per 10,000 "), ("unit", "base")
        elif fact["per"] == 100 and rest.startswith("%"):
            yield "unit", self.text[:at] + " per 10,000" + rest[1:], ("unit", "base")

    def _editions(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        if "E" not in self.spans or not fact["named"] or fact.get("i", "") not in ("", "1"):
            return
        for m, name in EDITIONS.items():
            held = self.table.cell(m, fact["place"], fact["year"])
            skilled = "skill" in self.said("D") if "D" in self.spans else False
            if m in self.measures(fact) or held is None or skilled != m.startswith("wb"):
                continue
            if not self.holds(fact | {"measure": m}):
                yield "edition", self.swap(E=name), ("edition",)

    def _rounded(self, fact: Row, slot: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        c = self.table.cell(fact["measure"], fact["place"], fact["year"])
        if c is None or fact["per"] not in (0, 100, self.table.measures[fact["measure"]].per):
            return
        own = -int(c.value.as_tuple().exponent)
        for places in range(1, own):
            unit = Decimal(1).scaleb(-places)
            right = c.value.quantize(unit, ROUND_HALF_EVEN)
            forged = (
                right + unit
                if abs(right) < abs(c.value) and c.value > 0 or abs(right) > abs(c.value) and c.value < 0
                else right - unit
            )
            if forged and (forged < 0) == (c.value < 0) and not self.holds(fact, value=format(forged, "f")):
                yield "rounding", self.swap(**{slot: self._print(slot, forged)}), ("rounding", "value")
                return

    def _swapped(self, values: Sequence[Row]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        a, b = values
        one, two = self._number(a), self._number(b)
        if self.holds(a, value=b["value"]) or self.holds(b, value=a["value"]):
            return
        words = {w: OTHER_WAY[self.said(w)] for w in (a.get("word"), b.get("word")) if w}
        if words and (Decimal(a["value"]) < 0) == (Decimal(b["value"]) < 0):
            words = {}
        elif words:
            words = {a["word"]: self.said(b["word"]), b["word"]: self.said(a["word"])}
        fault = "year" if a["place"] == b["place"] else "place"
        yield "swapped pair", self.swap(**{one: self.said(two), two: self.said(one)}, **words), (fault, "value")

    def _ranks(self, fact: Row) -> list[tuple[int, int]]:
        found = []
        for m in self.measures(fact):
            every = [f for f in self.table.of(m, year=fact["year"]) if f.place != "WLD"]
            own = [f.value for f in every if f.place == fact["place"]]
            if own:
                first = 1 + sum(1 for f in every if (f.value < own[0] if fact.get("rev") else f.value > own[0]))
                tied = sum(1 for f in every if f.value == own[0])
                found += [(first + k, len(every)) for k in range(tied)]
        return found

    def _rank(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        held = self._ranks(fact)
        if "R" in self.spans:
            for step in (-1, 1, 3):
                n = fact["value"] + step
                if n > 0 and n not in {r for r, _ in held}:
                    yield "rank", self.swap(R=_ordinal(n)), ("rank",)
        if "q" in self.spans and self.said("q") in NEXT:
            yield "rank", self.swap(q=NEXT[self.said("q")]), ("rank",)
        if "N" in self.spans:
            for step in (-2, 5):
                n = fact["of"] + step
                if n not in {t for _, t in held}:
                    yield "total", self.swap(N=str(n)), ("total",)
        others = sorted({f.place for f in self.table.of(fact["measure"], year=fact["year"])} - {fact["place"], "WLD"})
        p = self.chance.choice(others)
        if "V" not in self.spans and fact["value"] not in {r for r, _ in self._ranks(fact | {"place": p})}:
            yield "place", self.swap(P=gazetteer().name(p)), ("place", "rank")

    def _change(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        word = fact.get("word")
        if word and not self._moved(fact, not fact["up"]):
            yield "direction", self.swap(**{word: OTHER_WAY[self.said(word)]}), ("direction",)
        if fact["value"]:
            said = fact["value"]
            spots = [i for i, c in enumerate(said) if c.isdigit()]
            at = self.chance.choice(spots)
            new = said[:at] + self.chance.choice([d for d in "123456789" if d != said[at]]) + said[at + 1 :]
            if not any(abs(abs(d) - Decimal(new.replace(",", ""))) < Decimal("0.011") for d in self._diffs(fact)):
                yield "digit", self.swap(X=new), ("value", "rounding")

    def _diffs(self, fact: Row) -> list[Decimal]:
        found = []
        for m in self.measures(fact):
            rows = self.table.series(m, fact["place"])
            if set(fact["years"]) <= set(rows):
                found.append(rows[fact["years"][1]].value - rows[fact["years"][0]].value)
        return found

    def _moved(self, fact: Row, up: bool) -> bool:
        return any((d > 0) == up for d in self._diffs(fact))

    def _compare(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        pairs = [
            (self.table.cell(m, fact["places"][0], fact["year"]), self.table.cell(m, fact["places"][1], fact["year"]))
            for m in self.measures(fact)
        ]
        if any(a and b and (a.value > b.value) != fact["more"] for a, b in pairs):
            return
        yield "comparison", self.swap(h=OTHER_WAY[self.said("h")]), ("comparison",)
        yield "swapped pair", self.swap(P1=self.said("P2"), P2=self.said("P1")), ("comparison", "place")

    def _gap(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        said = fact["value"]
        held = []
        for m in self.measures(fact):
            a, b = (self.table.cell(m, p, fact["year"]) for p in fact["places"])
            held += [abs(a.value - b.value)] if a and b else []
        for at in self.chance.sample([i for i, c in enumerate(said) if c.isdigit()], 2):
            new = said[:at] + self.chance.choice([d for d in "123456789" if d != said[at]]) + said[at + 1 :]
            if not any(abs(h - Decimal(new)) < Decimal("0.011") for h in held):
                yield "digit", self.swap(X=format(Decimal(new), ",f")), ("value", "rounding")
        if fact.get("word"):
            yield "comparison", self.swap(h=OTHER_WAY[self.said("h")]), ("comparison",)

    def _times(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        if fact["value"]:
            yield "comparison", self.swap(X=format(Decimal(fact["value"]) * 2, "f")), ("comparison", "value")
        yield "swapped pair", self.swap(P1=self.said("P2"), P2=self.said("P1")), ("comparison", "place")

    def _count(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        held = []
        for m in self.measures(fact):
            every = self.table.of(m, year=fact["year"])
            held.append(
                (
                    sum(1 for f in every if f.value and (f.value < 0) == fact["out"]),
                    len(every),
                    sum(1 for f in every if f.value and (f.value > 0) == fact["out"]),
                )
            )
        for step in (-3, 2):
            n = fact["value"] + step
            if n > 0 and n not in {h[0] for h in held}:
                yield "count", self.swap(X=str(n)), ("value",)
        if "N" in self.spans and fact["of"] + 4 not in {h[1] for h in held}:
            yield "total", self.swap(N=str(fact["of"] + 4)), ("total",)
        word = fact["word"]
        if fact["value"] not in {h[2] for h in held}:
            yield "direction", self.swap(**{word: OTHER_WAY[self.said(word)]}), ("direction", "value")

    def _average(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        value = Decimal(fact["value"])
        forged = value + Decimal("0.3")
        yield "digit", self.swap(V=("+" if forged > 0 else "") + format(forged, "f")), ("value",)

    def _direction(self, fact: Row) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        word = fact["word"]
        held = [self.table.cell(m, fact["place"], fact["year"]) for m in self.measures(fact)]
        if not any(c and (c.value > 0) == fact["out"] for c in held):
            yield "direction", self.swap(**{word: OTHER_WAY[self.said(word)]}), ("direction", "sign")


def _ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def mutants_of(rows: Sequence[Row], table: FigureTable, seed: int = 11) -> list[Mutant]:
    """Every mutant of the rows; the same for the same seed."""
    made: dict[str, Mutant] = {}
    true = {row["text"] for row in rows}
    chance = random.Random(seed)
    for row in rows:
        for _round in range(2):  # places, years and digits are drawn: a second draw finds others
            for n, (kind, text, faults) in enumerate(Maker(row, table, chance).mutants()):
                if text not in true:
                    made.setdefault(text, Mutant(f"{row['id']}-{n}", text, kind, faults))
    return list(made.values())


def kinds(mutants: Sequence[Mutant]) -> dict[str, int]:
    """How many mutants of each kind."""
    return {k: sum(m.kind == k for m in mutants) for k in sorted({m.kind for m in mutants})}
