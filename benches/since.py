"""What a watcher holds that can show the last ten minutes of somebody typing: 1080p, ten frames a second, no reading.

    python benches/since.py [--minutes 10] [--out benches/results]

The watcher is a process of its own: ``Watch`` with a ring, an archive and its socket, over a source that shows a desktop
in which a letter is typed with every frame, with real anti-aliased glyphs. Its frames carry the times of ten a second
and come as fast as they are taken. Another process then attaches, asks for ``since(60 * minutes)``, and looks at
every frame: their number and times are checked, and of every hundredth all pixels. Resident memory is what the system
says of both processes: the most there ever was, and at the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ironcliw
from ironcliw import clock
from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.frame import Geometry, Rect
from ironcliw.history import archive_handlers, ring_handlers
from ironcliw.ipc import Server
from ironcliw.memory import FrameMemory
from ironcliw.monitor import Watch, WatchOptions
from ironcliw.source import Capture, End, Idle

WIDTH, HEIGHT, FPS = 1920, 1080, 10
LEFT, TOP, ACROSS, LINES, PITCH_PX = 180, 140, 120, 40, 19
LIMIT_MB = 250


class Typing:
    """A live source: frame N shows what it showed before and one letter more; the page is cleared when it is full."""

    name, live, lossless, catches_up = "typing", True, True, True

    def __init__(self, folder: Path, frames: int) -> None:
        self._desk = np.load(folder / "desk.npy", mmap_mode="r")
        self._letters: NDArray[np.uint8] = np.load(folder / "letters.npy")
        self._frames, self._number = frames, 0
        self._memory: FrameMemory | None = None
        self._opened_ns = clock.monotonic_ns() - frames * clock.SECOND // FPS

    def open(self) -> Geometry:
        return Geometry(WIDTH, HEIGHT)

    def attach(self, memory: FrameMemory) -> None:
        self._memory = memory

    def read(self, timeout_ms: int) -> Capture | Idle | End:
        if self._number == self._frames:
            time.sleep(timeout_ms / 1000)
            return Idle(self._time_ns(self._number - 1))
        assert self._memory is not None
        self._memory.catch_up()
        damage = draw(self._memory.pixels, self._desk, self._letters, self._number)
        time_ns = self._time_ns(self._number)
        self._number += 1
        return Capture(self._number - 1, time_ns, self._opened_ns + time_ns, damage and (damage,))

    def describe(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        self._memory = None

    @staticmethod
    def _time_ns(number: int) -> int:
        return number * clock.SECOND // FPS


def draw(pixels: NDArray[np.uint8], desk: NDArray[np.uint8], letters: NDArray[np.uint8], number: int) -> Rect | None:
    """Make of frame ``number - 1`` frame ``number``; where it differs, None for everywhere."""
    place = number % (ACROSS * LINES)
    if place == 0:
        pixels[:] = desk
    row, column = divmod(place, ACROSS)
    height, width = letters.shape[1:3]
    x, y = LEFT + column * width, TOP + row * PITCH_PX
    pixels[y : y + height, x : x + width] = letters[number * 7 % len(letters)]
    return None if place == 0 else Rect(x, y, width, height)


def scene(folder: Path) -> None:
    """What the watcher draws from, so that it need not hold what draws text."""
    from archive_scenes import MONO, Desk
    from PIL import Image, ImageDraw

    _, pixels = next(Desk(1).sequence())
    desk = pixels.copy()
    desk[TOP : TOP + LINES * PITCH_PX, LEFT : LEFT + ACROSS * 9] = (36, 30, 30, 0)
    desk[:, :, 3] = 0
    letters = np.zeros((40, 18, 9, 4), np.uint8)
    for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz0123456789()_."):
        picture = Image.new("RGB", (9, 18), (30, 30, 36))
        ImageDraw.Draw(picture).text((0, 1), letter, font=MONO, fill=(212, 212, 212))
        letters[number, :, :, :3] = np.asarray(picture)[:, :, ::-1]
    np.save(folder / "desk.npy", desk)
    np.save(folder / "letters.npy", letters)


def watch(folder: Path, frames: int) -> None:
    """The watcher: says "done" when all frames are kept, ends with its standard input."""
    options = WatchOptions(text=False, archive=True, share=True, fps=FPS)
    with Watch(Typing(folder, frames), options) as running:
        assert running.ring is not None
        assert running.archive is not None
        handlers = {**ring_handlers(running.ring), **archive_handlers(running.archive)}
        server = Server(folder / "watch.sock", handlers)
        serving = threading.Thread(target=server.run)
        serving.start()
        while running.engine.counts.captured < frames:
            running.get(0.1)
        print("done", running.archive.frames, running.archive.bytes_used, flush=True)
        sys.stdin.read()
        server.close()
        serving.join()


def megabytes(pid: int) -> dict[str, float]:
    """Resident memory: of all kinds, of our own, and the most there was."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    said = {"now": "VmRSS", "anonymous": "RssAnon", "most": "VmHWM"}
    return {name: int(lines[key].split()[0]) * 1024 / 1e6 for name, key in said.items()}


