"""Writes a segment, frame by frame.

writer = SegmentWriter(1080, 1920)
data = writer.add(pixels, time_ns=0, wall_ns=clock.wall_ns())
data += writer.end(held_ns=5)
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE, Rect
from ironcliw.kernels.protocol import Mask, Pixels
from ironcliw.kernels.reference import arrays, segment_bytes, segment_shift, segment_steps
from ironcliw.kernels.reference.fingerprint import fingerprint
from ironcliw.kernels.reference.segment_bytes import END, FRAME, Header, number, packed, signed
from ironcliw.kernels.reference.segment_steps import (
    COLOURS,
    INDEXED,
    PALETTE_MAX,
    PALETTES_MAX,
    PLAIN,
    PLANES,
    Again,
    Patch,
    Shape,
    Steps,
)

LAYERS_MAX = 32
"""A tile that was drawn or moved more often is written as a whole: it bounds what drawing it takes."""

SCROLLED_TILES_MIN, MOVES_MAX = 4, 3
KNOWN_MAX = 8192

NEW_MAX = 48
"""Colours that one patch may add to a palette."""


class _Seen(NamedTuple):
    check: bytes
    frame: int
    cell: int
    layers: int


class SegmentWriter:
    """See ``ironcliw.kernels.protocol.SegmentWriter``."""

    def __init__(self, height: int, width: int, first: int | None = None, verify: bool = True) -> None:
        most = segment_bytes.SIDE_MAX
        self._shape = Shape(arrays.whole(height, "height", 1, most), arrays.whole(width, "width", 1, most))
        self._first = 0 if first is None else arrays.whole(first, "first")
        self._verify, self._key = verify, os.urandom(16)
        self._check = 0
        self.frames = 0
        self._last, self._ended = (0, 0), False
        self._shown = np.zeros((*self._shape, 3), np.uint8)
        self._grid = np.zeros((-(-self._shape.height // TILE), self._shape.columns), np.uint64)
        self._layers = np.zeros(self._shape.cells, np.int32)
        self._known: dict[int, _Seen] = {}
        self._palettes = 0
        self._open: dict[tuple[int, int, int], int] | None = None

    @property
    def memory_bytes(self) -> int:
        """See ``ironcliw.kernels.protocol.SegmentWriter``."""
        return self._shown.nbytes + self._grid.nbytes + self._layers.nbytes + 200 * len(self._known)

    def add(
        self,
        pixels: Pixels,
        time_ns: int,
        wall_ns: int,
        changed: Mask | None = None,
        fingerprints: NDArray[np.uint64] | None = None,
    ) -> bytes:
        """See ``ironcliw.kernels.protocol.SegmentWriter``."""
        frame = np.ascontiguousarray(arrays.pixels(pixels, "pixels", self._shape)[:, :, :3])
        times = arrays.integer(time_ns, "time_ns"), arrays.integer(wall_ns, "wall_ns")
        among = arrays.mask(changed, "changed", self._grid.shape)
        if fingerprints is not None:
            fingerprints = arrays.cells(fingerprints, "fingerprints", ("uint64",), self._grid.shape, writable=False)
        if self._ended:
            raise ValueError("this segment has ended: begin another one")
        if self.frames and times[0] < self._last[0]:
            last, got = self._last[0], times[0]
            raise ValueError(f"time_ns: expected at least {last}, the time of the frame before, got {got}")
        differs = self._differing(frame, np.ones_like(among) if not self.frames else among)
        if self.frames and not differs.any():
            return b""
        moved = differs if self.frames else np.ones_like(differs)
        if fingerprints is None:
            fingerprint(frame, self._grid, np.zeros_like(moved), moved)
        else:
            self._grid[:] = fingerprints
        # The rest of the frame is as it was.
        frame = np.where(self._pixels_of(moved), frame, self._shown)
        steps, stored = self._steps(frame, moved)
        written = self._record(steps, stored, times)
        self._shown = frame
        self.frames += 1
        return written

    def end(self, held_ns: int) -> bytes:
        """See ``ironcliw.kernels.protocol.SegmentWriter``."""
        held = max(arrays.integer(held_ns, "held_ns") - self._last[0], 0)
        if self._ended or not self.frames:
            raise ValueError("this segment has ended: begin another one")
        self._ended = True
        return self._sealed(segment_bytes.record_bytes(END, number(held) + number(self.frames)))

    def _differing(self, frame: NDArray[np.uint8], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The tiles in which any pixel is not as shown."""
        wrong = np.zeros((among.shape[0] * TILE, among.shape[1] * TILE), np.bool_)
        wrong[: frame.shape[0], : frame.shape[1]] = (frame != self._shown).any(axis=2)
        return wrong.reshape(among.shape[0], TILE, among.shape[1], TILE).any(axis=(1, 3)) & among

    def _pixels_of(self, tiles: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(h, w, 1): the pixels of tiles."""
        every = tiles.repeat(TILE, axis=0).repeat(TILE, axis=1)
        return every[: self._shape.height, : self._shape.width, np.newaxis]

    def _steps(self, frame: NDArray[np.uint8], moved: NDArray[np.bool_]) -> tuple[Steps, bytes]:
        steps, stored = Steps(), bytearray()
        if self.frames:
            self._find_moves(steps, frame, moved)
        wrong = self._differing(frame, np.ones_like(moved)).ravel()
        for cell in range(self._shape.cells):
            new = bool(moved.ravel()[cell])
            deep = self._layers[cell] > LAYERS_MAX
            if not (new or wrong[cell] or deep):
                continue
            x, y, width, height = self._shape.area(cell)
            tile = frame[y : y + height, x : x + width]
            key = int(self._grid.ravel()[cell])
            check = hashlib.blake2b(tile.tobytes(), digest_size=16, key=self._key).digest()
            if wrong[cell] or deep or not self.frames:
                if new and self._is_known(steps, cell, key, check):
                    continue
                self._draw(steps, stored, frame, cell, whole=deep or not self.frames)
            if new:
                self._note(key, _Seen(check, self.frames, cell, int(self._layers[cell])))
        return steps, bytes(stored)

    def _find_moves(self, steps: Steps, frame: NDArray[np.uint8], moved: NDArray[np.bool_]) -> None:
        while len(steps.moves) < MOVES_MAX:
            unknown = np.array([int(key) not in self._known for key in self._grid.ravel()]).reshape(moved.shape)
            wrong = self._differing(frame, moved & unknown)
            if wrong.sum() < SCROLLED_TILES_MIN:
                return
            move = segment_shift.find(self._shown, frame, wrong)
            if move is None:
                return
            (x, y, width, height), dx, dy = move
            source = self._shown[y - dy : y - dy + height, x - dx : x - dx + width].copy()
            self._shown[y : y + height, x : x + width] = source
            rows = slice(y // TILE, -(-(y + height) // TILE))
            columns = slice(x // TILE, -(-(x + width) // TILE))
            layers = self._layers.reshape(moved.shape)
            layers[rows, columns] = layers.max() + 1
            steps.moves.append(move)
            if 2 * self._differing(frame, moved & unknown).sum() > wrong.sum():
                return

    def _is_known(self, steps: Steps, cell: int, key: int, check: bytes) -> bool:
        """Whether the tile was shown before; then it is said to look like that again."""
        seen = self._known.get(key)
        if seen is None or (seen.check != check and self._verify):
            return False
        if self._shape.area(seen.cell)[2:] != self._shape.area(cell)[2:]:
            return False
        again = Again(cell, 1, self.frames - seen.frame, seen.cell)
        last = steps.agains[-1] if steps.agains else None
        if (
            last
            and last.ago == again.ago > 0
            and (last.cell + last.tiles, last.source + last.tiles) == (cell, seen.cell)
        ):
            steps.agains[-1] = last._replace(tiles=last.tiles + 1)
        else:
            steps.agains.append(again)
        self._layers[cell] = seen.layers
        return True

    def _note(self, key: int, seen: _Seen) -> None:
        self._known[key] = seen
        if len(self._known) > KNOWN_MAX:
            del self._known[next(iter(self._known))]

    def _draw(self, steps: Steps, stored: bytearray, frame: NDArray[np.uint8], cell: int, *, whole: bool) -> None:
        x, y, width, height = self._shape.area(cell)
        tile = frame[y : y + height, x : x + width]
        area = Rect(0, 0, width, height)
        if not whole:
            rows, columns = np.nonzero((tile != self._shown[y : y + height, x : x + width]).any(axis=2))
            left, top = int(columns.min()), int(rows.min())
            area = Rect(left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top)
        pixels = tile[area.y : area.bottom, area.x : area.right]
        style, palette, written = self._written(steps, pixels)
        steps.patches.append(Patch(cell, area, style, palette))
        stored += written
        self._layers[cell] = 1 if area[2:] == (width, height) else self._layers[cell] + 1

    def _written(self, steps: Steps, pixels: NDArray[np.uint8]) -> tuple[int, int, bytes]:
        """The style, the palette and the bytes of (h, w, 3) pixels."""
        packed_colours = pixels.astype(np.uint32) @ np.array([1, 1 << 8, 1 << 16], np.uint32)
        colours, numbers = np.unique(packed_colours, return_inverse=True)
        wanted = [(colour & 255, colour >> 8 & 255, colour >> 16) for colour in map(int, colours)]
        if len(wanted) > PALETTE_MAX:
            return PLANES, 0, segment_steps.planes(pixels)
        if not self._make_room(wanted):
            return COLOURS, 0, pixels.tobytes()
        assert self._open is not None
        palette = self._palettes - 1
        new = [colour for colour in wanted if colour not in self._open]
        for colour in new:
            self._open[colour] = len(self._open)
        if new:
            steps.colours.append((palette, new))
        if len(wanted) == 1:
            return PLAIN, palette, bytes([self._open[wanted[0]]])
        renumbered = np.array([self._open[colour] for colour in wanted], np.uint8)
        return INDEXED, palette, renumbered[numbers.ravel()].tobytes()

    def _make_room(self, wanted: list[tuple[int, int, int]]) -> bool:
        """Whether there is a palette with room for these colours; only the newest is added to, by few at a time."""
        if self._open is not None:
            new = set(wanted) - self._open.keys()
            if not new or len(new) <= min(NEW_MAX, PALETTE_MAX - len(self._open)):
                return True
        if self._palettes == PALETTES_MAX or len(wanted) > NEW_MAX:
            return False
        self._open, self._palettes = {}, self._palettes + 1
        return True

    def _record(self, steps: Steps, stored: bytes, times: tuple[int, int]) -> bytes:
        header = b""
        if not self.frames:
            header = self._sealed(segment_bytes.header_bytes(Header(*self._shape, self._first, *times)))
            self._last = times
        written = segment_steps.write(steps, self._shape)
        passed = times[0] - self._last[0]
        head = number(passed) + signed(_wrapped(times[1] - self._last[1] - passed))
        parts = [packed(written), packed(stored)]
        for raw, part in zip((written, stored), parts, strict=True):
            head += number(len(raw)) + number(len(part))
        self._last = times
        return header + self._sealed(segment_bytes.record_bytes(FRAME, head + b"".join(parts)))

    def _sealed(self, data: bytes) -> bytes:
        """With the checksum of all that was written so far."""
        self._check = zlib.crc32(data, self._check)
        return data + struct.pack("<I", self._check)


def _wrapped(value: int) -> int:
    """Modulo 2**64, as a signed number."""
    return (value + 2**63) % 2**64 - 2**63
