"""The bundled model on OpenVINO for one text at a time: what a process that goes on asking reads questions with.

The same layers over the same mapped weights as `minilm`, written as a graph: no conversion, so no torch, and
no second copy of the table of words. It takes some 0.5 s to compile and is half again as fast as numpy.
`threads` are not pinned: beside busy neighbours pinned ones wait for their core. Always in fp32, so that a
question has the same vectors whether or not the process is warm.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from corpus.minilm import HEADS, WIDTH, Array, MiniLM

# Tokens of a question, for each of which the engine prepares itself; for fewer it packs weights once more (14 MB).
_USUAL = range(7, 33)


class WarmMiniLM:
    """The forward pass of a `MiniLM`, compiled; safe from any thread, one text at a time."""

    def __init__(self, model: MiniLM, openvino: Any, threads: int) -> None:
        self._model = model
        self._lock = threading.Lock()  # one request, and so one set of buffers, however many ask
        options = {
            "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False, "CACHE_DIR": "",
        }  # fmt: skip
        self._request = openvino.Core().compile_model(_graph(model, openvino), "CPU", options).create_infer_request()

    def read(self, text: str) -> tuple[Array, Array]:
        """The vector of one text, shape (384,), of length 1, and those of its tokens, shape (tokens, 384)."""
        x = self._model.words(text)
        tokens = self._infer(x)
        return MiniLM.mean(tokens), tokens

    def prepare(self) -> None:
        """Make ready for questions of the usual lengths: the first of each length takes longer."""
        for length in _USUAL:
            self._infer(np.zeros((length, WIDTH), np.float32))

    def _infer(self, x: Array) -> Array:
        with self._lock:
            return np.array(self._request.infer([x])[0], np.float32)  # a copy: the request's buffer is used again


def _graph(model: MiniLM, openvino: Any) -> Any:
    ops = openvino.opset13
    start = ops.parameter([-1, WIDTH], np.float32)
    x = start
    for layer in model.layers:
        qkv = _dense(ops, x, layer.qkv, layer.qkv_bias)
        parts = ops.transpose(ops.reshape(qkv, [-1, 3, HEADS, WIDTH // HEADS], False), [1, 2, 0, 3])
        query, key, value = (ops.squeeze(part, [0]) for part in ops.split(parts, 0, 3).outputs())
        near = ops.matmul(query, key, False, True)
        weight = ops.softmax(ops.multiply(near, np.float32((WIDTH // HEADS) ** -0.5)), -1)
        seen = ops.reshape(ops.transpose(ops.matmul(weight, value, False, False), [1, 0, 2]), [-1, WIDTH], False)
        x = _normed(ops, ops.add(_dense(ops, seen, layer.out, layer.out_bias), x), layer.norms[0])
        wide = ops.gelu(_dense(ops, x, layer.up, layer.up_bias), "erf")
        x = _normed(ops, ops.add(_dense(ops, wide, layer.down, layer.down_bias), x), layer.norms[1])
    return openvino.Model([x], [start], "minilm")


def _dense(ops: Any, x: Any, weight: Array, bias: Array) -> Any:
    return ops.add(ops.matmul(x, ops.constant(weight, shared_memory=True), False, False), ops.constant(bias))


def _normed(ops: Any, x: Any, norm: tuple[Array, Array]) -> Any:
    weight, bias = norm
    centred = ops.mvn(x, np.array([-1], np.int64), True, 1e-12, "inside_sqrt")
    return ops.add(ops.multiply(centred, ops.constant(weight)), ops.constant(bias))
