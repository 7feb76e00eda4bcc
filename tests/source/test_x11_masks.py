"""Windows that are left out of the picture, among them the terminal that runs us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from x11_watch import Watch, bgr, grab, watching

from conftest import DisplayFactory, eventually
from ironcliw.frame import Rect
from ironcliw.source.protocol import Back, Capture, Gap, Idle
from rounds import rounds
from xclient import XClient

pytestmark = pytest.mark.live

SECRET = 0xAB12CD


def shows(watch: Watch, colour: int) -> int:
    """Pixels of a colour in the frame."""
    return int((watch.colours == bgr(colour)).all(axis=2).sum())


def test_an_excluded_window_is_blank_with_its_border_and_nothing_else_is(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 300)
    with XClient(display.display) as client:
        client.window(0, 0, 400, 300, 0x404040)
        secret = client.window(50, 40, 100, 60, SECRET, border=4)
        client.sync()
        with watching(display.display, exclude=[secret]) as watch:
            first = watch.until(Capture)
            assert first.excluded == (Rect(50, 40, 108, 68),)
            expected = grab(display.display)
            assert (expected[40:108, 50:158] != bgr(0x404040)).any()
            expected[40:108, 50:158] = 0
            np.testing.assert_array_equal(watch.colours, expected)
            assert (watch.memory.pixels[40:108, 50:158] == 0).all()


def test_what_covers_an_excluded_window_is_seen(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 300)
    with XClient(display.display) as client:
        secret = client.window(50, 40, 100, 60, SECRET)
        over = client.window(100, 20, 120, 50, 0x00CC00, border=1)
        client.sync()
        with watching(display.display, exclude=[secret]) as watch:
            watch.settle()
            expected = grab(display.display)
            assert ((expected == bgr(SECRET)).all(axis=2)).any()
            expected[(expected == bgr(SECRET)).all(axis=2)] = 0
            np.testing.assert_array_equal(watch.colours, expected)
            client.raise_(secret)
            client.sync()
            watch.settle()
            assert shows(watch, SECRET) == 0
            assert shows(watch, 0x00CC00) == 120 * 50 - 49 * 31
            client.destroy(over)
            client.sync()
            watch.settle()
            assert shows(watch, 0x00CC00) == 0


def test_a_translucent_window_uncovers_nothing(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 300)
    with XClient(display.display) as client:
        secret = client.window(50, 40, 100, 60, SECRET)
        over = client.window(50, 40, 100, 60, 0x00CC00)
        client.set_cardinal(over, "_NET_WM_WINDOW_OPACITY", 0x7FFFFFFF)
        client.sync()
        with watching(display.display, exclude=[secret]) as watch:
            assert watch.until(Capture).excluded == (Rect(50, 40, 100, 60),)
            assert shows(watch, 0x00CC00) == 0


def test_drawing_inside_an_excluded_window_is_no_capture(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 300)
    with XClient(display.display) as client:
        secret = client.window(50, 40, 100, 60, SECRET)
        client.sync()
        with watching(display.display, exclude=[secret], probe_ms=30) as watch:
            watch.settle()
            client.rect(secret, 10, 10, 20, 20, 0xFFFFFF)
            client.sync()
            idle = watch.source.read(400)
            assert isinstance(idle, Idle), idle
            assert idle.verified


def test_an_excluded_window_that_moves_leaks_nothing_and_leaves_the_truth(xvfb: DisplayFactory) -> None:
    display = xvfb(640, 480)
    stop = threading.Event()
    with XClient(display.display) as client:
        client.window(0, 0, 640, 480, 0x303060)
        secret = client.window(10, 10, 90, 70, SECRET, border=0)
        client.sync()

        def wander() -> None:
            random = np.random.default_rng(3)
            with XClient(display.display) as mover:
                while not stop.is_set():
                    mover.move(secret, int(random.integers(-50, 600)), int(random.integers(-50, 450)))
                    mover.sync()

        with watching(display.display, exclude=[secret], fps=200) as watch:
            thread = threading.Thread(target=wander, name="wander")
            thread.start()
            try:
                for _ in range(150):
                    assert isinstance(watch.source.read(20), Capture | Idle)  # all is hidden at times
                    assert shows(watch, SECRET) == 0
            finally:
                stop.set()
                thread.join()
            watch.settle()
            expected = grab(display.display)
            expected[(expected == bgr(SECRET)).all(axis=2)] = 0

            def truth() -> bool:
                watch.source.read(200)
                return bool((watch.colours == expected).all())

            eventually(truth, "what it left is still hidden")


def test_a_window_that_is_gone_hides_nothing_any_more(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 300)
    with XClient(display.display) as client:
        client.window(0, 0, 400, 300, 0x404040)
        unmapped, destroyed = (client.window(x, 40, 60, 60, SECRET) for x in (50, 200))
        client.sync()
        with watching(display.display, exclude=[unmapped, destroyed, 0x7654321]) as watch:
            watch.settle()
            client.unmap(unmapped)
            client.destroy(destroyed)
            client.sync()
            gone = lambda: isinstance(found := watch.source.read(200), Capture) and found.excluded == ()  # noqa: E731
            eventually(gone, "still hidden")  # a place stays so for a moment after its window has left it
            np.testing.assert_array_equal(watch.colours, grab(display.display))


def test_a_probe_does_not_take_a_mask_for_missed_damage(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 128)
    with XClient(display.display) as client:
        secret = client.window(0, 30, 390, 60, SECRET)
        client.sync()
        with watching(display.display, exclude=[secret], probe_ms=10) as watch:
            watch.settle()
            idle = watch.source.read(600)
            assert isinstance(idle, Idle)
            assert idle.verified


SCRIPT = """
import json, sys, time
from ironcliw.memory import FrameMemory
from ironcliw.source.x11 import X11Source
from ironcliw.source.protocol import Capture
source = X11Source(include_self=sys.argv[2] == "include")
geometry = source.open()
memory = FrameMemory(geometry.width, geometry.height)
source.attach(memory)
while not isinstance(capture := source.read(1000), Capture): pass
part = memory.pixels[60:160, 60:260, :3]
found = {"lit": int(part.any(axis=2).sum()), "excluded": len(capture.excluded), "self": source.describe()["self"]}
source.close()
open(sys.argv[1] + ".part", "w").write(json.dumps(found))
import os; os.rename(sys.argv[1] + ".part", sys.argv[1])
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("mode", "how"),
    [("WINDOWID", "found by WINDOWID"), ("ancestor", "found by its process"), ("include", "included")],
)
def test_the_terminal_that_runs_us_is_blank(xvfb: DisplayFactory, tmp_path: Path, mode: str, how: str) -> None:
    display = xvfb(800, 500)
    answer = tmp_path / "answer.json"
    inner = [sys.executable, "-c", SCRIPT, str(answer), mode]
    if mode == "ancestor":
        inner = ["env", "-u", "WINDOWID", *inner]
    xterm = display.run("xterm", "-geometry", "80x24+50+50", "-bg", "white", "-e", *inner)
    eventually(lambda: answer.exists() or xterm.poll() is not None, "the program in the terminal said nothing")
    found = json.loads(answer.read_text())
    assert how in found["self"]
    if mode == "include":
        assert found["lit"] > 0
        assert found["excluded"] == 0
    else:
        assert found["lit"] == 0
        assert found["excluded"] == 1
        # Its process, the shell before it and the terminal itself are the ancestors that were asked for.
        assert mode == "WINDOWID" or f"process {xterm.pid}" in found["self"]


