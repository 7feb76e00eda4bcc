"""Live sources whose pixels this process itself paints into the memory: a server's, a stream's, a file's.

class Camera(PaintedSource):
    def _reach(self, timeout_s): ...              # Size, or SourceError
    def _look(self, memory, deadline_ns): ...     # Painted, Nothing, or Size; SourceError: it is lost
    def _disconnect(self): ...
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from ironcliw import clock
from ironcliw.errors import SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source.file import check_size
from ironcliw.source.protocol import Capture, Idle, Message
from ironcliw.source.returning import LostError, Returning, caught_up


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


class PaintedSource(Returning, ABC):
    """A live source of whole pixels. ``name`` goes into events and errors: no password, no token."""

    catches_up = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._whole = True
        """Whether the memory shows nothing yet that was captured."""

    @abstractmethod
    def _reach(self, timeout_s: float) -> Size:
        """Connect, and say how large it is. Raises SourceError or OSError."""

    @abstractmethod
    def _look(self, memory: FrameMemory, deadline_ns: int) -> Found:
        """Wait until ``deadline_ns`` (monotonic) at most for a change, and paint it; all of it where ``_whole``.

        Returns early where ``_interrupted`` is set. Raises SourceError (or OSError) where the source is lost.
        """

    @abstractmethod
    def _disconnect(self) -> None:
        """Give back what ``_reach`` opened, also where it failed half-way; may be called twice."""

    def describe(self) -> dict[str, str]:
        """What this source can do; valid after ``open``."""
        if self._geometry is None or not self._connected:
            return {"source": self.name, "state": self._lost_reason or "closed"}
        return {"source": self.name, "size": f"{self._geometry.width}x{self._geometry.height}"}

    def _connect(self, timeout_ms: int) -> Geometry:
        try:
            return self._geometry_of(self._reach(timeout_ms / 1000))
        except (SourceError, OSError) as error:
            self._disconnect()
            raise LostError.by(error) from None

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        self._whole = not caught_up(memory, before) or self._whole

    def _next(self, timeout_ms: int) -> Message:
        assert self._memory is not None
        try:
            found = self._look(self._memory, clock.monotonic_ns() + timeout_ms * clock.MS)
            if isinstance(found, Size):
                return self._resized(self._geometry_of(found))
        except (SourceError, OSError) as error:
            raise LostError.by(error) from None
        self._heard()
        if isinstance(found, Painted):
            return self._captured(found)
        return Idle(self._time_ns(), found.verified, found.bytes_read)

    def _geometry_of(self, size: Size) -> Geometry:
        check_size(self.name, *size)
        return Geometry(*size)

    def _captured(self, painted: Painted) -> Capture:
        now_ns = clock.monotonic_ns()
        damage = None if self._whole else painted.damage
        self._whole = False
        self._sequence += 1
        return Capture(self._sequence - 1, now_ns - self._started_ns, now_ns, damage, painted.bytes_read)


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
