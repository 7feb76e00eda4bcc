"""At most so many alerts in a time, of one rule or of several together; binding whatever their priority.

limiter = Limiter(Rate(4, 3600 * SECOND))
limiter.until(now_ns)                 # None: one may be told now; else when
limiter.note(now_ns)                  # one was
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from ironcliw.rule.policy import Rate


class Limiter:
    """``rate``: None limits nothing."""

    def __init__(self, rate: Rate | None) -> None:
        self.rate = rate
        self._told: deque[int] = deque(maxlen=rate.count if rate else 1)

    def until(self, now_ns: int) -> int | None:
        """Source time from which on one may be told; None where that is now."""
        rate = self.rate
        if rate is None or len(self._told) < rate.count or now_ns - self._told[0] >= rate.within_ns:
            return None
        return self._told[0] + rate.within_ns

    def note(self, now_ns: int) -> None:
        """One was told."""
        if self.rate is not None:
            self._told.append(now_ns)

    def to_list(self) -> list[int]:
        """When the last ones were told, as a JSON value."""
        return list(self._told)

    def restore(self, told: Iterable[int], shift_ns: int = 0) -> None:
        """Go on from there; ``shift_ns`` is added to the times."""
        self._told.clear()
        self._told.extend(int(each) + shift_ns for each in told)


def told_of(limiters: Iterable[Limiter]) -> list[list[int]]:
    """When each told its last ones."""
    return [each.to_list() for each in limiters]


def restore_all(limiters: Iterable[Limiter], state: Mapping[str, Any], shift_ns: int = 0) -> None:
    """Go on with what ``told_of`` gave, in ``state["together"]``; none where an older state has none."""
    for limiter, told in zip(limiters, state.get("together", ()), strict=False):
        limiter.restore(told, shift_ns)
