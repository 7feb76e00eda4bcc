"""An hour of a real screen in 500 MB: what 'ironcliw start' keeps of a desktop at work, and whether it can be had back.

    python benches/hour.py [--minutes 62] [--out benches/results]

An X server of 1920 x 1080 shows the mixed desktop of benches/archive_scenes.py in real time: ten times a second it is
decided by chance whether anything happens, and 60 % of the time nothing does. The watcher is started as a user would
start it, shared, without reading, with 500 MB for its archive. At the end another process attaches and asks for all of
the hour: every frame that comes back must equal a picture that was drawn, in the order in which they were drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import xxhash
from archive_scenes import HEIGHT, WIDTH, Desk
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import ironcliw
from conftest import Display
from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from xclient import XClient

FPS, STILL, ARCHIVE_MB = 10, 0.6, 500
PART_ROWS = 33
"""Rows of 1920 pixels that fit into one request to the X server."""

Pixels = NDArray[np.uint8]


def pictures(seed: int) -> Iterator[Pixels]:
    """The mixed sequences of one desk after the other."""
    number = 0
    while True:
        number += 1
        for _, pixels in Desk(1000 * seed + number).sequence():
            yield pixels


def digest(pixels: Pixels) -> int:
    """What tells pictures apart; the fourth byte of a pixel counts for nothing."""
    return xxhash.xxh3_64_intdigest(np.ascontiguousarray(pixels[:, :, :3]))


def show(client: XClient, window: int, before: Pixels, pixels: Pixels) -> None:
    """Draw where the pictures differ; other clients see all of it at once."""
    rows, columns = np.nonzero((before != pixels).any(axis=2))
    if not rows.size:
        return
    left, right = int(columns.min()), int(columns.max()) + 1
    with client.at_once():
        for top in range(int(rows.min()), int(rows.max()) + 1, PART_ROWS):
            part = pixels[top : min(top + PART_ROWS, int(rows.max()) + 1), left:right]
            client.image(window, left, top, right - left, len(part), part.tobytes())


def draw(client: XClient, minutes: float, seed: int) -> list[int]:
    """Draw in real time; the digests of what was drawn, in order."""
    rng, shown = random.Random(seed), pictures(seed)
    window = client.window(0, 0, WIDTH, HEIGHT, 0)
    before = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    drawn, due = [digest(before)], time.monotonic()
    for _ in range(round(minutes * 60 * FPS)):
        if rng.random() >= STILL:
            pixels = next(shown)
            show(client, window, before, pixels)
            before = pixels
            if (key := digest(pixels)) != drawn[-1]:
                drawn.append(key)
        due += 1 / FPS
        time.sleep(max(0.0, due - time.monotonic()))
    return drawn


def look(seconds: float, drawn: list[int]) -> Row:
    """Every frame that the watcher gives back, held against what was drawn."""
    count, at, first_ns, last_ns, began = 0, 0, None, 0, time.monotonic()
    with ironcliw.attach() as ring:
        for frame in ring.since(seconds):
            key = digest(frame.pixels)
            try:
                at = drawn.index(key, at)
            except ValueError:
                sys.exit(f"frame {count}, of {frame.time_ns} ns, is no picture that was drawn after the one before")
            first_ns, last_ns = frame.time_ns if first_ns is None else first_ns, frame.time_ns
            count += 1
    if at != len(drawn) - 1:
        sys.exit(f"the last frame is picture {at} of {len(drawn)}")
    held = (last_ns - (first_ns or 0)) / 60e9
    return {"drawn": len(drawn), "frames": count, "held": held, "took": time.monotonic() - began}


def measured(minutes: float, seed: int) -> Row:
    """Start, draw, look, stop."""
    ironcliw_ = [sys.executable, "-m", "ironcliw"]
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Display("Xvfb", WIDTH, HEIGHT)) as display,
        XClient(display.display) as client,
    ):
        for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            os.environ[name] = folder
        config = Path(folder, "ironcliw.toml")
        config.write_text(f'[memory]\ntotal = "700MB"\nbudgets = ["archive={ARCHIVE_MB}MB"]\n')
        started = [*ironcliw_, "start", f"x11:{display.display}", "--no-text", "--config", str(config)]
        subprocess.run(started, check=True, timeout=90)
        try:
            drawn = draw(client, minutes, seed)
            time.sleep(2)  # until the last is kept
            asked = [*ironcliw_, "status", "--format", "json"]
            status = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=30).stdout)
            row = look(minutes * 60 + 60, drawn)
        finally:
            subprocess.run([*ironcliw_, "stop"], check=False, timeout=60)
    if status["gaps"] or status["restarts"]:
        sys.exit(f"the watcher did not see all the time: {status['gaps']}, {status['restarts']} restarts")
    captured, memory_mb = status["frames"]["captured"], sum(status["memory_bytes"].values()) / 1e6
    return row | {"minutes": minutes, "captured": captured, "memory": memory_mb}


def main() -> None:
    """Measure, check, print and save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=62)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a folder for bench-hour.md and bench-hour.json")
    options = parser.parse_args()
    report = Report.new("hour", " ".join(["python", *sys.argv]), quick=options.minutes < 60)
    row = measured(options.minutes, options.seed)
    columns = [
        Column("minutes", "minutes", 1),
        Column("drawn", "pictures drawn", 0),
        Column("frames", "given back, each as drawn", 0),
        Column("held", "reaching back", 1, " min"),
        Column("captured", "captures", 0),
        Column("memory", "watcher, resident", 1, " MB"),
        Column("took", "reading all", 1, " s"),
    ]
    notes = [
        "Pictures drawn within one capture's 100 ms are one frame. Every frame was compared, by its digest.",
        "On a busy machine drawing takes longer than that many minutes; the last of them are asked for.",
    ]
    report.tables.append(Table("An hour of a real screen", columns, [row], notes))
    report.load_after = machine.load()
    print(markdown(report), end="")
    if options.out:
        (options.out / "bench-hour.md").write_text(markdown(report))
        (options.out / "bench-hour.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
