"""The numbers of one watch, asked of what counts them anyway.

registry = watch_registry(engine, queue, reader, live)
registry.snapshot().value("frames", "changed")

All of this runs when somebody asks; between two snapshots a watch does not know that it is measured. What is counted is
described in ``docs/reference/metrics.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ironcliw.memory import Keeper, Machine
from ironcliw.metrics import Absent, Collector, Family, Registry, RoomMemory, memory_metrics, process_metrics
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.governor import Governor
from ironcliw.monitor.queue import EventQueue

Answer = Iterator[Family | Absent]


def watch_registry(
    engine: Engine,
    queue: EventQueue,
    reader: object | None,
    seconds_since_verified: Callable[[], float | None],
    keeper: Keeper,
    governor: Governor | None = None,
) -> Registry:
    """A registry that knows a watch by its parts, and does not keep the watch itself alive."""
    registry = Registry(engine.stages)
    for collector in (
        _frames(engine),
        _events(engine, queue),
        _reading(engine),
        _lines(reader),
        _pixels(engine),
        _seen(seconds_since_verified),
        _rate(governor),
        process_metrics(),
        _memory(keeper),
        _not_kept,
    ):
        registry.collect(collector)
    return registry


def _memory(keeper: Keeper) -> Collector:
    def rooms() -> RoomMemory:
        machine = Machine(keeper.ledger.machine.proc)  # whoever asks has a thread of its own
        resident = machine.read().resident_bytes
        machine.close()
        return {room: (use.used, use.budget) for room, use in keeper.ledger.report(resident).items()}

    return memory_metrics(rooms, lambda: keeper.pressure.level.name.lower())


def _frames(engine: Engine) -> Collector:
    def frames() -> Answer:
        counts = engine.counts.to_dict()
        captured, dropped = counts["captured"], counts["dropped"]
        kinds = {name: counts[name] for name in ("duplicate", "changed", "excluded")}
        kinds["dropped"] = sum(dropped.values())
        yield Family("frames_captured", "counter", "Frames that were captured.", {"": captured})
        yield Family("frames", "counter", "What became of captured frames.", kinds, "became")
        yield Family("frames_dropped", "counter", "Frames that were captured and not looked at.", dropped, "reason")
        if captured:
            share = {"": round(kinds["duplicate"] / captured, 6)}
            yield Family("duplicate_ratio", "gauge", "Share of captured frames that showed nothing new.", share)
        else:
            yield Absent("duplicate_ratio", "no frame was captured yet")

    return frames


def _events(engine: Engine, queue: EventQueue) -> Collector:
    def events() -> Answer:
        yield Family("events", "counter", "Events that were told.", engine.told.copy(), "type")
        dropped = queue.dropped.copy()
        yield Family("events_dropped", "counter", "Events that nobody took in time.", dropped, "type")
        waiting = {"events": (len(queue), queue.capacity), **engine.waiting}
        lengths = {name: length for name, (length, _) in waiting.items()}
        bounds = {name: bound for name, (_, bound) in waiting.items()}
        yield Family("queue_length", "gauge", "What waits in a queue.", lengths, "queue")
        yield Family("queue_bound", "gauge", "As much may wait in a queue.", bounds, "queue")

    return events


def _reading(engine: Engine) -> Collector:
    def reading() -> Answer:
        pixels = {"start": engine.pixels_read_at_start, "later": engine.pixels_read}
        yield Family("readings", "counter", "Parts of the screen that were read.", {"": engine.readings})
        yield Family("reading_pixels", "counter", "Pixels that were read, by when.", pixels, "part")
        skipped = {"": engine.states_skipped}
        yield Family(
            "states_skipped", "counter", "States of a region that were replaced before they were read.", skipped
        )

    return reading


def _lines(reader: object | None) -> Collector:
    """What a text engine counts by itself, from now on; it may have served other watches before."""
    before = _line_counts(reader)

    def lines() -> Answer:
        now = _line_counts(reader)
        if now is None or before is None:
            yield Absent("text_lines", "text is not read" if reader is None else "the text engine does not count them")
            return
        how = {name: count - before[name] for name, count in now.items()}
        yield Family("text_lines", "counter", "Lines of text: recognised, or known by their picture.", how, "how")

    return lines


def _line_counts(reader: object | None) -> dict[str, int] | None:
    counters: Any = getattr(reader, "counters", None)
    recognised, cached = getattr(counters, "lines_recognised", None), getattr(counters, "cache_hits", None)
    if not isinstance(recognised, int) or not isinstance(cached, int):
        return None
    return {"recognised": recognised, "cached": cached}


def _pixels(engine: Engine) -> Collector:
    def pixels() -> Answer:
        copies = engine.copies
        yield Family("captured_bytes", "counter", "Bytes of pixels that the source wrote.", {"": engine.captured_bytes})
        yield Family("copied_bytes", "counter", "Bytes of pixels that were copied.", copies.size_bytes.copy(), "place")
        yield Family("copies", "counter", "How often pixels were copied.", copies.count.copy(), "place")
        yield Family(
            "handovers", "counter", "How often pixels were handed on as a view.", copies.handed.copy(), "place"
        )

    return pixels


def _seen(seconds_since_verified: Callable[[], float | None]) -> Collector:
    def seen() -> Answer:
        since_s = seconds_since_verified()
        if since_s is None:
            yield Absent("verified_seconds_ago", "no live screen has been seen yet")
        else:
            yield Family("verified_seconds_ago", "gauge", "Since the screen was last seen.", {"": round(since_s, 3)})

    return seen


def _rate(governor: Governor | None) -> Collector:
    def rate() -> Answer:
        if governor is None:
            yield Absent("capture_rate", "no budget of processor time was set: as often as fps says")
        else:
            now = {governor.reason: round(governor.fps, 2)}
            yield Family("capture_rate", "gauge", "Captures a second at most as of now, by why no more.", now, "why")

    return rate


def _not_kept() -> Answer:
    """What nobody counts, unless somebody who does is asked, too."""
    yield Absent("bloom_keys", "no filter is in use")
