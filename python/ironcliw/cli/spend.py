"""``ironcliw spend``: what asking models cost within the last hour and day, and every request that left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ironcliw import settings
from ironcliw.action import printable
from ironcliw.vision_model import Budget, BudgetLedger, EgressLog, Spent, spend_folder
from ironcliw.vision_model.ledger import DAY_S, HOUR_S


@dataclass(frozen=True, slots=True)
class SpendCommand:
    """The command line of ``spend`` as it was given."""

    log: bool
    as_json: bool
    config: Path | None


def run_spend(command: SpendCommand) -> int:
    """Print it; returns 0. SpendError where the ledger or the log cannot be read."""
    budget = settings.load(command.config).budget.budget()
    folder = spend_folder()
    ledger = BudgetLedger(folder / "spend.json", budget)
    egress = EgressLog(folder / "egress.jsonl")
    (_print_json if command.as_json else _print)(ledger, egress, budget, command.log)
    return 0


def _print(ledger: BudgetLedger, egress: EgressLog, budget: Budget, log: bool) -> None:
    for name, seconds in (("hour", HOUR_S), ("day", DAY_S)):
        print(f"last {name}: {_told(ledger.spent(seconds))} ({_caps(budget, name)})")
    for rule, spent in ledger.rules().items():
        print(f"  {printable(rule)}: {_told(spent)}")
    if not log:
        return
    for each in egress.lines():
        print(printable(_line(each)))


def _print_json(ledger: BudgetLedger, egress: EgressLog, budget: Budget, log: bool) -> None:
    told: dict[str, Any] = {
        name: _fields(ledger.spent(seconds)) for name, seconds in (("hour", HOUR_S), ("day", DAY_S))
    }
    told["rules"] = {rule: _fields(spent) for rule, spent in ledger.rules().items()}
    if log:
        told["sent"] = list(egress.lines())
    print(json.dumps(told))


def _fields(spent: Spent) -> dict[str, float]:
    return {"requests": spent.calls, "tokens": spent.tokens, "usd": spent.micros / 1e6}


def _told(spent: Spent) -> str:
    return f"{spent.calls:,} requests, {spent.tokens:,} tokens, {spent.micros / 1e6:.4f} USD"


def _caps(budget: Budget, name: str) -> str:
    caps = {"requests": f"calls_per_{name}", "tokens": f"tokens_per_{name}", "USD": f"money_per_{name}"}
    known = {unit: getattr(budget, cap) for unit, cap in caps.items()}
    return "at most " + ", ".join("any " + unit if cap is None else f"{cap:,} {unit}" for unit, cap in known.items())


def _line(entry: dict[str, Any]) -> str:
    pictures = entry.get("pictures", [])
    shown = ", ".join(
        f"{each['what']} {each['width']}x{each['height']} {each['bytes']:,} bytes {each['sha256'][:16]}"
        for each in pictures
    )
    head = f"{entry.get('time')}  {entry.get('to')}  {entry.get('model')}  {entry.get('rule')} ({entry.get('why')})"
    return f"{head}  text {entry.get('text_bytes', 0):,} bytes  {shown or 'no picture'}"
