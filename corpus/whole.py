"""Files that are there whole or not at all, also after the power was lost."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write beside `path`, moved there when all is on the disk; who has the old one open keeps it.

    Unlike those of `tempfile`, it gets the permissions that the user gives to every other file.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with beside.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        synced(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def synced(folder: Path, deep: bool = False) -> None:
    """Bring the names in a folder to the disk; with `deep` also what every file below it holds."""
    if deep:
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):  # an engine that merges in the background takes files away
                _fsync(path)
    _fsync(folder)


def swept(folder: Path) -> None:
    """Take away what writers that were killed left beside their files; the caller holds the writer's lock."""
    for path in folder.glob(".*.*.*"):
        if path.is_file() and path.name.rsplit(".", 2)[1].isdigit():
            path.unlink(missing_ok=True)


def _fsync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle of a folder to sync
    at = os.open(path, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
