"""Our own routes beside the page: originals, the documents tab, and the files that the page is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.staticfiles import StaticFiles

from index import YoujuError
from ui.file_names import LibraryError, not_written
from ui.page import documents, original
from ui.page.conversation import sample_list
from ui.page.reasons import reason_in
from ui.page.words import chosen_language, words

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ui.engine import Engine
    from ui.library import Library
    from ui.page.state import PageState

ASSETS = Path(__file__).parent / "assets"
MOST_STATES = 500
"""Uploads asked about at once."""


def add_routes(app: FastAPI, engine: Engine, library: Library | None, page_state: PageState) -> None:
    """Add the routes below ``/youju``; without a library nothing can be changed."""
    app.mount("/youju/assets", StaticFiles(directory=ASSETS), name="youju-assets")
    routes = APIRouter(prefix="/youju")

    @routes.get("/original")
    def show_original(document: str, start: int = 0, end: int = 0, language: str = "zh", *, framed: bool = False) -> HTMLResponse:
        chosen = chosen_language(language)
        found = engine.assistant().document(document)
        if found is None:
            return HTMLResponse(original.missing(chosen), 404, original.HEADERS)
        return HTMLResponse(original.original(found, start, end, chosen, is_framed=framed), headers=original.HEADERS)

    @routes.get("/samples")
    def show_samples(language: str = "zh") -> HTMLResponse:
        chosen = chosen_language(language)
        samples, are_all = page_state.samples(chosen)
        shown = sample_list(samples, chosen, are_all=are_all)
        return HTMLResponse(shown, headers={"cache-control": "no-store"})

    @routes.get("/library/rows")
    def show_rows(query: str = "", page: int = 0, language: str = "zh") -> HTMLResponse:
        try:
            known = engine.assistant().documents()
        except YoujuError:  # no index yet: an empty list says so
            known = []
        if library and (gone := library.gone()):
            known = [info for info in known if info.id not in gone]
        skipped = library.skipped() if library else ()
        shown = documents.rows(known, skipped, query, page, chosen_language(language), can_change=library is not None)
        return HTMLResponse(shown, headers={"cache-control": "no-store"})

    @routes.get("/library/work")
    def show_work(language: str = "zh") -> JSONResponse:
        if library is None:
            return JSONResponse({"running": False, "html": ""})
        work = library.work()
        return JSONResponse({"running": work.state == "running", "html": documents.work_line(work, chosen_language(language))})

    if library is not None:
        _add_changes(routes, library)
        _add_uploads(routes, library)
    app.include_router(routes)


def _add_changes(routes: APIRouter, library: Library) -> None:
    @routes.post("/library/rescan")
    def rescan() -> JSONResponse:
        library.rescan()
        return JSONResponse({})

    @routes.post("/library/cancel")
    def cancel() -> JSONResponse:
        library.cancel()
        return JSONResponse({})

    _add_trash(routes, library)


def _add_uploads(routes: APIRouter, library: Library) -> None:
    @routes.put("/library/upload")
    async def upload(request: Request, name: str, language: str = "zh") -> JSONResponse:
        uploads = library.uploads
        try:
            uploads.check_size(int(request.headers.get("content-length", "0") or 0))
            part, target = await run_in_threadpool(uploads.part_file, name)
            try:
                written = 0
                with part.open("wb") as file:
                    async for chunk in request.stream():
                        written = await run_in_threadpool(uploads.write, file, chunk, written)
                document = await run_in_threadpool(library.keep, part, target)
            finally:
                uploads.discard(part)
        except LibraryError as error:
            return _said(error, language)
        except OSError as error:  # a full disk shows when what was kept in memory is written
            return _said(not_written(error), language)
        except ClientDisconnect:  # the visitor cancelled; the part is gone already
            return JSONResponse({}, 499)
        return JSONResponse({"document": document})

    @routes.post("/library/uploads")
    def show_uploads(documents: Annotated[list[str], Body(max_length=MOST_STATES)], language: str = "zh") -> JSONResponse:
        chosen = chosen_language(language)
        states = library.upload_states(documents)
        return JSONResponse(
            {name: {"state": state.name, "reason": reason_in(chosen, state.reason)} for name, state in states.items()}
        )


def _add_trash(routes: APIRouter, library: Library) -> None:
    @routes.post("/library/delete")
    def delete(document: str, language: str = "zh") -> JSONResponse:
        chosen = chosen_language(language)
        try:
            trashed = library.delete(document)
        except LibraryError as error:
            return _said(error, language)
        library.rescan()
        said = words("deleted", chosen, name=document)
        return JSONResponse({"token": trashed.token, "said": said, "undo": words("undo", chosen)})

    @routes.post("/library/undo")
    def undo(token: str, language: str = "zh") -> JSONResponse:
        try:
            document = library.undo(token)
        except LibraryError as error:
            return _said(error, language)
        library.rescan()
        return JSONResponse({"said": words("undone", chosen_language(language), name=document)})


def _said(error: LibraryError, language: str) -> JSONResponse:
    values: dict[str, Any] = error.values
    return JSONResponse({"error": words(error.name, chosen_language(language), **values)}, 400)
