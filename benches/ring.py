"""A new frame in another process: how soon after it is whole can it be used there, without a copy and with one?

    python benches/ring.py [--rounds 200] [--out benches/results]

Two processes. The writer puts a 1080p frame into each way in turn, the ways interleaved; the reader waits for it, takes
it and looks at its first pixel. The time starts when the frame stands whole in the writer's memory and ends when the
reader has looked, on the clock that both share. The number in the frame is checked: another than was written fails the
bench. Once with a reader that is asleep until the frame comes (what the system takes to wake a process is in it, and
that depends on how busy the machine is), once with one that is awake and looks again and again.

- ``ring``: ``history.Ring`` and ``ring.wait()``
- ``shared memory + copy``: copied into ``multiprocessing.shared_memory``, the reader told by a pipe, and copied out
- ``pipe``: written into a pipe of 1 MiB and read from it
- ``zeromq``: pyzmq, PUSH to PULL over ipc, without a copy of our own
- ``iceoryx2``: a sample on loan, sent, and told by its event service

pyzmq and iceoryx2 are compared where they are installed.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import importlib.util
import itertools
import multiprocessing
import os
import statistics
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import shared_memory
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Table, dumps, markdown
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring, attach, ring_handlers
from ironcliw.history.layout import slot_bytes_of
from ironcliw.ipc import Server

WIDTH, HEIGHT = 1920, 1080
SIZE = WIDTH * HEIGHT * 4
WARM_UP = 10
NUMBER = struct.Struct("<I")
NOTES = [
    "From the moment the frame stands whole in the writer's memory to the reader having looked at its first pixel. The "
    "ways are interleaved, and the number in each frame is checked.",
    "iceoryx2: the sample is on loan before the time starts; asleep, the reader is told by its event service.",
]


class Way(Protocol):
    """A way from one process to another. What both processes share is made by ``__init__``, before the fork."""

    name: str

    def __init__(self, folder: Path) -> None: ...
    def open(self) -> None:
        """Make the writer's end."""

    def frame(self) -> NDArray[np.uint8]:
        """Where the writer makes the next frame, (1080, 1920, 4) uint8."""
        ...

    def publish(self) -> None:
        """Send what stands there."""

    def reader(self) -> Callable[[bool], int]:
        """The reader's end: waits for the next frame, awake or not, and returns the number in its first pixel."""
        ...

    def close(self) -> None:
        """End the writer's end."""


class RingWay:
    """The ring."""

    name = "ring"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "watch.sock"

    def open(self) -> None:
        geometry = Geometry(WIDTH, HEIGHT)
        self.ring = Ring("bench", 4 * slot_bytes_of(geometry), shared=True)
        self.ring.begin(geometry)
        self.server = Server(self.path, ring_handlers(self.ring))
        self.serving = threading.Thread(target=self.server.run)
        self.serving.start()
        self.publish()

    def frame(self) -> NDArray[np.uint8]:
        return self.ring.memory.pixels

    def publish(self) -> None:
        self.ring.publish(0, time.monotonic_ns(), [Rect(0, 0, WIDTH, HEIGHT)])

    def reader(self) -> Callable[[bool], int]:
        ring = attach(path=self.path)
        ring.latest()

        def next_frame(awake: bool) -> int:
            while (frame := ring.wait(0 if awake else 60)) is None:
                pass
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

    def open(self) -> None:
        self.source = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        self.target = np.frombuffer(self.memory.buf, np.uint8, SIZE).reshape(HEIGHT, WIDTH, 4)

    def frame(self) -> NDArray[np.uint8]:
        return self.source

    def publish(self) -> None:
        np.copyto(self.target, self.source)
        self.tell.send_bytes(b"x")

    def reader(self) -> Callable[[bool], int]:
        source = np.frombuffer(self.memory.buf, np.uint8, SIZE)
        own = np.zeros(SIZE, np.uint8)
        self.held = source

        def next_frame(awake: bool) -> int:
            while awake and not self.told.poll(0):
                pass
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

    def open(self) -> None:
        import zmq

        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PUSH)
        self.socket.bind(self.address)
        self.source = np.zeros((HEIGHT, WIDTH, 4), np.uint8)

    def frame(self) -> NDArray[np.uint8]:
        return self.source

    def publish(self) -> None:
        self.socket.send(self.source, copy=False)

    def reader(self) -> Callable[[bool], int]:
        import zmq

        self.context = zmq.Context()
        socket = self.context.socket(zmq.PULL)
        socket.connect(self.address)

        def next_frame(awake: bool) -> int:
            while awake and not socket.poll(0):
                pass
            return NUMBER.unpack_from(socket.recv(copy=False).buffer)[0]

        return next_frame

    def close(self) -> None:
        self.context.destroy(linger=0)


