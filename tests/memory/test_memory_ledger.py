"""The ledger under everything that rooms do with it, beside a model that only adds and subtracts."""

import gc
import os
import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from ironcliw.errors import BudgetError, ForkedError, ReleasedError, SettingsError
from ironcliw.memory import ROOMS, Ledger, Machine
from rounds import rounds

TOTAL = 100_000_000
rooms = st.sampled_from(("ring", "archive", "text", "events"))
sizes = st.integers(0, 30_000_000)


class LedgerMachine(RuleBasedStateMachine):
    """Claims are taken, shared, resized, released, forgotten; the total changes. The model knows who owns what."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(TOTAL)
        self.ledger.fit("watch", {"program": 20_000_000, "capture": 1_000_000})
        self.owned: dict[str, list[list[int]]] = {room: [] for room in ROOMS}

    def used(self, room: str) -> int:
        return sum(size for size, owners in self.owned[room] if owners)

    @rule(target=claims, room=rooms, size=sizes)
    def take(self, room, size):
        account = self.ledger.account(room)
        fits = self.used(room) + size <= account.budget_bytes or size == 0
        if not fits:
            with pytest.raises(BudgetError) as caught:
                account.take(size)
            assert (caught.value.room, caught.value.wanted_bytes) == (room, size)
            return None
        claim = account.take(size)
        cell = [size, 1]
        self.owned[room].append(cell)
        return [claim, room, cell]

    @rule(target=claims, held=claims)
    def share(self, held):
        if held is None:
            return None
        held[2][1] += 1
        return [held[0].share(), held[1], held[2]]

    @rule(held=claims, size=sizes)
    def resize(self, held, size):
        if held is None:
            return
        claim, room, cell = held
        more = size - cell[0]
        fits = more <= 0 or self.used(room) + more <= self.ledger.account(room).budget_bytes
        assert claim.try_resize(size) == fits
        cell[0] = size if fits else cell[0]

    @rule(held=consumes(claims))
    def release(self, held):
        if held is None:
            return
        held[0].release()
        held[2][1] -= 1
        with pytest.raises(ReleasedError):
            held[0].release()

    @rule(held=consumes(claims))
    def forget(self, held):
        if held is not None:
            held[2][1] -= 1
            held[0] = None
            gc.collect()

    @rule(total=st.integers(25_000_000, 200_000_000))
    def change_total(self, total):
        self.ledger.set_total(total)

    @rule(total=st.integers(1, 20_000_000))
    def a_total_below_the_floor_changes_nothing(self, total):
        before = {room: use.budget for room, use in self.ledger.report().items()}
        with pytest.raises(BudgetError):
            self.ledger.set_total(total)
        assert {room: use.budget for room, use in self.ledger.report().items()} == before

    @invariant()
    def every_byte_is_counted_once(self):
        told = self.ledger.report()
        assert {room: use.used for room, use in told.items()} == {room: self.used(room) for room in ROOMS}
        assert sum(use.budget for use in told.values()) == self.ledger.total_bytes


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=rounds(8, 300), stateful_step_count=rounds(20, 60), deadline=None)


def test_a_need_that_does_not_fit_is_refused_and_leaves_all_as_it_was():
    ledger = Ledger(TOTAL)
    ledger.fit("one", {"program": 30_000_000})
    before = ledger.report()
    with pytest.raises(BudgetError, match=r"a memory budget of 100.0 MB is too small: 1\d\d.\d MB is the least"):
        ledger.fit("two", {"capture": 90_000_000})
    assert ledger.report() == before
    ledger.leave("one")
    ledger.fit("two", {"capture": 90_000_000})


def test_two_watches_need_the_program_once_and_their_frames_twice():
    ledger = Ledger(TOTAL)
    for name in ("one", "two"):
        ledger.fit(name, {"program": 30_000_000, "capture": 8_000_000})
    assert ledger.needs["program"] == 30_000_000
    assert ledger.needs["capture"] == 16_000_000


def test_where_the_total_shrinks_reading_is_spared_before_capture():
    ledger = Ledger(TOTAL)
    ledger.fit("watch", {"program": 30_000_000, "capture": 8_000_000, "models": 40_000_000})
    ledger.set_total(50_000_000)
    assert ledger.report()["models"].budget < 40_000_000
    assert ledger.report()["capture"].budget == 8_000_000
    with pytest.raises(BudgetError):
        ledger.set_total(40_000_000)
    assert ledger.total_bytes == 50_000_000


def test_what_begins_anew_while_reading_is_spared_asks_for_no_room_to_read():
    ledger = Ledger(TOTAL)
    ledger.fit("watch", {"program": 30_000_000, "capture": 8_000_000, "models": 40_000_000})
    ledger.fit("ring", {"ring": 1_000_000})
    ledger.set_total(50_000_000)
    ledger.fit("ring", {"ring": 2_000_000})  # a ring of another size
    assert ledger.report()["ring"].budget >= 2_000_000
    with pytest.raises(BudgetError):
        ledger.fit("ring", {"ring": 20_000_000})
    ledger.set_total(TOTAL)
    assert ledger.report()["models"].budget >= 40_000_000
    ledger.set_total(100_000_000)
    with pytest.raises(BudgetError, match="models"):  # where there is room to read, it is kept
        ledger.fit("ring", {"ring": 30_000_000})


class Cache:
    """A room that gives back what is above its budget."""

    def __init__(self, account) -> None:
        self.claim = account.take(account.budget_bytes)
        account.on_budget(self.fit)

    def fit(self, budget_bytes: int) -> None:
        if self.claim.size_bytes > budget_bytes:
            self.claim.resize(budget_bytes)


def test_rooms_evict_when_their_budget_shrinks_and_are_forgotten_with_their_object():
    ledger = Ledger(TOTAL)
    cache = Cache(ledger.account("archive"))
    ledger.set_total(TOTAL // 2)
    use = ledger.report()["archive"]
    assert use.used == use.budget
    del cache
    gc.collect()
    ledger.set_total(TOTAL)
    assert ledger.report()["archive"].used == 0


class Queue:
    bytes = 5_000


def test_gauges_count_and_leave_less_to_take():
    ledger = Ledger(TOTAL)
    account, queue = ledger.account("events"), Queue()
    account.gauge(queue, lambda queue: queue.bytes)
    assert ledger.report()["events"].used == 5_000
    with pytest.raises(BudgetError):
        account.take(account.budget_bytes)
    del queue
    gc.collect()
    assert ledger.report()["events"].used == 0


def test_what_nobody_claimed_is_the_programs():
    ledger = Ledger(TOTAL)
    claim = ledger.account("ring").take(1_000_000)
    assert ledger.report(resident_bytes=30_000_000)["program"].used == 29_000_000
    claim.release()


def test_a_forked_child_is_refused_and_the_parent_goes_on():
    ledger = Ledger(TOTAL)
    claim = ledger.account("ring").take(1_000_000)
    child = os.fork()
    if child == 0:
        try:
            ledger.account("ring").take(1)
        except ForkedError:
            claim.release()
            ledger.report()
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert ledger.account("ring").used_bytes == 1_000_000
    claim.release()
    assert ledger.account("ring").used_bytes == 0


def test_threads_never_go_beyond_the_budget_together():
    ledger = Ledger(TOTAL)
    account = ledger.account("archive")
    size = account.budget_bytes // 50
    most = []

    def work() -> None:
        for _ in range(200):
            try:
                claim = account.take(size)
            except BudgetError:
                continue
            most.append(account.used_bytes)
            claim.release()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= account.budget_bytes
    assert account.used_bytes == 0


def test_the_report_does_not_wait_for_who_holds_the_lock():
    ledger = Ledger(TOTAL)
    told = []
    with ledger.lock:
        thread = threading.Thread(target=lambda: told.append(ledger.report()))
        thread.start()
        thread.join(30)
    assert told


@pytest.mark.parametrize("sizes", [{"attic": 5}, {"ring": -1}])
def test_unknown_rooms_and_negative_sizes_are_refused(sizes):
    with pytest.raises(SettingsError, match="memory budget"):
        Ledger(TOTAL, fixed=sizes)


def machine(tmp_path, kilobytes: int) -> Machine:
    (tmp_path / "meminfo").write_text(f"MemTotal: {kilobytes} kB\nMemAvailable: {kilobytes // 2} kB\n")
    return Machine(tmp_path)


def test_the_default_total_goes_by_the_machine(tmp_path):
    assert Ledger(machine=machine(tmp_path, 2_000_000)).total_bytes == 512_000_000
    with pytest.raises(SettingsError, match=r"there are only 2\.05 GB here"):
        Ledger(3_000_000_000, machine=machine(tmp_path, 2_000_000))
