"""The library that a command works on: which folder, opened or made, with a bar while it takes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from corpus.library import Library, Progress
    from corpus.settings import Settings
    from ingest.build import Reading

BUILDING = "Building the library from the bundled corpus: about half a minute, once."


def settings(home: str | None) -> Settings:
    """The settings of the environment, with the folder that was named."""
    from corpus.settings import Settings

    read = Settings.read(os.environ)
    return read if home is None else replace(read, home=home)


def held(home: str | None, quietly: bool = False) -> Library:
    """The library that is there; raises NoLibrary. What opening found is said, unless `quietly`."""
    from corpus.library import Library

    library = Library.open(settings(home))
    if not quietly:
        tell_of(library)
    return library


def tell_of(library: Library) -> None:
    """Say on standard error what a process that was ended has left undone."""
    from ui.footnotes import line

    if library.trouble:
        click.echo(
            f"footnote: the indexes could not be mended ({line(library.trouble)}); see: footnote doctor", err=True
        )
    if library.unfinished is not None:
        click.echo(f"footnote: {line(str(library.unfinished))}", err=True)


def opened(chosen: Settings) -> Library:
    """The library of these settings, made from the bundled corpus where there is none."""
    from corpus.library import Library

    if Library.exists(chosen):
        library = Library.open(chosen)
        tell_of(library)
        return library
    from ingest import open_library  # late: a question over a library that is there reads no documents

    with building(True) as tell:
        return open_library(chosen, tell)


@contextmanager
def building(needed: bool) -> Iterator[Progress | None]:
    """Say that a library is being made from the bundled corpus, where it is."""
    if not needed:
        yield None
        return
    with progress("Building the library, once") as tell:
        # Said a second late: where the folder cannot be had, the error stands alone.
        timer = threading.Timer(1.0, click.echo, (BUILDING,), {"err": True})
        if tell is None:
            timer.start()
        try:
            yield tell
        finally:
            timer.cancel()


@contextmanager
def progress(what: str) -> Iterator[Progress | None]:
    """A bar on standard error; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with bars(what) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def two_steps(first: str, second: str) -> Iterator[tuple[Reading | None, Progress | None]]:
    """A bar each for documents read and sentences embedded, with rate and time left; nothing without a terminal."""
    if not sys.stderr.isatty():
        yield None, None
        return
    with bars(first) as bar:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield (
            lambda done, total, _name: tell(first, done, total),
            lambda done, total: tell(second, done, total),
        )


@contextmanager
def bars(what: str) -> Iterator[Any]:
    """Bars on standard error that say how many are done, how many a second, and the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Any) -> Text:
            """The rate of the last seconds."""
            rate = task.finished_speed or task.speed
            return Text(f"{rate:,.0f}/s" if rate and rate >= 10 else f"{rate:.1f}/s" if rate else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    shown = sys.stdout.isatty()  # else what goes to a pipe would be printed beside the bar
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=shown) as bar:
        yield bar
