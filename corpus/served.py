"""What a Chroma server that does not answer is called, whichever of its calls meets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from corpus.errors import LibraryBroken


@dataclass(frozen=True, slots=True)
class Served:
    """A collection of a Chroma server, with its methods; each raises LibraryBroken where the server is gone."""

    collection: Any
    url: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        import httpx

        method = getattr(self.collection, name)

        def asked(*args: Any, **given: Any) -> Any:
            try:
                return method(*args, **given)
            except httpx.TransportError as error:
                raise silent(self.url) from error

        return asked


def silent(url: str) -> LibraryBroken:
    """The error of a server that does not answer."""
    return LibraryBroken(f"no Chroma server answers at FOOTNOTE_CHROMA_URL={url!r}; start it, or unset it")
