"""Killed at random instants, the library holds what was reported: the short form of `make faults`."""

from __future__ import annotations

from pathlib import Path

from benchmarks import faults


def test_ten_kills_lose_double_and_halve_nothing(tmp_path: Path) -> None:
    found = faults.run(tmp_path, {"local": 8, "PostgreSQL and Chroma server": 2}, full=0, seed=7)
    assert {store: part["faults"] for store, part in found.items()} == dict.fromkeys(found, [])
    assert found["local"]["kills"] == 8
    assert found["local"]["documents reported"] > 0
    assert found["local"]["sentences looked for"] > 0


def test_a_disk_that_is_full_keeps_what_was_reported(tmp_path: Path) -> None:
    found = faults.run(tmp_path, {}, full=1, seed=3)
    assert found["full disk"]["faults"] == []
