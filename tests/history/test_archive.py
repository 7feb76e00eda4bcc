"""The archive: any time, any budget, any size of screen."""

from __future__ import annotations

import gc
import random
import threading
import tracemalloc

import numpy as np
import pytest
from archive_screens import EDITS, Maker, same, shown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironcliw import kernels
from ironcliw.change import ChangeTracker
from ironcliw.errors import ArchiveError, OutsideHistoryError
from ironcliw.frame import Rect
from ironcliw.history import Archive, archive, floor_bytes
from rounds import rounds

WALL = 1_764_000_000_000_000_000
MS = 1_000_000


def filled(screens: list[np.ndarray], budget_bytes: int = 100_000_000) -> Archive:
    kept = Archive(budget_bytes)
    for i, screen in enumerate(screens):
        kept.add(screen, 100 * MS * i, WALL + 100 * MS * i)
    return kept


def test_what_was_shown_at_a_time() -> None:
    screens = shown(1, ["letter", "nothing", "nothing", "window", "back"], 100, 120)
    kept = filled(screens)
    assert kept.frames == 4
    for i, screen in enumerate(screens):
        frame = kept.frame_at(100 * MS * i)
        assert same(frame.pixels, screen)
        assert same(kept.frame_at(wall_ns=WALL + 100 * MS * i + 1 if i < 5 else WALL + 500 * MS).pixels, screen)
    frame = kept.frame_at(340 * MS)
    assert (frame.number, frame.time_ns, frame.wall_ns) == (1, 100 * MS, WALL + 100 * MS)
    assert kept.frame_at(320 * MS).number == 1
    assert kept.span == (0, 500 * MS, WALL, WALL + 500 * MS)


@pytest.mark.parametrize(("time_ns", "wall_ns"), [(-1, None), (500 * MS + 1, None), (None, WALL - 1), (None, WALL * 2)])
def test_a_time_outside_says_what_there_is(time_ns: int | None, wall_ns: int | None) -> None:
    kept = filled(shown(1, ["letter"] * 5, 50, 50))
    text = r"is outside of history, which goes from 2025-11-24T16:00:00.000000Z to 2025-11-24T16:00:00.500000Z \(sou"
    with pytest.raises(OutsideHistoryError, match=text) as raised:
        kept.frame_at(time_ns, wall_ns=wall_ns)
    assert "\n" not in str(raised.value)


def test_no_history_yet() -> None:
    kept = Archive(10_000_000)
    assert (kept.span, kept.frames) == (None, 0)
    for call in (lambda: kept.frame_at(0), lambda: kept.since(1.0)):
        with pytest.raises(OutsideHistoryError, match="no history yet"):
            call()
    with pytest.raises(ValueError, match="either"):
        kept.frame_at()
    with pytest.raises(ValueError, match="0 seconds or more"):
        kept.since(float("nan"))


def test_since_begins_with_what_was_shown_then() -> None:
    screens = shown(2, ["letter"] * 9, 90, 90)
    kept = filled(screens)
    assert [frame.number for frame in kept.since(0.35)] == [5, 6, 7, 8, 9]
    assert [frame.number for frame in kept.since(0)] == [9]
    everything = list(kept.since(1e6))
    assert all(same(frame.pixels, screen) for frame, screen in zip(everything, screens, strict=True))


def test_a_still_screen_costs_nothing() -> None:
    screen = Maker(3, 200, 200).screen
    kept = filled([screen])
    before = kept.bytes_used
    for i in range(1, 50):
        assert kept.add(screen, i * MS, WALL + i * MS) == 0
        assert kept.add(screen, i * MS, WALL + i * MS, damage=[]) == 0
    kept.hold(99 * MS, WALL + 99 * MS)
    assert (kept.frames, kept.bytes_used) == (1, before)
    assert kept.frame_at(99 * MS).number == 0


