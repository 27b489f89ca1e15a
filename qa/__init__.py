"""Questions to answers whose every statement points at the exact words it rests on."""

from __future__ import annotations

from qa.assistant import Assistant, ask
from qa.types import Answer, Citation, Done, Event, Stage, Statement, Text, Turn

__all__ = ["Answer", "Assistant", "Citation", "Done", "Event", "Stage", "Statement", "Text", "Turn", "ask"]
