"""Damaged files through every reader: none may end the process, hang past the clock or take too much memory.

    python benchmarks/fuzz.py [--count 5000] [--seed 1] [--format PDF]

Each file is one of tests/files with bytes flipped, cut, doubled or moved, numbers made huge, or, inside a zip, one
entry damaged so and packed again. It is read in a process of its own as everything from outside is, where memory
and time are limited; what is counted is what came out: a document (whose offsets are checked), a refusal with its
reason, or one of the three failures.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

from corpus.errors import TooMuch, Unreadable
from corpus.types import Document
from ingest.read import FORMATS, Format
from ingest.read.apart import Worker
from ingest.read.limits import Limits

FILES = Path(__file__).parents[1] / "tests" / "files"
SEEDS = {
    f.name: sorted(p for p in FILES.iterdir() if p.suffix in f.suffixes and p.name != "made_by.txt") for f in FORMATS
}
LIMITS = Limits(seconds=60.0)
TOKENS = (
    b"0", b"-1", b"99999999999", b"1e308", b"\0", b"\xff", b"<", b">", b"<<", b">>", b"[" * 50, b"(" * 50, b"/Kids",
    b"obj", b"<table>" * 30, b"<div>" * 300, b"&#x110000;", b"%PDF-1.7", b"\xef\xbb\xbf", b"\r", b"|" * 60, b'"',
    b"[^1]: ", b"---\n",
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to eight faults."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        if not out:
            break
        at, kind = chance.randrange(len(out)), chance.randrange(7)
        size = chance.choice((1, 2, 8, 64, 512))
        if kind == 0:
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            out[at : at + size] = chance.randbytes(min(size, len(out) - at))
        elif kind == 2:
            del out[at : at + size]
        elif kind == 3:
            out[at:at] = out[at : at + size] * chance.choice((1, 3, 30))
        elif kind == 4:
            out[at:at] = chance.choice(TOKENS)
        elif kind == 5:
            other = chance.randrange(len(out))
            out[at : at + size], out[other : other + size] = out[other : other + size], out[at : at + size]
        elif chance.random() < 0.3:
            del out[at:]
    return bytes(out)


def repacked(data: bytes, chance: random.Random) -> bytes:
    """A zip with one of its entries damaged; half the time the zip itself is."""
    if chance.random() < 0.3:
        return damaged(data, chance)
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        names = [i.filename for i in old.infolist()]
        hit = chance.choice([n for n in names if n.endswith((".xml", ".rels", ".xhtml", ".opf"))])
        for name in names:
            part = old.read(name)
            new.writestr(name, damaged(part, chance) if name == hit else part)
    return made.getvalue()


def one(format: Format, chance: random.Random) -> tuple[str, bytes]:
    """A damaged file of a format: its name and its bytes."""
    seed = chance.choice(SEEDS[format.name])
    data = seed.read_bytes()
    return seed.name, repacked(data, chance) if data[:2] == b"PK" else damaged(data, chance)


def sound(document: Document) -> bool:
    """Whether blocks and cells stand where they say."""
    at = 0
    for block in document.blocks:
        if block.start != at or any(document.text[c.start : c.end] != c.text for c in block.cells):
            return False
        at = block.end
    return at == len(document.text)


def run(format: Format, count: int, seed: int) -> Counter[str]:
    """What became of each of so many damaged files of a format."""
    chance = random.Random(f"{seed} {format.name}")
    worker, found = Worker(LIMITS), Counter[str]()
    try:
        for n in range(count):
            name, data = one(format, chance)
            try:
                document = worker.read(data, name)
                found["read" if sound(document) else "MISPLACED"] += 1
            except TooMuch as error:
                what = (
                    "CRASH"
                    if "its reader ended" in str(error)
                    else "HANG"
                    if " seconds; " in str(error)
                    else "too much"
                )
                found[what] += 1
                if what.isupper():
                    Path(f"fuzz-{what.lower()}-{seed}-{n}-{name}").write_bytes(data)
            except Unreadable:
                found["refused"] += 1
    finally:
        worker.close()
    return found


def main() -> None:
    """Print a line a format, and fail where one of the three failures came."""
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--format", default="")
    chosen = options.parse_args()
    failures = 0
    for format in FORMATS:
        if chosen.format and format.name != chosen.format:
            continue
        began = time.perf_counter()
        found = run(format, chosen.count, chosen.seed)
        failures += sum(n for what, n in found.items() if what.isupper())
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
        said = ", ".join(f"{n:,} {what}" for what, n in sorted(found.items()))
        print(f"{format.name:9} {said}; {time.perf_counter() - began:.0f} s; peak {peak:,.0f} MB so far", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
