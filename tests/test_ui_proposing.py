"""What `footnote add` asks in a terminal of a table of figures that nobody has described."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

from ingest.propose import proposed
from ingest.read import read

ROOT = Path(__file__).parents[1]
BOATS = "Country,Year,Boats\nJapan,2023,5\nGermany,2023,6\n"
ASKS = """
import sys
from pathlib import Path
from ingest.build import Report
from ingest.stage import Entry
from ui.proposing import propose
path, proposal = Path(sys.argv[1]), sys.argv[2]
print(propose(Report((Entry(path.name, "added", "boats", proposal=proposal, location=str(path)),))))
"""


def asked(path: Path, typed: str, terminal: bool = True) -> tuple[str, str]:
    """What is said on standard output and on standard error, where this is typed."""
    proposal = proposed(read(BOATS.encode(), "boats.csv"), "boats.csv")
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    done = subprocess.run(
        [sys.executable, "-c", ASKS, path, proposal], stdin=theirs if terminal else subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    return done.stdout.strip(), done.stderr


def test_a_description_is_shown_and_what_the_table_does_not_tell_is_asked(tmp_path: Path) -> None:
    table = tmp_path / "boats.csv"
    table.write_text(BOATS, "utf-8")
    said, shown = asked(table, "y\nvessels\nall registered vessels\n")
    assert said == str([str(table)]) and 'value = "Boats"' in shown and "Unit of the values" in shown
    written = tomllib.loads((tmp_path / "boats.measure.toml").read_text("utf-8"))
    assert (written["unit"], written["denominator"]) == ("vessels", "all registered vessels")
    assert written["says"] == "Boats of {place} was {value} vessels in {year}."


def test_nothing_is_written_where_the_reader_says_no_or_cannot_be_asked_or_something_is_there(tmp_path: Path) -> None:
    table, beside = tmp_path / "boats.csv", tmp_path / "boats.measure.toml"
    table.write_text(BOATS, "utf-8")
    assert asked(table, "n\n")[0] == "[]" and not beside.exists()
    said, shown = asked(table, "", terminal=False)
    assert said == "[]" and "save it as boats.measure.toml beside the file" in shown and not beside.exists()
    said, shown = asked(tmp_path / "more.zip" / "boats.csv", "y\n")
    assert said == "[]" and "save the table as a file" in shown
    beside.write_text("", "utf-8")
    said, shown = asked(table, "y\n\n\n")
    assert said == "[]" and "cannot be written (File exists)" in shown and beside.read_text("utf-8") == ""
