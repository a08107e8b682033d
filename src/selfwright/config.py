"""Settings: the only reader of the environment. Every setting is ``SELFWRIGHT_<NAME>``."""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One frozen model; a field is a setting, its description the documentation."""

    model_config = SettingsConfigDict(env_prefix="SELFWRIGHT_", frozen=True, extra="ignore")

    runs: Path = Field(default=Path(".selfwright/runs"), description="Folder that new runs are made in.")
    git_user_name: str = Field(default="Selfwright", description="Author and committer of adopted versions.")
    git_user_email: str = Field(default="selfwright@localhost", description="Their e-mail address.")


@cache
def settings() -> Settings:
    """Return the settings of this process, read once.

    Raises:
        pydantic.ValidationError: A variable does not fit its setting.
    """
    return Settings()
