"""The lines of ``ironcliw doctor`` about the model: whom, where, with which key, and what is left to spend."""

from __future__ import annotations

from urllib.parse import urlsplit

from ironcliw.settings import Settings
from ironcliw.vision_model import BudgetLedger, open_model, price_of, spend_folder
from ironcliw.vision_model.ledger import DAY_S, HOUR_S

Finding = tuple[bool | None, str, str]


def model_findings(loaded: Settings) -> list[Finding]:
    """What asking would use; nothing is sent to find out. SettingsError, MissingExtraError, SpendError."""
    choice = loaded.model.choice()
    model = open_model(choice)
    if not model.available:
        return [(None, "model", "none: says(...) conditions are never met, and nothing leaves this machine")]
    price = price_of(choice)
    host = urlsplit(choice.url).hostname or ""
    where = "on this machine" if choice.local else f"at {host}"
    key = "a key" if choice.key() else "no key"
    told = f"{model.name} {where}, {key}, {price.token_in:g} and {price.token_out:g} USD a million tokens in and out"
    findings: list[Finding] = [(True, "model", told)]
    ledger = BudgetLedger(spend_folder() / "spend.json", loaded.budget.budget())
    for name, seconds, calls, tokens in (
        ("hour", HOUR_S, ledger.budget.calls_per_hour, ledger.budget.tokens_per_hour),
        ("day", DAY_S, ledger.budget.calls_per_day, ledger.budget.tokens_per_day),
    ):
        spent = ledger.spent(seconds)
        used = f"{spent.calls:,} of {calls or 0:,} requests, {spent.tokens:,} of {tokens or 0:,} tokens"
        findings.append((None, f"  last {name}", f"{used}, {spent.micros / 1e6:.4f} USD"))
    return findings
