"""What a place offers by name: the visas, permits and schemes that the library's documents call its own."""

from __future__ import annotations

import re

from assistant.picking import score
from assistant.retrieve import Candidate, Retriever
from assistant.types import Question
from corpus.places import gazetteer

_READ = 16  # passages of the place
_KINDS = "visas|permits|passes|schemes|routes|programmes|programs"
_ASKS = re.compile(rf"\b(?:which|what|list|name)\b(?: [\w-]+){{0,3}}? (?:{_KINDS})\b", re.I)
_ON_THEM = re.compile(r"\b(?:visas?|permits?|pass(?:es)?|cards?|routes?|streams?)\b", re.I)
# "Japan's J-Find", "Singapore, ONE Pass", "South Korea's Top-Tier visa"
_OWN = re.compile(
    r"(?:['\u2019]s|,) ([A-Z][\w-]*(?:\.[A-Z]\w*)?(?: (?:[A-Z][\w-]*|&))*"
    r"(?:(?: [a-z]+){0,2} (?:visa|permit|card|pass|route|scheme)\b)?)"
)
_KIND = re.compile(r"\b(?:visa|permit|card|pass|route|scheme|stream)\b|\w[-.][A-Za-z]", re.I)
_BODY = re.compile(r"\b(?:Institute|Ministry|Agency|List|Service|Office|Government|Department|Authority|Act|Bureau)\b")


def asks_offers(q: Question) -> bool:
    """Whether the visas, permits or schemes of one place are asked for: "which visas does Japan offer"."""
    return len(q.places) == 1 and not q.names and _ASKS.search(q.standalone) is not None


def is_offer(text: str) -> bool:
    """Whether a text speaks of a visa, a permit, a pass or a card."""
    return _ON_THEM.search(text) is not None


def offered(q: Question, retriever: Retriever) -> list[tuple[str, Candidate]]:
    """The names that answer "which visas does Japan offer", each with its best sentence; none where one place is not
    asked about.
    """
    if not asks_offers(q):
        return []
    (place,) = q.places
    found: dict[str, Candidate] = {}
    worth: dict[str, float] = {}
    # asked in the same words each time: "... to AI talent" finds what is said of the place's flow of talent
    asked = f"Which visas and permits does {gazetteer().name(place)} offer?"
    for c in retriever.sentences(asked, retriever.of_place(asked, _READ, place)):
        if not is_offer(f"{c.hit.passage.heading} {c.hit.source.title}"):
            continue
        for m in gazetteer().find(c.text):
            own = _OWN.match(c.text, m.end) if m.code == place else None
            if own is None or _BODY.search(own[1]) or not _KIND.search(own[1]):
                continue
            if any(not other.group for other in gazetteer().find(own[1])):  # the EU Blue Card is Germany's too
                continue
            if own[1] not in found or score(q, c) > worth[own[1]]:
                found[own[1]], worth[own[1]] = c, score(q, c)
    whole = [n for n in found if not any(n != other and _shortens(n, other) for other in found)]
    return sorted(((n, found[n]) for n in whole), key=lambda row: (-worth[row[0]], row[0]))


def _shortens(name: str, other: str) -> bool:
    """Whether a name is the beginning of another or its initials: "HSP visa", the Highly Skilled Professional visa."""
    initials = "".join(w[0] for w in other.split() if w[0].isupper())
    return other.startswith(name) or (len(initials) > 1 and name.split()[0] == initials)
