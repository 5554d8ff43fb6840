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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNPRIVILEGED = 65534  # nobody: PostgreSQL refuses to run as root


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """The address of a Chroma server over a folder."""
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    with (folder / "chroma.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "run", "--path", folder / "chroma-server", "--host", "127.0.0.1", "--port", str(port)],
            stdout=log, stderr=log,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None, (folder / "chroma.log").read_text()
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def postgresql_programs() -> Path | None:
    """The folder of initdb and postgres, where PostgreSQL is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    at = found[-1].parent if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent
    return at if (at / "initdb").exists() and (at / "postgres").exists() else None


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL server of its own, on loopback only."""
    programs = postgresql_programs()
    assert programs, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="footnote-pg-"))  # not below a test's folder, which is closed to others
    data, port = folder / "data", free_port()
    who: list[str] = []
    if os.geteuid() == 0:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
        who = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
    try:
        made = [*who, programs / "initdb", "-D", data, "-U", "footnote", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*who, programs / "postgres", "-D", data, "-p", str(port), "-k", folder,
                 "-c", "listen_addresses=127.0.0.1"],
                stdout=log, stderr=log, cwd=folder,
            )  # fmt: skip
        try:
            for _ in range(300):
                with socket.socket() as s:
                    if s.connect_ex(("127.0.0.1", port)) == 0 and b"ready to accept" in (folder / "log").read_bytes():
                        break
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
            yield f"postgresql://footnote@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # which waits for no session that a test has left
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
