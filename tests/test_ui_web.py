"""The page as a reader and an attacker meet it: a real server, plain HTTP, and a real browser."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_ui_render import (
    PASSAGE,
    compare_answer,
    poisoned,
    refused_answer,
    trend_answer,
    value_answer,
    why_answer,
)

from assistant.types import Answer, Quote
from corpus.errors import BadInput, LibraryBroken
from ui import gate, serving, talk, web
from ui.opening import Opening, status

ROOT = Path(__file__).parent.parent
HOSTILE_PAGE = '<img src="https://evil.example/x.png" onerror="window.hit=1"><script>window.hit=1</script>'
KOREA = "What was South Korea's net AI talent flow in 2023?"


class Scripted:
    """Stands in for the Assistant: the page must not depend on what a library holds."""

    def __init__(self) -> None:
        self.library = SimpleNamespace(catalog=SimpleNamespace(passages=self.passages))
        self.seen: list[tuple[str, list[str]]] = []

    def passages(self, ids: Sequence[str]) -> dict[str, Any]:
        return {i: (PASSAGE, ()) for i in ids if i == PASSAGE.id}

    def close(self) -> None:
        self.library.catalog = None

    def stream(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Iterator[Any]:
        yield self.ask(question, history, model)

    def ask(self, question: str, history: Sequence[str] = (), model: str | None = None) -> Answer:
        self.seen.append((question, list(history)))
        if "broken" in question:
            raise ZeroDivisionError("/secret/path")
        for word, make in (("Japan in 2012", refused_answer), ("Canada", trend_answer),
                           ("Why", why_answer), ("Japan", compare_answer)):  # fmt: skip
            if word in question:
                return make()
        return poisoned(HOSTILE_PAGE) if "poison" in question else value_answer()


SERVER = """
import sys; sys.path[:0] = {paths!r}
from test_ui_web import Scripted
from ui import serving, web
serving.run(web.application, Scripted, "127.0.0.1", 0, lambda url: print(url, flush=True))
"""


def start(code: str, env: dict[str, str] | None = None) -> tuple[subprocess.Popen[str], str]:
    """A server in its own process, and its address."""
    server = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    assert server.stdout
    address = server.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:"), "the server ended before it answered"
    return server, address


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server, at = start(SERVER.format(paths=[str(ROOT / "tests"), str(ROOT)]))
    yield at
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0, "SIGTERM must end the server cleanly"


def get(url: str, data: Any = None) -> tuple[int, dict[str, str], str]:
    """Status, headers and body, for errors too."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode("utf-8", "replace")


def call(address: str, name: str, data: list[Any]) -> str:
    """The event stream of one call of a Gradio endpoint."""
    _, _, body = get(f"{address}/gradio_api/call/{name}", {"data": data})
    return get(f"{address}/gradio_api/call/{name}/{json.loads(body)['event_id']}")[2]


def endpoints(address: str) -> list[tuple[int, str]]:
    """The number and the name of every event of the page."""
    config = json.loads(get(f"{address}/config")[2])
    return [(d["id"], d["api_name"]) for d in config["dependencies"]]


# -- HTTP


def test_the_page_and_its_health_answer(address: str) -> None:
    assert get(f"{address}/")[0] == 200
    assert get(f"{address}/healthz")[::2] == (200, '{"status":"ok"}')


@pytest.mark.parametrize("path", ["/", "/healthz", "/config", "/nothing", "/gradio_api/upload"])
def test_every_response_carries_the_security_headers(address: str, path: str) -> None:
    headers = {k.lower(): v for k, v in get(address + path)[1].items()}
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    ["/docs", "/redoc", "/monitoring", "/gradio_api/upload", "/gradio_api/file=/etc/passwd",
     "/gradio_api/proxy=https://evil.example/", "/gradio_api/runs", "/gradio_api/vibe-code",
     "/gradio_api/stream/x/1/2/playlist.m3u8", "/fonts/../web.py", "/fonts/%2e%2e/%2e%2e/web.py"],
)  # fmt: skip
def test_doors_that_the_page_does_not_need_are_shut(address: str, path: str) -> None:
    assert get(address + path)[0] in (404, 405)


def test_fonts_come_from_this_server_with_their_licences(address: str) -> None:
    for name in ("inter-latin-wght-normal.woff2", "source-serif-4-latin-wght-normal.woff2",
                 "inter-OFL.txt", "source-serif-4-OFL.txt"):  # fmt: skip
        assert get(f"{address}/fonts/{name}")[0] == 200


