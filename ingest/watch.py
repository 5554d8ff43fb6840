"""A folder that a library follows: files that come, change and go do so in the library too.

What has happened in between is found by looking, not by counting events: a look lists the folder and
compares it with what the library holds from there. So nothing is lost when events are, and what was
done while nobody watched is caught up with.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import FootnoteError, Unreadable
from corpus.library import Library, Progress
from ingest.build import Told, add_found
from ingest.gather import File, Root, described_by, inside, lies_in, listed
from ingest.read import Given

QUIET = 1.0  # seconds that a file has to be as it is before it is taken
_LOOK = 30.0  # seconds after which the folder is looked at without any event: network folders send none
_MOST = 256  # files taken at once: their sentences are embedded together, and others see them together
_Mark = tuple[tuple[int, int, int], ...]  # bytes, time of change and inode, of a file and of what describes it
_Files = dict[Path, tuple[str, _Mark]]  # with their locations


@dataclass(slots=True)
class Follower:
    """What one watch knows of a folder. One look after the other; the library is told of each change at once.

    What is in the folder, and what is gone from it, is found as `footnote add` finds it.
    """

    library: Library
    folder: Path
    given: Given = field(default_factory=Given)
    progress: Progress | None = None
    told: Told = lambda entry: None
    quiet: float = QUIET
    _seen: dict[Path, tuple[_Mark, float]] = field(default_factory=dict)  # how a file was, and since when
    _taken: dict[Path, tuple[_Mark, frozenset[str]]] = field(default_factory=dict)  # with the documents in it
    _away: dict[str, float] = field(default_factory=dict)  # locations where nothing is, and since when
    _held: tuple[int, int] | None = None  # device and inode of the folder when there was a file in it

    def look(self, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Bring the library to what the folder holds; True where something was not yet ready to be taken.

        Raises Unreadable where the folder itself is gone: its documents stay, it may only be unplugged.
        """
        now = time.monotonic()
        files = self._files()
        gone = self._gone(files, now)
        waiting = len(gone) < len(self._away)
        ready = []
        for path, (_location, mark) in files.items():
            before, since = self._seen.get(path, (None, now))
            self._seen[path] = (mark, since if mark == before else now)
            taken, ids = self._taken.get(path, (None, frozenset()))
            if taken == mark and ids.isdisjoint(gone.values()):  # a copy stands in for what is gone elsewhere
                continue
            if now - self._seen[path][1] < self.quiet or _being_written(path):
                waiting = True
            else:
                ready.append(path)
        for path in self._seen.keys() - files.keys():
            del self._seen[path]
            self._taken.pop(path, None)
        most = len(ready) if gone else _MOST  # what has moved is both gone and ready
        while (ready or gone) and not stopped():
            self._take(ready[:most], files, gone, stopped)
            ready, gone = ready[most:], {}
        return waiting

    def _take(self, paths: list[Path], files: _Files, gone: dict[str, str], stopped: Callable[[], bool]) -> None:
        found: list[tuple[Path, File]] = []
        roots: list[Root] = []
        for path in paths:
            for item in inside(self.folder, path, files[path][0]):
                if isinstance(item, Root):
                    roots.append(item)
                else:
                    found.append((path, item))
        report = add_found(
            self.library, [file for _path, file in found], roots, gone, self.given, self.progress,
            told=lambda entry: None if entry.outcome == "unchanged" else self.told(entry), stopped=stopped,
        )  # fmt: skip
        ids: dict[Path, set[str]] = {path: set() for path in paths}
        for (path, _file), entry in zip(found, report.entries, strict=False):  # then what was removed
            ids[path].add(entry.source_id)
        if not stopped():
            self._taken |= {path: (files[path][1], frozenset(ids[path])) for path in paths}

    def _gone(self, files: _Files, now: float) -> dict[str, str]:
        """Location and id of the documents whose file has not been there for a while."""
        about = self.folder.stat()
        identity = about.st_dev, about.st_ino
        if files:
            self._held = identity
        elif self._held != identity:  # nothing is left in it: a disk may be missing
            return {}
        present = {location for location, _mark in files.values()}
        located = self.library.catalog.located(str(self.folder) + os.sep)
        away = {at: id for at, id in located.items() if not lies_in(at, present)}
        self._away = {at: self._away.get(at, now) for at in away}
        return {at: away[at] for at, since in self._away.items() if now - since >= self.quiet}

    def _files(self) -> _Files:
        """The files that may be documents, as they are now."""
        if not self.folder.is_dir():
            raise Unreadable(f"{str(self.folder)!r} is not there any more; its documents stay in the library")
        try:
            paths = listed(self.folder)
        except OSError as error:
            why = f"cannot be read as a whole ({error.strerror})"
            raise Unreadable(f"{str(self.folder)!r} {why}; its documents stay in the library") from None
        found: _Files = {}
        for path, location in paths:
            with contextlib.suppress(FileNotFoundError):
                found[path] = location, _mark(path)
        return found


def _mark(path: Path) -> _Mark:
    """What changes with a file, or with the description of the figures in it."""
    about = [path.stat()]
    if (beside := described_by(path)) != path:
        with contextlib.suppress(FileNotFoundError):
            about.append(beside.stat())
    return tuple((a.st_size, a.st_mtime_ns, a.st_ino) for a in about)


def watch(follower: Follower, stop: threading.Event, failed: Callable[[FootnoteError], None]) -> None:
    """Follow a folder until `stop` is set; a document that is being taken then is taken whole.

    `failed` gets what may pass, such as another process that writes for long; anything else is raised.
    """
    from watchfiles import watch as changes

    steps = int(follower.quiet * 1000)
    waiting = True
    while not stop.is_set():
        try:
            waiting = follower.look(stop.is_set)
        except Unreadable:
            raise
        except FootnoteError as error:
            failed(error)
            waiting = True
        patience = steps if waiting else int(_LOOK * 1000)
        for _ in changes(
            follower.folder, stop_event=stop, rust_timeout=patience, yield_on_timeout=True, raise_interrupt=False,
            debounce=50, step=20,
        ):  # fmt: skip
            break  # whatever it was: one event or a thousand, the next look tells


def _being_written(path: Path) -> bool:
    """Whether a process of this machine has a file open for writing, where the system tells (Linux)."""
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        with path.open("rb") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)  # refused while anybody writes
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # no leases on this file system, or another user's file
        return False
    return False
