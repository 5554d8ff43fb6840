"""Settings: one frozen class, read from an environment that is passed in.

The table in the README is made from the `help` texts below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from corpus.errors import BadSetting

PREFIX = "FOOTNOTE_"


def default_home() -> Path:
    """The user's data folder for Footnote, as the operating system has it."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("footnote", appauthor=False))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set from outside, each with its default and its meaning."""

    home: str = field(default="", metadata={"help": "The library's folder; empty: the user's data folder"})
    catalog_url: str = field(
        default="",
        metadata={"help": "A database address for the catalog; empty: SQLite in the library's folder"},
    )
    chroma_url: str = field(
        default="",
        metadata={"help": "The address of a Chroma server; empty: Chroma in the library's folder"},
    )
    model: str = field(
        default="",
        metadata={"help": "A chat model as provider:name; empty: answers are composed without one"},
    )
    model_calls: int = field(default=6, metadata={"help": "Calls of the chat model that one answer may make"})
    model_seconds: float = field(default=60.0, metadata={"help": "Seconds that the chat model has for one answer"})
    model_tokens: int = field(default=40_000, metadata={"help": "Tokens that one answer may use, in and out together"})
    encoder: str = field(
        default="",
        metadata={"help": "A sentence-transformers model or folder; empty: the bundled all-MiniLM-L6-v2"},
    )
    reranker: str = field(
        default="",
        metadata={"help": "A cross-encoder model or folder that reads the 30 best passages again; empty: none"},
    )
    port: int = field(default=7860, metadata={"help": "The port of the web page"})
    uploads: str = field(
        default="",
        metadata={
            "help": "Whether the page takes documents: on, off, or the names it is reached under, with commas; "
            "empty: on where only this computer reaches it"
        },
    )
    passages: int = field(default=8, metadata={"help": "Passages that a question retrieves"})
    lock_seconds: float = field(
        default=30.0,
        metadata={"help": "Seconds to wait for another process that writes to the library"},
    )

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """The settings in `environ`; raises BadSetting for a value of the wrong type."""
        given: dict[str, str | int | float] = {}
        for spec in fields(cls):
            name = PREFIX + spec.name.upper()
            raw = environ.get(name)
            if raw is None or raw == "":
                continue
            kind: type[str] | type[int] | type[float] = type(getattr(cls(), spec.name))
            try:
                given[spec.name] = kind(raw)
            except ValueError:
                raise BadSetting(
                    f"{name}={raw!r} is not {'a whole number' if kind is int else 'a number'}; "
                    f"set it to something like {getattr(cls(), spec.name)}"
                ) from None
        return cls(**given)  # type: ignore[arg-type]

    @property
    def folder(self) -> Path:
        """The library's folder as a path."""
        return Path(self.home).expanduser() if self.home else default_home()
