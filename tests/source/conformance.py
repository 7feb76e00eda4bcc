"""What the conformance suite is run against: to add a source, add a Kind to ``KINDS`` with a factory of stages.

A stage is a source together with what it shows: the suite has it draw and compares.
"""

from __future__ import annotations

import socket
import threading
from abc import ABC
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patterns import Pixels, Size, pattern
from PIL import Image

from conftest import Display, need
from ironcliw.source import Source, open_source
from xclient import XClient

SIZE = (200, 136)
"""Neither side a multiple of a tile."""


class Stage(ABC):
    """A source, and a hand on what it shows. Colours are (h, w, 3) uint8 BGR."""

    source: Source

    def draw(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Fill a rectangle with 0xRRGGBB, and return when the source can see it. Screens only."""
        raise NotImplementedError

    def truth(self, number: int) -> Pixels:
        """What a recording shows in its capture ``number``; recordings only."""
        raise NotImplementedError

    def lose(self) -> None:
        """Take away what the source shows."""
        raise NotImplementedError

    def bring_back(self) -> None:
        """Give it back, with nothing on it but the background."""
        raise NotImplementedError

    background = 0x202020
    """What is seen where nothing is drawn, 0xRRGGBB."""

    def places(self, picture: Size, size: Size) -> list[tuple[int, int]]:
        """Where a screen of ``size`` may show the picture of another one until its own is drawn."""
        return [(0, 0)]

    def resize(self, width: int, height: int) -> None:
        """Draw what is there some more, change the size, and then draw its ``pattern``. May run beside ``read``."""
        raise NotImplementedError


@dataclass(frozen=True)
class Kind:
    """A kind of source and what can be done to it."""

    name: str
    stage: Callable[[Path], Any]
    live: bool = True
    can_be_lost: bool = False
    can_be_resized: bool = False
    loss: str = "lost"


class ScreenStage(Stage):
    """A display with one window over all of it, watched by any of the sources that can."""

    def __init__(self, display: Display, name: str) -> None:
        self._display = display
        self.source = open_source(name, fps=100, include_self=True)
        self._begin()

    def _begin(self) -> None:
        self.client = XClient(self._display.display)
        self._pictures: dict[tuple[int, int], int] = {}
        plain = self.client.pixmap(8, 8)
        self.client.rect(plain, 0, 0, 8, 8, self.background)
        self.client.set_background(self.client.root, plain)
        self.client.repaint(self.client.root)
        self._window = self.client.window(0, 0, *self._display.size, self.background)
        self.client.sync()

    def _show_pattern(self, size: tuple[int, int]) -> None:
        if size not in self._pictures:
            pixels = np.dstack([pattern(size), np.zeros(size[::-1], np.uint8)])
            self._pictures[size] = self.client.picture(pixels.tobytes(), *size)
        with self.client.at_once():
            before, self._window = self._window, self.client.window(0, 0, *size, self.background)
            self.client.set_background(self._window, self._pictures[size])
            self.client.repaint(self._window)
            self.client.destroy(before)

    def draw(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        self.client.rect(self._window, x, y, width, height, colour)
        self.client.sync()

    def lose(self) -> None:
        self.client.close()
        self._display.stop()

    def bring_back(self) -> None:
        self._display.restart()
        self._begin()

    def resize(self, width: int, height: int) -> None:
        changing = threading.Thread(target=self._display.call, args=("xrandr", "-s", f"{width}x{height}"))
        changing.start()
        while changing.is_alive():
            self.client.repaint(self._window)
            self.client.sync()
            changing.join(0.002)
        self._show_pattern((width, height))

    def close(self) -> None:
        self.client.close()


@contextmanager
def _screen(server: str, name: str, *options: str) -> Iterator[ScreenStage]:
    need(server, *(["xrandr"] if server == "Xvnc" else []))
    display = Display(server, *SIZE, options)
    try:
        stage = ScreenStage(display, name or f"x11:{display.display}")
        try:
            yield stage
        finally:
            stage.source.close()
            stage.close()
    finally:
        display.close()


@contextmanager
def _vnc(_: Path) -> Iterator[ScreenStage]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with _screen("Xvnc", f"vnc://127.0.0.1:{port}", "-rfbport", str(port), "-localhost") as stage:
        yield stage


def pictures() -> list[Pixels]:
    """Five pictures, each with another small square."""
    shown: list[Pixels] = []
    for number in range(5):
        pixels = np.full((SIZE[1], SIZE[0], 3), 40, np.uint8)
        pixels[10 * number : 10 * number + 7, 15 * number : 15 * number + 9] = (200, 10 * number, 77)
        shown.append(pixels)
    return shown


class RecordedStage(Stage):
    """A recording of ``pictures``."""

    def __init__(self, spec: Any) -> None:
        self.source = open_source(spec, interval_s=0.5)

    def truth(self, number: int) -> Pixels:
        return pictures()[number]


@contextmanager
def _recorded(spec: Any) -> Iterator[RecordedStage]:
    stage = RecordedStage(spec)
    try:
        yield stage
    finally:
        stage.source.close()


def _folder(path: Path) -> Any:
    for number, pixels in enumerate(pictures()):
        Image.fromarray(pixels[..., ::-1].copy()).save(path / f"{number}.png")
    return _recorded(path)


def _video(path: Path) -> Any:
    av = pytest.importorskip("av")
    with av.open(path / "a.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=2)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "bgr0"
        for pixels in pictures():
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="bgr0")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return _recorded(path / "a.mkv")


class SyntheticStage(Stage):
    """A made-up desktop, which is its own truth: only damage, times and order can be checked."""

    def __init__(self) -> None:
        self.source = open_source("synthetic:office?seed=3&seconds=12&size=800x500")


@contextmanager
def _synthetic(_: Path) -> Iterator[SyntheticStage]:
    stage = SyntheticStage()
    try:
        yield stage
    finally:
        stage.source.close()


def _wlroots(_: Path) -> Any:
    from stages_wayland import wlroots

    return wlroots()


def _portal(path: Path) -> Any:
    from stages_wayland import portal

    return portal(path)


KINDS = [
    Kind("x11", lambda _: _screen("Xvfb", ""), can_be_lost=True),
    Kind("x11-xvnc", lambda _: _screen("Xvnc", ""), can_be_lost=True, can_be_resized=True),
    Kind("vnc", _vnc, can_be_lost=True, can_be_resized=True),
    Kind("fbdir", lambda path: _screen("Xvfb", f"fbdir:{path}", "-fbdir", str(path)), can_be_lost=True),
    Kind("wlroots", _wlroots, can_be_lost=True, can_be_resized=True),
    # Without a session manager nobody ends a stream whose node is gone; it is paused.
    Kind("portal", _portal, can_be_lost=True, can_be_resized=True, loss="no_reply"),
    Kind("folder", _folder, live=False),
    Kind("arrays", lambda _: _recorded([picture[..., ::-1] for picture in pictures()]), live=False),
    Kind("video", _video, live=False),
    Kind("synthetic", _synthetic, live=False),
]
