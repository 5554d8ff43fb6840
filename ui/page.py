"""The page as Gradio Blocks: what stands where, and what happens on each event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from corpus.errors import FootnoteError
from corpus.settings import Settings
from ui import talk, theme
from ui.opening import Opening
from ui.panels import empty
from ui.quiet import gr

AT_ONCE = 4  # questions answered at the same time
QUEUE = 64  # questions that may wait
HIDDEN = {"api_visibility": "private", "show_progress": "hidden"}


def blocks(opening: Opening, uploads: bool = False) -> gr.Blocks:
    """The page for an assistant that is being opened; with `uploads` it takes documents."""
    with gr.Blocks(title="Footnote", analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
        gr.HTML(theme.header(uploads), elem_id="top")
        with gr.Row(elem_id="page"):
            with gr.Column(scale=7, elem_id="chat-col"):
                chat, box = chatbot(), textbox()
                model = choice(Settings.read(os.environ).model)
                gr.HTML(theme.NOTE, elem_id="note")
            with gr.Column(scale=5, elem_id="evidence-col"):
                panel = gr.HTML(empty(), elem_id="evidence")
                gr.HTML('<div id="earlier"></div>', elem_id="earlier-box")
        wire(opening, chat, box, panel, model)
        demo.load(prefill, None, box, queue=False, **HIDDEN)
        gr.api(endpoint(opening), api_name="ask")
    demo.queue(max_size=QUEUE, default_concurrency_limit=AT_ONCE)
    # mount_gradio_app never sets this, and without it Gradio accepts any server path from a browser
    demo.has_launched = True
    return demo


def mount(web: FastAPI, demo: gr.Blocks) -> FastAPI:
    """The page mounted at the root of an application, behind the routes that it already has."""
    # Gradio's own uploads are shut and small: documents come in by ui/sending.py
    mounted: FastAPI = gr.mount_gradio_app(
        web, demo, path="/", css=theme.style(), head=theme.head(), favicon_path=str(theme.FAVICON),
        theme=gr.themes.Base(font=theme.SANS, font_mono=theme.MONO),
        footer_links=[], run_history=False, enable_monitoring=False, max_file_size="1kb",
        show_error=False, ssr_mode=False, pwa=False, mcp_server=False,
    )  # fmt: skip
    return mounted


def chatbot() -> gr.Chatbot:
    """The conversation."""
    return gr.Chatbot(
        elem_id="chat", show_label=False, label="Conversation", container=False, height="100%",
        buttons=[], feedback_options=None, latex_delimiters=[], line_breaks=False, layout="bubble",
        placeholder=theme.HELLO, examples=[{"text": text} for text in theme.EXAMPLES],
        allow_file_downloads=False, group_consecutive_messages=False,
    )  # fmt: skip


def textbox() -> gr.Textbox:
    """The question."""
    return gr.Textbox(
        elem_id="ask", show_label=False, label="Question", container=False, lines=1, max_lines=5,
        max_length=talk.LONGEST, placeholder="Ask a question",
        submit_btn=True, autofocus=True,
    )  # fmt: skip


def choice(model: str) -> gr.Checkbox:
    """Whether the language model that the settings name writes; not shown where they name none."""
    return gr.Checkbox(
        value=bool(model), visible=bool(model), label=f"Written by {model}, checked by Footnote", elem_id="model",
        container=False,
    )  # fmt: skip


def wire(opening: Opening, chat: gr.Chatbot, box: gr.Textbox, panel: gr.HTML, model: gr.Checkbox) -> None:
    """A question is shown at once and answered after; until then no other can be asked."""
    held = bool(model.visible)

    def begin(question: str, sent: list[Any]) -> tuple[Any, Any]:
        said = talk.messages(sent)
        if talk.waiting(said) or not str(question or "").strip():
            return gr.skip(), gr.skip()
        return talk.asked(str(question), said), gr.update(value="", interactive=False)

    def begin_example(sent: list[Any], event: gr.SelectData) -> tuple[Any, Any]:
        return begin(event.value["text"], sent)

    def finish(sent: list[Any], fluent: Any) -> Iterator[tuple[Any, Any, Any]]:
        said = talk.messages(sent)
        if not talk.waiting(said):
            yield gr.skip(), gr.skip(), gr.update(interactive=True)
            return
        *history, question = talk.questions(said)
        for reply in talk.replies(opening, question, history, len(history) + 1, held and fluent is not False):
            shown = [*said, {"role": "assistant", "content": reply.chat}]
            if reply.evidence:
                yield shown, reply.evidence, gr.update(interactive=True)
            else:
                yield shown, gr.skip(), gr.skip()

    begun = (
        box.submit(begin, [box, chat], [chat, box], queue=False, **HIDDEN),
        chat.example_select(begin_example, [chat], [chat, box], queue=False, **HIDDEN),
    )
    for event in begun:
        event.then(finish, [chat, model], [chat, panel, box], **HIDDEN)


def endpoint(opening: Opening) -> Any:
    """The typed endpoint /ask that gradio_client and others call."""

    def ask_api(question: str, history: list[str]) -> dict[str, Any]:
        """Answer one question after earlier ones; the object is that of `footnote ask --json`."""
        try:
            earlier = [str(h)[: talk.LONGEST] for h in history][-talk.REMEMBERED :]
            return opening.get().ask(talk.check(question), earlier).to_dict()
        except FootnoteError as error:
            raise gr.Error(talk.calm(str(error)), print_exception=False) from None

    return ask_api


def prefill(request: gr.Request) -> str:
    """The question that a link carries (?q=): written into the box, never asked by itself."""
    return str(request.query_params.get("q", ""))[: talk.LONGEST]
