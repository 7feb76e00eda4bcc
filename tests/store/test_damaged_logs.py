"""A damaged log is moved aside, never deleted, and every event that can be read of it goes on in the new one."""

from __future__ import annotations

import itertools
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from events import made

from ironcliw.errors import StoreDamagedError, StoreError
from ironcliw.event import Event
from ironcliw.store import EventLog, EventReader, quarantine
from ironcliw.store.opening import open_log
from rounds import rounds

ROUNDS = rounds(short=100, full=10_000)
SEED = random.SystemRandom().randrange(1 << 32)
PAGE = 4096
EVENTS = 200
MOST_LOST = 60
"""Rows that share a page at the most: what one damaged page may hide although their bytes are there."""

Files = dict[str, bytes]


def event(number: int) -> Event:
    return made(number, text=f"line {number} " + "x" * (number % 7 * 30 if number % 50 else 9000))


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """A log as it was closed, as its writer was killed, and as it was some time before that."""
    path = tmp_path_factory.mktemp("made") / "events.db"
    log = EventLog(path)
    found: dict[str, Files] = {}
    for number in range(EVENTS):
        log.append(event(number))
        if number == EVENTS // 2:
            assert log.flush(30)
            found["older"] = _files(path)
    assert log.flush(30)
    found["killed"] = _files(path)
    log.close()
    found["closed"] = _files(path)
    assert set(found["killed"]) == {"", "-wal"}
    assert set(found["closed"]) == {""}
    return found


def _files(path: Path) -> Files:
    files = {suffix: path.with_name(path.name + suffix) for suffix in ("", "-wal")}
    return {suffix: file.read_bytes() for suffix, file in files.items() if file.exists()}


