"""Rooms whose buffers stand in the ledger: filters, screens seen, the event queue, a pause of reading."""

import gc

import numpy as np
import pytest

from ironcliw.dedup import BloomFilter, BloomNetwork
from ironcliw.errors import BudgetError
from ironcliw.event import Event
from ironcliw.features.index import ScreenIndex
from ironcliw.frame import Geometry
from ironcliw.memory import Ledger, Pool
from ironcliw.monitor.holding import CaptureFrame, Holdings, needs
from ironcliw.monitor.queue import EventQueue

MIB = 1 << 20


def test_filters_are_claimed_and_refused_beyond_their_budget():
    ledger = Ledger(200_000_000, fixed={"dedup": 3 * MIB})
    account = ledger.account("dedup")
    seen = BloomFilter(2, account=account)
    assert account.used_bytes == 2 * MIB == seen.stats().size_bytes
    with pytest.raises(BudgetError, match=r"no memory for dedup \(filters of what was seen before\)"):
        BloomNetwork(account=account)
    del seen
    gc.collect()
    assert BloomNetwork(0.25, 0.5, 2, account=account).frame.stats().size_bytes <= MIB // 4
    gc.collect()
    assert ledger.report()["dedup"].used == 0


def test_screens_seen_are_claimed():
    ledger = Ledger(200_000_000, fixed={"features": MIB})
    index = ScreenIndex(MIB // 2, account=ledger.account("features"))
    assert 0 < ledger.account("features").used_bytes <= MIB // 2
    with pytest.raises(BudgetError):
        ScreenIndex(MIB, account=ledger.account("features"))
    assert len(index) == 0


def event(number: int, kind: str = "text_appeared", text: str = "") -> Event:
    return Event(id=f"r-{number}", type=kind, time=0.0, wall="2026-01-01T00:00:00Z", source="s", text=text)


def test_the_event_queue_keeps_to_its_budget_and_drops_changes_first():
    ledger = Ledger(200_000_000, fixed={"events": 10_000})
    queue = EventQueue(account=ledger.account("events"))
    queue.put(event(0, "change"))
    for number in range(1, 40):
        queue.put(event(number, text="x" * 500))
        assert ledger.report()["events"].used <= 10_000
    queue.put(event(99, "alert", "y" * 50_000))  # the only one that is left is told, whatever its size
    assert queue.dropped["change"] == 1
    left = []
    while (one := queue.get(0)) is not None:
        left.append(one.id)
    assert left == ["r-99"]
    assert ledger.report()["events"].used == 0
    assert queue.dropped.total() == 40


def test_a_frame_to_capture_into_counts_until_it_is_closed_twice():
    ledger = Ledger(200_000_000)
    geometry = Geometry(640, 480)
    with pytest.raises(BudgetError):
        CaptureFrame(ledger, geometry)
    ledger.fit("run", needs(geometry, read_text=False, lossless=True))
    frame = CaptureFrame(ledger, geometry)
    assert ledger.account("capture").used_bytes == 640 * 480 * 4
    frame.close()
    frame.close()
    assert ledger.account("capture").used_bytes == 0


def test_a_copy_that_has_no_room_is_none_and_comes_back_when_there_is():
    ledger = Ledger(200_000_000, fixed={"pool": MIB})
    holdings = Holdings(ledger, "run")
    pixels = np.full((400, 500, 4), 5, np.uint8)
    first = holdings.copy(pixels, "looks")
    assert first is not None
    assert np.array_equal(first.array.reshape(pixels.shape), pixels)
    assert holdings.copy(pixels, "looks") is None
    first.release()
    assert holdings.copy(pixels, "looks") is not None
    assert isinstance(holdings.pool, Pool)
