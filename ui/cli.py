"""The command line: reads arguments, calls one layer, prints what `ui.terminal` makes of it.

Only click is imported with this module, so that `footnote --help` is instant; what is heavy is
imported by the command that needs it.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from assistant.types import Answer, Cell
    from corpus.figures import FigureTable
    from corpus.library import Library, Progress
    from corpus.settings import Settings

BUILDING = "Building the library from the bundled corpus: about half a minute, once."
NEXT_STEP = {
    errno.ENOSPC: "free some space, or choose another folder with --home",
    errno.EDQUOT: "free some space, or choose another folder with --home",
    errno.EFBIG: "free some space, or choose another folder with --home",
    errno.EACCES: "choose a path that you may use",
    errno.EPERM: "choose a path that you may use",
    errno.EROFS: "choose a folder that can be written to with --home",
}
QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
PACKAGES = (
    "footnote", "chromadb", "gradio", "langchain", "openvino", "sentence-transformers",
    "sqlalchemy", "tantivy", "torch",
)  # fmt: skip
F = TypeVar("F", bound=Callable[..., Any])


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
    for module, name in (("sqlalchemy.exc", "SQLAlchemyError"), ("chromadb.errors", "ChromaError")):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)


def explained(error: BaseException) -> str:
    """An error as one line: what, which value, and the next step."""
    from corpus.errors import FootnoteError
    from ui.terminal import line

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


def stated(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The value, which may be left out and may not be empty: "$UNSET" must not mean the default."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty", ctx, param)
    return value


def dated(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """An ISO 8601 date that may leave out the day or the month."""
    from datetime import date

    try:
        if value and len(value) in (4, 7, 10):
            date.fromisoformat(value + "-01-01"[: 10 - len(value)] if len(value) < 10 else value)
        elif value:
            raise ValueError
    except ValueError:
        says = f"{value!r} is not like 2025-01-02, 2025-01 or 2025"
        raise click.BadParameter(says, ctx, param) from None
    return value or ""


def with_home(command: F) -> F:
    """The option that every command has."""
    says = "The library's folder, in place of FOOTNOTE_HOME."
    return click.option("--home", metavar="DIR", callback=stated, help=says)(command)


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
    from ui.terminal import as_text

    if batch is not None:
        with click.open_file(batch, "rb") as stream:
            assistant = Assistant(opened(settings(home)))
            failed = answer_lines(stream, lambda q, h: assistant.ask(q, h, model))
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
@with_home
def serve(port: int | None, host: str, home: str | None) -> None:
    """Serve the web page."""
    from corpus.library import Library
    from ui import web

    chosen = settings(home)
    missing = not Library.exists(chosen)

    def ready(url: str) -> None:
        click.echo(f"Footnote is at {url} (Ctrl-C ends it)")
        if missing:
            click.echo(BUILDING)

    web.serve(home, host, chosen.port if port is None else port, ready)


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--title", callback=stated, help="The document's title.")
@click.option("--publisher", callback=stated, help="Who published it.")
@click.option("--date", "published", callback=dated, help="When: 2025-01-02, 2025-01 or 2025.")
@click.option("--url", callback=stated, help="Where it can be read.")
@with_home
def add(
    paths: tuple[str, ...], title: str | None, publisher: str | None, published: str,
    url: str | None, home: str | None,
) -> None:  # fmt: skip
    """Add files and folders of documents; unchanged ones cost nothing."""
    if (title or url) and (len(paths) > 1 or os.path.isdir(paths[0])):
        raise click.UsageError("--title and --url describe one document: give one file with them.")
    from ingest.build import Entry, Report, add_sources
    from ingest.read import Given
    from ui.terminal import line, report_text

    chosen = settings(home)
    refused = {p: why for p in paths if (why := unusable(p))}
    report = Report(tuple(Entry(p, "refused", reason=why) for p, why in refused.items()))
    if usable := [p for p in paths if p not in refused]:
        given = Given(title or "", publisher or "", published, url or "")
        library = opened(chosen)
        with progress("Adding") as tell:
            report = Report(report.entries + add_sources(library, usable, given, tell).entries)
    click.echo(report_text(report))
    for entry in report.refused:
        click.echo(f"footnote: {line(entry.reason)}", err=True)
    if report.refused:
        click.get_current_context().exit(1)


def unusable(path: str) -> str:
    """Why a path cannot be a document, as far as its name tells; empty where it can."""
    if path.lower().startswith(("http://", "https://")):
        return f"{path}: addresses cannot be read yet; save the page as a file and add the file"
    return "" if os.path.lexists(path) else f"{path}: no such file; check the path"


@cli.command()
@click.argument("id")
@with_home
def remove(id: str, home: str | None) -> None:
    """Take the document ID out without a trace."""
    from ingest import remove_source
    from ui.terminal import line

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
def figures(
    place: str | None, year: int | None, measure: str | None, as_json: bool, home: str | None
) -> None:
    """List the figures, each with its unit, base and source."""
    from assistant.types import cell_dict
    from ui.terminal import figures_text

    library = held(home)
    places = None if place is None else places_named(place)
    measures = None if measure is None else measures_named(measure, library.figures)
    found = [
        cell for cell in cells(library)
        if (places is None or cell.figure.place in places)
        and (year is None or cell.figure.year == year)
        and (measures is None or cell.figure.measure in measures)
    ]  # fmt: skip
    if as_json:
        emit([cell_dict(c) | {"locator": c.figure.locator} for c in found])
    else:
        click.echo(figures_text(found))


def cells(library: Library) -> Iterator[Cell]:
    """Every figure of a library with its measure, source and place."""
    from assistant.types import Cell
    from corpus.places import gazetteer

    for f in library.figures:
        measure = library.figures.measures[f.measure]
        yield Cell(f, measure, library.source(f.source_id), gazetteer().name(f.place))


def places_named(text: str) -> set[str]:
    """The codes that a code, a place's or a group's name stands for; BadInput names near ones."""
    from corpus.errors import BadInput
    from corpus.places import gazetteer

    known = gazetteer()
    if text.strip().upper() in known.places:
        return {text.strip().upper()}
    for m in known.find(text.strip()):
        if (m.start, m.end) == (0, len(text.strip())):
            return set(known.groups[m.code].members) if m.group else {m.code}
    names = {w.lower(): p.name for p in known.places.values() for w in (p.name, *p.aliases, p.code)}
    raise BadInput(f"no place {text!r} is known; {near(text, names)}")


def measures_named(text: str, table: FigureTable) -> set[str]:
    """The measures that an id stands for; BadInput names near ones."""
    from corpus.errors import BadInput

    members = {m.id for m in table.measures.values() if text in (m.id, m.family)}
    if not members:
        ids = {i.lower(): i for i in (*table.families, *table.measures)}
        raise BadInput(f"no measure {text!r} in the library; {near(text, ids)}")
    return members


def near(text: str, known: dict[str, str]) -> str:
    """The next step for a name that is not known: what is written almost like it."""
    from difflib import get_close_matches

    found = dict.fromkeys(known[k] for k in get_close_matches(text.lower(), known, 3))
    if not found:
        return "see what there is with: footnote figures"
    return f"did you mean {' or '.join(found)}?"


@cli.command()
@click.option("--mend", is_flag=True, help="Bring the indexes into step with the catalog first.")
@with_home
def doctor(mend: bool, home: str | None) -> None:
    """Say what is fine with the library, and what is not."""
    library = held(home)
    if mend:
        with library.writing(), progress("Mending") as tell:
            library.mend(tell)
    for name, value in about(library):
        click.echo(f"{name:22} {value}")
    wrong = 0
    for name, faults in checks(library):
        wrong += len(faults)
        for fault in faults or ["fine"]:
            click.echo(f"{name:22} {fault}")
    if wrong:
        some = "1 thing is" if wrong == 1 else f"{wrong} things are"
        where = f"the library in {str(library.folder)!r}"
        raise Failure(f"{some} wrong with {where}; mend its indexes with: footnote doctor --mend")


def about(library: Library) -> Iterator[tuple[str, str]]:
    """What there is: the folder, counts, sizes and versions."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from corpus.encoder import cache_folder
    from ui.terminal import size

    yield "library", f"{library.folder} (version {library.version})"
    for what, n in library.catalog.counts().items():
        yield what, f"{n:,}"
    catalog = [str(p) for p in library.folder.glob("catalog.sqlite*")]
    yield "catalog on disk", size(sum(map(disk, catalog)))
    for what in ("chroma", "words"):
        yield f"{what} on disk", size(disk(str(library.folder / what)))
    yield "encoder cache", f"{size(disk(str(cache_folder())))} in {cache_folder()}"
    yield "python", platform.python_version()
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"


