"""Proof of what a model wrote: each statement stands in evidence of this very answer, or its reason is told.

A sentence about figures passes the check of every writer (`verify.fault`), then a narrower one: the claims
engine has to bear out each claim from the cells that are cited, leave no word unread, and find no word in it
that evidence or a short list does not know. What a document says is shown in the document's words only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.check import Checker
from assistant.ledger import Held
from assistant.likeness import content_words, stem
from assistant.numerals import numerals
from assistant.types import Derived, Direction, DraftStatement, Hit, Quote, Support
from assistant.verify import QUOTATION, cells_of, fault, quote
from corpus.errors import Unsupported

# The words in which figures may be told, beside those of their measures, places and sources.
_TOLD = frozenset(stem(w) for w in content_words(
    "according against ahead ai-skilled amount amounted apart balance base between both came change changed compare "
    "compared comparison contrast counted country countries decline declined decrease decreased difference difference "
    "fall fell figure figures first flow gain gained gap gave given high higher highest inflow increase increased "
    "last level lead led least loss lose lost low lower lowest measured members most negative net next number "
    "only outflow outflows people per percent point points positive print printed rank ranked rate "
    "rise risen rose saw second series shows showed source stand stood third talent total value versus was were while "
    "whereas working worked year years respectively place places minus plus times"
))  # fmt: skip
_CAUSAL = re.compile(
    r"\b(?:because|due|owing|thanks|hence|therefore|thus|since its|driven|caused|will|would|should|must|may|might|"
    r"could|if|unless|not|never|no longer|allegedly|nobody|deny|denies|denied|hoax|fake|secretly)\b|n['\u2019]t\b",
    re.I,
)
_ATTRIBUTES = frozenset(stem(w) for w in content_words(
    "according article brief document footnote note notes put puts report reports reported said say says source state "
    "states stated text word words wording writes wrote describes described explains explained also adds added"
))  # fmt: skip
_SHORTEST = 12  # characters of a quotation: less is in any text


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as a model gave it."""

    text: str
    evidence: tuple[str, ...]
    quotation: str = ""


_KINDS = (
    ("was not given", "evidence that was not given"),
    ("cites nothing", "no evidence"), ("quot", "words that no source has"),
    ("words", "words that no source has"), ("number", "a number that its sources do not have"),
    ("borne out", "a claim that its figures do not bear out"), ("wrong", "a claim that its figures contradict"),
    ("words say", "a claim that its figures contradict"), ("no cell", "a place that its figures are not about"),
)  # fmt: skip


def kind(reason: str) -> str:
    """What was wrong in our words alone: a reason may repeat the model's, and an answer must not."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "", reason)
    return next((said for part, said in _KINDS if part in plain), "more than its evidence says")


Sentences = Callable[[str], Sequence[tuple[int, int]]]


class Prover:
    """Proves statements of one answer; `said` are the composed sentences, whose words count as known."""

    def __init__(
        self, held: dict[str, Held], checker: Checker, text_of: Callable[[str], str], sentences: Sentences,
        said: Sequence[DraftStatement],
    ) -> None:  # fmt: skip
        self._held, self._checker, self._text_of, self._sentences = held, checker, text_of, sentences
        self._said = {s.text: s for s in said}

    def prove(self, w: Written) -> DraftStatement | str:
        """The statement with its support, or why it has none."""
        if not w.text.strip():
            return "it is empty"
        unknown = [e for e in w.evidence if e not in self._held]
        if unknown or not w.evidence:
            return f"the evidence {', '.join(unknown)} was not given in this answer" if unknown else "it cites nothing"
        items = [self._held[e] for e in dict.fromkeys(w.evidence)]
        hits = [i for i in items if isinstance(i, Hit)]
        support: list[Support] = [i for i in items if not isinstance(i, Hit)]
        text = " ".join(w.text.split())
        same = self._said.get(text)
        if same is not None and (not support or set(support) & set(same.support)):
            return same
        quoted = [q for q in (w.quotation.strip('\u201c\u201d" \n'), *(m[1] for m in QUOTATION.finditer(text))) if q]
        found = [self._found(q, hits) for q in quoted]
        if None in found:
            missing = quoted[found.index(None)]
            return f"the words {missing[:60]!r} stand in no passage that it cites; copy whole sentences"
        quotes = [*dict.fromkeys(f for f in found if f is not None)]
        if not support:
            return self._of_document(text, quotes, hits)
        made = DraftStatement(text, (*support, *quotes))
        return fault(made, self._text_of, self._checker) or self._figures_fault(text, support, quotes) or made

    def shown(self, w: Written) -> DraftStatement | None:
        """What a statement that fails may still show: the sentence of the document that it quotes."""
        hits = [h for e in w.evidence if isinstance(h := self._held.get(e), Hit)]
        found = self._found(w.quotation.strip('\u201c\u201d" \n'), hits)
        return _quoted(found) if found else None

    # -- documents -------------------------------------------------------------------------------

    def _of_document(self, text: str, quotes: list[Quote], hits: list[Hit]) -> DraftStatement | str:
        """Words of a document as a quotation: the sentence itself, with the model's attribution at most."""
        if not quotes:
            alone = self._found(text, hits)
            return _quoted(alone) if alone else "what a document says has to be quoted word for word"
        own = QUOTATION.sub(" ", text)
        if own == text:  # it gives the quotation apart: shown where the text says the same and nothing else
            return _quoted(quotes[0]) if _within(text, quotes) else "its words are not those of the quotation"
        for q in quotes:
            titles = f"{q.source.title} {q.source.publisher} {q.source.published}"
            if numerals(own) or not _known(own, _ATTRIBUTES | _stems([titles])) or _CAUSAL.search(own):
                return "the words around the quotation say more than who is quoted"
        made = DraftStatement(_whole(text, quotes), tuple(quotes), quoted=True)
        return fault(made, self._text_of, self._checker) or made

    def _found(self, words: str, hits: Iterable[Hit]) -> Quote | None:
        """The whole sentences of a cited passage that hold these words."""
        parts = words.split()
        if len(words) < _SHORTEST or len(parts) < 3:
            return None
        pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, parts)) + r"(?!\w)")
        for h in hits:
            m = pattern.search(h.passage.text)
            if not m:
                continue
            start, end = m.start() + h.passage.start, m.end() + h.passage.start
            spans = [(a, b) for a, b in self._sentences(h.passage.id) if a < end and start < b]
            try:  # a quotation cut from its sentence can turn it round: the sentence is whole
                if spans:
                    return quote(h.source, h.passage, spans[0][0], spans[-1][1])
            except Unsupported:
                continue
        return None

    # -- figures ---------------------------------------------------------------------------------

    def _figures_fault(self, text: str, support: Sequence[Support], quotes: Sequence[Quote]) -> str | None:
        own = QUOTATION.sub(" ", text)
        cells = cells_of(support)
        if m := _CAUSAL.search(own):
            return f"{m.group()!r} says more than the figures do"
        known = _TOLD | _stems(_words_of(support)) | _stems(s.text for s in self._said.values())
        if odd := _unknown(own, known):
            return f"the word {odd!r} stands in none of its evidence"
        figures = [*dict.fromkeys(c.figure for c in cells)]
        directions = [s.known for s in support if isinstance(s, Direction)]
        bare = own
        for s in support:
            if isinstance(s, Derived):
                bare = _worked(s).sub(" ", bare).replace(f"({s.formula})", " ").replace(s.formula, " ")
        worked = {abs(s.value) for s in support if isinstance(s, Derived)}
        named = bare
        for name in sorted({n for c in cells for n in (c.measure.name, c.measure.short)}, key=len, reverse=True):
            named = named.replace(name, " " * len(name))  # "top 15" is the name of a series and no claim
        held = self._checker.against(named, figures, directions)
        whole = self._checker.verdicts(bare)
        # "most" and "9th of 61" are of the whole table, of which a sentence cites a few cells
        ranked = {(v.claim.start, v.claim.end) for v in whole if v.outcome == "supported"}
        for v in held:
            elsewhere = v.claim.frame.kind != "value" and (v.claim.start, v.claim.end) in ranked
            if v.outcome != "supported" and v.claim.value not in worked and not elsewhere:
                return f"{v.claim.text!r} is not borne out by the figures that it cites"
        for v in whole:
            if v.outcome == "contradicted" or v.outcome == "not_read":
                return f"{v.claim.text!r} has the wrong {v.fault}" if v.fault else f"{v.claim.text!r} says too much"
        if not any(v.outcome == "supported" for v in held):
            return "no figure that it cites bears it out; say place, year and value"
        return None


