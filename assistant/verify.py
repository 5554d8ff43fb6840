"""The check between a draft and an answer. Citations are made here and nowhere else.

Every numeral of a statement must stand in its support: in a cell as printed, in a working, in the
note of a cell, or inside an exact quotation. Every quotation must be a slice of the stored source.
A statement that fails is dropped and counted, never shown bare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from assistant.check import Checker, bundled_checker
from assistant.numerals import Numeral, numerals, speaks_of_flow
from assistant.relative import INSERTED, plain, resolved
from assistant.types import (
    Answer,
    Cell,
    Citation,
    Derived,
    Direction,
    Draft,
    DraftStatement,
    Question,
    Quote,
    Statement,
    Support,
)
from corpus.errors import Unsupported
from corpus.places import gazetteer
from corpus.sentences import REFERENCE
from corpus.types import Origin, Passage, Source

TextOf = Callable[[str], str]
QUOTATION = re.compile("\u201c([^\u201d]*)\u201d")
_WORKED = re.compile(r"\((?:[^()]|\([^()]*\))* = [^()]*\)")
_HELD = frozenset({"value", "compare", "moved", "direction"})  # the rest stands on workings, which are cited whole
_AFTER = re.compile(r"\s*((?:\[\^[^\]\s]+\])+)")


def quote(source: Source, passage: Passage, start: int, end: int) -> Quote:
    """A quotation of source_text[start:end].

    Raises Unsupported unless it lies in the passage, and where a cell in it is read in two ways.
    """
    if not passage.start <= start < end <= passage.end:
        raise Unsupported(f"characters {start} to {end} lie outside passage {passage.id} of {source.id!r}")
    text = passage.text[start - passage.start : end - passage.start]
    cells = tuple(c for c in passage.cells if start < c.end and c.start < end)
    if doubtful := next((c for c in cells if not c.confirmed), None):
        raise Unsupported(
            f"the cell {doubtful.text!r} of {source.id!r} ({doubtful.locator}) is not confirmed; look it up"
        )
    return Quote(source, passage.id, text, start, end, passage.page, _origins(passage, end), cells)


def _origins(passage: Passage, end: int) -> tuple[Origin, ...]:
    """The primary sources of a sentence: its own footnotes, or those that close its paragraph."""
    known = dict(passage.origins)
    rest = passage.text[end - passage.start :]
    own = _AFTER.match(rest)
    cluster = own or re.search(r"((?:\[\^[^\]\s]+\])+)", rest.split("\n\n", 1)[0])
    keys = REFERENCE.findall(cluster[1]) if cluster else []
    return tuple(known[k] for k in dict.fromkeys(keys) if k in known)


def _as_signed(n: Numeral, text: str) -> str:
    before = text[max(0, n.start - 1) : n.start]
    return before + n.text if before in ("+", "-", "\u2212") and not text[: n.start - 1][-1:].isalnum() else n.text


def assemble(question: Question, draft: Draft, text_of: TextOf, writer: str, checker: Checker | None = None) -> Answer:
    """The checked answer: numbered citations, and the count of what did not pass."""
    numbers: dict[Support, int] = {}
    kept: list[Statement] = []
    dropped = draft.failed
    for statement in draft.statements:
        if fault(statement, text_of, checker) is not None:
            dropped += 1
            continue
        markers = tuple(dict.fromkeys(numbers.setdefault(s, len(numbers) + 1) for s in statement.support))
        kept.append(Statement(statement.text, markers, statement.quoted, statement.lead_in, statement.marks))
    citations = tuple(Citation(n, s) for s, n in numbers.items())
    cited = {s for s in numbers if isinstance(s, Cell)} | {
        c for s in numbers if isinstance(s, Derived) for c in s.inputs
    }
    status = draft.status if kept or draft.refusal else "not_found"
    return Answer(
        question=question, status=status, statements=tuple(kept), citations=citations,
        figures=tuple(c for c in draft.figures if c in cited),
        alternatives=tuple(c for c in draft.alternatives if c in cited),
        notes=draft.notes, refusal=draft.refusal, writer=writer, dropped=dropped,
        withdrawn=draft.failed,
    )  # fmt: skip


def fault(statement: DraftStatement, text_of: TextOf, checker: Checker | None = None) -> str | None:
    """What is wrong with a statement, or None where every part of it stands in its support.

    `checker` is the claims engine of the library that is answered from; without one, that of the
    figures that ship with Footnote.
    """
    if not statement.support:
        return "it cites nothing"
    for s in statement.support:
        if isinstance(s, Quote) and text_of(s.source.id)[s.start : s.end] != s.text:
            return f"the quotation {s.text[:60]!r} is not in {s.source.id!r} at {s.start}"
    quotes = [s.text for s in statement.support if isinstance(s, Quote)]
    for words in statement.taken:
        if words.lower() not in statement.text.lower() or not any(words in q for q in quotes):
            return f"the words {words[:60]!r} are taken from no cited source"
    stated = _without_insertions(statement)
    if stated is None:
        return "a date in brackets does not follow from the date of its source"
    for m in QUOTATION.finditer(stated):
        if len(m[1]) > 12 and not any(m[1] in q for q in quotes) and not _in_notes(m[1], statement.support):
            return f"the words {m[1][:60]!r} are quoted and stand in no cited source"
    bare = _own_words(statement)
    allowed = _allowed(statement.support)
    for n in numerals(bare):
        if not _stands(n, allowed, bare):
            return f"the number {_as_signed(n, bare)!r} stands in none of its sources"
    return _place_fault(bare, statement.support) or _claim_fault(bare, statement.support, checker)


def _without_insertions(statement: DraftStatement) -> str | None:
    """The statement without the dates put into its quotations; None where one of them is not what follows."""
    quoted = [s for s in statement.support if isinstance(s, Quote)]
    if not INSERTED.search(statement.text):
        return statement.text
    for m in QUOTATION.finditer(statement.text):
        if INSERTED.search(m[1]) and not any(m[1] == resolved(s.text, s.source.published) for s in quoted):
            return None
    return plain(statement.text)


def cells_of(support: Iterable[Support]) -> list[Cell]:
    """Every cell that a support stands on, those of its workings too."""
    return [c for s in support for c in ((s,) if isinstance(s, Cell) else s.inputs if isinstance(s, Derived) else ())]


def _own_words(statement: DraftStatement) -> str:
    """The statement without what it takes over whole: quotations, and the remarks and names of its cells.

    What is left is what the writer claims, and every number and place of it has to stand in a value.
    """
    text = QUOTATION.sub(lambda m: " " * len(m.group()), statement.text)
    whole: list[str] = []
    for c in cells_of(statement.support):
        m = c.measure
        whole += [c.figure.note.rstrip("."), m.definition, *m.caveats, *(said for _s, said in m.base_said)]
        whole += [m.name, m.short, m.denominator, m.denominator_short, m.unit]
    for s in statement.support:
        if isinstance(s, Direction):
            whole += [s.measure.name, s.measure.short]
        if isinstance(s, Derived):
            whole.append(s.formula)
    for taken in sorted({w for w in whole if w}, key=len, reverse=True):
        text = text.replace(taken, " " * len(taken))
    return text


def _in_notes(words: str, support: Iterable[Support]) -> bool:
    return any(
        words in c.figure.note or any(words in said for _s, said in c.measure.base_said) for c in cells_of(support)
    )


def _allowed(support: Iterable[Support]) -> set[Decimal]:
    """Every value that a statement with this support may print in its own words."""
    values: set[Decimal] = set()
    texts: list[str] = []
    for s in support:
        if isinstance(s, Quote):
            texts.append(s.text)
        if isinstance(s, Derived):
            values.add(s.value)
            texts.append(s.formula)
        if isinstance(s, Direction):
            values |= {Decimal(s.known.year), Decimal(s.measure.per)}
    for c in cells_of(support):
        values |= {c.figure.value, shown(c), Decimal(c.measure.per), Decimal(c.figure.year or 0)}
        texts += [c.measure.says]
    for text in texts:
        values |= {n.value for n in numerals(text)}
    return values


def _stands(n: Numeral, allowed: set[Decimal], text: str) -> bool:
    if n.value in allowed:
        return True
    # "lost 0.30": the sign is in the word, and _sign_fault holds word and cell to each other.
    return not n.signed and -n.value in allowed and speaks_of_flow(text)


def _place_fault(text: str, support: Iterable[Support]) -> str | None:
    """A place that none of the cells is about: the value of one country never speaks for another."""
    known = {c.figure.place for c in cells_of(support)}
    if not known:
        return None
    known |= {s.known.place for s in support if isinstance(s, Direction)}
    said = " ".join(c.measure.says for c in cells_of(support))
    known |= {m.code for m in gazetteer().find(said)}
    for m in gazetteer().find(text):
        if not m.group and m.code not in known:
            return f"{gazetteer().title(m.code)} is named, and no cell is about it"
    return None


def shown(cell: Cell) -> Decimal:
    """The value as a sentence shows it: rounded half to even where the measure says so."""
    value, places = cell.figure.value, cell.measure.decimals
    if places is None or -int(value.as_tuple().exponent) <= places:
        return value
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def _claim_fault(text: str, support: Sequence[Support], checker: Checker | None) -> str | None:
    """A value, a comparison or a direction that is not so in the cells cited: the claims engine over those alone."""
    cells = [c for c in cells_of(support) if c.measure.id in _known_measures(checker)]
    if not cells or not any(ch.isdigit() for ch in text):
        return None
    text = _WORKED.sub(lambda m: " " * len(m.group()), text)  # a working is cited whole
    figures = list(dict.fromkeys(c.figure for c in cells))
    known = [s.known for s in support if isinstance(s, Direction)]
    worked = {abs(s.value) for s in support if isinstance(s, Derived)}
    for v in (checker or bundled_checker()).against(text, figures, known):
        claim = v.claim
        if v.outcome != "contradicted" or claim.frame.kind not in _HELD or claim.value in worked:
            continue
        if v.fault in ("sign", "direction") and v.right and claim.frame.kind in ("value", "direction"):
            return f"the words say {'loss' if v.right.value > 0 else 'gain'} and the value is {v.right.value}"
        if claim.frame.kind == "moved" and all(c.measure.kind == "rank" for c in cells):
            continue  # "the rank rose from 36 to 43": the number did, which the two cells bear out
        right = f"; it is {v.right.value}" if v.right and claim.value is not None else ""
        return f"{claim.text!r} has the wrong {v.fault}{right}"
    return None


def _known_measures(checker: Checker | None) -> Collection[str]:
    return (checker or bundled_checker()).table.measures
