"""The page with a language model: its words come as unchecked, and what does not pass is withdrawn before the eyes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, Step, written
from test_assistant_models import FALSE, KOREA, TRUE
from test_ui_web import chromium, start  # noqa: F401  (chromium is a fixture)

from assistant.events import Checked, Unchecked, Withdrawn
from assistant.events import Step as Begun
from ui.progress import Progress

SERVER = "from ui.web import serve; serve({home!r}, port=0, ready=lambda url: print(url, flush=True))"


def test_a_sentence_goes_from_unchecked_to_its_verdict() -> None:
    progress = Progress()
    for event in (Begun("write"), Unchecked(0, "One."), Unchecked(1, "Two.")):
        progress.take(event)
    assert progress.html().count("Unchecked") == 2 and "The model writes" in progress.html()
    for event in (Checked(0, "One."), Withdrawn(1, "Two.", "its value is not that of the evidence"), Begun("repair")):
        progress.take(event)
    shown = progress.html()
    assert "Unchecked" not in shown and shown.count("<s>") == 1 and "Withdrawn: its value" in shown
    assert "1 sentence of the model withdrawn" in progress.withdrawn() and "One" not in progress.withdrawn()


def test_a_reply_that_starts_again_takes_back_what_came_before() -> None:
    progress = Progress()
    for event in (Unchecked(0, "One"), Unchecked(1, "Two"), Unchecked(0, "Three")):
        progress.take(event)
    assert "Three" in progress.html() and "One" not in progress.html() and "Two" not in progress.html()
    assert progress.withdrawn() == ""


def test_markup_of_a_model_stays_text() -> None:
    progress = Progress()
    progress.take(Withdrawn(0, "<img src=x onerror=alert(1)>", "<script>"))
    assert "<img" not in progress.html() + progress.withdrawn() and "<script" not in progress.html()


@pytest.fixture
def address(bundled_home: Path) -> Iterator[tuple[str, Scripted]]:
    late = Step(calls=written(FALSE).calls, wait=2.0)
    with Scripted([written(TRUE, FALSE), late]) as model:
        env = {
            "FOOTNOTE_MODEL": "openai:scripted",
            "OPENAI_BASE_URL": model.url + "/v1", "OPENAI_API_KEY": "a-key-of-nobody",
        }  # fmt: skip
        server, at = start(SERVER.format(home=str(bundled_home)), env)
        yield at, model
        server.terminate()
        server.wait(10)


@pytest.mark.browser
def test_what_fails_is_withdrawn_on_the_page_and_never_in_the_answer(
    chromium: Any,  # noqa: F811
    address: tuple[str, Scripted],
) -> None:
    at, model = address
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.goto(at)
    assert "Written by openai:scripted" in page.inner_text("#model")
    page.locator("#ask textarea:enabled").fill(KOREA)
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .coming .withdrawn s")  # while the model is asked again
    assert "+0.30" in page.inner_text("#chat .coming .withdrawn s")
    assert "\u22120.30" in page.inner_text("#chat .coming .checked").replace("-0", "\u22120")
    page.wait_for_selector('#evidence [data-turn="1"]', state="attached")
    assert page.locator("#chat .coming").count() == 0
    assert page.inner_text("#chat .withdrawn-all summary") == "1 sentence of the model withdrawn"
    page.locator("#chat .withdrawn-all").evaluate("e => e.remove()")
    answer = page.inner_text("#chat .answer")
    assert "+0.30" not in answer and "per 10,000 LinkedIn members" in answer
    asked = len(model.requests)
    page.locator("#model input").uncheck()
    page.locator("#ask textarea:enabled").fill("What about Japan?")
    page.keyboard.press("Enter")
    page.wait_for_selector('#evidence [data-turn="2"]', state="attached")
    assert "+0.54" in page.locator("#chat .answer").last.inner_text() and len(model.requests) == asked
    page.close()
