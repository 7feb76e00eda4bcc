"""The bounded queue between the watcher's threads and whoever reads its events.

    queue = EventQueue(capacity=4096)
    queue.put(event)                      # never waits
    queue.get(timeout_s=1.0)              # the oldest event, or None

Policy DROP_OLDEST, ``change`` events first: a slow reader never slows the watcher, and loses an alert only when
thousands of alerts wait.
"""

from __future__ import annotations

import threading
from collections import Counter, deque

from ironcliw.event import Event


class EventQueue:
    """First in, first out; full means the oldest ``change`` (or else the oldest event) is dropped and counted."""

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = capacity
        self._events: deque[Event] = deque()
        self._ready = threading.Condition()
        self._closed = False
        self.dropped: Counter[str] = Counter()

    def put(self, event: Event) -> None:
        """Add an event without waiting."""
        with self._ready:
            if len(self._events) >= self._capacity:
                self._make_room()
            self._events.append(event)
            self._ready.notify()

    def _make_room(self) -> None:
        for expendable in ("change", "text_vanished", "text_appeared"):
            victim = next((event for event in self._events if event.type == expendable), None)
            if victim is not None:
                self._events.remove(victim)
                self.dropped[expendable] += 1
                return
        self.dropped[self._events.popleft().type] += 1

    def close(self) -> None:
        """No more events will come; what is queued can still be had."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    @property
    def closed(self) -> bool:
        """Whether no more events will come and none is left."""
        with self._ready:
            return self._closed and not self._events

    def get(self, timeout_s: float | None = None) -> Event | None:
        """The oldest event; None when none came within the timeout or the queue is closed and empty."""
        with self._ready:
            self._ready.wait_for(lambda: self._events or self._closed, timeout_s)
            return self._events.popleft() if self._events else None
