"""Options that several commands share, and what their values must be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def stated(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The value, which may be left out and may not be empty: "$UNSET" must not mean the default."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty", ctx, param)
    return value


def with_home(command: F) -> F:
    """The option that every command has."""
    says = "The library's folder, in place of FOOTNOTE_HOME."
    return click.option("--home", metavar="DIR", callback=stated, help=says)(command)
