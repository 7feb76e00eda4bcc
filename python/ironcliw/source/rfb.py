"""RFB, the protocol of VNC (RFC 6143), as far as looking at a screen needs it: one connection, and what comes over it.

    connection = Rfb.connect("127.0.0.1", 5901, password="secret", timeout_s=5)
    connection.request(Rect(0, 0, connection.width, connection.height), incremental=False)
    update = connection.update(pixels)     # painted rectangles, or a new size

Whatever a server sends is checked: a rectangle outside the frame, a length without bounds and bytes that are no message
are SourceErrors. What it cuts and pastes is skipped unread.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import SourceDeniedError, SourceError
from ironcliw.frame import Rect
from ironcliw.memory import CHANNELS
from ironcliw.source.des import answered
from ironcliw.source.file import check_size
from ironcliw.source.returning import SourceStalledError
from ironcliw.source.zrle import decode

RAW, COPY_RECT, ZRLE = 0, 1, 16
LAST_RECT, DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE, CURSOR = -224, -223, -308, -239
NO_SECURITY, VNC_PASSWORD = 1, 2
# Bytes blue, green, red and one more: 32 bits, depth 24, little-endian, true colour, 255 of each, shifts 16, 8, 0.
_PIXELS = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
_LONGEST_TEXT = 1 << 20
_LARGEST_ZRLE = 64 << 20


class Update(NamedTuple):
    """What one message of the server brought: painted rectangles, bytes, and the new size where there is one."""

    painted: tuple[Rect, ...]
    bytes_read: int
    size: tuple[int, int] | None = None


class Rfb:
    """A connection that is let in and knows the size. ``stall_s``: how long a message may stand still half-way."""

    def __init__(self, connected: socket.socket, stall_s: float) -> None:
        self._socket = connected
        self._socket.settimeout(stall_s)
        self._buffer = bytearray()
        self._inflate = zlib.decompressobj()
        self.width = self.height = 0
        self.server = ""

    @classmethod
    def connect(cls, host: str, port: int, password: str | None, timeout_s: float, *, near: bool = False) -> Rfb:
        """Connect and be let in. ``near``: prefer pixels as they are. SourceError, SourceDeniedError."""
        try:
            connected = socket.create_connection((host, port), timeout_s)
        except OSError as error:
            why = error.strerror or str(error)
            raise SourceError(f"vnc://{host}:{port}: cannot be reached ({why.lower()})") from None
        connection = cls(connected, timeout_s)
        try:
            connection._greet(f"vnc://{host}:{port}", password)
            connection._begin([RAW, COPY_RECT, ZRLE] if near else [ZRLE, COPY_RECT, RAW])
        except BaseException:
            connection.close()
            raise
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def close(self) -> None:
        """Hang up; may be called twice."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def wait(self, wake: socket.socket, timeout_s: float) -> bool:
        """Whether the server says something within ``timeout_s``; False too where ``wake`` can be read."""
        if self._buffer:
            return True
        readable, _, _ = select.select([self._socket, wake], [], [], max(0.0, timeout_s))
        return self._socket in readable

    def request(self, area: Rect, *, incremental: bool) -> None:
        """Ask for ``area``: what changes of it, once something does; or all of it now."""
        self._send(struct.pack(">BBHHHH", 3, incremental, *area))

    def update(self, pixels: NDArray[np.uint8]) -> Update | None:
        """Take one message and paint what it brings into ``pixels`` (h, w, 4); None where it brings no picture.

        SourceError where the server is gone or talks nonsense.
        """
        kind = self._take(1)[0]
        if kind == 0:
            return self._framebuffer(pixels)
        if kind == 1:
            _, count = struct.unpack(">xHH", self._take(5))
            self._take(6 * count)
        elif kind == 3:
            length = struct.unpack(">3xi", self._take(7))[0]
            if abs(length) > _LONGEST_TEXT:
                raise SourceError(f"the VNC server sent a text of {abs(length)} bytes")
            self._take(abs(length))
        elif kind != 2:
            raise SourceError(f"the VNC server sent a message of unknown kind {kind}")
        return None

    def _framebuffer(self, pixels: NDArray[np.uint8]) -> Update:
        count = struct.unpack(">xH", self._take(3))[0]
        painted: list[Rect] = []
        size: tuple[int, int] | None = None
        bytes_read = 0
        for _ in range(count):
            x, y, width, height, encoding = struct.unpack(">HHHHi", self._take(12))
            if encoding == LAST_RECT:
                break
            if encoding in (DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE):
                if self._resized(encoding, y, width, height):
                    size = (width, height)
                    pixels = np.zeros((height, width, CHANNELS), np.uint8)  # what follows is for the new size: not kept
                continue
            if encoding == CURSOR:
                self._take(width * height * CHANNELS + -(-width // 8) * height)
                continue
            rect = Rect(x, y, width, height)
            if rect.right > pixels.shape[1] or rect.bottom > pixels.shape[0]:
                raise SourceError(f"the VNC server sent {width}x{height}+{x}+{y}, which lies outside of its screen")
            bytes_read += self._paint(pixels, rect, encoding)
            painted.append(rect)
        return Update(tuple(painted), bytes_read, size)

    def _resized(self, encoding: int, status: int, width: int, height: int) -> bool:
        """Whether a pseudo-rectangle says that the size is another one now."""
        if encoding == EXTENDED_DESKTOP_SIZE:
            screens = self._take(4)[0]
            self._take(16 * screens)
            if status:
                return False
        if (width, height) == (self.width, self.height):
            return False
        check_size("the VNC server", width, height)
        self.width, self.height = width, height
        return True

    def _paint(self, pixels: NDArray[np.uint8], rect: Rect, encoding: int) -> int:
        """Paint one rectangle and say how many bytes it took."""
        target = pixels[rect.y : rect.bottom, rect.x : rect.right]
        if encoding == RAW:
            self._take_rows(target, rect)
            return rect.area * CHANNELS
        if encoding == COPY_RECT:
            x, y = struct.unpack(">HH", self._take(4))
            if x + rect.width > pixels.shape[1] or y + rect.height > pixels.shape[0]:
                raise SourceError("the VNC server copied from outside of its screen")
            target[:] = pixels[y : y + rect.height, x : x + rect.width].copy()
            return 4
        if encoding == ZRLE:
            length = struct.unpack(">I", self._take(4))[0]
            if length > _LARGEST_ZRLE:
                raise SourceError(f"the VNC server sent {length} packed bytes at once")
            most = rect.area * CHANNELS + 4096
            try:
                data = self._inflate.decompress(self._take(length), most)
                decode(data, target)
            except (zlib.error, ValueError, IndexError) as error:
                raise SourceError(f"the VNC server sent damaged pixels ({error})") from None
            return length
        raise SourceError(f"the VNC server used an encoding that was not asked for: {encoding}")

    def _take_rows(self, target: NDArray[np.uint8], rect: Rect) -> None:
        """Read raw rows some at a time: a whole frame need not be held twice."""
        at_once = max(1, (1 << 20) // max(1, rect.width * CHANNELS))
        for top in range(0, rect.height, at_once):
            rows = target[top : top + at_once]
            data = self._take(rows.shape[0] * rect.width * CHANNELS)
            rows[:] = np.frombuffer(data, np.uint8).reshape(rows.shape)

    def _greet(self, name: str, password: str | None) -> None:
        version = self._take(12)
        if not version.startswith(b"RFB 003.") or not version.endswith(b"\n"):
            raise SourceError(f"{name}: no VNC server answers there")
        new = version[8:11] in (b"007", b"008", b"889")
        self._send(b"RFB 003.008\n" if new else b"RFB 003.003\n")
        if new:
            kinds = self._take(self._take(1)[0])
            if not kinds:
                raise SourceDeniedError(f"{name}: refuses: {self._reason()}")
        else:
            kinds = bytes([struct.unpack(">I", self._take(4))[0] & 0xFF])
            if kinds == b"\0":
                raise SourceDeniedError(f"{name}: refuses: {self._reason()}")
        chosen = VNC_PASSWORD if VNC_PASSWORD in kinds and password is not None else NO_SECURITY
        if chosen not in kinds:
            if VNC_PASSWORD in kinds:
                raise SourceDeniedError(f"{name}: wants a password; put it into IRONCLIW_VNC_PASSWORD or a file")
            raise SourceDeniedError(f"{name}: wants a log-in that is not spoken here (kinds {list(kinds)})")
        if new:
            self._send(bytes([chosen]))
        if chosen == VNC_PASSWORD:
            self._send(answered((password or "").encode("utf-8", "surrogateescape"), self._take(16)))
        if (new or chosen == VNC_PASSWORD) and struct.unpack(">I", self._take(4))[0]:
            why = self._reason() if new else "wrong password"
            raise SourceDeniedError(f"{name}: does not let us in: {why}")

    def _begin(self, encodings: list[int]) -> None:
        self._send(b"\1")  # others may look at the same time
        self.width, self.height = struct.unpack(">HH", self._take(4))
        self._take(16)
        self.server = self._take(min(struct.unpack(">I", self._take(4))[0], _LONGEST_TEXT)).decode("utf-8", "replace")
        # Who draws the pointer itself is spared its moves: we never draw it.
        asked = [*encodings, DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE, LAST_RECT, CURSOR]
        self._send(struct.pack(">B3x", 0) + _PIXELS)
        self._send(struct.pack(f">BxH{len(asked)}i", 2, len(asked), *asked))

    def _reason(self) -> str:
        """Why a server refuses, in its words, which are shortened and kept on one line."""
        length = min(struct.unpack(">I", self._take(4))[0], 1000)
        return " ".join(self._take(length).decode("utf-8", "replace").split())[:200]

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise SourceStalledError("the VNC server takes nothing any more") from None

    def _take(self, count: int) -> bytes:
        """Exactly ``count`` bytes. SourceError where the connection ends, SourceStalledError where it stands still."""
        while len(self._buffer) < count:
            try:
                data = self._socket.recv(max(1 << 16, min(count - len(self._buffer), 1 << 22)))
            except TimeoutError:
                raise SourceStalledError("the VNC server stopped in the middle of a message") from None
            if not data:
                raise SourceError("the VNC server hung up")
            self._buffer += data
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return taken