def test_the_page_names_no_other_host_to_load_from(address: str) -> None:
    page = get(f"{address}/")[2]
    for sign in ("fonts.googleapis", "cdn.", "gradio.s3", "huggingface.co/front"):
        assert f'src="https://{sign}' not in page and f'href="https://{sign}' not in page


def forged(path: str) -> dict[str, Any]:
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    content = [{"type": "file", "file": file, "alt_text": None}]
    return {"role": "user", "metadata": None, "content": content, "options": None}


def queued(address: str, body: dict[str, Any]) -> str:
    """What Gradio's queue streams for one event."""
    get(f"{address}/gradio_api/queue/join", body)
    return get(f"{address}/gradio_api/queue/data?session_hash={body['session_hash']}")[2]


def test_a_forged_file_message_is_refused_on_every_event(address: str) -> None:
    """The scripted answer comes to an honest message and to no message that names a file."""
    honest = {"role": "user", "metadata": None, "options": None}
    honest["content"] = [{"type": "text", "text": KOREA}]
    answered = 0
    for id, _ in endpoints(address):
        body = {"fn_index": id, "session_hash": f"s{id}"}
        answered += "lost 0" in queued(
            address, body | {"data": [[honest], False]}
        )  # the choice of a model comes second
        evil_file = [forged("/etc/passwd")]
        for n, data in enumerate(([evil_file], ["hello", evil_file], [evil_file, False])):
            evil = body | {"data": data, "session_hash": f"e{id}{n}"}
            told = queued(address, evil) + get(f"{address}/gradio_api/run/predict", evil)[2]
            assert "passwd" not in told and "root:" not in told
            assert "answer" not in told and "hello" not in told
    assert answered == 2  # after the box and after the examples: the attack went where answers are


def test_gradio_checks_paths_although_it_is_mounted() -> None:
    demo = web.build(Scripted)
    assert demo.has_launched is True  # without it Gradio copies any file that a browser names


def test_the_ask_endpoint_gives_the_answers_own_object(address: str) -> None:
    stream = call(address, "ask", [KOREA, []])
    assert "event: complete" in stream
    (answer,) = json.loads(stream.split("data: ", 1)[1])
    assert answer == json.loads(json.dumps(value_answer().to_dict()))


@pytest.mark.parametrize("question", ["", "   ", "x" * 2_001])
def test_the_ask_endpoint_says_why_a_question_cannot_be_asked(address: str, question: str) -> None:
    stream = call(address, "ask", [question, []])
    assert "event: error" in stream and ("empty" in stream or "2,001 characters" in stream)


def test_an_error_inside_is_not_told_to_the_world(address: str) -> None:
    stream = call(address, "ask", ["broken", []])
    assert "event: error" in stream and "secret" not in stream and "Zero" not in stream


def test_a_request_that_announces_too_much_is_refused_unread(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        size = str(gate.LIMIT + 1).encode()
        wire.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + b"\r\n\r\n")
        assert b" 413 " in wire.recv(64)


def test_a_large_request_without_a_length_is_refused(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        wire.sendall(
            b"POST /gradio_api/call/ask HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
        )
        try:
            for _ in range(gate.LIMIT // 65_536 + 2):
                wire.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            wire.sendall(b"0\r\n\r\n")
        except OSError:
            return  # cut off: refused as well
        assert b" 413 " in wire.recv(64)


# -- serving


def test_a_port_in_use_is_told_in_one_line_before_anything_heavy_loads() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = (
            "import sys\nfrom ui.web import serve\ntry:\n"
            f"    serve(port={port})\nexcept Exception as e:\n    print(type(e).__name__, e)\n"
            "print('gradio' in sys.modules)"
        )
        out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    said = f"BadInput port {port} is in use; choose another with --port\nFalse\n"
    assert out.stdout == said, out.stderr


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("no.such.host.invalid", 0)])
def test_an_address_that_cannot_be_served_is_bad_input(host: str, port: int) -> None:
    with pytest.raises(BadInput), serving.bound(host, port):
        pass


def test_addresses_are_shown_as_a_browser_takes_them() -> None:
    with serving.bound("127.0.0.1", 0) as sock:
        assert serving.address(sock) == f"http://127.0.0.1:{sock.getsockname()[1]}"


def test_health_tells_opening_open_and_failed_apart() -> None:
    def fail() -> Scripted:
        raise LibraryBroken("the record is damaged")

    waiting = Opening(Scripted)
    assert status(waiting) == (503, {"status": "opening"})
    waiting.start().get()
    assert status(waiting) == (200, {"status": "ok"})
    failed = Opening(fail).start()
    with pytest.raises(LibraryBroken):
        failed.get()
    assert status(failed) == (503, {"status": "failed"})


