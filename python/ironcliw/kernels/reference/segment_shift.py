"""Finds what scrolled: rows of a band of tiles that are now elsewhere.

    move = find(before, after, changed)

What a move gets wrong is drawn anew, so it need not be right, only worth it.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE, Rect
from ironcliw.kernels.reference.segment_steps import Move

BANDS, LINES_MIN, ODD = 4, 24, 0.2


def find(before: NDArray[np.uint8], after: NDArray[np.uint8], changed: NDArray[np.bool_]) -> Move | None:
    """What moved up or down, or else to a side, among the ``changed`` tiles of two (h, w, 3) pictures."""
    found = _along(before, after, changed)
    if found is not None:
        return Move(found[0], 0, found[1])
    found = _along(before.swapaxes(0, 1), after.swapaxes(0, 1), changed.T)
    if found is None:
        return None
    (y, x, height, width), by = found
    return Move(Rect(x, y, width, height), by, 0)


def _along(before: NDArray[np.uint8], after: NDArray[np.uint8], changed: NDArray[np.bool_]) -> tuple[Rect, int] | None:
    """The area whose lines went elsewhere, and how far down."""
    bands = np.argsort(-changed.sum(axis=0), kind="stable")[:BANDS]
    matches = {int(band): _matched(before, after, changed, int(band)) for band in bands}
    votes = Counter(line - source for found in matches.values() for line, source in found)
    if not votes or max(votes.values()) < LINES_MIN:
        return None
    by = max(votes, key=lambda by: (votes[by], by))
    went = {band: [line for line, source in found if line - source == by] for band, found in matches.items()}
    band = max(went, key=lambda band: len(went[band]))
    lines = went[band]
    same = np.zeros(before.shape[:2], np.bool_)
    there, here = _overlap(len(before), by)
    same[here] = (after[here] == before[there]).all(axis=2)
    left, right = band * TILE, min((band + 1) * TILE, before.shape[1])
    goes: NDArray[np.bool_] = np.all(same[:, left:right], axis=1)
    first, beyond = lines[0], lines[-1] + 1
    while first > 0 and goes[first - 1]:
        first -= 1
    while beyond < len(goes) and goes[beyond]:
        beyond += 1
    together: list[bool] = (same[lines].mean(axis=0) >= 1 - ODD).tolist()
    while left > 0 and together[left - 1]:
        left -= 1
    while right < len(together) and together[right]:
        right += 1
    return Rect(left, first, right - left, beyond - first), by


def _matched(
    before: NDArray[np.uint8], after: NDArray[np.uint8], changed: NDArray[np.bool_], band: int
) -> list[tuple[int, int]]:
    """Lines of a band with where they were: those that are unlike all others, and not where they were."""
    tiles: list[int] = np.flatnonzero(changed[:, band]).tolist()
    if not tiles:
        return []
    left = band * TILE
    first, beyond = tiles[0] * TILE, min((tiles[-1] + 1) * TILE, len(before))
    old, new = (np.ascontiguousarray(each[first:beyond, left : left + TILE]) for each in (before, after))
    plain = (new == new[:, :1]).all(axis=(1, 2))
    known: dict[bytes, int | None] = {}
    for line, pixels in enumerate(old):
        known[pixels.tobytes()] = None if pixels.tobytes() in known else line
    found: list[tuple[int, int]] = []
    for line, pixels in enumerate(new):
        source = known.get(pixels.tobytes())
        if not plain[line] and source is not None and (old[line] != pixels).any():
            found.append((first + line, first + source))
    return found


def _overlap(count: int, by: int) -> tuple[slice, slice]:
    """Which of ``count`` lines go somewhere when all go down by ``by``, and where to."""
    return slice(max(-by, 0), count - max(by, 0)), slice(max(by, 0), count - max(-by, 0))
