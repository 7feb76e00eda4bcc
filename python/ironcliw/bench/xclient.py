"""An X client of a few requests, for drawing exactly when we say so, and knowing when the server has done it.

client = XClient(":7")
window = client.window(0, 0, 640, 480, 0x101418)
client.fill(window, 8, 8, 24, 24, 0xFF8000)
client.sync()
"""

from __future__ import annotations

import socket
import struct

from ironcliw.errors import SourceError

_CREATE_WINDOW, _MAP_WINDOW, _GET_INPUT_FOCUS, _CREATE_PIXMAP = 1, 8, 43, 53
_CREATE_GC, _CHANGE_GC, _COPY_AREA, _POLY_FILL_RECTANGLE, _PUT_IMAGE = 55, 56, 62, 70, 72
_BACK_PIXEL, _OVERRIDE_REDIRECT = 1 << 1, 1 << 9
_FOREGROUND, _GRAPHICS_EXPOSURES = 1 << 2, 1 << 16
_Z_PIXMAP, _DEPTH, _REQUEST_BYTES = 2, 24, 4 * 0xFFFF
_TIMEOUT_S = 10.0


class XClient:
    """A connection, without authorisation, to a display of this machine. SourceError where there is none."""

    def __init__(self, display: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_TIMEOUT_S)
        try:
            self._socket.connect(f"/tmp/.X11-unix/X{display.lstrip(':').split('.')[0]}")
            self._socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
            accepted, words = struct.unpack("<BxHHH", self._receive(8))[0::3]
        except OSError as error:
            self._socket.close()
            raise SourceError(f"cannot draw on display '{display}': {error}") from None
        setup = self._receive(4 * words)
        if accepted != 1:
            self._socket.close()
            raise SourceError(f"display '{display}' lets nobody draw on it")
        self._next_id, vendor_bytes = struct.unpack_from("<4xI8xH", setup)
        roots = 32 + -(-vendor_bytes // 4) * 4 + 8 * setup[21]
        (self._root,) = struct.unpack_from("<I", setup, roots)
        self._context = self._new_id()
        values = struct.pack("<II", _GRAPHICS_EXPOSURES, 0)
        self._send(_CREATE_GC, 0, struct.pack("<II", self._context, self._root) + values)

    def close(self) -> None:
        """Disconnect; what was drawn goes with the connection."""
        self._socket.close()

    def window(self, x: int, y: int, width: int, height: int, colour: int) -> int:
        """A shown window that no window manager touches, on top of all others, in one colour (0xRRGGBB)."""
        window = self._new_id()
        place = struct.pack("<IIhhHHHHI", window, self._root, x, y, width, height, 0, 1, 0)
        self._send(_CREATE_WINDOW, 0, place + struct.pack("<III", _BACK_PIXEL | _OVERRIDE_REDIRECT, colour, 1))
        self._send(_MAP_WINDOW, 0, struct.pack("<I", window))
        return window

    def picture(self, pixels: bytes, width: int, height: int) -> int:
        """A pixmap that holds ``width`` x ``height`` pixels of four bytes (B, G, R, any), for ``show``."""
        pixmap = self._new_id()
        self._send(_CREATE_PIXMAP, _DEPTH, struct.pack("<IIHH", pixmap, self._root, width, height))
        rows = (_REQUEST_BYTES - 64) // (4 * width)
        for top in range(0, height, rows):
            strip = pixels[4 * width * top : 4 * width * min(height, top + rows)]
            lines = len(strip) // (4 * width)
            head = struct.pack("<IIHHhhBBxx", pixmap, self._context, width, lines, 0, top, 0, _DEPTH)
            self._send(_PUT_IMAGE, _Z_PIXMAP, head + strip)
        return pixmap

    def show(self, pixmap: int, window: int, top: int, width: int, height: int) -> None:
        """Copy ``width`` x ``height`` pixels of a picture, from row ``top`` on, to the window's corner."""
        where = struct.pack("<hhhhHH", 0, top, 0, 0, width, height)
        self._send(_COPY_AREA, 0, struct.pack("<III", pixmap, window, self._context) + where)

    def fill(self, window: int, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Fill a rectangle with one colour (0xRRGGBB)."""
        self._send(_CHANGE_GC, 0, struct.pack("<III", self._context, _FOREGROUND, colour))
        self._send(_POLY_FILL_RECTANGLE, 0, struct.pack("<IIhhHH", window, self._context, x, y, width, height))

    def sync(self) -> None:
        """Return when the server has done all that was asked. SourceError where it refused anything."""
        self._send(_GET_INPUT_FOCUS, 0, b"")
        while (packet := self._receive(32))[0] != 1:
            if packet[0] == 0:
                raise SourceError(f"the X server refused request {packet[10]} with error {packet[1]}")

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _send(self, request: int, detail: int, body: bytes) -> None:
        self._socket.sendall(struct.pack("<BBH", request, detail, 1 + len(body) // 4) + body)

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                raise SourceError("the X server closed the connection")
            data += more
        return data
