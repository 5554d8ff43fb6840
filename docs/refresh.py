"""Writes what is made from data: footnotes of the briefs, and the README's tables and sessions.

`python docs/refresh.py` writes them; with `--check` it says whether they are up to date. The register
of primary sources (corpus/sources.toml) is the one place to change a source. In the README, what
stands between `<!-- run: COMMAND -->` and `<!-- end -->` is what the command prints.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from dataclasses import fields
from pathlib import Path

from corpus.figures import bundled_sources
from corpus.sentences import REFERENCE
from corpus.settings import PREFIX, Settings
from corpus.types import Source

ROOT = Path(__file__).parent.parent
BRIEFS = ROOT / "corpus" / "documents"
README = ROOT / "README.md"
DEFINITIONS = re.compile(r"\n+(?:\[\^[^\]\s]+\]:.*\n?)+\s*\Z")
BLOCK = re.compile(r"(<!-- (run|table): (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
CONFLICTS = ROOT / "docs" / "conflicts.md"
LIST = "<!-- made by docs/refresh.py from the bundled library -->"
WIDTH = 100


def definition(source: Source) -> str:
    """A footnote as `[^s35]: Publisher, "Title", 2023-04-26. <https://...>`."""
    title = source.title.replace('"', "'")
    where = f" <{source.url}>" if source.url else ""
    return f'[^{source.id}]: {source.publisher}, "{title}", {source.published or "n.d."}.{where}'


def with_definitions(text: str, sources: dict[str, Source], name: str) -> str:
    """The brief with a definition for each footnote it refers to, in the order of first use."""
    body = DEFINITIONS.sub("\n", text).rstrip() + "\n"
    keys = list(dict.fromkeys(REFERENCE.findall(body)))
    if missing := [k for k in keys if k not in sources]:
        raise SystemExit(f"{name}: footnotes without a source in corpus/sources.toml: {', '.join(missing)}")
    return body + "\n" + "\n".join(definition(sources[k]) for k in keys) + "\n"


def settings_table() -> str:
    """Every setting with its default and meaning, as a Markdown table."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    defaults = Settings()
    for spec in fields(Settings):
        value = getattr(defaults, spec.name)
        rows.append(f"| `{PREFIX}{spec.name.upper()}` | {value or ''} | {spec.metadata['help']} |")
    return "\n".join(rows) + "\n"


def session(command: str, home: str) -> str:
    """A console block: the command and what it prints, at the README's width."""
    from unittest.mock import patch

    from ui.cli import main as run

    out = io.StringIO()
    words = shlex.split(command)
    extra = [] if words[1:2] == ["--help"] else ["--home", home]
    environ = {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    with patch.object(sys, "argv", [*words, *extra]), patch.dict("os.environ", environ):
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            run()
    return f"```console\n$ {command}\n{wrapped(out.getvalue().strip())}\n```\n"


def wrapped(text: str) -> str:
    """Long lines folded at the README's width, so that they read without scrolling."""
    import textwrap

    lines = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False) or [""]
    return "\n".join(lines)


def conflicts_page(home: str) -> str:
    """docs/conflicts.md: what stands before its list is written by hand, the list is made anew."""
    from assistant.check import Checker
    from assistant.conflicts import conflicts
    from corpus.library import Library
    from ui.checking import conflicts_text, documents

    library = Library.open(Settings(home=home))
    listed = conflicts_text(conflicts(Checker(library.figures), documents(library, ())))
    library.close()
    head = CONFLICTS.read_text("utf-8").partition(LIST)[0]
    return f"{head}{LIST}\n\n```text\n{listed}\n```\n"


def readme(text: str, home: str) -> str:
    """The README with every table and session made anew."""

    def fresh(match: re.Match[str]) -> str:
        if match[2] == "table" and match[3] != "settings":
            return match[0]  # written by hand and held by a test: the formats
        body = settings_table() if match[2] == "table" else session(match[3], home)
        return match[1] + body + match[4]

    return BLOCK.sub(fresh, text)


def main() -> int:
    """Refresh all; with --check, only say what is out of date."""
    import tempfile

    from ingest import create_library

    check = "--check" in sys.argv
    sources = bundled_sources()
    stale = []
    for path in sorted(BRIEFS.glob("*.md")):
        text = path.read_text("utf-8")
        fresh = with_definitions(text, sources, path.name)
        if fresh != text:
            stale.append(path.name)
            if not check:
                path.write_text(fresh, "utf-8")
    with tempfile.TemporaryDirectory() as home:
        create_library(Settings(home=home))
        for page, fresh in ((README, readme(README.read_text("utf-8"), home)), (CONFLICTS, conflicts_page(home))):
            if fresh != page.read_text("utf-8"):
                stale.append(page.name)
                if not check:
                    page.write_text(fresh, "utf-8")
    sys.stdout.write(f"{len(stale)} files {'out of date' if check else 'refreshed'} {' '.join(stale)}\n")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
