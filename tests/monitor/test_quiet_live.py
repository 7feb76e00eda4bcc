"""A screen that stands still wakes nobody who has nothing to do."""

import time

from ironcliw.frame import Geometry
from ironcliw.memory import FrameMemory
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.perceiving import Perceiver, read_nothing
from ironcliw.monitor.queue import EventQueue
from ironcliw.rule import RuleSet
from ironcliw.source import End, Idle, Message

GEOMETRY = Geometry(64, 48)
IDLES = 50


class StillScreen:
    name = "still"
    live = True
    lossless = True

    def __init__(self, verified: bool) -> None:
        self.left = IDLES
        self._verified = verified

    def open(self) -> Geometry:
        return GEOMETRY

    def attach(self, memory: FrameMemory) -> None:
        pass

    def read(self, timeout_ms: int) -> Message:
        time.sleep(0.002)  # long enough for another thread to run, were it woken
        self.left -= 1
        return Idle(IDLES - self.left, self._verified) if self.left >= 0 else End(IDLES)

    def describe(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


class CountingEngine(Engine):
    ticks = 0

    def tick(self, now_ns: int) -> None:
        self.ticks += 1
        super().tick(now_ns)


def run(verified: bool) -> tuple[StillScreen, CountingEngine, LiveRun]:
    source, queue = StillScreen(verified), EventQueue()
    rules = RuleSet([], now=False)
    engine = CountingEngine(EngineSetup("still", "run", live=True, lossless=True, rules=rules), queue.put)
    engine.begin(GEOMETRY, {}, now_ns=0)
    live = LiveRun(source, engine, queue, Perceiver(read_nothing), GEOMETRY, dict)
    live.start()
    live.join()
    assert live.error is None
    return source, engine, live


def test_the_reading_thread_sleeps_through_idle_messages():
    source, engine, _ = run(verified=True)
    assert source.left < 0
    # Once when it starts, once when the source has ended, and once for the summary.
    assert 2 <= engine.ticks <= 4


def test_a_probe_that_found_nothing_counts_as_a_look():
    assert run(verified=True)[2].seconds_since_verified is not None
    assert run(verified=False)[2].seconds_since_verified is None
