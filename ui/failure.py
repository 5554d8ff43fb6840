"""Expected errors as one line on standard error; any other keeps its traceback."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

NEXT_STEP = {
    errno.ENOSPC: "free some space, or choose another folder with --home",
    errno.EDQUOT: "free some space, or choose another folder with --home",
    errno.EFBIG: "free some space, or choose another folder with --home",
    errno.EACCES: "choose a path that you may use",
    errno.EPERM: "choose a path that you may use",
    errno.EROFS: "choose a folder that can be written to with --home",
}


class Failure(click.ClickException):
    """An expected error, as one line on standard error."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it where errors go."""
        click.echo(f"footnote: {self.message}", err=True)


class Commands(click.Group):
    """Commands in the order of their writing, whose expected errors become Failures."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names for --help."""
        return list(self.commands)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments, which may print help."""
        with one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        with one_line():
            return super().invoke(ctx)


@contextmanager
def one_line() -> Iterator[None]:
    """Make a Failure of each expected error, and an exit of an interruption."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("footnote: interrupted", err=True)
        raise click.exceptions.Exit(130) from None
    except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
        raise  # click knows these; where nobody reads on, it ends quietly
    except expected() as error:
        raise Failure(explained(error)) from None


def expected() -> tuple[type[BaseException], ...]:
    """Errors of use and of storage; asked once one was raised, when their modules are there."""
    from corpus.errors import FootnoteError

    found: list[type[BaseException]] = [FootnoteError, OSError]
    for module, name in (
        ("sqlite3", "Error"),
        ("sqlalchemy.exc", "SQLAlchemyError"),
        ("chromadb.errors", "ChromaError"),
    ):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)


def explained(error: BaseException) -> str:
    """An error as one line: what, which value, and the next step."""
    from corpus.errors import FootnoteError
    from ui.footnotes import line

    if isinstance(error, FootnoteError):
        return line(str(error))
    if isinstance(error, OSError):
        what = error.strerror or type(error).__name__
        where = f": {str(error.filename)!r}" if error.filename is not None else ""
        return line(f"{what}{where}; {NEXT_STEP.get(error.errno or 0, 'check the path')}")
    what = str(getattr(error, "orig", None) or error)
    full = "full" in what or "disk I/O" in what  # SQLite's words for a disk without space
    step = NEXT_STEP[errno.ENOSPC] if full else "look into it with: footnote doctor"
    return line(f"the library cannot be used ({what}); {step}")
