"""Settings: the only reader of the environment. Every setting is ``SELFWRIGHT_<NAME>``."""

import os
from functools import cache
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from selfwright.core.setup import AgentSetup


class Settings(BaseSettings):
    """One frozen model; a field is a setting, its description the documentation."""

    model_config = SettingsConfigDict(env_prefix="SELFWRIGHT_", frozen=True, extra="ignore")

    runs: Path = Field(default=Path(".selfwright/runs"), description="Folder that new runs are made in.")
    git_user_name: str = Field(default="Selfwright", description="Author and committer of adopted versions.")
    git_user_email: str = Field(default="selfwright@localhost", description="Their e-mail address.")
    anthropic_api_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("SELFWRIGHT_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
        description="Key of `claude:MODEL`; else `ANTHROPIC_API_KEY`.",
    )
    anthropic_base_url: str = Field(default="https://api.anthropic.com", description="Where `claude:MODEL` is asked.")
    openai_api_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("SELFWRIGHT_OPENAI_API_KEY", "OPENAI_API_KEY"),
        description="Key of `openai:MODEL`; else `OPENAI_API_KEY`. A server of your own may need none.",
    )
    openai_base_url: str = Field(
        default="https://api.openai.com/v1",
        description="Where `openai:MODEL` is asked: what speaks as OpenAI does (vLLM, llama.cpp, OpenRouter).",
    )
    ollama_base_url: str = Field(default="http://localhost:11434", description="Where `ollama:MODEL` is asked.")
    models: Path = Field(default=Path(".selfwright/models"), description="Folder that `local:NAME` is looked for in.")
    model_prices: str = Field(
        default="",
        description="Prices that nobody else knows: `MODEL=IN/OUT`, in US dollars a million tokens; commas between.",
    )
    model_wall_s: float = Field(
        default=600.0,
        gt=0,
        description="How long one answer of a model may take, with all tries and waits between them.",
    )
    model_answer_tokens: int = Field(default=16_000, ge=1, description="The most that a model writes in one answer.")
    model_prompt_bytes: int = Field(
        default=64_000, ge=16_000, description="The most that a model is told; reserved as if each byte were a token."
    )

    mcp_token: SecretStr = Field(
        default=SecretStr(""),
        description="What a client of `selfwright mcp --http` must show; by default a new one at each start.",
    )

    agent_variables: str = Field(
        default="", description="Names of the environment variables that an agent is given, commas between."
    )
    agent_folders: str = Field(
        default="", description="Folders that an agent may read, beside its own program; colons between."
    )
    agent_wall_s: float = Field(default=1800.0, gt=0, description="How long an agent may take for one change.")
    agent_memory_mb: int = Field(default=4096, ge=64, description="Memory of an agent with all that it starts.")
    agent_usd: float | None = Field(
        default=None, ge=0, description="The most that one change of an agent costs; without it no `--budget-usd`."
    )
    agent_tokens: int = Field(
        default=1_000_000, ge=1, description="The most that one change of an agent is taken to read and write."
    )
    agents_at_once: int = Field(
        default=1, ge=1, description="So many agents work at once, and see the verdicts up to so many changes before."
    )

    def agent_setup(self) -> AgentSetup:
        """Return how agents are set up."""
        names = (name.strip() for name in self.agent_variables.split(","))
        return AgentSetup(
            variables={name: os.environ.get(name) for name in names if name},
            folders=tuple(filter(None, self.agent_folders.split(":"))), wall_s=self.agent_wall_s,
            memory_mb=self.agent_memory_mb, usd=self.agent_usd, tokens=self.agent_tokens,
            prompt_bytes=self.model_prompt_bytes, at_once=self.agents_at_once,
        )  # fmt: skip

    def access(self, provider: str) -> tuple[str, str]:
        """Return base URL and key of a provider of models; of ``local`` the folder."""
        return {
            "claude": (self.anthropic_base_url, self.anthropic_api_key.get_secret_value()),
            "openai": (self.openai_base_url, self.openai_api_key.get_secret_value()),
            "ollama": (self.ollama_base_url, ""),
            "local": (str(self.models), ""),
        }[provider]


@cache
def settings() -> Settings:
    """Return the settings of this process, read once.

    Raises:
        pydantic.ValidationError: A variable does not fit its setting.
    """
    return Settings()


def environment_of_errands() -> dict[str, str]:
    """Return the environment for a command that a client has started: this one's, without what opens our own door."""
    return {name: value for name, value in os.environ.items() if name.upper() != "SELFWRIGHT_MCP_TOKEN"}
