"""The framebuffer of ``Xvfb -fbdir DIR``, read from the file that it keeps there: the server is asked nothing.

    source = FbdirSource("/run/screens/Xvfb_screen0", fps=10)   # or the folder, where it holds one screen
    geometry = source.open()
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=1000)          # Capture(sequence=0, damage=None, …)

A look reads every pixel once, for its fingerprint, and copies the tiles whose fingerprint moved: what a still screen
costs is one read. The picture is the server's memory as it is, the pointer drawn into it included, and may show half of
what is being drawn at that moment; the next look shows the rest. The file says nothing of windows, so only regions can
be left out of it. It is an XWD file (X11/XWDFile.h): a header of big-endian words, a name, colours, pixels.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import re
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock, kernels
from ironcliw.errors import SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import TILE, Rect
from ironcliw.memory import CHANNELS, FrameMemory
from ironcliw.source.painted import Found, Nothing, Pace, Painted, PaintedSource, Size

HEADER_BYTES = 100
LARGEST_HEADER_BYTES = 4096
XWD_VERSION, Z_PIXMAP, LSB_FIRST = 7, 2, 0
_COLOUR_BYTES = 12
_HEADER = struct.Struct(">25I")
_ALIVE_NS = 2 * clock.SECOND
"""How often is looked whether the server that keeps the file still runs."""


class Header(NamedTuple):
    """What an XWD header says: the picture's size and the bytes of a row, where its pixels begin, and who keeps it."""

    width: int
    height: int
    row_bytes: int
    start: int
    title: str

    @property
    def end(self) -> int:
        """The first byte beyond the pixels."""
        return self.start + self.row_bytes * self.height


class FbdirSource(PaintedSource):
    """``path``: the file that Xvfb keeps in the folder named by ``-fbdir``, or that folder. ``fps``: looks a second.

    SettingsError for an ``fps`` that makes no sense.
    """

    kind = "fbdir"

    def __init__(self, path: str | os.PathLike[str], fps: float = 10.0) -> None:
        if not (math.isfinite(fps) and 0.01 <= fps <= 240):
            raise SettingsError(f"fps of {fps}: it must be 0.01 to 240")
        super().__init__(f"fbdir:{os.fspath(path)}")
        self._path = Path(path)
        self.pace = Pace(fps)
        self._file: Path = self._path
        self._map: mmap.mmap | None = None
        self._shown: NDArray[np.uint8] = np.zeros((1, 1, CHANNELS), np.uint8)
        self._identity = (0, 0)
        self._header = Header(0, 0, 0, 0, "")
        self._grid: NDArray[np.uint64] = np.zeros((1, 1), np.uint64)
        self._changed: NDArray[np.bool_] = np.zeros((1, 1), np.bool_)
        self._alive_due_ns = 0

    def describe(self) -> dict[str, str]:
        """What the file is; valid after ``open``."""
        return {**super().describe(), "changes": "found by fingerprints", "pixels": "the server's own memory"}

    def _reach(self, timeout_s: float) -> Size:
        self._file = _screen_file(self._path)
        try:
            with self._file.open("rb") as file:
                header = read_header(self._file, file.read(LARGEST_HEADER_BYTES), os.fstat(file.fileno()).st_size)
                self._map = mmap.mmap(file.fileno(), header.end, access=mmap.ACCESS_READ)
                status = os.fstat(file.fileno())
        except PermissionError:
            raise SourceDeniedError(
                f"{self._file}: may not be read; let this user in, or run as the server's"
            ) from None
        except OSError as error:
            raise SourceError(f"{self._file}: cannot be read ({(error.strerror or str(error)).lower()})") from None
        self._identity, self._header = (status.st_dev, status.st_ino), header
        if not _serves(header.title):
            self._disconnect()
            raise SourceError(f"{self._file}: left behind by a server that runs no more")
        rows = np.frombuffer(self._map, np.uint8, header.row_bytes * header.height, header.start)
        rows = rows.reshape(header.height, header.row_bytes)[:, : header.width * CHANNELS]
        self._shown = rows.reshape(header.height, header.width, CHANNELS)
        shape = kernels.grid_shape(header.height, header.width)
        self._grid, self._changed = np.zeros(shape, np.uint64), np.zeros(shape, np.bool_)
        self._alive_due_ns = clock.monotonic_ns() + _ALIVE_NS
        return Size(header.width, header.height)

    def _disconnect(self) -> None:
        self._shown = np.zeros((1, 1, CHANNELS), np.uint8)
        held, self._map = self._map, None
        if held is not None:
            with contextlib.suppress(BufferError):  # a view that still lives goes with its owner
                held.close()

    def _look(self, memory: FrameMemory, deadline_ns: int) -> Found:
        bytes_read = 0
        while True:
            if not self._pause(min(self.pace.due_ns, deadline_ns)) or clock.monotonic_ns() < self.pace.due_ns:
                return Nothing(bytes_read > 0, bytes_read)
            self.pace.passed()
            self._check()
            moved = kernels.fingerprint(self._shown, self._grid, self._changed)
            bytes_read += self._shown.size
            if moved or self._whole:
                return Painted(self._copy(memory.pixels), bytes_read)

    def _copy(self, pixels: NDArray[np.uint8]) -> tuple[Rect, ...]:
        """Copy the changed tiles, and take the fingerprints of what was copied: the server goes on drawing, and what it
        drew between the look and the copy, and then took back, must not stay unnoticed."""
        if self._whole:
            self._changed.fill(True)
        kernels.copy_tiles(self._shown, pixels, self._changed)
        copied = self._changed.copy()
        kernels.fingerprint(pixels, self._grid, self._changed, copied)
        return _boxes(copied, self._header.width, self._header.height)

    def _check(self) -> None:
        """SourceError where the file is gone, another one, or cut short; or its server has ended."""
        try:
            status = self._file.stat()
        except OSError:
            raise SourceError(f"{self._file}: is gone; its server has ended") from None
        if (status.st_dev, status.st_ino) != self._identity:
            raise SourceError(f"{self._file}: was replaced; another server has begun")
        if status.st_size < self._header.end:
            raise SourceError(f"{self._file}: cut to {status.st_size} bytes")
        if (now_ns := clock.monotonic_ns()) >= self._alive_due_ns:
            self._alive_due_ns = now_ns + _ALIVE_NS
            if not _serves(self._header.title):
                raise SourceError(f"{self._file}: the server that kept it has ended")