class PipeWay:
    """A pipe."""

    name = "pipe"

    def __init__(self, folder: Path) -> None:
        self.source_end, self.target_end = os.pipe()
        fcntl.fcntl(self.target_end, fcntl.F_SETPIPE_SZ, 1 << 20)

    def open(self) -> None:
        self.source = np.zeros((HEIGHT, WIDTH, 4), np.uint8)

    def frame(self) -> NDArray[np.uint8]:
        return self.source

    def publish(self) -> None:
        view = memoryview(self.source).cast("B")
        while view:
            view = view[os.write(self.target_end, view) :]

    def reader(self) -> Callable[[bool], int]:
        own = bytearray(SIZE)

        def next_frame(awake: bool) -> int:
            view = memoryview(own)
            os.set_blocking(self.source_end, not awake)
            while view:
                with contextlib.suppress(BlockingIOError):
                    view = view[os.readv(self.source_end, [view]) :]
            return NUMBER.unpack_from(own)[0]

        return next_frame

    def close(self) -> None:
        os.close(self.source_end)
        os.close(self.target_end)


class IceoryxWay:
    """iceoryx2: a sample on loan and an event."""

    name = "iceoryx2"

    def __init__(self, folder: Path) -> None:
        self.service = f"ironcliw-bench-{os.getpid()}"

    def open(self) -> None:
        self.node, samples, events = self._services()
        self.publisher = samples.publisher_builder().initial_max_slice_len(SIZE).max_loaned_samples(2).create()
        self.notifier = events.notifier_builder().create()
        self._loan()

    def frame(self) -> NDArray[np.uint8]:
        return self.pixels

    def publish(self) -> None:
        self.sample.assume_init().send()
        self.notifier.notify()
        del self.pixels
        self._loan()

    def reader(self) -> Callable[[bool], int]:
        kept = self._services()
        subscriber = kept[1].subscriber_builder().create()
        listener = kept[2].listener_builder().create()
        self.kept = kept, subscriber, listener

        def next_frame(awake: bool) -> int:
            if not awake:
                listener.blocking_wait()
            while (sample := subscriber.receive()) is None:
                pass
            if awake:
                listener.blocking_wait()  # takes the event that came with it, for the next time
            number = ctypes.c_uint32.from_address(sample.payload_ptr).value
            sample.delete()
            return number

        return next_frame

    def close(self) -> None:
        del self.pixels
        self.sample.delete()

    def _services(self) -> Any:
        import iceoryx2

        iceoryx2.set_log_level(iceoryx2.LogLevel.Error)
        node = iceoryx2.NodeBuilder.new().create(iceoryx2.ServiceType.Ipc)
        name = iceoryx2.ServiceName.new(self.service)
        samples = node.service_builder(name).publish_subscribe(iceoryx2.Slice[ctypes.c_uint8]).open_or_create()
        events = node.service_builder(name).event().open_or_create()
        return node, samples, events

    def _loan(self) -> None:
        self.sample = self.publisher.loan_slice_uninit(SIZE)
        memory = (ctypes.c_uint8 * SIZE).from_address(self.sample.payload_ptr)
        self.pixels = np.frombuffer(memory, np.uint8).reshape(HEIGHT, WIDTH, 4)


def read(ways: Sequence[Way], begun: Event, orders: Connection, answers: Connection) -> None:
    """The reading process: for each order (the number of a way, and whether to stay awake), one frame."""
    begun.wait()
    frames = [way.reader() for way in ways]
    answers.send("ready")
    while (order := orders.recv()) is not None:
        way, awake = order
        answers.send("waiting")
        number = frames[way](awake)
        answers.send((number, time.monotonic_ns()))


Times = dict[str, list[float]]


def measure(ways: Sequence[Way], rounds: int) -> tuple[Times, Times]:
    """Microseconds from a whole frame to its use, way by way, interleaved: by a reader that was asleep, and awake."""
    context = multiprocessing.get_context("fork")
    orders, order = context.Pipe(duplex=False)
    answer, answers = context.Pipe(duplex=False)
    begun = context.Event()
    reader = context.Process(target=read, args=(ways, begun, orders, answers))
    reader.start()  # before any way has a thread
    for way in ways:
        way.open()
    begun.set()
    if answer.recv() != "ready":
        raise SystemExit("the reader did not begin")
    took: tuple[Times, Times] = ({way.name: [] for way in ways}, {way.name: [] for way in ways})
    number = 0
    for turn, awake in itertools.product(range(-WARM_UP, rounds), (False, True)):
        for index, way in enumerate(ways):
            number += 1
            way.frame().view(np.uint32)[:] = number
            order.send((index, awake))
            answer.recv()
            time.sleep(0.005)  # so that the reader is asleep, or looking
            started_ns = time.monotonic_ns()
            way.publish()
            got, at_ns = answer.recv()
            if got != number:
                raise SystemExit(f"{way.name}: frame {got} was read where {number} was written")
            if turn >= 0:
                took[awake][way.name].append((at_ns - started_ns) / 1000)
    order.send(None)
    reader.join()
    for way in ways:
        way.close()
    return took


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
    with tempfile.TemporaryDirectory() as folder:
        asleep, awake = measure([kind(Path(folder)) for kind in kinds], options.rounds)
    report.tables += [table("To a reader that is awake", awake), table("To a reader that was asleep", asleep)]
    report.load_after = machine.load()
    print(markdown(report))
    if options.out:
        (options.out / "bench-ring.md").write_text(markdown(report))
        (options.out / "bench-ring.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
