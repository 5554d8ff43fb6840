"""A long document in parts, each read by a process of its own: embedding takes all processors, so reading may too.

Only the readers' process splits itself (`allowed`), since it has no threads and is confined; a helper inherits
its limits, opens nothing, and ends with it. Parts come back as pickles: a helper has parsed the same file
under the same limits as the process that it helps, so nothing crosses a border here.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

MOST = 4  # processes for one document
LEAST = 100  # pages of a part: below that a process costs more than it gives
allowed = False  # whether this process may split itself
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
T = TypeVar("T")


def in_parts(count: int, read: Callable[[range], T]) -> list[T]:
    """What `read` gives for the parts of so many pages, in order: read here, or also by helpers.

    A part whose helper failed in any way is read here, which raises whatever is to be raised.
    """
    parts = _parts(count)
    helpers = [(part, *_start(read, part)) for part in parts[1:]]
    found = [read(parts[0])]
    for part, process, pipe in helpers:
        with os.fdopen(pipe, "rb") as stream:
            sent = stream.read()
        os.waitpid(process, 0)
        found.append(pickle.loads(sent) if sent else read(part))
    return found


def _parts(count: int) -> Sequence[range]:
    cores = len(os.sched_getaffinity(0)) if allowed and sys.platform == "linux" else 1
    split = max(min(cores, MOST, count // LEAST), 1)
    return [range(a, b) for a, b in pairwise(count * n // split for n in range(split + 1))]


def _start(read: Callable[[range], T], part: range) -> tuple[int, int]:
    """A helper's process id, and the end of a pipe that its part comes out of, or nothing."""
    out, into = os.pipe()
    process = os.fork()
    if process:
        os.close(into)
        return process, out
    try:
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
        os.close(out)
        sent = pickle.dumps(read(part), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(into, "wb") as stream:
            stream.write(sent)
    finally:
        os._exit(0)
