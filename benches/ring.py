"""A new frame in another process: how long after it is whole can it be used there, without a copy and with one?

    make bench-ring                        # or: benches/ring.py --rounds 300 --out benches/results

Two processes. The writer puts a 1080p frame into each way in turn, the ways interleaved; the reader sleeps until it comes,
takes it and looks at its first pixel. Clocks are monotonic, the same for both. The writer's own work of making the frame
(the same for all: it stands in its memory) is not counted; the time starts when it is whole and ends when the reader has
it. What the reader sees is checked beside the clock: a frame whose number is not the one that was written fails the bench.

- ``ring``: ``history.Ring`` and ``ring.wait()``
- ``shared memory + copy``: copied into ``multiprocessing.shared_memory``, the reader told by a pipe, and copied out
- ``zeromq``: ``pyzmq`` PUSH/PULL over ipc, sent without a copy of our own
- ``pipe``: written into a pipe of 1 MiB and read from it
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing import shared_memory
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from ironcliw.bench.machine import describe
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring, attach, ring_handlers
from ironcliw.history.layout import slot_bytes_of
from ironcliw.ipc import Server

WIDTH, HEIGHT = 1920, 1080
SIZE = WIDTH * HEIGHT * 4
NUMBER = struct.Struct("<I")
Frames = Callable[[], int]
"""Waits for the next frame of a way and returns the number in its first pixel."""


class RingWay:
    """The ring."""

    name = "ring"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "watch.sock"

    def open_writer(self) -> None:
        geometry = Geometry(WIDTH, HEIGHT)
        self.ring = Ring("bench", 4 * slot_bytes_of(geometry), shared=True)
        self.ring.begin(geometry)
        self.server = Server(self.path, ring_handlers(self.ring))
        self.serving = threading.Thread(target=self.server.run)
        self.serving.start()
        self.publish()

    def frame(self) -> np.ndarray[Any, Any]:
        return self.ring.memory.pixels

    def publish(self) -> None:
        self.ring.publish(0, time.monotonic_ns(), [Rect(0, 0, WIDTH, HEIGHT)])

    def reader(self) -> Frames:
        ring = attach(path=self.path)
        ring.latest()

        def next_frame() -> int:
            frame = ring.wait(60)
            assert frame is not None
            number = int(frame.pixels.view(np.uint32)[0, 0, 0])
            frame.check()
            return number

        return next_frame

    def close(self) -> None:
        self.ring.close()
        self.server.close()
        self.serving.join()


class CopyWay:
    """Shared memory that is copied into and out of, with a pipe to say when."""

    name = "shared memory + copy"

    def __init__(self, folder: Path) -> None:
        self.told, self.tell = multiprocessing.Pipe(duplex=False)
        self.memory = shared_memory.SharedMemory(create=True, size=SIZE)

    def open_writer(self) -> None:
        self.source = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        self.target = np.frombuffer(self.memory.buf, np.uint8, SIZE).reshape(HEIGHT, WIDTH, 4)

    def frame(self) -> np.ndarray[Any, Any]:
        return self.source

    def publish(self) -> None:
        np.copyto(self.target, self.source)
        self.tell.send_bytes(b"x")

    def reader(self) -> Frames:
        source = np.frombuffer(self.memory.buf, np.uint8, SIZE)
        own = np.zeros(SIZE, np.uint8)
        self.held = source

        def next_frame() -> int:
            self.told.recv_bytes()
            np.copyto(own, source)
            return int(own[:4].view(np.uint32)[0])

        return next_frame

    def close(self) -> None:
        del self.target
        self.memory.close()
        self.memory.unlink()


class ZeromqWay:
    """ZeroMQ, PUSH to PULL."""

    name = "zeromq"

    def __init__(self, folder: Path) -> None:
        self.address = f"ipc://{folder}/zeromq"

    def open_writer(self) -> None:
        import zmq

        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PUSH)
        self.socket.bind(self.address)
        self.source = np.zeros((HEIGHT, WIDTH, 4), np.uint8)

    def frame(self) -> np.ndarray[Any, Any]:
        return self.source

    def publish(self) -> None:
        self.socket.send(self.source, copy=False)

    def reader(self) -> Frames:
        import zmq

        self.context = zmq.Context()
        socket = self.context.socket(zmq.PULL)
        socket.connect(self.address)

        def next_frame() -> int:
            return NUMBER.unpack_from(socket.recv(copy=False).buffer)[0]

        return next_frame

    def close(self) -> None:
        self.context.destroy(linger=0)


class PipeWay:
    """A pipe."""

    name = "pipe"

    def __init__(self, folder: Path) -> None:
        import fcntl

        self.source_end, self.target_end = os.pipe()
        fcntl.fcntl(self.target_end, fcntl.F_SETPIPE_SZ, 1 << 20)

    def open_writer(self) -> None:
        self.source = np.zeros((HEIGHT, WIDTH, 4), np.uint8)

    def frame(self) -> np.ndarray[Any, Any]:
        return self.source

    def publish(self) -> None:
        view = memoryview(self.source).cast("B")
        while view:
            view = view[os.write(self.target_end, view) :]

    def reader(self) -> Frames:
        own = bytearray(SIZE)

        def next_frame() -> int:
            view = memoryview(own)
            while view:
                view = view[os.readv(self.source_end, [view]) :]
            return NUMBER.unpack_from(own)[0]

        return next_frame

    def close(self) -> None:
        os.close(self.source_end)
        os.close(self.target_end)


def read(ways: list[Any], orders: Connection, answers: Connection) -> None:
    """The reading process: for each order (the number of a way), one frame."""
    frames = [way.reader() for way in ways]
    answers.send("ready")
    while (order := orders.recv()) is not None:
        answers.send("waiting")
        number = frames[order]()
        at_ns = time.monotonic_ns()
        answers.send((number, at_ns))


def measure(ways: list[Any], rounds: int) -> dict[str, list[float]]:
    """Microseconds from a whole frame to its use, way by way, interleaved."""
    context = multiprocessing.get_context("fork")
    orders, order = context.Pipe(duplex=False)
    answer, answers = context.Pipe(duplex=False)
    took: dict[str, list[float]] = {way.name: [] for way in ways}
    reader = context.Process(target=read, args=(ways, orders, answers))
    ring = next(way for way in ways if isinstance(way, RingWay))
    others = [way for way in ways if way is not ring]
    reader_ready = False
    for way in others:  # what owns no thread, before the fork; the rest after it
        if not isinstance(way, ZeromqWay):
            way.open_writer()
    # The reader opens its ends when it runs; it waits in ``attach`` for a server that comes a moment later.
    ring_ready = context.Event()
    zeromq = [way for way in ways if isinstance(way, ZeromqWay)]

    def run() -> None:
        ring_ready.wait()
        read(ways, orders, answers)

    reader = context.Process(target=run)
    reader.start()
    ring.open_writer()
    for way in zeromq:
        way.open_writer()
    ring_ready.set()
    assert answer.recv() == "ready"
    reader_ready = True
    number = 0
    for turn in range(rounds + 10):
        for index, way in enumerate(ways):
            number += 1
            way.frame().view(np.uint32)[:] = number
            order.send(index)
            assert answer.recv() == "waiting"
            time.sleep(0.005)  # so that the reader sleeps
            started_ns = time.monotonic_ns()
            way.publish()
            got, at_ns = answer.recv()
            if got != number:
                raise SystemExit(f"{way.name}: frame {got} was read where {number} was written")
            if turn >= 10:
                took[way.name].append((at_ns - started_ns) / 1000)
    order.send(None)
    reader.join()
    assert reader_ready
    return took


def table(took: dict[str, list[float]]) -> str:
    """A Markdown table of medians."""
    ring = statistics.median(took["ring"])
    lines = ["| a 1080p frame, by | median | p95 | of the ring |", "| --- | --- | --- | --- |"]
    for name, times in took.items():
        median = statistics.median(times)
        p95 = statistics.quantiles(times, n=20)[-1]
        lines.append(f"| {name} | {median:,.0f} us | {p95:,.0f} us | {median / ring:,.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, check, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    kinds: list[Any] = [RingWay, CopyWay, PipeWay]
    try:
        import zmq  # noqa: F401

        kinds.append(ZeromqWay)
    except ImportError:
        print("pyzmq is not installed: not compared")
    with tempfile.TemporaryDirectory() as folder:
        ways = [kind(Path(folder)) for kind in kinds]
        took = measure(ways, given.rounds)
        for way in ways:
            way.close()
    text = table(took)
    print(text)
    if given.out is not None:
        machine = describe()
        (given.out / "bench-ring.json").write_text(json.dumps({"machine": machine, "us": took}, indent=1) + "\n")
        (given.out / "bench-ring.md").write_text(f"# A new frame in another process\n\n{text}\n{HOW}")


HOW = """From a whole frame in the writer to the reader, who slept, having looked at its first pixel; the ways interleaved,
the number in the frame checked each time. `make bench-ring ARGS="--out benches/results"`.
"""

if __name__ == "__main__":
    main()
