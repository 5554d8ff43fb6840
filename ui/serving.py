"""Running the application: a port that is ours before anything heavy loads, and a clean end."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from corpus.errors import BadInput
from ui.opening import Asker, Opening

GRACE = 3  # seconds that open streams get when the server ends


def run(
    make: Callable[[Opening], Any],
    factory: Callable[[], Asker],
    host: str,
    port: int,
    ready: Callable[[str], None],
) -> None:
    """Bind, build, answer, and call `ready` with the address; return after SIGINT or SIGTERM.

    Raises BadInput where the port cannot be had, and whatever `factory` raised.
    """
    with bound(host, port) as sock, ended_by_signals():
        opening = Opening(factory).start()
        try:
            serve_on(sock, make(opening), opening, ready)
        finally:
            opening.close()
    if opening.error:
        raise opening.error


def serve_on(sock: socket.socket, application: Any, opening: Opening, ready: Callable[[str], None]) -> None:
    """Serve until a signal, or until the opening fails."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                ready(address(sock))

        async def on_tick(self, counter: int) -> bool:
            return await super().on_tick(counter) or opening.error is not None

    config = uvicorn.Config(
        application, log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=GRACE,
    )  # fmt: skip
    Server(config).run(sockets=[sock])


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at that address; raises BadInput with the next step where there is none to have."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(128)  # from here on, a second server on this port is refused
        except OverflowError:
            raise BadInput(f"port {port} does not exist; choose one below 65536 with --port") from None
        except socket.gaierror:
            raise BadInput(f"host {host!r} is not known here; choose another with --host") from None
        except OSError as error:
            raise BadInput(refused(error, host, port)) from None
        yield sock


def refused(error: OSError, host: str, port: int) -> str:
    """Why an address could not be bound, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} needs more rights; choose one above 1023 with --port"
    return f"{host}:{port} cannot be served ({error.strerror}); choose another host or port"


def address(sock: socket.socket) -> str:
    """The page's address as a browser takes it."""
    host, port = sock.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Make SIGINT and SIGTERM end the block and nothing else.

    uvicorn takes both over while it serves, and raises them again for us at its end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, interrupt) for name in names]
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)


def interrupt(*_: object) -> None:
    """A signal handler that unwinds the stack as Ctrl-C does."""
    raise KeyboardInterrupt
