"""Conditions that are armed in a running watch and taken back again, beside those it began with.

arming = Arming(rules, queue, live, run="5f3a")
arming.arm("7", "text:/passed|failed/i", now=True)    # its alerts carry data["armed"] == "7"
arming.disarm("7")

What meets them is told in the order of all other events, but neither numbered among them nor kept in the log: it
concerns whoever armed the condition, and nobody else.
"""

from __future__ import annotations

import threading
from typing import Any

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.event import Event
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.queue import EventQueue
from ironcliw.rule import Firing, RuleSet

ARMED_MAX = 256


class Arming:
    """The armed conditions of one live watch. From any thread."""

    def __init__(self, rules: RuleSet, queue: EventQueue, live: LiveRun, *, source: str, run: str) -> None:
        self._rules, self._queue, self._live = rules, queue, live
        self._source, self._run = source, run
        self._keys: dict[str, int] = {}
        self._told = 0
        self._lock = threading.Lock()

    def arm(self, key: str, condition: str, *, now: bool) -> None:
        """Watch for ``condition``, too; nothing where ``key`` is armed already.

        now: whether what is on the screen already meets it

        Raises ConditionError where it cannot be understood, SettingsError where too many are armed.
        """
        with self._lock:
            if key in self._keys:
                return
            if len(self._keys) >= ARMED_MAX:
                raise SettingsError(f"{ARMED_MAX} conditions are armed, which is the most: disarm one")

            def add(now_ns: int) -> int:
                return self._rules.add(condition, now=now, time_ns=now_ns, met=lambda firing: self._tell(key, firing))

            self._keys[key] = self._live.change_rules(add)
        self._queue.wake()

    def disarm(self, key: str) -> bool:
        """Watch for it no more; whether it was armed."""
        with self._lock:
            number = self._keys.pop(key, None)
        return number is not None and self._live.change_rules(lambda now_ns: self._rules.remove(number))

    def _tell(self, key: str, firing: Firing) -> None:
        self._told += 1
        data: dict[str, Any] = {"armed": key}
        if firing.merged:
            data["merged"] = firing.merged
        event = Event(
            id=f"{self._run}-armed-{self._told}",
            type="alert",
            time=firing.time_ns / clock.SECOND,
            wall=clock.rfc3339(clock.wall_ns()),
            source=self._source,
            regions=firing.regions,
            text=firing.text,
            rule=firing.condition,
            confidence=firing.confidence,
            data=data,
        )
        self._queue.put(event)
