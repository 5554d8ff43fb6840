"""What a footnote names: its primary source, where it names one."""

from __future__ import annotations

import re

from corpus.types import Origin

_URL = re.compile(r"<?(https?://[^\s<>]+[^\s<>.,;)])>?")
_TITLE = re.compile('["\u201c]([^"\u201d]+)["\u201d]')
_DATE = re.compile(r"\b((?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?)\b")


def origin(definition: str) -> Origin:
    """The primary source that a footnote names, as `Publisher, "Title", 2023-04-26. <https://...>`."""
    flat = " ".join(definition.split())
    url = _URL.search(flat)
    bare = flat[: url.start()] if url else flat
    title = _TITLE.search(bare)
    dates = _DATE.findall(bare[title.end() :] if title else bare)
    publisher = bare[: title.start()].strip(" ,.;:") if title else ""
    return Origin(
        title=title[1] if title else bare.strip(" ,.;:<"),
        publisher=publisher,
        published=dates[-1] if dates else "",
        url=url[1] if url else "",
    )
