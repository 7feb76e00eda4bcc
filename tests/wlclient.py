"""A small Wayland client in plain Python, so that tests can draw exactly known pixels without a toolkit.

with WaylandClient(socket) as client:
    client.show()                          # one window, as large as the compositor makes it
    client.rect(5, 5, 50, 20, 0xFF0000)    # drawn, committed with its damage, and heard by the compositor
    client.pixels                          # (height, width, 4) uint8 BGRX, what the window shows
"""

from __future__ import annotations

import array
import mmap
import os
import socket
import struct
from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

DISPLAY, REGISTRY = 1, 2
UNTOLD = 64
"""Pixels a side where the compositor leaves the size to the window."""


class WaylandClient:
    """A connection with one window."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(path)
        self._next_id = REGISTRY
        self._globals: dict[str, tuple[int, int]] = {}
        self._received = b""
        self._done: set[int] = set()
        self._size = (0, 0)
        self._serial: int | None = None
        self._surface = self._xdg = self._toplevel = self._buffer = 0
        self._map: mmap.mmap | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._send(DISPLAY, 1, struct.pack("=I", self._id()))
        self.sync()
        self._compositor = self._bind("wl_compositor", 4)
        self._shm = self._bind("wl_shm", 1)
        self._base = self._bind("xdg_wm_base", 1)
        self.sync()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """(height, width, 4) uint8 BGRX pixels of the window."""
        assert self._pixels is not None
        return self._pixels

    def show(self, colour: int = 0) -> None:
        """Show a window of one colour, of the size that the compositor says."""
        self._surface, self._xdg, self._toplevel = self._id(), self._id(), self._id()
        self._send(self._compositor, 0, struct.pack("=I", self._surface))
        self._send(self._base, 2, struct.pack("=II", self._xdg, self._surface))
        self._send(self._xdg, 1, struct.pack("=I", self._toplevel))
        self._send(self._surface, 6, b"")
        while self._serial is None:
            self.sync()
        self.sync()
        self.fit(colour)
        while self._size == (0, 0):  # it says how large once it knows the window
            self.sync()
        self.fit(colour)

    def wait_for_size(self, width: int, height: int) -> None:
        """Until the compositor says that the window is to be this large."""
        while self._size != (width, height):
            self.sync()

    def fit(self, colour: int = 0, draw: Callable[[int, int], NDArray[np.uint8]] | None = None) -> None:
        """A new buffer, of the size that the compositor said last, of one colour or as ``draw(width, height)`` is."""
        self.sync()
        width, height = (side or UNTOLD for side in self._size)
        size = width * height * 4
        fd = os.memfd_create("wlclient")
        os.ftruncate(fd, size)
        self._map = mmap.mmap(fd, size)
        pixels = np.frombuffer(self._map, np.uint8).reshape(height, width, 4)
        pixels[:] = list(struct.pack("<I", colour))
        if draw is not None:
            pixels[..., :3] = draw(width, height)
        pool, buffer = self._id(), self._id()
        self._send(self._shm, 0, struct.pack("=Ii", pool, size), fd)
        os.close(fd)
        self._send(pool, 0, struct.pack("=IiiiiI", buffer, 0, width, height, width * 4, 1))
        self._pixels, self._buffer = pixels, buffer
        self._send(self._xdg, 4, struct.pack("=I", self._serial))
        self._commit(0, 0, width, height)

    def rect(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Fill a rectangle."""
        self.pixels[y : y + height, x : x + width] = list(struct.pack("<I", colour))
        self._commit(x, y, width, height)

    def repaint(self) -> None:
        """Say that all of it was drawn anew."""
        self._commit(0, 0, self.pixels.shape[1], self.pixels.shape[0])

    def sync(self) -> None:
        """Wait until the compositor has read everything."""
        callback = self._id()
        self._send(DISPLAY, 0, struct.pack("=I", callback))
        while callback not in self._done:
            self._read()

    def _commit(self, x: int, y: int, width: int, height: int) -> None:
        self._send(self._surface, 1, struct.pack("=Iii", self._buffer, 0, 0))
        self._send(self._surface, 9, struct.pack("=iiii", x, y, width, height))
        self._send(self._surface, 6, b"")
        self.sync()

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _bind(self, interface: str, version: int) -> int:
        name, offered = self._globals[interface]
        made = self._id()
        text = interface.encode() + b"\0"
        text += b"\0" * (-len(text) % 4)
        length = struct.pack("=II", name, len(interface) + 1)
        self._send(REGISTRY, 0, length + text + struct.pack("=II", min(version, offered), made))
        return made

    def _send(self, target: int, opcode: int, arguments: bytes, fd: int | None = None) -> None:
        message = struct.pack("=II", target, (8 + len(arguments)) << 16 | opcode) + arguments
        ancillary = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
        self._socket.sendmsg([message], ancillary)

    def _read(self) -> None:
        part = self._socket.recv(1 << 16)
        assert part, "the compositor closed the connection"
        self._received += part
        while len(self._received) >= 8:
            target, word = struct.unpack_from("=II", self._received)
            size = word >> 16
            if len(self._received) < size:
                return
            arguments, self._received = self._received[8:size], self._received[size:]
            self._event(target, word & 0xFFFF, arguments)

    def _event(self, target: int, opcode: int, arguments: bytes) -> None:
        if target == DISPLAY and opcode == 0:
            raise AssertionError(f"the compositor refused: {arguments!r}")
        if target == DISPLAY:
            self._done.add(struct.unpack("=I", arguments)[0])
        elif target == REGISTRY and opcode == 0:
            name, length = struct.unpack_from("=II", arguments)
            interface = arguments[8 : 8 + length - 1].decode()
            self._globals[interface] = (name, struct.unpack("=I", arguments[-4:])[0])
        elif target == getattr(self, "_base", 0):
            self._send(target, 3, arguments)
        elif target == self._xdg:
            (self._serial,) = struct.unpack("=I", arguments)
        elif target == self._toplevel and opcode == 0:
            self._size = struct.unpack_from("=ii", arguments)
