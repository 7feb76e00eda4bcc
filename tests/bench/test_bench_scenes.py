"""What is drawn for the bench, on a real display: exactly that, and nothing on one that is not there."""

import contextlib
import itertools
import os
import time
from pathlib import Path

import numpy as np
import pytest

from conftest import eventually, need
from ironcliw.bench import displays, scenes
from ironcliw.bench.displays import Display, terminal, xvfb
from ironcliw.bench.latency import read_log
from ironcliw.bench.processes import Program, cpu_ns
from ironcliw.bench.xclient import XClient
from ironcliw.errors import SourceError
from ironcliw.memory import FrameMemory
from ironcliw.source import Capture
from ironcliw.source.mss_screen import MssSource

pytestmark = pytest.mark.live


def seen(display: str) -> np.ndarray:
    """One capture of the whole display, (h, w, 3) in BGR."""
    source = MssSource(display, fps=100)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    try:
        while not isinstance(source.read(1000), Capture):
            pass
        return memory.pixels[:, :, :3].copy()
    finally:
        source.close()
        memory.close()


@pytest.fixture
def display():
    need("Xvfb")
    with xvfb() as shown:
        yield shown


def test_rectangles_and_pictures_arrive_exactly(display: Display):
    client = XClient(display.name)
    window = client.window(100, 50, 300, 200, 0x102030)
    client.fill(window, 10, 20, 30, 40, 0xA0B0C0)
    pixels = np.random.default_rng(1).integers(0, 256, (500, 64, 4), np.uint8)
    picture = client.picture(pixels.tobytes(), 64, 500)
    shown = client.window(600, 300, 64, 400, 0)
    client.show(picture, shown, 7, 64, 400)
    client.sync()
    screen = seen(display.name)
    assert (screen[50:250, 100:400].reshape(-1, 3) == (0x30, 0x20, 0x10)).all(axis=1).sum() == 300 * 200 - 30 * 40
    assert (screen[70:110, 110:140] == (0xC0, 0xB0, 0xA0)).all()
    assert np.array_equal(screen[300:700, 600:664], pixels[7:407, :, :3])
    client.close()


def test_a_request_that_is_refused_is_an_error(display: Display):
    client = XClient(display.name)
    client.fill(0x7FFFFFFF, 0, 0, 1, 1, 0)
    with pytest.raises(SourceError, match="refused request 70"):
        client.sync()
    client.close()


def test_a_display_that_is_not_there_is_named():
    with pytest.raises(SourceError, match="cannot draw on display ':60987'"):
        XClient(":60987")


def test_everything_moves_at_every_step(display: Display):
    with Program(scenes.command("moving", display.name), display.environment):
        eventually(lambda: bool(seen(display.name).any()), "the picture")
        before = seen(display.name)
        eventually(lambda: not np.array_equal(seen(display.name), before), "the picture to move")
        after = seen(display.name)
    assert (before != after).any(axis=2).all()


def orange(screen: np.ndarray) -> np.ndarray:
    """Which pixels are those of squares, (h, w) bool."""
    return (screen == (0x00, 0x80, 0xFF)).all(axis=2)


def test_squares_are_drawn_one_by_one_and_noted_before(display: Display, tmp_path: Path):
    log = tmp_path / "drawn"
    began_ns = time.monotonic_ns()
    with Program(scenes.command("rectangles", display.name, "3", "1", str(log)), display.environment):
        eventually(lambda: len(read_log(log)) == 3, "three squares")
        # Noted before it is drawn, the last one may not be seen yet.
        eventually(lambda: orange(seen(display.name)).sum() == 3 * scenes.SQUARE_PX**2, "the third square")
        screen = seen(display.name)
    times = list(read_log(log).values())
    assert began_ns < times[0] < times[1] < times[2] < time.monotonic_ns()
    assert all(b - a >= scenes.SHORTEST_S * 1e9 for a, b in itertools.pairwise(times))
    assert orange(screen).sum() == 3 * scenes.SQUARE_PX**2
    for number in range(3):
        x, y = scenes.cell(number)
        assert orange(screen)[y : y + scenes.SQUARE_PX, x : x + scenes.SQUARE_PX].all()


def test_a_terminal_shows_what_is_typed(display: Display):
    need("xterm")
    blank = seen(display.name)
    with terminal(display, scenes.command("type")):
        eventually(lambda: not np.array_equal(seen(display.name), blank), "the terminal")
        time.sleep(1)
        before = seen(display.name)
        eventually(lambda: not np.array_equal(seen(display.name), before), "a typed letter")
    eventually(lambda: np.array_equal(seen(display.name), blank), "the terminal to be gone")


def test_forty_lines_come_at_once_and_none_has_scrolled_off(display: Display, tmp_path: Path):
    need("xterm")
    log = tmp_path / "drawn"
    with terminal(display, scenes.command("bursts", "1", "1", str(log))):
        eventually(lambda: len(read_log(log)) == scenes.BURST_LINES, "forty lines")

        def rows() -> int:
            # The ink of the first word of each row, which reaches neither the row above nor the one below.
            bright = (seen(display.name)[:, 26:54].max(axis=2) > 100).any(axis=1).astype(np.int8)
            return int((np.diff(bright) == 1).sum())

        # The dot of an i may lie apart.
        eventually(lambda: rows() in (scenes.BURST_LINES, 2 * scenes.BURST_LINES), "forty lines to be drawn")
        time.sleep(1)
        assert rows() in (scenes.BURST_LINES, 2 * scenes.BURST_LINES)
    assert len(set(read_log(log).values())) == 1


def test_the_small_square_beats_where_it_is_said(display: Display):
    before = seen(display.name)
    with Program(scenes.command("beat", display.name), display.environment):
        eventually(lambda: not np.array_equal(seen(display.name), before), "the square")
        first = seen(display.name)
        eventually(lambda: not np.array_equal(seen(display.name), first), "the square to change")
    rows, columns = np.nonzero((first != before).any(axis=2))
    beat = scenes.BEAT
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (beat.x, beat.y, beat.right - 1, beat.bottom - 1)


def test_a_display_ends_with_its_block():
    need("Xvfb")
    with contextlib.suppress(ZeroDivisionError), xvfb(320, 200) as shown:
        assert shown.environment["DISPLAY"] == shown.name
        assert "WINDOWID" not in shown.environment
        assert cpu_ns(shown.pid) > 0
        raise ZeroDivisionError
    with pytest.raises(OSError, match=r".*"):
        os.kill(shown.pid, 0)


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(displays.shutil, "which", lambda name: None)
    with pytest.raises(SourceError, match="this needs Xvfb, which cannot be found"), xvfb():
        pass
    with pytest.raises(SourceError, match="this needs xterm"), terminal(Display(":1", 1), []):
        pass


def test_a_server_that_does_not_start_is_an_error():
    need("Xvfb")
    with pytest.raises(SourceError, match="Xvfb did not start"), xvfb(320, 200, "-no-such-option"):
        pass
