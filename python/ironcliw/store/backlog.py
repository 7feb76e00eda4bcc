"""What waits to be written: bounded, oldest first, and what is dropped is counted.

    backlog.put(row)                      # never waits
    backlog.take(limit)                   # the oldest, in order
    backlog.give_back(rows)               # they could not be written yet

Policy DROP_OLDEST, changes and movements first: while the disk is full a watch goes on, and what is worth most is kept
longest.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from ironcliw.store.row import Row

MOST_EVENTS = 10_000
MOST_BYTES = 16 << 20
LARGEST_EVENT_BYTES = 1 << 20
_EXPENDABLE = frozenset(("change", "text_moved"))
_REMEMBERED = 10_000


class Backlog:
    """Not locked: whoever shares it does that.

    lost: how many events were lost, by why
    """

    def __init__(self, most_events: int = MOST_EVENTS, most_bytes: int = MOST_BYTES) -> None:
        self._most_events, self._most_bytes = most_events, most_bytes
        self._expendable: deque[Row] = deque()
        self._worth_more: deque[Row] = deque()
        self._bytes = 0
        self._taken: Sequence[Row] = ()
        self._lost_lately: deque[int] = deque(maxlen=_REMEMBERED)
        self.lost: Counter[str] = Counter()

    def __len__(self) -> int:
        """Events that wait, those that are being written included."""
        return len(self._expendable) + len(self._worth_more) + len(self._taken)

    @property
    def bytes(self) -> int:
        """Bytes of JSON that wait, those that are being written included."""
        return self._bytes

    def put(self, row: Row) -> bool:
        """Add an event; whether nothing had to be dropped for it."""
        size = _bytes(row)
        if size > LARGEST_EVENT_BYTES:
            self.lose(row.sequence, "too_large")
            return False
        dropped = 0
        while self._waiting() and (len(self) >= self._most_events or self._bytes + size > self._most_bytes):
            self._drop_oldest()
            dropped += 1
        self._lane(row).append(row)
        self._bytes += size
        return not dropped

    def take(self, most: int, most_bytes: int) -> list[Row]:
        """The oldest events, ``most`` and about ``most_bytes`` at most. They count until ``wrote`` or ``give_back``."""
        taken: list[Row] = []
        size = 0
        while self._waiting() and len(taken) < most and size < most_bytes:
            row = self._oldest_lane().popleft()
            taken.append(row)
            size += _bytes(row)
        self._taken = taken
        return taken

    def wrote(self) -> None:
        """What was taken is kept now."""
        self._bytes -= sum(map(_bytes, self._taken))
        self._taken = ()

    def give_back(self) -> None:
        """What was taken could not be written: it waits again."""
        for row in reversed(self._taken):
            self._lane(row).appendleft(row)
        self._taken = ()

    def lose_all(self, why: str) -> None:
        """Nothing will be written any more."""
        self.give_back()
        while self._waiting():
            row = self._oldest_lane().popleft()
            self._bytes -= _bytes(row)
            self.lose(row.sequence, why)

    def lose(self, sequence: int, why: str) -> None:
        """Count an event that is not kept."""
        self.lost[why] += 1
        self._lost_lately.append(sequence)

    def is_lost(self, sequence: int) -> bool:
        """Whether this event was dropped, as far as is remembered (10,000 events)."""
        return sequence in self._lost_lately

    def _waiting(self) -> bool:
        return bool(self._expendable or self._worth_more)

    def _lane(self, row: Row) -> deque[Row]:
        return self._expendable if row.type in _EXPENDABLE else self._worth_more

    def _oldest_lane(self) -> deque[Row]:
        if not self._expendable or not self._worth_more:
            return self._expendable or self._worth_more
        return min(self._expendable, self._worth_more, key=lambda lane: lane[0].sequence)

    def _drop_oldest(self) -> None:
        row = (self._expendable or self._worth_more).popleft()
        self._bytes -= _bytes(row)
        self.lose(row.sequence, "behind")


def _bytes(row: Row) -> int:
    """What the JSON takes in memory, at the most."""
    return len(row.json) if row.json.isascii() else 4 * len(row.json)
