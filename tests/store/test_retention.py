"""The oldest events go when there are too many bytes or too much time has really passed, and for no other reason."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from events import made
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw import clock
from ironcliw.store import EventLog, EventReader
from ironcliw.store.retention import DAY_NS, LEAST_BYTES, MOST_OFF_NS, Clocks, KeptClock, Limits
from ironcliw.store.row import row_of
from ironcliw.store.writing import LogWriter

YEAR_NS = 365 * DAY_NS
HOUR_NS = 3600 * clock.SECOND


@dataclass
class Machine:
    """A machine's clocks, to be turned by hand."""

    boot: int = 1
    boot_ns: int = 5 * HOUR_NS
    wall_ns: int = 1_795_000_000 * clock.SECOND

    def __call__(self) -> Clocks:
        return Clocks(f"boot-{self.boot}", self.boot_ns, self.wall_ns)

    def run(self, passed_ns: int) -> None:
        self.boot_ns += passed_ns
        self.wall_ns += passed_ns

    def restart(self, off_ns: int) -> None:
        self.boot += 1
        self.boot_ns = 10 * clock.SECOND
        self.wall_ns += off_ns


def writer(path: Path, machine: Machine, keep_ns: int = 30 * DAY_NS, keep_bytes: int = LEAST_BYTES) -> LogWriter:
    opened = LogWriter(path, Limits(keep_bytes, keep_ns), clocks=machine)
    path.touch()
    opened.open()
    return opened


def put(log: LogWriter, *numbers: int, text: str = "") -> None:
    log.commit([row_of(number, event := made(number, text=text), event.to_json()) for number in numbers])


def tidy(log: LogWriter) -> None:
    while log.tidy():
        pass


def there(path: Path) -> list[int]:
    with EventReader(path) as reader:
        return [stored.sequence for stored in reader.since()]


def test_events_go_when_their_time_has_passed(tmp_path: Path) -> None:
    machine, path = Machine(), tmp_path / "events.db"
    log = writer(path, machine)
    for day in range(60):
        put(log, day + 1)
        tidy(log)
        assert there(path) == list(range(max(1, day - 29), day + 2))
        machine.run(DAY_NS)
    log.close()


def test_a_wall_clock_that_jumps_deletes_nothing(tmp_path: Path) -> None:
    machine, path = Machine(), tmp_path / "events.db"
    log = writer(path, machine)
    put(log, 1, 2, 3)
    for jump_ns in (10 * YEAR_NS, -20 * YEAR_NS, HOUR_NS, -clock.SECOND, 15 * YEAR_NS):
        machine.wall_ns += jump_ns
        tidy(log)
        log.close()
        log = writer(path, machine)
        tidy(log)
        assert there(path) == [1, 2, 3]
    machine.run(31 * DAY_NS)
    tidy(log)
    assert there(path) == []
    log.close()


def test_after_a_restart_a_day_is_believed_at_the_most(tmp_path: Path) -> None:
    machine, path = Machine(), tmp_path / "events.db"
    for number in range(29):
        log = writer(path, machine)
        put(log, number + 1)
        tidy(log)
        log.close()
        machine.restart(off_ns=3 * YEAR_NS)
    assert len(there(path)) == 29
    log = writer(path, machine)
    machine.run(2 * DAY_NS)
    tidy(log)
    assert there(path) == list(range(2, 30))
    log.close()


def test_a_writer_that_was_killed_has_not_stopped_the_time(tmp_path: Path) -> None:
    machine, path = Machine(), tmp_path / "events.db"
    log = writer(path, machine)
    log.save_clock()
    put(log, 1)
    machine.run(31 * DAY_NS)
    log = writer(path, machine)  # the first was never closed
    tidy(log)
    assert there(path) == []
    log.close()


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(["run", "jump", "restart"]), st.integers(-40 * YEAR_NS, 40 * YEAR_NS)), max_size=12
    )
)
def test_the_logs_time_never_goes_back_and_never_ahead_of_what_passed(steps: list[tuple[str, int]]) -> None:
    machine = Machine()
    kept = KeptClock(machine)
    kept.resume(None, 0)
    passed_ns, last_ns = 0, kept.now_ns()
    for kind, ns in steps:
        saved = kept.save()
        if kind == "run":
            machine.run(abs(ns) % (40 * DAY_NS))
            passed_ns += abs(ns) % (40 * DAY_NS)
        elif kind == "jump":
            machine.wall_ns += ns
        else:
            machine.restart(ns)
            passed_ns += MOST_OFF_NS
        if kind != "run":
            kept = KeptClock(machine)
            kept.resume(saved, 0)
        assert last_ns <= kept.now_ns() <= passed_ns
        last_ns = kept.now_ns()


def test_a_saved_time_that_is_damaged_makes_nothing_older(tmp_path: Path) -> None:
    for saved in ("", "{", "[]", '{"boot": 1}', '{"boot":"boot-1","boot_ns":"x","wall_ns":null,"kept_ns":{}}', "7"):
        kept = KeptClock(Machine())
        kept.resume(saved, 42)
        assert kept.now_ns() == 42


def test_bytes_are_bounded_and_pages_are_given_back(tmp_path: Path) -> None:
    machine, path = Machine(), tmp_path / "events.db"
    chance = random.Random(1)
    log = writer(path, machine)
    number, largest = 0, 0
    for _ in range(160):
        put(log, *range(number + 1, number + 51), text="x" * chance.randrange(4000))
        number += 50
        tidy(log)
        largest = max(largest, path.stat().st_size + Path(f"{path}-wal").stat().st_size)
    left = there(path)
    assert left == list(range(left[0], number + 1))
    assert left[0] > 1
    assert largest <= LEAST_BYTES * 1.05
    log.close()
    smaller = writer(path, machine, keep_ns=1)
    machine.run(2)
    tidy(smaller)
    smaller.close()
    assert path.stat().st_size < 1 << 20
    assert there(path) == []


def test_a_running_log_deletes_while_it_writes(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.db", keep_bytes=LEAST_BYTES)
    for number in range(6000):
        log.append(made(number, text="x" * 2000))
        if number % 500 == 0:
            assert log.flush(30)
    assert log.close(30).stored == 6000
    left = there(log.path)
    assert left[-1] == 6000
    assert log.path.stat().st_size <= LEAST_BYTES * 1.05
