"""A small X client in plain Python, so that tests can draw exactly known pixels without a toolkit.

with XClient(":7") as client:
    window = client.window(10, 20, 300, 200, 0x203040)
    client.rect(window, 5, 5, 50, 20, 0xFF0000)
    client.sync()
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

CHANGE_WINDOW_ATTRIBUTES, CREATE_PIXMAP = 2, 53
CREATE_WINDOW, DESTROY_WINDOW, MAP_WINDOW, UNMAP_WINDOW, CONFIGURE_WINDOW = 1, 4, 8, 10, 12
GET_INPUT_FOCUS, CHANGE_PROPERTY, CREATE_GC, CHANGE_GC, POLY_FILL_RECTANGLE = 43, 18, 55, 56, 70
GRAB_SERVER, UNGRAB_SERVER, PUT_IMAGE = 36, 37, 72
FOREGROUND, Z_PIXMAP, DEPTH = 1 << 2, 2, 24
INTERN_ATOM, CLEAR_AREA = 16, 61
BACK_PIXMAP, BACK_PIXEL, BORDER_PIXEL, OVERRIDE_REDIRECT = 1 << 0, 1 << 1, 1 << 3, 1 << 9
X, Y, STACK_MODE = 1 << 0, 1 << 1, 1 << 6
CARDINAL, STRING, WM_NAME, WM_CLASS = 6, 31, 39, 67
REPARENT_WINDOW = 7


class XClient:
    """A connection without authorisation to a local display."""

    def __init__(self, display: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(f"/tmp/.X11-unix/X{display.lstrip(':').split('.')[0]}")
        self._socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        ok, length = struct.unpack("<BxHHH", self._receive(8))[0::3]
        setup = self._receive(4 * length)
        assert ok == 1, setup
        self._next_id, _, _, vendor_length = struct.unpack("<4xIIIH", setup[:18])
        formats = setup[21]
        roots = 32 + (vendor_length + 3) // 4 * 4 + 8 * formats
        self.root = struct.unpack_from("<I", setup, roots)[0]
        self._gc = self._new_id()
        self._send(CREATE_GC, 0, struct.pack("<III", self._gc, self.root, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def window(self, x: int, y: int, width: int, height: int, colour: int, border: int = 0) -> int:
        """A mapped window that no window manager touches, on top of all others; the border is red."""
        window = self._new_id()
        values = struct.pack("<III", colour, 0xFF0000, 1)
        mask = BACK_PIXEL | BORDER_PIXEL | OVERRIDE_REDIRECT
        fixed = struct.pack("<IIhhHHHHII", window, self.root, x, y, width, height, border, 1, 0, mask)
        self._send(CREATE_WINDOW, 0, fixed + values)
        self.map(window)
        return window

    def rect(self, window: int, x: int, y: int, width: int, height: int, colour: int) -> None:
        self._send(CHANGE_GC, 0, struct.pack("<III", self._gc, FOREGROUND, colour))
        self._send(POLY_FILL_RECTANGLE, 0, struct.pack("<IIhhHH", window, self._gc, x, y, width, height))

    def pixmap(self, width: int, height: int) -> int:
        """A picture in the server that can be drawn on like a window."""
        pixmap = self._new_id()
        self._send(CREATE_PIXMAP, DEPTH, struct.pack("<IIHH", pixmap, self.root, width, height))
        return pixmap

    def set_background(self, window: int, pixmap: int) -> None:
        """What the server itself shows of the window wherever it is uncovered."""
        self._send(CHANGE_WINDOW_ATTRIBUTES, 0, struct.pack("<III", window, BACK_PIXMAP, pixmap))

    def image(self, window: int, x: int, y: int, width: int, height: int, bgrx: bytes) -> None:
        """Rows of blue, green, red and a byte that counts for nothing; at most 65,000 pixels."""
        fixed = struct.pack("<IIHHhhBBxx", window, self._gc, width, height, x, y, 0, DEPTH)
        self._send(PUT_IMAGE, Z_PIXMAP, fixed + bgrx)

    def picture(self, bgrx: bytes, width: int, height: int) -> int:
        """A pixmap that shows these pixels; rows of blue, green, red and a byte that counts for nothing."""
        pixmap, row = self.pixmap(width, height), 4 * width
        rows = 65_000 // width
        for top in range(0, height, rows):
            part = bgrx[top * row : (top + rows) * row]
            self.image(pixmap, 0, top, width, len(part) // row, part)
        return pixmap

    def repaint(self, window: int) -> None:
        """Have the server paint the window's background once more: damage, though nothing looks different."""
        self._send(CLEAR_AREA, 0, struct.pack("<IhhHH", window, 0, 0, 0, 0))

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Everything that is drawn inside is seen by other clients together, not in parts."""
        self._send(GRAB_SERVER, 0, b"")
        try:
            yield
        finally:
            self._send(UNGRAB_SERVER, 0, b"")
            self.sync()

    def map(self, window: int) -> None:
        self._send(MAP_WINDOW, 0, struct.pack("<I", window))

    def move(self, window: int, x: int, y: int) -> None:
        self._send(CONFIGURE_WINDOW, 0, struct.pack("<IHxxii", window, X | Y, x, y))

    def raise_(self, window: int) -> None:
        self._send(CONFIGURE_WINDOW, 0, struct.pack("<IHxxI", window, STACK_MODE, 0))

    def unmap(self, window: int) -> None:
        self._send(UNMAP_WINDOW, 0, struct.pack("<I", window))

    def destroy(self, window: int) -> None:
        self._send(DESTROY_WINDOW, 0, struct.pack("<I", window))

    def set_cardinal(self, window: int, name: str, value: int) -> None:
        """Set a property of one 32-bit number."""
        padded = name.encode().ljust(-(-len(name) // 4) * 4, b"\0")
        self._send(INTERN_ATOM, 0, struct.pack("<Hxx", len(name)) + padded)
        atom = struct.unpack_from("<I", self._reply(), 8)[0]
        data = struct.pack("<IIIBxxxII", window, atom, CARDINAL, 32, 1, value)
        self._send(CHANGE_PROPERTY, 0, data)

    def name(self, window: int, title: str, application: str = "") -> None:
        """Set what the title bar and WM_CLASS say."""
        self._set_bytes(window, WM_NAME, title.encode("latin-1"))
        if application:
            self._set_bytes(window, WM_CLASS, f"{application.lower()}\0{application}\0".encode())

    def _set_bytes(self, window: int, atom: int, value: bytes) -> None:
        padded = value.ljust(-(-len(value) // 4) * 4, b"\0")
        data = struct.pack("<IIIBxxxI", window, atom, STRING, 8, len(value)) + padded
        self._send(CHANGE_PROPERTY, 0, data)

    def bare_window(self, x: int, y: int, width: int, height: int) -> int:
        """A mapped window without a background: it shows what stood there until somebody draws on it."""
        window = self._new_id()
        fixed = struct.pack("<IIhhHHHHII", window, self.root, x, y, width, height, 0, 1, 0, OVERRIDE_REDIRECT)
        self._send(CREATE_WINDOW, 0, fixed + struct.pack("<I", 1))
        self.map(window)
        return window

    def lower(self, window: int) -> None:
        self._send(CONFIGURE_WINDOW, 0, struct.pack("<IHxxI", window, STACK_MODE, 1))

    def reparent(self, window: int, parent: int, x: int, y: int) -> None:
        self._send(REPARENT_WINDOW, 0, struct.pack("<IIhh", window, parent, x, y))

    def sync(self) -> None:
        """Return when the server has done all that was asked."""
        self._send(GET_INPUT_FOCUS, 0, b"")
        self._reply()

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _send(self, opcode: int, detail: int, body: bytes) -> None:
        self._socket.sendall(struct.pack("<BBH", opcode, detail, 1 + len(body) // 4) + body)

    def _reply(self) -> bytes:
        """The next reply; an error is a fault of the test, events are not wanted."""
        while True:
            packet = self._receive(32)
            assert packet[0] != 0, f"X error {packet[1]} for request {packet[10]}"
            if packet[0] == 1:
                return packet + self._receive(4 * struct.unpack_from("<I", packet, 4)[0])

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            assert more, "the X server closed the connection"
            data += more
        return data
