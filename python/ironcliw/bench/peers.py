"""Other ways to find out what changed, each written as its users write it, with memory set aside beforehand.

    cases, missing = peer_cases(reel, truth)

What a way answers stands beside it: less than ours (did anything move at all?) or the same (counts, boxes, kept).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.bench.extras import peer
from ironcliw.bench.harness import Case
from ironcliw.bench.numba_step import NumbaStep
from ironcliw.bench.ours import WHICH_TILES, WHOLE_STEP, moved_right, regions_right, step_right, tiles_right
from ironcliw.bench.reels import Reel, Truth
from ironcliw.errors import MissingExtraError
from ironcliw.frame import TILE, Rect

CHAIN = "xxhash, OpenCV: absdiff, gray, threshold, tiles, copy"
NUMBA = "numba: early-out compare, counts, boxes, copy"
WHETHER = "whether"
REGIONS = "regions; frame kept"


def peer_cases(reel: Reel, truth: Truth) -> tuple[list[Case], list[str]]:
    """The cases of every peer that is installed, and one line for each that is not."""
    makers: list[Callable[[Reel, Truth], list[Case]]] = [_numpy, _xxhash, _imagehash, _opencv, _numba]
    cases: list[Case] = []
    missing: list[str] = []
    for make in makers:
        try:
            cases += make(reel, truth)
        except MissingExtraError as error:
            missing.append(str(error))
    return cases, missing


def _numpy(reel: Reel, truth: Truth) -> list[Case]:
    kept = reel.blank()

    def whether(i: int) -> bool:
        moved = not np.array_equal(kept, reel.frames[i])
        if moved:
            np.copyto(kept, reel.frames[i])
        return moved

    return [Case("NumPy: array_equal, copy", whether, moved_right(truth), f"{WHETHER}; frame kept")]


def _xxhash(reel: Reel, truth: Truth) -> list[Case]:
    xxh3: Callable[[Any], int] = peer("xxhash").xxh3_64_intdigest
    height, width = reel.shape
    grid = np.zeros(reel.moving.shape, np.uint64)
    last = [0]

    def whole(i: int) -> bool:
        before, last[0] = last[0], xxh3(reel.frames[i])
        return last[0] != before

    def tiles(i: int) -> NDArray[np.bool_]:
        frame = reel.frames[i]
        blocks = (frame[y : y + TILE, x : x + TILE] for y in range(0, height, TILE) for x in range(0, width, TILE))
        digests = [xxh3(np.ascontiguousarray(block)) for block in blocks]
        now = np.array(digests, np.uint64).reshape(grid.shape)
        changed = now != grid
        grid[:] = now
        return changed

    return [
        Case("xxhash: xxh3 of the frame", whole, moved_right(truth), WHETHER),
        Case("xxhash: xxh3 of every tile", tiles, tiles_right(truth), WHICH_TILES),
    ]


def _imagehash(reel: Reel, truth: Truth) -> list[Case]:
    imagehash: Any = peer("imagehash")
    from PIL import Image  # noqa: PLC0415 - not needed by whoever only wants the kernels' figures

    def case(name: str, of: Callable[[Any], Any]) -> Case:
        last: list[Any] = [None]

        def run(i: int) -> bool:
            frame = reel.frames[i]
            image = Image.frombuffer("RGB", frame.shape[1::-1], frame, "raw", "BGRX", 0, 1)
            before, last[0] = last[0], of(image)
            return before is None or bool(last[0] - before)

        return Case(f"imagehash: {name}", run, moved_right(truth), WHETHER)

    return [case("phash", imagehash.phash), case("dhash", imagehash.dhash)]


def _opencv(reel: Reel, truth: Truth) -> list[Case]:
    cv2: Any = peer("cv2")
    xxh3: Callable[[Any], int] = peer("xxhash").xxh3_64_intdigest
    # One thread, like every other candidate: what is compared is work, not cores.
    cv2.setNumThreads(1)
    contours = OpenCvRegions(reel, cv2)
    return [
        Case(CHAIN, OpenCvTiles(reel, cv2, xxh3), step_right(reel, truth), WHOLE_STEP),
        Case("OpenCV: absdiff, gray, threshold, contours, copy", contours, regions_right(truth), REGIONS),
    ]


def _numba(reel: Reel, truth: Truth) -> list[Case]:
    return [Case(NUMBA, NumbaStep(reel, peer("numba")), step_right(reel, truth), WHOLE_STEP)]


class _OpenCv:
    """absdiff, gray and threshold into arrays that are kept; the frame is copied where anything moved."""

    def __init__(self, reel: Reel, cv2: Any) -> None:
        self._cv2 = cv2
        self._reel = reel
        self._kept = reel.blank()
        self._apart = reel.blank()
        self._gray = np.zeros(reel.shape, np.uint8)
        rows, columns = reel.moving.shape
        self._padded = np.zeros((rows * TILE, columns * TILE), np.uint8)
        self._mask = self._padded[: reel.shape[0], : reel.shape[1]]

    def _compare(self, frame: NDArray[np.uint8]) -> None:
        """Set the mask to 255 where a pixel of ``frame`` is another than the one kept, else to 0."""
        self._cv2.absdiff(self._kept, frame, self._apart)
        self._cv2.cvtColor(self._apart, self._cv2.COLOR_BGRA2GRAY, self._gray)
        self._cv2.threshold(self._gray, 0, 255, self._cv2.THRESH_BINARY, self._mask)


class OpenCvTiles(_OpenCv):
    """Whether anything moved by hash; then the chain, pixels counted and boxed by tile, and the frame copied."""

    def __init__(self, reel: Reel, cv2: Any, xxh3: Callable[[Any], int]) -> None:
        super().__init__(reel, cv2)
        self._xxh3 = xxh3
        self._digest = 0
        self._counts = np.zeros(reel.moving.shape, np.uint32)
        self._boxes = np.zeros((*reel.moving.shape, 4), np.int32)

    def __call__(self, i: int) -> tuple[NDArray[Any], ...]:
        """Take frame ``i`` after whatever came before; the answer is that of ``TrackerStep``."""
        frame = self._reel.frames[i]
        before, self._digest = self._digest, self._xxh3(frame)
        self._counts.fill(0)
        self._boxes.fill(0)
        if self._digest != before:
            self._compare(frame)
            self._count()
            np.copyto(self._kept, frame)
        return self._counts > 0, self._counts, self._boxes, self._kept

    def _count(self) -> None:
        """See which tiles have any pixel, eight mask bytes at a time; count and box those."""
        rows, columns = kernels.grid_shape(*self._reel.shape)
        words = self._padded.view(np.uint64).reshape(rows, TILE, -1)
        touched = np.bitwise_or.reduce(words, axis=1).reshape(rows, columns, -1).any(axis=2)
        blocks = self._padded.reshape(rows, TILE, columns, TILE)
        for row, column in np.argwhere(touched).tolist():
            block = blocks[row, :, column]
            self._counts[row, column] = self._cv2.countNonZero(block)
            x, y, width, height = self._cv2.boundingRect(block)
            left, top = x + column * TILE, y + row * TILE
            self._boxes[row, column] = left, top, left + width, top + height


class OpenCvRegions(_OpenCv):
    """The chain that tutorials teach: contours of the thresholded difference, and a rectangle around each."""

    def __call__(self, i: int) -> list[Rect]:
        """Take frame ``i`` after whatever came before."""
        frame = self._reel.frames[i]
        self._compare(frame)
        found, _ = self._cv2.findContours(self._mask, self._cv2.RETR_EXTERNAL, self._cv2.CHAIN_APPROX_SIMPLE)
        np.copyto(self._kept, frame)
        return [Rect(*self._cv2.boundingRect(contour)) for contour in found]
