"""Days of a screen in minutes: the synthetic office, looked at ten times a second, over and over.

source = SoakSource(frames=864_000, width=640, height=360)
for event in ironcliw.watch(source, pace="max"):
    ...
source.painted, source.still          # what a watch of it must have counted

The script of ``MINUTES`` is played again from the start when it is over, so that every picture comes again at the same
moment of it. A frame in which nothing changed is handed over without saying so: finding out is the watcher's work.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import LARGEST_SIDE_PX, FrameMemory, blank_pixels
from ironcliw.source.protocol import Capture, End, Message
from ironcliw.source.synthetic.action import Moment
from ironcliw.source.synthetic.desktop import Desktop
from ironcliw.source.synthetic.layout import furnished
from ironcliw.source.synthetic.look import SMALLEST_LOGICAL_SIZE, Look
from ironcliw.source.synthetic.painter import Painter
from ironcliw.source.synthetic.script import Script

FPS = 10
MINUTES = 2
FRAMES_A_ROUND = MINUTES * 60 * FPS

_FRAME_NS = clock.SECOND // FPS


class SoakSource:
    """The lower left ``width`` x ``height`` pixels of a synthetic desktop, as ``frames`` captures at 10 a second.

    The desktop has at least 800 x 500 pixels. ``painted`` and ``still`` count the frames that were handed over with and
    without a changed pixel: the oracle of a soak, which does not ask the watcher. ``on_frame`` is called before each
    frame with its number, and once more at the end.
    """

    live = False
    lossless = True

    def __init__(
        self, frames: int, width: int, height: int, *, seed: int = 1, on_frame: Callable[[int], None] = lambda at: None
    ) -> None:
        if frames < 1:
            raise SettingsError(f"a soak has one frame or more, not {frames}")
        if not (64 <= width <= LARGEST_SIDE_PX and 64 <= height <= LARGEST_SIDE_PX):
            raise SettingsError(f"a soak of {width}x{height} pixels: each side must be 64 to {LARGEST_SIDE_PX}")
        self.frames, self.size, self.seed = frames, (width, height), seed
        self.name = f"soak:office?seed={seed}&size={width}x{height}"
        self.painted = self.still = 0
        self._stopped = False
        self._on_frame = on_frame
        least_width, least_height = SMALLEST_LOGICAL_SIZE
        self._look = Look(size=(max(width, least_width), max(height, least_height)))
        self._memory: FrameMemory | None = None
        self._desk = blank_pixels(self._look.height, self._look.width)
        self._top = self._look.height - height
        self._painter = Painter(self._look)
        self._begin()

    def _begin(self) -> None:
        self._script = Script.named("office", self.seed, MINUTES * 60)
        self._desktop: Desktop = furnished(self._look, self.seed, None)
        self._moments = self._script.moments()
        self._next: Moment | None = next(self._moments, None)

    @property
    def sequence(self) -> int:
        """How many frames were handed over."""
        return self.painted + self.still

    @property
    def round(self) -> int:
        """How often the script was begun again."""
        return max(self.sequence - 1, 0) // FRAMES_A_ROUND

    def open(self) -> Geometry:
        """Begin."""
        self.painted = self.still = 0
        self._begin()
        return Geometry(*self.size)

    def attach(self, memory: FrameMemory) -> None:
        """Copy what is painted into this memory from now on."""
        self._memory = memory

    def read(self, timeout_ms: int) -> Message:
        """The next frame, changed or not; ``End`` after the last. ``timeout_ms`` means nothing here."""
        if self._memory is None:
            raise ValueError(f"{self.name}: read before attach, or after close")
        sequence = self.sequence
        time_ns = sequence * _FRAME_NS
        self._on_frame(sequence)
        if sequence == self.frames or self._stopped:
            return End(time_ns)
        if sequence and sequence % FRAMES_A_ROUND == 0:
            self._begin()
        self._act(sequence % FRAMES_A_ROUND * _FRAME_NS)
        damage = self._paint(self._memory.pixels)
        if damage or sequence == 0:
            self.painted += 1
        else:
            self.still += 1
        known = damage if damage and sequence % FRAMES_A_ROUND else None
        return Capture(sequence, time_ns, clock.monotonic_ns(), known, self._painter.painted_bytes)

    def _act(self, now_ns: int) -> None:
        desktop = self._desktop
        while True:
            moment_ns = None if self._next is None else self._next.at_ms * clock.MS
            due = [each for each in (desktop.next_ns, moment_ns) if each is not None and each <= now_ns]
            if not due:
                break
            desktop.advance(min(due))
            while self._next is not None and self._next.at_ms * clock.MS <= min(due):
                self._next.action.apply(desktop)
                self._next = next(self._moments, None)
        desktop.advance(now_ns)

    def _paint(self, pixels: NDArray[np.uint8]) -> tuple[Rect, ...]:
        """Bring ``pixels`` up to date; what changed in them."""
        inside: list[Rect] = []
        seen = self._desk[self._top :, : self.size[0]]
        for box in self._painter.update(self._desktop, self._desk):
            part = box.moved(0, -self._top).clipped(*self.size)
            if part is not None:
                rows, columns = slice(part.y, part.bottom), slice(part.x, part.right)
                if not np.array_equal(pixels[rows, columns], seen[rows, columns]):
                    pixels[rows, columns] = seen[rows, columns]
                    inside.append(part)
        return tuple(inside)

    def stop(self) -> None:
        """End with the next frame; may be called from any thread."""
        self._stopped = True

    def describe(self) -> dict[str, str]:
        """What is played, in words."""
        return {"source": self.name, "size": "{}x{}".format(*self.size), "fps": str(FPS)}

    def close(self) -> None:
        """Give everything back; ``open`` plays it again from the start."""
        self._memory = None
