"""The command line as a user, a script and a full disk meet it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from test_ui_render import compare_answer, poisoned, refused_answer, value_answer

from assistant import Answer, Assistant
from assistant.crowd import Crowd
from corpus.errors import BadInput, FootnoteError
from corpus.figures import FigureTable
from corpus.settings import Settings
from ingest import add_sources, create_library
from ui import cli, failure
from ui.footnotes import line
from ui.markup import said
from ui.terminal import as_text, columns, size, table, wrapped

ZEBRA = "The Zebra Act entered into force on 3 May 2021 and gives researchers a visa of five years."
QUAGGA = "The Quagga Fund pays 20 million euros a year to laboratories that hire from abroad."
HEAVY = {"torch", "chromadb", "gradio", "langchain", "langchain_core", "openvino", "transformers"}
HEAVY |= {"sentence_transformers", "numpy", "sqlalchemy", "rich", "assistant", "ingest", "corpus"}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A library of two documents and the bundled figures. Tests read it and leave it as it is."""
    home, papers = tmp_path_factory.mktemp("library"), tmp_path_factory.mktemp("papers")
    (papers / "zebra.md").write_text(f"# The Zebra Act\n\n{ZEBRA}\n", "utf-8")
    (papers / "quagga.md").write_text(f"# The Quagga Fund\n\n{QUAGGA}\n", "utf-8")
    library, _ = create_library(Settings(home=str(home)), empty=True)
    with library.change() as change:
        change.put_tables(FigureTable.bundled())
    assert not add_sources(library, [papers]).refused
    library.close()
    yield home


@pytest.fixture
def own(small: Path, tmp_path: Path) -> Path:
    """A copy of the small library that a test may change."""
    import shutil

    return Path(shutil.copytree(small, tmp_path / "own"))


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FOOTNOTE_")}
    if "FOOTNOTE_CACHE" in os.environ:
        kept["FOOTNOTE_CACHE"] = os.environ["FOOTNOTE_CACHE"]
    return kept | more


def footnote(
    *args: str, home: Path | None = None, module: str = "ui.cli", **more: str
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    if home is not None:
        more["FOOTNOTE_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", module, *args], env=environment(**more), encoding="utf-8",
        capture_output=True, timeout=280,
    )  # fmt: skip


def run(*args: str, home: Path | None = None) -> Result:
    """A command in this process."""
    more = ["--home", str(home)] if home else []
    return CliRunner().invoke(cli.cli, [*args, *more], env={"FOOTNOTE_HOME": None})


def one_line(text: str) -> str:
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("footnote: ")
    return lines[0]