def _worked(d: Derived) -> re.Pattern[str]:
    """A working's result before the working itself: "a difference of 0.84 between Japan and South Korea (0.54 - ...)".

    The engine reads it by its words; here the formula, which code wrote, stands right behind it.
    """
    sign = "[+]" if d.value > 0 else "[-\u2212]"
    whole, _, rest = format(abs(d.value), "f").partition(".")
    amount = f"{int(whole):,}" + (f"[.]{rest}" if rest else "")
    names = [*dict.fromkeys(re.escape(c.place_name) for c in d.inputs)]
    pairs = "|".join(f" between {a} and {b}" for a in names for b in names if a != b)
    plus = "[+]?" if d.value > 0 else ""
    result = rf"(?:a (?:difference|change) of {plus}|: {sign}){amount}(?: points)?(?:{pairs})?"
    return re.compile(rf"{result} \({re.escape(d.formula)}\)")


def _words_of(support: Sequence[Support]) -> list[str]:
    """The texts of cells and directions in whose words a sentence may speak of them."""
    texts: list[str] = []
    for c in cells_of(support):
        m, s = c.measure, c.source
        texts += [m.name, m.short, m.unit, m.denominator, m.says, m.edition, c.place_name, s.title, s.publisher]
    for d in support:
        if isinstance(d, Direction):
            texts += [d.place_name, d.measure.name, d.measure.short, d.measure.denominator, d.known.direction]
    return texts


def _stems(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(w) for t in texts for w in content_words(t))


def _unknown(text: str, known: frozenset[str]) -> str:
    return next((w for w in content_words(text) if stem(w) not in known and not any(c.isdigit() for c in w)), "")


def _known(text: str, known: frozenset[str]) -> bool:
    return not _unknown(text, known)


def _within(text: str, quotes: Sequence[Quote]) -> bool:
    return _known(text, _stems(q.text for q in quotes))


def _quoted(q: Quote) -> DraftStatement:
    """The quotation alone, which is all that is shown of a document."""
    return DraftStatement(
        f"\u201c{q.text}\u201d", (q,), quoted=True, lead_in=f"{q.source.publisher or q.source.title}:"
    )


def _whole(text: str, quotes: Sequence[Quote]) -> str:
    """The text with each quotation grown to the sentences that it was taken from."""

    def grown(m: re.Match[str]) -> str:
        return next(
            (f"\u201c{q.text}\u201d" for q in quotes if " ".join(m[1].split()) in " ".join(q.text.split())), m[0]
        )

    return QUOTATION.sub(grown, text)
