"""What describing, storing and hashing cost, and what a call of each kernel costs that has next to nothing to do.

table = measure_descriptors(rounds=60, seed=1)
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.bench.extras import peer
from ironcliw.bench.harness import Case, measure, ratio
from ironcliw.bench.ours import COPY, READ, floors
from ironcliw.bench.reels import SIZES, Reel
from ironcliw.bench.report import Column, Row, Table
from ironcliw.change import BLINKS_AFTER
from ironcliw.errors import MissingExtraError
from ironcliw.frame import TILE
from ironcliw.kernels import reference
from ironcliw.memory import blank_pixels

WHOLE = "Ironcliw: describe, every tile"
TYPED, LETTER = "Ironcliw: describe, a typed line (24 tiles)", "Ironcliw: describe, a letter (1 tile)"
COLUMNS = [
    Column("case", "way"),
    Column("median_ms", "median ms", 4),
    Column("p95_ms", "p95 ms", 4),
    Column("reads", "x one read"),
    Column("copies", "x memcpy"),
    Column("whole", "x describing all"),
    Column("trials", "trials"),
    Column("preempted", "dropped"),
    Column("refused", "refused"),
]
CALLS_COLUMNS = [Column("kernel", "kernel"), Column("us", "us a call")]
CALLS, REPEATS = 1000, 50

Check = Callable[[Any], str | None]


def measure_descriptors(rounds: int, seed: int) -> Table:
    """1080p: describing everything, a typed line and a letter; storing tiles; both kinds of perceptual hash."""
    height, width = SIZES["1080p"]
    reel = Reel.of("typing", height, width, seed=seed)
    peers, missing = _peers(reel)
    cases = [*floors(reel), *_describing(reel), *_storing(reel), *peers]
    timings = measure(cases, frames=len(reel.frames), rounds=rounds, seed=seed)
    rows: list[Row] = [
        {
            "case": timing.case.name,
            "own": timing.case.own,
            "median_ms": timing.median_ms,
            "p95_ms": timing.p95_ms,
            "reads": ratio(timing, timings[READ]),
            "copies": ratio(timing, timings[COPY]),
            "whole": ratio(timing, timings[WHOLE]),
            "trials": len(timing.kept_ms),
            "preempted": timing.preempted,
            "refused": timing.refused or "",
        }
        for timing in timings.values()
    ]
    return Table("1080p, describing and storing", COLUMNS, rows, missing)


class _Described:
    """Memory for one candidate's answer: (features, histograms, histogram)."""

    def __init__(self, reel: Reel) -> None:
        self.features = np.zeros((*reel.moving.shape, kernels.FEATURES), np.uint32)
        self.histograms = np.zeros((*reel.moving.shape, kernels.BINS), np.uint16)
        self.histogram = np.zeros(kernels.BINS, np.uint32)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        return self.features, self.histograms, self.histogram


def _describing(reel: Reel) -> list[Case]:
    rows, columns = np.nonzero(reel.moving)
    letter = np.zeros_like(reel.moving)
    letter[rows[0], columns[0]] = True
    selections = {WHOLE: None, TYPED: reel.moving, LETTER: letter}
    cases = [_describe(reel, name, kernels, tiles, own=True) for name, tiles in selections.items()]
    right = _Described(reel)
    reference.describe(reel.frames[1], None, *right.arrays)
    hashed = reference.perceptual_hash(right.features, *reel.shape)

    def perceptual_hash(i: int) -> int:
        del i
        return kernels.perceptual_hash(right.features, *reel.shape)

    def check(answer: int) -> str | None:
        return None if answer == hashed else "another hash than the reference's"

    name = "Ironcliw: perceptual hash, of what was described"
    cases.append(Case(name, perceptual_hash, check, own=True))
    return [*cases, _describe(reel, "NumPy reference: describe, every tile", reference, None)]


def _describe(reel: Reel, name: str, of: Any, tiles: NDArray[np.bool_] | None, *, own: bool = False) -> Case:
    """Frame after frame into the same arrays; right where they hold what the reference says of frame 1."""
    ours, right = _Described(reel), _Described(reel)
    for i in (0, 1):
        reference.describe(reel.frames[i], tiles, *right.arrays)

    def run(i: int) -> tuple[NDArray[Any], ...]:
        of.describe(reel.frames[i], tiles, *ours.arrays)
        return ours.arrays

    def check(answer: tuple[NDArray[Any], ...]) -> str | None:
        same = all(map(np.array_equal, answer, right.arrays))
        return None if same else "describes something else than the reference"

    return Case(name, run, check, own=own)


