"""Our own ways to do the work, and the two floors under them: one read and one copy of the same memory.

for case in [*floors(reel), *own_cases(reel)]:
    ...
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.bench.harness import Case
from ironcliw.bench.reels import Reel, Truth
from ironcliw.change import BLINKS_AFTER, Change, ChangeTracker
from ironcliw.frame import Rect
from ironcliw.kernels import reference

READ, COPY = "one read (memchr)", "memcpy"
TRACKER = "Ironcliw: tracker"
STEP = "Ironcliw: change step"
FINGERPRINT = "Ironcliw: fingerprint and mask"
WHICH_TILES = "which tiles"
WHOLE_STEP = "counts and boxes by tile; tiles kept"
_ABSENT = 255

Check = Callable[[Any], str | None]


def floors(reel: Reel) -> list[Case]:
    """Reading and copying a frame, as fast as the C library does it. No byte of a reel is 255."""
    libc = ctypes.CDLL(None)
    libc.memchr.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    libc.memchr.restype = ctypes.c_void_p
    addresses = [frame.ctypes.data for frame in reel.frames]
    target = reel.blank().reshape(-1)

    def read(i: int) -> Any:
        return libc.memchr(addresses[i], _ABSENT, reel.size_bytes)

    def copy(i: int) -> NDArray[np.uint8]:
        ctypes.memmove(target.ctypes.data, addresses[i], reel.size_bytes)
        return target

    def copied(answer: NDArray[np.uint8]) -> str | None:
        return None if np.array_equal(answer, reel.frames[1].reshape(-1)) else "copied something else"

    def whole(answer: Any) -> str | None:
        return None if answer is None else "stopped before the end of the frame"

    return [Case(READ, read, whole), Case(COPY, copy, copied)]


def own_cases(reel: Reel, truth: Truth) -> list[Case]:
    """Fingerprints with the changed mask, the tracker, and the change step that the watcher takes with it."""
    return [
        Case(FINGERPRINT, _fingerprint(reel, kernels.fingerprint), tiles_right(truth), WHICH_TILES, own=True),
        Case(TRACKER, TrackerStep(reel, kernels), step_right(reel, truth), f"{WHOLE_STEP}; regions", own=True),
        Case(STEP, _change_step(reel), change_right(truth), f"{WHOLE_STEP}; regions", own=True),
    ]


def reference_cases(reel: Reel, truth: Truth) -> list[Case]:
    """The same in NumPy: what runs where the extension is absent."""
    step = TrackerStep(reel, reference)
    return [
        Case(
            "NumPy reference: fingerprint", _fingerprint(reel, reference.fingerprint), tiles_right(truth), WHICH_TILES
        ),
        Case("NumPy reference: tracker", step, step_right(reel, truth), f"{WHOLE_STEP}; regions"),
    ]


def _fingerprint(reel: Reel, fingerprint: Callable[..., int]) -> Callable[[int], NDArray[np.bool_]]:
    grid, changed = np.zeros(reel.moving.shape, np.uint64), np.zeros(reel.moving.shape, np.bool_)

    def run(i: int) -> NDArray[np.bool_]:
        fingerprint(reel.frames[i], grid, changed)
        return changed

    return run


class TrackerStep:
    """One call of a tracker a frame; ``of`` has the class as an attribute.

    The answer is (changed tiles, counts, boxes, the state that is kept).
    """

    def __init__(self, reel: Reel, of: Any) -> None:
        self._reel = reel
        self._changed = np.zeros(reel.moving.shape, np.bool_)
        self._counts = np.zeros(reel.moving.shape, np.uint32)
        self._boxes = np.zeros((*reel.moving.shape, 4), np.int32)
        self._kept = reel.blank()
        grid = np.zeros(reel.moving.shape, np.uint64)
        self._tracker = of.Tracker(self._kept, grid, self._changed, self._counts, self._boxes, 0, BLINKS_AFTER)

    def __call__(self, i: int) -> tuple[NDArray[Any], ...]:
        """Take frame ``i`` after whatever came before."""
        self._tracker.apply(self._reel.frames[i])
        return self._changed, self._counts, self._boxes, self._kept


def _change_step(reel: Reel) -> Callable[[int], Change]:
    tracker = ChangeTracker(*reel.shape)

    def run(i: int) -> Change:
        return tracker.apply(reel.frames[i])

    return run


def moved_right(truth: Truth) -> Check:
    """The answer is one yes or no: did the frame change?"""
    wanted = truth.pixels > 0

    def check(answer: bool) -> str | None:
        return None if bool(answer) == wanted else f"says {'changed' if answer else 'unchanged'}, which is wrong"

    return check


def tiles_right(truth: Truth) -> Check:
    """The answer is a (rows, columns) bool array: the tiles that changed."""

    def check(answer: NDArray[np.bool_]) -> str | None:
        wrong = int((np.asarray(answer, np.bool_) != truth.tiles).sum())
        return f"{wrong} of {truth.tiles.size} tiles wrong" if wrong else None

    return check


def step_right(reel: Reel, truth: Truth) -> Check:
    """The answer is (changed tiles, counts, boxes, kept state), each as the reference has it."""

    def check(answer: tuple[NDArray[Any], ...]) -> str | None:
        tiles, counts, boxes, kept = answer
        pairs: list[tuple[str, NDArray[Any], NDArray[Any]]] = [
            ("tiles", tiles, truth.tiles),
            ("counts", counts, truth.counts),
            ("boxes", boxes, truth.boxes),
        ]
        pairs.append(("kept pixels", kept[:, :, :3], reel.frames[1][:, :, :3]))
        wrong = [name for name, ours, right in pairs if not np.array_equal(ours, right)]
        return f"wrong {', '.join(wrong)}" if wrong else None

    return check


def change_right(truth: Truth) -> Check:
    """The answer is a ``Change`` with the reference's number of tiles and pixels and the same extent."""

    def check(answer: Change) -> str | None:
        ours = (answer.tiles, answer.pixels, extent(answer.regions))
        right = (int(truth.tiles.sum()), truth.pixels, _extent_of(truth))
        return None if ours == right else f"tiles, pixels and extent {ours} instead of {right}"

    return check


def regions_right(truth: Truth) -> Check:
    """The answer is rectangles whose extent is that of the reference's boxes."""

    def check(answer: list[Rect]) -> str | None:
        ours, right = extent(answer), _extent_of(truth)
        return None if ours == right else f"extent {ours} instead of {right}"

    return check


def extent(regions: Any) -> Rect | None:
    """The smallest rectangle around all regions; None for none."""
    whole: Rect | None = None
    for region in regions:
        whole = region if whole is None else whole.union(region)
    return whole


def _extent_of(truth: Truth) -> Rect | None:
    boxes = truth.boxes[truth.tiles].tolist()
    return extent(Rect(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in boxes)