def disk(path: str) -> int:
    """Bytes of a file, or of a folder with all in it."""
    if os.path.isdir(path):
        return sum(disk(entry.path) for entry in os.scandir(path) if not entry.is_symlink())
    return os.path.getsize(path) if os.path.exists(path) else 0


def checks(library: Library) -> Iterator[tuple[str, list[str]]]:
    """Each part that was looked at, and what is wrong with it."""
    may_write = os.access(library.folder, os.W_OK)
    yield "folder", [] if may_write else [f"{library.folder} cannot be written to"]
    for name, look in (("indexes", library.check), ("encoder", lambda: encoder_faults(library))):
        try:
            yield name, look()
        except expected() as error:
            yield name, [explained(error)]


def encoder_faults(library: Library) -> list[str]:
    """What is wrong with the model that turns texts into vectors."""
    made = library.catalog.encoder
    length = float((library.encoder.encode(["one sentence"]) ** 2).sum())
    faults = [] if abs(length - 1) < 0.01 else [f"its vectors have the length {length:.3f}, not 1"]
    if made and made != library.encoder.name:
        faults.append(f"the index was made with {made!r}, the encoder is {library.encoder.name!r}")
    return faults


def settings(home: str | None) -> Settings:
    """The settings of the environment, with the folder that was named."""
    from corpus.settings import Settings

    read = Settings.read(os.environ)
    return read if home is None else replace(read, home=home)


