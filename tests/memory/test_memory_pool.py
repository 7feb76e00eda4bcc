"""The pool beside a model; leaks that are planted are reported, and what is merely in use is not."""

import gc
import os
import signal
import threading

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from ironcliw.errors import BudgetError, ForkedError, ReleasedError
from ironcliw.memory import Ledger, Pool
from ironcliw.memory.pool import STEP_BYTES
from rounds import rounds

BUDGET = 40 * STEP_BYTES


def made(idle_bytes: int = BUDGET) -> Pool:
    return Pool(Ledger(fixed={"pool": BUDGET}).account("pool"), idle_bytes)


class PoolMachine(RuleBasedStateMachine):
    """Buffers are taken, filled, released in any order, forgotten, and looked at after their release."""

    buffers = Bundle("buffers")

    def __init__(self) -> None:
        super().__init__()
        self.account = Ledger(fixed={"pool": BUDGET}).account("pool")
        self.pool = Pool(self.account)
        self.lent = 0
        self.forgotten = 0
        self.late_views = []

    @rule(target=buffers, size=st.integers(1, 12 * STEP_BYTES))
    def take(self, size):
        whole = -(-size // STEP_BYTES) * STEP_BYTES
        try:
            buffer = self.pool.take(size, "model")
        except BudgetError:
            late = sum(view.base.nbytes for view in self.late_views)
            assert self.lent + whole > BUDGET or late
            return None
        assert buffer.array.shape == (size,)
        assert not buffer.array.any()
        assert buffer.array.ctypes.data % 4096 == 0
        buffer.array.fill(7)
        self.lent += whole
        return [buffer, whole]

    @rule(held=consumes(buffers))
    def release(self, held):
        if held is not None:
            held[0].release()
            self.lent -= held[1]
            with pytest.raises(ReleasedError):
                held[0].release()
            with pytest.raises(ReleasedError):
                held[0].array  # noqa: B018

    @rule(held=consumes(buffers))
    def release_while_looked_at(self, held):
        if held is not None:
            self.late_views.append(held[0].array[:1])
            held[0].release()
            self.lent -= held[1]

    @rule(held=consumes(buffers))
    def forget(self, held):
        if held is not None:
            held[0] = None
            gc.collect()
            self.lent -= held[1]
            self.forgotten += 1

    @rule()
    def trim(self):
        self.pool.trim()
        assert self.pool.stats().idle_bytes == 0

    @invariant()
    def bytes_add_up_and_nobody_sees_anothers(self):
        self.pool.leaks()
        stats = self.pool.stats()
        assert stats.lent_bytes == self.lent
        assert stats.forgotten == self.forgotten
        assert self.account.used_bytes == stats.lent_bytes + stats.idle_bytes <= BUDGET
        assert not any(view.any() for view in self.late_views)


TestPool = PoolMachine.TestCase
TestPool.settings = settings(max_examples=rounds(8, 300), stateful_step_count=rounds(20, 50), deadline=None)


def test_a_planted_leak_is_reported_and_a_young_buffer_is_not():
    pool = made()
    leaked = pool.take(100, owner="kept readings")  # the line that the report must name
    line = leaked_line = test_a_planted_leak_is_reported_and_a_young_buffer_is_not.__code__.co_firstlineno + 2
    (leak,) = pool.leaks(older_than_s=0.0)
    assert (leak.owner, leak.where) == ("kept readings", f"memory/test_memory_pool.py:{leaked_line}")
    assert leak.size_bytes == STEP_BYTES
    assert leak.age_s > 0
    assert not leak.forgotten
    assert pool.leaks(older_than_s=3600) == []
    leaked.release()
    assert pool.leaks(older_than_s=0.0) == []
    assert line == leaked_line


def test_a_forgotten_buffer_is_reported_and_its_memory_given_back():
    pool = made()
    pool.take(100, owner="careless")
    gc.collect()
    (leak,) = pool.leaks(older_than_s=3600)
    assert (leak.owner, leak.forgotten) == ("careless", True)
    assert pool.stats()[:4] == (0, 0, 0, 0)


def test_what_is_released_is_lent_again_and_zero():
    pool = made()
    with pool.take(5000, "one") as buffer:
        buffer.array.fill(9)
        address = buffer.array.ctypes.data
    with pool.take(6000, "two") as buffer:
        assert buffer.array.ctypes.data == address
        assert not buffer.array.any()
    assert pool.stats().reused == 1


def test_a_view_that_is_still_held_is_zeroed_and_never_lent_again():
    pool = made()
    buffer = pool.take(5000, "one")
    buffer.array.fill(9)
    view = buffer.array[10:20]
    buffer.release()
    assert not view.any()
    with pool.take(5000, "two") as other:
        other.array.fill(5)
        assert not view.any()


def test_idle_buffers_make_room_for_another_size_and_a_limit_drops_them():
    pool = made()
    pool.take(BUDGET, "large").release()
    with pool.take(STEP_BYTES, "small"):
        assert pool.stats().idle == 0
    pool.limit(0)
    pool.take(STEP_BYTES, "small").release()
    assert pool.stats().idle_bytes == 0


def test_a_smaller_budget_drops_idle_buffers():
    ledger = Ledger(200_000_000)
    pool = Pool(ledger.account("pool"))
    pool.take(ledger.account("pool").budget_bytes // STEP_BYTES * STEP_BYTES, "one").release()
    ledger.set_total(50_000_000)
    assert pool.stats().idle_bytes == 0
    assert ledger.account("pool").used_bytes == 0


def test_another_thread_may_release():
    pool = made()
    buffer = pool.take(100, "one")
    thread = threading.Thread(target=buffer.release)
    thread.start()
    thread.join()
    assert pool.stats().lent == 0
    with pytest.raises(ReleasedError):
        buffer.release()


def test_a_forked_child_cannot_take_and_its_release_leaves_the_parents_buffer_alone():
    pool = made()
    buffer = pool.take(100, "one")
    buffer.array.fill(3)
    child = os.fork()
    if child == 0:
        try:
            pool.take(100, "child")
        except ForkedError:
            buffer.release()
            pool.stats()
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert np.all(buffer.array == 3)
    buffer.release()


@pytest.mark.parametrize("size", [0, -1])
def test_no_buffer_is_empty(size):
    with pytest.raises(ValueError, match="1 byte or more"):
        made().take(size, "one")


def test_stats_answer_while_another_thread_holds_everything_and_in_a_signal_handler():
    pool = made()
    buffer = pool.take(100, "one")
    told = []
    before = signal.signal(signal.SIGUSR1, lambda *_: told.append(pool.stats()))
    try:
        with pool._lock:
            thread = threading.Thread(target=lambda: told.append(pool.stats()))
            thread.start()
            thread.join(30)
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [stats.lent for stats in told] == [1, 1]
    buffer.release()
