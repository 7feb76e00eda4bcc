"""When to leave an endpoint alone: after faults in a row, or because it asked to be.

    breaker = Breaker()
    if breaker.closed_s(now_s) == 0: ...
    breaker.failed(now_s, retry_after_s=30)

After ``AFTER`` faults in a row nothing is asked for a while, then one probe goes through; where that fails, too, the
while is twice as long.
"""

from __future__ import annotations

import random

AFTER = 5
FIRST_S, LONGEST_S = 15.0, 600.0
BACKOFF_FIRST_S, BACKOFF_LONGEST_S = 0.25, 8.0


class Breaker:
    """Of one endpoint. ``now_s`` is any clock that does not go back."""

    def __init__(self) -> None:
        self.faults = 0
        self._open_s = FIRST_S
        self._until_s = 0.0
        self.opened = 0
        """How often it opened."""

    def wait_s(self, now_s: float) -> float:
        """Seconds until the endpoint may be asked; 0 where it may be now."""
        return max(0.0, self._until_s - now_s)

    @property
    def probing(self) -> bool:
        """Whether the next request is a probe: it must not be tried again at once."""
        return self.faults >= AFTER

    def failed(self, now_s: float, retry_after_s: float | None = None) -> None:
        """A request brought no reply."""
        self.faults += 1
        if retry_after_s:
            self._until_s = max(self._until_s, now_s + retry_after_s)
        if self.faults >= AFTER:
            self._until_s = max(self._until_s, now_s + self._open_s)
            self._open_s = min(self._open_s * 2, LONGEST_S)
            self.opened += 1

    def worked(self) -> None:
        """A request brought a reply."""
        self.faults, self._open_s, self._until_s = 0, FIRST_S, 0.0


def backoff_s(attempt: int, chance: random.Random) -> float:
    """How long to wait before another try: twice as long each time, by chance at least half of that."""
    longest = min(BACKOFF_FIRST_S * 2 ** (attempt - 1), BACKOFF_LONGEST_S)
    return longest * (0.5 + chance.random() / 2)
