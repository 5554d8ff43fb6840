"""The mapped matrix says what Chroma says, stays in step with it, and lets a filter cost nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from conftest import SMALL, small_library

import corpus.vectors
from corpus.library import Library
from corpus.matrix import Matrix, mark, restamp, write
from corpus.vectors import Vectors
from ingest import add_sources, remove_source

N, WIDE = 3000, 48


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def passage(n: int) -> str:
    return hashlib.sha256(str(n).encode()).hexdigest()[:20]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Vectors, np.ndarray]:
    """An index of clustered vectors, three to a passage, and questions near some of them."""
    random = np.random.default_rng(7)
    centres = random.normal(size=(60, WIDE))
    vectors = unit(centres[random.integers(0, 60, N)] + 0.4 * random.normal(size=(N, WIDE)))
    folder = tmp_path_factory.mktemp("index")
    made = Vectors(folder / "chroma")
    ids = [f"{passage(n // 3)}.{n % 3}" for n in range(N)]
    made.add(ids, vectors)
    made.keep("a-model", {id: mark(id) for id in ids}, 1, WIDE)
    return made, unit(vectors[random.integers(0, N, 20)] + 0.05 * random.normal(size=(20, WIDE)))


def test_the_matrix_and_chroma_find_the_same(both: tuple[Vectors, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    index, questions = both
    exact = [index.search(q, 10) for q in questions]
    monkeypatch.setattr(corpus.vectors, "EXACT", 0)
    for question, found in zip(questions, exact, strict=True):
        near = index.search(question, 10)
        assert [id for id, _ in near] == [id for id, _ in found]
        assert np.allclose([c for _, c in near], [c for _, c in found], atol=1e-5)


@pytest.mark.parametrize("share", [0.002, 0.1, 0.9])
@pytest.mark.parametrize("exact", [N, 200])
def test_a_filter_finds_the_nearest_of_what_it_leaves(
    share: float, exact: int, both: tuple[Vectors, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, questions = both
    monkeypatch.setattr(corpus.vectors, "EXACT", exact)
    allowed = frozenset(passage(n) for n in range(int(N / 3 * share)))
    whole = index.matrix()
    for question in questions:
        ranked = [row for row in whole.nearest(question, N) if row[0].rpartition(".")[0] in allowed]
        found = index.search(question, 10, allowed)
        best = {id for id, _ in ranked[:10]}
        assert len(found) == len(best)
        if len(allowed) * 3 <= exact:
            assert [id for id, _ in found] == [id for id, _ in ranked[:10]]
        else:  # through the graph, which may miss one of the last
            assert len({id for id, _ in found} & best) >= len(best) - 2
            assert {id.rpartition(".")[0] for id, _ in found} <= allowed
    assert index.search(questions[0], 10, frozenset()) == []
    assert index.search(questions[0], 10, frozenset({"unknown"})) == []


def test_vectors_come_by_their_ids(both: tuple[Vectors, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    index, _ = both
    ids = [f"{passage(5)}.1", "nobody.0", f"{passage(900)}.2", "n" * 99]
    mapped = index.get(ids)
    assert list(mapped) == [ids[0], ids[2]]
    for id, vector in index.collection.fetched(ids).items():
        assert np.allclose(vector, mapped[id], atol=1e-6)


def test_ties_are_broken_by_id(tmp_path: Path) -> None:
    same = np.ones((9, 4), np.float32) / 2
    path = tmp_path / "m"
    write(path, "s", "e", {f"p{n}.0": mark("") for n in range(9)}, 4, iter([same]))
    held = Matrix.open(path)
    assert held is not None
    assert [id for id, _ in held.nearest(same[0], 4)] == ["p0.0", "p1.0", "p2.0", "p3.0"]
    assert [id for id, _ in held.nearest(same[0], 2, np.array([3, 5, 7]))] == ["p3.0", "p5.0"]


def test_half_a_file_is_no_matrix(tmp_path: Path) -> None:
    path = tmp_path / "m"
    write(path, "s", "e", {"p.0": mark("a"), "p.1": mark("b")}, 4, iter([np.ones((2, 4), np.float32)]))
    whole = path.read_bytes()
    for part in (b"", b"{", whole[:500], whole[:-1], whole + b"x"):
        path.write_bytes(part)
        assert Matrix.open(path) is None
    path.write_bytes(whole)
    restamp(path, "another")
    held = Matrix.open(path)
    assert held is not None
    assert (held.stamp, len(held), path.stat().st_size) == ("another", 2, len(whole))
    assert Matrix.open(tmp_path / "none") is None


# -- in a library ------------------------------------------------------------------------------


def reopened(library: Library) -> Library:
    library.close()
    return Library.open(library.settings)


def opens_no_chroma(library: Library) -> Library:
    library = reopened(library)
    question = library.encoder.encode(["sails"])[0]
    assert library.vectors.search(question, 3)
    assert not library.vectors.collection.is_open
    return library


def test_after_a_change_no_question_opens_chroma(tmp_path: Path) -> None:
    library = opens_no_chroma(small_library(tmp_path))
    remove_source(library, "bees")
    library = opens_no_chroma(library)
    assert len(library.vectors.ids()) == library.vectors.size  # which opens it, and so touches its file
    opened = reopened(library)
    assert opened.vectors.search(library.encoder.encode(["sails"])[0], 1)
    opens_no_chroma(opened)


def test_a_lost_or_spoilt_matrix_is_made_anew(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    question = library.encoder.encode(["sails"])[0]
    expected = library.vectors.search(question, 9)
    for spoilt in (None, b"", b"{}", b"x" * 5000):
        library.close()
        (library.folder / "vectors.f32").unlink()
        if spoilt is not None:
            (library.folder / "vectors.f32").write_bytes(spoilt)
        library = Library.open(library.settings)
        assert library.vectors.search(question, 9) == expected
        library = opens_no_chroma(library)


class Counted:
    """An encoder that notes what it is given."""

    def __init__(self, library: Library) -> None:
        self._inner = library.encoder
        self.name, self.dimensions, self.seen = self._inner.name, self._inner.dimensions, list[str]()
        library._encoder = self

    def encode(self, texts: list[str]) -> np.ndarray:
        self.seen += texts
        return self._inner.encode(texts)


def test_no_sentence_is_embedded_twice(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    counted = Counted(library)
    path = tmp_path / "files" / "ships.txt"
    path.write_text("A short history of ships\n\nThey float.\n\n" + SMALL["ships.txt"].partition("\n\n")[2])
    add_sources(library, [path])  # each sentence after the new one stands at another place, in another passage
    assert counted.seen == ["They float."]
    again = tmp_path / "files" / "again.txt"
    again.write_text("Other ships\n\nSteam ended the age of sail. Sinking is rare. Sinking is rare.\n")
    add_sources(library, [again])
    assert sorted(counted.seen) == ["Sinking is rare.", "They float."]
    assert library.check() == []


def test_an_addition_goes_through_no_other_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = small_library(tmp_path)
    read: list[str | None] = []
    passages = library.catalog.all_passages
    monkeypatch.setattr(library.catalog, "all_passages", lambda source=None: (read.append(source), passages(source))[1])
    monkeypatch.setattr(library.vectors, "ids", lambda: pytest.fail("all ids were read"))
    monkeypatch.setattr(library.words, "rebuild", lambda rows: pytest.fail("the word index was written anew"))
    path = tmp_path / "planes.txt"
    path.write_text("Planes\n\nA plane flies faster than a ship.\n")
    add_sources(library, [path])
    assert set(read) == {"planes"}
    monkeypatch.undo()
    assert library.check() == []
    assert library.words.search("plane", 3)
    assert len(reopened(library).words) == len(library.words)


def test_a_part_of_a_library_is_searched_by_source_date_and_place(tmp_path: Path) -> None:
    files = {
        "old.md": "---\ntitle: Old\npublished: 2019-03\n---\n\n# Old\n\nFrance gives visas to engineers.\n",
        "new.md": "---\ntitle: New\npublished: 2024-05-02\n---\n\n# New\n\nJapan gives visas to engineers.\n",
        "plain.txt": "Visas\n\nThe French give visas to engineers as Japan does.\n",
    }
    library = small_library(tmp_path, files)
    assert library.within() is None

    def found(**part: object) -> list[str]:
        within = library.within(**part)  # type: ignore[arg-type]
        assert within is not None
        query = library.encoder.encode(["visas for engineers"])[0]
        near = {id.partition(".")[0] for id, _ in library.vectors.search(query, 9, within.passages)}
        worded = {id for id, _ in library.words.search("visas", 9, within.sources, within.places)}
        assert near == worded == within.passages
        return sorted(library.catalog.passage(id).source_id for id in within.passages)

    assert found(sources=["old"]) == ["old"]
    assert found(since="2024") == ["new"]
    assert found(until="2019-03") == found(until="2019-03-01") == ["old"]
    assert found(since="2019-03-15", until="2020") == ["old"]  # it may have been published on that day
    assert found(places=["FRA"]) == ["old", "plain"]
    assert found(places=["FRA"], sources=["new", "plain"]) == ["plain"]
    assert found(since="2031") == []


def test_a_filter_leaves_the_scores_of_words_as_they_are(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    every = dict(library.words.search("sail trip", 9))
    for source in ("bees", "ships"):
        for id, score in library.words.search("sail trip", 9, [source]):
            assert score == pytest.approx(every[id])
