"""What each store costs at a size: `python benchmarks/scale.py [--size N] [--json FILE]`.

Synthetic passages of 700 characters with 4 sentences each, and drawn vectors. For SQLite and PostgreSQL:
rows written a second, bytes a passage, and the time to read the 150 passages of a question. For Chroma in
a folder and on a server, and for the file beside it: vectors written a second, bytes a vector, memory,
and the time of a query. For the word index: passages written a second and bytes a passage. For the model: sentences
embedded a second, and bytes of their tokens. Last, as a table, what these rates make at 1, 10 and 100 million passages.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from corpus.catalog import Catalog
from corpus.encoder import TokenEncoder, load_encoder
from corpus.matrix import MARK
from corpus.settings import Settings
from corpus.tokens import TokenIndex
from corpus.types import Passage, Source
from corpus.vectors import Vectors
from corpus.words import Words

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from corpus_servers import chroma_server, postgresql_programs, postgresql_server

A_DOCUMENT = 100  # passages
SENTENCES = 4  # a passage


def texts(size: int) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Passages whose words follow Zipf's law, with their sentences."""
    draw = np.random.default_rng(1)
    for _ in range(size):
        text, spans = "", []
        for _ in range(SENTENCES):
            start = len(text)
            text += " ".join(f"word{n % 50_000}" for n in draw.zipf(1.3, 20)) + ". "
            spans.append((start, len(text) - 1))
        yield text, spans


