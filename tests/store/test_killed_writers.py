"""A writer that is killed at any moment has lost nothing that it acknowledged; readers go on, and so does the next."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from events import made

from ironcliw.errors import StoreInUseError
from ironcliw.store import EventLog, EventReader
from ironcliw.store.opening import open_log
from rounds import rounds

ROUNDS = rounds(short=10, full=1000)
SEED = random.SystemRandom().randrange(1 << 32)
HERE = Path(__file__).parent
LONGEST_S = 0.2


def start(path: Path, first: int, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(HERE / "log_writer.py"), str(path), str(first), *options],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )


def first_line(writer: subprocess.Popen[bytes]) -> bytes:
    assert writer.stdout is not None
    assert select.select([writer.stdout], [], [], 60)[0], "nothing was acknowledged within a minute"
    return os.read(writer.stdout.fileno(), 1 << 20)


def kill(writer: subprocess.Popen[bytes], said: bytes) -> list[tuple[int, int]]:
    """End it at once; the number and the event of each line that it got out."""
    assert writer.stdout is not None
    writer.send_signal(signal.SIGKILL)
    said += writer.stdout.read()
    writer.stdout.close()
    writer.wait()
    lines = said.decode().split("\n")[:-1]
    return [(int(ticket), int(number)) for ticket, number in (line.split() for line in lines)]


def lost(path: Path, acknowledged: list[tuple[int, int]]) -> int:
    """How many events that were acknowledged are not as they were."""
    opened = open_log(path, check=True)
    assert opened.moved is None
    assert opened.database.value("PRAGMA integrity_check") == "ok"
    opened.database.close()
    with EventReader(path) as reader:
        there = {stored.sequence: stored.event.id for stored in reader.since()}
        assert reader.damaged_rows == 0
    return sum(there.get(ticket) != f"cafe-{number}" for ticket, number in acknowledged)


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    print(f"seed {SEED}, {ROUNDS} rounds")
    chance = random.Random(SEED)
    path = tmp_path / "events.db"
    acknowledged: list[tuple[int, int]] = []
    EventLog(path).close()
    with EventReader(path) as reader:
        for number in range(ROUNDS):
            writer = start(path, 1_000_000 * number)
            said = first_line(writer)
            if number % 5 == 0:
                with pytest.raises(StoreInUseError) as refused:
                    EventLog(path)
                assert refused.value.pid == writer.pid
            time.sleep(chance.random() * LONGEST_S)
            latest = kill(writer, said)
            acknowledged += latest
            assert reader.last_sequence() >= latest[-1][0], "a reader does not see what was acknowledged"
            if number % 100 == 99:  # the rest is the same for all of them
                assert lost(path, acknowledged) == 0
    assert lost(path, acknowledged) == 0
    print(f"{len(acknowledged)} acknowledgements, none lost")


def test_a_writer_that_acknowledges_too_early_is_caught(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    missing = 0
    for number in range(20):
        path = tmp_path / f"{number}.db"
        writer = start(path, 0, "early")
        said = first_line(writer)
        time.sleep(chance.random() * 0.05)
        missing += lost(path, kill(writer, said))
        if missing:
            return
    pytest.fail("no loss was found although events were acknowledged before they were written")


def test_a_stopped_writer_is_in_no_readers_way(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    writer = start(path, 0)
    try:
        said = first_line(writer)
        writer.send_signal(signal.SIGSTOP)
        with EventReader(path) as reader:
            assert reader.count() >= int(said.split()[0])
    finally:
        with contextlib.suppress(ProcessLookupError):
            writer.send_signal(signal.SIGCONT)
        kill(writer, said)
    log = EventLog(path)
    assert log.wait(log.append(made(1)), 10)
    log.close()
