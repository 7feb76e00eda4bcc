"""A new frame in another process: how soon after it is whole can it be used there, without a copy and with one?

    python benches/ring.py [--rounds 200] [--out benches/results]

Two processes. The writer puts a 1080p frame into each way in turn, the ways interleaved; the reader waits for it, takes
it and looks at its first pixel. The time starts when the frame stands whole in the writer's memory and ends when the
reader has looked, on the clock that both share. The number in the frame is checked: another than was written fails the
bench. Two readers: one is awake and looks again and again, and frames come back to back (ten by each way), so that
nothing but the way is in it; one is asleep until the frame comes, which was made just before, as a capture would: what
the machine takes to wake a process, and cold caches, are in that, and depend on how busy it is.

- ``ring``: ``history.Ring`` and ``ring.wait()``
- ``shared memory + copy``: copied into ``multiprocessing.shared_memory``, the reader told by a pipe, and copied out
- ``pipe``: written into a pipe of 1 MiB and read from it
- ``zeromq``: pyzmq, PUSH to PULL over ipc, without a copy of our own
- ``iceoryx2``: a sample on loan, sent, and told by its event service
- ``a wake-up alone``: a byte in a pipe and a number in memory that both have, which no way that sends anything can beat

pyzmq and iceoryx2 are compared where they are installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
from ring_ways import CopyWay, IceoryxWay, PipeWay, RingWay, WakeWay, Way, ZeromqWay

from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.history import attach

WARM_UP, IN_A_ROW = 10, 10
NOTES = [
    "From the moment the frame stands whole in the writer's memory to the reader having looked at its first pixel. The "
    "ways are interleaved, and the number in each frame is checked. Each process has a core.",
    "iceoryx2: the sample is on loan before the time starts; asleep, the reader is told by its event service.",
]


def read(ways: Sequence[Way], begun: Event, orders: Connection, answers: Connection, done: Any) -> None:
    """The reading process: for each order (number of a way, how many frames, whether to stay awake) these frames."""
    begun.wait()
    alone(1)
    frames = [way.reader() for way in ways]
    answers.send("ready")
    while (order := orders.recv()) is not None:
        way, count, awake = order
        answers.send("waiting")
        seen: list[tuple[int, int]] = []
        for _ in range(count):
            number = frames[way](awake)
            seen.append((number, time.monotonic_ns()))
            done.value = number
        answers.send(seen)


def alone(number: int) -> None:
    """Stay on the core of this number, so that writer and reader, both awake, do not take turns on one."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[number % len(cores)]})


Times = dict[str, list[float]]


class Pair:
    """The writer's side of both processes."""

    def __init__(self, ways: Sequence[Way]) -> None:
        context = multiprocessing.get_context("fork")
        self.ways = ways
        self._number = 0
        self._done = context.RawValue("Q")
        orders, self._orders = context.Pipe(duplex=False)
        self._answers, answers = context.Pipe(duplex=False)
        begun = context.Event()
        self._reader = context.Process(target=read, args=(ways, begun, orders, answers, self._done))
        self._reader.start()  # before any way has a thread
        alone(0)
        for way in ways:
            way.open()
        begun.set()
        if self._answers.recv() != "ready":
            raise SystemExit("the reader did not begin")

    def stream(self, index: int, count: int) -> list[float]:
        """Microseconds of ``count`` frames back to back, by a reader that is awake."""
        way, begun_ns = self.ways[index], list[int]()
        self._ask(index, count, awake=True)
        first = self._number + 1
        for _ in range(count):
            self._number += 1
            way.frame().view(np.uint32)[0, 0] = self._number
            begun_ns.append(time.monotonic_ns())
            way.publish()
            while self._done.value < self._number:
                pass
        return self._taken(way, first, begun_ns)

    def single(self, index: int) -> list[float]:
        """Microseconds of one frame, by a reader that was asleep."""
        way = self.ways[index]
        self._ask(index, 1, awake=False)
        time.sleep(0.005)  # so that the reader is asleep
        self._number += 1
        way.frame().view(np.uint32)[:] = self._number  # made just before it is sent, as by a capture
        begun_ns = time.monotonic_ns()
        way.publish()
        return self._taken(way, self._number, [begun_ns])

    def close(self) -> None:
        self._orders.send(None)
        self._reader.join()
        for way in self.ways:
            way.close()

    def _ask(self, index: int, count: int, *, awake: bool) -> None:
        self._orders.send((index, count, awake))
        self._answers.recv()

    def _taken(self, way: Way, first: int, begun_ns: list[int]) -> list[float]:
        seen = self._answers.recv()
        expected = list(range(first, first + len(begun_ns)))
        if [number for number, _ in seen] != expected:
            raise SystemExit(f"{way.name}: frames {seen} were read where {expected} were written")
        return [(at_ns - since_ns) / 1000 for (_, at_ns), since_ns in zip(seen, begun_ns, strict=True)]


