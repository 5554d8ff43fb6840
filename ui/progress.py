"""An answer of a language model while it comes: the step, and each sentence as unchecked, checked or withdrawn."""

from __future__ import annotations

from assistant.events import Checked, Event, Step, Unchecked, Withdrawn
from ui.markup import plain

_STEPS = {
    "read": "Reading the question",
    "gather": "Gathering figures and passages",
    "write": "The model writes",
    "check": "Checking each sentence",
    "repair": "Asking again for what did not pass",
    "tool": "Looking up",
}
_LOOK_UPS = {
    "search_passages": "Searching the documents",
    "figures": "Looking up figures",
    "describe_measure": "Reading a definition",
    "list_available": "Looking up what the library holds",
}
Said = Unchecked | Checked | Withdrawn


class Progress:
    """What has come so far of one answer; the Answer itself takes its place."""

    def __init__(self) -> None:
        self._step = ""
        self._said: dict[int, Said] = {}

    def take(self, event: Event) -> None:
        """One event more."""
        if isinstance(event, Step):
            self._step = _LOOK_UPS.get(event.detail, _STEPS["tool"]) if event.name == "tool" else _STEPS[event.name]
            return
        if isinstance(event, Unchecked):  # a reply that starts again takes back what came before
            self._said = {n: said for n, said in self._said.items() if n < event.number}
        self._said[event.number] = event

    def html(self) -> str:
        """The step, and the sentences so far."""
        lines = "".join(_line(self._said[n]) for n in sorted(self._said))
        return f'<div class="answer coming"><p class="step">{plain(self._step)}\u2026</p>{lines}</div>'

    def withdrawn(self) -> str:
        """What did not pass, to stand folded under the answer; "" where all passed."""
        gone = [said for _n, said in sorted(self._said.items()) if isinstance(said, Withdrawn)]
        if not gone:
            return ""
        count = "1 sentence" if len(gone) == 1 else f"{len(gone)} sentences"
        lines = "".join(_line(said) for said in gone)
        return f'<details class="withdrawn-all"><summary>{count} of the model withdrawn</summary>{lines}</details>'


def _line(said: Said) -> str:
    kind = type(said).__name__.lower()
    text = plain(said.text)
    if isinstance(said, Withdrawn):
        return f'<p class="{kind}"><s>{text}</s> <span class="state">Withdrawn: {plain(said.reason)}</span></p>'
    return f'<p class="{kind}">{text} <span class="state">{kind.capitalize()}</span></p>'
