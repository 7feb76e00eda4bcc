"""What the event log costs: events a second, how soon one is acknowledged, bytes of disk an event.

    python benches/store.py [--seconds 10] [--folder DIR] [--out benches/results]

The events are those of a minute of the synthetic office, watched once, repeated. Beside the log: the same rows by plain
SQLite with a commit each (FULL), and the time one fsync takes, all on the same disk in the same run, interleaved. What
an append costs is the processor time of the thread that calls it. Prints tables in Markdown; with ``--out`` it writes
bench-store.md and bench-store.json there.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw

import ironcliw
from ironcliw import clock
from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.event import Event
from ironcliw.store import EventLog, sqlite_version
from ironcliw.store.row import INSERT, row_of
from ironcliw.store.schema import MIGRATIONS

BURST = 2000
PLAIN = 200
OFFICE = "synthetic:office?seed=1&minutes=1"


def office_events() -> list[Event]:
    """The events of a minute of the synthetic office, text read."""
    return list(ironcliw.watch(OFFICE, pace="max"))


def endless(events: list[Event]) -> Iterator[Event]:
    return itertools.cycle(event for event in events if event.type != "summary")


def burst(folder: Path, events: Iterator[Event], number: int) -> float:
    """Events a second: handed over as fast as that goes, until the last is acknowledged."""
    log = EventLog(folder / f"burst-{number}.db")
    started = time.perf_counter()
    for event in itertools.islice(events, BURST):
        log.append(event)
    assert log.flush(60)
    passed = time.perf_counter() - started
    assert log.close().stored == BURST
    return BURST / passed


def plain(folder: Path, events: Iterator[Event], number: int) -> float:
    """Events a second with a transaction each, by SQLite alone."""
    connection = apsw.Connection(str(folder / f"plain-{number}.db"))
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    started = time.perf_counter()
    for sequence, event in enumerate(itertools.islice(events, PLAIN), 1):
        connection.execute(INSERT, (*row_of(sequence, event, event.to_json()), 0))
    passed = time.perf_counter() - started
    connection.close()
    return PLAIN / passed


def fsync_ms(folder: Path) -> float:
    """Milliseconds for 4 KiB to be made sure of."""
    fd = os.open(folder / "fsync", os.O_CREAT | os.O_WRONLY)
    try:
        os.pwrite(fd, bytes(4096), 0)
        started = time.perf_counter()
        os.fsync(fd)
        return (time.perf_counter() - started) * 1000
    finally:
        os.close(fd)


def paced(folder: Path, events: Iterator[Event], seconds: float, rate: float) -> tuple[list[float], list[float]]:
    """Events at their usual pace: milliseconds until each is acknowledged, microseconds of processor time an append."""
    log = EventLog(folder / f"paced-{rate:g}.db")
    waits: list[float] = []
    costs: list[float] = []
    begun_ns = clock.monotonic_ns()
    for number in range(int(seconds * rate)):
        due_ns = begun_ns + round(number / rate * clock.SECOND)
        time.sleep(max(0, due_ns - clock.monotonic_ns()) / clock.SECOND)
        started_ns, cpu_ns = clock.monotonic_ns(), time.thread_time_ns()
        ticket = log.append(next(events))
        costs.append((time.thread_time_ns() - cpu_ns) / 1000)
        while log.acknowledged < ticket:  # not 'wait', which would hurry the commit
            time.sleep(0.001)
        waits.append((clock.monotonic_ns() - started_ns) / clock.MS)
    log.close()
    return waits, costs


def size_table(folder: Path, events: list[Event]) -> Table:
    rows: list[Row] = []
    for name, wanted in {"all of them": None, "changes": ("change",), "the others": ()}.items():
        chosen = [
            each for each in events if wanted is None or (each.type in wanted if wanted else each.type != "change")
        ]
        path = folder / f"size-{name.replace(' ', '-')}.db"
        log = EventLog(path)
        for event in itertools.islice(endless(chosen), 20_000):
            log.append(event)
            if log.status().waiting > 5000:
                log.flush(60)
        stored = log.close(60).stored
        json = statistics.mean(len(event.to_json().encode()) for event in chosen)
        rows.append({"events": name, "json": json, "disk": path.stat().st_size / stored})
    columns = [Column("events", "events"), Column("json", "JSON, mean", 0, " B"), Column("disk", "on disk", 0, " B")]
    return Table("Bytes an event, 20,000 of them", columns, rows)


def quantiles(row: str, samples: list[float]) -> Row:
    ordered = sorted(samples)
    return {
        "what": row,
        "p50": statistics.median(ordered),
        "p95": ordered[int(0.95 * (len(ordered) - 1))],
        "most": ordered[-1],
        "trials": len(ordered),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="of each run at a pace")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="on the disk that is to be measured")
    parser.add_argument("--out", type=Path, help="a folder for bench-store.md and bench-store.json")
    options = parser.parse_args()
    events = office_events()
    report = Report.new("store", " ".join(["python", *sys.argv]), quick=options.seconds < 10 or options.rounds < 10)
    report.packages = {"apsw": apsw.apsw_version(), "SQLite": sqlite_version()}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder, source = Path(name), endless(events)
        work: dict[str, Callable[[int], float]] = {
            "log": lambda number: burst(folder, source, number),
            "plain": lambda number: plain(folder, source, number),
            "fsync": lambda number: statistics.median(fsync_ms(folder) for _ in range(20)),
        }
        found: dict[str, list[float]] = {each: [] for each in work}
        for number in range(options.rounds):
            for each, measure in work.items():
                found[each].append(measure(number))
        waits: list[Row] = []
        costs: list[Row] = []
        for rate in (10, 100):
            waited, cost = paced(folder, source, options.seconds, rate)
            waits.append(quantiles(f"{rate} events a second", waited))
            costs.append(quantiles(f"{rate} events a second", cost))
        waits.append(quantiles("one fsync of 4 KiB", found["fsync"]))
        sizes = size_table(folder, events)
    log, alone = statistics.median(found["log"]), statistics.median(found["plain"])
    rate_row: Row = {"log": log, "plain": alone, "ratio": log / alone, "trials": options.rounds}
    rate_columns = [
        Column("log", "the log", 0),
        Column("plain", "SQLite, a commit each", 0),
        Column("ratio", "ratio", 1),
    ]
    columns = [Column("p50", "p50", 1), Column("p95", "p95", 1), Column("most", "most", 1), Column("trials", "trials")]
    report.tables = [
        Table("Events a second, made sure of", [*rate_columns, Column("trials", "trials")], [rate_row], ["Medians."]),
        Table("Until an event is acknowledged, ms", [Column("what", "at"), *columns], waits),
        Table("Processor time of an append, microseconds", [Column("what", "at"), *columns], costs),
        sizes,
    ]
    report.load_after = machine.load()
    print(markdown(report), end="")
    if options.out:
        (options.out / "bench-store.md").write_text(markdown(report))
        (options.out / "bench-store.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
