"""A dialog on a real screen, read by the real engine: told when it opens and when it is closed, and waited for."""

import numpy as np
import pytest
from fault_screen import Drawing
from fault_watch import Watched
from PIL import Image, ImageDraw, ImageFont

pytestmark = pytest.mark.live

WIDTH, HEIGHT = 1000, 640
TEXT = (40, 40, 40)


def bgrx(image: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(image.convert("RGBA"))[:, :, [2, 1, 0, 3]])


def page() -> np.ndarray:
    image = Image.new("RGB", (WIDTH, HEIGHT), (250, 250, 250))
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(16)
    for row in range(24):
        pen.text((30, 14 + 26 * row), f"Chapter {row + 1} tells about the harbour and its boats", font=font, fill=TEXT)
    return bgrx(image)


def dialog() -> np.ndarray:
    image = Image.new("RGB", (420, 170), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 419, 169), outline=(90, 90, 90))
    pen.text((20, 16), "Delete this account?", font=ImageFont.load_default(20), fill=TEXT)
    pen.text((20, 56), "What it holds cannot be had back.", font=ImageFont.load_default(16), fill=TEXT)
    for left, word in ((220, "Cancel"), (320, "Delete")):
        pen.rectangle((left, 120, left + 84, 152), fill=(232, 232, 236), outline=(120, 120, 120))
        pen.text((left + 18, 126), word, font=ImageFont.load_default(16), fill=TEXT)
    return bgrx(image)


def test_a_dialog_is_told_from_begin_to_end(xvfb, tmp_path):
    display = xvfb(WIDTH, HEIGHT)
    rules = ("--when", "dialog:account", "--when", "error")
    with Drawing(display.display, WIDTH, HEIGHT) as drawing:
        drawing.toast(page(), 0, 0)
        with Watched(display, tmp_path, *rules, real=True) as watched:
            watched.until(lambda: bool(watched.of("start")), "the start")
            window = drawing.toast(dialog(), 290, 200)
            watched.until(lambda: bool(watched.of("alert")), "the alert")
            drawing.client.unmap(window)
            drawing.client.sync()
            watched.until(lambda: len(watched.of("incident")) > 1, "the end")
            watched.stop()
        begin, end = watched.of("incident")
        (alert,) = watched.of("alert")
    assert (begin["kind"], begin["state"], end["state"]) == ("dialog", "begin", "end")
    assert begin["incident"] == end["incident"]
    assert "Delete this account?" in begin["text"]
    left, top, width, height = begin["regions"][0]
    assert abs(left - 290) < 12
    assert abs(top - 200) < 12
    assert abs(width - 420) < 24
    assert abs(height - 170) < 24
    assert alert["rule"] == "dialog:account"
