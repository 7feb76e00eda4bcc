"""An X11 screen, captured by the native module: only what the server says changed is fetched.

    source = X11Source(monitor="HDMI-1")
    geometry = source.open()
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=1000)          # Capture(sequence=0, damage=None, …)

A server that stops answering or goes away is a ``Gap``; the source then connects anew by itself and says ``Back``.
A stopped server may still finish the request it was stopped in: until the first ``Capture`` after a ``no_reply`` gap
the attached memory holds nothing to rely on. This module needs the extension; ``mss_screen`` does without.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping, Sequence

from ironcliw import clock
from ironcliw._native import X11Capture, X11Error, X11Update  # noqa: TID251 - one of the native source wrappers
from ironcliw.errors import FrameMemoryError, SettingsError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import CELL, FrameMemory
from ironcliw.source.echo import Terminal, find_terminal
from ironcliw.source.exclusion import Exclusions
from ironcliw.source.protocol import Capture, Gap, Idle, Message, SeenWindow
from ironcliw.source.returning import LostError, Returning

log = logging.getLogger("ironcliw.source")

HIGHEST_FPS = 240.0
LOWEST_FPS = 0.01
LARGEST_WINDOW_ID = 2**32 - 1


class X11Source(Returning):
    """One monitor of an X display.

    display: like ``:0``; None is the environment's DISPLAY
    monitor: a name, a number from 0, or ``all``; None is the primary monitor, or the first
    fps: most captures a second; the first change after a quiet time is captured at once
    exclude: ids of windows to blank in every capture
    include_self: do not blank the terminal that this process runs in
    leave_out: windows, applications, titles and regions of which no pixel is ever written into the memory
    probe_ms: how often a screen without reported changes is looked at all the same
    reply_timeout_ms: how long the server may take to answer before that is a ``Gap``

    Raises SettingsError for numbers that make no sense.
    """

    catches_up = True
    kind = "x11"

    def __init__(
        self,
        display: str | None = None,
        monitor: str | None = None,
        fps: float = 10.0,
        exclude: Sequence[int] = (),
        include_self: bool = False,
        *,
        leave_out: Exclusions | None = None,
        probe_ms: int = 1_000,
        reply_timeout_ms: int = 2_000,
    ) -> None:
        if not (math.isfinite(fps) and LOWEST_FPS <= fps <= HIGHEST_FPS):
            raise SettingsError(f"fps of {fps}: it must be {LOWEST_FPS} to {HIGHEST_FPS:g}")
        for name, value in (("probe_ms", probe_ms), ("reply_timeout_ms", reply_timeout_ms)):
            if not 1 <= value <= 3_600_000:
                raise SettingsError(f"{name} of {value}: it must be 1 to 3600000")
        if not all(0 < window <= LARGEST_WINDOW_ID for window in exclude):
            raise SettingsError(f"windows to exclude {list(exclude)}: each id must be 1 to {LARGEST_WINDOW_ID}")
        super().__init__(reply_timeout_ms)
        self.terminal: Terminal | None = None
        """The terminal that runs us, after ``open``; None where ``include_self`` was asked for."""
        self.name = f"x11:{display or os.environ.get('DISPLAY', '')}"
        self._display = display
        self._monitor = monitor
        self._interval_ms = round(1000 / fps)
        self._exclude = tuple(exclude)
        self._leave_out = leave_out or Exclusions()
        self._said_unmet = False
        self._windows_version: int | None = None
        self._include_self = include_self
        self._probe_ms = probe_ms
        self._capture: X11Capture | None = None

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        super().interrupt()
        if (capture := self._capture) is not None:
            capture.interrupt()

    def describe(self) -> dict[str, str]:
        """What the display offers; valid after ``open``."""
        if self._geometry is None or self._capture is None:
            return {"display": self._display_name(), "state": self._lost_reason or "closed"}
        damage, shared = self._capture.abilities()
        return {
            "display": self._display_name(),
            "monitor": self._geometry.monitor or "",
            "changes": "reported by the server" if damage else "not reported: every capture is whole",
            "pixels": "shared memory" if shared else "sent through the connection",
            **self._left_out(),
            "self": "included" if self.terminal is None else str(self.terminal),
        }

    def _left_out(self) -> dict[str, str]:
        """How many exclusions there are, for ``describe``; which ones is nobody's business."""
        count = len(self._leave_out.names()) + len(self._leave_out.regions)
        return {"excluded": f"{count}, before pixels are kept"} if count else {}

    def _display_name(self) -> str:
        return self._display if self._display is not None else os.environ.get("DISPLAY", "")

    def _environ(self) -> Mapping[str, str]:
        """The environment as far as it is about this server: on another one WINDOWID names some other window."""
        ours = os.environ.get("DISPLAY", "").removesuffix(".0")
        return os.environ if not self._lost_reason and self._display_name().removesuffix(".0") == ours else {}

    def _connect(self, timeout_ms: int) -> Geometry:
        try:
            self._capture = self._connected_anew(timeout_ms)
            return _geometry(self._capture)
        except X11Error as error:
            raise LostError(*error.args) from None

    def _connected_anew(self, timeout_ms: int) -> X11Capture:
        """A new connection that leaves out what is to be left out. Raises X11Error."""
        capture = X11Capture(
            self._display,
            self._monitor,
            timeout_ms,
            self._reply_timeout_ms,
            self._interval_ms,
            self._probe_ms,
        )
        if not self._include_self and (self.terminal is None or self._lost_reason != "no_reply"):
            self.terminal = find_terminal(capture, environ=self._environ())
        windows = [*self._exclude, *(self.terminal.windows if self.terminal else ())]
        capture.exclude(windows)
        if windows or self._leave_out:
            out = self._leave_out
            try:
                capture.veil(out.windows, out.applications, out.titles, out.regions)
            except ValueError as error:
                raise SettingsError(f"exclude title: not a regular expression: {error}") from None
        if self._windows_version is not None:
            self._windows_version = 0
            capture.follow_windows()
        return capture

    def _refused(self, lost: LostError) -> SourceError:
        hint = {"denied": "; see xauth and XAUTHORITY", "xwayland": ": use the source 'wayland'"}.get(lost.reason, "")
        return super()._refused(LostError(lost.reason, lost.detail + hint))

    def _disconnect(self) -> None:
        self._capture = None

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        capture = self._capture
        assert capture is not None
        if memory.fd is None:
            raise SourceError("the x11 source needs frame memory with a file descriptor, which this system has not")
        behind = memory.behind
        try:
            if behind is not None and before is not None and behind.newest is before:
                # What the next capture does not fetch anyway is brought up to date with it.
                capture.go_on_at(memory.offset, behind.cells.tobytes(), CELL)
            else:
                capture.attach(memory.fd, memory.offset)
        except MemoryError as error:
            raise FrameMemoryError(f"{error}: free some, or set a smaller ring") from None
        except X11Error as error:
            raise LostError(*error.args) from None
        memory.behind = None

    def _next(self, timeout_ms: int) -> Message:
        assert self._capture is not None
        try:
            return self._message(self._capture.next(timeout_ms))
        except X11Error as error:
            raise LostError(*error.args) from None

    def _message(self, update: X11Update) -> Message:
        now_ns = clock.monotonic_ns()
        time_ns = now_ns - self._started_ns
        match update.kind:
            case "captured":
                boxes = update.damage
                damage = None if boxes is None else tuple(map(Rect._make, boxes))
                excluded = tuple(map(Rect._make, update.excluded))
                self._sequence += 1
                if not self._said_unmet:
                    self._say_unmet()
                return Capture(self._sequence - 1, time_ns, now_ns, damage, update.bytes_read, excluded)
            case "missed_damage":
                where = ", ".join(f"{box[2]}x{box[3]}+{box[0]}+{box[1]}" for box in update.damage or ())
                return Gap(time_ns, "missed_damage", f"{where} changed and the X server did not say so")
            case "resized":
                assert self._capture is not None
                return self._resized(_geometry(self._capture))
            case "idle":
                return Idle(time_ns, update.verified, update.bytes_read)

    def _say_unmet(self) -> None:
        """Say once which exclusions match nothing: one that is misspelt hides nothing."""
        self._said_unmet = True
        for name in self._unmet():
            log.warning("exclude %s: no window matches now; one that comes will be left out", name)

    def _unmet(self) -> list[str]:
        met = self._capture.met() if self._capture is not None and self._leave_out.by_window else []
        return [name for name, found in zip(self._leave_out.names(), met, strict=False) if not found]

    def windows(self) -> list[SeenWindow] | None:
        """The windows on the monitor, uppermost first, those left out aside; None where they are as last time.

        SourceError where the display was lost meanwhile: the next ``read`` tells."""
        if self._capture is None:
            return None
        try:
            if self._windows_version is None:
                self._windows_version = 0
                self._capture.follow_windows()
            found = self._capture.windows_since(self._windows_version)
        except X11Error as error:
            raise self._refused(LostError(*error.args)) from None
        if found is None:
            return None
        self._windows_version, listed = found
        return [SeenWindow(title, application, Rect._make(box)) for title, application, box in listed]


def _geometry(capture: X11Capture) -> Geometry:
    name, (x, y, width, height) = capture.monitor()
    return Geometry(width, height, x, y, name)
