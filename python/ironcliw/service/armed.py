"""Conditions that others armed in the running watcher, and what has met them since.

    armed = Armed(arm, disarm)
    key = armed.arm("text:/passed|failed/i", now=True, lease_s=600)
    armed.wait(key, after=0, timeout_s=50)      # Met(number=1, event) or None: pending

What meets a condition is kept until its lease ends, whether anybody waits at that moment or not, and whatever becomes
of the engine meanwhile. Each wait renews the lease.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ironcliw import clock
from ironcliw.errors import IpcError, NotArmedError
from ironcliw.event import Event

MOST_ARMED = 64
MOST_MET = 16
"""Alerts kept of one condition; older ones are counted."""
LEASE_S, LONGEST_LEASE_S = 600.0, 24 * 3600.0
LONGEST_WAIT_S = 50.0
MOST_WAITING = 32


@dataclass(slots=True)
class _Entry:
    key: str
    condition: str
    now: bool
    lease_s: float
    ends_ns: int
    screen: str | None = None
    count: int = 0
    met: deque[tuple[int, Event]] = field(default_factory=lambda: deque[tuple[int, Event]](maxlen=MOST_MET))


@dataclass(frozen=True, slots=True)
class Met:
    """The condition was met for the ``number``-th time; ``lost``: how often before that it cannot be told of."""

    number: int
    event: Event
    lost: int


class Armed:
    """The armed conditions of one watcher. From any thread.

    arm: has the engine watch for an entry (``id``, ``condition``, ``now``, and ``screen`` where it is for one of
        several); raises what is wrong with it
    disarm: has it stop that
    """

    def __init__(self, arm: Callable[[dict[str, Any]], None], disarm: Callable[[str], None]) -> None:
        self._arm, self._disarm = arm, disarm
        self._entries: dict[str, _Entry] = {}
        self._changed = threading.Condition()
        self._waiting = 0
        self._closed = False

    def arm(self, condition: str, *, now: bool, lease_s: float = LEASE_S, screen: str | None = None) -> str:
        """Arm a condition, on one of several screens or on all; its id. IpcError, ConditionError where it cannot be."""
        self.expire()
        key = secrets.token_hex(4)
        with self._changed:
            if len(self._entries) >= MOST_ARMED:
                raise IpcError(f"{MOST_ARMED} conditions are armed, which is the most: disarm one, or wait for one")
            ends_ns = clock.monotonic_ns() + round(lease_s * clock.SECOND)
            # Before the engine knows: what meets it at once must find it here.
            self._entries[key] = _Entry(key, condition, now, lease_s, ends_ns, screen)
        try:
            self._arm({"id": key, "condition": condition, "now": now, **_of(screen)})
        except BaseException:
            with self._changed:
                self._entries.pop(key, None)
            raise
        return key

    def disarm(self, key: str) -> bool:
        """Take it back; whether there was one. Who waits for it is told that it is not armed."""
        with self._changed:
            known = self._entries.pop(key, None) is not None
            self._changed.notify_all()
        if known:
            self._disarm(key)
        return known

    def met(self, event: Event) -> None:
        """An alert about an armed condition."""
        with self._changed:
            entry = self._entries.get(event.data["armed"])
            if entry is not None:
                entry.count += 1
                entry.met.append((entry.count, event))
                self._changed.notify_all()

    def wait(self, key: str, *, after: int, timeout_s: float) -> Met | None:
        """What met it first after the ``after``-th time; None where nothing did in time. IpcError: not armed."""
        deadline_ns = clock.monotonic_ns() + round(timeout_s * clock.SECOND)
        self.expire()
        with self._changed:
            if self._waiting >= MOST_WAITING:
                raise IpcError(f"{MOST_WAITING} wait already: ask again in a moment")
            self._waiting += 1
            try:
                while True:
                    entry = self._renewed(key)
                    found = next((each for each in entry.met if each[0] > after), None)
                    if found is not None:
                        return Met(found[0], found[1], found[0] - 1 - after)
                    left_s = (deadline_ns - clock.monotonic_ns()) / clock.SECOND
                    if left_s <= 0:
                        return None
                    self._changed.wait(left_s)
            finally:
                self._waiting -= 1

    def _renewed(self, key: str) -> _Entry:
        entry = self._entries.get(key)
        if self._closed:
            raise IpcError("the watcher ends")
        if entry is None:
            raise NotArmedError("this condition is not armed, or no more: arm it again")
        entry.ends_ns = clock.monotonic_ns() + round((entry.lease_s + LONGEST_WAIT_S) * clock.SECOND)
        return entry

    def expire(self) -> None:
        """Take back what nobody asked for within its lease."""
        now_ns = clock.monotonic_ns()
        with self._changed:
            over = [key for key, entry in self._entries.items() if entry.ends_ns < now_ns]
        for key in over:
            self.disarm(key)

    def again(self) -> list[dict[str, Any]]:
        """What an engine that is started anew has to arm: what met a condition once does not meet it again."""
        with self._changed:
            return [
                {"id": each.key, "condition": each.condition, "now": each.now and not each.count, **_of(each.screen)}
                for each in self._entries.values()
            ]

    def listed(self) -> list[dict[str, Any]]:
        """The armed conditions, as JSON values."""
        now_ns = clock.monotonic_ns()
        with self._changed:
            return [
                {
                    "rule": each.condition,
                    "armed": each.key,
                    "met": each.count,
                    "lease_s": round(max(0, each.ends_ns - now_ns) / clock.SECOND),
                    **_of(each.screen),
                }
                for each in self._entries.values()
            ]

    def close(self) -> None:
        """Whoever waits is told that the watcher ends."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _of(screen: str | None) -> dict[str, str]:
    return {} if screen is None else {"screen": screen}
