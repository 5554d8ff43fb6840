"""Retrieval on a set given by path: `python benchmarks/retrieval.py SET.json.gz [--fit] [--json]`.

The set is a JSON object of `paragraphs` ({"title", "text"}: one passage each) and `questions`
({"q", "para", "answerable", "answers"}). Seeded, 2,000 answerable questions are the test part and 500
others the tuning part. Reported on the test part: hit@1, hit@5 and MRR@10 of the gold passage among
all; how often the one best sentence holds an answer; and, at the threshold that keeps 95 % of the
answerable, how many questions on other subjects are answered: those of tests/evaluation, and the
test questions with their own article left out, which is harder, since the rest is as good English.
`--fit` finds the weights of assistant/weights.toml on the tuning part and prints them; `--projection`
writes corpus/projection.npy from the paragraphs. The library is kept in FOOTNOTE_HOME, if set.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.likeness import scaled, weights_of
from assistant.picking import kind_of, likeness, spoken
from assistant.retrieve import RERANKED, Retriever
from assistant.types import Hit
from corpus.library import Library, passage_id
from corpus.sentences import sentence_spans
from corpus.settings import Settings
from corpus.types import Passage, Source

Array = npt.NDArray[np.float64]
SETS = Path(__file__).parent.parent / "tests" / "evaluation"
TEST, TUNE, OTHER = 2000, 500, 500


def library_of(paragraphs: Sequence[dict[str, str]], home: str) -> Library:
    """A library in which each paragraph is one passage of the source that its title names."""
    settings = Settings(home=home)
    if Library.exists(settings):
        return Library.open(settings)
    library = Library.create(settings)
    by_title: dict[str, list[str]] = {}
    for p in paragraphs:
        by_title.setdefault(p["title"], []).append(p["text"])
    with library.change() as change:
        for title, texts in by_title.items():
            whole = "\n\n".join(texts)
            id = hashlib.sha256(title.encode()).hexdigest()[:12]
            made, at = [], 0
            for text in texts:
                end = min(at + len(text) + 2, len(whole))
                piece = whole[at:end]
                passage = Passage(passage_id(id, at, piece), id, piece, at, end, "", None, ())
                made.append((passage, sentence_spans(whole, at, at + len(text))))
                at = end
            change.put(Source(id=id, title=title, kind="other", sha256=id), title, whole, made)
        change.mark_made()
    return library


def quality(ranks: Iterable[float]) -> dict[str, float]:
    """hit@1, hit@5 and MRR@10 in percent, of ranks that begin with 1."""
    r = np.array(list(ranks), float)
    return {
        "hit@1": 100 * float((r <= 1).mean()),
        "hit@5": 100 * float((r <= 5).mean()),
        "MRR@10": 100 * float(np.where(r <= 10, 1 / r, 0).mean()),
    }


def auroc(kept: Array, other: Array) -> float:
    """The chance that one of `kept` stands above one of `other`."""
    both = np.concatenate([kept, other])
    ranks = np.empty(len(both))
    ranks[np.argsort(both)] = np.arange(1, len(both) + 1)
    return float((ranks[: len(kept)].sum() - len(kept) * (len(kept) + 1) / 2) / len(kept) / len(other))


def fitted(groups: Sequence[tuple[Array, npt.NDArray[np.bool_]]], start: float = 4.0) -> Array:
    """Weights that make the right rows of each group likeliest: conditional logit, a little ridge, Newton's method."""
    w = np.full(groups[0][0].shape[1], start)
    ridge = 1e-4
    for _step in range(60):
        gradient, curve = 2 * ridge * w, 2 * ridge * np.eye(len(w))
        for rows, right in groups:
            s = rows @ w
            p = np.exp(s - s.max())
            p /= p.sum()
            q = p * right / max(float((p * right).sum()), 1e-12)
            mean, best = rows.T @ p, rows.T @ q
            gradient = gradient + (mean - best) / len(groups)
            curve = curve + (rows.T @ (rows * p[:, None]) - np.outer(mean, mean)) / len(groups)
        step = np.linalg.solve(curve + 1e-3 * np.eye(len(w)), gradient)
        w = w - np.clip(step, -4, 4)
    return w


