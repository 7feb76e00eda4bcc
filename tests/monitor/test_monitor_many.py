"""Many sources at once: names, rules of their own, one that fails, one that ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conftest import DisplayFactory, eventually, threads
from ironcliw.errors import BudgetError, SettingsError
from ironcliw.event import Event
from ironcliw.memory import Ledger
from ironcliw.monitor.many import ManyWatch, Named
from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.monitor.watching import Watch
from making import write_video
from rounds import rounds
from xclient import XClient


def named(name: str, source: str, **options: object) -> Named:
    return Named(name, source, WatchOptions(text=False, **options))  # type: ignore[arg-type]


def cards_of(colours: list[int]) -> list[np.ndarray]:
    return [np.full((64, 96, 3), colour, np.uint8) for colour in colours]


@pytest.mark.live
def test_events_carry_names_and_rules_are_each_sources_own(xvfb: DisplayFactory) -> None:
    one, two = xvfb(200, 150), xvfb(200, 150)
    sources = [
        named("left", f"x11:{one.display}", when=["change:0,0,50,50"], include_self=True, fps=50),
        named("right", f"x11:{two.display}", when=["change:100,100,50,50"], include_self=True, fps=50),
    ]
    told: list[Event] = []
    with ManyWatch(sources) as many, XClient(one.display) as first, XClient(two.display) as second:

        def heard(*kinds: tuple[str, str]) -> bool:
            event = many.get(0.2)
            if event is not None:
                told.append(event)
            return set(kinds) <= {(each.source, each.type) for each in told}

        eventually(lambda: heard(("left", "start"), ("right", "start")), "they do not begin")
        assert set(many.watches) == {"left", "right"}
        eventually(lambda: many.get(0.5) is None, "the start never ends")
        for client in (first, second):
            client.window(10, 10, 20, 20, 0xFF0000)
            client.sync()
        eventually(lambda: heard(("left", "alert"), ("left", "change"), ("right", "change")), "no alert")
        assert not [event for event in told if (event.source, event.type) == ("right", "alert")]
        many.stop()
        eventually(lambda: heard(("left", "summary"), ("right", "summary")), "no summary")
        eventually(lambda: many.ended, "it never ends")


@pytest.mark.live
def test_one_that_fails_is_told_and_found_again_and_the_others_go_on(
    xvfb: DisplayFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ironcliw.monitor.many.FIRST_RETRY_S", 0.1)
    monkeypatch.setattr("ironcliw.monitor.many.LONGEST_RETRY_S", 0.2)
    good, late = xvfb(100, 80), xvfb(100, 80)
    late.stop()
    sources = [
        named("good", f"x11:{good.display}", include_self=True),
        named("late", f"x11:{late.display}", include_self=True),
        named("wrong", f"x11:{good.display}", when=["change:900,900,5,5"], include_self=True),
    ]
    told: list[Event] = []
    before = threads()
    with ManyWatch(sources) as many:

        def heard(name: str, kind: str, **data: str) -> bool:
            event = many.get(0.2)
            if event is not None:
                told.append(event)
            return any((each.source, each.type) == (name, kind) and data.items() <= each.data.items() for each in told)

        eventually(lambda: heard("late", "gap", reason="failed", state="begin"), "its failure is not told")
        eventually(lambda: heard("wrong", "gap", reason="failed", state="begin"), "a wrong rule is not told")
        eventually(lambda: heard("good", "start"), "the good one does not begin")
        late.restart()
        eventually(lambda: heard("late", "gap", reason="failed", state="end"), "it is not found again")
        eventually(lambda: heard("late", "start"), "it does not begin")
        assert sum(each.source == "late" and each.data.get("state") == "begin" for each in told) == 1
        assert all("\n" not in each.data.get("detail", "") for each in told)
    eventually(lambda: threads() <= before, "threads are left")  # those of tests before may have gone meanwhile


def test_recordings_end_and_then_it_is_over(tmp_path: Path) -> None:
    pytest.importorskip("av")
    paths = [write_video(tmp_path / f"{n}.mkv", cards_of([n, 90 + n, 200])) for n in (1, 2)]
    sources = [named(f"v{n}", str(path), pace="max") for n, path in enumerate(paths)]
    with ManyWatch(sources) as many:
        told = list(many)
    assert {event.source for event in told if event.type == "summary"} == {"v0", "v1"}


def test_names_are_needed() -> None:
    with pytest.raises(SettingsError, match="no two the same"):
        ManyWatch([named("a", "x"), named("a", "y")])
    with pytest.raises(SettingsError, match="no source named"):
        ManyWatch([])


@pytest.mark.live
def test_windows_are_left_out_of_one_of_many(xvfb: DisplayFactory) -> None:
    display = xvfb(200, 150).display
    source = named("desk", f"x11:{display}", exclude=("app:canary",), include_self=True, fps=50)
    with ManyWatch([source]) as many, XClient(display):
        event = None
        while event is None:
            event = many.get(5)
        assert (event.source, event.type) == ("desk", "start")


@pytest.mark.live
def test_many_share_one_budget_and_begin_at_once(xvfb: DisplayFactory) -> None:
    """Each takes what is free of the ring's room: together they must not take more than there is."""
    displays = [xvfb(1280, 720).display for _ in range(4)]
    ledger = Ledger(256 << 20)
    sources = [named(f"s{n}", f"x11:{display}", include_self=True, memory=ledger) for n, display in enumerate(displays)]
    for _ in range(rounds(short=3, full=50)):
        with ManyWatch(sources) as many:
            told: list[Event] = []

            def all_begun(many: ManyWatch = many, told: list[Event] = told) -> bool:
                event = many.get(0.2)
                told += [] if event is None else [event]
                return {each.source for each in told if each.type == "start"} == {each.name for each in sources}

            eventually(all_begun, "one of them does not begin")
            assert [each.data["detail"] for each in told if each.type == "gap"] == []

            def within(many: ManyWatch = many) -> bool:
                many.get(0.05)  # rings that began while there was more give some back
                return all(use.used <= use.budget for use in ledger.report().values())

            eventually(within, "together they hold more than they may")
        assert ledger.needs == {**dict.fromkeys(ledger.needs, 0)}


@pytest.mark.live
def test_one_that_cannot_begin_leaves_nothing_in_a_shared_budget(xvfb: DisplayFactory) -> None:
    ledger = Ledger(200 << 20)
    options = WatchOptions(text=False, memory=ledger, include_self=True)
    with Watch(f"x11:{xvfb(640, 480).display}", options):
        before = dict(ledger.needs)
        large = f"x11:{xvfb(8000, 5000).display}"
        for _ in range(3):
            with pytest.raises(BudgetError):
                Watch(large, options)
            assert ledger.needs == before