def test_what_the_watcher_knows_is_used() -> None:
    screens = shown(4, list(EDITS) * 2, 200, 330)
    tracker = ChangeTracker(200, 330)
    told, asked, damaged = (Archive(100_000_000) for _ in range(3))
    for i, screen in enumerate(screens):
        change = tracker.apply(screen)
        tiles = tracker.tiles
        sizes = {
            told.add(screen, i, WALL, changed=tiles.changed, fingerprints=tiles.fingerprints),
            asked.add(screen, i, WALL),
            damaged.add(screen, i, WALL, damage=[*change.regions, Rect(-50, -50, 60, 60), Rect(9999, 0, 5, 5)]),
        }
        assert len(sizes) == 1
    for i, screen in enumerate(screens):
        for kept in (told, asked, damaged):
            assert same(kept.frame_at(i).pixels, screen)


def test_screens_of_other_sizes() -> None:
    kept = Archive(100_000_000)
    screens = []
    for i, (height, width) in enumerate([(60, 80), (60, 80), (80, 60), (80, 60), (60, 80), (1, 1), (300, 7)]):
        screens.append(Maker(i, height, width).screen.copy())
        stale = np.zeros(kernels.grid_shape(height, width), np.bool_) if i in (2, 4) else None
        kept.add(screens[-1], i, WALL + i, changed=stale)
    for i, screen in enumerate(screens):
        assert same(kept.frame_at(i).pixels, screen)
    assert [frame.pixels.shape for frame in kept.since(1)] == [screen.shape for screen in screens]


def test_three_channels_and_rows_with_gaps() -> None:
    screens = shown(5, ["letter", "scroll"], 70, 90)
    wide = np.zeros((70, 128, 4), np.uint8)
    kept = Archive(50_000_000)
    for i, screen in enumerate(screens):
        wide[:, :90] = screen
        kept.add(wide[:, :90] if i % 2 else np.ascontiguousarray(screen[:, :, :3]), i, WALL)
    for i, screen in enumerate(screens):
        assert same(kept.frame_at(i).pixels, screen)


@settings(max_examples=rounds(short=10, full=300), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), edits=st.lists(st.sampled_from(EDITS), min_size=5, max_size=40))
def test_the_budget_holds_and_the_newest_stay(seed: int, edits: list[str]) -> None:
    height, width = 140, 150
    budget = floor_bytes(height, width)
    screens = shown(seed, edits, height, width)
    kept = Archive(budget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "SEGMENT_BYTES", 60_000)
        patch.setattr(archive, "_WRITING_BYTES", 0)
        kept.budget_bytes = max(floor_bytes(height, width), 1_200_000)
        for i, screen in enumerate(screens):
            kept.add(screen, i, WALL + i)
            assert kept.bytes_used <= kept.budget_bytes
            assert same(kept.frame_at(i).pixels, screen)
            assert kept.bytes_used <= kept.budget_bytes
    span = kept.span
    assert span is not None
    assert span.newest_ns == len(edits)
    assert (span.oldest_ns > 0) == (kept.frames_evicted > 0)
    for i in range(span.oldest_ns, len(screens)):
        assert same(kept.frame_at(i).pixels, screens[i])
    if span.oldest_ns:
        with pytest.raises(OutsideHistoryError):
            kept.frame_at(span.oldest_ns - 1)


def test_a_smaller_budget_takes_effect_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SEGMENT_FRAMES", 3)
    monkeypatch.setattr(archive, "_WRITING_BYTES", 500_000)
    maker = Maker(6, 300, 300)
    kept = Archive(40_000_000)
    for i in range(60):
        kept.add(maker.change("photo"), i, WALL + i)
    kept.budget_bytes = floor_bytes(300, 300)
    assert kept.bytes_used <= kept.budget_bytes
    assert kept.frames == 60 - kept.frames_evicted < 60
    assert same(kept.frame_at(59).pixels, maker.screen)


