"""The ledger's file stays small however much is asked, and forgets nothing before its time."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from machine_clock import Machine

from ironcliw.vision_model import Budget, BudgetLedger, Spent
from ironcliw.vision_model import ledger as module
from ironcliw.vision_model.ledger import COARSE_S, DAY_S, FINE_S, HOUR_S
from rounds import rounds

REQUESTS = rounds(short=120, full=2_000)
LIMITLESS = Budget(*(None,) * 9)


class Books:
    """The oracle: every request by itself."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, str, int]] = []

    def ends_s(self, chance: random.Random, at: float) -> float:
        """How long until one that counts is about to count no more."""
        within = chance.choice([HOUR_S, DAY_S])
        waits = [row[0] + within - at - 0.5 for row in self.rows[-200:]]
        return chance.choice([each for each in waits if each > 0] or [1])

    def spent(self, since: float, rule: str | None = None) -> Spent:
        found = [tokens for at, who, tokens in self.rows if at >= since and rule in (None, who)]
        return Spent(len(found), sum(found), 2 * sum(found))


def spend_for_long(folder: Path, chance: random.Random) -> list[tuple[Spent, Spent, Spent]]:
    """Spend by lot; what the ledger says, what it may say at the least and at the most, in all that was looked at."""
    machine, books = Machine(), Books()
    ledger = BudgetLedger(folder / "spend.json", LIMITLESS, machine)
    told: list[tuple[Spent, Spent, Spent]] = []
    for _ in range(REQUESTS):
        rule = chance.choice("abc")
        ticket = ledger.reserve(rule, tokens=1_000, micros=2_000)
        tokens = chance.randrange(1_000)
        ledger.settle(ticket, tokens=tokens, micros=2 * tokens)
        books.rows.append((machine.now.since_boot_s, rule, tokens))
        pauses = [0.1, 1, 4, 20, 300]
        machine.passes(
            chance.choice(pauses) if chance.random() < 0.95 else books.ends_s(chance, machine.now.since_boot_s)
        )
        at = machine.now.since_boot_s
        for seconds, longer in ((HOUR_S, FINE_S), (DAY_S, COARSE_S)):
            for who in (None, rule):
                least, most = books.spent(at - seconds, who), books.spent(at - seconds - longer, who)
                told.append((ledger.spent(seconds, who), least, most))
    assert ledger.path.stat().st_size < 3 * 264 * 60
    return told


def wrong(told: list[tuple[Spent, Spent, Spent]]) -> int:
    within = [
        least.calls <= spent.calls <= most.calls and least.tokens <= spent.tokens <= most.tokens
        for spent, least, most in told
    ]
    return within.count(False)


def test_rows_count_until_their_time_and_hardly_longer(tmp_path: Path) -> None:
    seed = int(os.environ.get("IRONCLIW_SEED", random.SystemRandom().randrange(1 << 30)))
    print(f"IRONCLIW_SEED={seed}")
    told = spend_for_long(tmp_path, random.Random(seed))
    assert wrong(told) == 0
    assert len(told) == 4 * REQUESTS


def test_rows_that_take_the_time_of_the_first_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: money would be forgotten early."""
    monkeypatch.setattr(module, "max", min, raising=False)
    assert wrong(spend_for_long(tmp_path, random.Random(1))) > 0


def test_a_minute_of_many_requests_is_a_few_rows(tmp_path: Path) -> None:
    machine = Machine()
    ledger = BudgetLedger(tmp_path / "spend.json", LIMITLESS, machine)
    for _ in range(100):
        ledger.settle(ledger.reserve("r", tokens=10, micros=10), tokens=7, micros=9)
        machine.passes(0.2)
    assert ledger.spent(HOUR_S) == Spent(100, 700, 900)
    assert ledger.path.stat().st_size < 400