def test_a_process_without_terminal_has_none_to_hide(xvfb: DisplayFactory, tmp_path: Path) -> None:
    display = xvfb(300, 200)
    answer = tmp_path / "answer.json"
    env = {**os.environ, "DISPLAY": display.display}
    env.pop("WINDOWID", None)
    program = subprocess.Popen([sys.executable, "-c", SCRIPT, str(answer), "none"], env=env, start_new_session=True)
    try:
        eventually(lambda: answer.exists() or program.poll() is not None, "no answer")
    finally:
        program.kill()
        program.wait()
    assert json.loads(answer.read_text())["self"] == "not found: this process has no terminal"


def test_the_windowid_of_another_display_names_no_window_here(
    xvfb: DisplayFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = xvfb(300, 200)
    with XClient(display.display) as client:
        window = client.window(10, 10, 50, 50, SECRET)
        client.sync()
        monkeypatch.setenv("WINDOWID", str(window))
        for environ, windows in ((display.display, (window,)), (display.display + ".0", (window,)), (":59999", ())):
            monkeypatch.setenv("DISPLAY", environ)
            with watching(display.display, include_self=False) as watch:
                assert watch.source.terminal is not None
                assert watch.source.terminal.windows == windows


def test_the_terminal_is_not_looked_for_by_an_old_id_on_a_new_server(
    xvfb: DisplayFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = xvfb(300, 200)
    monkeypatch.setenv("DISPLAY", display.display)
    with XClient(display.display) as client:
        window = client.window(10, 10, 50, 50, SECRET)
        client.sync()
        monkeypatch.setenv("WINDOWID", str(window))
        with watching(display.display, include_self=False) as watch:
            watch.settle()
            display.restart()
            watch.until(Gap)
            with XClient(display.display) as newcomer:
                assert newcomer.window(10, 10, 50, 50, SECRET) == window
                newcomer.sync()
                watch.until(Back)
                assert watch.until(Capture).excluded == ()
                watch.settle()
                assert shows(watch, SECRET) == 50 * 50


def test_no_pixel_of_our_own_terminal_enters_the_memory_while_it_is_moved(
    xvfb: DisplayFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at from another thread, also while captures are under way."""
    display = xvfb(640, 480)
    stop, seen = threading.Event(), 0
    with XClient(display.display) as client:
        client.window(0, 0, 640, 480, 0x303060)
        terminal = client.window(100, 100, 90, 70, SECRET)
        client.sync()
        monkeypatch.setenv("DISPLAY", display.display)
        monkeypatch.setenv("WINDOWID", str(terminal))
        with watching(display.display, include_self=False, fps=200) as watch:
            assert "found by WINDOWID" in watch.source.describe()["self"]

            def wander() -> None:
                random = np.random.default_rng(5)
                while not stop.is_set():
                    client.move(terminal, int(random.integers(-50, 450)), int(random.integers(-50, 350)))
                    client.sync()
                    stop.wait(float(random.choice([0.001, 0.004, 0.016])))

            def peek() -> None:
                nonlocal seen
                while not stop.wait(0.001):
                    seen += shows(watch, SECRET) > 0

            others = [threading.Thread(target=each) for each in (wander, peek)]
            for each in others:
                each.start()
            try:
                for _ in range(rounds(short=150, full=3000)):
                    watch.source.read(20)
                    assert shows(watch, SECRET) == 0
            finally:
                stop.set()
                for each in others:
                    each.join()
    assert seen == 0
