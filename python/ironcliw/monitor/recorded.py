"""Running through a recording as fast as it can be read, dropping nothing.

    for event in run_recorded(source, engine, events, Perceiver(read_text), ...):
        print(event)

Decoding waits for reading, and both go by media time only: the same recording gives the same events every time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Any

from ironcliw import clock
from ironcliw.event import Event
from ironcliw.frame import Geometry
from ironcliw.memory import Keeper
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.holding import CaptureFrame
from ironcliw.monitor.inquiring import Inquiring
from ironcliw.monitor.isolation import Isolation
from ironcliw.monitor.perceiving import Perceiver
from ironcliw.source import Capture, End, Resized, Source


def run_recorded(
    source: Source,
    engine: Engine,
    events: deque[Event],
    perceiver: Perceiver,
    geometry: Geometry,
    stopped: Callable[[], bool],
    summary: Callable[[], dict[str, Any]],
    isolation: Isolation,
    keeper: Keeper | None = None,
    asking: Inquiring | None = None,
) -> Generator[Event]:
    """Drive ``engine`` through an opened, recorded ``source``; yields what it puts into ``events``.

    geometry: what ``source.open`` answered
    stopped: asked between frames; True ends the run with a summary
    summary: further fields of the summary event
    isolation: what becomes of frames that cannot be looked at
    keeper: drops caches where memory is scarce; text is read all the same, for the same events every time
    asking: has questions answered; it is waited for
    """
    frame = CaptureFrame(engine.setup.ledger, geometry)
    source.attach(frame.memory)
    now_ns = 0
    try:
        while not stopped():
            with engine.stages.measure("capture"):
                message = source.read(0)
            now_ns = message.time_ns
            yield from _play(engine, now_ns, perceiver, events)
            if isinstance(message, End):
                break
            if isinstance(message, Resized):
                frame.close()
                engine.resize(message.geometry, now_ns)
                frame = CaptureFrame(engine.setup.ledger, message.geometry)
                source.attach(frame.memory)
            elif isinstance(message, Capture):
                isolation.capture(message, frame.memory.pixels)
            if asking is not None:
                asking.settle(engine, now_ns)
            yield from _drain(events)
            if keeper is not None:
                keeper.check(clock.monotonic_ns())
        engine.hurry()
        yield from _play(engine, now_ns, perceiver, events)
        if asking is not None:
            asking.settle(engine, now_ns)
        engine.finish(now_ns, summary())
        yield from _drain(events)
    finally:
        frame.close()
        if asking is not None:
            asking.close()


def advance(engine: Engine, until_ns: int, perceiver: Perceiver) -> None:
    """Let source time pass up to ``until_ns``: everything that becomes due on the way happens in its order."""
    while (due_ns := engine.next_due_ns) is not None and due_ns <= until_ns:
        engine.tick(due_ns)
        while (reading := engine.take_reading(due_ns)) is not None:
            with engine.stages.measure("text"):
                lines = perceiver.read(reading)
            engine.finish_reading(reading, lines)
        while (look := engine.take_look(due_ns)) is not None:
            with engine.stages.measure("objects"):
                detections = perceiver.look(look)
            engine.finish_look(look, detections)


def _play(engine: Engine, until_ns: int, perceiver: Perceiver, events: deque[Event]) -> Iterator[Event]:
    """Advance one moment after the other: while an event is yielded, ``engine.now_ns`` is when it could be told."""
    while (due_ns := engine.next_due_ns) is not None and due_ns <= until_ns:
        advance(engine, due_ns, perceiver)
        yield from _drain(events)


def _drain(events: deque[Event]) -> Iterator[Event]:
    while events:
        yield events.popleft()
