"""The web application: the page, its fonts, its health, and how it is served.

Gradio is imported late (`ui.quiet`), so that a port in use is told at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from corpus.settings import Settings
from ui import serving, theme
from ui.gate import Gate
from ui.opening import Asker, Opening, status
from ui.origin import allowed

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import APIRouter, FastAPI


def build(assistant_factory: Callable[[], Asker]) -> gr.Blocks:
    """The page. The factory runs once, in the background, from now on."""
    from ui.page import blocks

    return blocks(Opening(assistant_factory).start())


def app(assistant_factory: Callable[[], Asker], routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The whole application; `routers` come before the page and share its headers and limits."""
    return application(Opening(assistant_factory).start(), routers)


def application(opening: Opening, routers: Sequence[APIRouter] = (), names: frozenset[str] | None = None) -> FastAPI:
    """The application for an assistant that is being opened; it is at `.state.opening`.

    `names` are those under which documents are taken; None: the page takes none.
    """
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse
    from fastapi.staticfiles import StaticFiles

    from ui.page import blocks, mount

    web = FastAPI(title="Footnote", docs_url=None, redoc_url=None)  # both pages load from CDNs
    web.state.opening = opening
    for router in routers:
        web.include_router(router)

    @web.get("/healthz", include_in_schema=False)
    def healthz() -> JSONResponse:
        code, body = status(opening)
        return JSONResponse(dict(body), code)

    if names is not None:
        from ui import sending
        from ui.uploads import Uploads

        web.include_router(sending.router(Uploads(lambda: opening.get().library.settings), names))
    web.mount("/fonts", StaticFiles(directory=theme.FONTS), name="fonts")
    mount(web, blocks(opening, names is not None))
    web.add_middleware(Gate, unlimited="" if names is None else sending.PATH)
    return web


def serve(
    home: str | None = None,
    host: str = "127.0.0.1",
    port: int = 7860,
    ready: Callable[[str], None] = lambda url: None,
    uploads: bool | None = None,
) -> None:
    """Serve the page until SIGINT or SIGTERM; `ready` gets its address once it answers.

    `uploads` says whether the page takes documents; None leaves it to the settings.
    The library in `home` is made from the bundled corpus where there is none. Raises BadInput where
    the port cannot be had, and whatever opening the library raises.
    """
    settings = Settings.read(os.environ)
    if home is not None:
        settings = replace(settings, home=str(home))
    if uploads is not None:
        settings = replace(settings, uploads=switched(settings.uploads, uploads))
    made = partial(application, names=allowed(settings.uploads, host))
    serving.run(made, partial(open_assistant, settings), host, port, ready)


def switched(setting: str, on: bool) -> str:
    """The setting of uploads as the command line turns it on or off; names that it gives stand."""
    if not on:
        return "off"
    return "on" if setting.strip().lower() in ("", "off") else setting


def open_assistant(settings: Settings) -> Asker:
    """An assistant over the library that `settings` name, made first where there is none; a crowd where many ask."""
    from assistant.chain import Assistant
    from assistant.crowd import Rush
    from ingest import open_library

    return Rush(Assistant(open_library(settings)))
