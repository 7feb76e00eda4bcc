"""So many at once, and one more each time a while has passed. Times are of the source.

bucket = Bucket(most=4, refill_ns=120 * clock.SECOND)
bucket.left(now_ns) >= 1 and bucket.take(now_ns)
"""

from __future__ import annotations


class Bucket:
    """Full at first."""

    def __init__(self, most: int, refill_ns: int) -> None:
        self._most, self._refill_ns = most, refill_ns
        self._left, self._filled_ns = float(most), 0

    def left(self, now_ns: int) -> float:
        """How many there are."""
        passed_ns = max(0, now_ns - self._filled_ns)
        self._left = min(float(self._most), self._left + passed_ns / self._refill_ns)
        self._filled_ns = max(now_ns, self._filled_ns)
        return self._left

    def take(self, now_ns: int) -> None:
        """One less."""
        self._left = max(0.0, self.left(now_ns) - 1)

    def next_ns(self, now_ns: int) -> int:
        """When there is one again."""
        return now_ns + round(max(0.0, 1 - self.left(now_ns)) * self._refill_ns)
