"""What every answer tells the browser: nothing of it may reach another host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import Message, Send

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


def with_headers(send: Send) -> Send:
    """Return a ``send`` that adds them where a route has not said otherwise."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
