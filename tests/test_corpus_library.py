"""The library on disk: the indexes follow the record, whatever happens to a process."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import SMALL, small_library, write_files

from benchmarks.faults import drawing
from corpus.catalog import Catalog
from corpus.errors import LibraryBroken, LibraryBusy, LibraryError, NoLibrary, UnknownSource
from corpus.library import Library, passage_id, sentence_id, sentence_passage
from corpus.settings import Settings
from ingest import add_sources, create_library, open_library, remove_source

PRELUDE = """
import sys
from pathlib import Path
from corpus.library import Library
from corpus.settings import Settings
from ingest import add_sources, remove_source
home = sys.argv[1]
library = Library.open(Settings(home=home))
def say(word):
    sys.stdout.write(word + "\\n"); sys.stdout.flush()
"""


def other_process(code: str, *args: object) -> subprocess.Popen[str]:
    """Another process with an open library; it may say a word and wait for one."""
    full = PRELUDE + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", full, *map(str, args)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def heard(process: subprocess.Popen[str]) -> str:
    """The next word of the other process."""
    assert process.stdout
    word = process.stdout.readline().strip()
    assert word, process.communicate()[1]
    return word


def done(process: subprocess.Popen[str]) -> None:
    """The other process has come to its end without an error."""
    _out, err = process.communicate("go on\n", timeout=120)
    assert process.returncode == 0, err


def whole(library: Library) -> None:
    """Fail unless both indexes hold exactly what the catalog does, and each sentence finds itself."""
    assert library.check() == []
    wanted, passages = {}, set()
    for passage, spans in library.catalog.all_passages():
        for n, (a, b) in enumerate(spans):
            wanted[sentence_id(passage.id, n)] = passage.text[a - passage.start : b - passage.start]
            passages.add(passage.id)
    assert library.vectors.ids() == set(wanted)
    assert len(library.words) == len(passages)
    ids = list(wanted)
    for id, vector in zip(ids, library.encoder.encode([wanted[i] for i in ids]), strict=True):
        found = library.vectors.search(vector, 1)
        assert found and found[0][1] > 0.99, (id, wanted[id])


def reopened(library: Library) -> Library:
    library.close()
    return Library.open(library.settings)


# -- one process ---------------------------------------------------------------------------


def test_what_was_added_is_found_by_words_and_by_meaning(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    whole(library)
    [(id, _score), *_] = library.words.search("When did sails come?", 3)
    assert library.catalog.passage(id).source_id == "ships"
    (vector,) = library.encoder.encode(["insects that collect nectar"])
    [(id, _cosine), *_] = library.vectors.search(vector, 3)
    assert library.catalog.passage(sentence_passage(id)).source_id == "bees"


def test_footnotes_front_matter_and_headings_are_kept_and_never_found(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    assert library.words.search("Hive Press 2024-05", 9) == []
    assert "Hive Press" in library.catalog.text("bees")


def test_nearest_are_best_first_with_true_cosines(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    (vector,) = library.encoder.encode(["sailing"])
    found = library.vectors.search(vector, 100)
    held = library.vectors.get([id for id, _ in found])
    assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)
    assert len(found) == len(library.vectors.collection)
    for id, cosine in found:
        assert cosine == pytest.approx(float(np.dot(held[id], vector)), abs=1e-3)


def test_the_count_is_asked_for_once_and_again_when_something_changed(tmp_path: Path) -> None:
    vectors = small_library(tmp_path).vectors
    held, asked = len(vectors.collection), []
    collection = vectors.collection._collection
    count = collection.count
    collection.count = lambda: asked.append(1) or count()
    assert len(vectors.collection) == len(vectors.collection) == held
    assert asked == []
    vectors.add(["one.0", "two.0"], np.eye(2, 384, dtype=np.float32))
    assert len(vectors.collection) == held + 2
    vectors.remove(["one.0"])
    assert len(vectors.collection) == held + 1
    vectors.refresh()
    assert len(vectors.collection) == held + 1
    vectors.clear()
    assert len(vectors.collection) == 0


def test_cosines_are_those_of_the_index_and_nothing_for_an_unknown_id(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    (vector,) = library.encoder.encode(["sailing"])
    found = library.vectors.search(vector, 100)
    ids = [id for id, _ in found]
    said = library.vectors.cosines([ids[2], "no such id", *ids], vector)
    assert said[1] == 0
    assert said[0] == pytest.approx(found[2][1], abs=1e-6)
    assert said[2:] == pytest.approx([c for _, c in found], abs=1e-6)
    assert library.vectors.cosines([], vector).shape == (0,)


def test_removing_leaves_no_trace_not_even_in_the_bytes_on_disk(tmp_path: Path) -> None:
    secret = {"secret.txt": "Plans\n\nThe xylophonist hides qwertzuiop here.\n\nNobody may know of it.\n"}
    library = reopened(small_library(tmp_path, SMALL | secret))
    held = [p for p in files_of(library) if b"qwertzuiop" in p.read_bytes()]
    assert held
    before = library.catalog.source("secret")
    assert remove_source(library, "secret") == before
    assert library.words.search("xylophonist", 3) == []
    whole(library)
    assert "secret" not in {s.id for s in library.catalog.sources(held=None)}
    with pytest.raises(UnknownSource):
        remove_source(library, "secret")
    library.close()
    assert [p for p in files_of(library) if b"qwertzuiop" in p.read_bytes()] == []


def files_of(library: Library) -> list[Path]:
    return [p for p in library.folder.rglob("*") if p.is_file()]


def test_readding_what_is_unchanged_costs_no_embedding_and_no_change(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    version, seen = library.version, []
    report = add_sources(library, [tmp_path / "files"], progress=lambda n, of: seen.append((n, of)))
    assert [e.outcome for e in report.entries] == ["unchanged", "unchanged"]
    assert (library.catalog.version, seen) == (version, [])


def test_replacing_embeds_only_what_is_new(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    before = library.vectors.ids()
    (tmp_path / "files" / "ships.txt").write_text(SMALL["ships.txt"] + "\nDiesel followed steam.\n")
    seen: list[tuple[int, int]] = []
    add_sources(library, [tmp_path / "files"], progress=lambda n, of: seen.append((n, of)))
    after = library.vectors.ids()
    assert seen[-1] == (len(after - before), len(after - before))
    assert 0 < len(after - before) < len(after)
    whole(library)


def test_a_new_title_reaches_the_word_index_although_no_sentence_changed(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    path = tmp_path / "files" / "bees.md"
    path.write_text(SMALL["bees.md"].replace("title: On bees", "title: On ants"))
    add_sources(library, [path])
    assert library.source("bees").title == "On ants"
    assert [library.catalog.passage(id).source_id for id, _ in library.words.search("ants", 3)] == ["bees"]


def test_a_library_that_is_not_there_cannot_be_opened_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NoLibrary, match="footnote init"):
        Library.open(Settings(home=str(tmp_path / "none")))
    assert not (tmp_path / "none").exists()


def test_creating_twice_keeps_what_is_there(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    again = Library.create(library.settings)
    assert again.catalog.counts() == library.catalog.counts()
    assert again.version == library.version


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryError, match=r"cannot write to the folder '.*file/home'.*--home"):
        Library.create(Settings(home=str(tmp_path / "file" / "home")))


def test_an_empty_library_holds_nothing_and_opens_again(tmp_path: Path) -> None:
    library, report = create_library(Settings(home=str(tmp_path)), empty=True)
    assert library.catalog.counts() == {"documents": 0, "passages": 0, "figures": 0}
    assert report.entries == ()
    library = open_library(library.settings)  # which fills only what is not there
    assert library.catalog.counts()["documents"] == 0
    assert (library.words.search("bees", 3), library.vectors.search(np.ones(384, np.float32), 3)) == ([], [])
    whole(library)


def test_a_passages_id_follows_its_source_place_and_text() -> None:
    ids = {passage_id("a", 0, "x"), passage_id("a", 1, "x"), passage_id("b", 0, "x"), passage_id("a", 0, "y")}
    assert len(ids) == 4
    assert passage_id("a", 0, "x") in ids
    assert sentence_passage(sentence_id("a.b", 3)) == "a.b"


def test_the_manifest_follows_the_documents(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    before = library.manifest
    assert reopened(library).manifest == before
    remove_source(library, "bees")
    assert library.manifest != before


# -- what is lost is mended ------------------------------------------------------------------


def drop_chroma(library: Library) -> None:
    shutil.rmtree(library.folder / "chroma")


def drop_words(library: Library) -> None:
    shutil.rmtree(library.folder / "words")


def empty_words(library: Library) -> None:
    for path in (library.folder / "words").iterdir():
        path.unlink()


def spoil_chroma(library: Library) -> None:
    (library.folder / "chroma" / "chroma.sqlite3").write_bytes(b"not a database" * 100)


def spoil_words(library: Library) -> None:
    (library.folder / "words" / "meta.json").write_text("{")


def drop_a_vector(library: Library) -> None:
    library.vectors.remove(sorted(library.vectors.ids())[:1])


def add_a_stray_vector(library: Library) -> None:
    library.vectors.add(["stray.0"], np.ones((1, 384), np.float32))


def garble_the_matrix(library: Library) -> None:
    data = bytearray((library.folder / "vectors.f32").read_bytes())
    data[-400:] = bytes(400)
    (library.folder / "vectors.f32").write_bytes(data)


def cut_the_words(library: Library) -> None:
    largest = max((library.folder / "words").iterdir(), key=lambda p: p.stat().st_size)
    os.truncate(largest, largest.stat().st_size // 2)


def drop_tokens(library: Library) -> None:
    shutil.rmtree(library.folder / "tokens")


def garble_the_tokens(library: Library) -> None:
    (rows,) = (library.folder / "tokens").glob("rows-*")
    data = bytearray(rows.read_bytes())
    data[-400:] = bytes(400)
    rows.write_bytes(data)


def cut_the_tokens(library: Library) -> None:
    (rows,) = (library.folder / "tokens").glob("rows-*")
    os.truncate(rows, rows.stat().st_size // 2)


def spoil_the_names_of_tokens(library: Library) -> None:
    (library.folder / "tokens" / "names").write_bytes(b"{")


def drop_all(library: Library) -> None:
    drop_chroma(library)
    drop_tokens(library)
    drop_words(library)


@pytest.mark.parametrize(
    "harm",
    [
        drop_chroma, drop_words, drop_all, empty_words, spoil_chroma, spoil_words,
        drop_a_vector, add_a_stray_vector, garble_the_matrix, cut_the_words,
        drop_tokens, garble_the_tokens, cut_the_tokens, spoil_the_names_of_tokens,
    ],
)  # fmt: skip
def test_a_lost_or_spoilt_index_is_mended_on_opening(harm: Callable[[Library], None], tmp_path: Path) -> None:
    library = small_library(tmp_path)
    whole(library)
    version = library.version
    library.close()
    harm(library)
    library = reopened(library)
    whole(library)
    assert library.version == version


def test_tokens_alone_are_made_anew_and_no_other_index_is_touched(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    before = {id: library.tokens.get([id])[0].copy() for id in library.tokens.ids()}
    library.close()
    kept = {name: (library.folder / name).read_bytes() for name in ("vectors.f32", "vectors.stamp", "words.stamp")}
    garble_the_tokens(library)
    library = Library.open(library.settings)
    assert {id: library.tokens.get([id])[0].tobytes() for id in before} == {id: t.tobytes() for id, t in before.items()}
    assert {name: (library.folder / name).read_bytes() for name in kept} == kept
    assert library.check() == []


def test_a_library_of_before_there_were_tokens_gets_them_on_opening(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    library.close()
    drop_tokens(library)
    (library.folder / "tokens.stamp").unlink()
    library = Library.open(library.settings)
    assert library.mended is not None and library.mended.added == len(library.vectors.ids())
    whole(library)


def test_files_of_chroma_that_a_loss_of_power_garbled_are_made_anew(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    paths = write_files(tmp_path / "more", {f"{n}.txt": edition(n, 1) for n in range(5)})
    library.close()
    for n, name in enumerate(("length.bin", "header.bin", "data_level0.bin", "chroma.sqlite3")):
        (file,) = (library.folder / "chroma").rglob(name)
        size = file.stat().st_size
        file.write_bytes(file.read_bytes()[: size // 3] + random.Random(n).randbytes(size - size // 3))
        (library.folder / "vectors.stamp").unlink()  # a writer was at it
        other = Catalog.in_folder(library.folder)
        with other.transaction() as change:
            change.remove("bees")
        other.close()
        library = Library.open(library.settings)
        assert library.trouble == ""
        add_sources(library, [tmp_path / "files", paths[n]])
        whole(library)
        library.close()


def test_a_graph_that_proves_torn_when_it_is_written_to_is_made_anew(tmp_path: Path) -> None:
    """A kill can leave files of the graph that no later process finds fault with before it removes something."""
    with drawing():
        texts = {f"{n}.txt": "\n\n".join(edition(20 * n + i, 1) for i in range(20)) for n in range(6)}
        library = small_library(tmp_path, texts)
        library.close()
        (file,) = (library.folder / "chroma").rglob("index_metadata.pickle")  # written at 1,000 vectors
        file.write_bytes(file.read_bytes()[:1000])
        library = Library.open(library.settings)
        assert library.mended is None
        remove_source(library, "1")
        whole(library)


def test_words_that_are_stale_are_mended_although_their_number_is_right(tmp_path: Path) -> None:
    """A folder that was put back from another day holds as many passages as the one that was lost."""
    library = small_library(tmp_path)
    before = sorted((library.folder / "words").iterdir())
    kept = {p.name: p.read_bytes() for p in before}
    (tmp_path / "files" / "ships.txt").write_text(SMALL["ships.txt"].replace("logs", "reeds"))
    add_sources(library, [tmp_path / "files"])
    library.close()
    shutil.rmtree(library.folder / "words")
    (library.folder / "words").mkdir()
    for name, data in kept.items():
        (library.folder / "words" / name).write_bytes(data)
    library = reopened(library)
    assert len(library.words.search("reeds", 3)) == 1
    assert library.words.search("logs", 3) == []


def test_vectors_of_another_model_are_made_anew(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    with library.catalog.transaction() as change:
        change.use_encoder("another-model")
    library.vectors.remove(sorted(library.vectors.ids()))
    library = reopened(library)
    assert library.catalog.encoder == library.encoder.name
    whole(library)


def test_a_damaged_record_is_named_and_not_touched(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    library.close()
    path = library.folder / "catalog.sqlite"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(LibraryBroken, match=r"catalog\.sqlite"):
        Library.open(library.settings)
    assert path.read_bytes() == b"x" * 5000


def test_check_tells_of_each_fault(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    assert library.check() == []
    sentences = len(library.vectors.collection)
    library.vectors.remove(sorted(library.vectors.ids())[:2])
    assert library.check() == [f"the vector index holds {sentences - 2} of {sentences} sentences"]
    library.words.rebuild([])
    assert "the word index holds 0 of" in library.check()[1]
    with library.catalog.transaction():
        pass
    assert library.check()[2] == "the indexes are behind the catalog"


# -- kill -9 ---------------------------------------------------------------------------------

KILLED = """
library.encoder.encode(["warm"]); library.vectors; library.words
say("ready")
for path in sorted(Path(sys.argv[2]).iterdir()):
    add_sources(library, [path])