def test_a_budget_below_the_floor_says_the_floor() -> None:
    floor = floor_bytes(1080, 1920)
    kept = Archive(floor - 1)
    text = rf"^an archive of {floor - 1:,} bytes is too small for frames of 1920x1080: give it {floor:,} at least$"
    with pytest.raises(ArchiveError, match=text):
        kept.add(np.zeros((1080, 1920, 4), np.uint8), 0, 0)
    with pytest.raises(ArchiveError, match="must be positive"):
        Archive(0)
    kept = Archive(floor)
    kept.add(np.zeros((1080, 1920, 4), np.uint8), 0, 0)
    with pytest.raises(ArchiveError, match="too small"):
        kept.budget_bytes = 1_000_000
    assert kept.budget_bytes == floor


def test_a_damaged_segment_is_an_error_and_no_picture() -> None:
    kept = filled(shown(7, ["letter"] * 4, 80, 80))
    segment = kept._segments[0]
    segment.data[len(segment.data) // 2] ^= 4
    with pytest.raises(ArchiveError, match=r"^frame 2 cannot be read: the segment is damaged: a wrong checksum in"):
        kept.frame_at(200 * MS)


def test_what_has_gone_while_it_was_asked_for() -> None:
    kept = filled(shown(8, ["letter"] * 4, 80, 80))
    frames = kept.since(10)
    next(frames)
    data = kept._segments[0].data
    kept.close()
    assert not any(data)
    assert list(frames) == []
    kept.add(np.zeros((5, 5, 4), np.uint8), 1, 1)
    assert kept.frame_at(1).pixels.shape == (5, 5, 4)


def test_wall_time_that_jumps_back() -> None:
    screens = shown(9, ["letter", "letter", "letter"], 60, 60)
    kept = Archive(50_000_000)
    for i, (screen, wall) in enumerate(zip(screens, (100, 200, 50, 150), strict=True)):
        kept.add(screen, i, wall)
    assert [kept.frame_at(wall_ns=wall).number for wall in (50, 100, 149, 150)] == [2, 2, 2, 3]


def test_one_adds_while_others_read() -> None:
    maker = Maker(10, 200, 200)
    kept = Archive(100_000_000)
    shown_at = {0: maker.screen.copy()}
    kept.add(shown_at[0], 0, WALL)
    wrong: list[int] = []
    stop = threading.Event()

    def read(seed: int) -> None:
        chosen = random.Random(seed)
        while not stop.is_set():
            i = chosen.choice(list(shown_at))
            if not same(kept.frame_at(i).pixels, shown_at[i]):
                wrong.append(i)

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(2)]
    for reader in readers:
        reader.start()
    for i in range(1, 80):
        screen = maker.change(EDITS[i % len(EDITS)])
        kept.add(screen, i, WALL + i)
        shown_at[i] = screen
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_memory_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python holds; what the writer holds is counted in bytes_used, which the budget bounds."""
    monkeypatch.setattr(archive, "SEGMENT_BYTES", 500_000)
    monkeypatch.setattr(archive, "_WRITING_BYTES", 1_000_000)
    monkeypatch.setattr(archive, "SEGMENT_FRAMES", 40)
    maker = Maker(11, 128, 128)
    kept = Archive(floor_bytes(128, 128))
    pages = [maker.change(edit) for edit in ("photo", "letter", "window", "scroll", "caret") * 12]

    def go_on(start: int, count: int) -> int:
        for i in range(start, start + count):
            kept.add(pages[i % len(pages)], i, WALL + i)
            if i % 50 == 0:
                kept.frame_at(i)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    count = rounds(short=600, full=20_000)
    tracemalloc.start()
    try:
        kept.budget_bytes = floor_bytes(128, 128)
        before = go_on(0, 2 * count)
        used = kept.bytes_used
        after = go_on(2 * count, count)
    finally:
        tracemalloc.stop()
    assert kept.frames_evicted > 0
    assert kept.bytes_used <= kept.budget_bytes
    assert after - before <= max(kept.bytes_used - used, 0) + 64 * count + 300_000
