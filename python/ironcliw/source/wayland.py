"""An output of a Wayland compositor that lets itself be captured (sway, river, Hyprland, niri, COSMIC, ...).

    source = WaylandSource(output="DP-1")
    geometry = source.open()
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=1000)          # Capture(sequence=0, damage=None, …)

The compositor writes straight into the attached memory, and says what changed. Compositors without wlr-screencopy and
ext-image-copy-capture (GNOME, KDE) are seen by the source ``portal``. No window can be left out: a compositor does not
say where windows are. This module needs the extension.
"""

from __future__ import annotations

import math
import os

from ironcliw import clock
from ironcliw._native import WaylandCapture, WaylandError  # noqa: TID251 - one of the native source wrappers
from ironcliw.errors import FrameMemoryError, SettingsError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import CELL, FrameMemory
from ironcliw.source.protocol import Capture, Idle, Message
from ironcliw.source.returning import LostError, Returning

HIGHEST_FPS = 240.0
LOWEST_FPS = 0.01


class WaylandSource(Returning):
    """One output of a Wayland compositor.

    output: a name like ``DP-1``, or a number from 0; None is the first
    fps: most captures a second; the first change after a quiet time is captured at once
    display: the compositor's socket, like ``wayland-1``; None is the environment's WAYLAND_DISPLAY
    reply_timeout_ms: how long the compositor may take to answer before that is a ``Gap``

    ``read`` may take 50 ms longer than it was given: a compositor copies when it draws. Raises SettingsError for
    numbers that make no sense.
    """

    catches_up = True
    kind = "wayland"

    def __init__(
        self,
        output: str | None = None,
        fps: float = 10.0,
        display: str | None = None,
        *,
        reply_timeout_ms: int = 2_000,
    ) -> None:
        if not (math.isfinite(fps) and LOWEST_FPS <= fps <= HIGHEST_FPS):
            raise SettingsError(f"fps of {fps}: it must be {LOWEST_FPS} to {HIGHEST_FPS:g}")
        if not 1 <= reply_timeout_ms <= 3_600_000:
            raise SettingsError(f"reply_timeout_ms of {reply_timeout_ms}: it must be 1 to 3600000")
        super().__init__(reply_timeout_ms)
        self._display = display
        self._output = output
        self._interval_ms = round(1000 / fps)
        self._capture: WaylandCapture | None = None
        self.name = f"wayland:{self._display_name()}"

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        super().interrupt()
        if (capture := self._capture) is not None:
            capture.interrupt()

    def describe(self) -> dict[str, str]:
        """What the compositor offers; valid after ``open``."""
        if self._geometry is None or self._capture is None:
            return {"display": self._display_name(), "state": self._lost_reason or "closed"}
        protocol, direct, damage = self._capture.abilities()
        return {
            "display": self._display_name(),
            "monitor": self._geometry.monitor or "",
            "protocol": protocol,
            "changes": "reported by the compositor" if damage else "not reported: every capture is whole",
            "pixels": "written by the compositor" if direct else "written by the compositor, then converted",
            "pointer": "not captured",
            "self": "included: a compositor does not say where windows are",
        }

    @property
    def held_bytes(self) -> int:
        """Bytes of memory that the compositor writes into beside the frame memory, to be converted; never waits."""
        capture = self._capture
        return 0 if capture is None else capture.staged_bytes

    def _display_name(self) -> str:
        return self._display if self._display is not None else os.environ.get("WAYLAND_DISPLAY", "")

    def _connect(self, timeout_ms: int) -> Geometry:
        try:
            self._capture = WaylandCapture(self._display, self._output, timeout_ms, self._interval_ms)
            return _geometry(self._capture)
        except WaylandError as error:
            raise _lost(error) from None

    def _disconnect(self) -> None:
        self._capture = None

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        capture = self._capture
        assert capture is not None
        if memory.fd is None:
            raise SourceError("the wayland source needs frame memory with a file descriptor, which this system has not")
        behind = memory.behind
        try:
            if behind is None or before is None or behind.newest is not before:
                capture.attach(memory.fd, memory.offset)
            else:
                if capture.writes_parts():
                    memory.catch_up()
                # Otherwise the compositor is told what the memory lacks, and writes that as well.
                capture.go_on_at(memory.offset, behind.cells.tobytes(), CELL)
        except MemoryError as error:
            raise FrameMemoryError(f"{error}: free some, or set a smaller ring") from None
        except WaylandError as error:
            raise _lost(error) from None
        memory.behind = None

    def _next(self, timeout_ms: int) -> Message:
        capture = self._capture
        assert capture is not None
        try:
            update = capture.next(timeout_ms)
            if update.kind == "resized":
                return self._resized(_geometry(capture))
        except WaylandError as error:
            raise _lost(error) from None
        now_ns = clock.monotonic_ns()
        time_ns = now_ns - self._started_ns
        if update.kind == "idle":
            return Idle(time_ns, update.verified)
        damage = None if update.damage is None else tuple(map(Rect._make, update.damage))
        self._sequence += 1
        return Capture(self._sequence - 1, time_ns, now_ns, damage, update.bytes_read)


def _geometry(capture: WaylandCapture) -> Geometry:
    name, (x, y, width, height) = capture.output()
    return Geometry(width, height, x, y, name)


def _lost(error: WaylandError) -> LostError:
    return LostError(*error.args)
