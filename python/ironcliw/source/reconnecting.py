"""What live sources share that may go away and come back: the clock, the pauses between attempts, being interrupted.

    class Camera(Reconnecting):
        def _connect(self, timeout_s): ...            # (width, height), or SourceError
        def _look(self, memory, deadline_ns): ...     # Painted, Nothing, or Size; SourceError: it is lost
        def _disconnect(self): ...

The first ``open`` raises what is wrong; later that is a ``Gap``, then attempts 0.2 to 2 s apart, then ``Back`` or
``Resized``.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import NamedTuple

from ironcliw import clock
from ironcliw.errors import SourceDeniedError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source.file import check_size
from ironcliw.source.protocol import Back, Capture, Gap, Idle, Message, Resized

FIRST_RETRY_NS = 200 * clock.MS
LONGEST_RETRY_NS = 2 * clock.SECOND
SHORTEST_CONNECT_S = 0.25
"""A server far away needs this long to let us in, even where ``read`` was to take less."""
CONNECT_S = 5.0


class Painted(NamedTuple):
    """The memory shows what there is now; ``damage`` None: anything may have changed."""

    damage: tuple[Rect, ...] | None
    bytes_read: int


class Nothing(NamedTuple):
    """Nothing new; ``verified``: that was looked up."""

    verified: bool = False
    bytes_read: int = 0


class Size(NamedTuple):
    """The source has another size now."""

    width: int
    height: int


Found = Painted | Nothing | Size


class SourceStalledError(SourceError):
    """The source is connected and says nothing."""


class Reconnecting(ABC):
    """A live source of whole pixels. ``name`` goes into events and errors: no password, no token."""

    live = True
    lossless = True
    catches_up = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._memory: FrameMemory | None = None
        self._geometry: Geometry | None = None
        self._whole = True
        """Whether the memory shows nothing yet that was captured."""
        self._connected = False
        self._reason = ""
        self._sequence = 0
        self._started_ns = 0
        self._retry_ns = FIRST_RETRY_NS
        self._retry_at_ns = 0
        self._interrupted = threading.Event()

    @abstractmethod
    def _connect(self, timeout_s: float) -> Size:
        """Reach the source, and say how large it is. Raises SourceError, with nothing left open."""

    @abstractmethod
    def _look(self, memory: FrameMemory, deadline_ns: int) -> Found:
        """Wait until ``deadline_ns`` (monotonic) at most for a change, and paint it; all of it where ``_whole``.

        Returns early where ``_interrupted`` is set. Raises SourceError (or OSError) where the source is lost.
        """

    @abstractmethod
    def _disconnect(self) -> None:
        """Give back what ``_connect`` opened; may be called twice."""

    def open(self) -> Geometry:
        """Connect. Raises SourceError, SourceDeniedError."""
        self.close()
        self._geometry = self._reached(CONNECT_S)
        self._started_ns = clock.monotonic_ns()
        self._sequence = 0
        return self._geometry

    def attach(self, memory: FrameMemory) -> None:
        """Paint into this memory from now on. ValueError where its size is not the geometry's."""
        geometry = self._geometry
        if geometry is None:
            raise ValueError(f"{self.name}: attach before open")
        height, width = memory.pixels.shape[:2]
        if (width, height) != (geometry.width, geometry.height):
            raise ValueError(
                f"{self.name}: memory of {width}x{height} pixels for a source of {geometry.width}x{geometry.height}"
            )
        behind = memory.behind
        if behind is not None and behind.newest is self._memory and not self._whole:
            memory.catch_up()
        else:
            self._whole, memory.behind = True, None
        self._memory = memory

    def read(self, timeout_ms: int) -> Message:
        """Wait at most ``timeout_ms`` for a change; in a gap, for the source to return."""
        if self._geometry is None:
            raise ValueError(f"{self.name}: read before open, or after close")
        deadline_ns = clock.monotonic_ns() + max(0, timeout_ms) * clock.MS
        if not self._connected:
            return self._reconnect(self._geometry, deadline_ns)
        if self._memory is None:
            raise ValueError(f"{self.name}: read before memory was attached")
        try:
            found = self._look(self._memory, deadline_ns)
        except (SourceError, OSError) as error:
            return self._lose(error)
        self._interrupted.clear()
        if isinstance(found, Painted):
            return self._captured(found)
        if isinstance(found, Size):
            return self._resized(found)
        return Idle(self._time_ns(), found.verified, found.bytes_read)

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        self._interrupted.set()

    def describe(self) -> dict[str, str]:
        """What this source can do; valid after ``open``."""
        if self._geometry is None or not self._connected:
            return {"source": self.name, "state": self._reason or "closed"}
        return {"source": self.name, "size": f"{self._geometry.width}x{self._geometry.height}"}

    def close(self) -> None:
        """Disconnect; may be called twice. The attached memory is the caller's."""
        self._disconnect()
        self._connected = False
        self._memory = self._geometry = None
        self._reason = ""

    def _sleep(self, until_ns: int) -> bool:
        """Wait until then; False where the wait was interrupted."""
        wait_ns = until_ns - clock.monotonic_ns()
        return not self._interrupted.wait(max(0, wait_ns) / clock.SECOND)

    def _time_ns(self) -> int:
        return clock.monotonic_ns() - self._started_ns

    def _captured(self, painted: Painted) -> Capture:
        now_ns = clock.monotonic_ns()
        damage = None if self._whole else painted.damage
        self._whole = False
        self._sequence += 1
        return Capture(self._sequence - 1, now_ns - self._started_ns, now_ns, damage, painted.bytes_read)

    def _resized(self, size: Size) -> Message:
        try:
            check_size(self.name, *size)
        except SourceError as error:
            return self._lose(error)
        self._geometry, self._memory, self._whole = Geometry(*size), None, True
        return Resized(self._time_ns(), self._geometry)

    def _lose(self, error: Exception) -> Gap:
        self._disconnect()
        self._connected = False
        self._reason = "no_reply" if isinstance(error, SourceStalledError) else "lost"
        self._retry_ns = FIRST_RETRY_NS
        self._retry_at_ns = clock.monotonic_ns() + self._retry_ns
        return Gap(self._time_ns(), self._reason, str(error) or "the connection was lost")

    def _reached(self, timeout_s: float) -> Geometry:
        size = self._connect(timeout_s)
        try:
            check_size(self.name, *size)
        except SourceError:
            self._disconnect()
            raise
        self._connected = True
        return Geometry(*size)

    def _reconnect(self, before: Geometry, deadline_ns: int) -> Message:
        """Try whenever an attempt is due, until one works or the time is up."""
        while True:
            if not self._sleep(min(self._retry_at_ns, deadline_ns)):
                self._interrupted.clear()
                return Idle(self._time_ns())
            now_ns = clock.monotonic_ns()
            if now_ns < self._retry_at_ns:
                return Idle(self._time_ns())
            left_s = (deadline_ns - now_ns) / clock.SECOND
            try:
                self._geometry = self._reached(min(max(left_s, SHORTEST_CONNECT_S), CONNECT_S))
            except (SourceError, OSError) as error:
                self._retry_at_ns = clock.monotonic_ns() + self._retry_ns
                self._retry_ns = min(2 * self._retry_ns, LONGEST_RETRY_NS)
                if isinstance(error, SourceDeniedError) and self._reason != "denied":
                    self._reason = "denied"
                    return Gap(self._time_ns(), "denied", str(error))
                continue
            return self._returned(before)

    def _returned(self, before: Geometry) -> Message:
        assert self._geometry is not None
        self._reason, self._whole = "", True
        if self._geometry == before and self._memory is not None:
            return Back(self._time_ns())
        self._memory = None
        return Resized(self._time_ns(), self._geometry)


class Pace:
    """A steady schedule of ``fps`` looks a second, left only where a whole slot was missed."""

    def __init__(self, fps: float) -> None:
        self.interval_ns = round(clock.SECOND / fps)
        self.due_ns = 0

    def passed(self) -> None:
        """A look was taken: when is the next one due?"""
        now_ns = clock.monotonic_ns()
        late = now_ns - self.due_ns >= self.interval_ns
        self.due_ns = (now_ns if late else self.due_ns) + self.interval_ns
