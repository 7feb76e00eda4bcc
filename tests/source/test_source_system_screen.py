"""What follows from what a system says of its screen. The system is a stand-in here: neither of the two is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ironcliw.errors import MonitorNotFoundError, SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import Rect
from ironcliw.history.ring import Slot
from ironcliw.memory import FrameMemory
from ironcliw.memory.frames import Behind, blank_pixels
from ironcliw.source.protocol import Back, Capture, Gap, Idle, Resized
from ironcliw.source.system_screen import SystemScreen


class ScreenFaultError(Exception):
    pass


class Screen:
    """A screen of one shade that tells what it was given to tell."""

    def __init__(self, *told: Any, size: tuple[int, int] = (70, 50)) -> None:
        self.told, self._size, self.shade, self.anew = list(told), size, 0, 0
        self.timeouts: list[int] = []

    def size(self) -> tuple[int, int]:
        return self._size

    def name(self) -> str:
        return "display 7"

    def scale(self) -> float:
        return 2.0

    def notes(self) -> list[str]:
        return ["what changed is told"]

    def begin_anew(self) -> None:
        self.anew += 1

    def next(self, pixels: Any, timeout_ms: int) -> Any:
        self.timeouts.append(timeout_ms)
        if not self.told:
            time.sleep(timeout_ms / 1000)
            return ("idle", None, False, "")
        told = self.told.pop(0)
        if isinstance(told, Exception):
            raise told
        if told[0] == "captured":
            self.shade += 1
            pixels[:] = self.shade
        return told


WHOLE = ("captured", None, False, "")
PART = ("captured", [(1, 2, 3, 4)], False, "")


def opened(*screens: Any, fps: float = 240.0) -> tuple[SystemScreen, FrameMemory]:
    left = list(screens)

    def begin() -> Any:
        screen = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(screen, Exception):
            raise screen
        return screen

    source = SystemScreen("macos", fps, begin, ScreenFaultError)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    return source, memory


def read_until(source: SystemScreen, done: Callable[[object], bool]) -> list[object]:
    messages: list[object] = []
    for _ in range(200):
        messages.append(source.read(50))
        if done(messages[-1]):
            return [message for message in messages if not isinstance(message, Idle)]
    pytest.fail(f"in vain: {messages}")


def test_captures_in_order_with_what_changed() -> None:
    source, memory = opened(Screen(WHOLE, PART))
    first, second = source.read(1000), source.read(1000)
    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.sequence, first.damage, first.bytes_read) == (0, None, 70 * 50 * 4)
    assert (second.sequence, second.damage, second.bytes_read) == (1, (Rect(1, 2, 3, 4),), 48)
    assert 0 <= first.time_ns <= second.time_ns
    assert (memory.pixels == 2).all()
    memory.close()


def test_geometry_and_description() -> None:
    source, memory = opened(Screen())
    assert source.describe() == {
        "display": "display 7",
        "scale": "2 pixels a point",
        "note 1": "what changed is told",
    }
    source.close()
    source.close()
    assert source.describe() == {"display": "macos", "state": "closed"}
    memory.close()


def test_no_more_captures_than_asked_for() -> None:
    source, memory = opened(Screen(WHOLE, PART), fps=0.02)
    assert isinstance(source.read(1000), Capture)
    assert isinstance(source.read(10), Idle)
    memory.close()


def test_a_screen_that_hides_and_comes_back() -> None:
    hidden = ("hidden", None, False, "the display sleeps")
    source, memory = opened(screen := Screen(WHOLE, hidden, hidden, hidden, PART, WHOLE))
    assert isinstance(source.read(1000), Capture)
    gap = source.read(300)
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.detail) == ("lost", "the display sleeps")
    assert isinstance(source.read(1000), Back)
    anew = screen.anew
    source.attach(memory)
    assert screen.anew == anew + 1
    after = source.read(1000)
    assert isinstance(after, Capture)
    assert (after.sequence, after.damage) == (1, None)
    memory.close()


def test_memory_that_is_behind_is_captured_whole_after_the_screen_hid() -> None:
    hidden = ("hidden", None, False, "the display sleeps")
    source, memory = opened(screen := Screen(WHOLE, hidden, PART, WHOLE))
    assert isinstance(source.read(1000), Capture)
    assert [type(source.read(1000)) for _ in range(2)] == [Gap, Back]
    anew, other = screen.anew, FrameMemory(70, 50)
    other.behind = Behind(memory, np.ones((-(-50 // 16), -(-70 // 64)), np.bool_))
    source.attach(other)
    assert (screen.anew, other.behind) == (anew + 1, None)
    memory.close()
    other.close()


@pytest.mark.parametrize(("size", "kind"), [((70, 50), Back), ((50, 70), Resized)])
def test_a_lost_screen_is_looked_for_again(size: tuple[int, int], kind: type) -> None:
    ended = ("ended", None, False, "unplugged")
    source, memory = opened(Screen(WHOLE, ended), ScreenFaultError("lost", "still"), Screen(WHOLE, size=size))
    assert isinstance(source.read(1000), Capture)
    told = read_until(source, lambda message: isinstance(message, (Back, Resized)))
    assert isinstance(told[0], Gap)
    assert (told[0].reason, told[0].detail) == ("lost", "unplugged")
    assert [type(message) for message in told[1:]] == [kind]
    other = FrameMemory(*size)
    source.attach(other)
    assert isinstance(source.read(1000), Capture)
    assert (other.pixels == 1).all()
    memory.close()
    other.close()


@pytest.mark.parametrize(("closed", "kind"), [(False, Back), (True, Resized)])
def test_a_lost_screen_returns_to_memory_without_a_file_that_is_still_there(closed: bool, kind: type) -> None:
    source, first = opened(Screen(WHOLE, ScreenFaultError("lost", "stopped")), Screen(WHOLE))
    slot = Slot(blank_pixels(50, 70), None, 0)  # as other systems than Linux have it
    source.attach(slot)
    assert isinstance(source.read(1000), Capture)
    assert isinstance(source.read(1000), Gap)
    if closed:
        slot.close()
    assert [type(message) for message in read_until(source, lambda message: not isinstance(message, Idle))] == [kind]
    first.close()


def test_a_permission_that_is_taken_away_is_told_once() -> None:
    words = "open System Settings"
    source, memory = opened(
        Screen(WHOLE, ScreenFaultError("lost", "stopped")),
        ScreenFaultError("denied", words),
        ScreenFaultError("denied", words),
        Screen(),
    )
    assert isinstance(source.read(1000), Capture)
    told = read_until(source, lambda message: isinstance(message, Back))
    assert [(each.reason, each.detail) for each in told if isinstance(each, Gap)] == [
        ("lost", "stopped"),
        ("denied", words),
    ]
    memory.close()


def test_other_memory_of_the_ring_is_brought_up_to_date() -> None:
    source, memory = opened(screen := Screen(WHOLE, PART))
    assert isinstance(source.read(1000), Capture)
    anew, other = screen.anew, FrameMemory(70, 50)
    other.behind = Behind(memory, np.ones((-(-50 // 16), -(-70 // 64)), np.bool_))
    source.attach(other)
    assert (other.pixels == 1).all()
    assert (screen.anew, other.behind) == (anew, None)
    memory.close()
    other.close()


def test_read_ends_when_interrupted() -> None:
    source, memory = opened(Screen())
    timer = threading.Timer(0.05, source.interrupt)
    timer.start()
    assert isinstance(source.read(60_000), Idle)
    timer.join()
    source.interrupt()
    assert isinstance(source.read(60_000), Idle)
    memory.close()


@pytest.mark.parametrize(
    ("kind", "error"), [("denied", SourceDeniedError), ("unknown_monitor", MonitorNotFoundError), ("lost", SourceError)]
)
def test_what_cannot_be_opened_says_why(kind: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^what to do$"):
        opened(ScreenFaultError(kind, "what to do"))


def test_arguments_and_order() -> None:
    for fps in (0, -1, float("nan"), 1e9):
        with pytest.raises(SettingsError):
            SystemScreen("macos", fps, Screen, ScreenFaultError)
    source = SystemScreen("macos", 10, Screen, ScreenFaultError)
    with pytest.raises(ValueError, match="open the macos source before reading"):
        source.read(0)
    source.open()
    with pytest.raises(ValueError, match="attach memory"):
        source.read(0)
    small = FrameMemory(9, 9)
    with pytest.raises(ValueError, match="memory of 9x9 pixels for a source of 70x50"):
        source.attach(small)
    small.close()
