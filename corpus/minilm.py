"""The bundled model in numpy, for one text at a time: what a question is read with.

A question is a dozen tokens. For so few, starting an inference engine costs ten times the answer: this
needs numpy, the tokeniser and the weights mapped from disk, a fifth of a second and 60 MB in all, and its
vectors differ from the reference by less than 1e-6. Documents go through OpenVINO (`encoder`).
"""

from __future__ import annotations

import json
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.whole import whole

Array = npt.NDArray[np.float32]
MAX_TOKENS = 256  # the limit of the model; its tokenizer.json says 128, which would cut texts in half
LAYERS, HEADS, WIDTH = 6, 12, 384
_EPSILON = np.float32(1e-12)  # layer_norm_eps of the model's config.json
_PARTS = ("attention.self.qkv", "attention.output.dense", "intermediate.dense", "output.dense")
_SHAPES = ((WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, 4 * WIDTH), (4 * WIDTH, WIDTH))  # as input x output
_HALF, _ROOT = np.float32(0.5), np.float32(0.5**0.5)
# erf(x) = x P(x^2) / Q(x^2) on [-4, 4], the rational approximation of Eigen and XLA: right to 2e-7.
_P = (-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
      -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02)  # fmt: skip
_Q = (-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03,
      -1.42647390514189e-02)  # fmt: skip


