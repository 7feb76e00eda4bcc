"""Words that are there for half a second: over a still desktop, beside a busy terminal and over one."""

import threading
import time

import numpy as np
import pytest
from fault_screen import Drawing
from fault_watch import Watched, seeded
from PIL import Image, ImageDraw, ImageFont

from conftest import eventually, need

pytestmark = pytest.mark.live

TOAST_SECONDS = 0.5
RULE = "text:/message from/i"
XTERM = ("xterm", "-fa", "DejaVu Sans Mono", "-fs", "12", "-geometry", "80x30+20+20")
BUILD = 'i=0; while :; do i=$((i+1)); echo "step $i of the build: compiling module number $((i*7))"; sleep 0.1; done'


def picture_of(words: str) -> np.ndarray:
    """Light words on a dark card, (h, w, 4) uint8 BGRX."""
    image = Image.new("RGBA", (420, 54), (44, 44, 48, 255))
    ImageDraw.Draw(image).text((16, 14), words, font=ImageFont.load_default(20), fill=(230, 230, 230, 255))
    return np.ascontiguousarray(np.asarray(image)[:, :, [2, 1, 0, 3]])


def show_toast(drawing: Drawing, words: str, x: int, y: int) -> None:
    window = drawing.toast(picture_of(words), x, y)
    time.sleep(TOAST_SECONDS)
    drawing.client.unmap(window)
    drawing.client.sync()


@pytest.mark.parametrize("terminal", ["no terminal", "a terminal that scrolls"])
def test_a_toast_is_read_and_said_once(xvfb, tmp_path, terminal):
    """Reading a terminal takes longer than the toast is there."""
    need("xterm")
    dice = seeded()
    display = xvfb(1280, 720)
    words = f"Message from desk {dice.randrange(100, 1000)}"
    if terminal != "no terminal":
        display.run(*XTERM, "-e", "bash", "-c", BUILD)
        eventually(lambda: bool(display.find_windows("xterm")), "the terminal")
    with (
        Drawing(display.display, 500, 720, x=780) as drawing,
        Watched(display, tmp_path, "--when", RULE, real=True) as watched,
    ):
        drawing.seen_by(watched)
        show_toast(drawing, words, 820, dice.randrange(20, 640))
        watched.until_told("vanished", words)
        watched.stop()
    about_it = [told for told in watched.story() if told[0] == "alert" or "desk" in told[1]]
    assert about_it == [("appeared", words), ("alert", RULE), ("vanished", words)]


class Scrolling:
    """Lines that move up ten times a second, drawn from a thread."""

    ROWS = 12

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._scroll)
        self.lines = 0

    def __enter__(self) -> "Scrolling":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _scroll(self) -> None:
        while not self._ended.wait(0.1):
            self.lines += 1
            for row in range(self.ROWS):
                self._drawing.say(f"step {self.lines + row:04} of the build", 40, 40 + 24 * row)


def test_a_toast_over_lines_that_scroll_is_said_once(xvfb, tmp_path):
    """In painted letters: what real ones take to be read is not what is tested here."""
    dice = seeded()
    display = xvfb(640, 480)
    words = f"message {dice.randrange(100, 1000)}"
    with (
        Drawing(display.display, 640, 480) as drawing,
        Watched(display, tmp_path, "--when", f"text:{words}") as watched,
    ):
        drawing.seen_by(watched)
        with Scrolling(drawing) as scrolling:
            eventually(lambda: scrolling.lines > 5, "the lines to scroll")
            with Drawing(display.display, 200, 80, x=80, y=100 + dice.randrange(60)) as toast:
                toast.say(words, 40, 32)
                time.sleep(TOAST_SECONDS)
            watched.until_told("vanished", words)
        watched.stop()
    told = [event for event in watched.story() if "message" in event[1]]
    assert told == [("appeared", words), ("alert", f"text:{words}"), ("vanished", words)]
