"""What happens while an answer is made, for those who show it as it comes. The Answer itself comes last."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Step:
    """A step that has begun: what, and with which words."""

    name: Literal["read", "gather", "write", "tool", "check", "repair"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Text of a model as it came. Show it as unchecked: it may be withdrawn."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The statement of that number passed; the text is the one that the answer carries."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The statement of that number did not pass, and why; show it as withdrawn."""

    number: int
    text: str
    reason: str


Event = Step | Unchecked | Checked | Withdrawn


def event_dict(event: Event) -> dict[str, Any]:
    """An event as JSON, with its kind under "event"."""
    return {"event": type(event).__name__.lower(), **asdict(event)}
