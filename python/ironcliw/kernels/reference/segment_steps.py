"""How a frame is made from the one before, as segments say it.

steps = read(data, shape, number, palettes)
data = write(steps, shape)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE, Rect
from ironcliw.kernels.reference.segment_bytes import Input, number, signed

PLAIN, INDEXED, PLANES, COLOURS = 0, 1, 2, 3
PALETTE_MAX, PALETTES_MAX = 256, 1024
Palette = list[tuple[int, int, int]]
"""Blue, green and red of each colour."""


class Shape(NamedTuple):
    """The size of frames, and their tiles by number, row by row."""

    height: int
    width: int

    @property
    def columns(self) -> int:
        """Tiles in a row of tiles."""
        return -(-self.width // TILE)

    @property
    def cells(self) -> int:
        """All tiles."""
        return -(-self.height // TILE) * self.columns

    def area(self, cell: int) -> Rect:
        """The pixels of a tile that lie in the frame."""
        row, column = divmod(cell, self.columns)
        x, y = column * TILE, row * TILE
        return Rect(x, y, min(TILE, self.width - x), min(TILE, self.height - y))


class Move(NamedTuple):
    """``to`` takes the pixels ``dx`` to the left of it and ``dy`` above."""

    to: Rect
    dx: int
    dy: int


class Patch(NamedTuple):
    """A rectangle in the tile ``cell``, in pixels of the tile, that is drawn anew."""

    cell: int
    area: Rect
    style: int
    palette: int

    @property
    def size_bytes(self) -> int:
        """Bytes of its pixels before compression."""
        return {PLAIN: 1, INDEXED: self.area.area}.get(self.style, 3 * self.area.area)


class Again(NamedTuple):
    """So many tiles look as those from ``source`` on did ``ago`` frames before; 0: do in this frame."""

    cell: int
    tiles: int
    ago: int
    source: int


@dataclass(slots=True)
class Steps:
    """All of it, in the order in which it is done."""

    moves: list[Move] = field(default_factory=list[Move])
    colours: list[tuple[int, Palette]] = field(default_factory=list[tuple[int, Palette]])
    patches: list[Patch] = field(default_factory=list[Patch])
    agains: list[Again] = field(default_factory=list[Again])


def write(steps: Steps, shape: Shape) -> bytes:
    """The bytes of ``steps``."""
    parts = [number(len(steps.moves))]
    for move in steps.moves:
        parts += [*map(number, move.to), signed(move.dx), signed(move.dy)]
    parts.append(number(len(steps.colours)))
    for palette, colours in steps.colours:
        parts += [number(palette), number(len(colours)), *map(bytes, colours)]
    parts.append(number(len(steps.patches)))
    last = 0
    for patch in steps.patches:
        x, y, width, height = patch.area
        whole = shape.area(patch.cell)[2:] == (width, height)
        parts += [number(patch.cell - last), bytes([patch.style | whole << 2])]
        parts += [] if whole else [bytes([x, y, width - 1, height - 1])]
        parts += [] if patch.style >= PLANES else [number(patch.palette)]
        last = patch.cell
    parts.append(number(len(steps.agains)))
    last = 0
    for again in steps.agains:
        parts += [number(again.cell - last), number(again.tiles), number(again.ago), signed(again.source - again.cell)]
        last = again.cell + again.tiles
    return b"".join(parts)


def read(data: bytes, shape: Shape, frame: int, palettes: list[Palette]) -> Steps:
    """What ``write`` wrote for frame number ``frame`` of a segment; ``palettes`` gains its new colours.

    ValueError where that is not what the bytes are.
    """
    source, steps = Input(data), Steps()
    for _ in range(source.below(len(data))):
        steps.moves.append(_move(source, shape))
    for _ in range(source.below(len(data))):
        steps.colours.append(_colours(source, palettes))
    cell = 0
    for _ in range(source.below(len(data))):
        cell += source.below(shape.cells)
        steps.patches.append(_patch(source, shape, cell, palettes))
    cell = 0
    for _ in range(source.below(len(data))):
        again = _again(source, shape, frame, cell)
        steps.agains.append(again)
        cell = again.cell + again.tiles
    if not source.empty:
        raise ValueError("bytes after the last step")
    return steps


def _move(source: Input, shape: Shape) -> Move:
    x, y = source.below(shape.width), source.below(shape.height)
    to = Rect(x, y, source.below(shape.width + 1), source.below(shape.height + 1))
    move = Move(to, source.signed(), source.signed())
    frame = Rect(0, 0, shape.width, shape.height)
    if not to.area or not _within(to, frame) or not _within(to._replace(x=x - move.dx, y=y - move.dy), frame):
        raise ValueError("a move from or to beyond the frame")
    return move


def _colours(source: Input, palettes: list[Palette]) -> tuple[int, Palette]:
    palette = source.below(min(len(palettes) + 1, PALETTES_MAX))
    if palette == len(palettes):
        palettes.append([])
    count = source.below(PALETTE_MAX - len(palettes[palette]) + 1)
    values = source.take(3 * count)
    colours = [(values[i], values[i + 1], values[i + 2]) for i in range(0, 3 * count, 3)]
    palettes[palette] += colours
    return palette, colours


def _patch(source: Input, shape: Shape, cell: int, palettes: list[Palette]) -> Patch:
    if cell >= shape.cells:
        raise ValueError("a patch beyond the frame")
    tile = Rect(0, 0, *shape.area(cell)[2:])
    flags = source.byte()
    style, area = flags & 3, tile
    if flags > 7:
        raise ValueError("a patch of an unknown style")
    if not flags & 4:
        x, y, width, height = source.take(4)
        area = Rect(x, y, width + 1, height + 1)
    if not _within(area, tile):
        raise ValueError("a patch beyond its tile")
    return Patch(cell, area, style, 0 if style >= PLANES else source.below(len(palettes)))


def _again(source: Input, shape: Shape, frame: int, last: int) -> Again:
    cell = last + source.below(shape.cells)
    count = source.below(shape.cells + 1)
    again = Again(cell, count, source.below(frame + 1), cell + source.signed())
    if not 0 < count <= shape.cells - max(cell, again.source) or again.source < 0:
        raise ValueError("tiles beyond the frame")
    if any(shape.area(cell + i)[2:] != shape.area(again.source + i)[2:] for i in range(count)):
        raise ValueError("tiles of other sizes")
    return again


def _within(inner: Rect, outer: Rect) -> bool:
    return inner.x >= outer.x and inner.y >= outer.y and inner.right <= outer.right and inner.bottom <= outer.bottom


def planes(pixels: NDArray[np.uint8]) -> bytes:
    """(h, w, 3) pixels as three planes of differences."""
    blue, green, red = (pixels[:, :, channel].ravel() for channel in range(3))
    values = np.stack([blue - green, green, red - green])
    return np.diff(values, axis=1, prepend=np.zeros((3, 1), np.uint8)).astype(np.uint8).tobytes()


def pixels_of(patch: Patch, stored: bytes, palettes: list[Palette]) -> NDArray[np.uint8]:
    """The (h, w, 3) pixels of a patch; ValueError for a colour that there is not."""
    size = (patch.area.height, patch.area.width)
    values = np.frombuffer(stored, np.uint8)
    if patch.style == COLOURS:
        return values.reshape(*size, 3)
    if patch.style == PLANES:
        blue, green, red = np.cumsum(values.reshape(3, -1), axis=1, dtype=np.uint8)
        return np.stack([blue + green, green, red + green], axis=1).reshape(*size, 3)
    colours = np.array(palettes[patch.palette], np.uint8).reshape(-1, 3)
    if values.max() >= len(colours):
        raise ValueError("a colour that there is not")
    if patch.style == PLAIN:
        return np.broadcast_to(colours[values[0]], (*size, 3))
    return colours[values].reshape(*size, 3)
