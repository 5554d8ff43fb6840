"""The writer without a model: figure sentences from cells, then quoted sentences from passages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from assistant import refuse
from assistant.leads import lead
from assistant.numerals import numerals, years
from assistant.quoted import quoted_draft
from assistant.retrieve import Candidate, Retriever
from assistant.types import Cell, Derived, Draft, DraftStatement, Evidence, Question, Quote, Support
from assistant.verify import quote, shown
from assistant.wording import (
    base,
    capital,
    direction_sentence,
    editions,
    joined,
    number,
    owner,
    printed,
)
from corpus.figures import FigureTable
from corpus.places import Gazetteer


class Composer:
    """Writes drafts from evidence alone; behind the same protocol as the writer with a model."""

    name = "composed"

    def __init__(self, table: FigureTable, places: Gazetteer, retriever: Retriever) -> None:
        self._table = table
        self._places = places
        self._retriever = retriever

    def write(self, question: Question, evidence: Evidence) -> Draft:
        """A draft from the evidence; a refusal where it does not answer."""
        if question.figures_asked:
            return self._figures(question, evidence)
        return quoted_draft(question, evidence.hits, self._retriever, self._table, self._places)

    # -- figures ---------------------------------------------------------------------------------

    def _figures(self, q: Question, e: Evidence) -> Draft:
        if q.doubt:
            return refuse.figures_doubt(q, e, self._table, self._places)
        if not e.cells and not (q.asks == "count" and e.derived):
            return refuse.figures(q, e, self._table, self._places)
        if q.asks == "define_measure":
            return self._define(q, e)
        first = [self._with_passage(s) for s in lead(q, e, self._table, self._places)]
        rest = [*self._rebased(e), *_multiples(e), *self._about(e), *self._remarks(e)]
        draft = Draft("answered", (*first, *rest), (*e.cells, *(c for o in e.also for c in o.cells)), e.alternatives)
        return refuse.partial(q, e, draft, self._table, self._places) if e.gaps else draft

    def _with_passage(self, statement: DraftStatement) -> DraftStatement:
        """The statement with a passage that says the same of each of its first cells, if one does."""
        added: list[Support] = []
        for c in [s for s in statement.support if isinstance(s, Cell)][:2]:
            passages = self._retriever.stating(f"{c.place_name} {c.figure.year or ''} {shown(c)} {c.measure.short}")
            found = next((q for p in passages if (q := self._states(p, c)) is not None), None)
            if found is not None and found not in added:
                added.append(found)
        return replace(statement, support=(*statement.support, *added))

    def _states(self, p: Candidate, cell: Cell) -> Quote | None:
        text = p.text
        value = shown(cell)
        if not any(n.value in (value, cell.figure.value) for n in numerals(text)):
            return None
        if cell.figure.place not in {m.code for m in self._places.find(text)}:
            return None
        if cell.figure.year is not None and cell.figure.year not in years(text):
            return None
        return quote(p.hit.source, p.hit.passage, p.start, p.end)

    def _define(self, q: Question, e: Evidence) -> Draft:
        """The definition, base and caveats of measures, then what documents say of them."""
        made = []
        for c in e.cells:
            m = c.measure
            per = f"per {m.per:,} {m.denominator}" if m.per >= 1000 else f"{m.unit}; the base is {m.denominator}"
            made.append(DraftStatement(f"{m.name}: {m.definition}", (c,)))
            made.append(DraftStatement(f"Unit and base: {per}.", (c,)))
            made += [DraftStatement(caveat, (c,)) for caveat in m.caveats[: 4 if len(e.cells) == 1 else 1]]
        quoted = quoted_draft(replace(q, asks="how"), e.hits, self._retriever, self._table, self._places)
        if quoted.status == "answered":
            made += quoted.statements[:3]
        return Draft("answered", tuple(made), e.cells)

    # -- what to know before quoting ------------------------------------------------------------

    def _rebased(self, e: Evidence) -> list[DraftStatement]:
        made = []
        for d in e.derived:
            if len(d.inputs) == 1 and ("x " in d.formula or "/ " in d.formula) and "=" in d.formula:
                c = d.inputs[0]
                factor = d.value / c.figure.value if c.figure.value else Decimal(1)
                per = int(Decimal(c.measure.per) * factor)
                name = f"{c.place_name} in {c.figure.year}"
                amount = f"{number(d.value, plus=True)} for {name} ({d.formula})"
                text = f"Per {per:,} {c.measure.denominator_short}, that is {amount}."
                made.append(DraftStatement(text, (d, Derived(f"base {per}", Decimal(per), (c,)))))
        return made

    def _about(self, e: Evidence) -> list[DraftStatement]:
        """The base where its source misnames it, and the other editions' values."""
        made: list[DraftStatement] = []
        misnamed = [(c, said) for c in e.cells for s, said in c.measure.base_said if s == c.figure.source_id]
        if misnamed:
            c, said = misnamed[0]
            made.append(DraftStatement(f"The base is {c.measure.denominator_short}; {said}.", (c,)))
        if not e.alternatives or len(e.cells) > 4:
            return made
        for cell in e.cells:
            others = [
                a for a in e.alternatives if a.figure.place == cell.figure.place and a.figure.year == cell.figure.year
            ]
            same = [
                a
                for a in others
                if a.figure.value == cell.figure.value and a.measure.denominator_short == cell.measure.denominator_short
            ]
            rest = [a for a in others if a not in same]
            about = (
                ""
                if len(e.cells) == 1
                else f" for {cell.place_name}"
                + (f" in {cell.figure.year}" if len({c.figure.year for c in e.cells}) > 1 else "")
            )
            if same:
                names = joined(
                    [f"the {a.measure.short}" if a.measure.short.startswith("AI") else a.measure.short for a in same]
                )
                made.append(
                    DraftStatement(
                        f"{capital(names)} give{'s' if len(same) == 1 else ''} the same value{about}.",
                        tuple(same),
                    )
                )
            like = [a for a in rest if a.measure.denominator.split(",")[0] == cell.measure.denominator.split(",")[0]]
            apart = [a for a in rest if a not in like]
            if like:
                made.append(DraftStatement(f"Other editions{about}: {editions(like)}.", tuple(like)))
            for a in apart:
                made.append(
                    DraftStatement(
                        f"On another base{about}: {printed(a)} {base(a.measure)} ({a.measure.short}), "
                        "which cannot be compared with it.",
                        (a,),
                    )
                )
        return made

    def _remarks(self, e: Evidence) -> list[DraftStatement]:
        """The notes of the cells and their low confidence, each once."""
        made: list[DraftStatement] = []
        seen: set[str] = set()
        for c in [*e.cells[:6], *(e.alternatives if len(e.cells) <= 2 else ())]:
            if not c.figure.note or c.figure.note in seen:
                continue
            seen.add(c.figure.note)
            about = (
                f"{c.place_name} {c.figure.year} ({c.measure.short})"
                if c.figure.year
                else f"{c.place_name} ({c.measure.short})"
            )
            made.append(DraftStatement(f"Remark on {about}: {c.figure.note.rstrip('.')}.", (c,)))
            if len(made) == 3:
                break
        shown_directions = [d for d in e.directions if len(e.cells) <= 2]
        if shown_directions and not any(" direction " in s.text for s in made):
            made.append(DraftStatement(direction_sentence(shown_directions), tuple(shown_directions)))
        return made


def _multiples(e: Evidence) -> list[DraftStatement]:
    """One value as so many times another."""
    made = []
    for d in (d for d in e.derived if len(d.inputs) == 2 and " / " in d.formula):
        a, b = d.inputs
        one, other = (
            (f"The value of {a.figure.year}", f"that of {b.figure.year}")
            if a.figure.place == b.figure.place
            else (capital(f"{owner(a.place_name)} value"), f"that of {b.place_name}")
        )
        made.append(DraftStatement(f"{one} is {d.value} times {other} ({d.formula}).", (d, a, b)))
    return made
