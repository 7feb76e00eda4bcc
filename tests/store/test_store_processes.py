"""Children of fork leave their parent's log alone, readers follow it, and what may not be written says so."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from events import made

from conftest import eventually
from ironcliw.errors import StoreError, StoreForkedError
from ironcliw.store import EventLog, EventReader, Query, Stored, writer_of
from rounds import rounds

FORKS = rounds(short=20, full=500)


def in_child(work: Callable[[], None]) -> int:
    """The exit code of a child that does this: 0 where it came to its end."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_is_told_that_the_log_is_not_its_own(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")

    def use_it() -> None:
        for use in (lambda: log.append(made(0)), log.flush, log.status, log.close, lambda: log.wait(1)):
            with pytest.raises(StoreForkedError, match="a child opens one of its own"):
                use()
        with pytest.raises(StoreError, match=f"being written by process {os.getppid()}"):
            EventLog(log.path)

    for number in range(FORKS):
        log.append(made(number))  # the writer is at work while the child is made
        assert in_child(use_it) == 0
    assert log.flush(30)
    assert writer_of(log.path) == (os.getpid(), "ok")
    log.close()
    with EventReader(log.path) as reader:
        assert reader.count() == FORKS


def test_a_child_that_ends_in_the_usual_way_harms_nothing(tmp_path: Path) -> None:
    script = (
        "import os, sys, warnings; warnings.simplefilter('ignore')\n"
        "from pathlib import Path; from events import made; from ironcliw.store import EventLog\n"
        "log = EventLog(Path(sys.argv[1]))\n"
        "for number in range(200):\n"
        "    log.append(made(number))\n"
        "    if number % 20 == 0 and os.fork() == 0:\n"
        "        sys.exit(0)\n"
        "while True:\n"
        "    try: os.wait()\n"
        "    except ChildProcessError: break\n"
        "print(log.close().stored)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "events.db")],
        capture_output=True, text=True, env=environ, check=True, timeout=120,
    )  # fmt: skip
    assert ran.stdout.split() == ["200"]
    with EventReader(tmp_path / "events.db") as reader:
        assert reader.count() == 200


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_lock_ends_with_the_writer_although_a_child_lives_on(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from ironcliw.store import EventLog\n"
        "log = EventLog(Path(sys.argv[1]))\n"
        "pid = os.fork()\n"
        "if pid: print(pid, flush=True); os._exit(0)\n"
        "os.close(1); sys.stdin.read()\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, str(tmp_path / "events.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert writer.stdout is not None
    assert writer.stdin is not None
    child = int(writer.stdout.read())
    writer.wait()
    os.kill(child, 0)
    log = EventLog(tmp_path / "events.db")
    log.close()
    writer.stdin.close()
    writer.stdout.close()


def test_a_follower_sees_what_comes_and_goes_on_in_a_new_log(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    log.append(made(0))
    assert log.flush(10)
    seen: list[Stored] = []
    stop = threading.Event()

    def follow() -> None:
        with EventReader(log.path) as reader:
            for stored in reader.follow(Query(types=("alert", "text_appeared")), stop):
                seen.append(stored)

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        eventually(lambda: len(seen) == 1, "what was there")
        log.append(made(1, "change", text=None))
        log.append(made(2, "alert", rule="r"))
        eventually(lambda: len(seen) == 2, "what came")
        log.close()
        for file in list(tmp_path.glob("events.db*")):
            file.rename(tmp_path / f"aside-{file.name}")
        log = EventLog(log.path)
        log._sequence = log._acknowledged = 100  # pyright: ignore  # as a log goes on that was moved aside
        log.append(made(3))
        eventually(lambda: len(seen) == 3, "what came in the new log")
    finally:
        stop.set()
        follower.join()
        log.close()
    assert [(stored.sequence, stored.event.id) for stored in seen] == [(1, "cafe-0"), (3, "cafe-2"), (101, "cafe-3")]


def test_readers_leave_out_events_that_are_not_as_they_were(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    for number in range(20):
        log.append(made(number))
    log.close()
    data = log.path.read_bytes()
    assert data.count(b"line 7 of the build") == 1
    log.path.write_bytes(data.replace(b"line 7 of the build", b"line 8 of the build"))
    with EventReader(log.path) as reader:
        assert [stored.event.id for stored in reader.since()] == [f"cafe-{n}" for n in range(20) if n != 7]
        assert reader.damaged_rows == 1


def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "events.db", tmp_path / "file" / "deep" / "events.db"):
        with pytest.raises(StoreError, match="name another with --log"):
            EventLog(path)
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreError, match="is no file"):
        EventLog(tmp_path / "folder.db")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    with pytest.raises(StoreError, match="set XDG_STATE_HOME or HOME"):
        EventLog()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(StoreError, match="permission denied"):
        EventLog(tmp_path / "events.db")


def test_a_log_in_a_folder_that_is_read_only_can_be_read(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "state" / "events.db")
    log.append(made(1))
    log.close()
    mounted = subprocess.run(
        ["mount", "--bind", str(tmp_path / "state"), str(tmp_path / "state")], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing may be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(tmp_path / "state")], check=True)
        with EventReader(log.path) as reader:
            assert [stored.event for stored in reader.since()] == [made(1)]
        with pytest.raises(StoreError, match="read-only file system"):
            EventLog(log.path)
    finally:
        subprocess.run(["umount", str(tmp_path / "state")], check=True)
