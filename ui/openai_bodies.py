"""What goes in and out of the OpenAI-compatible door, as models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ui.api_bodies import EXAMPLE, Globs, Words

MODEL = "youju"


class Part(BaseModel):
    """A part of a message; only those with text are read."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: Words | None = None


class Message(BaseModel):
    """A message of the conversation; those of the system and of tools are passed over."""

    model_config = ConfigDict(extra="allow")

    role: str
    content: Words | list[Part] | None = None

    def text(self) -> str:
        """Return the message's text, its parts a line each."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream holds beside the text."""

    model_config = ConfigDict(extra="allow")

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """A conversation whose last message asks. Other parameters are accepted and have no effect."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"examples": [{"model": MODEL, "messages": [{"role": "user", "content": EXAMPLE}]}]}
    )

    model: str = MODEL
    messages: list[Message] = Field(min_length=1, max_length=1_000)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    documents: Globs = None


class ModelBody(BaseModel):
    """A model that can be named."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsBody(BaseModel):
    """All models."""

    object: Literal["list"]
    data: list[ModelBody]


class ChatBody(BaseModel):
    """A chat completion, with what else is known of the answer beside OpenAI's own fields."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]
    citations: list[dict[str, Any]]
    status: str
    confidence: float
    disagreement: bool
    notes: list[str]


class ErrorParts(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """An error in OpenAI's form."""

    error: ErrorParts
