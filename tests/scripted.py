"""Language models by script: servers on loopback that speak the OpenAI, Anthropic and Ollama chat protocols.

Real clients reach them over real HTTP. A script is a list of steps, or a function of the request that gives one;
a server ends itself with its `with` block. What is tested so is the wire and our side of it, never a model's skill.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant import Answer, Assistant


@dataclass(frozen=True)
class Step:
    """One reply: text, tool calls (name, arguments as an object or as raw text), or a fault."""

    text: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    status: int = 200
    body: bytes | None = None  # sent as it is, in place of a message
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False  # the stream ends before it says why
    wait: float = 0.0  # seconds before a byte is sent
    finish: str = ""  # the reason given in place of the usual one
    tokens: int = 10


def written(*statements: dict[str, Any]) -> Step:
    """A structured answer with these statements."""
    return Step(calls=(("Written", {"statements": list(statements)}),))


Script = Sequence[Step] | Callable[[dict[str, Any], int], Step]


@dataclass
class Scripted:
    """A server of one script; after the last step of a list the last is given again."""

    script: Script
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def __enter__(self) -> Scripted:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def step(self, body: dict[str, Any]) -> Step:
        n = len(self.requests)
        self.requests.append(body)
        return self.script(body, n) if callable(self.script) else self.script[min(n, len(self.script) - 1)]


class WellWritten:
    """An assistant whose model answers well: it says again what is composed, with every id that it was shown."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._saying: list[str] = []
        self._model = Scripted(self._step)

    def __enter__(self) -> WellWritten:
        self._model.__enter__()
        os.environ |= {"OPENAI_BASE_URL": self._model.url + "/v1", "OPENAI_API_KEY": "a-key-of-nobody"}
        return self

    def __exit__(self, *_: object) -> None:
        self._model.__exit__()

    @property
    def calls(self) -> int:
        """How often the model was called."""
        return len(self._model.requests)

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        """The answer through the chain."""
        self._saying = [s.text for s in self._assistant.ask(question, history, "").statements]
        return self._assistant.ask(question, history, "openai:well")

    def _step(self, body: dict[str, Any], _n: int) -> Step:
        shown = re.findall(r"\[([FWDP]\d+)\]", json.dumps(body["messages"]))
        return written(*({"text": text, "evidence": shown} for text in self._saying))


def handler(scripted: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            scripted.paths.append(self.path)
            step = scripted.step(body)
            time.sleep(step.wait)
            speak = openai if "chat/completions" in self.path else anthropic if "messages" in self.path else ollama
            streams = body.get("stream", speak is ollama)
            try:
                if step.status != 200 or step.body is not None:
                    raw = step.body or json.dumps({"error": {"type": "error", "message": step.text}}).encode()
                    kind = "application/json" if raw[:1] in b"{[" else "text/html"
                    self.reply(step.status, kind, [raw], step.headers)
                elif streams:
                    kind = "application/x-ndjson" if speak is ollama else "text/event-stream"
                    self.reply(200, kind, list(speak(step, True)))
                else:
                    self.reply(200, "application/json", list(speak(step, False)))
            except (BrokenPipeError, ConnectionResetError):
                pass

        def reply(self, status: int, kind: str, parts: list[bytes], headers: Sequence[tuple[str, str]] = ()) -> None:
            self.send_response(status)
            for name, value in (("content-type", kind), ("connection", "close"), *headers):
                self.send_header(name, value)
            self.end_headers()
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()
            self.close_connection = True

    return Handler


def _raw(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _halves(text: str) -> list[str]:
    return [text[: len(text) // 2], text[len(text) // 2 :]] if len(text) > 1 else [text]


def openai(step: Step, stream: bool) -> Iterator[bytes]:
    reason = step.finish or ("tool_calls" if step.calls else "stop")
    calls = [
        {"index": n, "id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": _raw(args)}}
        for n, (name, args) in enumerate(step.calls)
    ]
    usage = {"prompt_tokens": step.tokens, "completion_tokens": step.tokens, "total_tokens": 2 * step.tokens}
    base = {"id": "x", "created": 0, "model": "scripted"}
    if not stream:
        message = {"role": "assistant", "content": step.text, **({"tool_calls": calls} if calls else {})}
        choice = {"index": 0, "message": message, "finish_reason": reason}
        yield json.dumps({**base, "object": "chat.completion", "choices": [choice], "usage": usage}).encode()
        return
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": part} for part in _halves(step.text) if part]
    for call in calls:
        first, *rest = _halves(call["function"]["arguments"])
        deltas.append({"tool_calls": [{**call, "function": {**call["function"], "arguments": first}}]})
        deltas += [{"tool_calls": [{"index": call["index"], "function": {"arguments": r}}]} for r in rest]
    chunks: list[dict[str, Any]] = [{"index": 0, "delta": d, "finish_reason": None} for d in deltas]
    if not step.cut:
        chunks.append({"index": 0, "delta": {}, "finish_reason": reason})
    for c in chunks:
        yield f"data: {json.dumps({**base, 'object': 'chat.completion.chunk', 'choices': [c]})}\n\n".encode()
    if not step.cut:
        last = {**base, "object": "chat.completion.chunk", "choices": [], "usage": usage}
        yield f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n".encode()


def anthropic(step: Step, stream: bool) -> Iterator[bytes]:
    reason = step.finish or ("tool_use" if step.calls else "end_turn")
    usage = {"input_tokens": step.tokens, "output_tokens": step.tokens}
    message = {"id": "x", "type": "message", "role": "assistant", "model": "scripted", "stop_sequence": None}
    blocks: list[dict[str, Any]] = [{"type": "text", "text": step.text}] if step.text else []
    blocks += [{"type": "tool_use", "id": f"toolu_{n}", "name": c, "input": a} for n, (c, a) in enumerate(step.calls)]
    if not stream:
        yield json.dumps({**message, "content": blocks, "stop_reason": reason, "usage": usage}).encode()
        return

    def event(kind: str, **rest: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **rest})}\n\n".encode()

    yield event("message_start", message={**message, "content": [], "stop_reason": None, "usage": usage})
    for n, block in enumerate(blocks):
        if block["type"] == "text":
            yield event("content_block_start", index=n, content_block={"type": "text", "text": ""})
            for part in _halves(block["text"]):
                yield event("content_block_delta", index=n, delta={"type": "text_delta", "text": part})
        else:
            yield event("content_block_start", index=n, content_block={**block, "input": {}})
            for part in _halves(_raw(block["input"])):
                yield event("content_block_delta", index=n, delta={"type": "input_json_delta", "partial_json": part})
        if not step.cut:
            yield event("content_block_stop", index=n)
    if not step.cut:
        yield event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage=usage)
        yield event("message_stop")


def ollama(step: Step, stream: bool) -> Iterator[bytes]:
    base = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z"}
    calls = [{"function": {"name": name, "arguments": args}} for name, args in step.calls]
    parts: list[dict[str, Any]] = [{"role": "assistant", "content": p} for p in _halves(step.text)]
    if calls:
        parts.append({"role": "assistant", "content": "", "tool_calls": calls})
    end = {"done": True, "done_reason": step.finish or "stop", "prompt_eval_count": step.tokens, "eval_count": 1}
    if not stream:
        whole = {"role": "assistant", "content": step.text, **({"tool_calls": calls} if calls else {})}
        yield json.dumps({**base, "message": whole, **end}).encode()
        return
    for p in parts:
        yield (json.dumps({**base, "message": p, "done": False}) + "\n").encode()
    if not step.cut:
        yield (json.dumps({**base, "message": {"role": "assistant", "content": ""}, **end}) + "\n").encode()
