"""What live sources have in common that may go away: a gap is told, they are tried again, and what comes back is told.

    class WaylandSource(Returning): ...

A subclass says how to connect (``_connect``), how to wait for something new (``_next``), how to hand over memory
(``_hand_over``) and how to let go (``_disconnect``). The first two raise ``LostError``.
"""

from __future__ import annotations

import threading

from ironcliw import clock
from ironcliw.frame import Geometry
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Back, Gap, Idle, Message, Resized

FIRST_RETRY_MS = 200
LONGEST_RETRY_MS = 2_000
GAP_REASONS = ("lost", "no_reply", "denied")
SHORTEST_CONNECT_MS = 250
"""A source needs this long to let us in, even where ``read`` was to take less."""


class LostError(Exception):
    """The source cannot be seen. ``reason``: as in ``Gap``; ``detail``: one line for a person."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Returning:
    """A live source that may be lost and come back."""

    live = True
    lossless = True
    kind = "source"

    def __init__(self, reply_timeout_ms: int) -> None:
        self._reply_timeout_ms = reply_timeout_ms
        self._memory: FrameMemory | None = None
        self._geometry: Geometry | None = None
        self._connected = False
        self._sequence = 0
        self._started_ns = 0
        self._lost_reason = ""
        self._attach_due = False
        self._retry_ms = FIRST_RETRY_MS
        self._retry_at_ns = 0
        self._interrupted = threading.Event()

    def attach(self, memory: FrameMemory) -> None:
        """Capture into this memory from now on. ValueError where its size is not the geometry's."""
        geometry = self._geometry
        if geometry is None:
            raise ValueError(f"open the {self.kind} source before attaching memory to it")
        if memory.pixels.shape[:2] != (geometry.height, geometry.width):
            height, width = memory.pixels.shape[:2]
            raise ValueError(f"memory of {width}x{height} pixels for a source of {geometry.width}x{geometry.height}")
        before, self._memory = self._memory, memory
        if not self._connected:
            return
        try:
            self._hand_over(memory, before if not self._attach_due else None)
            self._attach_due = False
        except LostError:
            self._attach_due = True  # the next ``read`` tries again, and tells why not

    def read(self, timeout_ms: int) -> Message:
        """Wait at most ``timeout_ms`` for a change; in a gap, for the source to return."""
        if self._geometry is None:
            raise ValueError(f"open the {self.kind} source before reading from it")
        if not self._connected:
            return self._reconnect(max(0, timeout_ms))
        try:
            if self._memory is not None and self._attach_due:
                self._hand_over(self._memory, None)
                self._attach_due = False
            return self._next(max(0, timeout_ms))
        except LostError as lost:
            return self._lose(lost)

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        self._interrupted.set()

    def close(self) -> None:
        """Disconnect; may be called twice. The attached memory is the caller's."""
        self._let_go()
        self._memory = None
        self._geometry = None
        self._lost_reason = ""

    def _connect(self, timeout_ms: int) -> Geometry:
        raise NotImplementedError

    def _disconnect(self) -> None:
        raise NotImplementedError

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        """Capture into ``memory`` from now on; ``before``: what was captured into last, None where that is unknown."""
        raise NotImplementedError

    def _next(self, timeout_ms: int) -> Message:
        raise NotImplementedError

    def _begin(self) -> Geometry:
        """What ``open`` does: connect anew, from the start. Raises LostError."""
        self.close()
        self._geometry = self._connect(self._reply_timeout_ms)
        self._connected = True
        self._attach_due = False
        self._started_ns = clock.monotonic_ns()
        self._sequence = 0
        return self._geometry

    def _resized(self, geometry: Geometry) -> Resized:
        self._memory = None
        self._geometry = geometry
        return Resized(self._time_ns(), geometry)

    def _time_ns(self) -> int:
        return clock.monotonic_ns() - self._started_ns

    def _let_go(self) -> None:
        if self._connected:
            self._connected = False
            self._disconnect()

    def _lose(self, lost: LostError) -> Gap:
        self._let_go()
        self._lost_reason = lost.reason if lost.reason in GAP_REASONS else "lost"
        self._retry_ms = FIRST_RETRY_MS
        self._retry_at_ns = clock.monotonic_ns() + self._retry_ms * clock.MS
        return Gap(self._time_ns(), self._lost_reason, lost.detail)

    def _reconnect(self, timeout_ms: int) -> Message:
        """Try to connect whenever an attempt is due, until that works or the time is up."""
        deadline_ns = clock.monotonic_ns() + timeout_ms * clock.MS
        while True:
            wait_ns = min(self._retry_at_ns, deadline_ns) - clock.monotonic_ns()
            if wait_ns > 0 and self._interrupted.wait(wait_ns / clock.SECOND):
                self._interrupted.clear()
                return Idle(self._time_ns())
            now_ns = clock.monotonic_ns()
            if now_ns < self._retry_at_ns:
                return Idle(self._time_ns())
            left_ms = (deadline_ns - now_ns) // clock.MS
            try:
                geometry = self._connect(min(max(left_ms, SHORTEST_CONNECT_MS), self._reply_timeout_ms))
            except LostError as lost:
                self._retry_at_ns = clock.monotonic_ns() + self._retry_ms * clock.MS
                self._retry_ms = min(2 * self._retry_ms, LONGEST_RETRY_MS)
                if lost.reason == "denied" != self._lost_reason:
                    self._lost_reason = "denied"
                    return Gap(self._time_ns(), "denied", lost.detail)
                continue
            return self._returned(geometry)

    def _returned(self, geometry: Geometry) -> Message:
        self._connected = True
        self._lost_reason = ""
        # Memory that was closed meanwhile is asked for anew.
        if geometry == self._geometry and self._memory is not None and self._memory.fd is not None:
            self._attach_due = True
            return Back(self._time_ns())
        return self._resized(geometry)
