"""Whatever the disk does, the watch goes on, the log says so, and what it cannot hold is counted."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from events import made
from faulty_vfs import FaultyVfs

from conftest import eventually
from ironcliw.store import EventLog, EventReader, writer_of
from ironcliw.store.backlog import MOST_EVENTS
from rounds import rounds

ROUNDS = rounds(short=40, full=1000)
SEED = random.SystemRandom().randrange(1 << 32)


def ids(path: Path) -> list[str]:
    with EventReader(path) as reader:
        return [stored.event.id for stored in reader.since()]


@pytest.mark.parametrize(
    ("method", "code", "words"),
    [
        ("xWrite", apsw.SQLITE_FULL, "the disk is full"),
        ("xWrite", apsw.SQLITE_IOERR_WRITE, "the disk reports an error"),
        ("xSync", apsw.SQLITE_IOERR_FSYNC, "the disk reports an error"),
    ],
)
def test_a_failing_disk_is_told_and_events_wait_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, method: str, code: int, words: str
) -> None:
    with FaultyVfs() as disk:
        log = EventLog(tmp_path / "events.db", vfs=disk.name)
        assert log.wait(log.append(made(0)), 10)
        disk.fail(method, code)
        ticket = log.append(made(1))
        eventually(lambda: log.status().degraded is not None, "the log is degraded")
        assert words in (log.status().degraded or "")
        writer = writer_of(log.path)
        assert writer is not None
        assert words in writer.state
        for number in range(2, 50):
            log.append(made(number))
        assert log.status().waiting == 49
        assert log.acknowledged == 1
        disk.mend()
        assert log.wait(ticket + 48, 30)
        status = log.status()
        assert (status.stored, status.lost, status.degraded) == (50, {}, None)
        assert writer_of(log.path) == (writer.pid, "ok")
        log.close()
    assert ids(log.path) == [f"cafe-{number}" for number in range(50)]
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 2, told
    assert "of the build" not in " ".join(told)


def test_after_a_failed_fsync_nothing_is_tried_again_on_that_handle(tmp_path: Path) -> None:
    with FaultyVfs() as disk:
        log = EventLog(tmp_path / "events.db", vfs=disk.name)
        assert log.wait(log.append(made(0)), 10)
        disk.fail("xSync", apsw.SQLITE_IOERR_FSYNC)
        ticket = log.append(made(1))
        eventually(lambda: log.status().degraded is not None, "the log is degraded")
        disk.mend()
        assert log.wait(ticket, 30)
        log.close()
        failed = [(at, call) for at, call in enumerate(disk.calls) if not call[3]]
        assert failed
        for at, (_, _, handle, _) in failed:
            assert all(call[2] != handle for call in disk.calls[at + 1 :])
    assert ids(log.path) == ["cafe-0", "cafe-1"]


def test_memory_is_bounded_and_what_is_worth_most_is_kept_longest(tmp_path: Path) -> None:
    with FaultyVfs() as disk:
        log = EventLog(tmp_path / "events.db", vfs=disk.name)
        disk.fail("xWrite", apsw.SQLITE_FULL)
        alerts = [log.append(made(number, "alert", rule="r")) for number in range(100)]
        for number in range(MOST_EVENTS + 500):
            log.append(made(number + 100, "change", text=None))
        status = log.status()
        assert status.waiting == MOST_EVENTS
        assert status.lost == {"behind": 600}
        disk.mend()
        assert log.flush(60)
        assert all(log.wait(alert, 10) for alert in alerts)
        # The oldest changes are lost, but for those that were being written just then, and waiting for them says so.
        changes = range(alerts[-1] + 1, alerts[-1] + MOST_EVENTS + 501)
        assert sum(not log.wait(change, 10) for change in changes) == 600
        final = log.close()
    assert final.appended == final.stored + sum(final.lost.values())
    assert len(ids(log.path)) == MOST_EVENTS


def test_a_disk_that_does_not_answer_holds_up_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with FaultyVfs() as disk:
        log = EventLog(tmp_path / "events.db", vfs=disk.name)
        disk.hang()
        log.append(made(0))
        eventually(lambda: log.status().degraded is not None, "the log is degraded")
        started = time.process_time()
        for number in range(1, 100):
            log.append(made(number))
        assert "has not answered for a second" in caplog.text
        assert not log.flush(0.1)
        disk.mend()
        assert log.flush(30)
        assert log.status().degraded is None
        assert time.process_time() - started < 5  # of processor time: nobody spins
        log.close()
    assert len(ids(log.path)) == 100


def test_a_stranger_who_locks_the_log_only_delays_it(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    stranger = apsw.Connection(str(log.path))
    stranger.execute("BEGIN EXCLUSIVE")
    ticket = log.append(made(0))
    eventually(lambda: log.status().degraded is not None, "the log is degraded")
    assert "another program has it locked" in (log.status().degraded or "")
    assert len(ids(log.path)) == 0  # readers are not held up
    stranger.execute("ROLLBACK")
    stranger.close()
    assert log.wait(ticket, 30)
    log.close()


def test_somebody_who_reads_for_ever_cannot_make_the_journal_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ironcliw.store import writing

    monkeypatch.setattr(writing, "MOST_JOURNAL_BYTES", 3 << 20)
    monkeypatch.setattr(writing, "_LARGEST_COMMIT_BYTES", 1 << 20)
    log = EventLog(tmp_path / "events.db")
    assert log.wait(log.append(made(0)), 10)
    reader = apsw.Connection(str(log.path), flags=apsw.SQLITE_OPEN_READONLY)
    reader.execute("BEGIN; SELECT count(*) FROM events").fetchall()
    for number in range(1, 3000):
        log.append(made(number, text="x" * 3000))
        if log.status().degraded is not None:
            break
        if number % 100 == 0:
            log.flush(1)
    eventually(lambda: log.status().degraded is not None, "the log is degraded")
    assert "reading it for so long" in (log.status().degraded or "")
    assert Path(f"{log.path}-wal").stat().st_size <= 3 << 20
    reader.close()
    assert log.flush(30)
    assert log.status().degraded is None
    assert sum(log.close().lost.values()) == 0


def test_a_log_that_is_deleted_while_it_is_written_is_made_anew(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    assert log.wait(log.append(made(0)), 10)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{log.path}{suffix}").unlink()
    assert log.wait(log.append(made(1)), 10)
    log.close()
    with EventReader(log.path) as reader:
        assert [(stored.sequence, stored.event.id) for stored in reader.since()] == [(2, "cafe-1")]


def test_no_write_that_fails_loses_what_was_acknowledged(tmp_path: Path) -> None:
    """The disk fails from the n-th write or sync on, for a while."""
    print(f"seed {SEED}, {ROUNDS} rounds")
    chance = random.Random(SEED)
    codes = {"xWrite": (apsw.SQLITE_FULL, apsw.SQLITE_IOERR_WRITE), "xSync": (apsw.SQLITE_IOERR_FSYNC,)}
    with FaultyVfs() as disk:
        log = EventLog(tmp_path / "events.db", vfs=disk.name)
        promised: list[tuple[int, str]] = []
        number = 0
        for _ in range(ROUNDS):
            method = chance.choice(list(codes))
            disk.countdown = chance.randrange(0, 60)
            disk.fail(method, chance.choice(codes[method]))
            tickets = []
            for _ in range(chance.randrange(1, 30)):
                tickets.append((log.append(made(number)), f"cafe-{number}"))
                number += 1
            log.flush(0.05)
            promised += [each for each in tickets if each[0] <= log.acknowledged]
            disk.mend()
        assert log.flush(60)
        log.close()
    with EventReader(log.path) as reader:
        there = {stored.sequence: stored.event.id for stored in reader.since()}
    assert [each for each in promised if there.get(each[0]) != each[1]] == []
    assert len(there) == number


Mount = Callable[[int], Path]


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A real file system of 1 MiB; skipped where it may not be mounted."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "ironcliw-test", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing may be mounted here")
    yield place  # pyright: ignore
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_delays_events_until_there_is_room(small_disk: Path) -> None:
    log = EventLog(small_disk / "events.db")
    number = 0
    while log.status().degraded is None and number < 5000:
        log.append(made(number, text="x" * 2000))
        number += 1
        if number % 20 == 0:
            log.flush(2)
    assert "full" in (log.status().degraded or "")
    last = log.append(made(number))
    waiting = log.status().waiting
    assert log.status().stored + waiting == number + 1
    subprocess.run(["mount", "-o", "remount,size=32m", str(small_disk)], check=True)
    assert log.wait(last, 30)
    assert log.close().stored == number + 1
    assert len(ids(log.path)) == number + 1


def test_without_room_for_a_log_that_is_said_at_once(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes((1 << 20) - 4096))
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "ironcliw",
            "watch",
            "synthetic:office",
            "--no-text",
            f"--log={small_disk / 'events.db'}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "full" in ran.stderr
