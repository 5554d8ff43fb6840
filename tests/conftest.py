"""What all tests share: a clean environment, no network, and libraries that are made once."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from assistant import Assistant
from corpus.library import Library
from corpus.settings import Settings
from ingest import add_sources, create_library
from ingest.read import Given

ARTICLE = Path(__file__).parents[2] / "shared" / "article" / "korea-ai-talent-outflow.txt"
SMALL = {
    "bees.md": (
        "---\ntitle: On bees\npublisher: Hive Press\npublished: 2024-05\n---\n\n"
        "# Bees\n\nA bee visits about 50 flowers on one trip.[^a] It then goes home.\n\n"
        '[^a]: Apiary Review, "Trips of the bee", 2023-04-26. <https://bees.example/trips>\n'
    ),
    "ships.txt": (
        "A short history of ships\n\nThe first ships were hollow logs. Sails came 5,000 years later.\n\n"
        "Steam ended the age of sail. It took ninety years.\n"
    ),
}

# The machine decides how long a test takes, so no deadline; the same examples on every run.
hypothesis_settings.register_profile("footnote", deadline=None, derandomize=True, max_examples=150)
hypothesis_settings.load_profile("footnote")


def is_loopback(host: Any) -> bool:
    """Whether a name or address leads to this machine and nowhere else."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Only this machine can be reached: a test that needs another would fail elsewhere."""
    resolve = socket.getaddrinfo

    def only_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_loopback(host):
            raise socket.gaierror(f"a test asked for the address of {host!r}")
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", only_here)
        yield


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the user's counts, and the user's library is out of reach."""
    for name in [n for n in os.environ if n.startswith("FOOTNOTE_") and n != "FOOTNOTE_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def bundled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library with the whole bundled corpus, made once. Do not write to it."""
    home = tmp_path_factory.mktemp("bundled") / "home"
    library, report = create_library(Settings(home=str(home)))
    assert not report.refused, report.refused
    library.close()
    return home


@pytest.fixture(scope="session")
def assistant(bundled_home: Path) -> Iterator[Assistant]:
    """An assistant over the bundled corpus."""
    assistant = Assistant.open(settings=Settings(home=str(bundled_home)))
    yield assistant
    assistant.close()


@pytest.fixture(scope="session")
def article_path() -> Path:
    """The news article. It is not ours to ship, so a clone by itself does not have it."""
    if not ARTICLE.exists():
        pytest.skip(f"the article is not at {ARTICLE}; tests about it need it beside the clone")
    return ARTICLE


@pytest.fixture(scope="session")
def article_home(article_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library that holds the article and nothing else. Do not write to it."""
    home = tmp_path_factory.mktemp("article") / "home"
    library, _ = create_library(Settings(home=str(home)), empty=True)
    given = Given(
        title="South Korea becomes a country of AI talent outflow",
        publisher="ChosunBiz",
        published="2025-01-02",
    )
    report = add_sources(library, [article_path], given)
    assert not report.refused, report.refused
    library.close()
    return home


@pytest.fixture(scope="session")
def article_assistant(article_home: Path) -> Iterator[Assistant]:
    """An assistant that has read the article and nothing else."""
    assistant = Assistant.open(settings=Settings(home=str(article_home)))
    yield assistant
    assistant.close()


def write_files(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Files of these names and texts; their paths in the order given."""
    paths = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def small_library(folder: Path, files: Mapping[str, str] | None = None) -> Library:
    """A library in `folder`/home that holds these files and no figures; made in a second."""
    library, _ = create_library(Settings(home=str(folder / "home"), lock_seconds=0.5), empty=True)
    report = add_sources(library, write_files(folder / "files", SMALL if files is None else files))
    assert not report.refused, report.refused
    return library