def logistic(rows: Array, right: npt.NDArray[np.bool_]) -> Array:
    """Weights and, last, the constant of a logistic regression, by Newton's method."""
    x = np.column_stack([rows, np.ones(len(rows))])
    w = np.zeros(x.shape[1])
    for _step in range(40):
        p = 1 / (1 + np.exp(-x @ w))
        curve = x.T @ (x * (p * (1 - p))[:, None]) + 1e-2 * np.eye(len(w))
        w = w - np.linalg.solve(curve, x.T @ (p - right) + 1e-2 * w)
    return w


class Run:
    """One library and its questions, each searched once."""

    def __init__(self, data: dict[str, Any], library: Library) -> None:
        self.library, self.retriever = library, Retriever(library)
        self.paragraphs, self.questions = data["paragraphs"], data["questions"]
        answerable = [q for q in self.questions if q["answerable"]]
        random.Random(20240501).shuffle(answerable)
        self.test, self.tune = answerable[:TEST], answerable[TEST : TEST + TUNE]
        self.place = {
            (self.library.source(p.source_id).title, p.text.rstrip("\n")): p.id
            for p, _spans in library.catalog.all_passages()
        }
        self.hits: dict[str, list[Hit]] = {}
        self.seconds: list[float] = []

    def search(self, q: dict[str, Any]) -> list[Hit]:
        """All reranked passages of a question."""
        if q["id"] not in self.hits:
            start = time.perf_counter()
            self.hits[q["id"]] = self.retriever.search(q["q"], RERANKED)
            self.seconds.append(time.perf_counter() - start)
        return self.hits[q["id"]]

    def gold(self, q: dict[str, Any]) -> str:
        """The id of the passage that answers."""
        p = self.paragraphs[q["para"]]
        return self.place[p["title"], p["text"].rstrip("\n")]

    def rank(self, q: dict[str, Any]) -> float:
        """The place of the gold passage, from 1; infinite where it was not found."""
        ids = [h.passage.id for h in self.search(q)]
        gold = self.gold(q)
        return ids.index(gold) + 1.0 if gold in ids else np.inf

    def pick(self, q: dict[str, Any]) -> bool:
        """Whether the best sentence of the first passages holds an answer."""
        found = self.retriever.sentences(q["q"], self.search(q)[:8])
        best = max(found, key=lambda c: (likeness(c, kind_of(q["q"])), c.hit.passage.id))
        return any(a[0] in best.text for a in q["answers"])

    def nearness(self, q: dict[str, Any], without: bool = False) -> list[Hit]:
        """The hits of a question, or its hits in a library without its own article."""
        if not without:
            return self.search(q)
        title = self.paragraphs[q["para"]]["title"]
        others = [s.id for s in self.library.catalog.sources() if s.title != title]
        return self.retriever.search(q["q"], RERANKED, self.library.within(sources=others))


def of_other_subjects(count: int) -> list[dict[str, Any]]:
    """English questions of tests/evaluation: on AI talent and its policies, or on nothing that any library holds."""
    found = []
    for path in sorted(SETS.rglob("*.jsonl")):
        if not any(word in path.stem for word in ("conversations", "languages")):
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
            found += [row["question"] for row in rows if "question" in row]
    found = sorted({q for q in found if q.isascii()})
    random.Random(1).shuffle(found)
    return [{"id": f"other-{n}", "q": q} for n, q in enumerate(found[:count])]


