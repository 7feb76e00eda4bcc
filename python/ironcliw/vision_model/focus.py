"""Which parts of a region to show: the places that a question is about, with what stands around them, and no more.

parts = parts_to_show([dot, line], state)      # (Rect, ...) in the region's pixels; () for all of it
"""

from __future__ import annotations

from collections.abc import Sequence

from ironcliw.frame import Rect

AROUND_PX = (32, 16)
PARTS_MAX = 4
_LARGEST = 0.5
"""Where the parts are more than this of the region, all of it is shown."""
_BOX_LARGEST = 0.12
"""What changed around a line is shown with it where it is no more of the region than this: a dialog, and no page."""


def place_of(line: Rect, places: Sequence[Rect], size: tuple[int, int]) -> Rect:
    """A line, and the small places around it that changed with it."""
    most = _BOX_LARGEST * size[0] * size[1]
    whole = line
    for place in places:
        joined = whole.union(place)
        if place.overlaps(line) and joined.area <= most:
            whole = joined
    return whole


def parts_to_show(boxes: Sequence[Rect], size: tuple[int, int]) -> tuple[Rect, ...]:
    """The boxes and a little around them, one above the other; those that overlap are one. () for all of it."""
    width, height = size
    grown = [box.grown(*AROUND_PX).clipped(width, height) for box in boxes]
    parts: list[Rect] = []
    for box in grown:
        if box is not None:
            _join(parts, box)
    while len(parts) > PARTS_MAX:
        first, second = parts.pop(), parts.pop()
        _join(parts, first.union(second))
    if not parts or sum(part.area for part in parts) > _LARGEST * width * height:
        return ()
    return tuple(sorted(parts, key=lambda part: (part.y, part.x)))


def _join(parts: list[Rect], box: Rect) -> None:
    while True:
        touching = [part for part in parts if part.overlaps(box)]
        if not touching:
            parts.append(box)
            return
        for part in touching:
            parts.remove(part)
            box = box.union(part)
