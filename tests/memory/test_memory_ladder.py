"""Rungs are dropped in order, as far as the level reaches and no further, and taken up in reverse where that fits."""

import logging

import pytest
from memory_machines import MB, FakeMachine

from ironcliw.clock import SECOND
from ironcliw.memory import RUNGS, Keeper, Ladder, Ledger, Level


class Room:
    """Holds megabytes of the fake process, and gives them back when asked to."""

    def __init__(self, fake, rung: str, mb: int, calls: list[str]) -> None:
        self.fake, self.rung, self.mb, self.calls = fake, rung, mb, calls
        self.holds = True

    def shed(self) -> None:
        self.calls.append(f"-{self.rung}")
        self.holds = False
        self.fake.show()

    def restore(self) -> None:
        self.calls.append(f"+{self.rung}")
        self.holds = True
        self.fake.show()


class Watched(FakeMachine):
    """A process of 100 MB and one room of 60 MB at each rung, with a budget of 500 MB."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.calls: list[str] = []
        self.ledger = Ledger(500 * MB, machine=self.machine)
        self.keeper = Keeper(self.ledger)
        self.rooms = [Room(self, rung, 60, self.calls) for rung in RUNGS]
        for room in self.rooms:
            self.keeper.ladder.on(room.rung, room.shed, room.restore, needs_bytes=lambda: 60 * MB)
        self.other_mb = 0
        self.seconds = 0
        self.show()

    def show(self) -> None:
        self.resident(100 + self.other_mb + sum(room.mb for room in self.rooms if room.holds))

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.keeper.check(self.seconds * SECOND)
            self.seconds += 1


@pytest.fixture
def watched(tmp_path):
    fake = Watched(tmp_path)
    yield fake
    fake.keeper.close()
    fake.machine.close()


def test_nothing_is_dropped_without_a_reason(watched):
    watched.run(30)
    assert watched.calls == []


def test_only_as_much_is_dropped_as_is_needed_in_the_documented_order(watched):
    watched.other_mb = 100  # 560 MB of 500: two rungs bring it to 440
    watched.show()
    watched.run(1)
    assert watched.calls == ["-buffers", "-caches"]
    assert watched.keeper.pressure.level is Level.CRITICAL


def test_a_smaller_budget_is_kept_within_one_look_and_all_comes_back(watched):
    watched.run(5)
    watched.ledger.set_total(150 * MB)
    watched.run(1)
    assert watched.calls == [f"-{rung}" for rung in RUNGS]
    watched.run(200)
    assert watched.calls == [f"-{rung}" for rung in RUNGS]  # none of it would fit: nothing flaps
    watched.ledger.set_total(500 * MB)
    watched.run(60)
    assert watched.calls[6:] == [f"+{rung}" for rung in reversed(RUNGS)]
    assert watched.keeper.ladder.engaged == 0
    assert watched.keeper.pressure.transitions == 4


def test_what_needs_more_than_is_free_waits(watched):
    watched.ledger.set_total(150 * MB)
    watched.run(1)
    watched.ledger.set_total(300 * MB)
    watched.run(100)
    assert watched.calls[6:] == ["+text", "+rate"]


def test_the_level_follows_within_a_second_of_a_new_total_and_looks_are_rare_otherwise(watched):
    watched.keeper.check(0)
    watched.other_mb = 500
    watched.show()
    watched.keeper.check(SECOND // 2)
    assert watched.calls == []
    watched.keeper.check(SECOND)
    assert watched.calls
    watched.ledger.set_total(900 * MB)
    watched.keeper.check(SECOND + 1)
    assert watched.keeper.pressure.level is Level.CRITICAL  # the dwell


def test_a_room_that_fails_does_not_keep_the_others(watched, caplog):
    def fail() -> None:
        raise OSError("no disk")

    watched.keeper.ladder.on("buffers", fail)
    watched.other_mb = 500
    watched.show()
    with caplog.at_level(logging.WARNING, "ironcliw.memory"):
        watched.run(1)
    assert watched.calls == [f"-{rung}" for rung in RUNGS]
    assert "buffers could not follow: no disk" in caplog.text


def test_who_comes_late_is_told_at_once_and_who_leaves_is_not_told():
    ladder = Ladder()
    told = []
    off = ladder.on("buffers", lambda: told.append("early"))
    ladder.shed_next()
    ladder.on("buffers", lambda: told.append("late"), lambda: told.append("back"))
    assert told == ["early", "late"]
    off()
    assert ladder.restore_next(0) == "buffers"
    assert told == ["early", "late", "back"]
    with pytest.raises(ValueError, match="no rung"):
        ladder.restore_next(0)
    with pytest.raises(KeyError):
        ladder.on("attic", lambda: None)
