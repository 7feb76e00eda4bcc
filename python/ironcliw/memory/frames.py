"""The memory that sources capture into.

memory = FrameMemory(1920, 1080)
memory.pixels[:] = 0                  # (1080, 1920, 4) uint8, BGRX
memory.close()                        # zeroed: pixels never outlive their owner
"""

from __future__ import annotations

import contextlib
import mmap
import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import SettingsError

CHANNELS = 4
LARGEST_SIDE_PX = 32_768
CELL = (64, 16)
"""Width and height in pixels of the cells by which is known what differs; a line of text is about as high."""


def blank_pixels(height: int, width: int) -> NDArray[np.uint8]:
    """Zeroed (height, width, 4) uint8 pixels for one owner, touched, from the start of a page: the kernels are fastest
    where both of two frames begin alike, and large pages spare them looking up small ones."""
    return blank_bytes(height * width * CHANNELS).reshape(height, width, CHANNELS)


def blank_bytes(size_bytes: int) -> NDArray[np.uint8]:
    """Zeroed (size_bytes,) uint8 memory, touched, from the start of a page. It is the base of all views of it."""
    if hasattr(mmap, "MAP_PRIVATE"):
        memory = mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    else:
        memory = mmap.mmap(-1, size_bytes)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    content = np.frombuffer(memory, np.uint8)
    content.fill(0)
    return content


class Behind(NamedTuple):
    """Frame memory that is not up to date: how it differs from what the source captured last.

    newest: the memory that shows what was captured last, of the same file
    cells: (rows, columns) bool, cells of ``CELL`` outside of which the two are equal
    """

    newest: FrameMemory
    cells: NDArray[np.bool_]


class FrameMemory:
    """One frame's pixels in memory that another process (the X server) can be handed.

    ``pixels`` is a writable (height, width, 4) uint8 view, BGRX, rows without gaps. On Linux the memory is an
    anonymous memfd (``fd``); elsewhere a private mapping (``fd`` is None). It is touched once here, because the first
    touch of a page costs ten times the copy. ``offset`` is where in the memfd the pixels begin.
    """

    offset = 0
    behind: Behind | None = None
    """Where a source was handed this in place of memory that it has captured into: a source that does not write whole
    frames calls ``catch_up`` before it writes."""

    def __init__(self, width: int, height: int) -> None:
        if not (0 < width <= LARGEST_SIDE_PX and 0 < height <= LARGEST_SIDE_PX):
            raise SettingsError(f"a frame of {width}x{height} pixels: each side must be 1 to {LARGEST_SIDE_PX}")
        self.size_bytes = width * height * CHANNELS
        self.fd: int | None = None
        if hasattr(os, "memfd_create"):
            self.fd = os.memfd_create("ironcliw-frame", os.MFD_CLOEXEC)
            try:
                # posix_fallocate fails here where ftruncate would succeed and the first touch be a SIGBUS.
                os.posix_fallocate(self.fd, 0, self.size_bytes)
                self._map = mmap.mmap(self.fd, self.size_bytes)
            except OSError:
                os.close(self.fd)
                raise
        else:
            self._map = mmap.mmap(-1, self.size_bytes)
        self._pixels: NDArray[np.uint8] | None = np.frombuffer(self._map, np.uint8).reshape(height, width, CHANNELS)
        self._pixels.fill(0)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The (height, width, 4) uint8 BGRX pixels; ValueError after ``close``."""
        if self._pixels is None:
            raise ValueError("this frame memory is closed")
        return self._pixels

    @property
    def closed(self) -> bool:
        """Whether the pixels cannot be had any more."""
        return self._pixels is None

    def catch_up(self) -> None:
        """Bring the pixels to what was captured last, where they are behind."""
        if self.behind is None:
            return
        (newest, cells), self.behind = self.behind, None
        pixels, source = self.pixels, newest.pixels
        width, height = CELL
        for row, column in zip(*np.nonzero(cells), strict=True):
            cell = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
            pixels[cell] = source[cell]

    def close(self) -> None:
        """Zero the pixels and give the memory back; a view still held keeps the (zeroed) mapping alive."""
        if self._pixels is None:
            return
        self._pixels.fill(0)
        self._pixels = None
        with contextlib.suppress(BufferError):  # a caller still holds a view; the mapping goes with it
            self._map.close()
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None
