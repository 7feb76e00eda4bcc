"""Hands events to actions without ever waiting for one.

dispatcher = Dispatcher([Notifier(), Exec("play alarm.ogg")])
dispatcher.submit(event)              # returns at once
dispatcher.close(timeout_s=5)         # what is queued is delivered first, for as long as that
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ironcliw import clock
from ironcliw.action.protocol import Action
from ironcliw.errors import ActionError, SettingsError
from ironcliw.event import Event

QUEUE_DEPTH = 16

_ABANDON_S = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What became of the events handed to one action: submitted = delivered + failed + dropped + waiting."""

    submitted: int
    delivered: int
    failed: int
    dropped: int
    waiting: int


class Dispatcher:
    """Gives each action a thread and a queue of its own, DROP_OLDEST, so that none holds up the watch or another.

    An action that fails is one warning line, and another only when it fails otherwise or again after having worked; one
    that drops events is one line each time it falls behind. No line holds text from the screen.
    """

    def __init__(self, actions: Sequence[Action], *, queue_depth: int = QUEUE_DEPTH) -> None:
        if queue_depth < 1:
            raise SettingsError(f"an action's queue of {queue_depth} events: at least 1 is needed")
        self._lanes = [_Lane(action, queue_depth) for action in actions]

    def submit(self, event: Event) -> None:
        """Queue the event for every action; never blocks. After ``close`` it counts as dropped."""
        for lane in self._lanes:
            lane.submit(event)

    def deliveries(self) -> list[tuple[str, Deliveries]]:
        """Each action's name and its counts, in the order the actions were given."""
        return [(lane.action.name, lane.deliveries()) for lane in self._lanes]

    def close(self, timeout_s: float = 5.0) -> list[tuple[str, Deliveries]]:
        """Deliver what is queued for up to ``timeout_s`` in all, then give the rest up; returns the final counts."""
        deadline_ns = clock.monotonic_ns() + round(timeout_s * clock.SECOND)
        for lane in self._lanes:
            lane.finish()
        for lane in self._lanes:
            lane.join(max(0, deadline_ns - clock.monotonic_ns()) / clock.SECOND)
        for lane in self._lanes:
            lane.abandon()
        return self.deliveries()


class _Lane:
    """One action, its queue and its thread."""

    def __init__(self, action: Action, depth: int) -> None:
        self.action = action
        self._depth = depth
        self._queue: deque[Event] = deque()
        self._changed = threading.Condition()
        self._finishing = False
        self._behind = False
        self._last_failure = ""
        self._submitted = self._delivered = self._failed = self._dropped = 0
        # A daemon: an action that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name=f"ironcliw-{action.name}", daemon=True)
        self._thread.start()

    def submit(self, event: Event) -> None:
        with self._changed:
            self._submitted += 1
            if self._finishing:
                self._dropped += 1
                return
            fell_behind = len(self._queue) >= self._depth and not self._behind
            if len(self._queue) >= self._depth:
                self._queue.popleft()
                self._dropped += 1
                self._behind = True
            self._queue.append(event)
            self._changed.notify()
        if fell_behind:
            _log.warning("%s cannot keep up: the oldest of its waiting events are dropped", self.action.name)

    def deliveries(self) -> Deliveries:
        with self._changed:
            counts = (self._submitted, self._delivered, self._failed, self._dropped)
            return Deliveries(*counts, waiting=self._submitted - sum(counts[1:]))

    def finish(self) -> None:
        """Take nothing more; the thread ends once the queue is empty."""
        with self._changed:
            self._finishing = True
            self._changed.notify()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def abandon(self) -> None:
        """Drop what is still queued, and have the action give up what it is at."""
        with self._changed:
            left = len(self._queue)
            self._dropped += left
            self._queue.clear()
        if left:
            _log.warning("%s did not get to %d events before the end", self.action.name, left)
        self.action.close()
        self._thread.join(_ABANDON_S)
        if self._thread.is_alive():
            _log.warning("%s is still busy with an event and is left behind", self.action.name)

    def _run(self) -> None:
        while (event := self._next()) is not None:
            delivered = self._deliver(event)
            with self._changed:
                self._delivered += delivered
                self._failed += not delivered

    def _next(self) -> Event | None:
        with self._changed:
            if not self._queue:
                self._behind = False
            self._changed.wait_for(lambda: self._queue or self._finishing)
            return self._queue.popleft() if self._queue else None

    def _deliver(self, event: Event) -> bool:
        failure = ""
        try:
            self.action.deliver(event)
        except ActionError as error:
            failure = str(error)
        except Exception as error:  # noqa: BLE001 - any fault of an action; its own words may be the screen's
            failure = f"failed on an event: {type(error).__name__}"
        if failure and failure != self._last_failure:
            _log.warning("%s: %s", self.action.name, failure)
        self._last_failure = failure
        return not failure
