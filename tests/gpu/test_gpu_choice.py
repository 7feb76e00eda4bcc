"""The faster one does it; told what to use, the door uses it or says why not."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from gpu_cards import BUILT

from ironcliw.errors import GpuError, NoGpuError
from ironcliw.kernels import accelerated, choose, grid_shape, reference
from ironcliw.kernels.batch import on_cpu
from ironcliw.kernels.gpu import Chosen, Measured, Memory, measure
from ironcliw.kernels.gpu.calibration import Worker, bucket

SLOW = Worker(reference.difference, reference.describe, on_cpu(reference.KERNELS))
common = pytest.mark.skipif(BUILT, reason="'make test-gpu' has a build with graphics processors")


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "IRONCLIW_GPU"}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=inherited | environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("frames", "stands_for"), [(1, 1), (2, 2), (3, 2), (31, 16), (64, 64), (1000, 64)])
def test_batch_sizes_are_measured_by_powers_of_two(frames: int, stands_for: int) -> None:
    assert bucket(frames) == stands_for


def test_the_faster_one_is_taken() -> None:
    row = Measured("difference", 2160, 3840, 1, 4.0, 9.5)
    said = "1 frame of 3840x2160: CPU 4.00 ms, GPU 9.50 ms with upload"
    assert row.told(chosen=False) == said
    assert (row.faster, row.told()) == ("cpu", f"{said}: the CPU does it, which is faster")
    almost = row._replace(gpu_ms=3.7, frames=8)
    assert almost.faster == "cpu"
    assert almost.told().endswith("GPU 3.70 ms with upload: the CPU does it, as the GPU is not 10 % faster")
    assert row._replace(gpu_ms=3.5).told().endswith(": the GPU does it")
    assert row._replace(gpu_ms=3.5).faster == "gpu"


@pytest.mark.skipif(os.environ.get("IRONCLIW_KERNELS") == "reference", reason="compares native with reference kernels")
def test_measuring_finds_the_slow_one() -> None:
    native = choose("native").kernels
    quick = Worker(native.difference, native.describe, on_cpu(native))
    for kernel, frames in (("difference", 1), ("describe", 1), ("process_batch", 5)):
        found = measure(kernel, (256, 512), frames, quick, SLOW, seconds=0.05)  # type: ignore[arg-type]
        assert (found.kernel, found.height, found.width, found.frames) == (kernel, 256, 512, frames)
        assert found.faster == "cpu"
        assert measure(kernel, (256, 512), frames, SLOW, quick, seconds=0.05).faster == "gpu"  # type: ignore[arg-type]


def test_a_card_that_cannot_be_opened_is_tried_once() -> None:
    tried = []

    def none() -> None:
        tried.append(1)
        raise NoGpuError("there is none")

    chosen = Chosen(reference.KERNELS, none, "auto", Memory())  # type: ignore[arg-type]
    pixels, shape = np.zeros((64, 64, 4), np.uint8), grid_shape(64, 64)
    for _ in range(3):
        counts, boxes = np.ones(shape, np.uint32), np.zeros((*shape, 4), np.int32)
        assert chosen.difference(pixels, pixels, 0, None, counts, boxes) == 0
        assert counts.tolist() == [[0]]
    assert (tried, chosen.why()) == ([1], "there is none")
    with pytest.raises(GpuError, match=r"^there is none$"):
        chosen.measured("describe", (64, 64), 1)


@common
def test_a_build_without_does_not_look_for_one() -> None:
    code = "import sys; from ironcliw import kernels; print(kernels.ACCELERATED, 'ironcliw.kernels.gpu' in sys.modules)"
    for given in ({}, {"IRONCLIW_GPU": "auto"}, {"IRONCLIW_GPU": "off"}):
        ran = python(code, **given)
        assert (ran.stdout, ran.stderr) == ("None False\n", "")


@common
def test_a_build_without_says_so_where_one_is_insisted_on() -> None:
    chosen = accelerated("always", choose("auto"))
    assert chosen is not None
    with pytest.raises(NoGpuError, match=r"^this build has no kernels for graphics processors: build it with '.+'$"):
        chosen.process_batch([np.zeros((3, 3, 4), np.uint8)])


def test_other_values_are_an_error() -> None:
    ran = python("from ironcliw import kernels", IRONCLIW_GPU="fast")
    last = ran.stderr.strip().splitlines()[-1]
    assert last == "ironcliw.errors.SettingsError: IRONCLIW_GPU='fast': expected auto, off, always or software"
