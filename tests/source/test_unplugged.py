"""One monitor of several goes away and comes back: said in so many words, and watched again when it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.sway import Sway
from x11_watch import bgr, watching

from conftest import DisplayFactory, eventually, open_fds
from ironcliw.memory import FrameMemory
from ironcliw.source import Back, Capture, Gap, Idle, Message, Resized
from ironcliw.source.wayland import WaylandSource
from rounds import rounds
from xclient import XClient

pytestmark = pytest.mark.live

RIGHT = ("xrandr", "--setmonitor", "right", "640/206x720/190+640+0", "none")


@pytest.mark.parametrize("asked", ["right", "1"])
def test_a_monitor_of_x11_that_is_unplugged_is_a_gap_until_it_returns(xvfb: DisplayFactory, asked: str) -> None:
    display = xvfb(1280, 720)
    display.call("xrandr", "--setmonitor", "left", "640/132x720/190+0+0", "screen")
    display.call(*RIGHT)
    with XClient(display.display) as client, watching(display.display, monitor=asked) as watch:
        window = client.window(700, 100, 200, 100, 0x123456)
        client.sync()
        watch.settle()
        fds = open_fds()
        for number in range(rounds(short=3, full=100)):
            display.call("xrandr", "--delmonitor", "right")
            gap = watch.until(Gap)
            assert gap.reason == "lost"
            assert gap.detail == (
                "monitor 'right' was unplugged or switched off; it is watched again when it returns "
                "(there is now 0 'left' (640x720+0+0))"
            )
            assert isinstance(watch.source.read(50), Idle)
            client.rect(window, 0, 0, 200, 100, number + 1)  # nobody sees this happen
            client.sync()
            display.call(*RIGHT)
            watch.until(Back)
            assert watch.until(Capture).damage is None
            assert (watch.colours[150, 100] == bgr(number + 1)).all()
            watch.settle()
        assert open_fds() <= fds  # those of tests before may have gone meanwhile


def test_the_primary_monitor_that_is_unplugged_gives_way_to_another(xvfb: DisplayFactory) -> None:
    display = xvfb(1280, 720)
    display.call("xrandr", "--setmonitor", "left", "600/132x720/190+0+0", "screen")
    display.call("xrandr", "--setmonitor", "*right", "640/206x720/190+640+0", "none")
    with watching(display.display) as watch:
        assert watch.geometry.monitor == "right"
        watch.settle()
        display.call("xrandr", "--delmonitor", "right")
        assert watch.until(Resized).geometry.monitor == "left"


@contextmanager
def reading(display: str, output: str) -> Iterator[Callable[[type[Message]], Message]]:
    """``until(kind)``: the next message of a kind, with memory for every size."""
    source = WaylandSource(output, display=display, fps=50, reply_timeout_ms=10_000)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)

    def until(kind: type[Message]) -> Message:
        nonlocal memory
        found: list[Message] = []

        def seen() -> bool:
            nonlocal memory
            message = source.read(200)
            if isinstance(message, Resized):
                memory.close()
                memory = FrameMemory(message.geometry.width, message.geometry.height)
                source.attach(memory)
            found.extend([message] if isinstance(message, kind) else [])
            return bool(found)

        eventually(seen, f"no {kind.__name__}")
        return found[0]

    try:
        yield until
    finally:
        source.close()
        memory.close()


def test_an_output_of_wayland_that_is_unplugged_is_a_gap_until_one_returns_in_its_place() -> None:
    """The outputs are windows of another compositor: its own cannot be taken away."""
    with Sway(640, 400) as outer, Sway(within=outer, outputs=2) as sway, reading(sway.socket, "1") as until:
        until(Capture)
        outer.tell('[title="WL-2"] kill')
        gap = until(Gap)
        assert isinstance(gap, Gap)
        assert gap.reason == "lost"
        assert gap.detail == "output 'WL-2' was unplugged or switched off; it is watched again when it returns"
        assert isinstance(until(Idle), Idle)
        sway.tell("create_output")
        resized = until(Resized)
        assert isinstance(resized, Resized)
        assert resized.geometry.monitor == "WL-3"
        capture = until(Capture)
        assert isinstance(capture, Capture)
        assert capture.damage is None
