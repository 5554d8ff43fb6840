"""What `bench.py` compares, each side in a process of its own: `python -m benchmarks.sides SIDE FOLDER`.

A side reads one JSON object a line and writes one back: {"do": "ingest", "texts": [[id, title, text], ...]},
{"do": "search", "question": q, "limit": k}, {"do": "memory"}, and what only one of them can do. So memory
and start-up are each side's own, and the driver can ask them in turn.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Texts = list[tuple[str, str, str]]  # id, title, text


class Ours:
    """Footnote, as a program uses it."""

    def __init__(self, folder: Path) -> None:
        from assistant import Assistant
        from corpus.settings import Settings
        from ingest import create_library

        self._folder = folder
        self.library, _ = create_library(Settings(home=str(folder / "home")), empty=True)
        self._assistant = Assistant(self.library)
        self._search = self._assistant._retriever.search

    def ingest(self, texts: Texts) -> dict[str, Any]:
        """Read, split, embed and index the texts."""
        from ingest import add_sources

        files = self._folder / "files"
        files.mkdir(exist_ok=True)
        for id, title, text in texts:
            (files / f"{id}.md").write_text(f'---\nid: {id}\ntitle: "{title}"\n---\n\n{text}\n', "utf-8")
        began = time.perf_counter()
        report = add_sources(self.library, [files])
        return {"seconds": time.perf_counter() - began, "added": len(report.of("added")), "disk": disk(self._home)}

    @property
    def _home(self) -> Path:
        return self._folder / "home"

    def search(self, question: str, limit: int) -> dict[str, Any]:
        """The documents of the best passages, best first, each once."""
        began = time.perf_counter()
        hits = self._search(question, limit)
        seconds = time.perf_counter() - began
        found = list(dict.fromkeys(h.passage.source_id for h in hits))
        return {"seconds": seconds, "found": found, "passages": [h.passage.id for h in hits]}

    def answer(self, question: str) -> dict[str, Any]:
        """A whole checked answer."""
        began = time.perf_counter()
        answer = self._assistant.ask(question)
        return {"seconds": time.perf_counter() - began, "status": answer.status, "text": answer.text}

    def embed(self, texts: list[str]) -> dict[str, Any]:
        """The rate of the document engine, as operations of the model's matrices on tokens that are not padding."""
        from corpus.sentences import sentence_spans

        texts = [t[a:b] for t in texts for a, b in sentence_spans(t, 0, len(t))]
        documents = self.library.encoder._documents
        documents.encode_tokens(texts[:64])
        began = time.perf_counter()
        documents.encode_tokens(texts)
        seconds = time.perf_counter() - began
        lengths = [len(e.ids) for e in documents._tokenizer.encode_batch(texts)]
        layer = 2 * (4 * 384**2 + 2 * 384 * 1536)
        operations = sum(6 * (layer + 4 * n * 384) * n for n in lengths)
        return {"seconds": seconds, "tokens": sum(lengths), "gflops": operations / seconds / 1e9}


class Bundled(Ours):
    """Footnote over its bundled corpus, as `footnote init` makes it."""

    def __init__(self, folder: Path) -> None:
        from assistant import Assistant
        from corpus.settings import Settings
        from ingest import open_library

        self._folder = folder
        self.library = open_library(Settings(home=str(self._home)))
        self._assistant = Assistant(self.library)
        self._search = self._assistant._retriever.search

    def askers(self, questions: list[str], count: int, each: int, crowd: bool = False) -> dict[str, Any]:
        """Answers a second with so many threads asking, and how many answers were not those of one thread.

        They ask one assistant, or a crowd of one a core.
        """
        from concurrent.futures import ThreadPoolExecutor

        from assistant.crowd import Crowd

        alone = {q: self._assistant.ask(q).text for q in questions}
        many = Crowd(self.library.settings) if crowd else None
        answer = many.ask if many else self._assistant.ask
        with ThreadPoolExecutor(count) as pool:  # opened and warm
            list(pool.map(lambda q: answer(q).text, questions * 4 if many else ()))
        wrong, took = [], []

        def ask(n: int) -> None:
            for i in range(each):
                question = questions[(n * 7 + i) % len(questions)]
                began = time.perf_counter()
                try:
                    if answer(question).text != alone[question]:
                        wrong.append(question)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                    wrong.append(f"{question}: {error!r}")
                took.append(time.perf_counter() - began)

        began = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(ask, range(count)))
        seconds = time.perf_counter() - began
        if many:
            many.close()
        return {"per_second": count * each / seconds, "wrong": wrong, "seconds": sorted(took)}


