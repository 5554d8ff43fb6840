"""The wheel holds the bundled corpus: built, unpacked elsewhere, run from another folder, it answers."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_built_wheel_answers_from_another_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    assert len(list((site / "corpus" / "documents").glob("*.md"))) >= 40
    assert not (site / "tests").exists()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = "import corpus, sys; from ui.cli import main; assert corpus.__file__.startswith(sys.argv.pop()); main()"
    asked = subprocess.run(
        # -S would drop the dependencies; the unpacked wheel goes before the checkout's editable install
        [sys.executable, "-c", code, "ask", "Compare South Korea and Japan in 2023", "--home", "library", str(site)],
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert asked.returncode == 0, asked.stderr
    assert "0.54 - (-0.30) = 0.84" in asked.stdout
