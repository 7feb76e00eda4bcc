"""The budget: what was spent within the last hour and day, by whom, and whether one more request fits.

    ledger = BudgetLedger(path, Budget(tokens_per_hour=20_000))
    ticket = ledger.reserve("deploy", tokens=900, micros=1500)     # OverBudget where it does not fit
    ledger.settle(ticket, tokens=412, micros=640)

A reservation is on disk before its request goes out, at the most that the request can cost, and stays there where the
process is killed meanwhile: what was spent is never more than the cap and one request. Several processes share one
ledger. Windows move with a time of the ledger's own (``spent_time``), which no clock that is set can bring forward.
What requests of one rule close in time have cost is kept as one row, as late as the last of them: the file stays small
however much is asked, and what was spent counts a little longer, never shorter.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ironcliw.errors import SpendError
from ironcliw.vision_model.files import locked, private_folder, read_private, replace, sweep
from ironcliw.vision_model.spent_time import Moment, Now, advanced, machine_now

HOUR_S, DAY_S = 3_600, 86_400
RULE_CHARACTERS = 80
FINE_S, COARSE_S = 30, 600
"""Within so many seconds a rule's requests are one row: those of the last hour, and older ones."""
_LARGEST_BYTES = 8 << 20
_VERSION = 1
_PENDING_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Budget:
    """Caps, each of which binds; None for none. Money is in US dollars.

    ``rule_``: of each rule for itself
    """

    tokens_per_hour: int | None = 50_000
    tokens_per_day: int | None = 300_000
    calls_per_hour: int | None = 120
    calls_per_day: int | None = 1_000
    money_per_hour: float | None = None
    money_per_day: float | None = 1.0
    rule_tokens_per_hour: int | None = None
    rule_calls_per_hour: int | None = 60
    rule_money_per_day: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a time and a rule cost; reservations that are not settled count in full."""

    calls: int = 0
    tokens: int = 0
    micros: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.calls + other.calls, self.tokens + other.tokens, self.micros + other.micros)


class OverBudget(Exception):  # noqa: N818 - no error: what a cap is there for
    """A request that does not fit. ``cap``: the name of the one it would pass, as in ``tokens_per_hour``."""

    def __init__(self, cap: str) -> None:
        super().__init__(f"the budget is used up: {cap}")
        self.cap = cap


@dataclass
class _Book:
    """The file's content: rows [second, rule, calls, tokens, micros], reservations by ticket likewise."""

    moment: Moment
    rows: list[list[Any]] = field(default_factory=lambda: cast(list[list[Any]], []))
    pending: dict[str, list[Any]] = field(default_factory=lambda: cast(dict[str, list[Any]], {}))

    def spent(self, since: float, rule: str | None = None) -> Spent:
        """From ``since`` on, of a rule or of all."""
        total = Spent()
        for at, who, calls, tokens, micros in (*self.rows, *self.pending.values()):
            if at >= since and rule in (None, who):
                total += Spent(calls, tokens, micros)
        return total


