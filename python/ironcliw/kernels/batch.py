"""Many frames in one go: each compared with the one before it, and described.

    for answer in kernels.process_batch(frames, before=shown):
        if isinstance(answer, ValueError): ...          # this one could not be worked on; the others were
        answer.differing, answer.counts, answer.features

No frame waits for a batch to fill: whoever calls has the frames already, like a reader of a recording.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE
from ironcliw.kernels.protocol import BINS, FEATURES, Kernels, Pixels
from ironcliw.kernels.reference import arrays

Words = NDArray[np.uint32]

Run = Callable[
    [Pixels | None, Sequence[Pixels], int, Words, NDArray[np.int32], Words, NDArray[np.uint16]],
    Sequence[int],
]
"""Works on the frame before (None: there is none) and frames of its size; fills in what there is of each."""


class Processed(NamedTuple):
    """What there is to say of one frame; arrays are per tile, (rows, columns, ...) of ``grid_shape``.

    differing, counts, boxes: as ``Difference`` says, against the frame before; zero where there is none
    features, histograms: as ``Describe`` says
    """

    differing: int
    counts: Words
    boxes: NDArray[np.int32]
    features: Words
    histograms: NDArray[np.uint16]


def process_batch(
    run: Run, frames: Sequence[Pixels], before: Pixels | None = None, threshold: int = 0
) -> list[Processed | ValueError]:
    """One answer for each of ``frames``, in their order.

    All have the size of ``before``, or without it of the first that is a frame at all. One that is not is answered by
    the ValueError that says why, and the next is compared with the last good one. Raises ValueError for a wrong
    ``before`` or ``threshold``.
    """
    limit = arrays.distance(threshold)
    size = None if before is None else arrays.pixels(before, "before").shape[:2]
    answers: list[Processed | ValueError | None] = [None] * len(frames)
    good: list[int] = []
    for number, frame in enumerate(frames):
        try:
            size = arrays.pixels(frame, f"frames[{number}]", size).shape[:2]
            good.append(number)
        except ValueError as error:
            answers[number] = error
    if good and size is not None:
        worked_on = _work(run, [frames[number] for number in good], size, before, limit)
        for number, answer in zip(good, worked_on, strict=True):
            answers[number] = answer
    return [answer for answer in answers if answer is not None]


def _work(
    run: Run, frames: Sequence[Pixels], size: tuple[int, ...], before: Pixels | None, threshold: int
) -> list[Processed]:
    shape = (len(frames), -(-size[0] // TILE), -(-size[1] // TILE))
    counts, boxes = np.empty(shape, np.uint32), np.empty((*shape, 4), np.int32)
    features, histograms = np.empty((*shape, FEATURES), np.uint32), np.zeros((*shape, BINS), np.uint16)
    differing = run(before, frames, threshold, counts, boxes, features, histograms)
    return list(map(Processed, differing, counts, boxes, features, histograms))


def on_cpu(kernels: Kernels) -> Run:
    """Batches by the kernels for one frame, one after another."""

    def run(
        before: Pixels | None,
        frames: Sequence[Pixels],
        threshold: int,
        counts: Words,
        boxes: NDArray[np.int32],
        features: Words,
        histograms: NDArray[np.uint16],
    ) -> list[int]:
        differing: list[int] = []
        last, whole = before, np.zeros(BINS, np.uint32)
        for number, frame in enumerate(frames):
            if last is None:
                counts[number] = boxes[number] = 0
                differing.append(0)
            else:
                differing.append(kernels.difference(last, frame, threshold, None, counts[number], boxes[number]))
            histograms[number] = 0
            kernels.describe(frame, None, features[number], histograms[number], whole)
            last = frame
        return differing

    return run
