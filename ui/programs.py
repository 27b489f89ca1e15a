"""The doors for programs as one application: REST, OpenAI's interface and MCP, their errors and their description."""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from index import YoujuError
from ui.api import api_routes
from ui.api_bodies import Problem
from ui.api_page import api_page
from ui.limits import BusyError, CallerLeftError
from ui.mcp import HttpDoor
from ui.openai_api import openai_routes
from ui.openai_bodies import OpenAIError
from ui.problems import OPENAI_PATH, RETRY_S, is_below, path_below_root, refusal, status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ui.engine import Engine
    from ui.library import Library
    from ui.limits import Work

ABOUT = """\
Answers over this server's documents, with the exact words each statement rests on. Offsets count Unicode code points: in
Python, `text[start:end] == quote`. Where the server has a token, send it as `Authorization: Bearer …`. Errors are problem JSON
(RFC 9457), and below `/v1` in OpenAI's form."""


def create_programs(engine: Engine, library: Library | None, page: FastAPI, work: Work) -> FastAPI:
    """Return the application of all doors for programs; it starts and ends together with the page's."""
    agents = HttpDoor(engine, work)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with agents.run(), page.router.lifespan_context(page):
            yield

    app = FastAPI(
        title="Youju", version=version("youju"), openapi_url="/api/openapi.json", docs_url=None, redoc_url=None, lifespan=lifespan
    )
    app.include_router(api_routes(engine, library, work))
    app.include_router(openai_routes(engine, work))
    app.add_route("/mcp", agents.app)  # type: ignore[arg-type]  # any ASGI application will do
    app.openapi = cache(lambda: _description(app))  # type: ignore[method-assign]

    @app.get("/api", include_in_schema=False)
    def show_page() -> HTMLResponse:
        return HTMLResponse(api_page(app.openapi()))

    _add_errors(app)
    return app


def _description(app: FastAPI) -> dict[str, Any]:
    described = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    parts = described["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    for operations in described["paths"].values():  # a name in a path can always be read
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for model in (Problem, OpenAIError):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        parts["schemas"].update(schema.pop("$defs", {}))
        parts["schemas"][model.__name__] = schema
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{}, {"token": []}]
    return described


def _add_errors(app: FastAPI) -> None:
    def said(request: Request, status: int, detail: str, headers: dict[str, str] | None = None, **more: object) -> Response:
        return refusal(path_below_root(request.scope), status, detail, headers, **more)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        return said(request, error.status_code, error.detail, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def misunderstood(request: Request, error: RequestValidationError) -> Response:
        errors = [{"where": ".".join(str(part) for part in one["loc"]), "what": str(one["msg"])} for one in error.errors()]
        detail = "; ".join(f"{one['where']}: {one['what']}" for one in errors)
        is_openai = is_below(path_below_root(request.scope), OPENAI_PATH)
        return said(request, 400 if is_openai else 422, detail, errors=errors)

    @app.exception_handler(YoujuError)
    def failed(request: Request, error: YoujuError) -> Response:
        return said(request, status_of(error), str(error))

    @app.exception_handler(BusyError)
    def busy(request: Request, error: BusyError) -> Response:
        return said(request, 503, str(error), {"retry-after": str(math.ceil(RETRY_S))})

    @app.exception_handler(CallerLeftError)
    def left(request: Request, error: CallerLeftError) -> Response:
        return Response(status_code=499)  # nobody reads it; the number is the one that proxies log

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        return said(request, 500, "Something went wrong; the server's log says what.")
