"""The loop of the original plan in plain Python and NumPy, as the plan says it ran before there was any native code.

    loop = PlainLoop()
    if not loop.seen(frame):
        box = loop.process(frame)

A frame becomes bytes, its digest goes through a Bloom filter, new frames are compared pixel by pixel by the distance of
their colours, and are kept. Written with care: NumPy wherever NumPy helps, and no square root.
"""

from __future__ import annotations

import hashlib
from collections import deque

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect

HASHES = 7
FILTER_BITS = 10 * 1024 * 1024 * 8
"""The plan's filter: 10 MB, 7 hashes."""
KEPT_BYTES = 500_000_000
"""The plan's frame buffer: 500 MB."""


class PlainLoop:
    """Takes (h, w, 3|4) uint8 frames of one size; ``threshold`` is the squared distance two colours may have."""

    def __init__(self, threshold: int = 0) -> None:
        self._threshold = threshold
        self._bits = bytearray(FILTER_BITS // 8)
        self._before: NDArray[np.uint8] | None = None
        self._kept: deque[bytes] = deque()

    def seen(self, frame: NDArray[np.uint8]) -> bool:
        """Whether this very frame was (probably) here before; it is from now on."""
        digest = hashlib.md5(frame.tobytes(), usedforsecurity=False).digest()
        first, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little") | 1
        known = True
        for number in range(HASHES):
            byte, bit = divmod((first + number * step) % FILTER_BITS, 8)
            known &= self._bits[byte] >> bit & 1 == 1
            self._bits[byte] |= 1 << bit
        return known

    def process(self, frame: NDArray[np.uint8]) -> Rect | None:
        """The rectangle around every pixel that changed since the frame before; None where none did, or for the first.

        The frame is kept.
        """
        before, self._before = self._before, frame.copy()
        self._kept.append(frame.tobytes())
        if len(self._kept) * frame.nbytes > KEPT_BYTES:
            self._kept.popleft()
        if before is None:
            return None
        apart = frame[:, :, :3].astype(np.int32) - before[:, :, :3]
        changed = (apart * apart).sum(axis=2) > self._threshold
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        if not len(rows):
            return None
        left, top = int(columns[0]), int(rows[0])
        return Rect(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)
