"""What the X11 tests share: a source with its memory, and an independent view of the same screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import mss
import numpy as np
from numpy.typing import NDArray

from conftest import eventually
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Capture, Idle, Message
from ironcliw.source.x11 import X11Source

Pixels = NDArray[np.uint8]
M = TypeVar("M", bound=Message)


class Watch:
    """An opened source with its memory."""

    def __init__(self, display: str, **options: Any) -> None:
        self.source = X11Source(display, **{"fps": 50, "include_self": True, **options})
        self.attach(self.source.open())

    def attach(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.memory = FrameMemory(geometry.width, geometry.height)
        self.source.attach(self.memory)

    @property
    def colours(self) -> Pixels:
        """A copy of what the memory shows, without the fourth byte."""
        return self.memory.pixels[..., :3].copy()

    def until(self, kind: type[M]) -> M:
        """The next message of a kind, past any Idle; another message is a fault."""
        found: list[M] = []

        def seen() -> bool:
            message = self.source.read(500)
            assert isinstance(message, (kind, Idle)), message
            if isinstance(message, kind):
                found.append(message)
            return bool(found)

        eventually(seen, f"no {kind.__name__}")
        return found[0]

    def settle(self) -> list[Capture]:
        """All captures until the screen is still for a while; each must change only what it says."""
        captures: list[Capture] = []
        while True:
            before = self.colours
            message = self.source.read(300)
            if isinstance(message, Idle):
                return captures
            assert isinstance(message, Capture), message
            if message.damage is not None:
                assert changed_outside(before, self.colours, message.damage) == 0
            captures.append(message)


@contextmanager
def watching(display: str, **options: Any) -> Iterator[Watch]:
    watch = Watch(display, **options)
    try:
        yield watch
    finally:
        watch.source.close()
        watch.memory.close()


def grab(display: str, geometry: Geometry | None = None, backend: str = "default") -> Pixels:
    """What mss, an independent program, sees of the whole display or of one monitor."""
    with mss.MSS(display=display, backend=backend) as screen:
        box = dict(screen.monitors[0])
        if geometry is not None:
            box = {"left": geometry.x, "top": geometry.y, "width": geometry.width, "height": geometry.height}
        shot = screen.grab(box)
    return np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)[..., :3].copy()


def changed_outside(before: Pixels, after: Pixels, damage: tuple[Rect, ...]) -> int:
    """Changed pixels that no damage rectangle holds."""
    changed = (before != after).any(axis=2)
    for rect in damage:
        changed[rect.y : rect.bottom, rect.x : rect.right] = False
    return int(changed.sum())


def bgr(colour: int) -> list[int]:
    """The three bytes that 0xRRGGBB has in a frame."""
    return list(colour.to_bytes(3, "little"))
