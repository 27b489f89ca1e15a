"""The REST door: questions to :class:`qa.Assistant`, changes to the folder of the server, and nothing of its own."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from index import YoujuError
from qa import Done, Stage, Text, Turn
from ui.api_bodies import (
    AnswerBody,
    AskRequest,
    DocumentsBody,
    HealthBody,
    SearchBody,
    SearchRequest,
    SpanBody,
    SyncBody,
)
from ui.limits import check_question
from ui.problems import HEALTH_PATH, PROBLEM_TYPE, STREAM_HEADERS, problem, status_of
from ui.spans import span_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from qa import Answer, Event
    from ui.engine import Engine
    from ui.library import Library
    from ui.library import Work as Sync
    from ui.limits import Work

LOG = logging.getLogger(__name__)
MOST_LISTED = 10_000
_REASONS = {
    400: "A body that is not UTF-8",
    401: "No token, or another one",
    403: "A name that is not this server's, or a request of another site",
    404: "No such document or folder",
    409: "A sync is running",
    413: "A body that is larger than `max_body_mb`",
    422: "A request that cannot be used",
    429: "More than `requests_per_minute`; `Retry-After` says when to come again",
    503: "No index yet, or more than `waiting_work` questions in line (then with `Retry-After`)",
}
_EVENT = {"event": {"type": "string", "enum": ["stage", "text", "done", "error"]}, "data": {"type": "string"}}
EVENTS = {"text/event-stream": {"schema": {"type": "object", "properties": _EVENT, "required": ["event", "data"]}}}
"""The schema is that of one event."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of the errors that a route answers with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _REASONS[status], "content": {PROBLEM_TYPE: {"schema": schema}}}
        for status in (401, 403, *statuses, 429, 503)
    }


def api_routes(engine: Engine, library: Library | None, work: Work) -> APIRouter:
    """Return the routes below ``/api`` and the sign of life."""
    routes = APIRouter()

    @routes.get(HEALTH_PATH, response_model=HealthBody)
    def healthz() -> JSONResponse:
        """Tell that the server is there; open to everybody."""
        return JSONResponse({"status": "ok"})

    _add_questions(routes, engine, work)
    _add_documents(routes, engine)
    _add_syncs(routes, library)
    return routes


def _add_questions(routes: APIRouter, engine: Engine, work: Work) -> None:
    longest = engine.settings.question_characters
    answered: dict[int | str, dict[str, Any]] = {200: {"content": EVENTS}}

    @routes.post("/api/ask", response_model=AnswerBody, responses={**problems(400, 413, 422), **answered})
    async def ask(asked: AskRequest, request: Request) -> JSONResponse | StreamingResponse:
        """Answer a question from the documents, with the exact words each statement rests on, or say that they do not."""
        check_question(asked.question, longest)
        history = [Turn(turn.question, turn.answer) for turn in asked.history]
        if asked.stream:
            assistant = await run_in_threadpool(engine.assistant)
            events = await work.stream(
                lambda: assistant.stream(asked.question, history, asked.documents), request.is_disconnected
            )
            return StreamingResponse(_sent(events), media_type="text/event-stream", headers=STREAM_HEADERS)

        def answer() -> Answer:
            return engine.assistant().ask(asked.question, history, asked.documents)

        return JSONResponse((await work.run(answer, request.is_disconnected)).to_dict())

    @routes.post("/api/search", response_model=SearchBody, responses=problems(400, 413, 422))
    async def search(asked: SearchRequest, request: Request) -> JSONResponse:
        """Return the best passages for a question, best first, without an answer."""
        check_question(asked.question, longest)
        hits = await work.run(
            lambda: engine.assistant().search(asked.question, asked.top_k, asked.documents), request.is_disconnected
        )
        return JSONResponse({"hits": [hit.to_dict() for hit in hits]})


def _add_documents(routes: APIRouter, engine: Engine) -> None:
    @routes.get("/api/documents", response_model=DocumentsBody, responses=problems(422))
    def list_documents(
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 1_000, offset: Annotated[int, Query(ge=0, le=10**9)] = 0
    ) -> JSONResponse:
        """Return the documents without their texts, by id."""
        known = engine.assistant().documents()
        shown = [info.to_dict() for info in known[offset : offset + limit]]
        return JSONResponse({"total": len(known), "documents": shown})

    @routes.get("/api/documents/{id:path}", response_model=SpanBody, responses=problems(404, 422))
    def read_document(
        id: str, start: Annotated[int, Query(ge=0, le=10**9)] = 0, end: Annotated[int | None, Query(ge=0, le=10**9)] = None
    ) -> JSONResponse:
        """Return a part of a document's text, in code points, as a citation counts them; 100,000 at most."""
        document = engine.assistant().document(id)
        if document is None:
            raise HTTPException(404, f"There is no document {id!r}.")
        return JSONResponse(span_of(document, start, end))


def _add_syncs(routes: APIRouter, library: Library | None) -> None:
    def folder() -> Library:
        if library is None:
            raise HTTPException(404, "This server was started without a folder of documents (`youju serve --docs DOCS`).")
        return library

    @routes.get("/api/sync", response_model=SyncBody, responses=problems(404))
    def show_sync() -> JSONResponse:
        """Tell how far the sync is, or how the last one ended."""
        return JSONResponse(_as_json(folder().work()))

    @routes.post("/api/sync", response_model=SyncBody, status_code=202, responses=problems(404, 409))
    def start_sync() -> JSONResponse:
        """Bring the index into step with the folder that the server was started with, in the background."""
        of = folder()
        if of.work().state == "running":
            raise HTTPException(409, "A sync is running. GET /api/sync tells how far it is.")
        of.rescan()
        return JSONResponse(_as_json(of.work()), 202)


def _as_json(sync: Sync) -> dict[str, object]:
    report = sync.report.to_dict() if sync.report else None
    return {
        "state": sync.state,
        "stage": sync.stage,
        "done": sync.done,
        "total": sync.total,
        "reason": sync.reason,
        "report": report,
    }


async def _sent(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Write the assistant's events as server-sent events; an error is the last of them."""
    try:
        async for event in events:
            match event:
                case Stage(name):
                    yield _event("stage", {"name": name})
                case Text(delta):
                    yield _event("text", {"delta": delta})
                case Done(answer):
                    yield _event("done", answer.to_dict())
    except YoujuError as error:
        yield _event("error", problem(status_of(error), str(error)))
    except Exception:  # noqa: BLE001 - the answer has begun, so that only its last event can tell the caller
        LOG.exception("a question failed")
        yield _event("error", problem(500, "Something went wrong; the server's log says what."))


def _event(name: str, data: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
