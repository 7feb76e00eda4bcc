"""A synthetic desktop as a source: nothing is emitted while nothing changes, and damage is exact.

source = SyntheticSource(Script.named("office", seed=7, duration_s=3600), Look(scale=1.5))
source.truth()["events"]              # what there is to see in it, as for labelled recordings
for event in ironcliw.watch(source, pace="max"):
    ...
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ironcliw import clock
from ironcliw.clock import MS
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Capture, End, Message
from ironcliw.source.synthetic.action import Moment
from ironcliw.source.synthetic.desktop import Desktop
from ironcliw.source.synthetic.layout import furnished
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.painter import Painter
from ironcliw.source.synthetic.script import Script
from ironcliw.source.synthetic.spec import name_of
from ironcliw.source.synthetic.truth import truth


class SyntheticSource:
    """Plays a script. The same script and look give the same times and truth everywhere, and on one machine the same
    pixels, byte for byte (fonts may differ between machines).
    """

    live = False
    catches_up = True
    lossless = True

    def __init__(self, script: Script, look: Look | None = None) -> None:
        self.script = script
        self.look = look or Look()
        self.name = name_of(script, self.look)
        self._desktop: Desktop | None = None
        self._painter = Painter(self.look)
        self._memory: FrameMemory | None = None
        self._moments: Iterator[Moment] = iter(())
        self._next: Moment | None = None
        self._whole = True
        self._sequence = 0

    def open(self) -> Geometry:
        """Begin the script. SettingsError where the font is not installed."""
        self._desktop = furnished(self.look, self.script.seed, None)
        self._painter = Painter(self.look)
        self._moments = self.script.moments()
        self._next = next(self._moments, None)
        self._sequence, self._whole, self._memory = 0, True, None
        return Geometry(self.look.width, self.look.height, scale=self.look.scale)

    def attach(self, memory: FrameMemory) -> None:
        """Paint into this memory from now on. ValueError where its size is not the geometry's."""
        if self._desktop is None:
            raise ValueError(f"{self.name}: attach before open")
        height, width = memory.pixels.shape[:2]
        if (width, height) != (self.look.width, self.look.height):
            expected = f"{self.look.width}x{self.look.height}"
            raise ValueError(f"{self.name}: expected memory for {expected} pixels, got {width}x{height}")
        if memory.behind is not None and memory.behind.newest is self._memory and not self._whole:
            memory.catch_up()
            self._memory = memory
            return
        self._memory, self._whole = memory, True
        self._desktop.touch(self._desktop.box)

    def read(self, timeout_ms: int) -> Message:
        """The next moment at which a pixel changes; ``End`` after the last. ``timeout_ms`` means nothing here."""
        desktop = self._desktop
        if desktop is None or self._memory is None:
            raise ValueError(f"{self.name}: read before open and attach, or after close")
        if self._whole:
            self._act(desktop, desktop.now_ns)
        while True:
            damage = self._painter.update(desktop, self._memory.pixels)
            if damage or self._whole:
                return self._capture(desktop.now_ns, damage)
            now_ns = self._next_ns(desktop)
            if now_ns >= self.script.duration_ms * MS:
                return End(self.script.duration_ms * MS)
            self._act(desktop, now_ns)

    def describe(self) -> dict[str, str]:
        """What is played, in words."""
        size = f"{self.look.width}x{self.look.height}"
        return {"source": self.name, "size": size, "damage": "exact", "theme": self.look.theme}

    def truth(self) -> dict[str, Any]:
        """What there is to see, in the fields of labelled recordings; see ``truth.truth``."""
        return truth(self.script, self.look)

    def close(self) -> None:
        """Give everything back; ``open`` plays it again from the start."""
        self._desktop = self._memory = None
        self._moments, self._next = iter(()), None

    def _next_ns(self, desktop: Desktop) -> int:
        due_ns = [self.script.duration_ms * MS]
        if desktop.next_ns is not None:
            due_ns.append(desktop.next_ns)
        if self._next is not None:
            due_ns.append(self._next.at_ms * MS)
        return min(due_ns)

    def _act(self, desktop: Desktop, now_ns: int) -> None:
        desktop.advance(now_ns)
        while self._next is not None and self._next.at_ms * MS <= now_ns:
            self._next.action.apply(desktop)
            self._next = next(self._moments, None)

    def _capture(self, now_ns: int, damage: tuple[Rect, ...]) -> Capture:
        whole, self._whole = self._whole, False
        self._sequence += 1
        return Capture(
            sequence=self._sequence - 1,
            time_ns=now_ns,
            captured_at_ns=clock.monotonic_ns(),
            damage=None if whole else damage,
            bytes_read=self._painter.painted_bytes,
        )
