"""Commands that keep a library: follow a folder, look into it, move it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.failure import Failure, explained
from ui.home import held, opened, progress, settings
from ui.options import stated, with_home

if TYPE_CHECKING:
    from corpus.settings import Settings
    from ingest.read import Given
    from ingest.stage import Entry


def follow(chosen: Settings, folder: str, given: Given) -> None:
    """Keep a library in step with a folder until SIGINT or SIGTERM; a second one ends what is being done."""
    from ingest.gather import described_by
    from ingest.watch import Follower, watch
    from ui.footnotes import line
    from ui.terminal import entry_text

    if not Path(folder).is_dir():
        raise click.UsageError(f"--watch needs a folder; {folder!r} is none.")
    with ended_by_signals() as stop, progress("Adding") as bar:
        library = opened(chosen)
        follower = Follower(library, Path(folder).resolve(), given, bar)

        def told(entry: Entry) -> None:
            if entry.outcome == "refused":
                click.echo(f"footnote: {line(entry.reason)}", err=True)
                return
            click.echo(entry_text(entry))
            if entry.proposal:
                beside = described_by(Path(entry.location)).name
                click.echo(
                    f"           looks like figures; {line(beside)} beside it would say of what (docs/documents.md)"
                )

        follower.told = told
        click.echo(f"Following {folder} (Ctrl-C ends it)")
        watch(follower, stop, lambda error: click.echo(f"footnote: {explained(error)}", err=True))
    click.echo(f"No longer following {folder}")


@contextmanager
def ended_by_signals() -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; the second interrupts."""
    stop = threading.Event()

    def end(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, end) for name in names]
    try:
        yield stop
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)


@click.command()
@click.option("--repair", "--mend", is_flag=True, help="Compare everything with the catalog and mend it first.")
@with_home
def doctor(repair: bool, home: str | None) -> None:
    """Say what is fine with the library, and what is not."""
    from ui.doctor import findings

    library = held(home, quietly=True)
    if repair:
        with library.writing(), progress("Mending") as tell:
            library.mend(tell, thorough=True)
            library.catalog.finish()
        library.unfinished = None
    wrong = 0
    for name, says, fault in findings(library):
        click.echo(f"{name:22} {says}")
        wrong += fault
    if wrong:
        some = "1 thing is" if wrong == 1 else f"{wrong} things are"
        where = f"the library in {str(library.folder)!r}"
        raise Failure(f"{some} wrong with {where}; mend it with: footnote doctor --repair")


@click.command()
@click.argument("file", callback=stated)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@with_home
def backup(file: str, force: bool, home: str | None) -> None:
    """Write the whole library into FILE, also while it is written to and asked."""
    from corpus.errors import BadInput
    from corpus.moving import backup as write

    path = Path(file)
    if path.exists() and not force:
        raise BadInput(f"{file!r} is there already; name another file, or add --force")
    made = write(held(home), path)
    click.echo(f"{file}: " + ", ".join(f"{n:,} {what}" for what, n in made.counts.items()))
    click.echo(f"manifest {made.sha256}")


@click.command()
@click.argument("file", callback=stated)
@click.option("--force", is_flag=True, help="Replace what the library holds.")
@with_home
def restore(file: str, force: bool, home: str | None) -> None:
    """Make the library what FILE holds, all of it or nothing."""
    from corpus.moving import restore as read

    with progress("Restoring") as tell:
        library = read(Path(file), settings(home), force, tell)
    click.echo(f"{library.folder}: " + ", ".join(f"{n:,} {what}" for what, n in library.catalog.counts().items()))
