"""The conformance suite's stages under a Wayland compositor and behind a portal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conformance import SIZE, Stage
from patterns import Size, pattern
from tests.fake_portal import Desktop
from tests.sway import BARE, Sway
from tests.wlclient import WaylandClient

from ironcliw.source.portal import PortalSource
from ironcliw.source.wayland import WaylandSource

LATE_EVERY, LATE_S = 6, 0.3
"""A window that answers later than sway waits for it (0.2 s)."""


class WlrootsStage(Stage):
    """An output of sway's with one window over all of it."""

    background = BARE

    def __init__(self, sway: Sway) -> None:
        self._sway, self._resized = sway, 0
        self.source = WaylandSource(display=sway.socket, fps=100, reply_timeout_ms=10_000)
        self._begin()

    def _begin(self) -> None:
        self.client = WaylandClient(self._sway.socket)
        self.client.show(0x202020)

    def draw(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        self.client.rect(x, y, width, height, colour)

    def lose(self) -> None:
        self.client.close()
        self._sway.stop()

    def bring_back(self) -> None:
        self._sway.start()
        self._begin()

    def places(self, picture: Size, size: Size) -> list[tuple[int, int]]:
        # sway leaves a window where it is, and then puts one that is smaller than its place in the middle of it.
        return [(0, 0), (max(0, (size[0] - picture[0]) // 2), max(0, (size[1] - picture[1]) // 2))]

    def resize(self, width: int, height: int) -> None:
        for _ in range(3):
            self.client.repaint()
        self._sway.tell(f"output HEADLESS-1 resolution {width}x{height}")
        self.client.wait_for_size(width, height)
        self._resized += 1
        if self._resized % LATE_EVERY == 0:
            time.sleep(LATE_S)  # its window is then shown as it was, in its place and in the middle of the new one
        self.client.fit(draw=lambda width, height: pattern((width, height)))


@contextmanager
def wlroots() -> Iterator[WlrootsStage]:
    with Sway(*SIZE) as sway:
        stage = WlrootsStage(sway)
        try:
            yield stage
        finally:
            stage.source.close()
            stage.client.close()


class PortalStage(Stage):
    """A desktop that shows pictures of ours, and says what changed in them."""

    background = 0x000000

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.source = PortalSource(fps=100, reply_timeout_ms=4_000)
        self._show_plain()

    def _show_plain(self) -> None:
        width, height = self._desktop.size
        self._pixels = np.full((height, width, 4), 0x20, np.uint8)
        self._desktop.show(self._pixels)

    def draw(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        self._pixels[y : y + height, x : x + width] = list(colour.to_bytes(4, "little"))
        self._desktop.show(self._pixels, [(x, y, width, height)])

    def lose(self) -> None:
        self._desktop.stop("producer")

    def bring_back(self) -> None:
        self._desktop.start_producer()
        self._show_plain()

    def resize(self, width: int, height: int) -> None:
        for _ in range(3):
            self._desktop.show(self._pixels)
        self._pixels = np.dstack([pattern((width, height)), np.zeros((height, width), np.uint8)])
        self._desktop.show(self._pixels)


@contextmanager
def portal(path: Path) -> Iterator[PortalStage]:
    with pytest.MonkeyPatch.context() as patch, Desktop(*SIZE) as desktop:
        patch.setenv("XDG_STATE_HOME", str(path))
        for name, value in desktop.environ.items():
            patch.setenv(name, value)
        stage = PortalStage(desktop)
        try:
            yield stage
        finally:
            stage.source.close()
