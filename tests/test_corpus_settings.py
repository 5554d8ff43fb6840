"""Settings: read from what is passed in, typed, and frozen."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from corpus.errors import BadSetting
from corpus.settings import PREFIX, Settings, default_home


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.read({}) == Settings()
    assert Settings().port == 7860


def test_each_setting_is_read_under_its_name_and_in_its_type() -> None:
    environ = {
        "FOOTNOTE_HOME": "/somewhere", "FOOTNOTE_PORT": "8080", "FOOTNOTE_LOCK_SECONDS": "1.5",
        "FOOTNOTE_MODEL": "openai:gpt", "HOME": "/root", "PORT": "1",
    }  # fmt: skip
    expected = Settings(home="/somewhere", port=8080, lock_seconds=1.5, model="openai:gpt")
    assert Settings.read(environ) == expected


def test_every_setting_can_be_read_and_explains_itself() -> None:
    for spec in fields(Settings):
        given = "7" if isinstance(spec.default, int | float) else "seven"
        held = getattr(Settings.read({PREFIX + spec.name.upper(): given}), spec.name)
        assert held == type(spec.default)(given) != spec.default
        assert len(spec.metadata["help"]) > 10


def test_an_empty_value_counts_as_unset() -> None:
    assert Settings.read({"FOOTNOTE_PORT": "", "FOOTNOTE_HOME": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("FOOTNOTE_PORT", "http", "a whole number"),
        ("FOOTNOTE_PORT", "80.5", "a whole number"),
        ("FOOTNOTE_PASSAGES", "many", "a whole number"),
        ("FOOTNOTE_LOCK_SECONDS", "soon", "a number"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_variable(name: str, value: str, what: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.read({name: value})
    assert str(caught.value).startswith(f"{name}={value!r} is not {what}; ")


def test_settings_do_not_change_after_they_were_read() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_the_folder_is_the_home_and_a_tilde_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(home="/a/b").folder == Path("/a/b")
    monkeypatch.setenv("HOME", "/home/someone")
    assert Settings(home="~/notes").folder == Path("/home/someone/notes")
    assert Settings().folder == default_home()
    assert default_home().name == "footnote"


def test_no_test_sees_the_users_settings_or_library(tmp_path: Path) -> None:
    held = {n for n in os.environ if n.startswith(PREFIX)} - {"FOOTNOTE_CACHE"}
    assert held == {"FOOTNOTE_HOME"}
    assert Settings.read(os.environ).folder.is_relative_to(tmp_path)