say("done")
import time; time.sleep(60)
"""


def edition(document: int, n: int) -> str:
    lines = [f"Report {document} of edition {n} says thing {i} about topic {i * n}." for i in range(12)]
    return f"Report {document}\n\n" + "\n\n".join(lines) + "\n"


def test_a_process_killed_at_any_moment_leaves_each_document_whole_or_not_at_all(tmp_path: Path) -> None:
    library = small_library(tmp_path, {})
    library.close()
    moments = random.Random(20)
    for n in range(1, 6):
        write_files(tmp_path / "docs", {f"report-{d}.txt": edition(d, n) for d in range(4)})
        process = other_process(KILLED, library.folder, tmp_path / "docs")
        assert heard(process) == "ready"
        time.sleep(moments.uniform(0, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        library = Library.open(library.settings)
        possible = {(f"report-{d}", edition(d, m)) for d in range(4) for m in range(1, n + 1)}
        assert {(s.id, library.catalog.text(s.id)) for s in library.catalog.sources()} <= possible
        whole(library)
        library.close()
    library = Library.open(library.settings)
    report = add_sources(library, [tmp_path / "docs"])
    assert report.refused == []
    assert {library.catalog.text(f"report-{d}") for d in range(4)} == {edition(d, 5) for d in range(4)}
    whole(library)


# -- several processes -----------------------------------------------------------------------

HOLDS = """
with library.writing():
    say("holding")
    sys.stdin.readline()
