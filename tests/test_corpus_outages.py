"""Servers that several libraries share, that are killed, and that lose what they held."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SMALL, write_files
from corpus_servers import Server, chroma_process, postgresql_process, postgresql_programs

from corpus.errors import LibraryBroken
from corpus.library import Library
from corpus.moving import backup, restore
from corpus.settings import Settings
from ingest import add_sources, create_library


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chroma")


@pytest.fixture(scope="module")
def chroma(files: Path) -> Iterator[Server]:
    with chroma_process(files) as server:
        yield server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    if postgresql_programs() is None:
        pytest.skip("initdb and postgres are not installed: apt-get install postgresql")
    with postgresql_process() as server:
        yield server


def of_one(tmp_path: Path, chroma: Server, name: str) -> Library:
    """A library with one document, its vectors on the server."""
    (path,) = write_files(tmp_path, {file: text for file, text in SMALL.items() if file.startswith(name)})
    library, _ = create_library(Settings(home=str(tmp_path / f"home-{name}"), chroma_url=chroma.url), empty=True)
    add_sources(library, [path])
    return library


def test_libraries_that_share_a_server_know_nothing_of_each_other(chroma: Server, tmp_path: Path) -> None:
    bees, ships = of_one(tmp_path, chroma, "bees"), of_one(tmp_path, chroma, "ships")
    assert (bees.check(), ships.check()) == ([], [])
    with bees.writing():
        bees.mend(thorough=True)
    assert (bees.check(), ships.check()) == ([], [])

    # a library that is restored over another takes its place and leaves the third one alone
    backup(bees, tmp_path / "bees.zip")
    before = {c.name for c in bees.vectors.collection._client.list_collections()}
    again = restore(tmp_path / "bees.zip", ships.settings, force=True)
    after = {c.name for c in bees.vectors.collection._client.list_collections()}
    assert len(before) == len(after) and after != before
    assert ([s.id for s in again.catalog.sources()], again.check(), bees.check()) == (["bees"], [], [])
    assert ships.refresh()
    assert ships.check() == []


def test_a_server_that_lost_its_files_is_filled_anew(chroma: Server, files: Path, tmp_path: Path) -> None:
    library = of_one(tmp_path, chroma, "bees")
    chroma.kill()
    shutil.rmtree(files / "chroma-server")
    chroma.start()
    (path,) = write_files(tmp_path, {"ships.txt": SMALL["ships.txt"]})
    add_sources(library, [path])
    assert library.check() == []

    chroma.kill()
    shutil.rmtree(files / "chroma-server")
    chroma.start()
    (library.folder / "vectors.f32").unlink()  # as on a machine that joins, which asks the server
    library = Library.open(library.settings)
    assert library.vectors.size > 0
    assert library.check() == []


def test_who_writes_while_a_server_is_killed_says_so_and_goes_on_when_it_is_back(
    chroma: Server, postgresql: Server, tmp_path: Path
) -> None:
    settings = Settings(home=str(tmp_path / "home"), catalog_url=postgresql.url, chroma_url=chroma.url)
    library, _ = create_library(settings, empty=True)
    add_sources(library, write_files(tmp_path, {"bees.md": SMALL["bees.md"]}))
    (path,) = write_files(tmp_path, {"ships.txt": SMALL["ships.txt"]})
    told: list[str] = []
    for server, says in (
        (chroma, "no Chroma server answers"),
        (postgresql, "lost while it was in use|does not answer"),
    ):
        with pytest.raises(LibraryBroken, match=says):
            add_sources(
                library, [path], progress=lambda n, of, s=server: s.kill(), told=lambda e: told.append(e.outcome)
            )
        server.start()
        assert told == ["added" if server is chroma else "replaced"]
        told.clear()
        assert {s.id for s in library.catalog.sources()} == {"bees", "ships"}
        again = Library.open(settings)
        assert again.unfinished and again.unfinished.left == ()
        assert again.check() == []
        again.close()
        path.write_text(path.read_text() + "\nSteam came last.\n")
        add_sources(library, [path])  # by the process that met it
        assert library.check() == []
        path.write_text(path.read_text() + "\nAnd then diesel.\n")
