"""One tree of errors, and messages that say what, with which value, and what next."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import small_library

from corpus import errors
from corpus.encoder import SentenceTransformerEncoder
from corpus.errors import FootnoteError
from corpus.library import Library
from corpus.settings import Settings
from ingest.read import read

OURS = {n: c for n, c in vars(errors).items() if inspect.isclass(c)}


def test_every_error_stands_in_the_one_tree() -> None:
    assert len(OURS) > 10
    assert [n for n, c in OURS.items() if not issubclass(c, FootnoteError)] == []
    assert [n for n, c in OURS.items() if not (c.__doc__ or "").strip()] == []


def test_the_drawn_tree_is_the_real_one() -> None:
    drawn: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        name = next((w for w in line.replace("|", " ").split() if w in OURS), "")
        if not name:
            continue
        depth = line.index(name)
        above = [a for a in above if a[0] < depth]
        drawn[name] = above[-1][1] if above else "Exception"
        above.append((depth, name))
    assert drawn == {n: c.__bases__[0].__name__ for n, c in OURS.items()}


def test_nothing_of_ours_is_raised_outside_the_tree() -> None:
    """Every class that our own code raises by name is one of errors.py, or Python's own."""
    root = Path(__file__).parents[1]
    for path in [*root.glob("corpus/**/*.py"), *root.glob("ingest/**/*.py")]:
        for line in path.read_text("utf-8").splitlines():
            assert "class " not in line or "Error(" not in line or path.stem == "errors", (path, line)
            assert not line.strip().startswith(("raise Exception", "raise RuntimeError")), (path, line)


def no_library(tmp: Path) -> Any:
    return Library.open(Settings(home=str(tmp / "nowhere")))


def a_file_for_a_folder(tmp: Path) -> Any:
    (tmp / "taken").write_text("a file")
    return Library.create(Settings(home=str(tmp / "taken")))


def a_damaged_catalog(tmp: Path) -> Any:
    (tmp / "catalog.sqlite").write_bytes(b"garbage " * 1000)
    return Library.open(Settings(home=str(tmp)))


def an_unknown_source(tmp: Path) -> Any:
    return small_library(tmp, {}).catalog.source("nobody")


def an_unknown_text(tmp: Path) -> Any:
    return small_library(tmp, {}).catalog.text("nobody")


def a_wrong_setting(tmp: Path) -> Any:
    return Settings.read({"FOOTNOTE_PORT": "seven"})


def a_wrong_type(tmp: Path) -> Any:
    return read(b"x", "slides.key")


def a_wrong_encoder(tmp: Path) -> Any:
    return SentenceTransformerEncoder(str(tmp / "no-model"))


@pytest.mark.parametrize(
    ("cause", "kind", "value", "next_step"),
    [
        (no_library, errors.NoLibrary, "nowhere", "footnote init"),
        (a_file_for_a_folder, errors.LibraryError, "taken", "--home"),
        (a_damaged_catalog, errors.LibraryBroken, "catalog.sqlite", "backup"),
        (an_unknown_source, errors.UnknownSource, "nobody", "footnote sources"),
        (an_unknown_text, errors.UnknownSource, "nobody", "footnote sources"),
        (a_wrong_setting, errors.BadSetting, "seven", "something like 7860"),
        (a_wrong_type, errors.Unreadable, ".key", "readable are"),
        (a_wrong_encoder, errors.BadSetting, "no-model", "FOOTNOTE_ENCODER"),
    ],
    ids=lambda case: case.__name__ if callable(case) else None,
)
def test_a_message_names_the_value_and_the_next_step_on_one_line(
    cause: Callable[[Path], Any],
    kind: type[FootnoteError],
    value: str,
    next_step: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(kind) as caught:
        cause(tmp_path)
    message = str(caught.value)
    assert value in message
    assert next_step in message
    assert "\n" not in message
