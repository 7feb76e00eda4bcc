"""The network's file, what it is shown, and what happens without it."""

from __future__ import annotations

import numpy as np
import pytest

from ironcliw.errors import ModelError
from ironcliw.frame import Rect
from ironcliw.objects import ObjectDetector, network
from ironcliw.objects.candidates import candidates
from ironcliw.objects.crops import FRAME_HEIGHT, FRAME_WIDTH, HEIGHT, WIDTH, detail, inputs, shrunk, shrunk_frame
from ironcliw.objects.looks import luma
from ironcliw.objects.network import MODEL, OUTPUTS, Judge


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 4), np.uint8)


def test_the_file_is_small_and_gives_shares() -> None:
    assert MODEL.stat().st_size <= 4_000_000
    pixels = noise(300, 400)
    numbers = np.array([[20, 30, 200, 120, 256, 256, 256, 256, 0], [0, 0, 400, 300, 256, 256, 256, 256, 255]], np.int32)
    shares = Judge().shares(inputs(luma(pixels), np.repeat(numbers, 40, axis=0), pixels, Rect(0, 0, 400, 300)))
    assert shares.shape == (80, len(OUTPUTS))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(shares[0], shares[39], atol=1e-6)
    assert len(Judge().shares(np.zeros((0, 2, HEIGHT, WIDTH), np.float32))) == 0


def test_a_file_that_is_missing_or_another_is_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match="missing"):
        Judge(tmp_path / "none.onnx")
    other = tmp_path / "other.onnx"
    other.write_bytes(MODEL.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        Judge(other)


def test_without_it_geometry_tells_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ObjectDetector().reason == "network"
    assert ObjectDetector("geometry").reason == "geometry: as asked"
    monkeypatch.setattr(network, "SHA256", "0" * 64)
    assert "SHA-256" in ObjectDetector().reason
    with pytest.raises(ModelError):
        ObjectDetector("network")


def test_means_of_a_part() -> None:
    plane = np.zeros((480, 960), np.uint8)
    plane[240:, 480:] = 200
    small = shrunk(plane, 0, 0, 960, 480, 48, 96)
    assert (small[:24] == 0).all()
    assert (small[24:, 48:] == 200).all()
    assert detail(plane, 0, 0, 960, 480).shape == (HEIGHT, WIDTH)
    assert (detail(plane, 940, 460, 960, 480) == 200).all()


@pytest.mark.parametrize("size", [(16, 16), (335, 638), (1080, 1920)])
def test_a_frame_is_shrunk_as_its_luma_is(size: tuple[int, int]) -> None:
    pixels = noise(*size)
    whole = shrunk(luma(pixels), 0, 0, size[1], size[0], FRAME_HEIGHT, FRAME_WIDTH)
    assert (shrunk_frame(pixels) == whole).all()


def test_which_rectangles_are_asked_about() -> None:
    sides = [[0, 0, 200, 100], [0, 0, 90, 100], [0, 0, 200, 20], [0, 0, 1000, 700], [5, 5, 200, 100], [6, 6, 300, 100]]
    covered = [[256] * 4] * 4 + [[256, 256, 256, 100], [256] * 4]
    numbers = np.column_stack([sides, covered, [0, 0, 0, 0, 0, 0b01010101]]).astype(np.int32)
    assert candidates(numbers, 720, 1024).tolist() == numbers[:1].tolist()
    assert len(candidates(numbers[:0], 720, 1024)) == 0