# -- help, and what loads ------------------------------------------------------------------------


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ui.cli", "--help"],
        env=environment(), text=True, capture_output=True, timeout=60,
    )  # fmt: skip
    loaded = {part.rsplit("|", 1)[-1].strip().split(".")[0] for part in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & HEAVY
    names = ("init", "ask", "serve", "add", "remove", "sources", "figures", "doctor")
    assert all(f"  {name} " in done.stdout for name in names)


@pytest.mark.parametrize("name", list(cli.cli.commands))
def test_every_command_has_help_and_a_home(name: str) -> None:
    done = run(name, "--help")
    assert done.exit_code == 0
    assert "--home DIR" in done.output
    assert cli.cli.commands[name].help


def test_the_version_is_printed_alone() -> None:
    assert run("--version").output.startswith("footnote ")


# -- ask -----------------------------------------------------------------------------------------


def test_ask_json_prints_the_answer_of_the_python_interface_and_nothing_else(small: Path) -> None:
    done = footnote("ask", "When did the Zebra Act enter into force?", "--json", home=small)
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert printed["status"] == "answered"
    assert printed["citations"][0]["quote"]["text"] == ZEBRA
    assistant = Assistant.open(str(small))
    assert printed == assistant.ask("When did the Zebra Act enter into force?").to_dict()


def test_ask_prints_the_answer_and_below_it_its_numbered_sources(small: Path) -> None:
    done = run("ask", "When did the Zebra Act enter into force?", home=small)
    text, sources = done.stdout.strip().split("\n\n")
    assert ZEBRA in text and "[1]" in text
    assert sources.startswith(f'[1] "{ZEBRA}" "The Zebra Act", characters 17-')


def test_a_refusal_is_an_answer(small: Path) -> None:
    done = run("ask", "Who won the football world cup?", home=small)
    assert done.exit_code == 0
    assert "Looked for: " in done.stdout


def test_history_carries_a_follow_up(small: Path) -> None:
    asked = ("ask", "And Japan?", "--history", "What was South Korea's net AI talent flow in 2023?")
    done = run(*asked, "--json", home=small)
    assert json.loads(done.stdout)["standalone"] == "What was Japan's net AI talent flow in 2023?"
    assert run(*asked, home=small).stdout.startswith("Read as: What was Japan's")


def test_a_batch_answers_the_good_lines_and_says_what_is_wrong_with_the_others(small: Path, tmp_path: Path) -> None:
    lines = [
        '\ufeff{"id": "a", "question": "What does the Quagga Fund pay?"}',
        "not json",
        "",
        '{"id": 7, "question": "  "}',
        '{"id": "b", "question": "And Japan?", "history": ["South Korea\'s net AI talent flow 2023?"]}',
        '["a list"]',
        '{"id": {"n": 1}, "question": "x", "history": "not a list"}',
        '{"id": "\\ud800", "question": "What is the \\ud800 Zebra Act?"}',
        "[" * 100_000,
    ]
    file = tmp_path / "questions.jsonl"
    file.write_bytes("\n".join(lines).encode() + b'\n{"id": "c", "question": "\xff"}\n')
    done = footnote("ask", "--json", "--batch", str(file), home=small)
    assert done.returncode == 1
    assert "6 lines" in one_line(done.stderr)
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert [r["id"] for r in rows] == ["a", None, 7, "b", None, {"n": 1}, "\ud800", None, None]
    assert [("answer" in r, "error" in r) for r in rows if r["id"] in ("a", "b", "\ud800")] == [(True, False)] * 3
    assert rows[0]["answer"]["citations"][0]["quote"]["text"] == QUAGGA
    assert "line 2 " in rows[1]["error"]
    assert "Japan" in rows[3]["answer"]["standalone"]


def test_a_long_batch_is_answered_by_a_process_a_core_in_the_order_of_its_lines(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("What does the Quagga Fund pay?", "South Korea's net AI talent flow 2023?", "How many moons has Saturn?")
    lines = [json.dumps({"id": n, "question": asked[n % 3] if n % 7 else "  "}) for n in range(40)]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join([*lines[:20], "not json", *lines[20:]]), "utf-8")
    one = CliRunner().invoke(cli.cli, ["ask", "--json", "--batch", str(file), "--home", str(small)])
    opened: list[int] = []

    class Counted(Crowd):
        def submit(self, question: str, history: Sequence[str] = ()) -> Future[Answer]:
            opened.append(self.processes)
            return super().submit(question, history)

    monkeypatch.setattr("ui.batch.MANY", 30)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("assistant.crowd.Crowd", Counted)
    many = CliRunner().invoke(cli.cli, ["ask", "--json", "--batch", str(file), "--home", str(small)])
    assert opened == [2] * 40
    assert many.output == one.output
    assert [json.loads(row)["id"] for row in many.stdout.splitlines()] == [*range(20), None, *range(20, 40)]


def test_a_batch_comes_from_standard_input_too(small: Path) -> None:
    row = json.dumps({"id": 1, "question": "What does the Quagga Fund pay?"})
    done = CliRunner().invoke(cli.cli, ["ask", "--json", "--batch", "-", "--home", str(small)], input=row + "\n")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["answer"]["status"] == "answered"


@pytest.mark.parametrize(
    ("question", "says"),
    [("", "empty"), (" \t\n", "empty"), ("x" * 100_000, "100,000 characters")],
    ids=["nothing", "spaces", "100,000 characters"],
)
def test_a_question_that_cannot_be_asked_costs_no_library(question: str, says: str, tmp_path: Path) -> None:
    done = run("ask", question, home=tmp_path / "none")
    assert done.exit_code == 1
    assert says in one_line(done.stderr)
    assert not (tmp_path / "none").exists()


def test_a_question_that_is_not_utf8_is_read_as_far_as_it_goes(small: Path) -> None:
    command = [sys.executable.encode(), b"-m", b"ui.cli", b"ask", b"--json"]
    done = subprocess.run(
        [*command, b"What is the \xff\xfe Zebra Act?"],
        env=environment(FOOTNOTE_HOME=str(small)), capture_output=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Zebra Act?" in json.loads(done.stdout)["question"]


def test_json_survives_a_terminal_without_unicode(small: Path) -> None:
    done = footnote("ask", "Zebra Act \u97d3\u56fd?", "--json", home=small, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert json.loads(done.stdout)["question"] == "Zebra Act \u97d3\u56fd?"


# -- usage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ("ask",),
        ("ask", "a question", "--batch", "file"),
        ("ask", "--batch", "file"),
        ("ask", "--batch", "file", "--json", "--history", "q"),
        ("ask", "a question", "--home", ""),
        ("add",),
        ("add", "a.md", "b.md", "--title", "T"),
        ("add", ".", "--url", "https://example.org"),
        ("add", "a.md", "--date", "2021-13"),
        ("add", "a.md", "--date", "last year"),
        ("add", "a.md", "--date", "20210101"),
        ("figures", "--year", "two"),
        ("serve", "--port", "70000"),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_says_how(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.exit_code == 2
    assert "Usage: " in done.stderr
    assert "Error: " in done.stderr


def test_a_missing_batch_file_is_one_line(small: Path) -> None:
    done = run("ask", "--json", "--batch", "/no/such.jsonl", home=small)
    assert done.exit_code == 1
    assert "/no/such.jsonl" in one_line(done.stderr)


def test_a_setting_that_cannot_be_read_is_one_line(small: Path) -> None:
    done = CliRunner().invoke(cli.cli, ["ask", "Zebra?"], env={"FOOTNOTE_PORT": "seven"})
    assert done.exit_code == 1
    assert "FOOTNOTE_PORT='seven'" in one_line(done.stderr)


def test_a_model_that_is_not_there_is_one_line(small: Path) -> None:
    for name, step in (("mistralai:none", "pip install langchain-mistralai"), ("nobody:none", "docs/models.md")):
        done = run("ask", "Zebra?", "--model", name, home=small)
        assert done.exit_code == 1
        assert step in one_line(done.stderr)


# -- init, add, remove, sources ------------------------------------------------------------------


def test_nothing_but_ask_serve_and_add_makes_a_library(tmp_path: Path) -> None:
    for args in (("sources",), ("figures",), ("doctor",), ("remove", "x")):
        done = run(*args, home=tmp_path / "none")
        assert done.exit_code == 1
        assert "footnote init" in one_line(done.stderr)
        assert not (tmp_path / "none").exists()


def test_an_empty_library_can_be_asked_for_again_while_it_is_empty(tmp_path: Path, small: Path) -> None:
    for _ in range(2):
        done = run("init", "--empty", home=tmp_path / "new")
        assert (done.exit_code, done.stderr) == (0, "")
        assert "0 documents, 0 passages, 0 figures" in done.stdout
    done = run("init", "--empty", home=small)
    assert done.exit_code == 1
    assert "not empty" in one_line(done.stderr)


def test_add_reports_each_file_and_gives_a_reason_for_each_refused_one(own: Path, tmp_path: Path) -> None:
    good, binary, odd = tmp_path / "dodo.md", tmp_path / "binary.md", tmp_path / "bad\n\x1b[31mname.zip"
    good.write_text("# Dodo\n\nThe Dodo Scheme opened in 2019.\n", "utf-8")
    binary.write_bytes(bytes(range(256)))
    odd.write_text("x", "utf-8")
    paths = [str(p) for p in (good, binary, odd, tmp_path / "missing.md")]
    done = footnote("add", *paths, "http://127.0.0.1/page", home=own)
    assert done.returncode == 1
    assert done.stdout == "added      dodo.md  as dodo (1 passage)\n1 added, 4 refused\n"
    reasons = done.stderr.splitlines()
    assert len(reasons) == 4
    assert all(r.startswith("footnote: ") and "\x1b" not in r for r in reasons)
    assert any("missing.md: no such file" in r for r in reasons)
    assert any("save the page as a file" in r for r in reasons)
    again = run("add", str(good), home=own)
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "1 unchanged")


def test_what_is_said_of_a_document_stands_in_its_citation(own: Path, tmp_path: Path) -> None:
    file = tmp_path / "dodo.txt"
    file.write_text("The Dodo Scheme opened to applicants in 2019.\n", "utf-8")
    given = ("--title", "On the Dodo", "--publisher", "Isle Press", "--date", "2020-04")
    assert run("add", str(file), *given, "--url", "https://x.example/d", home=own).exit_code == 0
    text = run("ask", "When did the Dodo Scheme open?", home=own).stdout
    assert 'Isle Press, "On the Dodo", April 2020, characters 0-45. https://x.example/d' in text


def test_a_password_that_is_not_given_is_asked_for(own: Path) -> None:
    command = ["add", str(Path(__file__).parent / "files" / "locked.pdf"), "--password", "--home", str(own)]
    done = CliRunner().invoke(cli.cli, command, input="wrong\n", env={"FOOTNOTE_HOME": None})
    assert "Password:" in done.output and "the password is wrong" in done.output


def test_an_address_that_is_not_fetched_costs_no_library(tmp_path: Path) -> None:
    done = run("add", "FTP://example.org/page", "/no/such.md", home=tmp_path / "none")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "none").exists()


def test_a_removed_document_is_gone(own: Path) -> None:
    assert run("remove", "zebra", home=own).stdout == "removed zebra: The Zebra Act\n"
    assert [s["id"] for s in json.loads(run("sources", "--json", home=own).stdout)] == ["quagga"]
    assert ZEBRA not in run("ask", "What is the Zebra Act?", home=own).stdout
    done = run("remove", "zebra", home=own)
    assert done.exit_code == 1
    assert "'zebra'" in one_line(done.stderr)


def test_sources_lists_what_is_held(small: Path) -> None:
    lines = run("sources", home=small).stdout.splitlines()
    assert [x.split()[0] for x in lines] == ["Id", "quagga", "zebra"]
    rows = json.loads(run("sources", "--json", home=small).stdout)
    assert {"id", "title", "publisher", "published", "url", "kind", "sha256"} <= rows[0].keys()


# -- figures -------------------------------------------------------------------------------------

KEYS = {"measure", "place", "year", "value", "unit", "denominator", "source", "locator", "confidence", "note"}


def some_figures(home: Path, *args: str) -> list[dict[str, Any]]:
    done = run("figures", "--json", *args, home=home)
    assert (done.exit_code, done.stderr) == (0, "")
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_figures_keep_their_printed_digits_and_everything_that_gives_them_meaning(
    small: Path,
) -> None:
    measure = "oecdai_between_country_ai_skills_migration"
    rows = some_figures(small, "--place", "KOR", "--year", "2023", "--measure", measure)
    assert [r["value"] for r in rows] == ["-0.30"]
    assert rows[0].keys() == KEYS
    assert len(some_figures(small)) == len(FigureTable.bundled())


@pytest.mark.parametrize("name", ["KOR", "kor", "South Korea", "south korea", "Republic of Korea"])
def test_a_place_goes_by_its_code_and_by_its_names(name: str, small: Path) -> None:
    assert {r["place"] for r in some_figures(small, "--place", name)} == {"KOR"}


def test_a_group_stands_for_its_members(small: Path) -> None:
    assert {"DEU", "LUX"} <= {r["place"] for r in some_figures(small, "--place", "EU")}


def test_a_family_stands_for_its_measures(small: Path) -> None:
    rows = some_figures(small, "--measure", "net_ai_talent_flow", "--place", "KOR")
    assert len({r["measure"] for r in rows}) > 3


def test_a_year_without_figures_is_an_empty_list(small: Path) -> None:
    assert some_figures(small, "--year", "1900") == []
    assert run("figures", "--year", "1900", home=small).stdout.startswith("No figure")


@pytest.mark.parametrize(
    ("args", "near"),
    [
        (("--place", "Soth Korea"), "South Korea"),
        (("--measure", "net_ai_talent_flo"), "net_ai_talent_flow"),
        (("--place", "Atlantis-on-Sea"), "footnote figures"),
    ],
    ids=["place", "measure", "nothing near"],
)
def test_a_name_that_is_not_known_is_an_error_that_lists_near_ones(
    args: tuple[str, str], near: str, small: Path
) -> None:
    done = run("figures", *args, home=small)
    assert done.exit_code == 1
    assert near in one_line(done.stderr)


def test_a_reader_that_stops_reading_is_met_with_silence(small: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "figures"], env=environment(FOOTNOTE_HOME=str(small)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(60)


# -- doctor --------------------------------------------------------------------------------------


def test_doctor_finds_nothing_wrong_with_a_sound_library(small: Path) -> None:
    done = run("doctor", home=small)
    assert (done.exit_code, done.stderr) == (0, "")
    rows = dict(row.split(maxsplit=1) for row in done.stdout.splitlines() if "on disk" not in row)
    assert rows["documents"] == "2"
    assert [rows[part] for part in ("folder", "indexes", "encoder")] == ["fine"] * 3
    assert {"footnote", "python", "chromadb", "torch"} <= rows.keys()


def test_doctor_says_what_is_wrong_and_what_to_do(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus.library import Library

    monkeypatch.setattr(Library, "check", lambda _: ["the word index holds 1 of 2 passages"])
    done = run("doctor", home=small)
    assert done.exit_code == 1
    assert "the word index holds 1 of 2 passages" in done.stdout
    assert "footnote doctor --repair" in one_line(done.stderr)


def test_doctor_mends_an_index_that_was_lost(own: Path) -> None:
    import shutil

    shutil.rmtree(own / "words")
    done = run("doctor", "--repair", home=own)
    assert done.exit_code == 0
    assert run("ask", "What is the Zebra Act?", "--json", home=own).exit_code == 0


# -- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("ask", "Zebra?"), ("init",), ("init", "--empty"), ("add", __file__)])
def test_a_folder_that_cannot_be_written_is_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    done = run(*command, home=tmp_path / "file" / "library")
    assert done.exit_code == 1
    assert "--home" in one_line(done.stderr)


def test_a_damaged_catalog_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"\x00\xff" * 4000)
    done = footnote("ask", "Zebra?", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "catalog" in one_line(done.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("args", [("figures",), ("--version",)], ids=" ".join)
def test_a_full_disk_under_the_output_is_one_line(small: Path, args: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ui.cli", *args], env=environment(FOOTNOTE_HOME=str(small)),
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert "No space left" in one_line(done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="limits file sizes as POSIX does")
def test_a_full_disk_under_the_library_is_one_line(own: Path, tmp_path: Path) -> None:
    import resource

    big = tmp_path / "big.md"
    big.write_text("\n\n".join(f"Paragraph {n} on the Moa Levy." for n in range(20_000)), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", "add", str(big)], text=True, capture_output=True,
        env=environment(FOOTNOTE_HOME=str(own)), timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "free some space" in one_line(done.stderr)
    assert run("ask", "What is the Zebra Act?", home=own).exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts as POSIX does")
def test_an_interruption_exits_with_130_and_no_trace(small: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "ask", "--json", "--batch", "-"], text=True,
        env=environment(FOOTNOTE_HOME=str(small)),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # a suite that runs in the background of a shell hands on that interrupts are ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdin and process.stdout
    process.stdin.write('{"id": 1, "question": "What is the Zebra Act?"}\n')
    process.stdin.flush()
    assert '"id": 1' in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in one_line(errors)


def test_an_unexpected_error_is_not_dressed_up_as_an_expected_one(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assistant, "ask", lambda *_: 1 / 0)
    assert isinstance(run("ask", "Zebra?", home=small).exception, ZeroDivisionError)


def test_every_expected_error_becomes_its_own_message() -> None:
    assert failure.explained(BadInput("the file\n'x' is odd; mend it")) == "the file 'x' is odd; mend it"
    assert failure.explained(PermissionError(13, "Permission denied", "/x")).startswith("Permission denied: '/x'; ")
    assert {FootnoteError, OSError} <= set(failure.expected())


# -- serve, and the modules ----------------------------------------------------------------------


def test_serve_says_that_its_port_is_in_use(small: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for done in (
            run("serve", "--port", port, home=small),
            footnote("--port", port, home=small, module="ui"),
        ):
            code = done.exit_code if isinstance(done, Result) else done.returncode
            assert code == 1
            assert f"port {port} is in use" in one_line(done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="ends by a signal")
def test_serve_says_where_it_is_and_ends_by_a_signal_with_0(small: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "serve", "--port", "0"], text=True,
        env=environment(FOOTNOTE_HOME=str(small)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    try:
        assert process.stdout.readline().startswith("Footnote is at http://127.0.0.1:")
    finally:
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_python_m_ingest_adds(own: Path, tmp_path: Path) -> None:
    file = tmp_path / "dodo.md"
    file.write_text("The Dodo Scheme opened in 2019.\n", "utf-8")
    done = footnote(str(file), home=own, module="ingest")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("1 added\n")


# -- the first time ------------------------------------------------------------------------------


def test_the_first_question_builds_the_library_and_the_encoder_without_noise(
    tmp_path: Path,
) -> None:
    home, cache = tmp_path / "library", tmp_path / "cache"
    began = time.monotonic()
    done = footnote("ask", "What is J-Find?", "--json", home=home, FOOTNOTE_CACHE=str(cache))
    assert (done.returncode, done.stderr) == (0, cli.BUILDING + "\n")
    assert json.loads(done.stdout)["status"] == "answered"
    assert time.monotonic() - began < 250


# -- rendering -----------------------------------------------------------------------------------


def test_a_figure_is_cited_with_place_year_value_base_and_source() -> None:
    text = as_text(value_answer())
    assert (
        "\n[1] Figure: Between-country AI skills migration, South Korea, 2023: -0.30 per 10,000 "
        'LinkedIn members. ChosunBiz, "South Korea becomes a country of AI talent outflow", '
        "2 January 2025, paragraph 2. "
        "https://biz.chosun.com/en/en-it/2025/01/02/FRGTYHCEFNGTFPCCI5KGJXA3JQ/\n"
    ) in text
    assert "-0.44312 per 10,000" in text  # all digits in the footnote
    assert text.endswith("\n\nNote: The article says people; its source divides by LinkedIn members.")


def test_a_quotation_is_cited_with_its_place_and_the_source_behind_it() -> None:
    text = as_text(value_answer())
    assert 'Footnote, "Korea: why AI talent leaves", 23 November 2026, characters ' in text
    assert "; after Bank of Korea, 5 December 2025. https://www.bok.or.kr/" in text


def test_a_working_names_the_footnotes_it_starts_from() -> None:
    text = as_text(compare_answer())
    assert text.startswith("Read as: Compare South Korea and Japan in 2023, OECD.AI?\n\nIn 2023")
    assert "\n[3] Working: 0.54 - (-0.30) = 0.84 from [1] [2]" in text
    assert ": +0.54 per 10,000 LinkedIn members." in text


def test_a_working_whose_inputs_have_no_footnotes_names_them() -> None:
    answer = compare_answer()
    alone = replace(answer, citations=(replace(answer.citations[2], marker=1),))
    assert "from Japan 2023, South Korea 2023 (ChosunBiz, " in as_text(alone)


def test_a_refusal_ends_with_what_was_looked_for_and_what_can_be_asked() -> None:
    assert as_text(refused_answer()).endswith(
        "\n\nLooked for: a net flow of AI talent for Japan in 2012\n"
        "Found: Japan from 2015 to 2019\n"
        "You can ask:\n"
        "  - How did Japan change between 2015 and 2019?\n"
        "  - What was Japan's flow in 2020?"
    )


def test_no_source_can_command_the_terminal() -> None:
    text = as_text(poisoned("a\x1b]0;title\x07b\u202e\x9bc\rd"), 40)
    assert not set("\x1b\x07\u202e\x9b\r") & set(text)


def test_lines_break_at_the_width_and_hang_under_their_text() -> None:
    lines = as_text(value_answer(), 60).splitlines()
    assert all(len(x) <= 60 or " " not in x.strip() for x in lines)
    first = next(n for n, x in enumerate(lines) if x.startswith("[1] Figure"))
    assert lines[first + 1].startswith("    ") and lines[first + 1][4] != " "


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"])), st.integers(1, 90))
def test_wrapping_loses_no_word_and_keeps_to_the_width(text: str, width: int) -> None:
    text = line(text)
    out = wrapped(text, width)
    assert out.split() == text.split()
    assert all(columns(x) <= width or len(x.split()) <= 2 for x in out.splitlines())
    assert wrapped(text, None) == text


def test_wide_characters_count_twice() -> None:
    assert columns("\ud55c\uad6d") == 4
    assert columns("e\u0301") == 1
    assert table(("a", "b"), [("\ud55c", "x")]) == "a   b\n\ud55c  x"


def test_a_value_reads_with_its_unit() -> None:
    measures = FigureTable.bundled().measures
    shown = {k: said("5", m) for k, m in measures.items()}
    assert shown["ai_talent_concentration"] == "5% of LinkedIn members"
    assert shown["macropolo_share_of_elite_by_origin"] == "5% of elite NeurIPS authors"
    assert shown["oecd_talent_attractiveness_rank_students"] == "rank 5"
    assert shown["bok_ai_workforce"] == "5 persons"
    assert size(1_234) == "1.2 kB" and size(5_000_000) == "5.0 MB"
