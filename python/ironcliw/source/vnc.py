"""A screen over VNC: only what the server says changed is sent, as often as it is asked for.

    source = VncSource("vnc://127.0.0.1:5901", fps=2)    # the password: IRONCLIW_VNC_PASSWORD, or a file
    geometry = source.open()
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=1000)          # Capture(sequence=0, damage=None, …)

Nothing is sent to the other machine but requests for its pixels: no key, no pointer. A server that says nothing for a
while is asked for a row of pixels; one that then stays silent is a ``Gap`` of reason ``no_reply``.
"""

from __future__ import annotations

import contextlib
import ipaddress
import math
import socket
from urllib.parse import urlsplit

import numpy as np

from ironcliw import clock
from ironcliw.errors import SettingsError, SourceError
from ironcliw.frame import Rect
from ironcliw.memory import FrameMemory
from ironcliw.source.painted import Found, Nothing, Pace, Painted, PaintedSource, Size
from ironcliw.source.returning import SourceStalledError
from ironcliw.source.rfb import Rfb, Update
from ironcliw.source.secret import check_address, secret

DEFAULT_PORT = 5900
PROBE_NS = 5 * clock.SECOND
REPLY_NS = 5 * clock.SECOND
PROBE_PX = 64


class VncSource(PaintedSource):
    """``address``: ``vnc://HOST[:PORT]``. ``fps``: requests a second at most. ``password_file``: a private file.

    SettingsError for an ``fps`` that makes no sense, SourceError for an address that is none or holds a password.
    """

    kind = "vnc"

    def __init__(
        self, address: str, fps: float = 10.0, *, password_file: str | None = None, probe_ns: int = PROBE_NS
    ) -> None:
        if not (math.isfinite(fps) and 0.01 <= fps <= 240):
            raise SettingsError(f"fps of {fps}: it must be 0.01 to 240")
        check_address(address, "VNC")
        parts = urlsplit(address)
        if not parts.hostname or parts.path not in ("", "/"):
            raise SourceError("vnc://…: expected vnc://HOST or vnc://HOST:PORT")
        self._host, self._port = parts.hostname, parts.port or DEFAULT_PORT
        super().__init__(f"vnc://{self._host}:{self._port}")
        self.pace = Pace(fps)
        self._password_file = password_file
        self._probe_ns = probe_ns
        self._server: Rfb | None = None
        self._asked = self._asked_all = self._probing = False
        self._probe_due_ns = 0
        self._seen = np.zeros((1, 1), np.bool_)
        self._wake: socket.socket | None = None
        self._waker: socket.socket | None = None

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        super().interrupt()
        if (waker := self._waker) is not None:
            try:
                waker.send(b"\0")
            except OSError:
                return  # it is being closed, or has enough to wake up for

    def describe(self) -> dict[str, str]:
        """What the server is; valid after ``open``."""
        return {**super().describe(), "changes": "told by the server", "pixels": "over the network"}

    def _reach(self, timeout_s: float) -> Size:
        password = secret("VNC", self._password_file)
        self._server = server = Rfb.connect(
            self._host, self._port, password, timeout_s, near=_is_this_machine(self._host)
        )
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._asked = self._asked_all = self._probing = False
        self._probe_due_ns = clock.monotonic_ns() + self._probe_ns
        return Size(server.width, server.height)

    def _disconnect(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for each in (self._wake, self._waker):
            if each is not None:
                each.close()
        self._wake = self._waker = None

    def _hand_over(self, memory: FrameMemory, before: FrameMemory | None) -> None:
        super()._hand_over(memory, before)
        if self._whole:
            self._asked_all = False

    def _look(self, memory: FrameMemory, deadline_ns: int) -> Found:
        server, wake = self._server, self._wake
        assert server is not None
        assert wake is not None
        everything = Rect(0, 0, server.width, server.height)
        if self._whole and not self._asked_all:
            self._seen = np.zeros((server.height, server.width), np.bool_)
        while True:
            if self._whole and not self._asked_all:
                server.request(everything, incremental=False)
                self._asked = self._asked_all = True
            if not self._asked:
                if not self._pause(min(self.pace.due_ns, deadline_ns)) or clock.monotonic_ns() < self.pace.due_ns:
                    return Nothing()
                server.request(everything, incremental=True)
                self._asked = True
            until_ns = min(deadline_ns, self._probe_due_ns)
            if not server.wait(wake, (until_ns - clock.monotonic_ns()) / clock.SECOND):
                if self._woken(wake) or clock.monotonic_ns() >= deadline_ns:
                    return Nothing()
                if clock.monotonic_ns() >= self._probe_due_ns:
                    self._probe(server)
                continue
            found = self._message(server, memory)
            if found is not None:
                return found

    def _woken(self, wake: socket.socket) -> bool:
        """Whether ``interrupt`` was called. What it sent is taken out also where a pause heard of it first."""
        with contextlib.suppress(BlockingIOError):
            wake.recv(64)
        return self._interrupted.is_set()

    def _probe(self, server: Rfb) -> None:
        """Ask for a few pixels again; SourceStalledError where that was done before and brought nothing."""
        if self._probing:
            raise SourceStalledError(f"{self.name}: says nothing any more")
        self._probing = True
        self._probe_due_ns = clock.monotonic_ns() + REPLY_NS
        server.request(Rect(0, 0, min(PROBE_PX, server.width), 1), incremental=False)

    def _message(self, server: Rfb, memory: FrameMemory) -> Found | None:
        before = memory.pixels[0, :PROBE_PX].copy() if self._probing else None
        update = server.update(memory.pixels)
        self._probe_due_ns = clock.monotonic_ns() + self._probe_ns
        if update is None:
            return None
        if update.size is not None:
            self._asked_all = False
            return Size(*update.size)
        if before is not None:
            self._probing = False
            probe = Rect(0, 0, before.shape[0], 1)
            if update.painted == (probe,) and np.array_equal(before[:, :3], memory.pixels[0, :PROBE_PX, :3]):
                return Nothing(verified=True, bytes_read=update.bytes_read)
        self._asked = False
        return self._painted(update)

    def _painted(self, update: Update) -> Found | None:
        if self._whole:
            for rect in update.painted:
                self._seen[rect.y : rect.bottom, rect.x : rect.right] = True
            if not self._seen.all():
                return None  # an answer without pixels, or to an earlier request: the server owes them to the next one
        if not update.painted:
            return None
        self.pace.passed()
        return Painted(update.painted, update.bytes_read)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
