"""The token index: what is added is found, and a file that was cut short counts as empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np

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
    assert (tmp_path / "rows.bin").stat().st_size <= 20 * WIDTH
    assert (index.get(["0"])[0] == 0).all()


def test_rows_cut_short_count_as_none(tmp_path: Path) -> None:
    TokenIndex(tmp_path).add({"a": rows(5, 1)})
    (tmp_path / "rows.bin").write_bytes(b"\0" * WIDTH)
    assert len(TokenIndex(tmp_path)) == 0


def test_an_empty_index_answers(tmp_path: Path) -> None:
    index = TokenIndex(tmp_path / "none")
    index.add({})
    assert len(index) == 0 and index.get(["a"])[0].shape == (0, WIDTH) and index.get([]) == []
