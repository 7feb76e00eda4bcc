"""Ways for a frame from one process to another; see benches/ring.py."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import multiprocessing
import os
import struct
import threading
import time
from collections.abc import Callable
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring, attach, ring_handlers
from ironcliw.history.layout import slot_bytes_of
from ironcliw.ipc import Server

WIDTH, HEIGHT = 1920, 1080
SIZE = WIDTH * HEIGHT * 4
NUMBER = struct.Struct("<I")
WHOLE = [Rect(0, 0, WIDTH, HEIGHT)]


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
        self.frame()
        self.publish()

    def frame(self) -> NDArray[np.uint8]:
        self.captured_ns = time.monotonic_ns()
        return self.ring.memory.pixels

    def publish(self) -> None:
        self.ring.publish(0, self.captured_ns, WHOLE)

    def reader(self) -> Callable[[bool], int]:
        ring = attach(path=self.path)
        ring.latest()

        def next_frame(awake: bool) -> int:
            while (frame := ring.wait(0 if awake else 60)) is None:
                pass
            number = NUMBER.unpack_from(frame.pixels)[0]
            frame.check()
            return number

        return next_frame

    def close(self) -> None:
        self.ring.close()
        self.server.close()
        self.serving.join()


class WakeWay:
    """Nothing but being told, by a byte in a pipe: the number stands in a word of memory that both have."""

    name = "a wake-up alone"

    def __init__(self, folder: Path) -> None:
        self.told, self.tell = os.pipe()
        self.word = np.frombuffer(mmap.mmap(-1, mmap.PAGESIZE), np.uint32, 1)

    def open(self) -> None:
        self.source = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        self.number = self.source.view(np.uint32)

    def frame(self) -> NDArray[np.uint8]:
        return self.source

    def publish(self) -> None:
        self.word[0] = self.number[0, 0, 0]
        os.write(self.tell, b"x")

    def reader(self) -> Callable[[bool], int]:
        def next_frame(awake: bool) -> int:
            os.set_blocking(self.told, not awake)
            while True:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.told, 1)
                    return int(self.word[0])

        return next_frame

    def close(self) -> None:
        os.close(self.told)
        os.close(self.tell)


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
            while listener.try_wait():
                pass  # events of frames that were taken awake
            if not awake:
                listener.blocking_wait()
            while (sample := subscriber.receive()) is None:
                pass
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
