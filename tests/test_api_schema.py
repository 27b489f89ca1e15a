"""Requests made up from the OpenAPI page, right and wrong ones: no door may break, or answer what the page does not say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from fakes import FakeEncoder
from hypothesis import HealthCheck, given, settings
from live import live, without_page
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from workspaces import Workspace

from ui.engine import Engine
from ui.library import Library

MADE_UP = 30
"""Requests of each kind for each route: enough to reach every part of a body, few enough for a suite of seconds."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    workspace = Workspace(tmp_path_factory.mktemp("schema"), FakeEncoder())
    workspace.write({"大会.txt": "县长宁云主持会议。", "english.txt": "Three firms spoke."})
    workspace.sync()
    engine = Engine(workspace.index, workspace.settings.model_copy(update={"requests_per_minute": 0}), workspace.encoder)
    with live(without_page(engine, Library(workspace.docs, engine))) as url:
        yield schemathesis.openapi.from_url(f"{url}/api/openapi.json")


def statuses_of(operation: schemathesis.APIOperation, mode: GenerationMode) -> set[int]:
    """Try one route, and return what it answered."""
    statuses: set[int] = set()
    # a conversation in which nobody asks anything has the right form and is refused all the same
    excluded = [CHECKS.get_one("positive_data_acceptance")] if operation.path.startswith("/v1/chat") else []

    @settings(max_examples=MADE_UP, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps_to_it(case: schemathesis.Case) -> None:
        statuses.add(case.call_and_validate(excluded_checks=excluded).status_code)

    keeps_to_it()
    return statuses


def test_right_requests_are_answered_as_described(described: schemathesis.BaseSchema) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) == 10
    answered = {operation.label: statuses_of(operation, GenerationMode.POSITIVE) for operation in operations}
    assert {200, 404} <= answered["GET /api/documents/{id}"] | answered["GET /v1/models/{name}"] | answered["GET /v1/models"]
    assert 202 in answered["POST /api/sync"]
    for label in ("GET /healthz", "POST /api/ask", "POST /api/search", "GET /api/documents"):
        assert answered[label] == {200}, label


def test_wrong_requests_are_refused_as_described(described: schemathesis.BaseSchema) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    fallible = [operation for operation in operations if list(operation.body) or list(operation.query)]
    assert len(fallible) == 5
    for operation in fallible:
        assert statuses_of(operation, GenerationMode.NEGATIVE) & {400, 422}, operation.label
