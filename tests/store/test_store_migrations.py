"""A log of an older version becomes one of this; ended at any step, it is the old one or the new one."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

import apsw
import pytest
from events import made
from faulty_vfs import FaultyVfs
from recording_vfs import CrashStates, Recorder

from ironcliw.errors import StoreError
from ironcliw.store import EventLog, EventReader, schema
from ironcliw.store.database import SqliteError
from ironcliw.store.opening import open_log
from rounds import rounds

STATES = rounds(short=60, full=2000)
SEED = random.SystemRandom().randrange(1 << 32)
EVENTS = 200
NEXT = (
    "ALTER TABLE events ADD COLUMN source TEXT",
    "UPDATE events SET source = json ->> 'source'",
    "CREATE INDEX events_source ON events (source)",
)
"""A step as one may come: it writes to every page of the table."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old" / "events.db"
    log = EventLog(path)
    for number in range(EVENTS):
        log.append(made(number))
    log.close()
    return path


def state_of(path: Path) -> str:
    """``old``, ``new`` or what is in between; by another door than the log's own."""
    with apsw.Connection(str(path)) as connection:
        version = connection.execute("PRAGMA user_version").get
        columns = [row[1] for row in connection.execute("PRAGMA table_info(events)")]
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert connection.execute("SELECT count(*) FROM events").get == EVENTS
        moved = 0
        if "source" in columns:
            moved = connection.execute("SELECT count(*) FROM events WHERE source = 'made'").get
    connection.close()
    if version == len(schema.MIGRATIONS) and moved == EVENTS:
        return "new"
    return (
        "old" if version == len(schema.MIGRATIONS) - 1 and "source" not in columns else f"{version} {columns} {moved}"
    )


def test_a_step_that_fails_at_any_write_leaves_the_old_log(
    tmp_path: Path, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, NEXT])
    states: list[str] = []
    for writes in itertools.count():
        path = tmp_path / f"at-{writes}" / "events.db"
        shutil.copytree(old.parent, path.parent)
        with FaultyVfs() as disk:
            disk.countdown = writes
            for method in ("xWrite", "xSync"):
                disk.fail(method, apsw.SQLITE_IOERR)
            try:
                open_log(path, check=False, vfs=disk.name).database.drop()
                done = True
            except SqliteError:
                done = False
        states.append(state_of(path))
        assert not done or states[-1] == "new"
        if done:
            break
    assert set(states) == {"old", "new"}
    assert len(states) > 10


def test_a_power_cut_leaves_the_old_log_or_the_new_one(
    tmp_path: Path, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}, {STATES} states")
    before = old.read_bytes()
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, NEXT])
    with Recorder() as recorder:
        opened = open_log(old, check=False, vfs=recorder.name)
        while not opened.database.checkpoint(truncate=True):
            pass
        opened.database.close()
    chance = random.Random(SEED)
    crash = CrashStates(recorder.operations, {"events.db": before})
    seen: set[str] = set()
    for cut in sorted(chance.randrange(len(recorder.operations) + 1) for _ in range(STATES)):
        crash.advance(cut)
        place = tmp_path / "state"
        crash.write(place, chance)
        seen.add(state_of(place / "events.db"))
        open_log(place / "events.db", check=True).database.close()
        assert state_of(place / "events.db") == "new"  # and the next start finishes it
        shutil.rmtree(place)
    assert seen == {"old", "new"}


def test_a_migration_that_is_not_one_transaction_is_caught(
    tmp_path: Path, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, (*NEXT[:2], "COMMIT", "BEGIN", NEXT[2])])
    states: set[str] = set()
    for writes in range(200):
        path = tmp_path / f"at-{writes}" / "events.db"
        shutil.copytree(old.parent, path.parent)
        with FaultyVfs() as disk:
            disk.countdown = writes
            disk.fail("xWrite", apsw.SQLITE_IOERR)
            try:
                open_log(path, check=False, vfs=disk.name).database.drop()
                break
            except SqliteError:
                states.add(state_of(path))
    assert states - {"old", "new"}


def test_a_log_of_a_newer_version_is_refused_and_left_alone(old: Path) -> None:
    with apsw.Connection(str(old)) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = old.read_bytes()
    for opening in (EventLog, EventReader):
        with pytest.raises(StoreError, match="written by a newer ironcliw"):
            opening(old)
    assert old.read_bytes() == before


def test_a_reader_does_not_change_an_older_log(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, NEXT])
    monkeypatch.setattr("ironcliw.store.reading.MIGRATIONS", schema.MIGRATIONS)
    with pytest.raises(StoreError, match="of an older version"):
        EventReader(old)
