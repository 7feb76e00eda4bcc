"""What a watch counts, beside its summary and beside counts that were taken elsewhere."""

from __future__ import annotations

import gc
import weakref
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ironcliw
from conftest import eventually
from ironcliw.dedup import BloomNetwork
from ironcliw.event import Event
from ironcliw.metrics import Registry, Snapshot
from ironcliw.text.paddle.engine import Counters
from painted import PaintedEngine, blank, erase, paint

TILE = 64


def screens(width: int = 600, height: int = 430) -> list[np.ndarray]:
    """Sixty frames in which a few lines come and go; most frames are like the one before."""
    frames = []
    pixels = blank(width, height)
    for number in range(60):
        if number % 7 == 3:
            paint(pixels, f"line {number}", 40 + number, 20 + 6 * number)
        if number % 20 == 19:
            erase(pixels, 0, 0, width, height)
        frames.append(pixels.copy())
    return frames


def watched(frames: list[np.ndarray], **options: object) -> tuple[Snapshot, Event, list[Event], PaintedEngine]:
    engine = PaintedEngine()
    with ironcliw.watch(frames, pace="max", interval_s=0.1, engine=engine, threshold=0, **options) as watch:
        events = list(watch)
        return watch.metrics.snapshot(), events[-1], events, engine


def changed_tile_bytes(frames: list[np.ndarray]) -> int:
    """Bytes of all tiles that differ from the frame before, and of the whole first frame."""
    total = frames[0].nbytes
    for before, after in pairwise(frames):
        differs = (before != after).any(axis=2)
        for y in range(0, differs.shape[0], TILE):
            for x in range(0, differs.shape[1], TILE):
                tile = differs[y : y + TILE, x : x + TILE]
                total += tile.size * 4 if tile.any() else 0
    return total


