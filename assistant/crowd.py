"""Many askers at once: a process a core, since one process runs one thread of Python's own code at a time.

Each process opens the library by itself: what is large in it is mapped from disk and shared. `ask` may be called
from any number of threads, and follows changes to the library as an `Assistant` does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from assistant.chain import Assistant
from assistant.types import Answer
from corpus.settings import Settings

_held: list[Assistant] = []  # of a process of the crowd: its own


class Crowd:
    """Assistants over one library, in processes of their own, each opened when it is first needed."""

    def __init__(self, settings: Settings, processes: int | None = None) -> None:
        self.processes = processes or os.cpu_count() or 1
        # "spawn": an open library must not be forked, its database and index have threads and locks of their own
        self._pool = ProcessPoolExecutor(self.processes, get_context("spawn"), _open, (settings,))

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        """A checked answer, as `Assistant.ask` gives it."""
        return self.submit(question, history).result()

    def submit(self, question: str, history: Sequence[str] = ()) -> Future[Answer]:
        """The same, to come."""
        return self._pool.submit(_ask, question, tuple(history))

    def close(self) -> None:
        """End the processes when what was asked is answered."""
        self._pool.shutdown()


def _open(settings: Settings) -> None:
    _held.append(Assistant.open(settings=settings))


def _ask(question: str, history: tuple[str, ...]) -> Answer:
    return _held[0].ask(question, history)