def read_header(path: Path, head: bytes, size_bytes: int) -> Header:
    """The header in the first bytes of an XWD file of ``size_bytes``. SourceError, one line, where it is no good."""
    if len(head) < HEADER_BYTES:
        raise SourceError(f"{path}: not an XWD file: {len(head)} bytes")
    words = _HEADER.unpack_from(head)
    header_bytes, version, form, depth, width, height, _, byte_order = words[:8]
    bits, row_bytes, _, *masks = words[11:17]
    colours = words[19]
    if version != XWD_VERSION or not HEADER_BYTES <= header_bytes <= LARGEST_HEADER_BYTES:
        raise SourceError(f"{path}: not an XWD file of version {XWD_VERSION}")
    layout = (form, byte_order, bits, masks)
    if layout != (Z_PIXMAP, LSB_FIRST, 32, [0xFF0000, 0xFF00, 0xFF]) or depth not in (24, 32):
        raise SourceError(f"{path}: pixels of {depth} bits in a form that is not read here; start Xvfb with WxHx24")
    if not width or not height or row_bytes < width * CHANNELS or row_bytes % CHANNELS or colours > 1 << 16:
        raise SourceError(f"{path}: a damaged XWD header ({width}x{height} pixels in rows of {row_bytes} bytes)")
    title = head[HEADER_BYTES:header_bytes].split(b"\0")[0].decode("ascii", "replace")
    header = Header(width, height, row_bytes, header_bytes + colours * _COLOUR_BYTES, title)
    if size_bytes < header.end:
        raise SourceError(f"{path}: {size_bytes} bytes, and {header.end} are needed for {width}x{height} pixels")
    return header


def _screen_file(path: Path) -> Path:
    """The file itself, or the only screen in a folder."""
    if not path.is_dir():
        if not path.exists():
            raise SourceError(f"{path}: no such file or folder; start the server with Xvfb -fbdir")
        return path
    screens = sorted(path.glob("Xvfb_screen*"))
    if len(screens) != 1:
        names = ", ".join(screen.name for screen in screens) or "none"
        raise SourceError(f"{path}: expected one Xvfb_screen file, found {names}")
    return screens[0]


def _serves(title: str) -> bool:
    """Whether the server named in a header, as in "Xvfb host:7.0", still runs, as far as can be told without asking it:
    a server of this host that neither holds a lock nor listens is one that nobody can draw on."""
    named = re.fullmatch(r"Xvfb (.*):(\d{1,5})\.\d+", title)
    if named is None or named[1] != os.uname().nodename:
        return True
    try:
        os.kill(int(Path(f"/tmp/.X{named[2]}-lock").read_text()), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's, and there
    except (OSError, ValueError):
        return _listens(f"/tmp/.X11-unix/X{named[2]}")  # servers that choose their own number take no lock
    return True


def _listens(path: str) -> bool:
    """Whether somebody holds a socket of that name; True where this system does not say."""
    try:
        sockets = Path("/proc/net/unix").read_text()
    except OSError:
        return True
    return any(line.endswith((f" {path}", f" @{path}")) for line in sockets.splitlines())


def _boxes(tiles: NDArray[np.bool_], width: int, height: int) -> tuple[Rect, ...]:
    """The marked tiles as rectangles, those beside each other joined, cut at the frame's edges."""
    boxes: list[Rect] = []
    for row in np.flatnonzero(tiles.any(axis=1)):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], tiles[row].view(np.int8), [0]))))
        for left, right in edges.reshape(-1, 2):
            x, y = int(left) * TILE, int(row) * TILE
            boxes.append(Rect(x, y, min(int(right) * TILE, width) - x, min(y + TILE, height) - y))
    return tuple(boxes)
