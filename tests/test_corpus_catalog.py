"""The record: what goes in comes out, and a change is made whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.catalog import Catalog
from corpus.errors import LibraryBroken, UnknownSource
from corpus.figures import FigureTable
from corpus.types import Origin, Passage, Source
from corpus.work import Work

TEXT = "One sentence. Another \u2014 \ud55c\uad6d \U0001f680 one.\n"
ORIGIN = Origin("Trips", "Apiary", "2023-04-26", "https://bees.example/")
BEES = Source("bees", "On bees", "Hive", "2024-05", "report", "https://hive.example", "MIT", "en", "ab" * 32)
FIRST = Passage("p1", "bees", TEXT[:14], 0, 14, "Bees > Trips", 3, (("a", ORIGIN),))
SECOND = Passage("p2", "bees", TEXT[14:], 14, len(TEXT))
PASSAGES = [(FIRST, [(0, 13)]), (SECOND, [(14, len(TEXT) - 1)])]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog.in_folder(tmp_path)
    yield catalog
    catalog.close()


def put(catalog: Catalog, source: Source = BEES) -> None:
    with catalog.transaction() as change:
        change.put(source, f"/{source.id}.md", TEXT, [
            (replace(p, id=f"{source.id}-{p.id}", source_id=source.id), s) for p, s in PASSAGES
        ])  # fmt: skip


def test_a_new_catalog_is_empty_and_of_version_zero(catalog: Catalog) -> None:
    assert catalog.version == 0
    assert (catalog.id, catalog.unfinished()) == ("", None)
    assert catalog.counts() == {"documents": 0, "passages": 0, "figures": 0}
    assert (catalog.sources(), catalog.manifest(), len(catalog.figure_table())) == ([], [], 0)


def test_a_document_comes_out_as_it_went_in(catalog: Catalog, tmp_path: Path) -> None:
    with catalog.transaction() as change:
        change.put(BEES, "/bees.md", TEXT, PASSAGES)
    for held in (catalog, Catalog.in_folder(tmp_path)):
        assert held.source("bees") == BEES
        assert held.text("bees") == TEXT
        assert list(held.all_passages()) == [(FIRST, ((0, 13),)), (SECOND, ((14, len(TEXT) - 1),))]
        assert held.passage("p1") == FIRST
        assert held.passages(["p2", "p9"]) == {"p2": (SECOND, ((14, len(TEXT) - 1),))}
        assert held.manifest() == [("bees", BEES.sha256)]


def test_each_change_raises_the_version_by_one(catalog: Catalog) -> None:
    for n in (1, 2, 3):
        put(catalog)
        assert catalog.version == n


def test_a_change_that_fails_leaves_nothing(catalog: Catalog) -> None:
    put(catalog)
    with pytest.raises(ZeroDivisionError), catalog.transaction() as change:
        change.remove("bees")
        change.put(replace(BEES, id="wasps"), "/wasps.md", TEXT, [])
        raise ZeroDivisionError
    assert [s.id for s in catalog.sources()] == ["bees"]
    assert catalog.counts()["passages"] == 2
    assert catalog.version == 1


def test_putting_a_document_again_replaces_it_whole(catalog: Catalog) -> None:
    put(catalog)
    short = Passage("p3", "bees", "New.", 0, 4)
    with catalog.transaction() as change:
        change.put(replace(BEES, title="New"), "/bees.md", "New.", [(short, [(0, 4)])])
    assert catalog.source("bees").title == "New"
    assert [p.id for p, _ in catalog.all_passages()] == ["p3"]


def test_removing_takes_the_passages_along_and_says_whether_there_was_something(catalog: Catalog) -> None:
    put(catalog)
    put(catalog, replace(BEES, id="wasps"))
    with catalog.transaction() as change:
        assert change.remove("bees")
        assert not change.remove("bees")
    assert catalog.counts() == {"documents": 1, "passages": 2, "figures": 0}
    assert {p.source_id for p, _ in catalog.all_passages()} == {"wasps"}


def test_a_document_is_located_by_its_place_and_by_its_content(catalog: Catalog) -> None:
    put(catalog)
    put(catalog, replace(BEES, id="ants"))  # the same content under two ids
    assert catalog.locate("/bees.md", BEES.sha256) == ("bees", "bees")
    assert catalog.locate("/ants.md", BEES.sha256) == ("ants", "ants")
    assert catalog.locate("/elsewhere.md", BEES.sha256) == (None, "ants")
    assert catalog.locate("/bees.md", "0") == ("bees", None)


def test_figures_come_out_as_they_went_in_with_all_their_digits(catalog: Catalog) -> None:
    table = FigureTable.bundled()
    with catalog.transaction() as change:
        change.put_tables(table)
    held = catalog.figure_table()
    assert held.figures == table.figures
    assert [str(f.value) for f in held] == [str(f.value) for f in table]
    assert (held.measures, held.families, held.directions) == (
        table.measures,
        table.families,
        table.directions,
    )
    assert dict(held.sources) == dict(table.sources)


def test_a_source_that_is_only_cited_is_no_document(catalog: Catalog) -> None:
    put(catalog)
    with catalog.transaction() as change:
        change.put_tables(FigureTable.bundled())
    cited = catalog.sources(held=False)
    assert [s.id for s in catalog.sources(held=True)] == ["bees"]
    assert "s01" in {s.id for s in cited}
    assert len(catalog.sources(held=None)) == len(cited) + 1
    assert catalog.source("s01").publisher == "ChosunBiz"
    with pytest.raises(UnknownSource, match="no text of 's01'"):
        catalog.text("s01")


def test_new_tables_replace_the_old_ones_and_leave_documents_alone(catalog: Catalog) -> None:
    put(catalog)
    for table in (FigureTable.bundled(), FigureTable()):
        with catalog.transaction() as change:
            change.put_tables(table)
    assert len(catalog.figure_table()) == 0
    assert [s.id for s in catalog.sources(held=None)] == ["bees"]


def test_what_is_not_there_is_named(catalog: Catalog) -> None:
    for ask in (catalog.source, catalog.text, catalog.passage):
        with pytest.raises(UnknownSource, match="'wasps'"):
            ask("wasps")


def test_the_encoder_and_the_notes_are_recorded_without_a_version_of_their_own(catalog: Catalog) -> None:
    with catalog.transaction() as change:
        change.use_encoder("model-x")
    catalog.note(vectors="here")
    assert (catalog.encoder, catalog.noted("vectors"), catalog.version) == ("model-x", "here", 1)
    catalog.note(vectors=None)
    assert catalog.noted("vectors") is None


def test_the_documents_that_changed_between_two_versions_are_known_until_they_are_forgotten(catalog: Catalog) -> None:
    for id in ("bees", "ants", "bees"):
        put(catalog, replace(BEES, id=id))
    assert catalog.touched(0, 3) == {"ants", "bees"}
    assert catalog.touched(1, 2) == {"ants"}
    assert catalog.touched(3, 3) == set()
    catalog.forget(2)
    assert (catalog.touched(2, 3), catalog.touched(1, 3), catalog.touched(-1, 3)) == ({"bees"}, None, None)


def test_a_pinned_catalog_reads_its_documents_as_they_were_and_its_version_as_it_is(catalog: Catalog) -> None:
    put(catalog)
    assert catalog.pin() == 1
    with catalog.transaction() as change:
        change.remove("bees")
    assert (catalog.version, catalog.text("bees"), len(catalog.passages(["bees-p1"]))) == (2, TEXT, 1)
    assert catalog.current().sources() == []
    assert catalog.pin() == 2
    assert catalog.sources() == []


def test_a_snapshot_that_is_given_back_while_it_is_read_is_read_to_the_end(catalog: Catalog) -> None:
    put(catalog)
    catalog.pin()
    rows = catalog.all_passages()
    next(rows)
    catalog.unpin()
    assert len(list(rows)) == 1


def test_work_is_noted_with_the_change_that_does_it_and_says_what_is_left(catalog: Catalog) -> None:
    with catalog.transaction() as change:
        change.begin(Work.begun("add", ["a.md", "b.md", "c.md"]))
        change.did(0)
    with pytest.raises(ZeroDivisionError), catalog.transaction() as change:
        change.did(1)
        raise ZeroDivisionError
    work = catalog.unfinished()
    assert work and (work.finished, work.left) == (("a.md",), ("b.md", "c.md"))
    assert "was ended when a.md had been added; add again: b.md, c.md" in str(work)
    assert f"process {os.getpid()} on " in str(work)
    catalog.finish()
    assert catalog.unfinished() is None


def test_a_catalog_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    catalog = Catalog.in_folder(tmp_path)
    put(catalog)
    catalog.close()
    with sqlite3.connect(tmp_path / "catalog.sqlite") as db:
        db.execute("UPDATE state SET value = '99' WHERE key = 'schema'")
    db.close()
    with pytest.raises(LibraryBroken, match="version 99.*upgrade Footnote"):
        Catalog.in_folder(tmp_path)


def test_a_file_that_is_no_database_is_named_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"not a database, but somebody's work" * 100)
    before = path.read_bytes()
    with pytest.raises(LibraryBroken, match=r"catalog\.sqlite"):
        Catalog.in_folder(tmp_path)
    assert path.read_bytes() == before


def test_many_threads_read_while_one_writes(catalog: Catalog) -> None:
    put(catalog)
    seen: list[int] = []

    def read() -> None:
        for _ in range(30):
            seen.append(len([p for p, _ in catalog.all_passages("bees")]))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        put(catalog)
    for thread in threads:
        thread.join()
    assert len(seen) == 120
    assert set(seen) == {2}