def look(folder: Path, frames: int) -> tuple[int, float]:
    """How many frames ``since`` gave, all as they were, and the seconds that it took."""
    desk, letters = np.load(folder / "desk.npy", mmap_mode="r"), np.load(folder / "letters.npy")
    expected, drawn = np.zeros((HEIGHT, WIDTH, 4), np.uint8), -1
    began = time.monotonic()
    with ironcliw.attach(path=folder / "watch.sock") as ring:
        count = 0
        for frame in ring.since(frames / FPS + 60):
            count += 1
            number = frame.time_ns * FPS // clock.SECOND
            while drawn < number:
                drawn += 1
                draw(expected, desk, letters, drawn)
            if number % 100 == 0 and not np.array_equal(frame.pixels[:, :, :3], expected[:, :, :3]):
                sys.exit(f"frame {number} is not what was shown")
        return count, time.monotonic() - began


def measured(folder: Path, minutes: float) -> Row:
    frames = round(minutes * 60 * FPS)
    scene(folder)
    command = [sys.executable, __file__, "--watch", str(folder), "--frames", str(frames)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        _, kept, used = watcher.stdout.readline().split()
        kept_mb = megabytes(watcher.pid)
        count, took_s = look(folder, frames)
        asked_mb, own_mb = megabytes(watcher.pid), megabytes(os.getpid())
        watcher.communicate("")
    if count < int(kept):
        sys.exit(f"{count} frames came back of {kept} that are kept")
    row: dict[str, Any] = {"minutes": minutes, "frames": count, "archive": int(used) / 1e6, "kept": kept_mb["now"]}
    row |= {"most": asked_mb["most"], "anonymous": asked_mb["anonymous"], "reader": own_mb["most"], "took": took_s}
    return row


def main() -> None:
    """Measure, check, print and save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--out", type=Path, help="a folder for bench-since.md and bench-since.json")
    parser.add_argument("--watch", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--frames", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watch:
        watch(options.watch, options.frames)
        return
    report = Report.new("since", " ".join(["python", *sys.argv]), quick=options.minutes < 10)
    with tempfile.TemporaryDirectory() as folder:
        row = measured(Path(folder), options.minutes)
    columns = [
        Column("minutes", "minutes", 1),
        Column("frames", "distinct frames given back", 0),
        Column("archive", "the archive", 1, " MB"),
        Column("kept", "watcher, all kept", 1, " MB"),
        Column("most", "watcher, most ever", 1, " MB"),
        Column("anonymous", "of it neither ring nor files", 1, " MB"),
        Column("reader", "reader, most ever", 1, " MB"),
        Column("took", "reading all", 1, " s"),
    ]
    note = f"Resident memory; {LIMIT_MB} MB are allowed. The frames of ten a second come as fast as they are taken."
    report.tables.append(Table("Typing at 1080p, and since() back to its beginning", columns, [row], [note]))
    report.load_after = machine.load()
    print(markdown(report), end="")
    if options.out:
        (options.out / "bench-since.md").write_text(markdown(report))
        (options.out / "bench-since.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
