"""Quoted answers: the sentences of the sources that answer, grouped by who says them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant import refuse
from assistant.lexicon import lexicon
from assistant.names import TITLE, tokens
from assistant.numerals import clauses, direction, numerals, years
from assistant.parts import questions_in
from assistant.retrieve import Candidate, Retriever, content_words, overlap, stem
from assistant.types import Draft, DraftStatement, Hit, Question, Reason
from assistant.verify import quote
from corpus.figures import FigureTable
from corpus.places import Gazetteer, gazetteer
from corpus.types import Origin

MOST = {
    "when": 3,
    "who": 3,
    "how_much": 3,
    "yes_no": 3,
    "what": 4,
    "value": 3,
    "summarise": 6,
    "list": 6,
    "why": 5,
}
NEAR = 0.34  # the least cosine of an answering sentence whose words overlap well
# Cosines of the best sentence, read off the development sets (benchmarks/evaluate.py): below FAR nothing
# is about the question, below the others only if the question's own words stand in the sentences.
FAR, DISTANT, NOT_NEAR = 0.38, 0.48, 0.60
_DOMAIN = re.compile(
    r"\b(ai|talent|visa|permit|migration|brain drain|linkedin|policy|immigration|researchers?)\b",
    re.I,
)
_NOT_HELD = re.compile(r"\b(?:not|never) (?:been )?(?:found|seen|established|known|held|stated|confirmed by)\b", re.I)
_DEFINES = re.compile(r"what(?:'s|\u2019s| is| are| was) (?:the |a |an )?[^ ]+(?: [^ ]+){0,4}\??$", re.I)
_ATTRIBUTE = re.compile(r"\bwh(?:at|ich) (?:is|was|are|were) the (?:[\w-]+ ){0,3}?([\w-]+) (?:of|for|to)\b", re.I)
_NUMBER_WORD = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|hundred|thousand|million|billion|half|quarter|double)\b",
    re.I,
)
_EMPTY = frozenset(
    "far long much many so get take people person someone way time exactly explain explained date dates given "
    "differ launch launched start started begin began open opened run runs work works mean means".split()
)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_CUES = {
    "when": re.compile(rf"\b(\d{{1,2}}\s+)?({_MONTHS})\b|\b(19|20)\d\d\b", re.I),
    "how_much": re.compile(r"\d"),
    "who": re.compile(r"(?<!^)(?<![.!?]\s)\b[A-Z][a-z]+\s+[A-Z][a-z]+"),
    "why": re.compile(
        r"\b(because|cause[sd]?|reason|due to|owing|driven by|gap|since|so that|as a result|wage|pay|reward|premium)\b",
        re.I,
    ),
}


def quoted_draft(
    q: Question, hits: Sequence[Hit], retriever: Retriever, table: FigureTable, places: Gazetteer
) -> Draft:
    """The best sentences as a draft, or a refusal that says why none answers."""
    if not hits:
        return refuse.passages(q, "off_topic", (), table, places)
    missing = [n for n in q.names if not retriever.holds(tokens(n))]
    about = _about(q, places)
    ranked = _ranked(q, retriever.sentences(q.standalone, hits, about))
    best = max((c.cosine for c in ranked), default=0.0)
    if q.doubt == "opinion_or_prediction" and (best >= FAR or q.places or q.language != "en" or _DOMAIN.search(q.text)):
        return refuse.passages(q, "opinion_or_prediction", ranked[:2], table, places)
    if missing and (
        any(TITLE.search(n) for n in missing) or (q.places and best >= FAR) or best >= 0.45 or _DOMAIN.search(q.text)
    ):
        where = all(re.search(rf"\b(?:in|at|near|around|from|to|into)\s+{re.escape(n)}", q.text) for n in missing)
        reason: Reason = "no_evidence" if where and all(" of " not in n for n in missing) else "name_not_found"
        return refuse.passages(q, reason, ranked[:3], table, places, missing)  # "in Munich" names where, not what
    if best < FAR:
        return refuse.passages(q, "off_topic", (), table, places)
    if q.doubt == "opinion_or_prediction":
        return refuse.passages(q, "opinion_or_prediction", ranked[:2], table, places)
    covered = _covered(q, ranked[:5], retriever, places)
    if (best < DISTANT and covered < 0.6) or (best < NOT_NEAR and covered < 0.2):
        known = bool(q.places) or bool(_DOMAIN.search(q.text))
        return refuse.passages(q, "no_evidence" if known else "off_topic", ranked[:2], table, places)
    absent = _absent(q, ranked, places)
    only = _direction_only(q, ranked, places)
    if absent and only is None:
        return refuse.passages(q, "off_topic" if best < 0.4 else "no_evidence", ranked[:3], table, places, [absent])
    if only is not None:
        return _with_direction(q, only)
    chosen = _choose(
        q,
        [c for c in ranked if _fits(q, c, places, retriever.text_of)],
        retriever.weights(q.standalone),
        places,
    )
    for part in questions_in(q.standalone)[1:]:
        more = _ranked(q, retriever.sentences(part, retriever.search(part, len(hits)), about))
        more = [
            c for c in more if _fits(q, c, places, retriever.text_of) and not any(_same(c, other) for other in chosen)
        ]
        chosen += _choose(q, more, retriever.weights(part), places)[:2]
    if not chosen or not _answers(q, chosen, retriever, places):
        return refuse.passages(q, "no_evidence", chosen[:2] or ranked[:3], table, places)
    return Draft("answered", tuple(_statements(q, _in_order(chosen))))


def _ranked(q: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (-_score(q, c), c.hit.passage.id, c.start))


def _score(q: Question, c: Candidate) -> float:
    cue = _CUES.get(q.asks)
    helps = 0.08 if cue is not None and cue.search(c.text) else 0.0
    short = 0.1 if len(c.text) < 40 else 0.0
    if (
        q.names
        and _DEFINES.match(q.text)
        and re.match(rf"\W*{re.escape(q.names[0])}\b[^.]{{0,40}}\b(?:is|are)\b", c.text)
    ):
        helps += 0.15  # "COMPASS is ...": the sentence that says what the thing is
    if not q.places and not q.group and any(not m.group for m in gazetteer().find(c.text)):
        helps -= 0.06  # a question that names no place wants the general statement first
    if q.years and (said := years(c.text)):
        helps += 0.1 if said & set(q.years) else -0.1
    return 0.5 * c.cosine + 0.15 * c.overlap + 0.15 * c.asked + 0.2 * c.hit.score + helps - short


def _fits(q: Question, c: Candidate, places: Gazetteer, text_of: Callable[[str], str]) -> bool:
    """Whether a sentence is on the places and named things of the question, by itself or its heading."""
    if c.cosine < NEAR and c.overlap < 0.5:
        return False
    around = f"{c.text} {c.hit.passage.heading} {c.hit.source.title}"
    if q.places:
        named = {m.code for m in places.find(around) if not m.group}
        if named and not named & set(q.places) and not q.group:
            return False
    return not q.names or any(
        _near(n, f"{around} {c.hit.passage.text}") or _near(n, text_of(c.hit.source.id)) for n in q.names
    )


def _about(q: Question, places: Gazetteer) -> frozenset[str]:
    """The stems of the names and places of a question: where to look, not what is asked."""
    found = {stem(t) for n in q.names for t in tokens(n)}
    named = (q.standalone[m.start : m.end] for m in places.find(q.standalone))
    return frozenset(found | {stem(w) for name in named for w in content_words(name)})


def _keys(q: Question, retriever: Retriever, places: Gazetteer) -> dict[str, float]:
    """The words that say what is asked of a named thing or place, with their weights."""
    about = _about(q, places) | _EMPTY
    weights = retriever.weights(q.text)
    return {s: w for s, w in weights.items() if s not in about and s not in lexicon().slots and not s.isdigit()}


def _covered(q: Question, best: Sequence[Candidate], retriever: Retriever, places: Gazetteer) -> float:
    """The weighted share of those words that the best sentences hold; 1 where there are none."""
    keys = _keys(q, retriever, places)
    held = {stem(w) for c in best for w in content_words(c.text)}
    return sum(w for s, w in keys.items() if s in held) / sum(keys.values()) if keys else 1.0


def _answers(q: Question, chosen: Sequence[Candidate], retriever: Retriever, places: Gazetteer) -> bool:
    """Whether the chosen sentences can hold the answer, and are not merely about the same thing.

    A word of the question that stands nowhere in the library ("fee") cannot be answered; an amount
    needs a numeral and a word of what is counted; a brief that says "not found" does not answer.
    """
    if _NOT_HELD.search(chosen[0].text) and q.asks != "yes_no":
        return False
    keys = _keys(q, retriever, places)
    narrowed = {stem(f.phrase) for f in lexicon().slots.find(q.text) if f.value == "matter" and " " not in f.phrase}
    told = {stem(w) for c in chosen for w in content_words(c.text)}
    if narrowed and not narrowed & told:
        return False  # "of them women": sentences that do not speak of women do not answer
    if q.asks == "how_much":
        held = {stem(w) for c in chosen for w in content_words(c.text)}
        numeral = any(_CUES["how_much"].search(c.text) or _NUMBER_WORD.search(c.text) for c in chosen)
        return numeral and (not keys or bool(keys.keys() & held) or chosen[0].cosine >= 0.62)
    attribute = _ATTRIBUTE.search(q.text)
    if attribute:  # "the fee for X": where no document speaks of fees, none gives this one
        return not retriever.unknown(attribute[1].lower())
    return True


def _near(name: str, text: str) -> bool:
    low = text.lower()
    return all(re.sub(r"(?<=\w{3})(?:es|s)$", "", t) in low for t in tokens(name))


def _absent(q: Question, ranked: Sequence[Candidate], places: Gazetteer) -> str:
    """A place or year of the question that nothing retrieved holds."""
    pool = ranked
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
    bare = not [w for w in content_words(q.text) if not w.isdigit() and not places.find(w)]
    if (
        q.asks not in ("value", "how_much", "what")
        or len(q.years) != 1
        or not (direction(q.text) or "flow" in q.text.lower() or bare)
    ):
        return None
    year = q.years[0]
    said = None
    for c in ranked[:20]:
        place: set[str] = set()
        for clause in clauses(c.text):
            before = re.split(rf"\b{year}\b", clause)[0]
            place = {m.code for m in places.find(before) if not m.group} or place
            place = {max(place, key=lambda p: _last(places, before, p))} if len(place) > 1 else place
            if year not in years(clause) or (q.places and place and not place & set(q.places)):
                continue
            if any(not n.is_year and not n.ordinal for n in numerals(clause)):
                return None  # a value is given after all
            if direction(clause) and said is None:
                said = c
    return said


def _last(places: Gazetteer, text: str, code: str) -> int:
    """Where a place is named last: "like South Korea, Japan also ..." is about Japan."""
    return max((m.start for m in places.find(text) if m.code == code), default=-1)


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


def _choose(q: Question, fitting: Sequence[Candidate], weights: dict[str, float], places: Gazetteer) -> list[Candidate]:
    """The sentences worth showing, best first: each near the best, none twice, each adding something."""
    if not fitting:
        return []
    cue = _CUES.get(q.asks) if q.asks in ("why", "when") else None
    told = [c for c in fitting if cue is not None and cue.search(c.text)]
    fitting = told if len(told) > 1 else fitting  # reasons for why, dates for when, where there are any
    if fitting[0].asked > 0:  # once a sentence holds what is asked, those that only name the subject are left out
        fitting = [c for c in fitting if c.asked > 0]
    chosen = [fitting[0]]
    top = _score(q, fitting[0])
    limit = MOST.get(q.asks, 4)
    while len(chosen) < limit:
        covered = {stem(w) for c in chosen for w in content_words(c.text)}
        open_words = {s: w for s, w in weights.items() if s not in covered}
        missing = set(q.places) - {m.code for c in chosen for m in places.find(c.text)}
        rest = [
            c
            for c in fitting
            if (
                _score(q, c) >= 0.66 * top
                or (_score(q, c) >= 0.4 * top and missing & {m.code for m in places.find(c.text)})
            )
            and not any(_same(c, other) for other in chosen)
        ]
        if not rest:
            break

        def worth(c: Candidate, open_words: dict[str, float] = open_words, missing: set[str] = missing) -> float:
            fills = 0.2 if missing & {m.code for m in places.find(c.text)} else 0.0
            return _score(q, c) + 0.25 * overlap(open_words, c.text) + fills

        best = max(rest, key=lambda c: (worth(c), c.hit.passage.id, -c.start))
        if worth(best) < 0.74 * top:
            break
        chosen.append(best)
    return chosen


def _in_order(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence's source first, and inside a source the order of its text."""
    order = list(dict.fromkeys(c.hit.source.id for c in chosen))
    return sorted(
        dict.fromkeys(chosen),
        key=lambda c: (order.index(c.hit.source.id), c is not chosen[0], c.start),
    )


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
        marks = tuple(
            m.span() for m in re.finditer(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*", text) if stem(m.group().lower()) in wanted
        )
        made.append(DraftStatement(text, (cited,), quoted=True, lead_in=lead if lead != previous else "", marks=marks))
        previous = lead
    return made


def _lead_in(c: Candidate, origins: Sequence[Origin]) -> str:
    """Whose words follow, and after which primary source where the document names one."""
    s = c.hit.source
    if origins:
        first = origins[0]
        when = f", {_date(first.published)}" if first.published else ""
        own = "Footnote's brief" if s.kind == "brief" and s.publisher == "Footnote" else s.publisher or s.title
        return f"{own}, after {first.publisher or first.title}{when}:"
    when = f", {_date(s.published)}" if s.published else ""
    return f"{s.publisher or s.title}{when}:"


def _date(iso: str) -> str:
    parts = iso.split("-")
    months = [m.capitalize() for m in _MONTHS.split("|")]
    if len(parts) == 1:
        return parts[0]
    month = f"{months[int(parts[1]) - 1]} {parts[0]}"
    return month if len(parts) == 2 else f"{int(parts[2])} {month}"
