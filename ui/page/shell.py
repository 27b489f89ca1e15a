"""The HTML file that the framework sends, made ours: our style and script from the first byte on, no address of another host."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from ui.page.routes import ASSETS
from ui.page.words import language_from

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS = ("page.js", "documents.js", "uploads.js", "asking.js")
"""In the order they run in: the first has what the others share."""
_FOREIGN_META = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')
_FOREIGN_LINK = re.compile(r'<(?:link|script)\b[^>]*(?:href|src)="(?:https?:)?//[^>]*>(?:</script>)?')


class Shell:
    """Rewrites the one HTML file of the page, and passes everything else on untouched."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "GET" or _below_root(scope) != "/":
            await self._app(scope, receive, send)
            return
        languages = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        started: Message | None = None
        body = b""

        async def held(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or started is None:
                return
            headers = MutableHeaders(scope=started)
            if headers.get("content-type", "").startswith("text/html"):
                body = rewritten(body.decode("utf-8"), languages).encode("utf-8")
                headers["content-length"] = str(len(body))
                headers["cache-control"] = "no-store"
            await send(started)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, held)


def _below_root(scope: Scope) -> str:
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    return path[len(root) :] if root and path.startswith(root + "/") else path


def rewritten(html: str, languages: str) -> str:
    """Return the page's HTML with our own head and without what points at other hosts."""
    html = _FOREIGN_LINK.sub("", _FOREIGN_META.sub("", html))
    language = "zh-CN" if language_from(languages) == "zh" else "en"
    html = html.replace('lang="en"', f'lang="{language}"', 1)
    # before the title: the base address stands above it already
    return html.replace("</head>", f"{_head()}</head>", 1)


@cache
def _head() -> str:
    def versioned(name: str) -> str:
        return f"youju/assets/{name}?{sha256((ASSETS / name).read_bytes()).hexdigest()[:12]}"

    scripts = "".join(f'<script src="{versioned(name)}" defer></script>' for name in SCRIPTS)
    return (
        f'<link rel="stylesheet" href="{versioned("page.css")}">'
        f'<link rel="icon" href="{versioned("icon.svg")}" type="image/svg+xml">'
        f"{scripts}"
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="same-origin">'
    )
