"""What `footnote add` asks of a table of figures that nobody has described."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.describe import SUFFIX

if TYPE_CHECKING:
    from ingest.build import Report


def propose(paths: Sequence[str], report: Report) -> list[str]:
    """Show the descriptions that would make figures of tables; the files whose description was taken."""
    taken = []
    for entry in report.entries:
        path = next((p for p in paths if os.path.isfile(p) and os.path.basename(p) == entry.name), "")
        if not entry.proposal or not path:
            continue
        target = Path(path).with_name(Path(path).stem + SUFFIX)
        click.echo(
            f"{entry.name} looks like figures by place and year. This description would make them so:\n", err=True
        )
        click.echo("".join(f"    {row}\n" for row in entry.proposal.splitlines()), err=True)
        if not sys.stdin.isatty():
            click.echo(f"To take it, save it as {target.name} beside the file and add the file again.", err=True)
        elif click.confirm(f"Write it to {target.name} and add the figures?", err=True):
            target.write_text(entry.proposal, "utf-8")
            taken.append(path)
    return taken
