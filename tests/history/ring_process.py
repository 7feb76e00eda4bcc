"""A process that writes a ring, told what to do line by line on its standard input.

python ring_process.py SOCKET WIDTH HEIGHT SLOTS [FAULT]

``write N`` writes N frames, ``run`` writes until told ``stop``, ``begin W H`` begins a new ring, ``close`` ends it,
``odd`` starts a frame and does not finish it. Each is answered by a line: the number of frames written so far.
Each frame N is filled with a pattern made of N. FAULT ``even``: the slot's generation is never odd.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
from ring_pattern import fill

from ironcliw import clock
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring, ring_handlers
from ironcliw.history.layout import slot_bytes_of
from ironcliw.ipc import Server


class Writer:
    def __init__(self, geometry: Geometry, slots: int, fault: str) -> None:
        self.ring = Ring("ring_process", slots * slot_bytes_of(geometry), shared=True)
        self.frames = 0
        self.fault = fault
        self.begin(geometry)

    def begin(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.ring.begin(geometry)
        self.write(1)

    def write(self, count: int) -> None:
        whole = [Rect(0, 0, self.geometry.width, self.geometry.height)]
        for _ in range(count):
            if self.fault == "even":
                words = self.ring._epoch.words  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]
                lie_even(self.ring, words)
            fill(self.ring.memory.pixels, self.frames)
            self.ring.publish(self.frames * clock.MS, clock.monotonic_ns(), whole)
            self.frames += 1


def lie_even(ring: Ring, words: object) -> None:
    """The planted fault: the slot that is about to be written says it still holds what it held."""
    epoch = ring._epoch  # pyright: ignore[reportPrivateUsage]
    assert epoch is not None
    at = 512 + 128 * epoch._next  # pyright: ignore[reportPrivateUsage]
    word = np.frombuffer(epoch._memory, np.uint64, 1, at)  # pyright: ignore[reportPrivateUsage]
    word &= ~np.uint64(1)


def main() -> None:
    path, width, height, slots = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    writer = Writer(Geometry(width, height), slots, sys.argv[5] if len(sys.argv) > 5 else "")
    server = Server(path, ring_handlers(writer.ring))
    serving = threading.Thread(target=server.run)
    serving.start()
    print(writer.frames, flush=True)
    stop = threading.Event()
    running: threading.Thread | None = None

    def run() -> None:
        while not stop.is_set():
            writer.write(1)

    for line in sys.stdin:
        match line.split():
            case ["write", count]:
                writer.write(int(count))
            case ["run"]:
                stop.clear()
                running = threading.Thread(target=run)
                running.start()
            case ["stop"]:
                stop.set()
                if running is not None:
                    running.join()
            case ["begin", width, height]:
                writer.begin(Geometry(int(width), int(height)))
            case ["odd"]:
                fill(writer.ring.memory.pixels, 10**6)
            case _:
                break
        print(writer.frames, flush=True)
    stop.set()
    if running is not None:
        running.join()
    writer.ring.close()
    server.close()
    serving.join()


if __name__ == "__main__":
    main()
