"""Writes what is made from data: the footnote definitions of the briefs.

`python docs/refresh.py` writes them, `python docs/refresh.py --check` says whether they are up to
date. The register of primary sources (corpus/sources.toml) is the one place to change a source.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from corpus.figures import bundled_sources
from corpus.sentences import REFERENCE
from corpus.types import Source

BRIEFS = Path(__file__).parent.parent / "corpus" / "documents"
DEFINITIONS = re.compile(r"\n+(?:\[\^[^\]\s]+\]:.*\n?)+\s*\Z")


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


def main() -> int:
    """Refresh all briefs; with --check, only say whether one is out of date."""
    sources = bundled_sources()
    stale = 0
    for path in sorted(BRIEFS.glob("*.md")):
        text = path.read_text("utf-8")
        fresh = with_definitions(text, sources, path.name)
        if fresh != text:
            stale += 1
            if "--check" not in sys.argv:
                path.write_text(fresh, "utf-8")
    sys.stdout.write(f"{stale} briefs {'out of date' if '--check' in sys.argv else 'refreshed'}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
