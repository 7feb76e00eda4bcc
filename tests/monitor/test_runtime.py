"""How many threads, on which cores, and what a fork does to a watch."""

import multiprocessing
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scripted_source import ScriptedSource, shot
from supervising import plants  # noqa: F401 - a fixture

from conftest import eventually
from ironcliw.errors import ForkedError, SettingsError, UnsupportedError
from ironcliw.monitor import Runtime, SupervisedWatch, Watch, WatchOptions
from ironcliw.monitor.runtime import quota_cores
from rounds import rounds


def group(root: Path, listed: str, files: dict[str, str]) -> Path:
    """A file system with control groups as the kernel shows them."""
    for name, text in {"proc/self/cgroup": listed, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("listed", "files", "cores"),
    [
        ("0::/user/shell\n", {"sys/fs/cgroup/user/cpu.max": "150000 100000\n"}, 1.5),
        ("0::/user/shell\n", {"sys/fs/cgroup/user/cpu.max": "max 100000\n"}, None),
        ("0::/\n", {"sys/fs/cgroup/cpu.max": "25000 100000\n"}, 0.25),
        ("0::/../../there\n", {"sys/fs/cgroup/there/cpu.max": "200000 100000\n"}, 2.0),
        (
            "4:memory:/a\n3:cpu,cpuacct:/a/b\n",
            {
                "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "300000\n",
                "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            },
            3.0,
        ),
        ("0::/x\n", {"sys/fs/cgroup/x/cpu.max": "nonsense\n", "sys/fs/cgroup/cpu.max": ""}, None),
        ("garbage\n:\n", {}, None),
    ],
)
def test_what_a_container_grants(tmp_path, listed, files, cores):
    root = group(tmp_path, listed, files)
    assert quota_cores(root) == cores
    threads = Runtime.here(root=root).worker_threads
    allowed = len(os.sched_getaffinity(0))
    assert threads == min(allowed, allowed if cores is None else max(1, int(cores)))
    assert Runtime.here(3, root).worker_threads == 3


def test_where_there_are_no_control_groups_nothing_limits(tmp_path):
    assert quota_cores(tmp_path) is None


@pytest.mark.parametrize("given", [0, -1, 65, True])
def test_a_number_of_threads_that_makes_no_sense_is_refused(given):
    with pytest.raises(SettingsError):
        Runtime.here(given)


def test_pinning_keeps_to_the_cores_that_there_are():
    before = os.sched_getaffinity(0)
    runtime = Runtime.here()
    try:
        assert runtime.pin([min(before)]).allowed == (min(before),)
        assert Runtime.here().worker_threads == 1
        with pytest.raises(SettingsError, match="cores"):
            Runtime.here().pin([9999])
    finally:
        os.sched_setaffinity(0, before)


def test_where_the_system_has_no_affinity_it_says_so(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    runtime = Runtime.here()
    assert runtime.allowed is None
    assert "unsupported" in runtime.describe()
    with pytest.raises(UnsupportedError):
        runtime.pin([0])


def use(running, failures) -> None:
    """In a forked child: everything of a watch says at once that it is another's."""
    for call in (lambda: next(running), lambda: running.get(5.0), running.stop, running.pause, running.resume):
        began = time.monotonic()
        try:
            call()
        except ForkedError as error:
            if str(os.getppid()) in str(error) and time.monotonic() - began < 5:
                continue
        failures.append(call)
    running.close()


def forked(running) -> int:
    """The exit code of a child that uses its parent's watch, and then ends as any program does."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        failures = []
        try:
            use(running, failures)
        finally:
            # What Python does at an ordinary end, finalizers of the watch included, but not pytest's own.
            from weakref import finalize

            finalize._exitfunc()
            os._exit(len(failures))
    _, status = os.waitpid(pid, 0)
    return status


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forks_at_random_moments_hold_up_nobody():
    seed = int(os.environ.get("IRONCLIW_SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed: IRONCLIW_SEED={seed}")
    chance = random.Random(seed)

    def moving():
        for number in range(10**9):
            yield shot(number, number * 0.01, np.full((480, 640, 4), number % 250, np.uint8))
            yield 0.002

    with Watch(ScriptedSource(moving()), WatchOptions(text=False)) as running:
        for _ in range(rounds(20, 500)):
            time.sleep(chance.random() * 0.02)
            assert forked(running) == 0
        seen = running.engine.counts.captured
        eventually(lambda: running.engine.counts.captured > seen, "the parent to go on")
        running.stop()
        *_, last = running
        assert last.type == "summary"


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_leaves_the_engine_of_its_parent_alone(plants):  # noqa: F811
    plants.show("READY")
    with SupervisedWatch(f"board:{plants.board}") as running:
        assert next(running).type == "start"
        for _ in range(3):
            assert forked(running) == 0
        plants.show("READY", "STILL HERE")
        assert next(running).type == "change"
        running.stop()
        assert [event.type for event in running][-1] == "summary"


def _watch_here(answer) -> None:
    with Watch(ScriptedSource([]), WatchOptions(text=False)) as running:
        answer.send(next(running).type)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "forkserver"])
def test_a_watch_of_its_own_runs_in_a_process_of_any_kind(method):
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_watch_here, args=(theirs,))
    process.start()
    assert ours.recv() == "start"
    process.join(60)
    assert process.exitcode == 0
    ours.close()
    theirs.close()


def test_its_threads_are_said_by_doctor():
    assert "worker threads" in Runtime.here().describe()
    assert sys.platform != "linux" or Runtime.here().allowed is not None
