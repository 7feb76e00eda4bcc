"""Screens of systems that say themselves what changed: what the sources for macOS and Windows have in common.

    class MacSource(SystemScreen): ...

The native part waits, copies what changed into the attached memory, and says what that was. Here is what follows from
it: when a capture is due, gaps and returns, and other memory. **Not yet run on either system.**
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from ironcliw import clock
from ironcliw.errors import MonitorNotFoundError, SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import CHANNELS, FrameMemory
from ironcliw.source.protocol import Back, Capture, Gap, Idle, Message, Resized

HIGHEST_FPS = 240.0
LOWEST_FPS = 0.01
FIRST_RETRY_NS = 200 * clock.MS
LONGEST_RETRY_NS = 2 * clock.SECOND
SLICE_MS = 100
"""The native part waits so long at a time, that ``interrupt`` is heard meanwhile."""

Told = tuple[Literal["captured", "idle", "hidden", "ended"], Sequence[tuple[int, int, int, int]] | None, bool, str]
"""What the native part found, where anything changed, whether the system said that nothing did, and why not."""


class NativeScreen(Protocol):
    """``ScreenCapture`` of the extension."""

    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...

    def name(self) -> str:
        """What the system calls the display."""
        ...

    def scale(self) -> float:
        """Pixels of a point."""
        ...

    def notes(self) -> Sequence[str]:
        """What is to be known about it."""
        ...

    def next(self, pixels: object, timeout_ms: int) -> Told:
        """Wait for a change, and copy it."""
        ...

    def begin_anew(self) -> None:
        """Copy everything next, and at once."""
        ...


class SystemScreen:
    """One display.

    begin: starts the native part anew; where it cannot, raises ``fault`` with a kind and a line for a person
    fps: most captures a second; the first change after a quiet time is captured at once
    """

    live = True
    lossless = True
    catches_up = True

    def __init__(self, name: str, fps: float, begin: Callable[[], NativeScreen], fault: type[Exception]) -> None:
        if not (math.isfinite(fps) and LOWEST_FPS <= fps <= HIGHEST_FPS):
            raise SettingsError(f"fps of {fps}: it must be {LOWEST_FPS} to {HIGHEST_FPS:g}")
        self.name = name
        self._begin, self._fault = begin, fault
        self._interval_ns = round(clock.SECOND / fps)
        self._native: NativeScreen | None = None
        self._memory: FrameMemory | None = None
        self._geometry: Geometry | None = None
        self._sequence = self._started_ns = self._due_ns = 0
        self._hidden = ""
        self._lost = ""
        self._retry_ns, self._retry_at_ns = FIRST_RETRY_NS, 0
        self._interrupted = threading.Event()

    def open(self) -> Geometry:
        """Start. Raises SourceError, SourceDeniedError with what to allow, MonitorNotFoundError."""
        self.close()
        try:
            self._native = self._begin()
        except self._fault as fault:
            raise _source_error(*fault.args) from None
        self._geometry = _geometry(self._native)
        self._started_ns = clock.monotonic_ns()
        self._sequence = self._due_ns = 0
        return self._geometry

    def attach(self, memory: FrameMemory) -> None:
        """Capture into this memory from now on. ValueError where its size is not the geometry's."""
        if self._geometry is None:
            raise ValueError(f"open the source {self.name} before attaching memory to it")
        expected = (self._geometry.height, self._geometry.width, CHANNELS)
        if memory.pixels.shape != expected:
            raise ValueError(f"memory of shape {memory.pixels.shape} for a source of shape {expected}")
        behind, before = memory.behind, self._memory
        self._memory = memory
        if behind is not None and behind.newest is before:
            memory.catch_up()
            return
        memory.behind = None
        if self._native is not None:
            self._native.begin_anew()

    def read(self, timeout_ms: int) -> Message:
        """Wait at most ``timeout_ms`` for a change; in a gap, for the screen to return."""
        if self._geometry is None:
            raise ValueError(f"open the source {self.name} before reading from it")
        deadline_ns = clock.monotonic_ns() + max(0, timeout_ms) * clock.MS
        if self._native is None:
            return self._return(deadline_ns)
        if not self._pause(min(self._due_ns, deadline_ns)) or clock.monotonic_ns() < self._due_ns:
            return Idle(self._time_ns())
        if self._memory is None:
            raise ValueError(f"attach memory to the source {self.name} before reading from it")
        while True:
            left_ms = max(0, deadline_ns - clock.monotonic_ns()) // clock.MS
            try:
                told = self._native.next(self._memory.pixels, min(left_ms, SLICE_MS))
            except self._fault as fault:
                return self._lose(*fault.args)
            message = self._message(told)
            if message is not None:
                return message
            if self._heard() or clock.monotonic_ns() >= deadline_ns:
                return Idle(self._time_ns(), told[2])

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        self._interrupted.set()

    def describe(self) -> dict[str, str]:
        """What this source can do; valid after ``open``."""
        if self._geometry is None or self._native is None:
            return {"display": self.name, "state": self._lost or "closed"}
        scale = self._geometry.scale
        told = {"display": self._geometry.monitor or "", "scale": f"{scale:g} pixels a point" if scale else "unknown"}
        return told | {f"note {number}": note for number, note in enumerate(self._native.notes(), 1)}

    def close(self) -> None:
        """Stop; may be called twice. The attached memory is the caller's."""
        self._native = self._memory = self._geometry = None
        self._hidden = self._lost = ""

    def _message(self, told: Told) -> Message | None:
        """None: nothing to tell, go on waiting."""
        kind, damage, _, reason = told
        match kind:
            case "captured" if self._hidden:
                # Its pixels are in memory that is handed anew now; they come again.
                self._hidden = ""
                return Back(self._time_ns())
            case "captured":
                now_ns = clock.monotonic_ns()
                self._due_ns = now_ns + self._interval_ns
                self._sequence += 1
                return self._capture(now_ns, damage)
            case "hidden" if reason != self._hidden:
                self._hidden = reason
                return Gap(self._time_ns(), "lost", reason)
            case "ended":
                return self._lose("lost", reason)
            case _:
                return None

    def _capture(self, now_ns: int, damage: Sequence[tuple[int, int, int, int]] | None) -> Capture:
        assert self._geometry is not None
        rects = None if damage is None else tuple(map(Rect._make, damage))
        whole = self._geometry.width * self._geometry.height
        pixels = whole if rects is None else sum(rect.area for rect in rects)
        return Capture(self._sequence - 1, now_ns - self._started_ns, now_ns, rects, pixels * CHANNELS)

    def _lose(self, kind: str, detail: str) -> Gap:
        self._native = None
        self._hidden = ""
        self._lost = kind if kind in ("denied", "no_reply") else "lost"
        self._retry_ns = FIRST_RETRY_NS
        self._retry_at_ns = clock.monotonic_ns() + self._retry_ns
        return Gap(self._time_ns(), self._lost, detail)

    def _return(self, deadline_ns: int) -> Message:
        """Try to begin anew whenever an attempt is due, until that works or the time is up."""
        while self._pause(min(self._retry_at_ns, deadline_ns)) and clock.monotonic_ns() >= self._retry_at_ns:
            try:
                self._native = self._begin()
            except self._fault as fault:
                self._retry_ns = min(2 * self._retry_ns, LONGEST_RETRY_NS)
                self._retry_at_ns = clock.monotonic_ns() + self._retry_ns
                if fault.args[0] == "denied" != self._lost:
                    self._lost = "denied"
                    return Gap(self._time_ns(), "denied", fault.args[1])
                continue
            before, self._geometry = self._geometry, _geometry(self._native)
            self._lost, self._memory, self._due_ns = "", None, 0
            same = self._geometry == before
            return Back(self._time_ns()) if same else Resized(self._time_ns(), self._geometry)
        return Idle(self._time_ns())

    def _pause(self, until_ns: int) -> bool:
        """Whether that moment came; False where somebody interrupted."""
        wait_ns = until_ns - clock.monotonic_ns()
        return wait_ns <= 0 or not (self._interrupted.wait(wait_ns / clock.SECOND) and self._heard())

    def _heard(self) -> bool:
        heard = self._interrupted.is_set()
        self._interrupted.clear()
        return heard

    def _time_ns(self) -> int:
        return clock.monotonic_ns() - self._started_ns


def _geometry(native: NativeScreen) -> Geometry:
    width, height = native.size()
    return Geometry(width, height, 0, 0, native.name(), native.scale())


def _source_error(kind: str, detail: str) -> SourceError:
    errors: dict[str, type[SourceError]] = {"denied": SourceDeniedError, "unknown_monitor": MonitorNotFoundError}
    return errors.get(kind, SourceError)(detail)