def tokenizer(weights: Path) -> Any:
    """The model's tokeniser, which cuts at MAX_TOKENS and pads nothing."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(weights / "tokenizer.json"))
    made.enable_truncation(MAX_TOKENS)
    made.no_padding()
    return made


class MiniLM:
    """The forward pass; safe from any thread. `cache` is where the turned weights are kept."""

    def __init__(self, weights: Path, cache: Path) -> None:
        self._tokenizer = tokenizer(weights)
        tensors = _Tensors(weights / "model.safetensors")
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._places = (
            tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._first = _norm_of(tensors, "embeddings.LayerNorm")
        turned = _turned(tensors, cache)
        self.layers = [Layer(tensors, n, turned[n]) for n in range(LAYERS)]

    def read(self, text: str) -> tuple[Array, Array]:
        """The vector of one text, shape (384,), of length 1, and those of its tokens, shape (tokens, 384)."""
        x = self.words(text)
        for layer in self.layers:
            x = layer(x)
        return self.mean(x), x

    def rest(self) -> None:
        """Give the memory of the mapped weights back, until they are read again: from the page cache, in no time."""
        held: Any = self.layers[0].qkv
        while isinstance(held, np.ndarray):
            held = held.base
        if isinstance(held, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            held.madvise(mmap.MADV_DONTNEED)

    def words(self, text: str) -> Array:
        """What the first layer reads: the tokens by themselves, each in its place, shape (tokens, 384)."""
        ids = self._tokenizer.encode(text).ids
        return _normed(self._words[ids] + self._places[: len(ids)], *self._first)

    @staticmethod
    def mean(tokens: Array) -> Array:
        """The vector of a text whose tokens these are: their mean, brought to length 1."""
        mean = tokens.mean(axis=0)
        return np.asarray(mean / np.sqrt(mean @ mean), np.float32)


class Layer:
    """Attention and feed-forward of one layer; x has the shape (tokens, 384)."""

    def __init__(self, tensors: _Tensors, n: int, turned: list[Array]) -> None:
        at = f"encoder.layer.{n}."
        self.qkv, self.out, self.up, self.down = turned
        self.qkv_bias = np.concatenate([tensors[f"{at}attention.self.{p}.bias"] for p in ("query", "key", "value")])
        self.out_bias, self.up_bias, self.down_bias = (tensors[f"{at}{p}.bias"] for p in _PARTS[1:])
        self.norms = [_norm_of(tensors, f"{at}{p}output.LayerNorm") for p in ("attention.", "")]

    def __call__(self, x: Array) -> Array:
        """The tokens as the next layer reads them."""
        n = len(x)
        # (3, heads, tokens, 32)
        query, key, value = (x @ self.qkv + self.qkv_bias).reshape(n, 3, HEADS, -1).transpose(1, 2, 0, 3)
        weight = query @ key.transpose(0, 2, 1)
        weight *= np.float32((WIDTH // HEADS) ** -0.5)
        weight -= weight.max(axis=-1, keepdims=True)
        np.exp(weight, out=weight)
        weight /= weight.sum(axis=-1, keepdims=True)
        seen = (weight @ value).transpose(1, 0, 2).reshape(n, WIDTH)
        x = _normed(seen @ self.out + self.out_bias + x, *self.norms[0])
        return _normed(_gelu(x @ self.up + self.up_bias) @ self.down + self.down_bias + x, *self.norms[1])


class _Tensors:
    """The arrays of a safetensors file, mapped and not read."""

    def __init__(self, path: Path) -> None:
        self._raw = np.memmap(path, np.uint8, "r")
        length = int(self._raw[:8].view("<u8")[0])
        self._start = 8 + length
        self._head: dict[str, Any] = json.loads(bytes(self._raw[8 : self._start]))

    def __getitem__(self, name: str) -> Array:
        about = self._head[name]
        if about["dtype"] != "F32":
            raise ValueError(f"{name} is of type {about['dtype']}, expected F32")
        a, b = (self._start + offset for offset in about["data_offsets"])
        return np.asarray(self._raw[a:b].view("<f4").reshape(about["shape"]))


def _turned(tensors: _Tensors, cache: Path) -> list[list[Array]]:
    """The matrices of each layer as input x output, contiguous: so a short text is multiplied twice as fast.

    They are written once to `cache` and mapped from there, so that all processes share their 42 MB.
    """
    sizes = [a * b for a, b in _SHAPES]
    try:
        if not cache.exists():
            _write(cache, [_matrix(tensors, n, part).ravel() for n in range(LAYERS) for part in _PARTS])
        # "c", though nobody writes: OpenVINO takes no array that it may not write to
        flat = np.memmap(cache, np.float32, "c", shape=(LAYERS, sum(sizes)))
    except (OSError, ValueError):  # no place to cache, or half a file: then each process holds its own
        flat = np.concatenate([_matrix(tensors, n, p).ravel() for n in range(LAYERS) for p in _PARTS])  # type: ignore[assignment]
        flat = flat.reshape(LAYERS, -1)  # type: ignore[assignment]
    ends = np.cumsum([0, *sizes])
    cut = list(zip(ends, ends[1:], _SHAPES, strict=False))
    return [[np.asarray(flat[n, a:b]).reshape(shape) for a, b, shape in cut] for n in range(LAYERS)]


def _matrix(tensors: _Tensors, n: int, part: str) -> Array:
    at = f"encoder.layer.{n}."
    if not part.endswith("qkv"):
        return np.ascontiguousarray(tensors[f"{at}{part}.weight"].T)
    three = [tensors[f"{at}attention.self.{p}.weight"] for p in ("query", "key", "value")]
    return np.ascontiguousarray(np.concatenate(three).T)


def _write(path: Path, parts: list[Array]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        for part in parts:
            file.write(part.tobytes())


def _norm_of(tensors: _Tensors, name: str) -> tuple[Array, Array]:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _normed(x: Array, weight: Array, bias: Array) -> Array:
    x = x - x.mean(axis=-1, keepdims=True)
    spread = np.einsum("ij,ij->i", x, x)[:, None] / np.float32(WIDTH)
    return np.asarray(x / np.sqrt(spread + _EPSILON) * weight + bias)


def _gelu(x: Array) -> Array:
    z: Array = np.clip(x * _ROOT, np.float32(-4), np.float32(4))
    square = z * z
    z *= _horner(_P, square)
    z /= _horner(_Q, square)
    z += np.float32(1)
    z *= x
    z *= _HALF
    return z


def _horner(factors: tuple[float, ...], x: Array) -> Array:
    total = np.full_like(x, factors[0])
    for factor in factors[1:]:
        total *= x
        total += np.float32(factor)
    return total
