"""Quoted answers: the sentences of the sources that answer, grouped by who says them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant import refuse
from assistant.claims import clauses, direction, numerals, years
from assistant.names import tokens
from assistant.retrieve import Candidate, Retriever, content_words, stem
from assistant.types import Draft, DraftStatement, Hit, Question
from assistant.verify import quote
from corpus.figures import FigureTable
from corpus.places import Gazetteer

MOST = {"when": 2, "who": 3, "how_much": 3, "yes_no": 3, "what": 4, "value": 3, "summarise": 6, "list": 6, "why": 5}
NEAR = 0.34  # the least cosine of an answering sentence whose words overlap well
OFF_TOPIC = 0.30  # below this cosine, with little overlap, nothing in the library is about the question
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_CUES = {
    "when": re.compile(rf"\b(\d{{1,2}}\s+)?({_MONTHS})\b|\b(19|20)\d\d\b", re.I),
    "how_much": re.compile(r"\d"),
    "who": re.compile(r"(?<!^)(?<![.!?]\s)\b[A-Z][a-z]+\s+[A-Z][a-z]+"),
    "why": re.compile(r"\b(because|cause[sd]?|reason|due to|owing|driven by|gap|since|so that|as a result|wage|pay|reward|premium)\b", re.I),
}


def quoted_draft(q: Question, hits: Sequence[Hit], retriever: Retriever, table: FigureTable, places: Gazetteer) -> Draft:
    """The best sentences as a draft, or a refusal that says why none answers."""
    if not hits:
        return refuse.passages(q, "off_topic", (), table, places)
    missing = [n for n in q.names if not retriever.holds(tokens(n))]
    candidates = retriever.sentences(q.standalone, hits)
    ranked = sorted(candidates, key=lambda c: (-_score(q, c), c.hit.passage.id, c.start))
    best = max((c.cosine for c in candidates), default=0.0)
    share = max((c.overlap for c in candidates), default=0.0)
    if best < OFF_TOPIC or (best < 0.45 and share < 0.34) or (share == 0 and best < 0.55):
        return refuse.passages(q, "off_topic", (), table, places)
    if missing:
        return refuse.passages(q, "name_not_found", ranked[:3], table, places, missing)
    if q.doubt == "opinion_or_prediction" and not q.names:
        return refuse.passages(q, "opinion_or_prediction", ranked[:2], table, places)
    fitting = [c for c in ranked if _fits(q, c, places)]
    absent = _absent(q, fitting, places)
    if absent and not _direction_only(q, ranked, places):
        return refuse.passages(q, "no_evidence", ranked[:3], table, places, [absent])
    only = _direction_only(q, ranked, places)
    if only is not None:
        return _with_direction(q, only)
    chosen = _choose(q, fitting)
    if not chosen:
        return refuse.passages(q, "no_evidence", ranked[:3], table, places)
    return Draft("answered", tuple(_statements(q, chosen)))


def _score(q: Question, c: Candidate) -> float:
    cue = _CUES.get(q.asks)
    helps = 0.08 if cue is not None and cue.search(c.text) else 0.0
    short = 0.1 if len(c.text) < 40 else 0.0
    return 0.5 * c.cosine + 0.3 * c.overlap + 0.2 * c.hit.score + helps - short


def _fits(q: Question, c: Candidate, places: Gazetteer) -> bool:
    """Whether a sentence is on the places and named things of the question, by itself or its heading."""
    if c.cosine < NEAR and c.overlap < 0.5:
        return False
    around = f"{c.text} {c.hit.passage.heading} {c.hit.source.title}"
    if q.places:
        named = {m.code for m in places.find(around)}
        if named and not named & set(q.places):
            return False
    return not q.names or any(_near(n, f"{around} {c.hit.passage.text}") for n in q.names)


def _near(name: str, text: str) -> bool:
    low = text.lower()
    return all(t in low for t in tokens(name))


def _absent(q: Question, fitting: Sequence[Candidate], places: Gazetteer) -> str:
    """A place or year of the question that no fitting sentence's surroundings hold."""
    pool = fitting[:12]
    around = " ".join(f"{c.text} {c.hit.passage.heading} {c.hit.source.title} {c.hit.passage.text}" for c in pool)
    held = {m.code for m in places.find(around)}
    for p in q.places:
        if p not in held:
            return places.title(p)
    known = years(around) | {int(c.hit.source.published[:4]) for c in pool if c.hit.source.published}
    for y in q.years:
        if len(q.years) <= 2 and y not in known:
            return str(y)
    return ""


