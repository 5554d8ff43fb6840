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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import FootnoteError, Unreadable
from corpus.library import Library, Progress
from ingest.build import Entry, Told, add_sources, remove_source
from ingest.read import Given, suffixes

QUIET = 1.0  # seconds that a file has to be as it is before it is taken
_LOOK = 30.0  # seconds after which the folder is looked at without any event: network folders send none
_Mark = tuple[int, int, int]  # bytes, time of change and inode of a file


@dataclass(slots=True)
class Follower:
    """What one watch knows of a folder. One look after the other; the library is told of each change at once."""

    library: Library
    folder: Path
    given: Given = field(default_factory=Given)
    progress: Progress | None = None
    told: Told = lambda entry: None
    quiet: float = QUIET
    _seen: dict[Path, tuple[_Mark, float]] = field(default_factory=dict)  # how a file was, and since when
    _taken: dict[Path, _Mark] = field(default_factory=dict)

    def look(self, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Bring the library to what the folder holds; True where a file was not yet ready to be taken.

        Raises Unreadable where the folder itself is gone: its documents stay, it may only be unplugged.
        """
        now = time.monotonic()
        found = dict(self._files())
        waiting = False
        for path, mark in found.items():
            if stopped():
                return False
            before, since = self._seen.get(path, (None, now))
            self._seen[path] = (mark, since if mark == before else now)
            if self._taken.get(path) == mark:
                continue
            if now - self._seen[path][1] < self.quiet or _being_written(path):
                waiting = True
                continue
            for entry in add_sources(self.library, [path], self.given, self.progress).entries:
                if entry.outcome != "unchanged":
                    self.told(entry)
            self._taken[path] = mark
        self._remove_gone(set(found), stopped)
        return waiting

    def _remove_gone(self, found: set[Path], stopped: Callable[[], bool]) -> None:
        for at, id in self.library.catalog.located(str(self.folder) + os.sep).items():
            if Path(at) not in found and not os.path.lexists(at) and not stopped():
                if not self.folder.is_dir():  # it went away meanwhile, and with it every file
                    raise _gone(self.folder)
                remove_source(self.library, id)
                self._taken.pop(Path(at), None)
                self.told(Entry(os.path.relpath(at, self.folder), "removed", id))
        for path in self._seen.keys() - found:
            del self._seen[path]

    def _files(self) -> Iterator[tuple[Path, _Mark]]:
        """The files of readable types, by name; hidden ones and what is behind a link are no documents."""
        if not self.folder.is_dir():
            raise _gone(self.folder)
        for folder, below, names in os.walk(self.folder):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder) / name
                if name.startswith(".") or path.suffix.lower() not in suffixes() or path.is_symlink():
                    continue
                with contextlib.suppress(FileNotFoundError):
                    about = path.stat()
                    yield path, (about.st_size, about.st_mtime_ns, about.st_ino)


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


def _gone(folder: Path) -> FootnoteError:
    return Unreadable(f"{str(folder)!r} is not there any more; its documents stay in the library")


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
