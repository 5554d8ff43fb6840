"""`footnote check` and `footnote conflicts`: what they print, in text and in JSON, and how they exit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui import cli

TRUE = "South Korea lost 0.30 AI-skilled people per 10,000 LinkedIn members in 2023, according to OECD.AI."
WRONG = "Japan lost 0.54 AI-skilled people per 10,000 LinkedIn members in 2023."


def run(home: Path, *words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli.cli, [*words, "--home", str(home)], input=stdin)


def test_a_true_draft_exits_with_0_and_cites_its_figure(bundled_home: Path) -> None:
    done = run(bundled_home, "check", "--text", TRUE)
    assert done.exit_code == 0, done.output
    assert "supported [1]" in done.output
    assert "[1] Figure: OECD.AI, between-country AI skills migration, South Korea, 2023: -0.30" in done.output
    assert done.output.rstrip().endswith("1 claim: 1 supported.")


def test_a_wrong_draft_exits_with_1_and_says_what_is_right(bundled_home: Path) -> None:
    done = run(bundled_home, "check", "--text", WRONG)
    assert done.exit_code == 1
    assert "wrong: the direction" in done.output
    assert "Japan, 2023: +0.54 per 10,000 LinkedIn members (OECD.AI)." in done.output
    assert done.stderr.count("\n") == 1 and "contradicted" in done.stderr


def test_the_json_has_the_fields_of_the_contract(bundled_home: Path) -> None:
    done = run(bundled_home, "check", "--text", f"{TRUE} {WRONG}", "--json")
    claims = json.loads(done.stdout)["claims"]
    assert [set(c) for c in claims] == [{"text", "start", "end", "verdict", "fault", "right", "citations"}] * 2
    assert [(c["verdict"], c["fault"]) for c in claims] == [("supported", None), ("contradicted", "direction")]
    text = f"{TRUE} {WRONG}"
    assert [text[c["start"] : c["end"]] for c in claims] == ["0.30", "0.54"]
    assert claims[1]["citations"][0]["figure"]["value"] == "0.54"


def test_a_draft_comes_from_a_file_or_from_standard_input(bundled_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "draft.txt"
    path.write_text(WRONG, "utf-8")
    from_file = run(bundled_home, "check", str(path), "--json")
    from_stdin = run(bundled_home, "check", "-", "--json", stdin=WRONG)
    assert from_file.stdout == from_stdin.stdout
    assert from_file.exit_code == from_stdin.exit_code == 1


def test_many_drafts_are_checked_line_by_line(bundled_home: Path) -> None:
    lines = [json.dumps({"id": 1, "text": TRUE}), "no json", json.dumps({"id": 2, "text": WRONG})]
    done = run(bundled_home, "check", "--json", "--batch", "-", stdin="\n".join(lines))
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["id"], first["claims"][0]["verdict"]) == (1, "supported")
    assert "line 2" in second["error"]
    assert third["claims"][0]["verdict"] == "contradicted"
    assert done.exit_code == 1


@pytest.mark.parametrize("words", [(), ("--text", "x", "-"), ("--batch", "-")])
def test_wrong_usage_exits_with_2(words: tuple[str, ...], bundled_home: Path) -> None:
    assert run(bundled_home, "check", *words).exit_code == 2


def test_a_draft_that_is_no_text_is_refused_in_one_line(bundled_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "draft.bin"
    path.write_bytes(b"\xff\xfe\x00")
    done = run(bundled_home, "check", str(path))
    assert done.exit_code == 1
    assert "not a text in UTF-8" in done.stderr and done.stderr.count("\n") == 1


def test_a_draft_without_a_claim_says_so(bundled_home: Path) -> None:
    done = run(bundled_home, "check", "--text", "The ministers met on 3 May 2024.")
    assert (done.exit_code, done.output) == (0, "No claim that a figure could bear out was found.\n")


def test_conflicts_of_a_file_show_both_sides(bundled_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("South Korea lost 0.30 per 10,000 people in 2023, according to OECD.AI.", "utf-8")
    done = run(bundled_home, "conflicts", str(path))
    assert done.exit_code == 0, done.output
    assert "The base is another (1)" in done.output
    assert "-0.30 per 10,000 LinkedIn members" in done.output
    report = json.loads(run(bundled_home, "conflicts", str(path), "--json").stdout)
    assert report["conflicts"][0]["kind"] == "other denominator"
    assert set(report["conflicts"][0]) == {"kind", "about", "said", "left", "right", "note", "also"}


def test_conflicts_of_the_library_are_those_of_its_documents(bundled_home: Path) -> None:
    report = json.loads(run(bundled_home, "conflicts", "--json").stdout)
    assert len(report["conflicts"]) > 80
    assert report["counts"]["agrees"] > 400
