"""Every word of the page's own, in the languages it speaks. Names of documents and their text are never in here."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "tagline": ("每一句回答，都有原文为据", "Every statement rests on the exact words"),
    "tab_chat": ("提问", "Ask"),
    "tab_documents": ("文档", "Documents"),
    "other_language": ("English", "中文"),
    "log_out": ("退出", "Log out"),
    "ask_placeholder": ("就您的文档提问，按回车发送", "Ask about your documents and press Enter"),
    "question": ("问题", "Question"),
    "send": ("发送", "Send"),
    "new_chat": ("新对话", "New chat"),
    "welcome": ("想从文档里知道什么？", "What would you like to know from your documents?"),
    "welcome_more": (
        "有据只根据这 {count} 份文档回答，并标出原文出处；文档里没有的，会直说没有。",
        "Youju answers only from these {count} documents and shows the source of each statement. "
        "Where they do not say, it tells you so.",
    ),
    "welcome_empty": (
        "还没有文档。请到“文档”页上传，或把文件放进文档文件夹后重新扫描。",
        "There are no documents yet. Upload some under “Documents”, or put files into the folder and rescan.",
    ),
    "samples": ("可以这样问", "For example"),
    "you": ("您问", "You asked"),
    "stage_search": ("正在检索段落", "Searching passages"),
    "stage_read": ("正在阅读段落", "Reading passages"),
    "stage_write": ("正在写出回答", "Writing the answer"),
    "stage_start": ("正在准备", "Getting ready"),
    "stage_wait": ("正在排队", "Waiting in line"),
    "state_answered": ("已回答", "Answered"),
    "state_disagreement": ("说法不一致", "Documents disagree"),
    "state_not_found": ("没有找到答案", "No answer found"),
    "state_chat": ("对话", "Chat"),
    "state_error": ("出错了", "Something went wrong"),
    "not_found": (
        "没有在文档里找到答案。可以查看最接近的段落，仅供参考。",
        "No answer was found in the documents. The nearest passages are there to look at.",
    ),
    "ask_again": ("重新提问", "Ask again"),
    "error_unknown": (
        "这次没能回答。请再试一次；如果仍然出错，请查看服务器的日志。",
        "This question could not be answered. Try again; if it fails again, look at the server's log.",
    ),
    "error_busy": ("现在提问的人太多，请稍后再试。", "Too many questions at the moment. Try again shortly."),
    "error_question": ("这个问题无法提交，请改写后再试。", "This question cannot be asked. Change it and try again."),
    "offline": (
        "没有收到回答，服务器可能已停止或正忙。请稍后再试。",
        "No answer came: the server may have stopped or be busy. Try again in a moment.",
    ),
    "error_index": (
        "现在还没有可用的索引。请在“文档”页重新扫描，完成后再问。",
        "There is no usable index yet. Rescan under “Documents” and ask again when it is done.",
    ),
    "confidence": ("把握 {value}", "confidence {value}"),
    "confidence_about": ("文档能回答这个问题的概率", "The probability that the documents answer the question"),
    "disagreement": ("请对照出处，逐一核对。", "Compare the sources of each."),
    "unsupported": ("（没有原文支持）", " (not supported by the documents)"),
    "copy": ("复制（含出处）", "Copy with sources"),
    "copied": ("已复制", "Copied"),
    "show_evidence": ("查看出处（{count}）", "Show sources ({count})"),
    "show_nearest": ("查看最接近的段落（{count}）", "Show the nearest passages ({count})"),
    "marker": ("出处 {number}：{title}", "Source {number}: {title}"),
    "back_to_answer": ("回到回答中的标记 {number}", "Back to marker {number} in the answer"),
    "evidence": ("出处", "Sources"),
    "evidence_for": ("针对：{question}", "For: {question}"),
    "evidence_none": (
        "提问之后，回答所依据的原文会显示在这里。",
        "The words that an answer rests on will appear here.",
    ),
    "evidence_pending": (
        "正在查找，回答所依据的原文会显示在这里。",
        "Searching. The words that the answer rests on will appear here.",
    ),
    "evidence_chat": ("这一轮没有引用文档。", "This turn cites no document."),
    "nearest": ("最接近的段落（仅供参考）", "Nearest passages (for reference)"),
    "again": ("几乎相同的文字还见于：", "Nearly the same words also stand in:"),
    "also_found": ("同时找到但未引用的段落（{count}）", "Also found, but not cited ({count})"),
    "more_nearest": ("更多接近的段落（{count}）", "More passages ({count})"),
    "original": ("原文", "Original"),
    "original_of": ("在原文中查看：{title}", "See it in the original: {title}"),
    "page": ("第 {page} 页", "page {page}"),
    "by_meaning": ("语义", "Meaning"),
    "by_keywords": ("关键词", "Keywords"),
    "bars_about": ("与本次找到的其他段落相比", "Compared with the other passages found"),
    "close": ("关闭", "Close"),
    "scope": ("只查所选的 {count} 份文档", "Asking only the {count} chosen documents"),
    "scope_named": ("只查：{titles}", "Asking only: {titles}"),
    "scope_clear": ("改查全部文档", "Ask all documents"),
    "scope_hint": ("勾选文档后，提问时只查这些文档", "Tick documents to ask only those"),
    "jump_to_quote": ("跳到引用处", "Go to the quote"),
    "earlier_part": ("前一部分", "Earlier part"),
    "later_part": ("后一部分", "Later part"),
    "gone": (
        "这份文档已不在索引里，可能已被删除或改名。请重新提问。",
        "This document is no longer in the index; it may have been deleted or renamed. Ask again.",
    ),
    # --- documents
    "find_documents": ("按标题、文件名或文件夹查找", "Find by title, file name or folder"),
    "upload_files": ("上传文件", "Upload files"),
    "upload_folder": ("上传文件夹", "Upload a folder"),
    "rescan": ("重新扫描", "Rescan"),
    "read_only": (
        "只读：可以查看和提问，不能上传或删除。如需更改，请联系管理员。",
        "Read-only: you can look and ask, but not upload or delete. Ask your administrator for changes.",
    ),
    "title": ("标题", "Title"),
    "pages": ("页数", "Pages"),
    "passages": ("段落", "Passages"),
    "date": ("日期", "Date"),
    "recognised": ("文字由图片识别，把握 {confidence}", "recognised from pictures, {confidence} sure"),
    "recognised_doubtful": (
        "文字由图片识别，把握只有 {confidence}，请对照原件",
        "recognised from pictures, only {confidence} sure: compare the original",
    ),
    "recognised_about": (
        "这份文档有图片页，其文字是识别出来的，可能有错字",
        "Some pages of this document are pictures; their text was recognised and may have errors",
    ),
    "delete": ("删除", "Delete"),
    "delete_named": ("删除 {name}", "Delete {name}"),
    "delete_ask": (
        "删除“{name}”？文件会移到回收处，可以撤销。",
        "Delete “{name}”? The file is moved to a trash folder; this can be undone.",
    ),
    "deleted": ("已删除“{name}”。", "Deleted “{name}”."),
    "undo": ("撤销删除", "Undo delete"),
    "undone": ("已恢复“{name}”。", "Restored “{name}”."),
    "cancel": ("取消", "Cancel"),
    "scope_choose": ("提问时只查这份文档：{name}", "Ask only this document: {name}"),
    "no_documents": ("没有符合的文档。", "No document matches."),
    "no_documents_yet": ("还没有文档。", "There are no documents yet."),
    "count_documents": ("{count} 份文档", "{count} documents"),
    "one_document": ("{n} 份", "{n} document"),
    "some_documents": ("{n} 份", "{n} documents"),
    "count_found": ("找到 {found} 份，共 {count} 份", "{found} of {count} documents"),
    "skipped_title": ("跳过的文件（{count}）", "Skipped files ({count})"),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "drop_here": ("把文件或文件夹拖到这里上传", "Drop files or folders here to upload"),
    "sync_scan": ("正在扫描文件夹", "Scanning the folder"),
    "sync_model": ("正在准备模型（只需一次）", "Preparing the model (once)"),
    "sync_read": ("正在读取 {done} / {total}", "Reading {done} of {total}"),
    "sync_embed": ("正在建立索引 {done} / {total}", "Indexing {done} of {total}"),
    "sync_write": ("正在写入索引", "Writing the index"),
    "sync_rate": ("每秒 {rate} 段", "{rate} passages/s"),
    "sync_left": ("约剩 {left}", "about {left} left"),
    "sync_done": ("索引已更新：{changes}。", "The index is up to date: {changes}."),
    "sync_same": ("索引与文件夹一致，没有变化。", "The index matches the folder; nothing has changed."),
    "sync_added": ("新增 {documents}", "{documents} added"),
    "sync_changed": ("修改 {documents}", "{documents} changed"),
    "sync_removed": ("移除 {documents}", "{documents} removed"),
    "sync_renamed": ("改名 {documents}", "{documents} renamed"),
    "sync_cancelled": (
        "已停止。已经处理的部分会保留，重新扫描会接着做。",
        "Stopped. What was done is kept; a rescan goes on from there.",
    ),
    "sync_stop": ("停止扫描", "Stop scanning"),
    "sync_failed": ("没有完成：{reason}", "Not finished: {reason}"),
    "seconds": ("{n} 秒", "{n} s"),
    "minutes": ("{n} 分钟", "{n} min"),
    "uploads": ("上传", "Uploads"),
    "upload_waiting": ("等待", "Waiting"),
    "upload_uploading": ("上传中", "Uploading"),
    "upload_queued": ("排队", "In line"),
    "upload_indexing": ("处理中", "Indexing"),
    "upload_searchable": ("可检索", "Searchable"),
    "upload_skipped": ("已跳过", "Skipped"),
    "upload_cancelled": ("已取消", "Cancelled"),
    "upload_failed": ("失败", "Failed"),
    "upload_broken": ("没有传完，请再试一次。", "It did not get through. Try again."),
    "upload_hidden": ("隐藏文件不上传。", "Hidden files are not uploaded."),
    "upload_stopped": (
        "文件已上传，但更新索引被取消；重新扫描会接着做。",
        "The file is there, but indexing was cancelled; a rescan goes on from there.",
    ),
    "cancel_named": ("取消上传 {name}", "Cancel uploading {name}"),
    "cancel_all": ("全部取消", "Cancel all"),
    "clear_list": ("清空列表", "Clear list"),
    # --- errors of the documents tab
    "too_large": ("文件超过 {limit} MB 的上限。", "The file is larger than the limit of {limit} MB."),
    "bad_name": ("文件名不能使用。", "This file name cannot be used."),
    "ignored_name": (
        "按这个名字，它是系统或编辑器留下的临时文件，不会被收录。",
        "By its name this is a file that a system or an editor leaves behind; such files are not taken up.",
    ),
    "not_written": (
        "无法写入文件夹：{reason}。请检查磁盘空间和权限后再试。",
        "The folder cannot be written: {reason}. Check the space and the rights, then try again.",
    ),
    "not_there": ("文件已不在文件夹里，请重新扫描。", "The file is no longer in the folder. Rescan."),
    "undo_taken": ("原来的位置已有同名文件，无法恢复。", "There is a file of this name again; it cannot be restored."),
    # --- login
    "password": ("密码", "Password"),
    "log_in": ("登录", "Log in"),
    "wrong_password": ("密码不对，请重试。", "Wrong password. Try again."),
    "wait_login": ("尝试次数过多，请 {n} 秒后再试。", "Too many tries. Try again in {n} s."),
}


def words(name: str, language: Language, /, **values: object) -> str:
    """Return what the page says, with values put in. Not escaped."""
    text = _WORDS[name][0 if language == "zh" else 1]
    return text.format(**values) if values else text


def language_from(accept_language: str) -> Language:
    """Return the first of our languages that a browser asks for; Chinese where it asks for none of them."""
    for part in accept_language.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh" if not accept_language.strip() or accept_language.strip() == "*" else "en"


def chosen_language(name: str | None) -> Language:
    """Return a language by name; Chinese for anything else."""
    return "en" if name == "en" else "zh"
