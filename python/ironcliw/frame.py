"""What a frame is: geometry, time and regions.

    a = Rect(0, 0, 100, 20)
    a.union(Rect(50, 10, 100, 20))        # Rect(x=0, y=0, width=150, height=30)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

TILE = 64
"""Side of a fingerprinted tile in pixels."""


class Rect(NamedTuple):
    """A rectangle of captured physical pixels, from the frame's top-left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column beyond the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row beyond the rectangle."""
        return self.y + self.height

    @property
    def area(self) -> int:
        """Pixels inside."""
        return self.width * self.height

    def overlaps(self, other: Rect) -> bool:
        """Whether the two share a pixel."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def intersection(self, other: Rect) -> Rect | None:
        """The shared rectangle, or None where they share no pixel."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Rect(x, y, right - x, bottom - y) if right > x and bottom > y else None

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def grown(self, dx: int, dy: int) -> Rect:
        """Widened by ``dx`` pixels left and right and ``dy`` above and below; may leave the frame: see ``clipped``."""
        return Rect(self.x - dx, self.y - dy, self.width + 2 * dx, self.height + 2 * dy)

    def clipped(self, width: int, height: int) -> Rect | None:
        """The part inside a ``width`` x ``height`` frame, or None."""
        return self.intersection(Rect(0, 0, width, height))

    def moved(self, dx: int, dy: int) -> Rect:
        """The same rectangle elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Size and place of what a source captures. ``scale`` is physical pixels per logical pixel where known."""

    width: int
    height: int
    x: int = 0
    y: int = 0
    monitor: str | None = None
    scale: float | None = None

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        return -(-self.height // TILE), -(-self.width // TILE)
