"""A screen by the mss package, where the native module is missing: every capture is whole.

    source = MssSource(monitor="0", fps=2)
    geometry = source.open()
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=1000)          # Capture(sequence=0, damage=None, …)

Windows cannot be blanked here, and a server that is stopped blocks ``read`` until it goes on.
"""

from __future__ import annotations

import contextlib
import math
import os
from typing import Any

import mss
import numpy as np
from mss.exception import ScreenShotError

from ironcliw import clock
from ironcliw.errors import MonitorNotFoundError, SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import Geometry
from ironcliw.memory import CHANNELS, FrameMemory
from ironcliw.source.protocol import Capture, Idle, Message, Resized
from ironcliw.source.returning import LostError, Returning

HIGHEST_FPS = 240.0
LOWEST_FPS = 0.01
LAYOUT_CHECK_NS = 2 * clock.SECOND
"""How often the monitors are looked up again: mss itself reads them once."""


class MssSource(Returning):
    """One monitor of a screen, polled ``fps`` times a second.

    display: like ``:0``; None is the environment's DISPLAY
    monitor: a name, a number from 0, or ``all``; None is the primary monitor, or the first

    Raises SettingsError for an ``fps`` that makes no sense.
    """

    name = kind = "mss"
    catches_up = True

    def __init__(self, display: str | None = None, monitor: str | None = None, fps: float = 10.0) -> None:
        if not (math.isfinite(fps) and LOWEST_FPS <= fps <= HIGHEST_FPS):
            raise SettingsError(f"fps of {fps}: it must be {LOWEST_FPS} to {HIGHEST_FPS:g}")
        super().__init__()
        self._display = display
        self._monitor = monitor
        self._interval_ns = round(clock.SECOND / fps)
        self._screen: mss.MSS | None = None
        self._due_ns = 0
        self._layout_check_ns = 0

    def describe(self) -> dict[str, str]:
        """What this source can do; valid after ``open``."""
        return {
            "display": self._display_name(),
            "monitor": (self._geometry and self._geometry.monitor) or "",
            "changes": "not reported: every capture is whole",
            "pixels": "copied by mss",
            "self": "included: windows cannot be blanked",
        }

    def _display_name(self) -> str:
        return self._display if self._display is not None else os.environ.get("DISPLAY", "")

    def _connect(self, timeout_ms: int) -> Geometry:
        try:
            self._screen, geometry = self._opened()
        except SourceError as error:
            raise LostError.by(error) from None
        self._due_ns = clock.monotonic_ns()
        self._layout_check_ns = self._due_ns + LAYOUT_CHECK_NS
        return geometry

    def _opened(self) -> tuple[mss.MSS, Geometry]:
        """A new connection, and the geometry that the monitor has on it."""
        name = self._display_name()
        if not name and os.name == "posix" and os.uname().sysname != "Darwin":
            raise SourceError("no display: DISPLAY is not set")
        try:
            screen = mss.MSS(display=self._display) if self._display is not None else mss.MSS()
            monitors = screen.monitors
        except ScreenShotError as error:
            detail = " ".join(str(error).split())
            if "auth" in detail.lower():
                raise SourceDeniedError(f"display '{name}' denies access: {detail}") from None
            raise SourceError(f"cannot connect to display '{name}': {detail}") from None
        try:
            return screen, _choose(monitors, self._monitor)
        except SourceError:
            screen.close()
            raise

    def _disconnect(self) -> None:
        screen, self._screen = self._screen, None
        if screen is not None:
            # A connection that is lost cannot be closed in an orderly way.
            with contextlib.suppress(ScreenShotError):
                screen.close()

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        memory.behind = None  # every capture is whole

    def _next(self, timeout_ms: int) -> Message:
        deadline_ns = clock.monotonic_ns() + timeout_ms * clock.MS
        if not self._pause(min(self._due_ns, deadline_ns)):
            return Idle(self._time_ns())
        now_ns = clock.monotonic_ns()
        if now_ns < self._due_ns:
            return Idle(self._time_ns())
        try:
            if now_ns >= self._layout_check_ns and (resized := self._relayout()) is not None:
                return resized
            return self._grab(now_ns)
        except (ScreenShotError, SourceError, AssertionError) as error:
            # mss asserts that a reply came, which fails where the server died before it.
            raise LostError.by(error) from None

    def _grab(self, now_ns: int) -> Message:
        assert self._memory is not None
        assert self._geometry is not None
        assert self._screen is not None
        place = self._geometry
        box = {"left": place.x, "top": place.y, "width": place.width, "height": place.height}
        shot = self._screen.grab(box)
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(place.height, place.width, CHANNELS)
        np.copyto(self._memory.pixels, pixels)
        # A steady schedule, left only where a whole slot was missed.
        late = now_ns - self._due_ns >= self._interval_ns
        self._due_ns = (now_ns if late else self._due_ns) + self._interval_ns
        captured_at_ns = clock.monotonic_ns()
        self._sequence += 1
        time_ns = captured_at_ns - self._started_ns
        return Capture(self._sequence - 1, time_ns, captured_at_ns, None, pixels.nbytes)

    def _relayout(self) -> Resized | None:
        """Look the monitors up on a new connection, which takes the place of the old one."""
        screen, geometry = self._opened()
        self._disconnect()
        self._screen = screen
        self._layout_check_ns = clock.monotonic_ns() + LAYOUT_CHECK_NS
        return self._resized(geometry) if geometry != self._geometry else None


def _choose(monitors: list[dict[str, Any]], asked: str | None) -> Geometry:
    """The monitor asked for. mss lists all of them together first, and then each."""
    whole, *single = monitors
    names = [str(monitor.get("output") or monitor.get("name") or number) for number, monitor in enumerate(single)]
    listed = dict(zip(names, single, strict=True))
    if asked is None and single:
        primary = next((n for n, monitor in enumerate(single) if monitor.get("is_primary")), 0)
        return _place(single[primary], names[primary])
    if asked in listed:
        return _place(listed[asked], asked)
    if asked is not None and asked.isascii() and asked.isdigit() and int(asked) < len(single):
        return _place(single[int(asked)], names[int(asked)])
    if asked in (None, "all"):
        return _place(whole, "all")
    there = ", ".join(f"{number} '{name}'" for number, name in enumerate(names))
    raise MonitorNotFoundError(f"no monitor '{asked}': this display has {there}")


def _place(monitor: dict[str, Any], name: str) -> Geometry:
    return Geometry(monitor["width"], monitor["height"], monitor["left"], monitor["top"], name)