"""
COMMITS = """
from dataclasses import replace
from hashlib import sha256
from ingest.read import read
from ingest.split import split
path = Path(sys.argv[2])
with library.writing():
    document = read(path.read_bytes(), path.name)
    source = replace(document.source, id=path.stem, sha256=sha256(path.read_bytes()).hexdigest())
    with library.catalog.transaction() as change:
        change.put(source, str(path), document.text, split(replace(document, source=source), source.id))
    say("committed")
    sys.stdin.readline()
    library.mend()
"""
ADDS = """
add_sources(library, [sys.argv[2]])
say("added")
"""


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    process = other_process(HOLDS, library.folder)
    assert heard(process) == "holding"
    with pytest.raises(LibraryBusy, match=f"process {process.pid} is writing to .*try again"):
        remove_source(library, "bees")
    done(process)
    remove_source(library, "bees")
    whole(library)


def test_a_second_writer_waits_for_its_turn(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    files = write_files(tmp_path, {f"{d}.txt": edition(d, 1) for d in range(3)})
    others = [other_process(ADDS, library.folder, path) for path in files[:2]]
    patient = Library.open(Settings(home=str(library.folder), lock_seconds=60))
    add_sources(patient, [files[2]])
    for process in others:
        done(process)
    patient.refresh()
    assert {s.id for s in patient.catalog.sources()} == {"bees", "ships", "0", "1", "2"}
    whole(patient)


def test_the_lock_of_a_killed_writer_is_free(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    process = other_process(HOLDS, library.folder)
    assert heard(process) == "holding"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with library.writing(wait=0.5):
        pass


def test_a_reader_sees_what_another_process_added_after_refresh(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    (vector,) = library.encoder.encode(["Report 7 of edition 1 says thing 3 about topic 3."])
    assert library.vectors.search(vector, 1)[0][1] < 0.9
    assert not library.refresh()
    (path,) = write_files(tmp_path, {"seven.txt": edition(7, 1)})
    done(other_process(ADDS, library.folder, path))
    assert library.refresh()
    assert not library.refresh()
    assert library.source("seven").title == "Report 7"
    assert library.vectors.search(vector, 1)[0][1] > 0.99
    whole(library)


def test_a_reader_that_opens_during_a_change_sees_it_when_it_is_made(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    (path,) = write_files(tmp_path, {"seven.txt": edition(7, 1)})
    process = other_process(COMMITS, library.folder, path)
    assert heard(process) == "committed"
    reader = Library.open(library.settings)
    assert len(reader.vectors.collection) == len(library.vectors.collection)
    assert not reader.refresh()
    done(process)
    assert reader.refresh()
    whole(reader)


def test_who_is_answering_goes_on_with_the_old_version_and_then_takes_the_new_one(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    (path,) = write_files(tmp_path / "files", {"ships.txt": SMALL["ships.txt"].replace("hollow logs", "bundled reeds")})
    process = other_process(COMMITS, library.folder, path)
    assert heard(process) == "committed"  # and the indexes are behind
    assert not library.refresh()
    [(id, _score)] = library.words.search("hollow logs", 1)
    passage = library.catalog.passage(id)
    assert "hollow logs" in passage.text
    assert library.catalog.text("ships")[passage.start : passage.end] == passage.text
    done(process)
    with library.asking():
        assert library.words.search("hollow logs", 1) == []
        assert "bundled reeds" in library.catalog.text("ships")
        ids = sorted(library.tokens.ids())
        tokens = [t.copy() for t in library.tokens.get(ids)]
        remover = other_process("remove_source(library, 'ships')\nsay('removed')", library.folder)
        assert heard(remover) == "removed"
        done(remover)
        assert not library.refresh()  # a question keeps its version to the end
        assert "bundled reeds" in library.catalog.text("ships")
        assert all((a == b).all() and len(a) for a, b in zip(library.tokens.get(ids), tokens, strict=True))
    assert library.refresh()
    assert library.tokens.ids() == library.vectors.ids() != set(ids)
    whole(library)


def test_documents_are_reported_one_by_one_and_held_from_then_on(tmp_path: Path) -> None:
    library = small_library(tmp_path, {})
    other, seen = Catalog.in_folder(library.folder), []
    paths = write_files(tmp_path, {f"{n}.txt": edition(n, 1) for n in range(3)})
    add_sources(library, paths, told=lambda entry: seen.append({s.id for s in other.sources()}))
    assert seen == [{"0"}, {"0", "1"}, {"0", "1", "2"}]
    assert library.catalog.unfinished() is None
    other.close()


def test_opening_says_what_a_process_that_was_killed_has_left_undone(tmp_path: Path) -> None:
    library = small_library(tmp_path, {})
    paths = write_files(tmp_path, {f"{n}.txt": edition(n, 1) for n in range(3)})
    process = other_process(
        "add_sources(library, sys.argv[2:], told=lambda entry: say(entry.source_id) or sys.stdin.readline())",
        library.folder, *paths,
    )  # fmt: skip
    assert heard(process) == "0"
    assert Library.open(library.settings).unfinished is None  # it is at it still
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    library = reopened(library)
    assert library.unfinished
    assert f"process {process.pid} on " in str(library.unfinished)
    assert "was ended when 0.txt had been added; add again: 1.txt, 2.txt" in str(library.unfinished)
    whole(library)
    add_sources(library, paths)
    assert reopened(library).unfinished is None


def test_writers_that_take_turns_lose_nothing_of_each_other(tmp_path: Path) -> None:
    """Chroma writes its index every 1,000 vectors from what its own process has seen."""
    lines = "\n\n".join(f"Bee {i} flies." for i in range(990))
    first = small_library(tmp_path, {"bees.txt": "Bees\n\n" + lines})
    (vector,) = first.encoder.encode(["Bee 5 flies."])
    assert first.vectors.search(vector, 1)
    paths = write_files(tmp_path, {f"{d}.txt": "\n\n".join(edition(d * 10 + i, 1) for i in range(4)) for d in (1, 2)})
    done(other_process(ADDS, first.folder, paths[0]))
    add_sources(first, [paths[1]])  # without a refresh in between
    found = other_process(
        """
        from corpus.mending import sentences
        wanted = dict(sentences(library.catalog))
        lost = 0
        some = [(i, t) for i, t in wanted.items() if t.startswith("Report")]
        for (id, _), vector in zip(some, library.encoder.encode([t for _, t in some])):
            hits = library.vectors.search(vector, 1)
            lost += not hits or hits[0][1] < 0.99
        say(f"{len(some) > 90} {lost}")
        """,
        first.folder,
    )
    assert heard(found) == "True 0"
    done(found)


def test_taking_over_changes_many_times_keeps_no_files_open(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    whole(library)
    library.vectors.refresh()
    assert len(library.vectors.collection) > 0
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        library.vectors.refresh()
        assert len(library.vectors.collection) > 0
    assert len(os.listdir("/proc/self/fd")) <= before + 5


def test_the_nearest_sentences_are_exact_and_the_same_for_every_opening(bundled_home: Path) -> None:
    """Held to a plain product of all vectors; Chroma's graph differs between two clients that replay its log."""
    first, second = (Library.open(Settings(home=str(bundled_home))) for _ in range(2))
    ids = sorted(first.vectors.ids())
    held = first.vectors.get(ids)
    matrix = np.array([held[id] for id in ids])
    for text in (
        "EU Blue Cards issued in Germany",
        "Why does Korea lose AI talent?",
        "salary test of the Top-Tier visa",
    ):
        query = first.encoder.encode([text])[0]
        found = first.vectors.search(query, 100)
        assert found == second.vectors.search(query, 100)
        assert np.allclose([cosine for _id, cosine in found], np.sort(matrix @ query)[::-1][:100], atol=1e-6)
    first.close()
    second.close()
