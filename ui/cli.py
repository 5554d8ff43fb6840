"""The command line: reads arguments, calls one layer, prints what `ui.terminal` makes of it.

Only click is imported with this module, so that `footnote --help` is instant; what is heavy is
imported by the command that needs it.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from ui.failure import Commands, Failure
from ui.home import BUILDING, building, held, opened, settings, two_steps
from ui.keeping import backup, doctor, follow, restore
from ui.options import F, stated, with_home

QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


def main(args: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 2 wrong usage, 1 anything else, 130 interrupted."""
    quiet()
    cli(args, prog_name="footnote")


def quiet() -> None:
    """Keep what libraries tell developers from users; what a user has set stands."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    # OpenVINO reports each import to its maker where this package is found, and has no switch.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def dated(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """An ISO 8601 date that may leave out the day or the month."""
    from ui.dates import is_date

    if value and not is_date(value):
        says = f"{value!r} is not like 2025-01-02, 2025-01 or 2025"
        raise click.BadParameter(says, ctx, param)
    return value or ""


def with_json(command: F) -> F:
    """The option of every command whose result a program can read."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="footnote", prog_name="footnote", message="%(prog)s %(version)s")
def cli() -> None:
    """Answer questions about policy documents with exact figures, each sentence footnoted."""


@cli.command()
@click.option("--empty", is_flag=True, help="No documents and no figures.")
@with_home
def init(empty: bool, home: str | None) -> None:
    """Make a library from the bundled corpus."""
    from corpus.errors import LibraryError
    from ingest import create_library

    chosen = settings(home)
    with building(not empty) as tell:
        library, _report = create_library(chosen, empty, tell)
    counts = library.catalog.counts()
    if empty and any(counts.values()):
        says = f"the library in {str(library.folder)!r} is not empty"
        raise LibraryError(f"{says}; choose another folder with --home")
    click.echo(f"{library.folder}: " + ", ".join(f"{n:,} {what}" for what, n in counts.items()))


@cli.command()
@click.argument("question", required=False)
@with_json
@click.option("--history", multiple=True, metavar="Q", help="An earlier question; oldest first.")
@click.option("--model", metavar="M", help="A chat model as provider:name.")
@click.option("--batch", metavar="FILE", help="JSON lines of id, question and history; - for stdin.")
@with_home
def ask(
    question: str | None, as_json: bool, history: tuple[str, ...], model: str | None,
    batch: str | None, home: str | None,
) -> None:  # fmt: skip
    """Answer QUESTION, with a footnote to every sentence."""
    if (question is None) == (batch is None):
        raise click.UsageError("Give either a QUESTION or a file of questions with --batch.")
    if batch is not None and (history or not as_json):
        raise click.UsageError("--batch needs --json, and takes the history from the file.")
    from assistant import Assistant
    from assistant.question import checked
    from ui.batch import answer_lines, asking, clean, is_long
    from ui.terminal import as_text

    if batch is not None:
        failed = 0
        with click.open_file(batch, "rb") as stream:
            with asking(Assistant(opened(settings(home))), model, is_long(stream)) as (submit, ahead):
                for row in answer_lines(stream, submit, ahead):
                    emit(row, indent=None)
                    failed += "error" in row
        if failed:
            some = "1 line" if failed == 1 else f"{failed} lines"
            raise Failure(f'{some} of {batch!r} could not be answered; see the reason in "error"')
        return
    asked = clean(question or "")
    checked(asked)  # before a library is made for it
    answer = Assistant(opened(settings(home))).ask(asked, [clean(h) for h in history], model)
    if as_json:
        emit(answer.to_dict())
    else:
        click.echo(as_text(answer, width()))


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), help="7860, or what FOOTNOTE_PORT says.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--uploads/--no-uploads", default=None, help="Take documents; on where only this computer is served.")
@with_home
def serve(port: int | None, host: str, uploads: bool | None, home: str | None) -> None:
    """Serve the web page."""
    from corpus.library import Library
    from ui import web

    chosen = settings(home)
    missing = not Library.exists(chosen)

    def ready(url: str) -> None:
        click.echo(f"Footnote is at {url} (Ctrl-C ends it)")
        if missing:
            click.echo(BUILDING)

    web.serve(home, host, chosen.port if port is None else port, ready, uploads)


@cli.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--title", callback=stated, help="The document's title.")
@click.option("--publisher", callback=stated, help="Who published it.")
@click.option("--date", "published", callback=dated, help="When: 2025-01-02, 2025-01 or 2025.")
@click.option("--url", callback=stated, help="Where it can be read.")
@click.option("--language", callback=stated, help="Its language: en, ko, ja, de ...")
@click.option("--password", callback=stated, prompt=True, prompt_required=False, hide_input=True,
              help="The password of an encrypted PDF; asked for where none follows.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--watch", callback=stated, metavar="FOLDER", help="Follow a folder until Ctrl-C.")
