"""A live watch that keeps earlier frames: what it gives back, and what it does where memory is scarce."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from scripted_source import ScriptedSource, shot

import ironcliw
from conftest import eventually
from ironcliw.change import ChangeTracker
from ironcliw.frame import Geometry
from ironcliw.history import ArchivedFrame, RingFrame
from ironcliw.memory import Ladder, Ledger
from ironcliw.monitor import Watch, WatchOptions, answering
from ironcliw.monitor.remembering import Remembering
from ironcliw.source.protocol import Capture

MS = 1_000_000


def screens(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(3)
    shown = np.zeros((128, 192, 4), np.uint8)
    out = []
    for number in range(count):
        shown = shown.copy()
        shown[number : number + 20, 10:90, :3] = random.integers(0, 256, 3, np.uint8)
        out.append(shown)
    return out


def fed(remembered: Remembering, frames: list[np.ndarray], begin: int = 0) -> None:
    tracker = ChangeTracker(128, 192, 0)
    for number, pixels in enumerate(frames, begin):
        change = tracker.apply(pixels, None)
        message = Capture(number, number * 100 * MS, number * 100 * MS)
        remembered.follow(pixels, message, tracker.tiles, whole=change.first)


def test_every_frame_comes_back_as_it_was() -> None:
    remembered = Remembering(Ledger(500_000_000), Ladder(), lossless=True)
    remembered.begin(Geometry(192, 128))
    frames = screens(30)
    fed(remembered, frames)
    assert remembered.archive is not None
    for number in (0, 7, 29):
        pixels = remembered.archive.frame_at(number * 100 * MS).pixels
        np.testing.assert_array_equal(pixels[:, :, :3], frames[number][:, :, :3])
    remembered.hold(10_000 * MS)
    assert remembered.archive.frame_at(9_999 * MS).number == 29
    remembered.close()
    assert remembered.archive is None


def test_it_counts_in_the_ledger_and_gives_half_back_where_memory_is_scarce() -> None:
    ledger, ladder = Ledger(500_000_000), Ladder()
    remembered = Remembering(ledger, ladder, lossless=True)
    remembered.begin(Geometry(192, 128))
    fed(remembered, screens(5))
    archive = remembered.archive
    assert archive is not None
    assert ledger.report()["archive"].used == archive.bytes_used > 0
    full = archive.budget_bytes
    while ladder.shed_next() != "archive":
        pass
    assert archive.budget_bytes < full
    assert archive.frame_at(400 * MS).number == 4  # the newest stay
    ladder.restore_next(10**12)
    assert archive.budget_bytes == full


def test_without_room_it_is_said_once_and_the_watch_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger(500_000_000, fixed={"archive": 1000})
    remembered = Remembering(ledger, Ladder(), lossless=True)
    with caplog.at_level(logging.WARNING, "ironcliw.monitor"):
        remembered.begin(Geometry(192, 128))
        remembered.begin(Geometry(100, 100))
    assert [record.message.split(":")[0] for record in caplog.records] == ["earlier frames are not kept"]
    fed(remembered, screens(2))
    remembered.hold(5)
    assert remembered.archive is None


def test_readers_get_what_the_ring_has_moved_on_from(tmp_path: Path) -> None:
    frames = screens(40)
    steps = [shot(number, number / 10, pixels) for number, pixels in enumerate(frames)]
    source = ScriptedSource(steps, 192, 128)
    path = tmp_path / "watch.sock"
    options = WatchOptions(text=False, share=True, archive=True, ring_bytes=0)
    with (
        Watch(source, options) as running,
        answering(running, {"path": str(path), "metrics_port": None}),
        ironcliw.attach(path=path) as ring,
    ):
        eventually(lambda: running.engine.counts.captured == 40, "forty captures")
        seen = list(ring.since(3600))
        assert {type(frame) for frame in seen} == {ArchivedFrame, RingFrame}
        times = [frame.time_ns for frame in seen]
        assert times == sorted(set(times))
        assert len(seen) >= 39  # the newest may be written just now
        for frame in seen:
            if isinstance(frame, ArchivedFrame):
                shown = frames[times.index(frame.time_ns)]
                np.testing.assert_array_equal(frame.pixels[:, :, :3], shown[:, :, :3])


def test_a_watch_that_keeps_no_archive_still_gives_what_is_in_the_ring(tmp_path: Path) -> None:
    frames = screens(6)
    steps = [shot(number, number / 10, pixels) for number, pixels in enumerate(frames)]
    source = ScriptedSource(steps, 192, 128)
    path = tmp_path / "watch.sock"
    options = WatchOptions(text=False, share=True, ring_bytes=0)
    with (
        Watch(source, options) as running,
        answering(running, {"path": str(path), "metrics_port": None}),
        ironcliw.attach(path=path) as ring,
    ):
        eventually(lambda: running.engine.counts.captured == 6, "six captures")
        assert {type(frame) for frame in ring.since(3600)} == {RingFrame}


def test_archives_that_share_a_budget_keep_to_their_parts_of_it() -> None:
    ledger = Ledger(500_000_000)
    first, second = (Remembering(ledger, Ladder(), lossless=True) for _ in range(2))
    first.begin(Geometry(192, 128))
    assert first.archive is not None
    whole = ledger.account("archive").budget_bytes
    assert first.archive.budget_bytes == whole
    second.begin(Geometry(192, 128))
    assert second.archive is not None
    fed(first, screens(3))
    assert first.archive.budget_bytes == second.archive.budget_bytes == whole // 2
    second.close()
    fed(first, screens(3), begin=3)
    assert first.archive.budget_bytes == whole
    first.close()
