"""The writer with a language model: its words, our proof, and the composed draft wherever a word is not proven."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant import prompts
from assistant.check import Checker
from assistant.events import Checked, Event, Step, Withdrawn
from assistant.ledger import Ledger, LookUps
from assistant.likeness import stems_of
from assistant.numerals import numerals
from assistant.proof import Prover, Written, kind
from assistant.types import Draft, DraftStatement, Evidence, Hit, Question, Quote, Writer
from corpus.errors import ModelUnavailable
from corpus.library import Library
from corpus.places import Gazetteer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_SAME = 0.8  # share of a composed sentence's words that make it said already


class FluentWriter:
    """Behind the protocol of the composing writer, and with one inside: it falls back on that draft."""

    def __init__(
        self,
        name: str,
        model: BaseChatModel,
        composer: Writer,
        library: Library,
        checker: Checker,
        places: Gazetteer,
        read: Callable[[str], Question],
        gather: Callable[[Question], Evidence],
        search: Callable[..., list[Hit]],
        history: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._model, self._composer, self._library, self._checker = model, composer, library, checker
        self._places, self._read, self._gather, self._search = places, read, gather, search
        self._history = history

    def write(self, question: Question, evidence: Evidence) -> Draft:
        """The draft, without its events."""
        events = self.events(question, evidence)
        while True:
            try:
                next(events)
            except StopIteration as end:
                draft: Draft = end.value
                return draft

    def events(self, question: Question, evidence: Evidence) -> Generator[Event, None, Draft]:
        """The draft with what happens on the way. A refusal stands: no model is asked to argue it away."""
        base = self._composer.write(question, evidence)
        if base.status == "not_found" or not base.statements:
            self.name = self._composer.name
            return base
        ledger = Ledger()
        shown = ledger.add(_with_quoted(evidence, base, self._library))
        looks = LookUps(ledger, self._library, self._places, self._read, self._gather, self._search)
        from assistant.generate import Session

        session = Session(self._model, looks.all(), self._library.settings, tools=True)
        prover = Prover(ledger.held, self._checker, self._library.catalog.text, self._spans, base.statements)
        yield Step("write")
        shown_to: list[str] = []
        try:
            asked = prompts.asking(question.standalone, self._history, shown)
            written = yield from _noted(session.run(asked), shown_to)
        except ModelUnavailable as error:
            for n, text in enumerate(shown_to):
                yield Withdrawn(n, text, "the model did not finish")
            self.name = self._composer.name
            return replace(base, notes=(*base.notes, f"Composed without the model: {error}."))
        return (yield from self._proven(base, written, session, prover))

    def _proven(
        self, base: Draft, written: list[Written], session: Any, prover: Prover
    ) -> Generator[Event, None, Draft]:
        """What passes, a second try for what does not, and the composed sentences that are left to say."""
        yield Step("check")
        kept: list[DraftStatement] = []
        failed: list[tuple[Written, str]] = []
        for n, w in enumerate(written):
            result = prover.prove(w)
            if isinstance(result, str):
                failed.append((w, result))
                yield Withdrawn(n, w.text, result)
            else:
                kept.append(result)
                yield Checked(n, result.text)
        dropped: list[tuple[Written, str]] = failed
        if failed:
            yield Step("repair", f"{len(failed)}")
            try:
                again: list[Written] = yield from _unseen(session.run(prompts.repair([(w.text, r) for w, r in failed])))
            except ModelUnavailable:
                again = []
            number = len(written)
            right = 0
            for w in again[: len(failed)]:
                result = prover.prove(w)
                if isinstance(result, str):
                    result = prover.shown(w) or result
                if not isinstance(result, str):
                    kept.append(result)
                    yield Checked(number + right, result.text)
                    right += 1
            dropped = failed[right:]
        kept = [*{s.text: s for s in kept}.values()]
        notes = base.notes
        if dropped:
            reasons = ", ".join(dict.fromkeys(kind(r) for _w, r in dropped))
            some = "1 sentence" if len(dropped) == 1 else f"{len(dropped)} sentences"
            notes = (*notes, f"{some} of the model did not pass the check and left the answer: {reasons}.")
        if not kept:
            self.name = self._composer.name
            return replace(base, notes=notes, failed=len(dropped))
        return replace(base, statements=_merged(kept, base.statements), notes=notes, failed=len(dropped))

    def _spans(self, passage: str) -> Sequence[tuple[int, int]]:
        found = self._library.catalog.passages([passage])
        return found[passage][1] if passage in found else ()


def _with_quoted(evidence: Evidence, base: Draft, library: Library) -> Evidence:
    """The evidence with the passages that the composed draft quotes, which come first."""
    quotes = [s for d in base.statements for s in d.support if isinstance(s, Quote)]
    held = {h.passage.id: h for h in evidence.hits}
    found = library.catalog.passages([*dict.fromkeys(q.passage_id for q in quotes)])
    first = {
        q.passage_id: held.get(q.passage_id) or Hit(found[q.passage_id][0], q.source, 1.0)
        for q in quotes
        if q.passage_id in found
    }
    return replace(evidence, hits=tuple({**first, **held}.values()))


def _merged(kept: list[DraftStatement], composed: Sequence[DraftStatement]) -> tuple[DraftStatement, ...]:
    """The model's sentences, then the composed ones that they do not say: bases, other editions, warnings.

    The first composed sentence answers the question. Where nothing of the model's stands on what it stands
    on, it leads.
    """
    first = composed[0]
    if any(s.quoted for s in composed) and not any(not isinstance(x, Quote) for s in composed for x in s.support):
        cited = {(q.source.id, q.start) for s in kept for q in s.support if isinstance(q, Quote)}
        own = {(q.source.id, q.start) for s in composed for q in s.support if isinstance(q, Quote)}
        return tuple(kept) if cited & own else (first, *(s for s in kept if s.text != first.text))
    support = {x for s in kept for x in s.support}
    values = {abs(n.value) for s in kept for n in numerals(s.text)}
    main = {x for x in first.support if not isinstance(x, Quote)}
    said = main <= support and {abs(n.value) for n in numerals(first.text)} <= values
    words = frozenset().union(*(stems_of(s.text) for s in kept))
    texts = {s.text for s in kept}
    rest = [s for s in composed[1:] if s.text not in texts and not _told(s, words, support)]
    lead = [] if said or first.text in texts else [first]
    return (*lead, *kept, *rest)


def _told(s: DraftStatement, words: frozenset[str], support: set[Any]) -> bool:
    own = stems_of(s.text)
    return bool(own) and len(own & words) / len(own) >= _SAME and set(s.support) <= support


def _noted(events: Any, shown: list[str]) -> Generator[Event, None, list[Written]]:
    """The events as they are, with the text that was shown kept, to withdraw it where the rest does not come."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            value: list[Written] = end.value
            return value
        if hasattr(event, "number"):
            shown[event.number :] = [event.text]
        yield event


def _unseen(events: Any) -> Generator[Event, None, list[Written]]:
    """The value of a second try, whose text is shown only once it is checked."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            value: list[Written] = end.value
            return value
        if isinstance(event, Step):
            yield event
