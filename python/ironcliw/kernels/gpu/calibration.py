"""Which of the two is faster at frames of one size, end to end: from pixels in memory to answers in memory.

measured = measure("process_batch", (1080, 1920), 16, cpu, card)
measured.cpu_ms, measured.gpu_ms, measured.faster
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from ironcliw.frame import TILE
from ironcliw.kernels.batch import Run, process_batch
from ironcliw.kernels.protocol import BINS, FEATURES, Describe, Difference, Pixels

SECONDS = 1.0
"""How long one measurement takes."""

LEAST_ROUNDS = 3
MARGIN = 0.9
"""The card must take less than this share of the CPU's time: what is about as fast is not worth the memory."""

FRAMES_MAX = 64
"""Larger batches are measured as ones of so many frames."""

DISTINCT_BYTES_MAX = 128 << 20
"""Of as many bytes the frames of a measurement differ; more frames than that are the same ones again."""

Kernel = Literal["difference", "describe", "process_batch"]
KERNELS: tuple[Kernel, ...] = ("difference", "describe", "process_batch")


class Worker(NamedTuple):
    """Whoever can be measured."""

    difference: Difference
    describe: Describe
    run_batch: Run


class Measured(NamedTuple):
    """What one call took, in the middle of many: of a kernel, on so many frames of one size."""

    kernel: Kernel
    height: int
    width: int
    frames: int
    cpu_ms: float
    gpu_ms: float

    @property
    def faster(self) -> Literal["cpu", "gpu"]:
        """Who is to do it."""
        return "gpu" if self.gpu_ms < MARGIN * self.cpu_ms else "cpu"

    def told(self, chosen: bool = True) -> str:
        """In words; what follows from it where it is ``chosen`` by."""
        frames = "1 frame" if self.frames == 1 else f"{self.frames} frames"
        times = (
            f"{frames} of {self.width}x{self.height}: CPU {self.cpu_ms:.2f} ms, GPU {self.gpu_ms:.2f} ms with upload"
        )
        if not chosen:
            return times
        if self.faster == "gpu":
            return f"{times}: the GPU does it"
        if self.gpu_ms < self.cpu_ms:
            return f"{times}: the CPU does it, as the GPU is not 10 % faster"
        return f"{times}: the CPU does it, which is faster"


def bucket(frames: int) -> int:
    """The batch size that stands for this one: the next power of two that is not larger."""
    return min(1 << max(frames, 1).bit_length() - 1, FRAMES_MAX)


def measure(
    kernel: Kernel, size: tuple[int, int], frames: int, cpu: Worker, gpu: Worker, seconds: float = SECONDS
) -> Measured:
    """Time both in turn for ``seconds``, a few rounds at least. GpuError where the card fails."""
    frames_of_it = pictures(size, 2 if kernel == "difference" else frames)
    calls = [_call(kernel, worker, frames_of_it) for worker in (cpu, gpu)]
    for call in calls:
        call()  # buffers are made, shaders compiled
    times: list[list[float]] = [[], []]
    end = time.perf_counter() + seconds
    while len(times[0]) < LEAST_ROUNDS or time.perf_counter() < end:
        for call, taken in zip(calls, times, strict=True):
            started = time.perf_counter()
            call()
            taken.append((time.perf_counter() - started) * 1000)
    return Measured(kernel, *size, frames, *(float(np.median(taken)) for taken in times))


def pictures(size: tuple[int, int], frames: int, bytes_max: int = DISTINCT_BYTES_MAX) -> list[Pixels]:
    """(height, width, 4) frames of which each differs from the one before in one tile of ten.

    Of more than ``bytes_max`` bytes the same ones come again.
    """
    height, width = size
    distinct = max(2, min(frames, bytes_max // (height * width * 4)))
    random = np.random.default_rng(0)
    first = random.integers(0, 256, (height, width, 4), np.uint8)
    drawn = [first]
    rows, columns = -(-height // TILE), -(-width // TILE)
    while len(drawn) < min(frames, distinct):
        picture = drawn[-1].copy()
        for _ in range(max(1, rows * columns // 10)):
            y, x = int(random.integers(rows)) * TILE, int(random.integers(columns)) * TILE
            picture[y : y + TILE, x : x + TILE] ^= 85
        drawn.append(picture)
    return [drawn[number % len(drawn)] for number in range(frames)]


def _call(kernel: Kernel, worker: Worker, frames: list[Pixels]) -> Callable[[], object]:
    height, width = frames[0].shape[:2]
    shape = (-(-height // TILE), -(-width // TILE))
    if kernel == "difference":
        counts, boxes = np.zeros(shape, np.uint32), np.zeros((*shape, 4), np.int32)
        return lambda: worker.difference(frames[0], frames[1], 0, None, counts, boxes)
    if kernel == "describe":
        features, histograms = np.zeros((*shape, FEATURES), np.uint32), np.zeros((*shape, BINS), np.uint16)
        histogram = np.zeros(BINS, np.uint32)
        return lambda: worker.describe(frames[0], None, features, histograms, histogram)
    return lambda: process_batch(worker.run_batch, frames, frames[-1])
