"""A process that writes rings, told what to do line by line on its standard input.

``new SOCKET W H SLOTS [FAULT]`` begins another ring and answers at SOCKET; ``write N`` writes N frames, ``run`` writes
until told ``stop``, ``begin W H`` begins a new epoch, ``odd`` starts a frame and does not finish it, ``end`` ends the
ring. Each is answered by a line: the number of frames written so far. Frame N is filled with a pattern made of N.
FAULT ``even``: the generation of the slot that is being written is not odd.
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
from ironcliw.history.layout import HEADER_BYTES, RECORD_BYTES, slot_bytes_of
from ironcliw.ipc import Server


class Writer:
    def __init__(self, path: str, geometry: Geometry, slots: int, fault: str) -> None:
        self.ring = Ring("ring_process", slots * slot_bytes_of(geometry), shared=True)
        self.frames = 0
        self._fault = fault
        self._stop = threading.Event()
        self._running: threading.Thread | None = None
        self.begin(geometry)
        self._server = Server(Path(path), ring_handlers(self.ring))
        self._serving = threading.Thread(target=self._server.run)
        self._serving.start()

    def begin(self, geometry: Geometry) -> None:
        self._geometry = geometry
        self.ring.begin(geometry)
        self.write(1)

    def write(self, count: int) -> None:
        whole = [Rect(0, 0, self._geometry.width, self._geometry.height)]
        for _ in range(count):
            if self._fault == "even":
                lie_even(self.ring)
            fill(self.ring.memory.pixels, self.frames)
            self.ring.publish(self.frames * clock.MS, clock.monotonic_ns(), whole)
            self.frames += 1

    def run(self) -> None:
        self._stop.clear()
        self._running = threading.Thread(target=self._write_on)
        self._running.start()

    def stop(self) -> None:
        self._stop.set()
        if self._running is not None:
            self._running.join()

    def close(self) -> None:
        self.stop()
        self.ring.close()
        self._server.close()
        self._serving.join()

    def _write_on(self) -> None:
        while not self._stop.is_set():
            self.write(1)


def lie_even(ring: Ring) -> None:
    """The planted fault: the slot that is about to be written says it still holds what it held."""
    epoch = ring._epoch  # pyright: ignore[reportPrivateUsage]
    assert epoch is not None
    at = HEADER_BYTES + RECORD_BYTES * epoch.turn[0]
    word = np.frombuffer(epoch._memory, np.uint64, 1, at)  # pyright: ignore[reportPrivateUsage]
    if word[0] > 1:
        word -= np.uint64(1)  # the generation that it had when it was whole


def main() -> None:
    writer: Writer | None = None
    for line in sys.stdin:
        verb, *given = line.split()
        if verb == "new":
            if writer is not None:
                writer.close()
            fault = given[4] if len(given) > 4 else ""
            writer = Writer(given[0], Geometry(int(given[1]), int(given[2])), int(given[3]), fault)
        assert writer is not None
        match verb:
            case "write":
                writer.write(int(given[0]))
            case "run":
                writer.run()
            case "stop":
                writer.stop()
            case "begin":
                writer.begin(Geometry(int(given[0]), int(given[1])))
            case "odd":
                fill(writer.ring.memory.pixels, 10**6)
            case "end":
                writer.ring.close()
            case _:
                pass
        print(writer.frames, flush=True)
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    main()
