"""Words that are there for half a second."""

import time

import numpy as np
import pytest
from fault_screen import Drawing
from fault_watch import Watched, seeded
from PIL import Image, ImageDraw, ImageFont

pytestmark = pytest.mark.live

TOAST_SECONDS = 0.5
RULE = "text:/message from/i"


def picture_of(words: str) -> np.ndarray:
    """Light words on a dark card, (h, w, 4) uint8 BGRX."""
    image = Image.new("RGBA", (420, 54), (44, 44, 48, 255))
    ImageDraw.Draw(image).text((16, 14), words, font=ImageFont.load_default(20), fill=(230, 230, 230, 255))
    return np.ascontiguousarray(np.asarray(image)[:, :, [2, 1, 0, 3]])


def test_a_toast_over_a_still_desktop_is_read_and_said_once(xvfb, tmp_path):
    dice = seeded()
    display = xvfb(1280, 720)
    words = f"Message from desk {dice.randrange(100, 1000)}"
    with (
        Drawing(display.display, 1280, 720) as drawing,
        Watched(display, tmp_path, "--when", RULE, real=True) as watched,
    ):
        drawing.seen_by(watched)
        window = drawing.toast(picture_of(words), 840, 20)
        time.sleep(TOAST_SECONDS)
        drawing.client.unmap(window)
        drawing.client.sync()
        watched.until_told("vanished", words)
        watched.stop()
    assert watched.story() == [("appeared", words), ("alert", RULE), ("vanished", words)]
