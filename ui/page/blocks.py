"""The page itself: the parts of one visit and what happens in them. The only file that imports Gradio."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read while the next line runs

import gradio as gr

from index import QuestionError, YoujuError
from qa import Done, Stage
from ui.page import documents
from ui.page.conversation import conversation
from ui.page.evidence import evidence
from ui.page.markup import safe
from ui.page.visit import Visit
from ui.page.words import Language, language_from, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from ui.engine import Engine
    from ui.page.state import PageState

LOG = logging.getLogger(__name__)
AT_ONCE = 4
"""Questions that are worked on at the same time; more only slow each other down, and wait in line instead."""
WAITING = 200
"""Questions in line, beyond which one is turned away."""
LONGEST_QUESTION = 20_000
"""Characters taken from a visitor at all; the engine has a smaller limit of its own, and says so."""
MOST_SCOPE = 500
SANS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif"]
MONO = ["ui-monospace", "Cascadia Mono", "Noto Sans Mono CJK SC", "monospace"]
# names of our own: the framework fires "change" and its like by itself whenever a value is drawn anew
_ON_HEAD = """
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-act=language]')) trigger('language_wanted', {});
  if (event.target.closest('[data-act=new]')) trigger('new_wanted', {});
});
"""
_ON_CHAT = """
element.addEventListener('click', (event) => {
  const sample = event.target.closest('.sample');
  if (sample) trigger('sample_chosen', {question: sample.dataset.question});
});
"""
_ON_SCOPE = """
document.addEventListener('youju-scope', (event) => trigger('scope_chosen', {documents: event.detail}));
"""


def add_page(app: FastAPI, engine: Engine, page: PageState, root_path: str) -> None:
    """Mount the page at ``/``."""
    blocks = _blocks(engine, page)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        root_path=root_path or None,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        show_error=True,
        max_file_size="1kb",
        theme=gr.themes.Base(font=SANS, font_mono=MONO),
    )


def _blocks(engine: Engine, page: PageState) -> gr.Blocks:
    blocks: gr.Blocks = gr.Blocks(title="Youju 有据", analytics_enabled=False, fill_width=True)
    with blocks:
        visit = gr.State(Visit(), time_to_live=24 * 3600)
        head = gr.HTML(_head("zh", page), elem_id="head", js_on_load=_ON_HEAD, apply_default_css=False)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(words("tab_chat", "zh"), id="chat", elem_id="tab-chat") as chat_tab, gr.Row(elem_id="desk"):
                with gr.Column(elem_id="chat", min_width=280):
                    chat = gr.HTML("", elem_id="conversation", js_on_load=_ON_CHAT, apply_default_css=False)
                    with gr.Column(elem_id="composer"):
                        scope = gr.HTML("", elem_id="scope", js_on_load=_ON_SCOPE, apply_default_css=False)
                        with gr.Row(elem_id="ask-row"):
                            box = gr.Textbox(
                                show_label=False, container=False, lines=1, max_lines=6, elem_id="question", autofocus=True,
                                label=words("question", "zh"), max_length=LONGEST_QUESTION, submit_btn=False, scale=1,
                            )  # fmt: skip
                            send = gr.Button(words("send", "zh"), variant="primary", elem_id="send", scale=0, min_width=72)
                with gr.Column(elem_id="evidence", min_width=280):
                    panel = gr.HTML(evidence(Visit()), elem_id="panel", js_on_load="", apply_default_css=False)
            with gr.Tab(words("tab_documents", "zh"), id="documents", elem_id="tab-documents") as documents_tab:
                shelf = gr.HTML("", elem_id="shelf", js_on_load="", apply_default_css=False)

        handlers = _Handlers(engine, page)
        everything = [visit, head, chat_tab, documents_tab, chat, scope, box, send, panel, shelf]
        quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        slow: dict[str, Any] = {**quick, "queue": True, "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
        answering = [visit, chat, panel, box]
        blocks.load(handlers.arrive, None, everything, **quick)
        head.language_wanted(handlers.switch_language, [visit], everything, **quick)
        head.new_wanted(handlers.start_anew, [visit], everything, **quick)
        scope.scope_chosen(handlers.choose, [visit], [visit, scope], **quick)
        for event in (box.submit, send.click):
            event(handlers.show_question, [box, visit], answering, **quick).success(handlers.answer, [visit], answering, **slow)
        chat.sample_chosen(handlers.show_sample, [visit], answering, **quick).success(handlers.answer, [visit], answering, **slow)
    blocks.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    return blocks


def _head(language: Language, page: PageState) -> str:
    out = ""
    if page.has_password:
        out = (
            f'<form method="post" action="youju/logout"><button class="plain">{safe(words("log_out", language))}</button></form>'
        )
    return (
        f'<header class="top" data-language="{language}"><p class="brand"><b>有据</b> Youju '
        f'<span class="quiet">{safe(words("tagline", language))}</span></p><nav>'
        f'<button type="button" class="plain" data-act="new">{safe(words("new_chat", language))}</button>'
        f'<button type="button" class="plain" data-act="language" lang="{"en" if language == "zh" else "zh-CN"}">'
        f"{safe(words('other_language', language))}</button>{out}</nav></header>"
    )


class _Handlers:
    """What happens on the page. Holds nothing of a visit: that comes in and goes out as a :class:`Visit`."""

    def __init__(self, engine: Engine, page: PageState) -> None:
        self._engine = engine
        self._page = page

    def arrive(self, request: gr.Request) -> list[Any]:
        """Draw the page in the browser's language."""
        return self._everything(Visit(language_from(request.headers.get("accept-language", ""))))

    def switch_language(self, visit: Visit) -> list[Any]:
        """Draw the page in the other language, the conversation kept."""
        return self._everything(replace(visit, language="en" if visit.language == "zh" else "zh"))

    def start_anew(self, visit: Visit) -> list[Any]:
        """Forget the conversation; chosen documents stay chosen."""
        return self._everything(Visit(visit.language, scope=visit.scope, asked=visit.asked))

    def choose(self, visit: Visit, event: gr.EventData) -> list[Any]:
        """Search only the documents that were chosen."""
        given = event.documents
        chosen = tuple(str(name) for name in given[:MOST_SCOPE]) if isinstance(given, list) else ()
        visit = replace(visit, scope=chosen)
        return [visit, _scope(visit)]

    def show_question(self, question: str, visit: Visit) -> tuple[Visit, Any, Any, Any]:
        """Put the question into the conversation at once, before it waits in line."""
        question = question.strip()[:LONGEST_QUESTION]
        if not question:
            raise gr.Error("", visible=False, print_exception=False)
        visit = visit.asking(question)
        return visit, self._chat(visit), gr.skip(), ""

    def show_sample(self, visit: Visit, event: gr.EventData) -> tuple[Visit, Any, Any, Any]:
        """Ask a sample question."""
        return self.show_question(str(event.question), visit)

    def answer(self, visit: Visit) -> Iterator[tuple[Any, Any, Any, Any]]:
        """Answer the last question of the visit, step by step."""
        question = visit.exchanges[-1].question
        documents = [_as_glob(name) for name in visit.scope] or None
        try:
            for event in self._engine.assistant().stream(question, visit.history(), documents):
                if isinstance(event, Stage):
                    yield gr.skip(), self._chat(visit.with_last(stage=event.name)), gr.skip(), gr.skip()
                elif isinstance(event, Done):
                    visit = visit.with_last(answer=event.answer)
        except QuestionError as error:
            visit = visit.with_last(error=f"{words('error_question', visit.language)} ({error})")
        except YoujuError as error:
            visit = visit.with_last(error=f"{words('error_index', visit.language)} ({error})")
        except Exception:  # noqa: BLE001 - whatever it was, the visitor must see that no answer will come
            LOG.exception("a question failed")
            visit = visit.with_last(error=words("error_unknown", visit.language))
        yield visit, self._chat(visit), evidence(visit), gr.skip()

    def _chat(self, visit: Visit) -> str:
        if visit.exchanges:
            return conversation(visit, (), 0)
        return conversation(visit, self._page.samples(), self._page.count())

    def _everything(self, visit: Visit) -> list[Any]:
        language = visit.language
        return [
            visit,
            _head(language, self._page),
            gr.Tab(label=words("tab_chat", language)),
            gr.Tab(label=words("tab_documents", language)),
            self._chat(visit),
            _scope(visit),
            gr.Textbox(placeholder=words("ask_placeholder", language), label=words("question", language)),
            gr.Button(words("send", language)),
            evidence(visit),
            documents.frame(language, can_change=self._page.can_change, max_file_mb=self._engine.settings.max_file_mb),
        ]


def _scope(visit: Visit) -> str:
    if not visit.scope:
        return ""
    said = safe(words("scope", visit.language, count=len(visit.scope)))
    clear = safe(words("scope_clear", visit.language))
    return f'<p class="scope">{said} <button type="button" class="plain" data-act="scope-clear">{clear}</button></p>'


def _as_glob(document: str) -> str:
    """Return the pattern that matches one id and no other."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in document)
