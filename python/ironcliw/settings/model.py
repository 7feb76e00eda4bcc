"""Whom to ask about the screen, and for how much: the tables [model] and [budget]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ironcliw.settings.section import NonEmpty, Section

if TYPE_CHECKING:
    from ironcliw.vision_model import Budget, ModelChoice


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
    attempts: int = Field(
        default=3,
        ge=1,
        le=3,
        description="Requests for one answer at the most, 1 to 3. More gets over a passing fault.",
    )
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
        default=None,
        description="A proxy's URL, for all requests. Proxy variables of the environment are not looked at.",
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
        default=None,
        ge=0,
        le=10_000,
        description="US dollars for a million tokens out; unset: likewise, 25 for others.",
    )

    def choice(self) -> ModelChoice:
        """The same for the room that asks."""
        from ironcliw.vision_model import ModelChoice  # noqa: PLC0415 - most who read settings ask nobody

        return ModelChoice(**self.model_dump())


class BudgetSettings(Section):
    """What asking may cost, of all watchers of this user together. Each cap binds; what would pass one is not sent."""

    tokens_per_hour: int | None = Field(
        default=50_000, ge=0, description="Tokens within any hour, of questions and replies. Less asks less often."
    )
    tokens_per_day: int | None = Field(
        default=300_000, ge=0, description="Tokens within any day. Where they are used up, text and pixels still count."
    )
    calls_per_hour: int | None = Field(
        default=120, ge=0, le=1_000, description="Requests within any hour, 0 to 1000; further tries count as requests."
    )
    calls_per_day: int | None = Field(
        default=1_000, ge=0, le=10_000, description="Requests within any day, 0 to 10000; further tries count, too."
    )
    money_per_hour: float | None = Field(
        default=None, ge=0, description="US dollars within any hour, by model.price_in and price_out; unset: no cap."
    )
    money_per_day: float | None = Field(
        default=1.0,
        ge=0,
        description="US dollars within any day, by model.price_in and price_out; not the bill.",
    )
    rule_tokens_per_hour: int | None = Field(
        default=None,
        ge=0,
        description="Tokens of any one rule within any hour, so that none takes all; unset: no cap.",
    )
    rule_calls_per_hour: int | None = Field(
        default=60, ge=0, description="Requests of any one rule within any hour, so that none uses up all of them."
    )
    rule_money_per_day: float | None = Field(
        default=None,
        ge=0,
        description="US dollars of any one rule within any day, so that none takes all; unset: no cap.",
    )

    def budget(self) -> Budget:
        """The same for the ledger."""
        from ironcliw.vision_model import Budget  # noqa: PLC0415 - as above

        return Budget(**self.model_dump())
