"""Files that are there whole or not at all, also after the power was lost."""

from __future__ import annotations

import os
import shutil
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


def swept(folder: Path, name: str = "*") -> None:
    """Take away what processes that were killed left in a folder of ours, or under this name in any other."""
    for path in folder.glob(f".{name}.*.*"):
        process, thread = path.name.rsplit(".", 2)[1:]
        if process.isdigit() and thread.isdigit() and not _runs(int(process)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def beside(folder: Path, name: str) -> Iterator[Path]:
    """A folder for this long, which `swept` takes away where the process is killed meanwhile."""
    path = folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _runs(process: int) -> bool:
    """Whether there is a process of this number on this machine; others' files are theirs, such as a backup's."""
    if process == os.getpid():
        return True
    if os.name == "nt":
        return False  # there a file that is in use cannot be taken away
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _fsync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle of a folder to sync
    at = os.open(path, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
