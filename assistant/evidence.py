"""Whether what was found can answer: the names, places, years and words of a question against the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.lexicon import lexicon
from assistant.likeness import content_words, stem, stems_of
from assistant.names import tokens
from assistant.numerals import clauses, direction, numerals, years
from assistant.offers import asks_offers, is_offer
from assistant.picking import NOT_HELD, NUMBERS, has_cue, holds, places_named
from assistant.relative import MONTHS
from assistant.retrieve import Candidate, Retriever
from assistant.short import COUNTED
from assistant.types import Question
from corpus.places import Gazetteer

NEAR = 0.34  # the least cosine of an answering sentence whose words overlap well
DOMAIN = re.compile(
    r"\b(ai|talent|visa|permit|migration|brain drain|linkedin|policy|immigration|researchers?)\b",
    re.I,
)
_ATTRIBUTE = re.compile(r"\bwh(?:at|ich) (?:is|was|are|were) the (?:[\w-]+ ){0,3}?([\w-]+) (?:of|for|to)\b", re.I)
_EMPTY = frozenset(
    "far long much many so get take people person someone way time exactly explain explained date dates given "
    "differ launch launched start started begin began open opened run runs work works mean means".split()
)


def fits(q: Question, c: Candidate, places: Gazetteer, text_of: Callable[[str], str]) -> bool:
    """Whether a sentence is on the places and named things of the question, by itself or its heading."""
    if c.cosine < NEAR and c.overlap < 0.5:
        return False
    around = f"{c.text} {c.hit.passage.heading} {c.hit.source.title}"
    if q.places:
        named = places_named(around)
        if named and not named & set(q.places) and not q.group:
            return False
    return not q.names or any(
        _near(n, f"{around} {c.hit.passage.text}") or _near(n, text_of(c.hit.source.id)) for n in q.names
    )


def _speaks_of(q: Question, c: Candidate, places: Gazetteer) -> bool:
    """Whether a sentence, its heading or its title names a place of the question, or a group that may hold it."""
    named = places.find(f"{c.text} {c.hit.passage.heading} {c.hit.source.title}")
    return any(m.group or m.code in q.places for m in named)


def about_of(q: Question, places: Gazetteer) -> frozenset[str]:
    """The stems of the names and places of a question: where to look, not what is asked."""
    found = {stem(t) for n in q.names for t in tokens(n)}
    named = (q.standalone[m.start : m.end] for m in places.find(q.standalone))
    return frozenset(found | {stem(w) for name in named for w in content_words(name)})


def _keys(q: Question, retriever: Retriever, places: Gazetteer) -> dict[str, float]:
    """The words that say what is asked of a named thing or place, with their weights."""
    about = about_of(q, places) | _EMPTY
    weights = retriever.weights(q.text)
    return {s: w for s, w in weights.items() if s not in about and s not in lexicon().slots and not s.isdigit()}


def covered_by(q: Question, best: Sequence[Candidate], retriever: Retriever, places: Gazetteer) -> float:
    """The weighted share of those words that the best sentences hold; 1 where there are none.

    Where the question names a place, those that speak of another do not count.
    """
    keys = _keys(q, retriever, places)
    best = [c for c in best if not q.places or _speaks_of(q, c, places)]
    held = {stem(w) for c in best for w in content_words(c.text)}
    return sum(w for s, w in keys.items() if s in held) / sum(keys.values()) if keys else 1.0


def answers(q: Question, chosen: Sequence[Candidate], retriever: Retriever, places: Gazetteer) -> bool:
    """Whether the chosen sentences can hold the answer, and are not merely about the same thing.

    A word of the question that stands nowhere in the library ("fee") cannot be answered; an amount
    needs a numeral and a word of what is counted; a brief that says "not found" does not answer.
    """
    if q.asks != "yes_no":
        told = [c for c in chosen if not NOT_HELD.search(c.text)]
        if NOT_HELD.search(chosen[0].text):
            return False
        noted = any(holds(n, c.text) for n in q.names for c in chosen if c not in told)
        if noted and not any(holds(n, c.text) for n in q.names for c in told):
            return False  # all that is said of the thing by name is that it is not known
    if asks_offers(q) and not any(is_offer(c.text) and _speaks_of(q, c, places) for c in chosen):
        return False  # visas of other places, and other things of this one
    if not _of_the_kind(q, chosen, places) or _is_unsaid(q, chosen, retriever):
        return False
    keys = _keys(q, retriever, places)
    narrowed = {stem(f.phrase) for f in lexicon().slots.find(q.text) if f.value == "matter" and " " not in f.phrase}
    words = {stem(w) for c in chosen for w in content_words(c.text)}
    if narrowed and not narrowed & words:
        return False  # "of them women": sentences that do not speak of women do not answer
    if q.asks == "how_much":
        held = {stem(w) for c in chosen for w in content_words(c.text)}
        numeral = any(has_cue("amount", c.text) for c in chosen)
        return numeral and (not keys or bool(keys.keys() & held) or chosen[0].cosine >= 0.62)
    attribute = _ATTRIBUTE.search(q.text)
    if attribute:  # "the fee for X": where no document speaks of fees, none gives this one
        return not retriever.unknown(attribute[1].lower())
    return True


_TIME = re.compile(r"\bhow many (?:years|months|weeks|days|hours)\b|\bhow long\b", re.I)
_LASTS = re.compile(
    rf"(?:\d|\b(?:{'|'.join(sorted(NUMBERS))}|an?)\b)[^.;]{{0,12}}?\b(?:year|month|week|day|hour)s?\b", re.I
)
_PRICE = re.compile(r"\b(?:fees?|costs?|charges?|prices?)\b", re.I)
_PRICED = re.compile(r"\b(?:fees?|cost\w*|charg\w+|price\w*|free|expens\w+|payments?|payable|paid)\b", re.I)
_PART = re.compile(r"\b([a-z]{5,}) rates?\b", re.I)


_TAKES = re.compile(r"\b(?:take|process|processed|processing|wait)\b", re.I)
_TAKEN = re.compile(r"\b(?:tak(?:e|es|en|ing)|took|process\w*|wait\w*|decid\w+|decisions?|within)\b", re.I)
_HOW_MANY = re.compile(
    r"\bhow many ((?:[\w-]+ )*?[\w-]+) (?:do|does|did|is|are|was|were|has|have|had|can|will)\b", re.I
)


def _of_the_kind(q: Question, chosen: Sequence[Candidate], places: Gazetteer) -> bool:
    """Whether a sentence states the kind of thing that is asked for: a time, a count, a price, the rate of this."""
    if _TIME.search(q.text):
        told = [c for c in chosen if not _TAKES.search(q.text) or _TAKEN.search(c.text)]  # a stay is no waiting time
        return any(_LASTS.search(part) for c in told for part in _on_names(q, c.text))
    if (counted := COUNTED.search(q.text)) and not _said_of(counted[1], chosen):
        return False  # "how many children": where no sentence speaks of children, none counts them
    if (counted := _HOW_MANY.search(q.text)) and (q.places or q.names):
        noun = counted[1].rpartition(" ")[2]
        return any(_counts(noun, c.text) for c in chosen if not q.places or _speaks_of(q, c, places))
    if _PRICE.search(q.text):
        return any(_PRICED.search(c.text) for c in chosen)
    if part := _PART.search(q.text):
        return any(part[1][:5].lower() in c.text.lower() for c in chosen)
    return True


_PERSONS = stems_of(
    "foreigners people persons individuals workers experts professionals specialists researchers talents engineers"
)


def _said_of(counted: str, chosen: Sequence[Candidate]) -> bool:
    """Whether a sentence speaks of what is counted; persons may go by any name."""
    nouns = stems_of(counted)
    return not nouns or bool(nouns & _PERSONS) or any(nouns & stems_of(c.text) for c in chosen)


_UNCOUNTED = re.compile(
    rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})\b|\b(?:1[5-9]|20)\d\d\b|\b\w+-\d[\d.,]*|{_LASTS.pattern}", re.I
)


def _counts(noun: str, text: str) -> bool:
    """Whether a sentence holds a number that can count something: no date, no time, no base like "per 10,000"."""
    if re.search(rf"\bper [\d.,]+ (?:[\w-]+ ){{0,3}}{re.escape(noun)}\b", text, re.I):
        return False
    return has_cue("amount", _UNCOUNTED.sub(" ", text))


_NEEDED = re.compile(
    r"\b(?:is|are) (?:an? |any |the )?(\w+) (?:needed|required|necessary)\b"
    r"|\b(?:do|does) .{2,60}? (?:require|need) (?:an? |any |the )?(\w+)\W*$",
    re.I,
)


def _is_unsaid(q: Question, chosen: Sequence[Candidate], retriever: Retriever) -> bool:
    """Whether a named thing is asked to need what no document on it speaks of: a degree, for the ONE Pass."""
    asked = _NEEDED.search(q.text)
    word = asked and (asked[1] or asked[2])
    if not word or not q.names:
        return False
    for c in chosen:
        titled = any(holds(n, c.hit.source.title) for n in q.names)  # else it compares several: the sentence counts
        own = retriever.text_of(c.hit.source.id) if titled else c.text if any(holds(n, c.text) for n in q.names) else ""
        if stem(word.lower()) in own.lower():
            return False
    return True


def _on_names(q: Question, text: str) -> list[str]:
    """The clauses of a sentence that can be on what the question names: those with a name, where any has one."""
    parts = re.split(r"[;:]|,? (?:whereas|while|but)\b", text)
    return [p for p in parts if any(holds(n, p) for n in q.names)] or parts


def _near(name: str, text: str) -> bool:
    low = text.lower()
    return all(re.sub(r"(?<=\w{3})(?:es|s)$", "", t) in low for t in tokens(name))


def absent_from(q: Question, ranked: Sequence[Candidate], places: Gazetteer) -> str:
    """A place or year of the question that nothing retrieved holds."""
    hits = {c.hit.passage.id: c.hit for c in ranked}.values()
    around = [f"{h.passage.heading} {h.source.title} {h.passage.text}" for h in hits]
    held = {code for text in around for code in places_named(text)} if q.places else set()
    for p in q.places:
        if p not in held:
            return places.title(p)
    known = years(" ".join(around)) | {int(h.source.published[:4]) for h in hits if h.source.published}
    for y in q.years:
        if len(q.years) <= 2 and y not in known:
            return str(y)
    return ""


def direction_only(q: Question, ranked: Sequence[Candidate], places: Gazetteer) -> Candidate | None:
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
