"""An assistant that is opened in the background, so that the page is up before the library is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Literal, Protocol

from assistant.events import Event
from assistant.types import Answer
from corpus.errors import LibraryError

PATIENCE = 600.0  # seconds: a first start reads the whole bundled corpus
State = Literal["opening", "ok", "failed"]
log = logging.getLogger(__name__)


class Asker(Protocol):
    """What the page needs of `assistant.chain.Assistant`."""

    library: Any

    def ask(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Answer:
        """The checked answer to a question after earlier ones; `model` "" is none, None that of the settings."""
        ...

    def stream(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Iterator[Event | Answer]:
        """What happens on the way, and the answer last."""
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


class Opening:
    """Runs `factory` once in a thread; everyone who asks for the result waits for that one run."""

    def __init__(self, factory: Callable[[], Asker]) -> None:
        self._factory = factory
        self._result: Future[Asker] = Future()
        self._thread = threading.Thread(target=self._open, name="opening", daemon=True)

    def start(self) -> Opening:
        """Begin; the thread does not keep the process alive."""
        self._thread.start()
        return self

    @property
    def state(self) -> State:
        """How far the opening is."""
        if not self._result.done():
            return "opening"
        return "failed" if self._result.exception() else "ok"

    @property
    def error(self) -> BaseException | None:
        """Why the assistant could not be opened."""
        return self._result.exception() if self._result.done() else None

    def get(self) -> Asker:
        """The open assistant; raises what the factory raised, or LibraryError after ten minutes."""
        try:
            return self._result.result(PATIENCE)
        except TimeoutError:
            raise LibraryError("the library is still being opened; ask again in a minute") from None

    def close(self) -> None:
        """Close the assistant, where it was opened."""
        if self.state == "ok":
            self._result.result().close()

    def _open(self) -> None:
        try:
            self._result.set_result(self._factory())
        except Exception as error:  # a thread has no caller: the error goes to whoever asks
            log.debug("opening failed", exc_info=True)
            self._result.set_exception(error)


def status(opening: Opening) -> tuple[int, Mapping[str, str]]:
    """The HTTP status and body that tell a watcher whether questions are answered yet."""
    return (200 if opening.state == "ok" else 503), {"status": opening.state}