def catalog(url: str, size: int) -> dict[str, Any]:
    """The record at an address."""
    held = Catalog(url)
    ids: list[str] = []
    bodies = texts(size)
    began = time.perf_counter()
    for d in range(size // A_DOCUMENT):
        at, text, passages = 0, "", []
        for n in range(A_DOCUMENT):
            body, spans = next(bodies)
            ids.append(f"{d:08d}{n:012d}")
            passages.append((Passage(ids[-1], f"d{d}", body, at, at + len(body)), [(a + at, b + at) for a, b in spans]))
            text, at = text + body, at + len(body)
        with held.transaction() as change:
            change.put(
                Source(f"d{d}", f"Document {d}", "P", "2024", "report", "", "", "en", "0"), f"/{d}", text, passages
            )
    seconds = time.perf_counter() - began
    asked = [random.Random(n).sample(ids, 150) for n in range(30)]
    return {"passages a second": round(size / seconds), "ms for 150 passages": ms(held.passages, asked)}


def ms(do: Any, given: Sequence[Any]) -> float:
    """The median of the milliseconds that a call takes."""
    took = []
    for one in given:
        began = time.perf_counter()
        do(one)
        took.append(1000 * (time.perf_counter() - began))
    return round(median(took), 2)


def vectors(folder: Path, url: str, size: int) -> dict[str, Any]:
    """Chroma in a folder or on a server, and the file beside it."""
    held = Vectors(folder / "chroma", url, 1)
    draw = np.random.default_rng(2)
    centres = draw.standard_normal((200, 384)).astype(np.float32)
    began = time.perf_counter()
    marks: dict[str, bytes] = {}
    for at in range(0, size, 4000):
        n = min(4000, size - at)
        some = centres[draw.integers(0, 200, n)] + 0.7 * draw.standard_normal((n, 384)).astype(np.float32)
        some /= np.linalg.norm(some, axis=1, keepdims=True)
        names = [f"{i:020d}.0" for i in range(at, at + n)]
        held.add(names, some)
        marks |= {name: b"\1" * MARK for name in names}
    added = time.perf_counter() - began
    began = time.perf_counter()
    held.keep("drawn", marks, 1, 384)
    kept = time.perf_counter() - began
    queries = [some[i] for i in range(30)]
    return {
        "vectors a second": round(size / added),
        "bytes a vector beside it": round((folder / "vectors.f32").stat().st_size / size),
        "seconds to write that": round(kept, 1),
        "ms a query of the graph": ms(lambda q: held.collection.nearest(q, 100), queries),
        "ms a query of the file": ms(lambda q: held.matrix().nearest(q, 100), queries),
    }


def words(folder: Path, size: int) -> dict[str, Any]:
    """The word index."""
    held = Words(folder / "words")
    began = time.perf_counter()
    held.rebuild(
        (f"{n:020d}", f"d{n // A_DOCUMENT}", "A title", "", text, []) for n, (text, _) in enumerate(texts(size))
    )
    seconds = time.perf_counter() - began
    asked = [f"word{n} word{n * 7} word{n * 31}" for n in range(1, 31)]
    return {
        "passages a second": round(size / seconds),
        "bytes a passage": round(disk(folder / "words") / size),
        "ms a query": ms(lambda q: held.search(q, 100), asked),
    }


def embedding(folder: Path, size: int) -> dict[str, Any]:
    """The bundled model over sentences of twenty words, and the tokens' index."""
    encoder = load_encoder(Settings().encoder)
    assert isinstance(encoder, TokenEncoder)
    some = [text[a:b] for text, spans in texts(size // SENTENCES) for a, b in spans]
    encoder.encode_tokens(some[:64])
    began = time.perf_counter()
    _, rows = encoder.encode_tokens(some)
    seconds = time.perf_counter() - began
    held = TokenIndex(folder / "tokens")
    held.append({f"{n:020d}.0": row for n, row in enumerate(rows)})
    held.name()
    return {
        "sentences a second": round(len(some) / seconds),
        "bytes of tokens a sentence": round(disk(folder / "tokens") / len(some)),
    }


def reckoned(found: dict[str, Any]) -> Iterator[str]:
    """Rows of Markdown: measured rates and sizes times the number of passages, four sentences each."""
    record = found.get("PostgreSQL") or found["SQLite"]
    chroma, words, model = found["Chroma server"], found["words"], found["embedding"]
    sizes = {
        "catalog on disk": record["bytes a passage"],
        "Chroma on disk": SENTENCES * chroma["bytes a vector"],
        "`vectors.f32` on each machine": SENTENCES * chroma["bytes a vector beside it"],
        "tokens on each machine": SENTENCES * model["bytes of tokens a sentence"],
        "words on each machine": words["bytes a passage"],
    }
    rates = {
        "catalog written in": record["passages a second"],
        "Chroma written in": chroma["vectors a second"] / SENTENCES,
        "words written anew": words["passages a second"],
        "embedding": model["sentences a second"] / SENTENCES,
    }
    millions = (1, 10, 100)
    yield "| | 1 million passages | 10 million | 100 million |"
    yield "|---|---|---|---|"
    for name, each in sizes.items():
        yield f"| {name} | " + " | ".join(f"{each * n / 1000:,.1f} GB" for n in millions) + " |"
    for name, rate in rates.items():
        yield f"| {name} | " + " | ".join(f"{n * 1e6 / rate / 3600:,.1f} h" for n in millions) + " |"


def disk(path: Path) -> int:
    """Bytes of a file or of all files below a folder."""
    return path.stat().st_size if path.is_file() else sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


def memory(process: int | str = "self") -> int:
    """Bytes that a process holds in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure each store and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", type=int, default=100_000, help="passages, and vectors")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    n = given.size
    found: dict[str, Any] = {"size": n, "load at the start": os.getloadavg()[0]}

    def tell(name: str, figures: dict[str, Any]) -> None:
        found[name] = figures
        print(name, json.dumps(figures), flush=True)
        if given.json:
            given.json.write_text(json.dumps(found, indent=1) + "\n")

    with tempfile.TemporaryDirectory(prefix="footnote-scale-") as name, ExitStack() as stack:
        folder = Path(name)
        tell("embedding", embedding(folder, 2000))
        tell("words", words(folder, n))
        file = folder / "catalog.sqlite"
        tell("SQLite", catalog(f"sqlite:///{file}", n) | {"bytes a passage": round(disk(file) / n)})
        if postgresql_programs():
            import psycopg

            url = stack.enter_context(postgresql_server())
            figures = catalog(url, n)
            with psycopg.connect(url) as c:
                (size,) = c.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
            tell("PostgreSQL", figures | {"bytes a passage": round(size / n)})
        (server := folder / "server").mkdir()
        with chroma_server(server) as url:
            figures = vectors(server, url, n)
            port = url.rpartition(":")[2]
            asked = subprocess.run(["pgrep", "-f", f"chroma run.*--port {port}"], capture_output=True, text=True)
            figures["bytes of memory a vector"] = round(memory(asked.stdout.split()[0]) / n)
            tell("Chroma server", figures | {"bytes a vector": round(disk(server / "chroma-server") / n)})
        (local := folder / "local").mkdir()
        before = memory()
        figures = vectors(local, "", n) | {"bytes of memory a vector": round((memory() - before) / n)}
        tell("Chroma in a folder", figures | {"bytes a vector": round(disk(local / "chroma") / n)})
    print("\n".join(reckoned(found)))


if __name__ == "__main__":
    main()
