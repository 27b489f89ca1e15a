"""Errors as programs read them: problem JSON (RFC 9457), and OpenAI's form below ``/v1``."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

from index import QuestionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.types import Scope

    from index import YoujuError

PROBLEM_TYPE = "application/problem+json"
OPENAI_PATH = "/v1"
PROGRAM_PATHS = ("/api", OPENAI_PATH, "/mcp")
HEALTH_PATH = "/healthz"
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""An answer that comes piece by piece must not be kept, nor collected by a proxy."""
RETRY_S = 1
"""Seconds until a caller may try again when everybody is busy: a question takes less."""
_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}
_OPENAI_CODES = {401: "invalid_api_key", 404: "not_found", 413: "request_too_large", 429: "rate_limit_exceeded"}


def path_below_root(scope: Scope) -> str:
    """Return the path of a request without the sub-path that the server may stand below."""
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    below = path[len(root) :] if root and path.startswith(root + "/") else path
    return "/" + below.lstrip("/")


def is_below(path: str, prefix: str) -> bool:
    """Tell whether a path is ``prefix`` or something below it."""
    return path == prefix or path.startswith(prefix + "/")


def is_for_programs(path: str) -> bool:
    """Tell whether a path belongs to the doors for programs and not to the page."""
    return any(is_below(path, prefix) for prefix in PROGRAM_PATHS)


def problem(status: int, detail: str, **more: object) -> dict[str, object]:
    """Return the members of a problem; ``about:blank`` says that the status tells the kind."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def openai_error(status: int, message: str, param: str | None = None, code: str | None = None) -> dict[str, object]:
    """Return an error in OpenAI's form."""
    kind = _OPENAI_TYPES.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code or _OPENAI_CODES.get(status)}}


def refusal(path: str, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """Return an error in the form that the door of ``path`` speaks; the page's visitors get the words alone."""
    if is_below(path, OPENAI_PATH):
        return JSONResponse(openai_error(status, detail), status, dict(headers or {}))
    if is_for_programs(path):
        return JSONResponse(problem(status, detail, **more), status, dict(headers or {}), PROBLEM_TYPE)
    return PlainTextResponse(detail, status, dict(headers or {}))


def status_of(error: YoujuError) -> int:
    """Return the status that tells what kind of error it is: of the question, or of the server's own index."""
    return 422 if isinstance(error, QuestionError) else 503
