"""Documents on their way from a browser into the library: received, read, proposed, and added when the reader says so.

What is held is in files without a name (`tempfile.TemporaryFile`), which no other program can open and which are
gone with this process however it ends. One document at a time is read or added, in a process beside this one.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from corpus.errors import BadInput, FootnoteError
from corpus.settings import Settings
from ingest.read.worker import end, send
from ui.dates import is_date
from ui.markup import visible

HELD = 20  # documents at a time
HELD_BYTES = 300_000_000
KEPT = 1800.0  # seconds that a document waits for its reader
IDLE = 60.0  # seconds that a process waits for the next one: it holds the encoder, which takes seconds to load
LONGEST_NAME = 150  # characters
GIVEN = ("title", "publisher", "published")  # what a reader can correct
ENDED = frozenset({"added", "refused"})
BROKEN = "its reading or adding was interrupted; send it again"


@dataclass(slots=True)
class Upload:
    """A document that was sent, and how far it is."""

    id: str
    name: str
    held: IO[bytes]
    size: int = 0
    state: str = "receiving"  # waiting, reading, locked, proposed, adding, added, refused
    about: dict[str, Any] = field(default_factory=dict)
    password: str = ""
    touched: float = field(default_factory=time.monotonic)

    def told(self) -> dict[str, Any]:
        """What the page is told."""
        return {"id": self.id, "name": self.name, "state": self.state, **self.about}


class Uploads:
    """All that are on their way; safe from any thread. `settings` waits until there is a library."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._held: dict[str, Upload] = {}
        self._lock = threading.Lock()
        self._one = ThreadPoolExecutor(1, thread_name_prefix="uploads")
        self._process: subprocess.Popen[bytes] | None = None
        self._last = 0.0  # when it was last asked
        atexit.register(self.close)

    async def receive(self, said: str, announced: int, body: AsyncIterator[bytes]) -> Upload:
        """Take a document in; raises BadInput or TooMuch with the reason."""
        from ingest.read import admit

        name = named(said)
        admit(name, announced)
        upload = self._new(name, announced)
        try:
            async for piece in body:
                upload.size += len(piece)
                admit(name, upload.size)
                self._room(name, len(self._held) > HELD)
                upload.held.write(piece)
            if not upload.size:
                raise BadInput(f"{name}: the file is empty; choose another")
        except BaseException:
            self.drop(upload.id)
            raise
        self._start(upload, "propose", "reading")
        return upload

    def find(self, id: str) -> Upload:
        """An upload by its id; raises BadInput."""
        with self._lock:
            found = self._held.get(id)
        if found is None:
            raise BadInput("this document is not held any more; send it again")
        found.touched = time.monotonic()
        return found

    def unlock(self, id: str, password: str) -> Upload:
        """Read an encrypted document again with a password."""
        upload = self.find(id)
        if upload.state == "locked":
            upload.password = password[:200]
            self._start(upload, "propose", "reading")
        return upload

    def add(self, id: str, given: Mapping[str, Any]) -> Upload:
        """Add a document that was proposed; `given` corrects what was found in it. Raises BadInput."""
        upload = self.find(id)
        said = {k: " ".join(visible(str(given.get(k) or "")).split())[:300] for k in GIVEN}
        if (date := said["published"]) and not is_date(date):
            raise BadInput(f"{date!r} is no date; write it like 2025-01-02, 2025-01 or 2025")
        if upload.state == "proposed":
            found = upload.about["found"]
            changed = {k: v for k, v in said.items() if v and v != found[k]}
            self._start(upload, "add", "adding", changed)
        return upload

    def drop(self, id: str) -> None:
        """Forget a document; one that is being added goes in all the same."""
        with self._lock:
            found = self._held.pop(id, None)
        if found is not None and found.state != "adding":
            found.held.close()

    def sweep(self) -> None:
        """Forget the documents that nobody has asked for in half an hour."""
        with self._lock:
            old = [u.id for u in self._held.values() if u.state != "adding" and time.monotonic() - u.touched > KEPT]
        for id in old:
            self.drop(id)

    def close(self) -> None:
        """End what is going on and give everything back."""
        self._one.shutdown(wait=False, cancel_futures=True)
        self._end()
        for id in list(self._held):
            self.drop(id)

    def _new(self, name: str, announced: int) -> Upload:
        self.sweep()
        with self._lock:
            ended = [u.id for u in self._held.values() if u.state in ENDED]
        for id in ended[: max(len(self._held) - HELD + 1, 0)]:
            self.drop(id)
        self._room(name, len(self._held) >= HELD, announced)
        upload = Upload(secrets.token_urlsafe(16), name, tempfile.TemporaryFile())
        with self._lock:
            self._held[upload.id] = upload
        timer = threading.Timer(KEPT + 1, self.sweep)
        timer.daemon = True
        timer.start()
        return upload

    def _room(self, name: str, full: bool, more: int = 0) -> None:
        with self._lock:
            held = sum(u.size for u in self._held.values() if u.state not in ENDED)
        if full or held + more > HELD_BYTES:
            raise BadInput(f"{name}: too many documents wait to be added; add or leave out some of them first")

    def _start(self, upload: Upload, do: str, state: str, given: Mapping[str, str] | None = None) -> None:
        upload.state = "waiting"
        upload.about = {"found": upload.about["found"]} if "found" in upload.about else {}
        self._one.submit(self._run, upload, do, state, dict(given or {}))

    def _run(self, upload: Upload, do: str, state: str, given: dict[str, str]) -> None:
        try:
            upload.held.seek(0)
            upload.state = state
            settings = self._settings()
            asked = {"do": do, "settings": asdict(settings), "name": upload.name, "given": given,
                     "password": upload.password}  # fmt: skip
            settle(upload, self._answer(upload, json.dumps(asked).encode(), upload.held.read()))
        except FootnoteError as error:
            settle(upload, {"error": str(error), "kind": ""})
        except (OSError, ValueError, KeyError):  # a process that ended, or a file that was given back
            settle(upload, {"error": f"{upload.name}: {BROKEN}", "kind": ""})

    def _answer(self, upload: Upload, asked: bytes, data: bytes) -> dict[str, Any]:
        """What a process says last of a document; the lines before it are how far it is. Empty where it ended."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            send(process.stdin, asked)
            send(process.stdin, data)
        for line in process.stdout:
            said: dict[str, Any] = json.loads(line)
            if "done" not in said:
                self._last = time.monotonic()
                timer = threading.Timer(IDLE + 1, self._later)
                timer.daemon = True
                timer.start()
                return said
            upload.about = {**upload.about, "done": said["done"], "total": said["total"]}
        self._end()
        return {}

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONWARNINGS": "ignore"}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest.upload"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env=env,
            )  # fmt: skip
        return self._process

    def _later(self) -> None:
        with suppress(RuntimeError):  # closed meanwhile
            self._one.submit(self._rest)

    def _rest(self) -> None:
        """End a process that has had nothing to do for a while."""
        if time.monotonic() - self._last >= IDLE:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process)


def settle(upload: Upload, last: Mapping[str, Any]) -> None:
    """What a process said last becomes the upload's state."""
    if "proposal" in last:
        found = dict(last["proposal"])
        source = found.pop("source")
        found |= {k: source[k] for k in (*GIVEN, "language")}
        upload.about, upload.state = {"found": found}, "proposed"
        return
    if "entry" in last:
        upload.about, upload.state = {**upload.about, "entry": last["entry"]}, "added"
    elif last.get("kind") == "Locked" and upload.name.lower().endswith(".pdf"):
        wrong = "That password does not open it." if upload.password else "It is encrypted."
        upload.about, upload.state = {"error": f"{wrong} Type its password, or save it without one."}, "locked"
        return
    else:
        reason = str(last.get("error") or f"{upload.name}: {BROKEN}")
        upload.about, upload.state = {"error": reason.removeprefix(f"{upload.name}: ")}, "refused"
    upload.held.close()


def named(said: str) -> str:
    """A file's name as it is shown: what follows the last slash, without what a screen would obey."""
    name = " ".join(visible(said.replace("\\", "/").rpartition("/")[2]).split())
    if len(name) > LONGEST_NAME:
        stem, _, suffix = name.rpartition(".")
        name = f"{stem[: LONGEST_NAME - len(suffix[:10]) - 1]}.{suffix[:10]}"
    if not name.strip(". "):
        raise BadInput("the file has no name; give it one")
    return name
