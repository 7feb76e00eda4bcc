"""The bounded queue between the watcher's threads and whoever reads its events.

    queue = EventQueue(capacity=4096)
    queue.put(event)                      # never waits, wakes nobody
    queue.wake()                          # whoever waits in get
    queue.get(timeout_s=1.0)              # the oldest event, or None

Policy DROP_OLDEST, ``change`` events first: a slow reader never slows the watcher, and loses an alert only when
thousands of alerts wait.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque

from ironcliw.event import Event
from ironcliw.memory import Account

EVENT_BYTES, REGION_BYTES = 1_200, 120
"""About what an event takes beside its text, and each of its regions."""


class EventQueue:
    """First in, first out; full means the oldest ``change`` (or else the oldest event) is dropped and counted.

    capacity: events at most; account: whose budget bounds their bytes, too
    """

    def __init__(self, capacity: int = 4096, account: Account | None = None) -> None:
        self.capacity = capacity
        self._account = account
        self._bytes = 0
        if account is not None:
            account.gauge(self, lambda queue: queue._bytes)
        self._events: deque[Event] = deque()
        self._guard = threading.Lock()
        # Open once something was put since it was last passed. A Condition does the same in many times the bytecodes,
        # which count where an event comes every 100 ms and finds every cache cold.
        self._gate = threading.Lock()
        self._gate.acquire()
        self._unannounced = False
        self._closed = False
        self.dropped: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many events wait."""
        return len(self._events)

    def put(self, event: Event) -> None:
        """Add an event without waiting and without waking a reader that waits already: ``wake`` must follow.

        A reader that is woken while the interpreter or a lock is held goes back to sleep, which costs both sides more
        than the event.
        """
        size = _bytes_of(event)
        with self._guard:
            # The summary comes last and says what was dropped: dropping for its sake would make it wrong.
            makes_room = event.type != "summary"
            while makes_room and self._events and (len(self._events) >= self.capacity or self._over(size)):
                self._make_room()
            self._events.append(event)
            self._bytes += size
            self._unannounced = True

    def wake(self) -> None:
        """Wake a reader where something was added since the last time. Best called by who is about to wait."""
        if self._unannounced:
            with self._guard:
                self._open()

    def _open(self) -> None:
        """Let one reader through. Whoever calls this holds the guard; only readers lock the gate."""
        self._unannounced = False
        if self._gate.locked():
            self._gate.release()

    def _over(self, size: int) -> bool:
        return self._account is not None and self._bytes + size > self._account.budget_bytes

    def _make_room(self) -> None:
        for expendable in ("change", "text_moved", "text_vanished", "text_changed", "text_appeared"):
            victim = next((event for event in self._events if event.type == expendable), None)
            if victim is not None:
                self._events.remove(victim)
                self._bytes -= _bytes_of(victim)
                self.dropped[expendable] += 1
                return
        victim = self._events.popleft()
        self._bytes -= _bytes_of(victim)
        self.dropped[victim.type] += 1

    def close(self) -> None:
        """No more events will come; what is queued can still be had."""
        with self._guard:
            self._closed = True
            self._open()

    @property
    def closed(self) -> bool:
        """Whether no more events will come and none is left."""
        with self._guard:
            return self._closed and not self._events

    def get(self, timeout_s: float | None = None) -> Event | None:
        """The oldest event; None when none came within the timeout or the queue is closed and empty."""
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        passed = True
        while True:
            with self._guard:
                event = self._events.popleft() if self._events else None
                if event is not None:
                    self._bytes -= _bytes_of(event)
                if self._events or self._closed:
                    self._open()  # for other readers
                if event is not None or self._closed or not passed:
                    return event
            left_s = -1 if deadline_s is None else max(0.0, deadline_s - time.monotonic())
            passed = self._gate.acquire(timeout=left_s)


def _bytes_of(event: Event) -> int:
    return EVENT_BYTES + REGION_BYTES * len(event.regions or ()) + len(event.text or "")
