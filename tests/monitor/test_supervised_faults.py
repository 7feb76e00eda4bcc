"""Native code that crashes, hangs, panics or is missing: a recording is told as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from supervising import following, plants  # noqa: F401 - a fixture

from conftest import eventually, open_fds, threads
from ironcliw.errors import EngineError
from ironcliw.event import Event
from ironcliw.monitor import SupervisedWatch
from ironcliw.monitor.supervisor import SILENT_S
from rounds import FULL, rounds

ROOT = Path(__file__).resolve().parents[2]
FRAMES = rounds(short=300, full=10_000)
WHEN = ["text:/line 0*[1-9]+0$/i", "gone:LINE 00010", "still:30s"]


def told(frames: int = FRAMES) -> tuple[list[Event], SupervisedWatch]:
    """Everything that is said of a recording, without what differs from run to run."""
    with SupervisedWatch(f"painted:{frames}", {"pace": "max", "when": WHEN}) as running:
        events = list(running)
    summary = events[-1]
    kept = {name: summary.data[name] for name in ("frames", "alerts", "reading", "duration_s")}
    events[-1] = replace(summary, data=kept)
    start = replace(events[0], data={**events[0].data, "kernels": None})
    return [replace(event, wall="") for event in (start, *events[1:])], running


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> list[Event]:
    """The events of a run in which nothing happened."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1] / "planted"))
        events, running = told()
    assert running.status.restarts == 0
    assert len([event for event in events if event.type == "alert"]) > 1
    assert events[-1].data["frames"]["captured"] == FRAMES
    return events


