"""Documents sent to the page: who may send them, what is refused and why, and that answers come from them at once."""

from __future__ import annotations

import http.client
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from conftest import small_library
from fastapi import FastAPI
from starlette.testclient import TestClient
from test_ui_web import CHROMIUM, QUIET, get, start

from corpus.errors import BadInput
from ui.gate import Gate
from ui.origin import MARK, allowed, foreign
from ui.sending import PATH, router
from ui.uploads import HELD, IDLE, KEPT, Uploads, named
from ui.web import switched

FILES = Path(__file__).parent / "files"
REPORT = "report-libreoffice.pdf"


# -- who may send


@pytest.mark.parametrize(
    ("setting", "host", "on"),
    [("", "127.0.0.1", True), ("", "::1", True), ("", "localhost", True), ("", "0.0.0.0", False),
     ("", "192.168.1.5", False), ("", "::", False), ("", "example.org", False), ("on", "0.0.0.0", True),
     ("off", "127.0.0.1", False), ("a.example, b.example", "0.0.0.0", True)],
)  # fmt: skip
def test_uploads_are_on_where_only_this_computer_is_served_or_where_the_user_says_so(
    setting: str, host: str, on: bool
) -> None:
    names = allowed(setting, host)
    assert (names is not None) == on
    if "," in setting:
        assert names is not None and {"a.example", "b.example", "localhost"} <= names


def test_the_command_line_goes_before_the_setting_and_keeps_its_names() -> None:
    assert switched("on", False) == "off" and switched("", True) == "on" == switched("off", True)
    assert switched("office.example", True) == "office.example"


