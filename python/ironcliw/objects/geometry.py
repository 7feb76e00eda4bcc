"""Tells rectangles apart by their size, what is in them and where they lie: without the network.

found = Scene(plane, numbers, lines, Rect(0, 0, 1920, 1080)).panels()
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.objects.crops import sides_on
from ironcliw.objects.looks import Look, Plane
from ironcliw.objects.protocol import Detection, Kind

BUTTON_HEIGHT, BUTTON_WIDTH = range(16, 60), range(22, 420)
TOAST_HEIGHT, TOAST_WIDTH = range(36, 240), range(180, 900)
"""Pixels."""

DIALOG_SHARE, PART_SHARE_MAX, WINDOW_SHARE = (0.006, 0.35), 0.8, 0.08
"""Of the frame's area; a dialog may fill more of a part of a screen, which is what a smaller frame is taken for."""

SCREEN_PX = 600_000
"""Pixels from which a frame is taken for a whole screen."""

COVERED_MIN, CONTROL_COVERED_MIN = 240, 240
"""How much of each side of a dialog or toast, and of a button, field or icon, is an edge, of 256."""


class Scene:
    """The rectangles of one frame, or of a part of it, while they are told apart.

    plane: luma of the part; found and lines: in its pixels; frame: the whole frame, in pixels of the part, so that its
    x and y are 0 or less
    """

    def __init__(self, plane: Plane, found: NDArray[np.int32], lines: Sequence[Rect], frame: Rect) -> None:
        self._plane, self._lines, self._frame = plane, lines, frame
        self._height, self._width = frame.height, frame.width
        self._boxes = [Rect(x, y, right - x, bottom - y) for x, y, right, bottom in found[:, :4].tolist()]
        self._covered = found[:, 4:8].min(axis=1, initial=256).tolist()
        self._on = sides_on(found).tolist()

    @cached_property
    def controls(self) -> list[Detection]:
        """Buttons, fields and icons."""
        sharp = [box for box, covered in zip(self._boxes, self._covered, strict=True) if covered >= CONTROL_COVERED_MIN]
        return _distinct([each for box in sharp if (each := self._control(box))])

    def panels(self, among: Collection[Rect] | None = None) -> list[Detection]:
        """Windows, dialogs and toasts; of these rectangles only where ``among`` is given."""
        buttons = [each.box for each in self.controls if each.kind == "button"]
        places = zip(self._boxes, self._on, self._covered, strict=True)
        asked = (place for place in places if among is None or place[0] in among)
        return _outermost([each for place in asked if (each := self._panel(*place, buttons))])

    def windows(self) -> list[Detection]:
        """Large free rectangles, without a look at what is in them."""
        places = zip(self._boxes, self._on, self._covered, strict=True)
        large = [(box, on, covered) for box, on, covered in places if on <= 2 and self._share(box) >= WINDOW_SHARE]
        whole = (self._width - 2, self._height - 2)
        found = [
            Detection("window", box, min(0.4 + covered / 512 - 0.1 * on, 1.0))
            for box, on, covered in large
            if box.width < whole[0] or box.height < whole[1]
        ]
        return _outermost(found)

    def _share(self, box: Rect) -> float:
        return box.area / (self._width * self._height)

    def _control(self, box: Rect) -> Detection | None:
        if box.height not in BUTTON_HEIGHT or (box.width not in BUTTON_WIDTH and box.width < 3 * box.height):
            return None
        look = Look.of(self._plane, box)
        if abs(box.width - box.height) <= 4 and look.flat < 0.6:
            return Detection("icon", box, 0.4)
        if look.flat < 0.5 or len(look.rows) > 1:
            return None
        if not look.rows:
            wide = box.width >= 3 * box.height and look.flat > 0.9
            return Detection("field", box, 0.4) if wide else None
        left, right = look.left, box.width - look.right
        top, bottom = look.rows[0][0], box.height - look.rows[0][1]
        if abs(top - bottom) > 6 or min(top, bottom) < 3 or look.right - look.left < 6:
            return None
        if abs(left - right) <= max(6, box.width // 8) and left >= 4 and box.width in BUTTON_WIDTH:
            return Detection("button", box, 0.5 + look.flat / 2)
        wide = box.width >= 4 * box.height and left < 24 and right > 2 * left
        return Detection("field", box, 0.5) if wide else None

    def _panel(self, box: Rect, on: int, covered: int, buttons: list[Rect]) -> Detection | None:
        whole = box.width >= self._width - 2 and box.height >= self._height - 2
        share = self._share(box)
        if whole or on > 2 or box.width < 100 or not (box.height in TOAST_HEIGHT or share >= DIALOG_SHARE[0]):
            return None
        look = Look.of(self._plane, box)
        kind: Kind | None = None
        if covered >= COVERED_MIN and look.flat >= 0.45:
            kind = self._floating(box, on, look, buttons)
        if kind is None and share >= WINDOW_SHARE:
            kind = "window"
        return Detection(kind, box, min(0.5 + look.flat / 2 - 0.1 * on, 1.0)) if kind else None

    def _floating(self, box: Rect, on: int, look: Look, buttons: list[Rect]) -> Kind | None:
        """A dialog or a toast: nothing of it goes on beyond it, and it does not begin where the frame does."""
        inside = [each for each in buttons if _within(each, box)]
        if on == 2 and inside and 36 <= box.height <= 64 and box.width >= 8 * box.height and look.flat >= 0.85:
            # A bar with a button, right across its window.
            return (
                "toast"
                if self._height // 2 > box.y - self._frame.y > 0 and inside[-1].x > box.x + box.width // 2
                else None
            )
        placed = box.moved(-self._frame.x, -self._frame.y)
        if on > 1 or not _inside(placed, self._width, self._height):
            return None
        # In a part of a frame everything is near an edge: what has the shape of a dialog and its buttons is none.
        tall = box.width <= 2.8 * box.height and _is_dialog(box, look, inside)
        if on == 0 and not tall and self._is_toast(box, look):
            return "toast"
        share = self._share(box)
        strips = [each for each in self._boxes if each.height in BUTTON_HEIGHT and _is_foot(each, box)]
        low = inside or ([] if on else strips)
        largest = DIALOG_SHARE[1] if self._width * self._height >= SCREEN_PX else PART_SHARE_MAX
        return "dialog" if DIALOG_SHARE[0] <= share <= largest and _is_dialog(box, look, low) else None

    def _is_toast(self, box: Rect, look: Look) -> bool:
        if box.height not in TOAST_HEIGHT or box.width not in TOAST_WIDTH or box.width < 1.8 * box.height:
            return False
        if look.flat < 0.7 or self._text_rows(box, look) not in range(1, 7):
            return False
        placed = box.moved(-self._frame.x, -self._frame.y)
        near_x, near_y = max(self._width // 20, 24), max(self._height // 5, 60)
        # At the top left there are tabs.
        low = self._height - placed.bottom <= near_y
        aside = self._width - placed.right <= near_x or (low and placed.x <= near_x)
        middle = abs(placed.x + placed.right - self._width) <= self._width // 25
        return (low or placed.y <= near_y) and (aside or middle) and 0 < look.left <= box.width // 3

    def _text_rows(self, box: Rect, look: Look) -> int:
        return max(len(look.rows), sum(_within(line, box) for line in self._lines))


def _is_dialog(box: Rect, look: Look, buttons: list[Rect]) -> bool:
    """Text above, and a button in the lower part that is much smaller than the whole."""
    if box.width < 160 or box.height < 90 or box.width > 4.5 * box.height or len(look.rows) not in range(2, 15):
        return False
    low = [each for each in buttons if each.y >= box.y + box.height // 2 and each.height * 2 < box.height]
    if not low:
        return False
    return box.bottom - max(each.bottom for each in low) <= max(60, box.height // 5)


def _is_foot(strip: Rect, box: Rect) -> bool:
    """Whether a strip of buttons ends a box: they are parted by lines only, and no button is seen by itself."""
    return _within(strip, box) and strip.width * 10 >= 9 * box.width and box.bottom - strip.bottom <= 6


def _inside(box: Rect, width: int, height: int) -> bool:
    return box.x >= 2 and box.y >= 2 and box.right <= width - 2 and box.bottom <= height - 2


def _within(inner: Rect, outer: Rect) -> bool:
    return outer.intersection(inner) == inner and inner.area < outer.area


def _alike(a: Rect, b: Rect) -> bool:
    """Whether the two share most of what they cover."""
    shared = a.intersection(b)
    return shared is not None and shared.area * 3 > 2 * (a.area + b.area - shared.area)


def _distinct(detections: list[Detection]) -> list[Detection]:
    kept: list[Detection] = []
    for each in sorted(detections, key=lambda one: (-one.confidence, one.box)):
        if not any(_alike(each.box, other.box) for other in kept):
            kept.append(each)
    return kept


def _outermost(panels: list[Detection]) -> list[Detection]:
    """Of dialogs and toasts within each other, the largest; then what is distinct."""
    kept: list[Detection] = []
    for each in sorted(panels, key=lambda one: (one.kind == "window", -one.box.area, one.box)):
        small = each.kind != "window"
        if not any(_alike(each.box, other.box) or (small and _within(each.box, other.box)) for other in kept):
            kept.append(each)
    return kept
