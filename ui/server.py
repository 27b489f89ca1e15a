"""The server: the page with its routes, the doors for programs, and one guard before all of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from index import SettingsError, YoujuError
from ui.engine import Engine
from ui.hosts import is_loopback, known_hosts
from ui.library import Library
from ui.limits import Limits, Work
from ui.page.routes import add_routes
from ui.page.shell import Shell
from ui.page.state import PageState
from ui.passwords import hash_password, is_hashed
from ui.problems import HEALTH_PATH, is_for_programs, path_below_root
from ui.programs import create_programs
from ui.security import Guard
from ui.watching import follow

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from index import Settings


OWN_PATH = "/youju"
OWN_ROUTES = ("login", "logout", "assets/", "original", "samples", "library/")
"""What the page asks for below :data:`OWN_PATH`."""


class SubPath:
    """Serves below a sub-path, whether the proxy in front leaves it in the address or takes it off."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        """Wrap ``app``; ``root_path`` is ``""`` or ``/like/this``."""
        self._app = app
        self._root = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the sub-path where the application looks for it."""
        if self._root and scope["type"] in ("http", "websocket"):
            path = str(scope["path"])
            if path == self._root and scope["type"] == "http":  # relative addresses need the slash
                headers = [(b"location", f"{self._root}/".encode()), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 308, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
            whole = path if self._is_whole(path) else self._root + path
            scope = {**scope, "root_path": self._root, "path": whole, "raw_path": whole.encode()}
        await self._app(scope, receive, send)

    def _is_whole(self, path: str) -> bool:
        """Tell whether a proxy left the sub-path in; one that is named as our own routes are could be taken for it."""
        below = path.removeprefix(self._root + "/")
        return below != path and not (self._root == OWN_PATH and below.startswith(OWN_ROUTES))


class Doors:
    """Sends the requests of programs to their application, and all others to the page's."""

    def __init__(self, programs: ASGIApp, page: ASGIApp) -> None:
        self._programs = programs
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; start and end are the programs' application's, which takes the page's along."""
        is_lifespan = scope["type"] == "lifespan"
        path = "" if is_lifespan else path_below_root(scope)
        app = self._programs if is_lifespan or path == HEALTH_PATH or is_for_programs(path) else self._page
        await app(scope, receive, send)


def create_app(
    engine: Engine,
    library: Library | None = None,
    *,
    host: str = "127.0.0.1",
    password: str | None = None,
    root_path: str = "",
) -> ASGIApp:
    """Return the whole application, guard included.

    :param library: the folder that the documents tab changes; without one the tab is read-only.
    :param password: the password or, better, what :func:`ui.security.hash_password` makes of it.
    """
    from ui.page.blocks import add_page  # takes seconds: only a server pays for it

    root = clean_root(root_path)
    app = FastAPI(title="Youju", docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(YoujuError)
    def said(_: object, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 503)

    page = PageState(engine, can_change=library is not None, has_password=password is not None)
    add_routes(app, engine, library, page)
    work = Work(engine.settings)
    add_page(app, engine, page, work, root)
    hashed = password if password is None or is_hashed(password) else hash_password(password)
    doors = Doors(create_programs(engine, library, app, work), Shell(app))
    settings = engine.settings
    return SubPath(Guard(doors, known_hosts(host), hashed, settings.token, Limits(settings)), root)


def clean_root(root_path: str) -> str:
    """Return a sub-path as ``/like/this``, or ``""`` for none."""
    root = root_path.strip().strip("/")
    return f"/{root}" if root else ""


def check_address(host: str, password: str | None, *, allow_remote: bool) -> None:
    """Refuse to serve documents to a network by accident.

    :raises SettingsError: other computers could reach the server, and neither a password nor the word for it was given.
    """
    if password == "":
        raise SettingsError("the password is empty. Give one, or leave the setting out.")
    if not is_loopback(host) and password is None and not allow_remote:
        raise SettingsError(
            f"on {host} other computers can reach this server, and everybody could read your documents. "
            "Set a password (YOUJU_PASSWORD), or say --allow-remote if that is meant."
        )


def serve(
    docs: Path | None,
    index: Path,
    host: str,
    port: int,
    password: str | None,
    allow_remote: bool,
    root_path: str = "",
    settings: Settings | None = None,
    *,
    watch: bool = False,
) -> None:
    """Serve the page and the doors for programs until it is stopped.

    :param docs: the folder of documents, brought into step at the start; ``None`` makes the documents tab read-only.
    :param watch: bring the index into step at every change of the folder.
    :raises SettingsError: the address is open to others without a password.
    :raises YoujuError: without ``docs``, there is no index that could be used.
    """
    check_address(host, password, allow_remote=allow_remote)
    engine = Engine(index, settings)
    library = Library(docs.resolve(), engine) if docs is not None else None
    if library is None:
        engine.assistant()
    elif watch:
        threading.Thread(
            target=follow, args=(library, index, engine.settings, threading.Event()), name="youju-watch", daemon=True
        ).start()
    else:
        library.rescan()
    app = create_app(engine, library, host=host, password=password, root_path=root_path)
    threading.Thread(target=engine.warm, name="youju-warm", daemon=True).start()
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)
