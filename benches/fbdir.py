"""What a look at the framebuffer of Xvfb costs, beside one read of the frame and what others do: --rounds N.

python benches/fbdir.py
"""

from __future__ import annotations

import argparse
import ctypes
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import mss
import numpy as np
import xxhash

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conftest import Display
from ironcliw.memory import FrameMemory
from ironcliw.source.fbdir import FbdirSource


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=300)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        display = Display("Xvfb", 1920, 1080, ("-fbdir", folder))
        try:
            measure(display, folder, rounds)
        finally:
            display.close()


def measure(display: Display, folder: str, rounds: int) -> None:
    source = FbdirSource(folder, fps=240)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    source.read(1000)
    libc = ctypes.CDLL(None)
    libc.memchr.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    libc.memchr.restype = ctypes.c_void_p
    address, length = source._shown.ctypes.data, source._shown.size
    absent = int(np.setdiff1d(np.arange(256), source._shown)[0])

    def look() -> None:
        source.pace.due_ns = 0
        source.read(0)

    with mss.MSS(display=display.display) as screen:
        box = screen.monitors[0]
        steps: dict[str, Callable[[], object]] = {
            "one read (memchr of the mapped frame)": lambda: libc.memchr(address, absent, length),
            "a look at a still screen": look,
            "mss + xxh3": lambda: xxhash.xxh3_64_intdigest(screen.grab(box).raw),
        }
        times: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(rounds):  # in turn: whatever else the machine does hits all of them
            for name, step in steps.items():
                started = time.perf_counter()
                step()
                times[name].append((time.perf_counter() - started) * 1000)
    read = statistics.median(next(iter(times.values())))
    print("| 1920x1080, still | median | p95 | of one read |\n| --- | --- | --- | --- |")
    for name, found in times.items():
        median, p95 = statistics.median(found), statistics.quantiles(found, n=20)[-1]
        print(f"| {name} | {median:.2f} ms | {p95:.2f} ms | {median / read:.2f} |")
    source.close()
    memory.close()


if __name__ == "__main__":
    main()
