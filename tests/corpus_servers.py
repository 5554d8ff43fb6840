"""Servers that tests start on this machine and end by their own process: Chroma's and PostgreSQL's."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED = 65534  # nobody: PostgreSQL refuses to run as root


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Server:
    """A server that can be killed and started again, over the same files and at the same address."""

    url: str
    command: Sequence[str | Path]
    log: Path
    answers: Callable[[], bool]
    gentle: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.log.parent)
        for _ in range(600):
            if self.answers():
                return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(f"does not answer: {self.log.read_text()}")

    def kill(self) -> None:
        """SIGKILL to it and to every process that it has started, at once."""
        assert self.process
        os.kill(self.process.pid, signal.SIGSTOP)  # it starts no others meanwhile
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for process in (self.process.pid, *map(int, own)):
            os.kill(process, signal.SIGKILL)
        self.process.wait(30)
        while any(Path(f"/proc/{process}/cmdline").exists() and _runs(process) for process in own):
            time.sleep(0.01)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.gentle)
            self.process.wait(30)


def _runs(process: str) -> bool:
    """Whether a process has not ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def chroma_process(folder: Path) -> Iterator[Server]:
    """A Chroma server over a folder."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    program = Path(sys.executable).with_name("chroma")

    def answers() -> bool:
        try:
            urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=1).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    run = [program, "run", "--path", folder / "chroma-server", "--host", "127.0.0.1", "--port", str(port)]
    server = Server(url, run, folder / "chroma.log", answers)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """The address of a Chroma server over a folder."""
    with chroma_process(folder) as server:
        yield server.url


def postgresql_programs() -> Path | None:
    """The folder of initdb and postgres, where PostgreSQL is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    at = found[-1].parent if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent
    return at if (at / "initdb").exists() and (at / "postgres").exists() else None


@contextmanager
def postgresql_process() -> Iterator[Server]:
    """A PostgreSQL server of its own with an empty database, on loopback only."""
    programs = postgresql_programs()
    assert programs, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="footnote-pg-"))  # not below a test's folder, which is closed to others
    data, log, port = folder / "data", folder / "log", free_port()
    who: list[str] = []
    if os.geteuid() == 0:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
        who = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]

    def answers() -> bool:
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0 and b"ready to accept" in log.read_bytes()

    run = [*who, programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
    # SIGINT, since that waits for no session that a test has left.
    server = Server(f"postgresql://footnote@127.0.0.1:{port}/postgres", run, log, answers, signal.SIGINT)
    try:
        made = [*who, programs / "initdb", "-D", data, "-U", "footnote", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL server of its own."""
    with postgresql_process() as server:
        yield server.url