def _storing(reel: Reel) -> list[Case]:
    slots = np.arange(reel.moving.size, dtype=np.int32).reshape(reel.moving.shape)
    pool, wanted = _pool(reel.moving.size), _pool(reel.moving.size)
    reference.store_tiles(reel.frames[1], reel.moving, wanted, slots)

    def case(name: str, tiles: NDArray[np.bool_] | None, check: Check | None = None) -> Case:
        def run(i: int) -> NDArray[np.uint8]:
            kernels.store_tiles(reel.frames[i], tiles, pool, slots)
            return pool

        return Case(name, run, check, own=True)

    def right(answer: NDArray[np.uint8]) -> str | None:
        stored = slots[reel.moving]
        return None if np.array_equal(answer[stored], wanted[stored]) else "stored other pixels"

    return [
        case("Ironcliw: store a typed line (24 tiles)", reel.moving, right),
        case("Ironcliw: store every tile", None, right),
    ]


def _pool(capacity: int) -> NDArray[np.uint8]:
    """Room for as many tiles: the pixels of a frame one tile wide, which lie alike."""
    return blank_pixels(capacity * TILE, TILE).reshape(capacity, TILE, TILE, 4)


def _peers(reel: Reel) -> tuple[list[Case], list[str]]:
    """OpenCV's histogram of the luma and its mean and deviation of each tile; imagehash stands in the other tables."""
    try:
        cv2: Any = peer("cv2")
    except MissingExtraError as error:
        return [], [str(error)]
    height, width = reel.shape
    gray = np.zeros(reel.shape, np.uint8)

    def histogram(i: int) -> NDArray[np.float32]:
        cv2.cvtColor(reel.frames[i], cv2.COLOR_BGRA2GRAY, gray)
        return cv2.calcHist([gray], [0], None, [kernels.BINS], [0, 256])

    def deviations(i: int) -> list[Any]:
        cv2.cvtColor(reel.frames[i], cv2.COLOR_BGRA2GRAY, gray)
        corners = ((y, x) for y in range(0, height, TILE) for x in range(0, width, TILE))
        return [cv2.meanStdDev(gray[y : y + TILE, x : x + TILE]) for y, x in corners]

    return [
        Case("OpenCV: gray, histogram of the frame", histogram),
        Case("OpenCV: gray, mean and deviation of every tile", deviations),
    ], []


def measure_calls() -> Table:
    """Microseconds of a call of each kernel on a frame of one pixel that is not selected: the median of many rounds."""
    pixel, other, tile = np.zeros((1, 1, 4), np.uint8), np.zeros((1, 1, 4), np.uint8), np.zeros((1, 1), np.bool_)
    grid, changed = np.zeros((1, 1), np.uint64), np.zeros((1, 1), np.bool_)
    counts, boxes = np.zeros((1, 1), np.uint32), np.zeros((1, 1, 4), np.int32)
    pool, slots = np.zeros((1, TILE, TILE, 4), np.uint8), np.zeros((1, 1), np.int32)
    features, histograms = np.zeros((1, 1, kernels.FEATURES), np.uint32), np.zeros((1, 1, kernels.BINS), np.uint16)
    histogram = np.zeros(kernels.BINS, np.uint32)
    tracker = kernels.Tracker(other.copy(), grid.copy(), changed.copy(), counts.copy(), boxes.copy(), 0, BLINKS_AFTER)
    bits = kernels.BloomBits(1024, 7, 1)
    calls: dict[str, Callable[[], object]] = {
        "fingerprint": lambda: kernels.fingerprint(pixel, grid, changed, tile),
        "difference": lambda: kernels.difference(pixel, other, 0, tile, counts, boxes),
        "copy_tiles": lambda: kernels.copy_tiles(pixel, other, tile),
        "store_tiles": lambda: kernels.store_tiles(pixel, tile, pool, slots),
        "describe": lambda: kernels.describe(pixel, tile, features, histograms, histogram),
        "Tracker.apply": lambda: tracker.apply(pixel, ()),
        "BloomBits.check_and_add": lambda: bits.check_and_add(1),
    }
    rows: list[Row] = [{"kernel": name, "us": _call_us(call)} for name, call in calls.items()]
    return Table("a call with nothing to do", CALLS_COLUMNS, rows)


def _call_us(call: Callable[[], object]) -> float:
    samples: list[float] = []
    for _ in range(REPEATS):
        began_ns = time.perf_counter_ns()
        for _ in range(CALLS):
            call()
        samples.append((time.perf_counter_ns() - began_ns) / CALLS / 1e3)
    return statistics.median(samples)
