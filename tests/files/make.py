"""Makes the documents of this folder with other programs: LibreOffice, pandoc, Chromium, qpdf.

    python tests/files/make.py          needs: apt-get install libreoffice-writer libreoffice-calc \
                                               libreoffice-impress pandoc chromium qpdf

The results are small and are committed, so that the tests need none of these programs. Only `sources/` is
written by hand; `made_by.txt` names the programs and their versions.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE / "sources"


def run(*command: object) -> str:
    """A program's output; its failure ends the script."""
    done = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, timeout=300)
    return done.stdout + done.stderr


def office(source: Path, kind: str, folder: Path, extra: str = "") -> Path:
    """A file converted by LibreOffice."""
    with tempfile.TemporaryDirectory() as profile:
        run("soffice", f"-env:UserInstallation=file://{profile}", "--headless", *([extra] if extra else []),
            "--convert-to", kind, "--outdir", folder, source)  # fmt: skip
    return folder / f"{source.stem}.{kind.split(':')[0]}"


def printed(page: Path, target: Path) -> None:
    """A page printed to PDF by Chromium, or shown as a picture where the target is one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page(viewport={"width": 500, "height": 300})
        shown.goto(f"file://{page}", wait_until="load")
        if target.suffix == ".png":
            shown.screenshot(path=target)
        else:
            shown.pdf(path=target, prefer_css_page_size=True, tagged=False)
        browser.close()


def columns(folder: Path) -> Path:
    """A page in two columns whose paragraphs count themselves, with words that break at line ends."""
    words = "currents harbours measures through betweens government information international responsibilities"
    said = []
    for n in range(1, 19):
        soft = " ".join(f"{w[:4]}&shy;{w[4:]}" for w in words.split())
        said.append(
            f"<p>Paragraph {n} begins here, and the tide of day {n} stood at {n * 3}.{n % 10} metres. {soft} of the coast {soft}. Paragraph {n} ends here.</p>"
        )
    text = (SOURCES / "columns.html").read_text("utf-8").replace("PARAGRAPHS", "\n".join(said))
    page = folder / "columns.html"
    page.write_text(text, "utf-8")
    return page


def long_report(folder: Path) -> Path:
    """A page of several sheets with the same header and footer on each."""
    rows = "".join(
        f"<section><h2>Chapter {n}</h2><p>Chapter {n} tells of lighthouse number {n}, which was lit in {1800 + n}. "
        + f"Its keeper counted {n * 111:,} ships in one year. " * 1
        + "The lamp burns oil from the mainland. " * 20 + "</p></section>"
        for n in range(1, 7)
    )  # fmt: skip
    page = folder / "lighthouses.html"
    page.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lighthouses of the coast</title><style>'
        "@page{size:A5;margin:22mm 15mm;@top-center{content:'Lighthouse Board \\2013 Yearly survey';font-size:8pt}"
        "@bottom-center{content:'Page ' counter(page) ' of ' counter(pages);font-size:8pt}}"
        "section{break-before:page}body{font:11pt/1.4 serif}</style></head><body><h1>Lighthouses of the coast</h1>"
        f"<p>Survey of March 2022.</p>{rows}</body></html>", "utf-8")  # fmt: skip
    return page


def deck() -> str:
    """Slides as pandoc's Markdown."""
    return (
        "% Harbour skills in brief\n% Institute for Port Studies\n% 2024-05-14\n\n"
        "# Trainees rose in 2023\n\nHarbour towns trained 4,210 crane operators in 2023.\n\n"
        "::: notes\nSay that Dunmere leads with 2,203 trainees.\n:::\n\n"
        "# Trainees by town\n\n| Town | 2022 | 2023 |\n|---|---|---|\n| Alderport | 1,180 | 1,305 |\n"
        "| Coldhaven | 0.30 | 0.54 |\n\n# Next steps\n\n- Hire 12 teachers by June.\n- Open a school in Brinemouth.\n"
    )