def report(run: Run) -> dict[str, Any]:
    """All figures of the test part, and the threshold's from the tuning part."""
    near = run.retriever.nearness
    kept = np.array([near(run.search(q)) for q in run.test])
    made: dict[str, Any] = {"test": quality(run.rank(q) for q in run.test)}
    made["median ms"] = 1000 * median(run.seconds[200:])
    made["p95 ms"] = 1000 * float(np.quantile(run.seconds[200:], 0.95))
    made["best sentence"] = 100 * float(np.mean([run.pick(q) for q in run.test]))
    other = np.array([near(run.search(q)) for q in of_other_subjects(OTHER)])
    without = np.array([near(run.nearness(q, without=True)) for q in run.test[:OTHER]])
    limit = np.quantile(kept, 0.05)
    made["answerable kept"] = 100 * float((kept >= 0).mean())
    for name, values in (("other subjects", other), ("own article left out", without)):
        made[name] = {
            "AUROC": auroc(kept, values),
            "answered at 95 % kept": 100 * float((values >= limit).mean()),
            "answered as shipped": 100 * float((values >= 0).mean()),
        }
    return made


def fit(run: Run) -> dict[str, Any]:
    """The weights of every step, from the tuning part alone, with token vectors and without."""
    made: dict[str, Any] = {}
    columns: dict[str, Callable[[Hit], float]] = {
        "dense": lambda h: h.dense, "words": lambda h: h.words, "late": lambda h: h.late,
        "held": lambda h: h.held, "told": lambda h: h.told,
    }  # fmt: skip
    for kind in ("tokens", "plain"):
        names = [n for n in weights_of("passages", kind == "tokens")]
        groups = []
        for q in run.tune:
            hits = run.search(q)
            right = np.array([h.passage.id == run.gold(q) for h in hits])
            if right.any():
                groups.append((np.stack([scaled(np.array([columns[n](h) for h in hits])) for n in names], 1), right))
        w = fitted(groups)
        made[f"passages.{kind}"] = dict(zip(names, (w / w.sum()).tolist(), strict=True))
        names = [n for n in weights_of("sentences", kind == "tokens")]
        groups = []
        for q in run.tune:
            found = run.retriever.sentences(q["q"], run.search(q)[:8])
            rows = np.array([[spoken(c, n, kind_of(q["q"])) for n in names] for c in found])
            right = np.array(
                [c.hit.passage.id == run.gold(q) and any(a[0] in c.text for a in q["answers"]) for c in found]
            )
            if right.any():
                groups.append((rows, right))
        w = fitted(groups)
        made[f"sentences.{kind}"] = dict(zip(names, (w / w.sum()).tolist(), strict=True))
        names = [n for n in weights_of("about", kind == "tokens") if n not in ("base", "least")]
        best = [run.search(q)[0] for q in run.tune] + [run.nearness(q, without=True)[0] for q in run.tune]
        rows = np.array([[columns[n](h) for n in names] for h in best])
        w = logistic(rows, np.arange(len(best)) < len(run.tune))
        odds = rows @ w[:-1] + w[-1]
        found_about = dict(zip(names, w[:-1].tolist(), strict=True)) | {"base": float(w[-1])}
        made[f"about.{kind}"] = found_about | {"least": float(np.quantile(odds[: len(run.tune)], 0.05))}
    return made


def projection(paragraphs: Sequence[dict[str, str]], width: int = 128) -> npt.NDArray[np.float16]:
    """The first principal components of the model's token vectors over some texts, of shape (384, width)."""
    from corpus.encoder import load_encoder

    encoder: Any = load_encoder("")
    texts = [p["text"] for p in random.Random(0).sample(list(paragraphs), 200)]
    rows = np.concatenate(encoder.raw_tokens(texts)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    _values, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    return np.asarray(vectors[:, ::-1][:, :width], np.float16)


def main(arguments: Sequence[str]) -> int:
    """Measure, or fit, and print."""
    path = next(a for a in arguments if not a.startswith("--"))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        data = json.load(file)
    if "--projection" in arguments:
        np.save(Path(__file__).parent.parent / "corpus" / "projection.npy", projection(data["paragraphs"]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        library = library_of(data["paragraphs"], os.environ.get("FOOTNOTE_HOME") or folder)
        run = Run(data, library)
        made = fit(run) if "--fit" in arguments else report(run)
        if "--json" in arguments:
            print(json.dumps(made, indent=1))
        else:
            for name, value in made.items():
                inner = value.items() if isinstance(value, dict) else [("", value)]
                print(f"{name:24}", "  ".join(f"{k} {v:.3f}" for k, v in inner))
        library.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
