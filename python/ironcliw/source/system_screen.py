"""Screens of systems that say themselves what changed: what the sources for macOS and Windows have in common.

    class MacSource(SystemScreen): ...

The native part waits, copies what changed into the attached memory, and says what that was. Here is what follows from
it: when a capture is due, and what a screen that hides means. **Not yet run on either system.**
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import CHANNELS, FrameMemory
from ironcliw.source.protocol import Capture, Gap, Idle, Message
from ironcliw.source.returning import LostError, Returning, caught_up

HIGHEST_FPS = 240.0
LOWEST_FPS = 0.01
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


class SystemScreen(Returning):
    """One display.

    begin: starts the native part anew; where it cannot, raises ``fault`` with a kind and a line for a person
    fps: most captures a second; the first change after a quiet time is captured at once
    """

    catches_up = True

    def __init__(self, name: str, fps: float, begin: Callable[[], NativeScreen], fault: type[Exception]) -> None:
        if not (math.isfinite(fps) and LOWEST_FPS <= fps <= HIGHEST_FPS):
            raise SettingsError(f"fps of {fps}: it must be {LOWEST_FPS} to {HIGHEST_FPS:g}")
        super().__init__()
        self.name = self.kind = name
        self._start, self._fault = begin, fault
        self._interval_ns = round(clock.SECOND / fps)
        self._native: NativeScreen | None = None
        self._due_ns = 0
        self._hidden = ""
        """Why nothing is seen, while the native part goes on."""

    def describe(self) -> dict[str, str]:
        """What this source can do; valid after ``open``."""
        if self._geometry is None or self._native is None:
            return {"display": self.name, "state": self._lost_reason or "closed"}
        scale = self._geometry.scale
        told = {"display": self._geometry.monitor or "", "scale": f"{scale:g} pixels a point" if scale else "unknown"}
        return told | {f"note {number}": note for number, note in enumerate(self._native.notes(), 1)}

    def _connect(self, timeout_ms: int) -> Geometry:
        # How long it waits for its system is the native part's own business.
        try:
            self._native = native = self._start()
        except self._fault as fault:
            raise LostError(*fault.args) from None
        self._due_ns, self._hidden = 0, ""
        width, height = native.size()
        return Geometry(width, height, 0, 0, native.name(), native.scale())

    def _disconnect(self) -> None:
        self._native = None

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        assert self._native is not None
        if not caught_up(memory, before):
            self._native.begin_anew()

    def _next(self, timeout_ms: int) -> Message:
        assert self._native is not None
        assert self._memory is not None
        deadline_ns = clock.monotonic_ns() + timeout_ms * clock.MS
        if not self._pause(min(self._due_ns, deadline_ns)) or clock.monotonic_ns() < self._due_ns:
            return Idle(self._time_ns())
        while True:
            left_ms = max(0, deadline_ns - clock.monotonic_ns()) // clock.MS
            try:
                told = self._native.next(self._memory.pixels, min(left_ms, SLICE_MS))
            except self._fault as fault:
                raise LostError(*fault.args) from None
            message = self._message(told)
            if message is not None:
                return message
            if self._heard() or clock.monotonic_ns() >= deadline_ns:
                return Idle(self._time_ns(), told[2])

    def _message(self, told: Told) -> Message | None:
        """None: nothing to tell, go on waiting."""
        kind, damage, _, reason = told
        match kind:
            case "captured" if self._hidden:
                # Its pixels are in memory that is handed anew now; they come again.
                self._hidden = ""
                return self._back()
            case "captured":
                return self._capture(damage)
            case "hidden" if reason != self._hidden:
                self._hidden = reason
                return Gap(self._time_ns(), "lost", reason)
            case "ended":
                raise LostError("lost", reason)
            case _:
                return None

    def _capture(self, damage: Sequence[tuple[int, int, int, int]] | None) -> Capture:
        assert self._geometry is not None
        now_ns = clock.monotonic_ns()
        self._due_ns = now_ns + self._interval_ns
        self._sequence += 1
        rects = None if damage is None else tuple(map(Rect._make, damage))
        whole = self._geometry.width * self._geometry.height
        pixels = whole if rects is None else sum(rect.area for rect in rects)
        return Capture(self._sequence - 1, now_ns - self._started_ns, now_ns, rects, pixels * CHANNELS)
