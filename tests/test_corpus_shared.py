"""One library for several machines: the record in PostgreSQL, the vectors on a Chroma server, words with each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SMALL, write_files
from corpus_servers import chroma_server, postgresql_programs, postgresql_server

from corpus.catalog import Catalog
from corpus.errors import BadSetting, LibraryBroken, LibraryBusy
from corpus.library import Library
from corpus.moving import backup, restore
from corpus.settings import Settings
from ingest import add_sources, create_library, remove_source


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    if postgresql_programs() is None:
        pytest.skip("initdb and postgres are not installed: apt-get install postgresql")
    with postgresql_server() as url:
        yield url


def found(library: Library, words: str) -> set[str]:
    """The documents in which a ranking by words and one by meaning find something."""
    (vector,) = library.encoder.encode([words])
    ids = [id for id, _ in library.words.search(words, 3)]
    ids += [id.rpartition(".")[0] for id, cosine in library.vectors.search(vector, 3) if cosine > 0.4]
    return {p.source_id for p, _spans in library.catalog.passages(ids).values()}


def test_a_library_with_its_vectors_on_a_server_is_searched_changed_and_mended(chroma: str, tmp_path: Path) -> None:
    settings = Settings(home=str(tmp_path / "home"), chroma_url=chroma)
    library, _ = create_library(settings, empty=True)
    add_sources(library, write_files(tmp_path, SMALL))
    assert (found(library, "When did sails come?"), library.check()) == ({"ships"}, [])
    library.vectors.remove(sorted(library.vectors.ids())[:2])
    assert library.check() != []
    library.close()
    library = Library.open(settings)
    with library.writing():
        library.mend(thorough=True)
    assert library.check() == []
    remove_source(library, "ships")
    assert (found(library, "When did sails come?"), library.check()) == (set(), [])
    remove_source(library, "bees")


def test_two_machines_share_a_library_and_write_in_turns(postgresql: str, chroma: str, tmp_path: Path) -> None:
    here, there = (
        Settings(home=str(tmp_path / name), catalog_url=postgresql, chroma_url=chroma, lock_seconds=0.5)
        for name in ("here", "there")
    )
    first, _ = create_library(here, empty=True)
    second = Library.open(there)
    add_sources(first, write_files(tmp_path, SMALL))
    assert found(second, "When did sails come?") == set()
    assert second.refresh()
    assert (found(second, "When did sails come?"), second.check()) == ({"ships"}, [])
    with first.writing(), pytest.raises(LibraryBusy, match=f"process {os.getpid()} on .* is writing to"):
        remove_source(second, "ships")
    remove_source(second, "ships")
    (path,) = write_files(tmp_path, {"owls.txt": "Owls hunt at night and hear a mouse below the snow.\n"})
    add_sources(first, [path])
    with second.asking():  # goes on with what it has, and meanwhile brings its own tokens and words along
        assert {s.id for s in second.catalog.sources()} == {"bees"}
    deadline = time.monotonic() + 30
    while not second.in_step and time.monotonic() < deadline:
        time.sleep(0.05)
    with second.asking():
        assert found(second, "What do owls hear?") == {"owls"}
    for library in (first, second):
        assert {s.id for s in library.catalog.sources()} == {"bees", "owls"}
        assert (found(library, "What do owls hear?"), library.check()) == ({"owls"}, [])

    # a writer that is killed frees the lock, and what it had committed is held
    code = (
        "import sys, os\nfrom corpus.library import Library\nfrom corpus.settings import Settings\n"
        "from ingest import add_sources\nlibrary = Library.open(Settings.read(os.environ))\n"
        "add_sources(library, sys.argv[1:], told=lambda entry: print(entry.source_id, flush=True) or input())\n"
    )
    paths = write_files(tmp_path, {"a.txt": "The first of two reports.\n", "b.txt": "The second of two reports.\n"})
    environ = os.environ | {
        "FOOTNOTE_HOME": str(tmp_path / "third"), "FOOTNOTE_CATALOG_URL": postgresql, "FOOTNOTE_CHROMA_URL": chroma,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, paths)], env=environ, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout and process.stdout.readline() == "a\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    first.close()
    first = Library.open(here)
    assert first.unfinished and (first.unfinished.finished, first.unfinished.left) == (("a.txt",), ("b.txt",))
    assert {s.id for s in first.catalog.sources()} == {"a", "bees", "owls"}
    assert first.check() == []

    # what PostgreSQL holds moves to a folder
    made = backup(first, tmp_path / "b.zip")
    alone = restore(tmp_path / "b.zip", Settings(home=str(tmp_path / "alone")))
    assert (alone.manifest, alone.check(), made.counts["documents"]) == (first.manifest, [], 3)
    for library in (first, second, alone):
        library.close()


def test_who_reads_a_shared_library_keeps_its_version_while_another_changes_it(postgresql: str, tmp_path: Path) -> None:
    first, second = Catalog(postgresql), Catalog(postgresql)
    before = [s.id for s in first.sources()]
    first.pin()
    with second.transaction() as change:
        for id in before:
            change.remove(id)
    assert [s.id for s in first.sources()] == before
    first.pin()
    assert first.sources() == []
    first.close()
    second.close()


def test_who_has_lost_the_lock_can_commit_nothing(postgresql: str) -> None:
    import psycopg

    catalog = Catalog(postgresql)
    version = catalog.version
    with pytest.raises(LibraryBroken, match="was lost while it was in use"), catalog.alone(1.0):
        with psycopg.connect(postgresql, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        with catalog.transaction() as change:
            change.remove("bees")
    assert catalog.version == version
    with catalog.alone(1.0):
        pass
    catalog.close()


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("postgresql://footnote:secret@127.0.0.1:9/none", LibraryBroken, "start the database"),
        ("mysql://u:secret@h/d", BadSetting, "neither SQLite nor PostgreSQL"),
        ("no address", BadSetting, "is no address of a database"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_without_its_password(
    url: str, kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says) as refused:
        Catalog(url)
    assert "secret" not in str(refused.value)


def test_a_chroma_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryBroken, match="no Chroma server answers at FOOTNOTE_CHROMA_URL='http://127.0.0.1:9'"):
        create_library(Settings(home=str(tmp_path), chroma_url="http://127.0.0.1:9"), empty=True)
