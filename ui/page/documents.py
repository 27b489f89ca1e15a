"""The documents tab as HTML: the frame once, the rows and the state of the work as they are asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ui.page.markup import foreign, original_link, recognition_mark, safe
from ui.page.reasons import reason_in
from ui.page.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index import DocumentInfo, Skipped, SyncReport
    from ui.library import Work
    from ui.page.words import Language

PAGE_ROWS = 50
SKIPPED_SHOWN = 200
UPLOAD_STATES = ("waiting", "uploading", "queued", "indexing", "searchable", "skipped", "cancelled", "failed")
_SCRIPT_WORDS = (
    *(f"upload_{name}" for name in UPLOAD_STATES),
    *("uploads", "upload_broken", "upload_hidden", "upload_stopped", "not_there", "too_large"),
    *("cancel", "cancel_named", "cancel_all", "clear_list", "sync_left", "seconds", "minutes"),
)
"""Words that the script puts into the list of uploads; it has none of its own."""


def frame(language: Language, *, can_change: bool, max_file_mb: float) -> str:
    """Return the tab without its rows, which the script fetches."""
    find = safe(words("find_documents", language))
    said = {name: words(name, language) for name in _SCRIPT_WORDS}
    said["too_large"] = words("too_large", language, limit=f"{max_file_mb:g}")
    if can_change:
        buttons = (
            f'<button type="button" class="solid" data-act="files">{safe(words("upload_files", language))}</button>'
            f'<button type="button" class="line" data-act="folder">{safe(words("upload_folder", language))}</button>'
            f'<button type="button" class="line" data-act="rescan">{safe(words("rescan", language))}</button>'
            '<input type="file" id="pick-files" multiple hidden><input type="file" id="pick-folder" webkitdirectory hidden>'
        )
        note = f'<p class="quiet drop">{safe(words("drop_here", language))}</p>'
    else:
        buttons, note = "", f'<p class="quiet count">{safe(words("read_only", language))}</p>'
    return (
        f'<section class="library" id="library" data-changes="{int(can_change)}" data-limit="{int(max_file_mb * 1e6)}" '
        f'data-words="{safe(json.dumps(said, ensure_ascii=False))}">'
        f'<div class="bar-top"><input type="search" id="find-documents" placeholder="{find}" aria-label="{find}">{buttons}</div>'
        f'{note}<div id="uploads"></div><div id="work" aria-live="polite"></div>'
        '<div id="undo" aria-live="polite"></div><div id="rows"></div></section>'
    )


def rows(
    documents: Sequence[DocumentInfo],
    skipped: Sequence[Skipped],
    query: str,
    page: int,
    language: Language,
    *,
    can_change: bool,
) -> str:
    """Return one page of the list.

    :param page: 0-based; one that lies past the end is the last.
    """
    wanted = query.casefold().strip()
    found = [d for d in documents if wanted in d.title.casefold() or wanted in d.id.casefold()]
    failed = [s for s in skipped if wanted in s.document.casefold()]
    last = max((len(found) - 1) // PAGE_ROWS, 0)
    page = min(max(page, 0), last)
    shown = found[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
    count = (
        words("count_found", language, found=len(found), count=len(documents))
        if wanted
        else words("count_documents", language, count=len(documents))
    )
    hint = f"<span>{safe(words('scope_hint', language))}</span>" if shown else ""
    return (
        f'<p class="quiet count"><span role="status">{safe(count)}</span>{hint}</p>'
        + _table(shown, language, "no_documents" if wanted else "no_documents_yet", can_change=can_change)
        + _turner(page, last, language)
        + _skipped(failed, language)
    )


def _table(shown: Sequence[DocumentInfo], language: Language, none: str, *, can_change: bool) -> str:
    if not shown:
        return f'<p class="empty">{safe(words(none, language))}</p>'
    heads = "".join(
        f'<th scope="col"{" class=figure" if name in ("pages", "passages") else ""}>{safe(words(name, language))}</th>'
        for name in ("title", "pages", "passages", "date")
    )
    body = "".join(_row(info, language, can_change=can_change) for info in shown)
    end = "<td></td>" if can_change else ""
    return f"<table><thead><tr><td></td>{heads}{end}</tr></thead><tbody>{body}</tbody></table>"


def _row(info: DocumentInfo, language: Language, *, can_change: bool) -> str:
    identifier = safe(info.id)
    choose = safe(words("scope_choose", language, name=info.id))
    link = (
        f'<a class="original" href="{safe(original_link(info.id, 0, 0, language))}" target="_blank" rel="noopener" '
        f'data-title="{safe(info.title)}">{foreign(info.title)}</a>'
    )
    remove = ""
    if can_change:
        ask = safe(words("delete_ask", language, name=info.id))
        name = safe(words("delete_named", language, name=info.id))
        remove = (
            f'<td><button type="button" class="plain" data-act="delete" data-document="{identifier}" data-ask="{ask}" '
            f'aria-label="{name}">{safe(words("delete", language))}</button></td>'
        )
    mark = "" if info.recognition_confidence is None else recognition_mark(info.recognition_confidence, language)
    return (
        f'<tr data-document="{identifier}"><td><input type="checkbox" class="choose" data-document="{identifier}" '
        f'aria-label="{choose}" title="{choose}"></td>'
        f'<td class="name">{link}<span class="file">{foreign(info.id)}</span>{mark}</td>'
        f'<td class="figure">{info.pages or ""}</td><td class="figure">{info.passages}</td>'
        f'<td class="date">{safe(info.date or "")}</td>{remove}</tr>'
    )


def _turner(page: int, last: int, language: Language) -> str:
    if not last:
        return ""
    before = f'<button type="button" class="line" data-act="turn" data-page="{page - 1}"{"" if page else " disabled"}>'
    after = f'<button type="button" class="line" data-act="turn" data-page="{page + 1}"{"" if page < last else " disabled"}>'
    return (
        f'<p class="turner">{before}{safe(words("previous", language))}</button> {page + 1} / {last + 1} '
        f"{after}{safe(words('next', language))}</button></p>"
    )


def _skipped(failed: Sequence[Skipped], language: Language) -> str:
    if not failed:
        return ""
    items = "".join(
        f"<li><b>{foreign(s.document)}</b><span>{foreign(reason_in(language, s.reason))}</span></li>"
        for s in failed[:SKIPPED_SHOWN]
    )
    title = safe(words("skipped_title", language, count=len(failed)))
    return f'<details class="skipped" open><summary>{title}</summary><ul>{items}</ul></details>'


def work_line(work: Work, language: Language) -> str:
    """Return the state of the sync as one line, empty where there was none."""
    if work.state == "none":
        return ""
    if work.state == "running":
        name = f"sync_{work.stage}"
        text = words(name, language, done=work.done, total=work.total)
        more = []
        if work.rate:
            more.append(words("sync_rate", language, rate=f"{work.rate:.0f}"))
        if work.left_s is not None:
            more.append(words("sync_left", language, left=duration(work.left_s, language)))
        bar = f'<progress value="{work.done}" max="{work.total}" aria-label="{safe(text)}"></progress>' if work.total else ""
        stop = f'<button type="button" class="plain" data-act="cancel">{safe(words("sync_stop", language))}</button>'
        return f'<p class="work running">{safe(" · ".join([text, *more]))}{bar}{stop}</p>'
    if work.state == "failed":
        return f'<p class="work failed" role="alert">{safe(words("sync_failed", language, reason=work.reason))}</p>'
    if work.state == "cancelled" or work.report is None:
        return f'<p class="work">{safe(words("sync_cancelled", language))}</p>'
    return f'<p class="work">{safe(_done(work.report, language))}</p>'


def _done(report: SyncReport, language: Language) -> str:
    """Return what a sync has changed; what stayed as it was is the count above the list."""
    counts = {"added": report.added, "changed": report.changed, "removed": report.removed, "renamed": report.renamed}
    said = [words(f"sync_{name}", language, documents=_documents(n, language)) for name, n in counts.items() if n]
    return (
        words("sync_done", language, changes=("，" if language == "zh" else ", ").join(said))
        if said
        else words("sync_same", language)
    )


def _documents(count: int, language: Language) -> str:
    return words("one_document" if count == 1 else "some_documents", language, n=f"{count:,}")


def duration(seconds: float, language: Language) -> str:
    """Return a time as a person says it."""
    if seconds < 90:
        return words("seconds", language, n=max(round(seconds), 1))
    return words("minutes", language, n=round(seconds / 60))
