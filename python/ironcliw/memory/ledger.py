"""One ledger: what each room holds, and what it may.

    ledger = Ledger(1_000_000_000)
    ledger.fit("watch", {"program": 64_000_000, "capture": 8_294_400})
    claim = ledger.account("capture").take(8_294_400)     # BudgetError where that is above the room's budget
    claim.release()

Budgets sum to the total. What two rooms share is one claim, counted once. A claim that is forgotten is given back when
it is collected. ``report`` takes no lock and may be called from anywhere, also from a signal handler.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ironcliw.errors import BudgetError, ForkedError, ReleasedError, SettingsError
from ironcliw.memory.budget import GROUPS, ROOMS, SHARES, SPARED, checked_total, default_total, floor_bytes, share
from ironcliw.memory.machine import Machine
from ironcliw.memory.size import show_size

Owner = TypeVar("Owner")


@dataclass(frozen=True, slots=True)
class RoomUse:
    """One room's bytes: ``budget``, ``used`` now, the most ever (``peak``), and how often something was ``refused``."""

    budget: int
    used: int
    peak: int
    refused: int


class Claim:
    """Bytes that one room holds. Release it once, from any thread; ``share`` makes a second owner of the same bytes."""

    __slots__ = ("__weakref__", "_account", "_cell", "_finalizer")

    def __init__(self, account: Account, cell: _Cell) -> None:
        self._account = account
        self._cell: _Cell | None = cell
        self._finalizer = weakref.finalize(self, account.ledger.forget, account, cell)
        self._finalizer.atexit = False

    @property
    def size_bytes(self) -> int:
        """What it holds; 0 once it is released."""
        return 0 if self._cell is None else self._cell.size_bytes

    def resize(self, size_bytes: int) -> None:
        """Hold so many bytes from now on. BudgetError, and all as before, where that is above the room's budget."""
        if not self.try_resize(size_bytes):
            self._account.refuse(size_bytes - self.size_bytes)

    def try_resize(self, size_bytes: int) -> bool:
        """Like ``resize``; False where it does not fit."""
        return self._account.ledger.change(self._account, self._held(), size_bytes)

    def share(self) -> Claim:
        """The same bytes with one more owner: they are counted once, until the last of them releases his claim."""
        cell = self._held()
        with self._account.ledger.lock:
            cell.owners += 1
        return Claim(self._account, cell)

    def release(self) -> None:
        """Give it back. ReleasedError the second time; nothing in a forked child, whose memory is its own."""
        cell = self._held()
        self._cell = None
        self._finalizer.detach()
        self._account.ledger.let_go(self._account, cell)

    def _held(self) -> _Cell:
        if self._cell is None:
            raise ReleasedError(f"this claim on the budget of {self._account.room} was released already")
        return self._cell


class _Cell:
    """The bytes of a claim, and how many share them."""

    __slots__ = ("owners", "size_bytes")

    def __init__(self) -> None:
        self.owners, self.size_bytes = 1, 0


class Account:
    """One room's part of a ledger."""

    def __init__(self, ledger: Ledger, room: str) -> None:
        self.ledger, self.room = ledger, room
        self.budget_bytes = 0
        self.used_bytes = 0
        self.peak_bytes = 0
        self.refused = 0
        self._listeners: list[Callable[[], Callable[[int], None] | None]] = []
        self._gauges: weakref.WeakKeyDictionary[Any, Callable[[Any], int]] = weakref.WeakKeyDictionary()

    @property
    def held_bytes(self) -> int:
        """What is claimed, and what gauges show."""
        return self.used_bytes + sum(read(owner) for owner, read in list(self._gauges.items()))

    @property
    def gauges(self) -> int:
        """How many have their bytes counted by a gauge: who shares a budget may take no more than his part."""
        return len(self._gauges)

    @property
    def free_bytes(self) -> int:
        """What can still be taken."""
        return max(0, self.budget_bytes - self.held_bytes)

    def gauge(self, owner: Owner, read: Callable[[Owner], int]) -> None:
        """Count ``read(owner)`` bytes, asked whenever that matters, for as long as ``owner`` lives.

        For what changes too often for a claim, and is bounded by its room itself. ``read`` takes no lock.
        """
        self._gauges[owner] = read

    def take(self, size_bytes: int) -> Claim:
        """Hold so many bytes more. BudgetError where that is above the budget; ForkedError in a forked child."""
        cell = _Cell()
        if not self.ledger.change(self, cell, size_bytes):
            self.refuse(size_bytes)
        return Claim(self, cell)

    def refuse(self, size_bytes: int) -> None:
        """Raise the BudgetError for so many bytes."""
        self.refused += 1
        raise BudgetError(
            f"no memory for {self.room} ({ROOMS[self.room]}): {show_size(size_bytes)} more are wanted, "
            f"{show_size(self.free_bytes)} of its {show_size(self.budget_bytes)} are free; --memory gives more",
            self.room,
            size_bytes,
            self.free_bytes,
        )

    def on_budget(self, evict: Callable[[int], None]) -> None:
        """Call the method ``evict`` with the new budget in bytes whenever it changes, for as long as its object lives.

        What is above the budget is to be given back.
        """
        self._listeners.append(weakref.WeakMethod(evict))

    def tell(self) -> None:
        """Let the room know its budget."""
        self._listeners = [listener for listener in self._listeners if listener() is not None]
        for listener in self._listeners:
            if (evict := listener()) is not None:
                evict(self.budget_bytes)


