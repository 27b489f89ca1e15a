"""Flag, then environment, then file, then default; what cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from index import Settings, SettingsError, load_settings


def test_the_order_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(tmp_path).passage_tokens == 256
    (tmp_path / "youju.toml").write_text("passage_tokens = 100\ncandidates = 50\n")
    assert load_settings(tmp_path).passage_tokens == 100
    monkeypatch.setenv("YOUJU_PASSAGE_TOKENS", "120")
    assert load_settings(tmp_path).passage_tokens == 120
    assert load_settings(tmp_path, passage_tokens=140).passage_tokens == 140
    assert load_settings(tmp_path, passage_tokens=None).passage_tokens == 120
    assert load_settings(tmp_path).candidates == 50


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUJU_ENCODER", "")
    assert load_settings().encoder == "bundled"


def test_an_empty_prompt_in_the_file_is_a_prompt(tmp_path: Path) -> None:
    (tmp_path / "youju.toml").write_text('query_prompt = ""\n')
    read = load_settings(tmp_path)
    assert read.query_prompt == ""
    assert read.document_prompt is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("passage_tokens", "many"), ("passage_tokens", "4"), ("keyword_weight", "1.5"), ("precision", "int8"), ("max_file_mb", "0")],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"YOUJU_{name.upper()}", value)
    with pytest.raises(SettingsError, match=rf"'{name}'.*{value}"):
        load_settings(tmp_path)


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    (tmp_path / "youju.toml").write_text("passage_tokens: 100\n")
    with pytest.raises(SettingsError, match=r"youju\.toml is not valid TOML"):
        load_settings(tmp_path)


def test_settings_are_frozen() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.encoder = "other"  # type: ignore[misc]
    assert settings == Settings()


def test_paths_are_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUJU_CACHE_DIR", str(tmp_path))
    assert load_settings().cache_dir == tmp_path
