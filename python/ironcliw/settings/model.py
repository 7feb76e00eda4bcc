"""Whom to ask about the screen, and for how much: the tables [model] and [budget]."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ironcliw.settings.section import NonEmpty, Section
from ironcliw.vision_model.choice import ModelChoice
from ironcliw.vision_model.ledger import Budget


class ModelSettings(Section):
    """Whom to ask what pixels and text cannot settle. Crops of the screen go there; secrets we know are blacked out."""

    provider: Literal["none", "claude", "openai"] = Field(
        default="none",
        description="claude; openai for any server that speaks its protocol (Ollama, vLLM, LM Studio, OpenAI); none: "
        "nothing leaves this machine, and says(...) conditions are never met.",
    )
    model: NonEmpty | None = Field(
        default=None, description="The model's name, as its provider calls it; unset: claude-haiku-4-5 with claude."
    )
    base_url: NonEmpty | None = Field(
        default=None,
        description="Where requests go, such as http://127.0.0.1:11434/v1; unset: the provider's own address. https "
        "but for this machine; no other host is connected to, and no redirect followed.",
    )
    key_file: NonEmpty | None = Field(
        default=None,
        description="A file of mode 0600 that holds the key; unset: ANTHROPIC_API_KEY or OPENAI_API_KEY of the "
        "environment, for the provider's own address only.",
    )
    deadline_s: float = Field(
        default=20.0,
        ge=1,
        le=300,
        description="Seconds, 1 to 300, until an answer counts as unknown, further tries included.",
    )
    tries: int = Field(default=3, ge=1, le=3, description="Requests for one answer at the most, 1 to 3.")
    reply_tokens: int = Field(
        default=200,
        ge=50,
        le=8000,
        description="The most that a reply may take, 50 to 8000. Models that think before they answer need more.",
    )
    structured: bool = Field(
        default=True,
        description="Tell the endpoint the reply's schema. Off for servers that refuse it; replies are checked anyway.",
    )
    proxy: NonEmpty | None = Field(
        default=None, description="A proxy's URL. Proxy variables of the environment are not looked at."
    )
    ca_file: NonEmpty | None = Field(
        default=None, description="Certificates to trust instead of the system's, for a server of your own."
    )
    price_in: float | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="US dollars for a million tokens in; unset: the list price of Claude's models, nothing on this "
        "machine, and 5 for others.",
    )
    price_out: float | None = Field(
        default=None, ge=0, le=10_000, description="The same for tokens out; 25 for others."
    )

    def choice(self) -> ModelChoice:
        """The same for the room that asks."""
        return ModelChoice(**self.model_dump())


class BudgetSettings(Section):
    """What asking may cost, of all watchers of this user together. Each cap binds; what would pass one is not sent."""

    tokens_per_hour: int | None = Field(default=50_000, ge=0, description="Tokens within any hour.")
    tokens_per_day: int | None = Field(default=300_000, ge=0, description="Tokens within any day.")
    calls_per_hour: int | None = Field(default=120, ge=0, le=1_000, description="Requests within any hour.")
    calls_per_day: int | None = Field(default=1_000, ge=0, le=10_000, description="Requests within any day.")
    money_per_hour: float | None = Field(default=None, ge=0, description="US dollars within any hour; unset: no cap.")
    money_per_day: float | None = Field(default=1.0, ge=0, description="US dollars within any day.")
    rule_tokens_per_hour: int | None = Field(default=None, ge=0, description="Tokens of one rule; unset: no cap.")
    rule_calls_per_hour: int | None = Field(default=60, ge=0, description="Requests of one rule within any hour.")
    rule_money_per_day: float | None = Field(default=None, ge=0, description="US dollars of one rule; unset: no cap.")

    def budget(self) -> Budget:
        """The same for the ledger."""
        return Budget(**self.model_dump())