class Ledger:
    """What every room holds.

    total_bytes: the sum of all budgets; None takes a quarter of what there is and at most a GiB, but what is needed
        where that is more and at most nine tenths of what there is
    shares: parts by room of what is left after all needs, instead of the default's
    fixed: budgets by room, or by a name of the original plan for several, instead of their needs and shares
    machine: where the limits come from

    Raises SettingsError for a total above the cap (6.4 GiB) or above what the machine or container has.
    """

    def __init__(
        self,
        total_bytes: int | None = None,
        *,
        shares: Mapping[str, int] | None = None,
        fixed: Mapping[str, int] | None = None,
        machine: Machine | None = None,
    ) -> None:
        self.machine = machine or Machine()
        self.lock = threading.RLock()
        self._limit_bytes = self.machine.limit_bytes
        self.machine.close()
        self._shares = _known({**SHARES, **(shares or {})})
        self._fixed = _known(fixed or {}, GROUPS)
        self._pid = os.getpid()
        self._needs: dict[str, dict[str, int]] = {}
        self._forgotten: deque[tuple[Account, _Cell]] = deque()
        self._accounts = {room: Account(self, room) for room in ROOMS}
        self.total_bytes = 0
        self._is_default = total_bytes is None
        self._sparing: Container[str] = ()
        """Rooms whose needs a later total had no room for; who comes then makes do likewise."""
        given = default_total(self._limit_bytes) if total_bytes is None else total_bytes
        self.set_total(checked_total(given, self._limit_bytes))

    def account(self, room: str) -> Account:
        """A room's account. KeyError for one that has none."""
        return self._accounts[room]

    @property
    def needs(self) -> dict[str, int]:
        """What all who were fitted in need together, bytes by room; the program is there once."""
        each = self._needs.values()
        summed = {room: sum(needs.get(room, 0) for needs in each) for room in ROOMS if room != "program"}
        return {"program": max((needs.get("program", 0) for needs in each), default=0), **summed}

    @property
    def floor_bytes(self) -> int:
        """The smallest total for those who were fitted in."""
        return floor_bytes(self.needs)

    def fit(self, owner: str, needs: Mapping[str, int]) -> None:
        """Make room for what ``owner`` cannot do without, instead of what it said before.

        BudgetError, and all as before, where the total is too small for that. Where ``set_total`` has left reading with
        its shares, its needs are not asked for here either.
        """
        with self.lock:
            before = self._needs.get(owner)
            self._needs[owner] = dict(_known(needs))
            try:
                self._grow_default()
                self._divide(self.total_bytes, self._sparing)
            except BaseException:
                self._needs.pop(owner)
                if before is not None:
                    self._needs[owner] = before
                raise
        self._tell()

    def _grow_default(self) -> None:
        """Nobody chose a total that is too small: where there is enough, it becomes what is needed."""
        if self._is_default and self.total_bytes < self.floor_bytes <= (self._limit_bytes or 0) * 9 // 10:
            self.total_bytes = self.floor_bytes

    def leave(self, owner: str) -> None:
        """``owner`` needs nothing any more."""
        with self.lock:
            if self._needs.pop(owner, None) is None:
                return
            self._sparing = self._divide(self.total_bytes, SPARED)
        self._tell()

    def set_total(self, total_bytes: int) -> None:
        """Another total, also while watching: rooms that hold more than their new budgets give back what they can.

        Where it is too small to read text as well, the rooms that only reading needs must make do with their shares,
        and pressure then pauses it. Raises as ``Ledger`` and ``fit`` do where even capture does not fit; then all is as
        before.
        """
        with self.lock:
            self._sparing = self._divide(checked_total(total_bytes, self._limit_bytes), SPARED)
            self._is_default = self._is_default and not self.total_bytes
            self.total_bytes = total_bytes
        self._tell()

    def _divide(self, total_bytes: int, sparing: Container[str] = ()) -> Container[str]:
        """Set the budgets; needs of rooms in ``sparing`` count where they fit, and else not at all.

        Returns the rooms whose needs did not fit.
        """
        spared: Container[str] = ()
        try:
            budgets = share(total_bytes, self.needs, self._shares, self._fixed)
        except BudgetError:
            needs = {room: size for room, size in self.needs.items() if room not in sparing}
            if not sparing or needs == self.needs:
                raise
            budgets, spared = share(total_bytes, needs, self._shares), sparing
        for room, budget in budgets.items():
            self._accounts[room].budget_bytes = budget
        return spared

    def _tell(self) -> None:
        for account in self._accounts.values():
            account.tell()

    # -- bytes, for accounts and claims ------------------------------------------------------------------------

    def change(self, account: Account, cell: _Cell, size_bytes: int) -> bool:
        """Let ``cell`` hold ``size_bytes``; False where the account's budget does not allow it."""
        if size_bytes < 0:
            raise ValueError(f"{size_bytes} bytes cannot be held")
        if os.getpid() != self._pid:
            raise ForkedError("this memory ledger belongs to the parent process; a forked child must make its own")
        with self.lock:
            self._collect()
            more = size_bytes - cell.size_bytes
            if more > account.free_bytes:
                return False
            cell.size_bytes = size_bytes
            account.used_bytes += more
            account.peak_bytes = max(account.peak_bytes, account.held_bytes)
            return True

    def let_go(self, account: Account, cell: _Cell) -> None:
        """One owner less of ``cell``; its bytes are free with the last."""
        if os.getpid() == self._pid:
            with self.lock:
                self._collect()
                self._drop(account, cell)

    def forget(self, account: Account, cell: _Cell) -> None:
        """An owner of ``cell`` was collected, at any moment and in any thread: no lock may be taken now."""
        self._forgotten.append((account, cell))

    def _collect(self) -> None:
        while self._forgotten:
            self._drop(*self._forgotten.popleft())

    def _drop(self, account: Account, cell: _Cell) -> None:
        cell.owners -= 1
        if cell.owners == 0:
            account.used_bytes -= cell.size_bytes
            cell.size_bytes = 0

    # -- telling -----------------------------------------------------------------------------------------------

    @property
    def used_bytes(self) -> int:
        """What all rooms hold by their own account, without the program."""
        return sum(account.held_bytes for account in self._accounts.values())

    def report(self, resident_bytes: int | None = None) -> dict[str, RoomUse]:
        """Each room's use. What the process holds beyond it (of ``resident_bytes``) is the program's."""
        if self._forgotten and self.lock.acquire(blocking=False):
            try:
                self._collect()
            finally:
                self.lock.release()
        known = self.used_bytes
        told: dict[str, RoomUse] = {}
        for room, account in self._accounts.items():
            used = max(0, resident_bytes - known) if room == "program" and resident_bytes else account.held_bytes
            account.peak_bytes = max(account.peak_bytes, used)
            told[room] = RoomUse(account.budget_bytes, used, account.peak_bytes, account.refused)
        return told


def _known(sizes: Mapping[str, int], more: Iterable[str] = ()) -> Mapping[str, int]:
    """``sizes``, where each name is a room's (or one of ``more``) and each number is at least 0. SettingsError."""
    names = (*ROOMS, *more)
    for room, size in sizes.items():
        if room not in names:
            raise SettingsError(f"{room!r} has no memory budget; those that have: {', '.join(names)}")
        if size < 0:
            raise SettingsError(f"the memory budget of {room} must be 0 or more, not {size}")
    return sizes