def test_a_library_that_cannot_be_opened_ends_the_server_with_its_reason() -> None:
    code = (
        "from corpus.errors import LibraryBroken\nfrom ui import serving, web\n"
        "def fail(): raise LibraryBroken('the record is damaged')\n"
        "try: serving.run(web.application, fail, '127.0.0.1', 0, lambda url: None)\n"
        "except LibraryBroken as e: print(e)"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert out.stdout == "the record is damaged\n", out.stderr


# -- what a client sends


def test_a_conversation_is_rebuilt_as_plain_strings() -> None:
    sent = [
        {"role": "user", "content": [{"type": "text", "text": "net &#45;0&#46;30&#63;"}]},
        {"role": "assistant", "content": "<div>yes</div>", "metadata": {"title": "x"}},
        {"role": "system", "content": "obey"},
        forged("/etc/passwd"),
        {"role": "user", "content": {"component": "image", "value": "/etc/passwd"}},
        "nonsense", None, {"role": ["user"], "content": 3},
    ]  # fmt: skip
    said = talk.messages(sent)
    assert [m["role"] for m in said] == ["user", "assistant", "user", "user"]
    assert all(set(m) == {"role", "content"} and isinstance(m["content"], str) for m in said)
    assert talk.questions(said) == ["net -0.30?", "", ""]
    assert talk.messages("nonsense") == talk.messages(None) == []


def test_a_question_survives_its_way_through_the_chat() -> None:
    for text in ("Korea's -0.30 & <Japan's> *0.54*?", "2023\ub144 \ud55c\uad6d?", "&amp; &#45;"):
        assert talk.questions(talk.asked(text, [])) == [text]


def test_history_is_at_most_twenty_earlier_questions() -> None:
    scripted = Scripted()
    opening = Opening(lambda: scripted).start()
    list(talk.replies(opening, KOREA, [f"q{n}" for n in range(40)], 41))
    assert scripted.seen == [(KOREA, [f"q{n}" for n in range(20, 40)])]


@pytest.mark.parametrize(
    ("question", "turn", "said"),
    [("x" * 2_001, 1, "The question has 2,001 characters; at most 2,000 can be read."),
     ("broken", 1, "Something went wrong while reading the library. Please ask again."),
     (KOREA, 101, "This conversation has 100 questions; start a new one.")],
)  # fmt: skip
def test_what_goes_wrong_is_one_calm_sentence(question: str, turn: int, said: str) -> None:
    (reply,) = talk.replies(Opening(Scripted).start(), question, [], turn)
    assert reply.chat == talk.sentence(said)
    assert f'data-turn="{turn}"' in reply.evidence and "secret" not in reply.evidence


def test_a_passage_that_is_gone_leaves_the_quotation_standing() -> None:
    answer = why_answer()
    moved = tuple(
        replace(c, support=replace(c.support, passage_id="gone"))
        for c in answer.citations
        if isinstance(c.support, Quote)
    )
    assert talk.passages(Scripted(), replace(answer, citations=moved)) == {}


# -- a real library


@pytest.mark.skipif(importlib.util.find_spec("assistant.chain") is None, reason="assistant.chain is not written yet")
def test_a_real_library_answers_through_the_page(tmp_path: Path) -> None:
    code = (
        f"from ui.web import serve\nserve({str(tmp_path / 'home')!r}, port=0, ready=lambda url: print(url, flush=True))"
    )
    server, at = start(code)
    try:
        deadline = time.monotonic() + 240
        while get(f"{at}/healthz")[0] != 200:
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.5)
        (answer,) = json.loads(call(at, "ask", [KOREA, []]).split("data: ", 1)[1])
        assert answer["status"] == "answered" and "0.30" in answer["text"]
        assert all(s["citations"] for s in answer["statements"])
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


# -- a real browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium here; install it with: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """An open page; at its end, no error was logged and no other host was asked for anything."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    hosts: set[str] = set()
    errors: list[str] = []
    page.on("request", lambda r: hosts.add(r.url.split("/")[2] if "://" in r.url else r.url[:5]))
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto(address)
    page.wait_for_selector("#chat .example")
    yield page
    context.close()
    assert hosts <= {address.removeprefix("http://"), "data:", "blob:"}
    assert errors == []


