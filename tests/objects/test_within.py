"""What is found in a part of a frame that changed."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from ironcliw.frame import Rect
from ironcliw.kernels.protocol import Pixels
from ironcliw.objects import ObjectDetector

DIALOG, TOAST = Rect(420, 240, 400, 180), Rect(860, 640, 400, 48)


def fill(pixels: Pixels, box: Rect, shade: int) -> None:
    pixels[box.y : box.bottom, box.x : box.right] = shade


def write(pixels: Pixels, x: int, y: int, width: int) -> None:
    for left in range(x, x + width, 8):
        pixels[y : y + 11, left : left + 2] = pixels[y + 4 : y + 6, left : left + 5] = 20


@pytest.fixture
def screen() -> Pixels:
    pixels = np.full((720, 1280, 4), 120, np.uint8)
    for box in (DIALOG, TOAST):
        fill(pixels, box, 90)
        fill(pixels, Rect(box.x + 1, box.y + 1, box.width - 2, box.height - 2), 230)
        write(pixels, box.x + 24, box.y + 18, 160)
    write(pixels, DIALOG.x + 24, DIALOG.y + 60, 240)
    button = Rect(DIALOG.right - 110, DIALOG.bottom - 46, 90, 30)
    fill(pixels, button, 100)
    fill(pixels, Rect(button.x + 1, button.y + 1, 88, 28), 210)
    write(pixels, button.x + 26, button.y + 10, 38)
    return pixels


@pytest.mark.parametrize("method", ["geometry", "network"])
def test_only_what_touches_the_part(screen: Pixels, method: Literal["geometry", "network"]) -> None:
    detector = ObjectDetector(method)
    for box, kind in ((DIALOG, "dialog"), (TOAST, "toast")):
        found = detector.find(screen, within=box, kinds=("dialog", "toast"))
        assert [each.kind for each in found] == [kind]
        assert max(abs(a - b) for a, b in zip(found[0].box, box, strict=True)) <= 3
    assert not detector.find(screen, within=Rect(10, 10, 100, 60), kinds=("dialog", "toast"))
    assert not detector.find(screen, within=Rect(5000, 10, 100, 60))


def test_only_the_kinds_that_are_asked_for(screen: Pixels) -> None:
    detector = ObjectDetector()
    everything = detector.find(screen)
    assert {"dialog", "toast", "button"} <= {each.kind for each in everything}
    assert {each.kind for each in detector.find(screen, kinds=["button"])} == {"button"}
    floating = detector.find(screen, kinds=("dialog", "toast"))
    assert floating == [each for each in everything if each.kind in ("dialog", "toast")]
