"""A running watch makes nothing as large as a frame for each frame."""

import ctypes
import resource
import time
import tracemalloc

import numpy as np
import pytest

from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.perceiving import Perceiver, read_nothing
from ironcliw.monitor.queue import EventQueue
from ironcliw.rule import RuleSet
from ironcliw.source import Capture, End, Message

GEOMETRY = Geometry(1280, 720)
FRAME_BYTES = 1280 * 720 * 4
WARM, CAPTURES = 5, 30
M_MMAP_THRESHOLD = -3
PAGE_BYTES = resource.getpagesize()


class MovingScreen:
    """Every pixel changes with every capture; it measures from the capture ``WARM`` on, between two reads."""

    name = "moving"
    live = True
    lossless = True

    def __init__(self, damage: tuple[Rect, ...] | None, trace: bool) -> None:
        self._damage = damage
        self._trace = trace
        self._number = 0
        self.grown_bytes = 0
        self.faulted_bytes = 0

    def open(self) -> Geometry:
        return GEOMETRY

    def attach(self, memory: FrameMemory) -> None:
        self._pixels = memory.pixels

    def read(self, timeout_ms: int) -> Message:
        if self._number > WARM:
            self.faulted_bytes += (_faults() - self._faults) * PAGE_BYTES
            if self._trace:
                self.grown_bytes = max(self.grown_bytes, tracemalloc.get_traced_memory()[1] - self._held_bytes)
        if self._number == CAPTURES:
            return End(self._number)
        self._pixels[..., :3] += np.uint8(1)
        now_ns = time.monotonic_ns()
        self._number += 1
        if self._trace:
            tracemalloc.reset_peak()
            self._held_bytes = tracemalloc.get_traced_memory()[0]
        self._faults = _faults()
        return Capture(self._number - 1, now_ns, now_ns, self._damage)

    def describe(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


@pytest.fixture
def large_blocks_are_fresh() -> None:
    """From now on malloc maps every large block anew, so that each one costs faults; else it would reuse the last."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt") or not libc.mallopt(M_MMAP_THRESHOLD, FRAME_BYTES // 8):
        pytest.skip("this malloc cannot be told")


def _faults() -> int:
    """Pages this thread was given, whoever asked for them: NumPy or native code."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt


def watched(source: MovingScreen) -> Engine:
    queue = EventQueue()
    setup = EngineSetup("moving", "run", live=True, lossless=True, rules=RuleSet([], now=False), read_text=False)
    engine = Engine(setup, queue.put)
    engine.begin(GEOMETRY, {}, now_ns=0)
    live = LiveRun(source, engine, queue, Perceiver(read_nothing), GEOMETRY, dict)
    live.start()
    live.join()
    assert live.error is None
    assert engine.counts.changed == CAPTURES
    return engine


WHOLE = (Rect(0, 0, GEOMETRY.width, GEOMETRY.height),)


@pytest.mark.parametrize("damage", [None, WHOLE], ids=["polled", "reported"])
def test_python_and_numpy_allocate_nothing_of_a_frames_size(damage):
    source = MovingScreen(damage, trace=True)
    tracemalloc.start()
    try:
        watched(source)
    finally:
        tracemalloc.stop()
    assert 0 < source.grown_bytes < FRAME_BYTES / 16


@pytest.mark.usefixtures("large_blocks_are_fresh")
@pytest.mark.parametrize("damage", [None, WHOLE], ids=["polled", "reported"])
def test_no_memory_is_touched_for_the_first_time_once_the_watch_runs(damage):
    source = MovingScreen(damage, trace=False)
    watched(source)
    assert source.faulted_bytes < (CAPTURES - WARM) * FRAME_BYTES / 16
