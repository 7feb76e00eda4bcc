"""What capturing into a ring costs beside capturing into one frame of memory: processor time, on a 1080p screen.

    python benches/ring_capture.py [--rounds 200] [--out benches/results]

Ways, interleaved on one display: one ``FrameMemory`` (no ring), a ring of one slot, and rings of 4 and 16. Per capture:
drawing on the screen (not counted), then ``read``, the change step and what the ring does, counted as processor time of
this process and of the X server. Scenes: a letter is typed; a letter is typed somewhere else each time; a line of full
width; all pixels are new; nothing changed but was redrawn. After each capture the slot is compared with what the change
step saw: a slot that was not brought up to date fails the bench.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ironcliw.bench import machine
from ironcliw.bench.displays import HEIGHT, WIDTH, Display, xvfb
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.bench.xclient import XClient
from ironcliw.change import ChangeTracker
from ironcliw.frame import Geometry
from ironcliw.history import Ring
from ironcliw.history.layout import slot_bytes_of
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Capture, hand_on
from ironcliw.source.x11 import X11Source

WARM_UP = 20
WAYS = {"one frame": 0, "ring of 1": 1, "ring of 4": 4, "ring of 16": 16}
Draw = Callable[[XClient, int, int], None]


class Capturing:
    """A source and where it captures to."""

    def __init__(self, display: str, slots: int) -> None:
        self.source = X11Source(display, fps=240, include_self=True, probe_ms=3_600_000)
        geometry = self.source.open()
        self.tracker = ChangeTracker(geometry.height, geometry.width)
        self.ring = Ring("bench", slots * slot_bytes_of(Geometry(WIDTH, HEIGHT))) if slots else None
        self.memory = self.ring.begin(geometry) if self.ring else FrameMemory(geometry.width, geometry.height)
        self.source.attach(self.memory)
        self.step()

    def step(self) -> int:
        """One capture of what was drawn; nanoseconds of processor time."""
        time.sleep(0.006)  # so that none is put off
        started_ns = time.process_time_ns()
        message = self.source.read(2000)
        if not isinstance(message, Capture):
            raise SystemExit(f"nothing was captured: {message}")
        change = self.tracker.apply(self.memory.pixels, message.damage)
        shown = self.memory
        if self.ring is not None and change.regions:
            following = self.ring.publish(message.time_ns, message.captured_at_ns, change.regions)
            if following is not self.memory:
                hand_on(self.source, following)
            self.memory = following
        took_ns = time.process_time_ns() - started_ns
        if not np.array_equal(shown.pixels[:, :, :3], self.tracker.shown[:, :, :3]):
            raise SystemExit("the slot does not show the screen")
        return took_ns

    def close(self) -> None:
        self.source.close()
        if self.ring is not None:
            self.ring.close()
        else:
            self.memory.close()


def _colour(number: int) -> int:
    return (number * 2654435761) & 0xFFFFFF


def typed(client: XClient, window: int, number: int) -> None:
    client.fill(window, 40 + 9 * (number % 80), 40 + 19 * (number // 80 % 40), 8, 15, _colour(number))


def elsewhere(client: XClient, window: int, number: int) -> None:
    place = _colour(number)
    client.fill(window, place % (WIDTH - 9), place // WIDTH % (HEIGHT - 16), 8, 15, _colour(number + 1))


def line(client: XClient, window: int, number: int) -> None:
    client.fill(window, 0, 20 * (number % 50), WIDTH, 16, _colour(number))


def all_new(client: XClient, window: int, number: int) -> None:
    client.fill(window, 0, 0, WIDTH, HEIGHT, _colour(number))


def redrawn(client: XClient, window: int, number: int) -> None:
    client.fill(window, 40, 40, 8, 15, 0x123456)


SCENES: dict[str, Draw] = {
    "a letter typed": typed,
    "a letter elsewhere": elsewhere,
    "a line of full width": line,
    "all new": all_new,
    "redrawn as it was": redrawn,
}


def server_ns(display: Display) -> int:
    """Processor time of the X server."""
    fields = Path(f"/proc/{display.pid}/schedstat").read_text().split()
    return int(fields[0])


def measure(display: Display, draw: Draw, rounds: int) -> dict[str, list[float]]:
    """Microseconds of a capture, this process and the server, way by way."""
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    client = XClient(display.name)
    window = client.window(0, 0, WIDTH, HEIGHT, 0x101010)
    client.sync()
    all_of_them = {way: Capturing(display.name, slots) for way, slots in WAYS.items()}
    for turn in range(-WARM_UP, rounds):
        draw(client, window, turn + WARM_UP + 1)
        client.sync()
        for way in sorted(WAYS, key=lambda way: hash((way, turn))):
            before_ns = server_ns(display)
            own_ns = all_of_them[way].step()
            if turn >= 0:
                took[way].append((own_ns + server_ns(display) - before_ns) / 1000)
    for capturing in all_of_them.values():
        capturing.close()
    client.close()
    return took


def table(display: Display, rounds: int) -> Table:
    """A row a scene: the median with one frame of memory, and what rings cost of that."""
    rows: list[Row] = []
    for scene, draw in SCENES.items():
        took = measure(display, draw, rounds)
        plain = took["one frame"]
        row: Row = {"scene": scene, "plain": statistics.median(plain), "trials": rounds}
        for way in list(WAYS)[1:]:
            row[way] = statistics.median(a / b for a, b in zip(took[way], plain, strict=True))
        rows.append(row)
    columns = [
        Column("scene", "a capture, 1080p"),
        Column("plain", "one frame", 0, " us"),
        *(Column(way, f"{way}, of that") for way in list(WAYS)[1:]),
        Column("trials", "trials", 0),
    ]
    notes = [
        "Processor time of this process and of the X server; each capture beside that of one frame in the same turn."
    ]
    return Table("Capturing into a ring", columns, rows, notes)


def main() -> None:
    """Measure, check, print and save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200, help="captures by each way of each scene")
    parser.add_argument("--out", type=Path, help="a folder for bench-ring-capture.md and bench-ring-capture.json")
    options = parser.parse_args()
    report = Report.new("ring-capture", " ".join(["python", *sys.argv]), quick=options.rounds < 100)
    with xvfb() as display:
        report.tables.append(table(display, options.rounds))
    report.load_after = machine.load()
    print(markdown(report))
    if options.out:
        (options.out / "bench-ring-capture.md").write_text(markdown(report))
        (options.out / "bench-ring-capture.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
