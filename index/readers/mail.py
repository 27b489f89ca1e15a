"""E-mail: the message is the first page, every attachment that can be read another one with its name."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.readers.decoding import decode
from index.readers.formats import parse
from index.readers.html import html_to_text
from index.readers.parsed import Parsed, join_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
MOST_PARTS = 100
"""Attachments that are read of one message, mails within it included."""


def read_mail(content: bytes) -> Parsed:
    """Return the message with its attachments; one that cannot be read is named with the reason.

    :raises ReadError: it is not an e-mail.
    """
    message = email.message_from_bytes(content, EmailMessage, policy=email.policy.default)
    if not any(message[name] for name in _SHOWN):
        raise ReadError("it is not an e-mail message, or it is damaged: save it again from the mail program")
    head = [f"{name}: {value}" for name in _SHOWN if (value := " ".join(str(message[name] or "").split()))]
    parts = [("\n".join(head) + "\n\n" + _body(message), None), *_attachments(message)]
    text, pages = join_pages(parts)
    return Parsed(text, str(message["Subject"] or "") or None, pages if len(parts) > 1 else (), date=_date(message))


def _body(message: EmailMessage) -> str:
    """Return the words of the message, and of further texts between its attachments."""
    body = message.get_body(("plain", "html"))
    further = [part for part in _leaves(message, body) if not _name(part) and part.get_content_maintype() == "text"]
    return "\n\n".join(text for part in ([body] if body else []) + further if (text := _words(part)))


def _words(part: MIMEPart) -> str:
    text = _text(part)
    return html_to_text(text) if part.get_content_type() == "text/html" else text.replace("\r\n", "\n").strip()


def _leaves(part: MIMEPart, body: MIMEPart | None, *, in_alternative: bool = False) -> Iterator[EmailMessage]:
    """Yield the parts of a message, however deep, but for its body and other forms of that; mails within it stay whole."""
    if part.get_content_maintype() == "multipart":
        in_alternative = in_alternative or part.get_content_type() == "multipart/alternative"
        for inner in part.iter_parts():
            yield from _leaves(inner, body, in_alternative=in_alternative)
    elif part is not body and (_name(part) or not in_alternative):
        assert isinstance(part, EmailMessage), "the parser was told to make these"
        yield part


def _name(part: MIMEPart) -> str:
    return part.get_filename() or ("message.eml" if part.get_content_type() == "message/rfc822" else "")


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    return decode(payload, part.get_content_charset()).text if isinstance(payload, bytes) and payload else ""


def _attachments(message: EmailMessage) -> Iterator[tuple[str, str | None]]:
    # what has no name is a picture within the text, or text
    named = (part for part in _leaves(message, message.get_body(("plain", "html"))) if _name(part))
    for number, part in enumerate(named):
        if number == MOST_PARTS:
            yield f"(Only the first {MOST_PARTS} attachments are read.)", "…"
            return
        name = _name(part)
        yield f"{name}\n{_attached(name, part)}", name


def _attached(name: str, part: EmailMessage) -> str:
    inner = part.get_payload() if part.get_content_type() == "message/rfc822" else None
    content = (
        inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], EmailMessage) else part.get_payload(decode=True)
    )
    if not isinstance(content, bytes) or not content.strip():
        return "(It is empty.)"
    try:
        return parse(name, content).text
    except ReadError as error:
        return f"(Not read: {error}.)"


def _date(message: EmailMessage) -> str | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).date().isoformat()
    except ValueError:
        return None