OURS = {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin", MARK: ""}


@pytest.mark.parametrize(
    ("change", "why"),
    [({}, ""), ({"origin": None, "sec-fetch-site": None}, ""), ({"host": "localhost:7860", "origin": None}, ""),
     ({"host": "[::1]:7860", "origin": "http://[::1]:7860"}, ""), ({"host": "notes.example", "origin": None}, ""),
     ({"origin": "https://evil.example"}, "another site"), ({"origin": "null"}, "another site"),
     ({"origin": "http://127.0.0.1:9999"}, "another site"), ({"sec-fetch-site": "cross-site"}, "another site"),
     ({"sec-fetch-site": "same-site"}, "another site"), ({MARK: None}, "this page only"),
     ({"host": "evil.example:7860", "origin": "http://evil.example:7860"}, "FOOTNOTE_UPLOADS"),
     ({"host": "", "origin": None}, "FOOTNOTE_UPLOADS")],
)  # fmt: skip
def test_only_the_page_itself_under_a_name_of_ours_may_send(change: dict[str, str | None], why: str) -> None:
    headers = {k: v for k, v in {**OURS, **change}.items() if v is not None}
    assert why in foreign(headers, frozenset({"localhost", "notes.example"}))
    assert bool(foreign(headers, frozenset({"localhost", "notes.example"}))) == bool(why)


# -- what is refused


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    library = small_library(tmp_path)
    library.close()
    made = Uploads(lambda: library.settings)
    yield made
    made.close()


@pytest.fixture
def client(uploads: Uploads) -> TestClient:
    web = FastAPI()
    web.include_router(router(uploads, frozenset({"localhost"})))
    web.add_middleware(Gate, unlimited=PATH)
    return TestClient(web, "http://localhost")


def send(client: TestClient, name: str, data: Any, **headers: str) -> Any:
    return client.post(PATH, content=data, headers={MARK: quote(name), **headers})


def settled(client: TestClient, id: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        said: dict[str, Any] = client.get(f"{PATH}/{id}", headers={MARK: ""}).json()
        if said["state"] in states:
            return said
        time.sleep(0.1)
    raise AssertionError(f"not {states} in two minutes: {said}")


def test_a_post_from_another_site_is_refused_and_nothing_is_held(client: TestClient, uploads: Uploads) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"}):
        answer = send(client, "a.txt", b"words", **headers)
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
    assert client.post(PATH, files={"file": ("a.txt", b"words")}).status_code == 403  # a form sends no such header
    assert not uploads._held


@pytest.mark.parametrize(
    ("name", "data", "code", "why"),
    [("a.exe", b"MZ", 400, "a.exe: files of the type .exe cannot be read yet; readable are .md"),
     ("notes", b"words", 400, "notes: files without an ending cannot be read yet"),
     ("a.txt", b"", 400, "a.txt: the file is empty; choose another"),
     ("../..", b"words", 400, "the file has no name; give it one"),
     ("a.txt", b"x" * 20_000_001, 413, "a.txt: 20,000,001 bytes are more than the limit of 20,000,000; split")],
)  # fmt: skip
def test_a_wrong_file_is_refused_before_it_is_read(
    client: TestClient, uploads: Uploads, name: str, data: bytes, code: int, why: str
) -> None:
    answer = send(client, name, data)
    assert (answer.status_code, answer.json()["error"][: len(why)]) == (code, why)
    assert not uploads._held


def test_a_file_that_announces_no_length_is_refused_where_it_passes_the_limit(client: TestClient) -> None:
    answer = send(client, "a.txt", (b"x" * 1_000_000 for _ in range(30)))
    assert answer.status_code == 413 and "bytes are more than the limit of 20,000,000" in answer.json()["error"]


@pytest.mark.parametrize(
    ("file", "name", "why"),
    [("scan.pdf", "scan.pdf", "its one page has no text, only pictures (a scan); run it through OCR"),
     ("trade.csv", "trade.pdf", "its bytes are not PDF; give the file the ending of what it is"),
     ("deck.pptx", "deck.docx", "a broken DOCX file")],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_refused_with_its_reason(
    client: TestClient, file: str, name: str, why: str
) -> None:
    id = send(client, name, (FILES / file).read_bytes()).json()["id"]
    assert settled(client, id, "refused")["error"].startswith(why)


def test_an_encrypted_pdf_asks_for_its_password(client: TestClient) -> None:
    id = send(client, "locked.pdf", (FILES / "locked.pdf").read_bytes()).json()["id"]
    assert settled(client, id, "locked")["error"].startswith("It is encrypted. Type its password")
    client.post(f"{PATH}/{id}/password", json={"password": "wrong"}, headers={MARK: ""})
    assert settled(client, id, "locked")["error"].startswith("That password does not open it.")
    client.post(f"{PATH}/{id}/password", json={"password": "tide"}, headers={MARK: ""})
    assert settled(client, id, "proposed")["found"]["passages"] > 3


def test_a_proposal_says_what_was_found_and_adding_takes_corrections(client: TestClient, uploads: Uploads) -> None:
    id = send(client, REPORT, (FILES / REPORT).read_bytes()).json()["id"]
    found = settled(client, id, "proposed")["found"]
    assert (found["title"], found["publisher"], found["published"]) == (
        "The harbour skills report 2024", "Institute for Port Studies", "2024-05-14",
    )  # fmt: skip
    assert (found["outcome"], found["pages"], found["tables"], found["cells"]) == ("added", 2, 1, 16)
    wrong = client.post(f"{PATH}/{id}/add", json={"published": "May 2024"}, headers={MARK: ""})
    assert "is no date; write it like 2025-01-02" in wrong.json()["error"]
    process = uploads._process
    client.post(f"{PATH}/{id}/add", json={**found, "title": "Another title"}, headers={MARK: ""})
    entry = settled(client, id, "added")["entry"]
    assert (entry["outcome"], entry["passages"], entry["cells"]) == ("added", found["passages"], 16)
    again = send(client, REPORT, (FILES / REPORT).read_bytes()).json()["id"]
    assert settled(client, again, "proposed")["found"]["outcome"] == "unchanged"
    assert uploads._process is process  # one process for them all, which holds the encoder
    process.kill()
    process.wait()
    table = send(client, "trade.csv", (FILES / "trade.csv").read_bytes()).json()["id"]
    assert "the command footnote add makes figures" in settled(client, table, "proposed")["found"]["remarks"][0]
    uploads._last -= IDLE
    uploads._rest()
    assert uploads._process is None
    from corpus.library import Library

    held = Library.open(uploads._settings()).source(entry["source_id"])
    assert (held.title, held.publisher) == ("Another title", "Institute for Port Studies")


def test_what_is_held_has_no_name_on_the_disk(
    client: TestClient, uploads: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    id = send(client, "notes.txt", b"The tide rose by 2.5 metres. It fell again at dawn.").json()["id"]
    settled(client, id, "proposed")
    held = uploads._held[id].held
    assert list(folder.iterdir()) == [] and not held.closed
    assert client.delete(f"{PATH}/{id}", headers={MARK: ""}).json() == {}
    assert held.closed
    gone = client.get(f"{PATH}/{id}", headers={MARK: ""})
    assert gone.status_code == 400 and "send it again" in gone.json()["error"]


def test_a_document_that_nobody_asks_for_is_forgotten(client: TestClient, uploads: Uploads) -> None:
    ids = [send(client, f"{n}.txt", b"Words that wait to be added.").json()["id"] for n in range(2)]
    for id in ids:
        settled(client, id, "proposed")
    first, second = (uploads._held[id] for id in ids)
    first.touched -= KEPT + 1
    uploads.sweep()
    assert first.held.closed and not second.held.closed and set(uploads._held) == {second.id}


def test_no_more_are_held_than_there_is_room_for(client: TestClient) -> None:
    codes = [send(client, f"{n}.txt", b"Words that wait to be added.").status_code for n in range(HELD + 1)]
    assert codes == [201] * HELD + [400]


def test_files_that_announce_no_length_fill_no_disk(
    client: TestClient, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.uploads.HELD_BYTES", 1_000_000)
    answer = send(client, "a.txt", iter([b"x" * 1_000_001]))
    assert answer.status_code == 400 and "too many documents wait" in answer.json()["error"] and not uploads._held


@pytest.mark.parametrize(
    ("said", "name"),
    [("../../etc/notes.txt", "notes.txt"), ("C:\\Users\\a\\b.pdf", "b.pdf"), ("a\u202etxt.pdf", "atxt.pdf"),
     ("a\x00\nb.md", "a b.md"), ("x" * 400 + ".html", "x" * 145 + ".html")],
)  # fmt: skip
def test_a_name_is_shown_and_never_a_path(said: str, name: str) -> None:
    assert named(said) == name
    with pytest.raises(BadInput, match="has no name"):
        named("..")


# -- the page


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = str(tmp_path_factory.mktemp("uploads") / "home")
    code = (
        "from dataclasses import replace\nfrom corpus.settings import Settings\nfrom ingest import create_library\n"
        f"create_library(replace(Settings(), home={home!r}), True)\n"
        f"from ui.web import serve\nserve({home!r}, port=0, ready=lambda url: print(url, flush=True))"
    )
    server, at = start(code)
    yield at
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium here; install it with: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET)
        page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        errors: list[str] = []
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(address)
        page.wait_for_selector("#chat .example")
        yield page
        browser.close()
        assert [e for e in errors if "400 (Bad Request)" not in e] == []  # what a browser says of a refusal


def card(page: Any, name: str, state: str) -> Any:
    """A document's card once it is in a state."""
    found = page.locator(f"#add li[data-state={state}]", has=page.get_by_text(name, exact=True))
    found.first.wait_for(timeout=90_000)
    return found.first


def answered(page: Any, question: str) -> str:
    page.locator("#ask textarea:enabled").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .answer", timeout=60_000)
    page.wait_for_selector("#evidence .card", timeout=60_000)
    return str(page.inner_text("#chat .answer"))


@pytest.mark.browser
def test_a_document_that_is_chosen_is_added_and_answers_with_a_footnote(page: Any) -> None:
    page.click("a[href='#add']")
    page.set_input_files("#add-files", [FILES / REPORT, FILES / "scan.pdf", FILES / "locked.pdf"])
    asked = card(page, REPORT, "proposed")
    assert asked.locator("input[name=title]").input_value() == "The harbour skills report 2024"
    assert "2 pages" in asked.inner_text() and "1 table with 16 cells" in asked.inner_text()
    assert "run it through OCR" in card(page, "scan.pdf", "refused").inner_text()
    locked = card(page, "locked.pdf", "locked")
    locked.locator("input[type=password]").fill("tide")
    locked.locator("button").first.click()
    card(page, "locked.pdf", "proposed")
    asked.locator("input[name=published]").fill("spring")
    asked.locator("button.main").click()
    asked.get_by_text("is no date").wait_for()
    asked.locator("input[name=published]").fill("2024-05")
    asked.locator("button.main").click()
    done = card(page, REPORT, "added")
    assert "Questions are answered from it now" in done.inner_text()
    done.locator("button.main").click()
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert "4,210 crane operators" in answered(page, "How many crane operators did harbour towns train in 2023?")
    assert "The harbour skills report 2024" in page.inner_text("#evidence")
    assert "May 2024" in page.inner_text("#evidence") and "page 1" in page.inner_text("#evidence")


@pytest.mark.browser
def test_a_document_that_is_dropped_on_a_phones_page_fits_it_and_its_name_stays_text(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    text = "A note on the lantern. The lantern of Dunmere was lit by 31 keepers in 1904."
    page.evaluate(
        """([name, text]) => {
          const data = new DataTransfer();
          data.items.add(new File([text], name));
          data.items.add(new File(["MZ"], "a-very-long-name-of-a-programme-that-is-no-document-at-all.exe"));
          const fire = (kind) => document.body.dispatchEvent(
            new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
          fire("dragenter"); window.glowed = document.body.classList.contains("dropping"); fire("drop");
        }""",
        ["<img src=x onerror=window.hit=1>.txt", text],
    )
    assert page.evaluate("window.glowed && !document.body.classList.contains('dropping')")
    card(page, "<img src=x onerror=window.hit=1>.txt", "proposed")
    assert "files of the type .exe" in page.locator("#add li[data-state=refused]").inner_text().lower()
    assert page.evaluate("window.hit") is None and page.locator("#add img").count() == 0
    box = page.locator("#add").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] >= 0 and box["y"] + box["height"] <= 740
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(
        "(() => { const e = document.querySelector('#add'); return e.scrollWidth <= e.clientWidth })()"
    )
    assert page.locator(".top nav").bounding_box()["height"] < 40
    page.set_input_files("#add-files", [FILES / "text-utf16.txt"])
    page.get_by_role("button", name="Add all 2").click()
    card(page, "text-utf16.txt", "added")
    card(page, "<img src=x onerror=window.hit=1>.txt", "added").locator("button.main").click()
    assert "31 keepers" in answered(page, "How many keepers lit the lantern of Dunmere in 1904?")


def test_a_page_that_takes_no_documents_has_no_way_to_send_them(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    small_library(tmp_path).close()
    code = f"from ui.web import serve\nserve({home!r}, port=0, ready=lambda url: print(url, flush=True), uploads=False)"
    server, at = start(code)
    try:
        assert "#add" not in get(f"{at}/")[2].partition("<script>")[0] and "data-limits" not in get(f"{at}/config")[2]
        connection = http.client.HTTPConnection(at.removeprefix("http://"), timeout=20)
        connection.request("POST", PATH, b"words", {MARK: "a.txt"})
        assert connection.getresponse().status in (404, 405)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
