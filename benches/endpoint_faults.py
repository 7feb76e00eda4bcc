"""Does capture go on while endpoints fail? A watch alone, and the same while a model is asked that fails in every way.

    python benches/endpoint_faults.py [--seconds 20] [--out benches/results]

Both run in turns on one machine; the figure is their ratio. Every kind of fault of ``tests/vision_model`` is met, each
with a deadline of 1 s: how late the latest answer came, how many tries there were, and what memory grew by.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent.parent / "tests"
sys.path[:0] = [str(HERE), str(HERE / "vision_model")]

from asking_setup import asker_of, choice_of, request  # noqa: E402
from endpoint_faults import EARLY, FAULTS  # noqa: E402
from model_server import ModelServer  # noqa: E402

from ironcliw.bench.machine import in_words, load  # noqa: E402
from ironcliw.monitor.watching import Watch, WatchOptions  # noqa: E402
from ironcliw.vision_model import Deadline  # noqa: E402

FPS = 10
DEADLINE_S = 1.0


def frames() -> Iterator[NDArray[np.uint8]]:
    for at in itertools.count():
        frame = np.full((720, 1280, 3), 40, np.uint8)
        frame[100:140, at * 8 % 1200 : at * 8 % 1200 + 40] = 200
        yield frame


def rate(stop: threading.Event | None, seconds: float) -> float:
    """Frames a second that were looked at, until ``stop`` or for so long."""
    options = WatchOptions(pace="real", interval_s=1 / FPS, text=False)
    with Watch(frames(), options) as running:
        began, first = time.monotonic(), running.engine.counts.captured
        while (stop is None and time.monotonic() < began + seconds) or (stop is not None and not stop.is_set()):
            running.get(0.2)
        counts = running.engine.counts
        return (counts.captured - first - sum(counts.dropped.values())) / (time.monotonic() - began)


def resident_kb() -> int:
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    kinds = [*FAULTS.items(), *EARLY.items()]
    alone = rate(None, given.seconds)
    latest, tries, grown = 0.0, 0, 0
    done = threading.Event()
    found: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        with ModelServer() as server:  # what is loaded once is loaded now
            for wire in ("claude", "openai"):
                asker = asker_of(choice_of(server, wire), Path(folder))
                asker.judge(request(wire), Deadline.after(60))
                asker.close()
        watching = threading.Thread(target=lambda: found.append(rate(done, 0)))
        watching.start()
        time.sleep(1)
        before = resident_kb()
        for at, (name, scenario) in enumerate(kinds):
            server = ModelServer(early=scenario) if name in EARLY else ModelServer(scenario)
            with server:
                asker = asker_of(choice_of(server, ("claude", "openai")[at % 2]), Path(folder))
                began = time.monotonic()
                outcome = asker.judge(request(f"{name}?"), Deadline.after(DEADLINE_S))
                latest = max(latest, time.monotonic() - began - DEADLINE_S)
                tries = max(tries, outcome.attempts, server.connections)
                asker.close()
            grown = max(grown, resident_kb() - before)
        done.set()
        watching.join()
    lines = [
        f"# Capture while endpoints fail in {len(kinds)} ways",
        "",
        "| what | asked for | found |",
        "| --- | --- | --- |",
        f"| captures a second, alone and meanwhile | >= 99 % | {alone:.2f}, {found[0]:.2f}: {found[0] / alone:.1%} |",
        f"| latest answer after its deadline of {DEADLINE_S:g} s | <= 1 s | {latest:.2f} s |",
        f"| tries | <= 3 | {tries} |",
        f"| memory, the faulty servers in this process included | <= 16 MiB | {grown / 1024:.1f} MiB |",
        "",
        f"{in_words()}, load {load()}. `python benches/endpoint_faults.py`",
    ]
    print("\n".join(lines))
    if given.out is not None:
        (given.out / "bench-endpoint-faults.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
