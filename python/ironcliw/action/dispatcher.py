"""Hands events to actions without ever waiting for one.

dispatcher = Dispatcher([Notifier(), Exec("play alarm.ogg")])
dispatcher.submit(event)              # returns at once
dispatcher.close(timeout_s=5)         # what is queued is delivered first, for as long as that
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ironcliw import clock
from ironcliw.action.protocol import Action
from ironcliw.action.undelivered import Undelivered
from ironcliw.errors import ActionError, SettingsError
from ironcliw.event import Event

QUEUE_DEPTH = 16

_ABANDON_S = 1.0
_log = logging.getLogger(__name__)

Allows = Callable[[Event, str], bool]
"""Whether an action of this name is to hear of an event: not of a rule that was muted."""


def _always(event: Event, action: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What became of the events handed to one action: submitted = delivered + failed + dropped + waiting.

    held: events it was not handed, because their rule is muted
    depth: as many may wait, and one more that is being delivered
    """

    submitted: int
    delivered: int
    failed: int
    dropped: int
    waiting: int
    held: int = 0
    depth: int = QUEUE_DEPTH

    @property
    def lost(self) -> int:
        """Those that nobody was told of."""
        return self.failed + self.dropped


class Dispatcher:
    """Gives each action a thread and a queue of its own, DROP_OLDEST, so that none holds up the watch or another.

    An action that fails is one warning line, and another only when it fails otherwise or again after having worked; one
    that drops events is one line each time it falls behind. No line holds text from the screen.

    actions: hear of the events of all rules but those in ``routes``
    routes: for each rule by its name the actions that hear of its events; an action may stand in several
    queue_depth: of actions that do not say it themselves (``queue_depth``)
    allows: asked for each event and action
    undelivered: keeps what is not delivered yet, for after a crash; its owner closes it
    changed: called by the actions' threads after each event
    """

    def __init__(
        self,
        actions: Sequence[Action],
        *,
        routes: Mapping[str, Sequence[Action]] | None = None,
        queue_depth: int = QUEUE_DEPTH,
        allows: Allows | None = None,
        undelivered: Undelivered | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        if queue_depth < 1:
            raise SettingsError(f"an action's queue of {queue_depth} events: at least 1 is needed")
        self._lanes: dict[int, _Lane] = {}
        names: set[str] = set()
        every = [*actions, *(action for chosen in (routes or {}).values() for action in chosen)]
        for action in every:
            if id(action) not in self._lanes:
                name = _free_name(action.name, names)
                depth = int(getattr(action, "queue_depth", queue_depth))
                self._lanes[id(action)] = _Lane(action, name, depth, allows or _always, undelivered, changed)
        self._default = _distinct(self._lanes[id(action)] for action in actions)
        self._routes = {
            rule: _distinct(self._lanes[id(action)] for action in chosen) for rule, chosen in (routes or {}).items()
        }

    def submit(self, event: Event) -> None:
        """Queue the event for the actions of its rule; never blocks. After ``close`` it counts as dropped."""
        for lane in self._routes.get(rule_of(event), self._default):
            lane.submit(event)

    def deliveries(self) -> list[tuple[str, Deliveries]]:
        """Each action's name and its counts, in the order the actions were given; equal names are numbered."""
        return [(lane.name, lane.deliveries()) for lane in self._lanes.values()]

    def close(self, timeout_s: float = 5.0) -> list[tuple[str, Deliveries]]:
        """Deliver what is queued for up to ``timeout_s`` in all, then give the rest up; returns the final counts."""
        deadline_ns = clock.monotonic_ns() + round(timeout_s * clock.SECOND)
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.finish()
        for lane in lanes:
            lane.join(max(0, deadline_ns - clock.monotonic_ns()) / clock.SECOND)
        for lane in lanes:
            lane.abandon()
        return self.deliveries()


def rule_of(event: Event) -> str:
    """The rule that an alert is of: its name where it has one, else the condition as it was written."""
    name = event.data.get("name")
    return name if isinstance(name, str) else event.rule or ""


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    taken.add(free)
    return free


def _distinct(lanes: Iterable[_Lane]) -> list[_Lane]:
    return list(dict.fromkeys(lanes))


class _Lane:
    """One action, its queue and its thread."""

    def __init__(
        self,
        action: Action,
        name: str,
        depth: int,
        allows: Allows,
        undelivered: Undelivered | None,
        changed: Callable[[], None] | None,
    ) -> None:
        self.action, self.name = action, name
        self._tell_changed = changed
        self._depth, self._allows, self._undelivered = depth, allows, undelivered
        self._queue: deque[Event] = deque()
        self._changed = threading.Condition()
        self._finishing = False
        self._behind = False
        self._last_failure = ""
        self._submitted = self._delivered = self._failed = self._dropped = self._held = 0
        # A daemon: an action that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name=f"ironcliw-{name}", daemon=True)
        self._thread.start()

    def submit(self, event: Event) -> None:
        if not self._allows(event, self.action.name):
            with self._changed:
                self._held += 1
            return
        if self._undelivered is not None:
            self._undelivered.add(self.name, event.id)
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
            _log.warning("%s cannot keep up: the oldest of its waiting events are dropped", self.name)

    def deliveries(self) -> Deliveries:
        with self._changed:
            counts = (self._submitted, self._delivered, self._failed, self._dropped)
            return Deliveries(*counts, waiting=self._submitted - sum(counts[1:]), held=self._held, depth=self._depth)

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
            _log.warning("%s did not get to %d events before the end", self.name, left)
        self.action.close()
        self._thread.join(_ABANDON_S)
        if self._thread.is_alive():
            _log.warning("%s is still busy with an event and is left behind", self.name)

    def _run(self) -> None:
        while (event := self._next()) is not None:
            delivered = self._deliver(event)
            with self._changed:
                self._delivered += delivered
                self._failed += not delivered
            if delivered and self._undelivered is not None:
                self._undelivered.delivered(self.name, event.id)
            if self._tell_changed is not None:
                self._tell_changed()

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
            _log.warning("%s: %s", self.name, failure)
        self._last_failure = failure
        return not failure