class BudgetLedger:
    """One ledger file. Safe for use from several threads and processes."""

    def __init__(self, path: Path, budget: Budget, now: Callable[[], Now] = machine_now) -> None:
        self.path, self.budget, self._now = path, budget, now
        self._lock = threading.Lock()
        private_folder(path.parent)

    def reserve(self, rule: str, *, tokens: int, micros: int, calls: int = 1) -> str:
        """Set aside what a request costs at most; the ticket to settle it by. OverBudget, SpendError."""
        rule = rule[:RULE_CHARACTERS]
        with self._lock, locked(self.path):
            book = self._read()
            wanted = Spent(calls, tokens, micros)
            self._check(book, rule, wanted)
            ticket = secrets.token_hex(8)
            book.pending[ticket] = [book.moment.at, rule, calls, tokens, micros]
            self._write(book)
        return ticket

    def settle(self, ticket: str, *, tokens: int, micros: int) -> None:
        """A request has cost this; nothing is counted twice. SpendError: then it stays counted as reserved."""
        with self._lock, locked(self.path):
            book = self._read()
            held = book.pending.pop(ticket, None)
            if held is not None:
                book.rows.append([held[0], held[1], held[2], tokens, micros])
                self._write(book)

    def spent(self, seconds: int, rule: str | None = None) -> Spent:
        """In the last so many seconds, a day at the most, of all or of one rule. SpendError."""
        with self._lock, locked(self.path):
            book = self._read()
        return book.spent(book.moment.at - seconds, None if rule is None else rule[:RULE_CHARACTERS])

    def rules(self, seconds: int = DAY_S) -> dict[str, Spent]:
        """What each rule has cost in the last so many seconds, the dearest first."""
        with self._lock, locked(self.path):
            book = self._read()
        since = book.moment.at - seconds
        names = {row[1] for row in (*book.rows, *book.pending.values()) if row[0] >= since}
        each = {name: book.spent(since, name) for name in names}
        return dict(sorted(each.items(), key=lambda item: -item[1].tokens))

    def _check(self, book: _Book, rule: str, wanted: Spent) -> None:
        budget, at = self.budget, book.moment.at
        for prefix, who in (("", None), ("rule_", rule)):
            for name, seconds in (("hour", HOUR_S), ("day", DAY_S)):
                after = book.spent(at - seconds, who) + wanted
                for what, value in (("tokens", after.tokens), ("calls", after.calls), ("money", after.micros)):
                    cap = getattr(budget, f"{prefix}{what}_per_{name}", None)
                    if cap is not None and value > (cap * 1_000_000 if what == "money" else cap):
                        raise OverBudget(f"{prefix}{what}_per_{name}")
        if len(book.pending) >= _PENDING_MAX:
            raise OverBudget("calls_per_hour")

    def _read(self) -> _Book:
        """The book as it is now: old rows gone, reservations older than an hour taken as spent."""
        data = read_private(self.path, _LARGEST_BYTES)
        now = self._now()
        if data is None:
            return _Book(Moment.first(now))
        try:
            book = _parsed(data)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise SpendError(f"{self.path}: no budget ledger, or damaged: move it away to begin anew") from None
        book.moment = advanced(book.moment, now)
        since = book.moment.at - DAY_S
        for ticket in [ticket for ticket, held in book.pending.items() if held[0] < book.moment.at - HOUR_S]:
            book.rows.append(book.pending.pop(ticket))
        book.rows = folded([row for row in book.rows if row[0] >= since], book.moment.at)
        return book

    def _write(self, book: _Book) -> None:
        sweep(self.path)
        whole = {"version": _VERSION, "moment": book.moment.to_list(), "rows": book.rows, "pending": book.pending}
        replace(self.path, json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode())


def folded(rows: list[list[Any]], at: float) -> list[list[Any]]:
    """The rows with those of one rule that are close in time as one, whose time is that of the latest; ``at``: now.

    However often a rule asks it has 120 rows of the last hour and 144 of the day at the most.
    """
    kept: dict[tuple[str, int, int], list[Any]] = {}
    for row in rows:
        step_s = FINE_S if row[0] >= at - HOUR_S else COARSE_S
        held = kept.setdefault((row[1], step_s, int(row[0] // step_s)), [row[0], row[1], 0, 0, 0])
        held[0] = max(held[0], row[0])
        for column in (2, 3, 4):
            held[column] += row[column]
    return list(kept.values())


def _parsed(data: bytes) -> _Book:
    whole = json.loads(data)
    if whole["version"] != _VERSION:
        raise ValueError("another version")
    rows = [_row(row) for row in whole["rows"]]
    pending = {str(ticket): _row(row) for ticket, row in whole["pending"].items()}
    return _Book(Moment.of_list(whole["moment"]), rows, pending)


def _row(row: Any) -> list[Any]:
    at, rule, calls, tokens, micros = row
    if not isinstance(rule, str) or min(calls, tokens, micros) < 0:
        raise ValueError("no row")
    return [float(at), rule, int(calls), int(tokens), int(micros)]
