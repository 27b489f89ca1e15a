"""What goes in and out of the REST door, as models: they check requests and describe answers on the OpenAPI page."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_TURNS = 100
MOST_GLOBS = 1_000
MOST_HITS = 100
EXAMPLE = "青澜水库是哪一年建成的？"


def _whole(text: str) -> str:
    """Refuse half of a character (a lone surrogate), which JSON can spell and no answer could repeat."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds half of a surrogate pair")
    return text


Words = Annotated[str, AfterValidator(_whole)]
_NOT_BLANK = {"minLength": 1, "pattern": r"[^\s\x00]"}
"""Only said here: :func:`ui.limits.check_question` refuses a blank question in words."""

Question = Annotated[Words, Field(description="At most `question_characters` long.", json_schema_extra=_NOT_BLANK)]
Glob = Annotated[Words, Field(max_length=1_000)]
Globs = Annotated[
    list[Glob] | None,
    Field(max_length=MOST_GLOBS, description="Search only documents whose id matches one of these globs.", examples=[["*"]]),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")  # a misspelt name would otherwise be a filter that does nothing


class Earlier(_Request):
    """One earlier question with its answer."""

    question: Words
    answer: Words


class AskRequest(_Request):
    """A question, with what it refers back to."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"question": EXAMPLE}]})

    question: Question
    history: list[Earlier] = Field(default=[], max_length=MOST_TURNS, description="Earlier turns, oldest first.")
    documents: Globs = None
    stream: bool = Field(default=False, description="Answer as server-sent events: `stage`, `text`, and last `done` or `error`.")


class SearchRequest(_Request):
    """A question whose passages are wanted, without an answer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"question": EXAMPLE, "top_k": 3}]})

    question: Question
    top_k: int = Field(default=10, ge=1, le=MOST_HITS)
    documents: Globs = None


class HitBody(BaseModel):
    """A passage that was found. Offsets count Unicode code points of the document's text."""

    rank: int
    document: str
    title: str
    page: int | None
    page_label: str | None
    start: int
    end: int
    text: str
    score: float
    dense: float
    keyword: float
    passage: str


class CitationBody(BaseModel):
    """The exact words a statement rests on: the document's text from `start` to `end` is `quote`."""

    marker: int
    document: str
    title: str
    page: int | None
    page_label: str | None
    start: int
    end: int
    quote: str
    passage: str


class StatementBody(BaseModel):
    """One statement: the answer's text from `start` to `end`."""

    start: int
    end: int
    markers: list[int]
    supported: bool


class AnswerBody(BaseModel):
    """An answer, the object of `youju ask --json`."""

    question: str
    standalone_question: str
    status: Literal["answered", "not_found", "chat"]
    text: str
    short_answer: str
    confidence: float = Field(ge=0, le=1)
    citations: list[CitationBody]
    evidence: list[HitBody]
    statements: list[StatementBody]
    engine: str
    notes: list[str]
    disagreement: bool
    timings_ms: dict[str, float]


class SearchBody(BaseModel):
    """The best passages, best first."""

    hits: list[HitBody]


class DocumentBody(BaseModel):
    """A document without its text."""

    document: str
    title: str
    pages: int
    passages: int
    date: str | None
    encoding: str | None
    recognised_pages: int
    recognition_confidence: float | None


class DocumentsBody(BaseModel):
    """Some of the documents, by id."""

    total: int
    documents: list[DocumentBody]


class PageBody(BaseModel):
    """A page, slide or sheet: the code points from `start` to `end`."""

    number: int
    label: str | None
    start: int
    end: int


class SpanBody(BaseModel):
    """A part of a document's text, `text`, from `start` to `end`; the whole has `length` code points."""

    document: str
    title: str
    date: str | None
    length: int
    start: int
    end: int
    text: str
    pages: list[PageBody] = Field(description="Those that the part touches.")


class SyncBody(BaseModel):
    """The sync that is running, or how the last one ended."""

    state: Literal["none", "running", "done", "cancelled", "failed"]
    stage: str
    done: int
    total: int
    reason: str
    report: dict[str, Any] | None


class HealthBody(BaseModel):
    """The server is there."""

    status: Literal["ok"]


class WrongPart(BaseModel):
    """A part of a request that cannot be used."""

    where: str
    what: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongPart] | None = None
