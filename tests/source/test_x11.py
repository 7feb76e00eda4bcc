"""The X11 source on real servers: what it shows, how little it fetches for that, and which monitor."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from x11_watch import grab, watching

from conftest import Display, DisplayFactory, eventually
from ironcliw import clock
from ironcliw.errors import MonitorNotFoundError, SourceError
from ironcliw.frame import Geometry
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Capture, Idle, Resized
from ironcliw.source.x11 import X11Source
from xclient import XClient

pytestmark = pytest.mark.live

ROW = 1280 * 4


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (641, 363), (67, 33)])
def test_the_first_capture_is_whole_and_what_mss_sees(xvfb: DisplayFactory, width: int, height: int) -> None:
    display = xvfb(width, height)
    with XClient(display.display) as client, watching(display.display) as watch:
        window = client.window(3, 5, 40, 20, 0x204060, border=2)
        client.rect(window, 1, 1, 7, 9, 0x80FF01)
        client.sync()
        first = watch.until(Capture)
        assert (first.sequence, first.damage, first.bytes_read) == (0, None, width * height * 4)
        assert (watch.geometry.width, watch.geometry.height) == (width, height)
        np.testing.assert_array_equal(watch.colours, grab(display.display))


@pytest.mark.parametrize("options", [(), ("-extension", "MIT-SHM"), ("-extension", "RANDR")])
def test_damage_holds_every_change_and_no_change_is_missing(xvfb: DisplayFactory, options: tuple[str, ...]) -> None:
    display = xvfb(1001, 603, *options)
    random = np.random.default_rng(7)
    with XClient(display.display) as client, watching(display.display) as watch:
        window = client.window(0, 0, 1001, 603, 0x101010)
        client.sync()
        watch.settle()
        partial = 0
        for _ in range(25):
            for _ in range(random.integers(1, 90)):
                x, y = int(random.integers(-20, 1000)), int(random.integers(-20, 600))
                width, height = int(random.choice([1, 6, 50, 900])), int(random.choice([1, 13, 200]))
                client.rect(window, x, y, width, height, int(random.integers(0, 2**24)))
            client.sync()
            captures = watch.settle()
            partial += sum(capture.bytes_read < 1001 * 603 * 4 for capture in captures)
            np.testing.assert_array_equal(watch.colours, grab(display.display))
        assert partial > 0


def test_a_server_without_damage_is_captured_whole(xvfb: DisplayFactory) -> None:
    display = xvfb(320, 200, "-extension", "DAMAGE")
    with XClient(display.display) as client, watching(display.display) as watch:
        assert watch.source.describe()["changes"].startswith("not reported")
        watch.until(Capture)
        client.window(10, 10, 50, 50, 0xFF00FF)
        client.sync()
        capture = watch.until(Capture)
        assert capture.damage is None
        assert capture.bytes_read == 320 * 200 * 4
        np.testing.assert_array_equal(watch.colours, grab(display.display))


def test_a_still_screen_costs_probes_only(xvfb: DisplayFactory) -> None:
    display = xvfb()
    with watching(display.display, probe_ms=50) as watch:
        watch.settle()
        idle = watch.source.read(400)
        assert isinstance(idle, Idle)
        assert idle.verified
        # 720 rows are eleven bands of 64 and one of 16; at most one probe each 50 ms, and one that was due before.
        assert 0 < idle.bytes_read <= 9 * 64 * ROW
        assert idle.bytes_read % (16 * ROW) == 0


def test_without_a_due_probe_nothing_is_fetched_or_claimed(xvfb: DisplayFactory) -> None:
    display = xvfb()
    with watching(display.display, probe_ms=3_600_000) as watch:
        watch.settle()
        idle = watch.source.read(50)
        assert isinstance(idle, Idle)
        assert (idle.verified, idle.bytes_read) == (False, 0)


def test_typing_costs_a_tenth_of_whole_frames(xvfb: DisplayFactory) -> None:
    display = xvfb()
    display.run("xterm", "-geometry", "80x24+0+0", "-e", "cat")
    with watching(display.display, fps=10) as watch:
        eventually(lambda: bool(display.find_windows("xterm")), "no terminal")
        # Its ground is white and its cursor black, like the screen before it.
        eventually(lambda: set(np.unique(grab(display.display)[8:40, 8:40])) >= {0, 255}, "the terminal is not drawn")
        watch.settle()
        captures: list[Capture] = []
        for letter in "the quick brown":
            display.call("xdotool", "mousemove", "100", "100", "type", letter)
            captures += watch.settle()
        assert len(captures) >= 10
        assert all(capture.damage for capture in captures)
        assert sum(capture.bytes_read for capture in captures) <= len(captures) * 720 * ROW / 10
        np.testing.assert_array_equal(watch.colours, grab(display.display))


def test_what_changes_where_it_is_expected_is_fetched_with_the_damage(xvfb: DisplayFactory) -> None:
    display = xvfb(640, 480)
    random = np.random.default_rng(11)
    with XClient(display.display) as client, watching(display.display, probe_ms=3_600_000) as watch:
        window = client.window(0, 0, 640, 480, 0x101010)
        client.sync()
        watch.settle()
        expected = 0
        for number in range(60):
            row, column = divmod(number, 20)
            # Characters of a line, and now and then something else at the same moment, beyond what is expected.
            client.rect(window, 5 + 9 * column, 7 + 19 * row, 8, 15, int(random.integers(0, 2**24)))
            if number % 7 == 6:
                client.rect(window, 300, 300, 30, 30, int(random.integers(0, 2**24)))
            client.sync()
            for capture in watch.settle():
                assert capture.damage is not None
                drawn = sum(rect.area for rect in capture.damage) * 4
                assert drawn <= capture.bytes_read <= drawn + 2**14 * 4
                expected += capture.bytes_read > drawn
            np.testing.assert_array_equal(watch.colours, grab(display.display))
        assert expected > 30


def test_captures_are_numbered_without_holes_and_in_time(xvfb: DisplayFactory) -> None:
    display = xvfb(200, 100)
    with XClient(display.display) as client, watching(display.display) as watch:
        window = client.window(0, 0, 50, 50, 0)
        captures = watch.settle()
        for colour in range(5):
            client.rect(window, 0, 0, 9, 9, colour + 1)
            client.sync()
            captures += watch.settle()
        assert [capture.sequence for capture in captures] == list(range(len(captures)))
        times = [capture.time_ns for capture in captures]
        assert times == sorted(times)
        assert all(capture.captured_at_ns > capture.time_ns >= 0 for capture in captures)


def test_change_that_damage_does_not_report_is_found(xvfb: DisplayFactory, tmp_path) -> None:
    display = xvfb(320, 200, "-fbdir", str(tmp_path))
    with watching(display.display, probe_ms=20) as watch:
        watch.settle()
        framebuffer = np.memmap(tmp_path / "Xvfb_screen0", np.uint8, "r+")
        header = framebuffer[:100].view(">u4")
        pixels = framebuffer[header[0] + 12 * header[19] :][: 320 * 200 * 4].reshape(200, 320, 4)
        pixels[150:160, 100:110] = 77
        gap = watch.source.read(5000)
        assert getattr(gap, "reason", None) == "missed_damage", gap
        assert "320x64+0+128" in gap.detail or "320x8+0+192" in gap.detail
        assert watch.until(Capture).damage is None
        assert (watch.colours[150:160, 100:110] == 77).all()
        # It is told once; from now on the screen is also captured whole.
        pixels[10, 10] = 99
        eventually(lambda: bool(watch.until(Capture)) and watch.colours[10, 10, 0] == 99, "not captured")


def two_monitors(display: Display) -> None:
    display.call("xrandr", "--setmonitor", "left", "500/132x720/190+0+0", "screen")
    display.call("xrandr", "--setmonitor", "right", "779/206x700/190+501+20", "none")


@pytest.mark.parametrize("asked", ["right", "1"])
def test_a_monitor_is_chosen_by_name_or_number(xvfb: DisplayFactory, asked: str) -> None:
    display = xvfb()
    two_monitors(display)
    with XClient(display.display) as client, watching(display.display, monitor=asked) as watch:
        assert watch.geometry == Geometry(779, 700, 501, 20, "right")
        window = client.window(490, 10, 100, 40, 0xAABBCC, border=3)
        client.sync()
        watch.settle()
        client.rect(window, 5, 5, 60, 20, 0x112233)
        client.sync()
        watch.settle()
        np.testing.assert_array_equal(watch.colours, grab(display.display, watch.geometry))


def test_damage_on_another_monitor_is_no_capture(xvfb: DisplayFactory) -> None:
    display = xvfb()
    two_monitors(display)
    with XClient(display.display) as client, watching(display.display, monitor="right") as watch:
        watch.settle()
        client.window(10, 10, 100, 40, 0xAABBCC)
        client.sync()
        assert watch.settle() == []


def test_all_is_every_monitor_and_an_unknown_one_lists_them(xvfb: DisplayFactory) -> None:
    display = xvfb()
    two_monitors(display)
    with watching(display.display, monitor="all") as watch:
        assert watch.geometry == Geometry(1280, 720, 0, 0, "all")
    for asked in ("middle", "2", "-1", ""):
        with pytest.raises(MonitorNotFoundError, match=r"0 'left' \(500x720\+0\+0\), 1 'right' \(779x700\+501\+20\)"):
            X11Source(display.display, monitor=asked).open()


def test_the_root_of_a_wayland_session_is_refused(xvfb: DisplayFactory) -> None:
    display = xvfb(300, 200)
    display.call("xrandr", "--setmonitor", "XWAYLAND0", "auto", "screen")
    with pytest.raises(SourceError, match=r"Wayland session.*use the source .wayland.$"):
        X11Source(display.display).open()


def test_a_display_of_another_depth_is_refused_with_what_it_has(xvfb: DisplayFactory) -> None:
    display = xvfb(300, 200, "-screen", "0", "300x200x16")
    with pytest.raises(SourceError, match=r"^unsupported display: depth 16 in 16 bits"):
        X11Source(display.display).open()


def test_another_resolution_is_a_resize_and_then_whole(xvnc: DisplayFactory) -> None:
    display = xvnc(1024, 768)
    with XClient(display.display) as client, watching(display.display) as watch:
        client.window(600, 500, 300, 200, 0x123456)
        client.sync()
        watch.settle()
        display.call("xrandr", "-s", "800x600")
        resized = watch.until(Resized)
        assert (resized.geometry.width, resized.geometry.height) == (800, 600)
        with pytest.raises(ValueError, match="memory of 1024x768 pixels for a source of 800x600"):
            watch.source.attach(watch.memory)
        watch.memory.close()
        watch.attach(resized.geometry)
        assert watch.until(Capture).damage is None
        watch.settle()
        # The other back ends of mss do not know the visual of Xvnc.
        np.testing.assert_array_equal(watch.colours, grab(display.display, backend="xlib"))


def test_reading_without_new_memory_after_a_resize_is_refused(xvnc: DisplayFactory) -> None:
    display = xvnc(1024, 768)
    with watching(display.display) as watch:
        watch.settle()
        display.call("xrandr", "-s", "800x600")
        watch.until(Resized)
        with pytest.raises(ValueError, match="none is attached"):
            watch.source.read(0)


def test_memory_that_is_closed_is_refused(xvfb: DisplayFactory) -> None:
    display = xvfb(300, 200)
    source = X11Source(display.display)
    source.open()
    memory = FrameMemory(300, 200)
    memory.close()
    with pytest.raises(ValueError, match="closed"):
        source.attach(memory)
    source.close()
    source.close()


def test_a_signal_ends_a_wait_early(xvfb: DisplayFactory) -> None:
    def interrupt(*_: object) -> None:
        raise InterruptedError

    display = xvfb(200, 100)
    with watching(display.display) as watch:
        watch.settle()
        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(InterruptedError):
                watch.source.read(60_000)
        finally:
            signal.signal(signal.SIGALRM, before)
        # Had the wait been served to its end, a minute of the source's time would have passed.
        assert watch.source.read(0).time_ns < 60 * clock.SECOND


@pytest.mark.parametrize("timeout_ms", [-5, 0])
def test_no_time_is_no_wait(xvfb: DisplayFactory, timeout_ms: int) -> None:
    display = xvfb(200, 100)
    with watching(display.display) as watch:
        assert isinstance(watch.source.read(timeout_ms), Capture)
        watch.settle()
        assert isinstance(watch.source.read(timeout_ms), Idle)


def test_an_endless_wait_ends_with_a_change(xvfb: DisplayFactory) -> None:
    display = xvfb(200, 100)
    with watching(display.display) as watch, XClient(display.display) as client:
        watch.settle()
        client.window(0, 0, 20, 20, 0x00FF00)
        client.sync()
        assert isinstance(watch.source.read(2**63), Capture)
