"""What every way to process a batch must do, as checks that raise AssertionError."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.kernels import grid_shape, reference
from ironcliw.kernels.batch import Processed, Run, process_batch
from ironcliw.kernels.protocol import BINS, FEATURES, Pixels

SIZES = ((1, 1), (64, 64), (65, 200), (130, 129))


def drawn(height: int, width: int, count: int, channels: int = 4, seed: int = 0) -> list[Pixels]:
    """Frames of noise; each third is the one before again, the others differ in a part."""
    random = np.random.default_rng(seed)
    frames = [random.integers(0, 256, (height, width, channels), np.uint8)]
    while len(frames) < count:
        frame = frames[-1].copy()
        if len(frames) % 3:
            y, x = random.integers(height), random.integers(width)
            frame[y:, x:] ^= 255
        frames.append(frame)
    return frames


def expected(before: Pixels | None, frame: Pixels, threshold: int) -> Processed:
    shape = grid_shape(*frame.shape[:2])
    counts, boxes = np.zeros(shape, np.uint32), np.zeros((*shape, 4), np.int32)
    features, histograms = np.zeros((*shape, FEATURES), np.uint32), np.zeros((*shape, BINS), np.uint16)
    differing = 0 if before is None else reference.difference(before, frame, threshold, None, counts, boxes)
    reference.describe(frame, None, features, histograms, np.zeros(BINS, np.uint32))
    return Processed(differing, counts, boxes, features, histograms)


def same(got: Processed | ValueError, wanted: Processed) -> None:
    assert isinstance(got, Processed)
    assert got.differing == wanted.differing
    for mine, other in zip(got[1:], wanted[1:], strict=True):
        assert isinstance(mine, np.ndarray)
        assert mine.dtype == other.dtype
        assert mine.tolist() == other.tolist()


def check_frames(run: Run) -> None:
    """Each is compared with the one before, and described, whatever the batch's size."""
    for height, width in SIZES:
        # More than are fetched at once only where they are small.
        for count, start in ((1, None), (1, 0), (7, 0), (70 if height == 1 else 2, None)):
            frames = drawn(height, width, count + 1, 3 if count == 7 else 4)
            before = None if start is None else frames[0]
            last = before
            answers = process_batch(run, frames[1:], before, 300)
            assert len(answers) == count
            for frame, answer in zip(frames[1:], answers, strict=True):
                same(answer, expected(last, frame, 300))
                last = frame


def check_bad_frames(run: Run) -> None:
    """One that is no frame, or of another size, has its own answer; the others theirs."""
    frames = drawn(65, 70, 4)
    bad: list[NDArray[np.generic]] = [np.zeros((65, 71, 4), np.uint8), np.zeros((65, 70, 4), np.float32)]
    answers = process_batch(run, [bad[1], frames[0], bad[0], frames[1], frames[2], bad[1]])  # type: ignore[list-item]
    kinds = [isinstance(answer, ValueError) for answer in answers]
    assert kinds == [True, False, True, False, False, True]
    for at, last, frame in ((1, None, frames[0]), (3, frames[0], frames[1]), (4, frames[1], frames[2])):
        same(answers[at], expected(last, frame, 0))
    assert str(answers[2]) == "frames[2]: expected a uint8 array of shape (65, 70, 3 or 4), got uint8 (65, 71, 4)"


def check_nothing(run: Run) -> None:
    assert process_batch(run, []) == []
    assert len(process_batch(run, [np.zeros(3, np.uint8)])) == 1


CHECKS = (check_frames, check_bad_frames, check_nothing)
