"""The writer without a model: figure sentences from cells, then quoted sentences from passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant import refuse
from assistant.claims import numerals, years
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
    ordinal,
    printed,
    short_sentence,
    value_sentence,
    verb,
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
        if q.doubt in ("not_comparable", "opinion_or_prediction"):
            return refuse.figures_doubt(q, e, self._table, self._places)
        if not e.cells:
            return refuse.figures(q, e, self._table, self._places)
        passages = self._retriever.sentences(q.standalone, e.hits[:6]) if e.hits else []
        match q.asks:
            case "compare":
                lead = self._compare(q, e)
            case "rank":
                lead = self._rank(q, e)
            case "place_rank" if e.derived:
                lead = self._place_rank(e)
            case "change" | "trend":
                lead = self._change(q, e)
            case "average" if e.derived:
                lead = self._average(q, e)
            case "count" if e.derived:
                lead = self._count(q, e)
            case "editions":
                lead = self._editions(e)
            case "define_measure":
                return self._define(q, e)
            case "coverage":
                lead = self._coverage(q, e)
            case _:
                lead = [DraftStatement(value_sentence(c), (c,)) for c in e.cells]
        if not lead:
            lead = [DraftStatement(value_sentence(c), (c,)) for c in e.cells[:6]]
        lead = [self._with_passage(s, passages) for s in lead]
        rest = [*self._rebased(e), *self._about(e), *self._remarks(e)]
        draft = Draft("answered", (*lead, *rest), e.cells, e.alternatives)
        return refuse.partial(q, e, draft, self._table, self._places) if e.gaps else draft

    def _with_passage(self, statement: DraftStatement, passages: Sequence[Candidate]) -> DraftStatement:
        """The statement with a passage that says the same of each of its first cells, if one does."""
        added: list[Support] = []
        for c in [s for s in statement.support if isinstance(s, Cell)][:3]:
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

    def _compare(self, q: Question, e: Evidence) -> list[DraftStatement]:
        statements = []
        for year in dict.fromkeys(c.figure.year for c in e.cells):
            cells = sorted((c for c in e.cells if c.figure.year == year), key=lambda c: -c.figure.value)
            if q.lowest:
                cells.reverse()
            if len(cells) < 2:
                continue
            working = next(
                (d for d in e.derived if d.inputs[0].figure.year == year and len(d.inputs) == 2),
                None,
            )
            m = cells[0].measure
            when = f"In {year}" if year else "With no year given"
            if m.kind == "flow":
                first = cells[0]
                parts = [
                    f"{first.place_name} {verb(shown(first))} {number(abs(shown(first)))} AI-skilled people {base(m)} on balance"
                ]
                parts += [f"{c.place_name} {verb(shown(c))} {number(abs(shown(c)))}" for c in cells[1:]]
                same = len({c.figure.value > 0 for c in cells}) == 1
                text = f"{when} {joined(parts) if len(parts) > 2 else (' and ' if same else ' while ').join(parts)} ({m.short}: {' against '.join(printed(c) for c in cells)})"
            else:
                text = f"{when} {joined([short_sentence(c) for c in cells])} ({m.name}, {m.unit})"
            support: tuple[Support, ...] = tuple(cells)
            if working:
                between = (
                    ""
                    if len(cells) == 2
                    else f" between {working.inputs[0].place_name} and {working.inputs[1].place_name}"
                )
                text += f": a difference of {number(working.value)}{between} ({working.formula})"
                support = (*support, working)
            statements.append(DraftStatement(capital(text) + ".", support))
        return statements

    def _rank(self, q: Question, e: Evidence) -> list[DraftStatement]:
        first, rest = e.cells[0], e.cells[1:]
        m, y = first.measure, first.figure.year
        field = Derived(f"count of the places listed for {y or 'it'} = {e.field}", Decimal(e.field), e.cells[:1])
        among = f" of {self._places.groups[q.group].name}" if q.group else ""
        when = f"In {y}" if y else "With no year given"
        value = shown(first)
        if m.kind == "flow":
            did = (
                ("lost most" if value < 0 else "gained least")
                if q.lowest
                else ("gained most" if value > 0 else "lost least")
            )
            text = f"{when} {first.place_name} {did}{among}: {printed(first)} AI-skilled people {base(m)} on balance ({m.short})"
        elif m.kind == "rank":
            text = f"{when} {first.place_name} stood {'last' if q.lowest else 'first'}{among}: {ordinal(value)} ({m.name})"
        else:
            text = f"{when} {first.place_name} stood {'lowest' if q.lowest else 'highest'}{among}: {short_sentence(first).removeprefix(first.place_name).strip()} ({m.name}, {m.unit})"
        statements = [DraftStatement(capital(text) + ".", (first,))]
        if rest:
            statements.append(
                DraftStatement(f"Next came {joined([short_sentence(c) for c in rest])}.", tuple(rest))
            )
        if e.field > len(e.cells):
            statements.append(
                DraftStatement(f"The measure holds {e.field} places for {y or 'this list'}.", (field,))
            )
        return statements

    def _place_rank(self, e: Evidence) -> list[DraftStatement]:
        made = []
        for c, d in zip(e.cells, e.derived, strict=False):
            if c.measure.kind == "rank":
                made.append(DraftStatement(value_sentence(c), (c,)))
                continue
            unit = base(c.measure) if c.measure.kind == "flow" else c.measure.unit
            text = f"{capital(c.place_name)} ranked {ordinal(d.value)} of {e.field} places in {c.figure.year}, at {printed(c)} {unit} ({c.measure.name if c.measure.kind != 'flow' else c.measure.short})."
            made.append(DraftStatement(text, (c, d)))
        return made

    def _change(self, q: Question, e: Evidence) -> list[DraftStatement]:
        made: list[DraftStatement] = []
        for place in dict.fromkeys(c.figure.place for c in e.cells):
            cells = [c for c in e.cells if c.figure.place == place]
            m = cells[0].measure
            unit = base(m) if m.kind == "flow" else m.unit
            working = next(
                (d for d in e.derived if d.inputs[0].figure.place == place and len(d.inputs) == 2),
                None,
            )
            name = capital(cells[0].place_name)
            noun = "net AI talent flow" if m.kind == "flow" else self._table.families[m.family].name
            owner = f"{name}'" if name.endswith("s") else f"{name}'s"
            if working is None:
                made += [DraftStatement(value_sentence(c), (c,)) for c in cells]
                continue
            late, early = working.inputs
            way = "rose" if working.value > 0 else "fell" if working.value < 0 else "did not change"
            text = f"{owner} {noun} {way} from {printed(early)} in {early.figure.year} to {printed(late)} in {late.figure.year}, {unit} ({m.short}): {number(working.value, plus=True)} ({working.formula})."
            made.append(DraftStatement(text, (early, late, working)))
            inner = cells[1:-1]
            if inner:
                listed = joined([f"{printed(c)} in {c.figure.year}" for c in inner])
                made.append(DraftStatement(f"Between them stand {listed}.", tuple(inner)))
            made += self._crossing(cells)
            missing = [
                y
                for y in range(early.figure.year or 0, late.figure.year or 0)
                if y not in {c.figure.year for c in cells}
            ]
            known = [
                d
                for d in e.directions
                if d.known.place == place and d.known.year in missing and d.known.measure == m.id
            ]
            if known:
                made.append(DraftStatement(direction_sentence(known), tuple(known)))
        return made

    def _crossing(self, cells: Sequence[Cell]) -> list[DraftStatement]:
        if not cells[0].measure.signed:
            return []
        turns = [
            (a, b)
            for a, b in zip(cells, cells[1:], strict=False)
            if (a.figure.value < 0) != (b.figure.value < 0)
        ]
        if not turns:
            return []
        parts = [
            f"from a net {'loss' if a.figure.value < 0 else 'gain'} in {a.figure.year} to a net {'gain' if b.figure.value > 0 else 'loss'} in {b.figure.year}"
            for a, b in turns
        ]
        return [
            DraftStatement(
                f"The sign changed {joined(parts)}.",
                tuple(dict.fromkeys(c for t in turns for c in t)),
            )
        ]

    def _average(self, q: Question, e: Evidence) -> list[DraftStatement]:
        d, m = e.derived[0], e.cells[0].measure
        kind = "median" if d.formula.startswith("median") else "average"
        unit = base(m) if m.kind == "flow" else m.unit
        who = (
            joined([self._places.name(p) for p in q.places])
            if q.places
            else f"the {e.field} places" + (f" of {self._places.groups[q.group].name}" if q.group else "")
        )
        span = sorted({c.figure.year or 0 for c in e.cells})
        when = f"in {span[0]}" if len(span) == 1 else f"over {span[0]} to {span[-1]}"
        text = f"The {kind} for {who} {when} was {number(d.value, plus=m.signed)} {unit} ({m.short}): {d.formula}."
        field = Derived(f"count of the values = {e.field}", Decimal(e.field), e.cells[:1])
        return [DraftStatement(text, (d, field))]

    def _count(self, q: Question, e: Evidence) -> list[DraftStatement]:
        d = e.derived[0]
        m, y = d.inputs[0].measure, d.inputs[0].figure.year
        limit = q.threshold if q.threshold is not None else Decimal(0)
        below = " below " in d.formula
        unit = f" {base(m)}" if m.kind == "flow" else f" ({m.unit})"
        side = "below" if below else "above"
        gained = (" (a net loss)" if below else " (a net gain)") if m.signed and limit == 0 else ""
        text = f"{number(d.value)} of {e.field} places stood {side} {limit}{unit} in {y}{gained} ({m.short})."
        field = Derived(f"count of the places listed = {e.field}; limit {limit}", Decimal(e.field), d.inputs[:1])
        made = [DraftStatement(text, (d, field))]
        for share in e.derived[1:]:
            made.append(
                DraftStatement(f"That is {number(share.value)}% of them ({share.formula}).", (share,))
            )
        if e.cells:
            shown_cells = e.cells[:12]
            more = " first of them" if len(e.cells) > 12 else ""
            made.append(
                DraftStatement(
                    f"They are{more} {joined([short_sentence(c) for c in shown_cells])}.",
                    shown_cells,
                )
            )
        return made

    def _editions(self, e: Evidence) -> list[DraftStatement]:
        return [DraftStatement(value_sentence(c), (c,)) for c in e.cells]

    def _define(self, q: Question, e: Evidence) -> Draft:
        """The definition, base and caveats of measures, then what documents say of them."""
        made = []
        for c in e.cells:
            m = c.measure
            per = (
                f"per {m.per:,} {m.denominator}"
                if m.per >= 1000
                else f"{m.unit}; the base is {m.denominator}"
            )
            made.append(DraftStatement(f"{m.name}: {m.definition}", (c,)))
            made.append(DraftStatement(f"Unit and base: {per}.", (c,)))
            made += [DraftStatement(caveat, (c,)) for caveat in m.caveats[: 4 if len(e.cells) == 1 else 1]]
        quoted = quoted_draft(replace(q, asks="how"), e.hits, self._retriever, self._table, self._places)
        if quoted.status == "answered":
            made += quoted.statements[:3]
        return Draft("answered", tuple(made), e.cells)

    def _coverage(self, q: Question, e: Evidence) -> list[DraftStatement]:
        made = []
        who = joined([self._places.name(p) for p in q.places]) if q.places else ""
        for measure in dict.fromkeys(c.figure.measure for c in e.cells):
            cells = [c for c in e.cells if c.figure.measure == measure]
            m = cells[0].measure
            ends = [c.figure.year for c in cells]
            span = (
                "no year given"
                if ends[0] is None
                else f"{ends[0]}"
                if len(ends) == 1 or ends[0] == ends[-1]
                else f"{ends[0]} to {ends[-1]}"
            )
            made.append(DraftStatement(f"{m.name}{f', {who}' if who else ''}: {span}.", tuple(cells)))
        return made

    # -- what to know before quoting ------------------------------------------------------------

    def _rebased(self, e: Evidence) -> list[DraftStatement]:
        made = []
        for d in e.derived:
            if len(d.inputs) == 1 and ("x " in d.formula or "/ " in d.formula) and "=" in d.formula:
                c = d.inputs[0]
                factor = d.value / c.figure.value if c.figure.value else Decimal(1)
                per = int(Decimal(c.measure.per) * factor)
                name = f"{c.place_name} in {c.figure.year}"
                text = f"Per {per:,} {c.measure.denominator_short}, that is {number(d.value, plus=True)} for {name} ({d.formula})."
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
        for lead in e.cells:
            others = [
                a
                for a in e.alternatives
                if a.figure.place == lead.figure.place and a.figure.year == lead.figure.year
            ]
            same = [
                a
                for a in others
                if a.figure.value == lead.figure.value
                and a.measure.denominator_short == lead.measure.denominator_short
            ]
            rest = [a for a in others if a not in same]
            about = (
                ""
                if len(e.cells) == 1
                else f" for {lead.place_name}"
                + (f" in {lead.figure.year}" if len({c.figure.year for c in e.cells}) > 1 else "")
            )
            if same:
                names = joined(
                    [
                        f"the {a.measure.short}" if a.measure.short.startswith("AI") else a.measure.short
                        for a in same
                    ]
                )
                made.append(
                    DraftStatement(
                        f"{capital(names)} give{'s' if len(same) == 1 else ''} the same value{about}.",
                        tuple(same),
                    )
                )
            like = [
                a
                for a in rest
                if a.measure.denominator.split(",")[0] == lead.measure.denominator.split(",")[0]
            ]
            apart = [a for a in rest if a not in like]
            if like:
                made.append(DraftStatement(f"Other editions{about}: {editions(like)}.", tuple(like)))
            for a in apart:
                made.append(
                    DraftStatement(
                        f"On another base{about}: {printed(a)} {base(a.measure)} ({a.measure.short}), which cannot be compared with it.",
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
