"""What the slots of a question mean together: figure or passage, doubts, ends of a ranking, years that are meant.

Each rule is a method that takes the question and gives it back changed; `Completer.completed` is their order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant import slots as parse
from assistant.asks import asks_lower, head_count
from assistant.deciding import about_figures
from assistant.finder import FLOW, GENERIC, Finder, Slots
from assistant.lexicon import says
from assistant.types import Ask, Question, Reason
from corpus.figures import FigureTable
from corpus.places import Gazetteer

_TYPED = re.compile(r"(?<![\w.,])[-+\u2212]?\d[\d,]*\.\d+(?![\w.])")
_JOINED = re.compile(r"\band\b|&|\bplus\b|\bas well as\b|\balong with\b|\btogether with\b")
_PASSAGE_ASKS: dict[str, Ask] = {
    "why": "why", "who": "who", "when": "when", "how_much": "how_much", "list": "list", "summarise": "summarise",
    "how": "how", "yes_no": "yes_no", "which": "which", "what": "what",
}  # fmt: skip


class Completer:
    """Completes questions against one library's measures and the world's places."""

    def __init__(self, table: FigureTable, places: Gazetteer, finder: Finder) -> None:
        self._table = table
        self._places = places
        self._finder = finder

    def completed(self, found: Slots, q: Question, word: str, own: bool) -> Question:
        """The question with what follows from its slots. `word` is the question word, `own` an ask that was worded."""
        q = self._decided(found, q, word, own)
        doubt = self._doubt(found, q)
        q = replace(self._left_out(found, q), doubt=doubt)
        if not q.figures_asked:
            return replace(q, asks=_PASSAGE_ASKS.get(word, "what"))
        if not q.family:
            q = replace(q, family=self._default_family(q.places), everything=q.asks == "coverage")
        q = self._earliest(found, q)
        q = self._only_place(found, q)
        q = self._comparable(found, q)
        q = self._counted(found, q)
        q = self._only_year(q)
        q = self._of_ranks(found, q)
        q = self._from_which_end(found, self._quoting(found, q))
        if q.asks != "place_rank" and q.group and q.places and set(q.places) <= self._members(q.group):
            q = replace(q, group="")
        return self._dated(found, replace(q, beside=self._second(found, q)))

    # -- figure or passage ---------------------------------------------------------------------

    def _decided(self, found: Slots, q: Question, word: str, own: bool) -> Question:
        """Whether a table can answer, and with which family where the words alone do not say it."""
        asked = bool(q.places) if self._other_base(found, q) else False
        asked = asked or (
            not self._other_base(found, q) and about_figures(found, q, word, own, self._finder, self._table)
        )
        of_policy = any(s.value == "policy" for s in found.slots)
        if not asked and len(q.places) == 1 and q.family in ("", FLOW) and not q.names and FLOW in self._table.families:
            quoting = self._quoting(found, replace(q, family=FLOW))
            if quoting.measures and not of_policy:
                q, asked = quoting, True  # "is +0.54 for Japan right?"
        if self._counts_movers(found, q):
            q, asked = replace(q, family=FLOW, measures=()), FLOW in self._table.families
        return replace(q, figures_asked=asked)

    def _counts_movers(self, found: Slots, q: Question) -> bool:
        """Whether a number of people who moved is asked for, which no net flow tells."""
        if not head_count(found) or not (q.places or q.group) or q.names:
            return False
        if any(s.value == "policy" and s.start >= found.core for s in found.slots):
            return False
        moving = any(f.value != "none" for f in found.flow) or re.search(r"\b\d+\.\d+\b|\brate\b", found.low)
        elsewhere = q.family in ("", FLOW, "ai_workforce") or not (found.measures or self._holds(q.family, q.places))
        return bool(moving) and elsewhere

    def _doubt(self, found: Slots, q: Question) -> Reason | None:
        """An opinion or a forecast, where one is asked for and not a definition."""
        if q.asks in ("define_measure", "editions"):
            return None
        told = found.core > 0 and not found.text[found.core : found.end].rstrip().endswith("?")
        verdicts = [v for v in found.verdicts if not (told and v.phrase == "should")]  # "it should hold the rate"
        return parse.doubt(verdicts, q.years, found.low, q.figures_asked, bool(q.measures and q.asks != "trend"))

    def _left_out(self, found: Slots, q: Question) -> Question:
        """Without the places named to be left out; a group stands for its members."""
        if q.asks == "compare" or not (dropped := found.dropped()):
            return q
        groups = self._places.groups
        out = tuple(dict.fromkeys(p for code in dropped for p in (groups[code].members if code in groups else (code,))))
        return replace(q, excluded=out, places=tuple(p for p in q.places if p not in out))

    # -- what the family holds -------------------------------------------------------------------

    def _order(self, q: Question) -> tuple[str, ...]:
        return tuple(self._table.families[q.family].order)

    def _years(self, q: Question) -> set[int]:
        return {y for m in self._order(q) for y in self._table.years(m)}

    def _held(self, q: Question) -> set[str]:
        """The places of a family; those of its directions where no value is known."""
        order = self._order(q)
        held = {p for m in order for p in self._table.places(m)}
        return held or {d.place for d in self._table.directions if d.measure in order}

    def _holds(self, family: str, places: Sequence[str]) -> bool:
        return any(set(places) & self._table.places(m) for m in self._table.families[family].order)

    def _members(self, group: str) -> set[str]:
        return set(self._places.groups[group].members)

    def _default_family(self, places: Sequence[str]) -> str:
        """The first family that holds something for the places."""
        for family in self._table.families:
            if not places or self._holds(family, places):
                return family
        return next(iter(self._table.families), "")

    def _earliest(self, found: Slots, q: Question) -> Question:
        """ "The earliest figure" is that of the first year held."""
        if "earliest" not in found.kinds() or q.years or not q.places:
            return q
        first = min((y for m in (q.measures or self._order(q)) for y in self._table.years(m)), default=None)
        return replace(q, years=(first,) if first else (), asks="value" if q.asks in ("rank", "trend") else q.asks)

    def _only_place(self, found: Slots, q: Question) -> Question:
        """Where a family holds one place, every question of it is of that place."""
        held = self._held(q)
        if len(held) != 1:
            return q
        if not q.places and not q.group:
            q = replace(q, places=tuple(held))
            changing = any(a.value == "change" for a in found.asks) and len(self._years(q)) > 1
            if q.asks == "value" and not q.years and changing:
                q = replace(q, asks="change")  # "by how many points did the share of the world drop"
        if q.asks in ("count", "rank", "average"):
            q = replace(q, asks="value", places=tuple(held))
        if held & {m.code for m in found.mentions}:  # "Koreans working in the US" is asked of South Korea
            single: Ask = "change" if len(q.years) > 1 else "value"
            asks = single if q.asks == "compare" and len(q.places) > 1 else q.asks
            q = replace(q, asks=asks, places=tuple(held))
        return q

    def _only_year(self, q: Question) -> Question:
        """Where a family holds one year, a change between two is one value: "from 2019 to 2025" only names it."""
        dated = self._years(q)
        if len(dated) == 1 and len(q.years) > 1 and dated & set(q.years):
            asks: Ask = "compare" if len(q.places) > 1 else "value" if q.asks in ("trend", "change") else q.asks
            return replace(q, years=tuple(dated), ranged=False, asks=asks)
        return q

    # -- what cannot be set side by side -----------------------------------------------------------

    def _comparable(self, found: Slots, q: Question) -> Question:
        """Two bases, a net flow's gross parts, and heads out of rates are in no table."""
        named = {f.value for f in found.families if f.phrase not in GENERIC} | ({FLOW} if found.flow else set())
        bases = {self._table.measures[m].denominator.split(",")[0] for m in q.measures}
        apart = len(bases) > 1 and not self._table.families[q.family].distinct
        combined = says("combines", found.low)
        if (apart and (combined or says("converts", found.low) or says("rescales", found.low))) or (
            combined and len(named) > 1
        ):
            return replace(q, doubt="not_comparable")
        if q.doubt is not None or q.family != FLOW:
            return q
        if says("gross", found.low) or says("flow_between", found.low):
            return replace(q, doubt="no_evidence")
        return replace(q, doubt="not_comparable") if head_count(found) or self._other_base(found, q) else q

    def _other_base(self, found: Slots, q: Question) -> bool:
        """Whether a rate is asked for on a base that its measure does not divide by."""
        match = says("converts", found.low)
        if match is None:
            return False
        target = match["to"] or match["base"]
        if target not in ("linkedin members", "ai-skilled members"):
            return True
        bases = {self._table.measures[m].denominator_short.lower() for m in q.measures}
        wanted = "linkedin members" if target == "linkedin members" else "linkedin members with ai skills"
        return bool(bases) and wanted not in bases

    def _second(self, found: Slots, q: Question) -> str:
        """Another family whose value is asked for in the same breath, joined by "and"; "" where there is none."""
        if q.asks != "value" or not (q.places or q.group) or q.doubt is not None:
            return ""
        worded = sorted((f.start, f.end, f.value) for f in found.families if f.phrase not in GENERIC)
        for (_a, end, one), (start, _b, other) in zip(worded, worded[1:], strict=False):
            joined = end < start and _JOINED.search(found.low[end:start])
            if joined and one != other and q.family in (one, other):
                return other if q.family == one else one
        return ""

    # -- sides and ends ------------------------------------------------------------------------------

    def _counted(self, found: Slots, q: Question) -> Question:
        """On which side of which limit is counted: "how many lost", "lost more than 1,000", "doubled"."""
        if q.asks != "count":
            return q
        kinds = found.kinds()
        if q.threshold is None and q.upper is None:
            q = replace(q, below="negative" in kinds or (q.outward and "positive" not in kinds))
        elif q.outward and q.threshold is not None and q.threshold > 0 and not q.below:
            q = replace(q, below=True, threshold=-q.threshold)
        if says("more_gainers", found.low):
            q = replace(q, below=False, lowest=False)
        units = {self._table.measures[m].unit for m in self._order(q)}
        if q.threshold is None and all(u.startswith("% change") for u in units):
            times = next((n for word, n in (("doubl", 100), ("tripl", 200)) if word in found.low), None)
            q = replace(q, threshold=Decimal(times)) if times else q
        return q

    def _of_ranks(self, found: Slots, q: Question) -> Question:
        """The place in a table of ranks is its value; a group without a place is ranked."""
        kinds = {self._table.measures[m].kind for m in (q.measures or self._order(q))}
        if kinds == {"rank"} and q.asks in ("place_rank", "value") and q.places:
            moved = len(q.years) > 1 or "change" in {a.value for a in found.asks}
            q = replace(q, asks="change" if moved else "value")
        return replace(q, asks="rank") if q.asks in ("value", "list") and q.group and not q.places else q

    def _from_which_end(self, found: Slots, q: Question) -> Question:
        """Whether a ranking or a comparison starts from the bottom; "the smallest loss" is the highest value."""
        small_loss = bool(says("small_loss", found.low))
        if q.asks == "rank" and small_loss:
            q = replace(q, lowest=False)
        elif q.asks in ("rank", "compare") and q.outward and q.around != "zero":
            q = replace(q, lowest=not small_loss)
        if q.asks == "compare" and asks_lower(found) and not small_loss:
            q = replace(q, lowest=True)
        if q.asks == "rank" and q.around in ("change", "years") and says("downward", found.low):
            q = replace(q, lowest=True)
        return q

    # -- editions and years ----------------------------------------------------------------------------

    def _quoting(self, found: Slots, q: Question) -> Question:
        """ "Israel's -2.10" is asked of the edition and year that hold it."""
        if q.measures or len(q.places) != 1 or q.threshold is not None:
            return q
        typed = {abs(Decimal(n.replace("\u2212", "-").replace(",", ""))) for n in _TYPED.findall(found.text)}
        held = [f for m in self._order(q) for f in self._table.of(m, place=q.places[0]) if abs(f.value) in typed]
        held = [f for f in held if not q.years or f.year in q.years]
        if not held:
            return q
        years = q.years or ((held[0].year,) if held[0].year else ())
        return replace(q, measures=(held[0].measure,), years=years)

    def _dated(self, found: Slots, q: Question) -> Question:
        """ "Since 2019", "until 2019" and "besides 2019" take the years that the family holds."""
        named = found.years
        if named.dropped and not q.years:
            others = tuple(sorted(self._years(q) - set(named.dropped)))
            q = replace(q, years=others, ranged=True, asks="trend" if q.asks == "value" else q.asks)
        if not (named.start or named.end):
            return q
        held = {y for m in (q.measures or self._order(q)) for y in self._table.years(m)}
        inside = {y for y in held if (named.start or 0) <= y <= (named.end or 9999)}
        if not inside:
            return q
        asks: Ask = "trend" if q.asks == "value" else q.asks
        return replace(q, years=tuple(sorted({*q.years, *inside})), asks=asks, ranged=True)
