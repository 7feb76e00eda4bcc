"""A recording played at its own pace that is late: what the dropped frames changed is not forgotten."""

from __future__ import annotations

import time

import pytest

import ironcliw
from ironcliw import clock
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source import Capture, End, Message

FIRST, SECOND = Rect(64, 0, 8, 8), Rect(256, 192, 8, 8)


class LateSource:
    """Three frames whose damage is exact; the first two come long after their time."""

    name, live, lossless = "late", False, True

    def __init__(self) -> None:
        self._next = 0
        self._memory: FrameMemory | None = None

    def open(self) -> Geometry:
        return Geometry(320, 256)

    def attach(self, memory: FrameMemory) -> None:
        self._memory = memory

    def read(self, timeout_ms: int) -> Message:
        assert self._memory is not None
        frame, self._next = self._next, self._next + 1
        if frame == 3:
            return End(2100 * clock.MS)
        damage = (None, (FIRST,), (SECOND,))[frame]
        for x, y, width, height in damage or ():
            self._memory.pixels[y : y + height, x : x + width] = 255
        if frame == 0:
            time.sleep(1.2)
        return Capture(frame, (0, 10, 2000)[frame] * clock.MS, clock.monotonic_ns(), damage)

    def describe(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        self._memory = None


def test_damage_of_dropped_frames_is_looked_at_with_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # More than a machine under load takes from one frame to the next.
    monkeypatch.setattr("ironcliw.monitor.live_capture._LATE_NS", clock.SECOND)
    with ironcliw.watch(LateSource(), pace="real", text=False) as running:
        events = list(running)
    summary = events[-1].data
    assert summary["frames"]["dropped"] == {"late": 1}
    changed = [region for event in events if event.type == "change" for region in event.regions]
    assert FIRST in changed
    assert SECOND in changed
