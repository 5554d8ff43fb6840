"""The token index: what is added is found, and a file that was cut short counts as empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpus.tokens import WIDTH, TokenIndex


def rows(count: int, fill: int) -> np.ndarray:
    return np.full((count, WIDTH), fill, np.int8)


def test_tokens_are_found_by_id_also_by_a_later_reader(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path / "tokens")
    index.add({"b.0": rows(2, 7), "a.10": rows(3, 5)})
    for reader in (index, TokenIndex(tmp_path / "tokens")):
        a, none, b = reader.get(["a.10", "a.1", "b.0"])
        assert a.shape == (3, WIDTH) and (a == 5).all() and (b == 7).all()
        assert none.shape == (0, WIDTH)
        assert reader.ids() == {"a.10", "b.0"}


def test_an_id_added_again_is_replaced_and_a_removed_one_is_gone(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path)
    index.add({"a": rows(1, 1), "b": rows(4, 2)})
    index.add({"a": rows(2, 3)})
    assert (index.get(["a"])[0] == 3).all() and len(index) == 2
    index.remove(["b", "unknown"])
    assert index.ids() == {"a"} and (index.get(["a"])[0] == 3).all()


def test_rows_that_nothing_names_are_given_back(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path)
    index.add({str(n): rows(10, n) for n in range(10)})
    index.remove([str(n) for n in range(1, 10)])
    assert sum(p.stat().st_size for p in tmp_path.glob("rows-*")) == 10 * WIDTH
    assert (index.get(["0"])[0] == 0).all()


def test_what_is_removed_leaves_no_trace(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path)
    index.add({"kept": rows(10, 7), "gone": rows(3, 99)})
    index.remove(["gone"])
    assert all(bytes([99]) not in p.read_bytes() for p in tmp_path.glob("rows-*"))
    index.add({"later": rows(2, 5)})
    assert (index.get(["kept"])[0] == 7).all() and (index.get(["later"])[0] == 5).all()


def test_a_reader_keeps_what_it_has_opened_whatever_a_writer_does(tmp_path: Path) -> None:
    writer = TokenIndex(tmp_path)
    writer.add({str(n): rows(50, n) for n in range(9)})
    reader = TokenIndex(tmp_path)
    writer.remove([str(n) for n in range(1, 9)])
    writer.add({"new": rows(400, 60)})
    assert (reader.get(["0"])[0] == 0).all() and (reader.get(["8"])[0] == 8).all()
    reader.refresh()
    assert reader.ids() == {"0", "new"} and (reader.get(["new"])[0] == 60).all()


def test_what_a_killed_process_had_begun_is_passed_over(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path)
    index.add({"a": rows(2, 1)})
    with (tmp_path / "rows-1").open("ab") as file:
        file.write(b"half a row")
    index = TokenIndex(tmp_path)
    index.add({"b": rows(3, 4)})
    assert (index.get(["a"])[0] == 1).all() and (index.get(["b"])[0] == 4).all()


def test_many_parts_are_found_when_they_are_named(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path)
    for part in range(12):
        index.append({f"{part}.{n}": rows(1, part) for n in range(1000)})
    index.name()
    assert len(index) == len(TokenIndex(tmp_path)) == 12_000
    assert all((index.get([f"{part}.77"])[0] == part).all() for part in range(12))


def test_rows_cut_short_count_as_none(tmp_path: Path) -> None:
    TokenIndex(tmp_path).add({"a": rows(5, 1)})
    (tmp_path / "rows-1").write_bytes(b"\0" * WIDTH)
    assert len(TokenIndex(tmp_path)) == 0


def test_an_empty_index_answers(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path / "none")
    index.add({})
    assert len(index) == 0 and index.get(["a"])[0].shape == (0, WIDTH) and index.get([]) == []


def test_the_sentences_of_some_passages_are_told(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path)
    index.add({id: rows(1, 1) for id in ("a.0", "a.1", "ab.0", "b.0", "b.10")})
    assert index.of(["a", "b", "none"]) == {"a.0", "a.1", "b.0", "b.10"}
    assert index.of([]) == TokenIndex(tmp_path / "none").of(["a"]) == set()


def test_a_copy_holds_the_same_and_nothing_that_was_removed(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path / "a")
    index.add({"kept": rows(10, 7), "gone": rows(3, 99)})
    index.remove(["gone"])
    index.copy(tmp_path / "b")
    other = TokenIndex(tmp_path / "b")
    assert (other.ids(), other.as_written) == ({"kept"}, True)
    assert (other.get(["kept"])[0] == 7).all()


@pytest.mark.parametrize("name", ["names", "rows-1"])
def test_a_byte_that_is_not_as_written_is_noticed_and_nothing_is_trusted(tmp_path: Path, name: str) -> None:
    index = TokenIndex(tmp_path)
    index.add({"a": rows(5, 1), "b": rows(2, 3)})
    assert index.sound() == {"a", "b"}
    raw = bytearray((tmp_path / name).read_bytes())
    raw[280] ^= 1
    (tmp_path / name).write_bytes(raw)
    index = TokenIndex(tmp_path)
    assert index.sound() == set()
    index.add({"a": rows(5, 1)})
    assert index.sound() == {"a"}


def test_a_writer_takes_no_file_that_a_reader_may_have_open(tmp_path: Path) -> None:
    TokenIndex(tmp_path).add({"a": rows(5, 1)})
    reader = TokenIndex(tmp_path)
    (tmp_path / "names").write_bytes(b"garbled")
    TokenIndex(tmp_path).add({"b": rows(2, 2)})
    assert (reader.get(["a"])[0] == 1).all()
    assert [p.name for p in tmp_path.glob("rows-*")] == ["rows-2"]