def measure(ways: Sequence[Way], rounds: int) -> tuple[Times, Times]:
    """Microseconds from a whole frame to its use, way by way, interleaved: by a reader that was awake, and asleep."""
    awake: Times = {way.name: [] for way in ways}
    asleep: Times = {way.name: [] for way in ways}
    pair = Pair(ways)
    for turn in range(-WARM_UP, rounds):
        for index, way in enumerate(ways):
            streamed, single = pair.stream(index, IN_A_ROW), pair.single(index)
            if turn >= 0:
                awake[way.name] += streamed
                asleep[way.name] += single
    pair.close()
    return awake, asleep


def table(name: str, took: Times) -> Table:
    """Medians and what they are of the ring's."""
    ring = statistics.median(took["ring"])
    rows = [
        {
            "way": way,
            "median": statistics.median(times),
            "p95": statistics.quantiles(times, n=20)[-1],
            "ratio": statistics.median(times) / ring,
            "trials": len(times),
        }
        for way, times in took.items()
    ]
    columns = [
        Column("way", "a 1080p frame, by"),
        Column("median", "median", 1, " us"),
        Column("p95", "p95", 1, " us"),
        Column("ratio", "of the ring", 1),
        Column("trials", "trials", 0),
    ]
    return Table(name, columns, rows, NOTES)


def sleepers(path: Path, count: int, stopped: int) -> list[Any]:
    """Processes that wait for every frame; the first ``stopped`` of them are stopped once they have one."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_sleeper, args=(path,), daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    time.sleep(1.0)
    for process in processes[:stopped]:
        os.kill(process.pid or 0, signal.SIGSTOP)
    return processes


def _sleeper(path: Path) -> None:
    with attach(path=path) as ring:
        while ring.wait(600) is not None:
            pass


def crowd(rounds: int) -> Table:
    """What readers cost a writer that writes as often as a screen of 60 Hz: frames a second, and one publication."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        way = RingWay(Path(folder))
        way.open()
        for count, stopped in ((0, 0), (32, 0), (32, 32), (0, 0)):
            readers = sleepers(way.path, count, stopped)
            times, started_ns = [], time.monotonic_ns()
            for frame in range(rounds):
                time.sleep(max(0.0, (started_ns + frame * 16_666_667 - time.monotonic_ns()) / 1e9))
                before_ns = time.monotonic_ns()
                way.publish()
                times.append((time.monotonic_ns() - before_ns) / 1000)
            rate = rounds / ((time.monotonic_ns() - started_ns) / 1e9 + 1 / 60)
            rows.append(
                {"readers": f"{count}, {stopped} of them stopped", "rate": rate, "publish": statistics.median(times)}
            )
            for process in readers:
                process.kill()
                process.join()
        way.close()
    columns = [
        Column("readers", "readers"),
        Column("rate", "frames a second", 1),
        Column("publish", "one publication", 1, " us"),
    ]
    return Table("What readers cost a writer of 60 frames a second", columns, rows)


def main() -> None:
    """Measure, check, print and save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200, help="frames by each way")
    parser.add_argument("--out", type=Path, help="a folder for bench-ring.md and bench-ring.json")
    options = parser.parse_args()
    report = Report.new("ring", " ".join(["python", *sys.argv]), quick=options.rounds < 100)
    kinds: list[type[Way]] = [RingWay, CopyWay, PipeWay]
    for kind, package in ((ZeromqWay, "zmq"), (IceoryxWay, "iceoryx2")):
        if importlib.util.find_spec(package):
            kinds.append(kind)
        else:
            report.notes.append(f"{package} is not installed here: not compared.")
    kinds.append(WakeWay)
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        awake, asleep = measure([kind(Path(folder)) for kind in kinds], options.rounds)
    os.sched_setaffinity(0, cores)
    report.tables += [
        table("To a reader that is awake, frames back to back", awake),
        table("To a reader that was asleep", asleep),
    ]
    report.tables.append(crowd(options.rounds))
    report.load_after = machine.load()
    print(markdown(report))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "bench-ring.md").write_text(markdown(report))
        (options.out / "bench-ring.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
