"""What becomes of each file that is added: added, unchanged, replaced, or refused with a reason."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SMALL, small_library, write_files

from corpus.errors import UnknownSource
from corpus.figures import FigureTable
from corpus.library import Library
from corpus.settings import Settings
from corpus.types import Figure
from ingest import Report, add_sources, create_library, open_library, remove_source
from ingest.read import MAX_BYTES, Given

ROOT = Path(__file__).parents[1]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = small_library(tmp_path, {})
    yield library
    library.close()


def outcomes(report: Report) -> list[tuple[str, str, str]]:
    return [(e.name, e.outcome, e.source_id) for e in report.entries]


def ids(library: Library) -> list[str]:
    return [s.id for s in library.catalog.sources()]


# -- the four outcomes ---------------------------------------------------------------------


def test_a_file_is_added_then_unchanged_then_replaced(library: Library, tmp_path: Path) -> None:
    (path,) = write_files(tmp_path, {"bees.md": SMALL["bees.md"]})
    assert outcomes(add_sources(library, [path])) == [("bees.md", "added", "bees")]
    assert outcomes(add_sources(library, [path])) == [("bees.md", "unchanged", "bees")]
    path.write_text(SMALL["bees.md"].replace("50", "60"))
    report = add_sources(library, [str(path)])
    assert outcomes(report) == [("bees.md", "replaced", "bees")]
    assert report.entries[0].passages == len(list(library.catalog.all_passages("bees"))) > 0
    assert "60 flowers" in library.catalog.text("bees")
    assert library.check() == []


def test_a_report_reads_as_counts() -> None:
    assert str(Report()) == "nothing to add"


def test_files_of_one_name_in_two_folders_do_not_replace_each_other(library: Library, tmp_path: Path) -> None:
    paths = write_files(tmp_path, {"a/report.txt": "Report of A.\n", "b/report.txt": "Report of B.\n"})
    assert outcomes(add_sources(library, paths)) == [
        ("report.txt", "added", "report"), ("report.txt", "added", "report-2"),
    ]  # fmt: skip
    paths += write_files(tmp_path, {"c/report.txt": "Report of C.\n"})
    add_sources(library, paths)
    assert ids(library) == ["report", "report-2", "report-3"]
    paths[1].write_text("Report of B, anew.\n")
    assert outcomes(add_sources(library, paths))[1] == ("report.txt", "replaced", "report-2")
    assert library.catalog.text("report") == "Report of A.\n"
    assert library.check() == []


def test_an_id_in_the_front_matter_does_not_take_over_another_document(library: Library, tmp_path: Path) -> None:
    paths = write_files(tmp_path, {n: f"---\nid: same\n---\nWords of {n}.\n" for n in ("a.md", "b.md")})
    add_sources(library, paths)
    assert ids(library) == ["same", "same-2"]
    assert "Words of a.md" in library.catalog.text("same")


def test_an_id_of_a_cited_source_is_not_taken(library: Library, tmp_path: Path) -> None:
    with library.change() as change:
        change.put_tables(FigureTable.bundled())
    (path,) = write_files(tmp_path, {"s01.txt": "Mine.\n"})
    assert outcomes(add_sources(library, [path])) == [("s01.txt", "added", "s01-2")]
    assert library.source("s01").publisher == "ChosunBiz"
    with pytest.raises(UnknownSource):
        remove_source(library, "s01")
    assert library.source("s01").publisher == "ChosunBiz"


def test_the_same_content_elsewhere_is_unchanged(library: Library, tmp_path: Path) -> None:
    first, second = write_files(tmp_path, {"a.txt": "Same words.\n", "copy/b.txt": "Same words.\n"})
    add_sources(library, [first])
    assert outcomes(add_sources(library, [second])) == [("b.txt", "unchanged", "a")]
    assert ids(library) == ["a"]


def test_the_same_content_twice_in_one_go_is_added_once(library: Library, tmp_path: Path) -> None:
    paths = write_files(tmp_path, {"a.txt": "Same words.\n", "copy/b.txt": "Same words.\n"})
    assert outcomes(add_sources(library, [*paths, paths[0]])) == [
        ("a.txt", "added", "a"), ("b.txt", "unchanged", "a"), ("a.txt", "unchanged", "a"),
    ]  # fmt: skip
    assert ids(library) == ["a"]


# -- refusals --------------------------------------------------------------------------------


def test_what_cannot_be_read_is_refused_with_its_reason_and_the_rest_goes_in(library: Library, tmp_path: Path) -> None:
    (good,) = write_files(tmp_path, {"good.txt": "Good words.\n"})
    bad = {
        "binary.txt": b"\x89PNG\r\n\x1a\n\0\0\0",
        "zero.txt": b"words\0words",
        "empty.txt": b"",
        "blank.md": b"\n \n",
        "image.png": b"\x89PNG",
        "huge.txt": b"a" * (MAX_BYTES + 1),
        "front.md": b"---\ntitle: a: b\n---\nWords.",
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    report = add_sources(library, [*(tmp_path / n for n in bad), tmp_path / "missing.txt", good])
    reasons = {e.name: e.reason for e in report.refused}
    for name, words in {
        "binary.txt": "not text in UTF-8", "zero.txt": "binary file", "empty.txt": "holds no text",
        "blank.md": "holds no text", "image.png": "type .png cannot be read", "huge.txt": "limit of 20,000,000",
        "front.md": "not valid YAML", "missing.txt": "no such file; check the path",
    }.items():  # fmt: skip
        assert words in reasons.pop(name)
    assert reasons == {}
    assert all(e.reason.startswith(f"{e.name}: ") and "\n" not in e.reason for e in report.refused)
    assert ids(library) == ["good"]
    assert str(report) == "1 added, 8 refused"


def test_a_replacement_that_cannot_be_read_leaves_what_is_held(library: Library, tmp_path: Path) -> None:
    (path,) = write_files(tmp_path, {"a.txt": "Good words.\n"})
    add_sources(library, [path])
    path.write_bytes(b"\0\0\0")
    assert [e.outcome for e in add_sources(library, [path]).entries] == ["refused"]
    assert library.catalog.text("a") == "Good words.\n"
    assert library.check() == []


def test_a_pipe_or_a_device_is_not_waited_for(library: Library, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    report = add_sources(library, [tmp_path / "pipe.txt"])
    assert [e.outcome for e in report.entries] == ["refused"]
    assert "not a regular file" in report.entries[0].reason


# -- folders ---------------------------------------------------------------------------------


def test_a_folder_adds_what_can_be_read_in_it_at_any_depth(library: Library, tmp_path: Path) -> None:
    write_files(
        tmp_path / "docs",
        {"b.txt": "Of b.\n", "a/deep/c.MD": "# C\n\nOf c.\n", "picture.png": "x", "x.py": "x"},
    )
    report = add_sources(library, [tmp_path / "docs"])
    assert outcomes(report) == [("a/deep/c.MD", "added", "c"), ("b.txt", "added", "b")]


def test_an_empty_folder_adds_nothing(library: Library, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    version = library.catalog.version
    assert str(add_sources(library, [tmp_path / "docs"])) == "nothing to add"
    assert library.catalog.version == version


# -- what the user says ----------------------------------------------------------------------


def test_what_the_user_says_goes_before_what_the_document_says(library: Library, tmp_path: Path) -> None:
    (path,) = write_files(tmp_path, {"bees.md": SMALL["bees.md"]})
    given = Given(title="Of bees", published="2024-06-07", url="https://hive.example")
    add_sources(library, [path], given)
    source = library.source("bees")
    assert (source.title, source.published, source.url) == ("Of bees", "2024-06-07", "https://hive.example")
    assert source.publisher == "Hive Press"
    assert outcomes(add_sources(library, [path], given)) == [("bees.md", "unchanged", "bees")]
    assert outcomes(add_sources(library, [path])) == [("bees.md", "unchanged", "bees")]
    assert library.source("bees").title == "Of bees"
    assert outcomes(add_sources(library, [path], Given(title="Anew"))) == [("bees.md", "replaced", "bees")]
    assert library.source("bees").title == "Anew"
    assert library.check() == []


def test_a_name_never_becomes_a_path_or_an_odd_id(library: Library, tmp_path: Path) -> None:
    files = {
        "..%2f..%2fetc.txt": "One.\n",
        "  -- .txt": "Two.\n",
        "한국 보고서.txt": "Three.\n",
        "A  B_c!.txt": "Four.\n",
    }
    before = sorted({p.name for p in library.folder.iterdir()} | {"tokens"})  # which begins with the first document
    report = add_sources(library, write_files(tmp_path / "odd", files))
    assert [e.source_id for e in report.entries] == [
        "2f-2fetc",
        "document",
        "한국-보고서",
        "a-b_c",
    ]
    assert sorted(p.name for p in library.folder.iterdir()) == before


# -- whole libraries -------------------------------------------------------------------------


def test_progress_counts_up_to_the_end(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.mending._PART", 256)
    lines = "\n\n".join(f"Line {i} is here." for i in range(300))
    seen: list[tuple[int, int]] = []
    add_sources(library, write_files(tmp_path, {"a.txt": lines}), progress=lambda n, of: seen.append((n, of)))
    assert seen == [(256, 300), (300, 300)]


def test_the_bundled_library_holds_every_brief_and_figure_and_is_sound(bundled_home: Path) -> None:
    library = Library.open(Settings(home=str(bundled_home)))
    briefs = {p.stem for p in (ROOT / "corpus" / "documents").glob("*.md")}
    assert set(ids(library)) == briefs
    assert library.figures.figures == FigureTable.bundled().figures
    assert library.check() == []
    library.close()


def test_each_quotable_sentence_of_the_bundled_library_is_a_slice_of_its_source(bundled_home: Path) -> None:
    library = Library.open(Settings(home=str(bundled_home)))
    for passage, spans in library.catalog.all_passages():
        text = library.catalog.text(passage.source_id)
        assert text[passage.start : passage.end] == passage.text
        for a, b in spans:
            assert passage.start <= a < b <= passage.end
            assert not text[a:b].startswith(("#", "[^")), text[a:b]
    library.close()


def test_making_the_library_again_changes_nothing(tmp_path: Path, bundled_home: Path) -> None:
    library = Library.open(Settings(home=str(bundled_home)))
    version = library.catalog.version
    again, report = create_library(library.settings)
    assert {e.outcome for e in report.entries} == {"unchanged"}
    assert again.catalog.version == version
    for held in (library, again):
        held.close()


def test_opening_keeps_a_library_that_is_there_and_its_documents(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    opened = open_library(library.settings)
    assert ids(opened) == ids(library)
    assert not any(isinstance(f, Figure) for f in opened.figures)


def test_python_dash_m_ingest_adds_a_file(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    (path,) = write_files(tmp_path, {"ants.txt": "Ants walk.\n"})
    env = os.environ | {"FOOTNOTE_HOME": str(library.folder)}
    run = subprocess.run(
        [sys.executable, "-m", "ingest", str(path)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert library.refresh()
    assert "ants" in ids(library)