class Reference(Bundled):
    """The same with sentence-transformers in place of the fast engines."""

    def __init__(self, folder: Path) -> None:
        import corpus.library
        from corpus.encoder import ReferenceEncoder

        corpus.library.load_encoder = lambda name: ReferenceEncoder()
        super().__init__(folder)


class Growth(Ours):
    """Footnote over synthetic text, with a stand-in for the model while documents are embedded."""

    def __init__(self, folder: Path) -> None:
        from benchmarks.synthetic import StandIn

        super().__init__(folder)
        self.library._encoder = StandIn(self.library.encoder)

    def grow(self, passages: int) -> dict[str, Any]:
        """A library of so many passages."""
        from benchmarks.synthetic import write_documents
        from ingest import add_sources

        write_documents(self._folder / "synthetic", passages)
        began = time.perf_counter()
        add_sources(self.library, [self._folder / "synthetic"])
        seconds = time.perf_counter() - began
        counts = self.library.catalog.counts() | {"sentences": self.library.vectors.size}
        return counts | {"seconds": seconds, "disk": disk(self._home)}

    def add_one(self) -> dict[str, Any]:
        """Seconds until one more document of five passages is found."""
        from benchmarks.synthetic import Writer
        from ingest import add_sources

        path = self._folder / f"one-{time.monotonic_ns()}.md"
        path.write_text(Writer(time.monotonic_ns()).document(5) + "\n", "utf-8")
        return {"seconds": timed(lambda: add_sources(self.library, [path]))}

    def queries(self, count: int, share: float = 1.0, since: str = "") -> dict[str, Any]:
        """Seconds of each of so many searches, in this share of the documents or those published since."""
        from benchmarks.synthetic import Writer

        library, writer = self.library, Writer(time.monotonic_ns())  # no question twice: its vector would be held
        every = [s.id for s in library.catalog.sources()]
        sources = every[: max(1, int(len(every) * share))] if share < 1 else ()
        within = library.within(sources=sources, since=since)
        self._search(writer.question(), 8, within)
        return {"seconds": [timed(lambda: self._search(writer.question(), 8, within)) for _ in range(count)]}

    def known_items(self, count: int) -> dict[str, Any]:
        """The ranks of passages that five words of a sentence ask for: by Chroma's graph, and searched exactly."""
        import random

        import corpus.vectors

        some, ranks = random.Random(4), {"index": [], "exact": []}  # type: ignore[var-annotated]
        every = [s.id for s in self.library.catalog.sources()]
        for source in some.choices(every, k=count):
            passage, spans = some.choice([p for p in self.library.catalog.all_passages(source) if p[1]])
            start, end = some.choice(spans)
            words = sorted(set(passage.text[start - passage.start : end - passage.start].strip(".").lower().split()))
            question = " ".join(some.sample(words, min(5, len(words)))) + "?"
            limit = corpus.vectors.EXACT
            for how, most in (("index", limit), ("exact", 10**9)):
                corpus.vectors.EXACT = most
                found = [h.passage.id for h in self._search(question, 10)]
                ranks[how].append(found.index(passage.id) + 1 if passage.id in found else 0)
            corpus.vectors.EXACT = limit
        return ranks


