"""What watching costs at the edges: 1080p 60 times a second with every pixel moving; two 4K screens, one typed on.

python benches/screens.py [--seconds 20]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conftest import Display
from ironcliw.memory import Ledger
from ironcliw.monitor.many import ManyWatch, Named
from ironcliw.monitor.watch_options import WatchOptions

TESTS = sys.path[0]
DRAW = """
import sys, time
sys.path.insert(0, sys.argv[1])
from xclient import XClient
client = XClient(sys.argv[2])
width, height, rate, what = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), sys.argv[6]
window = client.window(0, 0, width, height, 0x223344)
step, due = 0, time.monotonic()
while True:
    step += 1
    if what == "all":
        client.rect(window, 0, 0, width, height, (step * 2654435761) & 0xFFFFFF)
    else:
        client.rect(window, 100 + 9 * (step % 80), 300 + 20 * (step // 80 % 40), 8, 16, 0xFFFFFF)
    client.sync()
    due += 1 / rate
    time.sleep(max(0, due - time.monotonic()))
"""


def drawer(display: Display, size: tuple[int, int], rate: float, what: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", DRAW, TESTS, display.display, str(size[0]), str(size[1]), str(rate), what]
    return subprocess.Popen(command)


def watched(what: str, screens: list[tuple[Display, float]], seconds: float) -> None:
    ledger = Ledger()
    named = [
        Named(f"s{n}", f"x11:{display.display}", WatchOptions(fps=fps, text=False, include_self=True, memory=ledger))
        for n, (display, fps) in enumerate(screens)
    ]
    with ManyWatch(named) as many:
        while many.get(2) is not None and len(many.watches) < len(named):
            pass
        time.sleep(3)
        while many.get(0) is not None:
            pass
        before, began = time.process_time(), time.monotonic()
        while time.monotonic() - began < seconds:
            many.get(0.5)
        passed, cpu = time.monotonic() - began, time.process_time() - before
        many.stop()
        frames = []
        while not many.ended:
            event = many.get(0.5)
            if event is not None and event.type == "summary":
                frames.append((event.source, event.data["duration_s"], event.data["frames"]))
    print(f"{what} (load {os.getloadavg()[0]:.1f}): {100 * cpu / passed:.1f} % of a core")
    for name, duration_s, counted in frames:
        captured, dropped = counted["captured"], counted["dropped"]
        known = counted["duplicate"] + counted["changed"] + counted["excluded"] + sum(dropped.values())
        rate = captured / duration_s
        print(f"  {name}: {captured} captured, {rate:.1f} a second, dropped {dropped}, unexplained {captured - known}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    full_hd, large = (1920, 1080), (3840, 2160)
    displays = [Display("Xvfb", *full_hd), Display("Xvfb", *large), Display("Xvfb", *large)]
    drawers: list[subprocess.Popen[bytes]] = []
    try:
        drawers.append(drawer(displays[0], full_hd, 60, "all"))
        watched("1080p at 60 a second, everything moving", [(displays[0], 60)], seconds)
        drawers.pop().kill()
        drawers.append(drawer(displays[1], large, 8, "typing"))
        watched("two 4K screens at 10 a second, one typed on", [(displays[1], 10), (displays[2], 10)], seconds)
    finally:
        for each in drawers:
            each.kill()
            each.wait()
        for display in displays:
            display.close()


if __name__ == "__main__":
    main()
