"""What `footnote check` and `footnote conflicts` show: values in, text out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.conflicts import Conflict, Conflicts, Words
from assistant.judge import Outcome
from assistant.report import Checked
from assistant.types import Cell
from ui.footnotes import cited, footnote, line, told, value
from ui.markup import when

if TYPE_CHECKING:
    from corpus.library import Library
    from corpus.types import Source

SAYS: dict[Outcome, str] = {"supported": "supported", "contradicted": "wrong", "not_in_corpus": "not in the library"}
FAULTS = {
    "sign": "the sign", "place": "the place", "year": "the year", "value": "the value", "unit": "the unit",
    "base": "the base", "denominator": "the denominator", "rank": "the rank", "total": "the total",
    "comparison": "the comparison", "direction": "the direction", "edition": "the edition", "rounding": "the rounding",
}  # fmt: skip


def documents(library: Library, files: Sequence[str]) -> list[tuple[Source, str]]:
    """The files named, or every document of the library, each with its text; raises Unreadable."""
    from ingest.read import read

    if not files:
        return [(s, library.catalog.text(s.id)) for s in library.catalog.sources()]
    found = []
    for name in files:
        document = read(Path(name).read_bytes(), name)
        found.append((document.source, document.text))
    return found


def check_text(text: str, claims: Sequence[Checked]) -> str:
    """Each claim in its words with its verdict, then the footnotes and the count."""
    if not claims:
        return "No claim that a figure could bear out was found."
    parts = ["\n\n".join(claim_text(text, c) for c in claims)]
    cited = {c.marker: c for claim in claims for c in claim.citations}
    if cited:
        parts.append("\n".join(f"[{n}] {footnote(c, cited.values())}" for n, c in sorted(cited.items())))
    parts.append(count_text(claims))
    return "\n\n".join(parts)


def claim_text(text: str, claim: Checked) -> str:
    """A claim inside its words, the verdict, the fault, what is right, and the markers."""
    marks = "".join(f" [{c.marker}]" for c in claim.citations)
    verdict = SAYS[claim.verdict]
    if claim.fault:
        verdict = f"{verdict}: {FAULTS[claim.fault]}"
    right = f"\n    {line(claim.right)}{marks}" if claim.right else ""
    return f"{around(text, claim)}\n    {verdict}{'' if right else marks}{right}"


def around(text: str, claim: Checked, reach: int = 50) -> str:
    """The claim between marks, with the words before and after it."""
    low = max(text.rfind("\n", 0, claim.start) + 1, claim.start - reach)
    cut = text.find("\n", claim.end)
    high = min(len(text) if cut < 0 else cut, claim.end + reach)
    if low and text[low - 1] != "\n":
        low = text.find(" ", low, claim.start) + 1 or low
    if high < len(text) and text[high] != "\n":
        high = max(text.rfind(" ", claim.end, high), claim.end)
    head = "" if not low or text[low - 1] == "\n" else "... "
    tail = "" if high >= len(text) or text[high] == "\n" else " ..."
    return line(f"{head}{text[low : claim.start]}>{claim.text}<{text[claim.end : high]}{tail}")


def count_text(claims: Sequence[Checked]) -> str:
    """How many claims, and what became of them."""
    held = Counter(c.verdict for c in claims)
    parts = [f"{held[v]} {SAYS[v]}" for v in SAYS if held[v]]
    return f"{len(claims)} claim{'s' * (len(claims) != 1)}: {', '.join(parts)}."


def wrong_line(claims: Sequence[Checked]) -> str:
    """The line for standard error where a draft holds something wrong; empty where it does not."""
    wrong = [c for c in claims if c.verdict == "contradicted"]
    if not wrong:
        return ""
    first = wrong[0]
    some = "1 claim is" if len(wrong) == 1 else f"{len(wrong)} claims are"
    return (
        f"{some} contradicted, first {first.text!r} ({first.fault}); correct the draft, or name "
        f"the edition that it quotes"
    )


HEADS = {
    "direction": "The direction differs", "differs": "The value differs",
    "other edition": "The edition is another", "other year": "The year is another",
    "other denominator": "The base is another", "between documents": "Documents differ with each other",
}  # fmt: skip


def conflicts_text(report: Conflicts) -> str:
    """Every disagreement with both sides in their own words, by kind, and the counts."""
    parts = []
    for kind, head in HEADS.items():
        of = [c for c in report.entries if c.kind == kind]
        if of:
            parts.append(f"{head} ({len(of)})")
            parts += [conflict_text(c) for c in of]
    parts.append(tally(report))
    return "\n\n".join(parts)


def conflict_text(c: Conflict) -> str:
    """One disagreement: what it is about, the document's words, and what stands against them."""
    also = f" So in {len(c.also)} more document{'s' * (len(c.also) != 1)}." if c.also else ""
    note = f"\n    {line(c.note)}" if c.note else ""
    return f"{line(c.about)}: {line(c.said)}\n    {quoted(c.left)}{also}\n    {side(c.right)}{note}"


def side(right: Cell | Words) -> str:
    """What stands against a document: a cell of a table, or another document's words."""
    if isinstance(right, Words):
        return quoted(right)
    f = right.figure
    return (
        f"{right.measure.name}, {right.place_name}, {when(f.year)}: {value(right)} "
        f"({told(right.source.publisher, f.locator)})"
    )


def quoted(words: Words) -> str:
    """A sentence of a document, letter for letter but for its line breaks."""
    return f'"{line(words.text)}" ({cited(words.source) or words.source.id})'


def tally(report: Conflicts) -> str:
    """How many claims there were, and what became of them."""
    n = report.counts
    agree = f"{n['agrees']} claims agree with a table, {n['rounded']} agree when rounded"
    return (
        f"{len(report.entries)} disagreements. {agree}, {n['contradicted']} are contradicted, and "
        f"for {n['no data']} there is no figure."
    )
