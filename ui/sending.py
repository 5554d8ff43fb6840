"""The routes of uploads: send a document, ask how far it is, give a password, add it, leave it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from corpus.errors import FootnoteError, TooMuch
from ui.origin import MARK, Names, foreign
from ui.uploads import Uploads

PATH = "/uploads"


def router(uploads: Uploads, names: Names) -> APIRouter:
    """The routes, for requests that come from the page itself under one of these names."""
    made = APIRouter(prefix=PATH, include_in_schema=False)

    def answered(said: Mapping[str, Any], code: int = 200) -> JSONResponse:
        return JSONResponse(dict(said), code, {"cache-control": "no-store"})

    def refused(error: Exception) -> JSONResponse:
        if isinstance(error, OSError):
            return answered({"error": "the disk of the server is full or cannot be written to"}, 507)
        return answered({"error": str(error)}, 413 if isinstance(error, TooMuch) else 400)

    async def body(request: Request) -> Mapping[str, Any]:
        try:
            said = await request.json()
        except ValueError:
            said = {}
        return said if isinstance(said, dict) else {}

    @made.post("")
    async def send(request: Request) -> JSONResponse:
        if why := foreign(request.headers, names):
            return answered({"error": why}, 403)
        length = request.headers.get("content-length", "")
        try:
            name = unquote(request.headers[MARK], errors="replace")
            upload = await uploads.receive(name, int(length) if length.isdigit() else 0, request.stream())
        except ClientDisconnect:
            return answered({}, 400)  # nobody reads it
        except (FootnoteError, OSError) as error:
            return refused(error)
        return answered(upload.told(), 201)

    @made.get("/{id}")
    async def look(request: Request, id: str) -> JSONResponse:
        return await act(request, lambda: uploads.find(id).told())

    @made.post("/{id}/password")
    async def unlock(request: Request, id: str) -> JSONResponse:
        said = await body(request)
        return await act(request, lambda: uploads.unlock(id, str(said.get("password") or "")).told())

    @made.post("/{id}/add")
    async def add(request: Request, id: str) -> JSONResponse:
        said = await body(request)
        return await act(request, lambda: uploads.add(id, said).told())

    @made.delete("/{id}")
    async def leave_out(request: Request, id: str) -> JSONResponse:
        return await act(request, lambda: dropped(id))

    def dropped(id: str) -> Mapping[str, Any]:
        uploads.drop(id)
        return {}

    async def act(request: Request, do: Any) -> JSONResponse:
        if why := foreign(request.headers, names):
            return answered({"error": why}, 403)
        try:
            return answered(do())
        except FootnoteError as error:
            return refused(error)

    return made