def test_the_numbers_are_those_of_the_summary_and_of_the_events() -> None:
    taken, summary, events, _ = watched(screens(), when=["change:0,0,600,430"])
    frames = summary.data["frames"]
    assert taken.value("frames_captured") == frames["captured"] == 60
    assert taken.values("frames") == {
        "duplicate": frames["duplicate"],
        "changed": frames["changed"],
        "excluded": frames["excluded"],
        "dropped": 0,
    }
    assert taken.value("duplicate_ratio") == round(frames["duplicate"] / 60, 6)
    kinds = [event.type for event in events]
    assert taken.values("events") == {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    assert taken.value("events", "alert") == summary.data["alerts"] > 0
    assert {name: stage.to_dict() for name, stage in taken.stages.items()} == summary.data["stages"]
    assert taken.value("readings") == summary.data["reading"]["readings"]
    assert taken.values("reading_pixels") == {
        "start": summary.data["reading"]["pixels_at_start"],
        "later": summary.data["reading"]["pixels_read"],
    }
    assert taken.value("states_skipped") == summary.data["reading"]["skipped"]


def test_copies_are_counted_where_pixels_are_copied() -> None:
    frames = screens()
    taken, summary, _, engine = watched(frames)
    assert taken.value("copies", "reading") == len(engine.sizes)
    assert taken.value("copied_bytes", "reading") == sum(4 * height * width for height, width in engine.sizes)
    assert taken.value("copies", "shown") == summary.data["frames"]["changed"]
    assert taken.value("copied_bytes", "shown") == changed_tile_bytes(frames)
    assert taken.value("copied_bytes", "look") == taken.value("copies", "look") * frames[0].nbytes
    assert taken.value("handovers", "change") == 60
    assert taken.value("handovers", "plan") == summary.data["frames"]["changed"] - 1


@given(st.integers(1, 140), st.integers(1, 140), st.lists(st.tuples(st.integers(0, 139), st.integers(0, 139))))
@settings(max_examples=40, deadline=None)
def test_stored_bytes_know_tiles_at_the_edges(width: int, height: int, points: list[tuple[int, int]]) -> None:
    from ironcliw.change import ChangeTracker

    before = blank(width, height)
    after = before.copy()
    for x, y in points:
        after[y % height, x % width, 0] ^= 1
    tracker = ChangeTracker(height, width)
    assert tracker.stored_bytes(tracker.apply(before)) == before.nbytes
    assert tracker.stored_bytes(tracker.apply(after)) == changed_tile_bytes([before, after]) - before.nbytes


def test_a_copy_that_is_asked_for_is_counted() -> None:
    with ironcliw.watch(screens(), pace="max", text=False) as watch:
        next(watch)
        assert watch.metrics.snapshot().value("copies", "snapshot") is None
        size_bytes = watch.snapshot().nbytes
        assert watch.metrics.snapshot().value("copied_bytes", "snapshot") == size_bytes


def test_what_nobody_measures_is_absent_and_says_why() -> None:
    with ironcliw.watch(screens()[:1], pace="max", text=False) as watch:
        before = watch.metrics.snapshot()
        list(watch)
        after = watch.metrics.snapshot()
    assert before.absent["duplicate_ratio"] == "no frame was captured yet"
    assert "duplicate_ratio" not in after.absent
    for name in ("gpu_busy_ratio", "bloom_keys", "verified_seconds_ago"):
        assert after.value(name) is None
        assert after.absent[name]
    assert after.absent["text_lines"] == "text is not read"
    assert set(after.values("memory_used_bytes")) == set(after.values("memory_budget_bytes")) >= {"capture", "ring"}
    taken, *_ = watched(screens()[:1])
    assert taken.absent["text_lines"] == "the text engine does not count them"


class CountingEngine(PaintedEngine):
    counters = Counters(cache_hits=100, lines_recognised=7)

    def read(self, pixels: np.ndarray) -> list:
        now = self.counters
        self.counters = Counters(cache_hits=now.cache_hits + 2, lines_recognised=now.lines_recognised + 1)
        return super().read(pixels)


def test_an_engine_that_served_another_watch_counts_from_this_one_on() -> None:
    engine = CountingEngine()
    with ironcliw.watch(screens()[:5], pace="max", engine=engine) as watch:
        list(watch)
        taken = watch.metrics.snapshot()
    assert taken.values("text_lines") == {"recognised": len(engine.sizes), "cached": 2 * len(engine.sizes)}


def test_each_watch_counts_for_itself() -> None:
    with ironcliw.watch(screens(), pace="max", text=False) as one, ironcliw.watch(screens(), pace="max") as other:
        list(one)
        assert other.metrics.snapshot().value("frames_captured") == 0
        assert one.metrics.snapshot().value("frames_captured") == 60


def test_a_registry_does_not_keep_its_watch_alive() -> None:
    watch = ironcliw.watch(screens(), pace="max", text=False)
    registry, gone = watch.metrics, weakref.ref(watch)
    watch.close()
    del watch
    gc.collect()
    assert gone() is None
    assert registry.snapshot().value("frames_captured") == 0


def test_a_played_watch_has_queues_with_bounds() -> None:
    with ironcliw.watch(screens()[:3], pace="real", interval_s=0.01, text=False) as watch:
        eventually(lambda: len(watch._queue) > 0, "an event")
        taken = watch.metrics.snapshot()
        list(watch)
    assert set(taken.values("queue_length")) == set(taken.values("queue_bound")) == {"events", "regions", "kept"}
    assert 0 < taken.value("queue_length", "events") <= taken.value("queue_bound", "events")


def test_filters_count_what_they_are_asked() -> None:
    network = BloomNetwork(1 / 16, 1 / 16, 1 / 16)
    registry = Registry()
    registry.collect(network.metrics)
    grid = np.arange(12, dtype=np.uint64).reshape(3, 4)
    assert [network.check_frame(grid) for _ in range(3)] == [False, True, True]
    network.check_tiles(grid)
    among = np.zeros(grid.shape, np.bool_)
    among[0] = True
    assert network.check_tiles(grid, among).sum() == 4
    taken = registry.snapshot()
    assert taken.values("bloom_keys") == {"frame": 3, "tile": 16}
    assert taken.values("bloom_keys_found") == {"frame": 2, "tile": 4}
    assert taken.value("bloom_bytes", "tile") == network.tile.stats().size_bytes
    assert 0 < taken.value("bloom_fill_ratio", "tile") < 0.5


@pytest.mark.parametrize("place", ["shown", "reading"])
def test_control_a_count_that_misses_a_copy_is_noticed(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ironcliw.metrics import Copies

    counted = Copies.copied

    def forgetful(self: Copies, where: str, size_bytes: int) -> None:
        if where != place or self.count[where] < 1:
            counted(self, where, size_bytes)

    monkeypatch.setattr(Copies, "copied", forgetful)
    with pytest.raises(AssertionError):
        test_copies_are_counted_where_pixels_are_copied()