def held(home: str | None) -> Library:
    """The library that is there; raises NoLibrary."""
    from corpus.library import Library

    return Library.open(settings(home))


def opened(chosen: Settings) -> Library:
    """The library of these settings, made from the bundled corpus where there is none."""
    from corpus.library import Library
    from ingest import open_library

    with building(not Library.exists(chosen)) as tell:
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
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def answer_lines(stream: Iterable[bytes], answer: Callable[[str, list[str]], Answer]) -> int:
    """Answer the question of each line; a line that cannot be answered says why. Counts those."""
    from corpus.errors import FootnoteError

    failed = 0
    for n, raw in enumerate(stream, start=1):
        if not raw.strip():
            continue
        id = None
        try:
            row = row_of(raw, n)
            id = row.get("id")
            emit({"id": id, "answer": answer(*asked_in(row, n)).to_dict()}, indent=None)
        except FootnoteError as error:
            failed += 1
            emit({"id": id, "error": str(error)}, indent=None)
    return failed


def row_of(raw: bytes, n: int) -> dict[str, Any]:
    """The object of a line; raises BadInput."""
    from corpus.errors import BadInput

    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"line {n} is not JSON ({error}); write one object a line") from None
    if not isinstance(row, dict):
        raise BadInput(f"line {n} is not an object; write one with id, question and history")
    return row


def asked_in(row: dict[str, Any], n: int) -> tuple[str, list[str]]:
    """The question and history of a line's object; raises BadInput."""
    from corpus.errors import BadInput

    question, history = row.get("question"), row.get("history") or []
    if not isinstance(question, str):
        raise BadInput(f"line {n} has no question that is a string; add one")
    if not isinstance(history, list) or not all(isinstance(h, str) for h in history):
        raise BadInput(f"line {n} has a history that is not a list of strings; leave it out")
    return clean(question), [clean(h) for h in history]


def clean(text: str) -> str:
    """Text that can be encoded: what was no UTF-8 on the command line becomes U+FFFD."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


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
