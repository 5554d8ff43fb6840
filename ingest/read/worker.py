"""The process that readers run in: `python -m ingest.read.worker`. Files come in by standard input.

It has little memory, no files to write, none of the user's environment, and dies with its parent or when
that stops it. A frame is its length in eight bytes, then the bytes: one goes out when it is ready; then for
each file two come in (what to do, the file) and one goes out.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from corpus.errors import FootnoteError
from ingest.read import helpers, read
from ingest.read.carry import packed
from ingest.read.limits import LIMITS

if TYPE_CHECKING:
    import subprocess

READY = b"!"  # the first frame, so that starting counts for no file


def main() -> None:
    """Read files until standard input ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not be taken for an answer
    confine(int(sys.argv[1]) if len(sys.argv) > 1 else LIMITS.memory)
    helpers.allowed = True
    send(out, READY)
    while (asked := receive(sys.stdin.buffer)) is not None:
        data = receive(sys.stdin.buffer)
        if data is None:
            return
        said = json.loads(asked)
        send(out, answer(data, said["name"], said["password"]))


def answer(data: bytes, name: str, password: str) -> bytes:
    """A document behind a plus sign, or the class and the words of an error behind a minus sign."""
    try:
        return b"+" + packed(read(data, name, password))
    except FootnoteError as error:
        return b"-" + json.dumps([type(error).__name__, str(error)]).encode()
    except MemoryError:
        return b"-" + json.dumps(["TooMuch", f"{name}: reading it takes more memory than the limit"]).encode()


def confine(memory: int) -> None:
    """Take from this process what a reader does not need, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows: the clock alone limits there
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        _soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def send(stream: IO[bytes], data: bytes) -> None:
    """One frame."""
    stream.write(len(data).to_bytes(8, "big"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """One frame, or None where the stream ends."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    return data if len(data) == size else None


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and close its pipes; what it was doing is lost."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()


if __name__ == "__main__":
    main()