def moments(count: int) -> list[int]:
    seed = int(os.environ.get("IRONCLIW_SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed: IRONCLIW_SEED={seed}")
    return random.Random(seed).sample(range(2, FRAMES), count)


def test_a_recording_is_told_alike_however_native_code_fails(plants, clean):  # noqa: F811
    kinds = ["segv", "abort", "panic"] if FRAMES < 10_000 else ["segv", "abort", "ill", "panic", "kill"]
    planted = zip(kinds, moments(len(kinds)), strict=True)
    plants.faults.write_text("\n".join(f"{kind}@{at}" for kind, at in planted))
    events, running = told()
    assert running.status.restarts == len(kinds)
    assert events == clean


@pytest.mark.skipif(not FULL, reason="builds the extension again: with IRONCLIW_FULL=1")
def test_a_recording_is_told_alike_however_native_code_fails_within_its_work(plants, clean, monkeypatch):  # noqa: F811
    build = subprocess.run([ROOT / "tools" / "planted.sh"], stdout=subprocess.PIPE, text=True, check=True)
    monkeypatch.setenv("IRONCLIW_PLANTED_NATIVE", build.stdout.strip())
    kinds = ["native-segv", "native-abort", "native-panic", "native-segv"]
    # Each further on than the last: three in a row that tell nothing new would leave the rest to the reference.
    planted = zip(kinds, sorted(moments(len(kinds))), strict=True)
    plants.faults.write_text("\n".join(f"{kind}@{at}" for kind, at in planted))
    events, running = told()
    assert (running.status.about["kernels"], running.status.restarts) == ("native", len(kinds))
    assert events == clean


def test_a_recording_is_told_alike_without_native_code(plants, clean):  # noqa: F811
    plants.faults.write_text("*missing")
    events, running = told()
    assert (running.status.about["kernels"], running.status.restarts) == ("reference", 0)
    assert events == clean


def test_a_crash_at_the_same_frame_every_time_is_passed_without_native_code(plants, clean):  # noqa: F811
    """What is left out of a replayed recording is what was told: the control is a child that leaves out too much."""
    plants.faults.write_text(f"segv@{FRAMES // 2}\nsegv@{FRAMES // 2}\nsegv@{FRAMES // 2}")
    events, running = told()
    assert (running.status.about["kernels"], running.status.restarts) == ("reference", 3)
    assert events == clean


def test_events_that_are_miscounted_are_noticed(plants, clean, monkeypatch):  # noqa: F811
    from ironcliw.monitor.lost import LostTeller

    take = LostTeller.take

    def miscounting(self, events, state, status):
        take(self, events, state, status)
        self.events += self.events == 5

    monkeypatch.setattr(LostTeller, "take", miscounting)
    plants.faults.write_text(f"segv@{FRAMES // 2}")
    assert told()[0] != clean


def test_five_crashes_in_a_minute_and_the_reference_computes(plants, caplog):  # noqa: F811
    plants.show("READY")
    plants.faults.write_text("\n".join(["segv@2"] * 5))
    with following(f"board:{plants.board}") as watch:
        for number in range(6):
            gaps = [("crashed", "begin"), ("crashed", "end")] * number
            eventually(lambda gaps=gaps: watch.gaps() == gaps and watch.begun(), "to be seen", 60)
            plants.show("READY", *(f"LINE {each}" for each in range(number + 1)))
            eventually(lambda wanted=f"LINE {number}": wanted in watch.texts(), "the line", 60)
        assert watch.running.status.about["kernels"] == "reference"
        watch.stop()
    assert watch.texts() == [f"LINE {number}" for number in range(6)]
    assert sum("reference" in record.message for record in caplog.records) == 1


def test_an_engine_that_hangs_is_replaced(plants):  # noqa: F811
    plants.show("READY")
    plants.faults.write_text("hang@2")
    with following(f"board:{plants.board}") as watch:
        eventually(watch.begun, "the first look")
        plants.show("READY", "WHAT NOW")
        eventually(lambda: watch.gaps() == [("hung", "begin"), ("hung", "end")], "a new engine", 60)
        eventually(lambda: watch.texts() == ["WHAT NOW"], "the line")
        watch.stop()


def test_an_engine_that_never_starts_is_given_up(plants, monkeypatch):  # noqa: F811
    monkeypatch.setattr("ironcliw.monitor.restarts.LONGEST_DELAY_S", 0.01)
    plants.faults.write_text("*import")
    with pytest.raises(EngineError, match="SIGSEGV"):
        SupervisedWatch(f"board:{plants.board}")


def test_nothing_is_left_behind(plants):  # noqa: F811
    fds, count = open_fds(), threads()
    plants.show("READY")
    with following(f"board:{plants.board}") as watch:
        eventually(lambda: watch.of("start") != [], "the start")
        watch.strike(signal.SIGKILL)
        pid = watch.running.status.pid
        watch.stop()
    # What tests before this one left to the collector may go meanwhile: fewer is as well.
    eventually(lambda: open_fds() <= fds and threads() <= count, "everything to be given back")
    assert not Path(f"/proc/{pid}").exists()


PARENT = """
import sys, time
from ironcliw.monitor import SupervisedWatch
running = SupervisedWatch(sys.argv[1])
print(running.status.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("frozen", [False, True])
def test_an_engine_ends_with_its_supervisor(plants, frozen):  # noqa: F811
    command = [sys.executable, "-c", PARENT, f"board:{plants.board}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if frozen:
            os.kill(pid, signal.SIGSTOP)
        parent.kill()
        eventually(lambda: not Path(f"/proc/{pid}").exists() or _is_dead(pid), "the engine to end")


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_a_supervisor_that_was_stopped_itself_does_not_take_its_engine_for_hung(plants):  # noqa: F811
    program = PARENT.replace("time.sleep(600)", "for event in running: print(event.type, flush=True)")
    plants.show("READY")
    command = [sys.executable, "-c", program, f"board:{plants.board}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert parent.stdout.readline() == "start\n"
        for each in (parent.pid, pid):
            os.kill(each, signal.SIGSTOP)
        time.sleep(SILENT_S + 3)  # longer than an engine may be silent
        for each in (parent.pid, pid):
            os.kill(each, signal.SIGCONT)
        plants.show("READY", "STILL HERE")
        assert parent.stdout.readline() == "change\n"
        assert parent.stdout.readline() == "text_appeared\n"
        parent.terminate()
