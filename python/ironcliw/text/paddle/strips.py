"""Rows of a picture that hold ink between blank ones, and where in them text was found before.

    for strip in strips(pixels, part): ...
    known = StripCache(entries=4096, size_bytes=1 << 20)
    cores = known.recall(strip)           # None: the network has to look

A line that scrolled, or that comes back, is the same strip wherever it stands: the network need not look for it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.text.paddle.cache import RecentCache, fingerprint
from ironcliw.text.paddle.content import STEP, steps_across, stretches
from ironcliw.text.paddle.picture import Pixels

RULED_SHARE = 0.9
"""A column in which at least this share of all rows steps is a ruled line, a scroll bar or the edge of a window ..."""

RULED_FROM_PX = 48
"""... where there are so many rows: of a single line, it may be a letter."""

THIN_PX = 6
"""A flatter strip is the dot of an "i", an accent, an underscore or one bar of "=": part of the nearest one ..."""

THIN_GAP_PX = 4
"""... that is no further away than this."""

FOUND_SHARE = 0.9
"""A strip is known once text was found over at least this share of its columns with ink; else it is looked at again."""

CURSOR_PX = 8
"""From so many rows on, of the same two edges, it is a cursor: it may touch the line above, but comes and goes."""

_CORE_BYTES = 160


class Strip(NamedTuple):
    """Ink between blank rows.

    box: how far the ink reaches, in pixels of the picture
    inked: (box.width,) which columns hold any
    key: stands for the pixels of the box
    """

    box: Rect
    inked: NDArray[np.bool_]
    key: bytes


def strips(pixels: Pixels, part: Rect) -> list[Strip]:
    """The strips in ``part`` of a picture, top to bottom; together they hold all of its ink but upright rules."""
    area = pixels[part.y : part.bottom, part.x : part.right]
    steps = steps_across(area) > STEP
    if part.height >= RULED_FROM_PX:
        steps[:, np.count_nonzero(steps, axis=0) >= RULED_SHARE * part.height] = False
    found: list[Strip] = []
    for top, bottom in _joined(_inked_rows(steps)):
        inked = np.count_nonzero(steps[top:bottom], axis=0) > 0
        inked[1:] |= inked[:-1].copy()  # a step lies between a column and the next: both may belong to the ink
        columns = np.flatnonzero(inked)
        left, right = int(columns[0]), int(columns[-1]) + 1
        # Of the blank column beside a line the picture may hold nothing.
        left += _is_blank(area[top:bottom, left]) and left + 1 < right
        right -= _is_blank(area[top:bottom, right - 1]) and left + 1 < right
        box = Rect(part.x + left, part.y + top, right - left, bottom - top)
        found.append(Strip(box, inked[left:right], fingerprint(area[top:bottom, left:right])))
    return found


def _is_blank(column: Pixels) -> bool:
    return bool(np.ptp(column[:, :3], axis=0).max() <= STEP)


def _inked_rows(steps: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges of rows with ink, parted where a cursor begins or ends."""
    count = np.count_nonzero(steps, axis=1)
    repeated = np.zeros(len(steps), np.bool_)
    few = np.flatnonzero((count[1:] > 0) & (count[1:] <= 2) & (count[:-1] == count[1:])) + 1
    repeated[few] = np.count_nonzero(steps[few] != steps[few - 1], axis=1) == 0
    cursor = np.zeros(len(steps), np.bool_)
    for start, end in stretches(repeated):
        if end - start + 1 >= CURSOR_PX:
            cursor[start - 1 : end] = True
    return sorted(stretches((count > 0) & ~cursor) + stretches(cursor))


def _joined(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The runs of rows, thin ones made part of the nearer of their neighbours."""
    whole = list(runs)
    index = 0
    while index < len(whole):
        top, bottom = whole[index]
        above = top - whole[index - 1][1] if index else THIN_GAP_PX + 1
        below = whole[index + 1][0] - bottom if index + 1 < len(whole) else THIN_GAP_PX + 1
        if bottom - top >= THIN_PX or min(above, below) > THIN_GAP_PX:
            index += 1
        elif below <= above:
            whole[index : index + 2] = [(top, whole[index + 1][1])]
        else:
            whole[index - 1 : index + 1] = [(whole[index - 1][0], bottom)]
    return whole


class StripCache:
    """Where text was found in the strips seen last: the cores of its runs, by the strip's pixels."""

    def __init__(self, entries: int, size_bytes: int) -> None:
        self._cores: RecentCache[tuple[Rect, ...]] = RecentCache(entries, size_bytes, _size_bytes)

    @property
    def used_bytes(self) -> int:
        """About what it holds."""
        return self._cores.used_bytes

    def limit(self, size_bytes: int) -> None:
        """Hold at most about so much from now on."""
        self._cores.limit(size_bytes)

    def clear(self) -> None:
        """Forget them all."""
        self._cores.clear()

    def recall(self, strip: Strip) -> list[Rect] | None:
        """The cores found where these pixels stood before, as they lie in the picture now; None where not known."""
        cores = self._cores.get(strip.key)
        return None if cores is None else [core.moved(strip.box.x, strip.box.y) for core in cores]

    def note(self, looked_at: Iterable[Strip], cores: Iterable[Rect]) -> None:
        """The network looked at these strips, and found these cores in them; those it found only in part are not kept.

        The network may find the rest when it stands elsewhere.
        """
        found = list(cores)
        for strip in looked_at:
            ours = [core for core in found if core.overlaps(strip.box)]
            inside = all(_within(core, strip.box) for core in ours)
            if ours and inside and _share_found(strip, ours) >= FOUND_SHARE:
                moved = (core.moved(-strip.box.x, -strip.box.y) for core in ours)
                self._cores.put(strip.key, tuple(moved))


def _within(core: Rect, box: Rect) -> bool:
    """Whether a core belongs to these rows only: it may stand a little over, but not into what is beside it."""
    return 2 * (min(core.bottom, box.bottom) - max(core.y, box.y)) > core.height and core.height <= 2 * box.height


def _share_found(strip: Strip, cores: Iterable[Rect]) -> float:
    found = np.zeros(strip.inked.size, np.bool_)
    for core in cores:
        # Cores are shrunk text.
        left, right = core.x - core.height - strip.box.x, core.right + core.height - strip.box.x
        found[max(left, 0) : max(right, 0)] = True
    return float(np.count_nonzero(found & strip.inked) / np.count_nonzero(strip.inked))


def _size_bytes(cores: tuple[Rect, ...]) -> int:
    return _CORE_BYTES * len(cores)