class Tutorial:
    """What a user would build instead: LangChain's splitter at 1000/200, Chroma, the same weights."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from corpus.encoder import bundled_weights

        self._folder = folder / "chroma"
        weights = str(bundled_weights())
        try:
            from langchain_chroma import Chroma
            from langchain_huggingface import HuggingFaceEmbeddings
        except ImportError:  # the same calls that they make, without them
            self._store: Any = Plain(self._folder, weights)
            self.with_ = "chromadb and sentence-transformers called as langchain-chroma and langchain-huggingface do"
            return
        self._store = Chroma("tutorial", HuggingFaceEmbeddings(model_name=weights), str(self._folder))
        self.with_ = "langchain-chroma and langchain-huggingface"

    def ingest(self, texts: Texts) -> dict[str, Any]:
        """Split, embed and store the texts."""
        began = time.perf_counter()
        pieces = [(id, piece) for id, title, text in texts for piece in split(f"{title}\n\n{text}")]
        for at in range(0, len(pieces), 1000):
            part = pieces[at : at + 1000]
            self._store.add_texts([p for _, p in part], [{"id": id} for id, _ in part])
        return {"seconds": time.perf_counter() - began, "chunks": len(pieces), "disk": disk(self._folder)}

    def search(self, question: str, limit: int) -> dict[str, Any]:
        """The documents of the nearest chunks, nearest first, each once."""
        began = time.perf_counter()
        found = self._store.similarity_search(question, limit)
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "found": list(dict.fromkeys(d.metadata["id"] for d in found))}

    def peak(self) -> dict[str, Any]:
        """The best rate of a large matrix product on all cores, in the two precisions that an engine may use."""
        import torch

        rates = {}
        for name, kind in (("bf16", torch.bfloat16), ("f32", torch.float32)):
            size, best = 128, 0.0
            while size < 2048 and best < 0.3:  # a processor without bf16 takes minutes for a large product in it
                size *= 2
                a, b = (torch.randn(size, size).to(kind) for _ in range(2))
                best = min(timed(lambda a=a, b=b: a @ b) for _ in range(6))
            rates[name] = 2 * size**3 / best / 1e9
        return rates


class Plain:
    """langchain-chroma's store, without it: texts, metadata and vectors in one collection."""

    def __init__(self, folder: Path, weights: str) -> None:
        import chromadb
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(weights, device="cpu")
        self._collection = chromadb.PersistentClient(str(folder)).get_or_create_collection("tutorial")

    def add_texts(self, texts: list[str], metadatas: list[dict[str, str]]) -> None:
        """Embed and store."""
        from uuid import uuid4

        vectors = self._model.encode(texts).tolist()
        ids = [str(uuid4()) for _ in texts]
        self._collection.upsert(ids, embeddings=vectors, documents=texts, metadatas=metadatas)

    def similarity_search(self, question: str, k: int) -> list[Any]:
        """The nearest chunks, as documents."""
        from langchain_core.documents import Document

        found = self._collection.query(self._model.encode([question]).tolist(), n_results=k)
        rows = zip(found["documents"][0], found["metadatas"][0], strict=True)
        return [Document(page_content=text, metadata=about) for text, about in rows]


def split(text: str) -> list[str]:
    """Chunks as RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200) makes them."""
    try:
        from langchain_text_splitters import RecursiveCharacterTextSplitter
    except ImportError:
        return _split(text)
    return RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_text(text)


def _split(text: str) -> list[str]:
    """Words packed to 1,000 characters, the last 200 of one chunk opening the next."""
    chunks: list[str] = []
    held: list[str] = []
    for word in text.split():
        if held and len(" ".join(held)) + 1 + len(word) > 1000:
            chunks.append(" ".join(held))
            while len(" ".join(held)) > 200:
                held.pop(0)
        held.append(word)
    return [*chunks, " ".join(held)] if held else chunks


def timed(call: Callable[[], Any]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def disk(path: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


def memory() -> dict[str, Any]:
    """Megabytes of this process: now, and at its highest."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {key: int(status[name].split()[0]) / 1024 for key, name in (("rss", "VmRSS"), ("peak", "VmHWM"))}


def commands() -> Iterator[dict[str, Any]]:
    """What the driver asks."""
    for line in sys.stdin:
        yield json.loads(line)


def main(side: str, folder: str, *question: str) -> None:
    """Serve a side; with a question, answer it from what is stored and end: the tutorial's cold start."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints does not stand among the answers
    kinds = {"ours": Ours, "bundled": Bundled, "reference": Reference, "growth": Growth, "tutorial": Tutorial}
    made: Any = kinds[side](Path(folder))
    if question:
        answers.write(json.dumps(made.search(question[0], 4)) + "\n")
        answers.flush()
        return
    for asked in commands():
        name = asked.pop("do")
        told = memory() if name == "memory" else getattr(made, name)(**asked)
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
