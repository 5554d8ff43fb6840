"""A library in one file and back: whole, verified, and over nothing that is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from conftest import small_library, write_files

from corpus.errors import BadBackup, LibraryError
from corpus.library import Library
from corpus.moving import MANIFEST, backup, restore
from corpus.settings import Settings
from ingest import add_sources


def documents(library: Library) -> dict[str, str]:
    return {s.id: library.catalog.text(s.id) for s in library.catalog.sources()}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return small_library(tmp_path)


def test_what_was_backed_up_comes_back_without_embedding_anything(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backup(library, tmp_path / "b.zip")
    embedded: list[str] = []
    encode = library.encoder.encode_tokens  # type: ignore[attr-defined]
    monkeypatch.setattr(library.encoder, "encode_tokens", lambda texts: embedded.extend(texts) or encode(texts))
    seen: list[tuple[int, int]] = []
    back = restore(
        tmp_path / "b.zip", Settings(home=str(tmp_path / "new")), progress=lambda n, of: seen.append((n, of))
    )
    assert documents(back) == documents(library)
    assert (back.check(), back.manifest) == ([], library.manifest == back.manifest and made.documents)
    vectors = library.vectors.get(sorted(library.vectors.ids()))
    assert all((back.vectors.get([id])[id] == v).all() for id, v in vectors.items())
    assert embedded == [] and back.tokens.ids() == library.tokens.ids()
    assert [id for id, _ in back.words.search("sails", 1)] == [id for id, _ in library.words.search("sails", 1)]


def test_a_backup_while_documents_come_in_is_one_version(library: Library, tmp_path: Path) -> None:
    paths = write_files(tmp_path / "more", {f"{n}.txt": f"Report {n} says something of its own.\n" for n in range(6)})
    writer = threading.Thread(target=add_sources, args=(Library.open(library.settings), paths))
    writer.start()
    backup(library, tmp_path / "b.zip")
    writer.join()
    back = restore(tmp_path / "b.zip", Settings(home=str(tmp_path / "new")))
    held = documents(back)
    assert set(held) - {"bees", "ships"} == {str(n) for n in range(len(held) - 2)}
    assert back.check() == []


def test_a_library_with_documents_is_overwritten_only_by_force(library: Library, tmp_path: Path) -> None:
    backup(library, tmp_path / "b.zip")
    (path,) = write_files(tmp_path, {"new.txt": "A newer report.\n"})
    add_sources(library, [path])
    reader = Library.open(library.settings)
    with pytest.raises(LibraryError, match=r"is not empty; .*--force"):
        restore(tmp_path / "b.zip", library.settings)
    assert "new" in documents(reader)
    back = restore(tmp_path / "b.zip", library.settings, force=True)
    assert set(documents(back)) == {"bees", "ships"}
    assert back.check() == []
    assert reader.refresh()  # a server that was answering takes it over
    assert set(documents(reader)) == {"bees", "ships"}
    assert reader.words.search("newer report", 3) == []


def spoilt(file: Path, to: Path, **changes: bytes | None) -> Path:
    """A backup with members replaced (bytes), taken out (None) or added."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, data in changes.items():
            if data is not None:
                new.writestr(name, data)
    return to


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"../../evil": b"x"}, "'../../evil', which leads out of the library"),
        ({"/etc/evil": b"x"}, "leads out of the library"),
        ({"words/meta.json": b"x"}, "is no part of a library"),
        ({"catalog.sqlite": b"x" * 5000}, "catalog.sqlite is not what the manifest says"),
        ({"vectors.f32": None}, "its manifest does not fit its files"),
        ({MANIFEST: None}, "is no backup of a library"),
        ({MANIFEST: b"{"}, "its manifest cannot be read"),
    ],
)
def test_a_file_that_is_no_whole_backup_is_refused_and_changes_nothing(
    changes: dict[str, bytes | None], says: str, library: Library, tmp_path: Path
) -> None:
    backup(library, tmp_path / "b.zip")
    bad = spoilt(tmp_path / "b.zip", tmp_path / "bad.zip", **changes)
    before = documents(library)
    with pytest.raises(BadBackup) as refused:
        restore(bad, library.settings, force=True)
    assert says in str(refused.value)
    assert documents(Library.open(library.settings)) == before
    assert not [p for p in tmp_path.rglob("*") if p.name == "evil" or ".restore-" in p.name]


def test_a_manifest_that_was_changed_or_is_of_the_future_is_refused(library: Library, tmp_path: Path) -> None:
    backup(library, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        manifest = json.loads(archive.read(MANIFEST))
    for change, says in (({"version": 77}, "does not fit its files"), ({"format": 2}, "of format 2.*upgrade Footnote")):
        bad = spoilt(tmp_path / "b.zip", tmp_path / "bad.zip", **{MANIFEST: json.dumps(manifest | change).encode()})
        with pytest.raises(BadBackup, match=says):
            restore(bad, Settings(home=str(tmp_path / "new")))


def test_half_a_file_and_no_file_are_named(library: Library, tmp_path: Path) -> None:
    backup(library, tmp_path / "b.zip")
    half = tmp_path / "half.zip"
    half.write_bytes((tmp_path / "b.zip").read_bytes()[:-3000])
    for path, says in ((half, "is no whole backup"), (tmp_path / "none.zip", "no such file")):
        with pytest.raises(BadBackup, match=says):
            restore(path, Settings(home=str(tmp_path / "new")))


def test_what_a_killed_process_left_beside_a_library_or_a_backup_is_taken_away(
    library: Library, tmp_path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = [library.folder / f".restore.{ended.pid}.1", tmp_path / f".footnote-backup.{ended.pid}.1"]
    kept = [library.folder / f".b.zip.{os.getpid()}.1", tmp_path / f".notes.{ended.pid}.1", tmp_path / ".a.txt.b"]
    for path in left:
        path.mkdir()
        (path / "catalog.sqlite").write_bytes(b"half")
    for path in kept:  # of a process that runs, and of nobody that we know
        path.write_bytes(b"whole")
    with library.writing():
        pass
    backup(library, tmp_path / "b.zip")
    assert [path.exists() for path in left] == [False, False]
    assert all(path.read_bytes() == b"whole" for path in kept)
