"""How long the kernels take, against one read and one copy of the same memory and against what else there is.

    python benches/kernels.py [--rounds 200] [--reference-rounds 5]

Every trial works on another frame than the one before, of more memory than the caches hold (the state of things at ten
frames a second); cases are interleaved in shuffled order, and trials are dropped where the thread was off the processor
for more than 6 % of the time (the reference's, which are long, for more than half). That both implementations answer
alike is checked first. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import ctypes
import platform
import random
import statistics
import subprocess
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from ironcliw import kernels
from ironcliw.kernels import reference

HEIGHT, WIDTH, FRAMES = 1080, 1920, 20
SIZE_BYTES = HEIGHT * WIDTH * 4
SHAPE = kernels.grid_shape(HEIGHT, WIDTH)
OFF_PROCESSOR_MAX = 0.06
OFF_PROCESSOR_MAX_LONG = 0.5
Case = Callable[[int], Any]

libc = ctypes.CDLL(None)
libc.memchr.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
libc.memchr.restype = ctypes.c_void_p


class Screen:
    """Frames of noise (no byte is 255), each with a twin to which a line of text was added, and what was kept of it."""

    def __init__(self) -> None:
        random_bytes = np.random.default_rng(1)
        self.frames = [random_bytes.integers(0, 255, (HEIGHT, WIDTH, 4), np.uint8) for _ in range(FRAMES)]
        self.typed = [frame.copy() for frame in self.frames[: FRAMES // 2]]
        for frame in self.typed:
            frame[500:516, 200:900, :3] ^= 1
        self.grids = [np.zeros(SHAPE, np.uint64) for _ in self.frames]
        self.changed = np.zeros(SHAPE, np.bool_)
        for frame, grid in zip(self.frames, self.grids, strict=True):
            kernels.fingerprint(frame, grid, self.changed)
        self.grid = np.zeros(SHAPE, np.uint64)
        self.counts, self.boxes = np.zeros(SHAPE, np.uint32), np.zeros((*SHAPE, 4), np.int32)
        self.target = np.ones((HEIGHT, WIDTH, 4), np.uint8)
        self.few = np.zeros(SHAPE, np.bool_)
        self.few[7:9, 3:15] = True
        self.three = [np.ascontiguousarray(frame[:, :, :3]) for frame in self.frames]

    def read(self, i: int) -> None:
        assert libc.memchr(self.frames[i].ctypes.data, 255, SIZE_BYTES) is None

    def copy(self, i: int) -> None:
        ctypes.memmove(self.target.ctypes.data, self.frames[i].ctypes.data, SIZE_BYTES)

    def still(self, i: int) -> None:
        assert kernels.fingerprint(self.frames[i], self.grids[i], self.changed) == 0

    def all_new(self, i: int) -> None:
        self.grid.fill(0)
        kernels.fingerprint(self.frames[i], self.grid, self.changed)

    def among(self, i: int) -> None:
        kernels.fingerprint(self.frames[i], self.grids[i], self.changed, self.few)

    def three_bytes(self, i: int) -> None:
        self.grid.fill(0)
        kernels.fingerprint(self.three[i], self.grid, self.changed)

    def typing(self, i: int) -> None:
        """A frame with a line of text more than the one that is kept: found, boxed and kept."""
        i %= len(self.typed)
        grid = self.grids[i].copy()
        kept = self.frames[i]
        assert kernels.fingerprint(self.typed[i], grid, self.changed) == 24
        assert kernels.difference(kept, self.typed[i], 0, self.changed, self.counts, self.boxes) == 16 * 700
        kernels.copy_tiles(self.typed[i], self.target, self.changed)

    def difference(self, threshold: int) -> Case:
        def case(i: int) -> None:
            other = self.frames[(i + FRAMES // 2) % FRAMES]
            kernels.difference(self.frames[i], other, threshold, None, self.counts, self.boxes)

        return case

    def copy_tiles(self, i: int) -> None:
        kernels.copy_tiles(self.frames[i], self.target)


def peers(screen: Screen) -> dict[str, Case]:
    """Other ways to less of an answer."""
    frames = screen.frames
    found: dict[str, Case] = {
        "xxhash: xxh3_64 of the frame (no tiles)": lambda i: xxhash.xxh3_64_intdigest(frames[i]),
        "xxhash: the same of tobytes()": lambda i: xxhash.xxh3_64_intdigest(frames[i].tobytes()),
        "numpy: array_equal of unlike twins": lambda i: np.array_equal(screen.typed[i % 10], frames[i % 10]),
    }
    try:
        import cv2
    except ImportError:
        return found

    def tiles(i: int) -> list[int]:
        blocks = (frames[i][y : y + 64, x : x + 64] for y in range(0, HEIGHT, 64) for x in range(0, WIDTH, 64))
        return [xxhash.xxh3_64_intdigest(np.ascontiguousarray(block)) for block in blocks]

    def absdiff(i: int) -> Any:
        apart = cv2.absdiff(screen.typed[i % 10], frames[i % 10])
        mask = cv2.threshold(cv2.cvtColor(apart, cv2.COLOR_BGRA2GRAY), 0, 255, cv2.THRESH_BINARY)[1]
        return cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)

    cv2.setNumThreads(1)
    return found | {"xxhash: 510 tiles": tiles, "opencv: absdiff, gray, threshold, contours": absdiff}


def reference_cases(screen: Screen) -> dict[str, Case]:
    def fingerprint(i: int) -> None:
        reference.fingerprint(screen.frames[i], screen.grids[i], screen.changed)

    def difference(i: int) -> None:
        reference.difference(screen.frames[i], screen.frames[i - 1], 0, None, screen.counts, screen.boxes)

    return {"reference: fingerprint, still": fingerprint, "reference: difference, every pixel": difference}


def check(screen: Screen) -> None:
    """Both implementations agree on the frames that are timed."""
    for frame, other in zip(screen.typed[:2], screen.frames[:2], strict=True):
        answers: list[Any] = []
        for one in (kernels, reference):
            grid, counts, boxes = (
                np.zeros(SHAPE, np.uint64),
                np.zeros(SHAPE, np.uint32),
                np.zeros((*SHAPE, 4), np.int32),
            )
            one.fingerprint(frame, grid, np.zeros(SHAPE, np.bool_))
            one.difference(other, frame, 0, None, counts, boxes)
            answers.append((grid.tolist(), counts.tolist(), boxes.tolist()))
        assert answers[0] == answers[1]


def measure(
    cases: dict[str, Case], rounds: int, off_processor_max: float = OFF_PROCESSOR_MAX
) -> dict[str, list[float]]:
    """Milliseconds of every trial that was not disturbed."""
    trials: dict[str, list[float]] = {name: [] for name in cases}
    order = list(cases)
    frame = 0
    for number in range(rounds + 2):
        random.shuffle(order)
        for name in order:
            # 7 and 20 have no common factor: every frame has its turn, and neighbours are seldom neighbours.
            frame = (frame + 7) % FRAMES
            began_ns, began_cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
            cases[name](frame)
            cpu_ns, wall_ns = time.thread_time_ns() - began_cpu_ns, time.perf_counter_ns() - began_ns
            if number >= 2 and cpu_ns >= wall_ns * (1 - off_processor_max):
                trials[name].append(wall_ns / 1e6)
    return trials


def overhead_us() -> dict[str, float]:
    """Microseconds of a call that has next to nothing to do: one pixel."""
    pixel, other = np.zeros((1, 1, 4), np.uint8), np.zeros((1, 1, 4), np.uint8)
    grid, changed, mask = np.zeros((1, 1), np.uint64), np.zeros((1, 1), np.bool_), np.ones((1, 1), np.bool_)
    counts, boxes = np.zeros((1, 1), np.uint32), np.zeros((1, 1, 4), np.int32)
    calls: dict[str, Callable[[], int]] = {
        "fingerprint": lambda: kernels.fingerprint(pixel, grid, changed, mask),
        "difference": lambda: kernels.difference(pixel, other, 0, mask, counts, boxes),
        "copy_tiles": lambda: kernels.copy_tiles(pixel, other, mask),
    }
    found: dict[str, float] = {}
    for name, call in calls.items():
        samples: list[float] = []
        for _ in range(50):
            began_ns = time.perf_counter_ns()
            for _ in range(1000):
                call()
            samples.append((time.perf_counter_ns() - began_ns) / 1e6)
        found[name] = statistics.median(samples)
    return found


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(models)} x {models[0]}" if models else model
    ran = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "xxhash"))
    return f"{model}; Python {platform.python_version()}, {versions}; commit {ran.stdout.strip()}; {kernels.REASON}"


def table(trials: dict[str, list[float]]) -> None:
    read, copy = (statistics.median(trials[name]) for name in ("one read (memchr)", "memcpy"))
    print("| case | median ms | p95 | p99 | x one read | x memcpy | trials |\n|---|---|---|---|---|---|---|")
    for name, values in trials.items():
        if len(values) < 3:
            print(f"| {name} | too few undisturbed trials |")
            continue
        median = statistics.median(values)
        p95, p99 = (np.percentile(values, share) for share in (95, 99))
        ratios = f"{median / read:.2f} | {median / copy:.2f}"
        print(f"| {name} | {median:.3f} | {p95:.3f} | {p99:.3f} | {ratios} | {len(values)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--reference-rounds", type=int, default=5)
    options = parser.parse_args()
    screen = Screen()
    check(screen)
    cases: dict[str, Case] = {
        "one read (memchr)": screen.read,
        "memcpy": screen.copy,
        "fingerprint, still": screen.still,
        "fingerprint, every pixel new": screen.all_new,
        "fingerprint, 24 tiles of 510": screen.among,
        "fingerprint, 3 bytes a pixel": screen.three_bytes,
        "typing: fingerprint, difference, copy": screen.typing,
        "difference, every pixel, threshold 0": screen.difference(0),
        "difference, every pixel, threshold 300": screen.difference(300),
        "copy_tiles, all": screen.copy_tiles,
    }
    print(f"{machine()}\n\n{WIDTH}x{HEIGHT} BGRX, {FRAMES * SIZE_BYTES / 1e6:.0f} MB of frames in turn, one thread\n")
    trials = measure(cases | peers(screen), options.rounds)
    table(trials | measure(reference_cases(screen), options.reference_rounds, OFF_PROCESSOR_MAX_LONG))
    print("\nA call on one pixel, us: " + ", ".join(f"{name} {us:.2f}" for name, us in overhead_us().items()))


if __name__ == "__main__":
    main()
