"""The last events of a watcher, in memory: what happened since a cursor, also where no event log is kept.

    backlog = Backlog(log=None)
    backlog.put(event)
    backlog.since("4f1c.12", limit=100)   # Page(events, cursor, lost, more)

A cursor is a text that says up to where somebody has read; it means nothing else to anybody. Where a log is kept, its
cursors outlast the watcher, and what is no longer in memory is read from it.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ironcliw.errors import IpcError
from ironcliw.event import Event

MOST_EVENTS = 10_000
MOST_BYTES = 4 << 20
MOST_AT_ONCE = 500
MOST_BYTES_AT_ONCE = 512 << 10
_EVENT_BYTES = 1_000
_CURSOR = re.compile(r"([0-9a-z]{1,12})\.([0-9]{1,15})")

Wanted = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """Some events and where to go on.

    cursor: to ask for what comes after them
    lost: how many events after the cursor that was asked for are kept no more; None where that is not known
    more: whether others follow that were left out of this page
    """

    events: list[Event]
    cursor: str
    lost: int | None
    more: bool


class Backlog:
    """Bounded: the oldest events go first. From any thread.

    log, last: the event log's file, and the number of the last event in it before the first that is put here
    """

    def __init__(
        self, log: Path | None = None, last: int = 0, *, most_events: int = MOST_EVENTS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._log = log
        self._run = "log" if log is not None else secrets.token_hex(3)
        self._last = last
        self._first = last + 1
        self._events: deque[tuple[Event, int]] = deque()
        self._bytes = 0
        self._most_events, self._most_bytes = most_events, most_bytes
        self._lock = threading.Lock()

    @property
    def cursor(self) -> str:
        """After the last event."""
        with self._lock:
            return self._cursor(self._last)

    @property
    def bytes(self) -> int:
        """About what the events take."""
        return self._bytes

    def put(self, event: Event) -> None:
        """The next event."""
        size = _EVENT_BYTES + len(event.text or "") + 100 * len(event.regions or ())
        with self._lock:
            self._last += 1
            self._events.append((event, size))
            self._bytes += size
            while len(self._events) > self._most_events or self._bytes > self._most_bytes:
                self._bytes -= self._events.popleft()[1]
                self._first += 1

    def since(self, cursor: str | None, *, limit: int, wanted: Wanted = lambda event: True) -> Page:
        """Up to ``limit`` events after ``cursor``, oldest first; without one the newest there are. IpcError for a
        cursor that is none of ours.
        """
        limit = min(limit, MOST_AT_ONCE)
        if cursor is None:
            return self._newest(limit, wanted)
        after, known = self._position(cursor)
        from_log = self._from_log(after, limit, wanted)
        if from_log is not None:
            return from_log
        with self._lock:
            first, last = self._first, self._last
            kept = [event for event, _ in self._events]
        lost = (max(0, first - 1 - after) if known else None) if after < first - 1 or not known else 0
        begin = max(0, after - (first - 1)) if known else 0
        return self._page(kept[begin:], first + begin, last, limit, wanted, lost)

    def search(self, *, limit: int, wanted: Wanted, since_ns: int | None, words: str | None) -> Page:
        """The newest ``limit`` events that are wanted, oldest first, of all that are kept; of a log not before
        ``since_ns`` (nanoseconds since 1970).
        """
        limit = min(limit, MOST_AT_ONCE)
        if self._log is None:
            return self._newest(limit, wanted)
        from ironcliw.store import EventReader, Query  # noqa: PLC0415 - SQLite is loaded by those who need it

        with self._lock:
            last = self._last
        found: deque[Event] = deque(maxlen=limit + 1)
        with EventReader(self._log) as reader:
            for stored in reader.since(Query(since_ns=since_ns, words=words)):
                if wanted(stored.event):
                    found.append(stored.event)
        events = _as_many([*reversed(found)][:limit])[::-1]
        return Page(events, self._cursor(last), 0, len(found) > len(events))

    def _newest(self, limit: int, wanted: Wanted) -> Page:
        with self._lock:
            kept, last = [event for event, _ in self._events if wanted(event)], self._last
        events = _as_many([*reversed(kept)][:limit])[::-1]
        return Page(events, self._cursor(last), 0, len(events) < len(kept))

    def _page(self, kept: list[Event], number: int, last: int, limit: int, wanted: Wanted, lost: int | None) -> Page:
        chosen = [(at, event) for at, event in enumerate(kept, number) if wanted(event)]
        events = _as_many([event for _, event in chosen[:limit]])
        more = len(events) < len(chosen)
        return Page(events, self._cursor(chosen[len(events)][0] - 1 if more else last), lost, more)

    def _from_log(self, after: int, limit: int, wanted: Wanted) -> Page | None:
        """What the log has where memory does not reach back so far; None where it does, or there is no log."""
        if self._log is None or after >= self._first - 1:
            return None
        from ironcliw.store import EventReader, Query  # noqa: PLC0415 - SQLite is loaded by those who need it

        events: list[Event] = []
        at, oldest = after, None
        with EventReader(self._log) as reader:
            for stored in reader.since(Query(cursor=after)):
                oldest = stored.sequence if oldest is None else oldest
                if wanted(stored.event):
                    if len(events) == limit:
                        break
                    events.append(stored.event)
                at = stored.sequence
                if at >= self._last:
                    break
        fitting = _as_many(events)
        if len(fitting) < len(events):
            return self._from_log(after, len(fitting), wanted)
        lost = 0 if oldest is None else max(0, oldest - 1 - after)
        return Page(events, self._cursor(at), lost, at < self._last)

    def _position(self, cursor: str) -> tuple[int, bool]:
        """The number that a cursor stands for, and whether it is one of this run."""
        found = _CURSOR.fullmatch(cursor)
        if found is None:
            raise IpcError(f"{cursor!r:.40} is no cursor: use one that came with an answer")
        return (min(int(found[2]), self._last), True) if found[1] == self._run else (0, False)

    def _cursor(self, number: int) -> str:
        return f"{self._run}.{number}"


def _as_many(events: list[Event]) -> list[Event]:
    """As many of them, from the first, as one answer holds; one at the least."""
    size = 0
    for count, event in enumerate(events):
        size += len(event.to_json()) * 2
        if size > MOST_BYTES_AT_ONCE and count:
            return events[:count]
    return events
