"""What goes into the event log comes out of it, once it was acknowledged, and stays private."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from events import made

from ironcliw.cli.event_log import event_log_findings
from ironcliw.errors import SettingsError, StoreError, StoreInUseError
from ironcliw.settings import StoreSettings
from ironcliw.store import EventLog, EventReader, Query, check_version, default_path, sqlite_version, writer_of


def test_an_event_is_read_back_as_it_was_once_it_is_acknowledged(tmp_path: Path) -> None:
    event = made(
        1, "alert", rule="text:BUILD FAILED", confidence=0.5, latency_ms=1.25, data={"merged": ["a", {"b": 1}]}
    )
    log = EventLog(tmp_path / "events.db")
    ticket = log.append(event)
    assert log.wait(ticket, 10)
    assert log.acknowledged >= ticket
    with EventReader(log.path) as reader:
        assert [(stored.sequence, stored.event) for stored in reader.since()] == [(ticket, event)]
    status = log.close()
    assert (status.appended, status.stored, status.waiting, status.lost, status.degraded) == (1, 1, 0, {}, None)


def test_numbers_go_on_where_they_were_and_none_is_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    tickets: list[int] = []
    for number in range(3):
        log = EventLog(path)
        tickets += [log.append(made(number)), log.append(made(number + 100))]
        log.close()
    assert tickets == [1, 2, 3, 4, 5, 6]


def test_closing_keeps_everything_that_waits(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    for number in range(5000):
        log.append(made(number))
    assert log.close(timeout_s=30).stored == 5000
    assert not Path(f"{log.path}-wal").exists()
    with EventReader(log.path) as reader:
        assert [stored.event.id for stored in reader.since()] == [f"cafe-{number}" for number in range(5000)]


def test_what_comes_after_closing_is_counted_as_lost(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    log.close()
    ticket = log.append(made(1))
    assert not log.wait(ticket, 0.1)
    assert log.status().lost == {"closed": 1}
    log.close()


def test_threads_share_a_log(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    tickets: list[list[int]] = [[] for _ in range(8)]

    def work(own: list[int], first: int) -> None:
        own += [log.append(made(first + number)) for number in range(200)]

    workers = [threading.Thread(target=work, args=(own, 1000 * at)) for at, own in enumerate(tickets)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert log.flush(30)
    assert sorted(ticket for own in tickets for ticket in own) == list(range(1, 1601))
    with EventReader(log.path) as reader:
        found = {stored.sequence: stored.event.id for stored in reader.since()}
    log.close()
    for at, own in enumerate(tickets):
        assert [found[ticket] for ticket in own] == [f"cafe-{1000 * at + number}" for number in range(200)]


def test_a_second_writer_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    with pytest.raises(StoreInUseError, match=r"being written by process \d+") as refused:
        EventLog(log.path)
    writer = writer_of(log.path)
    assert writer is not None
    assert (refused.value.pid, writer.state) == (writer.pid, "ok")
    other = subprocess.run(
        [sys.executable, "-c", f"from ironcliw.store import EventLog; from pathlib import Path;"
         f" EventLog(Path({str(log.path)!r}))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"being written by process {writer.pid}" in other.stderr
    log.close()
    assert writer_of(log.path) is None
    EventLog(log.path).close()


def test_nobody_else_may_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    log = EventLog()
    assert log.wait(log.append(made(1)), 10)
    folder = tmp_path / "state" / "ironcliw"
    assert log.path == default_path() == folder / "events.db"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == dict.fromkeys(
        ("events.db", "events.db-wal", "events.db-shm", "events.db.lock"), 384
    )
    log.close()
    log.path.chmod(0o644)
    EventLog().close()
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_a_summary_says_what_was_stored_and_lost(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db")
    for number in range(10):
        log.record(made(number))
    log.record(made(10, text="x" * (2 << 20)))
    summary = log.record(made(11, "summary", data={"alerts": 0}))
    assert summary.data == {"alerts": 0, "log": {"stored": 10, "lost": 1}}
    log.close()
    with EventReader(log.path) as reader:
        assert [stored.event for stored in reader.since(Query(types=("summary",)))] == [summary]


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "3.50.7", "3.44.6", "3.44.9", "4.0.0", sqlite_version()])
def test_versions_of_sqlite_that_keep_what_they_acknowledge_are_taken(version: str) -> None:
    check_version(version)


@pytest.mark.parametrize("version", ["3.51.2", "3.50.6", "3.44.5", "3.45.0", "3.7.0", "3.49.9"])
def test_versions_of_sqlite_that_may_corrupt_the_log_are_refused(version: str) -> None:
    with pytest.raises(StoreError, match=r"needs SQLite 3\.51\.3 or newer .*" + version):
        check_version(version)


def test_there_is_one_sqlite_in_the_process(tmp_path: Path) -> None:
    script = (
        "import pkgutil, ironcliw, importlib, sys\n"
        "for name in ('cli.app', 'cli.watching', 'cli.events', 'monitor', 'store', 'settings', 'ipc', 'quality'):\n"
        "    importlib.import_module(f'ironcliw.{name}')\n"
        "from ironcliw.store import EventLog; from pathlib import Path\n"
        "EventLog(Path(sys.argv[1])).close()\n"
        "print('sqlite3' in sys.modules or '_sqlite3' in sys.modules)\n"
        "files = {line.split()[-1] for line in open('/proc/self/maps') if '/' in line}\n"
        "holders = [f for f in files if 'sqlite' in f.lower() or b'SQLite format 3\\0' in open(f, 'rb').read()]\n"
        "print(len([f for f in holders if f.endswith('.so') or '.so.' in f]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "events.db")], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", "1"]


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="keeps 8 MB"):
        EventLog(tmp_path / "events.db", keep_bytes=1)


def test_doctor_says_how_the_log_does(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    store = StoreSettings(path=str(path))
    ((good, name, said),) = event_log_findings(store)
    assert (good, name) == (None, "event log")
    assert sqlite_version() in said
    assert "none yet" in said
    log = EventLog(path)
    log.append(made(1))
    assert log.flush(10)
    ((good, _, said),) = event_log_findings(store)
    assert good
    assert "1 events up to number 1" in said
    assert "ok" in said
    log._lock.say("degraded: the disk is full")  # pyright: ignore
    ((good, _, said),) = event_log_findings(store)
    assert good is False
    assert "degraded: the disk is full" in said
    log.close()
    path.write_bytes(b"SQLite format 3\0" + bytes(8000))
    with pytest.raises(StoreError, match="damaged"):
        event_log_findings(store)