def flipped(logs: dict[str, Files], chance: random.Random) -> Files:
    files = dict(logs[chance.choice(["closed", "killed"])])
    name = chance.choice([name for name in files if files[name]])
    data = bytearray(files[name])
    page = chance.randrange((len(data) + PAGE - 1) // PAGE) * PAGE
    for _ in range(chance.choice((1, 1, 2, 20))):
        data[min(len(data) - 1, page + chance.randrange(PAGE))] ^= 1 << chance.randrange(8)
    return {**files, name: bytes(data)}


def zeroed(logs: dict[str, Files], chance: random.Random) -> Files:
    files = dict(logs[chance.choice(["closed", "killed"])])
    name = chance.choice([name for name in files if files[name]])
    data = bytearray(files[name])
    at = chance.randrange((len(data) + PAGE - 1) // PAGE) * PAGE
    data[at : at + PAGE] = bytes(len(data[at : at + PAGE]))
    return {**files, name: bytes(data)}


def truncated(logs: dict[str, Files], chance: random.Random) -> Files:
    files = dict(logs[chance.choice(["closed", "killed"])])
    name = chance.choice([name for name in files if files[name]])
    return {**files, name: files[name][: chance.randrange(len(files[name]))]}


def swapped(logs: dict[str, Files], chance: random.Random) -> Files:
    """Files of different times beside each other, or one of them gone."""
    new, old = logs["killed"], logs["older"]
    return chance.choice(
        [
            {"": old[""], "-wal": new["-wal"]},
            {"": new[""], "-wal": old["-wal"]},
            {"": logs["closed"][""], "-wal": old["-wal"]},
            {"-wal": new["-wal"]},
            {"": new[""]},
            {"": logs["closed"][""], "-wal": chance.randbytes(chance.randrange(9000))},
            {"": chance.randbytes(chance.randrange(1, 9000)), "-wal": new["-wal"]},
        ]
    )


MUTATIONS: list[Callable[[dict[str, Files], random.Random], Files]] = [flipped, zeroed, truncated, swapped]


def test_no_damage_crashes_or_misleads_and_what_can_be_read_is_kept(tmp_path: Path, logs: dict[str, Files]) -> None:
    print(f"seed {SEED}, {ROUNDS} rounds")
    lines = {number: event(number).to_json().encode() for number in range(EVENTS)}
    moved = 0
    for number in range(ROUNDS):
        chance = random.Random(SEED + number)
        files = MUTATIONS[number % len(MUTATIONS)](logs, chance)
        folder = tmp_path / "mutant"
        folder.mkdir()
        path = folder / "events.db"
        for suffix, data in files.items():
            path.with_name(path.name + suffix).write_bytes(data)
        started = time.process_time()
        log = EventLog(path)
        assert log.wait(log.append(made(EVENTS)), 30), f"seed {SEED + number}: {log.status()}"
        log.close()
        assert time.process_time() - started < 5  # of processor time
        with EventReader(path) as reader:
            found = {stored.event.id: stored.event for stored in reader.since()}
        assert found.pop(f"cafe-{EVENTS}") == made(EVENTS)
        for each in found.values():
            assert each == event(int(each.id.partition("-")[2])), f"seed {SEED + number}: another event was read"
        everything = b"".join(files.values())
        there = {n for n, line in lines.items() if len(line) < 1000 and line in everything}
        lost = there - {int(each.partition("-")[2]) for each in found}
        damaged = [file for file in folder.iterdir() if ".damaged-" in file.name]
        moved += bool(damaged)
        if damaged:
            assert len(lost) <= MOST_LOST, f"seed {SEED + number}: {len(lost)} events could have been read"
            _assert_kept(damaged, files, f"seed {SEED + number}")
        shutil.rmtree(folder)
    print(f"{moved} of {ROUNDS} mutants were moved aside")
    assert moved > ROUNDS // 20


def _assert_kept(damaged: list[Path], files: Files, where: str) -> None:
    """What was moved aside is what lay there, byte for byte; a journal of zero bytes need not be kept."""
    kept = {
        "-wal" if file.name.endswith("-wal") else "": file.read_bytes() for file in damaged if "-shm" not in file.name
    }
    for suffix, data in files.items():
        assert kept.get(suffix, b"") == data, f"{where}: {suffix or 'the file'} is not as it was"


def test_damage_is_told_once_and_readers_are_told_what_to_do(
    tmp_path: Path, logs: dict[str, Files], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "events.db"
    path.write_bytes(bytes(PAGE) + logs["closed"][""][PAGE:])
    with pytest.raises(StoreDamagedError, match="moves it aside"):
        EventReader(path)
    log = EventLog(path)
    ticket = log.append(made(1))
    log.close()
    EventLog(path).close()
    assert ticket > quarantine.NUMBERS_LEFT_OUT
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "was damaged: it is now" in told[0]
    assert f"{EVENTS} events" in told[0]


def test_a_log_that_is_damaged_while_it_is_written_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    log = EventLog(path)
    for number in range(2000):
        log.append(event(number))
    log.close()
    log = EventLog(path)
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
    for number in range(2000, 2200):
        log.append(made(number, text="y" * 4000))
        log.flush(0.05)
    assert log.flush(30)
    log.close()
    EventLog(path).close()
    with EventReader(path) as reader:
        found = {stored.event.id for stored in reader.since()}
    assert {f"cafe-{number}" for number in range(2000, 2200)} <= found
    assert any(".damaged-" in file.name for file in tmp_path.iterdir())


def test_what_never_was_an_event_log_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.db"
    notes.write_text("These are my notes.\n" * 400)
    with pytest.raises(StoreDamagedError, match="is no event log"):
        EventLog(notes)
    assert notes.read_text().startswith("These are my notes.")
    assert {file.name for file in tmp_path.iterdir()} <= {"notes.db", "notes.db.lock"}


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    import apsw

    path = tmp_path / "events.db"
    with apsw.Connection(str(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program's database"):
        EventLog(path)
    with pytest.raises(StoreError, match="another program's database"):
        EventReader(path)
    assert path.read_bytes() == before


class Killed(BaseException):
    """Stands for the end of the process."""


def test_moving_aside_may_be_interrupted_at_each_step(
    tmp_path: Path, logs: dict[str, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every change of a name, and every batch that is written, is where it ends once; the next start goes on."""
    damaged = {"": bytes(PAGE) + logs["closed"][""][PAGE:], "-wal": b"no journal"}
    for step in itertools.count():
        folder = tmp_path / str(step)
        folder.mkdir()
        path = folder / "events.db"
        for suffix, data in damaged.items():
            path.with_name(path.name + suffix).write_bytes(data)
        left = itertools.count(step, -1)

        def perhaps(work: Callable[..., object], left: itertools.count[int] = left) -> Callable[..., object]:
            def worked(*arguments: object, **options: object) -> object:
                if next(left) == 0:
                    raise Killed
                return work(*arguments, **options)

            return worked

        interrupted = False
        with monkeypatch.context() as patch:
            for name in ("rename", "unlink"):
                patch.setattr(Path, name, perhaps(getattr(Path, name)))
            for name in ("_sync_folder", "_fill", "migrate", "prepare_file"):
                patch.setattr(quarantine, name, perhaps(getattr(quarantine, name)))
            try:
                open_log(path, check=True).database.drop()
            except Killed:
                interrupted = True
        opened = open_log(path, check=True)
        assert opened.database.value("SELECT count(*) FROM events") == EVENTS
        assert opened.database.value("PRAGMA integrity_check") == "ok"
        opened.database.close()
        aside = [file for file in folder.iterdir() if ".damaged-" in file.name and "-shm" not in file.name]
        assert sorted(file.read_bytes() for file in aside) == sorted(damaged.values())
        assert not list(folder.glob("*.moving*")) + list(folder.glob("*.new*"))
        if not interrupted:
            break
    assert step > 10
