"""What a source holds beside the frame, and what a graphics processor holds, stand in the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sway import Sway
from tests.wlclient import WaylandClient

from ironcliw import kernels
from ironcliw.errors import BudgetError
from ironcliw.memory import Ledger
from ironcliw.memory.ladder import Ladder
from ironcliw.monitor.holding import SourceHoldings, hold_gpu
from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.monitor.watching import Watch
from ironcliw.source.wayland import WaylandSource

MB = 1_000_000


class Staging:
    """A source that says what it holds."""

    held_bytes = 0


class Card:
    """Stands for a card: how much it holds, and whether it was told to let go."""

    held_bytes = 50 * MB

    def release(self) -> None:
        self.held_bytes = 0


def test_what_a_source_holds_is_counted_and_has_a_budget() -> None:
    ledger, source = Ledger(100 * MB), Staging()
    beside = SourceHoldings(ledger, source)
    beside.fit()
    assert ledger.report()["source"].used == ledger.report()["source"].budget == 0
    source.held_bytes = 8 * MB
    beside.fit()
    told = ledger.report(60 * MB)
    assert (told["source"].used, told["source"].budget) == (8 * MB, 8 * MB)
    assert told["program"].used == 52 * MB
    source.held_bytes = 200 * MB
    with pytest.raises(BudgetError, match="too small"):
        beside.fit()
    source.held_bytes = 0
    beside.close()
    assert ledger.report()["source"].budget == 0


def test_a_source_without_anything_beside_the_frame_is_not_asked() -> None:
    ledger = Ledger(100 * MB)
    beside = SourceHoldings(ledger, object.__new__(type("Plain", (), {})))
    beside.fit()
    beside.close()
    assert ledger.report()["source"].used == 0


def test_a_card_is_counted_once_and_lets_go_under_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    card, ledger, ladder = Card(), Ledger(100 * MB), Ladder()
    monkeypatch.setattr(kernels, "ACCELERATED", card)
    hold_gpu(ledger, ladder)
    hold_gpu(ledger)  # another watch of the same budget
    assert ledger.report()["gpu"].used == 50 * MB
    ladder.shed_next()
    assert ledger.report()["gpu"].used == 0


@pytest.fixture
def sway() -> Iterator[Sway]:
    with Sway(320, 200) as running:
        yield running


@pytest.mark.live
def test_a_watch_counts_what_a_compositor_writes_into(sway: Sway) -> None:
    sway.tell("output HEADLESS-1 transform 90")
    with WaylandClient(sway.socket) as client:
        client.show(0x203040)
        with Watch(WaylandSource(display=sway.socket), WatchOptions(text=False)) as watch:
            told = watch.memory.report()["source"]
            assert told.used == told.budget >= client.pixels.nbytes
            assert watch.metrics.snapshot().value("memory_used_bytes", "source") == told.used
        assert watch.memory.report()["source"].used == 0
