"""Quoted answers: the sentences of the sources that answer, grouped by who says them.

Where the question has a short answer (a date, an amount, a name), it leads, taken from the quotation
that it cites; where two sources give two, both do. Relative dates are resolved inside the quotation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant import refuse
from assistant.evidence import DOMAIN, about_of, absent_from, answers, covered_by, direction_only, fits
from assistant.likeness import stem, stems_of
from assistant.names import TITLE, tokens
from assistant.offers import offered
from assistant.parts import questions_in
from assistant.picking import choose, holds, in_order, kind_of, ranked, same
from assistant.relative import resolved, unresolved, written
from assistant.retrieve import Candidate, Retriever
from assistant.short import short_answer, wanted
from assistant.types import Ask, Draft, DraftStatement, Hit, Question, Quote, Reason
from assistant.verify import quote
from corpus.figures import FigureTable
from corpus.places import Gazetteer, gazetteer
from corpus.types import Origin

# Log odds (Retriever.nearness): 0 keeps 95 % of the answerable questions of the development set. Below OFF
# the words of a question are not weighed any more; below FAR they must half be held. Above CLOSE,
# NAMED and FOREIGN the question is near enough for a refusal that says what is missing, in place of "off topic".
FAR, CLOSE, NAMED, OFF, FOREIGN = -2.4, -4.0, -5.0, -5.5, -7.0
_COUNTRIES = re.compile(
    r"\b(?:which|what|list|name)\b(?: \w+){0,3}? (?:countries|economies|states|members|nations|places)\b", re.I
)

_DENIES = re.compile(r"\b(?:no|not|never|none|neither|nor|without|cannot)\b|n['\u2019]t\b", re.I)


def quoted_draft(
    q: Question, hits: Sequence[Hit], retriever: Retriever, table: FigureTable, places: Gazetteer
) -> Draft:
    """The best sentences as a draft, or a refusal that says why none answers."""
    if not hits:
        return refuse.passages(q, "off_topic", (), table, places)
    about = about_of(q, places)
    found = ranked(q, retriever.sentences(q.standalone, hits, about))
    refusal = _refused(q, hits, found, retriever, table, places)
    if refusal is not None:
        return refusal
    only = direction_only(q, found, places)
    if only is not None:
        return _with_direction(q, only)
    fitting = [c for c in found if fits(q, c, places, retriever.text_of)]
    if own := offered(q, retriever):
        named = [_short(name, quote(c.hit.source, c.hit.passage, c.start, c.end)) for name, c in own]
        said = list(dict.fromkeys(c for _name, c in own))
        return Draft("answered", (*named, *_statements(q, in_order(said))), notes=_undated(said))
    asked = questions_in(q.standalone)
    leads: list[DraftStatement] = []
    chosen: list[Candidate] = []
    for part in asked if len(asked) > 1 else []:
        if q.names and " (" in part:  # what it is about by name, not what else was asked of it
            part = f"{part.partition(' (')[0]} ({', '.join(q.names)})"
        one = replace(q, text=part.partition(" (")[0], asks=_ASKS.get(kind_of(part), q.asks))
        again = retriever.sentences(part, retriever.search(part, len(hits)), about)
        more = [c for c in ranked(one, again) if fits(q, c, places, retriever.text_of)]
        kept = choose(one, more, retriever.weights(part))[:2]
        leads += [s for s in _leads(one, part.partition(" (")[0], kept, more, about) if s not in leads]
        chosen += [c for c in kept if not any(same(c, other) for other in chosen)]
    whole = choose(q, fitting, retriever.weights(q.standalone))
    leads = leads or _leads(q, q.standalone, whole, fitting, about)
    chosen += [c for c in (whole[:2] if chosen else whole) if not any(same(c, other) for other in chosen)]
    if not chosen or not answers(q, chosen, retriever, places):
        near = [c for c in found if any(holds(n, c.text) for n in q.names)]  # on the thing itself, where it is named
        return refuse.passages(q, "no_evidence", near[:2] or chosen[:2] or found[:3], table, places)
    return Draft("answered", (*leads, *_statements(q, in_order(chosen))), notes=_undated(chosen))


_ASKS: dict[str, Ask] = {"when": "when", "amount": "how_much", "who": "who", "why": "why"}


def _refused(
    q: Question,
    hits: Sequence[Hit],
    found: Sequence[Candidate],
    retriever: Retriever,
    table: FigureTable,
    places: Gazetteer,
) -> Draft | None:
    """A refusal where the library is not about the question, or lacks what the question names."""
    near = retriever.nearness(hits)
    known = bool(q.places) or bool(DOMAIN.search(q.text))
    missing = [n for n in q.names if not retriever.holds(tokens(n))]
    if q.doubt == "opinion_or_prediction" and (near >= FOREIGN or known or q.language != "en"):
        return refuse.passages(q, "opinion_or_prediction", found[:2], table, places)
    titled = any(TITLE.search(n) for n in missing)
    if missing and (
        titled
        or near >= NAMED
        or (near >= FOREIGN and q.places and any(" " in n for n in missing))
        or DOMAIN.search(q.text)
    ):
        where = all(re.search(rf"\b(?:in|at|near|around|from|to|into)\s+{re.escape(n)}", q.text) for n in missing)
        reason: Reason = "no_evidence" if where and all(" of " not in n for n in missing) else "name_not_found"
        return refuse.passages(q, reason, found[:3], table, places, missing)  # "in Munich" names where, not what
    covered = covered_by(q, found[:5], retriever, places)
    if near < OFF and (q.language == "en" or not known):  # words of another language are not held, whatever they say
        return refuse.passages(q, "off_topic", (), table, places)
    named = near >= OFF + 2 and any(holds(n, found[0].text) for n in q.names)  # "J-Find: it stops after?"
    known = known or near >= CLOSE
    far = (near < FAR and covered < 0.5) or (near < 0 and covered < 0.2)
    if (far and not named) or (q.places and covered < 0.1 and near < 1):
        return refuse.passages(q, "no_evidence" if known else "off_topic", found[:2] if known else (), table, places)
    absent = absent_from(q, found, places)
    if absent and direction_only(q, found, places) is None:
        return refuse.passages(q, "off_topic" if near < OFF else "no_evidence", found[:3], table, places, [absent])
    return None


# -- the lead ------------------------------------------------------------------------------------


def _leads(
    q: Question, text: str, chosen: Sequence[Candidate], pool: Sequence[Candidate], about: frozenset[str]
) -> list[DraftStatement]:
    """The short answer, from the best sentence; every one where good sentences give several."""
    if not chosen:
        return []
    if _COUNTRIES.search(text):
        return _listed(q, chosen)
    if not wanted(text):
        return []
    if _of_one_place(q, text, pool) or (q.names and not any(holds(n, chosen[0].text) for n in q.names)):
        return []
    top = chosen[0].score
    taken: list[tuple[str, Quote]] = []
    first: Candidate | None = None
    numbers = wanted(text) != "who"  # two names may both be right; two dates or amounts of one thing differ
    for n, c in enumerate(chosen):
        if n and (c.score < 0.9 * top or (taken and c.asked < chosen[0].asked)):
            continue
        span = short_answer(text, c.text, about)
        if span is None:
            continue
        said = c.text[slice(*span)]
        if any(o.asked > c.asked + 0.02 and short_answer(text, o.text, about) for o in pool[:12]):
            continue  # another sentence holds more of what is asked, and an answer too
        alike = first is not None and same(c, first)  # of the same thing, and not of its neighbour
        first = first or c
        if not taken or (alike and all(_plain(said) != _plain(other) for other, _q in taken)):
            taken.append((said, quote(c.hit.source, c.hit.passage, c.start, c.end)))
    if numbers and len(taken) > 1 and len({_who_says(cited) for _said, cited in taken}) > 1:
        both = " or ".join(said for said, _cited in taken)
        named = tuple(said for said, _cited in taken)
        return [DraftStatement(f"The sources differ: {both}.", tuple(c for _said, c in taken), taken=named)]
    return [_short(*taken[0])] if taken else []


def _of_one_place(q: Question, text: str, pool: Sequence[Candidate]) -> bool:
    """Whether an amount is one country's among several's, and the question names none: "France issued 3,912"."""
    if q.places or wanted(text) not in ("count", "money", "share"):
        return False
    spans = [(c, short_answer(text, c.text)) for c in pool[:12]]
    values = {_plain(c.text[slice(*span)]) for c, span in spans if span}
    return len(values) > 1 and any(not m.group for m in gazetteer().find(pool[0].text))


def _short(said: str, cited: Quote) -> DraftStatement:
    return DraftStatement(f"{said[0].upper()}{said[1:]}.", (cited,), taken=(said,))


def _plain(said: str) -> str:
    return re.sub(r"[\s,-]+", "", said.lower())


def _who_says(cited: Quote) -> str:
    """Who stands behind a quotation: its primary source, or the source itself."""
    return cited.origins[0].title if cited.origins else cited.source.id


def _listed(q: Question, chosen: Sequence[Candidate]) -> list[DraftStatement]:
    """The places that the best sentences name as their answer, a statement with a citation each."""
    made: list[DraftStatement] = []
    seen = set(q.places)
    top = chosen[0].score
    for c in chosen:
        named = [m for m in gazetteer().find(c.text) if not m.group]
        if c.score < 0.8 * top or not named or (_DENIES.search(c.text) and not _DENIES.search(q.text)):
            continue
        run = [named[0]]
        for m in named[1:]:  # a row of names with nothing but commas between them
            if not re.fullmatch(r",? (?:and |or )?(?:the )?|, (?:and |or )?(?:the )?", c.text[run[-1].end : m.start]):
                break
            run.append(m)
        for m in run:
            if m.code in seen:
                continue
            seen.add(m.code)
            made.append(_short(c.text[m.start : m.end], quote(c.hit.source, c.hit.passage, c.start, c.end)))
    return made if len(made) > 1 else []


# -- the quotations ------------------------------------------------------------------------------


def _statements(q: Question, chosen: Sequence[Candidate]) -> list[DraftStatement]:
    keys = stems_of(q.standalone)
    made: list[DraftStatement] = []
    previous = ""
    for c in chosen:
        cited = quote(c.hit.source, c.hit.passage, c.start, c.end)
        lead = _lead_in(c, cited.origins)
        text = f"\u201c{resolved(cited.text, c.hit.source.published)}\u201d"
        words = [
            m.span() for m in re.finditer(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*", text) if stem(m.group().lower()) in keys
        ]
        span = short_answer(q.standalone, cited.text)
        at = text.find(cited.text[slice(*span)]) if span else -1
        if span and at >= 0:  # the answer itself, whole, in place of single words of it
            end = at + span[1] - span[0]
            words = sorted([w for w in words if w[1] <= at or w[0] >= end] + [(at, end)])
        made.append(
            DraftStatement(text, (cited,), quoted=True, lead_in=lead if lead != previous else "", marks=tuple(words))
        )
        previous = lead
    return made


def _undated(chosen: Sequence[Candidate]) -> tuple[str, ...]:
    """What must be said of relative dates that no date of publication resolves."""
    notes = []
    for c in chosen:
        left = unresolved(c.text, c.hit.source.published)
        if left:
            why = "gives no date" if not c.hit.source.published else f"gives only the date {c.hit.source.published}"
            said = ", ".join(f"\u201c{w}\u201d" for w in left)
            notes.append(f"{c.hit.source.title} {why}, so {said} cannot be resolved.")
    return tuple(dict.fromkeys(notes))


def _with_direction(q: Question, c: Candidate) -> Draft:
    made = quote(c.hit.source, c.hit.passage, c.start, c.end)
    note = f"The source gives only the direction for {q.years[0]}, and no value."
    refusal = refuse.direction_only(q, note)
    return Draft(
        "partial",
        (DraftStatement(f"\u201c{made.text}\u201d", (made,), quoted=True, lead_in=_lead_in(c, made.origins)),),
        notes=(note,),
        refusal=refusal,
    )


def _lead_in(c: Candidate, origins: Sequence[Origin]) -> str:
    """Whose words follow, and after which primary source where the document names one."""
    s = c.hit.source
    if origins:
        first = origins[0]
        when = f", {written(first.published)}" if first.published else ""
        own = "Footnote's brief" if s.kind == "brief" and s.publisher == "Footnote" else s.publisher or s.title
        return f"{own}, after {first.publisher or first.title}{when}:"
    when = f", {written(s.published)}" if s.published else ""
    return f"{s.publisher or s.title}{when}:"
