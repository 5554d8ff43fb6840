"""The parts of a question: its segments, the one that asks, what is left out, what stands inside what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.lexicon import Found
from assistant.slots import Span, Years
from corpus.places import Mention

_LEAVE, _OUT = (
    re.compile(r"\b(?:leave|leaving|take|keep) (?:the )?$", re.IGNORECASE),
    re.compile(r"\s+(?:out|aside|off)\b", re.IGNORECASE),
)
_OUTSIDE = re.compile(r"\b(?:outside|beyond|non)[\s-]+(?:of )?(?:the )?$", re.IGNORECASE)
_TAKEN_BACK = re.compile(
    r"\b(?:no,? wait|wait,? no|scratch that|or rather|on second thoughts?)\b[,.:;]*\s*", re.IGNORECASE
)
_NOUN = re.compile(r"\b(?:the|a|an|any|this|that|its|their|sharp|big|small|largest|biggest)\s+$", re.IGNORECASE)
_AUXILIARY = frozenset("did does do is are was were has have the a an".split())
_GROUP_AFTER = re.compile(
    r"('s)?\s+(countr|member|econom|nation|state|average|mean|median|area|top|bottom|rank)", re.IGNORECASE
)
_GROUP_BEFORE = re.compile(r"\b(in|of|among|within|across|inside)\s+(the\s+)?$", re.IGNORECASE)
_BREAK = re.compile(
    r"(?<=[.:;!?])\s+|(?<=\w{4})\s+[-\u2013\u2014]+\s+(?=\w{3})|"
    r",\s+(?=(?:what|how|which|who|where|when|did|is|was|were|can you|could you|please|give me|tell me|i need)\b)",
    re.IGNORECASE,
)


def segments(text: str) -> list[Span]:
    """The sentences and clauses of a question: a preamble, the question itself, a closing word."""
    starts = [0, *(m.end() for m in _BREAK.finditer(text))]
    ends = [*(m.start() for m in _BREAK.finditer(text)), len(text)]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if text[a:b].strip()]


def core(text: str, spoken: Sequence[Found], asking: Sequence[Found], placed: Sequence[Span], years: Years) -> Span:
    """The part of a text that asks: the one with most of what a question is made of, the later of two."""
    taken_back = [m.end() for m in _TAKEN_BACK.finditer(text) if any(f.start >= m.end() for f in asking)]
    if taken_back:
        return taken_back[-1], len(text)  # "the average? no wait, just the change"
    parts = segments(text)
    if len(parts) < 2:
        return 0, len(text)

    def asks(a: int, b: int) -> int:
        holds = [any(a <= f.start < b for f in spoken), any(a <= s < b for s, _e in placed)]
        holds.append(any(a <= s < b for s, _e in years.spans))
        score = 2 * sum(holds) + 2 * any(a <= f.start < b for f in asking) + 3 * (text[a:b].rstrip()[-1:] == "?")
        return score if len(text[a:b].split()) > 2 or holds[1] else 0

    best = max(asks(a, b) for a, b in parts)
    return next((a, b) for a, b in reversed(parts) if asks(a, b) == best)


def dropped(slots: Sequence[Found], mentions: Sequence[Mention], text: str) -> list[tuple[str, int, int]]:
    """Places named to be left out, each with its span: "without Korea", "leave Italy out", "not North"."""
    out = []
    for m in mentions:
        before, after = text[: m.start], text[m.end :]
        if m.group:
            if _OUTSIDE.search(before):
                out.append((m.code, m.start, m.end))
            continue
        if _LEAVE.search(before) and _OUT.match(after):
            out.append((m.code, m.start - 8, m.end))
        for word in (s for s in slots if s.value == "drop_place" and s.end <= m.start):
            if _NOUN.search(text[: word.start]):
                continue  # "the drop in Turkey's value"
            if any(word.end <= other.start < m.start for other in mentions) and "," in text[word.end : m.start]:
                continue  # "not Denmark, Finland": Finland is meant
            if len(text[word.end : m.start].split()) <= 1 and not re.search(r"[.;:!?]", text[word.end : m.start]):
                out.append((m.code, word.start, m.end))
    return out


def without_dropped(years: Years, slots: Sequence[Found], text: str) -> Years:
    """The years without those named to be left out: "besides 2019", "the 2023 rank, not 2020"."""
    if years.ranged or years.start is not None or years.end is not None:
        return years
    words = [s for s in slots if s.value == "drop_place"]
    out = {
        int(text[a:b])
        for a, b in years.spans
        if b - a == 4 and any(not text[w.end : a].strip() for w in words if w.end <= a)
    }
    return (
        replace(years, named=tuple(y for y in years.named if y not in out), dropped=tuple(sorted(out)))
        if out
        else years
    )


def sentence_start(text: str, at: int) -> int:
    """Where the sentence around a place of the text begins; a comma ends none."""
    ends = [m.end() for m in re.finditer(r"[.:;!?]\s+", text[:at])]
    return ends[-1] if ends else 0


def within(found: Sequence[Found], core: int, end: int) -> list[Found]:
    """The phrases that begin between two places of a text."""
    return [f for f in found if core <= f.start < end]


def later_edition(found: Sequence[Found]) -> list[Found]:
    """In "2024 AI Index 2025" the number after the name is the edition, the one before it a year."""
    ending = [f for f in found if re.search(r"\d$", f.phrase)]
    return [f for f in found if not (f.phrase[:1].isdigit() and any(f.start < o.start < f.end < o.end for o in ending))]


def group_or_body(
    text: str, mentions: Sequence[Mention], measures: Sequence[Found]
) -> tuple[list[Mention], list[Found]]:
    """ "OECD" names a group in "OECD countries" and a measure in "according to the OECD".

    "Korea" inside "Bank of Korea" is not the place asked about.
    """
    kept: list[Mention] = []
    left = list(measures)
    for m in mentions:
        rivals = [f for f in left if f.start < m.end and m.start < f.end]
        longest = max((f.end - f.start for f in rivals), default=0)
        if any(m.start < f.start for f in rivals) and m.code == "WLD":
            continue  # "the whole World Bank series"
        if rivals and m.group and m.end - m.start < longest:
            continue
        if (
            rivals
            and m.group
            and m.end - m.start == longest
            and not (_GROUP_AFTER.match(text, m.end) or _GROUP_BEFORE.search(text[: m.start]))
        ):
            continue
        if rivals and not m.group and any(f.end - f.start > m.end - m.start for f in rivals):
            continue
        left = [f for f in left if f not in rivals]
        kept.append(m)
    return kept, left


def edition_spans(measures: Sequence[Found]) -> list[Span]:
    """Where the year of an edition stands, which is not a year of data."""
    return [(m.start, m.end) for m in measures if re.search(r"(?:19|20)\d\d", m.phrase)]


def merged(first: Sequence[Found], second: Sequence[Found]) -> list[Found]:
    """Both lists, without what stands in both."""
    return [*first, *(f for f in second if f not in first)]


def inside(found: Found, spans: Sequence[Span]) -> bool:
    """Whether a phrase lies within one of the spans."""
    return any(a <= found.start and found.end <= b for a, b in spans)


def mask(text: str, spans: Sequence[Span]) -> str:
    """The text with blanks where the spans are, character for character."""
    chars = list(text)
    for a, b in spans:
        chars[a:b] = " " * (b - a)
    return "".join(chars)


def questions_in(text: str) -> list[str]:
    """The questions inside a question: "when did X open and who runs it", "X: a, b and c".

    Each after the first is followed by what it is about, in brackets.
    """
    subject, colon, rest = text.partition(": ")
    if colon and len(subject.split()) <= 6:
        items = [i.strip(" ?.") for i in re.split(r",\s*(?:and\s+)?|;\s*|\s+and\s+", rest)]
        subject = re.sub(r"^(?:explain|describe|summari[sz]e)\s+", "", subject, flags=re.I)
        return [f"{i} ({subject})" for i in items if len(i.split()) <= 8] if len(items) > 1 else [text]
    pieces = re.split(
        r",?\s+and\s+(?:(?=(?:who|what|when|where|how|which|why|by whom|by how)\b)|(?:also\s+))|;\s+",
        text,
        flags=re.I,
    )
    if len(pieces) == 1:
        return [text]
    about = " ".join(w for w in pieces[0].split()[1:] if w.lower() not in _AUXILIARY)
    return [pieces[0], *(f"{p.strip(' ?.')} ({about})" for p in pieces[1:])]
