"""Lines that stand as close as a terminal's, read by the real engine through the whole line."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import ironcliw

LINES = [f"[{step}/20] compiling gypsum_{step}.c" for step in range(1, 12)]


def frames():
    """A dark screen on which one line after another appears, each right below the one before."""
    picture = Image.new("RGB", (640, 320), (16, 20, 24))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(18)
    yield np.asarray(picture)
    for row, line in enumerate(LINES):
        draw.text((20, 20 + 22 * row), line, font=font, fill=(216, 222, 233))
        yield np.asarray(picture)


def test_the_feet_of_the_line_above_are_not_taken_for_accents():
    monitor = ironcliw.Monitor()
    events = [event for result in monitor.process(frames()) for event in result.events]
    monitor.close()
    assert [event.text for event in events if event.type == "text_appeared"] == LINES
