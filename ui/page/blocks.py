"""The page itself: the parts of one visit and what happens in them. The only file that imports Gradio."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator  # the framework looks at the annotations of its handlers
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read while the next line runs

import gradio as gr
from starlette.concurrency import run_in_threadpool

from index import QuestionError, YoujuError
from qa import Done, Stage
from ui.limits import BusyError, Work
from ui.page import documents
from ui.page.conversation import conversation, turn
from ui.page.evidence import evidence, section
from ui.page.markup import safe
from ui.page.reasons import reason_in
from ui.page.scope import scope_line
from ui.page.visit import MOST_SCOPE, MOST_TURNS, Visit
from ui.page.words import Language, language_from, words

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from fastapi import FastAPI

    from qa import Event
    from ui.engine import Engine
    from ui.page.state import PageState

LOG = logging.getLogger(__name__)
LONGEST_QUESTION = 20_000
"""Characters taken from a visitor at all; the engine has a smaller limit of its own, and says so."""
SOON_S = 0.3
"""A question that has no place by then is told that it waits in line."""
SANS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif"]
MONO = ["ui-monospace", "Cascadia Mono", "Noto Sans Mono CJK SC", "monospace"]
# names of our own: the framework fires "change" and its like by itself whenever a value is drawn anew
_ON_HEAD = """
element.addEventListener('click', (event) => {
  const act = event.target.closest('[data-act]')?.dataset.act;
  if (act === 'new') trigger('new_wanted', {});
  // while an answer is on its way the visit must not change below it
  if (act === 'language' && !document.querySelector('#conversation [data-state=working]')) trigger('language_wanted', {});
});
"""
_ON_SCOPE = """
document.addEventListener('youju-scope', (event) => trigger('scope_chosen', {documents: event.detail}));
"""
_ON_NEWS = """
document.addEventListener('youju-ask', (event) => trigger('asked', event.detail));
watch('value', () => document.dispatchEvent(new CustomEvent('youju-news', {detail: props.value})));
"""
_LOST = "() => { document.dispatchEvent(new CustomEvent('youju-lost')); }"


def add_page(app: FastAPI, engine: Engine, page: PageState, work: Work, root_path: str) -> None:
    """Mount the page at ``/``; its questions wait in one line with those of programs."""
    blocks = _blocks(engine, page, work)
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


def _blocks(engine: Engine, page: PageState, work: Work) -> gr.Blocks:
    blocks: gr.Blocks = gr.Blocks(title="Youju 有据", analytics_enabled=False, fill_width=True)
    with blocks:
        visit = gr.State(Visit(), time_to_live=24 * 3600)
        head = gr.HTML(_head("zh", page), elem_id="head", js_on_load=_ON_HEAD, apply_default_css=False)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(words("tab_chat", "zh"), id="chat", elem_id="tab-chat") as chat_tab, gr.Row(elem_id="desk"):
                with gr.Column(elem_id="chat", min_width=280):
                    chat = gr.HTML("", elem_id="conversation", js_on_load="", apply_default_css=False)
                    with gr.Column(elem_id="composer"):
                        scope = gr.HTML("", elem_id="scope", js_on_load=_ON_SCOPE, apply_default_css=False)
                        with gr.Row(elem_id="ask-row"):
                            box = gr.Textbox(
                                show_label=False, container=False, lines=1, max_lines=6, elem_id="question", autofocus=False,
                                label=words("question", "zh"), max_length=LONGEST_QUESTION, submit_btn=False, scale=1,
                                interactive=True,
                            )  # fmt: skip
                            send = gr.Button(words("send", "zh"), variant="primary", elem_id="send", scale=0, min_width=72)
                with gr.Column(elem_id="evidence", min_width=280):
                    panel = gr.HTML(evidence(Visit()), elem_id="panel", js_on_load="", apply_default_css=False)
            with gr.Tab(words("tab_documents", "zh"), id="documents", elem_id="tab-documents") as documents_tab:
                shelf = gr.HTML("", elem_id="shelf", js_on_load="", apply_default_css=False)
        # what is new of the last turn, which the script puts in its place: a conversation is not sent again with each answer
        news = gr.HTML({}, html_template="", elem_id="news", js_on_load=_ON_NEWS, apply_default_css=False)

        handlers = _Handlers(engine, page, work)
        everything = [visit, head, chat_tab, documents_tab, chat, scope, box, send, panel, shelf]
        quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        blocks.load(handlers.arrive, None, everything, **quick)
        asked = news.asked(
            handlers.answer, [visit], [visit, news], show_progress="hidden", api_visibility="private",
            concurrency_limit=None, trigger_mode="multiple",
        )  # fmt: skip
        asked.failure(None, None, None, js=_LOST, **quick)
        head.language_wanted(handlers.switch_language, [visit], everything, **quick)
        head.new_wanted(handlers.start_anew, [visit], everything, cancels=[asked], **quick)
        scope.scope_chosen(handlers.choose, [visit], [visit, scope], **quick)
    blocks.queue()
    return blocks


def _head(language: Language, page: PageState) -> str:
    out = ""
    if page.has_password:
        out = (
            f'<form method="post" action="youju/logout"><button class="plain">{safe(words("log_out", language))}</button></form>'
        )
    box = safe(words("question", language))
    return (
        f'<header class="top" data-language="{language}" data-question="{box}"><p class="brand"><b>有据</b> Youju '
        f'<span class="quiet">{safe(words("tagline", language))}</span></p><nav>'
        f'<button type="button" class="plain" data-act="new">{safe(words("new_chat", language))}</button>'
        f'<button type="button" class="plain" data-act="language" lang="{"en" if language == "zh" else "zh-CN"}">'
        f"{safe(words('other_language', language))}</button>{out}</nav></header>"
    )


class _Handlers:
    """What happens on the page. Holds nothing of a visit: that comes in and goes out as a :class:`Visit`."""

    def __init__(self, engine: Engine, page: PageState, work: Work) -> None:
        self._engine = engine
        self._page = page
        self._work = work

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
        return [visit, scope_line(visit, self._page.title)]

    async def answer(self, visit: Visit, event: gr.EventData) -> AsyncIterator[tuple[Any, Any]]:
        """Answer a question, step by step; the visit has it when it has been answered."""
        visit = visit.as_shown(event.language, event.scope, event.last).asking(str(event.question).strip()[:LONGEST_QUESTION])
        question = visit.exchanges[-1].question
        documents = [_as_glob(name) for name in visit.scope] or None
        try:
            with self._page.asking():
                assistant = await run_in_threadpool(self._engine.assistant)
                history = visit.history()
                async with aclosing(self._steps(lambda: assistant.stream(question, history, documents))) as steps:
                    async for step in steps:
                        if isinstance(step, Stage):
                            yield gr.skip(), _news(visit.with_last(stage=step.name), event.asked)
                        elif isinstance(step, Done):
                            visit = visit.with_last(answer=step.answer)
        except BusyError:
            visit = visit.with_last(error=words("error_busy", visit.language))
        except QuestionError as error:
            reason = reason_in(visit.language, str(error))
            visit = visit.with_last(error=f"{words('error_question', visit.language)} {reason}", may_ask_again=False)
        except YoujuError as error:
            visit = visit.with_last(error=f"{words('error_index', visit.language)} ({error})")
        except Exception:  # noqa: BLE001 - whatever it was, the visitor must see that no answer will come
            LOG.exception("a question failed")
            visit = visit.with_last(error=words("error_unknown", visit.language))
        yield visit, _news(visit, event.asked)
        yield gr.skip(), gr.skip()  # the framework sends the last step a second time

    async def _steps(self, answering: Callable[[], Iterator[Event]]) -> AsyncGenerator[Event]:
        """Yield the events of an answer, before them that it waits in line where it does."""
        begun = asyncio.create_task(self._work.stream(answering))
        try:
            if not (await asyncio.wait({begun}, timeout=SOON_S))[0]:
                yield Stage("wait")
            events = await begun
        finally:
            begun.cancel()  # a visitor who has left does not stay in the line
        async with aclosing(events):
            async for event in events:
                yield event

    def _chat(self, visit: Visit) -> str:
        if visit.exchanges:
            return conversation(visit, (), 0)
        samples, are_all = self._page.samples(visit.language)
        return conversation(visit, samples, self._page.count(), are_all=are_all)

    def _everything(self, visit: Visit) -> list[Any]:
        language = visit.language
        return [
            visit,
            _head(language, self._page),
            gr.Tab(label=words("tab_chat", language)),
            gr.Tab(label=words("tab_documents", language)),
            self._chat(visit),
            scope_line(visit, self._page.title),
            gr.Textbox(placeholder=words("ask_placeholder", language), label=words("question", language)),
            gr.Button(words("send", language)),
            evidence(visit),
            documents.frame(language, can_change=self._page.can_change, max_file_mb=self._engine.settings.max_file_mb),
        ]


def _news(visit: Visit, asked: object) -> dict[str, object]:
    """Return the last turn as the script puts it into the page, with its evidence once there is an answer.

    :param asked: the script's own number for the question, sent back to it.
    """
    last, language = visit.exchanges[-1], visit.language
    oldest = last.number - MOST_TURNS + 1
    return {"asked": asked, "turn": turn(last, language), "evidence": section(last, language), "oldest": oldest}


def _as_glob(document: str) -> str:
    """Return the pattern that matches one id and no other."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in document)
