"""What stands before every route: security headers, a limit on size, and closed doors of Gradio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LIMIT = 2_000_000  # bytes of a request: a conversation of 100 turns with its answers
GRADIO = "/gradio_api/"
# What the page and gradio_client use. Gradio's uploads, file serving, proxying and the editor stay shut:
# documents come in by routes of our own (ui/sending.py), and each of these has been a hole in some version.
OPEN = ("queue/", "run/", "call/", "info", "config", "heartbeat/", "startup-events", "cancel",
        "reset", "theme.css", "app_id")  # fmt: skip
SHUT = ("/monitoring", "/login", "/svelte/")
CONTENT = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio builds functions from strings
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", CONTENT.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Gate:
    """ASGI middleware; a plain function of messages, so streams pass unbuffered."""

    def __init__(self, app: App, unlimited: str = "") -> None:
        self._app = app
        self._unlimited = unlimited  # a path whose route has a limit of its own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = with_headers(send)
        limited = not self._unlimited or scope["path"] != self._unlimited
        if shut(scope["path"]):
            await PlainTextResponse("Not found", 404)(scope, receive, sender)
        elif limited and declared(scope) > LIMIT:
            await PlainTextResponse("Request too large", 413)(scope, receive, sender)
        else:
            await self._app(scope, counted(receive) if limited else receive, sender)


def shut(path: str) -> bool:
    """Whether a path is one of Gradio's that this page does not use."""
    if path.startswith(GRADIO):
        return not path.removeprefix(GRADIO).startswith(OPEN)
    return path.startswith(SHUT)


def declared(scope: Scope) -> int:
    """The length that a request announces."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else LIMIT + 1
    return 0


def counted(receive: Receive) -> Receive:
    """`receive` that refuses to go on past the limit, for requests that announce no length."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LIMIT:
            raise HTTPException(413, "Request too large")
        return message

    return limited


def with_headers(send: Send) -> Send:
    """`send` that adds our headers to each response, in place of any of the same name."""
    ours = {name for name, _ in HEADERS}

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(n, v) for n, v in message.get("headers", ()) if n.lower() not in ours]
            message = {**message, "headers": [*kept, *HEADERS]}
        await send(message)

    return sender
