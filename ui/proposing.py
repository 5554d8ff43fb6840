"""What `footnote add` asks of a table of figures that nobody has described."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.gather import described_by
from ingest.propose import UNSAID, filled, unsaid
from ui.footnotes import line

if TYPE_CHECKING:
    from ingest.build import Report
    from ingest.stage import Entry

_ASKED = {"unit": "Unit of the values (tonnes, million USD ...)", "denominator": "What they are of, or counted among"}


def propose(report: Report) -> list[str]:
    """Show the descriptions that would make figures of tables; the files whose description was taken."""
    taken = []
    for entry in report.entries:
        if entry.proposal:
            path = Path(entry.location)
            here = path.is_file()  # what is in an archive or at an address has nothing beside it
            target = described_by(path) if here else described_by(Path(path.name))
            if ask(entry, target, here):
                taken.append(str(path))
    return taken


def ask(entry: Entry, target: Path, here: bool) -> bool:
    """Whether the description was taken, as the reader completed it, and stands beside its file now."""
    name = line(entry.name)
    click.echo(f"\n{name} looks like figures by place and year. This description would make them so:\n", err=True)
    click.echo("".join(f"    {line(row)}\n" for row in entry.proposal.splitlines()), err=True)
    if not here:
        click.echo(
            f"To take it, save the table as a file, this as {line(target.name)} beside it, and add that.", err=True
        )
        return False
    if not sys.stdin.isatty():
        click.echo(f"To take it, save it as {line(target.name)} beside the file and add the file again.", err=True)
        return False
    if not click.confirm(f"Write it to {line(target.name)} and add the figures?", err=True):
        return False
    said = entry.proposal
    for field in unsaid(said):
        given = str(click.prompt(_ASKED[field], UNSAID[field], err=True)).strip()
        said = filled(said, field, "" if given == UNSAID[field] else given)
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(said)
    except OSError as error:
        click.echo(f"footnote: {line(target.name)}: cannot be written ({error.strerror})", err=True)
        return False
    return True
