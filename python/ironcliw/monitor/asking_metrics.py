"""What asking a model did and cost, for ``top`` and Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from ironcliw.errors import SpendError
from ironcliw.metrics import Absent, Family
from ironcliw.vision_model import Asker, BudgetLedger
from ironcliw.vision_model.ledger import DAY_S, HOUR_S


def asking_metrics(asker: Asker, unchanged: int) -> Iterator[Family | Absent]:
    """What became of one watch's questions; ``unchanged``: of how many the last verdict stood."""
    counts = asker.counts
    answers = {"unchanged": unchanged, **counts.answers}
    yield Family("model_answers", "counter", "Questions, by how they were answered.", answers, "how")
    yield Family("model_requests", "counter", "Requests that went out to a model.", {"": counts.requests})
    yield Family("model_tokens", "counter", "Tokens that they cost.", {"": counts.tokens})
    yield Family("model_money_micros", "counter", "Millionths of a US dollar.", {"": counts.micros})
    yield Family("model_faults", "counter", "Requests that brought no reply.", counts.faults.copy(), "kind")
    if asker.purse.ledger is not None:
        yield from _spent(asker.purse.ledger)


def _spent(ledger: BudgetLedger) -> Iterator[Family | Absent]:
    """Of all processes that share the ledger, this one included."""
    try:
        tokens = {name: ledger.spent(seconds).tokens for name, seconds in (("hour", HOUR_S), ("day", DAY_S))}
    except SpendError as error:
        yield Absent("model_spent_tokens", str(error))
        return
    yield Family("model_spent_tokens", "gauge", "Tokens in the last hour and day, of all watchers.", tokens, "last")
    caps = {"hour": ledger.budget.tokens_per_hour, "day": ledger.budget.tokens_per_day}
    known = {name: cap for name, cap in caps.items() if cap is not None}
    yield Family("model_budget_tokens", "gauge", "As many tokens may be spent.", known, "last")
