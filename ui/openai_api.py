"""The OpenAI-compatible door: a client that knows chat completions gets answers with markers, footnotes and citations."""

from __future__ import annotations

import json
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from index import YoujuError
from qa import Done, Text, Turn
from ui.footnotes import Inert, footnotes, inert, without_footnotes
from ui.limits import check_question
from ui.openai_bodies import MODEL, ChatBody, ChatRequest, ModelBody, ModelsBody
from ui.openai_tasks import task_answer
from ui.problems import STREAM_HEADERS, openai_error, status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from qa import Answer, Event
    from ui.engine import Engine
    from ui.limits import Work
    from ui.openai_bodies import Message

LOG = logging.getLogger(__name__)
_STARTED = int(time.time())
_MODEL = {"id": MODEL, "object": "model", "created": _STARTED, "owned_by": MODEL}
_REASONS = {
    400: "A request that cannot be read",
    401: "No token, or another one",
    403: "A name that is not this server's, or a request of another site",
    404: "No such model",
    413: "A body that is larger than `max_body_mb`",
    422: "A question that is empty or longer than `question_characters`",
    429: "More than `requests_per_minute`",
    503: "No index yet, or more than `waiting_work` questions in line",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of the errors that a route answers with."""
    schema = {"$ref": "#/components/schemas/OpenAIError"}
    return {
        status: {"description": _REASONS[status], "content": {"application/json": {"schema": schema}}}
        for status in (401, 403, *statuses, 429, 503)
    }


def openai_routes(engine: Engine, work: Work) -> APIRouter:
    """Return the routes below ``/v1``."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/models", response_model=ModelsBody, responses=errors())
    def list_models() -> JSONResponse:
        """List the one model there is."""
        return JSONResponse({"object": "list", "data": [_MODEL]})

    @routes.get("/models/{name}", response_model=ModelBody, responses=errors(404))
    def show_model(name: str) -> JSONResponse:
        """Describe a model."""
        if name != MODEL:
            raise HTTPException(404, f"There is no model {name!r}; the one here is {MODEL!r}.")
        return JSONResponse(_MODEL)

    event = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}
    answered: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {"schema": event}}}}

    @routes.post("/chat/completions", response_model=ChatBody, responses={**errors(400, 413, 422), **answered})
    async def complete(asked: ChatRequest, request: Request) -> JSONResponse | StreamingResponse:
        """Answer the last message of a conversation from the documents."""
        question, history = conversation(asked.messages)
        told = task_answer(question)
        if told is None:
            check_question(question, engine.settings.question_characters)
        if asked.stream:
            assistant = await run_in_threadpool(engine.assistant)
            events = await work.stream(
                lambda: _told(told) if told else assistant.stream(question, history, asked.documents), request.is_disconnected
            )
            with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
            sent = _sent(events, engine, asked.messages, with_usage)
            return StreamingResponse(sent, media_type="text/event-stream", headers=STREAM_HEADERS)

        def answer() -> dict[str, object]:
            answer = told or engine.assistant().ask(question, history, asked.documents)
            return _completion(answer, engine, asked.messages)

        return JSONResponse(await work.run(answer, request.is_disconnected))

    return routes


def conversation(messages: Sequence[Message]) -> tuple[str, list[Turn]]:
    """Return the question, which the last message of the user is, and the turns before it, oldest first."""
    said = [(message.role, message.text()) for message in messages if message.role in ("user", "assistant")]
    asked = [position for position, (role, _) in enumerate(said) if role == "user"]
    if not asked:
        return "", []
    turns = []
    for position, following in zip(asked, asked[1:], strict=False):
        answer = "\n".join(text for _, text in said[position + 1 : following])
        turns.append(Turn(said[position][1], without_footnotes(answer)))
    return said[asked[-1]][1], turns


def _told(answer: Answer) -> Iterator[Event]:
    yield Text(answer.text)
    yield Done(answer)


def _completion(answer: Answer, engine: Engine, messages: Sequence[Message]) -> dict[str, object]:
    text = inert(answer.text) + footnotes(answer)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
    head = {"id": _new_id(), "object": "chat.completion", "created": int(time.time()), "model": MODEL}
    return {**head, "choices": [choice], "usage": _usage(engine, messages, text), **_beside(answer)}


def _beside(answer: Answer) -> dict[str, object]:
    return {
        "citations": [citation.to_dict() for citation in answer.citations],
        "status": answer.status,
        "confidence": round(answer.confidence, 4),
        "disagreement": answer.disagreement,
        "notes": list(answer.notes),
    }


def _usage(engine: Engine, messages: Sequence[Message], text: str) -> dict[str, int]:
    """Count tokens as the encoder does: there is no other model here that would."""
    tokenizer = engine.encoder.tokenizer
    given = len(tokenizer.encode("\n".join(message.text() for message in messages)).ids)
    made = len(tokenizer.encode(text).ids)
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"


async def _sent(
    events: AsyncIterator[Event], engine: Engine, messages: Sequence[Message], with_usage: bool
) -> AsyncIterator[str]:
    """Write the assistant's events as chunks; an error is the last of them."""
    head = {"id": _new_id(), "object": "chat.completion.chunk", "created": int(time.time()), "model": MODEL}
    pieces, text = Inert(), ""

    def chunk(delta: dict[str, object], finish: str | None = None, **more: object) -> str:
        return _data({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}], **more})

    try:
        yield chunk({"role": "assistant", "content": ""})
        async for event in events:
            if isinstance(event, Text):
                text += (piece := pieces.add(event.delta))
                yield chunk({"content": piece})
            elif isinstance(event, Done):
                text += (piece := pieces.end() + footnotes(event.answer))
                if piece:
                    yield chunk({"content": piece})
                yield chunk({}, "stop", **_beside(event.answer))
        if with_usage:
            yield _data({**head, "choices": [], "usage": _usage(engine, messages, text)})
        yield "data: [DONE]\n\n"
    except YoujuError as error:
        yield _data(openai_error(status_of(error), str(error)))
    except Exception:  # noqa: BLE001 - the answer has begun, so that only its last chunk can tell the caller
        LOG.exception("a question failed")
        yield _data(openai_error(500, "Something went wrong; the server's log says what."))


def _data(content: dict[str, object]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"
