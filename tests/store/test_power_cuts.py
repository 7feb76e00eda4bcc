"""Whenever the power is cut, the log that is found is sound and holds every event that was acknowledged.

The states a disk may be found in are made from a record of what was written and made sure of: sectors of 512 bytes,
lost, torn and out of order. That the weaker modes of SQLite fail shows that these states mean something.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from events import made
from recording_vfs import CrashStates, Operation, Recorder

from ironcliw.store import EventLog, database, writing
from ironcliw.store.opening import open_log
from ironcliw.store.retention import Clocks
from rounds import rounds

STATES = rounds(short=200, full=10_000)
KEPT = 60
SEED = random.SystemRandom().randrange(1 << 32)


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory, where there is such a place: what is made sure of here is only pretended to be."""
    memory = Path("/dev/shm")
    made_in = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=made_in, prefix="ironcliw-power-") as name:
        yield Path(name)


def record(folder: Path, monkeypatch: pytest.MonkeyPatch, chance: random.Random) -> list[Operation]:
    """A log's life: three runs, many small commits, checkpoints, old events deleted, pages given back."""
    monkeypatch.setattr(writing, "CHECKPOINT_PAGES", 12)
    count = 0

    def clocks() -> Clocks:
        return Clocks("boot", count, count)

    with Recorder() as recorder:
        for _ in range(2):
            log = EventLog(folder / "events.db", vfs=recorder.name, keep_ns=KEPT, clocks=clocks)
            for _ in range(25):
                for _ in range(chance.randrange(1, 5)):
                    count += 1
                    log.append(made(count, text="x" * chance.choice((1, 40, 400, 6000))))
                assert log.flush(30)
                assert log.status().degraded is None
                recorder.mark(log.acknowledged)
            log.close()
    return recorder.operations


def failures(operations: list[Operation], folder: Path, states: int, chance: random.Random) -> list[str]:
    """What was wrong in each of the states that was not as promised."""
    found: list[str] = []
    crash = CrashStates(operations)
    for cut in sorted(chance.randrange(1, len(operations) + 1) for _ in range(states)):
        crash.advance(cut)
        place = folder / "state"
        crash.write(place, chance)
        wrong = _wrong(place / "events.db", crash.promised)
        if wrong:
            found.append(f"after {cut} of {len(operations)} operations: {wrong}")
        shutil.rmtree(place)
    return found


def _wrong(path: Path, promised: int) -> str:
    opened = open_log(path, check=True)
    try:
        if opened.moved is not None:
            return f"damaged; {opened.moved.events} events could be read"
        if (said := opened.database.value("PRAGMA integrity_check")) != "ok":
            return f"damaged: {said}"
        there = {row[0] for row in opened.database.execute("SELECT sequence FROM events")}
        lost = set(range(max(1, promised - KEPT + 10), promised + 1)) - there
        return f"{len(lost)} acknowledged events lost" if lost else ""
    finally:
        opened.database.close()


def test_no_power_cut_damages_the_log_or_loses_what_was_acknowledged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}, {STATES} states")
    chance = random.Random(SEED)
    operations = record(folder, monkeypatch, chance)
    assert failures(operations, folder, STATES, chance) == []


@pytest.mark.parametrize(("weaker", "expected"), [("OFF", "damaged"), ("NORMAL", "lost")])
def test_a_weaker_mode_is_caught(folder: Path, monkeypatch: pytest.MonkeyPatch, weaker: str, expected: str) -> None:
    print(f"seed {SEED}")
    monkeypatch.setattr(database, "SYNCHRONOUS", weaker)
    chance = random.Random(SEED)
    operations = record(folder, monkeypatch, chance)
    monkeypatch.setattr(database, "SYNCHRONOUS", "FULL")
    found = failures(operations, folder, min(STATES, 60 if STATES < 1000 else 300), chance)
    print(f"{len(found)} states were not as promised")
    assert any(expected in each for each in found)
