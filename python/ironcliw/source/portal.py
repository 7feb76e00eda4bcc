"""A screen by the desktop's screen-cast portal and PipeWire: GNOME, KDE and every other Wayland desktop.

    source = PortalSource()
    geometry = source.open()              # the desktop asks the user, the first time
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=1000)

What the user chose is remembered by a token in our state folder, so that nobody is asked again. The pointer is not in
the pictures where the desktop can say where it is instead. This module needs the extension, and libpipewire-0.3.
"""

from __future__ import annotations

import math
import os
import re

from ironcliw import clock
from ironcliw._native import PipeWireCapture, WaylandError  # noqa: TID251 - one of the native source wrappers
from ironcliw.errors import FrameMemoryError, SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source.portal_bus import BusError
from ironcliw.source.portal_session import DeniedError, PortalSession
from ironcliw.source.portal_token import PortalToken
from ironcliw.source.protocol import Capture, Idle, Message
from ironcliw.source.returning import LostError, Returning

HIGHEST_FPS = 240.0
LOWEST_FPS = 0.01
USER_S = 180.0
"""The user has this long to answer the desktop's question."""


class PortalSource(Returning):
    """A screen that the user chooses in the desktop's dialog.

    name: what this choice is remembered by, where several screens are to be watched: letters, digits, - and _
    fps: most captures a second
    reply_timeout_ms: how long portal and PipeWire may take to answer before that is a ``Gap``

    Raises SettingsError for numbers and names that make no sense.
    """

    kind = "portal"

    def __init__(self, name: str = "", fps: float = 10.0, *, reply_timeout_ms: int = 5_000) -> None:
        if not (math.isfinite(fps) and LOWEST_FPS <= fps <= HIGHEST_FPS):
            raise SettingsError(f"fps of {fps}: it must be {LOWEST_FPS} to {HIGHEST_FPS:g}")
        if not 1 <= reply_timeout_ms <= 3_600_000:
            raise SettingsError(f"reply_timeout_ms of {reply_timeout_ms}: it must be 1 to 3600000")
        if re.fullmatch(r"[A-Za-z0-9_-]{0,64}", name) is None:
            raise SettingsError(f"portal:{name}: expected up to 64 letters, digits, - and _")
        super().__init__(reply_timeout_ms)
        self.name = f"portal:{name}" if name else "portal"
        self._interval_ms = round(1000 / fps)
        self._token = PortalToken(name)
        self._session: PortalSession | None = None
        self._capture: PipeWireCapture | None = None
        self._asked = False
        self._closed_by_user = False
        self._file: tuple[int, int] | None = None

    @property
    def cursor(self) -> tuple[int, int] | None:
        """Where the pointer was seen last, in pixels; None where the desktop does not say."""
        return None if self._capture is None else self._capture.cursor()

    def open(self) -> Geometry:
        """Ask the desktop, which may ask the user. Raises SourceError, SourceDeniedError."""
        self._asked = self._closed_by_user = False
        return super().open()

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        super().interrupt()
        if (capture := self._capture) is not None:
            capture.interrupt()

    def describe(self) -> dict[str, str]:
        """What the desktop gives; valid after ``open``."""
        if self._session is None or self._capture is None:
            return {"portal": "ScreenCast", "state": self._lost_reason or "closed"}
        return {
            "portal": f"ScreenCast version {self._session.version}",
            "pixels": "copied out of PipeWire's buffers where they changed",
            "pointer": self._session.cursor,
            "remembered": str(self._token.path) if self._token.read() else "no: the desktop gives no token",
            "self": "included: a portal does not say where windows are",
        }

    @property
    def held_bytes(self) -> int:
        """Bytes of PipeWire's buffers that are mapped here beside the frame memory; never waits."""
        capture = self._capture
        return 0 if capture is None else capture.mapped_bytes

    def _connect(self, timeout_ms: int) -> Geometry:
        token = self._token.read()
        if self._closed_by_user or (self._asked and not token):
            # Nobody is asked by a dialog that comes again and again.
            raise SourceDeniedError("the portal no longer shows the screen: start ironcliw again to be asked again")
        user_s = timeout_ms / 1000 if self._asked else USER_S
        fd = -1
        try:
            self._session = session = PortalSession(self._reply_timeout_ms / 1000)
            node, fd = session.start(token, user_s)
            self._asked = True
            if session.token and session.token != token:
                self._token.write(session.token)
            taken, fd = fd, -1  # it is the stream's now, whatever becomes of that
            self._capture = PipeWireCapture(taken, node, self._reply_timeout_ms, self._interval_ms)
            return self._shape()
        except DeniedError as denied:
            self._disconnect()
            raise LostError("denied", str(denied)) from None
        except BusError as error:
            self._disconnect()
            raise LostError("lost", str(error)) from None
        except WaylandError as error:
            self._disconnect()
            raise LostError(*error.args) from None

    def _shape(self) -> Geometry:
        assert self._capture is not None
        assert self._session is not None
        width, height = self._capture.size()
        return Geometry(width, height, *self._session.position, "portal")

    def _disconnect(self) -> None:
        self._capture = None
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        assert self._capture is not None
        if memory.fd is None:
            raise SourceError("the portal source needs frame memory with a file descriptor, which this system has not")
        found = os.fstat(memory.fd)
        file = (found.st_dev, found.st_ino)
        # Other memory of the same file was brought up to date before it was handed over.
        anew = memory.behind is not None or before is None or file != self._file
        memory.behind, self._file = None, file
        try:
            self._capture.attach(memory.fd, memory.offset, anew)
        except MemoryError as error:
            raise FrameMemoryError(f"{error}: free some, or set a smaller ring") from None

    def _next(self, timeout_ms: int) -> Message:
        assert self._capture is not None
        assert self._session is not None
        try:
            update = self._capture.next(timeout_ms)
            if update.kind == "resized":
                return self._resized(self._shape())
        except WaylandError as error:
            kind, detail = error.args
            if kind == "no_reply":
                detail = f"the stream has stalled: {self._silence()}"
            raise self._ended() or LostError(kind, detail) from None
        if update.kind == "idle" and (ended := self._ended()) is not None:
            raise ended
        now_ns = clock.monotonic_ns()
        time_ns = now_ns - self._started_ns
        if update.kind == "idle":
            return Idle(time_ns)
        damage = None if update.damage is None else tuple(map(Rect._make, update.damage))
        self._sequence += 1
        return Capture(self._sequence - 1, time_ns, now_ns, damage, update.bytes_read)

    def _ended(self) -> LostError | None:
        """Whether the desktop says that sharing has ended."""
        assert self._session is not None
        try:
            self._closed_by_user = self._session.is_closed()
        except BusError as error:
            return LostError("lost", str(error))
        return LostError("denied", "sharing of the screen was stopped in the desktop") if self._closed_by_user else None

    def _silence(self) -> str:
        return "no picture for 2 s, though it is paused or has a fixed rate"
