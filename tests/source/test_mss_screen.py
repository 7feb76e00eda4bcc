"""The screen by mss: whole captures where the native module is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from x11_watch import grab

from conftest import Display, DisplayFactory, eventually
from ironcliw.errors import MonitorNotFoundError, SettingsError, SourceError
from ironcliw.frame import Geometry
from ironcliw.memory import FrameMemory
from ironcliw.source.mss_screen import MssSource
from ironcliw.source.protocol import Back, Capture, Gap, Idle, Message, Resized
from xclient import XClient

live = pytest.mark.live


def opened(display: Display, **options: object) -> tuple[MssSource, FrameMemory]:
    source = MssSource(display.display, **{"fps": 50, **options})  # type: ignore[arg-type]
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    return source, memory


def until(source: MssSource, kind: type[Message]) -> Message:
    """The next message of a kind, past captures and Idle."""
    found: list[Message] = []
    eventually(lambda: bool(found.append(source.read(200)) or isinstance(found[-1], kind)), f"no {kind.__name__}")
    return found[-1]


@live
def test_every_capture_is_whole(xvfb: DisplayFactory) -> None:
    display = xvfb(321, 201)
    with XClient(display.display) as client:
        source, memory = opened(display)
        client.window(10, 10, 60, 40, 0x336699)
        client.sync()
        capture = source.read(1000)
        assert isinstance(capture, Capture)
        assert (capture.damage, capture.bytes_read) == (None, 321 * 201 * 4)
        np.testing.assert_array_equal(memory.pixels[..., :3], grab(display.display))
        source.close()
        source.close()
        memory.close()


@live
def test_a_capture_waits_for_its_turn(xvfb: DisplayFactory) -> None:
    source, memory = opened(xvfb(100, 100), fps=0.02)
    assert isinstance(source.read(0), Capture)
    assert isinstance(source.read(10), Idle)
    source.close()
    memory.close()


@live
def test_a_screen_that_goes_and_comes_back(xvfb: DisplayFactory) -> None:
    display = xvfb(320, 200)
    source, memory = opened(display)
    assert isinstance(source.read(1000), Capture)
    display.stop()
    gap = until(source, Gap)
    assert isinstance(gap, Gap)
    assert gap.reason == "lost"
    assert isinstance(source.read(300), Idle)
    display.restart()
    until(source, Back)
    assert isinstance(source.read(1000), Capture)
    display.stop()
    until(source, Gap)
    display.size = (200, 300)
    display.restart()
    resized = until(source, Resized)
    assert isinstance(resized, Resized)
    assert (resized.geometry.width, resized.geometry.height) == (200, 300)
    with pytest.raises(ValueError, match="attach memory"):
        source.read(1000)
    source.close()
    memory.close()


@live
def test_monitors_by_name_and_number(xvfb: DisplayFactory) -> None:
    display = xvfb()
    assert MssSource(display.display, "0").open() == Geometry(1280, 720, 0, 0, "screen")
    assert MssSource(display.display, "screen").open().monitor == "screen"
    assert MssSource(display.display, "all").open().monitor == "all"
    with pytest.raises(MonitorNotFoundError, match=r"no monitor '7': this display has 0 'screen'$"):
        MssSource(display.display, "7").open()


@live
def test_memory_of_another_size_is_refused(xvfb: DisplayFactory) -> None:
    source = MssSource(xvfb(100, 100).display)
    with pytest.raises(ValueError, match="open the mss source"):
        source.attach(FrameMemory(10, 10))
    source.open()
    with pytest.raises(ValueError, match="memory of 10x10 pixels for a source of 100x100"):
        source.attach(FrameMemory(10, 10))
    source.close()


def test_no_display_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match=r"^cannot connect to display ':59999': [^\n]*$"):
        MssSource(":59999").open()
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(SourceError, match=r"^no display: DISPLAY is not set$"):
        MssSource().open()


@pytest.mark.parametrize("fps", [0, -1, float("nan"), 1e9])
def test_absurd_rates_are_refused(fps: float) -> None:
    with pytest.raises(SettingsError, match=r"^fps of "):
        MssSource(fps=fps)


def test_it_does_without_the_extension() -> None:
    text = Path(MssSource.describe.__code__.co_filename).read_text()
    assert "_native" not in text
