"""Proper names in a question: what evidence must hold by name before it may answer.

"Japan's AI Immigration Act of 2021" is about a named thing; passages on immigration to Japan do
not answer it, however near they are (docs/decisions.md: scores alone cannot tell).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.lexicon import lexicon
from assistant.parts import mask, sentence_start
from corpus.words import STOP_WORDS

KINDS = (
    "act|law|bill|programme|program|fund|strategy|visa|pass|permit|card|scheme|treaty|order|plan|initiative|institute|"
    "committee|council|taskforce|report|index|tracker|agency|ministry|route|accord|pact|charter|directive|regulation|"
    "framework|system|award|fellowship|scholarship|summit|survey|foundation|university|bank|code|declaration|mission|pledge|compact|manifesto|convention|protocol"
)
TITLE = re.compile(rf"\b(?:{KINDS})\b", re.IGNORECASE)
_DATED = re.compile(
    r"\s+(?:of|in|from)\s+(?:january|february|march|april|may|june|july|august|september|october|november|december)?"
    r"\s*(?:(?:19|20)\d\d)?$",
    re.IGNORECASE,
)
_QUOTED = re.compile('["\u201c]([^"\u201d]{3,80})["\u201d]')
_TOKEN = re.compile(r"[^\W_]+(?:[-.&'\u2019][^\W_]+)*|&")
_OPENERS = frozenset(
    "what which who whom whose why when where how is are was were do does did has have had can could will would should "
    "may must tell give show list name describe explain compare summarise summarize according in on at the a an and "
    "but or if for from since under i please hello hi".split()
)
_SMALL = frozenset("of the and for & in on de du des la le".split())
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday i'd i'm i've i'll between before after since until "
    "linkedin linkedin-based ai-skilled by neurips".split()
)
_LINKING = frozenset({"s", "of", "the", "and", "ai", "in", "for", "net", "data", "talent"})
_COMMON = frozenset(
    "i'm i've i'd ok okay "
    "ai oecd eu us uk g7 un gdp it i ok us-based ceo phd usa uae visa visas korea's japan's linkedin talent net flow "
    "january february march april may june july august september october november december".split()
)


def names_in(text: str, places: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Names of things in `text`, in order; spans of places are not names of things."""
    found = [m[1].strip() for m in _QUOTED.finditer(text)]
    if re.search(r"(?<=\s)(?:Is|Are|Was|Were|Did|Does|Do|Has|Have|Had)\b", text):
        return tuple(found)  # A Question In Title Case Says Nothing About Names
    run: list[tuple[str, int, int]] = []
    runs: list[list[tuple[str, int, int]]] = []
    previous = 0
    for index, match in enumerate(_TOKEN.finditer(text)):
        word = match.group()
        gap = text[previous : match.start()]
        previous = match.end()
        start = index == 0 or bool(re.search(r"[.?!:]\s*$", text[: match.start()]))
        place = any(a < match.end() and match.start() < b for a, b in places)
        named = word[:1].isupper() and not (start and word.lower() in _OPENERS) and not place
        named = named and not (word.lower() in _OPENERS and not run)
        inner = bool(run) and word.lower() in _SMALL and gap.strip() == ""
        if run and gap.strip():
            runs.append(run)
            run = []
        if named or inner or (run and word.isdigit() and len(word) == 4 and gap == " "):
            run.append((word.removesuffix("'s").removesuffix("\u2019s"), match.start(), match.end()))
            if word.endswith(("'s", "\u2019s")):
                runs.append(run)
                run = []
        elif run:
            runs.append(run)
            run = []
    runs.append(run)
    for words in runs:
        if len(words) > 1 and words[0][1] == 0 and words[1][0].lower() in _SMALL:
            words = words[1:]  # "Looking for the AI Index": the first word is only the first word
        while words and (words[0][0].lower() in _SMALL or words[0][0].isdigit()):
            words = words[1:]
        while words and words[-1][0].lower() in _SMALL:
            words = words[:-1]
        if len(words) == 2 and words[0][1] == 0 and words[1][0].lower() in _COMMON:
            continue  # "Lowest AI ..."
        name = _DATED.sub("", " ".join(w for w, _a, _b in words))
        before = text[: words[0][1]].rstrip() if words else ""
        first = not before or before.endswith((".", "?", "!", ":"))
        plain = not re.search(r"[-.\d]|[a-z][A-Z]|[A-Z]{2}", name)
        opens = len(words) == 1 and first and plain  # any word is written so at the start of a sentence
        if _is_name(words, name) and not opens:
            found.append(name)
    for match in re.finditer(rf"\b((?:[a-z][\w-]*\s+){{0,3}}(?:{KINDS}))\s+of\s+((?:19|20)\d\d)\b", text):
        found.append(match[1])
    return tuple(dict.fromkeys(n for n in found if n.lower() not in _COMMON))


def _is_name(words: Sequence[tuple[str, int, int]], name: str) -> bool:
    if not words:
        return False
    if all(w.lower() in _COMMON or w.isdigit() for w, _a, _b in words):
        return False
    if len(words) >= 2:
        return True
    word = words[0][0]
    return word[0].isupper() and len(word) > 2


def tokens(name: str) -> list[str]:
    """The words of a name that a search has to find, lower case."""
    return [
        t.lower().replace("\u2019", "'") for t in re.findall(r"[^\W_]+", name) if t.lower() not in _SMALL and t != "&"
    ]


def covered(text: str, name: str, spans: Sequence[tuple[int, int]], years: Sequence[int]) -> bool:
    """Whether a name is made of the words of measures, families, places and years."""
    at = text.find(name)
    if at < 0:
        return False
    left = mask(text, spans)[at : at + len(name)]
    if sentence_start(text, at) == at and len(name.split()) > 1 and _listed(name.split()[0].lower()):
        left = left.partition(" ")[2]  # "Check the World Bank": the first word is only the first word
    known = (
        {str(y) for y in years}
        | _LINKING
        | STOP_WORDS
        | {"only", "just", "linkedin", "put", "compare", "set", "take", "show", "give"}
    )
    return all(w.lower() in known for w in re.findall(r"[^\W_]+", left))


def _listed(word: str) -> bool:
    """Whether a word stands in the lists that questions are read by."""
    lex = lexicon()
    return any(word in x for x in (lex.slots, lex.asks, lex.questions, lex.flow))


def plain(name: str) -> bool:
    """Whether a name is made of small words and words of the lists: "Between 2019 and", "Monday I'd"."""
    lex = lexicon()
    lists = (lex.slots, lex.asks, lex.questions, lex.flow, *lex.concepts.values())
    words = [w.lower() for w in re.findall(r"[^\W_]+(?:['\u2019][^\W_]+)*", name)]
    capitals = all(
        w[:1].isupper() for w in re.findall(r"[^\W\d_]+", name) if w not in ("of", "the", "for", "and", "on", "in")
    )
    if len(words) > 1 and capitals and words[0] not in _CALENDAR:
        return False  # "Global Talent Fund": a title, whatever its words
    known = (w in STOP_WORDS or w in _CALENDAR or w[0].isdigit() or any(w in x for x in lists) for w in words)
    return all(known) and (
        len(words) > 1
        or not name[:1].isupper()
        or words[0] in _CALENDAR
        or ("-" in name and not any(c.isdigit() for c in name))
    )