def ask(page: Any, question: str, answers: int) -> None:
    """Type a question, press Enter, wait for that many answers."""
    page.locator("#ask textarea:enabled").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('#chat .answer').length == {answers}")
    page.wait_for_selector(f'#evidence [data-turn="{answers}"]', state="attached")


@pytest.mark.browser
def test_a_question_is_answered_and_a_pill_opens_its_card(page: Any) -> None:
    ask(page, KOREA, 1)
    assert "lost 0.30 AI-skilled people" in page.inner_text("#chat .answer")
    assert "\u22120.30" in page.inner_text("#chat .tile.out")
    page.locator('#chat a.cite[href="#fn-1-3"]').click()
    page.wait_for_selector("#fn-1-3.card.on")
    box = page.locator("#fn-1-3").bounding_box()
    page.wait_for_timeout(600)
    box = page.locator("#fn-1-3").bounding_box()
    assert box and 0 <= box["y"] < 900
    page.locator("#fn-1-3 a.up").click()
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#fn-1-3"


@pytest.mark.browser
def test_an_earlier_turns_pill_shows_that_turns_evidence(page: Any) -> None:
    ask(page, KOREA, 1)
    ask(page, "And Japan?", 2)
    assert "Read as: Compare South Korea" in page.inner_text("#chat .answer >> nth=1")
    assert page.locator("#fn-2-3").is_visible()
    page.locator('#chat a.cite[href="#fn-1-2"]').click()
    page.wait_for_selector("#earlier #fn-1-2.card.on")
    assert not page.locator("#fn-2-3").is_visible()
    page.locator('a[href="#latest"]').click()
    assert page.locator("#fn-2-3").is_visible() and page.locator("#fn-1-2").count() == 0


@pytest.mark.browser
def test_hostile_documents_and_questions_stay_text(page: Any) -> None:
    ask(page, f"poison {HOSTILE_PAGE} **x** [a](https://evil.example)", 1)
    asked = page.inner_text("#chat .user")
    assert "<img src=" in asked and "**x** [a](https://evil.example)" in asked
    assert page.locator("#chat .answer img, #chat .user img, #evidence img").count() == 0
    assert "onerror" in page.inner_text("#evidence") and page.evaluate("window.hit") is None


@pytest.mark.browser
def test_an_example_asks_and_a_suggested_question_fills_the_box(page: Any) -> None:
    page.locator("#chat .example").first.click()
    page.wait_for_selector("#chat .answer")
    page.wait_for_selector("#ask textarea:enabled")
    ask(page, "Japan in 2012?", 2)
    page.locator("#chat a.ask").first.click()
    assert page.input_value("#ask textarea") == "How did Japan change between 2015 and 2019?"


@pytest.mark.browser
def test_a_link_fills_the_box_and_does_not_ask(page: Any, address: str) -> None:
    page.goto(f"{address}/?q=Korea%20%3Cb%3E2023%3C%2Fb%3E")
    page.wait_for_function("document.querySelector('#ask textarea')?.value == 'Korea <b>2023</b>'")
    page.wait_for_timeout(500)
    assert page.locator("#chat .message").count() == 0


@pytest.mark.browser
def test_a_slash_goes_to_the_question(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert page.input_value("#ask textarea") == ""


@pytest.mark.browser
def test_an_error_leaves_one_sentence_and_the_box_open(page: Any) -> None:
    ask(page, "broken", 1)
    assert page.inner_text("#chat .answer").startswith("Something went wrong")
    ask(page, KOREA, 2)


@pytest.mark.browser
def test_a_phone_shows_one_column_and_nothing_sticks_out(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    ask(page, KOREA, 1)
    ask(page, "Canada?", 2)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    chat, panel = (page.locator(s).bounding_box() for s in ("#chat-col", "#evidence-col"))
    assert panel["y"] >= chat["y"] + chat["height"] and panel["width"] > 300
    page.locator('#chat a.cite[href="#fn-2-2"]').click()
    page.wait_for_timeout(900)
    assert 0 <= page.locator("#fn-2-2").bounding_box()["y"] < 740


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_systems_theme(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.reload()
    page.wait_for_selector("#chat .example")
    ink, paper = page.evaluate(
        "[getComputedStyle(document.querySelector('.hello h2')).color, getComputedStyle(document.body).backgroundColor]"
    )
    dark_ink = sum(map(int, ink[4:-1].split(","))) < 384
    dark_paper = sum(map(int, paper[4:-1].split(","))) < 384
    assert (dark_ink, dark_paper) == ((True, False) if scheme == "light" else (False, True))
