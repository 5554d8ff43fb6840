"""A folder that is followed: what comes, changes and goes there does so in the library."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from conftest import SMALL, small_library, write_files
from test_ingest_describe import TRADE, put

from corpus.errors import Unreadable
from corpus.library import Library
from corpus.settings import Settings
from ingest.watch import Follower


def followed(tmp_path: Path) -> tuple[Library, Follower, list[str]]:
    library = small_library(tmp_path, {})
    said: list[str] = []
    folder = tmp_path / "reports"
    folder.mkdir()
    follower = Follower(library, folder, told=lambda e: said.append(f"{e.outcome} {e.source_id}"), quiet=0.0)
    return library, follower, said


def ids(library: Library) -> set[str]:
    return {s.id for s in library.catalog.sources()}


def test_files_that_come_change_and_go_are_followed(tmp_path: Path) -> None:
    library, follower, said = followed(tmp_path)
    write_files(follower.folder, SMALL)
    assert not follower.look()
    assert ids(library) == {"bees", "ships"}
    (follower.folder / "ships.txt").write_text("Ships\n\nNow they burn ammonia.\n")
    (follower.folder / "bees.md").unlink()
    follower.look()
    assert library.catalog.text("ships") == "Ships\n\nNow they burn ammonia.\n"
    follower.look()
    assert said == ["added bees", "added ships", "replaced ships", "removed bees"]
    assert (ids(library), library.check()) == ({"ships"}, [])


def test_what_happened_while_nobody_watched_is_caught_up_with(tmp_path: Path) -> None:
    library, follower, said = followed(tmp_path)
    write_files(follower.folder, SMALL)
    follower.look()
    (follower.folder / "bees.md").unlink()
    Follower(library, follower.folder, told=follower.told, quiet=0.0).look()
    assert (said[-1], ids(library)) == ("removed bees", {"ships"})


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has a file open")
def test_a_file_that_somebody_still_writes_is_not_taken(tmp_path: Path) -> None:
    library, follower, _said = followed(tmp_path)
    with (follower.folder / "half.txt").open("w") as file:
        file.write("The first half of a ")
        file.flush()
        assert follower.look()
        assert ids(library) == set()
        file.write("sentence.\n")
    assert not follower.look()
    assert library.catalog.text("half") == "The first half of a sentence.\n"


def test_a_file_is_taken_once_it_has_been_quiet(tmp_path: Path) -> None:
    library, follower, _said = followed(tmp_path)
    follower.quiet = 0.3
    (path,) = write_files(follower.folder, {"a.txt": "Words.\n"})
    assert follower.look()
    time.sleep(0.2)
    path.write_text("Other words.\n")
    assert follower.look()
    time.sleep(0.2)
    assert follower.look()
    assert ids(library) == set()
    time.sleep(0.15)
    assert not follower.look()
    assert library.catalog.text("a") == "Other words.\n"


def test_a_folder_that_vanishes_takes_no_document_along(tmp_path: Path) -> None:
    library, follower, _said = followed(tmp_path)
    write_files(follower.folder, SMALL)
    follower.look()
    shutil.rmtree(follower.folder)
    with pytest.raises(Unreadable, match="its documents stay in the library"):
        follower.look()
    assert ids(library) == {"bees", "ships"}


def test_hidden_files_links_and_other_types_are_no_documents(tmp_path: Path) -> None:
    library, follower, _said = followed(tmp_path)
    write_files(follower.folder, {".a.txt": "Hidden.\n", ".git/b.txt": "Hidden.\n", "c.bin": "Binary.\n"})
    (secret,) = write_files(tmp_path, {"secret.txt": "Not for the library.\n"})
    (follower.folder / "link.txt").symlink_to(secret)
    follower.look()
    assert ids(library) == set()


def test_a_file_that_is_moved_keeps_its_document(tmp_path: Path) -> None:
    library, follower, said = followed(tmp_path)
    write_files(follower.folder, SMALL)
    follower.look()
    (follower.folder / "bees.md").rename(follower.folder / "insects.md")
    follower.look()
    assert (said[2:], ids(library)) == (["moved bees"], {"bees", "ships"})
    assert set(library.catalog.located().values()) == {"bees", "ships"}
    assert str(follower.folder / "insects.md") in library.catalog.located()
    (follower.folder / "insects.md").unlink()
    follower.look()
    assert (said[3:], ids(library), library.check()) == (["removed bees"], {"ships"}, [])


def test_a_copy_takes_the_place_of_a_file_that_is_deleted(tmp_path: Path) -> None:
    library, follower, said = followed(tmp_path)
    write_files(follower.folder, {"a.txt": "Said twice.\n", "b.txt": "Said twice.\n", "c.txt": "Said once.\n"})
    follower.look()
    (follower.folder / "a.txt").unlink()
    follower.look()
    assert said == ["added a", "added c", "moved a"]
    assert library.catalog.text("a") == "Said twice.\n"


def test_documents_of_an_archive_are_followed(tmp_path: Path) -> None:
    library, follower, said = followed(tmp_path)
    for names in (("a", "b"), ("b", "c")):
        with zipfile.ZipFile(follower.folder / "z.zip", "w") as archive:
            for name in names:
                archive.writestr(f"{name}.txt", f"What {name} says.\n")
        follower.look()
    assert said == ["added a", "added b", "added c", "removed a"]
    (follower.folder / "z.zip").unlink()
    follower.look()
    assert (sorted(said[4:]), ids(library)) == (["removed b", "removed c"], set())


def test_a_folder_that_is_found_empty_takes_no_document_along(tmp_path: Path) -> None:
    library, follower, said = followed(tmp_path)
    write_files(follower.folder, {"a.txt": "Words.\n"})
    follower.look()
    (follower.folder / "a.txt").rename(tmp_path / "a.txt")
    Follower(library, follower.folder, told=follower.told, quiet=0.0).look()  # a disk may be missing
    assert ids(library) == {"a"}
    follower.look()  # who has seen the file in this very folder knows that it is gone
    assert (said, ids(library)) == (["added a", "removed a"], set())


def test_a_description_that_changes_changes_the_figures(tmp_path: Path) -> None:
    library, follower, said = followed(tmp_path)
    put(follower.folder)
    follower.look()
    follower.look()
    put(follower.folder, TRADE.replace("net_trade", "trade_balance"))
    follower.look()
    assert said == ["added trade", "replaced trade"]
    assert set(library.figures.measures) == {"trade_balance"}


def test_many_files_are_embedded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library, follower, said = followed(tmp_path)
    write_files(follower.folder, {f"{n:02}.txt": f"Report {n} says a thing.\n" for n in range(20)})
    mended: list[object] = []
    mend = Library.mend
    monkeypatch.setattr(Library, "mend", lambda self, *a, **k: mended.append(None) or mend(self, *a, **k))
    follower.look()
    assert (len(said), len(mended)) == (20, 1)


def test_the_command_follows_until_it_is_ended(tmp_path: Path) -> None:
    library = small_library(tmp_path, {})
    library.close()
    folder = tmp_path / "reports"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "add", "--watch", folder, "--home", library.folder], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline().startswith("Following")
    write_files(folder, {"owls.txt": "Owls hunt at night.\n"})
    assert process.stdout.readline().split() == ["added", "owls.txt", "as", "owls", "(1", "passage)"]
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, f"No longer following {folder}\n", "")
    assert ids(Library.open(Settings(home=str(library.folder)))) == {"owls"}
