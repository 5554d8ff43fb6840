"""One writer at a time, by a lock that the system frees when its holder dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import LibraryBusy


@contextmanager
def alone(folder: Path, wait: float, name: str = "writer") -> Iterator[None]:
    """Hold the lock `name` of a folder; raises LibraryBusy that names the holder after `wait` seconds."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / f"{name}.lock")
    holder = folder / f"{name}.pid"
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        who = holder.read_text("utf-8").strip() if holder.exists() else "unknown"
        raise LibraryBusy(f"process {who} is writing to {str(folder)!r}; try again when it is done") from None
    try:
        holder.write_text(str(os.getpid()), "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
