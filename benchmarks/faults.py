"""Kills at random instants of adding and removing: `python benchmarks/faults.py [--kills N] [--seed N] [--json FILE]`.

A process adds, replaces and removes documents and says each step on a pipe; it is killed (SIGKILL) at a
random instant. Every second time on local stores, what was not yet synced, and files of the indexes, are
then cut off or garbled, as when the power is lost. The library is opened and must hold exactly what was
said; of the one document in hand at that instant, either the old or the new whole, and it must say which.
Every sentence must be found once by its own vector, and have its own tokens; every passage must be in the word index.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from corpus import library as library_module
from corpus.errors import LibraryBroken
from corpus.library import Library
from corpus.mending import sentences
from corpus.settings import Settings
from corpus.tokens import WIDTH
from ingest import add_sources, create_library, remove_source
from ingest.read.apart import read_apart

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from corpus_servers import chroma_server, postgresql_programs, postgresql_server


class Drawn:
    """An encoder that draws vectors from a text's hash, so that the time goes to the stores and kills fall there."""

    name = "drawn"
    dimensions = 384

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, one a text (n x 384); two texts are near each other by no more than chance."""
        rows = [np.random.default_rng(zlib.crc32(t.encode())).standard_normal(384) for t in texts]
        drawn = np.array(rows, np.float32).reshape(-1, 384)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    def encode_tokens(self, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]:
        """The same, and as many rows for tokens as a text has words."""
        return self.encode(texts), [drawn_tokens(text) for text in texts]


def drawn_tokens(text: str) -> np.ndarray:
    """Rows that no other text shares."""
    draw = np.random.default_rng(zlib.crc32(text.encode()) + 1)
    return draw.integers(-127, 128, (len(text.split()), WIDTH), np.int8)


NAMES = [f"report-{n}" for n in range(10)]
LONGEST = 1.0  # seconds until a kill
LONG = 300  # sentences of a long document: Chroma writes its graph every 1,000
PRELOADED = ["ingest", "chromadb", "sqlalchemy.dialects.sqlite", "tantivy", "filelock"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([*PRELOADED, "faults"])


def edition(name: str, n: int, least: int = 3) -> str:
    """A text of a document that no other edition shares a sentence with."""
    lines = [f"{name} of edition {n} says thing {i} about topic {i * n}." for i in range(least + n % 9)]
    return f"{name}\n\n" + "\n\n".join(lines) + "\n"


def sha(text: str) -> str:
    """What stands for a text on the pipe."""
    return hashlib.sha256(text.encode()).hexdigest()


def drawing() -> Any:
    """Libraries use the drawn vectors while this lasts."""
    return mock.patch.object(library_module, "load_encoder", lambda name: Drawn())


def work(settings: Settings, files: Path, seed: int, say: Connection, largest: int, least: int) -> None:
    """Change the library for ever, telling each step; the body of the process that is killed."""
    drawing().start()
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    moments = random.Random(seed)
    library = Library.open(settings)
    read_apart(b"Warm.", "warm.txt")  # its process starts in half a second, in which kills would find nothing
    held = {s.id for s in library.catalog.sources()}
    say.send(("ready",))
    try:
        for n in range(seed * 1000, seed * 1000 + 1000):
            if held and moments.random() < 0.3:
                id = moments.choice(sorted(held))
                say.send(("start", "remove", {id: ""}))
                remove_source(library, id)
                held.discard(id)
            else:
                texts = {name: edition(name, n, least) for name in moments.sample(NAMES, moments.randint(1, 3))}
                paths = [files / f"{name}.txt" for name in texts]
                for path, text in zip(paths, texts.values(), strict=True):
                    path.write_text(text)
                say.send(("start", "add", {name: sha(text) for name, text in texts.items()}))
                add_sources(library, paths, told=lambda entry: say.send(("told", entry.source_id, entry.outcome)))
                held |= set(texts)
            say.send(("end",))
    except Exception as error:  # noqa: BLE001 - whatever a full disk makes of the engines
        say.send(("failed", f"{type(error).__name__}: {error}"[:200]))
        os._exit(1)


@dataclass
class Trial:
    """One library that is killed again and again, and what it was last reported to hold."""

    settings: Settings
    files: Path
    least: int = 3  # sentences of a document
    held: dict[str, str] = field(default_factory=dict)  # id -> hash of the text
    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    process: int | None = None  # that worked last
    vectors: dict[str, Any] = field(default_factory=dict)

    def begin(self, seed: int, largest: int = 0) -> tuple[Connection, Any]:
        """A process that works, and where it is heard."""
        hear, say = _context.Pipe(duplex=False)
        process = _context.Process(target=work, args=(self.settings, self.files, seed, say, largest, self.least))
        process.start()
        self.process = process.pid
        say.close()
        return hear, process

    def kill(self, seed: int, torn: bool, largest: int = 0, longest: float = LONGEST) -> None:
        """Let a process work, kill it, harm what was not synced where `torn`, and look."""
        moments = random.Random(seed)
        hear, process = self.begin(seed, largest)
        said: list[tuple[Any, ...]] = []
        try:
            ready = hear.recv()
            if ready[0] == "ready":
                if hear_until(hear, said, moments.uniform(0.0, longest)):
                    self.counts["ended by itself"] += 1
            else:
                said.append(ready)
            process.kill()
            process.join()
            hear_until(hear, said, None)
        except EOFError:
            self.faults.append(f"seed {seed}: the process ended before it was ready (exit {process.exitcode})")
        process.join()
        harmed = harm(Path(self.settings.home), moments) if torn else []
        self.counts["kills"] += 1
        self.counts["with torn files"] += bool(harmed)
        self.look(seed, said, harmed)

    def look(self, seed: int, said: list[tuple[Any, ...]], harmed: list[str]) -> None:
        """Open the library and compare it with what was said."""
        what, wanted, told = None, {}, []
        for kind, *rest in said:
            if kind == "start":
                what, wanted, told = rest[0], rest[1], []
            elif kind == "told":
                told.append(rest[0])
                self.held[rest[0]] = wanted[rest[0]]
                self.counts["documents reported"] += 1
            elif kind == "end":
                if what == "remove":
                    self.held.pop(next(iter(wanted)))
                    self.counts["removals reported"] += 1
                what = None
            elif kind == "failed":
                self.counts["failed: " + rest[0].split(":")[0]] += 1
        try:
            self._compare(what, wanted, told)
        except BaseException as error:  # a fault to report, whatever it is: engines in Rust panic outside Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            self.faults.append(f"seed {seed}, {what}, harmed {harmed}: {type(error).__name__}: {error}"[:1000])

    def _compare(self, what: str | None, wanted: dict[str, str], told: list[str]) -> None:
        began = time.perf_counter()
        library = Library.open(self.settings)
        self.counts["ms to open"] += int(1000 * (time.perf_counter() - began))
        try:
            actual = {s.id: sha(library.catalog.text(s.id)) for s in library.catalog.sources()}
            expected = dict(self.held)
            open_to = next((id for id in wanted if id not in told), None) if what else None
            if open_to and actual.get(open_to) != expected.get(open_to):  # committed, and killed before it was said
                assert actual.get(open_to) == (wanted[open_to] or None), f"{open_to} is neither old nor new"
                self.counts["committed and not yet said"] += 1
                told.append(open_to)
                if what == "remove":
                    expected.pop(open_to)
                else:
                    expected[open_to] = wanted[open_to]
            assert actual == expected, f"holds {sorted(actual)}, expected {sorted(expected)}"
            work = library.unfinished
            if work and not work.by.startswith(f"{self.process} "):
                work = None  # of an earlier process: nothing has been finished since
            if what and work:
                names = told if what == "remove" else [f"{id}.txt" for id in told]
                assert list(work.finished) == names, f"says {work.finished}, was {names}"
                self.counts["unfinished and said so"] += 1
            elif what:
                assert len(told) in (0, len(wanted)), f"did not say that it was unfinished after {told}"
            else:
                assert work is None, f"says that finished work is unfinished: {work}"
            self._whole(library)
            self.held = actual
        finally:
            library.close()

    def _whole(self, library: Library) -> None:
        assert library.check() == [], library.check()
        texts = dict(sentences(library.catalog))
        new = sorted({t for t in texts.values() if t not in self.vectors})
        self.vectors |= dict(zip(new, library.encoder.encode(new), strict=True))
        for id, text in texts.items():
            best = library.vectors.search(self.vectors[text], 2)
            assert best[0][0] == id and best[0][1] > 0.999, f"{id} is not found by itself: {best}"
            assert np.array_equal(library.tokens.get([id])[0], drawn_tokens(text)), f"{id} has not its own tokens"
        self.counts["sentences looked for"] += len(texts)


def hear_until(hear: Connection, said: list[tuple[Any, ...]], seconds: float | None) -> bool:
    """Take down what is said for so long (None: to the end); True where the process has ended."""
    until = time.monotonic() + (seconds or 0)
    try:
        while seconds is None or hear.poll(max(0.0, until - time.monotonic())):
            said.append(hear.recv())
    except (EOFError, OSError, ValueError):
        return True
    return False


def harm(home: Path, moments: random.Random) -> list[str]:
    """Cut off or garble the ends of files: of the write-ahead log what was not synced, of indexes anything."""
    harmed = []
    wal, shm = home / "catalog.sqlite-wal", home / "catalog.sqlite-shm"
    if wal.exists() and shm.exists() and wal.stat().st_size:
        head = shm.read_bytes()[:20]
        synced = 32 + struct.unpack_from("=I", head, 16)[0] * (24 + struct.unpack_from("=H", head, 14)[0])
        spoil(wal, min(synced, wal.stat().st_size), moments)
        with wal.open("ab") as file:
            file.write(moments.randbytes(moments.randint(1, 6000)))
        harmed.append("write-ahead log")
    unclean = not (home / "vectors.stamp").exists()
    for what, paths in (
        ("matrix", [home / "vectors.f32"]),
        ("tokens", sorted((home / "tokens").glob("*"))),
        ("words", sorted((home / "words").glob("*"))),
        ("chroma", sorted(p for p in (home / "chroma").rglob("*") if p.is_file()) if unclean else []),
    ):
        files = [p for p in paths if p.exists() and p.stat().st_size and not p.name.endswith(".lock")]
        if files and moments.random() < 0.6:
            path = moments.choice(files)
            spoil(path, moments.randint(0, path.stat().st_size - 1), moments)
            harmed.append(f"{what} ({path.name})")
    return harmed


def spoil(path: Path, start: int, moments: random.Random) -> None:
    """Cut a file off at a place, or fill it with noise from there on."""
    size = path.stat().st_size
    if moments.random() < 0.5:
        os.truncate(path, start)
    else:
        with path.open("r+b") as file:
            file.seek(start)
            file.write(moments.randbytes(size - start))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Any:
    """A folder on a disk of so many megabytes (a tmpfs); None where mounting is not allowed."""
    folder.mkdir()
    run = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "footnote-faults", str(folder)]
    mounted = shutil.which("mount") and subprocess.run(run, capture_output=True).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def full_disk(folder: Path, trials: int, seed: int) -> Trial:
    """A disk that is full to the last 0 to 600 kB: what was reported is held, then and when there is space again."""
    with small_disk(folder / "disk", 40) as disk:
        trial = fresh(disk or folder, Settings(), folder)
        trial.counts["by RLIMIT_FSIZE" if disk is None else "by a tmpfs"] = 1
        for n in range(trials):
            moments = random.Random(seed + n)
            room = moments.randint(0, 600_000)
            if disk is None:
                trial.kill(seed + n, torn=False, largest=max(300_000, room), longest=4.0)
                continue
            ballast = disk / "ballast"
            with ballast.open("wb") as file:
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                file.write(b"x" * max(0, free - room))
            held = dict(trial.held)
            hear, process = trial.begin(seed + n)
            said: list[tuple[Any, ...]] = []
            hear_until(hear, said, 6.0)
            process.kill()
            process.join()
            hear_until(hear, said, None)
            try:  # the library opens while the disk is full
                library = Library.open(trial.settings)
                library.catalog.sources()
                trial.counts["opened while full, not mended"] += bool(library.trouble)
                library.close()
            except LibraryBroken as error:  # not a page is left for SQLite to read its log by
                trial.counts["told to free space"] += 1
                if "the disk is full: free some space" not in str(error):
                    trial.faults.append(f"full, seed {seed + n}: {error}")
            except Exception as error:  # noqa: BLE001 - a fault to report, whatever it is
                trial.faults.append(f"full, seed {seed + n}: {type(error).__name__}: {error}")
            ballast.unlink()
            trial.counts["full disks"] += 1
            assert trial.held == held
            trial.look(seed + n, [s for s in said if s[0] != "ready"], ["full disk"])
    return trial


def fresh(home: Path, settings: Settings, files: Path) -> Trial:
    """A trial with an empty library."""
    (files / "files").mkdir(exist_ok=True)
    settings = replace(settings, home=str(home / "home"), lock_seconds=5)
    create_library(settings, empty=True)[0].close()
    return Trial(settings, files / "files")


def run(folder: Path, kills: dict[str, int], full: int, seed: int = 1, json_file: Path | None = None) -> dict[str, Any]:
    """So many kills of each store: figures and faults by the name of the store, in `json_file` as they come."""
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        stack.enter_context(drawing())
        for store, n in kills.items():
            if not n:
                continue
            (at := folder / store.replace(" ", "-")).mkdir()
            given = Settings()
            if "Chroma" in store:
                given = replace(given, chroma_url=stack.enter_context(chroma_server(at)))
            if "PostgreSQL" in store:
                if postgresql_programs() is None:
                    print(f"{store}: left out, since initdb and postgres are not installed")
                    continue
                given = replace(given, catalog_url=stack.enter_context(postgresql_server()))
            trial = fresh(at, given, at)
            trial.least = LONG if "long" in store else trial.least
            for i in range(n):
                longest = 5 * LONGEST if "long" in store else LONGEST
                trial.kill(seed + i, torn=store == "local" and i % 2 == 1, longest=longest)
                if i % 20 == 19:
                    print(f"{store}: {i + 1} of {n}, {len(trial.faults)} faults", flush=True)
                    if json_file:
                        so_far = found | {store: dict(trial.counts) | {"faults": trial.faults}}
                        json_file.write_text(json.dumps(so_far, indent=1) + "\n")
            found[store] = dict(trial.counts) | {"faults": trial.faults}
        if full:
            (at := folder / "full").mkdir()
            trial = full_disk(at, full, seed)
            found["full disk"] = dict(trial.counts) | {"faults": trial.faults}
    return found


def main() -> None:
    """Run the trials and print what they found; ends with 1 where anything was lost, doubled or half."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=320)
    options.add_argument("--full", type=int, default=20, help="trials on a full disk")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="one store, such as 'local, long documents'")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    few = given.kills // 10
    kills = {
        "local": given.kills - 3 * few,
        "local, long documents": few,
        "Chroma server": few,
        "PostgreSQL and Chroma server": few,
    }
    kills = {given.only: given.kills} if given.only else kills
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="footnote-faults-") as folder:
        found = run(Path(folder), kills, given.full, given.seed, given.json)
    found["seconds"] = round(time.perf_counter() - began)
    print(json.dumps(found, indent=1))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    sys.exit(any(part["faults"] for part in found.values() if isinstance(part, dict)))


if __name__ == "__main__":
    main()