def _direction_only(q: Question, ranked: Sequence[Candidate], places: Gazetteer) -> Candidate | None:
    """A sentence that gives the direction of a flow for the year asked, where no value is given."""
    if q.asks not in ("value", "how_much", "what") or len(q.years) != 1 or not direction(q.text) and "flow" not in q.text.lower():
        return None
    year = q.years[0]
    on_place = [c for c in ranked if not q.places or set(q.places) & {m.code for m in places.find(c.text)}]
    said = None
    for c in on_place[:20]:
        for clause in clauses(c.text):
            if year in years(clause):
                if any(not n.is_year and not n.ordinal for n in numerals(clause)):
                    return None  # a value is given after all
                if direction(clause) and said is None:
                    said = c
    return said


def _with_direction(q: Question, c: Candidate) -> Draft:
    made = quote(c.hit.source, c.hit.passage, c.start, c.end)
    note = f"The source gives only the direction for {q.years[0]}, and no value."
    refusal = refuse.direction_only(q, note)
    return Draft("partial", (DraftStatement(f"\u201c{made.text}\u201d", (made,), quoted=True, lead_in=_lead_in(c, made.origins)),), notes=(note,), refusal=refusal)


def _choose(q: Question, fitting: Sequence[Candidate]) -> list[Candidate]:
    """The sentences worth showing: near the best, none twice, in the order of their sources."""
    if not fitting:
        return []
    top = _score(q, fitting[0])
    limit = MOST.get(q.asks, 4)
    chosen: list[Candidate] = []
    for c in fitting:
        if len(chosen) == limit or _score(q, c) < 0.72 * top:
            break
        if not any(_same(c, other) for other in chosen):
            chosen.append(c)
    order = list(dict.fromkeys(c.hit.source.id for c in chosen))
    return sorted(chosen, key=lambda c: (order.index(c.hit.source.id), c is not chosen[0], c.start))


def _same(a: Candidate, b: Candidate) -> bool:
    x, y = {stem(w) for w in content_words(a.text)}, {stem(w) for w in content_words(b.text)}
    return len(x & y) >= 0.7 * min(len(x), len(y))


def _statements(q: Question, chosen: Sequence[Candidate]) -> list[DraftStatement]:
    wanted = {stem(w) for w in content_words(q.standalone)}
    made: list[DraftStatement] = []
    previous = ""
    for c in chosen:
        cited = quote(c.hit.source, c.hit.passage, c.start, c.end)
        lead = _lead_in(c, cited.origins)
        text = f"\u201c{cited.text}\u201d"
        marks = tuple(m.span() for m in re.finditer(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*", text) if stem(m.group().lower()) in wanted)
        made.append(DraftStatement(text, (cited,), quoted=True, lead_in=lead if lead != previous else "", marks=marks))
        previous = lead
    return made


def _lead_in(c: Candidate, origins: Sequence) -> str:  # type: ignore[type-arg]
    """Who says it: the primary source where the document names one."""
    if origins:
        first = origins[0]
        when = f", {_date(first.published)}" if first.published else ""
        return f"{first.publisher or first.title}{when}:"
    s = c.hit.source
    when = f", {_date(s.published)}" if s.published else ""
    return f"{s.publisher or s.title}{when}:"


def _date(iso: str) -> str:
    parts = iso.split("-")
    months = [m.capitalize() for m in _MONTHS.split("|")]
    if len(parts) == 1:
        return parts[0]
    month = f"{months[int(parts[1]) - 1]} {parts[0]}"
    return month if len(parts) == 2 else f"{int(parts[2])} {month}"
