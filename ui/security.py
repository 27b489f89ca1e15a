"""Who may come in: one guard before every route, a password where one is set, Host and Origin of every request."""

from __future__ import annotations

import hashlib
import hmac
import time
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ui.headers import with_headers
from ui.page.login import login_page
from ui.passwords import SESSION_S, Sessions, verify_password
from ui.problems import HEALTH_PATH, is_for_programs, path_below_root, refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ui.hosts import KnownHosts
    from ui.limits import Limits

COOKIE = "youju_visit"
OPEN_PATHS = frozenset({HEALTH_PATH})
LOGIN_PATH, LOGOUT_PATH = "/youju/login", "/youju/logout"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOGIN_BYTES = 4096
"""Longest body of a login; nothing longer is read from a stranger."""
FREE_TRIES, WAIT_S, MOST_WAIT_S = 5, 1.0, 60.0
"""Wrong passwords before each further one makes everybody wait, twice as long each time."""
CLOSED_PREFIXES = tuple(
    f"/gradio_api/{name}"
    for name in (
        "upload",
        "proxy=",
        "file",
        "stream",
        "vibe",
        "undo-vibe",
        "process_recording",
        "runs",
        "run-history",
        "api",
        "call",
        "openapi",
    )
) + ("/monitoring", "/runs", "/docs", "/redoc", "/openapi.json")
"""Doors of the framework that the page does not use: fetching by URL, files by path, uploads past our own limits."""


class Guard:
    """The one ASGI door before every route.

    With a password everything is closed but ``/healthz`` and the login; with a token the doors for programs are.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: KnownHosts,
        password_hash: str | None = None,
        token: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Guard ``app``.

        :param hosts: names in ``Host`` that are accepted. With a password any name is: a rebinding page has no session.
        :param token: what programs send; it opens their doors only, under any name.
        """
        self._app = app
        self._hosts = hosts
        self._hash = password_hash
        self._token = _digest(token) if token is not None else None
        self._limits = limits
        self.sessions = Sessions()
        self._failures, self._closed_until = 0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = path_below_root(scope)
        has_token = self._has_token(headers, path)
        refused = self._refusal(scope, headers, path, any_name=has_token or self._hash is not None)
        if refused is None and self._limits is not None:
            refused = self._limits.refusal(scope, headers, path)
            receive = self._limits.limited(receive, path)
        if refused is None and not has_token and path not in OPEN_PATHS:
            if self._hash is not None:
                refused = await self._asked_for_password(scope, receive, headers, path)
            elif self._token is not None and is_for_programs(path):
                refused = _unknown_caller(path)
        if refused is None:
            await self._app(scope, receive, with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refused(scope, receive, with_headers(send))

    def _has_token(self, headers: Headers, path: str) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if self._token is None or scheme.lower() != "bearer" or not is_for_programs(path):
            return False
        return hmac.compare_digest(_digest(given.strip()), self._token)

    def _refusal(self, scope: Scope, headers: Headers, path: str, *, any_name: bool) -> Response | None:
        host = headers.get("host", "")
        if not any_name and _name_of(host) not in self._hosts and path not in OPEN_PATHS:
            return refusal(path, 403, "This name is not one of this server's. 此地址不是本服务的地址。")
        is_unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        if is_unsafe and origin is not None and _place_of(origin) != host.lower():
            return refusal(path, 403, "Requests of other sites are refused. 拒绝其他网站发来的请求。")
        if headers.get("sec-fetch-site") == "cross-site" and (is_unsafe or headers.get("sec-fetch-mode") != "navigate"):
            return refusal(path, 403, "Requests of other sites are refused. 拒绝其他网站发来的请求。")
        if path.startswith(CLOSED_PREFIXES):
            return refusal(path, 404, "Not found.")
        return None

    async def _asked_for_password(self, scope: Scope, receive: Receive, headers: Headers, path: str) -> Response | None:
        token = _cookie(headers)
        root = scope.get("root_path", "").rstrip("/")
        if path == LOGIN_PATH and scope["type"] == "http":
            if scope["method"] == "POST":
                return await self._log_in(scope, receive, root)
            return HTMLResponse(login_page(headers.get("accept-language", "")))
        if not self.sessions.holds(token):
            wants_page = scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")
            return RedirectResponse(root + LOGIN_PATH, 303) if wants_page else _unknown_caller(path)
        if path == LOGOUT_PATH and scope["method"] == "POST":
            self.sessions.end(token)
            response = RedirectResponse(root + LOGIN_PATH, 303)
            response.delete_cookie(COOKIE, path=root or "/")
            return response
        return None

    async def _log_in(self, scope: Scope, receive: Receive, root: str) -> Response:
        from starlette.concurrency import run_in_threadpool

        languages = Headers(scope=scope).get("accept-language", "")
        wait = self._closed_until - time.monotonic()
        if wait > 0:
            page = login_page(languages, wait_s=wait)
            return HTMLResponse(page, 429, headers={"retry-after": str(int(wait) + 1)})
        body = await _body(receive, LOGIN_BYTES)
        password = parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]
        if not await run_in_threadpool(verify_password, password, self._hash or ""):
            self._failures += 1
            if self._failures >= FREE_TRIES:
                self._closed_until = time.monotonic() + min(WAIT_S * 2 ** (self._failures - FREE_TRIES), MOST_WAIT_S)
            return HTMLResponse(login_page(languages, failed=True), 401)
        self._failures = 0
        response = RedirectResponse(root + "/", 303)
        response.set_cookie(
            COOKIE,
            self.sessions.start(),
            max_age=int(SESSION_S),
            path=root or "/",
            secure=scope.get("scheme") == "https",
            httponly=True,
            samesite="lax",
        )
        return response


def _unknown_caller(path: str) -> Response:
    if is_for_programs(path):
        words = "Send the token of this server as `Authorization: Bearer …`. 请在请求中带上令牌。"
        return refusal(path, 401, words, {"www-authenticate": "Bearer"})
    return refusal(path, 401, "Log in first.")


def _digest(token: str) -> bytes:
    """Return what tokens are compared as: of one length, whatever was sent."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _place_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower() or "null"
    except ValueError:  # "http://[": of no server
        return "null"


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


async def _body(receive: Receive, limit: int) -> bytes:
    body, more = b"", True
    while more and len(body) <= limit:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body if len(body) <= limit else b""
