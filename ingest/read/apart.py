"""Reading in a process of its own, which can be stopped: no file hangs, fills the memory of, or ends ours."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from corpus import errors
from corpus.errors import FootnoteError, TooMuch, Unreadable
from corpus.types import Document
from ingest.read import admit
from ingest.read.carry import unpacked
from ingest.read.limits import LIMITS, Limits
from ingest.read.worker import end, receive, send

_MOST_FILES = 200  # files that one process reads, since libraries keep what they have seen
_MOST_BYTES = 20_000_000  # and bytes
_STARTING = 120.0  # seconds that a process may take to start on a busy machine
_KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR")  # of the environment; keys and tokens stay here


class Worker:
    """A reader's process, started when it is first asked and anew after it was stopped. Safe from any thread."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._files = self._bytes = 0

    def read(self, data: bytes, name: str, password: str = "") -> Document:
        """The document in these bytes.

        Raises Unreadable with the reason, TooMuch where reading takes more time or memory than the limits.
        """
        admit(name, len(data))
        with self._lock:
            raw = self._ask(data, name, password)
            self._files += 1
            self._bytes += len(data)
            if self._files >= _MOST_FILES or self._bytes >= _MOST_BYTES:
                self._stop()
        if raw.startswith(b"+"):
            try:
                return unpacked(raw[1:])
            except (ValueError, KeyError, TypeError) as error:
                raise Unreadable(f"{name}: its reader gave no document ({error}); report the file") from None
        kind, says = json.loads(raw[1:])
        found = getattr(errors, str(kind), Unreadable)
        raise found(says) if isinstance(found, type) and issubclass(found, FootnoteError) else Unreadable(says)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def _ask(self, data: bytes, name: str, password: str) -> bytes:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(self.limits.seconds, stop)
        clock.daemon = True
        clock.start()
        raw: bytes | None = None
        try:
            send(process.stdin, json.dumps({"name": name, "password": password}).encode())
            send(process.stdin, data)
            raw = receive(process.stdout)
        except (BrokenPipeError, OSError):
            raw = None
        finally:
            clock.cancel()
        if raw is not None and not late.is_set():
            return raw
        self._stop()
        if late.is_set():
            raise TooMuch(f"{name}: reading it takes more than {self.limits.seconds:g} seconds; split the document")
        raise TooMuch(
            f"{name}: its reader ended ({process.returncode}): a broken file, or one that takes more memory than "
            f"{self.limits.memory // 1_000_000:,} MB; save it again or split it"
        )

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            env = {k: v for k, v in os.environ.items() if k in _KEPT}
            env |= {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1",
                    "PYTHONWARNINGS": "ignore"}  # fmt: skip
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest.read.worker", str(self.limits.memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=env, cwd="/" if os.name == "posix" else None,
            )  # fmt: skip
            self._files = self._bytes = 0
            assert self._process.stdout is not None
            clock = threading.Timer(_STARTING, self._process.kill)
            clock.start()
            ready = receive(self._process.stdout)
            clock.cancel()
            if ready is None:
                self._stop()
                raise FootnoteError(
                    f"the process that reads documents did not start in {_STARTING:g} seconds; try again"
                )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process)


_worker = Worker()
atexit.register(_worker.close)


def read_apart(data: bytes, name: str, password: str = "") -> Document:
    """The document in these bytes, read in a process that is stopped at the limits; raises Unreadable."""
    return _worker.read(data, name, password)
