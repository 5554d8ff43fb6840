"""A long document in parts: the same as read in one go, and whole although a helper fails."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pypdfium2

from ingest.read import helpers, read
from ingest.read.apart import Worker

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "tests" / "files" / "report-libreoffice.pdf"
SPLIT = """
import os
from ingest.read import helpers
helpers.allowed, helpers.LEAST = True, 2
os.sched_getaffinity = lambda _: {0, 1, 2}
here = os.getpid()

def read(part):
    FAULT
    return list(part), os.getpid() == here

found = helpers.in_parts(8, read)
assert [n for part, _ in found for n in part] == list(range(8))
print([mine for _, mine in found])
"""


def split(fault: str) -> str:
    """Which of three parts were read by the process itself."""
    code = SPLIT.replace("FAULT", fault)
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_parts_are_read_by_helpers_and_come_back_in_order() -> None:
    assert split("pass") == "[True, False, False]"


def test_what_a_helper_fails_to_read_is_read_again_here() -> None:
    assert split("if os.getpid() != here and 4 in part: os._exit(9)") == "[True, True, False]"
    assert split("if os.getpid() != here: raise ZeroDivisionError") == "[True, True, True]"


def test_a_process_that_is_not_a_readers_own_does_not_split_itself() -> None:
    assert not helpers.allowed
    assert helpers.in_parts(5000, lambda part: part) == [range(5000)]


def test_a_long_pdf_reads_the_same_in_parts() -> None:
    with pypdfium2.PdfDocument.new() as long, pypdfium2.PdfDocument(REPORT) as short:
        while len(long) < 2 * helpers.LEAST:
            long.import_pages(short)
        out = io.BytesIO()
        long.save(out)
    worker = Worker()
    try:
        assert worker.read(out.getvalue(), "long.pdf") == read(out.getvalue(), "long.pdf")
    finally:
        worker.close()
