"""Batches give what their frames would one by one, by whichever kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import batch_conformance as conformance
import numpy as np
import pytest
from gpu_cards import BUILT, open_card

from ironcliw import kernels
from ironcliw.kernels import reference
from ironcliw.kernels.batch import Run, on_cpu, process_batch
from ironcliw.kernels.protocol import Kernels

NATIVE = os.environ.get("IRONCLIW_KERNELS") != "reference"


def runs() -> dict[str, Run]:
    found = {"reference": on_cpu(reference.KERNELS)}
    if NATIVE:
        from ironcliw import _native  # noqa: TID251 - what is to be tested, whatever the door chose

        found["native"] = on_cpu(Kernels(*(getattr(_native, name) for name in Kernels._fields)))
    if BUILT:
        found["gpu"] = open_card().run_batch
    return found


RUNS = runs()


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_conformance(run: Run, check: Callable[[Run], None]) -> None:
    check(run)


def test_a_batch_that_compares_with_the_wrong_frame_is_noticed() -> None:
    def wrong(before: object, frames: Sequence[object], *rest: object) -> Sequence[int]:
        return RUNS["reference"](before, [frames[0], *frames[:-1]], *rest)  # type: ignore[arg-type,list-item]

    with pytest.raises(AssertionError):
        conformance.check_frames(wrong)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_arguments(run: Run) -> None:
    frame = np.zeros((3, 3, 4), np.uint8)
    for before, threshold, message in (
        (np.zeros((3, 3), np.uint8), 0, r"^before: expected"),
        (frame, -1, r"^threshold: expected an integer 0 to 195075, got -1$"),
        (frame, "x", r"^threshold: expected an integer 0 to 195075, got str$"),
    ):
        with pytest.raises(ValueError, match=message):
            process_batch(run, [frame], before, threshold)  # type: ignore[arg-type]


def test_the_door() -> None:
    frames = conformance.drawn(70, 70, 3)
    answers = kernels.process_batch(frames[1:], frames[0])
    conformance.same(answers[1], conformance.expected(frames[1], frames[2], 0))
