"""A child that waits takes over where the one that watches is lost, and is not in the way of anything else."""

import os
import signal
from pathlib import Path

import pytest
from supervising import Followed, following, plants  # noqa: F401 - a fixture

from conftest import eventually, open_fds, threads
from ironcliw.monitor.process import EngineProcess
from ironcliw.monitor.spare import Spare


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr("ironcliw.monitor.spare.AFTER_S", 0.0)
    monkeypatch.setattr("ironcliw.monitor.child.BEAT_S", 0.2)


def spare_of(watch: Followed) -> int | None:
    return watch.running._supervisor.spare.pid


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_the_child_that_waits_takes_over(plants, number):  # noqa: F811
    before = open_fds(), threads()
    plants.show("READY")
    with following(f"board:{plants.board}") as watch:
        eventually(lambda: watch.begun() and spare_of(watch) is not None, "a child that waits", 60)
        waiting = spare_of(watch)
        watch.strike(number)
        assert watch.running.status.pid == waiting
        plants.show("READY", "GOING ON")
        eventually(lambda: watch.texts() == ["GOING ON"], "the line", 60)
        eventually(lambda: spare_of(watch) is not None, "another one", 60)
        last = watch.running.status.pid, spare_of(watch)
        watch.stop()
    for pid in last:
        assert not Path(f"/proc/{pid}").exists()
    # What tests before this one have left may go meanwhile.
    eventually(lambda: open_fds() <= before[0] and threads() <= before[1], "everything to be given back")


def test_one_that_died_while_it_waited_is_not_taken(plants):  # noqa: F811
    plants.show("READY")
    with following(f"board:{plants.board}") as watch:
        eventually(lambda: watch.begun() and spare_of(watch) is not None, "a child that waits", 60)
        waiting = spare_of(watch)
        assert waiting is not None
        os.kill(waiting, signal.SIGKILL)
        watch.strike(signal.SIGSEGV)
        assert watch.running.status.pid != waiting
        watch.stop()


def test_one_of_other_kernels_is_let_go_of():
    spare = Spare()
    spare.keep(EngineProcess, None, text=False)
    spare.keep(EngineProcess, None, text=False)
    pid = spare.pid
    assert pid is not None
    assert spare.take("reference") is None
    assert (spare.pid, Path(f"/proc/{pid}").exists()) == (None, False)
    spare.keep(EngineProcess, "reference", text=False)
    child = spare.take("reference")
    assert child is not None
    child.end(0.0)
    spare.end()


def test_where_memory_is_scarce_none_waits(plants):  # noqa: F811
    plants.show("READY")
    with following(f"board:{plants.board}") as watch:
        eventually(lambda: watch.begun() and spare_of(watch) is not None, "a child that waits", 60)
        pid = spare_of(watch)
        beat = {**watch.running.status.beat, "pressed": True}
        supervisor = watch.running._supervisor
        supervisor._take_beat(beat)
        assert not Path(f"/proc/{pid}").exists()
        watch.stop()
