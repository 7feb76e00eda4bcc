"""When a child that ended is started again, and with which kernels.

restarts = Restarts()
restarts.crashed(native=True)
restarts.delay_s(), restarts.kernels          # (0.0, None), after five native crashes in a minute (0.0, "reference")
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ironcliw import clock

CRASHES = 5
WITHIN_NS = 60 * clock.SECOND
"""So many native crashes within so long, and the child is started without native code of ours."""

LONGEST_DELAY_S = 30.0
_AT_ONCE = 5


class Restarts:
    """The ends of one child and its successors. ``now_ns``: a monotonic clock."""

    def __init__(self, now_ns: Callable[[], int] = clock.monotonic_ns) -> None:
        self.count = 0
        """How often a child had to be replaced."""
        self.kernels: str | None = None
        """What IRONCLIW_KERNELS is to be in the next child; None leaves it as it is."""
        self._now_ns = now_ns
        self._native: deque[int] = deque(maxlen=CRASHES)
        self._lately: deque[int] = deque(maxlen=64)

    def crashed(self, *, native: bool) -> bool:
        """A child ended that should not have; whether that makes the next one use the reference kernels."""
        now_ns = self._now_ns()
        self.count += 1
        self._lately.append(now_ns)
        if not native or self.kernels is not None:
            return False
        self._native.append(now_ns)
        if len(self._native) == CRASHES and now_ns - self._native[0] <= WITHIN_NS:
            self.kernels = "reference"
        return self.kernels is not None

    def delay_s(self) -> float:
        """How long to wait before the next start: nothing at first, then longer with each end within a minute."""
        now_ns = self._now_ns()
        lately = sum(now_ns - each <= WITHIN_NS for each in self._lately)
        return 0.0 if lately <= _AT_ONCE else min(LONGEST_DELAY_S, 2.0 ** (lately - _AT_ONCE - 1))