def make() -> None:
    """Every file of this folder, anew."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        report = SOURCES / "report.md"
        run("pandoc", report, "-o", HERE / "report.docx")
        run("pandoc", report, "-o", HERE / "report.epub")
        run("pandoc", "-s", report, "-o", HERE / "report-pandoc.html")
        run("pandoc", "-s", report, "-t", "gfm+footnotes+yaml_metadata_block", "-o", HERE / "report-pandoc.md")
        (folder / "deck.md").write_text(deck(), "utf-8")
        run("pandoc", folder / "deck.md", "-o", HERE / "deck.pptx")
        shutil.copy(office(HERE / "report.docx", "odt", folder), folder / "again.odt")
        shutil.copy(office(folder / "again.odt", "docx", folder), HERE / "report-libreoffice.docx")
        shutil.copy(office(HERE / "report-libreoffice.docx", "pdf", folder), HERE / "report-libreoffice.pdf")
        shutil.copy(
            office(HERE / "deck.pptx", "pptx:Impress MS PowerPoint 2007 XML", folder), HERE / "deck-libreoffice.pptx"
        )
        shutil.copy(office(HERE / "deck.pptx", "pdf", folder), HERE / "deck-libreoffice.pdf")
        shutil.copy(office(SOURCES / "trade.csv", "xlsx", folder), HERE / "trade.xlsx")
        shutil.copy(
            office(HERE / "trade.xlsx", "csv:Text - txt - csv (StarCalc):59,34,76,1", folder), HERE / "trade.csv"
        )
        for text, target in (("ruled", "ruled.xlsx"),):
            shutil.copy(office(ruled(folder, text), "xlsx", folder), HERE / target)
        shutil.copy(office(folder / "ruled.xlsx", "pdf", folder), HERE / "ruled.pdf")
        printed(SOURCES / "page.html", HERE / "page.pdf")
        shutil.copy(SOURCES / "page.html", HERE / "page.html")
        printed(columns(folder), HERE / "columns.pdf")
        printed(long_report(folder), HERE / "lighthouses.pdf")
        printed(scan(folder), HERE / "scan.pdf")
        run("qpdf", "--encrypt", "tide", "owner", "256", "--", HERE / "page.pdf", HERE / "locked.pdf")
        shutil.copy(office(SOURCES / "page.html", "html:HTML (StarWriter)", folder), HERE / "page-libreoffice.html")
        for encoding, name in (("utf-16", "utf16"), ("cp1252", "cp1252"), ("shift_jis", "sjis"), ("euc_kr", "euckr")):
            (folder / "u.txt").write_text(TEXTS[encoding], "utf-8")
            out = subprocess.run(["iconv", "-f", "utf-8", "-t", encoding.replace("_", "-").upper(), folder / "u.txt"],
                                 check=True, capture_output=True)  # fmt: skip
            (HERE / f"text-{name}.txt").write_bytes(out.stdout)
    versions = [run("soffice", "--version"), run("pandoc", "--version").split("\n")[0],
                run("chromium", "--version").split("/usr")[0], run("qpdf", "--version").split("\n")[0]]  # fmt: skip
    (HERE / "made_by.txt").write_text("\n".join(re.sub(r"\s+", " ", v).strip() for v in versions) + "\n", "utf-8")


def ruled(folder: Path, stem: str) -> Path:
    """A sheet with a title, two rows of headings, formats and a second sheet, as a flat table for LibreOffice."""
    page = folder / f"{stem}.html"
    rows = "".join(
        f"<tr><td>{town}</td>" + "".join(f'<td sdval="{v}" sdnum="1033;0;0.00">{v:.2f}</td>' for v in values) + "</tr>"
        for town, values in {"Alderport": (0.3, 0.54, 1.5), "Brinemouth": (-0.3, 2.25, 2.5), "Coldhaven": (7, 8.1, 9)}.items()
    )  # fmt: skip
    page.write_text(
        "<html><body><table border=1><tr><td colspan=4>Trainees per 100 posts</td></tr>"
        "<tr><td>Town</td><td>2021</td><td>2022</td><td>2023</td></tr>" + rows + "</table></body></html>", "utf-8")  # fmt: skip
    return office(page, "ods:calc8", folder, "--infilter=HTML (StarCalc)")


def scan(folder: Path) -> Path:
    """A page that is one picture, as a scanner makes it."""
    shot = folder / "shot.png"
    printed(SOURCES / "page.html", shot)
    page = folder / "scan.html"
    page.write_text(f'<html><body><img src="{shot}" style="width:100%"></body></html>', "utf-8")
    return page


TEXTS = {
    "utf-16": "A note on the tide\n\nThe tide rose by 2.5 metres on the night of 3 March. It fell again at dawn.\n",
    "cp1252": "Notiz zur K\u00fcste\n\nDie H\u00e4fen f\u00fcllten sich fr\u00fch; \u201eg\u00fcnstige\u201c Gr\u00f6\u00dfen kosten 5 \u20ac. Niemand wu\u00dfte, wie viele Schiffe k\u00e4men.\n",
    "shift_jis": "\u6e2f\u306e\u8a18\u9332\n\n\u6e2f\u306b\u306f\u4e8c\u5341\u4e94\u96bb\u306e\u8239\u304c\u3042\u308a\u307e\u3059\u3002\u4eca\u5e74\u306f\u4e09\u96bb\u5897\u3048\u307e\u3057\u305f\u3002\u6f01\u5e2b\u306f\u671d\u65e9\u304f\u51fa\u304b\u3051\u307e\u3059\u3002\n",
    "euc_kr": "\ud56d\uad6c \uae30\ub85d\n\n\ud56d\uad6c\uc5d0\ub294 \ubc30\uac00 \uc2a4\ubb3c\ub2e4\uc12f \ucc99 \uc788\uc2b5\ub2c8\ub2e4. \uc62c\ud574\ub294 \uc138 \ucc99\uc774 \ub298\uc5c8\uc2b5\ub2c8\ub2e4. \uc5b4\ubd80\ub4e4\uc740 \uc77c\ucc0d \ub098\uac11\ub2c8\ub2e4.\n",
}

if __name__ == "__main__":
    make()
