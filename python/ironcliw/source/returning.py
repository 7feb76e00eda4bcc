"""What live sources have in common that may go away: a gap is told, they are tried again, and what comes back is told.

    class WaylandSource(Returning): ...

A subclass says how to connect (``_connect``), how to wait for something new (``_next``), how to hand over memory
(``_hand_over``) and how to let go (``_disconnect``). All but the last raise ``LostError``: ``open`` makes it a
SourceError, ``read`` a ``Gap``. Attempts are 0.2 to 2 s apart, then comes ``Back`` or ``Resized``.
"""

from __future__ import annotations

import threading

from ironcliw import clock
from ironcliw.errors import MonitorNotFoundError, SourceDeniedError, SourceError
from ironcliw.frame import Geometry
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Back, Gap, Idle, Message, Resized

FIRST_RETRY_MS = 200
LONGEST_RETRY_MS = 2_000
GAP_REASONS = ("lost", "no_reply", "denied")
SHORTEST_CONNECT_MS = 250
"""A source needs this long to let us in, even where ``read`` was to take less."""
LONGEST_CONNECT_MS = 5_000


class SourceStalledError(SourceError):
    """The source is connected and says nothing."""


class LostError(Exception):
    """The source cannot be seen. ``detail``: one line for a person.

    reason: as in ``Gap``, ``unknown_monitor`` or ``unknown_output``; what is none of these is ``lost``
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    @classmethod
    def by(cls, error: Exception) -> LostError:
        """What became of a source whose work ended with this error."""
        reasons = {SourceDeniedError: "denied", MonitorNotFoundError: "unknown_monitor", SourceStalledError: "no_reply"}
        reason = next((reason for kind, reason in reasons.items() if isinstance(error, kind)), "lost")
        return cls(reason, str(error) or "the connection was lost")


def caught_up(memory: FrameMemory, before: FrameMemory | None) -> bool:
    """Bring ``memory`` up to date where it is behind ``before``; False where all of it is to be captured anew."""
    behind = memory.behind
    if behind is not None and before is not None and behind.newest is before:
        memory.catch_up()
        return True
    memory.behind = None
    return False


class Returning:
    """A live source that may be lost and come back."""

    live = True
    lossless = True
    kind = "source"
    """What it is called in errors."""

    def __init__(self, reply_timeout_ms: int = LONGEST_CONNECT_MS) -> None:
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

    def open(self) -> Geometry:
        """Connect. Raises SourceError, SourceDeniedError, MonitorNotFoundError."""
        try:
            return self._begin()
        except LostError as lost:
            raise self._refused(lost) from None

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
        if self._memory is None:
            raise ValueError(f"attach memory to the {self.kind} source before reading from it: none is attached")
        try:
            if self._attach_due:
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
        """Reach the source, and say what is seen there."""
        raise NotImplementedError

    def _disconnect(self) -> None:
        """Give back what ``_connect`` opened."""
        raise NotImplementedError

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        """Capture into ``memory`` from now on; ``before``: what was captured into last, None where that is unknown."""
        raise NotImplementedError

    def _next(self, timeout_ms: int) -> Message:
        """Wait at most ``timeout_ms`` for something new."""
        raise NotImplementedError

    def _refused(self, lost: LostError) -> SourceError:
        """What ``open`` raises."""
        match lost.reason:
            case "denied":
                return SourceDeniedError(lost.detail)
            case "unknown_monitor" | "unknown_output":
                return MonitorNotFoundError(lost.detail)
            case _:
                return SourceError(lost.detail)

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

    def _back(self) -> Back:
        """It is seen again: what memory there is, or comes, is handed over as if nothing had been captured."""
        self._attach_due = True
        return Back(self._time_ns())

    def _pause(self, until_ns: int) -> bool:
        """Wait until then; False where ``interrupt`` ended that."""
        wait_ns = until_ns - clock.monotonic_ns()
        return wait_ns <= 0 or not (self._interrupted.wait(wait_ns / clock.SECOND) and self._heard())

    def _heard(self) -> bool:
        """Whether ``interrupt`` was called since this was last asked."""
        heard = self._interrupted.is_set()
        self._interrupted.clear()
        return heard

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
            if not self._pause(min(self._retry_at_ns, deadline_ns)):
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
        if geometry == self._geometry and self._memory is not None and not self._memory.closed:
            return self._back()
        return self._resized(geometry)
