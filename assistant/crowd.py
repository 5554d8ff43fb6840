"""Many askers at once: a process a core, since one process runs one thread of Python's own code at a time.

Each process opens the library by itself: what is large in it is mapped from disk and shared. `ask` may be called
from any number of threads, and follows changes to the library as an `Assistant` does.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process

from assistant.chain import Assistant
from assistant.events import Event
from assistant.types import Answer
from corpus.encoder import BundledEncoder
from corpus.settings import Settings

SEVERAL = 3  # questions at once from which processes pay: each takes a second to open and some 200 MB
log = logging.getLogger(__name__)
_held: list[Assistant] = []  # of a process of the crowd: its own


class Crowd:
    """Assistants over one library, in processes of their own, each opened when it is first needed."""

    def __init__(self, settings: Settings, processes: int | None = None) -> None:
        self.processes = processes or os.cpu_count() or 1
        # "spawn": an open library must not be forked, its database and index have threads and locks of their own
        self._pool = ProcessPoolExecutor(self.processes, get_context("spawn"), _open, (settings,))

    def ask(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Answer:
        """A checked answer, as `Assistant.ask` gives it."""
        return self.submit(question, history, model).result()

    def submit(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Future[Answer]:
        """The same, to come."""
        return self._pool.submit(_ask, question, tuple(history), model)

    def open(self) -> None:
        """Open every process, and wait until all are."""
        for opened in [self._pool.submit(_opened) for _ in range(self.processes)]:
            opened.result()

    def close(self) -> None:
        """End the processes when what was asked is answered."""
        self._pool.shutdown()


class Rush:
    """One assistant while few ask, and a crowd once several do; what an `Assistant` is to those who only ask.

    This process keeps a core, for what else it does with questions and answers: so on two cores there is no crowd.
    """

    def __init__(self, assistant: Assistant, processes: int | None = None) -> None:
        self.library = assistant.library
        self._assistant = assistant
        self._processes = processes or (os.cpu_count() or 1) - 1
        self._lock = threading.Lock()
        self._asking = 0
        self._opening: threading.Thread | None = None
        self._crowd: Crowd | None = None

    def stream(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Iterator[Event | Answer]:
        """The events of an answer and the answer last; in this process, since who waits for a model keeps no core."""
        return self._assistant.stream(question, history, model)

    def ask(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Answer:
        """A checked answer, as `Assistant.ask` gives it, from whoever gives it soonest."""
        with self._lock:
            self._asking += 1
            if self._asking >= SEVERAL and self._processes > 1 and self._opening is None:
                self._opening = threading.Thread(target=self._open, name="footnote-crowd", daemon=True)
                self._opening.start()
            crowd = self._crowd if self._asking > 1 else None
        try:
            if crowd is not None:
                try:
                    return crowd.ask(question, history, model)
                except BrokenExecutor as error:  # its processes were ended: out of memory, say
                    log.warning("the processes that answer are gone (%s); one answers from here on", error)
                    self._crowd = None
            return self._assistant.ask(question, history, model)
        finally:
            with self._lock:
                self._asking -= 1

    def close(self) -> None:
        """End the crowd, and give back what the library holds open."""
        if self._opening is not None:
            self._opening.join()
        if self._crowd is not None:
            self._crowd.close()
        self._assistant.close()

    def _open(self) -> None:
        crowd = Crowd(self.library.settings, self._processes)
        try:
            crowd.open()
        except BrokenExecutor as error:
            log.warning("no further processes could be opened (%s); one answers", error)
            return
        self._crowd = crowd


def _open(settings: Settings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal; who opened the crowd ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    assistant = Assistant.open(settings=settings)
    if isinstance(encoder := assistant.library.encoder, BundledEncoder):
        encoder.warm(threads=1).join()  # here it is certain that many questions come
    _held.append(assistant)


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for questions for ever."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(0)


def _opened() -> bool:
    return bool(_held)


def _ask(question: str, history: tuple[str, ...], model: str | None = None) -> Answer:
    return _held[0].ask(question, history, model)
