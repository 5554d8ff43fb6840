"""A long PDF, made by Chromium from the bundled briefs: what reading it costs, beside embedding it.

    python benchmarks/long_pdf.py [--pages 1000] [--keep report.pdf] [--sample 2000]

Every eighth page has a table with drawn lines. Reading is measured in the readers' process as `footnote add`
runs it, then embedding of its sentences (`--sample 0`: all of them). Both take every processor that they get, so
their times compare only where nothing else runs; seconds of processors compare on a busy machine too.
"""

from __future__ import annotations

import argparse
import html
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from corpus.encoder import load_encoder
from ingest.read.apart import Worker
from ingest.split import split

ROW = "<tr><td>Place {0}</td><td>{0}.10</td><td>{0}.20</td><td>{0}.30</td></tr>"
HEAD = "<tr><th>Country</th><th>2021</th><th>2022</th><th>2023</th></tr>"
TABLE = f"<table>{HEAD}{''.join(ROW.format(n) for n in range(1, 13))}</table>"
STYLE = (
    "@page{size:A4;margin:25mm}section{break-after:page}body{font:10.5pt/1.35 serif}"
    "td,th{border:1px solid;padding:1mm}table{border-collapse:collapse}"
)


def pages(count: int) -> str:
    """So many pages of prose and tables as a web page."""
    held = sorted(files("corpus").joinpath("documents").iterdir(), key=lambda p: p.name)
    lines = [line for p in held for line in p.read_text("utf-8").splitlines()]
    words = " ".join(n for n in lines if n[:1].isalpha() and ":" not in n[:12]).split()
    sheets, at = [], 0
    for n in range(count):
        said = " ".join(words[(at + k) % len(words)] for k in range(330 if n % 8 == 0 else 430))
        at += 430
        parts = [f"<p>{html.escape(said[k : k + 700])}</p>" for k in range(0, len(said), 700)]
        sheets.append(f"<section><h2>Chapter {n + 1}</h2>{''.join(parts)}{TABLE if n % 8 == 0 else ''}</section>")
    head = f"<meta charset=utf-8><title>A long report</title><style>{STYLE}</style>"
    return f"<html lang=en><head>{head}<body>{''.join(sheets)}"


def printed(count: int) -> bytes:
    """The same as Chromium prints it."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        page = Path(folder) / "long.html"
        page.write_text(pages(count), "utf-8")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page()
        shown.goto(f"file://{page}", wait_until="load", timeout=300_000)
        data = shown.pdf(prefer_css_page_size=True)
        browser.close()
    return bytes(data)


def held(pid: int) -> int:
    """Memory in kB of a process and those that it started, shared pages counted once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it ended meanwhile
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) + sum(held(int(n)) for n in below)


def added(data: bytes) -> tuple[float, float, float]:
    """Seconds, seconds of processors and MB at most, in all processes together, of `footnote add` (Linux)."""
    with tempfile.TemporaryDirectory() as folder:
        paper, home = Path(folder) / "long.pdf", ["--home", str(Path(folder) / "home")]
        paper.write_bytes(data)
        command = [sys.executable, "-m", "ui.cli"]
        subprocess.run([*command, "init", "--empty", *home], check=True, stdout=subprocess.DEVNULL)
        began, before, most = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN), 0
        process = subprocess.Popen([*command, "add", str(paper), *home], stdout=subprocess.DEVNULL)
        while process.poll() is None:
            most = max(most, held(process.pid))
            time.sleep(0.5)
        if process.returncode:
            raise SystemExit(f"footnote add ended with {process.returncode}")
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before.ru_utime
        return time.perf_counter() - began, used, most / 1000


def main() -> None:
    """Print what was measured."""
    options = argparse.ArgumentParser()
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--keep", default="")
    options.add_argument("--sample", type=int, default=2000)
    options.add_argument("--whole", action="store_true", help="also run footnote add on it")
    chosen = options.parse_args()
    data = Path(chosen.keep).read_bytes() if chosen.keep and Path(chosen.keep).exists() else printed(chosen.pages)
    if chosen.keep:
        Path(chosen.keep).write_bytes(data)
    worker = Worker()
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    document = worker.read(data, "long.pdf")
    worker.close()
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    passages = split(replace(document, source=replace(document.source, id="long")), "long")
    sentences = [p.text[a - p.start : b - p.start] for p, spans in passages for a, b in spans]
    cells = [c for p, _spans in passages for c in p.cells]
    last = max(p.page or 0 for p, _spans in passages)
    cpu = after.ru_utime - before.ru_utime
    print(f"{last} pages, {len(data) / 1e6:.1f} MB, {len(document.text):,} characters, {len(sentences):,} sentences")
    print(f"{len(cells):,} cells, {sum(not c.confirmed for c in cells)} of them not confirmed")
    print(f"read in {took:.1f} s ({cpu:.1f} s of processors), at most {after.ru_maxrss / 1000:,.0f} MB a process")
    wanted = chosen.sample or len(sentences)
    encoder, sample = load_encoder(""), sentences[:: max(len(sentences) // wanted, 1)][:wanted]
    encoder.encode(sample[:64])
    began, busy = time.perf_counter(), time.process_time()
    encoder.encode(sample)
    times = len(sentences) / len(sample)
    whole, most = (time.perf_counter() - began) * times, (time.process_time() - busy) * times
    print(f"embedding {len(sample):,} sentences: {len(sentences) / whole:,.0f} a second; all in {whole:.0f} s "
          f"({most:.0f} s of processors)")  # fmt: skip
    print(f"reading is {took / whole:.1%} of embedding, {cpu / most:.1%} in seconds of processors")
    if chosen.whole:
        seconds, used, most_held = added(data)
        print(f"footnote add: {seconds:.0f} s ({used:.0f} s of processors), at most {most_held:,.0f} MB in all")


if __name__ == "__main__":
    main()