@with_home
def add(
    paths: tuple[str, ...], title: str | None, publisher: str | None, published: str, url: str | None,
    language: str | None, password: str | None, dry_run: bool, watch: str | None, home: str | None,
) -> None:  # fmt: skip
    """Add files, folders, patterns, zip archives, addresses."""
    if watch is not None:
        if paths or title or url or password or dry_run:
            raise click.UsageError("--watch takes no PATH, --title, --url, --password or --dry-run.")
        from ingest.read import Given

        about = Given(publisher=publisher or "", published=published, language=language or "")
        return follow(settings(home), watch, about)
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    if (title or url) and (len(paths) > 1 or os.path.isdir(paths[0])):
        raise click.UsageError("--title and --url describe one document: give one file with them.")
    from ingest.build import Report, add_sources
    from ingest.gather import unusable
    from ingest.read import Given
    from ingest.stage import Entry
    from ui.footnotes import line
    from ui.proposing import propose
    from ui.terminal import entry_text

    def settled(entry: Entry) -> None:  # said once it is so for good, and to a pipe too
        if entry.outcome != "refused":
            click.echo(entry_text(entry))

    chosen = settings(home)
    refused = {p: why for p in paths if (why := unusable(p))}
    report = Report(tuple(Entry(p, "refused", reason=why) for p, why in refused.items()))
    if usable := [p for p in paths if p not in refused]:
        given = Given(title or "", publisher or "", published, url or "", language or "")
        library = opened(chosen)
        with two_steps("Reading", "Embedding") as (reading, tell):
            how: dict[str, Any] = {"password": password or "", "dry_run": dry_run, "reading": reading, "told": settled}
            more = add_sources(library, usable, given, tell, **how)
        report = Report(report.entries + more.entries)
        if not dry_run and (found := propose(more)):
            report = Report(report.entries + add_sources(library, found, given, told=settled).entries)
    click.echo(str(report) + (" (a dry run: nothing was changed)" if dry_run else ""))
    for entry in report.refused:
        click.echo(f"footnote: {line(entry.reason)}", err=True)
    if report.refused:
        click.get_current_context().exit(1)


@cli.command()
@click.argument("id")
@with_home
def remove(id: str, home: str | None) -> None:
    """Take the document ID out without a trace."""
    from ingest import remove_source
    from ui.footnotes import line

    source = remove_source(held(home), id)
    click.echo(line(f"removed {source.id}: {source.title}"))


@cli.command()
@with_json
@with_home
def sources(as_json: bool, home: str | None) -> None:
    """List the documents."""
    from assistant.types import source_dict
    from ui.terminal import sources_text

    found = held(home).catalog.sources()
    if as_json:
        more = ("kind", "licence", "language", "sha256")
        emit([source_dict(s) | {name: getattr(s, name) for name in more} for s in found])
    else:
        click.echo(sources_text(found))


@cli.command()
@click.option("--place", callback=stated, help="A code or a name: KOR, South Korea.")
@click.option("--year", type=int)
@click.option("--measure", callback=stated, help="The id of a measure or of a family of measures.")
@with_json
@with_home
def figures(place: str | None, year: int | None, measure: str | None, as_json: bool, home: str | None) -> None:
    """List the figures, each with its unit, base and source."""
    from assistant.types import cell_dict
    from ui.pick import picked
    from ui.terminal import figures_text

    found = picked(held(home), place, year, measure)
    if as_json:
        emit([cell_dict(c) | {"locator": c.figure.locator} for c in found])
    else:
        click.echo(figures_text(found))


@cli.command()
@click.argument("file", required=False)
@click.option("--text", help="The draft itself, in place of a file.")
@with_json
@click.option("--batch", metavar="FILE", help="JSON lines of id and text; - for stdin.")
@with_home
def check(file: str | None, text: str | None, as_json: bool, batch: str | None, home: str | None) -> None:
    """Check every figure of a draft: FILE, - for stdin, or --text."""
    if sum(given is not None for given in (file, text, batch)) != 1:
        raise click.UsageError("Give one of: a FILE, --text or --batch.")
    if batch is not None and not as_json:
        raise click.UsageError("--batch needs --json.")
    from assistant.report import checked
    from ui.batch import check_all, clean, draft
    from ui.checking import check_text, engines, wrong_line
    from ui.terminal import wrapped

    if batch is not None:
        with click.open_file(batch, "rb") as stream:
            fault = check_all(stream, *engines(opened(settings(home))), lambda row: emit(row, indent=None))
        if fault:
            raise Failure(f"{batch!r}: {fault}")
        return
    said = clean(text) if text is not None else draft(file or "-")
    checker, passages = engines(opened(settings(home)))
    claims = checked(checker, said, passages)
    if as_json:
        emit({"claims": [c.to_dict() for c in claims]})
    else:
        click.echo("\n".join(wrapped(row, width()) for row in check_text(said, claims).split("\n")))
    if says := wrong_line(claims):
        raise Failure(says)


@cli.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@with_json
@with_home
def conflicts(files: tuple[str, ...], as_json: bool, home: str | None) -> None:
    """List where documents and figures do not agree: those of the library, or FILEs."""
    from assistant.check import Checker
    from assistant.conflicts import conflicts as compared
    from ui.checking import conflicts_text, documents

    library = opened(settings(home))
    report = compared(Checker(library.figures), documents(library, files))
    if as_json:
        emit(report.to_dict())
    else:
        click.echo(conflicts_text(report))


for kept in (doctor, backup, restore):
    cli.add_command(kept)


def emit(value: Any, indent: int | None = 2) -> None:
    """A value as JSON, in characters that standard output can carry."""
    utf8 = "utf" in (getattr(sys.stdout, "encoding", None) or "").lower()
    text = json.dumps(value, ensure_ascii=not utf8, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, in an id
        text = json.dumps(value, indent=indent)
    click.echo(text)


def width() -> int | None:
    """The columns to wrap to: no more than read well, and none where no terminal reads."""
    from shutil import get_terminal_size

    return min(get_terminal_size().columns, 100) if sys.stdout.isatty() else None


if __name__ == "__main__":
    main()
