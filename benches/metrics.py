"""What counting costs a watch: the same captures with and without it, in turns.

    python benches/metrics.py [--rounds 60] [--out benches/results]

Times are of the thread's processor time, ratios are within one round. ``counted`` is the watch as it is, ``asked`` the
same with a snapshot taken every 10 captures, as ``top`` does it once a second; ``bare`` counts neither stage times nor
copies nor events.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np

from ironcliw.bench.machine import in_words, load
from ironcliw.frame import Geometry, Rect
from ironcliw.metrics import Copies, Registry, StageTimes
from ironcliw.monitor.announcer import Announcer
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.measuring import watch_registry
from ironcliw.monitor.queue import EventQueue
from ironcliw.rule import RuleSet
from ironcliw.source import Capture

CAPTURES = 300
SIZES = {"360p": (640, 360), "1080p": (1920, 1080)}
KINDS = ("still", "typing", "polled")
WAYS = ("bare", "counted", "asked")


class Forgetful(dict):
    """A Counter that keeps nothing."""

    def __getitem__(self, key: str) -> int:
        return 0

    def __setitem__(self, key: str, value: int) -> None:
        pass


@contextmanager
def uncounted() -> Iterator[None]:
    """Nothing is counted within the block but the frames themselves."""
    made = Announcer.__init__

    def begun(self: Announcer, *given: object) -> None:
        made(self, *given)
        self.told = Forgetful()

    nothing: Callable[..., None] = lambda *given: None  # noqa: E731
    with (
        mock.patch.object(StageTimes, "add", nothing),
        mock.patch.object(Copies, "copied", nothing),
        mock.patch.object(Copies, "handed_over", nothing),
        mock.patch.object(Announcer, "__init__", begun),
    ):
        yield


def frames(width: int, height: int) -> list[np.ndarray]:
    """Two screens that differ in a few letters, so that a capture changes one tile: the cheapest change."""
    first = np.random.default_rng(1).integers(0, 256, (height, width, 4), np.uint8)
    second = first.copy()
    second[40:56, 80:120, :3] ^= 255
    return [first, second]


def run(way: str, pixels: list[np.ndarray], kind: str) -> float:
    """Microseconds of processor time a capture."""
    height, width = pixels[0].shape[:2]
    setup = EngineSetup(
        source="bench", run="bench", live=True, lossless=True, rules=RuleSet((), now=False), read_text=False
    )
    engine = Engine(setup, lambda event: None)
    engine.begin(Geometry(width, height), {}, 0)
    registry: Registry = watch_registry(engine, EventQueue(), None, lambda: None)
    damage = None if kind == "polled" else [Rect(80, 40, 40, 16)]
    engine.capture(Capture(0, 0, 0, None), pixels[0])
    before = time.thread_time_ns()
    for number in range(1, CAPTURES + 1):
        engine.capture(Capture(number, number, number, damage), pixels[number % 2 if kind == "typing" else 0])
        if way == "asked" and number % 10 == 0:
            registry.snapshot()
    return (time.thread_time_ns() - before) / CAPTURES / 1e3


def measured(rounds: int) -> dict[tuple[str, str], dict[str, list[float]]]:
    """Microseconds a capture, by size and kind, by way."""
    dice = random.Random(1)
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for size, (width, height) in SIZES.items():
        pixels = frames(width, height)
        for kind in KINDS:
            times = found[size, kind] = {way: [] for way in WAYS}
            for _ in range(rounds):
                for way in dice.sample(WAYS, len(WAYS)):
                    if way == "bare":
                        with uncounted():
                            times[way].append(run(way, pixels, kind))
                    else:
                        times[way].append(run(way, pixels, kind))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    before = load()
    lines = [
        "# Bench: metrics",
        "",
        f"- {in_words()}",
        f"- {given.rounds} rounds of {CAPTURES} captures a way, in shuffled turns; processor time, medians",
        "- text not read; still and typing say where they changed, the cheapest captures there are; polled does not",
        f"- command: `python benches/metrics.py --rounds {given.rounds}`",
        "",
        "| capture | bare | counted | asked every 10 | counted / bare | asked / bare | counting, of a core at 10/s |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (size, kind), times in measured(given.rounds).items():
        bare, counted, asked = (statistics.median(times[way]) for way in WAYS)
        ratio = statistics.median(b / a for a, b in zip(times["bare"], times["counted"], strict=True))
        wide = statistics.median(b / a for a, b in zip(times["bare"], times["asked"], strict=True))
        share = max(counted - bare, 0) * 10 / 1e6
        cells = f"{bare:.1f} us | {counted:.1f} us | {asked:.1f} us | {ratio:.3f} | {wide:.3f} | {share:.5%}"
        lines.append(f"| {size}, {kind} | {cells} |")
    lines += ["", f"Load before: {before}, after: {load()}.", ""]
    print("\n".join(lines))
    if given.out:
        (given.out / "bench-metrics.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
