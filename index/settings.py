"""Settings: flag, then ``YOUJU_*``, then ``youju.toml`` in the index folder, then the default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, TomlConfigSettingsSource

from index.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_settings import PydanticBaseSettingsSource

FILE_NAME = "youju.toml"


class Settings(BaseSettings):
    """Every setting with its default; frozen, and reading it starts nothing."""

    model_config = SettingsConfigDict(
        env_prefix="YOUJU_", frozen=True, extra="ignore", env_ignore_empty=True, protected_namespaces=()
    )

    encoder: str = Field(
        default="bundled",
        description="The encoder: `bundled`, a sentence-transformers model name, or a folder that holds one.",
    )
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto",
        description="Arithmetic of the encoder. `auto` takes bfloat16 where the processor computes it, float16 on a GPU, "
        "else float32.",
    )
    query_prompt: str | None = Field(default=None, description="Put before a question; by default what the model itself states.")
    document_prompt: str | None = Field(
        default=None, description="Put before a passage; by default what the model itself states."
    )
    passage_tokens: int = Field(default=256, ge=16, le=8192, description="Longest passage, in tokens of the encoder.")
    reader: Literal["span", "sentence"] = Field(
        default="span",
        description="What finds the answer: `span`, the trained reader on the bundled model, or `sentence`, which needs only "
        "the encoder.",
    )
    candidates: int = Field(
        default=100,
        ge=10,
        le=2000,
        description="How many passages each side of the search, dense and keyword, proposes.",
    )
    keyword_weight: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="Share of the keyword side in the score; the rest is the dense side's. Where words tell little, down to a "
        "twentieth of it is taken; 1 takes keywords alone.",
    )
    max_file_mb: float = Field(default=100.0, gt=0, description="A larger file is skipped.")
    max_text_mb: float = Field(default=64.0, gt=0, description="A file whose text is longer, in million characters, is skipped.")
    max_unpacked_mb: float = Field(
        default=1000.0, gt=0, description="A packed file (DOCX, XLSX, EPUB, …) whose parts are larger together is skipped."
    )
    parse_seconds: float = Field(
        default=120.0, gt=0, description="A file, or a single page of a scan, that takes longer to read is skipped."
    )
    parse_memory_mb: int = Field(default=4096, ge=256, description="A file that takes more memory to read is skipped.")
    watch_poll_seconds: float = Field(
        default=0.0,
        ge=0.0,
        description="How often a watched folder is looked at, for network drives and containers, where the operating system "
        "does not tell of changes; 0 lets it tell.",
    )
    cache_dir: Path | None = Field(
        default=None, description="Where the bundled model is unpacked; by default the user's cache folder."
    )
    threads: int = Field(default=0, ge=0, description="Processor threads of the encoder; 0 takes every core.")
    password: str | None = Field(
        default=None,
        description="What visitors of the page must type, as it is or, better, as `youju password` prints it.",
    )
    token: str | None = Field(
        default=None,
        min_length=16,
        description="What programs send as `Authorization: Bearer …`, at least 16 characters; without it a password closes "
        "their doors as well.",
    )
    max_body_mb: float = Field(default=1.0, gt=0, description="A larger request is refused (413); uploads keep to `max_file_mb`.")
    question_characters: int = Field(default=4000, ge=1, le=4000, description="A longer question of a program is refused (422).")
    concurrent_work: int = Field(
        default=4, ge=1, le=64, description="How many questions are worked on at the same time; others wait in line."
    )
    waiting_work: int = Field(default=60, ge=0, description="How many questions wait in line; one more is turned away (503).")
    requests_per_minute: int = Field(
        default=600, ge=0, description="How often one address may call in a minute; more is refused (429). 0 is no limit."
    )
    refuse_below: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        description="Below this confidence the answer is `not_found`; by default the measured threshold.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags and environment only: the file is added by :func:`load_settings`, which knows its folder."""
        return init_settings, env_settings


def load_settings(index_dir: Path | None = None, **flags: object) -> Settings:
    """Read the settings that hold for an index.

    :param index_dir: the index folder, whose ``youju.toml`` is read where there is one.
    :param flags: settings given on the spot; ``None`` means "not given".
    :raises SettingsError: naming the setting, its value and what is allowed.
    """
    toml_file = index_dir / FILE_NAME if index_dir else None

    class WithFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            if toml_file is None:
                return init_settings, env_settings
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file)

    try:
        read = WithFile(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"setting {name!r} cannot be {first.get('input')!r}: {first['msg']}. See docs/settings.md."
        ) from error
    except ValueError as error:  # the TOML itself does not parse
        raise SettingsError(f"{toml_file} is not valid TOML: {error}") from error
    return Settings.model_construct(**read.model_dump())
