"""Who may come in: one guard before every route, a password where one is set, Host and Origin of every request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
import socket
import time
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from ui.page.login import login_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "youju_visit"
SESSION_S = 12 * 3600.0
OPEN_PATHS = frozenset({"/healthz"})
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
SECURITY_HEADERS = {
    # the framework's own start-up code is inline and compiles templates; what matters is that nothing reaches another host
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; frame-ancestors 'self'; object-src 'none'; form-action 'self'; base-uri 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with "no-referrer" a form's own Origin would be "null"
    "cross-origin-opener-policy": "same-origin",
    "x-dns-prefetch-control": "off",
}
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**14, 8, 1
"""16 MB and about 50 ms a try: the figures RFC 7914 names for interactive logins."""


def hash_password(password: str) -> str:
    """Return ``scrypt$n$r$p$salt$hash``, which can be kept in a settings file in place of the password."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P)
    encoded = (base64.b64encode(part).decode() for part in (salt, digest))
    return "$".join(("scrypt", str(_SCRYPT_N), str(_SCRYPT_R), str(_SCRYPT_P), *encoded))


def is_hashed(password: str) -> bool:
    """Tell whether a setting holds the hash of a password and not the password."""
    return password.startswith("scrypt$") and password.count("$") == 5


def verify_password(password: str, hashed: str) -> bool:
    """Compare in constant time; a damaged hash lets nobody in."""
    try:
        _, n, r, p, salt, digest = hashed.split("$")
        expected = base64.b64decode(digest, validate=True)
        given = _scrypt(password, base64.b64decode(salt, validate=True), int(n), int(r), int(p))
    except ValueError:
        return False
    return hmac.compare_digest(given, expected)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r * p, dklen=32)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this computer only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def known_hosts(host: str) -> frozenset[str]:
    """Return the names under which a server bound to ``host`` may be called; a page of another name is a rebinding attack."""
    names = {"localhost", "127.0.0.1", "::1"}
    if not is_loopback(host):
        names |= {host, socket.gethostname().lower()}
    return frozenset(names)


@dataclass(slots=True)
class Sessions:
    """Visits that gave the password, in memory: a restart asks again."""

    _until: dict[str, float] = field(default_factory=dict)

    def start(self) -> str:
        """Return the token of a new session."""
        now = time.monotonic()
        self._until = {token: until for token, until in self._until.items() if until > now}
        token = secrets.token_urlsafe(32)
        self._until[token] = now + SESSION_S
        return token

    def holds(self, token: str) -> bool:
        """Tell whether a token belongs to a session that is not over."""
        return self._until.get(token, 0.0) > time.monotonic()

    def end(self, token: str) -> None:
        """Forget a session."""
        self._until.pop(token, None)


class Guard:
    """The one ASGI door before every route. Closed but for ``/healthz`` and the login when there is a password."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], password_hash: str | None = None) -> None:
        """Guard ``app``.

        :param hosts: names in ``Host`` that are accepted. With a password any name is: a rebinding page has no session.
        """
        self._app = app
        self._hosts = hosts
        self._hash = password_hash
        self.sessions = Sessions()
        self._failures, self._closed_until = 0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = _path_below_root(scope)
        refused = self._refusal(scope, headers, path)
        if refused is None and self._hash is not None and path not in OPEN_PATHS:
            refused = await self._asked_for_password(scope, receive, headers, path)
        if refused is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refused(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers, path: str) -> Response | None:
        host = headers.get("host", "")
        if self._hash is None and _name_of(host) not in self._hosts and path not in OPEN_PATHS:
            return PlainTextResponse("This name is not one of this server's. 此地址不是本服务的地址。", 403)
        is_unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        if is_unsafe and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return PlainTextResponse("Requests of other sites are refused. 拒绝其他网站发来的请求。", 403)
        if headers.get("sec-fetch-site") == "cross-site" and (is_unsafe or headers.get("sec-fetch-mode") != "navigate"):
            return PlainTextResponse("Requests of other sites are refused. 拒绝其他网站发来的请求。", 403)
        if path.startswith(CLOSED_PREFIXES):
            return PlainTextResponse("Not found.", 404)
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
            return RedirectResponse(root + LOGIN_PATH, 303) if wants_page else PlainTextResponse("Log in first.", 401)
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


def _path_below_root(scope: Scope) -> str:
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    below = path[len(root) :] if root and path.startswith(root + "/") else path
    return "/" + below.lstrip("/")


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


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
