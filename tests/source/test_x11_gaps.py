"""The X11 source when the server stops, goes away, comes back, or does not let us in."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from x11_watch import grab, watching

from conftest import DisplayFactory, open_fds, threads
from ironcliw.errors import SettingsError, SourceDeniedError, SourceError
from ironcliw.source.protocol import Back, Capture, Gap, Idle, Resized
from ironcliw.source.x11 import X11Source
from xclient import XClient

live = pytest.mark.live


@live
def test_a_server_that_dies_and_returns(xvfb: DisplayFactory) -> None:
    display = xvfb(640, 480)
    with watching(display.display) as watch:
        watch.settle()
        display.stop()
        gap = watch.until(Gap)
        assert gap.reason == "lost"
        assert "\n" not in gap.detail
        idle = watch.source.read(500)
        assert isinstance(idle, Idle)
        assert not idle.verified
        display.restart()
        watch.until(Back)
        with XClient(display.display) as client:
            client.window(20, 20, 99, 77, 0xFEDCBA)
            client.sync()
            assert watch.until(Capture).damage is None
            np.testing.assert_array_equal(watch.colours, grab(display.display))


@live
def test_a_server_that_returns_with_another_size(xvfb: DisplayFactory) -> None:
    display = xvfb(640, 480)
    with watching(display.display) as watch:
        watch.settle()
        display.stop()
        watch.until(Gap)
        display.size = (800, 300)
        display.restart()
        resized = watch.until(Resized)
        assert (resized.geometry.width, resized.geometry.height) == (800, 300)
        watch.memory.close()
        watch.attach(resized.geometry)
        assert watch.until(Capture).damage is None
        np.testing.assert_array_equal(watch.colours, grab(display.display))


@live
def test_a_stopped_server_is_a_gap_and_its_return_is_seen(xvfb: DisplayFactory) -> None:
    display = xvfb(640, 480)
    with watching(display.display, probe_ms=50, reply_timeout_ms=1_000) as watch, XClient(display.display) as client:
        window = client.window(0, 0, 50, 50, 0x0000FF)
        client.sync()
        watch.settle()
        os.kill(display.pid, signal.SIGSTOP)
        gap = watch.until(Gap)
        assert (gap.reason, gap.detail) == ("no_reply", "the X server did not answer for 1000 ms")
        assert isinstance(watch.source.read(300), Idle)
        client.rect(window, 0, 0, 50, 50, 0x00FF00)
        os.kill(display.pid, signal.SIGCONT)
        client.sync()
        watch.until(Back)
        assert watch.until(Capture).damage is None
        np.testing.assert_array_equal(watch.colours, grab(display.display))


@live
def test_a_stopped_server_cannot_be_opened_and_does_not_hang(xvfb: DisplayFactory) -> None:
    display = xvfb(320, 200)
    os.kill(display.pid, signal.SIGSTOP)
    with pytest.raises(SourceError, match="did not answer for 100 ms"):
        X11Source(display.display, reply_timeout_ms=100).open()
    os.kill(display.pid, signal.SIGCONT)


@live
def test_memory_closed_during_a_gap_is_asked_for_anew(xvfb: DisplayFactory) -> None:
    display = xvfb(320, 200)
    with watching(display.display) as watch:
        watch.settle()
        display.stop()
        watch.until(Gap)
        watch.memory.close()
        display.restart()
        watch.attach(watch.until(Resized).geometry)
        assert watch.until(Capture).damage is None


def cookie_file(path: Path, number: str, cookie: str) -> str:
    """An X authority file that knows one cookie for that display; returns its name."""
    address = os.uname().nodename.encode()
    parts = (address, number.encode(), b"MIT-MAGIC-COOKIE-1", bytes.fromhex(cookie))
    entry = (256).to_bytes(2, "big") + b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    path.write_bytes(entry)
    return str(path)


@live
def test_a_display_that_denies_access(xvfb: DisplayFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = cookie_file(tmp_path / "right", "", "00112233445566778899aabbccddeeff")
    display = xvfb(320, 200, "-auth", right)
    number = display.display.lstrip(":")
    for name in (str(tmp_path / "none"), cookie_file(tmp_path / "wrong", number, "ff" * 16)):
        monkeypatch.setenv("XAUTHORITY", name)
        with pytest.raises(SourceDeniedError, match=rf"^display '{display.display}' denies access: .*XAUTHORITY$"):
            X11Source(display.display).open()
    monkeypatch.setenv("XAUTHORITY", cookie_file(tmp_path / "right", number, "00112233445566778899aabbccddeeff"))
    with watching(display.display) as watch:
        watch.until(Capture)


@live
def test_a_server_that_returns_and_denies_access(
    xvfb: DisplayFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XAUTHORITY", str(tmp_path / "none"))
    display = xvfb(320, 200)
    with watching(display.display) as watch:
        watch.settle()
        display.stop()
        assert watch.until(Gap).reason == "lost"
        display.options = ("-auth", cookie_file(tmp_path / "right", "", "00" * 16))
        display.restart()
        assert watch.until(Gap).reason == "denied"
        assert isinstance(watch.source.read(700), Idle)


@live
def test_nothing_is_left_open(xvfb: DisplayFactory) -> None:
    display = xvfb(320, 200)

    def once() -> None:
        with watching(display.display) as watch:
            watch.until(Capture)

    once()
    before = open_fds(), threads()
    for _ in range(20):
        once()
    with pytest.raises(SourceError):
        X11Source(display.display, monitor="none").open()
    # Those of tests before may have gone meanwhile.
    assert open_fds() <= before[0]
    assert threads() <= before[1]


@live
def test_server_restarts_leave_nothing_open(xvfb: DisplayFactory) -> None:
    display = xvfb(320, 200)
    with watching(display.display) as watch:
        watch.until(Capture)
        before = open_fds(), threads()
        for _ in range(5):
            display.stop()
            watch.until(Gap)
            display.restart()
            watch.until(Back)
            watch.until(Capture)
        assert open_fds() <= before[0]
        assert threads() <= before[1]


def test_without_a_display_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(SourceError, match=r"^no display: DISPLAY is not set$"):
        X11Source().open()


@pytest.mark.parametrize("display", [":59999", "unix:59999"])
def test_nobody_at_the_display(display: str) -> None:
    with pytest.raises(SourceError, match=rf"'{display}'"):
        X11Source(display).open()


@pytest.mark.parametrize("display", ["", "nonsense", ":x", ":0.y"])
def test_what_is_no_name_of_a_display(display: str) -> None:
    with pytest.raises(SourceError, match="is not the name of a display: it looks like ':0'"):
        X11Source(display).open()


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), 1e9])
def test_absurd_rates_are_refused(fps: float) -> None:
    with pytest.raises(SettingsError, match=r"^fps of "):
        X11Source(fps=fps)


@pytest.mark.parametrize("options", [{"probe_ms": 0}, {"reply_timeout_ms": -5}, {"probe_ms": 10**9}])
def test_absurd_times_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=next(iter(options))):
        X11Source(**options)


@pytest.mark.parametrize("window", [0, -1, 2**32])
def test_absurd_windows_are_refused(window: int) -> None:
    with pytest.raises(SettingsError, match="each id must be"):
        X11Source(exclude=[window])


def test_a_source_that_is_not_open_says_so() -> None:
    with pytest.raises(ValueError, match="open the x11 source before reading"):
        X11Source(":0").read(0)
