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
import threading
from collections.abc import Mapping, Sequence

from ironcliw import clock
from ironcliw._native import X11Capture, X11Error, X11Update  # noqa: TID251 - one of the native source wrappers
from ironcliw.errors import FrameMemoryError, MonitorNotFoundError, SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import CELL, FrameMemory
from ironcliw.source.echo import Terminal, find_terminal
from ironcliw.source.exclusion import Exclusions
from ironcliw.source.protocol import Back, Capture, Gap, Idle, Message, Resized, SeenWindow

log = logging.getLogger("ironcliw.source")

HIGHEST_FPS = 240.0
LOWEST_FPS = 0.01
LARGEST_WINDOW_ID = 2**32 - 1
FIRST_RETRY_MS = 200
LONGEST_RETRY_MS = 2_000
SHORTEST_CONNECT_MS = 250
"""A display on another machine needs this long to let us in, even where ``read`` was to take less."""


class X11Source:
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

    live = True
    lossless = True
    catches_up = True

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
        self._reply_timeout_ms = reply_timeout_ms
        self._capture: X11Capture | None = None
        self._memory: FrameMemory | None = None
        self._geometry: Geometry | None = None
        self._sequence = 0
        self._started_ns = 0
        self._lost_reason = ""
        self._attach_due = False
        self._retry_ms = FIRST_RETRY_MS
        self._retry_at_ns = 0
        self._interrupted = threading.Event()

    def open(self) -> Geometry:
        """Connect. Raises SourceError, SourceDeniedError, MonitorNotFoundError."""
        self.close()
        try:
            self._connect(self._reply_timeout_ms)
        except X11Error as error:
            raise _source_error(*error.args) from None
        assert self._geometry is not None
        self._started_ns = clock.monotonic_ns()
        self._sequence = 0
        return self._geometry

    def attach(self, memory: FrameMemory) -> None:
        """Capture into this memory from now on. ValueError where its size is not the geometry's."""
        geometry = self._geometry
        if geometry is None:
            raise ValueError("open the x11 source before attaching memory to it")
        if memory.pixels.shape[:2] != (geometry.height, geometry.width):
            height, width = memory.pixels.shape[:2]
            raise ValueError(f"memory of {width}x{height} pixels for a source of {geometry.width}x{geometry.height}")
        before, self._memory = self._memory, memory
        if self._capture is None:
            return
        behind = memory.behind
        if behind is not None and behind.newest is before and not self._attach_due:
            # What the next capture does not fetch anyway is brought up to date with it.
            self._capture.go_on_at(memory.offset, behind.cells.tobytes(), CELL)
            memory.behind = None
            return
        try:
            self._attach_native(self._capture, memory)
        except X11Error:
            self._attach_due = True  # the next ``read`` tries again, and tells why not

    def read(self, timeout_ms: int) -> Message:
        """Wait at most ``timeout_ms`` for a change; in a gap, for the server to return."""
        if self._geometry is None:
            raise ValueError("open the x11 source before reading from it")
        if self._capture is None:
            return self._reconnect(timeout_ms)
        try:
            if self._memory is not None and self._attach_due:
                self._attach_native(self._capture, self._memory)
            update = self._capture.next(max(0, timeout_ms))
        except X11Error as error:
            return self._lose(*error.args)
        return self._message(update)

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        self._interrupted.set()
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

    def close(self) -> None:
        """Disconnect; may be called twice. The attached memory is the caller's."""
        self._capture = None
        self._memory = None
        self._geometry = None
        self._lost_reason = ""

    def _display_name(self) -> str:
        return self._display if self._display is not None else os.environ.get("DISPLAY", "")

    def _environ(self) -> Mapping[str, str]:
        """The environment as far as it is about this server: on another one WINDOWID names some other window."""
        ours = os.environ.get("DISPLAY", "").removesuffix(".0")
        return os.environ if not self._lost_reason and self._display_name().removesuffix(".0") == ours else {}

    def _connect(self, connect_timeout_ms: int) -> None:
        """A new connection, with the geometry it has now. Raises X11Error."""
        capture = X11Capture(
            self._display,
            self._monitor,
            connect_timeout_ms,
            self._reply_timeout_ms,
            self._interval_ms,
            self._probe_ms,
        )
        if not self._include_self and (self.terminal is None or self._lost_reason != "no_reply"):
            self.terminal = find_terminal(capture, environ=self._environ())
        capture.exclude([*self._exclude, *(self.terminal.windows if self.terminal else ())])
        if self._leave_out:
            out = self._leave_out
            try:
                capture.veil(out.windows, out.applications, out.titles, out.regions)
            except ValueError as error:
                raise SettingsError(f"exclude title: not a regular expression: {error}") from None
        if self._windows_version is not None:
            self._windows_version = 0
            capture.follow_windows()
        self._geometry = _geometry(capture)
        self._capture = capture

    def _attach_native(self, capture: X11Capture, memory: FrameMemory) -> None:
        if memory.fd is None:
            raise SourceError("the x11 source needs frame memory with a file descriptor, which this system has not")
        try:
            capture.attach(memory.fd, memory.offset)
        except MemoryError as error:
            raise FrameMemoryError(f"{error}: free some, or set a smaller ring") from None
        memory.behind = None
        self._attach_due = False

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
                self._memory = None
                self._geometry = _geometry(self._capture)
                return Resized(time_ns, self._geometry)
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
            raise _source_error(*error.args) from None
        if found is None:
            return None
        self._windows_version, listed = found
        return [SeenWindow(title, application, Rect._make(box)) for title, application, box in listed]

    def _time_ns(self) -> int:
        return clock.monotonic_ns() - self._started_ns

    def _lose(self, kind: str, detail: str) -> Gap:
        self._capture = None
        self._lost_reason = _gap_reason(kind)
        self._retry_ms = FIRST_RETRY_MS
        self._retry_at_ns = clock.monotonic_ns() + self._retry_ms * clock.MS
        return Gap(self._time_ns(), self._lost_reason, detail)

    def _reconnect(self, timeout_ms: int) -> Message:
        """Try to connect whenever an attempt is due, until that works or the time is up."""
        deadline_ns = clock.monotonic_ns() + max(0, timeout_ms) * clock.MS
        while True:
            wait_ns = min(self._retry_at_ns, deadline_ns) - clock.monotonic_ns()
            if wait_ns > 0 and self._interrupted.wait(wait_ns / clock.SECOND):
                self._interrupted.clear()
                return Idle(self._time_ns())
            now_ns = clock.monotonic_ns()
            if now_ns < self._retry_at_ns:
                return Idle(self._time_ns())
            left_ms = (deadline_ns - now_ns) // clock.MS
            before = self._geometry
            try:
                self._connect(min(max(left_ms, SHORTEST_CONNECT_MS), self._reply_timeout_ms))
            except X11Error as error:
                self._retry_at_ns = clock.monotonic_ns() + self._retry_ms * clock.MS
                self._retry_ms = min(2 * self._retry_ms, LONGEST_RETRY_MS)
                if _gap_reason(error.args[0]) == "denied" != self._lost_reason:
                    self._lost_reason = "denied"
                    return Gap(self._time_ns(), "denied", error.args[1])
                continue
            return self._returned(before)

    def _returned(self, before: Geometry | None) -> Message:
        assert self._geometry is not None
        self._lost_reason = ""
        if self._geometry == before and self._memory is not None and self._memory.fd is not None:
            self._attach_due = True
            return Back(self._time_ns())
        self._memory = None
        return Resized(self._time_ns(), self._geometry)


def _geometry(capture: X11Capture) -> Geometry:
    name, (x, y, width, height) = capture.monitor()
    return Geometry(width, height, x, y, name)


def _gap_reason(kind: str) -> str:
    return kind if kind in ("no_reply", "denied") else "lost"


def _source_error(kind: str, detail: str) -> SourceError:
    match kind:
        case "denied":
            return SourceDeniedError(f"{detail}; see xauth and XAUTHORITY")
        case "unknown_monitor":
            return MonitorNotFoundError(detail)
        case "xwayland":
            return SourceError(f"{detail}: use the source 'wayland'")
        case _:
            return SourceError(detail)
