"""Why a file was skipped or a question refused, said in the visitor's language; the library itself says it in English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.page.words import Language

_CHINESE: tuple[tuple[str, str], ...] = (
    (r"it is empty", "文件是空的。"),
    (r"it holds no text", "文件里没有文字。"),
    (r"it holds no readable HTML", "文件里没有可读的 HTML。"),
    (r"it is a picture: .*", "这是图片：请安装文字识别扩展 youju[ocr]，或把其中的文字另存为文本文件。"),
    (r"it is not a valid picture.*", "不是有效的图片，或已损坏：请重新保存。"),
    (r"no text is recognised in this picture", "图片里没有识别出文字。"),
    (r"pictures of the type (.+) are not read: .*", "不支持 {0} 格式的图片：请另存为 png 或 jpg。"),
    (r"files of the type (.+) are not read: .*", "不支持 {0} 格式：请另存为 txt、docx 或 pdf。"),
    (r"files without an ending are not read: .*", "文件没有扩展名：请另存为 txt、docx 或 pdf。"),
    (
        r"its text has ([\d,]+) characters, more than the limit of ([\d,]+) .*",
        "文字有 {0} 个字符，超过 {1} 的上限（max_text_mb）。",
    ),
    (r"it has (\d+) MB, more than the limit of ([\d.]+) .*", "文件有 {0} MB，超过 {1} MB 的上限（max_file_mb）。"),
    (
        r"unpacked it has ([\d,]+) MB, more than the limit of ([\d,]+) .*",
        "解压后有 {0} MB，超过 {1} MB 的上限（max_unpacked_mb）。",
    ),
    (r"it cannot be opened: (.+)", "文件打不开：{0}。"),
    (r"it cannot be looked at: (.+)", "文件打不开：{0}。"),
    (r"the folder cannot be listed: (.+)", "文件夹打不开：{0}。"),
    (r"reading it took longer than ([\d.]+) seconds .*", "读取超过 {0} 秒，已放弃（parse_seconds）。"),
    (r"reading it takes more memory .*", "读取所需的内存超过上限（parse_memory_mb）。"),
    (r"its parser crashed \((.*)\): .*", "解析时崩溃（{0}）：文件已损坏，或所需内存超过上限（parse_memory_mb）。"),
    (r"its structure is nested too deeply", "文件结构嵌套太深。"),
    (r"it cannot be read, it is probably damaged \((.*)\)", "无法读取，文件很可能已损坏（{0}）。"),
    (r"it cannot be read as (.+): it is damaged .*", "无法按 {0} 读取：文件已损坏，或扩展名与内容不符。"),
    (r"it is encrypted, or an old \.doc .*", "文件已加密，或是改了名的旧版 .doc：请另存为不带密码的 .docx。"),
    (r"it is encrypted: .*", "文件已加密：请另存一份不带密码的。"),
    (r"it is not a valid Word document.*", "文件已损坏，或不是有效的 Word 文档：请用 Word 或 WPS 另存后再上传。"),
    (r"it is not a valid PowerPoint file.*", "文件已损坏，或不是有效的 PowerPoint 文件：请用 PowerPoint 或 WPS 另存后再上传。"),
    (r"it is not a valid workbook.*", "文件已损坏，或不是有效的 Excel 工作簿：请用 Excel 或 WPS 另存后再上传。"),
    (r"it is not an e-mail message.*", "不是电子邮件，或已损坏：请从邮件程序重新保存。"),
    (r"it is not a valid EPUB book.*", "不是有效的 EPUB 电子书，或已损坏：请重新保存。"),
    (r"it is not a valid PDF.*", "不是有效的 PDF，或已损坏：请打开后重新保存。"),
    (r"it has changed since it was indexed.*", "文件在建立索引之后改过：请重新扫描。"),
    (r"one of its pages is damaged.*", "其中一页已损坏：请打开后重新保存。"),
    (r"its pages are pictures \(a scan\) without any text.*", "页面是图片（扫描件），没有识别出文字。"),
    (r"its pages are pictures \(a scan\): .*", "页面是图片（扫描件）：请安装文字识别扩展 youju[ocr]，或先做文字识别。"),
    (r"some of its pages were recognised.*", "其中有识别出来的页面，无法标出位置。"),
    (r"it is not text, whatever its name says.*", "内容是二进制数据，并不是文本。"),
    (r"its name is not valid UTF-8.*", "文件名不是有效的 UTF-8：请改名。"),
    (r"it is a link to a place outside the folder", "这是指向文件夹之外的链接。"),
    (r"another file has the same name in another Unicode form.*", "另一个文件与它同名（Unicode 写法不同）：请给其中一个改名。"),
    (r"it is not a regular file", "不是普通文件。"),
    (r"the question is empty.*", "问题是空的。"),
    (r"the question has (\d+) characters; at most (\d+) .*", "问题有 {0} 个字符，最多 {1} 个。"),
)
_MATCHERS = tuple((re.compile(pattern, re.DOTALL), said) for pattern, said in _CHINESE)


def reason_in(language: Language, reason: str) -> str:
    """Return a reason in a language; what nobody has translated stays as it is."""
    if language == "zh":
        for matcher, said in _MATCHERS:
            found = matcher.fullmatch(reason)
            if found:
                return said.format(*found.groups())
    return reason
