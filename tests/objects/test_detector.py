"""What is told apart on frames that are drawn here."""

from __future__ import annotations

import numpy as np
import pytest

from ironcliw.frame import Rect
from ironcliw.kernels.protocol import Pixels
from ironcliw.objects import Detection, ObjectDetector


def desk(height: int = 720, width: int = 1280) -> Pixels:
    return np.full((height, width, 4), 120, np.uint8)


def fill(pixels: Pixels, box: Rect, shade: int, border: int | None = None) -> None:
    pixels[box.y : box.bottom, box.x : box.right] = shade if border is None else border
    if border is not None:
        pixels[box.y + 1 : box.bottom - 1, box.x + 1 : box.right - 1] = shade


def write(pixels: Pixels, x: int, y: int, width: int) -> None:
    """Something that looks like a line of text: letters of two strokes."""
    for left in range(x, x + width, 8):
        pixels[y : y + 11, left : left + 2] = pixels[y + 4 : y + 6, left : left + 5] = 20


def near(found: list[Detection], kind: str, box: Rect) -> bool:
    return any(each.kind == kind and max(abs(a - b) for a, b in zip(each.box, box, strict=True)) <= 3 for each in found)


def with_dialog(pixels: Pixels, box: Rect) -> Rect:
    """Draws a dialog with two lines of text and a button; the button."""
    fill(pixels, box, 230, 90)
    write(pixels, box.x + 24, box.y + 20, 160)
    write(pixels, box.x + 24, box.y + 60, 240)
    button = Rect(box.right - 110, box.bottom - 46, 90, 30)
    fill(pixels, button, 210, 100)
    write(pixels, button.x + 26, button.y + 10, 38)
    return button


def test_a_dialog_and_its_button() -> None:
    pixels, box = desk(), Rect(420, 240, 400, 180)
    button = with_dialog(pixels, box)
    found = ObjectDetector().find(pixels)
    assert near(found, "dialog", box)
    assert near(found, "button", button)
    assert not any(each.kind == "toast" for each in found)


def test_a_dialog_in_a_part_of_a_frame() -> None:
    pixels, box = desk(), Rect(420, 240, 400, 180)
    with_dialog(pixels, box)
    found = ObjectDetector().find(pixels[200:460, 380:860])
    assert near(found, "dialog", box.moved(-380, -200))


@pytest.mark.parametrize("shade", [124, 126, 230])
def test_a_toast_of_low_contrast(shade: int) -> None:
    pixels, box = desk(), Rect(800, 640, 440, 48)
    fill(pixels, box, shade)
    write(pixels, box.x + 20, box.y + 18, 180)
    assert near(ObjectDetector().find(pixels), "toast", box)


def test_neither_where_there_is_no_text() -> None:
    pixels = desk()
    fill(pixels, Rect(420, 240, 400, 180), 230, 90)
    fill(pixels, Rect(800, 640, 440, 48), 230, 90)
    assert not {each.kind for each in ObjectDetector().find(pixels)} & {"dialog", "toast", "button"}


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (40, 40), (720, 1280)])
def test_noise_of_any_size_is_answered(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 4), np.uint8)
    found = ObjectDetector().find(pixels)
    assert all(0 <= each.confidence <= 1 for each in found)
    assert all(each.box.clipped(size[1], size[0]) == each.box for each in found)


def test_what_is_no_frame() -> None:
    with pytest.raises(ValueError, match="pixels: expected a uint8 array"):
        ObjectDetector().find(np.zeros((4, 4), np.uint8))
