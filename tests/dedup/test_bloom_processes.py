"""A filter in a child of fork: whatever other threads were at, the child can go on with its copy."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from ironcliw.dedup import BloomFilter

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]
PATIENCE_S = 20


def exit_of_child(work) -> int | None:
    """The exit status of a child that does ``work``; None where it had to be ended."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def test_a_child_adds_while_the_parent_was_adding():
    seen = BloomFilter(1, 7, rotate_at_fill=0.5)
    keys = np.random.default_rng(1).integers(0, 2**64, 300_000, np.uint64)
    done = threading.Event()

    def add() -> None:
        while not done.is_set():
            seen.check_and_add_many(keys)
            seen.turn()

    def work() -> bool:
        seen.add("a key")
        counted = seen.fill
        words = np.zeros(seen.blocks * 8, np.uint64)
        seen.read(0, words)
        return "a key" in seen and counted * seen.blocks * 512 == np.bitwise_count(words).sum()

    thread = threading.Thread(target=add)
    thread.start()
    try:
        assert [exit_of_child(work) for _ in range(12)] == [0] * 12
    finally:
        done.set()
        thread.join()


def test_a_child_rotates_while_the_parent_was_rotating():
    entered, go = threading.Event(), threading.Event()
    waits = threading.local()

    def clock() -> int:
        if getattr(waits, "here", False):
            entered.set()
            go.wait(PATIENCE_S)
        return 0

    seen = BloomFilter(1 / 64, 7, rotate_after_s=1, clock=clock)

    def rotate() -> None:
        waits.here = True
        seen.rotate()

    thread = threading.Thread(target=rotate)
    thread.start()
    try:
        assert entered.wait(PATIENCE_S)
        assert exit_of_child(lambda: not seen.rotate()) == 0
    finally:
        go.set()
        thread.join()
