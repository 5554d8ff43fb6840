"""Refusals: why there is no answer, what was looked for, what exists, and what can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.retrieve import Candidate
from assistant.types import Cell, Draft, DraftStatement, Evidence, Gap, Question, Reason, Refusal, Status
from assistant.verify import quote
from assistant.wording import base, direction_sentence, joined, owner, printed, value_sentence, year
from corpus.figures import FigureTable
from corpus.places import Gazetteer

_NEAR_ENOUGH = 0.45  # cosine above which a sentence is worth showing as "found instead"


def figures(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> Draft:
    """No cell answers: the typed reason, and the nearest cells that exist."""
    gap = e.gaps[0] if e.gaps else Gap("no_evidence", "a figure for this question")
    statements: list[DraftStatement] = []
    if e.directions:
        statements.append(DraftStatement(direction_sentence(e.directions), tuple(e.directions)))
    if e.alternatives:
        statements += [DraftStatement(f"Elsewhere: {value_sentence(c)}", (c,)) for c in e.alternatives[:3]]
    else:
        statements += [DraftStatement(f"The nearest that exists: {value_sentence(c)}", (c,)) for c in _nearest(e.gaps)]
    reason: Reason = "direction_only" if e.directions else gap.reason
    refusal = Refusal(
        reason,
        gap.looked_for,
        _found(e, places),
        suggestions(q, e, table, places),
        _said(q, gap, reason, places),
    )
    status: Status = "partial" if e.directions or e.alternatives and reason != "place_not_in_measure" else "not_found"
    cells = tuple(e.alternatives[:3]) or _nearest(e.gaps)
    return Draft(status, tuple(statements), (), cells, refusal=refusal)


def partial(q: Question, e: Evidence, draft: Draft, table: FigureTable, places: Gazetteer) -> Draft:
    """Some cells answer and some are absent: the answer, with what is missing said."""
    gap = e.gaps[0]
    if gap.reason == "not_comparable":
        wanted = gap.looked_for.removeprefix("one measure with ")
        said = f"No measure holds {wanted}; figures on different bases or editions are not compared."
        refusal = Refusal(
            "not_comparable",
            gap.looked_for,
            _found(e, places),
            suggestions(q, e, table, places),
            said,
        )
        return replace(draft, status="partial", refusal=refusal)
    missing = joined([g.looked_for for g in e.gaps[:3]])
    notes = (*draft.notes, f"No figure for {missing}.")
    refusal = Refusal(
        gap.reason,
        gap.looked_for,
        _found(e, places),
        suggestions(q, e, table, places),
        f"The library has no figure for {missing}.",
    )
    return replace(draft, status="partial", notes=notes, refusal=refusal)


def figures_doubt(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> Draft:
    """Head counts from a rate, gross flows, forecasts and opinions: what is missing, and what is held."""
    cells = e.cells[:2]
    if q.doubt == "not_comparable" and cells and cells[0].measure.kind == "flow":
        c = cells[0]
        said = "A head count cannot be worked out from a rate."
        text = (
            f"{printed(c)} {year(c)} counts {base(c.measure)} of {c.place_name} ({c.measure.short}); the library holds "
            "no number of those members, and the population would be the wrong base."
        )
        looked = f"a number of people for {c.place_name}"
        statements = [DraftStatement(text, (c,))]
    elif q.doubt == "no_evidence":
        said = "The library holds net flows; how many arrived and how many left, each counted alone, is in no table."
        looked = "arrivals or departures by themselves"
        statements = [DraftStatement(f"The net flow that is held: {value_sentence(c)}", (c,)) for c in cells]
    else:
        said = "The library holds what was measured and decided, not forecasts or opinions."
        looked = "a forecast or an opinion"
        statements = [DraftStatement(f"The latest that is held: {value_sentence(c)}", (c,)) for c in cells]
    reason: Reason = q.doubt or "no_evidence"
    refusal = Refusal(reason, looked, _found(e, places), suggestions(q, e, table, places), said)
    return Draft("not_found", tuple(statements), (), cells, refusal=refusal)


def passages(
    q: Question,
    reason: Reason,
    near: Sequence[Candidate],
    table: FigureTable,
    places: Gazetteer,
    missing: Sequence[str] = (),
) -> Draft:
    """No passage answers: what was looked for, and the nearest passages where they are near."""
    wanted = joined([f"\u201c{m}\u201d" for m in missing]) if missing else ""
    absent = f": none mentions {wanted} with it" if wanted else ""
    said = {
        "off_topic": "Nothing in the library is about this question.",
        "name_not_found": f"No document in the library mentions {wanted}.",
        "no_evidence": f"No document in the library answers this{absent}.",
        "opinion_or_prediction": "The library holds what was measured and decided, not forecasts or opinions.",
    }.get(reason, "No document in the library answers this question.")
    statements: list[DraftStatement] = []
    found: list[str] = []
    if reason != "off_topic":
        for c in near:
            if c.cosine < _NEAR_ENOUGH or c.hit.source.title in found:
                continue
            cited = quote(c.hit.source, c.hit.passage, c.start, c.end)
            statements.append(
                DraftStatement(
                    f"\u201c{cited.text}\u201d",
                    (cited,),
                    quoted=True,
                    lead_in="The nearest passage:" if not statements else "",
                )
            )
            found.append(c.hit.source.title)
    if reason == "off_topic" and table.families:
        names = [f.name for f in table.families.values() if not any(c.isdigit() for c in f.name)]
        found = [f"Figures on {name}" for name in names[:4]]
    looked = ", ".join(missing) or q.standalone.rstrip("?")
    tries = tuple(f"What does \u201c{t}\u201d say?" for t in found[:3] if statements) or suggestions(
        q, Evidence(), table, places
    )
    refusal = Refusal(reason, looked, tuple(found), tries, said)
    return Draft("not_found", tuple(statements[:2]), refusal=refusal)


def direction_only(q: Question, said: str) -> Refusal:
    """A source gives the sign and no value."""
    return Refusal("direction_only", q.standalone.rstrip("?"), (), (), said)


def suggestions(q: Question, e: Evidence, table: FigureTable, places: Gazetteer) -> tuple[str, ...]:
    """Three questions about figures that can be answered, near the one that was asked."""
    if not table.families:
        return ()
    made: list[str] = []
    near = [*_nearest(e.gaps), *e.alternatives, *e.cells]
    for c in near[:1]:
        f = c.figure
        family = table.family_of(f.measure)
        when = f" in {f.year}" if f.year else ""
        made.append(f"What was {owner(places.name(f.place))} {family.name}{when}?")
        if len(table.series(f.measure, f.place)) > 1:
            made.append(f"How did {owner(places.name(f.place))} {family.name} change over the years?")
        made.append(f"Which countries stand highest in {family.name}{when}?")
    family_id = q.family if q.family in table.families else next(iter(table.families))
    family = table.families[family_id]
    measure = family.order[0]
    for f in table.of(measure):
        if len(made) >= 3:
            break
        made.append(f"What was {owner(places.name(f.place))} {family.name} in {f.year}?")
    return tuple(dict.fromkeys(made))[:3]


def _nearest(gaps: Sequence[Gap]) -> tuple[Cell, ...]:
    return tuple(dict.fromkeys(c for g in gaps for c in g.nearest))[:2]


def _found(e: Evidence, places: Gazetteer) -> tuple[str, ...]:
    cells = [*e.cells, *e.alternatives, *_nearest(e.gaps)]
    return tuple(
        f"{places.title(c.figure.place)} {c.figure.year or ''}: {printed(c)} ({c.measure.short})".replace(" :", ":")
        for c in dict.fromkeys(cells[:5])
    )


def _said(q: Question, gap: Gap, reason: Reason, places: Gazetteer) -> str:
    if reason == "direction_only":
        return f"Only the direction is known for {gap.looked_for}; no value is given."
    if reason == "place_not_in_measure" and gap.said:
        return gap.said
    if gap.reason == "place_not_in_measure":
        return f"The library has no figure for {gap.looked_for}: the measure does not cover the place."
    return f"The library has no figure for {gap.looked_for}."
